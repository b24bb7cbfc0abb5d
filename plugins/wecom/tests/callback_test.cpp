// Callbacks: the check of the address, events as hints, what is refused; end to end with the twin as sender.
#include "plugins/wecom/src/callback.hpp"

#include <mutex>
#include <set>

#include "plugins/wecom/src/callback_crypto.hpp"
#include "plugins/wecom/src/client.hpp"
#include "plugins/wecom/src/xml.hpp"
#include "plugins/wecom/tests/bench.hpp"
#include "plugins/wecom/tests/vectors.hpp"
#include "sdk/twin/http_client.hpp"

namespace wecom::tests {
namespace {

std::string inner(const std::string& elements) {
  return "<xml><ToUserName><![CDATA[c]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
         "<CreateTime>1772352000</CreateTime><MsgType><![CDATA[event]]></MsgType>" +
         elements + "</xml>";
}

std::vector<Hint> hints(const std::string& elements) { return parse_event(inner(elements)).hints; }

// ---- XML ----

TEST(Xml, ReadsTextCdataAndEntities) {
  const auto xml = Xml::parse(
      "<?xml version=\"1.0\"?>\n<xml>\n <A><![CDATA[x < y & z]]></A><B>1 &lt; 2 &amp; "
      "3</B><C/><D></D></xml>\n");
  ASSERT_TRUE(xml);
  EXPECT_EQ(xml->text("A"), "x < y & z");
  EXPECT_EQ(xml->text("B"), "1 < 2 & 3");
  EXPECT_TRUE(xml->has("C"));
  EXPECT_FALSE(xml->has("E"));  // missing, not empty
}

TEST(Xml, RefusesDocumentTypesEntitiesAndBrokenText) {
  for (const char* bad :
       {"<!DOCTYPE xml [<!ENTITY a \"b\">]><xml><A>&a;</A></xml>",
        "<xml><!ENTITY a SYSTEM \"file:///etc/passwd\"><A/></xml>", "<xml><A>&unknown;</A></xml>",
        "<xml><A></B></xml>", "<xml><A>", "", "no xml", "<xml/><xml/>", "<xml><![CDATA[open</xml>"})
    EXPECT_FALSE(Xml::parse(bad)) << bad;
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_FALSE(Xml::parse(deep));
}

// ---- events ----

TEST(Events, OfContactsAreHintsWhateverHappened) {
  for (const char* change : {"add_external_contact", "add_half_external_contact", "edit_external_contact",
                             "del_external_contact", "del_follow_user", "transfer_fail"})
    EXPECT_EQ(hints("<Event>change_external_contact</Event><ChangeType>" + std::string(change) +
                    "</ChangeType><UserID>zhangsan</UserID><ExternalUserID>wmA</ExternalUserID>"),
              (std::vector<Hint>{{"external_contacts", "wmA"}}))
        << change;
}

TEST(Events, OfChatsTagsAndTheDirectory) {
  EXPECT_EQ(hints("<Event>change_external_chat</Event><ChangeType>update</ChangeType><ChatId>wr1</ChatId>"),
            (std::vector<Hint>{{"group_chats", "wr1"}}));
  EXPECT_EQ(hints("<Event>change_external_tag</Event><ChangeType>delete</ChangeType><Id>et1</"
                  "Id><TagType>tag</TagType>"),
            (std::vector<Hint>{{"tags", "et1"}}));
  EXPECT_EQ(hints("<Event>change_contact</Event><ChangeType>update_user</ChangeType><UserID>a</"
                  "UserID><NewUserID>b</NewUserID>"),
            (std::vector<Hint>{{"employees", "a"}, {"employees", "b"}}));
  EXPECT_EQ(hints("<Event>change_contact</Event><ChangeType>update_party</ChangeType><Id>7</Id>"),
            (std::vector<Hint>{{"departments", "7"}}));
}

TEST(Events, OfOtherKindsAreNone) {
  for (const char* elements :
       {"<Event>enter_agent</Event>", "<Event>change_external_tag</Event><ChangeType>shuffle</ChangeType>",
        "<Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType>"})
    EXPECT_TRUE(hints(elements).empty()) << elements;
  EXPECT_TRUE(parse_event(std::string(vector("W1").plaintext)).hints.empty());  // a message, no event
  EXPECT_TRUE(parse_event("no xml").hints.empty());
}

TEST(Events, AreTheSameWhenRepeatedAndOthersWhenNot) {
  const auto id = [](const char* time, const char* user) {
    return parse_event("<xml><FromUserName>sys</FromUserName><CreateTime>" + std::string(time) +
                       "</CreateTime><MsgType>event</MsgType><Event>change_external_contact</Event>"
                       "<ChangeType>edit_external_contact</ChangeType><UserID>" +
                       user + "</UserID><ExternalUserID>wmA</ExternalUserID></xml>")
        .id;
  };
  EXPECT_EQ(id("1", "a"), id("1", "a"));
  EXPECT_NE(id("1", "a"), id("2", "a"));
  EXPECT_NE(id("1", "a"), id("1", "b"));
}

// ---- requests ----

struct Handled {
  Taken taken;
  host::WebReply reply;
  model::Status status;
};

Handled handle(host::Instance& connector, const host::WebRequest& request) {
  Handled handled;
  const auto reply = connector.handle_request(request, Bench::consumer(handled.taken));
  if (reply.ok())
    handled.reply = *reply;
  else
    handled.status = reply.error();
  return handled;
}

host::WebRequest echo_of(const Vector& v, bool plus_raw = false) {
  std::string echo;
  for (const char c : v.encrypted)
    echo += c == '+' && plus_raw ? std::string("+") : percent_encoded(std::string_view(&c, 1));
  return {"GET",
          "/hooks/wecom?msg_signature=" + std::string(v.signature) + "&timestamp=" +
              std::string(v.timestamp) + "&nonce=" + std::string(v.nonce) + "&echostr=" + echo,
          {},
          {}};
}

host::WebRequest post_of(std::string_view token, const std::string& encrypted, const std::string& timestamp,
                         const std::string& nonce, const std::string& extra = {}) {
  return {"POST",
          "/hooks/wecom?msg_signature=" + callback_signature(token, timestamp, nonce, encrypted) +
              "&timestamp=" + timestamp + "&nonce=" + nonce,
          {{"Content-Type", "text/xml"}},
          extra + "<xml><ToUserName><![CDATA[c]]></ToUserName><Encrypt><![CDATA[" + encrypted +
              "]]></Encrypt><AgentID></AgentID></xml>"};
}

void use_account_of(Bench& bench, const Vector& v) {
  bench.settings["corp_id"] = v.receive_id;
  bench.settings["callback_token"] = v.token;
  bench.settings["callback_aes_key"] = v.aes_key;
}

// Both ways in which the vendor sends a plus; answered with the plain text and nothing else.
TEST(AddressCheck, OfTheVectorsIsAnsweredWithThePlaintext) {
  for (const char* id : {"W2", "W5"})
    for (const bool plus_raw : {false, true}) {
      Bench bench;
      use_account_of(bench, vector(id));
      const Handled handled = handle(bench.connector(), echo_of(vector(id), plus_raw));
      EXPECT_EQ(handled.reply.code, 200) << id;
      EXPECT_EQ(handled.reply.body, vector(id).plaintext);
    }
}

TEST(AddressCheck, ForAnotherReceiverIsRefused) {
  Bench bench;
  use_account_of(bench, vector("W2"));
  bench.settings["corp_id"] = "wx49f0ab532d5d035b";
  EXPECT_EQ(handle(bench.connector(), echo_of(vector("W2"))).reply.code, 403);
}

TEST(AddressCheck, WithAWrongSignatureIsRefused) {
  Bench bench;
  use_account_of(bench, vector("W2"));
  for (const auto& [from, to] : {std::pair{"msg_signature=d", "msg_signature=0"},
                                 std::pair{"nonce=4", "nonce=5"}, std::pair{"msg_signature", "signature"}}) {
    host::WebRequest request = echo_of(vector("W2"));
    request.target.replace(request.target.find(from), std::string_view(from).size(), to);
    EXPECT_EQ(handle(bench.connector(), request).reply.code, 403) << to;
  }
  EXPECT_EQ(handle(bench.connector(), {"GET", "/hooks/wecom", {}, {}}).reply.code, 400);
  EXPECT_EQ(handle(bench.connector(), {"PUT", "/hooks/wecom", {}, {}}).reply.code, 405);
}

// A customer event as the vendor's own package made it.
TEST(EventRequest, OfTheVectorIsAHintAndAcknowledgedWhenDurable) {
  const Vector& v = vector("C2");
  Bench bench;
  use_account_of(bench, v);
  bench.settings["callback_window_seconds"] = 0;
  const Handled handled = handle(bench.connector(), post_of(v.token, std::string(v.encrypted),
                                                            std::string(v.timestamp), std::string(v.nonce)));
  ASSERT_EQ(handled.reply.code, 200) << handled.status.ok();
  EXPECT_EQ(handled.reply.body, "success");
  ASSERT_EQ(handled.taken.records.size(), 1U);
  EXPECT_EQ(handled.taken.streams.front(), "external_contacts");
  EXPECT_EQ(model::to_json(handled.taken.records.at("wmExampleExternalUser0000000001")), "{}");
  EXPECT_NE(handled.taken.versions.at("wmExampleExternalUser0000000001"), "");
  EXPECT_EQ(handled.taken.barriers, 1U);
}

// An app owned by a person has an empty receive id.
TEST(EventRequest, ReceiveIdsMayBeConfigured) {
  const Vector& v = vector("C3");
  Bench bench;
  use_account_of(bench, v);
  bench.settings["corp_id"] = "corp";
  bench.settings["callback_window_seconds"] = 0;
  EXPECT_EQ(handle(bench.connector(), post_of(v.token, std::string(v.encrypted), "1", "0")).reply.code, 403);
}

class EventRequests : public testing::Test {
 protected:
  host::WebRequest request(const std::string& message, std::int64_t at_s = kStart / model::second,
                           std::string_view receiver = twin::account().corp_id) {
    Random16 random{};
    random.fill(0xe4);
    return post_of(twin::account().callback_token,
                   seal_envelope(parse_aes_key(twin::account().callback_aes_key), random, message, receiver),
                   std::to_string(at_s), "n1");
  }
  std::string event() {
    return inner(
        "<Event>change_external_contact</Event><ChangeType>edit_external_contact</"
        "ChangeType><UserID>zhangsan</UserID><ExternalUserID>wmA</ExternalUserID>");
  }
  Bench bench;
};

TEST_F(EventRequests, OutsideTheWindowAreRefused) {
  const std::int64_t now = kStart / model::second;
  EXPECT_EQ(handle(bench.connector(), request(event(), now - 599)).reply.code, 200);
  for (const std::int64_t at : {now - 601, now + 601, std::int64_t{0}}) {
    const Handled handled = handle(bench.connector(), request(event(), at));
    EXPECT_EQ(handled.reply.code, 403) << at;
    EXPECT_TRUE(handled.taken.records.empty());
  }
}

TEST_F(EventRequests, ForSomebodyElseAreRefused) {
  EXPECT_EQ(handle(bench.connector(), request(event(), kStart / model::second, "wwother")).reply.code, 403);
}

TEST_F(EventRequests, WithADoctypeAreRefused) {
  host::WebRequest outer = request(event());
  outer.body = "<!DOCTYPE xml [<!ENTITY x \"y\">]>" + outer.body;
  EXPECT_EQ(handle(bench.connector(), outer).reply.code, 400);
  const Handled inside = handle(bench.connector(), request("<!DOCTYPE xml>" + event()));
  EXPECT_EQ(inside.reply.code, 400);
  EXPECT_TRUE(inside.taken.records.empty());
}

// The signature is judged before anything of the body is read as XML.
TEST_F(EventRequests, WithAWrongSignatureAreRefusedBeforeParsing) {
  host::WebRequest altered = request(event());
  altered.target.replace(altered.target.find("nonce=n1"), 8, "nonce=n2");
  altered.body = "<!DOCTYPE xml>" + altered.body;
  EXPECT_EQ(handle(bench.connector(), altered).reply.code, 403);
}

TEST_F(EventRequests, ThatAreNoneAreAnsweredAndForgotten) {
  for (const char* body : {"", "<xml/>", "no xml", "<xml><Encrypt></Encrypt></xml>", "</Encrypt><Encrypt>"}) {
    host::WebRequest broken = request(event());
    broken.body = body;
    const Handled handled = handle(bench.connector(), broken);
    EXPECT_GE(handled.reply.code, 400) << body;
    EXPECT_TRUE(handled.taken.records.empty());
  }
  EXPECT_EQ(handle(bench.connector(), request(inner("<Event>enter_agent</Event>"))).reply.code, 200);
}

TEST_F(EventRequests, AnIdenticalRepetitionHasTheSameVersion) {
  const Handled first = handle(bench.connector(), request(event()));
  const Handled second = handle(bench.connector(), request(event(), kStart / model::second + 5));
  EXPECT_EQ(first.taken.versions.at("wmA"), second.taken.versions.at("wmA"));
}

TEST_F(EventRequests, WithoutSecretsAreAMatterOfConfiguration) {
  bench.settings.erase("callback_token");
  const Handled handled = handle(bench.connector(), request(event()));
  ASSERT_FALSE(handled.status.ok());
  EXPECT_EQ(handled.status.error().error_class, model::ErrorClass::config);
}

// The twin pushes, an HTTP server hands it to the connector, as the hub's webhook ingress does.
class Pushes : public testing::Test {
 protected:
  Pushes()
      : hooks_(bench.open()), ingress_([this](const huiliu::twin::HttpRequest& request) {
          if (fail_ > 0) {
            --fail_;
            return huiliu::twin::text_response("", 503);
          }
          const Handled handled =
              handle(*hooks_, {request.method, request.target, request.headers, request.body});
          const std::lock_guard<std::mutex> guard(mutex_);
          for (const auto& [key, version] : handled.taken.versions) seen_.emplace_back(key, version);
          huiliu::twin::HttpResponse response;
          response.status = handled.reply.code;
          response.body = handled.reply.body;
          return response;
        }) {
    bench.add_contact("wmA", {Bench::relation("zhangsan")});
    bench.locked([&] { bench.twin().events().set_target(ingress_.url() + "/hooks/wecom", 20); });
  }
  void edit(const char* company) {
    bench.locked([&] {
      bench.twin().edit("external_contacts", "wmA", {{"remark_corp_name", company}}, "zhangsan");
    });
  }
  std::vector<std::pair<std::string, std::string>> seen() {
    EXPECT_TRUE(bench.twin().events().wait_idle(std::chrono::seconds(10)));
    const std::lock_guard<std::mutex> guard(mutex_);
    return seen_;
  }
  Bench bench;
  std::unique_ptr<host::Instance> hooks_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> seen_;
  std::atomic<int> fail_{0};
  huiliu::twin::HttpServer ingress_;
};

TEST_F(Pushes, OfAPersonsEditReachTheConnector) {
  edit("汇流");
  ASSERT_EQ(seen().size(), 1U);
  EXPECT_EQ(seen().front().first, "wmA");
}

// Apps cause no events: our own writes bring no echo, and no confirmation either.
TEST_F(Pushes, OfOurOwnWritesDoNotExist) {
  EXPECT_EQ(bench.write("external_contacts", "wmA", {{"mobile", "13900000009"}}).outcome,
            host::WriteOutcome::applied);
  EXPECT_TRUE(seen().empty());
}

TEST_F(Pushes, AreRepeatedWhenNobodyAnswered) {
  fail_ = 2;
  edit("汇流");
  EXPECT_EQ(seen().size(), 1U);
}

TEST_F(Pushes, TwiceAreToldByTheirVersion) {
  bench.set({{"duplicate_events", true}});
  edit("汇流");
  const auto all = seen();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], all[1]);
}

// Out of order or not: a hint says only "look", and the look shows what is there.
TEST_F(Pushes, OutOfOrderLeadToTheSameState) {
  bench.set({{"disordered_events", true}});
  edit("一");
  bench.environment().advance(2 * model::second);
  edit("二");
  const auto all = seen();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_NE(all[0].second, all[1].second);
  EXPECT_EQ(bench.lookup("external_contacts", {"wmA"}).text("wmA", "remark_company"), "二");
}

// The nickname is the person's own and changes without any event: only the walk sees it.
TEST_F(Pushes, DoNotTellOfNicknames) {
  bench.locked([&] {
    bench.twin().edit("external_contacts", "wmA", {{"external_contact", {{"name", "新昵称"}}}}, "");
  });
  EXPECT_TRUE(seen().empty());
  EXPECT_EQ(bench.read("external_contacts").text("wmA", "name"), "新昵称");
}

}  // namespace
}  // namespace wecom::tests
