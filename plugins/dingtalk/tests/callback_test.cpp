// Events: hints from what DingTalk pushes, verified; end to end with the twin as the sender.
#include "plugins/dingtalk/src/callback.hpp"

#include "plugins/dingtalk/src/callback_crypto.hpp"
#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/tests/bench.hpp"
#include "sdk/twin/http_client.hpp"

namespace dingtalk::tests {
namespace {

Settings plain_settings() {
  Settings settings;
  settings.corp_id = "corp";
  settings.relation_type = "crm_customer";
  return settings;
}

std::vector<Hint> hints(const char* event) { return parse_event(event, plain_settings()).hints; }

TEST(Hints, AcceptBothCasesOfNames) {
  EXPECT_EQ(hints(R"({"EventType":"user_add_org","userId":["015","016"]})"),
            (std::vector<Hint>{{"employees", "015"}, {"employees", "016"}}));
  EXPECT_EQ(hints(R"({"EventType":"user_leave_org","UserId":["015"],"TimeStamp":"1"})"),
            (std::vector<Hint>{{"employees", "015"}}));
  EXPECT_EQ(hints(R"({"EventType":"org_dept_modify","CorpId":"corp","DeptId":[50,51]})"),
            (std::vector<Hint>{{"departments", "50"}, {"departments", "51"}}));
  EXPECT_EQ(
      hints(R"({"EventType":"ding_paas_object_data_update","DataId":"i1","ObjectType":"crm_customer"})"),
      (std::vector<Hint>{{"customers", "i1"}}));
  EXPECT_EQ(hints(R"({"eventType":"ding_paas_object_data_delete","dataId":"p1","objectType":"crm_contact"})"),
            (std::vector<Hint>{{"contacts", "p1"}}));
}

// The id is the same when the vendor pushes again, and another for a second event of the same content.
// They carry the contact itself; it is read again all the same.
TEST(Hints, OfExternalContactsComeToAppsOfVendors) {
  for (const char* type : {"contact_add_org", "contact_modify_org", "contact_leave_org"})
    EXPECT_EQ(hints((std::string(R"({"EventType":")") + type +
                     R"(","userId":["w1","w2"],"name":"甲","mobile":"13800000000"})")
                        .c_str()),
              (std::vector<Hint>{{"external_contacts", "w1"}, {"external_contacts", "w2"}}))
        << type;
}

TEST(Hints, CarryTheEventsOwnId) {
  EXPECT_EQ(
      parse_event(R"({"EventType":"user_add_org","eventId":"c7c7","userId":["1"]})", plain_settings()).id,
      "c7c7");
  EXPECT_EQ(parse_event(R"({"EventType":"user_add_org","userId":["1"]})", plain_settings()).id, "");
}

TEST(Hints, OfOtherEventsAndCorporationsAreNone) {
  for (const char* event :
       {R"({"EventType":"check_url"})", R"({"EventType":"bpms_instance_change"})",
        R"({"EventType":"user_add_org","CorpId":"other","userId":["1"]})",
        R"({"EventType":"ding_paas_object_data_update","DataId":"i1","ObjectType":"crm_other"})",
        R"({"EventType":"user_add_org","userId":{"a":1}})", "[]", "no json", ""})
    EXPECT_TRUE(hints(event).empty()) << event;
}

std::string encrypted(std::string_view text, std::string_view owner = twin::account().app_key) {
  Random16 random{};
  random.fill('r');
  return seal_envelope(parse_aes_key(twin::account().callback_aes_key), random, text, owner);
}

struct Pushed {
  host::WebRequest request;
  explicit Pushed(const std::string& cipher, std::string_view signature_name = "msg_signature") {
    const std::string signature =
        callback_signature(twin::account().callback_token, "1772352000000", "n", cipher);
    request.method = "POST";
    request.target =
        "/hooks/crm?" + std::string(signature_name) + "=" + signature + "&timestamp=1772352000000&nonce=n";
    request.body = json::serialize(json::object{{"encrypt", cipher}});
  }
};

struct Handled {
  Taken taken;
  host::WebReply reply;
};

Handled handle(Bench& bench, const host::WebRequest& request) {
  Handled handled;
  const auto reply = bench.connector().handle_request(request, Bench::consumer(handled.taken));
  EXPECT_TRUE(reply.ok()) << reply.error().text();
  if (reply.ok()) handled.reply = *reply;
  return handled;
}

void expect_success(const host::WebReply& reply) {
  ASSERT_EQ(reply.code, 200);
  const auto body = parse_json(reply.body);
  ASSERT_TRUE(body) << reply.body;
  const std::string cipher = text_at(*body, "encrypt");
  EXPECT_EQ(text_at(*body, "msg_signature"),
            callback_signature(twin::account().callback_token, text_at(*body, "timeStamp"),
                               text_at(*body, "nonce"), cipher));
  const auto envelope = open_envelope(parse_aes_key(twin::account().callback_aes_key), cipher);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->message, "success");
  EXPECT_EQ(envelope->owner, twin::account().app_key);
}

constexpr const char* kEvent =
    R"({"EventType":"ding_paas_object_data_update","DataId":"i1","ObjectType":"crm_customer"})";

TEST(CallbackRequest, OfAnEventIsAHintAndAnsweredEncrypted) {
  Bench bench;
  for (const char* name : {"msg_signature", "signature"}) {
    const Handled handled = handle(bench, Pushed(encrypted(kEvent), name).request);
    expect_success(handled.reply);
    ASSERT_EQ(handled.taken.records.size(), 1U);
    EXPECT_EQ(handled.taken.streams.front(), "customers");
    EXPECT_EQ(model::to_json(handled.taken.records.at("i1")), "{}");
    EXPECT_EQ(handled.taken.barriers, 1U);  // durable before it is answered
  }
}

TEST(CallbackRequest, OfCheckUrlEmitsNothing) {
  Bench bench;
  const Handled handled = handle(bench, Pushed(encrypted(R"({"EventType":"check_url"})")).request);
  expect_success(handled.reply);
  EXPECT_EQ(handled.taken.emitted, 0U);
}

TEST(CallbackRequest, WithAnotherSignatureIsRefused) {
  Bench bench;
  host::WebRequest request = Pushed(encrypted(kEvent)).request;
  for (const auto& [from, to] :
       {std::pair{"nonce=n", "nonce=m"}, std::pair{"timestamp=1", "timestamp=2"},
        std::pair{"msg_signature=", "msg_signature=0"}, std::pair{"msg_signature", "other"}}) {
    host::WebRequest altered = request;
    altered.target.replace(altered.target.find(from), std::string_view(from).size(), to);
    const Handled handled = handle(bench, altered);
    EXPECT_EQ(handled.reply.code, 403) << to;
    EXPECT_EQ(handled.taken.emitted, 0U);
  }
}

// The vendor repeats what was not answered for a while; what comes hours later is somebody's replay.
TEST(CallbackRequest, OutsideTheWindowIsRefused) {
  Bench bench;
  const host::WebRequest request = Pushed(encrypted(kEvent)).request;
  const host::WebRequest check = Pushed(encrypted(R"({"EventType":"check_url"})")).request;
  const std::int64_t start = bench.environment().now();
  bench.environment().advance(1'772'352'000LL * model::second + 3'599 * model::second - start);
  EXPECT_EQ(handle(bench, request).reply.code, 200);
  bench.environment().advance(2 * model::second);
  const Handled late = handle(bench, request);
  EXPECT_EQ(late.reply.code, 403);
  EXPECT_EQ(late.taken.emitted, 0U);
  EXPECT_EQ(handle(bench, check).reply.code, 200) << "a check of the address changes nothing";
}

TEST(CallbackRequest, ANewerClockThanOursIsAsFarOff) {
  Bench bench;
  bench.settings["callback_window_seconds"] = 60;
  const std::string cipher = encrypted(kEvent);
  for (const auto& [timestamp, code] : {std::pair{"1772352059000", 200},
                                        {"1772352061000", 403},
                                        {"1772352030", 200},
                                        {"17723520610", 403},
                                        {"", 403},
                                        {"1772352000000x", 403},
                                        {"99999999999999999999", 403}}) {
    host::WebRequest request;
    request.method = "POST";
    request.target = "/hooks/crm?msg_signature=" +
                     callback_signature(twin::account().callback_token, timestamp, "n", cipher) +
                     "&timestamp=" + timestamp + "&nonce=n";
    request.body = json::serialize(json::object{{"encrypt", cipher}});
    EXPECT_EQ(handle(bench, request).reply.code, code) << timestamp;
  }
}

TEST(CallbackRequest, ForSomebodyElseIsRefused) {
  Bench bench;
  const Handled handled = handle(bench, Pushed(encrypted(kEvent, "anotherkey")).request);
  EXPECT_EQ(handled.reply.code, 403);
  EXPECT_EQ(handled.taken.emitted, 0U);
  // A registration of the old kind uses the corporation's id.
  EXPECT_EQ(handle(bench, Pushed(encrypted(kEvent, twin::account().corp_id)).request).reply.code, 200);
}

TEST(CallbackRequest, ThatIsNoneIsAnsweredAndForgotten) {
  Bench bench;
  host::WebRequest get = Pushed(encrypted(kEvent)).request;
  get.method = "GET";
  EXPECT_EQ(handle(bench, get).reply.code, 405);
  for (const char* body : {"", "{}", "no json", "[]", R"({"encrypt":7})"}) {
    host::WebRequest request = Pushed(encrypted(kEvent)).request;
    request.body = body;
    const Handled handled = handle(bench, request);
    EXPECT_GE(handled.reply.code, 400) << body;
    EXPECT_EQ(handled.taken.emitted, 0U);
  }
  EXPECT_EQ(handle(bench, Pushed("AAAAAAAAAAAAAAAAAAAAAA==").request).reply.code, 400);
  EXPECT_EQ(handle(bench, Pushed(encrypted("no json")).request).reply.code,
            200);  // rightly signed: not sent again
}

// The twin pushes, an HTTP server hands it to the connector, as the hub's webhook ingress does.
class Push : public testing::Test {
 protected:
  Push()
      : ingress_([this](const huiliu::twin::HttpRequest& request) {
          const Handled handled =
              handle(bench_, {request.method, request.target, request.headers, request.body});
          for (const auto& [key, body] : handled.taken.records)
            hints_.push_back({handled.taken.streams.front(), key});
          huiliu::twin::HttpResponse response;
          response.status = handled.reply.code;
          response.headers = handled.reply.headers;
          response.body = handled.reply.body;
          return response;
        }) {
    bench_.connector();
  }
  huiliu::twin::HttpAnswer control(const char* path, const std::string& body) {
    return huiliu::twin::http_send(
        {.method = "POST", .url = bench_.server().control_url() + path, .body = body});
  }

  Bench bench_;
  std::vector<Hint> hints_;
  huiliu::twin::HttpServer ingress_;
};

TEST_F(Push, ReachesTheConnector) {
  const auto taken = control("/webhook-target", R"({"url":")" + ingress_.url() + R"(/hooks/crm"})");
  ASSERT_EQ(taken.status, 200) << taken.body;
  bench_.add_customer("i1", "甲");  // loading is no event
  bench_.edit("i1", {{"customer_name", "乙"}});
  ASSERT_TRUE(bench_.twin().events().wait_idle(std::chrono::seconds(5)));
  EXPECT_EQ(hints_, (std::vector<Hint>{{"customers", "i1"}}));
}

TEST_F(Push, GoesNowhereWhenCheckUrlIsAnsweredWrongly) {
  const huiliu::twin::HttpServer plain(
      [](const huiliu::twin::HttpRequest&) { return huiliu::twin::text_response("success"); });
  EXPECT_EQ(control("/webhook-target", R"({"url":")" + plain.url() + R"("})").status, 400);
}

}  // namespace
}  // namespace dingtalk::tests
