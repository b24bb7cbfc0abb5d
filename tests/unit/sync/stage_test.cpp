// Going live in stages, and the month-end freeze: how far a value may travel, and when.
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Stages : public Scenario {
 protected:
  void stage(const std::string& system, Stage value) { rules.connections.at(system).stage = value; }
  std::vector<std::string> due_in(const std::string& system) {
    std::vector<std::string> names;
    for (const auto& write : plan(system).writes)
      for (const auto& each : write.fields) names.push_back(entity->fields[each.field].name);
    return names;
  }
};

TEST_F(Stages, WhatComesFromASystemGoesOnlyAsFarAsThatSystemIs) {
  policy("level", Policy::authority, {"erp"});
  right("erp", "level", Right::owner);
  linked_pair();
  see("crm", "1", {{"level", "A"}, {"phone", "0512-66881234"}});
  see("erp", "1", {{"level", "B"}});
  // Nothing of a system that is only observed reaches the others, whose stage is the last.
  for (const Stage early : {Stage::observe, Stage::match, Stage::link}) {
    stage("erp", early);
    EXPECT_TRUE(due_in("crm").empty()) << static_cast<int>(early);
  }
  stage("erp", Stage::fill);
  EXPECT_TRUE(due_in("crm").empty());  // there is a level already
  stage("erp", Stage::one_way);
  EXPECT_EQ(due_in("crm"), std::vector<std::string>{"level"});
}

TEST_F(Stages, ASystemThatIsOnlyObservedMakesNoRecordsElsewhere) {
  rules.connections["crm"].create = CreateRule::automatic;
  stage("erp", Stage::fill);
  see("erp", "7", {{"name", "Suzhou Machines"}});
  Plan crm = plan("crm");
  EXPECT_TRUE(crm.writes.empty());
  ASSERT_EQ(crm.held.size(), 1U);
  EXPECT_EQ(crm.held[0].why, Held::Why::stage);
  stage("erp", Stage::one_way);
  EXPECT_EQ(plan("crm").writes.size(), 1U);
}

class Freeze : public Stages {
 protected:
  Freeze() {
    rules.connections["crm"].frozen = [this](const Cluster&, const Replica&, FieldIndex index, Micros at) {
      return index == field("name") && at < until ? std::string("frozen") : std::string();
    };
  }
  Micros until = std::numeric_limits<Micros>::max();
};

TEST_F(Freeze, HoldsItsFieldsAndLetsTheOthersPass) {
  linked_pair();
  see("erp", "1", {{"name", "Another Name"}, {"phone", "0512-66881234"}});
  see("crm", "1", {{"phone", ""}});
  const Plan due = plan("crm");
  EXPECT_EQ(due_in("crm"), std::vector<std::string>{"phone"});
  ASSERT_EQ(due.held.size(), 1U);
  EXPECT_EQ(due.held[0].why, Held::Why::frozen);
  EXPECT_EQ(due.held[0].field, "name");
  ASSERT_TRUE(due.held[0].write.has_value());
  EXPECT_EQ(text_of(due.held[0].write->to), "Another Name");
}

// A personal value without purpose or consent stays here, another one goes, and an emptied one is no
// delivery.
TEST_F(Stages, WhatIsWithheldIsNotGivenAndIsSaid) {
  linked_pair();
  bool withheld = true;
  rules.connections["crm"].withheld = [&](const Golden&, FieldIndex index) {
    return withheld && index == field("phone") ? std::string("no consent") : std::string();
  };
  see("erp", "1", {{"name", "Another Name"}, {"phone", "0512-66881234"}});
  see("crm", "1", {{"phone", ""}});
  const Plan due = plan("crm");
  EXPECT_EQ(due_in("crm"), std::vector<std::string>{"name"});
  ASSERT_EQ(due.held.size(), 1U);
  EXPECT_EQ(due.held[0].why, Held::Why::privacy);
  EXPECT_EQ(due.held[0].reason, "no consent");
  EXPECT_FALSE(due.held[0].write.has_value()) << "not even as a preview of what would be given";
  withheld = false;
  EXPECT_EQ(due_in("crm").size(), 2U);
}

TEST_F(Freeze, WhatWaitedIsWrittenAfterItsEnd) {
  const auto id = linked_pair();
  see("erp", "1", {{"name", "Another Name"}});
  EXPECT_TRUE(due_in("crm").empty());
  EXPECT_TRUE(repository.is_due(id, "customer", "crm"));  // the index knows that something waits
  until = now;
  EXPECT_EQ(due_in("crm"), std::vector<std::string>{"name"});
}

TEST_F(Freeze, AFreezeThatBeginsBetweenPlanAndWriteHolds) {
  until = 0;
  linked_pair();
  see("erp", "1", {{"name", "Another Name"}});
  const auto write = plan("crm").writes.at(0);
  until = std::numeric_limits<Micros>::max();
  EXPECT_FALSE(engine.begin(repository, write, "run", now).has_value());
}

}  // namespace
}  // namespace huiliu::sync::tests
