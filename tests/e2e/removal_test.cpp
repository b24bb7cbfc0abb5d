// Deletions in one system, and what follows from them in the others; and what a probe measures. Against the
// vendors' twins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "hub/config/yaml.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;
using testing::HasSubstr;

class Removal : public testing::Test {
 protected:
  Removal() : world(80, 5) {
    world.settle();
    world.settle(1);
  }

  void configure(const std::string& connection, const std::string& member, Value value) {
    const auto file = world.config / "connections" / (connection + ".yaml");
    auto document = config::read_yaml(file.string(), connection);
    ASSERT_TRUE(document.ok());
    Value changed = document->value;
    changed.as_object().set(member, std::move(value));
    std::ofstream(file) << config::to_yaml(changed);
  }
  // A customer whose people have worked with him everywhere is deleted in the CRM.
  Value delete_in_crm(const std::vector<std::string>& shared_with) {
    const auto shared = world.shared("customer", shared_with);
    EXPECT_FALSE(shared.empty());
    if (shared.empty()) return {};
    world.post("dingtalk", "/delete",
               Object{{"stream", "customers"}, {"key", Installation::key_in(shared.front(), "dingtalk")}});
    world.reset_counters();
    const Finished synced = world.huiliu({"sync", "--once", "--sweep"});
    EXPECT_EQ(synced.exit_code, 0) << synced.err;
    return shared.front();
  }
  std::string forbidden(const Value& customer) const {
    return value_text(world.record("kingdee", "customers", Installation::key_in(customer, "kingdee")),
                      "FForbidStatus");
  }
  std::vector<Value> questions(const std::string& about) const {
    std::vector<Value> found;
    const Value reviews = world.huiliu({"review", "list", "--kind", "change"}).json();
    for (const Value& review : reviews.as_array())
      if (review["subject"].to_text().find(about) != std::string::npos) found.push_back(review);
    return found;
  }

  Installation world;
};

TEST_F(Removal, UnlinkIsTheDefaultAndTouchesNothing) {
  const Value customer = delete_in_crm({"kingdee", "dingtalk"});
  EXPECT_EQ(forbidden(customer), "A");
  for (const char* system : {"kingdee", "dingtalk", "site"}) EXPECT_EQ(world.writes(system), 0) << system;
  ASSERT_EQ(questions("still trading").size(), 1U);
}

TEST_F(Removal, ADeletionDisablesInTheErpWhenAPersonSaysSoAndIsTakenBack) {
  configure("dingtalk", "on_delete", Object{{"customers", "deactivate"}});
  const Value customer = delete_in_crm({"kingdee", "dingtalk"});
  EXPECT_EQ(forbidden(customer), "A") << "asked first";
  EXPECT_EQ(world.writes("kingdee"), 0);
  const auto asked = questions("deactivate in kingdee");
  ASSERT_EQ(asked.size(), 1U);
  ASSERT_EQ(world.huiliu({"review", "decide", asked.front()["id"].to_text(), "approve"}).exit_code, 0);

  const auto planned = world.huiliu({"plan", "kingdee"}).lines();
  ASSERT_EQ(planned.size(), 2U);
  EXPECT_EQ(planned.front()["op"].to_text(), "disable");
  EXPECT_EQ(planned.front()["key"].to_text(), Installation::key_in(customer, "kingdee"));
  EXPECT_EQ(planned.front()["fields"]["in_use"]["to"], Value(false));
  EXPECT_THAT(planned.front()["reason"].to_text(), HasSubstr("dingtalk"));

  const Finished synced = world.huiliu({"sync", "--once"});
  ASSERT_EQ(synced.exit_code, 0) << synced.err;
  EXPECT_EQ(forbidden(customer), "B");
  const std::string run = synced.json().as_array().front()["id"].to_text();
  world.settle();
  EXPECT_EQ(forbidden(customer), "B");

  const Finished undone = world.huiliu({"run", "undo", run});
  EXPECT_EQ(undone.exit_code, 0) << undone.err;
  EXPECT_EQ(forbidden(customer), "A");
  world.settle();
  EXPECT_EQ(forbidden(customer), "A") << "not disabled again";
}

TEST_F(Removal, ADeletionReachesTheSiteAndNeverDeletesInAnErp) {
  configure("dingtalk", "on_delete", "propagate");
  configure("site", "remove", "auto");
  const Value customer = delete_in_crm({"kingdee", "dingtalk", "site"});
  world.settle();
  const Value counters = world.get("site", "/counters");
  EXPECT_THAT(model::to_json(counters["deletes"]), HasSubstr("1"));
  const std::string key = Installation::key_in(customer, "site");
  const Value left = world.get("site", "/state?stream=customers");
  for (const Value& record : left.as_array()) EXPECT_NE(record["id"].to_text(), key);
  EXPECT_EQ(forbidden(customer), "A") << "the ERP asks first";
  EXPECT_EQ(questions("propagate in kingdee").size(), 1U);
  EXPECT_TRUE(questions("deleted in site").empty()) << "its own deletion is no news";
}

TEST_F(Removal, AnEditElsewhereThatTheDeletionDidNotSeeWins) {
  configure("dingtalk", "on_delete", "deactivate");
  configure("kingdee", "remove", "auto");
  const auto shared = world.shared("customer", {"kingdee", "dingtalk"});
  ASSERT_FALSE(shared.empty());
  world.edit("kingdee", "customers", Installation::key_in(shared.front(), "kingdee"),
             {{"FADDRESS", "山东省青岛市崂山区新区路7号"}});
  world.post("dingtalk", "/delete",
             Object{{"stream", "customers"}, {"key", Installation::key_in(shared.front(), "dingtalk")}});
  ASSERT_EQ(world.huiliu({"sync", "--once", "--sweep"}).exit_code, 0);
  world.settle();
  EXPECT_EQ(forbidden(shared.front()), "A");
  EXPECT_EQ(questions("still trading").size(), 1U);
}

TEST_F(Removal, AProbeMeasuresTheTwinsAndLeavesNoCustomer) {
  const auto customers = [&] { return world.huiliu({"customer", "list"}).json().as_array().size(); };
  const std::size_t before = customers();
  for (const char* system : {"kingdee", "site"}) {
    const Finished probed = world.huiliu({"connection", "probe", system, "--write"});
    const Value report = probed.json();
    ASSERT_TRUE(report.is_object()) << system << ": " << probed.err;
    // A record that nobody has approved yet can be neither disabled nor deleted in the ERP: the probe says
    // so.
    EXPECT_EQ(probed.exit_code, report["left"].as_array().empty() ? 0 : 1) << probed.out;
    EXPECT_TRUE(report["wrote"].as_bool());
    EXPECT_TRUE(report["grade"]["stable_paging"].as_bool()) << system << ": " << model::to_json(report);
    EXPECT_FALSE(report["evidence"].as_array().empty());
    // What was measured holds, what was not is what the connector declares.
    const Value shown = world.huiliu({"connection", "show", system}).json();
    const std::string measured = report["grade"]["write"].to_text();
    EXPECT_EQ(shown["grade"]["write"].to_text(),
              measured.empty() ? shown["declared"]["write"].to_text() : measured);
    const bool conditional = shown["grade"]["write"].to_text() == "A";
    EXPECT_EQ(shown["promises"].as_array().front()["holds"], Value(conditional)) << "by what was measured";
  }
  world.settle();
  EXPECT_EQ(customers(), before);
}

}  // namespace
}  // namespace huiliu::e2e
