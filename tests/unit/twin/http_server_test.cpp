#include "sdk/twin/http_server.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <thread>

#include "sdk/twin/http_client.hpp"

namespace huiliu::twin {
namespace {

// A raw connection, to say what a well-behaved client would not say.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    timeval limit{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~RawConnection() { close(fd_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool connected() const { return connected_; }
  bool say(std::string_view text) const {
    return send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  // Everything until `end` has come or the connection ends.
  std::string hear_until(std::string_view end) const {
    std::string heard;
    std::array<char, 4096> chunk;
    while (heard.find(end) == std::string::npos) {
      const ssize_t size = recv(fd_, chunk.data(), chunk.size(), 0);
      if (size <= 0) break;
      heard.append(chunk.data(), static_cast<std::size_t>(size));
    }
    return heard;
  }
  std::string hear_all() const { return hear_until("\x01never"); }

 private:
  int fd_;
  bool connected_ = false;
};

HttpResponse echo(const HttpRequest& request) {
  HttpResponse response = text_response(request.method + " " + request.path + " " + request.body);
  for (const auto& [name, value] : request.query) response.headers.emplace_back("X-Query-" + name, value);
  return response;
}

TEST(HttpServer, GivesTheHandlerTheWholeRequest) {
  HttpRequest seen;
  const HttpServer server([&](const HttpRequest& request) {
    seen = request;
    return json_response("{}", 201);
  });
  const HttpAnswer answer = http_send({"POST",
                                       server.url() + "/a%20b/c?x=1&y=%E6%B1%87+%2B&flag",
                                       {{"X-Own", "One"}, {"Content-Type", "t"}},
                                       "body"});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.header("content-TYPE"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/a%20b/c?x=1&y=%E6%B1%87+%2B&flag");
  EXPECT_EQ(seen.path, "/a b/c");
  EXPECT_EQ(seen.parameter("y"), "汇 +");
  EXPECT_TRUE(seen.has_parameter("flag"));
  EXPECT_FALSE(seen.has_parameter("z"));
  EXPECT_EQ(seen.header("x-own"), "One");
  EXPECT_EQ(seen.body, "body");
}

TEST(HttpServer, KeepsAConnectionForTheNextRequest) {
  const HttpServer server(echo);
  const RawConnection connection(server.port());
  ASSERT_TRUE(connection.connected());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(connection.say("GET /n HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_NE(connection.hear_until("GET /n ").find("Connection: keep-alive"), std::string::npos);
  }
  ASSERT_TRUE(connection.say("GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  EXPECT_NE(connection.hear_all().find("Connection: close"), std::string::npos);
}

TEST(HttpServer, AsksForABodyThatTheClientHoldsBack) {
  const HttpServer server(echo);
  const RawConnection connection(server.port());
  ASSERT_TRUE(
      connection.say("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(connection.hear_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(connection.say("data"));
  EXPECT_NE(connection.hear_until("POST /p data").find("200 OK"), std::string::npos);
}

TEST(HttpServer, RefusesGarbageAndGiantsAndLives) {
  ServerOptions options;
  options.max_body = 10;
  const HttpServer server(echo, options);
  {
    const RawConnection connection(server.port());
    ASSERT_TRUE(connection.say("\x16\x03\x01 nonsense\r\n\r\n"));
    EXPECT_EQ(connection.hear_all().substr(0, 12), "HTTP/1.1 400");
  }
  {
    const RawConnection connection(server.port());
    ASSERT_TRUE(connection.say("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nelevenbytes"));
    EXPECT_EQ(connection.hear_all().substr(0, 12), "HTTP/1.1 413");
  }
  { const RawConnection goes_away(server.port()); }
  EXPECT_EQ(http_send({"GET", server.url() + "/alive"}).status, 200);
}

TEST(HttpServer, TurnsAnExceptionIntoA500) {
  const HttpServer server([](const HttpRequest&) -> HttpResponse { throw std::runtime_error("broken"); });
  const HttpAnswer answer = http_send({"GET", server.url() + "/"});
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find("broken"), std::string::npos);
}

TEST(HttpServer, FailsInTheWaysThatAResponseAsksFor) {
  std::atomic<int> handled{0};
  const HttpServer server([&](const HttpRequest& request) {
    ++handled;
    HttpResponse response = json_response(R"({"key":"0123456789"})");
    if (request.path == "/close") response.delivery = HttpResponse::Delivery::close;
    if (request.path == "/truncate") response.delivery = HttpResponse::Delivery::truncate;
    if (request.path == "/cut") response.delivery = HttpResponse::Delivery::cut_json;
    if (request.path == "/late") response.delay = std::chrono::milliseconds(300);
    return response;
  });
  EXPECT_EQ(http_send({"GET", server.url() + "/close"}).status, 0);
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(http_send({"GET", server.url() + "/truncate"}).status, 0);
  const HttpAnswer cut = http_send({"GET", server.url() + "/cut"});
  EXPECT_EQ(cut.status, 200);
  EXPECT_EQ(cut.body, R"({"key":"01)");
  ClientRequest impatient{"GET", server.url() + "/late", {}, {}, std::chrono::milliseconds(50)};
  EXPECT_EQ(http_send(impatient).status, 0);
  impatient.timeout = std::chrono::seconds(10);
  EXPECT_EQ(http_send(impatient).status, 200);
}

TEST(HttpServer, ServesOthersWhileOneWaits) {
  const HttpServer server([](const HttpRequest& request) {
    HttpResponse response = text_response("x");
    if (request.path == "/slow") response.delay = std::chrono::seconds(20);
    return response;
  });
  auto slow = std::async(std::launch::async, [&] {
    return http_send({"GET", server.url() + "/slow", {}, {}, std::chrono::milliseconds(500)});
  });
  for (int i = 0; i < 20; ++i) EXPECT_EQ(http_send({"GET", server.url() + "/fast"}).status, 200);
  EXPECT_EQ(slow.get().status, 0);
}

TEST(HttpServer, AnswersHeadAndNoContentWithoutABody) {
  const HttpServer server(
      [](const HttpRequest& request) { return text_response("body", request.path == "/none" ? 204 : 200); });
  const RawConnection connection(server.port());
  ASSERT_TRUE(connection.say("HEAD /h HTTP/1.1\r\nHost: h\r\n\r\n"));
  const std::string head = connection.hear_until("\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 4"), std::string::npos);
  ASSERT_TRUE(connection.say("GET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  const std::string rest = connection.hear_all();
  EXPECT_EQ(rest.substr(0, 12), "HTTP/1.1 204");
  EXPECT_EQ(rest.find("body"), std::string::npos);
}

TEST(HttpServer, StopsWithConnectionsOpen) {
  auto server = std::make_unique<HttpServer>(echo);
  const RawConnection idle(server->port());
  ASSERT_TRUE(idle.say("GET /x HTTP/1.1\r\nHost: h\r\n\r\n"));
  idle.hear_until("GET /x");
  const std::uint16_t port = server->port();
  server->stop();
  server->stop();
  server.reset();
  EXPECT_EQ(idle.hear_all(), "");
  EXPECT_FALSE(RawConnection(port).connected());
}

TEST(HttpServer, BindsAnAddressOnce) {
  const HttpServer first(echo);
  ServerOptions options;
  options.port = first.port();
  EXPECT_ANY_THROW(HttpServer(echo, options));
}

TEST(HttpMessage, DecodesWhatItCanAndKeepsTheRest) {
  EXPECT_EQ(percent_decode("%E6%B1%87%zz%4"), "汇%zz%4");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("%41%"), "A%");
  EXPECT_EQ(percent_encode("汇 a-b_c.d~/"), "%E6%B1%87%20a-b_c.d~%2F");
  const Fields fields = parse_form("a=1&&b=&c&=x&a=2");
  ASSERT_EQ(fields.size(), 5U);
  EXPECT_EQ(fields[4].second, "2");
  EXPECT_EQ(fields[3].first, "");
}

TEST(HttpClient, SaysWhyThereWasNoAnswer) {
  EXPECT_NE(http_send({"GET", "https://127.0.0.1/"}).error, "");
  EXPECT_NE(http_send({"GET", "http://127.0.0.1:1/"}).error, "");
}

}  // namespace
}  // namespace huiliu::twin
