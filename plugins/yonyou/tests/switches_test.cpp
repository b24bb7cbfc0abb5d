// What each switch of the twin does to a client, where no other test shows it.
#include <chrono>
#include <mutex>
#include <thread>
#include <tuple>

#include "plugins/yonyou/src/signature.hpp"
#include "plugins/yonyou/tests/fixture.hpp"
#include "sdk/twin/http_server.hpp"
#include "tests/support/switch_rows.hpp"

namespace yonyou_test {
namespace {

constexpr std::int64_t first_key = 1706047321704235000;
std::string number(int i) { return std::to_string(first_key + i); }

class SwitchTest : public YonyouTest {
 protected:
  explicit SwitchTest(double quota_factor = 0) : YonyouTest(quota_factor) {}
  // As another client of the same application would ask.
  json::object token_answer() {
    const auto& account = yonyou_twin::account();
    const std::string timestamp = std::to_string(environment_.now() / 1000 + ahead_ms_);
    const std::string signature = yonyou::base64_of(yonyou::hmac_sha256(
        account.app_secret, yonyou::string_to_sign({{"appKey", account.app_key}, {"timestamp", timestamp}})));
    const auto answer = huiliu::twin::http_send(
        {.method = "GET",
         .url = server_.url() + "/open-auth/selfAppAuth/base/v1/getAccessToken?appKey=" + account.app_key +
                "&timestamp=" + timestamp + "&signature=" + yonyou::percent_encode(signature)});
    return json::parse(answer.body).as_object();
  }
  std::string token() { return std::string(token_answer().at("data").at("access_token").as_string()); }
};

// ---- tokens

TEST_F(SwitchTest, ANewerTokenDoesNotEndTheOlderOne) {
  EXPECT_EQ(token(), token());
  rules(R"({"new_token_each_time":true})");
  host::Instance& instance = open();
  ASSERT_TRUE(instance.check().ok());
  const std::string one = token(), other = token();
  EXPECT_NE(one, other);
  const std::int64_t before = calls("getAccessToken");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(instance.check().ok());
  EXPECT_EQ(calls("getAccessToken"), before) << "the token in hand is good until its own end";
}

TEST_F(SwitchTest, ATokenIsKeptForAsLongAsItLives) {
  rules(R"({"token_life_seconds":1800})");
  host::Instance& instance = open();
  ASSERT_TRUE(instance.check().ok());
  wait_seconds(600);
  ASSERT_TRUE(instance.check().ok());
  EXPECT_EQ(calls("getAccessToken"), 1);
  wait_seconds(1300);
  ASSERT_TRUE(instance.check().ok());
  EXPECT_EQ(calls("getAccessToken"), 2);
}

TEST_F(SwitchTest, ANarrowWindowMeetsAClockThatIsOff) {
  ahead_ms_ = 120'000;
  ASSERT_TRUE(open().check().ok());
  EXPECT_EQ(calls("getAccessToken"), 1) << "two minutes are inside the usual window";
  rules(R"({"clock_window_ms":60000})");
  control("/expire-tokens", "{}");
  instances_.clear();
  reset_counters();
  ASSERT_TRUE(open().check().ok());
  EXPECT_EQ(calls("getAccessToken"), 2) << "refused once, then by the vendor's clock";
}

// ---- what moves a customer's time

TEST_F(SwitchTest, AnEditOfAContactMayLeaveTheCustomersTime) {
  for (const bool moves : {true, false}) {
    const int i = moves ? 1 : 2;
    customer(first_key + i, "公司" + std::to_string(i));
    contact(first_key + i, 900 + i, "王敏");
    host::Instance& instance = open();
    Read changes = read(instance, "contacts");
    wait_seconds(3600);
    rules(std::string(R"({"child_moves_pubts":)") + (moves ? "true}" : "false}"));
    changes = read(instance, "contacts", ReadMode::changes, changes.cursor());
    edit(number(i) + "-" + std::to_string(900 + i), R"({"positionName":"经理"})", "contacts");
    changes = read(instance, "contacts", ReadMode::changes, changes.cursor());
    EXPECT_EQ(changes.records.empty(), !moves);
    // What no time tells, the full read does.
    bool seen = false;
    for (const auto& record : read(instance, "contacts").records)
      seen = seen || (record.key == number(i) + "-" + std::to_string(900 + i) &&
                      record.body["positionName"].to_text() == "经理");
    EXPECT_TRUE(seen);
  }
}

TEST_F(SwitchTest, AnAllocationMayLeaveTheCustomersTime) {
  for (const bool moves : {true, false}) {
    const int i = moves ? 1 : 2;
    customer(first_key + i, "公司" + std::to_string(i));
    host::Instance& instance = open();
    Read changes = read(instance);
    wait_seconds(3600);
    rules(std::string(R"({"allocation_moves_pubts":)") + (moves ? "true}" : "false}"));
    changes = read(instance, "customers", ReadMode::changes, changes.cursor());
    ASSERT_EQ(write(instance, number(i), R"({"organisations":[{"belongOrgCode":"310"}]})").outcome,
              WriteOutcome::applied);
    changes = read(instance, "customers", ReadMode::changes, changes.cursor());
    EXPECT_EQ(changes.records.empty(), !moves);
    for (const auto& record : read(instance).records)
      if (record.key == number(i)) {
        EXPECT_EQ(record.body["organisations"].as_array().size(), 2U);
      }
  }
}

TEST_F(SwitchTest, WhatIsCreatedMayWaitForItsApprover) {
  rules(R"({"approval":true})");
  host::Instance& instance = open();
  const host::WriteResult made = write(instance, "", R"({"name":{"simplifiedName":"甲公司"}})");
  ASSERT_EQ(made.outcome, WriteOutcome::applied) << made.error.text();
  const host::WriteResult edited = write(instance, made.remote_key, R"({"fax":"1"})", "customers", "op-2");
  EXPECT_EQ(edited.outcome, WriteOutcome::deferred);
  EXPECT_NE(edited.error.message.find("审批"), std::string::npos);
}

// ---- events

TEST_F(SwitchTest, EventsComeInEveryFormThatIsMet) {
  customer(first_key + 1, "甲");
  std::mutex mutex;
  std::vector<std::string> bodies;
  huiliu::twin::HttpServer hub([&](const huiliu::twin::HttpRequest& request) {
    const std::lock_guard guard(mutex);
    bodies.push_back(request.body);
    return huiliu::twin::text_response("success");
  });
  host::Instance& instance = open();
  int edits = 0;
  for (const char* form : {R"({"events_wrapped":false,"events_old_signature":false})",
                           R"({"events_wrapped":true,"events_old_signature":false})",
                           R"({"events_wrapped":false,"events_old_signature":true})"}) {
    rules(form);
    control("/webhook-target", R"({"url":")" + hub.url() + "\"}");
    edit(number(1), R"({"fax":")" + std::to_string(++edits) + "\"}");
    const auto pending = [&] {
      return json::parse(
                 huiliu::twin::http_send({.method = "GET", .url = server_.control_url() + "/webhook-target"})
                     .body)
          .at("delivered")
          .to_number<int>();
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (pending() < 1 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    const std::lock_guard guard(mutex);
    ASSERT_EQ(bodies.size(), 2U) << form;  // CHECK_URL and the event
    Read taken;
    const auto reply = instance.handle_request({"POST", "/hooks/valves", {}, bodies.back()}, consumer(taken));
    ASSERT_TRUE(reply.ok() && reply->code == 200) << form;
    EXPECT_EQ(taken.keys(), std::vector<std::string>{number(1)}) << form;
    EXPECT_EQ(bodies.back().find("msgSignature") != std::string::npos,
              std::string_view(form).find(R"(old_signature":true)") != std::string_view::npos);
    bodies.clear();
  }
  control("/webhook-target", R"({"url":""})");
}

// The vendor's pages contradict each other on the answer; a tenant wants one of them.
TEST_F(SwitchTest, TheAddressIsTakenOnlyWithTheAnswerThatIsWanted) {
  for (const auto& [wanted, given, status] : {std::tuple{"plain", "plain", 200},
                                              {"plain", "encrypted", 400},
                                              {"encrypted", "plain", 400},
                                              {"encrypted", "encrypted", 200},
                                              {"any", "plain", 200},
                                              {"any", "encrypted", 200}}) {
    rules(std::string(R"({"event_reply":")") + wanted + "\"}");
    host::Instance& instance = open(std::string(R"({"event_reply":")") + given + "\"}");
    huiliu::twin::HttpServer hub([&](const huiliu::twin::HttpRequest& request) {
      Read taken;
      const auto reply =
          instance.handle_request({"POST", "/hooks/valves", request.headers, request.body}, consumer(taken));
      return huiliu::twin::text_response(reply.ok() ? reply->body : "", reply.ok() ? reply->code : 500);
    });
    const auto answer = huiliu::twin::http_send({.method = "POST",
                                                 .url = server_.control_url() + "/webhook-target",
                                                 .body = R"({"url":")" + hub.url() + "\"}"});
    EXPECT_EQ(answer.status, status) << wanted << ", " << given << ": " << answer.body;
    control("/webhook-target", R"({"url":""})");
  }
}

// ---- quotas

class QuotaTest : public SwitchTest {
 protected:
  QuotaTest() : SwitchTest(1) {
    customer(first_key + 1, "甲");
    load("orders", R"({"id":17,"code":"XSDD-1","pubts":"2025-01-01 00:00:00"})");
    load("receivables", R"({"id":18,"code":"YS-1","pubts":"2025-01-01 00:00:00"})");
  }
  // So many readings; how many of them were refused for their speed.
  int refused_of(const std::string& stream, int readings) {
    host::Instance& instance = open();
    int refused = 0;
    for (int i = 0; i < readings; ++i) {
      const Read once =
          stream == "customers" ? lookup(instance, stream, {number(1)}) : read(instance, stream);
      if (once.status.ok()) continue;
      EXPECT_EQ(once.status.error().error_class, model::ErrorClass::throttled) << once.status.error().text();
      ++refused;
      environment_.advance(std::max<std::int64_t>(once.status.error().retry_after_ms, 1'000) * 1000);
    }
    return refused;
  }
};

// Each kind of endpoint has a count of its own; what is learned of one does not slow the others.
TEST_F(QuotaTest, EveryKindOfEndpointIsCountedAndLearnedByItself) {
  rules(R"({"calls_per_minute":20,"order_calls_per_minute":10,"finance_calls_per_minute":5})");
  for (const auto& [stream, readings] : {std::pair{"customers", 60}, {"orders", 40}, {"receivables", 25}}) {
    const std::int64_t began = environment_.now();
    const int refused = refused_of(stream, readings);
    EXPECT_GE(refused, 1) << stream << ": less is allowed than is written down";
    EXPECT_LE(refused, 4) << stream;
    EXPECT_GE(environment_.now() - began, 100'000'000) << stream;
  }
}

TEST_F(QuotaTest, TokensAreCountedToo) {
  rules(R"({"token_calls_per_minute":2})");
  EXPECT_EQ(token_answer().at("code"), "00000");
  EXPECT_EQ(token_answer().at("code"), "00000");
  EXPECT_EQ(token_answer().at("code"), "310046");
  const auto checked = open().check();
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().error_class, model::ErrorClass::throttled) << checked.error().text();
  wait_seconds(61);
  EXPECT_TRUE(open().check().ok());
}

TEST_F(SwitchTest, EveryOneHasATest) {
  EXPECT_EQ(huiliu::changed_when_put_back(twin_), "");
  EXPECT_EQ(huiliu::switches_without_test(HUILIU_SOURCE_DIR, "yonyou", huiliu::switches_of(twin_)),
            std::vector<std::string>());
}

}  // namespace
}  // namespace yonyou_test
