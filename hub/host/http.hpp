// An HTTP exchange as the host sees it, and the ways to perform one: on the network (libcurl), from a script,
// recorded, replayed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/time.hpp"

namespace huiliu::host {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct Network;

struct HttpRequest {
  std::string method = "GET";
  std::string url = {};  // absolute
  HttpHeaders headers = {};
  std::string body = {};
  model::Micros timeout = 0;  // for one attempt; 0: the transport's
  bool repeatable = false;    // as safe to send twice as once
  // Of the connection that sends it (outbound.hpp); null: the hub's own way, unguarded.
  std::shared_ptr<const Network> network = nullptr;
};

// An answer of any code, or none (code 0).
struct HttpAnswer {
  int code = 0;
  HttpHeaders headers;
  std::string body;  // decompressed
  // Without an answer: what the caller does next (retry, data, config, cancelled, ...), why, for a person,
  // and whether the remote may have acted.
  model::ErrorClass failure = model::ErrorClass::retry;
  std::string reason;
  bool maybe_delivered = false;
  std::optional<model::Error> unsent;  // when nothing was sent: why not (credential, quota)
  std::uint32_t attempts = 1;
  std::int64_t retry_after_ms = -1;

  bool answered() const noexcept { return code != 0; }
  // The first header of this name, in any case; null when there is none.
  const std::string* header(std::string_view name) const noexcept;

  static HttpAnswer none(model::ErrorClass failure, std::string reason, bool maybe_delivered = false);
};

// ASCII letters compared in any case, as header names are.
bool same_header_name(std::string_view a, std::string_view b) noexcept;

// Threads: exchange may be called from any thread, many at a time.
class Transport {
 public:
  virtual ~Transport() = default;
  // One attempt. Ends within a second of a stop.
  virtual HttpAnswer exchange(const HttpRequest& request, const std::stop_token& stop) = 0;
  // No further answer can come: a retry makes no sense.
  virtual bool exhausted() const { return false; }
};

struct HttpLimits {
  std::size_t body_bytes = std::size_t{64} << 20;  // after decompression
  std::size_t header_bytes = 256 * 1024;
  model::Micros connect_timeout = 10 * model::second;
  model::Micros total_timeout = 60 * model::second;  // one attempt
  std::string ca_file;  // PEM, instead of the system's authorities; for sites with their own
  std::string proxy;    // empty: none, whatever the environment says
};

// libcurl: HTTP/1.1, keep-alive, TLS verified, no redirects, http and https only.
std::unique_ptr<Transport> make_live_transport(HttpLimits limits = {});

class Redactor;

// "live", "script:FILE", "record:FILE", "replay:FILE". A script's lines answer the requests in their order:
// {"status","headers":{…},"body" (text, or a JSON value to be serialized) | "body_base64"}, or
// {"error":"…","maybe_delivered":bool} for no answer. A recording has such lines with "method" and "url"
// before; it is written when the transport is destroyed, without the secrets and tokens that `redactor` knows
// by then. A replay answers each request with the first unused line of its method and URL; where a URL
// differs only in values that change with time, of its method, path and parameter names. Errors: class
// config, a file that cannot be read, with the line at fault.
model::Result<std::unique_ptr<Transport>> make_transport(std::string_view how, HttpLimits limits,
                                                         const Redactor& redactor);

}  // namespace huiliu::host
