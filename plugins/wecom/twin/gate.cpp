#include "plugins/wecom/twin/gate.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/twin/dice.hpp"
#include "sdk/twin/record_store.hpp"

namespace wecom::twin {
namespace {

using huiliu::twin::json_response;
using huiliu::twin::TwinError;

constexpr std::int64_t kMinuteMs = 60'000, kHourMs = 3'600'000;
constexpr double kAddressPerMinute = 20'000, kAddressPerHour = 600'000;
constexpr double kTokensPerMinute = 100, kTokensPerHour = 1'000;
constexpr std::size_t kWrongSecretsMax = 5;
constexpr std::string_view kFrom = "127.0.0.1";

}  // namespace

const Account& account() {
  static const Account kAccount;
  return kAccount;
}

HttpResponse refusal(std::int64_t code, std::string_view text, json::object besides) {
  std::string message(text);
  message.append(", hint: [1700000000_1_0123456789abcdef], from ip: ")
      .append(kFrom)
      .append(", more info at https://open.work.weixin.qq.com/devtool/query?e=")
      .append(std::to_string(code));
  json::object body{{"errcode", code}, {"errmsg", message}};
  for (auto& part : besides) body[part.key()] = std::move(part.value());
  return json_response(json::serialize(body));
}

HttpResponse success(json::object fields) {
  json::object body{{"errcode", 0}, {"errmsg", "ok"}};
  for (auto& part : fields) body[part.key()] = std::move(part.value());
  return json_response(json::serialize(body));
}

Gate::Gate(Clock clock, double quota_factor, std::uint64_t seed)
    : clock_(std::move(clock)), quota_factor_(quota_factor), dice_(seed ^ 0x3ec03ULL) {}

// {"deny_ip":bool, "deny_apis":["externalcontact/remark", …], "api_per_minute":n, "api_per_hour":n,
//  "concurrent_refusals":n, "busy_refusals":n (the next n calls), "dead_token_code":42001|40014|40001,
//  "token_seconds":n}
void Gate::configure(const json::object& switches) {
  for (const auto& part : switches) {
    const std::string_view name = part.key();
    const json::value& value = part.value();
    if (name == "deny_ip" && value.is_bool()) {
      deny_ip_ = value.get_bool();
    } else if (name == "deny_apis" && value.is_array()) {
      denied_apis_.clear();
      for (const std::string& api : texts_of(&value)) denied_apis_.insert(api);
    } else if (name == "api_per_minute" && value.is_number()) {
      api_per_minute_ = static_cast<double>(number_of(value));
    } else if (name == "api_per_hour" && value.is_number()) {
      api_per_hour_ = static_cast<double>(number_of(value));
    } else if (name == "concurrent_refusals" && value.is_number()) {
      concurrent_refusals_ = number_of(value);
    } else if (name == "busy_refusals" && value.is_number()) {
      busy_refusals_ = number_of(value);
    } else if (name == "token_seconds" && value.is_number() && number_of(value) > 0) {
      token_life_s_ = number_of(value);
    } else if (name == "dead_token_code" && value.is_number()) {
      dead_token_code_ = number_of(value);
    } else {
      throw TwinError(400, "bad_request", "no such switch: " + std::string(name));
    }
  }
}

json::object Gate::to_json() const {
  json::array denied;
  for (const std::string& api : denied_apis_) denied.emplace_back(api);
  return {{"deny_ip", deny_ip_},
          {"deny_apis", std::move(denied)},
          {"api_per_minute", api_per_minute_ * quota_factor_},
          {"api_per_hour", api_per_hour_ * quota_factor_},
          {"concurrent_refusals", concurrent_refusals_},
          {"busy_refusals", busy_refusals_},
          {"dead_token_code", dead_token_code_},
          {"token_seconds", token_life_s_}};
}

const App* Gate::app_of(std::string_view secret) const {
  for (const App* app : {&account().app, &account().other_app, &account().contact_sync})
    if (app->secret == secret) return app;
  return nullptr;
}

// The excess bars the API for the length of the window that was exceeded; refusals do not prolong it.
bool Gate::over_limit(const std::string& what, double per_minute, double per_hour) {
  if (quota_factor_ <= 0) return false;
  std::vector<Window>& windows = windows_[what];
  if (windows.empty()) windows = {{kMinuteMs, 0, {}}, {kHourMs, 0, {}}};
  windows[0].most = per_minute;
  windows[1].most = per_hour;
  const std::int64_t now = clock_();
  bool refused = false;
  for (Window& window : windows) {
    while (!window.calls.empty() && window.calls.front() <= now - window.length_ms) window.calls.pop_front();
    if (now < window.barred_until) {
      refused = true;
    } else if (static_cast<double>(window.calls.size()) >= std::max(1.0, window.most * quota_factor_)) {
      window.barred_until = now + window.length_ms;
      refused = true;
    }
  }
  if (!refused)
    for (Window& window : windows) window.calls.push_back(now);
  return refused;
}

HttpResponse Gate::too_many() const { return refusal(45009, "api freq out of limit"); }

// An earlier token stays good; while it is, it is given out again with what is left of its life.
HttpResponse Gate::token(const HttpRequest& request) {
  if (request.method != "GET") return refusal(41002, "corpid missing");
  if (request.parameter("corpid").empty()) return refusal(41002, "corpid missing");
  if (request.parameter("corpsecret").empty()) return refusal(41004, "corpsecret missing");
  const std::int64_t now = clock_();
  while (!wrong_secrets_.empty() && wrong_secrets_.front() <= now - kHourMs) wrong_secrets_.pop_front();
  if (wrong_secrets_.size() >= kWrongSecretsMax || over_limit("gettoken", kTokensPerMinute, kTokensPerHour))
    return too_many();
  if (request.parameter("corpid") != account().corp_id) return refusal(40013, "invalid corpid");
  const App* app = app_of(request.parameter("corpsecret"));
  if (app == nullptr) {
    wrong_secrets_.push_back(now);
    return refusal(40001, "invalid credential");
  }
  std::string& text = current_[app];
  const auto known = tokens_.find(text);
  if (known == tokens_.end() || now >= known->second.until_ms) {
    if (known != tokens_.end()) {
      dead_.insert(known->first);
      tokens_.erase(known);
    }
    // Longer than any column that a naive client would keep it in.
    text = id_text(dice_, 1, 214);
    dice_ = mixed(dice_);
    tokens_[text] = {app, now + token_life_s_ * 1000};
  }
  return success({{"access_token", text}, {"expires_in", (tokens_.at(text).until_ms - now) / 1000}});
}

void Gate::expire_tokens() {
  for (const auto& [text, token] : tokens_) dead_.insert(text);
  tokens_.clear();
}

std::optional<HttpResponse> Gate::refuse(const HttpRequest& request, std::string_view api, const App*& app) {
  const std::string_view shown = request.parameter("access_token");
  if (shown.empty()) return refusal(41001, "access_token missing");  // a header or body does not count
  const auto known = tokens_.find(shown);
  if (known == tokens_.end() || clock_() >= known->second.until_ms) {
    const bool was_good = known != tokens_.end() || dead_.contains(shown);
    if (was_good && dead_token_code_ == 42001) return refusal(42001, "access_token expired");
    return was_good && dead_token_code_ == 40001 ? refusal(40001, "invalid credential")
                                                 : refusal(40014, "invalid access_token");
  }
  if (deny_ip_) return refusal(60020, "not allow to access from your ip");
  if (busy_refusals_ > 0) {
    --busy_refusals_;
    return refusal(-1, "system busy");
  }
  if (concurrent_refusals_ > 0) {
    --concurrent_refusals_;
    return refusal(45033, "api concurrent out of limit");
  }
  if (denied_apis_.contains(api)) return refusal(48002, "api forbidden");
  app = known->second.app;
  if (app->contact_sync && (api.starts_with("externalcontact/") || api == "message/send"))
    return refusal(48002, "api forbidden");
  const bool details =
      api == "user/get" || api == "user/list" || api == "department/get" || api == "department/list";
  if (app->contact_sync && details)
    return refusal(48009, "no privilege to read with the contact-sync secret");
  if (!app->contact_sync && api == "user/list_id") return refusal(48002, "api forbidden");
  // Counted for the corporation, whichever app calls, and for the address.
  if (over_limit(std::string(api), api_per_minute_, api_per_hour_) ||
      over_limit("address", kAddressPerMinute, kAddressPerHour))
    return too_many();
  return std::nullopt;
}

}  // namespace wecom::twin
