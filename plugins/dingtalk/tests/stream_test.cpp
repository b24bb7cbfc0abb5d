// Stream mode: the frames, and the channel end to end against the twin.
#include "plugins/dingtalk/src/stream.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "hub/host/websocket.hpp"
#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/tests/bench.hpp"
#include "sdk/twin/http_client.hpp"

namespace dingtalk::tests {
namespace {

using namespace std::chrono_literals;

constexpr const char* kEvent =
    R"({"specVersion":"1.0","type":"EVENT","headers":{"messageId":"m1","topic":"*","eventId":"e1",)"
    R"("eventType":"ding_paas_object_data_update","eventCorpId":"corp"},)"
    R"("data":"{\"dataId\":\"i1\",\"objectType\":\"crm_customer\"}"})";

Settings stream_settings() {
  Settings settings;
  settings.corp_id = "corp";
  settings.relation_type = "crm_customer";
  return settings;
}

TEST(Frames, CarryTheEventsKindInTheirHeadersAndItsContentInAString) {
  const auto frame = parse_frame(kEvent);
  ASSERT_TRUE(frame);
  const Event event = event_of(*frame, stream_settings());
  EXPECT_EQ(event.id, "e1");
  EXPECT_EQ(event.hints, (std::vector<Hint>{{"customers", "i1"}}));
}

TEST(Frames, WithoutAnEventIdAreKnownByTheirMessage) {
  std::string text = kEvent;
  text.replace(text.find(R"("eventId":"e1",)"), 15, "");
  EXPECT_EQ(event_of(*parse_frame(text), stream_settings()).id, "m1");
}

TEST(Frames, OfOtherCorporationsAreNoHints) {
  std::string text = kEvent;
  text.replace(text.find(R"("corp")"), 6, R"("other")");
  EXPECT_TRUE(event_of(*parse_frame(text), stream_settings()).hints.empty());
}

TEST(Frames, ThatAreNoneAreTold) {
  for (const char* text : {"", "[]", "no json", R"({"type":"EVENT"})", R"({"type":"EVENT","headers":{}})",
                           R"({"headers":{"messageId":"m"}})"})
    EXPECT_FALSE(parse_frame(text)) << text;
}

TEST(Acks, CopyTheMessageAndHoldTheirDataAsText) {
  const auto ack = parse_json(ack_of(*parse_frame(kEvent), 200, "OK", R"({"status":"SUCCESS"})"));
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->at("code").as_int64(), 200);
  EXPECT_EQ(ack->at("headers").at("messageId").as_string(), "m1");
  EXPECT_EQ(ack->at("headers").at("contentType").as_string(), "application/json");
  EXPECT_EQ(ack->at("data").as_string(), R"({"status":"SUCCESS"})");
}

// A connector that listens on a thread of its own, as the serving hub has it: in this process, and in a
// child.
class Listening : public testing::TestWithParam<bool> {
 protected:
  Listening() {
    bench_.settings["stream"] = true;
    bench_.isolated = GetParam();
  }
  ~Listening() override { stop(); }

  void start() {
    host::Instance& connector = bench_.connector();
    thread_ = std::thread([this, &connector] {
      host::RecordConsumer consumer;
      consumer.page = [this](host::Page page) -> model::Status {
        const std::lock_guard lock(mutex_);
        for (const host::RemoteRecord& record : page.records) {
          held_.push_back(page.stream + "/" + record.key);
          ids_.push_back(record.version);
        }
        return {};
      };
      consumer.checkpoint = [this](std::string_view cursor, const host::StateChanges&) -> model::Status {
        EXPECT_TRUE(cursor.empty());
        {
          std::unique_lock lock(mutex_);
          changed_.wait(lock, [this] { return !slow_store_; });
          if (failures_ > 0) {
            --failures_;
            held_.clear();
            return model::make_error(model::ErrorClass::retry, "the store is full");
          }
          stored_.insert(stored_.end(), held_.begin(), held_.end());
          held_.clear();
        }
        changed_.notify_all();
        return {};
      };
      ended_ = connector.listen(consumer, {.stop = stop_.get_token()});
      {
        const std::lock_guard lock(mutex_);
        over_ = true;
      }
      changed_.notify_all();
    });
  }
  void stop() {
    stop_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  template <class Condition>
  bool eventually(const Condition& condition) {
    for (const auto until = std::chrono::steady_clock::now() + 10s;
         std::chrono::steady_clock::now() < until;) {
      if (condition()) return true;
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, 5ms);
    }
    return condition();
  }
  std::int64_t shown(const char* name) {
    return bench_.twin().stream().to_json().at(name).to_number<std::int64_t>();
  }
  bool is_connected() {
    return eventually([this] { return shown("connections") == 1; });
  }
  std::vector<std::string> stored() {
    const std::lock_guard lock(mutex_);
    return stored_;
  }
  void control(json::object wanted) { bench_.twin().stream().control(wanted); }

  Bench bench_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> held_, stored_, ids_;
  bool slow_store_ = false, over_ = false;
  int failures_ = 0;
  std::stop_source stop_;
  std::thread thread_;
  model::Status ended_;
};

TEST_P(Listening, HearsWhatPeopleDoAndAcknowledgesIt) {
  bench_.add_customer("i1", "甲");
  start();
  ASSERT_TRUE(is_connected());
  bench_.edit("i1", {{"customer_name", "乙"}});
  ASSERT_TRUE(bench_.twin().stream().wait_idle(10s));
  EXPECT_EQ(stored(), std::vector<std::string>{"customers/i1"});
  EXPECT_EQ(shown("delivered"), 1);
  EXPECT_EQ(shown("bad_acks"), 0);
}

// A naive client answers first and stores later: what the store then refuses is lost.
TEST_P(Listening, AcknowledgesOnlyWhatIsStored) {
  bench_.add_customer("i1", "甲");
  slow_store_ = true;
  start();
  ASSERT_TRUE(is_connected());
  bench_.edit("i1", {{"customer_name", "乙"}});
  ASSERT_TRUE(eventually([this] { return shown("attempts") == 1 && !ids_.empty(); }));
  EXPECT_EQ(shown("delivered"), 0);
  EXPECT_EQ(shown("pending"), 1);
  {
    const std::lock_guard lock(mutex_);
    slow_store_ = false;
  }
  changed_.notify_all();
  ASSERT_TRUE(bench_.twin().stream().wait_idle(10s));
}

TEST_P(Listening, WhatCouldNotBeStoredComesAgain) {
  bench_.add_customer("i1", "甲");
  control({{"redeliver_ms", 20}});
  failures_ = 1;
  start();
  ASSERT_TRUE(is_connected());
  bench_.edit("i1", {{"customer_name", "乙"}});
  ASSERT_TRUE(eventually([this] { return over_; }));  // the hub's own trouble ends the listening
  EXPECT_FALSE(ended_.ok());
  EXPECT_EQ(shown("later"), 1);
  stop();
  stop_ = std::stop_source();
  start();
  ASSERT_TRUE(bench_.twin().stream().wait_idle(10s));
  EXPECT_EQ(stored(), std::vector<std::string>{"customers/i1"});
}

TEST_P(Listening, RepeatedAndDisorderedEventsAreKnownByTheirId) {
  for (const char* id : {"i1", "i2", "i3"}) bench_.add_customer(id, id);
  control({{"duplicate", true}, {"disorder", true}});
  start();
  ASSERT_TRUE(is_connected());
  for (const char* id : {"i1", "i2", "i3"}) bench_.edit(id, {{"customer_name", std::string("改") + id}});
  ASSERT_TRUE(bench_.twin().stream().wait_idle(10s));
  ASSERT_TRUE(eventually([this] { return stored().size() == 6; }));
  const std::lock_guard lock(mutex_);
  const std::set<std::string> ids(ids_.begin(), ids_.end());
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_FALSE(ids.contains(""));
}

TEST_P(Listening, AnswersPingsWithTheirData) {
  start();
  ASSERT_TRUE(is_connected());
  control({{"ping", true}});
  EXPECT_TRUE(eventually([this] { return shown("pongs") == 1; }));
  EXPECT_EQ(shown("bad_acks"), 0);
}

TEST_P(Listening, AnswersThePingsOfALongSilence) {
  control({{"ping_ms", 20}});
  start();
  ASSERT_TRUE(is_connected());
  EXPECT_TRUE(eventually([this] { return shown("pongs") >= 3; }));
  EXPECT_EQ(shown("bad_acks"), 0);
  EXPECT_EQ(shown("opened"), 1);
}

TEST_P(Listening, ReconnectsWithANewTicketWhenAsked) {
  bench_.add_customer("i1", "甲");
  start();
  ASSERT_TRUE(is_connected());
  control({{"disconnect", "the gateway restarts"}});
  ASSERT_TRUE(eventually([this] { return shown("opened") == 2 && shown("connections") == 1; }));
  EXPECT_EQ(shown("tickets"), 2);
  bench_.edit("i1", {{"customer_name", "乙"}});
  ASSERT_TRUE(bench_.twin().stream().wait_idle(10s));
  EXPECT_EQ(stored(), std::vector<std::string>{"customers/i1"});
}

TEST_P(Listening, WhatHappenedWhileTheChannelWasDownComesAfterwards) {
  bench_.add_customer("i1", "甲");
  start();
  ASSERT_TRUE(is_connected());
  control({{"drop", true}});
  ASSERT_TRUE(eventually([this] { return shown("connections") == 0 || shown("opened") == 2; }));
  bench_.edit("i1", {{"customer_name", "乙"}});
  ASSERT_TRUE(bench_.twin().stream().wait_idle(10s));
  EXPECT_GE(shown("opened"), 2);
  EXPECT_EQ(stored(), std::vector<std::string>{"customers/i1"});
}

TEST_P(Listening, EndsAtAWrongSecret) {
  bench_.settings["app_secret"] = "wrong";
  start();
  ASSERT_TRUE(eventually([this] { return over_; }));
  EXPECT_EQ(ended_.error().error_class, model::ErrorClass::auth);
}

TEST_P(Listening, IsOffUnlessTheSettingsWantIt) {
  bench_.settings["stream"] = false;
  start();
  ASSERT_TRUE(eventually([this] { return over_; }));
  EXPECT_EQ(ended_.error().error_class, model::ErrorClass::unsupported);
  EXPECT_EQ(shown("tickets"), 0);
}

TEST_P(Listening, StopsAtOnce) {
  start();
  ASSERT_TRUE(is_connected());
  const auto began = std::chrono::steady_clock::now();
  stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  EXPECT_EQ(ended_.error().error_class, model::ErrorClass::cancelled);
}

INSTANTIATE_TEST_SUITE_P(Stream, Listening, testing::Bool(),
                         [](const auto& made) { return made.param ? "child" : "process"; });

// ---- The twin, driven by a client of its own --------------------------------------------------------------

class StreamTwin : public testing::Test {
 protected:
  std::string url_of(const std::string& ticket) {
    return "ws" + bench_.server().url().substr(4) + "/connect?ticket=" + ticket;
  }
  json::object open(const std::string& secret = twin::account().app_secret) {
    const auto answer = huiliu::twin::http_send(
        {.method = "POST",
         .url = bench_.server().url() + "/v1.0/gateway/connections/open",
         .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
         .body = json::serialize(
             json::object{{"clientId", twin::account().app_key},
                          {"clientSecret", secret},
                          {"subscriptions", json::array{json::object{{"type", "EVENT"}, {"topic", "*"}}}}})});
    status_ = answer.status;
    return parse_json(answer.body)->as_object();
  }
  Bench bench_;
  int status_ = 0;
};

TEST_F(StreamTwin, TicketsServeOnceAndLapse) {
  const std::string ticket = percent_encoded(open().at("ticket").as_string());
  ASSERT_TRUE(host::open_web_socket({.url = url_of(ticket)}, {}).ok());
  EXPECT_FALSE(host::open_web_socket({.url = url_of(ticket)}, {}).ok());
  EXPECT_FALSE(host::open_web_socket({.url = url_of("nonsense")}, {}).ok());
  const std::string late = percent_encoded(open().at("ticket").as_string());
  bench_.environment().advance(91 * model::second);
  EXPECT_FALSE(host::open_web_socket({.url = url_of(late)}, {}).ok());
  bench_.twin().stream().control({{"ticket_ms", 30'000}});
  for (const auto& [seconds, good] : {std::pair{29, true}, {31, false}}) {
    const std::string shorter = percent_encoded(open().at("ticket").as_string());
    bench_.environment().advance(seconds * model::second);
    EXPECT_EQ(host::open_web_socket({.url = url_of(shorter)}, {}).ok(), good) << seconds;
  }
}

// The ticket holds characters that mean something else in an address.
TEST_F(StreamTwin, TicketsMustBeEncoded) {
  const std::string ticket(open().at("ticket").as_string());
  EXPECT_NE(percent_encoded(ticket), ticket);
  EXPECT_FALSE(host::open_web_socket({.url = url_of(ticket)}, {}).ok());
}

TEST_F(StreamTwin, RefusesAWrongSecret) {
  EXPECT_TRUE(open("wrong").contains("code"));
  EXPECT_EQ(status_, 401);
}

}  // namespace
}  // namespace dingtalk::tests
