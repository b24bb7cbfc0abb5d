// Whose record is it: linking, duplicates, merge and un-merge (section 7), references that wait.
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Linking : public Scenario {};

TEST_F(Linking, ExactIdentifierJoins) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}}).golden;
  EXPECT_EQ(see("crm", "1", {{"name", "Acme (old name)"}, {"uscc", uscc}}).golden, id);
}

TEST_F(Linking, UnmergeDoesNotCountAsSeenWhatItBringsBack) {
  policy("level", Policy::authority, {"erp", "crm", "shop"});
  const auto id = linked_pair();
  see("crm", "1", {{"level", "B"}});
  EXPECT_EQ(push("erp"), 1);
  const auto other = see("shop", "9", {{"name", "Zenith"}, {"level", "Z"}}).golden;
  ASSERT_TRUE(engine.merge(repository, id, other, "li", now).ok());
  push_all();
  see("shop", "9", {{"level", "C"}});
  push_all();  // erp and crm show C
  ASSERT_EQ(shown("erp", "1")["level"], "C");
  ASSERT_TRUE(engine.split(repository, id, {at("shop", "9")}, "li", now).ok());
  EXPECT_EQ(golden(id, "level"), "B");
  see("erp", "1", {{"level", "D"}});  // typed over C, without B in view
  EXPECT_TRUE(golden(id, "level") == "B" || lost("level", "B"));
}

TEST_F(Linking, NameAloneAsks) {
  const auto first = see("erp", "1", {{"name", "Acme"}}).golden;
  const auto second = see("crm", "1", {{"name", "Acme"}}).golden;
  EXPECT_NE(first, second);
  ASSERT_EQ(reviews(ReviewKind::duplicate).size(), 1U);
  EXPECT_EQ(reviews(ReviewKind::duplicate)[0].evidence["other"].to_text(), first);
}

TEST_F(Linking, NameAndPhoneJoin) {
  const auto first = see("erp", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}}).golden;
  EXPECT_EQ(see("crm", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}}).golden, first);
}

TEST_F(Linking, PhoneAloneIsNothing) {
  const auto first = see("erp", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}}).golden;
  EXPECT_NE(see("crm", "1", {{"name", "Zenith"}, {"phone", "0755-26770000"}}).golden, first);
  EXPECT_TRUE(reviews(ReviewKind::duplicate).empty());
}

TEST_F(Linking, PhoneThatManyShareIsNoEvidence) {
  for (int i = 0; i < 12; ++i)
    see("erp", std::to_string(i), {{"name", "Tenant " + std::to_string(i)}, {"phone", "0755-26770000"}});
  const auto shared = see("crm", "1", {{"name", "Tenant 3"}, {"phone", "0755-26770000"}});
  EXPECT_TRUE(shared.created_golden);
  EXPECT_EQ(reviews(ReviewKind::duplicate).size(), 1U);
}

TEST_F(Linking, SeveralSameJoinTheOldestAndAskAboutTheOthers) {
  const auto first = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}}).golden;
  const auto second = see("shop", "1", {{"name", "Zenith"}, {"phone", "0755-26770000"}}).golden;
  const auto result = see("crm", "1", {{"name", "Zenith"}, {"phone", "0755-26770000"}, {"uscc", uscc}});
  EXPECT_EQ(result.golden, first);
  const auto open = reviews(ReviewKind::duplicate);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].golden, first);
  EXPECT_EQ(open[0].evidence["other"].to_text(), second);
  ASSERT_TRUE(engine.decide(repository, open[0].id, "same", "", "li", now).ok());
  EXPECT_EQ(repository.resolve(second), first);
  EXPECT_EQ(repository.load_cluster(first)->replicas.size(), 3U);
}

TEST_F(Linking, UnsureIsRememberedAndNotAskedAgain) {
  see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}});
  const auto second = see("crm", "1", {{"name", "Acme"}}).golden;
  const auto open = reviews(ReviewKind::duplicate);
  ASSERT_EQ(open.size(), 1U);
  ASSERT_TRUE(engine.decide(repository, open[0].id, "unsure", "", "li", now).ok());
  see("crm", "1", {{"name", "Acme"}, {"uscc", uscc}});  // surely the same now, but a person was asked
  EXPECT_TRUE(reviews(ReviewKind::duplicate).empty());
  EXPECT_EQ(repository.resolve(second), second);
}

TEST_F(Linking, LinkedRecordThatBecomesTheSameIsAskedAboutAndNeverMerged) {
  const auto first = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}}).golden;
  const auto second = see("crm", "1", {{"name", "Zenith"}, {"uscc", ""}}).golden;
  see("crm", "1", {{"name", "Zenith"}, {"uscc", uscc}});
  EXPECT_NE(repository.golden_of(at("crm", "1")), first);
  const auto open = reviews(ReviewKind::duplicate);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].golden, second);
}

class Merging : public Scenario {
 protected:
  GoldenId acme, zenith;
  void two_customers() {
    acme = see("erp", "1", {{"name", "Acme"}, {"level", "A"}, {"status", "x"}}).golden;
    zenith = see("crm", "1", {{"name", "Zenith"}, {"level", "Z"}, {"status", "y"}}).golden;
  }
};

TEST_F(Merging, MergeIsALinkAndUnMergeGivesEverythingBack) {
  two_customers();
  const auto acme_before = *repository.load_golden(acme);
  const auto zenith_before = *repository.load_golden(zenith);
  ASSERT_TRUE(engine.merge(repository, acme, zenith, "li", now).ok());
  EXPECT_EQ(repository.resolve(zenith), acme);
  EXPECT_EQ(repository.load_cluster(acme)->replicas.size(), 2U);
  EXPECT_GT(push_all(), 0);

  const auto back = engine.split(repository, acme, {at("crm", "1")}, "li", now);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, zenith);  // the id revives
  EXPECT_EQ(repository.resolve(zenith), zenith);
  for (const char* name : {"name", "level", "status"}) {
    EXPECT_EQ(golden(acme, name), text_of(acme_before.fields.at(field(name)).value));
    EXPECT_EQ(golden(zenith, name), text_of(zenith_before.fields.at(field(name)).value));
  }
  EXPECT_GT(push_all(), 0);  // what the merge had written is put right
  EXPECT_EQ(shown("erp", "1")["level"], "A");
  EXPECT_EQ(shown("crm", "1")["level"], "Z");
  EXPECT_EQ(push_all(), 0);
}

// He corrects what a wrong merge had brought, and says nothing of the other customer.
TEST_F(Merging, WhoTypesOverTheOthersValueHasNotOverruledIt) {
  policy("level", Policy::authority, {"crm", "erp"});
  two_customers();
  ASSERT_TRUE(engine.merge(repository, acme, zenith, "li", now).ok());
  push_all();
  ASSERT_EQ(shown("erp", "1")["level"], "Z");
  ASSERT_TRUE(engine.split(repository, acme, {at("crm", "1")}, "li", now).ok());
  see("erp", "1", {{"level", "B"}});
  EXPECT_EQ(golden(acme, "level"), "B");
  EXPECT_EQ(golden(zenith, "level"), "Z");
  ASSERT_TRUE(engine.merge(repository, acme, zenith, "li", now).ok());
  EXPECT_EQ(golden(acme, "level"), "Z");
  EXPECT_TRUE(lost("level", "B"));
}

// As what people typed in a record goes with it, so does what they decided about its deletion.
TEST_F(Merging, AWishToMakeARecordAgainGoesWithTheDeletedRecord) {
  two_customers();
  rules.connections["shop"].create = CreateRule::automatic;
  for (const auto& [customer, key] : {std::pair(acme, "1"), std::pair(zenith, "2")}) {
    const auto there = see("shop", key, {{"name", std::string("Shop ") + key}}).golden;
    ASSERT_TRUE(engine.merge(repository, customer, there, "li", now).ok());
  }
  see_deleted("shop", "1");
  ASSERT_TRUE(
      engine.decide(repository, reviews(ReviewKind::change).at(0).id, "recreate", "", "li", now).ok());
  ASSERT_TRUE(engine.merge(repository, zenith, acme, "li", now).ok());
  see_deleted("shop", "2");
  ASSERT_TRUE(engine.split(repository, zenith, {at("erp", "1"), at("shop", "1")}, "li", now).ok());
  const auto writes = plan("shop").writes;
  ASSERT_EQ(writes.size(), 1U);  // nobody wants Zenith's made again
  EXPECT_EQ(writes[0].golden, repository.golden_of(at("erp", "1")));

  // Asked while the two were one, answered when they were two again.
  const auto open = reviews(ReviewKind::change);
  ASSERT_EQ(open.size(), 1U);
  ASSERT_TRUE(engine.decide(repository, open[0].id, "recreate", "", "li", now).ok());
  EXPECT_EQ(plan("shop").writes.size(), 2U);
}

TEST_F(Merging, WhatWasApprovedForOneCustomerIsNotApprovedForTheOther) {
  rules.connections["shop"].create = CreateRule::ask;
  two_customers();
  static_cast<void>(plan("shop", true));
  for (const auto& request : reviews(ReviewKind::create)) {
    if (request.golden != acme) continue;
    ASSERT_TRUE(engine.decide(repository, request.id, "approve", "", "li", now).ok());
  }
  ASSERT_EQ(plan("shop").writes.size(), 1U);
  ASSERT_TRUE(engine.merge(repository, zenith, acme, "li", now).ok());
  ASSERT_TRUE(engine.split(repository, zenith, {at("erp", "1")}, "li", now).ok());
  const auto writes = plan("shop").writes;
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0].golden, acme);
}

TEST_F(Merging, QuestionsAboutDeletionsGoWithTheRecord) {
  two_customers();
  const auto there = see("shop", "1", {{"name", "Shop"}}).golden;
  ASSERT_TRUE(engine.merge(repository, acme, there, "li", now).ok());
  see_deleted("shop", "1");
  ASSERT_EQ(reviews(ReviewKind::change).size(), 1U);
  ASSERT_TRUE(engine.merge(repository, zenith, acme, "li", now).ok());
  ASSERT_EQ(reviews(ReviewKind::change).size(), 1U);
  EXPECT_EQ(reviews(ReviewKind::change)[0].golden, zenith);
  ASSERT_TRUE(engine.split(repository, zenith, {at("erp", "1"), at("shop", "1")}, "li", now).ok());
  ASSERT_EQ(reviews(ReviewKind::change).size(), 1U);
  EXPECT_EQ(reviews(ReviewKind::change)[0].golden, acme);
}

TEST_F(Merging, LaterEditsGoWithTheRecordTheyWereMadeIn) {
  two_customers();
  ASSERT_TRUE(engine.merge(repository, acme, zenith, "li", now).ok());
  push_all();
  see("crm", "1", {{"level", "M"}});
  EXPECT_EQ(golden(acme, "level"), "M");
  push_all();
  ASSERT_TRUE(engine.split(repository, acme, {at("crm", "1")}, "li", now).ok());
  EXPECT_EQ(golden(zenith, "level"), "M");
  EXPECT_EQ(golden(acme, "level"), "A");
}

TEST_F(Merging, EditOnTopOfAMergedValueWins) {
  two_customers();
  ASSERT_TRUE(engine.merge(repository, acme, zenith, "li", now).ok());
  push_all();
  const auto result = see("crm", "1", {{"status", "z"}});
  EXPECT_EQ(golden(acme, "status"), "z");
  EXPECT_EQ(result.conflicts, 0);
}

TEST_F(Merging, ErrorsAreTold) {
  two_customers();
  EXPECT_EQ(engine.merge(repository, acme, "cus_none", "li", now).error().error_class,
            model::ErrorClass::not_found);
  EXPECT_TRUE(engine.merge(repository, acme, acme, "li", now).ok());
  EXPECT_EQ(engine.split(repository, acme, {at("erp", "1")}, "li", now).error().error_class,
            model::ErrorClass::config);
  EXPECT_EQ(engine.split(repository, acme, {at("crm", "1")}, "li", now).error().error_class,
            model::ErrorClass::not_found);
}

TEST_F(Merging, SeveralRecordsInOneSystemHaveOnePrimary) {
  const auto first = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}}).golden;
  const auto second = see("erp", "2", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}}).golden;
  ASSERT_TRUE(engine.merge(repository, first, second, "li", now).ok());
  ASSERT_TRUE(engine.edit(repository, first, "level", value("level", "B"), "li", now).ok());
  const auto writes = plan("erp").writes;
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0].ref.key, "1");
}

TEST_F(Merging, ConsoleEditsGoHomeToo) {
  two_customers();
  ASSERT_TRUE(engine.edit(repository, zenith, "level", value("level", "hub"), "li", now).ok());
  ASSERT_TRUE(engine.merge(repository, acme, zenith, "li", now).ok());
  ASSERT_TRUE(engine.split(repository, acme, {at("crm", "1")}, "li", now).ok());
  EXPECT_EQ(golden(zenith, "level"), "hub");
  EXPECT_EQ(golden(acme, "level"), "A");
}

class References : public Scenario {
 protected:
  // A contact-like record whose customer is not known yet.
  Observation waiting_for(const std::string& target, const std::string& name) {
    tick();
    Observation seen = observation("crm", "c1", {{"name", name}});
    seen.image.pending.push_back({field("employer"), "customers", target});
    return seen;
  }
};

TEST_F(References, ReferenceDataIsNotWaitedFor) {
  Observation seen = observation("crm", "1", {{"name", "Acme"}});
  seen.image.pending.push_back({field("owner"), "employees", "e1"});
  const auto result = ingest(seen);
  EXPECT_EQ(result.received, Received::changed);
  EXPECT_EQ(repository.take_waiting({"crm", "employees", "e1"}), (std::vector{at("crm", "1")}));
}

TEST_F(References, ArrivalWakesThoseWhoWait) {
  ingest(waiting_for("7", "Branch"));
  const auto result = see("crm", "7", {{"name", "Head"}});
  EXPECT_EQ(result.woken, (std::vector{at("crm", "c1")}));
}

TEST_F(Merging, MergedReferenceIsNoEdit) {
  two_customers();
  tick();
  Observation seen = observation("crm", "9", {{"name", "Branch"}});
  seen.image.fields[field("employer")] = {Presence::value, model::Value(zenith), zenith};
  const auto id = ingest(seen).golden;
  ASSERT_TRUE(engine.merge(repository, acme, zenith, "li", now).ok());
  const auto history = repository.all_history().size();
  tick();
  seen.read_started = now;
  seen.raw += " ";
  seen.image.fields[field("employer")] = {Presence::value, model::Value(acme), acme};
  ingest(seen);
  EXPECT_EQ(repository.all_history().size(), history);
  EXPECT_EQ(repository.golden_of(at("crm", "9")), id);
}

}  // namespace
}  // namespace huiliu::sync::tests
