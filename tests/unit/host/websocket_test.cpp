// The hub's end of a WebSocket, against a server that writes its own bytes (RFC 6455).
#include "hub/host/websocket.hpp"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "hub/host/outbound.hpp"
#include "hub/host/redactor.hpp"
#include "tests/unit/host/loopback_server.hpp"

namespace huiliu::host {
namespace websocket_test {

using loopback::LoopbackServer;
using loopback::Peer;
using loopback::ServedRequest;
using model::ErrorClass;

std::string header(const ServedRequest& request, const std::string& name) {
  const std::size_t at = request.head.find(name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t from = at + name.size() + 2;
  return request.head.substr(from, request.head.find("\r\n", from) - from);
}

std::string switching(const ServedRequest& request, const std::string& more = {}) {
  const std::string text = header(request, "Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: Upgrade\r\n"
         "sec-websocket-accept: " +
         base64_encode({reinterpret_cast<const char*>(digest), sizeof digest}) + "\r\n" + more + "\r\n";
}

// A whole frame from the server, of at most 65,535 bytes.
std::string frame(unsigned opcode, const std::string& payload, bool last = true) {
  std::string out(1, static_cast<char>((last ? 0x80U : 0U) | opcode));
  if (payload.size() < 126)
    out += static_cast<char>(payload.size());
  else
    (out += static_cast<char>(126)) +=
        {static_cast<char>(payload.size() >> 8U), static_cast<char>(payload.size() & 0xffU)};
  return out + payload;
}

class WebSockets : public testing::Test {
 protected:
  // Serves one connection: the handshake, then `bytes`, then nothing.
  void serve(std::string bytes, std::string headers = {}) {
    server_ = std::make_unique<LoopbackServer>([bytes, headers](const ServedRequest& request, Peer& peer) {
      peer.send(switching(request, headers) + bytes);
      peer.hang();
      peer.close();
    });
  }
  std::string url(const std::string& path = "/socket") const { return "ws" + server_->url(path).substr(4); }
  std::unique_ptr<WebSocket> open(WebSocketOptions options = {}) {
    options.url = url();
    auto socket = open_web_socket(options, {});
    EXPECT_TRUE(socket.ok()) << socket.error().message;
    return socket.ok() ? std::move(*socket) : nullptr;
  }
  model::Error refusal(WebSocketOptions options = {}) {
    if (options.url.empty()) options.url = url();
    const auto socket = open_web_socket(options, {});
    EXPECT_FALSE(socket.ok());
    return socket.ok() ? model::Error() : socket.error();
  }
  std::unique_ptr<LoopbackServer> server_;
};

TEST_F(WebSockets, HandOverWhatCameWithTheHandshakeInOrder) {
  serve(frame(1, "一") + frame(1, "二", false) + frame(9, "ping between") + frame(0, "三") +
        frame(2, std::string(300, 'x')));
  const auto socket = open();
  for (const std::string& wanted : {std::string("一"), std::string("二三"), std::string(300, 'x')}) {
    const auto message = socket->receive(model::second, {});
    ASSERT_TRUE(message.ok() && *message) << wanted;
    EXPECT_EQ((*message)->data, wanted);
    EXPECT_EQ((*message)->text, wanted[0] != 'x');
  }
  const auto nothing = socket->receive(20'000, {});
  ASSERT_TRUE(nothing.ok());
  EXPECT_FALSE(*nothing);
}

TEST_F(WebSockets, CarryThePluginsHeadersAndPath) {
  serve({});
  WebSocketOptions options;
  options.headers = {{"X-Ticket", "七"}};
  open(options);
  EXPECT_EQ(header(server_->served().at(0), "X-Ticket"), "七");
  EXPECT_EQ(server_->served().at(0).line(), "GET /socket HTTP/1.1");
}

TEST_F(WebSockets, AreRefusedByAnAnswerForAnotherHandshake) {
  server_ = std::make_unique<LoopbackServer>([](const ServedRequest&, Peer& peer) {
    peer.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    peer.hang();
  });
  EXPECT_NE(refusal().message.find("another handshake"), std::string::npos);
}

TEST_F(WebSockets, AreRefusedByWhatWasNotOffered) {
  serve({}, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  EXPECT_NE(refusal().message.find("not offered"), std::string::npos);
}

TEST_F(WebSockets, TellTheCodeOfARefusal) {
  server_ = std::make_unique<LoopbackServer>(
      [](const ServedRequest&, Peer& peer) { peer.answer(403, "no such ticket"); });
  const model::Error error = refusal();
  EXPECT_EQ(error.error_class, ErrorClass::retry);
  EXPECT_NE(error.message.find("HTTP 403"), std::string::npos);
}

TEST_F(WebSockets, GiveUpOnASilentServerInTime) {
  server_ = std::make_unique<LoopbackServer>([](const ServedRequest&, Peer& peer) { peer.hang(); });
  WebSocketOptions options;
  options.connect_timeout = 50'000;
  EXPECT_EQ(refusal(options).error_class, ErrorClass::retry);
}

TEST_F(WebSockets, StopAtOnceWhileTheyWait) {
  server_ = std::make_unique<LoopbackServer>([](const ServedRequest&, Peer& peer) { peer.hang(); });
  std::stop_source stop;
  stop.request_stop();
  const auto socket = open_web_socket({.url = url()}, stop.get_token());
  ASSERT_FALSE(socket.ok());
  EXPECT_EQ(socket.error().error_class, ErrorClass::cancelled);
}

TEST_F(WebSockets, EndWithTheRemotesReason) {
  serve(frame(1, "last words") + frame(8, std::string("\x03\xe9", 2)));
  const auto socket = open();
  EXPECT_TRUE(socket->receive(model::second, {}).ok());
  const auto end = socket->receive(model::second, {});
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().error_class, ErrorClass::retry);
  EXPECT_NE(end.error().message.find("1001"), std::string::npos) << end.error().message;
  EXPECT_FALSE(socket->send(true, "too late", {}).ok());
}

TEST_F(WebSockets, EndAtAMessageThatIsTooLarge) {
  serve(frame(1, std::string(2000, 'x')));
  WebSocketOptions options;
  options.message_bytes = 1000;
  const auto end = open(options)->receive(model::second, {});
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().error_class, ErrorClass::data);
}

TEST_F(WebSockets, EndAtWhatIsNoFrame) {
  for (const std::string& bytes :
       {frame(3, "no such kind"), frame(1, "\xff\xfe"), frame(9, std::string(126, 'x')),
        frame(0, "a middle without a beginning")}) {
    serve(bytes);
    const auto end = open()->receive(model::second, {});
    ASSERT_FALSE(end.ok());
    EXPECT_EQ(end.error().error_class, ErrorClass::retry) << end.error().message;
  }
}

TEST_F(WebSockets, EndWhenNothingIsHeardAfterAPing) {
  serve({});
  WebSocketOptions options;
  options.ping_after = 30'000;
  const auto end = open(options)->receive(5 * model::second, {});
  ASSERT_FALSE(end.ok());
  EXPECT_NE(end.error().message.find("no sign of life"), std::string::npos) << end.error().message;
}

// What is behind a name is judged, as for HTTP.
TEST_F(WebSockets, GoNowhereThatTheConnectionMayNotGo) {
  serve({});
  WebSocketOptions options;
  options.url = "ws://localhost" + url().substr(std::string("ws://127.0.0.1").size());
  auto network = std::make_shared<Network>();
  network->guard = *OutboundGuard::make({}, model::Object{});
  options.network = network;
  const model::Error error = refusal(options);
  EXPECT_EQ(error.error_class, ErrorClass::config);
  EXPECT_NE(error.message.find("network.allow"), std::string::npos) << error.message;
  EXPECT_EQ(server_->requests(), 0);
  auto allowed = std::make_shared<Network>();
  allowed->guard = *OutboundGuard::make({"127.0.0.0/8"}, model::Object{});
  options.network = allowed;
  EXPECT_TRUE(open_web_socket(options, {}).ok());
}

TEST_F(WebSockets, GoThroughTheConnectionsProxy) {
  server_ = std::make_unique<LoopbackServer>([](const ServedRequest& request, Peer& peer) {
    peer.send(request.line().starts_with("CONNECT ") ? "HTTP/1.1 200 Connected\r\n\r\n" : switching(request));
  });
  WebSocketOptions options;
  options.url = "ws://dingtalk.example:8080/socket";
  auto network = std::make_shared<Network>();
  network->proxy = server_->url();
  options.network = network;
  EXPECT_TRUE(open_web_socket(options, {}).ok());
  EXPECT_EQ(server_->served().at(0).line(), "CONNECT dingtalk.example:8080 HTTP/1.1");
}

TEST_F(WebSockets, HaveAnAddressOfTheirKind) {
  for (const char* address :
       {"", "http://127.0.0.1/", "ws:///path", "ws://user:word@127.0.0.1/", "nonsense"}) {
    const auto socket = open_web_socket({.url = address}, {});
    ASSERT_FALSE(socket.ok()) << address;
    EXPECT_EQ(socket.error().error_class, ErrorClass::config) << address;
  }
}

}  // namespace websocket_test
}  // namespace huiliu::host
