// What follows from a deletion: hub/sync/removal.hpp.
#include <gmock/gmock.h>

#include "hub/sync/codec.hpp"
#include "hub/sync/removal.hpp"
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

// crm and erp show one customer, and so does shop. The erp can disable, the shop can delete.
class Removing : public Scenario {
 protected:
  Removing() {
    stream("erp").disablable = true;
    stream("shop").deletable = true;
    for (const char* system : {"erp", "shop"}) rules.connections.at(system).remove = RemoveRule::automatic;
    id = linked_pair();
    EXPECT_EQ(see("shop", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}, {"uscc", uscc}})
                  .golden,
              id);
    EXPECT_EQ(push_all(), 0);
  }

  void on_delete(DeletePolicy policy) { rules.connections.at("crm").on_delete = policy; }
  DeletePolicy rests() { return resting(*repository.load_cluster(repository.resolve(id))); }
  Replica replica(const std::string& system) { return *repository.load_replica(at(system, "1")); }
  std::vector<Op> due(const std::string& system) {
    std::vector<Op> ops;
    for (const auto& write : plan(system).writes) ops.push_back(write.op);
    return ops;
  }
  IngestResult see_disabled(const std::string& system, bool disabled) {
    tick();
    Observation seen = observation(system, "1", shown(system, "1"));
    seen.image.disabled = disabled;
    seen.raw += disabled ? " disabled" : "";
    seen.strong = true;
    return ingest(seen);
  }
  // Disables, or enables, and the system shows it.
  void perform(const std::string& system, Op op) {
    const auto writes = plan(system).writes;
    ASSERT_EQ(writes.size(), 1U) << system;
    ASSERT_EQ(writes[0].op, op);
    const auto intent = begin(system);
    if (op == Op::remove) {
      settle(intent, Outcome::applied);
      see_deleted(system, "1");
      return;
    }
    Observation after = observation(system, "1", shown(system, "1"));
    after.image.disabled = op == Op::disable;
    after.raw += op == Op::disable ? " disabled" : "";
    settle(intent, Outcome::applied, "1", after);
  }

  GoldenId id;
};

TEST_F(Removing, UnlinkAsksAndTouchesNothing) {
  see_deleted("crm", "1");
  EXPECT_EQ(rests(), DeletePolicy::unlink);
  EXPECT_THAT(due("erp"), IsEmpty());
  EXPECT_THAT(due("shop"), IsEmpty());
  ASSERT_EQ(reviews(ReviewKind::change).size(), 1U);
  EXPECT_THAT(reviews(ReviewKind::change)[0].choices, Contains("deactivate"));
  see("erp", "1", {{"level", "B"}});  // the customer goes on
  EXPECT_EQ(due("shop"), std::vector{Op::update});
}

TEST_F(Removing, ArchiveRestsAndWritesNothing) {
  on_delete(DeletePolicy::archive);
  see_deleted("crm", "1");
  EXPECT_EQ(rests(), DeletePolicy::archive);
  EXPECT_THAT(reviews(ReviewKind::change), IsEmpty());
  for (const char* system : {"erp", "crm", "shop"}) EXPECT_THAT(due(system), IsEmpty()) << system;
}

TEST_F(Removing, DeactivateDisablesWhereThatIsPossible) {
  on_delete(DeletePolicy::deactivate);
  see_deleted("crm", "1");
  EXPECT_EQ(due("erp"), std::vector{Op::disable});
  EXPECT_THAT(due("shop"), IsEmpty());  // it could only delete
  EXPECT_THAT(held("shop"), Contains(Held::Why::unsupported));
  perform("erp", Op::disable);
  EXPECT_TRUE(replica("erp").disabled);
  EXPECT_TRUE(replica("erp").removed_by_hub);
  EXPECT_THAT(due("erp"), IsEmpty());
}

TEST_F(Removing, PropagateDeletesWhereThatIsAllowedElseDisables) {
  on_delete(DeletePolicy::propagate);
  see_deleted("crm", "1");
  perform("shop", Op::remove);
  EXPECT_TRUE(replica("shop").gone);
  EXPECT_THAT(reviews(ReviewKind::change), IsEmpty());  // our own deletion is no news
  EXPECT_EQ(due("erp"), std::vector{Op::disable});
}

TEST_F(Removing, AStreamMayHaveAPolicyOfItsOwn) {
  on_delete(DeletePolicy::propagate);
  stream("crm").on_delete = DeletePolicy::archive;
  see_deleted("crm", "1");
  EXPECT_EQ(rests(), DeletePolicy::archive);
}

TEST_F(Removing, UndeleteBringsEverythingBack) {
  on_delete(DeletePolicy::propagate);
  rules.connections.at("shop").create = CreateRule::automatic;
  see_deleted("crm", "1");
  perform("shop", Op::remove);
  perform("erp", Op::disable);
  see("crm", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}, {"uscc", uscc}});
  EXPECT_EQ(rests(), DeletePolicy::unlink);
  perform("erp", Op::enable);
  EXPECT_FALSE(replica("erp").disabled);
  EXPECT_FALSE(replica("erp").removed_by_hub);
  EXPECT_EQ(due("shop"), std::vector{Op::create});  // we deleted it, so it may be made again
}

TEST_F(Removing, AnEditThatTheDeletionDidNotSeeWins) {
  on_delete(DeletePolicy::propagate);
  see("erp", "1", {{"level", "B"}});  // not written to the crm yet
  see_deleted("crm", "1");
  EXPECT_EQ(rests(), DeletePolicy::unlink);
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
  EXPECT_EQ(due("shop"), std::vector{Op::update});
}

TEST_F(Removing, WhatTheDeletedRecordNeverShowedWasNotSeen) {
  on_delete(DeletePolicy::propagate);
  see("erp", "1", {{"status", "trial"}});
  see("erp", "1", {{"status", "customer"}});
  ASSERT_FALSE(replica("crm").fields.contains(field("status")));
  see_deleted("crm", "1");
  EXPECT_EQ(rests(), DeletePolicy::unlink);
}

TEST_F(Removing, AnEditAfterTheDeletionRevives) {
  on_delete(DeletePolicy::deactivate);
  see_deleted("crm", "1");
  perform("erp", Op::disable);
  see("shop", "1", {{"level", "C"}});
  EXPECT_EQ(rests(), DeletePolicy::unlink);
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
  EXPECT_EQ(due("erp"), std::vector{Op::enable});
}

TEST_F(Removing, WhatTheDeletionSawDoesNotRevive) {
  on_delete(DeletePolicy::archive);
  see("erp", "1", {{"level", "B"}});
  push_all();  // the crm shows it
  see_deleted("crm", "1");
  EXPECT_EQ(rests(), DeletePolicy::archive);
}

TEST_F(Removing, AConsoleEditRevives) {
  on_delete(DeletePolicy::archive);
  see_deleted("crm", "1");
  tick();
  ASSERT_TRUE(engine.edit(repository, id, "level", value("level", "X"), "li", now).ok());
  EXPECT_EQ(rests(), DeletePolicy::unlink);
}

TEST_F(Removing, WhoEnablesAgainDecides) {
  on_delete(DeletePolicy::deactivate);
  see_deleted("crm", "1");
  perform("erp", Op::disable);
  see_disabled("erp", false);
  EXPECT_EQ(rests(), DeletePolicy::unlink);
  EXPECT_THAT(due("erp"), IsEmpty());  // not disabled again
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
}

TEST_F(Removing, WhoDeletesWhatWeDisabledAndBringsItBackInUseDecides) {
  on_delete(DeletePolicy::deactivate);
  see_deleted("crm", "1");
  perform("erp", Op::disable);
  see_deleted("erp", "1");  // by a person, who had perhaps enabled it before
  EXPECT_THAT(due("erp"), IsEmpty());
  see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}});
  EXPECT_EQ(rests(), DeletePolicy::unlink);
  EXPECT_THAT(due("erp"), IsEmpty());  // not disabled again
}

// Whoever enabled it again may have done so after this deletion, which was only seen later.
TEST_F(Removing, ADeletionThatMayBeOlderThanTheEnablingIsAQuestion) {
  on_delete(DeletePolicy::deactivate);
  rules.connections.at("shop").on_delete = DeletePolicy::deactivate;
  see_deleted("crm", "1");
  perform("erp", Op::disable);
  see_disabled("erp", false);
  see_deleted("shop", "1");
  EXPECT_EQ(rests(), DeletePolicy::unlink);
  EXPECT_EQ(reviews(ReviewKind::change).size(), 2U);
}

TEST_F(Removing, ADeletionSurelyAfterTheEnablingCounts) {
  on_delete(DeletePolicy::deactivate);
  rules.connections.at("shop").on_delete = DeletePolicy::deactivate;
  see_deleted("crm", "1");
  perform("erp", Op::disable);
  see_disabled("erp", false);
  see("shop", "1", {});
  see_deleted("shop", "1");
  EXPECT_EQ(rests(), DeletePolicy::deactivate);
}

TEST_F(Removing, WhatAPersonDisabledStaysSo) {
  see_disabled("erp", true);
  EXPECT_TRUE(replica("erp").disabled);
  EXPECT_THAT(due("erp"), IsEmpty());
  on_delete(DeletePolicy::deactivate);
  see_deleted("crm", "1");
  EXPECT_THAT(due("erp"), IsEmpty());
  see("crm", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}, {"uscc", uscc}});
  EXPECT_THAT(due("erp"), IsEmpty());
}

TEST_F(Removing, OneOfTwoRecordsIsNotTheCustomer) {
  on_delete(DeletePolicy::propagate);
  const auto second = see("crm", "2", {{"name", "Beta"}, {"level", "A"}}).golden;
  ASSERT_TRUE(engine.merge(repository, id, second, "li", now).ok());
  push_all();
  see_deleted("crm", "1");
  EXPECT_EQ(rests(), DeletePolicy::unlink);
  EXPECT_THAT(reviews(ReviewKind::change)[0].choices, Not(Contains("propagate")));
}

TEST_F(Removing, AskedFirstWhereTheConnectionSaysSo) {
  on_delete(DeletePolicy::deactivate);
  rules.connections.at("erp").remove = RemoveRule::ask;
  see_deleted("crm", "1");
  EXPECT_THAT(plan("erp", true).writes, IsEmpty());
  const auto asked = reviews(ReviewKind::change);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].connection, "erp");
  ASSERT_TRUE(engine.decide(repository, asked[0].id, "approve", "", "li", now).ok());
  EXPECT_EQ(due("erp"), std::vector{Op::disable});
}

TEST_F(Removing, RefusedIsNotAskedAgainUntilTheNextDeletion) {
  on_delete(DeletePolicy::deactivate);
  rules.connections.at("erp").remove = RemoveRule::ask;
  see_deleted("crm", "1");
  plan("erp", true);
  ASSERT_TRUE(engine.decide(repository, reviews(ReviewKind::change)[0].id, "refuse", "", "li", now).ok());
  plan("erp", true);
  EXPECT_THAT(reviews(ReviewKind::change), IsEmpty());
  EXPECT_THAT(due("erp"), IsEmpty());
  see("crm", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}, {"uscc", uscc}});
  see_deleted("crm", "1");
  plan("erp", true);
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
}

TEST_F(Removing, NeverMeansNever) {
  on_delete(DeletePolicy::propagate);
  for (const char* system : {"erp", "shop"}) rules.connections.at(system).remove = RemoveRule::never;
  see_deleted("crm", "1");
  EXPECT_EQ(rests(), DeletePolicy::propagate);
  for (const char* system : {"erp", "shop"}) EXPECT_THAT(due(system), IsEmpty());
}

TEST_F(Removing, APersonMayChooseThePolicy) {
  see_deleted("crm", "1");
  see("erp", "1", {{"level", "B"}});  // he has it in front of him
  const auto asked = reviews(ReviewKind::change);
  ASSERT_TRUE(engine.decide(repository, asked.at(0).id, "deactivate", "", "li", now).ok());
  EXPECT_EQ(rests(), DeletePolicy::deactivate);
  EXPECT_EQ(due("erp"), std::vector{Op::disable});
}

TEST_F(Removing, AStageBeforeTwoWayHoldsIt) {
  on_delete(DeletePolicy::deactivate);
  rules.connections.at("erp").stage = Stage::one_way;
  see_deleted("crm", "1");
  EXPECT_THAT(due("erp"), IsEmpty());
  EXPECT_THAT(held("erp"), Contains(Held::Why::stage));
}

TEST_F(Removing, AMergeWithALivingCustomerRevives) {
  on_delete(DeletePolicy::archive);
  see_deleted("crm", "1");
  const auto other = see("erp", "2", {{"name", "Beta"}}).golden;
  ASSERT_TRUE(engine.merge(repository, other, id, "li", now).ok());
  EXPECT_EQ(rests(), DeletePolicy::unlink);
}

TEST_F(Removing, RejectedOrIgnoredIsNotSentAgain) {
  on_delete(DeletePolicy::propagate);
  see_deleted("crm", "1");
  settle(begin("shop"), Outcome::rejected);
  EXPECT_THAT(due("shop"), IsEmpty());
  settle(begin("erp"), Outcome::applied);  // acknowledged, but the next look shows it in use
  see_disabled("erp", false);
  EXPECT_THAT(due("erp"), IsEmpty());
  EXPECT_EQ(rests(), DeletePolicy::propagate);
}

TEST_F(Removing, InDoubtIsLookedFor) {
  on_delete(DeletePolicy::deactivate);
  see_deleted("crm", "1");
  const auto intent = begin("erp");
  settle(intent, Outcome::in_doubt);
  EXPECT_THAT(due("erp"), IsEmpty());
  see_disabled("erp", true);  // it had arrived
  EXPECT_TRUE(replica("erp").removed_by_hub);
  EXPECT_THAT(replica("erp").intents, IsEmpty());
}

TEST_F(Removing, ADeleteInDoubtMayHaveBeenAPersons) {
  on_delete(DeletePolicy::propagate);
  rules.connections.at("shop").create = CreateRule::automatic;
  see_deleted("crm", "1");
  settle(begin("shop"), Outcome::in_doubt);
  see_deleted("shop", "1");
  EXPECT_FALSE(replica("shop").removed_by_hub);
  EXPECT_THAT(reviews(ReviewKind::change), IsEmpty());
  see("crm", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}, {"uscc", uscc}});
  EXPECT_THAT(due("shop"), IsEmpty());  // not made again without a person
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
}

TEST_F(Removing, APageFromBeforeADeletionMakesNothingAgain) {
  const Observation early = observation("crm", "9", {{"name", "Zenith"}});
  see_deleted("crm", "9");
  EXPECT_EQ(ingest(early).received, Received::duplicate);
  EXPECT_EQ(repository.golden_of(at("crm", "9")), "");
  EXPECT_EQ(repository.to_look("crm", "customers", 9), (std::vector{at("crm", "9")}));
  see("crm", "9", {{"name", "Zenith"}});  // it is there again
  EXPECT_NE(repository.golden_of(at("crm", "9")), "");
}

TEST_F(Removing, TombstonesOutliveTheirBodies) {
  on_delete(DeletePolicy::archive);
  see_deleted("crm", "1");
  see_deleted("crm", "9");  // never known
  const Micros deleted = now;
  EXPECT_FALSE(engine.forget_deleted(repository, at("crm", "1"), deleted - model::second));
  tick();
  EXPECT_TRUE(engine.forget_deleted(repository, at("crm", "1"), now));
  EXPECT_TRUE(engine.forget_deleted(repository, at("crm", "9"), now));
  EXPECT_FALSE(engine.forget_deleted(repository, at("erp", "1"), now));
  EXPECT_TRUE(replica("crm").raw.empty());
  EXPECT_EQ(rests(), DeletePolicy::archive);
  EXPECT_FALSE(repository.load_replica(at("crm", "9")).has_value());
}

TEST_F(Removing, GoneAlreadyIsOurs) {
  on_delete(DeletePolicy::propagate);
  see_deleted("crm", "1");
  const auto intent = begin("shop");
  settle(intent, Outcome::gone);
  EXPECT_TRUE(replica("shop").gone);
  EXPECT_TRUE(replica("shop").removed_by_hub);
}

TEST_F(Removing, ATextKeepsIt) {
  on_delete(DeletePolicy::propagate);
  see_deleted("crm", "1");
  perform("erp", Op::disable);
  for (const char* system : {"erp", "crm"}) {
    const auto back = decode_replica(encode(replica(system), schema), schema);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, replica(system));
  }
  auto golden = *repository.load_golden(id);
  golden.removes["erp"] = "approved";
  const auto back = decode_golden(encode(golden, schema), schema);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, golden);
}

}  // namespace
}  // namespace huiliu::sync::tests
