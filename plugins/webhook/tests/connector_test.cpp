// Events that come in, from hand-made requests, and any receiver of ours.
#include "plugins/webhook/tests/fixture.hpp"

namespace huiliu::webhook {
namespace {

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

// Events signed by the private half of a pair; who hears them knows the public half only, and cannot send
// any.
TEST_F(WebhookTest, KeysOfAPairSignAndCheck) {
  std::string body, signature, id, timestamp;
  const twin::HttpServer receiver([&](const twin::HttpRequest& request) {
    body = request.body;
    id = request.header("webhook-id");
    timestamp = request.header("webhook-timestamp");
    signature = request.header("webhook-signature");
    return twin::text_response("", 204);
  });
  const auto sender = open(R"({"url":")" + receiver.url() +
                           R"(/in","signing_secret":"whsk_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="})");
  const host::WriteRecord record{
      .key = "cus_1", .operation_id = "op_1", .body = *model::parse_json(R"({"name":"A"})")};
  ASSERT_EQ(sender->write("customers", {record}).results[0].outcome, WriteOutcome::applied);
  EXPECT_TRUE(signature.starts_with("v1a,")) << signature;

  const std::string hears = R"("signing_secret":"whpk_ebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ=")";
  const auto listener = open("{" + hears + "}");
  const host::HttpHeaders headers{{"webhook-id", id},
                                  {"webhook-timestamp", timestamp},
                                  {"webhook-signature", signature},
                                  {"Content-Type", "application/json"}};
  EXPECT_EQ(deliver(*listener, body, headers), 200);
  EXPECT_EQ(records.size(), 1U);
  EXPECT_EQ(deliver(*listener, body + " ", headers), 401);
  const auto cannot_send = open(R"({"url":")" + receiver.url() + R"(/in",)" + hears + "}");
  const auto refused = cannot_send->write("customers", {record});
  EXPECT_EQ(refused.ended.error().error_class, model::ErrorClass::config);
  EXPECT_FALSE(open(R"({"signing_secret":"whpk_broken"})")->check().ok());
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
