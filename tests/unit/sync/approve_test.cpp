// What a person approved is written to the authority first and is golden when that confirms.
#include "hub/sync/codec.hpp"
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Approved : public Scenario {
 protected:
  Approved() {
    right("erp", "name", Right::owner);
    right("crm", "name", Right::propose);
    right("shop", "name", Right::propose);
    policy("name", Policy::authority, {"erp", "crm", "shop"});
    rules.confirmed_by_authority.emplace("customer", field("name"));
    id = linked_pair();
    see("crm", "1", {{"name", "New Name"}});
    request = reviews(ReviewKind::change).at(0);
  }
  model::Status decide(const std::string& choice) {
    return engine.decide(repository, request.id, choice, "", "li", now);
  }
  GoldenId id;
  Review request;
};

TEST_F(Approved, TheRequestNamesTheAuthorityBothValuesAndTheAuthorsSystem) {
  EXPECT_EQ(request.connection, "crm");
  EXPECT_EQ(request.evidence["authority"].to_text(), "erp");
  EXPECT_EQ(request.evidence["author"].to_text(), "crm");
  EXPECT_EQ(request.evidence["golden"].to_text(), "Acme");
  EXPECT_EQ(request.evidence["after"]["value"].to_text(), "New Name");
  EXPECT_EQ(request.choices, (std::vector<std::string>{"approve", "refuse"}));
}

TEST_F(Approved, GoldenChangesWhenTheAuthorityShowsIt) {
  ASSERT_TRUE(decide("approve").ok());
  EXPECT_EQ(golden(id, "name"), "Acme");
  EXPECT_EQ(push("crm"), 0) << "the author's system is not put back meanwhile";
  const Plan due = plan("erp");
  ASSERT_EQ(due.writes.size(), 1U);
  EXPECT_EQ(due.writes[0].reason, "name: approved by li");
  EXPECT_EQ(push("erp"), 1);
  EXPECT_EQ(golden(id, "name"), "New Name");
  EXPECT_EQ(push_all(), 0);
  EXPECT_TRUE(repository.load_golden(id)->approved.empty());
}

TEST_F(Approved, ItWaitsForThePeopleOfAnAuthorityThatTheHubMayNotChange) {
  stream("erp").ops[field("name")] = {true, false, false, 0};
  ASSERT_TRUE(decide("approve").ok());
  EXPECT_EQ(push_all(), 0);
  EXPECT_EQ(golden(id, "name"), "Acme");
  EXPECT_EQ(held("erp"), (std::vector{Held::Why::waiting_review}));
  see("erp", "1", {{"name", "New Name"}});
  EXPECT_EQ(golden(id, "name"), "New Name");
  EXPECT_EQ(push_all(), 0);
  EXPECT_TRUE(held("erp").empty());
}

TEST_F(Approved, ARefusalOfTheAuthorityGoesBackToPeople) {
  ASSERT_TRUE(decide("approve").ok());
  engine.take_notices();
  const Intent intent = begin("erp");
  settle(intent, Outcome::rejected);
  EXPECT_EQ(golden(id, "name"), "Acme");
  const auto notices = engine.take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].kind, "approved_refused");
  EXPECT_EQ(notices[0].authority, "erp");
  EXPECT_TRUE(lost("name", "New Name"));
  EXPECT_TRUE(plan("erp").writes.empty());
}

TEST_F(Approved, AnEditOfTheAuthorityOvertakesIt) {
  stream("erp").ops[field("name")] = {true, false, false, 0};
  ASSERT_TRUE(decide("approve").ok());
  see("erp", "1", {{"name", "Third Name"}});
  EXPECT_EQ(golden(id, "name"), "Third Name");
  EXPECT_TRUE(repository.load_golden(id)->approved.empty());
  EXPECT_TRUE(lost("name", "New Name"));
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(Approved, TheConsolesOwnEditGoesTheSameWay) {
  ASSERT_TRUE(decide("refuse").ok());
  EXPECT_EQ(push("crm"), 1) << "put back";
  ASSERT_TRUE(engine.edit(repository, id, "name", value("name", "By Hand"), "li", now).ok());
  EXPECT_EQ(golden(id, "name"), "Acme");
  EXPECT_EQ(push("erp"), 1);
  EXPECT_EQ(golden(id, "name"), "By Hand");
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(Approved, ItSurvivesTheStoredForm) {
  ASSERT_TRUE(decide("approve").ok());
  Golden stored = *repository.load_golden(id);
  stored.home = "shop";
  stored.home_fixed = true;
  stored.create_with["erp"]["group"] = "01";
  const auto back = decode_golden(encode(stored, schema), schema);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, stored);
}

TEST_F(Scenario, AnEditWhereASystemOnlyReceivesIsToldAndPutBack) {
  right("erp", "level", Right::owner);
  right("crm", "level", Right::receive);
  policy("level", Policy::authority, {"erp"});
  linked_pair();
  engine.take_notices();
  see("crm", "1", {{"level", "mine"}});
  const auto notices = engine.take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].kind, "put_back");
  EXPECT_EQ(notices[0].ref, at("crm", "1"));
  EXPECT_EQ(notices[0].authority, "erp");
  EXPECT_EQ(push("crm"), 1);
}

// One person, two records of one system under two customers: neither moves.
TEST_F(Scenario, APersonWhoActsForSeveralCustomersStaysWithEach) {
  const GoldenId one = see("erp", "c1", {{"name", "First"}, {"uscc", uscc}}).golden;
  const GoldenId two = see("erp", "c2", {{"name", "Second"}}).golden;
  const auto person = [&](const std::string& key, const GoldenId& employer) {
    tick();
    Observation seen = observation("crm", key, {{"name", "Li"}});
    seen.image.fields[field("employer")] = {Presence::value, model::Value(employer), employer};
    return ingest(seen).golden;
  };
  const GoldenId a = person("p1", one);
  const GoldenId b = person("p2", two);
  ASSERT_NE(a, b);
  ASSERT_TRUE(engine.merge(repository, a, b, "li", now).ok());
  for (const auto& write : plan("crm").writes)
    for (const auto& each : write.fields) EXPECT_NE(each.field, field("employer"));
}

}  // namespace
}  // namespace huiliu::sync::tests
