// What the schemas offer to editors is what the loader accepts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "hub/config/config.hpp"

namespace huiliu::config {
namespace {

namespace fs = std::filesystem;
using model::Value;

Value schema(const std::string& name) {
  const auto document =
      read_yaml(std::string(HUILIU_SOURCE_DIR) + "/config/schemas/" + name + ".schema.json", name);
  EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().text());
  return document.ok() ? document->value : Value();
}

// Everything that the loader says about a directory with this one file.
std::string errors_of(const std::string& file, const std::string& text) {
  std::string name = (fs::temp_directory_path() / "huiliu-schema-XXXXXX").string();
  EXPECT_NE(::mkdtemp(name.data()), nullptr);
  const fs::path directory = name;
  fs::create_directories((directory / file).parent_path());
  std::ofstream(directory / file) << text;
  std::string all;
  for (const model::Error& error :
       load({directory.string(), std::string(HUILIU_SOURCE_DIR) + "/config"}).errors)
    all += error.text() + "\n";
  fs::remove_all(directory);
  return all;
}

void expect_known(const std::string& file, const Value& properties, const std::string& before = "") {
  ASSERT_TRUE(properties.is_object()) << file;
  for (const model::Member& property : properties.as_object()) {
    const std::string errors = errors_of(file, before + property.key + ": null\n");
    EXPECT_EQ(errors.find("unknown key"), std::string::npos) << file << " " << property.key << ": " << errors;
  }
  EXPECT_NE(errors_of(file, before + "no_such_key: 1\n").find("unknown key \"no_such_key\""),
            std::string::npos)
      << file;
}

TEST(Schemas, OfferWhatTheLoaderKnows) {
  expect_known("connections/erp.yaml", schema("connection")["properties"]);
  expect_known("connections/erp.yaml", schema("connection")["properties"]["schedule"]["properties"],
               "connector: x\nrole: erp\nschedule:\n  ");
  expect_known("hub.yaml", schema("hub")["properties"]);
  expect_known("hub.yaml", schema("hub")["properties"]["listen"]["properties"], "listen:\n  ");
  expect_known("policies/own.yaml", schema("policy")["properties"]);
}

TEST(Schemas, KnowEveryKeyOfTheShippedModel) {
  const Value properties = schema("model")["properties"];
  const Value of_field = schema("model")["$defs"]["field"]["properties"];
  for (const auto& entry : fs::directory_iterator(std::string(HUILIU_SOURCE_DIR) + "/config/model")) {
    const auto document = read_yaml(entry.path().string(), entry.path().filename().string());
    ASSERT_TRUE(document.ok());
    for (const model::Member& member : document->value.as_object())
      EXPECT_NE(properties.find(member.key), nullptr) << entry.path() << " " << member.key;
    for (const model::Member& field : document->value["fields"].as_object())
      for (const model::Member& key : field.value.as_object())
        EXPECT_NE(of_field.find(key.key), nullptr) << entry.path() << " " << field.key << " " << key.key;
  }
}

}  // namespace
}  // namespace huiliu::config
