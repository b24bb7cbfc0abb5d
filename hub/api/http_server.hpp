// The hub's HTTP server: HTTP/1.1 with strict framing and a limit on everything, on Boost.Beast behind this
// plain header. Connections are asynchronous; handlers run on the server's threads and may block.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::api {

struct HttpRequest {
  std::string method, target;  // target: path and query as sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string path() const { return target.substr(0, target.find('?')); }
};

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: chosen by the kernel
  unsigned threads = 4;    // handlers at once
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 1024 * 1024;
  std::size_t connections_max = 1024;
  std::chrono::seconds read_timeout{15};
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  // Errors: class config: the address cannot be listened on.
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
