// What is retried and how long it waits, with a transport that follows a script and a clock that only
// sleeping moves.
#include "hub/host/http_service.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include "hub/host/redactor.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;

HttpAnswer code_of(int code, HttpHeaders headers = {}) {
  HttpAnswer out;
  out.code = code;
  out.headers = std::move(headers);
  return out;
}

class QueueTransport final : public Transport {
 public:
  std::deque<HttpAnswer> answers;
  std::vector<HttpRequest> requests;
  HttpAnswer exchange(const HttpRequest& request, const std::stop_token&) override {
    requests.push_back(request);
    if (answers.empty()) return HttpAnswer::none(ErrorClass::bug, "no answer prepared");
    HttpAnswer out = answers.front();
    answers.pop_front();
    return out;
  }
};

struct Bench {
  SteeredEnvironment environment{1'772'352'000 * model::second, 1};
  QueueTransport transport;
  QuotaBook quotas{environment};
  HttpService service{environment, transport, quotas};

  HttpAnswer send(const std::string& method, std::deque<HttpAnswer> answers, bool repeatable) {
    transport.answers = std::move(answers);
    transport.requests.clear();
    Outgoing outgoing;
    outgoing.request = {.method = method, .url = "http://x/", .repeatable = repeatable};
    return service.send(outgoing, {});
  }
};

TEST(HttpService, RepeatsWhatIsSafeUntilItWorks) {
  Bench bench;
  const HttpAnswer answer = bench.send("GET", {code_of(503), code_of(500), code_of(200)}, true);
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.attempts, 3U);
}

TEST(HttpService, GivesUpAfterItsAttemptsWithTheLastAnswer) {
  Bench bench;
  const HttpAnswer answer = bench.send("GET", std::deque<HttpAnswer>(9, code_of(503)), true);
  EXPECT_EQ(answer.code, 503);
  EXPECT_EQ(bench.transport.requests.size(), 4U);
}

TEST(HttpService, DoesNotRepeatWhatAnotherAttemptCannotChange) {
  Bench bench;
  for (const int code : {200, 301, 400, 401, 403, 404, 409, 412, 422, 501})
    EXPECT_EQ(bench.send("GET", {code_of(code), code_of(200)}, true).code, code);
}

TEST(HttpService, NeverRepeatsAPostThatMayHaveArrived) {
  Bench bench;
  const HttpAnswer lost = HttpAnswer::none(ErrorClass::retry, "reset", true);
  const HttpAnswer answer = bench.send("POST", {lost, code_of(200)}, false);
  EXPECT_FALSE(answer.answered());
  EXPECT_TRUE(answer.maybe_delivered);
  EXPECT_EQ(bench.send("POST", {code_of(503), code_of(200)}, false).code, 503);
  // But one that surely did not arrive, and one with an idempotency key.
  EXPECT_EQ(
      bench.send("POST", {HttpAnswer::none(ErrorClass::retry, "refused", false), code_of(200)}, false).code,
      200);
  EXPECT_EQ(bench.send("POST", {lost, code_of(200)}, true).code, 200);
}

TEST(HttpService, ADoubtfulAttemptIsRememberedOverALaterAnswer) {
  Bench bench;
  const HttpAnswer answer =
      bench.send("PUT", {HttpAnswer::none(ErrorClass::retry, "reset", true), code_of(412)}, true);
  EXPECT_EQ(answer.code, 412);
  EXPECT_TRUE(answer.maybe_delivered);
}

TEST(HttpService, WaitsAtLeastAsLongAsTheRemoteAsks) {
  Bench bench;
  const model::Micros begin = bench.environment.now();
  bench.send("GET", {code_of(429, {{"Retry-After", "12"}}), code_of(200)}, true);
  EXPECT_GE(bench.environment.now() - begin, 12 * model::second);
}

TEST(HttpService, ALongWaitIsHandedToTheCaller) {
  Bench bench;
  const model::Micros begin = bench.environment.now();
  const HttpAnswer answer = bench.send("GET", {code_of(429, {{"Retry-After", "600"}}), code_of(200)}, true);
  EXPECT_EQ(answer.code, 429);
  EXPECT_EQ(answer.retry_after_ms, 600'000);
  EXPECT_EQ(bench.environment.now(), begin);
}

TEST(HttpService, EveryAttemptCountsAgainstTheQuota) {
  Bench bench;
  bench.transport.answers = {code_of(503), code_of(503), code_of(200)};
  Outgoing outgoing;
  outgoing.request = {.method = "GET", .url = "http://x/", .repeatable = true};
  outgoing.quota = "vendor/api";
  outgoing.limits = {.per_minute = 2};
  const model::Micros begin = bench.environment.steady();
  EXPECT_EQ(bench.service.send(outgoing, {}).code, 200);
  EXPECT_GE(bench.environment.steady() - begin, 60 * model::second);
}

class TransportFiles : public ::testing::Test {
 protected:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("huiliu_script_" + std::to_string(::getpid()) + "_" +
                                 ::testing::UnitTest::GetInstance()->current_test_info()->name());
  Redactor redactor_;
  void TearDown() override { std::filesystem::remove(path_); }
  void write(const std::string& text) { std::ofstream(path_) << text; }
  std::unique_ptr<Transport> open(const std::string& kind) {
    auto made = make_transport(kind + ":" + path_.string(), {}, redactor_);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().text());
    return made.ok() ? std::move(*made) : nullptr;
  }
};

TEST_F(TransportFiles, AScriptAnswersInOrderAndThenNoMore) {
  write(R"({"status":201,"headers":{"A":"1","Set-Cookie":["x","y"]},"body":{"id":1.10}}
{"body":"text"}

{"status":200,"body_base64":"/w=="}
{"error":"reset","maybe_delivered":true}
)");
  const auto script = open("script");
  const HttpAnswer first = script->exchange({}, {});
  EXPECT_EQ(first.code, 201);
  EXPECT_EQ(first.body, R"({"id":1.10})");
  EXPECT_EQ(first.headers.size(), 3U);
  EXPECT_EQ(script->exchange({}, {}).body, "text");
  EXPECT_EQ(script->exchange({}, {}).body, "\xff");
  EXPECT_FALSE(script->exhausted());
  EXPECT_TRUE(script->exchange({}, {}).maybe_delivered);
  EXPECT_TRUE(script->exhausted());
  EXPECT_FALSE(script->exchange({}, {}).answered());
}

TEST_F(TransportFiles, AWrongScriptNamesItsLine) {
  for (const char* line :
       {"{", "[]", R"({"status":"x"})", R"({"status":99})", R"({"headers":[]})", R"({"body_base64":"*"})"}) {
    write("{}\n" + std::string(line) + "\n");
    const auto made = make_transport("script:" + path_.string(), {}, redactor_);
    ASSERT_FALSE(made.ok()) << line;
    EXPECT_TRUE(made.error().where.ends_with(":2")) << made.error().where;
  }
  EXPECT_FALSE(make_transport("script:/nowhere", {}, redactor_).ok());
  EXPECT_FALSE(make_transport("script", {}, redactor_).ok());
  EXPECT_FALSE(make_transport("magic:x", {}, redactor_).ok());
}

TEST_F(TransportFiles, AReplayMatchesByMethodAndUrlInOrder) {
  write(R"({"method":"GET","url":"http://x/a","status":200,"body":"a1"}
{"method":"POST","url":"http://x/a","status":200,"body":"post"}
{"method":"GET","url":"http://x/b?page=1&timestamp=5","status":200,"body":"b"}
{"method":"GET","url":"http://x/a","status":200,"body":"a2"}
)");
  const auto replay = open("replay");
  const auto get = [&](const std::string& url) {
    return replay->exchange({.method = "GET", .url = url}, {}).body;
  };
  EXPECT_EQ(get("http://x/b?page=1&timestamp=99"), "b");  // A value that changes with time.
  EXPECT_EQ(get("http://x/a"), "a1");
  EXPECT_EQ(get("http://x/a"), "a2");
  EXPECT_EQ(replay->exchange({.method = "POST", .url = "http://x/a"}, {}).body, "post");
  EXPECT_FALSE(replay->exchange({.method = "GET", .url = "http://x/a"}, {}).answered());
}

}  // namespace
}  // namespace huiliu::host
