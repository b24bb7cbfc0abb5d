// What each switch of the twin does to a client, where no other test shows it.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "plugins/dingtalk/src/callback.hpp"
#include "plugins/dingtalk/tests/bench.hpp"
#include "sdk/twin/http_client.hpp"
#include "tests/support/switch_rows.hpp"

namespace dingtalk::tests {
namespace {

using host::ReadMode;
using model::ErrorClass;

class Switches : public testing::Test {
 protected:
  void set(const char* body) {
    const auto answer = huiliu::twin::http_send(
        {.method = "POST", .url = bench.server().control_url() + "/switches", .body = body});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  Bench bench;
};

TEST_F(Switches, AUsedUpMonthIsThrottlingUntilTheFirst) {
  set(R"({"monthly_calls":3})");
  bench.add_customers(3);
  model::Status status;
  int reads = 0;
  while (status.ok() && reads < 10) {
    status = bench.read("customers").status;
    ++reads;
  }
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, ErrorClass::throttled);
  EXPECT_EQ(reads, 4);
  EXPECT_EQ(beijing_text(bench.environment().now() / model::second + status.error().retry_after_ms / 1000),
            "2026-04-01 00:00:00");
  EXPECT_TRUE(bench.read("employees").status.ok()) << "the directory is not counted";
}

TEST_F(Switches, AHiddenRateIsLearnedFromItsRefusals) {
  set(R"({"api_per_second":5})");
  bench.add_customers(3);
  int refused = 0;
  for (int i = 0; i < 120; ++i) {
    const Taken found = bench.find("customers", {{"data.customer_name", "客户1"}});
    if (found.status.ok()) continue;
    ASSERT_EQ(found.status.error().error_class, ErrorClass::throttled) << found.status.error().text();
    ++refused;
    bench.environment().advance(std::max<std::int64_t>(found.status.error().retry_after_ms, 1) * 1000);
  }
  EXPECT_GE(refused, 1) << "the limit that is written down is four times as high";
  EXPECT_LE(refused, 4) << "and the real one is known after the first refusals";
}

TEST_F(Switches, ATokenIsRenewedBeforeItsTimeHoweverLongItLives) {
  set(R"({"token_seconds":1000})");
  ASSERT_TRUE(bench.connector().check().ok());
  bench.environment().advance(600 * model::second);
  ASSERT_TRUE(bench.connector().check().ok());
  EXPECT_EQ(bench.calls("POST /v1.0/oauth2/accessToken"), 1U);
  bench.environment().advance(300 * model::second);
  ASSERT_TRUE(bench.connector().check().ok());
  EXPECT_EQ(bench.calls("POST /v1.0/oauth2/accessToken"), 2U) << "and nothing was refused";
}

// The search index lags: what changed is not in the answer yet. The next reading reaches back behind the
// start of this one, so that it is seen then.
TEST_F(Switches, ALateIndexLosesNoChange) {
  bench.add_customers(3);
  const std::string walked = bench.read("customers").cursor;
  bench.environment().advance(3600 * model::second);
  bench.edit("c1000", {{"customer_name", "另一家"}});
  const std::string cursor = bench.read("customers", ReadMode::changes, walked).cursor;
  set(R"({"index_delay_ms":5000})");
  bench.environment().advance(600 * model::second);
  bench.edit("c1001", {{"customer_name", "新名"}});
  bench.environment().advance(1 * model::second);
  const Taken early = bench.read("customers", ReadMode::changes, cursor);
  ASSERT_TRUE(early.status.ok());
  EXPECT_FALSE(early.records.contains("c1001")) << "the twin shows it at once";
  bench.environment().advance(10 * model::second);
  const Taken later = bench.read("customers", ReadMode::changes, early.cursor);
  ASSERT_TRUE(later.status.ok());
  EXPECT_EQ(later.text("c1001", "data.customer_name"), "新名");
}

// The twin pushes; who listens keeps what arrived, in order.
class PushedEvents : public Switches {
 protected:
  PushedEvents() {
    bench.connector();
    bench.add_customer("i1", "甲");
    bench.add_customer("i2", "乙");
    const auto answer = huiliu::twin::http_send({.method = "POST",
                                                 .url = bench.server().control_url() + "/webhook-target",
                                                 .body = R"({"url":")" + ingress_.url() + R"(/hooks/crm"})"});
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  ~PushedEvents() override {
    bench.locked([&] { bench.twin().events().set_target(""); });
  }
  struct Arrived {
    std::string key, version;
    friend auto operator<=>(const Arrived&, const Arrived&) = default;
  };
  std::vector<Arrived> arrived() {
    EXPECT_TRUE(bench.twin().events().wait_idle(std::chrono::seconds(10)));
    const std::lock_guard<std::mutex> guard(mutex_);
    return arrived_;
  }

  std::atomic<int> refusals_{0};
  std::mutex mutex_;
  std::vector<Arrived> arrived_;
  huiliu::twin::HttpServer ingress_{[this](const huiliu::twin::HttpRequest& request) {
    huiliu::twin::HttpResponse response;
    if (refusals_ > 0) {
      --refusals_;
      response.status = 503;
      return response;
    }
    host::RecordConsumer consumer{
        [this](host::Page page) -> model::Status {
          const std::lock_guard<std::mutex> guard(mutex_);
          for (const host::RemoteRecord& record : page.records)
            arrived_.push_back({record.key, record.version});
          return {};
        },
        [](std::string_view, const host::StateChanges&) -> model::Status { return {}; }};
    const auto reply = bench.connector().handle_request(
        {request.method, request.target, request.headers, request.body}, consumer);
    response.status = reply.ok() ? reply->code : 500;
    if (reply.ok()) response.body = reply->body;
    return response;
  }};
};

TEST_F(PushedEvents, TwiceAreKnownByTheirId) {
  set(R"({"duplicate_events":true})");
  bench.edit("i1", {{"customer_name", "丙"}});
  const auto all = arrived();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], all[1]);
  EXPECT_FALSE(all[0].version.empty());
}

TEST_F(PushedEvents, OutOfOrderLeadToTheSameState) {
  set(R"({"disordered_events":true})");
  bench.edit("i1", {{"customer_name", "丙"}});
  bench.edit("i2", {{"customer_name", "丁"}});
  const auto all = arrived();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].key, "i2");
  EXPECT_EQ(all[1].key, "i1");
  EXPECT_EQ(bench.lookup("customers", {"i1"}).text("i1", "data.customer_name"), "丙");
}

TEST_F(PushedEvents, ComeAgainWhenNobodyAnswered) {
  refusals_ = 1;
  bench.edit("i1", {{"customer_name", "丙"}});
  EXPECT_EQ(arrived().size(), 1U);
}

// Listens until `wanted` keys are stored, as "stream/key".
std::vector<std::string> missed_by(Bench& bench, std::size_t wanted) {
  bench.settings["missed_events_minutes"] = 60;
  const auto listener = bench.open();
  std::vector<std::string> held, stored;
  std::stop_source stop;
  std::mutex mutex;
  std::condition_variable over;
  bool done = false;
  std::thread watchdog([&] {  // a list that is never asked for ends the test, too
    std::unique_lock lock(mutex);
    over.wait_for(lock, std::chrono::seconds(10), [&] { return done; });
    stop.request_stop();
  });
  host::RecordConsumer consumer{[&](host::Page page) -> model::Status {
                                  for (const host::RemoteRecord& record : page.records)
                                    held.push_back(page.stream + "/" + record.key);
                                  return {};
                                },
                                [&](std::string_view, const host::StateChanges&) -> model::Status {
                                  stored.insert(stored.end(), held.begin(), held.end());
                                  held.clear();
                                  if (stored.size() >= wanted) stop.request_stop();
                                  return {};
                                }};
  const model::Status ended = listener->listen(consumer, {.stop = stop.get_token()});
  EXPECT_EQ(ended.ok() ? ErrorClass::cancelled : ended.error().error_class, ErrorClass::cancelled);
  {
    const std::lock_guard lock(mutex);
    done = true;
  }
  over.notify_all();
  watchdog.join();
  return stored;
}

// Nobody answered: the vendor keeps such events in a list, for callbacks of the older interface.
TEST_F(PushedEvents, ThatNobodyTookArePulledFromTheListOfMissedOnes) {
  set(R"({"missed_after":1})");
  refusals_ = 1;
  bench.locked([&] { bench.twin().edit("employees", "dtE1007", {{"title", "经理"}}, ""); });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (bench.twin().events().to_json().at("attempts").to_number<int>() < 1 &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  EXPECT_EQ(missed_by(bench, 1), std::vector<std::string>{"employees/dtE1007"});
}

// The list comes in pages and under names of its own; each page is stored before the next empties it further.
TEST_F(Switches, TheListOfMissedEventsIsReadToItsEnd) {
  std::atomic<int> pages{0};
  const huiliu::twin::HttpServer between([&](const huiliu::twin::HttpRequest& request) {
    if (request.path != "/call_back/get_call_back_failed_result")
      return bench.locked([&] { return bench.twin().handle(request); });
    huiliu::twin::HttpResponse response;
    response.headers = {{"Content-Type", "application/json"}};
    const int page = ++pages;
    response.body = page == 1   ? R"({"errcode":0,"has_more":"true","failed_list":[
                 {"event_time":1,"call_back_tag":"user_modify_org","userid":["a","b"],"corpid":"dingtwincorp0001"},
                 {"event_time":2,"call_back_tag":"user_add_org","userid":["c"],"corpid":"another"}]})"
                    : page == 2 ? R"({"errcode":0,"has_more":false,"failed_list":[
                 {"event_time":3,"call_back_tag":"org_dept_remove","deptid":[7],"corpid":"dingtwincorp0001"},
                 {"event_time":4,"call_back_tag":"bpms_instance_change","bpms_instance_change":
                   {"corpid":"dingtwincorp0001","bpmsCallBackData":
                     {"processInstanceId":"p1","processCode":"PROC-TWIN-CUSTOMER","type":"finish"}}}]})"
                                : R"({"errcode":0,"errmsg":"ok","failed_list":[]})";
    return response;
  });
  bench.settings["base_url"] = between.url();
  bench.settings["oapi_base_url"] = between.url();
  EXPECT_EQ(missed_by(bench, 4),
            (std::vector<std::string>{"employees/a", "employees/b", "departments/7", "approvals/p1"}));
}

TEST_F(Switches, EveryOneHasATest) {
  set(R"({"stream/ping_ms":30000,"duplicate_events":true})");
  const auto shown = huiliu::switches_of(bench.twin());
  EXPECT_NE(std::find(shown.begin(), shown.end(), "stream/ping_ms"), shown.end());
  EXPECT_EQ(bench.twin().stream().to_json().at("ping_ms"), 30'000);
  EXPECT_EQ(bench.twin().stream().to_json().at("duplicate"), true);
  EXPECT_EQ(huiliu::changed_when_put_back(bench.twin()), "");
  EXPECT_EQ(huiliu::switches_without_test(HUILIU_SOURCE_DIR, "dingtalk", huiliu::switches_of(bench.twin())),
            std::vector<std::string>());
}

}  // namespace
}  // namespace dingtalk::tests
