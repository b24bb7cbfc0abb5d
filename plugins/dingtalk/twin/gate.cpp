#include "plugins/dingtalk/twin/gate.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/twin/dice.hpp"
#include "sdk/twin/record_store.hpp"

namespace dingtalk::twin {
namespace {

namespace json = boost::json;
using huiliu::twin::json_response;

constexpr std::int64_t kPenaltyMs = 1'000;

// The old host takes the token as a query parameter or form field, never from a header.
std::string oapi_token(const HttpRequest& request) {
  if (request.has_parameter("access_token")) return std::string(request.parameter("access_token"));
  for (const auto& [name, value] : huiliu::twin::parse_form(request.body))
    if (name == "access_token") return value;
  return {};
}

}  // namespace

HttpResponse api_refusal(int http_code, std::string_view code, std::string_view message,
                         json::object detail) {
  json::object body{{"code", code}, {"requestid", "TWIN-0000-REQUEST"}, {"message", message}};
  if (!detail.empty()) body["accessdenieddetail"] = std::move(detail);
  return json_response(json::serialize(body), http_code);
}

HttpResponse oapi_refusal(std::int64_t code, std::string_view message) {
  return json_response(
      json::serialize(json::object{{"errcode", code}, {"errmsg", message}, {"request_id", "twin"}}));
}

HttpResponse oapi_wrapped(std::string_view sub_code, std::string_view sub_message) {
  std::string text = "ding talk error[subcode=";
  text.append(sub_code).append(",submsg=").append(sub_message).append("]");
  return json_response(json::serialize(json::object{{"errcode", 88},
                                                    {"sub_code", sub_code},
                                                    {"sub_msg", sub_message},
                                                    {"errmsg", text},
                                                    {"request_id", "twin"}}));
}

Gate::Gate(Clock clock, double quota_factor, std::uint64_t seed)
    : clock_(std::move(clock)), quota_factor_(quota_factor), dice_(seed ^ 0x70cea11ULL) {}

void Gate::configure(const json::object& switches) {
  using huiliu::twin::TwinError;
  for (const auto& member : switches) {
    const json::value& value = member.value();
    if (member.key() == "deny_ip" && value.is_bool())
      deny_ip_ = value.get_bool();
    else if (member.key() == "crm_installed" && value.is_bool())
      crm_installed_ = value.get_bool();
    else if (member.key() == "monthly_calls" && value.is_number())
      monthly_calls_ = value.to_number<double>();
    else if (member.key() == "api_per_second" && value.is_number())
      api_per_second_ = value.to_number<double>();
    else if (member.key() == "token_seconds" && value.is_int64() && value.get_int64() > 0)
      token_life_s_ = value.get_int64();
    else if (member.key() == "used_this_month" && value.is_int64())
      used_ = static_cast<std::uint64_t>(value.get_int64());
    else if (member.key() == "deny_scopes" && value.is_array()) {
      denied_scopes_.clear();
      for (const json::value& scope : value.get_array())
        if (scope.is_string()) denied_scopes_.emplace(scope.get_string());
    } else {
      throw TwinError(400, "bad_request", "no such switch: " + std::string(member.key()));
    }
  }
}

json::object Gate::to_json() const {
  return {{"deny_ip", deny_ip_},
          {"deny_scopes", json::array(denied_scopes_.begin(), denied_scopes_.end())},
          {"crm_installed", crm_installed_},
          {"monthly_calls", monthly_calls_ * quota_factor_},
          {"api_per_second", api_per_second_},
          {"used_this_month", used_},
          {"token_seconds", token_life_s_}};
}

std::string Gate::token() {
  if (token_.empty() || clock_() >= token_until_)
    token_ = hex_of(next_random(dice_)) + hex_of(next_random(dice_));
  token_until_ = clock_() + token_life_s_ * 1000;
  return token_;
}

std::optional<HttpResponse> Gate::refuse_token(const HttpRequest& request, Family family) const {
  const bool api = family == Family::api;
  const std::string shown =
      api ? std::string(request.header("x-acs-dingtalk-access-token")) : oapi_token(request);
  if (shown.empty())
    return api ? api_refusal(400, "AuthenticationFailed.MissingParameter",
                             "缺少参数 x-acs-dingtalk-access-token")
               : oapi_wrapped("40000", "access_token is blank");
  if (shown == token_ && clock_() < token_until_) return std::nullopt;
  if (api) return api_refusal(400, "InvalidAuthentication", "不合法的access_token");
  return request.path.starts_with("/topapi/") ? oapi_wrapped("40014", "不合法的access_token")
                                              : oapi_refusal(40014, "不合法的access_token");
}

std::optional<HttpResponse> Gate::refuse_quota(Family family) {
  const std::string month = beijing_text(clock_() / 1000).substr(0, 7);
  if (month != month_) {
    if (!month_.empty()) used_ = 0;
    month_ = month;
  }
  if (quota_factor_ > 0 && static_cast<double>(used_) >= monthly_calls_ * quota_factor_)
    return family == Family::api
               ? api_refusal(403, "Forbidden.AccessDenied.ApiCountLimitForOrg", "本月接口调用次数已用完")
               : oapi_wrapped("90020", "本月接口调用次数已用完");
  ++used_;
  return std::nullopt;
}

// The excess opens a penalty of a second, in which this API refuses everything; refusals do not prolong it.
bool Gate::too_fast(const Endpoint& endpoint) {
  if (quota_factor_ <= 0) return false;
  Rate& rate = rates_[endpoint.name];
  const std::int64_t now = clock_();
  if (now < rate.penalty_until) return true;
  while (!rate.calls.empty() && rate.calls.front() <= now - 1000) rate.calls.pop_front();
  const double most = api_per_second_ > 0 ? api_per_second_ : endpoint.per_second;
  if (static_cast<double>(rate.calls.size()) >= std::max(1.0, most * quota_factor_)) {
    rate.penalty_until = now + kPenaltyMs;
    return true;
  }
  rate.calls.push_back(now);
  return false;
}

HttpResponse Gate::rate_refusal(Family family) const {
  const std::int64_t now_s = clock_() / 1000;
  const std::string text = "从 " + beijing_text(now_s - 1) + " 到 " + beijing_text(now_s) +
                           " 请求总次数超过限制, 处罚将在 " + beijing_text(now_s + 1) + " 结束.";
  return family == Family::api ? api_refusal(403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", text)
                               : oapi_wrapped("90018", text);
}

std::optional<HttpResponse> Gate::refuse(const HttpRequest& request, const Endpoint& endpoint) {
  const bool api = endpoint.family == Family::api;
  if (deny_ip_)
    return api ? api_refusal(403, "Forbidden.AccessDenied.IpNotInWhiteList",
                             "访问ip不在白名单之中,请参考开放平台文档, ip=127.0.0.1")
               : oapi_wrapped("60020", "访问ip不在白名单之中, ip=127.0.0.1");
  if (auto refused = refuse_token(request, endpoint.family)) return refused;
  if (!endpoint.scope.empty() && denies(endpoint.scope))
    return api ? api_refusal(403, "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                             "应用尚未开通所需的权限",
                             {{"requiredScopes", json::array{json::string(endpoint.scope)}}})
               : oapi_wrapped("60011", "应用尚未开通所需的权限：requiredScopes=[" + endpoint.scope + "]");
  if (too_fast(endpoint)) return rate_refusal(endpoint.family);
  if (endpoint.counted)
    if (auto refused = refuse_quota(endpoint.family)) return refused;
  if (!crm_installed_ && request.path.starts_with("/v1.0/crm/"))
    return api_refusal(400, "crmApp.not.installed", "未安装客户管理应用");
  return std::nullopt;
}

}  // namespace dingtalk::twin
