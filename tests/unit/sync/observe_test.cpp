// Which differences are edits, and which are our own doing: section 4 of the rules.
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Observe : public Scenario {
 protected:
  // An edit in the erp that is due in the crm.
  GoldenId due_in_crm(const std::string& level = "B") {
    const auto id = linked_pair();
    see("erp", "1", {{"level", level}});
    return id;
  }
  const Replica crm() { return *repository.load_replica(at("crm", "1")); }
};

TEST_F(Observe, UnchangedRecordCostsNothingButItsEvidence) {
  const auto id = linked_pair();
  const auto before = *repository.load_replica(at("erp", "1"));
  const auto history = repository.all_history().size();
  tick();
  Observation again =
      observation("erp", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}, {"uscc", uscc}});
  EXPECT_EQ(ingest(again).received, Received::unchanged);
  auto after = *repository.load_replica(at("erp", "1"));
  EXPECT_EQ(after.evid, now);
  after.evid = before.evid;
  EXPECT_EQ(after, before);
  EXPECT_EQ(repository.all_history().size(), history);
  EXPECT_EQ(repository.golden_of(at("erp", "1")), id);
}

TEST_F(Observe, OurOwnWriteComingBackIsNoEdit) {
  const auto id = due_in_crm();
  EXPECT_EQ(push("crm"), 1);
  see("crm", "1", {{"name", "Acme"}, {"level", "B"}});
  EXPECT_EQ(push_all(), 0);
  EXPECT_FALSE(crm().fields.at(field("level")).claim->value.key == "B");
  EXPECT_EQ(golden(id, "level"), "B");
}

TEST_F(Observe, LostAnswerIsRecognisedByLooking) {
  due_in_crm();
  const Intent intent = begin("crm");
  EXPECT_EQ(settle(intent, Outcome::in_doubt), Settled::in_doubt);
  EXPECT_EQ(repository.to_look("crm", "customers", 10), (std::vector{at("crm", "1")}));
  EXPECT_EQ(push("crm"), 0);  // nothing is sent while in doubt
  see("crm", "1", {{"level", "B"}});
  EXPECT_TRUE(crm().intents.empty());
  EXPECT_EQ(push_all(), 0);
  EXPECT_TRUE(reviews(ReviewKind::conflict).empty());
}

TEST_F(Observe, DoubtEndsWhenTheWriteCannotHappenAnyMore) {
  due_in_crm();
  settle(begin("crm"), Outcome::in_doubt);
  see("crm", "1", {{"level", "A"}});
  EXPECT_EQ(crm().intents.size(), 1U);
  now += rules.connections["crm"].doubt_lasts;
  see("crm", "1", {{"level", "A"}});
  EXPECT_TRUE(crm().intents.empty());
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(Observe, DoubtEndsAtOnceWhenTheVersionMovedOn) {
  stream("crm").has_tokens = true;
  rules.connections["crm"].grade = WriteGrade::conditional;
  Observation first =
      observation("crm", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}, {"phone", "1"}});
  first.token = "7";
  const auto id = ingest(first).golden;
  see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}});
  see("erp", "1", {{"level", "B"}});
  settle(begin("crm"), Outcome::in_doubt);
  tick();
  Observation later = observation("crm", "1", {{"level", "A"}, {"phone", "0755-26771111"}});
  later.token = "8";
  later.strong = true;
  ingest(later);
  EXPECT_TRUE(crm().intents.empty());
  EXPECT_EQ(golden(id, "phone"), "0755-26771111");
  EXPECT_EQ(plan("crm").writes.size(), 1U);
}

TEST_F(Observe, EditWhileOurWriteIsInDoubtWinsAndLosesNothing) {
  const auto id = due_in_crm("B");
  settle(begin("crm"), Outcome::in_doubt);
  see("crm", "1", {{"level", "C"}});
  EXPECT_EQ(golden(id, "level"), "C");
  EXPECT_TRUE(lost("level", "B"));  // its author may never have seen it
}

TEST_F(Observe, AcknowledgedIsNotSeen) {
  due_in_crm();
  EXPECT_EQ(settle(begin("crm"), Outcome::applied), Settled::applied);
  EXPECT_TRUE(crm().fields.at(field("level")).unverified);
  EXPECT_EQ(crm().fields.at(field("level")).base.key, value("level", "A").key);
  EXPECT_EQ(push("crm"), 0);
  see("crm", "1", {{"level", "B"}});
  EXPECT_FALSE(crm().fields.at(field("level")).unverified);
  EXPECT_TRUE(crm().intents.empty());
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Observe, RespellingIsLearned) {
  const auto id = due_in_crm("Grade B, second floor");
  settle(begin("crm"), Outcome::applied);
  see("crm", "1", {{"level", "GRADE B SECOND"}});  // upper case, cut
  EXPECT_EQ(golden(id, "level"), "Grade B, second floor");
  EXPECT_EQ(push_all(), 0);
  see("crm", "1", {{"level", "GRADE B THIRD"}});
  EXPECT_EQ(golden(id, "level"), "GRADE B THIRD");
}

TEST_F(Observe, IgnoredWriteIsNoRevertAndIsNotRepeated) {
  const auto id = due_in_crm();
  settle(begin("crm"), Outcome::applied);
  see("crm", "1", {{"level", "A"}});
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("crm"), 0);
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::refused}));
  EXPECT_TRUE(lost("level", "A"));
  see("erp", "1", {{"level", "C"}});
  EXPECT_EQ(push("crm"), 1);  // another value is tried
}

TEST_F(Observe, RejectedValueIsNotRepeated) {
  due_in_crm();
  EXPECT_EQ(settle(begin("crm"), Outcome::rejected), Settled::rejected);
  EXPECT_EQ(push("crm"), 0);
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::refused}));
}

TEST_F(Observe, StaleAnswerIsObservedFirst) {
  const auto id = due_in_crm();
  const Intent intent = begin("crm");
  tick();
  EXPECT_EQ(settle(intent, Outcome::stale, "", observation("crm", "1", {{"level", "Z"}})), Settled::stale);
  EXPECT_TRUE(crm().intents.empty());
  EXPECT_EQ(golden(id, "level"), "B");  // concurrent: rank
  EXPECT_TRUE(lost("level", "Z"));
}

TEST_F(Observe, DeferredIsDueAgain) {
  due_in_crm();
  EXPECT_EQ(settle(begin("crm"), Outcome::deferred), Settled::deferred);
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(Observe, SideEffectOfAConditionalWriteIsNoEdit) {
  rules.connections["crm"].grade = WriteGrade::conditional;
  const auto id = due_in_crm();
  const Intent intent = begin("crm");
  settle(intent, Outcome::applied, "1", observation("crm", "1", {{"level", "B"}, {"phone", "000"}}));
  EXPECT_EQ(golden(id, "phone"), "0755-26770000");
  EXPECT_EQ(push("crm"), 1);          // put right
  EXPECT_TRUE(lost("phone", "000"));  // and nothing is overwritten that no history has
}

TEST_F(Observe, WithoutConditionItMayBeSomebodysEdit) {
  const auto id = due_in_crm();
  const Intent intent = begin("crm");
  settle(intent, Outcome::applied, "1", observation("crm", "1", {{"level", "B"}, {"phone", "000"}}));
  EXPECT_EQ(golden(id, "phone"), "000");
}

TEST_F(Observe, OlderReadIsOldNews) {
  const auto id = linked_pair();
  Observation stale = observation("crm", "1", {{"level", "old"}});
  see("crm", "1", {{"level", "B"}});
  EXPECT_EQ(ingest(stale).received, Received::duplicate);
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(repository.to_look("crm", "customers", 9).size(), 1U);
}

TEST_F(Observe, ReadThatBeganBeforeOurWriteEndedIsOldNews) {
  const auto id = due_in_crm();
  Observation before = observation("crm", "1", {{"level", "A"}});
  push("crm");
  EXPECT_EQ(ingest(before).received, Received::duplicate);
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Observe, ListThatMayLagIsOnlyAHint) {
  const auto id = linked_pair();
  stream("crm").list_may_lag = true;
  EXPECT_EQ(see("crm", "1", {{"level", "old"}}).received, Received::duplicate);
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(repository.to_look("crm", "customers", 9).size(), 1U);
  tick();
  Observation strong = observation("crm", "1", {{"level", "B"}});
  strong.strong = true;
  ingest(strong);
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_TRUE(repository.to_look("crm", "customers", 9).empty());
}

TEST_F(Observe, NonPermittedEditIsPutBack) {
  right("crm", "level", Right::receive);
  const auto id = linked_pair();
  see("crm", "1", {{"level", "mine"}});
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_TRUE(lost("level", "mine"));
  EXPECT_EQ(push("crm"), 1);
  EXPECT_EQ(shown("crm", "1")["level"], "A");
}

TEST_F(Observe, NonPermittedEditMayBeLeft) {
  right("crm", "level", Right::receive);
  rules.connections["crm"].put_back = false;
  linked_pair();
  see("crm", "1", {{"level", "mine"}});
  EXPECT_EQ(push("crm"), 0);
  see("erp", "1", {{"level", "B"}});
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(Observe, IgnoredFieldsAreNeverWrittenNorClaimed) {
  right("crm", "level", Right::ignore);
  const auto id = linked_pair();
  see("crm", "1", {{"level", "mine"}});
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Observe, FillWritesOnlyWhatIsEmptyAndClaimsOnlyWhatGoldenLacks) {
  right("crm", "level", Right::fill);
  right("crm", "phone", Right::fill);
  const auto id = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}, {"phone", ""}}).golden;
  see("crm", "1", {{"uscc", uscc}, {"level", "mine"}, {"phone", "010-1"}});
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(golden(id, "phone"), "010-1");
  EXPECT_EQ(push("crm"), 0);
  EXPECT_EQ(push("erp"), 1);
}

class Propose : public Observe {
 protected:
  Propose() {
    policy("level", Policy::authority, {"erp", "crm"});
    right("erp", "level", Right::owner);
    right("crm", "level", Right::propose);
  }
};

TEST_F(Propose, EditBecomesARequest) {
  const auto id = linked_pair();
  see("crm", "1", {{"level", "mine"}});
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
  EXPECT_EQ(push("crm"), 0);  // not put back while the question is open
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::waiting_review}));
}

TEST_F(Propose, ApprovedRequestIsAClaimOfTheConsole) {
  const auto id = linked_pair();
  see("crm", "1", {{"level", "mine"}});
  ASSERT_TRUE(engine.decide(repository, reviews(ReviewKind::change)[0].id, "approve", "", "li", now).ok());
  EXPECT_EQ(golden(id, "level"), "mine");
  EXPECT_EQ(push("crm"), 0);
  EXPECT_EQ(push("erp"), 1);
}

TEST_F(Propose, RejectedRequestIsPutBack) {
  const auto id = linked_pair();
  see("crm", "1", {{"level", "mine"}});
  ASSERT_TRUE(engine.decide(repository, reviews(ReviewKind::change)[0].id, "reject", "no", "li", now).ok());
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(push("crm"), 1);
  EXPECT_EQ(push_all(), 0);
  EXPECT_TRUE(reviews(ReviewKind::change).empty());
}

TEST_F(Propose, SystemThatAloneKnowsTheCustomerSpeaksForItself) {
  const auto id = see("crm", "1", {{"name", "Prospect"}, {"level", "A"}}).golden;
  see("crm", "1", {{"level", "B"}});
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_TRUE(reviews(ReviewKind::change).empty());
}

TEST_F(Observe, LossyCodeIsNoEditAndRemembersWhatItStandsFor) {
  projection.shows[{"crm", "status"}] = {{"trading", "active"}, {"dormant", "blocked"}};
  const auto id = linked_pair({{"name", "Acme"}, {"status", "active"}});
  see("erp", "1", {{"status", "dormant"}});
  EXPECT_EQ(push("crm"), 1);
  see("crm", "1", {{"status", "blocked"}});
  EXPECT_EQ(golden(id, "status"), "dormant");
  EXPECT_EQ(push_all(), 0);
  see("crm", "1", {{"status", "active"}});  // another code: an edit to its default value
  EXPECT_EQ(golden(id, "status"), "active");
}

TEST_F(Observe, CopyInsideOneSystemIsNoEdit) {
  const auto id = linked_pair();
  Observation copy = observation("erp", "1-200", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}});
  copy.image.leader = "1";
  tick();
  copy.read_started = now;
  EXPECT_EQ(ingest(copy).golden, id);
  see("erp", "1", {{"level", "B"}});
  see("crm", "1", {{"level", "C"}});
  tick();
  Observation follows = observation("erp", "1-200", {{"level", "B"}});
  follows.image.leader = "1";
  const auto history = repository.all_history().size();
  ingest(follows);
  EXPECT_EQ(repository.all_history().size(), history);
  for (const auto& write : plan("erp").writes) EXPECT_EQ(write.ref.key, "1");
}

TEST_F(Observe, CopyWaitsForTheRecordThatItCopies) {
  tick();
  Observation copy = observation("erp", "1-200", {{"name", "Acme"}, {"uscc", uscc}});
  copy.image.leader = "1";
  EXPECT_EQ(ingest(copy).received, Received::parked);
  EXPECT_TRUE(repository.goldens().empty());
  tick();
  Observation leader = observation("erp", "1", {{"name", "Acme"}, {"uscc", uscc}});
  leader.image.leader = "1";  // names itself: it leads
  const auto seen = ingest(leader);
  EXPECT_EQ(seen.woken, (std::vector{copy.ref}));
  EXPECT_EQ(golden(seen.golden, "name"), "Acme");
  EXPECT_EQ(ingest(copy).golden, seen.golden);
}

TEST_F(Observe, SameValueInASiblingMayHaveBeenTypedThereToo) {
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  see("crm", "1", {{"level", "C"}});
  ASSERT_TRUE(engine.edit(repository, id, "level", value("level", "D"), "li", now).ok());
  EXPECT_EQ(push("crm"), 1);  // crm shows D, erp still B
  Observation second = observation("crm", "2", {{"name", "Acme"}, {"uscc", uscc}, {"level", "D"}});
  tick();
  second.read_started = now;
  ingest(second);
  const auto open = reviews(ReviewKind::duplicate);
  ASSERT_EQ(open.size(), 1U);
  ASSERT_TRUE(engine.decide(repository, open[0].id, "same", "", "li", now).ok());
  see("crm", "2", {{"level", "B"}});
  EXPECT_EQ(golden(id, "level"), "B");
  see("crm", "1", {{"level", "B"}});  // golden says so: nothing new
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(golden(id, "name"), "Acme");
}

TEST_F(Observe, ReadFromBeforeARestoreIsOldNewsWhateverItsVersionSays) {
  stream("crm").has_tokens = true;
  const auto id = linked_pair();
  const auto read = [&](const std::string& level, const std::string& token) {
    Observation seen = observation("crm", "1", {{"level", level}});
    seen.token = token;
    seen.strong = true;
    return seen;
  };
  tick();
  ingest(read("B", "5"));
  tick();
  const Observation late = read("C", "6");  // on its way when the backup was put back
  tick();
  ingest(read("A", "3"));
  ingest(late);
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_FALSE(repository.to_look("crm", "customers", 9).empty());
}

TEST_F(Observe, EditWithoutARightIsPutBackAlsoWhereAValueWasIgnoredBefore) {
  right("crm", "level", Right::receive);
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  const Intent intent = begin("crm");
  settle(intent, Outcome::applied, "1");
  see("crm", "1", {{"level", "A"}});  // ignored
  EXPECT_TRUE(plan("crm").writes.empty());
  see("crm", "1", {{"level", "mine"}});
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(Propose, WhatASystemMayHaveShownIsNoProofThatItDid) {
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  settle(begin("crm"), Outcome::applied, "1");  // but crm ignores it, …
  see("crm", "1", {{"level", "first"}});        // … and a person types there, over A
  ASSERT_EQ(golden(id, "level"), "B");
  see_deleted("erp", "1");  // from now on crm speaks for itself
  see("crm", "1", {{"level", "second"}});
  EXPECT_TRUE(golden(id, "level") == "B" || lost("level", "B"));
}

TEST_F(Observe, LateDoubtDoesNotTakeBackAnAcknowledgement) {
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  const Intent intent = begin("crm");
  EXPECT_EQ(settle(intent, Outcome::applied, "1"), Settled::applied);
  EXPECT_EQ(settle(intent, Outcome::in_doubt), Settled::already);
  EXPECT_EQ(crm().intents.at(0).state, IntentState::acknowledged);
  EXPECT_EQ(golden(id, "level"), "B");
}

TEST_F(Observe, SecondLookKnowsTheSpellingThatTheFirstOneLearned) {
  policy("level", Policy::authority, {"erp", "crm"});
  const auto id = linked_pair();
  see("erp", "1", {{"level", "gold"}});
  const Intent intent = begin("crm");
  see("crm", "1", {{"level", "GOLD"}});  // before the answer
  settle(intent, Outcome::applied, "1");
  // Meanwhile another claim arrives that does not become golden: nobody who edits there now is behind it.
  const auto other = see("erp", "9", {{"name", "Zenith"}, {"level", "base"}}).golden;
  ASSERT_TRUE(engine.merge(repository, id, other, "li", now).ok());
  see("crm", "1", {{"level", "GOLD"}});
  see("crm", "1", {{"level", "mine"}});
  EXPECT_EQ(golden(id, "level"), "mine");
}

TEST_F(Observe, ChangedMappingIsNoEdit) {
  const auto id = linked_pair();
  tick();
  Observation remapped = observation("crm", "1", {{"level", "A plus"}});
  remapped.raw = repository.load_replica(at("crm", "1"))->raw;
  remapped.mapping_version = "m2";
  ingest(remapped);
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(Observe, MappingAndRecordChangedTogether) {
  const auto id = linked_pair();
  projection.remapped = observation("crm", "1", {{"level", "a"}, {"phone", "0755-26770000"}}).image;
  tick();
  Observation seen = observation("crm", "1", {{"level", "a"}, {"phone", "0755-26770001"}});
  seen.mapping_version = "m2";
  ingest(seen);
  EXPECT_EQ(golden(id, "phone"), "0755-26770001");
  EXPECT_EQ(golden(id, "level"), "A");
}

TEST_F(Observe, DeletedRecordKeepsItsClaimsAndAsks) {
  const auto id = linked_pair();
  see("crm", "1", {{"level", "B"}});
  see_deleted("crm", "1");
  EXPECT_TRUE(crm().gone);
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("erp"), 1);
  const auto open = reviews(ReviewKind::change);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_NE(open[0].subject.find("still trading"), std::string::npos);
  EXPECT_TRUE(plan("crm").writes.empty());
}

TEST_F(Observe, RecordThatIsBackMayShowWhatWeWereWriting) {
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  settle(begin("crm"), Outcome::in_doubt);
  see_deleted("crm", "1");
  EXPECT_TRUE(plan("crm").writes.empty());
  see("crm", "1", {{"level", "B"}});
  EXPECT_TRUE(crm().intents.empty());
  EXPECT_EQ(golden(id, "level"), "B");
  const auto& entries = repository.all_history();
  EXPECT_TRUE(std::none_of(entries.begin(), entries.end(), [](const auto& entry) {
    return entry.from.connection == "crm" && text_of(entry.value) == "B";
  }));
}

TEST_F(Observe, RecordThatIsBackIsNoQuestionAnyMore) {
  const auto id = linked_pair();
  see_deleted("crm", "1");
  ASSERT_EQ(reviews(ReviewKind::change).size(), 1U);
  see("erp", "1", {{"level", "B"}});
  see("crm", "1", {{"name", "Acme"}, {"level", "A"}});
  EXPECT_TRUE(reviews(ReviewKind::change).empty());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("crm"), 1);  // it gets what it missed
}

TEST_F(Observe, RecordThatWasDeletedBeforeItWasKnownMayBeOneOfOurs) {
  const auto id = linked_pair();
  see_deleted("shop", "9");
  see("erp", "1", {{"level", "B"}});
  EXPECT_EQ(see("shop", "9", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}}).golden, id);
  EXPECT_EQ(golden(id, "level"), "B");
  push_all();
  EXPECT_TRUE(lost("level", "A"));  // kept, should it have been a person's
}

TEST_F(Observe, StalePageDoesNotReviveADeletedRecord) {
  linked_pair();
  Observation stale = observation("crm", "1", {{"level", "A"}});
  see_deleted("crm", "1");
  ingest(stale);
  EXPECT_TRUE(crm().gone);
  see("crm", "1", {{"level", "A"}});
  EXPECT_FALSE(crm().gone);
}

// What needs no decoding: the very body under the very mapping, of a record about which nothing is open.
TEST_F(Observe, AGlanceIsEnoughOnlyWhereNothingIsNew) {
  const Fields fields{{"name", "Acme"}, {"level", "A"}};
  see("crm", "1", fields);
  const auto glance = [&](const Observation& seen) {
    return engine.ingest_unchanged(
        repository, {seen.ref, seen.raw, seen.token, seen.mapping_version, seen.read_started, seen.strong},
        now);
  };
  const Micros before = crm().evid;
  Observation old = observation("crm", "1", fields);
  tick();
  const Observation same = observation("crm", "1", fields);
  Observation other = observation("crm", "1", {{"name", "Acme"}, {"level", "B"}});
  EXPECT_FALSE(glance(other));
  other = same;
  other.mapping_version = "m2";
  EXPECT_FALSE(glance(other));
  other = same;
  other.token = "7";
  EXPECT_FALSE(glance(other));
  EXPECT_FALSE(glance(observation("crm", "2", fields)));
  EXPECT_EQ(crm().evid, before);
  const auto result = glance(same);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->received, Received::unchanged);
  EXPECT_EQ(result->golden, crm().golden);
  EXPECT_EQ(crm().evid, same.read_started);
  old.read_started = same.read_started - 1;
  EXPECT_FALSE(glance(old));  // it is older than what is known: for the engine to judge
  Replica waiting = crm();
  waiting.pending.push_back({field("employer"), "customers", "7"});
  repository.save(waiting);
  tick();
  EXPECT_FALSE(glance(observation("crm", "1", fields)));
  see_deleted("crm", "1");
  tick();
  EXPECT_FALSE(glance(observation("crm", "1", fields)));
  see("crm", "3", fields);
  rules.restored_at = now + 1;
  tick();
  EXPECT_FALSE(glance(observation("crm", "3", fields)));
}

TEST_F(Observe, RecordInApprovalIsLinkedButNoSourceYet) {
  policy("level", Policy::authority, {"erp", "crm"});
  const auto id = see("crm", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}}).golden;
  tick();
  Observation pending = observation("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "B"}});
  pending.image.pending_approval = true;
  EXPECT_EQ(ingest(pending).golden, id);
  EXPECT_EQ(golden(id, "level"), "A");
  pending.image.pending_approval = false;
  tick();
  pending.read_started = now;
  ingest(pending);
  EXPECT_EQ(golden(id, "level"), "B");
}

TEST_F(Observe, AnAnswerThatShowsAnApprovalChangesWhoVotes) {
  policy("level", Policy::authority, {"erp", "crm"});
  const auto id = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "B"}, {"phone", ""}}).golden;
  see("crm", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}, {"phone", "0755-26770000"}});
  EXPECT_EQ(golden(id, "level"), "B");
  const auto intent = begin("erp");
  tick();
  Observation answer =
      observation("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "B"}, {"phone", "0755-26770000"}});
  answer.image.pending_approval = true;
  settle(intent, Outcome::applied, "1", answer);
  EXPECT_EQ(golden(id, "level"), "A");
}

TEST_F(Observe, ConsoleEditIsAClaimThatCoversAll) {
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  see("crm", "1", {{"level", "C"}});
  ASSERT_TRUE(engine.edit(repository, id, "level", value("level", "D"), "li", now).ok());
  EXPECT_EQ(golden(id, "level"), "D");
  EXPECT_TRUE(reviews(ReviewKind::conflict).empty());
  EXPECT_EQ(push_all(), 2);
  ASSERT_TRUE(engine.edit(repository, id, "level", {}, "li", now).ok());
  EXPECT_EQ(golden(id, "level"), "");
  EXPECT_EQ(push_all(), 2);
  see("crm", "1", {{"level", "E"}});
  EXPECT_EQ(golden(id, "level"), "E");
  EXPECT_FALSE(engine.edit(repository, "cus_none", "level", {}, "li", now).ok());
  EXPECT_FALSE(engine.edit(repository, id, "none", {}, "li", now).ok());
}

}  // namespace
}  // namespace huiliu::sync::tests
