// What the versions of a record prove: which are newer, which are our own, and that a system was restored.
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class VersionTokens : public Scenario {
 protected:
  VersionTokens() { stream("crm").has_tokens = true; }
  IngestResult see_version(const std::string& token, const Fields& shows, bool strong = false) {
    tick();
    Observation seen = observation("crm", "1", shows);
    seen.token = token;
    seen.strong = strong;
    return ingest(seen);
  }
};

TEST_F(VersionTokens, OrderOfVersionsCounts) {
  const auto id = see_version("9", {{"name", "Acme"}, {"level", "A"}}).golden;
  see_version("10", {{"level", "B"}});
  EXPECT_EQ(see_version("9", {{"level", "A"}}).received, Received::duplicate);  // a stale page
  EXPECT_EQ(golden(id, "level"), "B");
}

TEST_F(VersionTokens, RestoredSystemIsNoEdit) {
  const auto id = see_version("9", {{"name", "Acme"}, {"level", "A"}}).golden;
  see_version("10", {{"level", "B"}});
  see_version("9", {{"level", "A"}}, true);
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("crm"), 1);
}

// It left before the restore and arrives after it.
TEST_F(VersionTokens, OurWriteThatLandsAfterARestoreIsNoEdit) {
  const auto id = see_version("9", {{"name", "Acme"}, {"level", "A"}, {"uscc", uscc}}).golden;
  see("erp", "1", {{"name", "Acme"}, {"level", "A"}, {"uscc", uscc}});
  see_version("10", {{"phone", "0755-26770000"}});
  push("erp");
  see("erp", "1", {{"level", "B"}});
  const auto intent = begin("crm");
  EXPECT_EQ(settle(intent, Outcome::in_doubt), Settled::in_doubt);
  see_version("9", {{"level", "A"}}, true);
  see("erp", "1", {{"level", "C"}});
  see_version("10", {{"level", "B"}});
  EXPECT_EQ(golden(id, "level"), "C");
  EXPECT_FALSE(repository.load_replica(at("crm", "1"))
                   ->fields.at(field("level"))
                   .claim->value.shows_same(value("level", "B")));
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(VersionTokens, WhatWasTypedAfterARestoreIsKept) {
  const auto id = see_version("9", {{"name", "Acme"}, {"level", "A"}}).golden;
  see_version("10", {{"level", "B"}});
  see_version("9.5", {{"level", "new"}}, true);
  EXPECT_TRUE(lost("level", "new") || golden(id, "level") == "new");
}

class Beside : public Scenario {  // a conditional write of the level is under way in the crm, at version 7
 protected:
  Beside() {
    stream("crm").has_tokens = true;
    rules.connections["crm"].grade = WriteGrade::conditional;
    Observation first =
        observation("crm", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}, {"phone", "1"}});
    first.token = "7";
    id = ingest(first).golden;
    see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "B"}, {"phone", "1"}});
    see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "C"}, {"phone", "1"}});
    write = begin("crm");
  }
  void look(const std::string& token, const Fields& shows) {
    tick();
    Observation seen = observation("crm", "1", shows);
    seen.token = token;
    seen.strong = true;
    ingest(seen);
  }
  bool is_parked() { return repository.load_golden(id)->fields.at(field("phone")).parked; }

  GoldenId id;
  Intent write;
};

TEST_F(Beside, TheVeryVersionOfOurWriteIsItsOwnDoing) {
  settle(write, Outcome::in_doubt);
  look("8", {{"level", "C"}, {"phone", "2"}});
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "phone"), "1");
  EXPECT_EQ(push("crm"), 1);
  EXPECT_TRUE(lost("phone", "2"));
}

TEST_F(Beside, ALaterVersionIsARiddle) {
  settle(write, Outcome::in_doubt);
  look("9", {{"level", "C"}, {"phone", "2"}});
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(golden(id, "phone"), "1");
  EXPECT_TRUE(lost("phone", "2"));  // kept, whatever a person says
  EXPECT_EQ(push_all(), 0);
}

// Nothing of the write is there: it may have been ignored and have touched the phone, or have never arrived.
TEST_F(Beside, TheOnlyTraceOfAWriteIsARiddle) {
  settle(write, Outcome::in_doubt);
  look("8", {{"level", "A"}, {"phone", "2"}});
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(golden(id, "phone"), "1");
}

TEST_F(Beside, WhatTheConnectorDoesNotNameIsAnEdit) {
  stream("crm").touched_by_writes = {field("status")};
  settle(write, Outcome::in_doubt);
  look("9", {{"level", "C"}, {"phone", "2"}});
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "phone"), "2");
}

TEST_F(Beside, AnAnswerExplainsIt) {
  look("8", {{"level", "A"}, {"phone", "2"}});
  EXPECT_TRUE(is_parked());
  settle(write, Outcome::stale);  // it came too late, so it touched nothing
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "phone"), "2");
}

TEST_F(Beside, WithoutVersionsOnlyWhatTheConnectorNames) {
  stream("crm").has_tokens = false;
  rules.connections["crm"].grade = WriteGrade::blind;
  stream("crm").touched_by_writes = {field("phone")};
  settle(write, Outcome::in_doubt);
  look("", {{"level", "C"}, {"phone", "2"}});
  EXPECT_TRUE(is_parked());
}

}  // namespace
}  // namespace huiliu::sync::tests
