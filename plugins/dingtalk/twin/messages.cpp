// Tokens, the custom robot and work notices of the twin.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"
#include "sdk/twin/crypto.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::json_response;

constexpr std::int64_t kRobotSkewMs = 3'600'000;
constexpr std::int64_t kRobotWindowMs = 60'000;
constexpr std::int64_t kRobotBlockMs = 600'000;
constexpr double kRobotPerMinute = 20;
constexpr std::size_t kNoticeBytesMax = 2048;

json::value body_of(const HttpRequest& request) { return parse_json(request.body).value_or(json::object{}); }

HttpResponse flat_ok(json::object fields = {}) {
  fields["errcode"] = 0;
  fields["errmsg"] = "ok";
  return json_response(json::serialize(fields));
}

bool robot_signature_is_right(const HttpRequest& request, std::int64_t now_ms) {
  const std::string timestamp(request.parameter("timestamp"));
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), at);
  if (error != std::errc{} || end != timestamp.data() + timestamp.size()) return false;
  if (at < now_ms - kRobotSkewMs || at > now_ms + kRobotSkewMs) return false;
  const std::string& secret = account().robot_secret;
  return huiliu::twin::to_base64(huiliu::twin::hmac_sha256(secret, timestamp + "\n" + secret)) ==
         request.parameter("sign");
}

}  // namespace

HttpResponse DingTalkTwin::new_token(const HttpRequest& request) {
  const json::value body = body_of(request);
  if (request.body.empty()) return api_refusal(400, "Missingbody", "缺少请求体");
  if (text_at(body, "appKey") != account().app_key || text_at(body, "appSecret") != account().app_secret)
    return api_refusal(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret");
  return json_response(
      json::serialize(json::object{{"accessToken", gate_.token()}, {"expireIn", gate_.token_life_s()}}));
}

HttpResponse DingTalkTwin::corporation_token(const HttpRequest& request) {
  const json::value body = body_of(request);
  if (text_at(body, "grant_type") != "client_credentials")
    return api_refusal(400, "unsupported.grant.type", "不支持的授权类型");
  if (text_at(body, "client_id") != account().app_key ||
      text_at(body, "client_secret") != account().app_secret)
    return api_refusal(400, "invalid.client", "无效的clientId或者clientSecret");
  if (request.path != "/v1.0/oauth2/" + account().corp_id + "/token")
    return api_refusal(401, "unauthorized.client", "应用未获得该企业的授权");
  return json_response(
      json::serialize(json::object{{"access_token", gate_.token()}, {"expires_in", gate_.token_life_s()}}));
}

HttpResponse DingTalkTwin::suite_token(const HttpRequest& request) {
  const json::value body = body_of(request);
  if (text_at(body, "suiteKey") != account().app_key || text_at(body, "suiteSecret") != account().app_secret)
    return api_refusal(400, "invalidClientIdOrSecret", "无效的suiteKey或者suiteSecret");
  if (text_at(body, "suiteTicket") != account().suite_ticket)
    return api_refusal(400, "invalidSuiteTicket", "无效的suiteTicket");
  if (text_at(body, "authCorpId") != account().corp_id)
    return api_refusal(400, "invalidAuthCorpId", "无效的authCorpId");
  return json_response(
      json::serialize(json::object{{"accessToken", gate_.token()}, {"expireIn", gate_.token_life_s()}}));
}

HttpResponse DingTalkTwin::old_token(const HttpRequest& request) {
  if (request.parameter("appkey").empty() || request.parameter("appsecret").empty())
    return oapi_refusal(40035, "缺少参数 appkey 或 appsecret");
  if (request.parameter("appkey") != account().app_key ||
      request.parameter("appsecret") != account().app_secret)
    return oapi_refusal(40096, "不合法的appKey或appSecret");
  return flat_ok({{"access_token", gate_.token()}, {"expires_in", gate_.token_life_s()}});
}

HttpResponse DingTalkTwin::send_robot(const HttpRequest& request) {
  const std::int64_t now = clock().now_ms();
  if (request.parameter("access_token") != account().robot_token)
    return oapi_refusal(300005, "token is not exist");
  if (!robot_signature_is_right(request, now))
    return oapi_refusal(310000, "sign not match, more: [https://ding-doc.dingtalk.com]");
  const json::value body = body_of(request);
  const std::string type = text_at(body, "msgtype");
  if (type != "text" && type != "markdown" && type != "link" && type != "actionCard" && type != "feedCard")
    return oapi_refusal(400105, "不支持的消息类型");
  if (field(body, type) == nullptr) return oapi_refusal(400402, "缺少参数 " + type);
  const std::string id = text_at(body, "msgUuid");
  if (!id.empty() && store().find(kRobotMessages, id)) return flat_ok();  // the same message again
  if (now < robot_blocked_until_) return oapi_refusal(410100, "发送速度太快而限流");
  while (!robot_calls_.empty() && robot_calls_.front() <= now - kRobotWindowMs) robot_calls_.pop_front();
  if (options().quota_factor > 0 &&
      static_cast<double>(robot_calls_.size()) >= kRobotPerMinute * std::max(options().quota_factor, 0.05)) {
    robot_blocked_until_ = now + kRobotBlockMs;
    return oapi_refusal(410100, "发送速度太快而限流");
  }
  robot_calls_.push_back(now);
  const std::string key = id.empty() ? "m" + std::to_string(++created_) : id;
  store().create(kRobotMessages, key, body.is_object() ? body.get_object() : json::object{}, Origin::api);
  return flat_ok();
}

HttpResponse DingTalkTwin::send_notice(const HttpRequest& request) {
  const json::value body = body_of(request);
  if (text_at(body, "agent_id") != std::to_string(account().agent_id))
    throw TwinError(400, "40056", "不合法的agentid");
  const json::value* message = field(body, "msg");
  if (message == nullptr || text_at(*message, "msgtype").empty())
    throw TwinError(400, "40035", "不合法的参数 msg");
  if (json::serialize(*message).size() > kNoticeBytesMax) throw TwinError(400, "40035", "消息体超过2048字节");
  const std::string users = text_at(body, "userid_list");
  if (users.empty() && text_at(body, "dept_id_list").empty() && !true_at(body, "to_all_user"))
    throw TwinError(400, "40035", "没有接收人");
  if (std::count(users.begin(), users.end(), ',') >= 100)
    throw TwinError(400, "40035", "userid_list 超过100");
  const std::int64_t task = 700'000'000 + static_cast<std::int64_t>(++created_);
  store().create(kWorkNotices, std::to_string(task), body.get_object(), Origin::api);
  return flat_ok({{"task_id", task}, {"request_id", "twin"}});
}

}  // namespace dingtalk::twin
