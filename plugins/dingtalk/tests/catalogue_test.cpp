// catalogue.json says how the vendor's fields travel; the code must agree, and so must the manifest.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "huiliu_manifests.hpp"
#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/src/record_body.hpp"

namespace dingtalk {
namespace {

json::value catalogue() {
  std::ifstream file(std::string(HUILIU_SOURCE_DIR) + "/plugins/dingtalk/catalogue.json");
  std::ostringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

// A key that the pattern of the catalogue stands for.
std::string example_of(std::string key) {
  if (key.ends_with('*')) key.replace(key.size() - 1, 1, "K1");
  return key;
}

const json::value& stream_named(const json::value& document, std::string_view name) {
  for (const json::value& stream : document.at("streams").as_array())
    if (text_at(stream, "stream") == name || text_at(stream, "name") == name) return stream;
  throw std::out_of_range(std::string(name));
}

TEST(Catalogue, AgreesWithHowValuesAreRead) {
  const json::value document = catalogue();
  for (const auto& [name, kind] :
       {std::pair{"customers", ObjectKind::customer}, std::pair{"contacts", ObjectKind::contact}}) {
    for (const json::value& entry : stream_named(document, name).at("fields").as_array()) {
      const std::string key = example_of(text_at(entry, "key"));
      const std::string encoding = text_at(entry, "encoding");
      if (encoding != "text" && encoding != "json_list" && encoding != "relation") continue;
      if (text_at(entry, "edit") == "never") continue;
      const json::object item{{"instanceId", "i"}, {"data", {{key, R"(["a"])"}}}};
      const json::object body = *body_of(kind, item, {});
      EXPECT_EQ(body.at("data").at(key).is_array(), encoding != "text") << key;
    }
  }
}

TEST(Catalogue, HasEveryFieldThatTheManifestDeclares) {
  const json::value document = catalogue();
  const json::value manifest = json::parse(huiliu::manifests::manifest);
  for (const json::value& stream : manifest.at("streams").as_array()) {
    const std::string name = text_at(stream, "name");
    if (name == "robot" || name == "work_notices" || name == "todos") continue;  // made, not read
    std::set<std::string> known;
    for (const json::value& entry : stream_named(document, name).at("fields").as_array()) {
      known.insert(text_at(entry, "path"));
      known.insert(text_at(entry, "key"));
    }
    for (const auto& field : stream.at("fields").as_object()) {
      const std::string path(field.key());
      const bool derived = path.starts_with("custom.") || path == "customers" || path == "department";
      EXPECT_TRUE(derived || known.contains(path)) << name << " " << path;
    }
  }
}

}  // namespace
}  // namespace dingtalk
