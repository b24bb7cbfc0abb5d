// What each switch of the twin does to a client, where no other test shows it.
#include <mutex>

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
