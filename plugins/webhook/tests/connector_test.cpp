// The plugin as users load it: through the host, against the site's twin and against hand-made requests.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "hub/host/instance.hpp"
#include "plugins/webhook/src/encoding.hpp"
#include "plugins/webhook/src/outbound.hpp"
#include "plugins/webhook/src/signature.hpp"
#include "plugins/webhook/twin/site_twin.hpp"
#include "sdk/twin/http_client.hpp"

namespace huiliu::webhook {
namespace {

using host::Instance;
using host::WriteOutcome;
using model::Value;

constexpr model::Micros kNow = 1'772'352'003'000'000;  // the clock of the fact sheet's first vector
constexpr const char* kSecret = "whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA=";
const std::string kBody =
    R"({"type":"customer.updated","timestamp":"2026-03-01T08:00:00Z","data":{"id":"cus_1001","name":"Acme Ltd"}})";
const std::string kSignature = "v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=";

std::shared_ptr<const host::Connector> connector() {
  static const auto plugin = host::load_plugin(HUILIU_PLUGIN_PATH);
  if (!plugin) throw std::runtime_error(plugin.error().text());
  return (*plugin)->connector("webhook");
}

// Notes as the hub keeps them: in the transaction of the checkpoint.
class NotesInMemory final : public host::StateStore {
 public:
  model::Result<std::optional<std::string>> get(const std::string& key) override {
    const auto found = notes_.find(key);
    return found == notes_.end() ? std::nullopt : std::optional<std::string>(found->second);
  }
  model::Status commit(const host::StateChanges& changes) override {
    for (const auto& [key, value] : changes) notes_[key] = value.value_or("");
    return {};
  }

 private:
  std::map<std::string, std::string> notes_;
};

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() {
    consumer.page = [this](host::Page page) {
      for (const auto& record : page.records) records.push_back({page.stream, record});
      for (const auto& record : page.bad) bad.push_back(record);
      return model::Status();
    };
    consumer.checkpoint = [this](std::string_view cursor,
                                 const host::StateChanges& changes) -> model::Status {
      if (disk_full) return model::make_error(model::ErrorClass::retry, "disk full");
      cursors.emplace_back(cursor);
      return notes.commit(changes);
    };
  }

  std::unique_ptr<Instance> open(const std::string& settings) {
    auto parsed = model::parse_json(settings);
    EXPECT_TRUE(parsed);
    auto instance = Instance::open(the_host, connector(),
                                   {.connection = "site",
                                    .settings = *parsed,
                                    .secrets = host::SecretForm::clear_allowed,
                                    .state = &notes});
    if (!instance) throw std::runtime_error(instance.error().text());
    return std::move(*instance);
  }
  std::unique_ptr<Instance> open_standard() {
    return open(R"({"signing_secret":")" + std::string(kSecret) + "\"}");
  }

  int deliver(Instance& instance, const std::string& body, const host::HttpHeaders& headers,
              const std::string& method = "POST") {
    auto reply = instance.handle_request({method, "/hooks/site?x=1", headers, body}, consumer);
    if (!reply) return -static_cast<int>(reply.error().error_class);
    reply_headers = reply->headers;
    return reply->code;
  }
  static host::HttpHeaders signed_headers(const std::string& id = "msg_fact0001",
                                          const std::string& signature = kSignature) {
    return {{"Webhook-Id", id},
            {"Webhook-Timestamp", "1772352000"},
            {"Webhook-Signature", signature},
            {"Content-Type", "application/json"}};
  }
  int deliver_signed(Instance& instance, const std::string& id, const std::string& body) {
    const auto key = standard_key(kSecret);
    const Mac mac = [&](std::string_view data) { return hmac_sha256(*key, data); };
    return deliver(instance, body, signed_headers(id, sign_standard(mac, id, "1772352000", body)));
  }

  struct Seen {
    std::string stream;
    host::RemoteRecord record;
  };
  host::SteeredEnvironment environment{kNow, 7};
  host::Host the_host{environment};
  host::RecordConsumer consumer;
  NotesInMemory notes;
  bool disk_full = false;
  std::vector<Seen> records;
  std::vector<host::BadRecord> bad;
  std::vector<std::string> cursors;
  host::HttpHeaders reply_headers;
};

// ---- inbound
// --------------------------------------------------------------------------------------------------

TEST_F(WebhookTest, TakesASignedEventOnce) {
  const auto instance = open_standard();
  EXPECT_EQ(deliver(*instance, kBody, signed_headers()), 200);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].stream, "customers");
  EXPECT_EQ(records[0].record.key, "cus_1001");
  EXPECT_EQ(records[0].record.raw, R"({"id":"cus_1001","name":"Acme Ltd"})");
  EXPECT_EQ(records[0].record.changed_at, 1'772'352'000'000'000);
  EXPECT_EQ(cursors, std::vector<std::string>{""});
  EXPECT_EQ(deliver(*instance, kBody, signed_headers()), 200);  // the sender did not see our answer
  EXPECT_EQ(records.size(), 1U);
}

TEST_F(WebhookTest, AnEventCountsAsSeenOnlyWhenItIsStored) {
  const auto instance = open_standard();
  disk_full = true;
  EXPECT_LT(deliver(*instance, kBody, signed_headers()), 0);
  disk_full = false;
  EXPECT_EQ(deliver(*instance, kBody, signed_headers()), 200);
  EXPECT_EQ(records.size(), 2U);
}

TEST_F(WebhookTest, RefusesBeforeItLooksInside) {
  const auto instance = open_standard();
  EXPECT_EQ(deliver(*instance, kBody + " ", signed_headers()), 401);
  EXPECT_EQ(deliver(*instance, kBody, {}), 401);
  EXPECT_EQ(deliver(*instance, "not JSON", signed_headers()), 401);
  environment.advance(298 * model::second);  // 1772352301
  EXPECT_EQ(deliver(*instance, kBody, signed_headers()), 401);
  EXPECT_TRUE(records.empty());
  EXPECT_TRUE(cursors.empty());
}

TEST_F(WebhookTest, AnswersOtherMethodsAndSizes) {
  const auto instance = open_standard();
  EXPECT_EQ(deliver(*instance, "", {}, "GET"), 405);
  EXPECT_EQ(deliver(*instance, std::string((1 << 20) + 1, ' '), signed_headers()), 413);
  EXPECT_EQ(
      deliver(*instance, "", {{"WebHook-Request-Origin", "events.example"}, {"WebHook-Request-Rate", "60"}},
              "OPTIONS"),
      200);
  const auto value = [&](const std::string& name) {
    for (const auto& [header, text] : reply_headers)
      if (host::same_header_name(header, name)) return text;
    return std::string("none");
  };
  EXPECT_EQ(value("WebHook-Allowed-Origin"), "events.example");
  EXPECT_EQ(value("WebHook-Allowed-Rate"), "60");
}

TEST_F(WebhookTest, KeepsAsideWhatIsSignedAndUseless) {
  const auto instance = open_standard();
  EXPECT_EQ(deliver_signed(*instance, "msg_a", "not JSON"), 200);
  EXPECT_EQ(deliver_signed(*instance, "msg_b", R"({"type":"customer.updated","data":{"name":"no id"}})"),
            200);
  EXPECT_EQ(deliver_signed(*instance, "msg_c", R"({"type":"customer.updated","data":7})"), 200);
  EXPECT_TRUE(records.empty());
  ASSERT_EQ(bad.size(), 3U);
  EXPECT_EQ(bad[0].raw, "not JSON");
  EXPECT_EQ(bad[1].raw, R"({"name":"no id"})");
  EXPECT_EQ(deliver_signed(*instance, "msg_d", R"({"type":"invoice.paid","data":{"id":"1"}})"), 200);
  EXPECT_EQ(bad.size(), 3U);
  EXPECT_EQ(cursors.size(), 4U);
}

TEST_F(WebhookTest, ADeletionIsATombstone) {
  const auto instance = open_standard();
  EXPECT_EQ(deliver_signed(*instance, "msg_x", R"({"type":"contact.deleted","data":{"id":"P1"}})"), 200);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].stream, "contacts");
  EXPECT_TRUE(records[0].record.deleted);
}

TEST_F(WebhookTest, TakesBothSecretsWhileOneIsRotated) {
  const auto instance =
      open(R"({"signing_secret":"whsec_fBhag/THgX9wL4O8oH3XBuV5yXRikXNy","previous_signing_secret":")" +
           std::string(kSecret) + "\"}");
  EXPECT_EQ(deliver(*instance, kBody, signed_headers()), 200);
  EXPECT_EQ(deliver(*instance, kBody, signed_headers("msg_fact0009")), 401);
}

TEST_F(WebhookTest, OtherSchemesThroughTheHostsHmac) {
  const auto github = open(R"({"scheme":"github","signing_secret":"gh-fact-sheet-secret"})");
  const host::HttpHeaders headers{
      {"X-Hub-Signature-256", "sha256=f1727360a409f7af614cb36014873b3237853275c82701a454f15702943d4bff"},
      {"X-GitHub-Event", "ping"},
      {"X-GitHub-Delivery", "d1"}};
  EXPECT_EQ(deliver(*github, R"({"zen":"Keep it logically awesome.","hook_id":42})", headers), 200);
  EXPECT_EQ(deliver(*github, R"({"zen":"Keep it logically awful.","hook_id":42})", headers), 401);

  const auto shopify = open(R"({"scheme":"shopify","signing_secret":"shpss_factsheet0123456789abcdef"})");
  EXPECT_EQ(deliver(*shopify, R"({"id":706405506930370084,"email":"bob@example.com"})",
                    {{"X-Shopify-Hmac-Sha256", "Ak0degRt8Df6VISZ67F5O0Xd8rPoDWUpj09fP7jSXR4="},
                     {"X-Shopify-Topic", "customers/update"},
                     {"X-Shopify-Webhook-Id", "w"}}),
            200);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].record.key, "706405506930370084");

  const auto stripe = open(R"({"scheme":"stripe","signing_secret":"whsec_factSheetStripeSecret01"})");
  EXPECT_EQ(deliver(*stripe, R"({"id":"evt_1","object":"event","type":"customer.updated"})",
                    {{"Stripe-Signature",
                      "t=1772352000,v1=ac88b0e8f78f0e7cd128f2ab642a9425a8c8b7a0930f4c0f2fb263ba7be01ddd"}}),
            200);
  EXPECT_EQ(bad.size(), 1U);  // a good signature, and no data
}

TEST_F(WebhookTest, CloudEventsInBatches) {
  const auto instance = open(R"({"scheme":"cloudevents"})");
  const std::string one =
      R"({"specversion":"1.0","id":"1","source":"s","type":"customer.updated","data":{"id":"a","v":1}})";
  const std::string two =
      R"({"specversion":"1.0","id":"2","source":"s","type":"customer.updated","data":{"id":"a","v":2}})";
  EXPECT_EQ(deliver(*instance, "[" + one + "," + two + "," + one + "]",
                    {{"Content-Type", "application/cloudevents-batch+json"}}),
            202);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].record.raw, R"({"id":"a","v":2})");
  EXPECT_EQ(deliver(*instance, "<e/>", {{"Content-Type", "application/cloudevents+xml"}}), 415);
  EXPECT_EQ(deliver(*instance, one, {{"Content-Type", "application/json"}}), 415);
  const auto secured = open(R"({"scheme":"cloudevents","signing_secret":")" + std::string(kSecret) + "\"}");
  EXPECT_EQ(deliver(*secured, one, {{"Content-Type", "application/cloudevents+json"}}), 401);
}

TEST_F(WebhookTest, UnsignedOnlyWhenItIsAskedFor) {
  EXPECT_EQ(deliver(*open(R"({"scheme":"none"})"), kBody, {}), 200);
  EXPECT_EQ(records.size(), 1U);
  EXPECT_EQ(deliver(*open("{}"), kBody, {}), -static_cast<int>(model::ErrorClass::config));
}

// ---- outbound and reading, against the twin
// -----------------------------------------------------------------------

class SiteTest : public WebhookTest {
 protected:
  SiteTest() : site(twin_options()), server(site, "webhook") {
    instance = open(boost::json::serialize(site.settings({{"url", server.url()}})));
  }
  twin::TwinOptions twin_options() {
    twin::TwinOptions options;
    options.clock = [this] { return environment.now() / 1000; };
    return options;
  }
  host::WriteResult write(const std::string& stream, host::WriteRecord record, Instance* by = nullptr) {
    const host::WriteReport report = (by ? by : instance.get())->write(stream, {std::move(record)});
    return report.results.at(0);
  }
  static Value json(const std::string& text) { return *model::parse_json(text); }
  boost::json::value state(const std::string& stream, const std::string& key) {
    return boost::json::parse(
        twin::http_send({"GET", server.control_url() + "/state?stream=" + stream + "&key=" + key}).body);
  }
  void control(const std::string& path, const std::string& body) {
    const auto answer = twin::http_send({"POST", server.control_url() + path, {}, body});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  boost::json::value counters() {
    return boost::json::parse(twin::http_send({"GET", server.control_url() + "/counters"}).body);
  }

  webhook_twin::SiteTwin site;
  twin::TwinServer server;
  std::unique_ptr<Instance> instance;
};

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

TEST_F(SiteTest, HearsWhatPersonsDoThere) {
  // The twin signs with the real clock where it sends, so this instance lives in real time.
  host::SystemEnvironment real_time;
  host::Host real_host(real_time);
  auto opened = Instance::open(
      real_host, connector(),
      {.connection = "site",
       .settings = json(R"({"signing_secret":")" + std::string(webhook_twin::kSigningSecret) + "\"}"),
       .secrets = host::SecretForm::clear_allowed});
  ASSERT_TRUE(opened) << opened.error().text();
  std::mutex mutex;
  std::atomic<int> calls{0};
  const twin::HttpServer hub([&](const twin::HttpRequest& request) {
    const std::lock_guard<std::mutex> guard(mutex);
    if (++calls == 1) return twin::text_response("", 503);
    return twin::text_response("", deliver(**opened, request.body, request.headers, request.method));
  });
  control("/clock", R"({"offset_ms":0})");
  control("/webhook-target", R"({"url":")" + hub.url() + R"(/hooks/site"})");
  control("/create", R"({"stream":"customers","fields":{"name":"甲"},"as":"王敏"})");
  control("/edit", R"({"stream":"customers","key":"SN000001","fields":{"phone":"1"}})");
  control("/delete", R"({"stream":"customers","key":"SN000001"})");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto delivered = [&] {
    const auto totals =
        boost::json::parse(twin::http_send({"GET", server.control_url() + "/webhook-target"}).body);
    return totals.at("delivered").to_number<int>();
  };
  while (delivered() < 3 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].record.body["name"].to_text(), "甲");
  EXPECT_EQ(records[1].record.version, "2");
  EXPECT_TRUE(records[2].record.deleted);
  EXPECT_EQ(calls, 4);
}

// A receiver that knows nothing of our conventions: no answer body, no read API.
TEST_F(WebhookTest, AnyReceiverWillDo) {
  std::string seen_body, seen_id;
  std::atomic<int> status{204};
  const twin::HttpServer receiver([&](const twin::HttpRequest& request) {
    seen_body = request.body;
    seen_id = request.header("webhook-id");
    return twin::text_response("thanks", status);
  });
  const auto instance = open(R"({"url":")" + receiver.url() + R"(/in","signing_secret":")" + kSecret + "\"}");
  const host::WriteRecord create{
      .key = "", .operation_id = "int_01.a", .body = *model::parse_json(R"({"name":"A"})")};
  const auto made = instance->write("customers", {create});
  EXPECT_EQ(made.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(made.results[0].remote_key, "int_01.a");
  EXPECT_EQ(seen_id, "msg_int_01_a");
  EXPECT_EQ(boost::json::parse(seen_body).at("external_id"), "int_01.a");
  EXPECT_EQ(boost::json::parse(seen_body).at("type"), "customer.created");
  status = 500;
  EXPECT_EQ(instance->write("customers", {create}).results[0].outcome, WriteOutcome::deferred);
  status = 422;
  EXPECT_EQ(instance->write("customers", {create}).results[0].outcome, WriteOutcome::rejected);
  status = 301;
  EXPECT_EQ(instance->write("customers", {create}).ended.error().error_class, model::ErrorClass::config);
  const auto streams = instance->discover();
  ASSERT_TRUE(streams);
  EXPECT_EQ((*streams)["streams"].as_array()[0]["capabilities"]["read"].as_array().size(), 0U);
  EXPECT_EQ(instance->read({.stream = "customers"}, consumer).error().error_class,
            model::ErrorClass::unsupported);
}

}  // namespace
}  // namespace huiliu::webhook
