// Who sees what: every reading route, for every role, against what the role's policy says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "hub/access/masking.hpp"
#include "tests/unit/api/desk.hpp"

namespace huiliu::api {
namespace {

using model::Object;
using model::Value;
using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> roles_of_people = {"admin",         "integrator", "steward", "finance",
                                                  "sales_manager", "sales",      "auditor"};

class PolicyOfTheApi : public testing::Test {
 protected:
  static void SetUpTestSuite() { desk_ = new Desk(); }
  static void TearDownTestSuite() {
    delete desk_;
    desk_ = nullptr;
  }
  static access::Principal principal(const std::string& role) {
    const auto who = desk_->hub().accounts().by_token(desk_->token(role), "", desk_->now());
    EXPECT_TRUE(who.ok());
    return *who;
  }
  // Everything that a role can read by GET, and the plan of an export.
  static std::vector<std::pair<std::string, HttpResponse>> everything(const std::string& role) {
    std::vector<std::pair<std::string, HttpResponse>> answers;
    const auto get = [&](const std::string& target) {
      answers.emplace_back(target, desk_->call("GET", target, desk_->token(role)));
    };
    for (const std::string& id : {desk_->mine, desk_->colleagues, desk_->others}) {
      get("/api/v1/customers/" + id);
      get("/api/v1/customers/" + id + "/history");
    }
    for (const std::string& id : {desk_->my_contact, desk_->others_contact}) {
      get("/api/v1/contacts/" + id);
      get("/api/v1/contacts/" + id + "/history");
    }
    for (const char* target :
         {"/api/v1/customers", "/api/v1/contacts", "/api/v1/search?q=13911239876",
          "/api/v1/search?q=13911239876&entity=contact", "/api/v1/search?q=%E5%85%AC%E5%8F%B8",
          "/api/v1/reviews", "/api/v1/conflicts", "/api/v1/creation-requests", "/api/v1/dead-letters",
          "/api/v1/dead-letters/causes", "/api/v1/audit", "/api/v1/users", "/api/v1/tokens", "/api/v1/runs",
          "/api/v1/streams", "/api/v1/connections"})
      get(target);
    get("/api/v1/reviews/" + desk_->review);
    get("/api/v1/conflicts/" + desk_->conflict);
    get("/api/v1/dead-letters/" + desk_->letter);
    answers.emplace_back("exports", desk_->call("POST", "/api/v1/exports", desk_->token(role),
                                                R"({"reason":"a test of masking"})"));
    answers.emplace_back("exports of contacts",
                         desk_->call("POST", "/api/v1/exports", desk_->token(role),
                                     R"({"entity":"contact","reason":"a test of masking"})"));
    return answers;
  }
  static Desk* desk_;
};
Desk* PolicyOfTheApi::desk_ = nullptr;

// The reference: a value in clear may stand in an answer only when the role sees its class in clear.
TEST_F(PolicyOfTheApi, WhatIsMaskedNeverLeavesInClear) {
  const model::Schema& schema = desk_->hub().config().schema;
  const auto field = [&](const char* entity, const char* name) {
    return schema.find(entity)->fields[schema.find(entity)->index_of(name)];
  };
  for (const std::string& role : roles_of_people) {
    const access::Principal who = principal(role);
    const access::Policy& policy = desk_->hub().policy();
    const std::vector<std::tuple<std::string, model::Field, std::string>> secrets = {
        {desk_->others_canary.phone, field("customer", "phones[switchboard]"), "phone"},
        {desk_->my_canary.phone, field("customer", "phones[switchboard]"), "phone"},
        {desk_->others_canary.email, field("customer", "emails[general]"), "email"},
        {desk_->others_canary.tax, field("customer", "identifiers.tax"), "tax"},
        {desk_->others_canary.bank, field("customer", "invoice"), "bank"},
        {desk_->others_canary.name, field("customer", "legal_person"), "name"},
        {desk_->my_canary.name, field("contact", "name"), "name"}};
    for (const auto& [target, response] : everything(role))
      for (const auto& [text, of, what] : secrets)
        if (policy.right(who, of).sees != config::Sees::plain) {
          EXPECT_EQ(response.body.find(text), std::string::npos)
              << role << " saw a " << what << " at " << target << "\n"
              << response.body.substr(0, 2000);
        }
  }
}

TEST_F(PolicyOfTheApi, RecordsOfOthersAreNotThere) {
  for (const auto& [target, response] : everything("sales")) {
    EXPECT_THAT(response.body, Not(HasSubstr("深圳南山精密仪器有限公司"))) << target;
    EXPECT_THAT(response.body, Not(HasSubstr("苏州蓝海阀门有限公司"))) << target;
    EXPECT_THAT(response.body, Not(HasSubstr(desk_->others_canary.name))) << target;
  }
  for (const auto& [target, response] : everything("sales_manager"))
    EXPECT_THAT(response.body, Not(HasSubstr("深圳南山精密仪器有限公司"))) << target;
  const std::string manager = desk_->token("sales_manager"), sales = desk_->token("sales");
  EXPECT_EQ(desk_->call("GET", "/api/v1/customers/" + desk_->mine, sales).status, 200);
  EXPECT_EQ(desk_->call("GET", "/api/v1/customers/" + desk_->colleagues, sales).status, 404);
  EXPECT_EQ(desk_->call("GET", "/api/v1/customers/" + desk_->colleagues, manager).status, 200);
  EXPECT_EQ(desk_->call("GET", "/api/v1/customers/" + desk_->others, manager).status, 404);
  EXPECT_EQ(desk_->call("GET", "/api/v1/contacts/" + desk_->my_contact, sales).status, 200);
  EXPECT_EQ(desk_->call("GET", "/api/v1/contacts/" + desk_->others_contact, sales).status, 404);
  const auto count = [&](const std::string& token, const std::string& target) {
    return json_of(desk_->call("GET", target, token))["items"].as_array().size();
  };
  EXPECT_EQ(count(sales, "/api/v1/customers"), 1U);
  EXPECT_EQ(count(manager, "/api/v1/customers"), 2U);
  EXPECT_EQ(count(desk_->token("steward"), "/api/v1/customers"), 3U);
  EXPECT_EQ(count(sales, "/api/v1/contacts"), 1U) << "the contact of one's own customer";
  EXPECT_EQ(count(sales, "/api/v1/search?q=%E6%9C%89%E9%99%90"), 1U);
  EXPECT_EQ(count(sales, "/api/v1/search?q=13911239876"), 0U);
  EXPECT_EQ(count(sales, "/api/v1/search?entity=contact&q=13800137654"), 1U);
  EXPECT_EQ(count(sales, "/api/v1/reviews"), 0U);
  EXPECT_EQ(desk_->call("GET", "/api/v1/reviews/" + desk_->review, sales).status, 404);
}

TEST_F(PolicyOfTheApi, FunctionsAreWhatTheRolesFileSays) {
  for (const std::string& role : roles_of_people) {
    const auto& policy = desk_->hub().config().roles.at(role);
    for (const Route& route : routes()) {
      if (route.caller.kind != Caller::Kind::function || std::string(route.method) != "GET") continue;
      std::string path = route.path;
      for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}', open) - open + 1, "none");
      const HttpResponse response = desk_->call("GET", "/api/v1" + path, desk_->token(role));
      if (policy.functions.contains(route.caller.function))
        EXPECT_NE(response.status, 403) << role << ' ' << path;
      else
        EXPECT_EQ(response.status, 403) << role << ' ' << path;
    }
  }
}

TEST_F(PolicyOfTheApi, NoRoleBothChangesAccessAndReadsTheAudit) {
  for (const auto& [name, role] : desk_->hub().config().roles)
    EXPECT_FALSE(role.functions.contains("users.write") && role.functions.contains("audit.read")) << name;
}

TEST_F(PolicyOfTheApi, EditsNeedTheFieldAndTheRecord) {
  const std::string sales = desk_->token("sales");
  const auto etag = [&](const std::string& id) {
    return Desk::header(desk_->call("GET", "/api/v1/customers/" + id, desk_->token("steward")), "ETag");
  };
  const std::string body = R"({"fields":{"follow_up":"已拜访"}})";
  EXPECT_EQ(desk_
                ->call("PATCH", "/api/v1/customers/" + desk_->others, sales, body,
                       {{"If-Match", etag(desk_->others)}})
                .status,
            404);
  EXPECT_EQ(desk_
                ->call("PATCH", "/api/v1/customers/" + desk_->mine, desk_->token("integrator"), body,
                       {{"If-Match", etag(desk_->mine)}})
                .status,
            403);
  const HttpResponse id_card = desk_->call("PATCH", "/api/v1/customers/" + desk_->mine, sales,
                                           R"({"fields":{"identifiers.tax":"91330106MA27XH4T0A"}})",
                                           {{"If-Match", etag(desk_->mine)}});
  EXPECT_EQ(id_card.status, 403) << id_card.body;
}

TEST_F(PolicyOfTheApi, RevealingTakesAReasonAndIsRecorded) {
  const std::string target = "/api/v1/customers/" + desk_->mine + "/reveal";
  const std::string sales = desk_->token("sales");
  EXPECT_EQ(desk_->call("POST", target, sales, R"({"fields":["phones[switchboard]"]})").status, 422);
  const HttpResponse shown =
      desk_->call("POST", target, sales, R"({"fields":["phones[switchboard]"],"reason":"回访 13800137654"})");
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(json_of(shown)["fields"]["phones[switchboard]"].to_text(), desk_->my_canary.phone);
  EXPECT_EQ(desk_
                ->call("POST", "/api/v1/customers/" + desk_->others + "/reveal", sales,
                       R"({"fields":["phones[switchboard]"],"reason":"回访客户"})")
                .status,
            404);
  EXPECT_EQ(desk_
                ->call("POST", target, desk_->token("integrator"),
                       R"({"fields":["phones[switchboard]"],"reason":"回访客户"})")
                .status,
            403);
  const HttpResponse audit =
      desk_->call("GET", "/api/v1/audit?action=reveal&object=" + desk_->mine, desk_->token("auditor"));
  const Value entries = json_of(audit)["items"];
  ASSERT_EQ(entries.as_array().size(), 1U) << audit.body;
  EXPECT_EQ(entries.as_array()[0]["actor"].to_text(), "u-sales (token test)");
  EXPECT_THAT(audit.body, Not(HasSubstr(desk_->my_canary.phone)))
      << "a reason is typed by people: masked too";
}

TEST_F(PolicyOfTheApi, AFilterIsNoWayAroundTheMask) {
  EXPECT_EQ(
      desk_->call("GET", "/api/v1/customers?filter=phones.switchboard%3D%22x%22", desk_->token("steward"))
          .status,
      403);
  EXPECT_EQ(desk_
                ->call("GET", "/api/v1/customers?filter=sales_department%3D%22%E5%8D%8E%E5%8D%97%E9%83%A8%22",
                       desk_->token("steward"))
                .status,
            200);
}

// --- every surface for every role, against what business says the role sees; written down here a second time

enum class Rows { all, department, own, none };
struct Sight {
  const char* role;
  Rows rows;
  bool names;  // of persons, in clear
};
constexpr Sight sights[] = {
    {"admin", Rows::all, false},   {"integrator", Rows::all, false},          {"steward", Rows::all, true},
    {"finance", Rows::all, true},  {"sales_manager", Rows::department, true}, {"sales", Rows::own, true},
    {"auditor", Rows::none, false}};
constexpr const char* surfaces[] = {"list",    "search",       "export", "events", "explanations",
                                    "reviews", "dead letters", "runs",   "audit",  "privacy"};

class Surface : public testing::TestWithParam<std::tuple<Sight, const char*>> {
 protected:
  static void SetUpTestSuite() {
    desk_ = new Desk();
    const Canary& who = desk_->others_canary;
    const model::Status planted = desk_->hub().store().write([&](store::Transaction& t) -> model::Status {
      store::Run run;
      run.id = "run_1";
      run.job = "sync";
      run.started = desk_->now();
      run.state = store::RunState::failed;
      run.error = "the phone " + who.phone + " of " + who.email + " was refused";
      t.save(run);
      t.save_value("pause", "erp", "the account " + who.phone + " was refused");
      t.add_log("run_1", {0, desk_->now(), "error", "again " + who.phone});
      store::AuditEntry line;
      line.at = desk_->now();
      line.actor = "u-steward";
      line.action = "edit";
      line.object = desk_->others;
      line.detail = Object{{"note", "he said call " + who.phone}};
      t.add_audit(line);
      return {};
    });
    EXPECT_TRUE(planted.ok());
    for (const std::string& id : {desk_->mine, desk_->others}) {
      const HttpResponse revealed =
          desk_->call("POST", "/api/v1/customers/" + id + "/reveal", desk_->token("steward"),
                      R"({"fields":["phones[switchboard]"],"reason":"call )" + who.phone + R"("})");
      EXPECT_EQ(revealed.status, 200) << revealed.body;
    }
  }
  static void TearDownTestSuite() {
    delete desk_;
    desk_ = nullptr;
  }
  // What the role gets of the surface: the bodies that were not refused.
  static std::string text_of(const std::string& role, const std::string& surface) {
    std::string all;
    const auto take = [&](const std::string& method, const std::string& target,
                          const std::string& body = {}) {
      HttpResponse response = desk_->call(method, "/api/v1" + target, desk_->token(role), body);
      EXPECT_LT(response.status, 500) << target << response.body;
      if (response.status != 200) return;
      all += response.body;
      for (int i = 0; response.events != nullptr && i < 2; ++i) all += response.events->next().value_or("");
    };
    const std::vector<std::string> customers = {desk_->mine, desk_->colleagues, desk_->others};
    if (surface == "list")
      for (const char* path : {"/customers", "/contacts", "/employees", "/summary"}) take("GET", path);
    if (surface == "search")
      for (const char* q : {"q=%E6%9C%89%E9%99%90", "q=13911239876",
                            "q=%E5%86%AF%E8%87%B4%E8%BF%9C&entity=contact", "q=szns", "q=91310115MA1K4C7B3X"})
        take("GET", std::string("/search?") + q);
    if (surface == "export")
      for (const char* entity : {"customer", "contact"})
        take("POST", "/exports", std::string(R"({"reason":"a test of it","entity":")") + entity + "\"}");
    if (surface == "events") take("GET", "/events");
    if (surface == "explanations") {
      for (const std::string& id : customers)
        take("GET", "/customers/" + id), take("GET", "/customers/" + id + "/history");
      for (const std::string& id : {desk_->my_contact, desk_->others_contact})
        take("GET", "/contacts/" + id), take("GET", "/contacts/" + id + "/history");
      take("GET", "/conflicts/" + desk_->conflict);
    }
    if (surface == "reviews") {
      for (const char* path : {"/reviews", "/conflicts", "/creation-requests"}) take("GET", path);
      take("GET", "/reviews/" + desk_->review);
    }
    if (surface == "dead letters") {
      for (const char* path : {"/dead-letters", "/dead-letters/causes"}) take("GET", path);
      take("GET", "/dead-letters/" + desk_->letter);
    }
    if (surface == "runs")
      for (const char* path : {"/runs", "/runs/run_1", "/runs/run_1/log"}) take("GET", path);
    if (surface == "audit") take("GET", "/audit");
    if (surface == "privacy") {
      take("GET", "/privacy/deliveries");
      take("GET", "/privacy/persons/" + desk_->others_contact + "/consents");
    }
    return all;
  }
  static Desk* desk_;
};
Desk* Surface::desk_ = nullptr;

TEST_P(Surface, ShowsARoleItsRowsAndItsFieldsOnly) {
  const auto& [sight, surface] = GetParam();
  const std::string text = text_of(sight.role, surface);
  for (const Canary& who : {desk_->my_canary, desk_->others_canary})
    for (const std::string& masked : {who.phone, who.email, who.tax, who.bank})
      EXPECT_THAT(text, Not(HasSubstr(masked)));
  if (!sight.names) {
    EXPECT_THAT(text, Not(HasSubstr(desk_->my_canary.name)));
    EXPECT_THAT(text, Not(HasSubstr(desk_->others_canary.name)));
  }
  const bool all = sight.rows == Rows::all;
  if (!all) {
    EXPECT_THAT(text, Not(HasSubstr("深圳南山精密仪器有限公司"))) << "another department's";
    EXPECT_THAT(text, Not(HasSubstr(desk_->others_canary.name)));
  }
  if (!all && sight.rows != Rows::department) {
    EXPECT_THAT(text, Not(HasSubstr("苏州蓝海阀门有限公司"))) << "a colleague's";
  }
  if (sight.rows == Rows::none) {
    EXPECT_THAT(text, Not(HasSubstr("有限公司")));
  }
  // And what he may see is there.
  const std::string what = surface;
  if ((what == "list" || what == "search" || what == "explanations") && sight.rows != Rows::none) {
    EXPECT_THAT(text, HasSubstr("上海汇流机械有限公司"));
  }
  if ((what == "list" || what == "explanations") && all) {
    EXPECT_THAT(text, HasSubstr("139****9876")) << "masked, but enough to recognise it";
  }
  if (what == "audit" && std::string(sight.role) == "auditor") {
    EXPECT_THAT(text, HasSubstr("reveal"));
  }
  if (what == "audit" && std::string(sight.role) != "auditor") {
    EXPECT_EQ(text, "");
  }
}
std::string surface_name(const testing::TestParamInfo<std::tuple<Sight, const char*>>& info) {
  std::string name = std::string(std::get<0>(info.param).role) + "_" + std::get<1>(info.param);
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(OfEveryRole, Surface,
                         testing::Combine(testing::ValuesIn(sights), testing::ValuesIn(surfaces)),
                         surface_name);

TEST(Masking, ShowsEnoughToRecogniseAndTooLittleToUse) {
  EXPECT_EQ(access::masked("phone", Value("13800137654")).to_text(), "138****7654");
  EXPECT_EQ(access::masked("email", Value("xiaolan@example.com")).to_text(), "x***@example.com");
  EXPECT_EQ(access::masked("id", Value("91330106MA27XH4T0A")).to_text(), "9133**********4T0A");
  EXPECT_EQ(access::masked("name", Value("苏晓岚")).to_text(), "苏**");
  EXPECT_EQ(access::masked_text("call 138-0013-7654 or mail a.b@example.com about cus_01hz12345678"),
            "call 138******7654 or mail a***@example.com about cus_01hz12345678");
  EXPECT_EQ(model::to_json(access::masked("phone", Value(model::Array{"13800137654", ""}))),
            R"(["138****7654",""])");
}

}  // namespace
}  // namespace huiliu::api
