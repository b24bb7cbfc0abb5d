// Bad input: each a clear error that names its place; the rest goes on and nothing is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;
using testing::HasSubstr;

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(BadInput, ConfigurationMistakesNameFileAndLine) {
  Installation world(10, 1, {"site"});
  const auto file = world.config / "connections";
  write_file(file / "a.yaml", "connector: no-such-connector\nrole: erp\n");
  Finished validated = world.huiliu({"config", "validate"});
  EXPECT_EQ(validated.exit_code, 1);
  EXPECT_THAT(validated.err, HasSubstr("connections/a.yaml:1: there is no connector \"no-such-connector\""));
  write_file(file / "a.yaml",
             "connector: kingdee-k3cloud\nrole: erp\nsettings:\n  base_url: http://127.0.0.1:9/k3cloud/\n  "
             "acct_id: 7\n  user_nam: x\n");
  validated = world.huiliu({"config", "validate"});
  EXPECT_EQ(validated.exit_code, 1);
  EXPECT_THAT(validated.err, HasSubstr("connections/a.yaml:6"));
  write_file(file / "a.yaml", "connector: [\n");
  EXPECT_THAT(world.huiliu({"sync", "--once"}).err, HasSubstr("connections/a.yaml:"));
}

TEST(BadInput, UsageIsTwoAndFailureIsOne) {
  Installation world(10, 1, {"site"});
  EXPECT_EQ(world.huiliu({"no-such-command"}).exit_code, 2);
  EXPECT_EQ(world.huiliu({"customer", "show"}).exit_code, 2);
  EXPECT_EQ(world.huiliu({"review", "list", "--kind", "nonsense"}).exit_code, 2);
  EXPECT_EQ(world.huiliu({"customer", "show", "cus_00000000000000000000000000"}).exit_code, 1);
}

TEST(BadInput, AMissingSecretNamesItsReference) {
  Installation world(10, 1, {"dingtalk"});
  std::filesystem::remove(world.directory / "dingtalk.app_secret");
  const Finished synced = world.huiliu({"sync", "--once"});
  EXPECT_EQ(synced.exit_code, 1);
  EXPECT_THAT(synced.err, HasSubstr("app_secret"));
}

TEST(BadInput, AWrongPasswordStopsThatConnectionOnly) {
  Installation world(20);
  write_file(world.directory / "dingtalk.app_secret", "wrong");
  const Finished synced = world.huiliu({"sync", "--once"});
  EXPECT_EQ(synced.exit_code, 1);
  const Value run = synced.json().as_array().front();
  EXPECT_EQ(run["state"].to_text(), "failed");
  EXPECT_THAT(run["error"].to_text(), HasSubstr("dingtalk"));
  bool kingdee_read = false;
  for (const Value& stream : run["streams"].as_array())
    kingdee_read |= stream["connection"].to_text() == "kingdee" && stream["read"].as_number().to_int64() > 0;
  EXPECT_TRUE(kingdee_read);
}

TEST(BadInput, AnUnreachableHostSaysSo) {
  Installation world(10, 1, {"site"});
  const auto file = world.config / "connections/site.yaml";
  std::ifstream in(file);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::string broken;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t at = line.find("http://127.0.0.1:");
    if (at != std::string::npos)
      line.replace(at, line.find_first_of("/\"", at + 17) - at, "http://127.0.0.1:1");
    broken += line + '\n';
  }
  write_file(file, broken);
  const Finished checked = world.huiliu({"connection", "check", "site"});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.err, HasSubstr("site"));
}

TEST(BadInput, BrokenAnswersBecomeErrorsOfThatStreamAndTheNextCycleHeals) {
  Installation world(20);
  for (const char* fault : {"html", "truncated"}) {
    world.post("kingdee", "/faults", Object{{fault, Object{{"next", 1}}}});
    const Finished synced = world.huiliu({"sync", "--once"});
    EXPECT_THAT(synced.json().as_array().front()["streams"].as_array(), testing::Not(testing::IsEmpty()));
  }
  world.settle();
}

}  // namespace
}  // namespace huiliu::e2e
