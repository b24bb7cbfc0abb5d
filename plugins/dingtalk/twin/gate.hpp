// What stands before every call of the twin's APIs: tokens, scopes, the address list, call rates, the monthly
// quota.
//
// One token store serves both hosts; fetching again while a token is good renews it. Threads: none of its
// own, see sdk/twin/twin.hpp. Errors: a refusal is returned, not thrown.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "sdk/twin/http_server.hpp"

namespace dingtalk::twin {

using huiliu::twin::HttpRequest;
using huiliu::twin::HttpResponse;

enum class Family { api, oapi };

// The refusals in the forms of the two families. `code` of the old API may be "88/40014": wrapped.
HttpResponse api_refusal(int http_code, std::string_view code, std::string_view message,
                         boost::json::object detail = {});
HttpResponse oapi_refusal(std::int64_t code, std::string_view message);
HttpResponse oapi_wrapped(std::string_view sub_code, std::string_view sub_message);

struct Endpoint {
  std::string name;  // what is limited and counted: method and path without ids
  Family family = Family::api;
  std::string scope = {};  // "": none
  double per_second = 20;
  bool counted = true;  // against the monthly quota
};

class Gate {
 public:
  using Clock = std::function<std::int64_t()>;  // milliseconds
  Gate(Clock clock, double quota_factor, std::uint64_t seed);

  // What a person in the vendor's console may set:
  // {"deny_ip":bool, "deny_scopes":[…], "crm_installed":bool, "monthly_calls":n, "used_this_month":n,
  //  "api_per_second":n (0: as documented for each API)}
  // What every answer with a token says.
  std::int64_t token_life_s() const { return token_life_s_; }
  void configure(const boost::json::object& switches);
  boost::json::object to_json() const;
  bool denies(std::string_view scope) const { return denied_scopes_.contains(scope); }

  // The current token, made or renewed.
  std::string token();
  void expire_tokens() { token_.clear(); }

  std::optional<HttpResponse> refuse(const HttpRequest& request, const Endpoint& endpoint);
  HttpResponse rate_refusal(Family family) const;

 private:
  struct Rate {
    std::deque<std::int64_t> calls;  // milliseconds
    std::int64_t penalty_until = 0;
  };
  std::optional<HttpResponse> refuse_token(const HttpRequest& request, Family family) const;
  std::optional<HttpResponse> refuse_quota(Family family);
  bool too_fast(const Endpoint& endpoint);

  Clock clock_;
  double quota_factor_;
  std::uint64_t dice_;
  std::string token_;
  std::int64_t token_until_ = 0, token_life_s_ = 7200;
  std::map<std::string, Rate> rates_;
  std::set<std::string, std::less<>> denied_scopes_;
  bool deny_ip_ = false;
  bool crm_installed_ = true;
  double monthly_calls_ = 5000;  // standard edition
  double api_per_second_ = 0;
  std::uint64_t used_ = 0;
  std::string month_;  // that `used_` belongs to
};

}  // namespace dingtalk::twin
