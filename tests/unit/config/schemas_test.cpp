// What the schemas offer to editors is what the loader accepts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "hub/config/config.hpp"
#include "hub/sync/brake.hpp"

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
  // And what the loader knows, the schema offers: its own message lists it.
  const std::string refusal = errors_of(file, before + "no_such_key: 1\n");
  const std::size_t known = refusal.find("unknown key \"no_such_key\"; known:");
  ASSERT_NE(known, std::string::npos) << file << ": " << refusal;
  const std::size_t from = refusal.find("known:", known) + 6;
  std::istringstream names(refusal.substr(from, refusal.find('\n', from) - from));
  for (std::string name; names >> name;)
    EXPECT_NE(properties.find(name), nullptr) << file << " " << name << " is missing in the schema";
}

TEST(Schemas, OfferWhatTheLoaderKnows) {
  expect_known("connections/erp.yaml", schema("connection")["properties"]);
  expect_known("connections/erp.yaml", schema("connection")["properties"]["schedule"]["properties"],
               "connector: x\nrole: erp\nschedule:\n  ");
  expect_known("hub.yaml", schema("hub")["properties"]);
  expect_known("hub.yaml", schema("hub")["properties"]["listen"]["properties"], "listen:\n  ");
  const Value users = schema("hub")["properties"]["users"];
  expect_known("hub.yaml", users["additionalProperties"]["properties"], "users:\n  li:\n    ");
  const Value messages = schema("hub")["properties"]["messages"]["properties"];
  expect_known("hub.yaml", messages, "messages:\n  ");
  expect_known("hub.yaml", messages["quiet"]["properties"], "messages:\n  quiet:\n    ");
  expect_known("policies/own.yaml", schema("policy")["properties"]);
  expect_known("policies/own.yaml", schema("policy")["properties"]["chat_notes"]["properties"],
               "pack: x\nentities: {}\nchat_notes:\n  ");
  expect_known("calendars/own.yaml", schema("calendar")["properties"]);
}

TEST(Schemas, OfferEveryBrakeAndColumn) {
  const Value brakes = schema("connection")["properties"]["brakes"]["properties"];
  for (const sync::BrakeRule rule : sync::brake_rules())
    EXPECT_NE(brakes.find(sync::to_string(rule)), nullptr) << sync::to_string(rule);
  const Value columns = schema(
      "policy")["properties"]["entities"]["additionalProperties"]["additionalProperties"]["properties"];
  for (const std::string_view column : policy_columns) EXPECT_NE(columns.find(column), nullptr) << column;
  EXPECT_NE(columns.find("hub"), nullptr);
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
