#include "plugins/kingdee/twin/sessions.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace kingdee_twin {
namespace {

namespace json = boost::json;
using huiliu::twin::Fields;
using huiliu::twin::HttpRequest;

// The twin computes every signature itself: it must not share a mistake with the connector that it tests.
std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += "0123456789abcdef"[bytes[i] / 16];
    text += "0123456789abcdef"[bytes[i] % 16];
  }
  return text;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string to_base64(std::string_view text) {
  std::vector<unsigned char> out((text.size() + 2) / 3 * 4 + 1);
  const int size = EVP_EncodeBlock(out.data(), bytes_of(text), static_cast<int>(text.size()));
  return std::string(out.begin(), out.begin() + size);
}

std::string from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  std::vector<unsigned char> out(text.size() / 4 * 3 + 1);
  const int size = EVP_DecodeBlock(out.data(), bytes_of(text), static_cast<int>(text.size()));
  if (size < 0) return {};
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  return std::string(out.begin(), out.begin() + size - static_cast<std::ptrdiff_t>(padding));
}

std::string mac_text(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), mac.data(),
       &size);
  return to_base64(hex(mac.data(), size));
}

std::string digest(std::string_view text, const EVP_MD* algorithm) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), out.data(), &size, algorithm, nullptr);
  return hex(out.data(), size);
}

std::string client_secret(std::string_view app_id) {
  static constexpr std::string_view mask = "0054f397c6234378b09ca7d3e5debce7";
  const std::size_t at = app_id.find('_');
  if (at == std::string_view::npos || app_id.substr(at + 1).size() != 32) return {};
  std::string bytes = from_base64(app_id.substr(at + 1));
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ mask[i]);
  return to_base64(bytes);
}

std::string cookie_in(const HttpRequest& request, std::string_view name) {
  const std::string_view cookies = request.header("Cookie");
  for (std::size_t at = 0; at < cookies.size();) {
    const std::size_t end = std::min(cookies.find(';', at), cookies.size());
    std::string_view one = cookies.substr(at, end - at);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
      return std::string(one.substr(name.size() + 1));
    at = end + 1;
  }
  return {};
}

std::string session_in(const HttpRequest& request) {
  const std::string_view header = request.header("kdservice-sessionid");
  return header.empty() ? cookie_in(request, "kdservice-sessionid") : std::string(header);
}

/// The parameters of a login in their order, from any of the three body forms; nullopt: not understood.
std::optional<std::vector<std::string>> login_parameters(std::string_view body,
                                                         const std::vector<std::string_view>& names) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  if (error || !parsed.is_object()) return std::nullopt;
  const json::object& object = parsed.get_object();
  const auto text = [](const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
  };
  std::vector<std::string> values;
  if (const json::value* list = object.if_contains("parameters")) {
    json::value inner = *list;
    if (inner.is_string()) inner = json::parse(inner.get_string(), error);  // old clients send JSON as text
    if (error || !inner.is_array()) return std::nullopt;
    for (const json::value& value : inner.get_array()) values.push_back(text(value));
    return values;
  }
  for (const std::string_view name : names) {
    const json::value* value = nullptr;
    for (const auto& member : object)
      if (std::equal(member.key().begin(), member.key().end(), name.begin(), name.end(),
                     [](char a, char b) { return std::tolower(a) == std::tolower(b); }))
        value = &member.value();
    if (value == nullptr) return std::nullopt;
    values.push_back(text(*value));
  }
  return values;
}

json::object refused_login(int type, std::string_view code, std::string_view message) {
  return {{"Message", message}, {"MessageCode", code},       {"LoginResultType", type},
          {"Context", nullptr}, {"KDSVCSessionId", nullptr}, {"IsSuccessByAPI", false}};
}

}  // namespace

std::string Sessions::open_session(std::int64_t now_ms, Fields& headers) {
  const std::string seed = account_.acct_id + "/" + std::to_string(now_ms) + "/" + std::to_string(++opened_);
  std::string session = digest(seed, EVP_sha256()).substr(0, 32);
  live_[session] = now_ms;
  headers.emplace_back("Set-Cookie", "kdservice-sessionid=" + session + "; path=/; HttpOnly");
  headers.emplace_back("Set-Cookie", "ASP.NET_SessionId=" + session.substr(8, 24) + "; path=/; HttpOnly");
  return session;
}

json::object Sessions::login(std::string_view method, std::string_view body, std::int64_t now_ms,
                             Fields& headers) {
  std::vector<std::string_view> names;
  if (method == "ValidateUser")
    names = {"acctID", "username", "password", "lcid"};
  else if (method == "LoginByAppSecret")
    names = {"acctid", "username", "appid", "appsecret", "lcid"};
  else
    names = {"acctid", "username", "appid", "timestamp", "sign", "lcid"};
  const auto given = login_parameters(body, names);
  if (!given || given->size() < names.size()) return refused_login(-1, "", "登录参数不正确");
  const std::vector<std::string>& p = *given;
  if (rules_.locked) return refused_login(0, "", "登录错误次数超限，用户已被锁定，请30分钟后再试");
  if (p[0] != account_.acct_id) return refused_login(0, "", "数据中心不存在");
  if (p[1] != account_.user_name) return refused_login(0, "", "用户名或密码错误");
  if (method == "ValidateUser") {
    if (p[2] != account_.password) return refused_login(0, "", "用户名或密码错误");
  } else {
    if (!rules_.user_allowed)
      return refused_login(-1, "", "第三方应用" + p[2] + "不允许用户" + p[1] + "登录");
    if (p[2] != account_.app_id) return refused_login(-1, "", "应用未授权");
    if (method == "LoginByAppSecret") {
      if (p[3] != account_.app_secret) return refused_login(0, "", "应用密钥错误");
    } else {
      std::array<std::string, 5> parts = {p[0], p[1], p[2], account_.app_secret, p[3]};
      std::sort(parts.begin(), parts.end());
      std::string joined;
      for (const std::string& part : parts) joined += part;
      if (p[4] != digest(joined, EVP_sha256()) && p[4] != digest(joined, EVP_sha1()))
        return refused_login(0, "002005000003016", "签名验证失败");
      const std::int64_t sent = std::strtoll(p[3].c_str(), nullptr, 10) * 1000;
      if (std::llabs(now_ms - sent) > rules_.clock_window_ms)
        return refused_login(0, "002005000003016", "时间戳已过期");
    }
  }
  const std::string session = open_session(now_ms, headers);
  return {
      {"Message", nullptr},
      {"MessageCode", ""},
      {"LoginResultType", 1},
      {"Context", json::object{{"SessionId", session},
                               {"UserId", 100001},
                               {"UserName", account_.user_name},
                               {"DBid", account_.acct_id},
                               {"UserLocale", "zh-CN"},
                               {"CurrentOrganizationInfo", json::object{{"ID", 100010}, {"Name", "总部"}}}}},
      {"KDSVCSessionId", session},
      {"IsSuccessByAPI", true}};
}

void Sessions::logout(const HttpRequest& request) { live_.erase(session_in(request)); }

std::optional<Sessions::Refusal> Sessions::check_signature(const HttpRequest& request,
                                                           std::int64_t now_ms) const {
  using Kind = Refusal::Kind;
  if (rules_.check_gateway) {
    const std::string stamp(request.header("x-api-timestamp"));
    if (request.header("X-Api-ClientID") != account_.app_id.substr(0, account_.app_id.find('_')))
      return Refusal{Kind::gateway, 4002, "Unauthorized, APP_ID is unknown[GW]"};
    std::int64_t sent = std::strtoll(stamp.c_str(), nullptr, 10);
    if (stamp.size() <= 10) sent *= 1000;  // seconds or milliseconds, both are accepted
    if (std::llabs(now_ms - sent) > rules_.clock_window_ms)
      return Refusal{Kind::gateway, 4006, "Unauthorized, timestamp expired[GW]"};
    // The signed path begins at the first slash from the tenth character of the whole address on.
    const std::string url = "http://" + std::string(request.header("Host")) + request.target;
    const std::size_t slash = url.find('/', 10);
    const std::string text = "POST\n" + huiliu::twin::percent_encode(url.substr(slash)) +
                             "\n\nx-api-nonce:" + std::string(request.header("x-api-nonce")) +
                             "\nx-api-timestamp:" + stamp + "\n";
    if (request.header("X-Api-Signature") != mac_text(client_secret(account_.app_id), text))
      return Refusal{Kind::gateway, 4002, "Unauthorized, signature mismatch[GW]"};
  }
  const std::string data = from_base64(request.header("X-Kd-Appdata"));
  if (request.header("X-Kd-Appkey") != account_.app_id ||
      !data.starts_with(account_.acct_id + "," + account_.user_name + ",") ||
      request.header("X-Kd-Signature") != mac_text(account_.app_secret, account_.app_id + data))
    return Refusal{Kind::signature, 0, "应用签名验证失败(002005000003016)"};
  if (!rules_.user_allowed)
    return Refusal{Kind::signature, 0,
                   "第三方应用" + account_.app_id + "不允许用户" + account_.user_name + "登录"};
  return std::nullopt;
}

std::optional<Sessions::Refusal> Sessions::admit(const HttpRequest& request, std::int64_t now_ms,
                                                 Fields& headers) {
  const Refusal lost{Refusal::Kind::session_lost, 0, "会话信息已丢失，请重新登录"};
  const bool is_signed = request.has_header("X-Kd-Signature");
  if (is_signed)
    if (auto refusal = check_signature(request, now_ms)) return refusal;
  const std::string session = session_in(request);
  if (session.empty()) {
    if (!is_signed) return lost;
    open_session(now_ms, headers);
    if (rules_.fresh_session_refusals > 0) {  // a new session may take a while to become valid
      --rules_.fresh_session_refusals;
      return lost;
    }
    return std::nullopt;
  }
  const auto live = live_.find(session);
  if (live == live_.end()) return lost;
  if (now_ms - live->second > rules_.idle_ms) {
    live_.erase(live);
    return lost;
  }
  live->second = now_ms;
  return std::nullopt;
}

}  // namespace kingdee_twin
