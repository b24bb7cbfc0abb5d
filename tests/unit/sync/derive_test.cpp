// What the hub says by itself: home ERP, former names, inactive only when every organisation part is.
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Derived : public Scenario {
 protected:
  Derived() {
    const auto customer = model::parse_json(R"({"entity": "customer", "id_prefix": "cus", "fields": {
      "name": {"type": "company_name"}, "uscc": {"type": "uscc"}, "phone": {"type": "phone"}, "level": {"type": "text"},
      "former": {"type": "tags", "derived": {"former": "name"}},
      "state": {"type": "enum", "derived": {"every_part": "state", "is": "disabled", "then": "inactive", "else": "active"}}},
      "part_fields": {"state": {"type": "enum"}, "approved_at": {"type": "datetime"}}})");
    schema = *model::Schema::load({*customer});
    entity = schema.find("customer");
    projection.entity = entity;
    rules.policies.clear();
    rules.policies[{"customer", field("former")}] = {Policy::union_of_elements, {}};
    policy("name", Policy::authority, {"erp", "shop"});
    rules.default_home = "erp";
    for (const char* system : {"erp", "crm", "shop"}) {
      auto& of = stream(system);
      of.rights.clear();
      for (const char* name : {"name", "uscc", "phone", "level"}) of.rights[field(name)] = Right::shared;
    }
    for (const char* system : {"erp", "shop"}) {  // two ERPs
      auto& of = stream(system);
      of.rights_as_home = of.rights_as_other = of.rights;
      of.rights_as_home[field("name")] = Right::owner;
      of.rights_as_other[field("name")] = Right::propose;
    }
  }

  IngestResult see_parts(const std::string& system, const std::string& key, const Fields& fields,
                         const std::vector<model::Object>& parts) {
    tick();
    Observation seen = observation(system, key, fields);
    std::string raw;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      seen.image.parts.push_back({std::to_string(100 * (i + 1)), key, parts[i]});
      raw += model::to_json(model::Value(parts[i]));
    }
    seen.raw += raw;
    return ingest(seen);
  }
};

TEST_F(Derived, EveryChangeOfNameKeepsTheFormerOne) {
  const GoldenId id = see("erp", "1", {{"name", "First Ltd"}, {"uscc", uscc}}).golden;
  EXPECT_EQ(golden(id, "former"), "");
  see("erp", "1", {{"name", "Second Ltd"}, {"uscc", uscc}});
  see("erp", "1", {{"name", "Third Ltd"}, {"uscc", uscc}});
  EXPECT_EQ(golden(id, "former"), "First Ltd,Second Ltd");
  see("erp", "1", {{"name", "First Ltd"}, {"uscc", uscc}});
  EXPECT_EQ(golden(id, "former"), "Second Ltd,Third Ltd") << "a name in use again is no former name";
}

TEST_F(Derived, InactiveOnlyWhenEveryPartIs) {
  const Fields fields{{"name", "Acme"}, {"uscc", uscc}};
  const GoldenId id = see_parts("erp", "1", fields, {{{"state", "disabled"}}, {{"state", "active"}}}).golden;
  EXPECT_EQ(golden(id, "state"), "");
  see_parts("erp", "1", fields, {{{"state", "disabled"}}, {{"state", "disabled"}}});
  EXPECT_EQ(golden(id, "state"), "inactive");
  see_parts("shop", "7", fields, {{{"state", "active"}}});
  EXPECT_EQ(golden(id, "state"), "active") << "the other ERP still trades with it";
}

TEST_F(Derived, TheErpThatApprovedFirstIsHome) {
  const Fields fields{{"name", "Acme"}, {"uscc", uscc}};
  const GoldenId id = see_parts("erp", "1", fields, {{{"approved_at", "2020-05-01T00:00:00Z"}}}).golden;
  see_parts("shop", "7", fields, {{{"approved_at", "2019-05-01T00:00:00Z"}}});
  EXPECT_EQ(repository.load_golden(id)->home, "shop");
  see_parts("shop", "7", {{"name", "Acme Two"}, {"uscc", uscc}}, {{{"approved_at", "2019-05-01T00:00:00Z"}}});
  EXPECT_EQ(golden(id, "name"), "Acme Two") << "its edit wins";
  see_parts("erp", "1", {{"name", "Acme Three"}, {"uscc", uscc}},
            {{{"approved_at", "2020-05-01T00:00:00Z"}}});
  EXPECT_EQ(golden(id, "name"), "Acme Two");
  EXPECT_EQ(reviews(ReviewKind::change).size(), 1U) << "the other ERP may propose";
}

TEST_F(Derived, UnknownApprovalFollowsTheConfigurationAndAPersonMayMoveIt) {
  const Fields fields{{"name", "Acme"}, {"uscc", uscc}};
  const GoldenId id = see("erp", "1", fields).golden;
  see("shop", "7", fields);
  EXPECT_EQ(repository.load_golden(id)->home, "erp");
  EXPECT_FALSE(engine.set_home(repository, id, "crm", "li", now).ok()) << "no ERP";
  ASSERT_TRUE(engine.set_home(repository, id, "shop", "li", now).ok());
  EXPECT_EQ(repository.load_golden(id)->home, "shop");
  see("shop", "7", {{"name", "Acme Two"}, {"uscc", uscc}});
  EXPECT_EQ(golden(id, "name"), "Acme Two");
  ASSERT_TRUE(engine.set_home(repository, id, "", "li", now).ok());
  EXPECT_EQ(repository.load_golden(id)->home, "erp");
}

TEST_F(Derived, PartsStayWithTheirSystemAndOrganisation) {
  const Fields fields{{"name", "Acme"}, {"uscc", uscc}};
  const GoldenId id = see_parts("erp", "1", fields, {{{"state", "active"}}, {{"state", "disabled"}}}).golden;
  see_parts("shop", "7", fields, {{{"state", "disabled"}}});
  const auto cluster = *repository.load_cluster(id);
  EXPECT_EQ(cluster.find(at("erp", "1"))->parts.size(), 2U);
  EXPECT_EQ(cluster.find(at("shop", "7"))->parts.size(), 1U);
}

}  // namespace
}  // namespace huiliu::sync::tests
