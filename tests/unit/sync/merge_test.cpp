// Causality and choice: sections 2 and 3 of the rules.
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Merge : public Scenario {};

TEST_F(Merge, FirstRecordMakesTheGoldenRecord) {
  const auto result = see("erp", "1", {{"name", "Acme"}, {"phone", ""}});
  EXPECT_EQ(result.received, Received::changed);
  EXPECT_TRUE(result.created_golden);
  EXPECT_EQ(golden(result.golden, "name"), "Acme");
  EXPECT_EQ(golden(result.golden, "phone"), "");  // empty at first sight is no claim
}

TEST_F(Merge, FirstLinkIsSettledByAuthorityAndIsNoConflict) {
  policy("name", Policy::authority, {"erp", "crm"});
  see("crm", "1", {{"name", "Acme old"}, {"uscc", uscc}});
  const auto result = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}});
  EXPECT_FALSE(result.created_golden);
  EXPECT_EQ(result.initial_differences, 1);
  EXPECT_EQ(result.conflicts, 0);
  EXPECT_EQ(golden(result.golden, "name"), "Acme");
  EXPECT_TRUE(reviews(ReviewKind::conflict).empty());
  EXPECT_TRUE(lost("name", "Acme old"));
  EXPECT_EQ(push("crm"), 1);
  EXPECT_EQ(shown("crm", "1")["name"], "Acme");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Merge, FirstLinkIsTheSameInEitherOrder) {
  policy("name", Policy::authority, {"erp", "crm"});
  see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}});
  const auto result = see("crm", "1", {{"name", "Acme old"}, {"uscc", uscc}});
  EXPECT_EQ(golden(result.golden, "name"), "Acme");
}

class EveryPolicy : public Scenario, public ::testing::WithParamInterface<Policy> {};

TEST_P(EveryPolicy, EditOnTopOfTheCurrentValueWins) {
  policy("level", GetParam(), {"erp", "crm"});
  const auto id = linked_pair();
  see("crm", "1", {{"level", "B"}});
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("erp"), 1);
  see("erp", "1", {{"level", "C"}});
  EXPECT_EQ(golden(id, "level"), "C");
  push_all();
  see("crm", "1", {{"level", "D"}});
  EXPECT_EQ(golden(id, "level"), "D");
  EXPECT_TRUE(reviews(ReviewKind::conflict).empty());
}

INSTANTIATE_TEST_SUITE_P(Policies, EveryPolicy,
                         ::testing::Values(Policy::authority, Policy::latest, Policy::longest,
                                           Policy::most_frequent, Policy::fill, Policy::manual));

TEST_F(Merge, ConcurrentEditsKeepBothValuesAndAsk) {
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  const auto result = see("crm", "1", {{"level", "C"}});
  EXPECT_EQ(result.conflicts, 1);
  EXPECT_EQ(golden(id, "level"), "B");  // the intervals overlap, so rank decides
  EXPECT_TRUE(lost("level", "C"));
  const auto open = reviews(ReviewKind::conflict);
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].choices, (std::vector<std::string>{"B", "C"}));
  EXPECT_EQ(open[0].evidence["winner"].to_text(), "erp");

  ASSERT_TRUE(engine.decide(repository, open[0].id, "C", "", "li", now).ok());
  EXPECT_EQ(golden(id, "level"), "C");
  EXPECT_TRUE(reviews(ReviewKind::conflict).empty());
  EXPECT_EQ(push_all(), 1);
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Merge, LatestIntervalWinsWhenTheyDoNotOverlap) {
  const auto id = linked_pair();
  Observation early = observation("erp", "1", {{"level", "B"}});
  tick();
  Observation later = observation("crm", "1", {{"level", "C"}});
  later.unchanged_until = now - 1;  // the caller knows that it was as before until then
  ingest(later);
  ingest(early);  // arrives last
  EXPECT_EQ(golden(id, "level"), "C");
  EXPECT_TRUE(lost("level", "B"));
}

TEST_F(Merge, ChoiceIsAmongAllAtOnceInAnyOrder) {
  policy("level", Policy::most_frequent);
  const std::vector<std::pair<std::string, std::string>> edits = {{"erp", "X"}, {"crm", "Y"}, {"shop", "Y"}};
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    repository = {};
    for (const char* system : {"erp", "crm", "shop"}) repository.set_observed(system, "customers", true);
    const Fields fields = {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}};
    const auto id = see("erp", "1", fields).golden;
    see("crm", "1", fields);
    see("shop", "1", fields);
    for (const auto each : order) see(edits[each].first, "1", {{"level", edits[each].second}});
    EXPECT_EQ(golden(id, "level"), "Y");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(Merge, ManualHoldsTheCurrentValueAndSparesTheUndecided) {
  policy("level", Policy::manual);
  const auto id = linked_pair();
  see("shop", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "A"}});
  see("erp", "1", {{"level", "B"}});
  EXPECT_EQ(golden(id, "level"), "B");
  see("crm", "1", {{"level", "C"}});
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_TRUE(repository.load_golden(id)->fields.at(field("level")).held);
  EXPECT_EQ(push("crm"), 0);
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::undecided}));
  const auto open = reviews(ReviewKind::conflict);
  ASSERT_EQ(open.size(), 1U);
  ASSERT_TRUE(engine.decide(repository, open[0].id, "crm", "", "li", now).ok());
  EXPECT_EQ(golden(id, "level"), "C");
  EXPECT_FALSE(repository.load_golden(id)->fields.at(field("level")).held);
}

TEST_F(Merge, AgreementIsNoConflict) {
  const auto id = linked_pair();
  see("erp", "1", {{"level", "B"}});
  const auto result = see("crm", "1", {{"level", "B"}});
  EXPECT_EQ(result.conflicts, 0);
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Merge, SpellingAloneCausesNoWrite) {
  linked_pair({{"name", "深圳市迈瑞(中国)有限公司"}});
  see("crm", "1", {{"name", "深圳市迈瑞（中国）有限公司"}});
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Merge, ClearingTravelsAndEmptyDoesNot) {
  const auto id = linked_pair();
  see("shop", "1", {{"uscc", uscc}, {"level", ""}});
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(push("shop"), 1);
  see("crm", "1", {{"level", ""}});
  EXPECT_EQ(golden(id, "level"), "");
  EXPECT_EQ(push_all(), 2);
  EXPECT_EQ(shown("erp", "1")["level"], "");
}

TEST_F(Merge, AbsentFieldsNeverClaim) {
  const auto id = linked_pair();
  see("crm", "1", {{"name", "Acme"}});  // level is not in this answer
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Merge, WhatArrivedUnseenIsKeptWhenAnEditCoversItByGuess) {
  projection.shows[{"crm", "status"}] = {{"trading", "active"}};
  const auto id = linked_pair({{"name", "Acme"}, {"status", "active"}});
  see("erp", "1", {{"status", "trading"}});
  EXPECT_EQ(golden(id, "status"), "trading");
  EXPECT_EQ(push_all(), 0);  // the crm shows it as active already
  see("crm", "1", {{"status", "closed"}});
  EXPECT_EQ(golden(id, "status"), "closed");
  EXPECT_TRUE(lost("status", "trading"));
}

}  // namespace
}  // namespace huiliu::sync::tests
