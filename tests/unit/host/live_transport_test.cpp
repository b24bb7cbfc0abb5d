// The network, against a server that hangs, lies, floods and resets.
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "hub/host/http.hpp"
#include "tests/unit/host/loopback_server.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using loopback::LoopbackServer;
using loopback::Peer;
using loopback::ServedRequest;

HttpLimits short_limits() {
  HttpLimits limits;
  limits.body_bytes = 1 << 20;
  limits.total_timeout = 20 * model::second;
  return limits;
}

HttpRequest get_of(const std::string& url) { return {.method = "GET", .url = url, .repeatable = true}; }

TEST(LiveTransport, SendsWhatItIsGivenAndKeepsTheConnection) {
  LoopbackServer server([](const ServedRequest& request, Peer& peer) {
    peer.answer(200, "echo:" + request.body, "X-Two: a\r\nX-Two: b\r\n");
  });
  const auto transport = make_live_transport(short_limits());
  for (int i = 0; i < 3; ++i) {
    const HttpAnswer answer = transport->exchange({.method = "POST",
                                                   .url = server.url("/a?b=c"),
                                                   .headers = {{"X-Mine", "1"}, {"X-Empty", ""}},
                                                   .body = "汇流"},
                                                  {});
    ASSERT_EQ(answer.code, 200) << answer.reason;
    EXPECT_EQ(answer.body, "echo:汇流");
    ASSERT_NE(answer.header("x-two"), nullptr);
  }
  EXPECT_EQ(server.connections(), 1);
  const ServedRequest request = server.served().front();
  EXPECT_EQ(request.line(), "POST /a?b=c HTTP/1.1");
  EXPECT_TRUE(request.has("X-Mine: 1\r\n"));
  EXPECT_TRUE(request.has("X-Empty:"));
  EXPECT_FALSE(request.has("Expect"));
  EXPECT_FALSE(request.has("Content-Type"));
}

TEST(LiveTransport, EveryMethodArrivesAsItself) {
  LoopbackServer server([](const ServedRequest& request, Peer& peer) {
    if (request.line().starts_with("HEAD"))
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    else
      peer.answer(200, request.body);
  });
  const auto transport = make_live_transport(short_limits());
  for (const std::string method : {"GET", "HEAD", "DELETE", "PUT", "PATCH", "POST", "MERGE"})
    for (const std::string body : {"", "x"}) {
      if (method == "HEAD" && !body.empty()) continue;
      const HttpAnswer answer =
          transport->exchange({.method = method, .url = server.url("/"), .body = body}, {});
      EXPECT_EQ(answer.code, 200) << method << answer.reason;
      EXPECT_EQ(answer.body, body) << method;
      EXPECT_TRUE(server.served().back().line().starts_with(method + " "));
    }
}

TEST(LiveTransport, DoesNotFollowRedirects) {
  LoopbackServer server(
      [](const ServedRequest&, Peer& peer) { peer.answer(302, "", "Location: /elsewhere\r\n"); });
  const HttpAnswer answer = make_live_transport(short_limits())->exchange(get_of(server.url("/")), {});
  EXPECT_EQ(answer.code, 302);
  EXPECT_EQ(*answer.header("Location"), "/elsewhere");
  EXPECT_EQ(server.requests(), 1);
}

TEST(LiveTransport, AnUnreachableHostWasSurelyNotReached) {
  std::string url;
  {
    LoopbackServer closed([](const ServedRequest&, Peer&) {});
    url = closed.url("/");
  }
  const HttpAnswer answer =
      make_live_transport(short_limits())->exchange({.method = "POST", .url = url, .body = "x"}, {});
  EXPECT_FALSE(answer.answered());
  EXPECT_EQ(answer.failure, ErrorClass::retry);
  EXPECT_FALSE(answer.maybe_delivered);
  EXPECT_NE(answer.reason, "");
}

TEST(LiveTransport, AResetAfterTheRequestMayHaveBeenDelivered) {
  LoopbackServer server([](const ServedRequest&, Peer& peer) { peer.reset(); });
  const HttpAnswer answer = make_live_transport(short_limits())
                                ->exchange({.method = "POST", .url = server.url("/"), .body = "x"}, {});
  EXPECT_FALSE(answer.answered());
  EXPECT_EQ(answer.failure, ErrorClass::retry);
  EXPECT_TRUE(answer.maybe_delivered);
}

TEST(LiveTransport, ALostPostIsNeverSentTwice) {
  // The first answer keeps the connection; the second request on it dies without an answer.
  LoopbackServer server([](const ServedRequest& request, Peer& peer) {
    if (request.line().starts_with("GET"))
      peer.answer(200, "");
    else
      peer.close();
  });
  const auto transport = make_live_transport(short_limits());
  ASSERT_EQ(transport->exchange(get_of(server.url("/")), {}).code, 200);
  for (const std::string body : {"create me", ""}) {
    const HttpAnswer answer =
        transport->exchange({.method = "POST", .url = server.url("/"), .body = body}, {});
    EXPECT_FALSE(answer.answered());
    EXPECT_TRUE(answer.maybe_delivered);
  }
  EXPECT_EQ(server.requests(), 3);
}

TEST(LiveTransport, ATruncatedAnswerIsNoAnswer) {
  LoopbackServer server([](const ServedRequest&, Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\":");
    peer.close();
  });
  const HttpAnswer answer = make_live_transport(short_limits())->exchange(get_of(server.url("/")), {});
  EXPECT_FALSE(answer.answered());
  EXPECT_TRUE(answer.maybe_delivered);
}

TEST(LiveTransport, ASlowServerMeetsTheTimeOut) {
  LoopbackServer server([](const ServedRequest&, Peer& peer) { peer.hang(); });
  HttpRequest request = get_of(server.url("/"));
  request.timeout = 100'000;
  const HttpAnswer answer = make_live_transport(short_limits())->exchange(request, {});
  EXPECT_FALSE(answer.answered());
  EXPECT_EQ(answer.failure, ErrorClass::retry);
  EXPECT_NE(answer.reason.find("time-out"), std::string::npos) << answer.reason;
}

TEST(LiveTransport, AStopEndsAHangingRequestWithinASecond) {
  std::promise<void> arrived;
  LoopbackServer server([&](const ServedRequest&, Peer& peer) {
    arrived.set_value();
    peer.hang();
  });
  const auto transport = make_live_transport(short_limits());
  std::stop_source stop;
  auto answer = std::async(std::launch::async,
                           [&] { return transport->exchange(get_of(server.url("/")), stop.get_token()); });
  arrived.get_future().wait();
  const auto begin = std::chrono::steady_clock::now();
  stop.request_stop();
  EXPECT_EQ(answer.get().failure, ErrorClass::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST(LiveTransport, AnAnswerOf200MegabytesIsCutOff) {
  LoopbackServer server([](const ServedRequest& request, Peer& peer) {
    const bool honest = request.line().find("/honest") != std::string::npos;
    peer.send(honest ? "HTTP/1.1 200 OK\r\nContent-Length: 209715200\r\n\r\n"
                     : "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    const std::string chunk(1 << 20, 'x');
    for (int i = 0; i < 200 && peer.send(chunk); ++i) {
    }
    peer.close();
  });
  const auto transport = make_live_transport(short_limits());
  for (const char* path : {"/honest", "/endless"}) {
    const HttpAnswer answer = transport->exchange(get_of(server.url(path)), {});
    EXPECT_FALSE(answer.answered());
    EXPECT_EQ(answer.failure, ErrorClass::data);
    EXPECT_NE(answer.reason.find("1 MiB"), std::string::npos) << answer.reason;
    EXPECT_LE(answer.body.size(), std::size_t{1} << 20);
  }
}

// What gzip makes of 4 MiB of zero bytes: 4098 bytes.
constexpr std::size_t bomb_bytes = std::size_t{4} << 20;
std::string gzip_bomb() {
  static constexpr unsigned char head[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
                                           0x03, 0xed, 0xc1, 0x01, 0x01, 0x00, 0x00, 0x00, 0x82,
                                           0x20, 0xff, 0xaf, 0x6e, 0x48, 0x40, 0x01};
  static constexpr unsigned char tail[] = {0x7c, 0x1b, 0x6a, 0x40, 0x47, 0x11, 0x00, 0x00, 0x40, 0x00};
  return std::string(reinterpret_cast<const char*>(head), sizeof head) + std::string(4063, '\0') +
         std::string(reinterpret_cast<const char*>(tail), sizeof tail);
}

TEST(LiveTransport, AnswersAreDecompressedUpToTheLimit) {
  LoopbackServer server([](const ServedRequest& request, Peer& peer) {
    EXPECT_TRUE(request.has("Accept-Encoding: gzip, deflate"));
    peer.answer(200, gzip_bomb(), "Content-Encoding: gzip\r\n");
  });
  HttpLimits limits = short_limits();
  limits.body_bytes = bomb_bytes;
  const HttpAnswer whole = make_live_transport(limits)->exchange(get_of(server.url("/")), {});
  EXPECT_EQ(whole.code, 200) << whole.reason;
  EXPECT_EQ(whole.body, std::string(bomb_bytes, '\0'));
  limits.body_bytes = bomb_bytes - 1;
  const HttpAnswer bomb = make_live_transport(limits)->exchange(get_of(server.url("/")), {});
  EXPECT_FALSE(bomb.answered());
  EXPECT_EQ(bomb.failure, ErrorClass::data) << bomb.reason;
}

TEST(LiveTransport, BrokenCompressionIsADataError) {
  LoopbackServer server([](const ServedRequest&, Peer& peer) {
    peer.answer(200, "this is not gzip", "Content-Encoding: gzip\r\n");
  });
  const HttpAnswer answer = make_live_transport(short_limits())->exchange(get_of(server.url("/")), {});
  EXPECT_FALSE(answer.answered());
  EXPECT_EQ(answer.failure, ErrorClass::data) << answer.reason;
}

TEST(LiveTransport, FloodOfHeadersIsCutOff) {
  LoopbackServer server([](const ServedRequest&, Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 2000 && peer.send("X-" + std::to_string(i) + ": " + std::string(1000, 'y') + "\r\n");
         ++i) {
    }
    peer.close();
  });
  const HttpAnswer answer = make_live_transport(short_limits())->exchange(get_of(server.url("/")), {});
  EXPECT_FALSE(answer.answered());
}

TEST(LiveTransport, SpeaksOnlyHttp) {
  const auto transport = make_live_transport(short_limits());
  for (const char* url : {"file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/"})
    EXPECT_FALSE(transport->exchange(get_of(url), {}).answered()) << url;
}

}  // namespace
}  // namespace huiliu::host
