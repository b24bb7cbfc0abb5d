#include "hub/host/settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace huiliu::host {
namespace {

model::Value json_of(std::string_view text) { return model::parse_json(text).value(); }

const model::Value& example_schema() {
  static const model::Value schema = json_of(R"({"type":"object","required":["url","mode"],"properties":{
    "url":{"type":"string","format":"uri"},
    "mode":{"type":"string","enum":["a","b"],"default":"a"},
    "count":{"type":"integer","minimum":1,"maximum":9},
    "name":{"type":"string","minLength":2,"maxLength":4},
    "deep":{"type":"object","properties":{"list":{"type":"array","items":{"type":"integer"}}}},
    "secret":{"type":"string","secret":true}}})");
  return schema;
}

std::string fault_of(std::string_view settings) {
  const auto errors = check_settings(example_schema(), json_of(settings));
  return errors.empty() ? "" : errors.front().where + ": " + errors.front().message;
}

TEST(Settings, ValidOnesGetTheirDefaults) {
  const auto out = validated_settings(example_schema(), json_of(R"({"url":"http://x/"})"));
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(model::to_json(*out), R"({"url":"http://x/","mode":"a"})");
}

TEST(Settings, EachFaultNamesItsPlaceAndWhatIsAllowed) {
  EXPECT_EQ(fault_of(R"({"url":"http://x/","colour":1})"),
            "/colour: not a setting; allowed: url, mode, count, name, deep, secret");
  EXPECT_EQ(fault_of(R"({"url":5})"), "/url: found integer, want string");
  EXPECT_EQ(fault_of(R"({})"), "/url: missing; required: url, mode");
  EXPECT_EQ(fault_of(R"({"url":"http://x/","mode":"c"})"), R"(/mode: found "c", allowed: a, b)");
  EXPECT_EQ(fault_of(R"({"url":"x y"})"), "/url: want the format uri");
  EXPECT_EQ(fault_of(R"({"url":"http://x/","count":10})"), "/count: want at most 9");
  EXPECT_EQ(fault_of(R"({"url":"http://x/","count":1.5})"), "/count: found number, want integer");
  EXPECT_EQ(fault_of(R"({"url":"http://x/","name":"汇流汇流汇"})"),
            "/name: found 5 characters, want at most 4");
  EXPECT_EQ(fault_of(R"({"url":"http://x/","deep":{"list":[1,"2"]}})"),
            "/deep/list/1: found string, want integer");
  EXPECT_EQ(fault_of(R"({"url":"http://x/","deep":{"a/b":1}})"), "/deep/a~1b: not a setting; allowed: list");
  EXPECT_EQ(fault_of("[]"), "/: found array, want object");
}

TEST(Settings, AllFaultsAreCounted) {
  const auto out = validated_settings(example_schema(), json_of(R"({"url":5,"mode":"c","count":0})"));
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().error_class, model::ErrorClass::config);
  EXPECT_NE(out.error().message.find("(and 2 more)"), std::string::npos);
}

TEST(Settings, SecretsAreReferencesOrAreRefused) {
  ::setenv("HUILIU_TEST_SECRET", "s3cret", 1);
  const auto path = std::filesystem::temp_directory_path() / ("huiliu_secret_" + std::to_string(::getpid()));
  std::ofstream(path) << "from a file\n";

  const auto resolve = [](const std::string& secret, SecretForm form) {
    const model::Value settings = model::Object{{"url", "http://x/"}, {"secret", secret}};
    return resolve_references(example_schema(), settings, form);
  };
  EXPECT_EQ(resolve("${env:HUILIU_TEST_SECRET}", SecretForm::references_only)->find("secret")->as_string(),
            "s3cret");
  EXPECT_EQ(
      resolve("${file:" + path.string() + "}", SecretForm::references_only)->find("secret")->as_string(),
      "from a file");
  EXPECT_EQ(resolve("clear text", SecretForm::clear_allowed)->find("secret")->as_string(), "clear text");

  const auto clear = resolve("clear text", SecretForm::references_only);
  ASSERT_FALSE(clear.ok());
  EXPECT_EQ(clear.error().where, "/secret");
  EXPECT_EQ(clear.error().message.find("clear text"), std::string::npos);
  EXPECT_FALSE(resolve("${env:HUILIU_TEST_NOT_SET}", SecretForm::references_only).ok());
  EXPECT_FALSE(resolve("${file:/nowhere/at/all}", SecretForm::references_only).ok());
  std::filesystem::remove(path);
}

TEST(Settings, ThePluginSeesOnlyThatASecretIsThere) {
  const SplitSettings split =
      split_secrets(example_schema(), json_of(R"({"url":"http://x/","secret":"s3cret"})"));
  EXPECT_EQ(model::to_json(split.open), R"({"url":"http://x/","secret":"***"})");
  EXPECT_EQ(split.secrets.at("secret"), "s3cret");
  EXPECT_TRUE(split_secrets(example_schema(), json_of(R"({"secret":""})")).secrets.empty());
}

TEST(Settings, ASchemaOutsideTheSubsetIsRefused) {
  EXPECT_TRUE(check_schema(example_schema()).ok());
  EXPECT_EQ(check_schema(json_of(R"({"type":"object","oneOf":[]})")).error().where, "/oneOf");
  EXPECT_FALSE(check_schema(json_of(R"({"type":"string"})")).ok());
  EXPECT_FALSE(check_schema(json_of(R"({"type":"object","required":["x"]})")).ok());
  EXPECT_FALSE(
      check_schema(json_of(R"({"type":"object","properties":{"s":{"type":"integer","secret":true}}})")).ok());
  EXPECT_FALSE(
      check_schema(json_of(R"({"type":"object","properties":{"s":{"type":"integer","default":"x"}}})")).ok());
}

}  // namespace
}  // namespace huiliu::host
