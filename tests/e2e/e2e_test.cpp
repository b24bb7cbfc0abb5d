// The first flow end to end: three systems over their vendors' protocols, one hub, as a user drives it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;

// One world for the scenarios that only read and edit: starting three systems is the slow part.
class FirstFlow : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new Installation(80);
    world_->settle();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  Installation& world() { return *world_; }

  Value first_shared(const std::string& entity, const std::vector<std::string>& connections) {
    const auto found = world().shared(entity, connections);
    EXPECT_FALSE(found.empty()) << "no " << entity << " in all of the systems";
    return found.empty() ? Value(Object{}) : found.front();
  }

  static Installation* world_;
};
Installation* FirstFlow::world_ = nullptr;

TEST_F(FirstFlow, AQuietCycleWritesNothing) {
  world().reset_counters();
  const Value run = world().settle(1);
  for (const Value& stream : run["streams"].as_array())
    EXPECT_TRUE(stream["balanced"].as_bool()) << model::to_json(stream);
  for (const char* system : {"kingdee", "dingtalk", "site"}) EXPECT_EQ(world().writes(system), 0) << system;
}

TEST_F(FirstFlow, AMobileEditedInTheCrmReachesTheErpAndBack) {
  const Value contact = first_shared("contact", {"kingdee", "dingtalk"});
  const std::string crm = Installation::key_in(contact, "dingtalk");
  const std::string erp = Installation::key_in(contact, "kingdee");
  world().edit("dingtalk", "contacts", crm, {{"contact_phone", "13911112222"}});
  world().settle();
  EXPECT_EQ(value_text(world().record("kingdee", "contacts", erp), "FMobile"), "13911112222");
  world().edit("kingdee", "contacts", erp, {{"FMobile", "13733334444"}});
  world().settle();
  EXPECT_EQ(value_text(world().record("dingtalk", "contacts", crm), "data.contact_phone"), "13733334444");
}

// The CRM has contacts in two streams; each write belongs to one of them.
TEST_F(FirstFlow, AWriteIsPlannedOnceAndInItsOwnStream) {
  const Value contact = first_shared("contact", {"kingdee", "dingtalk"});
  const std::string id = contact["id"].to_text();
  ASSERT_EQ(world().huiliu({"customer", "set", id, "phones[mobile]", "13911113333"}).exit_code, 0);
  const Finished planned = world().huiliu({"plan"});
  int seen = 0;
  for (const Value& line : planned.lines())
    if (line["connection"].to_text() == "dingtalk" && line["customer"].to_text() == id) {
      ++seen;
      EXPECT_EQ(line["stream"].to_text(), "contacts");
    }
  EXPECT_EQ(seen, 1) << planned.out.substr(0, 3000);
  world().settle();
}

TEST_F(FirstFlow, ALegalNameEditedInTheCrmBecomesARequest) {
  const Value customer = first_shared("customer", {"kingdee", "dingtalk"});
  const std::string crm = Installation::key_in(customer, "dingtalk");
  const std::string erp = Installation::key_in(customer, "kingdee");
  const std::string before = value_text(world().record("kingdee", "customers", erp), "FName");
  world().edit("dingtalk", "customers", crm, {{"customer_name", "改名试验股份有限公司"}});
  world().settle();
  EXPECT_EQ(value_text(world().record("kingdee", "customers", erp), "FName"), before);
  EXPECT_EQ(value_text(world().record("dingtalk", "customers", crm), "data.customer_name"),
            "改名试验股份有限公司")
      << "nothing is overwritten while the request is open";
  std::string request;
  const Value reviews = world().huiliu({"review", "list", "--kind", "change"}).json();
  for (const Value& review : reviews.as_array())
    if (review["customer"].to_text() == customer["id"].to_text() &&
        review["field"].to_text() == "names.legal")
      request = review["id"].to_text();
  ASSERT_FALSE(request.empty()) << model::to_json(reviews);
  ASSERT_EQ(
      world().huiliu({"review", "decide", request, "reject", "--note", "licence says otherwise"}).exit_code,
      0);
  world().settle();
  const Value fields = world().customer(customer["id"].to_text())["fields"];
  EXPECT_EQ(value_text(world().record("dingtalk", "customers", crm), "data.customer_name"),
            value_text(fields["names.legal"], "value"))
      << "put back after the refusal";
}

TEST_F(FirstFlow, ANewCrmCustomerBecomesACreationRequestThenAnErpRecordInApproval) {
  const std::string name = "苏州新单试验机械有限公司";
  const Value made = world().post(
      "dingtalk", "/create",
      Object{{"stream", "customers"},
             {"as", ""},
             {"fields", Object{{"customer_name", name}, {"customer_follow_up_status", "正式客户"}}}});
  const std::string crm = made["key"].to_text();
  ASSERT_FALSE(crm.empty());
  world().settle();
  const auto erp_named = [&] {
    std::vector<Value> found;
    const Value state = world().get("kingdee", "/state?stream=customers");
    for (const Value& record : state.as_array())
      if (value_text(record, "FName") == name) found.push_back(record);
    return found;
  };
  EXPECT_TRUE(erp_named().empty()) << "nothing is created in an ERP without approval";
  std::string request;
  const Value reviews = world().huiliu({"review", "list", "--kind", "create"}).json();
  for (const Value& review : reviews.as_array())
    if (review["connection"].to_text() == "kingdee" &&
        review["subject"].to_text().find(name) != std::string::npos)
      request = review["id"].to_text();
  ASSERT_FALSE(request.empty()) << model::to_json(reviews).substr(0, 2000);
  const Finished incomplete = world().huiliu({"review", "decide", request, "approve"});
  EXPECT_EQ(incomplete.exit_code, 1);
  EXPECT_NE(incomplete.err.find("identifiers.uscc"), std::string::npos) << incomplete.err;
  ASSERT_EQ(world().huiliu({"review", "decide", request, "approve", "--note", "licence follows"}).exit_code,
            0);
  world().settle();
  const auto created = erp_named();
  ASSERT_EQ(created.size(), 1U);
  EXPECT_EQ(value_text(created[0], "FDocumentStatus"), "B") << "approval is left to the ERP's people";
  const std::string number = value_text(created[0], "FNumber");
  EXPECT_FALSE(number.empty());
  const Value crm_record = world().record("dingtalk", "customers", crm);
  EXPECT_NE(model::to_json(crm_record).find(number), std::string::npos)
      << "the number returns to the CRM: " << model::to_json(crm_record);
}

TEST_F(FirstFlow, ConcurrentEditsOfASharedFieldEndInOneValueAndAConflict) {
  const auto contacts = world().shared("contact", {"kingdee", "dingtalk"});
  ASSERT_GE(contacts.size(), 2U);
  const Value& contact = contacts[1];
  const std::string crm = Installation::key_in(contact, "dingtalk");
  const std::string erp = Installation::key_in(contact, "kingdee");
  world().edit("dingtalk", "contacts", crm, {{"contact_phone", "13900000111"}});
  world().edit("kingdee", "contacts", erp, {{"FMobile", "13900000222"}});
  world().settle();
  const std::string there = value_text(world().record("kingdee", "contacts", erp), "FMobile");
  EXPECT_EQ(there, value_text(world().record("dingtalk", "contacts", crm), "data.contact_phone"));
  EXPECT_THAT(there, testing::AnyOf("13900000111", "13900000222"));
  const std::string other = there == "13900000111" ? "13900000222" : "13900000111";
  const Value shown = world().customer(contact["id"].to_text());
  EXPECT_NE(model::to_json(shown["history"]).find(other), std::string::npos)
      << "the other value stays in the history";
  bool conflict = false;
  const Value conflicts = world().huiliu({"conflict", "list"}).json();
  for (const Value& each : conflicts.as_array())
    conflict |= each["customer"].to_text() == contact["id"].to_text() &&
                model::to_json(each["values"]).find(other) != std::string::npos;
  EXPECT_TRUE(conflict) << model::to_json(conflicts);
}

TEST_F(FirstFlow, SpellingAloneCausesNoWrite) {
  std::string erp;
  std::string mobile;
  for (const Value& contact : world().shared("contact", {"kingdee", "dingtalk"})) {
    erp = Installation::key_in(contact, "kingdee");
    mobile = value_text(world().record("kingdee", "contacts", erp), "FMobile");
    if (mobile.size() == 11) break;
  }
  const Value customer = first_shared("customer", {"kingdee", "site"});
  const std::string erp_customer = Installation::key_in(customer, "kingdee");
  std::string name = value_text(world().record("kingdee", "customers", erp_customer), "FName");
  ASSERT_EQ(mobile.size(), 11U);
  if (name.find("（") != std::string::npos) {
    name.replace(name.find("（"), 3, "(");
    name.replace(name.find("）"), 3, ")");
  } else {
    name += " ";
  }
  if (const std::size_t limited = name.find("有限公司");
      limited != std::string::npos && name.find("股份") == std::string::npos)
    name.replace(limited, 12, "有限责任公司");
  world().edit("kingdee", "contacts", erp,
               {{"FMobile", "+86 " + mobile.substr(0, 3) + "-" + mobile.substr(3)}});
  world().edit("kingdee", "customers", erp_customer, {{"FName", name}});
  world().reset_counters();
  world().settle(1);
  for (const char* system : {"kingdee", "dingtalk", "site"}) EXPECT_EQ(world().writes(system), 0) << system;
}

}  // namespace
}  // namespace huiliu::e2e
