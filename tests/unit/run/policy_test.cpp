// Rights from the shipped policy pack: exceptions, handing on, home and other, explanations, the generated
// page.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "hub/run/policy_view.hpp"
#include "hub/run/probe.hpp"

namespace huiliu::run {
namespace {

using sync::Right;

class Policies : public testing::Test {
 protected:
  Policies() {
    const config::Loaded shipped = config::load({{}, std::string(HUILIU_SOURCE_DIR) + "/config"});
    EXPECT_TRUE(shipped.errors.empty()) << (shipped.errors.empty() ? "" : shipped.errors[0].text());
    config = *shipped.config;
    manifest = *model::parse_json(R"({"grade": {"write": "C"}, "streams": [{"name": "c",
      "capabilities": {"write": ["create", "update"]}, "fields": {
        "name": {"operations": ["create"], "update_if_listed_in": "open_fields"},
        "tel": {"operations": ["create", "update"]}, "ind": {"operations": ["create", "update"]}}}]})");
  }

  void add(const std::string& name, const std::string& role, const std::string& settings = "{}") {
    config::ConnectionConfig connection;
    connection.name = name;
    connection.role = role;
    connection.connector = "any";
    connection.settings = *model::parse_json(settings);
    config.connections.push_back(connection);
  }
  sync::Rules& build() {
    const auto document = model::parse_json(R"({"streams": {"c": {"entity": "customer", "lenses": [
      {"field": "names.legal", "path": "name", "codec": "text"},
      {"field": "phones[switchboard]", "path": "tel", "codec": "phone"},
      {"field": "industry", "path": "ind", "codec": "text"}]}}})");
    auto loaded = mapping::Mapping::load(*document, config.schema);
    EXPECT_TRUE(loaded.ok()) << loaded.error().text();
    mapping = std::make_unique<mapping::Mapping>(std::move(*loaded));
    std::vector<ConnectionFacts> facts;
    for (const auto& connection : config.connections)
      facts.push_back({&connection,
                       manifests.contains(connection.name) ? &manifests.at(connection.name) : &manifest,
                       mapping.get()});
    reasons.clear();
    rules = *make_rules(config, facts, &reasons);
    return rules;
  }
  model::FieldIndex field(const std::string& name) { return config.schema.find("customer")->index_of(name); }
  Right right(const std::string& connection, const std::string& name) {
    return rules.connections.at(connection).streams.at("c").rights.at(field(name));
  }
  RightReason reason(const std::string& connection, const std::string& name) {
    return reasons.at({connection, "c", field(name)});
  }

  config::Config config;
  model::Value manifest;
  std::map<std::string, model::Value> manifests;  // of connections whose connector declares something else
  std::unique_ptr<mapping::Mapping> mapping;
  sync::Rules rules;
  RightReasons reasons;
};

TEST_F(Policies, AManifestSaysWhatWritesTouch) {
  add("erp-main", "erp");
  EXPECT_FALSE(build().connections.at("erp-main").streams.at("c").touched_by_writes.has_value());
  manifest = *model::parse_json(R"({"grade": {"write": "A"}, "streams": [{"name": "c",
    "capabilities": {"write": ["create", "update"]}, "fields": {
      "tel": {"operations": ["create", "update"], "touched_by_writes": false},
      "ind": {"operations": ["create", "update"], "touched_by_writes": true}}}]})");
  const auto touched = build().connections.at("erp-main").streams.at("c").touched_by_writes;
  ASSERT_TRUE(touched.has_value());
  EXPECT_EQ(*touched, std::set<model::FieldIndex>{field("industry")});
}

TEST_F(Policies, EveryFieldOfCustomerContactAndPartsHasALetterInEveryColumn) {
  for (const char* name : {"customer", "contact"}) {
    const model::Entity& entity = *config.schema.find(name);
    for (const model::Field& each : entity.fields) {
      ASSERT_TRUE(config.policies.rights.at(name).contains(each.name)) << name << "." << each.name;
      for (const std::string_view column : config::policy_columns)
        EXPECT_TRUE(config.policies.rights.at(name).at(each.name).contains(std::string(column)))
            << each.name << " " << column;
      EXPECT_TRUE(config.policies.hub.at(name).contains(each.name)) << each.name;
    }
    for (const model::Field& each : entity.part_fields)
      EXPECT_TRUE(config.policies.parts.at(name).contains(each.name)) << "part " << each.name;
  }
}

TEST_F(Policies, MoneyStaysAtHome) {
  for (const char* part : {"terms", "settlement", "credit_limit", "credit_days", "credit_check", "price_list",
                           "discount", "tax_category", "invoice_type", "bank_accounts", "receivable"})
    for (const auto& [column, letter] : config.policies.parts.at("customer").at(part))
      EXPECT_FALSE(letter == Right::shared || letter == Right::propose || letter == Right::append)
          << part << " " << column;
  for (const char* column : {"address_book", "chat"})
    EXPECT_FALSE(sync::may_receive(config.policies.right("customer", "phones[switchboard]", column)))
        << "a switchboard is never written to a person";
  EXPECT_EQ(config.policies.right("contact", "remark", "chat"), Right::ignore);
}

// A field that nobody listed, as an administrator adds one to the model: shared among systems that take
// conditional writes only, else owned by the first of them.
class UnlistedField : public Policies {
 protected:
  UnlistedField() {
    config.policies.rights.at("customer").erase("industry");
    add("k3", "erp");
    add("crm", "crm");
    add("shop", "site");
  }
  void declare(const std::string& connection, const std::string& grade) {
    manifests[connection] = manifest;
    manifests[connection].as_object().set("grade", model::Object{{"write", grade}});
  }
  void expect_one_owner() {
    EXPECT_EQ(right("k3", "industry"), Right::owner);
    for (const char* other : {"crm", "shop"}) EXPECT_EQ(right(other, "industry"), Right::propose) << other;
    for (const char* each : {"k3", "crm", "shop"})
      EXPECT_EQ(reason(each, "industry").why, RightReason::Why::new_owned);
    const sync::FieldPolicy& policy = rules.policies.at({"customer", field("industry")});
    EXPECT_EQ(policy.policy, sync::Policy::authority);
    ASSERT_FALSE(policy.authority.empty());
    EXPECT_EQ(policy.authority.front(), "k3");
  }
};

TEST_F(UnlistedField, IsSharedWhereEverySystemTakesConditionalWrites) {
  for (const char* each : {"k3", "crm", "shop"}) declare(each, "A");
  build();
  for (const char* each : {"k3", "crm", "shop"}) {
    EXPECT_EQ(right(each, "industry"), Right::shared) << each;
    EXPECT_EQ(reason(each, "industry").why, RightReason::Why::new_shared);
  }
}

TEST_F(UnlistedField, HasOneOwnerWhereOneSystemDeclaresGradeC) {
  declare("k3", "A");
  declare("crm", "C");
  declare("shop", "A");
  build();
  expect_one_owner();
}

TEST_F(UnlistedField, HasOneOwnerWhereAProbeMeasuredLessThanWasDeclared) {
  for (const char* each : {"k3", "crm", "shop"}) declare(each, "A");
  build();
  enforce_probe(rules.connections.at("shop"), *model::parse_json(R"({"grade":{"write":"C"}})"));
  give_new_fields(config, rules, &reasons);
  expect_one_owner();
}

TEST_F(Policies, TheFirstErpIsHomeAndAMissingRoleHandsItsAuthorityOn) {
  add("k3", "erp");
  add("crm", "crm");
  build();
  EXPECT_EQ(right("k3", "names.legal"), Right::owner);
  EXPECT_EQ(right("crm", "names.legal"), Right::propose);
  EXPECT_EQ(right("crm", "industry"), Right::owner);
  EXPECT_EQ(right("k3", "industry"), Right::fill);
  config.connections.pop_back();  // no crm
  build();
  EXPECT_EQ(right("k3", "industry"), Right::owner);
  EXPECT_EQ(reason("k3", "industry").why, RightReason::Why::handed_on);
  EXPECT_EQ(reason("k3", "industry").stated, Right::fill);
  config.connections.clear();
  add("crm", "crm");  // no erp
  build();
  EXPECT_EQ(right("crm", "names.legal"), Right::owner);
}

TEST_F(Policies, TwoErpsHaveRightsForEitherPlace) {
  add("a", "erp");
  add("b", "erp");
  const auto& built = build();
  EXPECT_EQ(built.default_home, "a");
  const auto& other = built.connections.at("b").streams.at("c");
  EXPECT_EQ(other.rights.at(field("names.legal")), Right::propose);
  EXPECT_EQ(other.rights_as_home.at(field("names.legal")), Right::owner);
  EXPECT_EQ(built.connections.at("a").streams.at("c").rights_as_other.at(field("names.legal")),
            Right::propose);
}

TEST_F(Policies, AConnectionsOwnExceptionIsNamedWithTheLine) {
  add("k3", "erp");
  add("site", "site");
  config.connections.back().rights["customer"]["names.legal"] = Right::ignore;
  build();
  EXPECT_EQ(right("site", "names.legal"), Right::ignore);
  EXPECT_EQ(reason("site", "names.legal").why, RightReason::Why::exception);
  EXPECT_EQ(reason("site", "names.legal").stated, Right::propose);
  EXPECT_NE(reason("k3", "names.legal").line.find("policies/default.yaml:"), std::string::npos);
  const auto rows = explain_view(config, rules, reasons, {"customer", "names.legal", "site"}, false);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["right"].to_text(), "I");
  EXPECT_NE(rows[0]["why"].to_text().find("the pack says P"), std::string::npos);
}

TEST_F(Policies, ASiteMayOpenFieldsOfApprovedRecords) {
  add("k3", "erp");
  EXPECT_FALSE(build().connections.at("k3").streams.at("c").ops.at(field("names.legal")).update);
  config.connections.clear();
  add("k3", "erp", R"({"open_fields": ["name"]})");
  EXPECT_TRUE(build().connections.at("k3").streams.at("c").ops.at(field("names.legal")).update);
}

TEST_F(Policies, ThePagesInTheDocsAreWhatThePackSays) {
  for (const bool zh : {false, true}) {
    const std::string path =
        std::string(HUILIU_SOURCE_DIR) + (zh ? "/docs/zh" : "/docs") + "/policy-table.md";
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), policy_table_page(config, zh))
        << "make it again: huiliu policy table --page --lang " << (zh ? "zh" : "en") << " > " << path;
  }
}

}  // namespace
}  // namespace huiliu::run
