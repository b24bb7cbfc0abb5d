// What the schemas offer to editors is what the loader accepts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "hub/config/config.hpp"
#include "hub/sync/brake.hpp"

namespace huiliu::config {
namespace schemas_test {

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

// One place of a file where the parser takes an object with keys of its own.
struct Place {
  const char* file;
  const char* before;   // YAML that leads there; the keys follow it
  const char* indent;   // of those keys
  const char* schema;   // which schema
  const char* pointer;  // and where in it the properties stand
};

const Place places[] = {
    {"hub.yaml", "", "", "hub", ""},
    {"hub.yaml", "listen:\n", "  ", "hub", "/properties/listen"},
    {"hub.yaml", "users:\n  li:\n", "    ", "hub", "/properties/users/additionalProperties"},
    {"hub.yaml", "messages:\n", "  ", "hub", "/properties/messages"},
    {"hub.yaml", "messages:\n  quiet:\n", "    ", "hub", "/properties/messages/properties/quiet"},
    {"hub.yaml", "watch:\n", "  ", "hub", "/properties/watch"},
    {"hub.yaml", "alerts:\n", "  ", "hub", "/properties/alerts"},
    {"hub.yaml", "alerts:\n  mail:\n", "    ", "hub", "/properties/alerts/properties/mail"},
    {"hub.yaml", "alerts:\n  webhook:\n", "    ", "hub", "/properties/alerts/properties/webhook"},
    {"hub.yaml", "alerts:\n  quiet:\n", "    ", "hub", "/properties/alerts/properties/quiet"},
    {"hub.yaml", "login:\n", "  ", "hub", "/properties/login"},
    {"hub.yaml", "login:\n  oidc:\n", "    ", "hub", "/properties/login/properties/oidc"},
    {"connections/erp.yaml", "", "", "connection", ""},
    {"connections/erp.yaml", "connector: x\nrole: erp\nprivacy:\n", "  ", "connection",
     "/properties/privacy"},
    {"connections/erp.yaml", "connector: x\nrole: erp\nschedule:\n", "  ", "connection",
     "/properties/schedule"},
    {"connections/erp.yaml", "connector: x\nrole: erp\nschedule:\n  every: 1h\n  catch_up:\n", "    ",
     "connection", "/properties/schedule/properties/catch_up/oneOf/1"},
    {"connections/erp.yaml", "connector: x\nrole: erp\nschedule:\n  every: 1h\n  fresh:\n", "    ",
     "connection", "/properties/schedule/properties/fresh"},
    {"connections/erp.yaml", "connector: x\nrole: erp\noff_times:\n  - from: \"01:00\"\n", "    ",
     "connection", "/properties/off_times/items"},
    {"connections/erp.yaml", "connector: x\nrole: erp\nbrakes:\n  changed:\n", "    ", "connection",
     "/properties/brakes/properties/changed/oneOf/1"},
    {"connections/erp.yaml", "connector: x\nrole: erp\nbrakes:\n  oscillation:\n", "    ", "connection",
     "/properties/brakes/properties/oscillation/oneOf/1"},
    {"connections/erp.yaml", "connector: x\nrole: erp\nbrakes:\n  drip:\n", "    ", "connection",
     "/properties/brakes/properties/drip/oneOf/1"},
    {"connections/erp.yaml", "connector: x\nrole: erp\nnetwork:\n", "  ", "connection",
     "/properties/network"},
    {"roles/own.yaml", "sales:\n", "  ", "role", "/additionalProperties"},
    {"jobs/own.yaml", "", "", "job", ""},
    {"jobs/own.yaml", "schedule:\n", "  ", "job", "/properties/schedule"},
    {"jobs/own.yaml", "backup:\n", "  ", "job", "/properties/backup"},
    {"jobs/own.yaml", "retain:\n", "  ", "job", "/properties/retain"},
    {"policies/own.yaml", "", "", "policy", ""},
    {"policies/own.yaml", "pack: own\nentities: {}\ncomplete:\n  erp:\n    - ask: true\n", "      ", "policy",
     "/properties/complete/additionalProperties/items"},
    {"policies/own.yaml", "pack: own\nentities: {}\nchat_notes:\n", "  ", "policy", "/properties/chat_notes"},
    {"model/own.yaml", "", "", "model", ""},
    {"model/own.yaml", "entity: own\nid_prefix: own\nfields:\n  name:\n", "    ", "model", "/$defs/field"},
    {"calendars/own.yaml", "", "", "calendar", ""},
    {"calendars/own.yaml", "freeze:\n", "  ", "calendar", "/properties/freeze/oneOf/1"},
    {"calendars/own.yaml", "freeze:\n  from:\n", "    ", "calendar",
     "/properties/freeze/oneOf/1/properties/from"},
    {"calendars/own.yaml", "organisations:\n  \"200\":\n", "    ", "calendar",
     "/properties/organisations/additionalProperties"},
};

Value node_at(const Value& root, const std::string& pointer) {
  Value node = root;
  std::istringstream steps(pointer.empty() ? pointer : pointer.substr(1));
  for (std::string step; std::getline(steps, step, '/');)
    node = node.is_array() ? Value(node.as_array().at(std::stoul(step))) : Value(node[step]);
  return node;
}

// The keys that the parser names when it refuses one that it does not know.
std::set<std::string> keys_of_parser(const Place& place) {
  const std::string errors =
      errors_of(place.file, std::string(place.before) + place.indent + "no_such_key: 1\n");
  const std::string marker = "unknown key \"no_such_key\"; known:";
  const std::size_t at = errors.find(marker);
  EXPECT_NE(at, std::string::npos) << place.file << " " << place.pointer << ": " << errors;
  std::set<std::string> keys;
  if (at == std::string::npos) return keys;
  std::istringstream words(errors.substr(at + marker.size(), errors.find('\n', at) - at - marker.size()));
  for (std::string word; words >> word;) keys.insert(word);
  return keys;
}

TEST(Schemas, AndTheParserKnowTheSameKeysEverywhere) {
  for (const Place& place : places) {
    const Value node = node_at(schema(place.schema), place.pointer);
    std::set<std::string> keys;
    for (const model::Member& property : node["properties"].as_object()) keys.insert(property.key);
    EXPECT_EQ(keys, keys_of_parser(place)) << place.file << " " << place.pointer;
    ASSERT_NE(node.find("additionalProperties"), nullptr) << place.schema << place.pointer;
    EXPECT_FALSE(node["additionalProperties"].as_bool()) << place.schema << place.pointer;
  }
}

// A new object that the parser takes needs a row above.
TEST(Schemas, NoPlaceIsForgotten) {
  std::size_t parsed = 0;
  for (const auto& entry : fs::directory_iterator(std::string(HUILIU_SOURCE_DIR) + "/hub/config")) {
    if (entry.path().extension() != ".cpp" || entry.path().stem() == "yaml") continue;
    if (entry.path().stem() == "model_keys")
      continue;  // one call for all of its places; two of them are above
    std::ifstream file(entry.path());
    std::ostringstream text;
    text << file.rdbuf();
    for (std::size_t at = 0; (at = text.str().find("check_keys(", at)) != std::string::npos; ++at) ++parsed;
  }
  // The schedule's place is named twice (connections and jobs), the model's two are not counted.
  EXPECT_EQ(parsed + 1 + 2, std::size(places));
}

// Editors and loader agree about values too: what ships is valid under the loader, and uses known keys only.
TEST(Schemas, BrakesAndColumnsAreAllThere) {
  const Value brakes = schema("connection")["properties"]["brakes"]["properties"];
  for (const sync::BrakeRule rule : sync::brake_rules())
    EXPECT_NE(brakes.find(sync::to_string(rule)), nullptr);
  EXPECT_EQ(brakes.as_object().size(), sync::brake_rules().size() + 2) << "and oscillation, drip";
  const Value columns = schema(
      "policy")["properties"]["entities"]["additionalProperties"]["additionalProperties"]["properties"];
  for (const std::string_view column : policy_columns) EXPECT_NE(columns.find(column), nullptr) << column;
  EXPECT_EQ(columns.as_object().size(), std::size(policy_columns) + 1) << "and hub";
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

}  // namespace schemas_test
}  // namespace huiliu::config
