// gate.hpp - who may call what, and how often: tokens, grants, quotas. Nothing about records.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "plugins/yonyou/twin/rules.hpp"
#include "sdk/twin/http_server.hpp"

namespace yonyou_twin {

class Gate {
 public:
  using Clock = std::function<std::int64_t()>;  // milliseconds
  Gate(Rules& rules, Clock clock, double quota_factor, std::uint64_t seed);

  /// GET …/dataCenter/getGatewayAddress. `url`: this twin's own address.
  huiliu::twin::HttpResponse gateway_address(const huiliu::twin::HttpRequest& request) const;
  /// GET …/getAccessToken of a self-built application or a suite.
  huiliu::twin::HttpResponse token(const huiliu::twin::HttpRequest& request, bool suite);
  /// The refusal of a call to `path`, in the gateway's order: token, grant, quota. nullopt: admitted.
  std::optional<huiliu::twin::HttpResponse> refuse(const huiliu::twin::HttpRequest& request,
                                                   const std::string& path);

  void expire_all() { tokens_.clear(); }
  std::size_t tokens_issued() const { return issued_; }

 private:
  bool over_quota(const std::string& bucket, std::int64_t per_minute);
  std::string new_token();

  Rules& rules_;
  Clock clock_;
  double factor_;
  std::uint64_t seed_;
  std::size_t issued_ = 0;
  std::map<std::string, std::int64_t> tokens_;  // → end of life, ms
  std::map<std::string, std::string> current_;  // key → token
  std::map<std::string, std::deque<std::int64_t>> calls_;
};

/// {"code","message"} of a refusal, HTTP 200 unless said.
huiliu::twin::HttpResponse refusal(std::string_view code, std::string_view message, int status = 200);

}  // namespace yonyou_twin
