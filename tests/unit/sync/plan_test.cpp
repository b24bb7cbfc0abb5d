// What is due, what waits, and creates: section 5 of the rules.
#include "hub/sync/brake.hpp"
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Planning : public Scenario {
 protected:
  // The due index says exactly which goldens have something to do or to tell.
  void expect_index_complete() {
    for (const auto& [id, golden] : repository.goldens()) {
      for (const char* system : {"erp", "crm", "shop"}) {
        const bool due = repository.is_due(id, "customer", system);
        engine.refresh_due(repository, id, now);
        EXPECT_EQ(due, repository.is_due(id, "customer", system)) << id << " in " << system;
      }
    }
  }
};

TEST_F(Planning, PlanSaysWhatAndWhy) {
  policy("level", Policy::authority, {"erp"});
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  const auto writes = plan("crm").writes;
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0].ref, at("crm", "1"));
  EXPECT_EQ(writes[0].golden, id);
  ASSERT_EQ(writes[0].fields.size(), 1U);
  EXPECT_EQ(text_of(writes[0].fields[0].from), "A");
  EXPECT_EQ(text_of(writes[0].fields[0].to), "B");
  EXPECT_EQ(writes[0].reason, "level: only erp");
}

TEST_F(Planning, PlanIsCheckedAgainAtTheMomentOfSending) {
  linked_pair();
  see("erp", "1", {{"level", "B"}});
  const auto write = plan("crm").writes.at(0);
  see("erp", "1", {{"level", "C"}});
  EXPECT_FALSE(engine.begin(repository, write, "run", now).has_value());
  EXPECT_TRUE(engine.begin(repository, plan("crm").writes.at(0), "run", now).has_value());
  EXPECT_TRUE(plan("crm").writes.empty());  // one write at a time
}

TEST_F(Planning, PagesByGoldenId) {
  for (int i = 0; i < 5; ++i) see("erp", std::to_string(i), {{"name", "Customer " + std::to_string(i)}});
  rules.connections["crm"].create = CreateRule::automatic;
  for (const auto& [id, golden] : repository.goldens()) engine.refresh_due(repository, id, now);
  Plan page = engine.plan(repository, "crm", "customer", "", 2, false, now);
  EXPECT_EQ(page.writes.size(), 2U);
  std::size_t all = page.writes.size();
  while (!page.next.empty()) {
    page = engine.plan(repository, "crm", "customer", page.next, 2, false, now);
    all += page.writes.size();
  }
  EXPECT_EQ(all, 5U);
}

TEST_F(Planning, StagesLetThroughMoreAndMore) {
  rules.link_fields.insert({"customer", field("number")});
  right("erp", "level", Right::owner);
  see("erp", "1",
      {{"name", "Acme"},
       {"uscc", uscc},
       {"number", "C1"},
       {"level", "A"},
       {"phone", "010-1"},
       {"status", "x"}});
  see("crm", "1",
      {{"name", "Acme"}, {"uscc", uscc}, {"number", ""}, {"level", "B"}, {"phone", ""}, {"status", "y"}});
  const auto fields_at = [&](Stage stage) {
    rules.connections["crm"].stage = stage;
    std::set<std::string> names;
    for (const auto& write : plan("crm").writes) {
      for (const auto& each : write.fields) names.insert(entity->fields[each.field].name);
    }
    return names;
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(fields_at(Stage::observe), Names{});
  EXPECT_EQ(fields_at(Stage::match), Names{});
  EXPECT_EQ(fields_at(Stage::link), (Names{"number"}));
  EXPECT_EQ(fields_at(Stage::fill), (Names{"number", "phone"}));
  EXPECT_EQ(fields_at(Stage::one_way), (Names{"number", "level"}));
  EXPECT_EQ(fields_at(Stage::two_way), (Names{"number", "phone", "level", "status"}));
}

TEST_F(Planning, WhatASystemCannotHoldIsToldAndNotDueForEver) {
  linked_pair();
  projection.impossible.insert({"crm", "too long"});
  see("erp", "1", {{"level", "too long"}});
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::unsupported}));
  projection.impossible.clear();
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(Planning, ReferenceThatIsNotThereYetWaits) {
  linked_pair();
  projection.waiting.insert({"crm", "B"});
  see("erp", "1", {{"level", "B"}, {"phone", "010-2"}});
  const auto due = plan("crm");
  ASSERT_EQ(due.writes.size(), 1U);
  EXPECT_EQ(due.writes[0].fields.size(), 1U);  // the rest goes on
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::waiting_reference}));
}

TEST_F(Planning, OperationsOfTheSystemAreRespected) {
  linked_pair();
  stream("crm").ops[field("level")].update = false;
  stream("crm").ops[field("phone")].clear = false;
  see("erp", "1", {{"level", "B"}, {"phone", ""}});
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::unsupported, Held::Why::unsupported}));
}

TEST_F(Planning, NeverCreatesByDefault) {
  see("erp", "1", {{"name", "Acme"}});
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_TRUE(plan("crm").held.empty());
  expect_index_complete();
}

class Creating : public Planning {
 protected:
  Creating() { rules.connections["crm"].create = CreateRule::automatic; }
};

TEST_F(Creating, CreatesWhereTheCustomerBelongs) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"level", "A"}}).golden;
  EXPECT_EQ(push("crm"), 2);
  const auto made = repository.primary_of(id, "crm", "customers");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->ref.key, "new1");
  EXPECT_TRUE(made->made_by_hub);
  EXPECT_EQ(push_all(), 0);
  expect_index_complete();
}

TEST_F(Creating, OutOfScopeNothingIsCreated) {
  rules.connections["crm"].in_scope = [](const Golden&) { return false; };
  see("erp", "1", {{"name", "Acme"}});
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_TRUE(plan("crm").held.empty());
}

TEST_F(Creating, WaitsUntilEverySystemWasObserved) {
  repository.set_observed("shop", "customers", false);
  see("erp", "1", {{"name", "Acme"}});
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::waiting_observation}));
  engine.stream_observed(repository, "shop", "customers");
  EXPECT_EQ(plan("crm").writes.size(), 1U);
}

TEST_F(Creating, VendorDefaultsOfANewRecordAreNoEdits) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"level", ""}}).golden;
  const Intent intent = begin("crm");
  settle(intent, Outcome::applied, "9",
         observation("crm", "9", {{"name", "Acme"}, {"level", "standard"}, {"phone", ""}}));
  EXPECT_EQ(golden(id, "level"), "");
  see("crm", "9", {{"name", "Acme"}, {"level", "gold"}});  // by a person
  EXPECT_EQ(golden(id, "level"), "gold");
}

TEST_F(Creating, DifferentFromWhatWasSentIsAnEdit) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"level", "A"}}).golden;
  settle(begin("crm"), Outcome::applied, "9");
  see("crm", "9", {{"name", "Acme"}, {"level", "Z"}});
  EXPECT_EQ(golden(id, "level"), "Z");
}

TEST_F(Creating, LostAnswerIsFoundInTheListing) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}}).golden;
  EXPECT_EQ(settle(begin("crm"), Outcome::in_doubt), Settled::in_doubt);
  EXPECT_TRUE(plan("crm").writes.empty());
  const auto result = see("crm", "77", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}});
  EXPECT_EQ(result.golden, id);
  EXPECT_TRUE(repository.load_replica(at("crm", "77"))->made_by_hub);
  EXPECT_FALSE(repository.load_replica(carrier).has_value());
  EXPECT_EQ(push_all(), 0);
  EXPECT_TRUE(reviews(ReviewKind::duplicate).empty());
}

TEST_F(Creating, ListingBeforeTheAnswer) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}}).golden;
  const Intent intent = begin("crm");
  see("crm", "77", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}});
  settle(intent, Outcome::applied, "77",
         observation("crm", "77", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}}));
  EXPECT_EQ(repository.load_cluster(id)->replicas.size(), 2U);
  EXPECT_TRUE(repository.load_replica(at("crm", "77"))->intents.empty());
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Creating, ListingBeforeTheAnswerIsRecognisedByWhatWasSent) {
  const auto id =
      see("erp", "1", {{"name", "Acme"}, {"level", "A"}}).golden;  // its name alone proves nothing
  const Intent intent = begin("crm");
  EXPECT_EQ(see("crm", "77", {{"name", "Acme"}, {"level", "A"}}).golden, id);
  EXPECT_EQ(settle(intent, Outcome::applied, "77"), Settled::applied);
  see("crm", "77", {{"name", "Acme"}, {"level", "A"}});
  EXPECT_EQ(repository.load_cluster(id)->replicas.size(), 2U);
  EXPECT_EQ(push_all(), 0);
  EXPECT_TRUE(reviews(ReviewKind::duplicate).empty());
}

TEST_F(Creating, RecordOfAnotherPersonDoesNotStandInForTheOneThatWasMade) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}}).golden;
  settle(begin("crm"), Outcome::in_doubt);
  // A person made the same customer there just then …
  EXPECT_EQ(see("crm", "5", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "typed"}}).golden, id);
  EXPECT_EQ(golden(id, "level"), "typed");
  // … and here is ours: it makes no claim of what it was given.
  EXPECT_EQ(see("crm", "6", {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}}).golden, id);
  EXPECT_FALSE(repository.load_replica(at("crm", "6"))->fields.at(field("level")).claim.has_value());
  EXPECT_EQ(golden(id, "level"), "typed");
}

TEST_F(Creating, ListingThatIdentityDidNotRecogniseIsJoinedByTheAnswer) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"level", "A"}}).golden;
  const Intent intent = begin("crm");
  const auto early = see("crm", "77", {{"name", "Zenith"}, {"level", "A"}});  // renamed there at once
  EXPECT_NE(early.golden, id);
  settle(intent, Outcome::applied, "77", observation("crm", "77", {{"name", "Zenith"}, {"level", "A"}}));
  EXPECT_EQ(repository.resolve(early.golden), id);
  EXPECT_EQ(repository.load_cluster(id)->replicas.size(), 2U);
  EXPECT_EQ(push_all(), 0);
  EXPECT_TRUE(reviews(ReviewKind::duplicate).empty());
}

TEST_F(Creating, NotThereMeansItDidNotHappen) {
  see("erp", "1", {{"name", "Acme"}});
  const Intent intent = begin("crm");
  settle(intent, Outcome::in_doubt);
  engine.not_there(repository, carrier, intent.id, now);
  EXPECT_TRUE(repository.load_replica(carrier).has_value());  // it may still happen
  now += rules.connections["crm"].doubt_lasts;
  engine.not_there(repository, carrier, intent.id, now);
  EXPECT_FALSE(repository.load_replica(carrier).has_value());
  EXPECT_EQ(push("crm"), 1);
  expect_index_complete();
}

TEST_F(Creating, WhatTheSystemHasAlreadyIsLinked) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"level", "A"}}).golden;
  EXPECT_EQ(settle(begin("crm"), Outcome::duplicate, "5"), Settled::already);
  EXPECT_EQ(repository.golden_of(at("crm", "5")), id);
  EXPECT_EQ(repository.to_look("crm", "customers", 9), (std::vector{at("crm", "5")}));
  EXPECT_TRUE(plan("crm").writes.empty());
  see("crm", "5", {{"name", "Acme"}, {"level", "theirs"}});
  EXPECT_TRUE(golden(id, "level") == "theirs" || lost("level", "theirs"));
}

TEST_F(Creating, WhatTheSystemHadBeforeIsNoSpellingOfOurs) {
  const auto id = see("erp", "1", {{"name", "Acme"}, {"level", "A10"}}).golden;
  settle(begin("crm"), Outcome::duplicate, "5");
  see("crm", "5", {{"name", "Acme"}, {"level", "A1"}});  // looks like ours, cut short
  EXPECT_TRUE(golden(id, "level") == "A1" || lost("level", "A1"));
}

TEST_F(Creating, DuplicateOfAnotherCustomerAsks) {
  const auto other = see("crm", "5", {{"name", "Zenith"}, {"level", "Z"}}).golden;
  const auto id = see("erp", "1", {{"name", "Acme"}, {"level", "A"}}).golden;
  const Plan due = plan("crm");
  ASSERT_EQ(due.writes.size(), 1U);
  EXPECT_EQ(settle(begin("crm"), Outcome::duplicate, "5"), Settled::rejected);
  EXPECT_EQ(repository.golden_of(at("crm", "5")), other);  // nothing was merged behind anybody's back
  ASSERT_EQ(reviews(ReviewKind::duplicate).size(), 1U);
  EXPECT_EQ(reviews(ReviewKind::duplicate)[0].golden, id);
  EXPECT_TRUE(plan("crm").writes.empty());
}

TEST_F(Creating, RecreateDecisionHoldsForOneRecord) {
  const auto id = linked_pair();
  see_deleted("crm", "1");
  const auto open = reviews(ReviewKind::change);
  ASSERT_EQ(open.size(), 1U);
  ASSERT_TRUE(engine.decide(repository, open[0].id, "recreate", "", "li", now).ok());
  EXPECT_GT(push("crm"), 0);
  see_deleted("crm", "new1");
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_FALSE(repository.load_golden(id)->creates.contains("crm"));
}

TEST_F(Creating, RecreateDecisionEndsWhenTheRecordComesBack) {
  linked_pair();
  see_deleted("crm", "1");
  ASSERT_TRUE(engine.decide(repository, reviews(ReviewKind::change)[0].id, "recreate", "", "li", now).ok());
  see("crm", "1", {{"name", "Acme"}});
  see_deleted("crm", "1");
  EXPECT_TRUE(plan("crm").writes.empty());  // that was another deletion
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U);
}

TEST_F(Creating, RejectedCreateIsRepeatedOnlyWithSomethingElse) {
  see("erp", "1", {{"name", "Acme"}, {"level", "A"}});
  EXPECT_EQ(settle(begin("crm"), Outcome::rejected), Settled::rejected);
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::refused}));
  see("erp", "1", {{"name", "Acme"}, {"level", "B"}});
  EXPECT_EQ(plan("crm").writes.size(), 1U);
}

TEST_F(Creating, RequiredFieldsMustBeThere) {
  stream("crm").required_to_create = {field("name"), field("phone")};
  see("erp", "1", {{"name", "Acme"}});
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::reference_missing_required}));
  see("erp", "1", {{"name", "Acme"}, {"phone", "010-1"}});
  EXPECT_EQ(plan("crm").writes.size(), 1U);
  projection.waiting.insert({"crm", "010-1"});
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::waiting_reference}));
}

TEST_F(Creating, DeletedThereIsNotMadeAgainWithoutAPerson) {
  linked_pair();
  see_deleted("crm", "1");
  EXPECT_TRUE(plan("crm").writes.empty());
  ASSERT_TRUE(engine.decide(repository, reviews(ReviewKind::change)[0].id, "recreate", "", "li", now).ok());
  const auto writes = plan("crm").writes;
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes[0].op, Op::create);
  BrakeTally tally;
  count_outgoing(tally, writes[0], *repository.load_golden(writes[0].golden), *entity);
  EXPECT_TRUE(tally.counts.empty());  // a person decided on it: no brake counts it
}

TEST_F(Creating, DeletedEverywhereIsCreatedNowhere) {
  const auto id = linked_pair();
  rules.connections["shop"].create = CreateRule::automatic;
  see_deleted("erp", "1");
  see_deleted("crm", "1");
  engine.refresh_due(repository, id, now);
  EXPECT_TRUE(plan("shop").writes.empty());
}

TEST_F(Creating, RecordInApprovalCreatesNothingElsewhere) {
  Observation pending = observation("erp", "1", {{"name", "Acme"}});
  pending.image.pending_approval = true;
  ingest(pending);
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::waiting_review}));
  tick();
  pending.read_started = now;
  pending.image.pending_approval = false;
  ingest(pending);
  EXPECT_EQ(plan("crm").writes.size(), 1U);
}

TEST_F(Creating, NothingIsCreatedWhileIdentityIsInQuestion) {
  const auto first = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}}).golden;
  const auto second =
      see("erp", "2", {{"name", "Acme"}, {"uscc", uscc}}).golden;  // one system, the same code twice
  EXPECT_NE(first, second);
  const auto open = reviews(ReviewKind::duplicate);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_TRUE(plan("crm").writes.empty());
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::waiting_review, Held::Why::waiting_review}));
  ASSERT_TRUE(engine.decide(repository, open[0].id, "different", "", "li", now).ok());
  EXPECT_EQ(plan("crm").writes.size(), 2U);
  expect_index_complete();
}

class Asking : public Planning {
 protected:
  Asking() { rules.connections["erp"].create = CreateRule::ask; }
};

TEST_F(Asking, RequestIsOpenedOnceAndApproved) {
  see("crm", "1", {{"name", "Prospect"}, {"level", "A"}});
  stream("erp").required_to_create = {field("uscc")};
  EXPECT_TRUE(plan("erp").writes.empty());
  EXPECT_TRUE(reviews(ReviewKind::create).empty());
  plan("erp", true);
  plan("erp", true);
  const auto open = reviews(ReviewKind::create);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].evidence["missing"].as_array().at(0).to_text(), "uscc");
  EXPECT_EQ(open[0].evidence["fields"]["name"].to_text(), "Prospect");
  const auto incomplete = engine.decide(repository, open[0].id, "approve", "", "li", now);
  ASSERT_FALSE(incomplete.ok());
  EXPECT_NE(incomplete.error().message.find("missing: uscc"), std::string::npos) << incomplete.error().text();
  EXPECT_EQ(reviews(ReviewKind::create).size(), 1U) << "the request stays open";
  ASSERT_TRUE(engine.decide(repository, open[0].id, "approve", "code follows", "li", now).ok());
  EXPECT_EQ(held("erp"), (std::vector{Held::Why::reference_missing_required}));
  see("crm", "1", {{"name", "Prospect"}, {"uscc", uscc}, {"level", "A"}});
  EXPECT_EQ(push("erp"), 3);
  expect_index_complete();
}

TEST_F(Asking, CompletenessIsThePacksAndMayBeExcusedByTheKindOfCustomer) {
  rules.connections["erp"].complete = {{"uscc", field("uscc"), false, {{field("status"), {"overseas"}}}},
                                       {"group", model::no_field, true, {}}};
  see("crm", "1", {{"name", "Prospect"}});
  see("crm", "2", {{"name", "Abroad Inc"}, {"status", "overseas"}});
  plan("erp", true);
  int approved = 0;
  for (const auto& review : reviews(ReviewKind::create)) {
    EXPECT_TRUE(review.evidence["asked"].as_object().contains("group"));
    approved += engine.decide(repository, review.id, "approve", "", "li", now).ok() ? 1 : 0;
  }
  EXPECT_EQ(approved, 1) << "only the one without a credit code of its own";
  EXPECT_EQ(plan("erp").writes.size(), 1U);
}

TEST_F(Asking, AReturnedRequestIsAskedAgainWhenTheRecordChanged) {
  see("crm", "1", {{"name", "Prospect"}});
  plan("erp", true);
  ASSERT_TRUE(
      engine.decide(repository, reviews(ReviewKind::create).at(0).id, "return", "code?", "li", now).ok());
  plan("erp", true);
  EXPECT_TRUE(reviews(ReviewKind::create).empty());
  EXPECT_EQ(held("erp"), (std::vector{Held::Why::waiting_review}));
  see("crm", "1", {{"name", "Prospect"}, {"uscc", uscc}});
  plan("erp", true);
  EXPECT_EQ(reviews(ReviewKind::create).size(), 1U);
}

TEST_F(Asking, WhatTheRequestStatesGoesWithTheNewRecord) {
  right("erp", "level", Right::ignore);
  see("crm", "1", {{"name", "Prospect"}, {"level", "A"}});
  plan("erp", true);
  ASSERT_TRUE(engine
                  .decide(repository, reviews(ReviewKind::create).at(0).id, "approve", "", "li", now,
                          {{"level", "01"}, {"organisation", "100"}})
                  .ok());
  const Plan due = plan("erp");
  ASSERT_EQ(due.writes.size(), 1U);
  std::string level;
  for (const auto& each : due.writes[0].fields)
    if (each.field == field("level")) level = each.to.value.to_text();
  EXPECT_EQ(level, "01");
  EXPECT_EQ(push("erp"), 2);
  EXPECT_EQ(golden(due.writes[0].golden, "level"), "A") << "each system keeps its own";
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Asking, RefusedRequestIsNotAskedAgain) {
  see("crm", "1", {{"name", "Prospect"}});
  plan("erp", true);
  const auto review = reviews(ReviewKind::create).at(0);
  ASSERT_TRUE(engine.decide(repository, review.id, "reject", "", "li", now).ok());
  plan("erp", true);
  EXPECT_TRUE(reviews(ReviewKind::create).empty());
  EXPECT_TRUE(plan("erp").held.empty());
  EXPECT_EQ(engine.decide(repository, review.id, "approve", "", "li", now).error().error_class,
            model::ErrorClass::stale);
  EXPECT_EQ(engine.decide(repository, "rev_none", "approve", "", "li", now).error().error_class,
            model::ErrorClass::not_found);
}

TEST_F(Asking, RequestGoesAwayWhenTheRecordAppears) {
  see("crm", "1", {{"name", "Prospect"}, {"uscc", uscc}});
  plan("erp", true);
  see("erp", "5", {{"name", "Prospect"}, {"uscc", uscc}});
  EXPECT_TRUE(reviews(ReviewKind::create).empty());
  EXPECT_TRUE(plan("erp", true).held.empty());
}

TEST_F(Asking, WrongChoiceIsRefused) {
  see("crm", "1", {{"name", "Prospect"}});
  plan("erp", true);
  const auto review = reviews(ReviewKind::create).at(0);
  EXPECT_EQ(engine.decide(repository, review.id, "perhaps", "", "li", now).error().error_class,
            model::ErrorClass::config);
  EXPECT_EQ(reviews(ReviewKind::create).size(), 1U);
}

TEST_F(Planning, ReferenceDataIsMatchedAndNeverWritten) {
  for (const char* system : {"erp", "crm"}) {
    StreamRules& employees = rules.connections[system].streams["employees"];
    employees.stream = "employees";
    employees.entity = "employee";
    employees.rights = {{0, Right::shared}, {1, Right::shared}};
    rules.connections[system].create = CreateRule::automatic;
    repository.set_observed(system, "employees", true);
  }
  const auto* employee = schema.find("employee");
  const auto see_employee = [&](const std::string& system, const std::string& name) {
    tick();
    Observation seen;
    seen.ref = {system, "employees", "e1"};
    seen.entity = "employee";
    seen.raw = name;
    seen.read_started = now;
    seen.image.fields[0] = *mapping::field_value(employee->fields[0], model::Value(name));
    seen.image.fields[1] = *mapping::field_value(employee->fields[1], model::Value("007"));
    return ingest(seen).golden;
  };
  const auto id = see_employee("erp", "王伟");
  EXPECT_EQ(see_employee("crm", "王伟"), id);
  see_employee("erp", "王大伟");
  EXPECT_TRUE(engine.plan(repository, "crm", "employee", "", 10, true, now).writes.empty());
}

}  // namespace
}  // namespace huiliu::sync::tests
