#include "hub/host/plugin_call.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/unit/host/loopback_server.hpp"

namespace huiliu::host {
namespace {

class PluginCall : public ::testing::Test {
 protected:
  PluginCall() {
    options_.library = std::string(HUILIU_TEST_PLUGINS) + "/libhuiliu-test_shop.so";
    options_.settings =
        model::Object{{"base_url", "http://shop.example/api"}, {"app_secret", "s3cret-value"}};
    options_.clock = 1'772'352'000 * model::second;
    options_.seed = 7;
    options_.stream = "items";
  }
  void TearDown() override {
    std::filesystem::remove(script_);
    std::filesystem::remove(recording_);
  }

  void script(const std::string& lines) {
    std::ofstream(script_) << lines;
    options_.http = "script:" + script_.string();
  }
  std::string call(const std::string& operation, int code = 0) {
    options_.operation = operation;
    std::ostringstream out;
    diagnostics_.str("");
    EXPECT_EQ(plugin_call(options_, out, diagnostics_), code) << out.str() << diagnostics_.str();
    return out.str();
  }

  PluginCallOptions options_;
  std::ostringstream diagnostics_;
  const std::string stem_ =
      std::to_string(::getpid()) + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::filesystem::path script_ = std::filesystem::temp_directory_path() / ("huiliu_call_" + stem_);
  const std::filesystem::path recording_ = std::filesystem::temp_directory_path() / ("huiliu_rec_" + stem_);
};

TEST_F(PluginCall, AReadPrintsEveryRequestRecordAndCheckpoint) {
  script(R"({"status":200,"body":"token-1"}
{"status":200,"body":{"items":[{"id":"1","n":1.10}],"next":"c1","more":false}}
)");
  const std::string expected =
      R"({"event":"request","method":"POST","url":"http://shop.example/api/token","headers":{},"body":"secret=s3cret-value"}
{"event":"request","method":"GET","url":"http://shop.example/api/items?since=","headers":{"Authorization":"Bearer token-1"},"body":""}
{"event":"record","stream":"items","key":"1","version":"","changed_at":null,"kind":"upsert","body":{"id":"1","n":1.1E0}}
{"event":"checkpoint","cursor":"c1"}
{"event":"end","status":"ok","message":""}
)";
  EXPECT_EQ(call("read"), expected);
  EXPECT_EQ(call("read"), expected);  // Byte-stable.
}

// Output of a call over a real network is pasted into tickets: however short a secret is, it is masked.
TEST(Redaction, ShortSecretsAreMaskedWhereTheyAreAWholeValue) {
  Redactor redactor;
  redactor.add_secret("s3c");
  redactor.add_token("t1");
  EXPECT_EQ(redactor.redact_body("a=t12&secret=s3c"), "a=t12&secret=***");
  EXPECT_EQ(redactor.redact_body(R"({"token":"t1","name":"t12"})"), R"({"token":"***","name":"t12"})");
  EXPECT_EQ(redactor.redact_url("http://shop.example/t1?access_token=t1"),
            "http://shop.example/t1?access_token=***");
  EXPECT_EQ(redactor.redact_value("Bearer t1"), "Bearer ***");
}

TEST_F(PluginCall, AWritePrintsOneResultForEachRecord) {
  script(R"({"status":200}
{"status":412}
{"status":201,"body":"new-1"}
)");
  options_.records =
      R"({"stream":"items","key":"1","version":"v1","operation_id":"op-1","body":{"name":"汇流"},"base":{"name":"old"}}
{"key":"2","body":{"name":"x"}}

{"key":"","body":{"name":"y"}}
)";
  EXPECT_EQ(
      call("write"),
      R"({"event":"request","method":"PUT","url":"http://shop.example/api/items/1","headers":{"If-Match":"v1"},"body":"{\"name\":\"汇流\"}"}
{"event":"request","method":"PUT","url":"http://shop.example/api/items/2","headers":{"If-Match":""},"body":"{\"name\":\"x\"}"}
{"event":"request","method":"POST","url":"http://shop.example/api/items/","headers":{"If-Match":""},"body":"{\"name\":\"y\"}"}
{"event":"result","index":0,"outcome":"applied","remote_key":"","remote_version":"","message":""}
{"event":"result","index":1,"outcome":"stale","remote_key":"","remote_version":"","message":"another version"}
{"event":"result","index":2,"outcome":"applied","remote_key":"new-1","remote_version":"","message":""}
{"event":"end","status":"ok","message":""}
)");
}

TEST_F(PluginCall, ARequestIsAnswered) {
  script("");
  options_.request =
      R"({"method":"POST","target":"/hooks/x?q=1","headers":{"x-signature":"no"},"body_base64":"/w=="})";
  EXPECT_EQ(call("handle_request"),
            R"({"event":"reply","status":401,"headers":{"Content-Type":"text/plain"},"body":"bad signature"}
{"event":"end","status":"ok","message":""}
)");
}

TEST_F(PluginCall, BinaryBodiesAreBase64AndBadRecordsAreShown) {
  script("");
  options_.cursor = "do:records";
  const std::string out = call("read");
  EXPECT_NE(out.find(R"("event":"bad_record","stream":"items","key":"","cause":"no_key")"), std::string::npos)
      << out;
  EXPECT_NE(out.find(R"("body_base64":)"), std::string::npos);
  EXPECT_NE(out.find(R"("event":"checkpoint","cursor":"after")"), std::string::npos);
}

TEST_F(PluginCall, AuthenticateShowsItsRequests) {
  options_.connector = "test-shop";
  const std::string answer = "{\"status\":200,\"body\":\"token-1\"}\n";
  script(answer);
  EXPECT_EQ(
      call("authenticate"),
      R"({"event":"request","method":"POST","url":"http://shop.example/api/token","headers":{},"body":"secret=s3cret-value"}
{"event":"token","credential":"api"}
{"event":"end","status":"ok","message":""}
)");
  // With more answers the next credential, loop, is tried: it sends a request that needs itself.
  script(answer + answer);
  EXPECT_NE(call("authenticate", 1).find(R"("event":"end","status":"bug")"), std::string::npos);
}

TEST_F(PluginCall, TheEndSaysWhyItFailed) {
  script(R"({"status":401,"body":"no"}
)");
  EXPECT_NE(call("check", 1).find(R"({"event":"end","status":"auth","message":"wrong password")"),
            std::string::npos);
  script("");
  EXPECT_NE(call("check", 1).find("the script has no answer left"), std::string::npos);
  options_.settings = model::Object{{"base_url", 5}};
  EXPECT_NE(call("check", 1).find("/base_url"), std::string::npos);
}

TEST_F(PluginCall, WrongArgumentsAreUsageErrors) {
  EXPECT_EQ(call("juggle", 2), "");
  EXPECT_NE(diagnostics_.str().find("want check, discover"), std::string::npos);
  options_.connector = "nobody";
  EXPECT_EQ(call("check", 2), "");
  options_.connector = "";
  options_.http = "magic";
  EXPECT_EQ(call("check", 2), "");
  options_.library = "/nowhere.so";
  EXPECT_EQ(call("check", 1), "");
}

TEST_F(PluginCall, ARecordingHoldsNoSecretsAndReplaysTheSame) {
  loopback::LoopbackServer server([](const loopback::ServedRequest& request, loopback::Peer& peer) {
    if (request.line().starts_with("POST /token")) return peer.answer(200, "token-of-the-day");
    peer.answer(200, R"({"items":[{"id":"1"}],"next":"c1","more":false})",
                "Set-Cookie: s=token-of-the-day\r\n");
  });
  options_.settings = model::Object{{"base_url", server.url()}, {"app_secret", "s3cret-value"}};
  options_.http = "record:" + recording_.string();
  const std::string live = call("read");
  EXPECT_EQ(live.find("token-of-the-day"), std::string::npos) << live;
  EXPECT_EQ(live.find("s3cret-value"), std::string::npos);
  std::ifstream file(recording_);
  const std::string recording((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(recording.find("token-of-the-day"), std::string::npos) << recording;
  EXPECT_NE(recording.find(R"("method":"GET")"), std::string::npos);
  options_.http = "replay:" + recording_.string();
  const std::string replayed = call("read");
  EXPECT_NE(replayed.find(R"("event":"record","stream":"items","key":"1")"), std::string::npos) << replayed;
  EXPECT_EQ(server.requests(), 2);
}

}  // namespace
}  // namespace huiliu::host
