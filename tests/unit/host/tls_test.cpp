// TLS is verified: a certificate that nobody vouches for ends the exchange before the request leaves.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <thread>

#include "hub/host/http.hpp"
#include "hub/host/websocket.hpp"

namespace huiliu::host {
namespace {

// A server for one connection after the other, with a certificate for 127.0.0.1 that it signed itself.
class TlsServer {
 public:
  explicit TlsServer(const std::string& certificate_file) {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto* common_name = reinterpret_cast<const unsigned char*>("127.0.0.1");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate, key, EVP_sha256());
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, certificate);
    SSL_CTX_use_PrivateKey(context_, key);
    BIO* file = BIO_new_file(certificate_file.c_str(), "w");
    PEM_write_bio_X509(file, certificate);
    BIO_free(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    listen();
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    SSL_CTX_free(context_);
  }
  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_) + "/";
  }

 private:
  void listen() {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 8);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] {
      for (int socket = 0; (socket = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(socket))
        serve(socket);
    });
  }
  // The whole of it: closing with bytes unread would reset the connection, and the answer could be lost with
  // it.
  static bool read_request(SSL* tls) {
    std::string request;
    char buffer[4096];
    while (!request.ends_with(request.starts_with("GET ") ? "\r\n\r\n" : "\r\n\r\nx")) {
      const int got = SSL_read(tls, buffer, sizeof buffer);
      if (got <= 0) return false;
      request.append(buffer, static_cast<std::size_t>(got));
    }
    return true;
  }
  void serve(int socket) {
    SSL* tls = SSL_new(context_);
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) == 1 && read_request(tls)) {
      constexpr std::string_view answer =
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
      SSL_write(tls, answer.data(), static_cast<int>(answer.size()));
      SSL_shutdown(tls);
    }
    SSL_free(tls);
  }

  SSL_CTX* context_ = nullptr;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
};

TEST(Tls, CertificatesAreVerified) {
  const auto file =
      std::filesystem::temp_directory_path() / ("huiliu_tls_" + std::to_string(::getpid()) + ".pem");
  TlsServer server(file.string());
  const auto post = [&](const std::string& host, const std::string& ca_file) {
    HttpLimits limits;
    limits.ca_file = ca_file;
    return make_live_transport(limits)->exchange({.method = "POST", .url = server.url(host), .body = "x"},
                                                 {});
  };
  const HttpAnswer unknown = post("127.0.0.1", "");
  EXPECT_FALSE(unknown.answered());
  EXPECT_EQ(unknown.failure, model::ErrorClass::config) << unknown.reason;
  EXPECT_FALSE(unknown.maybe_delivered);
  const HttpAnswer other_name = post("localhost", file.string());
  EXPECT_FALSE(other_name.answered());
  EXPECT_EQ(other_name.failure, model::ErrorClass::config) << other_name.reason;
  EXPECT_EQ(post("127.0.0.1", file.string()).code, 200);
  // A WebSocket goes the same way; this server only speaks HTTP.
  const auto web_socket = [&](const std::string& host, const std::string& ca_file) {
    WebSocketOptions options;
    options.url = "wss" + server.url(host).substr(5);
    options.http.ca_file = ca_file;
    const auto socket = open_web_socket(options, {});
    return socket.ok() ? model::Error() : socket.error();
  };
  EXPECT_EQ(web_socket("127.0.0.1", "").error_class, model::ErrorClass::config);
  EXPECT_EQ(web_socket("localhost", file.string()).error_class, model::ErrorClass::config);
  const model::Error declined = web_socket("127.0.0.1", file.string());
  EXPECT_NE(declined.message.find("HTTP 200"), std::string::npos) << declined.message;
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace huiliu::host
