#include "plugins/dingtalk/src/client.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/src/robot_sign.hpp"

namespace dingtalk {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kRefreshEarlySeconds = 300;  // as the vendor's own SDKs do

std::int64_t now_s(const huiliu::Call& call) { return call.now_us() / kMicrosPerSecond; }

std::string url_of(const std::string& base, std::string_view path, const Query& query) {
  std::string url = base + std::string(path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    url.append(1, separator).append(name).append("=").append(percent_encoded(value));
    separator = '&';
  }
  return url;
}

huiliu::Headers json_headers() {
  return {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
}

std::uint32_t flags_of(ApiRequest::Repeat repeat) {
  return repeat == ApiRequest::Repeat::safe ? HUILIU_HTTP_IDEMPOTENT : HUILIU_HTTP_NO_RETRY;
}

huiliu::Token token_of(const huiliu::Call& call, const json::value& answer, std::string_view name,
                       std::string_view lifetime, huiliu::Placement placement) {
  huiliu::Token token;
  token.text = text_at(answer, name);
  if (token.text.empty()) throw huiliu::DataError("DingTalk answered a token request without a token");
  const json::value* seconds = field(answer, lifetime);
  const std::string text = seconds == nullptr ? std::string() : scalar_text(*seconds);
  std::int64_t lives_s = 0;
  for (const char c : text)
    lives_s = c >= '0' && c <= '9' && lives_s < 100'000'000 ? lives_s * 10 + (c - '0') : lives_s;
  if (lives_s <= 0) lives_s = 7200;
  const std::int64_t early_s = std::min(kRefreshEarlySeconds, lives_s / 2);
  token.expires_at_us = call.now_us() + (lives_s - early_s) * kMicrosPerSecond;
  token.placements.push_back(std::move(placement));
  return token;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kUnreserved.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
  }
  return encoded;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  using namespace std::chrono;
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char c : text.substr(at, size))
      value = c >= '0' && c <= '9' && value >= 0 ? value * 10 + (c - '0') : -1;
    return value;
  };
  const auto month_at = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const int days = number(5, 2), years = number(12, 4), h = number(17, 2), m = number(20, 2),
            s = number(23, 2);
  if (month_at == kMonths.end() || days < 1 || years < 0 || h < 0 || m < 0 || s < 0) return std::nullopt;
  const year_month_day date{year{years}, month{static_cast<unsigned>(month_at - kMonths.begin() + 1)},
                            day{static_cast<unsigned>(days)}};
  if (!date.ok()) return std::nullopt;
  return (sys_days{date} + hours{h} + minutes{m} + seconds{s}).time_since_epoch() / seconds{1};
}

Answer Client::judge(huiliu::Call& call, Family family, const huiliu::Response& response) const {
  const std::optional<json::value> body = parse_json(response.body());
  const json::value* shown = body ? &*body : nullptr;
  const std::int64_t at = parse_http_date(response.header("Date")).value_or(now_s(call));
  std::optional<Refusal> refusal = family == Family::api ? api_refusal(response.code(), shown, at)
                                                         : oapi_refusal(response.code(), shown, at);
  if (!refusal) return {*body, at};
  refusal->retry_after_ms = std::max(refusal->retry_after_ms, response.retry_after_ms());
  throw Refused(*refusal);
}

Answer Client::exchange(huiliu::Call& call, Family family, const huiliu::Request& request) const {
  try {
    return judge(call, family, call.send(request));
  } catch (const Refused& refused) {
    if (refused.kind != ErrorKind::token) throw;
  }
  call.invalidate(request.credential);  // throws when it was fresh: then the app itself is refused
  return judge(call, family, call.send(request));
}

Answer Client::api(huiliu::Call& call, const ApiRequest& request) const {
  huiliu::Request http;
  http.method = request.method;
  http.url = url_of(settings_.base_url, request.path, request.query);
  http.headers = json_headers();
  if (request.body) http.body = json::serialize(*request.body);
  http.credential = kApiCredential;
  http.quota = request.quota;
  http.flags = flags_of(request.repeat);
  return exchange(call, Family::api, http);
}

Answer Client::oapi(huiliu::Call& call, std::string_view path, json::value body,
                    ApiRequest::Repeat repeat) const {
  huiliu::Request http;
  http.method = "POST";
  http.url = settings_.oapi_base_url + std::string(path);
  http.headers = json_headers();
  http.body = json::serialize(body);
  http.credential = kOapiCredential;
  http.quota = kDirectoryQuota;
  http.flags = flags_of(repeat);
  return exchange(call, Family::oapi, http);
}

Answer Client::oapi_get(huiliu::Call& call, std::string_view path) const {
  huiliu::Request http;
  http.url = settings_.oapi_base_url + std::string(path);
  http.headers = json_headers();
  http.credential = kOapiCredential;
  http.quota = kDirectoryQuota;
  return exchange(call, Family::oapi, http);
}

void Client::robot(huiliu::Call& call, const json::value& message, std::string_view idempotency_key) const {
  huiliu::Request http;
  http.method = "POST";
  http.url = settings_.robot_webhook;
  if (settings_.robot_signs) {
    const std::string timestamp = std::to_string(call.now_us() / 1000);
    const std::string to_sign = robot_string_to_sign(timestamp, call.reveal("robot_secret"));
    http.url.append(http.url.find('?') == std::string::npos ? "?" : "&")
        .append("timestamp=")
        .append(timestamp)
        .append("&sign=")
        .append(robot_sign_parameter(call.hmac("robot_secret", to_sign)));
  }
  http.headers = json_headers();
  http.body = json::serialize(message);
  http.quota = kRobotQuota;
  http.idempotency_key = idempotency_key;
  judge(call, Family::oapi, call.send(http));
}

Answer Client::open_stream(huiliu::Call& call) const {
  huiliu::Request http;
  http.method = "POST";
  http.url = settings_.base_url + "/v1.0/gateway/connections/open";
  http.headers = json_headers();  // without Accept the vendor may answer XML
  http.body = json::serialize(
      json::object{{"clientId", settings_.app_key},
                   {"clientSecret", call.reveal("app_secret")},
                   {"subscriptions", json::array{json::object{{"type", "EVENT"}, {"topic", "*"}}}},
                   {"ua", "huiliu/1.0"}});
  http.flags = HUILIU_HTTP_IDEMPOTENT;  // a ticket that nobody uses lapses
  return judge(call, Family::api, call.send(http));
}

// The token of the new API, by the call that the settings choose.
Answer Client::fetch_token(huiliu::Call& call) const {
  const std::string secret = call.reveal("app_secret");
  huiliu::Request http;
  http.method = "POST";
  http.headers = json_headers();
  http.flags = HUILIU_HTTP_IDEMPOTENT;  // fetching twice gives the same token
  switch (settings_.auth) {
    case Auth::app:
      http.url = settings_.base_url + "/v1.0/oauth2/accessToken";
      http.body = json::serialize(json::object{{"appKey", settings_.app_key}, {"appSecret", secret}});
      break;
    case Auth::corp_token:
      http.url = settings_.base_url + "/v1.0/oauth2/" + percent_encoded(settings_.corp_id) + "/token";
      http.body = json::serialize(json::object{
          {"client_id", settings_.app_key}, {"client_secret", secret}, {"grant_type", "client_credentials"}});
      break;
    case Auth::suite:
      http.url = settings_.base_url + "/v1.0/oauth2/corpAccessToken";
      http.body = json::serialize(json::object{{"suiteKey", settings_.app_key},
                                               {"suiteSecret", secret},
                                               {"authCorpId", settings_.corp_id},
                                               {"suiteTicket", call.reveal("suite_ticket")}});
      break;
  }
  return judge(call, Family::api, call.send(http));
}

huiliu::Token Client::authenticate(huiliu::Call& call, std::string_view credential) const {
  const bool api = credential == kApiCredential;
  // Tokens of the new API's calls serve the old API too; only an internal app's own has a call of its own.
  if (api || settings_.auth != Auth::app) {
    const json::value answer = fetch_token(call).body;
    const bool snake = field(answer, "access_token") != nullptr;
    return token_of(call, answer, snake ? "access_token" : "accessToken", snake ? "expires_in" : "expireIn",
                    api ? huiliu::Placement::header("x-acs-dingtalk-access-token")
                        : huiliu::Placement::query("access_token"));
  }
  huiliu::Request http;
  http.headers = json_headers();
  http.flags = HUILIU_HTTP_IDEMPOTENT;
  http.url = url_of(settings_.oapi_base_url, "/gettoken",
                    {{"appkey", settings_.app_key}, {"appsecret", call.reveal("app_secret")}});
  const Answer answer = judge(call, Family::oapi, call.send(http));
  return token_of(call, answer.body, "access_token", "expires_in", huiliu::Placement::query("access_token"));
}

}  // namespace dingtalk
