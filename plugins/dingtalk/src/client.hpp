// One exchange with either of DingTalk's two APIs: addresses, tokens, envelopes, refusals.
//
// Threads: as the Call it is given; holds only a reference to the settings, which must outlive it. Errors:
// Refused (with the kind from errors.hpp) for what the vendor refuses, huiliu::NoAnswer when no answer came.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <huiliu/plugin.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/dingtalk/src/errors.hpp"
#include "plugins/dingtalk/src/settings.hpp"

namespace dingtalk {

// Names of the manifest.
inline constexpr std::string_view kApiCredential = "api";
inline constexpr std::string_view kOapiCredential = "oapi";
inline constexpr std::string_view kCrmQuota = "crm";
inline constexpr std::string_view kWalkQuota = "crm_walk";
inline constexpr std::string_view kDirectoryQuota = "directory";
inline constexpr std::string_view kRobotQuota = "robot";

// A Failure that remembers what the vendor meant.
struct Refused : huiliu::Failure {
  explicit Refused(const Refusal& refusal)
      : Failure(status_of(refusal.kind), refusal.message, refusal.code, {}, refusal.retry_after_ms),
        kind(refusal.kind) {}
  ErrorKind kind;
};

using Query = std::vector<std::pair<std::string, std::string>>;

struct ApiRequest {
  enum class Repeat { safe, once };  // safe: reads, which the host may send again

  std::string method = "GET";
  std::string path;  // "/v1.0/crm/…", of the new API
  Query query = {};  // empty values are left out
  std::optional<boost::json::value> body = {};
  std::string_view quota = kCrmQuota;
  Repeat repeat = Repeat::safe;
};

struct Answer {
  boost::json::value body;
  std::int64_t at_s = 0;  // the vendor's clock when it answered (header Date), else ours; seconds since 1970
};

std::string percent_encoded(std::string_view text);
// "Sun, 01 Mar 2026 08:00:00 GMT" as seconds since 1970; nothing for any other form.
std::optional<std::int64_t> parse_http_date(std::string_view text);

class Client {
 public:
  explicit Client(const Settings& settings) : settings_(settings) {}

  // The new API. A refused token is replaced and the request repeated, once.
  Answer api(huiliu::Call& call, const ApiRequest& request) const;
  // The old API, POST with a JSON body; the answer is the whole envelope.
  Answer oapi(huiliu::Call& call, std::string_view path, boost::json::value body,
              ApiRequest::Repeat repeat = ApiRequest::Repeat::safe) const;
  // The few calls of the old API that are GET.
  Answer oapi_get(huiliu::Call& call, std::string_view path) const;
  // POST to the custom robot's webhook, signed when a secret is configured.
  void robot(huiliu::Call& call, const boost::json::value& message, std::string_view idempotency_key) const;

  // Opens a connection of Stream mode: {endpoint, ticket}. Its credentials stand in the body.
  Answer open_stream(huiliu::Call& call) const;

  huiliu::Token authenticate(huiliu::Call& call, std::string_view credential) const;

 private:
  enum class Family { api, oapi };
  Answer exchange(huiliu::Call& call, Family family, const huiliu::Request& request) const;
  Answer fetch_token(huiliu::Call& call) const;
  Answer judge(huiliu::Call& call, Family family, const huiliu::Response& response) const;

  const Settings& settings_;
};

}  // namespace dingtalk
