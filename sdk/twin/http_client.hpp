// A blocking HTTP/1.1 client for twins (events that a vendor sends) and tests. Plain http to a local
// address only.
//
// Threads: free functions without shared state.
// Errors: a request that got no answer has status 0 and says why.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "sdk/twin/http_server.hpp"

namespace huiliu::twin {

struct HttpAnswer {
  int status = 0;  // 0: no answer
  Fields headers;
  std::string body;
  std::string error;  // why there was no answer

  std::string_view header(std::string_view name) const;
};

struct ClientRequest {
  std::string method = "GET";
  std::string url = {};  // http://host:port/path?query
  Fields headers = {};
  std::string body = {};
  std::chrono::milliseconds timeout{10'000};  // for the whole exchange
};

HttpAnswer http_send(const ClientRequest& request);

}  // namespace huiliu::twin
