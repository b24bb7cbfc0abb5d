// Going live stage by stage, and the month-end freeze: what may happen, counted where it would happen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Value;
using testing::HasSubstr;

// A CRM that goes live beside an ERP: its stage is set, then one cycle runs.
class GoingLive : public testing::Test {
 protected:
  Installation world{40, 5, {"kingdee", "dingtalk"}};

  void stage(const std::string& name) {
    const Finished set = world.huiliu({"connection", "stage", "dingtalk", name});
    ASSERT_EQ(set.exit_code, 0) << set.err;
  }
  std::vector<Value> planned() {
    const Finished finished = world.huiliu({"plan"});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    std::vector<Value> lines = finished.lines();
    EXPECT_FALSE(lines.empty());
    if (!lines.empty()) lines.pop_back();
    return lines;
  }
  // Everything is read, and nothing may be written yet.
  void observed() {
    stage("observe");
    ASSERT_EQ(world.huiliu({"sync", "--once"}).exit_code, 0);
    world.reset_counters();
  }
};

TEST_F(GoingLive, ObservingAndMatchingWriteNothingAnywhere) {
  for (const char* name : {"observe", "match"}) {
    stage(name);
    world.reset_counters();
    ASSERT_EQ(world.huiliu({"sync", "--once"}).exit_code, 0);
    EXPECT_EQ(world.writes("dingtalk"), 0) << name;
    EXPECT_EQ(world.writes("kingdee"), 0) << name;
    EXPECT_TRUE(planned().empty()) << name;
  }
  // No requests for customers of a system that is only looked at.
  EXPECT_TRUE(world.huiliu({"review", "list", "--kind", "create"}).json().as_array().empty());
  EXPECT_GT(world.huiliu({"match", "report"}).json()["exact"].as_number().to_int64().value_or(0), 0);
}

TEST_F(GoingLive, LinkingWritesNumbersOnly) {
  observed();
  stage("link");
  const auto writes = planned();
  EXPECT_FALSE(writes.empty());
  for (const Value& write : writes) {
    EXPECT_EQ(write["connection"].to_text(), "dingtalk");
    EXPECT_EQ(write["op"].to_text(), "update");
    for (const model::Member& field : write["fields"].as_object())
      EXPECT_EQ(field.key, "identifiers.main_number");
  }
  world.settle();
  EXPECT_EQ(world.writes("dingtalk"), static_cast<std::int64_t>(writes.size()));
  EXPECT_EQ(world.writes("kingdee"), 0);
}

TEST_F(GoingLive, FillingOverwritesNothing) {
  observed();
  stage("fill");
  std::set<std::string> filled;
  for (const Value& write : planned()) {
    EXPECT_EQ(write["op"].to_text(), "update");
    for (const model::Member& field : write["fields"].as_object()) {
      if (field.key == "identifiers.main_number") continue;
      EXPECT_TRUE(field.value["from"].is_null()) << model::to_json(write);
      filled.insert(field.key);
    }
  }
  EXPECT_FALSE(filled.empty());
  world.settle();
  EXPECT_GT(world.writes("dingtalk"), 0);
  EXPECT_EQ(world.get("dingtalk", "/counters")["creates"].to_text(), "0");
}

TEST_F(GoingLive, OneWayTravelsFromTheAuthorityTwoWaysEverything) {
  observed();
  stage("one_way");
  for (const Value& write : planned()) {
    const Value customer = world.customer(write["customer"].to_text());
    if (write["op"].to_text() != "update") continue;
    // The CRM is the authority for these alone.
    static const std::set<std::string> of_crm = {"industry", "level", "lifecycle", "owner"};
    for (const model::Member& field : write["fields"].as_object()) {
      EXPECT_EQ(write["connection"].to_text() == "kingdee", of_crm.contains(field.key))
          << model::to_json(write);
      EXPECT_NE(customer["fields"][field.key]["connection"].to_text(), write["connection"].to_text());
    }
  }
  world.settle();
  // A contact's mobile is shared: it belongs to nobody, so it does not travel yet.
  const auto contacts = world.shared("contact", {"kingdee", "dingtalk"});
  ASSERT_FALSE(contacts.empty());
  const std::string erp = Installation::key_in(contacts.front(), "kingdee");
  world.edit("dingtalk", "contacts", Installation::key_in(contacts.front(), "dingtalk"),
             {{"contact_phone", "13911110000"}});
  world.reset_counters();
  ASSERT_EQ(world.huiliu({"sync", "--once"}).exit_code, 0);
  EXPECT_EQ(world.writes("kingdee"), 0);
  stage("two_way");
  world.settle();
  EXPECT_EQ(world.record("kingdee", "contacts", erp).at_path("FMobile")->to_text(), "13911110000");
  // And back again, freely.
  stage("observe");
  world.edit("kingdee", "contacts", erp, {{"FMobile", "13922220000"}});
  world.reset_counters();
  ASSERT_EQ(world.huiliu({"sync", "--once"}).exit_code, 0);
  EXPECT_EQ(world.writes("dingtalk"), 0);
}

TEST_F(GoingLive, AStageShowsWhenItIsLeft) {
  observed();
  const Finished forward = world.huiliu({"connection", "stage", "dingtalk", "link"});
  ASSERT_EQ(forward.exit_code, 0) << forward.err;
  EXPECT_EQ(forward.json()["stage"].to_text(), "link");
  EXPECT_EQ(forward.json()["from"].to_text(), "observe");
  ASSERT_EQ(forward.json()["left"].as_array().size(), 2U);
  EXPECT_EQ(forward.json()["left"].as_array()[0]["stage"].to_text(), "observe");
  EXPECT_TRUE(forward.json()["left"].as_array()[0]["met"].as_bool());
  const Finished back = world.huiliu({"connection", "stage", "dingtalk", "observe"});
  EXPECT_TRUE(back.json()["left"].as_array().empty());
  EXPECT_EQ(world.huiliu({"connection", "stage", "dingtalk", "later"}).exit_code, 2);
}

class MonthEndFreeze : public testing::Test {
 protected:
  Installation world{40, 6, {"kingdee", "dingtalk"}};
  std::string name_in_crm(const std::string& key) {
    const Value record = world.record("dingtalk", "customers", key);
    const Value* name = record.at_path("data.customer_name");
    return name == nullptr ? model::to_json(record) : name->to_text();
  }
};

TEST_F(MonthEndFreeze, NamesWaitPhonesPassReleaseShowsFirst) {
  world.settle();
  const auto customers = world.shared("customer", {"kingdee", "dingtalk"});
  ASSERT_GT(customers.size(), 1U);
  const std::string id = customers[0]["id"].to_text();
  const std::string other = customers[1]["id"].to_text();
  const std::string crm = Installation::key_in(customers[0], "dingtalk");
  ASSERT_EQ(world.huiliu({"freeze", "start", "dingtalk", "--until", "2099-01-01T00:00:00+08:00"}).exit_code,
            2);
  const Finished started = world.huiliu({"freeze", "start", "dingtalk", "--until",
                                         "2099-01-01T00:00:00+08:00", "--by", "李会计", "--reason", "月结"});
  ASSERT_EQ(started.exit_code, 0) << started.err;
  ASSERT_EQ(world.huiliu({"customer", "set", id, "names.legal", "云桥月结测试有限公司"}).exit_code, 0);
  ASSERT_EQ(world.huiliu({"customer", "set", id, "phones[switchboard]", "025-88990011"}).exit_code, 0);
  ASSERT_EQ(world.huiliu({"customer", "set", other, "names.legal", "云桥第二测试有限公司"}).exit_code, 0);
  world.settle();
  EXPECT_NE(name_in_crm(crm), "云桥月结测试有限公司");
  EXPECT_THAT(model::to_json(world.record("dingtalk", "customers", crm)), HasSubstr("88990011"));

  const Value waiting = world.huiliu({"freeze", "list"}).json();
  ASSERT_EQ(waiting.as_array().size(), 2U) << model::to_json(waiting);
  for (const Value& line : waiting.as_array()) {
    EXPECT_EQ(line["connection"].to_text(), "dingtalk");
    EXPECT_FALSE(line["fields"]["names.legal"]["to"].is_null());
    EXPECT_THAT(line["reason"].to_text(), HasSubstr("2098-12-31T16:00:00Z"));
  }
  // One customer, by name of a person.
  EXPECT_EQ(world.huiliu({"freeze", "release", "--customer", id, "--apply"}).exit_code, 2);
  const Finished pass = world.huiliu({"freeze", "release", "--customer", id, "--apply", "--by", "李会计"});
  ASSERT_EQ(pass.exit_code, 0) << pass.err;
  EXPECT_EQ(name_in_crm(crm), "云桥月结测试有限公司");
  // The rest: shown, then let go.
  const Finished shown = world.huiliu({"freeze", "release", "dingtalk"});
  ASSERT_EQ(shown.lines().size(), 2U) << shown.out;
  EXPECT_EQ(shown.lines()[0]["customer"].to_text(), other);
  const std::string hash = shown.lines()[1]["hash"].to_text();
  EXPECT_EQ(
      world.huiliu({"freeze", "release", "dingtalk", "--apply", "--by", "李会计", "--plan", "7"}).exit_code,
      1);
  const Finished released =
      world.huiliu({"freeze", "release", "dingtalk", "--apply", "--by", "李会计", "--plan", hash});
  ASSERT_EQ(released.exit_code, 0) << released.err;
  EXPECT_EQ(name_in_crm(Installation::key_in(customers[1], "dingtalk")), "云桥第二测试有限公司");
  EXPECT_TRUE(world.huiliu({"freeze", "list"}).json().as_array().empty());
  EXPECT_EQ(world.huiliu({"freeze", "end", "dingtalk"}).exit_code, 0);
  EXPECT_EQ(world.huiliu({"freeze", "end", "dingtalk"}).exit_code, 1);
}

}  // namespace
}  // namespace huiliu::e2e
