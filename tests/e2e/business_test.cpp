// The business rules end to end: who may decide, the authority first, messages to people, completeness,
// explanations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "hub/config/yaml.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;

std::string text_at(const Value& record, const std::string& path) {
  const Value* found = record.at_path(path);
  return found == nullptr ? std::string{} : found->to_text();
}

class Business : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new Installation(60, 3);
    add_settings("kingdee", Object{{"edit_approved_fields", model::Array{"FName"}}});
    world_->settle();
    const std::string finance = an_employee("dingtalk");
    std::ofstream(world_->config / "hub.yaml")
        << "listen: {port: 0}\nquota_factor: 1000\n"
           "users:\n"
           "  li: {name: 李会计, roles: [finance], employee: \""
        << finance
        << "\"}\n"
           "  wang: {name: 王敏, roles: [sales]}\n"
           "messages: {digest: [], quiet: {from: \"00:00\", to: \"00:00\"}}\n";
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  Installation& world() { return *world_; }

  static void add_settings(const std::string& system, const Object& more) {
    const auto path = world_->config / "connections" / (system + ".yaml");
    auto document = config::read_yaml(path.string(), system);
    ASSERT_TRUE(document.ok());
    for (const model::Member& setting : more)
      document->value.as_object()["settings"].as_object().set(setting.key, setting.value);
    std::ofstream(path) << config::to_yaml(document->value);
  }
  static std::string an_employee(const std::string& connection) {
    const Value people = world_->huiliu({"customer", "list", "--entity", "employee"}).json();
    for (const Value& person : people.as_array())
      if (!Installation::key_in(person, connection).empty()) return person["id"].to_text();
    ADD_FAILURE() << "no employee of " << connection;
    return {};
  }
  Value first_review(const std::string& kind, const std::string& customer) {
    const Value reviews = world().huiliu({"review", "list", "--kind", kind}).json();
    for (const Value& review : reviews.as_array())
      if (review["customer"].to_text() == customer) return review;
    ADD_FAILURE() << "no " << kind << " review of " << customer;
    return {};
  }

  static Installation* world_;
};
Installation* Business::world_ = nullptr;

TEST_F(Business, AnApprovedNameIsWrittenToTheErpFirstByWhoMayDecide) {
  const auto shared = world().shared("customer", {"kingdee", "dingtalk"});
  Value customer;
  for (const Value& each : shared)
    if (text_at(world().record("kingdee", "customers", Installation::key_in(each, "kingdee")),
                "FDocumentStatus") == "C") {
      customer = each;
      break;
    }
  const std::string id = customer["id"].to_text();
  const std::string crm = Installation::key_in(customer, "dingtalk");
  const std::string erp = Installation::key_in(customer, "kingdee");
  const std::string before = text_at(world().record("kingdee", "customers", erp), "FName");
  const std::string name = "新名试验装备股份有限公司";
  world().edit("dingtalk", "customers", crm, {{"customer_name", name}});
  world().settle();
  const Value request = first_review("change", id);
  EXPECT_EQ(text_at(request, "evidence.authority"), "kingdee");
  EXPECT_EQ(text_at(request, "evidence.author"), "dingtalk");
  EXPECT_EQ(text_at(request, "evidence.after.value"), name);
  const std::string review = request["id"].to_text();

  const Finished unknown = world().huiliu({"review", "decide", review, "approve", "--as", "nobody"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, testing::HasSubstr("nobody"));
  const Finished without_right = world().huiliu({"review", "decide", review, "approve", "--as", "wang"});
  EXPECT_EQ(without_right.exit_code, 1);
  EXPECT_THAT(without_right.err, testing::HasSubstr("finance"));
  EXPECT_EQ(text_at(world().huiliu({"review", "show", review}).json(), "state"), "open");

  ASSERT_EQ(world()
                .huiliu({"review", "decide", review, "approve", "--as", "li", "--note", "licence seen"})
                .exit_code,
            0);
  EXPECT_NE(world().customer(id)["fields"]["names.legal"]["value"].to_text(), name);
  const Value waiting = world().customer(id)["approved"];
  EXPECT_THAT(model::to_json(waiting), testing::HasSubstr("names.legal"));
  world().settle();
  EXPECT_EQ(text_at(world().record("kingdee", "customers", erp), "FName"), name);
  EXPECT_EQ(text_at(world().record("kingdee", "customers", erp), "FDocumentStatus"), "C")
      << "nothing is left un-approved";
  const Value after = world().customer(id);
  EXPECT_EQ(after["fields"]["names.legal"]["value"].to_text(), name);
  EXPECT_THAT(model::to_json(after["fields"]["names.former"]["value"]), testing::HasSubstr(before));
  EXPECT_EQ(text_at(world().get("kingdee", "/approval"), "unapproved_leftovers"), "0");
}

TEST_F(Business, PeopleAreToldThroughTheOfficeSuite) {
  const auto shared = world().shared("customer", {"kingdee", "dingtalk"});
  ASSERT_GE(shared.size(), 3U);
  const Value& customer = shared[shared.size() - 1];
  world().edit("dingtalk", "customers", Installation::key_in(customer, "dingtalk"),
               {{"customer_name", "消息试验有限公司"}});
  world().settle();
  const std::string review = first_review("change", customer["id"].to_text())["id"].to_text();
  bool told = false;
  const Value messages = world().huiliu({"message", "list"}).json();
  for (const Value& message : messages.as_array())
    if (message["review"].to_text() == review && message["kind"].to_text() == "change_request") {
      told = true;
      EXPECT_EQ(message["to"].to_text(), "李会计");
      EXPECT_EQ(message["state"].to_text(), "sent") << model::to_json(message);
      EXPECT_EQ(message["connection"].to_text(), "dingtalk");
    }
  EXPECT_TRUE(told) << model::to_json(messages);
  const auto count = messages.as_array().size();
  world().settle(2);
  EXPECT_EQ(world().huiliu({"message", "list"}).json().as_array().size(), count) << "told once";
}

// 对应集团客户 in the ERP drives credit there: the hub shows what the ERP says, and makes no relation of its
// own of it.
TEST_F(Business, AGroupOfTheErpIsShownAndGoesNowhere) {
  const auto shared = world().shared("customer", {"kingdee", "dingtalk"});
  ASSERT_GE(shared.size(), 2U);
  const std::string head = Installation::key_in(shared[0], "kingdee");
  const std::string member = Installation::key_in(shared[1], "kingdee");
  const Value number = *world().record("kingdee", "customers", head).at_path("FNumber");
  for (const std::string& key : {head, member})  // the head names itself
    world().edit("kingdee", "customers", key, {{"FGROUPCUSTID", Object{{"FNumber", number}}}});
  world().settle(2);
  world().reset_counters();
  world().settle(2);
  const auto said_by_erp = [&](const Value& customer) {
    const Value shown = world().customer(customer["id"].to_text());
    EXPECT_EQ(shown["fields"].find("relations.group"), nullptr);
    for (const Value& replica : shown["replicas"].as_array())
      if (replica["connection"].to_text() == "kingdee" && replica["stream"].to_text() == "customers")
        return replica["base"]["relations.group"].to_text();
    return std::string("no record");
  };
  EXPECT_EQ(said_by_erp(shared[1]), shared[0]["id"].to_text());
  EXPECT_EQ(said_by_erp(shared[0]), "");
  for (const char* system : {"kingdee", "dingtalk"}) EXPECT_EQ(world().writes(system), 0) << system;
}

// A deal is won, approved for two organisations, audited by the ERP's own people: then it is allocated, once.
TEST_F(Business, AnApprovedCustomerIsAllocatedToTheOrganisationsOfItsRequest) {
  const std::string name = "分配试验机械有限公司";
  world().post(
      "dingtalk", "/create",
      Object{{"stream", "customers"},
             {"as", "tester"},
             {"fields", Object{{"customer_name", name}, {"customer_follow_up_status", "正式客户"}}}});
  world().settle();
  Value request;
  const Value requests = world().huiliu({"review", "list", "--kind", "create"}).json();
  for (const Value& each : requests.as_array())
    if (each["subject"].to_text().find(name) != std::string::npos) request = each;
  ASSERT_FALSE(request.is_null()) << model::to_json(requests);
  const std::string id = request["customer"].to_text();
  const Finished incomplete =
      world().huiliu({"review", "decide", request["id"].to_text(), "approve", "--as", "li"});
  EXPECT_EQ(incomplete.exit_code, 1);
  EXPECT_THAT(incomplete.err, testing::HasSubstr("identifiers.uscc"));
  ASSERT_EQ(world()
                .huiliu({"review", "decide", request["id"].to_text(), "approve", "--as", "li", "--note",
                         "licence follows", "--set", "organisations=100,200,900"})
                .exit_code,
            0);
  world().settle();
  const std::string erp = Installation::key_in(world().customer(id), "kingdee");
  EXPECT_EQ(text_at(world().record("kingdee", "customers", erp), "FDocumentStatus"), "B");
  const auto state_of = [&](const std::string& organisation) {
    const Value customer = world().customer(id);
    for (const Value& each : customer["allocation"].as_array())
      if (each["organisation"].to_text() == organisation) return each["state"].to_text();
    return std::string("not listed");
  };
  EXPECT_EQ(state_of("100"), "done");
  EXPECT_EQ(state_of("200"), "waiting") << "until its own people approved it";

  world().edit("kingdee", "customers", erp, {{"FDocumentStatus", "C"}});
  ASSERT_EQ(world().huiliu({"sync", "kingdee", "--once"}).exit_code, 0);
  world().settle();
  std::string copy;
  const Value rows = world().get("kingdee", "/state?stream=customers");
  for (const Value& row : rows.as_array())
    if (text_at(row, "FMasterId") == erp && text_at(row, "FUseOrgId.FNumber") == "200")
      copy = text_at(row, "FDocumentStatus");
  EXPECT_EQ(copy, "B") << "a row for organisation 200, submitted to its people";
  EXPECT_EQ(state_of("200"), "done");
  EXPECT_EQ(state_of("900"), "refused");
  const Value letters = world().huiliu({"dead-letter", "list", "--connection", "kingdee"}).json();
  EXPECT_THAT(model::to_json(letters), testing::HasSubstr("organisation 900"));
  world().reset_counters();
  world().settle(1);
  EXPECT_EQ(world().writes("kingdee"), 0) << "asked once";
}

// An employee who sells for no organisation of the customer stays out by name; the customer is made.
TEST_F(Business, ASalespersonWithoutAnEntryParksTheFieldNotTheRecord) {
  const Value people = world().huiliu({"employee", "list"}).json();
  std::string number, account;
  for (const Value& person : people.as_array())
    for (const Value& each : person["accounts"].as_array())
      if (each["connection"].to_text() == "dingtalk" && person["customers"].to_text() != "0" &&
          number.empty())
        number = person["job_number"].to_text(), account = each["key"].to_text();
  ASSERT_NE(number, "");
  const Value sellers = world().get("kingdee", "/state?stream=salespersons");
  for (const Value& seller : sellers.as_array())
    if (text_at(seller, "FNumber") == number)
      world().edit("kingdee", "salespersons", text_at(seller, "FID"), {{"FForbidStatus", "B"}});
  const std::string name = "业务员试验机械有限公司";
  const Value made = world().post(
      "dingtalk", "/create",
      Object{{"stream", "customers"},
             {"as", account},
             {"fields", Object{{"customer_name", name}, {"customer_follow_up_status", "正式客户"}}}});
  world().settle();
  std::string request, id;
  const Value requests = world().huiliu({"review", "list", "--kind", "create"}).json();
  for (const Value& each : requests.as_array())
    if (each["subject"].to_text().find(name) != std::string::npos)
      request = each["id"].to_text(), id = each["customer"].to_text();
  ASSERT_NE(request, "");
  const Value employee = world().huiliu({"employee", "list"}).json();
  for (const Value& person : employee.as_array())
    if (person["job_number"].to_text() == number) {
      ASSERT_EQ(world().huiliu({"customer", "set", id, "owner", person["id"].to_text()}).exit_code, 0);
    }
  world().settle();
  ASSERT_EQ(world().huiliu({"review", "decide", request, "approve", "--as", "li", "--note", "x"}).exit_code,
            0);
  world().settle();
  const std::string erp = Installation::key_in(world().customer(id), "kingdee");
  ASSERT_NE(erp, "") << "the record is made";
  EXPECT_EQ(text_at(world().record("kingdee", "customers", erp), "FSELLER.FNumber"), "");
  const Value letters = world().huiliu({"dead-letter", "list", "--connection", "kingdee"}).json();
  EXPECT_THAT(model::to_json(letters), testing::HasSubstr("业务员未对应：" + number));
}

// What the vendor no longer offers is named, and what the table says of it is a person's to decide.
TEST_F(Business, ACodeThatTheVendorDeletedIsAskedAbout) {
  const auto levels = [&](const char* options) {
    world().post("dingtalk", "/form",
                 Object{{"stream", "customers"},
                        {"key", "DDSelectField-HLALEVEL"},
                        {"options", *model::parse_json(options)}});
  };
  levels(R"(["A","B"])");
  const Finished discovered = world().huiliu({"codes", "discover", "dingtalk"});
  EXPECT_EQ(discovered.exit_code, 0) << discovered.err;
  Value review;
  const Value reviews = world().huiliu({"review", "list", "--kind", "change"}).json();
  for (const Value& each : reviews.as_array())
    if (text_at(each, "evidence.code") == "C" && each["connection"].to_text() == "dingtalk") review = each;
  ASSERT_FALSE(review.is_null()) << model::to_json(reviews);
  EXPECT_THAT(review["subject"].to_text(), testing::HasSubstr("已删除"));
  const Value deleted = world().huiliu({"codes", "list", "dingtalk", "--state", "deleted"}).json();
  ASSERT_EQ(deleted.as_array().size(), 1U) << model::to_json(deleted);
  ASSERT_EQ(world().huiliu({"review", "decide", review["id"].to_text(), "remove"}).exit_code, 0);
  EXPECT_TRUE(world().huiliu({"codes", "list", "dingtalk", "--state", "deleted"}).json().as_array().empty());
  levels(R"(["A","B","C"])");
}

// An account is this employee because a person says so: at once, and in the table that a person can edit.
TEST_F(Business, AnEmployeeIsMappedByHand) {
  const Value people = world().huiliu({"employee", "list"}).json();
  std::string one, other, key;
  for (const Value& person : people.as_array())
    for (const Value& account : person["accounts"].as_array())
      if (account["connection"].to_text() == "dingtalk") {
        if (key.empty())
          key = account["key"].to_text(), one = person["id"].to_text();
        else if (other.empty())
          other = person["job_number"].to_text();
      }
  ASSERT_NE(other, "");
  const Finished unknown = world().huiliu({"employee", "map", "dingtalk", key, "E9999"});
  EXPECT_EQ(unknown.exit_code, 1);
  EXPECT_THAT(unknown.err, testing::HasSubstr("E9999"));
  EXPECT_EQ(world().huiliu({"employee", "map", "dingtalk", "nobody", other}).exit_code, 1);
  EXPECT_EQ(world().huiliu({"employee", "map", "nowhere", key, other}).exit_code, 1);
  const Finished twice = world().huiliu({"employee", "map", "dingtalk", key, "王敏"});
  EXPECT_EQ(twice.exit_code, 1) << "two of that name";
  EXPECT_THAT(twice.err, testing::HasSubstr("E1008"));
  ASSERT_EQ(world().huiliu({"employee", "map", "dingtalk", key, other, "--as", "li"}).exit_code, 0);
  std::ifstream table(world().config / "tables" / "employees.csv");
  const std::string text(std::istreambuf_iterator<char>(table), {});
  EXPECT_THAT(text, testing::HasSubstr(other + ",dingtalk," + key));
  const Value after = world().huiliu({"employee", "list"}).json();
  for (const Value& person : after.as_array()) {
    const bool has = model::to_json(person["accounts"]).find(key) != std::string::npos;
    EXPECT_EQ(has, person["job_number"].to_text() == other) << model::to_json(person);
  }
  std::filesystem::remove(world().config / "tables" / "employees.csv");
  world().settle();
}

TEST_F(Business, PolicyExplainNamesTheLineAndTheReason) {
  const Value rows = world().huiliu({"policy", "explain", "customer.names.legal", "dingtalk"}).json();
  ASSERT_EQ(rows.as_array().size(), 1U) << model::to_json(rows);
  const Value& row = rows.as_array()[0];
  EXPECT_EQ(row["right"].to_text(), "P");
  EXPECT_EQ(row["column"].to_text(), "crm");
  EXPECT_THAT(row["line"].to_text(), testing::HasSubstr("policies/default.yaml:"));
  EXPECT_EQ(row["authority"].as_array().at(0).to_text(), "kingdee");
  EXPECT_EQ(world().huiliu({"policy", "explain", "customer.nonsense"}).exit_code, 1);
  EXPECT_GT(world().huiliu({"policy", "table"}).json().as_array().size(), 50U);
}

TEST_F(Business, ACodeWithoutAMeaningIsAskedAboutAndTheTableRemembersTheAnswer) {
  const auto sites = world().shared("customer", {"site"});
  ASSERT_FALSE(sites.empty());
  const std::string key = Installation::key_in(sites[0], "site");
  world().edit("site", "customers", key, {{"kind", "cooperative"}});
  world().settle();
  Value review;
  const Value reviews = world().huiliu({"review", "list", "--kind", "change", "--connection", "site"}).json();
  for (const Value& each : reviews.as_array())
    if (text_at(each, "evidence.code") == "cooperative") review = each;
  ASSERT_FALSE(review.is_null()) << model::to_json(reviews);
  EXPECT_THAT(review["subject"].to_text(), testing::HasSubstr("kind"));
  const Value unmapped = world().huiliu({"codes", "list", "site", "--state", "unmapped"}).json();
  ASSERT_EQ(unmapped.as_array().size(), 1U) << model::to_json(unmapped);
  EXPECT_EQ(unmapped.as_array()[0]["code"].to_text(), "cooperative");
  EXPECT_EQ(unmapped.as_array()[0]["records"].to_text(), "1");
  ASSERT_EQ(world().huiliu({"review", "decide", review["id"].to_text(), "company"}).exit_code, 0);
  EXPECT_TRUE(world().huiliu({"codes", "list", "site", "--state", "unmapped"}).json().as_array().empty());
  const std::string file = (world().directory / "codes.csv").string();
  ASSERT_EQ(world().huiliu({"codes", "export", file}).exit_code, 0);
  const Finished unchanged = world().huiliu({"codes", "import", file});
  EXPECT_EQ(unchanged.json()["changed"].to_text(), "0") << unchanged.err;
  std::ofstream(file) << "stream,connection\n";
  const Finished moved = world().huiliu({"codes", "import", file});
  EXPECT_EQ(moved.exit_code, 1);
  EXPECT_THAT(moved.err, testing::HasSubstr(":1"));
  world().settle();
}

TEST_F(Business, AHandoverReachesTheCrmOnItsDay) {
  const Value people = world().huiliu({"employee", "list"}).json();
  const auto customers_there = [&](const std::string& employee_key) {
    const Value records = world().get("dingtalk", "/state?stream=customers");
    return std::count_if(records.as_array().begin(), records.as_array().end(), [&](const Value& record) {
      return model::to_json(record).find("\"" + employee_key + "\"") != std::string::npos;
    });
  };
  std::string from, to, to_key;
  for (const Value& person : people.as_array()) {
    std::vector<std::string> keys;
    for (const Value& account : person["accounts"].as_array())
      if (account["connection"].to_text() == "dingtalk") keys.push_back(account["key"].to_text());
    if (keys.size() != 1) continue;  // somebody may have been given a second account by hand
    const std::string& key = keys.front();
    if (from.empty() && person["customers"].to_text() != "0" && customers_there(key) > 0)
      from = person["id"].to_text();
    else if (to.empty())
      to = person["id"].to_text(), to_key = key;
  }
  ASSERT_FALSE(from.empty() || to.empty()) << model::to_json(people).substr(0, 1500);
  const Value later = world().huiliu({"employee", "handover", from, to, "--effective", "2999-01-01"}).json();
  EXPECT_EQ(later["state"].to_text(), "planned");
  EXPECT_EQ(world().huiliu({"employee", "handover", from, from}).exit_code, 1);
  EXPECT_EQ(world().huiliu({"employee", "handover", from, to, "--effective", "soon"}).exit_code, 1);
  const Value now = world().huiliu({"employee", "handover", from, to, "--effective", "2020-01-01"}).json();
  const std::string count = now["customers"].to_text();
  EXPECT_NE(count, "0");
  const auto before = customers_there(to_key);
  world().settle();
  EXPECT_GT(customers_there(to_key), before);
  const Value after = world().huiliu({"employee", "list"}).json();
  for (const Value& person : after.as_array())
    if (person["id"].to_text() == from) {
      EXPECT_EQ(person["customers"].to_text(), "0");
    }
}

TEST_F(Business, AConnectionSaysWhatItCanDoAndWhichPromisesHold) {
  const Value view = world().huiliu({"connection", "show", "kingdee"}).json();
  EXPECT_EQ(text_at(view, "grade.write"), "C");
  EXPECT_EQ(view["column"].to_text(), "home");
  bool some_hold = false, some_do_not = false;
  for (const Value& promise : view["promises"].as_array()) {
    some_hold = some_hold || promise["holds"].as_bool();
    some_do_not = some_do_not || !promise["holds"].as_bool();
  }
  EXPECT_TRUE(some_hold && some_do_not);
  bool name = false, phone = false;
  for (const Value& stream : view["streams"].as_array())
    for (const Value& field : stream["fields"].as_array()) {
      if (stream["stream"].to_text() != "customers") continue;
      if (field["field"].to_text() == "names.legal") name = field["update"].as_bool();  // this site opened it
      if (field["field"].to_text() == "names.short") {
        EXPECT_FALSE(field["update"].as_bool());
      }
      if (field["field"].to_text() == "phones[switchboard]") phone = field["update"].as_bool();
    }
  EXPECT_TRUE(name && phone);
  EXPECT_EQ(world().huiliu({"connection", "show", "dingtalk"}).json()["messages"].to_text(), "work_notices");
  EXPECT_EQ(world().huiliu({"connection", "show", "nowhere"}).exit_code, 1);
}

}  // namespace
}  // namespace huiliu::e2e
