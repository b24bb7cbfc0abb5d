// A connection of bytes to a host, opened by libcurl: TLS, proxy and outbound guard are those of HTTP. What
// speaks over it is another's business (websocket.cpp).
//
// Threads: one at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>

#include "hub/host/curl_handle.hpp"

namespace huiliu::host {

class CurlChannel {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // `origin`: "https://host:port" (with TLS) or "http://host:port". Errors: retry (not reached), config
  // (address, certificate, refused by the guard), cancelled.
  static model::Result<std::unique_ptr<CurlChannel>> open(const std::string& origin, const HttpLimits& limits,
                                                          std::shared_ptr<const Network> network,
                                                          const std::stop_token& stop);
  ~CurlChannel();
  CurlChannel(const CurlChannel&) = delete;
  CurlChannel& operator=(const CurlChannel&) = delete;

  // Without waiting: how many bytes came or went, 0 for none now. Error: retry, the connection has ended.
  model::Result<std::size_t> read(char* out, std::size_t size);
  model::Result<std::size_t> write(const char* data, std::size_t size);

  enum class For { reading, writing };
  // Until it is ready, the moment has come, or the stop. May return early.
  void wait(For what, Moment until, const std::stop_token& stop);

 private:
  CurlChannel(const HttpLimits& limits, std::shared_ptr<const Network> network);
  model::Status connect(const std::string& origin, const std::stop_token& stop);

  const HttpLimits limits_;
  const std::shared_ptr<const Network> network_;
  OutboundCheck check_;
  CURLM* multi_;
  CURL* easy_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
};

}  // namespace huiliu::host
