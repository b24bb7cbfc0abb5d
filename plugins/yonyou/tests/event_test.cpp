// Events: verified, decrypted, turned into hints; and the twin's own sending of them.
#include "plugins/yonyou/src/events.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "plugins/yonyou/src/signature.hpp"
#include "plugins/yonyou/tests/fixture.hpp"
#include "sdk/twin/http_server.hpp"

namespace yonyou_test {
namespace {

using yonyou::Hint;

std::vector<Hint> hints(std::string_view text) { return yonyou::parse_event(text).hints; }

TEST(Hints, ComeFromContentInEveryForm) {
  const std::vector<Hint> wanted{{"customers", "1706047321704235009"}};
  for (
      const char* event :
      {R"({"type":"YXYBASEDOC_AA_MERCHANT_UPDATE","eventId":"e","content":"{\"id\":\"1706047321704235009\",\"code\":\"C\"}"})",
       R"({"type":"YXYBASEDOC_AA_MERCHANT_INSERT","eventId":"e","content":{"id":1706047321704235009}})",
       R"({"type":"YXYBASEDOC_AA_MERCHANT_DELETE","eventId":"e","content":{"archive":{"id":"1706047321704235009"}}})",
       R"({"type":"YXYBASEDOC_AA_MERCHANTLIST_STOP","eventId":"e","content":[{"id":"5","merchantId":"1706047321704235009"}]})",
       R"({"type":"YXYBASEDOC_AA_MERCHANT_BATCH_UNSTOP","eventId":"e","content":"[{\"merchantId\":1706047321704235009}]"})"})
    EXPECT_EQ(hints(event), wanted) << event;
  EXPECT_EQ(hints(R"({"type":"STAFF_UPDATE","content":{"id":"1","code":"E1007"}})"),
            (std::vector<Hint>{{"employees", "E1007"}}));
  EXPECT_EQ(hints(R"({"type":"SALE_AUDITORDER_NOTIFY_SENT","content":{"id":"77"}})"),
            (std::vector<Hint>{{"orders", "77"}}));
  for (const char* event :
       {R"({"type":"USER_ADD","content":{"id":"1"}})", R"({"type":"YXYBASEDOC_AA_MERCHANT_UPDATE"})",
        R"({"type":"YXYBASEDOC_AA_MERCHANT_UPDATE","content":"no json"})", "[]", "x", ""})
    EXPECT_TRUE(hints(event).empty()) << event;
}

class EventTest : public YonyouTest {
 protected:
  struct Handled {
    Read taken;
    host::WebReply reply;
  };
  // As the vendor sends it, now, for the twin's application.
  host::WebRequest posted(const std::string& message, bool old_form = false,
                          std::int64_t at_ms = start_us / 1000,
                          const std::string& owner = yonyou_twin::account().app_key) {
    const std::string& secret = yonyou_twin::account().app_secret;
    const std::string timestamp = std::to_string(at_ms);
    const std::string encrypted = yonyou::seal_envelope(*yonyou::event_key(secret), {}, message, owner);
    json::object body{{"timestamp", at_ms}, {"nonce", "n"}, {"encrypt", encrypted}};
    if (old_form)
      body["msgSignature"] = yonyou::old_event_signature(secret, timestamp, "n", encrypted);
    else
      body["signature"] = yonyou::base64_of(
          yonyou::hmac_sha256(secret, yonyou::event_string_to_sign(timestamp, "n", encrypted)));
    return {"POST", "/hooks/valves", {{"Content-Type", "text/plain"}}, json::serialize(body)};
  }
  Handled handle(host::Instance& instance, const host::WebRequest& request) {
    Handled handled;
    const auto reply = instance.handle_request(request, consumer(handled.taken));
    EXPECT_TRUE(reply.ok()) << reply.error().text();
    if (reply.ok()) handled.reply = *reply;
    return handled;
  }
};

constexpr const char* kUpdate =
    R"({"type":"YXYBASEDOC_AA_MERCHANT_UPDATE","eventId":"e-2","timestamp":1,"tenantId":"hl7valve","content":"{\"id\":\"17\"}"})";

TEST_F(EventTest, AnEventIsAHintAndIsAnsweredWithSuccess) {
  host::Instance& instance = open();
  for (const bool old_form : {false, true}) {
    const Handled handled = handle(instance, posted(kUpdate, old_form));
    EXPECT_EQ(handled.reply.code, 200);
    EXPECT_EQ(handled.reply.body, "success");
    ASSERT_EQ(handled.taken.keys(), std::vector<std::string>{"17"});
    EXPECT_EQ(model::to_json(handled.taken.records[0].body), "{}");
    EXPECT_EQ(handled.taken.records[0].version, "e-2");  // the same at every repetition
    EXPECT_EQ(handled.taken.barriers, 1U);               // durable before it is answered
  }
  EXPECT_EQ(calls("getAccessToken"), 0);  // nothing is asked before the answer
}

TEST_F(EventTest, TheAddressIsChecked) {
  const Handled handled =
      handle(open(), posted(R"({"type":"CHECK_URL","eventId":"c","tenantId":"hl7valve"})"));
  EXPECT_EQ(handled.reply.code, 200);
  EXPECT_EQ(handled.reply.body, "success");
  EXPECT_TRUE(handled.taken.records.empty());
}

TEST_F(EventTest, TheAnswerMayBeWantedEncrypted) {
  const Handled handled = handle(open(R"({"event_reply":"encrypted"})"), posted(kUpdate));
  ASSERT_EQ(handled.reply.code, 200);
  const json::value body = json::parse(handled.reply.body);
  const auto envelope = yonyou::open_envelope(*yonyou::event_key(yonyou_twin::account().app_secret),
                                              std::string(body.at("encrypt").as_string()));
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->message, "success");
}

TEST_F(EventTest, WhatIsNotTheVendorsIsRefused) {
  host::Instance& instance = open();
  const auto refused = [&](const host::WebRequest& request, int code) {
    const Handled handled = handle(instance, request);
    EXPECT_EQ(handled.reply.code, code) << request.body.substr(0, 80);
    EXPECT_TRUE(handled.taken.records.empty());
  };
  host::WebRequest altered = posted(kUpdate);
  json::object body = json::parse(altered.body).as_object();
  body["nonce"] = "m";
  altered.body = json::serialize(body);
  refused(altered, 403);
  body.erase("signature");
  altered.body = json::serialize(body);
  refused(altered, 403);
  refused(posted(kUpdate, false, start_us / 1000, "another-app"), 403);
  refused(posted(R"({"type":"YXYBASEDOC_AA_MERCHANT_UPDATE","tenantId":"other","content":{"id":"1"}})"), 403);
  refused(posted("no json"), 400);
  altered.body = "{}";
  refused(altered, 400);
  altered.method = "GET";
  refused(altered, 405);
}

// The vendor resends for a day; what is older is a replay.
TEST_F(EventTest, TheWindowOfReplay) {
  host::Instance& instance = open();
  const std::int64_t now = start_us / 1000, hour = 3'600'000;
  EXPECT_EQ(handle(instance, posted(kUpdate, false, now - 24 * hour)).reply.code, 200);
  EXPECT_EQ(handle(instance, posted(kUpdate, false, now - 26 * hour)).reply.code, 403);
  EXPECT_EQ(handle(instance, posted(kUpdate, false, now + 26 * hour)).reply.code, 403);
}

// The two vectors of the vendor, as a whole.
TEST_F(EventTest, VectorsOfTheVendor) {
  const std::string e1 =
      R"({"signature":"ureQDm3YtAw2id8BGGGk1MLoTWHu/whyjv05T7R3Vgw=","timestamp":1718000000005,"nonce":"uM48M4qajlEtVCz4","encrypt":"f/FY+XNnkxB8acvveQrtCLnAi1ZgnPLIYgroLb9pV9n/lk/RMX3bRSqgH2027ZufQ20uV3fDpPr7IcDoxj4WyOfOZ7eGL9O/hTIs2VLq5ps11RrMlKs8994Ea+82TVpnRWBW9n2+qSczYwtfjxAFFbTM5XW6PBZsNDkiOu/DQh1upWU557zQoZhiw/WLNUUBJo0r25WcHMcK6hVd+FmCyXxs0xYnF144H1OWTOOouMEDzRllIe+s3x6mENJqNZnu"})";
  host::Instance& first = open(
      R"({"app_key":"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf","app_secret":"f0e1d2c3b4a5968778695a4b3c2d1e0f","tenant_id":"xk3m9q2t"})");
  const Handled checked = handle(first, {"POST", "/hooks/x", {}, e1});
  EXPECT_EQ(checked.reply.code, 200);
  EXPECT_EQ(checked.reply.body, "success");
  const std::string e2 =
      R"({"msgSignature":"f701c84f495e652a83d7c1af1820f3d8bf73af9e","timestamp":1718000000105,"nonce":"n0nce","encrypt":"d8wdaSUYj+I02kuOIniJ6M6zcYPkdWie0YoYl5Oy33SKNAcn75rpE/Ag7JF6JNxkpau8/05iUz/R4eNCNC43RVsLOvsyiGeslmVbSNsWgJPNvY1SO6qRdBnHfGHQ89UC6fGoUxqs6YuO1VIdJRH8oaLEPsTO8eFOeoRghBZEv+/6w+jGFAdmVi81W3V4VhOv2yPzJB5qerd4Hd1LRIwDZu3ZmYetYYN4GhGrehW8msigrp9lw8tdVi0k7xCSvxQH7+qVAP9XPlonBPFvldDZOyQjk134nuj1mmk3tqvCqvKZMSNIz/5rrNVeQjlwB06m8yxZMkwHWBU4FJBzOjFA9TkAn6fqyX93NYHM++5dbALdNYYz9QFBE6kdOvoyb18y"})";
  host::Instance& second = open(
      R"({"app_key":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","app_secret":"5b6e3f0a-9c1d-4e2f-8a7b-112233445566","tenant_id":"xk3m9q2t","event_window_hours":8760})");
  environment_.advance((1718000000105 - start_us / 1000) * 1000);  // back to the day of the vector
  const Handled updated = handle(second, {"POST", "/hooks/x", {}, e2});
  EXPECT_EQ(updated.reply.code, 200);
  ASSERT_EQ(updated.taken.keys(), std::vector<std::string>{"1706047321704235009"});
  EXPECT_EQ(updated.taken.records[0].version, "e-2");
}

// ---- the twin sends ----

TEST_F(EventTest, TheTwinSendsTwiceAndInDisorderUntilItIsAnswered) {
  customer(1706047321704235001, "甲");
  customer(1706047321704235002, "乙");
  std::mutex mutex;
  std::vector<std::string> bodies;
  int refusals = 1;
  huiliu::twin::HttpServer server([&](const huiliu::twin::HttpRequest& request) {
    const std::lock_guard guard(mutex);
    bodies.push_back(request.body);
    if (bodies.size() > 1 && refusals-- > 0) return huiliu::twin::text_response("later", 500);
    return huiliu::twin::text_response("success");
  });
  rules(R"({"events_twice":true,"events_disordered":true,"event_delays_ms":[1]})");
  control("/webhook-target", R"({"url":")" + server.url() + "\"}");
  edit("1706047321704235001", R"({"fax":"1"})");
  edit("1706047321704235002", R"({"fax":"2"})");
  const auto sent = [&] {
    const auto answer =
        huiliu::twin::http_send({.method = "GET", .url = server_.control_url() + "/webhook-target"});
    return json::parse(answer.body).as_object();
  };
  for (int i = 0; i < 500 && sent().at("pending") != 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(sent().at("delivered"), 4);
  host::Instance& instance = open();
  std::vector<std::string> versions, keys;
  const std::lock_guard guard(mutex);
  ASSERT_EQ(bodies.size(), 6U);  // CHECK_URL, four events, one repetition
  for (const std::string& body : bodies) {
    const Handled handled = handle(instance, {"POST", "/hooks/valves", {}, body});
    EXPECT_EQ(handled.reply.code, 200);
    for (const auto& record : handled.taken.records) {
      keys.push_back(record.key);
      versions.push_back(record.version);
    }
  }
  std::sort(versions.begin(), versions.end());
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  EXPECT_EQ(versions.size(), 2U);  // two events, however often they came
  EXPECT_EQ(std::count(keys.begin(), keys.end(), "1706047321704235002") > 0, true);
}

}  // namespace
}  // namespace yonyou_test
