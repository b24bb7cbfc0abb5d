#include "plugins/yonyou/twin/gate.hpp"

#include <boost/json.hpp>
#include <cmath>

#include "plugins/yonyou/twin/account.hpp"
#include "sdk/twin/crypto.hpp"

namespace yonyou_twin {
namespace {

namespace json = boost::json;
using huiliu::twin::HttpRequest;
using huiliu::twin::HttpResponse;

constexpr std::int64_t minute_ms = 60'000;

std::string joined(const std::map<std::string, std::string>& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) (text += name) += value;
  return text;
}

}  // namespace

const Account& account() {
  static const Account the_account;
  return the_account;
}

HttpResponse refusal(std::string_view code, std::string_view message, int status) {
  return huiliu::twin::json_response(
      json::serialize(json::object{{"code", code}, {"message", message}, {"displayCode", ""}, {"level", 0}}),
      status);
}

Gate::Gate(Rules& rules, Clock clock, double quota_factor, std::uint64_t seed)
    : rules_(rules), clock_(std::move(clock)), factor_(quota_factor), seed_(seed) {}

HttpResponse Gate::gateway_address(const HttpRequest& request) const {
  if (request.parameter("tenantId") != account().tenant_id)
    return refusal("500", "根据租户id获取网关地址出现异常");
  const std::string self = "http://" + std::string(request.header("Host"));
  return huiliu::twin::json_response(
      json::serialize(json::object{{"code", "00000"},
                                   {"message", "成功！"},
                                   {"data", json::object{{"gatewayUrl", self + "/iuap-api-gateway"},
                                                         {"tokenUrl", self + "/iuap-api-auth"}}}}));
}

bool Gate::over_quota(const std::string& bucket, std::int64_t per_minute) {
  if (factor_ <= 0) return false;
  const auto limit =
      static_cast<std::size_t>(std::max(1.0, std::floor(static_cast<double>(per_minute) * factor_)));
  std::deque<std::int64_t>& recent = calls_[bucket];
  const std::int64_t now = clock_();
  while (!recent.empty() && recent.front() <= now - minute_ms) recent.pop_front();
  if (recent.size() >= limit) return true;
  recent.push_back(now);
  return false;
}

std::string Gate::new_token() {
  // Long, and with characters that a query must have percent-encoded.
  const std::string digest = huiliu::twin::sha256(std::to_string(seed_) + "/" + std::to_string(++issued_));
  return "YT+" + huiliu::twin::to_base64(digest) + "/" + std::to_string(issued_) + "==";
}

HttpResponse Gate::token(const HttpRequest& request, bool suite) {
  if (over_quota("token", rules_.token_calls_per_minute)) return refusal("310046", "接口访问频率超出限制");
  const std::string key_name = suite ? "suiteKey" : "appKey";
  const std::string& key = suite ? account().suite_key : account().app_key;
  const std::string& secret = suite ? account().suite_secret : account().app_secret;
  if (request.parameter(key_name) != key) return refusal("10018", "应用不存在或appKey已停用");
  std::map<std::string, std::string> parameters;
  for (const auto& [name, value] : request.query)
    if (name != "signature") parameters[name] = value;
  const std::int64_t now = clock_();
  const std::int64_t sent = std::strtoll(parameters["timestamp"].c_str(), nullptr, 10);
  if (parameters["timestamp"].size() != 13) return refusal("50000", "时间戳格式不正确，应为毫秒");
  if (sent < now - rules_.clock_window_ms || sent > now + rules_.clock_window_ms)
    return refusal("50000", "时间戳已过期");
  const std::string expected = huiliu::twin::to_base64(huiliu::twin::hmac_sha256(secret, joined(parameters)));
  if (!huiliu::twin::same_secret(expected, request.parameter("signature")))
    return refusal("50000", "签名不正确");
  if (suite && parameters["tenantId"] != account().tenant_id) return refusal("50000", "租户未授权该套件");
  std::string& current = current_[key];
  const auto known = tokens_.find(current);
  if (rules_.new_token_each_time || known == tokens_.end() || known->second <= now) {
    current = new_token();  // an older one stays good until its own end
    tokens_[current] = now + rules_.token_life_seconds * 1000;
  }
  return huiliu::twin::json_response(json::serialize(json::object{
      {"code", "00000"},
      {"message", "成功！"},
      {"data", json::object{{"access_token", current}, {"expire", (tokens_[current] - now) / 1000}}}}));
}

std::optional<HttpResponse> Gate::refuse(const HttpRequest& request, const std::string& path) {
  // Only the query counts: a token in a header is not seen. '+' in a query is a space, so it must be encoded.
  const std::string token(request.parameter("access_token"));
  if (token.empty()) return refusal("310001", "access_token不能为空");
  const auto known = tokens_.find(token);
  if (known == tokens_.end() || known->second <= clock_())
    return rules_.text_token_error ? huiliu::twin::text_response("非法token")
                                   : refusal("310036", "非法token");
  if (rules_.not_granted.contains(path)) return refusal("310037", "应用未获得该API的授权");
  const bool orders = path.starts_with("/yonbip/sd/");
  const bool finance = path.starts_with("/yonbip/EFI/") || path.starts_with("/yonbip/fi/");
  const std::int64_t limit = orders    ? rules_.order_calls_per_minute
                             : finance ? rules_.finance_calls_per_minute
                                       : rules_.calls_per_minute;
  if (over_quota(orders ? "orders" : finance ? "finance" : "api", limit))
    return refusal("310046", "API访问频率超出限制");
  return std::nullopt;
}

}  // namespace yonyou_twin
