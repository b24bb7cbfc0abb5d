// The hub's HTTP server: HTTP/1.1 with strict framing and a limit on everything, plain or over TLS, on
// Boost.Beast behind this plain header. Connections are asynchronous; handlers run on the server's threads
// and may block.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::api {

struct HttpRequest {
  std::string method, target;  // target: path and query as sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;     // its IP address
  bool secure = false;  // came over TLS
  std::string path() const { return target.substr(0, target.find('?')); }
  // The first header of this name, in any case; "" when there is none.
  std::string header(std::string_view name) const;
  // The first cookie of this name; "" when there is none.
  std::string cookie(std::string_view name) const;
};

// Server-sent events: asked for more until it ends or the peer goes.
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Text in the format of text/event-stream, "" when there is nothing new; nullopt: the end. Called on the
  // server's threads, one call at a time.
  virtual std::optional<std::string> next() = 0;
};

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<EventSource> events = {};  // when set, the body is what comes from here
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: chosen by the kernel
  unsigned threads = 16;   // handlers at once; most of them wait, for the disk or for one another
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t headers_max = 100;
  std::size_t body_bytes_max = 1024 * 1024;
  std::size_t connections_max = 1024;
  std::size_t connections_of_peer_max = 512;
  std::size_t event_streams_max = 64;
  std::chrono::milliseconds header_timeout{5'000};
  std::chrono::milliseconds body_timeout{10'000};
  std::chrono::milliseconds idle_timeout{30'000};  // between two requests of a connection
  std::chrono::milliseconds event_interval{500};   // between two looks at an event source
  // PEM files; both empty: plain HTTP. TLS 1.2 and 1.3, forward secrecy and AEAD only. Files that changed are
  // taken by new connections; files that cannot be used leave the certificate in use.
  std::string tls_certificate, tls_key;
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  // Errors: class config: the address cannot be listened on, the certificate cannot be used.
  static model::Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options, Handler handler);
  // Finishes what is under way, then closes.
  ~HttpServer();
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace huiliu::api
