// The HTTP server on a socket: framing without doubt, limits, TLS with a certificate that changes, events.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "hub/api/http_server.hpp"

namespace huiliu::api {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Line {
 public:
  explicit Line(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { ::close(socket_); }
  int socket() const { return socket_; }
  void send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Until the peer closes, or `enough` was received.
  std::string receive(std::string_view enough = {}) const {
    std::string text;
    char chunk[4096];
    while (enough.empty() || text.find(enough) == std::string::npos) {
      const ssize_t got = ::recv(socket_, chunk, sizeof chunk, 0);
      if (got <= 0) break;
      text.append(chunk, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  int socket_;
};

class Served : public testing::Test {
 protected:
  explicit Served(HttpServerOptions options = {}) {
    options.header_timeout = std::chrono::milliseconds(600);
    options.body_timeout = std::chrono::milliseconds(600);
    options.event_interval = std::chrono::milliseconds(10);
    auto server = HttpServer::start(options, [this](const HttpRequest& request) {
      ++handled_;
      return HttpResponse{200, {}, request.method + " " + request.target + " " + request.body, {}};
    });
    EXPECT_TRUE(server.ok());
    server_ = std::move(*server);
  }
  std::string answer(const std::string& request) const {
    const Line line(server_->port());
    line.send(request);
    return line.receive();
  }
  std::atomic<int> handled_{0};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Served, GoodRequestsPass) {
  const std::string first = answer("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(first, HasSubstr("GET /a "));
  EXPECT_THAT(first, HasSubstr("X-Content-Type-Options: nosniff\r\n")) << "a browser guesses no type";
  EXPECT_THAT(answer("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"),
              HasSubstr("POST /a abc"));
  EXPECT_THAT(answer("POST /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n0\r\n\r\n"),
              HasSubstr("POST /a abc"));
}

TEST_F(Served, DoubtfulFramingIsRefusedAndTheConnectionClosed) {
  const std::string next = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<std::string> doubtful = {
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 3\r\n\r\nabc",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.0\r\nHost: x\r\n\r\n",
      "GET / HTTP/0.9\r\nHost: x\r\n\r\n",
      "GET /\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost:\r\n\r\n",
      "GET http://other/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
      "CONNECT other:443 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nNo colon here\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nBad[name]: y\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nX: a\x01z\r\n\r\n",
      "G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /\x7f HTTP/1.1\r\nHost: x\r\n\r\n",
      "\r\n\r\n\x16\x03\x01",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};
  doubtful.push_back(std::string("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 29));
  doubtful.push_back(std::string("GET / HTTP/1.1\r\nHost: x\r\nX: \0\r\n\r\n", 33));
  for (const std::string& request : doubtful) {
    const int before = handled_;
    const std::string text = answer(request + next);
    EXPECT_TRUE(text.empty() || text.starts_with("HTTP/1.1 4")) << request << "\n→ " << text;
    EXPECT_EQ(text.find("smuggled"), std::string::npos) << request;
    EXPECT_EQ(handled_, before) << request;
  }
}

TEST_F(Served, SizesAreLimited) {
  const auto status = [&](const std::string& request) { return answer(request).substr(9, 3); };
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'y') + "\r\n\r\n"), "431");
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 120; ++i) many += "X" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(status(many + "\r\n"), "400");
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n"), "413");
}

TEST_F(Served, SlowClientsAreLetGo) {
  const auto start = std::chrono::steady_clock::now();
  const Line header(server_->port()), body(server_->port());
  header.send("GET / HTTP/1.1\r\nHost: x\r\nX-");
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab");
  EXPECT_EQ(header.receive(), "");
  EXPECT_EQ(body.receive(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(8));
  EXPECT_EQ(handled_, 0);
}

// Connections that are open when the server ends still count themselves out.
TEST_F(Served, EndsWhileConnectionsAreOpen) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<Line>> held;
    for (int i = 0; i < 8; ++i) {
      held.push_back(std::make_unique<Line>(server_->port()));
      held.back()->send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    for (const auto& line : held) EXPECT_THAT(line->receive("GET /"), HasSubstr("200 OK"));
    auto next = HttpServer::start({}, [](const HttpRequest& request) {
      return HttpResponse{200, {}, request.method + " " + request.target, {}};
    });
    ASSERT_TRUE(next.ok());
    server_ = std::move(*next);
  }
}

class Crowded : public Served {
 protected:
  Crowded() : Served(few()) {}
  static HttpServerOptions few() {
    HttpServerOptions options;
    options.connections_of_peer_max = 4;
    return options;
  }
};

TEST_F(Crowded, OnePeerDoesNotTakeEveryConnection) {
  std::vector<std::unique_ptr<Line>> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(std::make_unique<Line>(server_->port()));
    held.back()->send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(held.back()->receive("GET /"), HasSubstr("200 OK"));
  }
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "");
}

// --- events

class Ticks final : public EventSource {
 public:
  std::optional<std::string> next() override {
    if (++count_ > 3) return std::nullopt;
    return "data: " + std::to_string(count_) + "\n\n";
  }

 private:
  int count_ = 0;
};

TEST(Events, AreSentAsTheyComeAndEndWithTheirSource) {
  HttpServerOptions options;
  options.event_interval = std::chrono::milliseconds(5);
  options.event_streams_max = 1;
  auto server = HttpServer::start(options, [](const HttpRequest&) {
    return HttpResponse{200, {}, {}, std::make_shared<Ticks>()};
  });
  ASSERT_TRUE(server.ok());
  const Line line((*server)->port());
  line.send("GET /e HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string text = line.receive();
  EXPECT_THAT(text, HasSubstr("Content-Type: text/event-stream"));
  EXPECT_THAT(text, HasSubstr("data: 1\n\ndata: 2\n\ndata: 3\n\n"));
}

// --- TLS

// A certificate for itself, with this serial number.
void write_certificate(const fs::path& directory, long serial) {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                             -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  BIO* file = BIO_new_file((directory / "cert.pem").c_str(), "w");
  PEM_write_bio_X509(file, certificate);
  BIO_free(file);
  file = BIO_new_file((directory / "key.pem").c_str(), "w");
  PEM_write_bio_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  BIO_free(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

struct Handshake {
  bool done = false;
  long serial = 0;
  std::string cipher, version, answer;
};

Handshake shake(std::uint16_t port, int highest, const char* ciphers = nullptr) {
  Handshake result;
  const Line line(port);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_max_proto_version(context, highest);
  if (ciphers != nullptr) SSL_CTX_set_cipher_list(context, ciphers);
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, line.socket());
  if (SSL_connect(tls) == 1) {
    result.done = true;
    X509* certificate = SSL_get1_peer_certificate(tls);
    result.serial = ASN1_INTEGER_get(X509_get_serialNumber(certificate));
    X509_free(certificate);
    result.cipher = SSL_get_cipher(tls);
    result.version = SSL_get_version(tls);
    const std::string request = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    SSL_write(tls, request.data(), static_cast<int>(request.size()));
    char chunk[4096];
    for (int got = 0; (got = SSL_read(tls, chunk, sizeof chunk)) > 0;)
      result.answer.append(chunk, static_cast<std::size_t>(got));
  }
  SSL_free(tls);
  SSL_CTX_free(context);
  return result;
}

TEST(Tls, SpeaksOnlyWhatIsSafeAndTakesAChangedCertificate) {
  std::string directory_name = (fs::temp_directory_path() / "huiliu-tls-XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory_name.data()), nullptr);
  const fs::path directory = directory_name;
  write_certificate(directory, 1);
  HttpServerOptions options;
  options.tls_certificate = (directory / "cert.pem").string();
  options.tls_key = (directory / "key.pem").string();
  auto server = HttpServer::start(options, [](const HttpRequest& request) {
    return HttpResponse{200, {}, request.secure ? "secure" : "plain", {}};
  });
  ASSERT_TRUE(server.ok()) << server.error().text();
  const std::uint16_t port = (*server)->port();
  const Handshake newest = shake(port, TLS1_3_VERSION);
  ASSERT_TRUE(newest.done);
  EXPECT_EQ(newest.version, "TLSv1.3");
  EXPECT_THAT(newest.answer, HasSubstr("secure"));
  EXPECT_THAT(newest.answer, HasSubstr("Strict-Transport-Security: max-age=31536000"));
  const Handshake older = shake(port, TLS1_2_VERSION);
  EXPECT_TRUE(older.done);
  EXPECT_THAT(older.cipher, HasSubstr("ECDHE"));
  EXPECT_FALSE(shake(port, TLS1_1_VERSION).done);
  EXPECT_FALSE(shake(port, TLS1_2_VERSION, "AES128-GCM-SHA256").done) << "no forward secrecy";
  EXPECT_FALSE(shake(port, TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA256").done) << "no authenticated encryption";
  write_certificate(directory, 2);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  long serial = 1;
  while (serial != 2 && std::chrono::steady_clock::now() < until) serial = shake(port, TLS1_3_VERSION).serial;
  EXPECT_EQ(serial, 2) << "without a restart";
  std::error_code ignored;
  fs::remove(directory / "key.pem", ignored);
  EXPECT_TRUE(shake(port, TLS1_3_VERSION).done) << "a broken pair leaves the one in use";
  options.tls_key = "/nowhere";
  EXPECT_FALSE(HttpServer::start(options, {}).ok());
  fs::remove_all(directory, ignored);
}

}  // namespace
}  // namespace huiliu::api
