// The connector and the twin of a site with an API.
#include <chrono>
#include <mutex>
#include <thread>

#include "plugins/webhook/tests/fixture.hpp"
#include "tests/support/switch_rows.hpp"

namespace huiliu::webhook {
namespace {

TEST_F(SiteTest, CreatesUpdatesAndDeletes) {
  EXPECT_TRUE(instance->check().ok());
  const host::WriteResult made = write(
      "customers", {.key = "", .operation_id = "op_1", .body = json(R"({"name":"苏州晟禾","tags":["A"]})")});
  ASSERT_EQ(made.outcome, WriteOutcome::applied) << made.error.text();
  EXPECT_EQ(made.remote_version, "1");
  ASSERT_TRUE(made.remote_body);
  EXPECT_EQ(state("customers", made.remote_key).at("name"), "苏州晟禾");

  const host::WriteResult changed = write("customers", {.key = made.remote_key,
                                                        .version = "1",
                                                        .operation_id = "op_2",
                                                        .body = json(R"({"phone":"0512-66881234"})")});
  EXPECT_EQ(changed.outcome, WriteOutcome::applied);
  EXPECT_EQ(changed.remote_version, "2");
  EXPECT_EQ(state("customers", made.remote_key).at("name"), "苏州晟禾");
  EXPECT_EQ(counters().at("fields_written").at("phone"), 1);

  EXPECT_EQ(
      write(
          "customers",
          {.key = made.remote_key, .version = "1", .operation_id = "op_3", .body = json(R"({"phone":"x"})")})
          .outcome,
      WriteOutcome::stale);
  EXPECT_EQ(write("customers",
                  {.key = made.remote_key, .operation_id = "op_4", .body = json(R"({"credit_limit":1})")})
                .outcome,
            WriteOutcome::rejected);
  EXPECT_EQ(write("customers", {.key = "S999999", .operation_id = "op_5", .body = json(R"({"phone":"x"})")})
                .outcome,
            WriteOutcome::gone);
  EXPECT_EQ(write("customers", {.key = made.remote_key, .operation_id = "op_6", .deleted = true}).outcome,
            WriteOutcome::applied);
  EXPECT_EQ(counters().at("creates"), 1);
  EXPECT_EQ(counters().at("deletes"), 1);
}

TEST_F(SiteTest, ARepeatedWriteHappensOnce) {
  const host::WriteRecord record{.key = "", .operation_id = "op_1", .body = json(R"({"name":"A"})")};
  control("/faults", R"({"timeout_after_commit":{"next":1}})");
  const host::WriteResult first =
      write("customers", record);  // the host tries again under the same webhook-id
  EXPECT_EQ(first.outcome, WriteOutcome::applied) << first.error.text();
  const host::WriteResult again = write("customers", record);
  EXPECT_EQ(again.outcome, WriteOutcome::applied);
  EXPECT_EQ(again.remote_key, first.remote_key);
  EXPECT_EQ(counters().at("creates"), 1);
}

TEST_F(SiteTest, AWrongSecretStopsTheBatch) {
  const auto wrong = open(R"({"url":")" + server.url() +
                          R"(/webhooks","signing_secret":"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})");
  const host::WriteReport report =
      wrong->write("customers", {{.key = "", .operation_id = "1", .body = json(R"({"name":"A"})")},
                                 {.key = "", .operation_id = "2", .body = json(R"({"name":"B"})")}});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::deferred);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::deferred);
  EXPECT_EQ(report.ended.error().error_class, model::ErrorClass::auth);
  EXPECT_FALSE(wrong->check().ok());
}

TEST_F(SiteTest, ReadsTheFeedFromTheStartAndOn) {
  twin::WorldOptions options;
  options.customers = 2000;
  const twin::World world = twin::generate_world(options);
  server.locked([&] { site.populate(world); });
  ASSERT_TRUE(instance->read({.stream = "customers"}, consumer).ok());
  EXPECT_EQ(records.size(), world.system("site").customers.size());
  EXPECT_EQ(records[0].record.version, "1");
  const std::string cursor = cursors.back();
  EXPECT_GT(cursors.size(), 2U);

  records.clear();
  ASSERT_TRUE(
      instance->read({.stream = "customers", .mode = host::ReadMode::changes, .cursor = cursor}, consumer)
          .ok());
  EXPECT_TRUE(records.empty());
  control("/edit", R"({"stream":"customers","key":"S000002","fields":{"phone":"1"}})");
  control("/delete", R"({"stream":"customers","key":"S000003"})");
  ASSERT_TRUE(
      instance->read({.stream = "customers", .mode = host::ReadMode::changes, .cursor = cursor}, consumer)
          .ok());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].record.version, "2");
  EXPECT_TRUE(records[1].record.deleted);

  records.clear();
  ASSERT_TRUE(instance->read({.stream = "contacts", .mode = host::ReadMode::keys}, consumer).ok());
  EXPECT_EQ(records.size(), world.system("site").contacts.size());
  const auto lost = instance->read(
      {.stream = "customers", .mode = host::ReadMode::changes, .cursor = "99999999"}, consumer);
  EXPECT_EQ(lost.error().error_class, model::ErrorClass::resync);
}

TEST_F(SiteTest, LooksUpAndFinds) {
  server.locked([&] {
    for (int i = 1; i <= 120; ++i)
      site.store().create(
          "customers", "S" + std::to_string(i),
          {{"id", "S" + std::to_string(i)}, {"name", i == 7 ? "晟禾 & Co" : "other"}, {"version", 1}},
          twin::Origin::load);
  });
  std::vector<std::string> keys;
  for (int i = 1; i <= 121; ++i) keys.push_back("S" + std::to_string(i));
  ASSERT_TRUE(instance->lookup("customers", keys, consumer).ok());
  ASSERT_EQ(records.size(), 121U);
  EXPECT_TRUE(records.back().record.deleted);
  records.clear();
  ASSERT_TRUE(instance->find({"customers", {{"name", "晟禾 & Co"}}, 2}, consumer).ok());
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].record.key, "S7");
}

TEST_F(SiteTest, AThinEventIsCompletedByALook) {
  server.locked([&] {
    site.store().create("customers", "S1", {{"id", "S1"}, {"name", "whole"}, {"version", 4}},
                        twin::Origin::load);
  });
  const auto both = open(R"({"scheme":"none","read_url":")" + server.url() +
                         R"(/api","read_token":"site-twin-read-token"})");
  EXPECT_EQ(deliver(*both, R"({"type":"customer.updated","data":{"id":"S1"}})", {}), 200);
  EXPECT_EQ(deliver(*both, R"({"type":"customer.updated","data":{"id":"S2"}})", {}), 200);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].record.version, "4");
  EXPECT_EQ(records[0].record.body["name"].to_text(), "whole");
  EXPECT_TRUE(records[1].record.deleted);
}

// The connector as the site's events reach it. The twin signs with the real clock where it sends, so this
// instance lives in real time.
class SiteEvents : public SiteTest {
 protected:
  SiteEvents() {
    auto opened = Instance::open(
        real_host_, connector(),
        {.connection = "site",
         .settings = json(R"({"signing_secret":")" + std::string(webhook_twin::kSigningSecret) + "\"}"),
         .secrets = host::SecretForm::clear_allowed,
         .state = &notes});
    if (!opened) throw std::runtime_error(opened.error().text());
    ears_ = std::move(*opened);
    control("/clock", R"({"offset_ms":0})");
    control("/webhook-target", R"({"url":")" + hub_.url() + R"(/hooks/site"})");
  }
  ~SiteEvents() override { control("/webhook-target", R"({"url":""})"); }

  std::int64_t total(const char* name) {
    const auto totals =
        boost::json::parse(twin::http_send({"GET", server.control_url() + "/webhook-target"}).body);
    return totals.at(name).to_number<std::int64_t>();
  }
  // Until so many deliveries were answered with success.
  void wait_delivered(std::int64_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (total("delivered") < count && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    ASSERT_GE(total("delivered"), count);
  }
  std::vector<Seen> heard() {
    const std::lock_guard<std::mutex> guard(mutex_);
    return records;
  }

  std::mutex mutex_;
  std::atomic<int> calls{0}, refusals{0};
  host::SystemEnvironment real_time_;
  host::Host real_host_{real_time_};
  std::unique_ptr<Instance> ears_;
  const twin::HttpServer hub_{[this](const twin::HttpRequest& request) {
    const std::lock_guard<std::mutex> guard(mutex_);
    ++calls;
    if (refusals > 0) return --refusals, twin::text_response("", 503);
    return twin::text_response("", deliver(*ears_, request.body, request.headers, request.method));
  }};
};

TEST_F(SiteEvents, TellWhatPersonsDoThere) {
  refusals = 1;
  control("/create", R"({"stream":"customers","fields":{"name":"甲"},"as":"王敏"})");
  control("/edit", R"({"stream":"customers","key":"SN000001","fields":{"phone":"1"}})");
  control("/delete", R"({"stream":"customers","key":"SN000001"})");
  wait_delivered(3);
  const std::vector<Seen> seen = heard();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].record.body["name"].to_text(), "甲");
  EXPECT_EQ(seen[1].record.version, "2");
  EXPECT_TRUE(seen[2].record.deleted);
  EXPECT_EQ(calls, 4);
}

// ---- the twin's switches

TEST_F(SiteEvents, TwiceCountOnce) {
  control("/switches", R"({"duplicate_events":true})");
  control("/create", R"({"stream":"customers","fields":{"name":"甲"}})");
  control("/edit", R"({"stream":"customers","key":"SN000001","fields":{"phone":"1"}})");
  wait_delivered(4);
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(heard().size(), 2U) << "a repeated webhook-id has no effect";
}

TEST_F(SiteEvents, OutOfOrderTellTheirVersion) {
  control("/create", R"({"stream":"customers","fields":{"name":"甲"}})");
  wait_delivered(1);
  control("/switches", R"({"disordered_events":true})");
  control("/edit", R"({"stream":"customers","key":"SN000001","fields":{"phone":"1"}})");
  control("/edit", R"({"stream":"customers","key":"SN000001","fields":{"phone":"2"}})");
  wait_delivered(3);
  const std::vector<Seen> seen = heard();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1].record.version, "3");
  EXPECT_EQ(seen[2].record.version, "2") << "who takes the last one for the newest is wrong";
}

TEST_F(SiteTest, AnExceededMinuteIsThrottling) {
  control("/switches", R"({"calls_per_minute":2})");
  std::vector<host::WriteRecord> many;
  for (int i = 0; i < 5; ++i)
    many.push_back({.key = "", .operation_id = "op_" + std::to_string(i), .body = json(R"({"name":"A"})")});
  const host::WriteReport report = instance->write("customers", many);
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::applied);
  // Learnt and waited out by the host, or handed back for later: never lost, never refused for good.
  for (const host::WriteResult& result : report.results)
    EXPECT_TRUE(result.outcome == WriteOutcome::applied || result.outcome == WriteOutcome::deferred);
  EXPECT_LE(counters().at("creates").to_number<int>(), 5);
  control("/switches", R"({"calls_per_minute":0})");
  ASSERT_EQ(instance->write("customers", many).results[4].outcome, WriteOutcome::applied);
  EXPECT_EQ(counters().at("creates"), 5);
}

TEST_F(SiteTest, EverySwitchHasATest) {
  EXPECT_EQ(changed_when_put_back(site), "");
  EXPECT_EQ(switches_without_test(HUILIU_SOURCE_DIR, "webhook", switches_of(site)),
            std::vector<std::string>());
}

// ---- what a receiver's answers mean

// A site that we also read answers JSON. A page there comes from something before it: a look tells.
TEST_F(SiteTest, APageWhereJsonIsDueIsNoSuccess) {
  const twin::HttpServer portal([&](const twin::HttpRequest&) {
    auto page = twin::text_response("<!DOCTYPE html><html><body>Please sign in</body></html>", 200);
    return page;
  });
  const auto both =
      open(R"({"url":")" + portal.url() + R"(/in","signing_secret":")" + kSecret + R"(","read_url":")" +
           server.url() + R"(/api","read_token":"site-twin-read-token"})");
  const host::WriteRecord record{.key = "", .operation_id = "op_1", .body = json(R"({"name":"A"})")};
  EXPECT_EQ(write("customers", record, both.get()).outcome, WriteOutcome::in_doubt);
  // Without a read API every 2xx is a success, as the standard has it.
  const auto blind = open(R"({"url":")" + portal.url() + R"(/in","signing_secret":")" + kSecret + "\"}");
  EXPECT_EQ(write("customers", record, blind.get()).outcome, WriteOutcome::applied);
}

struct ReceiverAnswer {
  int code;
  const char* body;
  WriteOutcome outcome;
};

class ReceiverAnswers : public WebhookTest, public testing::WithParamInterface<ReceiverAnswer> {};

// The table of docs/connectors/webhook.md, row by row.
TEST_P(ReceiverAnswers, HaveOneOutcome) {
  const twin::HttpServer receiver(
      [&](const twin::HttpRequest&) { return twin::text_response(GetParam().body, GetParam().code); });
  const auto instance = open(R"({"url":")" + receiver.url() + R"(/in","signing_secret":")" + kSecret +
                             R"(","read_url":")" + receiver.url() + R"(/api","read_token":"t"})");
  const host::WriteReport report = instance->write(
      "customers", {{.key = "", .operation_id = "op_1", .body = *model::parse_json(R"({"name":"A"})")}});
  EXPECT_EQ(report.results.at(0).outcome, GetParam().outcome) << GetParam().code << GetParam().body;
  if (GetParam().code < 300) return;
  // What it is, in two languages.
  const std::string words = report.results.at(0).error.message;
  EXPECT_TRUE(std::any_of(words.begin(), words.end(), [](unsigned char c) { return c >= 0x80; })) << words;
  EXPECT_NE(words.find('('), std::string::npos) << words;
}

INSTANTIATE_TEST_SUITE_P(
    Sheet, ReceiverAnswers,
    testing::Values(
        ReceiverAnswer{200, "{}", WriteOutcome::applied},
        ReceiverAnswer{201, R"({"id":"S1"})", WriteOutcome::applied},
        ReceiverAnswer{202, "accepted", WriteOutcome::applied},
        ReceiverAnswer{204, "", WriteOutcome::applied}, ReceiverAnswer{301, "", WriteOutcome::deferred},
        ReceiverAnswer{400, "", WriteOutcome::rejected}, ReceiverAnswer{401, "", WriteOutcome::deferred},
        ReceiverAnswer{403, "", WriteOutcome::deferred}, ReceiverAnswer{404, "", WriteOutcome::deferred},
        ReceiverAnswer{404, R"({"error":{"code":"not_found"}})", WriteOutcome::gone},
        ReceiverAnswer{409, R"({"id":"S1"})", WriteOutcome::duplicate},
        ReceiverAnswer{409, "", WriteOutcome::stale}, ReceiverAnswer{410, "", WriteOutcome::deferred},
        ReceiverAnswer{412, "", WriteOutcome::stale}, ReceiverAnswer{413, "", WriteOutcome::rejected},
        ReceiverAnswer{415, "", WriteOutcome::rejected}, ReceiverAnswer{422, "", WriteOutcome::rejected},
        ReceiverAnswer{429, "", WriteOutcome::deferred}, ReceiverAnswer{500, "", WriteOutcome::in_doubt},
        ReceiverAnswer{502, "<html>", WriteOutcome::in_doubt},
        ReceiverAnswer{504, "", WriteOutcome::in_doubt}));

}  // namespace
}  // namespace huiliu::webhook
