// A hub that was put back from a backup: what it remembers is older than what the systems show.
#include <gmock/gmock.h>

#include "hub/sync/codec.hpp"
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

class RestoredHub : public Scenario {
 protected:
  RestoredHub() : id(linked_pair()) {
    tick();
    rules.restored_at = now;
  }
  Fields with_level(const std::string& level) {
    return {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", level}, {"uscc", uscc}};
  }
  bool is_parked() { return repository.load_golden(id)->fields.at(field("level")).parked; }

  GoldenId id;
};

TEST_F(RestoredHub, WhatAllShowIsWhatWasAgreed) {
  see("erp", "1", with_level("B"));
  EXPECT_TRUE(is_parked());
  see("crm", "1", with_level("B"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_THAT(reviews(ReviewKind::conflict), IsEmpty());
  EXPECT_EQ(push_all(), 0);
}

TEST_F(RestoredHub, ADifferenceIsParkedAndNobodyIsOverwritten) {
  // Perhaps an edit in the erp. Perhaps B came from the crm, and its people have gone back to A since.
  see("erp", "1", with_level("B"));
  see("crm", "1", with_level("A"));
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(push_all(), 0);
  const auto asked = reviews(ReviewKind::conflict);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].evidence["rule"].to_text(), "unexplained");
  EXPECT_THAT(held("crm"), IsEmpty());
  EXPECT_THAT(held("erp"), Contains(Held::Why::undecided));
}

TEST_F(RestoredHub, APersonDecides) {
  see("erp", "1", with_level("B"));
  see("crm", "1", with_level("A"));
  ASSERT_TRUE(engine.decide(repository, reviews(ReviewKind::conflict).at(0).id, "B", "", "li", now).ok());
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(RestoredHub, WhateverThePolicyIs) {
  policy("level", Policy::authority, {"erp"});
  see("erp", "1", with_level("B"));
  see("crm", "1", with_level("C"));
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(push_all(), 0);
}

TEST_F(RestoredHub, WhatIsEditedAfterwardsIsAnEdit) {
  see("erp", "1", with_level("A"));
  see("crm", "1", with_level("A"));
  see("erp", "1", with_level("B"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(RestoredHub, ARecordWithoutASayIsNotPutBackWhileItIsOpen) {
  right("crm", "level", Right::receive);
  see("erp", "1", with_level("B"));
  EXPECT_EQ(push_all(), 0);
  see("crm", "1", with_level("B"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(RestoredHub, AnOpenWriteOfTheBackupIsStillOurs) {
  rules.restored_at = model::unknown_time;
  see("erp", "1", with_level("B"));
  const auto intent = begin("crm");
  tick();
  rules.restored_at = now;
  see("crm", "1", with_level("B"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
}

TEST_F(RestoredHub, AnEditOnWhatIsAgreedSettlesIt) {
  see("erp", "1", with_level("B"));
  see("crm", "1", with_level("A"));
  EXPECT_TRUE(is_parked());
  see("crm", "1", with_level("D"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "D");
  EXPECT_TRUE(lost("level", "B"));  // kept, since nobody knows whose it was
  EXPECT_EQ(push("erp"), 1);
}

// What the hub remembers of a record that it has not read yet is no evidence of what that one shows.
TEST_F(RestoredHub, WhoWasNotReadYetAgreesWithNothing) {
  see("erp", "1", with_level("B"));
  EXPECT_EQ(golden(id, "level"), "A");
  see("erp", "1", with_level("C"));
  EXPECT_EQ(golden(id, "level"), "C");  // an edit
  see("crm", "1", with_level("D"));     // typed over A, B or C
  EXPECT_TRUE(is_parked());
  EXPECT_TRUE(lost("level", "D"));
}

// A record that the hub was making when it was saved may be there, and shows what it was sent.
class MadeWhenSaved : public RestoredHub {
 protected:
  MadeWhenSaved() {
    rules.restored_at = model::unknown_time;
    rules.connections["shop"].create = CreateRule::automatic;
    engine.refresh_due(repository, id, now);
    create = begin("shop");
    EXPECT_EQ(settle(create, Outcome::in_doubt), Settled::in_doubt);
    tick();
    rules.restored_at = now;
    see("erp", "1", with_level("B"));
    see("crm", "1", with_level("B"));
  }
  Intent create;
};

TEST_F(MadeWhenSaved, AgreesWithNothing) {
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(MadeWhenSaved, ShowsItIsADifference) {
  settle(create, Outcome::applied, "s1", observation("shop", "s1", with_level("A")));
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(reviews(ReviewKind::conflict).size(), 1U);
  EXPECT_EQ(push_all(), 0);
}

TEST_F(MadeWhenSaved, IsNotThereSoTheOthersAgree) {
  settle(create, Outcome::deferred);
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_THAT(reviews(ReviewKind::conflict), IsEmpty());
}

TEST_F(RestoredHub, WhatAllShowWasAgreedOverAnOlderDecision) {
  rules.restored_at = model::unknown_time;
  ASSERT_TRUE(engine.edit(repository, id, "level", value("level", "B"), "li", now).ok());
  EXPECT_EQ(push_all(), 2);
  tick();
  rules.restored_at = now;
  see("erp", "1", with_level("C"));
  see("crm", "1", with_level("C"));
  EXPECT_EQ(golden(id, "level"), "C");
  see("erp", "1", with_level("C"));
  EXPECT_EQ(golden(id, "level"), "C");
  EXPECT_EQ(push_all(), 0);
}

// Perhaps the hub deleted it itself, after the backup.
TEST_F(RestoredHub, ADeletionIsAQuestionWhateverThePolicyIs) {
  rules.connections["crm"].on_delete = DeletePolicy::propagate;
  rules.connections["erp"].remove = RemoveRule::automatic;
  stream("erp").disablable = true;
  see_deleted("crm", "1");
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
  EXPECT_THAT(plan("erp").writes, IsEmpty());
}

TEST_F(RestoredHub, ADeletedRecordThatComesBackShowsWhatNobodyRemembers) {
  see_deleted("crm", "1");
  see("erp", "1", with_level("A"));
  see("crm", "1", with_level("B"));  // perhaps the hub had written B there, before it was deleted
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(golden(id, "level"), "A");
  const auto replica = *repository.load_replica(at("crm", "1"));
  EXPECT_FALSE(replica.stale);
  see_deleted("crm", "1");
  see("crm", "1", with_level("C"));  // from now on it is known what it showed
  EXPECT_FALSE(repository.load_replica(at("crm", "1"))->fields.at(field("level")).claim->unexplained);
}

// It may have come back after the backup, been written, and been deleted again.
TEST_F(RestoredHub, SoDoesOneThatWasGoneInTheBackup) {
  rules.restored_at = model::unknown_time;
  see_deleted("crm", "1");
  tick();
  rules.restored_at = now;
  see("erp", "1", with_level("A"));
  see_deleted("crm", "1");
  see("crm", "1", with_level("B"));
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(golden(id, "level"), "A");
}

// It was written again since, or not: what stood there before a write of the backup is no sign that it was
// ignored.
TEST_F(RestoredHub, AWriteOfTheBackupThatIsNotThereWasNotIgnored) {
  rules.restored_at = model::unknown_time;
  see("erp", "1", with_level("B"));
  settle(begin("crm"), Outcome::applied, "1");
  tick();
  rules.restored_at = now;
  see("erp", "1", with_level("B"));
  see("crm", "1", with_level("A"));
  EXPECT_TRUE(is_parked());
  EXPECT_FALSE(repository.load_replica(at("crm", "1"))->fields.at(field("level")).refused.has_value());
  EXPECT_EQ(push_all(), 0);
}

// A list that lags may show a record as it was before the restore: that is no evidence of it since then.
class LaggingList : public RestoredHub {
 protected:
  LaggingList() {
    rules.connections["crm"].on_delete = DeletePolicy::propagate;
    rules.connections["erp"].remove = RemoveRule::automatic;
    stream("erp").disablable = true;
    see("erp", "2", fields("A"));
    stream("crm").list_may_lag = true;
    other = see("crm", "2", fields("A")).golden;
  }
  Fields fields(const std::string& level) {
    return {{"name", "Zenith"}, {"level", level}, {"uscc", "91110108MA01ABCD3Y"}};
  }
  void look(const std::string& level) {
    tick();
    Observation strong = observation("crm", "2", fields(level));
    strong.strong = true;
    ingest(strong);
  }
  void look_where_it_is_gone() {
    tick();
    Observation strong = observation("crm", "2", {});
    strong.strong = strong.deleted = true;
    ingest(strong);
  }
  bool is_parked() { return repository.load_golden(other)->fields.at(field("level")).parked; }

  GoldenId other;
};

TEST_F(LaggingList, TheRecordIsToBeReadByKey) {
  EXPECT_EQ(repository.load_golden(other)->id, repository.golden_of(at("erp", "2")));
  EXPECT_EQ(repository.to_look("crm", "customers", 9).size(), 1U);
  look("A");
  EXPECT_TRUE(repository.to_look("crm", "customers", 9).empty());
  EXPECT_EQ(push_all(), 0);
}

TEST_F(LaggingList, WhatTheRecordShowsInsteadIsPerhapsOurForgottenWrite) {
  look("B");
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(golden(other, "level"), "A");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(LaggingList, ThatTheRecordIsGoneIsPerhapsOurForgottenDeletion) {
  look_where_it_is_gone();
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
  EXPECT_THAT(plan("erp").writes, IsEmpty());
}

TEST_F(LaggingList, OnceReadByKeyPeopleEditAndDeleteAsEver) {
  look("A");
  look("B");
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(other, "level"), "B");
  look("A");
  push_all();
  look_where_it_is_gone();
  EXPECT_THAT(reviews(ReviewKind::change), IsEmpty());
  EXPECT_EQ(plan("erp").writes.size(), 1U);
}

TEST_F(RestoredHub, TextKeepsIt) {
  see("erp", "1", with_level("B"));
  const auto golden = *repository.load_golden(id);
  EXPECT_EQ(*decode_golden(encode(golden, schema), schema), golden);
  const auto replica = *repository.load_replica(at("erp", "1"));
  ASSERT_TRUE(replica.fields.at(field("level")).claim->unexplained);
  EXPECT_EQ(*decode_replica(encode(replica, schema), schema), replica);
}

}  // namespace
}  // namespace huiliu::sync::tests
