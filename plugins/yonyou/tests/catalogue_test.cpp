// catalogue.json shows people the fields of the manifest; the two must agree.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "huiliu_manifests.hpp"
#include "plugins/yonyou/src/json_read.hpp"
#include "plugins/yonyou/src/lists.hpp"

namespace yonyou {
namespace {

TEST(Catalogue, AgreesWithTheManifest) {
  std::ifstream file(std::string(HUILIU_SOURCE_DIR) + "/plugins/yonyou/catalogue.json");
  std::ostringstream text;
  text << file.rdbuf();
  const json::value catalogue = json::parse(text.str());
  const json::value manifest = json::parse(huiliu::manifests::manifest);
  for (const json::value& stream : catalogue.at("streams").as_array()) {
    const std::string name = text_at(stream.as_object(), "stream");
    std::map<std::string, json::value> wanted, shown;
    for (const json::value& field : stream.at("fields").as_array())
      if (field.at("edit").as_array().at(0) != "never")
        shown[text_at(field.as_object(), "key")] = field.at("edit");
    for (const json::value& described : manifest.at("streams").as_array())
      if (text_at(described.as_object(), "name") == name)
        for (const auto& field : described.at("fields").as_object())
          wanted[std::string(field.key())] = field.value().at("operations");
    EXPECT_EQ(wanted, shown) << name;
  }
}

TEST(Catalogue, EveryStreamOfTheManifestCanBeRead) {
  const json::value manifest = json::parse(huiliu::manifests::manifest);
  for (const json::value& stream : manifest.at("streams").as_array()) {
    const std::string name = text_at(stream.as_object(), "name");
    const ListApi* api = list_api(name);
    EXPECT_TRUE(api != nullptr || name == "customers" || name == "contacts") << name;
    if (api != nullptr) {
      EXPECT_EQ(text_at(stream.as_object(), "key"), api->key);
    }
  }
}

}  // namespace
}  // namespace yonyou
