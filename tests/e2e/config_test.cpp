// Configuration as code, as an administrator works with it: plan, apply, history, export, rollback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace config_test {

namespace fs = std::filesystem;
using model::Object;
using model::Value;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class ConfigAsCode : public testing::Test {
 protected:
  ConfigAsCode() : world(40, 5, {"kingdee", "dingtalk"}) { world.settle(); }

  fs::path erp() const { return world.config / "connections" / "kingdee.yaml"; }
  void append(const fs::path& path, const std::string& line) const {
    std::ofstream(path, std::ios::app) << line;
  }
  std::string current() const {
    const Value revision_list = world.huiliu({"config", "history"}).json();
    for (const Value& revision : revision_list.as_array())
      if (revision["current"].as_bool()) return revision["revision"].to_text();
    return {};
  }

  Installation world;
};

TEST_F(ConfigAsCode, APlanShowsKeysAndTheDataThatFollow) {
  const Value nothing = world.huiliu({"config", "plan"}).json();
  EXPECT_TRUE(nothing["files"].as_array().empty());
  EXPECT_EQ(nothing["effects"]["writes"].to_text(), "0");

  // The CRM's website becomes a field that the ERP gets; it was not exchanged there before.
  ASSERT_EQ(world.huiliu({"connection", "stage", "kingdee", "observe"}).exit_code, 0);
  ASSERT_EQ(
      world.huiliu({"config", "apply", "--as", "wang", "--reason", "stop writing to the ERP"}).exit_code, 0);
  const auto contacts = world.shared("contact", {"kingdee", "dingtalk"});
  ASSERT_GE(contacts.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i)
    world.edit("dingtalk", "contacts", Installation::key_in(contacts[i], "dingtalk"),
               {{"contact_phone", "1380000200" + std::to_string(i)}});
  ASSERT_EQ(world.huiliu({"sync", "--once"}).exit_code, 0);
  world.reset_counters();

  ASSERT_EQ(world.huiliu({"connection", "stage", "kingdee", "two_way"}).exit_code, 0);
  const Finished planned = world.huiliu({"config", "plan"});
  ASSERT_EQ(planned.exit_code, 0) << planned.err;
  const Value plan = planned.json();
  ASSERT_EQ(plan["files"].as_array().size(), 1U) << planned.out;
  EXPECT_EQ(plan["files"].as_array()[0]["file"].to_text(), "connections/kingdee.yaml");
  const Value change = plan["files"].as_array()[0]["changes"].as_array()[0];
  EXPECT_EQ(change["path"].to_text(), "/stage");
  EXPECT_EQ(change["from"].to_text(), "observe");
  EXPECT_EQ(change["to"].to_text(), "two_way");
  EXPECT_EQ(plan["effects"]["records"].to_text(), "3") << planned.out;
  EXPECT_EQ(plan["effects"]["fields"].to_text(), "3");
  EXPECT_EQ(world.writes("kingdee"), 0) << "a plan writes nothing";

  const Finished refused = world.huiliu({"config", "apply", "--plan", "1" + plan["hash"].to_text()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, testing::HasSubstr("moved"));
  const Finished applied = world.huiliu(
      {"config", "apply", "--plan", plan["hash"].to_text(), "--as", "li", "--reason", "month end is over"});
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  const Value history = world.huiliu({"config", "history"}).json();
  EXPECT_EQ(history.as_array().back()["author"].to_text(), "li");
  EXPECT_EQ(history.as_array().back()["reason"].to_text(), "month end is over");
  EXPECT_TRUE(history.as_array().back()["current"].as_bool());
  // Exactly what the plan said is what is planned now.
  auto lines = world.huiliu({"plan"}).lines();
  lines.pop_back();
  EXPECT_EQ(lines.size(), 3U);
}

// A mapping is configuration: its effect is a plan before it runs, its versions are kept, and an earlier one
// is put back.
class MappingAsCode : public ConfigAsCode {
 protected:
  MappingAsCode() {
    fs::create_directories(own().parent_path());
    write(own(), shipped());
    append(erp(), "mapping: kingdee-own\n");
    EXPECT_EQ(world.huiliu({"config", "apply", "--reason", "a mapping of our own"}).exit_code, 0);
    world.settle();
    first_ = current();
    world.reset_counters();
  }
  fs::path own() const { return world.config / "mappings" / "kingdee-own.yaml"; }
  static std::string shipped() {
    return text_of(fs::path(HUILIU_SOURCE_DIR) / "plugins/kingdee/mapping.yaml");
  }
  static void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  // Reads the switchboard as if it had another number.
  static std::string changed() {
    const std::string before = R"({field: "phones[switchboard]", path: FTEL, codec: phone})";
    std::string text = shipped();
    const std::size_t at = text.find(before);
    EXPECT_NE(at, std::string::npos);
    return text.replace(
        at, before.size(),
        R"({field: "phones[switchboard]", path: FTEL, codec: phone, in: "$ = '' ? $ : '0532-68889999'", out: "$"})");
  }
  std::size_t due() const { return world.huiliu({"plan"}).lines().size() - 1; }
  std::string first_;
};

TEST_F(MappingAsCode, AChangedMappingIsAPlanBeforeItRunsAndThenExactlyThat) {
  ASSERT_EQ(due(), 0U);
  const fs::path draft = world.directory / "draft.yaml";
  write(draft, changed());
  const Finished planned = world.huiliu({"mapping", "diff", "kingdee", draft.string(), "--plan"});
  ASSERT_EQ(planned.exit_code, 0) << planned.err;
  const std::vector<Value> lines = planned.lines();
  const Value sum = lines.back();
  EXPECT_EQ(sum["connection"].to_text(), "kingdee");
  EXPECT_NE(sum["changed"].to_text(), "0");
  EXPECT_NE(sum["old"].to_text(), sum["new"].to_text());
  EXPECT_TRUE(sum["fields"].is_object() && sum["fields"].as_object().size() == 1) << model::to_json(sum);
  ASSERT_GT(lines.size(), 1U) << "no write follows: " << model::to_json(sum);
  EXPECT_EQ(sum["writes"].to_text(), std::to_string(lines.size() - 1));
  for (std::size_t i = 0; i + 1 < lines.size(); ++i)
    EXPECT_TRUE(lines[i]["fields"]["phones[switchboard]"].is_object()) << model::to_json(lines[i]);
  EXPECT_EQ(due(), 0U) << "it was only shown";
  EXPECT_EQ(world.writes("kingdee") + world.writes("dingtalk"), 0);

  write(own(), changed());
  ASSERT_EQ(world.huiliu({"config", "apply", "--as", "li", "--reason", "another switchboard"}).exit_code, 0);
  EXPECT_EQ(due(), lines.size() - 1) << "exactly what was shown is due now";
}

TEST_F(MappingAsCode, AnEarlierVersionIsPutBack) {
  write(own(), changed());
  ASSERT_EQ(world.huiliu({"config", "apply", "--as", "li", "--reason", "another switchboard"}).exit_code, 0);
  ASSERT_GT(due(), 0U);
  const Value history = world.huiliu({"config", "history"}).json();
  EXPECT_EQ(history.as_array().back()["reason"].to_text(), "another switchboard");
  EXPECT_EQ(history.as_array().back()["author"].to_text(), "li");

  const Finished shown = world.huiliu({"config", "rollback", first_, "--plan"});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  ASSERT_EQ(shown.json()["files"].as_array().size(), 1U) << shown.out;
  EXPECT_EQ(shown.json()["files"].as_array()[0]["file"].to_text(), "mappings/kingdee-own.yaml");
  EXPECT_EQ(text_of(own()), changed()) << "it was only shown";

  ASSERT_EQ(world.huiliu({"config", "rollback", first_, "--as", "wang"}).exit_code, 0);
  EXPECT_EQ(text_of(own()), shipped()) << "to the byte";
  EXPECT_EQ(due(), 0U);
  world.settle();
  EXPECT_EQ(world.writes("kingdee") + world.writes("dingtalk"), 0) << "neither version was an edit";
}

TEST_F(ConfigAsCode, ARightThatIsGivenReachesRecordsThatDidNotChange) {
  append(erp(), "rights: {contact: {\"phones[mobile]\": \"-\"}}\n");
  ASSERT_EQ(world.huiliu({"config", "validate"}).exit_code, 0) << world.huiliu({"config", "validate"}).err;
  ASSERT_EQ(world.huiliu({"sync", "--once"}).exit_code, 0);
  const auto contacts = world.shared("contact", {"kingdee", "dingtalk"});
  ASSERT_FALSE(contacts.empty());
  world.edit("dingtalk", "contacts", Installation::key_in(contacts[0], "dingtalk"),
             {{"contact_phone", "13800003001"}});
  world.settle();
  const std::string key = Installation::key_in(contacts[0], "kingdee");
  EXPECT_NE(value_text(world.record("kingdee", "contacts", key), "FMobile"), "13800003001");

  // The exception goes away: nothing is read again, and the difference is found all the same.
  const Finished back = world.huiliu({"config", "rollback", "1", "--plan"});
  ASSERT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(back.json()["effects"]["records"].to_text(), "1") << back.out;
  EXPECT_EQ(current(), "2") << "it was only shown";
  ASSERT_EQ(world.huiliu({"config", "rollback", "1", "--as", "li"}).exit_code, 0);
  EXPECT_EQ(text_of(erp()).find("rights:"), std::string::npos);
  EXPECT_EQ(current(), "3");
  world.settle();
  EXPECT_EQ(value_text(world.record("kingdee", "contacts", key), "FMobile"), "13800003001");
}

TEST_F(ConfigAsCode, ExportsRoundTripToTheSameText) {
  append(erp(), "# 注释也是配置的一部分\n");
  ASSERT_EQ(world.huiliu({"config", "apply"}).exit_code, 0);
  const fs::path out = world.directory / "exported";
  ASSERT_EQ(world.huiliu({"config", "export", "--out", out.string()}).exit_code, 0);
  for (const auto& entry : fs::recursive_directory_iterator(world.config))
    if (entry.is_regular_file()) {
      EXPECT_EQ(text_of(out / entry.path().lexically_relative(world.config)), text_of(entry.path()))
          << entry.path();
    }
  const Value first = world.huiliu({"config", "export"}).json();
  std::ofstream(world.directory / "bundle.json") << model::to_json(first);
  const fs::path imported = world.directory / "imported";
  fs::create_directories(imported);
  ASSERT_EQ(world
                .huiliu({"config", "import", (world.directory / "bundle.json").string(), "--into",
                         imported.string()})
                .exit_code,
            0);
  EXPECT_EQ(text_of(imported / "connections" / "kingdee.yaml"), text_of(erp()));
  EXPECT_EQ(world.huiliu({"config", "import", (world.directory / "bundle.json").string()}).exit_code, 0)
      << "the same is there already";
}

TEST_F(ConfigAsCode, ARollbackLosesNoEdit) {
  const std::string broken = text_of(erp()) + "stage_: typo\n";
  std::ofstream(erp()) << broken;
  EXPECT_EQ(world.huiliu({"config", "apply"}).exit_code, 1);
  ASSERT_EQ(world.huiliu({"config", "rollback", "1"}).exit_code, 0);
  EXPECT_NE(text_of(erp()), broken);
  bool kept = false;
  const Value revision_list = world.huiliu({"config", "history"}).json();
  for (const Value& revision : revision_list.as_array())
    if (!revision["in_force"].as_bool())
      kept = world.huiliu({"config", "export", "--revision", revision["revision"].to_text()})
                 .json()["files"]["connections/kingdee.yaml"]
                 .to_text() == broken;
  EXPECT_TRUE(kept);
  EXPECT_EQ(world.huiliu({"config", "rollback", "99"}).exit_code, 1);
}

TEST_F(ConfigAsCode, AServingHubTakesTheNewOneOver) {
  Process server(world.command({"serve"}), world.directory);
  ASSERT_TRUE(server.wait_for_text("http://", 20));
  std::ofstream(world.config / "connections" / "kingdee.yaml", std::ios::app) << "description: 主账套\n";
  ASSERT_EQ(world.huiliu({"config", "apply", "--as", "li", "--reason", "a name"}).exit_code, 0);
  ASSERT_TRUE(server.wait_for_text("another configuration", 20));
  const auto answers = [&] { return world.huiliu({"sync", "--once"}).exit_code == 0; };
  bool up = false;
  for (int i = 0; i < 5 && !up; ++i) up = answers();
  EXPECT_TRUE(up);
  EXPECT_EQ(world.huiliu({"config", "history"}).json().as_array().back()["reason"].to_text(), "a name");
  server.terminate();
  EXPECT_EQ(server.wait().exit_code, 0);
}

}  // namespace config_test
}  // namespace huiliu::e2e
