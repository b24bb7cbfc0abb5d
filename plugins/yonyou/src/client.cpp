#include "plugins/yonyou/src/client.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "plugins/yonyou/src/beijing_time.hpp"
#include "plugins/yonyou/src/signature.hpp"

namespace yonyou {
namespace {

constexpr std::int64_t micros = 1'000'000;
constexpr std::int64_t hosts_live_us = 24 * 3600 * micros;
constexpr std::int64_t refresh_early_seconds = 600;
constexpr int most_repeats = 3;                      // of a write whose fate is open
constexpr std::uint32_t answer_timeout_ms = 60'000;  // the vendor's own SDK waits up to 180 s
constexpr std::string_view hosts_note = "hosts";

huiliu::Headers json_headers() {
  return {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
}

bool is_server_answer(int code) { return code >= 200 && code < 300; }

/// The vendor's verdict where the body has one, else the usual reading of the code.
huiliu::Failure failure_of_response(const huiliu::Response& response, const Answer& answer) {
  if (answer.understood && !answer.ok && response.code() < 500) return failure_of(answer);
  if (is_server_answer(response.code()))
    return failure_of(verdict_of(Cause::site_down), {}, "an answer of an unexpected form");
  huiliu::Failure failure = response.failure("YonBIP");
  if (failure.status == HUILIU_RETRY) failure.remote_code = verdict_of(Cause::site_down).name;
  return failure;
}

/// Said by the gateway or before the service was reached: surely nothing was done.
bool before_service(Cause cause) {
  switch (cause) {
    case Cause::token:
    case Cause::flow_control:
    case Cause::circuit_open:
    case Cause::not_granted:
    case Cause::application:
    case Cause::address_refused:
    case Cause::no_path:
    case Cause::gateway_plugin:
      return true;
    default:
      return false;
  }
}

bool is_open(Cause cause) {
  return cause == Cause::running || cause == Cause::backend_timeout || cause == Cause::site_down ||
         cause == Cause::exception || cause == Cause::gateway_unknown;
}

}  // namespace

Hosts Client::ask_hosts(huiliu::Call& call) const {
  huiliu::Request request;
  request.url = settings_.base_url +
                "/open-auth/dataCenter/getGatewayAddress?tenantId=" + percent_encode(settings_.tenant_id);
  request.headers = json_headers();
  const huiliu::Response response = call.send(request);
  const Answer answer = classify(response.code(), response.body());
  const json::object* data = answer.ok ? answer.data.if_object() : nullptr;
  if (data == nullptr) {
    // An unknown tenant is answered with code 500 and a text: that is a wrong setting, not an outage.
    if (is_server_answer(response.code()) && answer.understood)
      throw huiliu::ConfigError(
          "查不到租户所在的数据中心 (no data centre is known for this tenant): " + answer.message,
          answer.code, "/tenant_id");
    throw failure_of_response(response, answer);
  }
  Hosts found{text_at(*data, "gatewayUrl"), text_at(*data, "tokenUrl")};
  for (std::string* url : {&found.gateway, &found.token})
    while (url->ends_with('/')) url->pop_back();
  if (found.gateway.empty() || found.token.empty())
    throw huiliu::DataError("YonBIP answered the data centre's look-up without addresses");
  return found;
}

Hosts Client::hosts(huiliu::Call& call) const {
  if (!settings_.gateway_url.empty()) return {settings_.gateway_url, settings_.token_url};
  if (!settings_.looks_up())
    return {settings_.base_url + "/iuap-api-gateway", settings_.base_url + "/iuap-api-auth"};
  const std::int64_t now = call.now_us();
  {
    const std::lock_guard guard(mutex_);
    if (hosts_ && now < hosts_until_us_) return *hosts_;
  }
  Hosts found;
  std::int64_t until = 0;
  // What a failed operation erases comes back: such a note is not trusted again here.
  if (const auto note = hosts_moved_ ? std::nullopt : call.state(hosts_note)) {
    const auto parsed = parse_exact(*note);
    if (const json::object* object = parsed ? parsed->if_object() : nullptr) {
      found = {text_at(*object, "gateway"), text_at(*object, "token")};
      if (const json::value* at = object->if_contains("until"); at != nullptr && at->is_int64())
        until = at->get_int64();
    }
  }
  if (now >= until || found.gateway.empty()) {
    found = ask_hosts(call);
    until = now + hosts_live_us;
    hosts_moved_ = false;
    call.set_state(hosts_note, json::serialize(json::object{
                                   {"gateway", found.gateway}, {"token", found.token}, {"until", until}}));
  }
  const std::lock_guard guard(mutex_);
  hosts_ = found;
  hosts_until_us_ = until;
  return found;
}

void Client::forget_hosts(huiliu::Call& call) const {
  if (!settings_.looks_up()) return;
  const std::lock_guard guard(mutex_);
  hosts_.reset();
  hosts_moved_ = true;
  call.erase_state(hosts_note);
}

std::int64_t Client::vendor_time(const huiliu::Call& call) const {
  return call.now_us() / micros + skew_seconds_.value_or(0);
}

huiliu::Response Client::send(huiliu::Call& call, std::string_view path, const std::string& body,
                              std::uint32_t flags, std::string_view quota) {
  huiliu::Request request;
  request.method = "POST";
  request.url = hosts(call).gateway + std::string(path);
  request.headers = json_headers();
  request.body = body;
  request.credential = api_credential;
  request.quota = quota;
  request.flags = flags;
  request.timeout_ms = answer_timeout_ms;
  try {
    huiliu::Response response = call.send(request);
    if (const auto date = http_date(response.header("Date"))) skew_seconds_ = *date - call.now_us() / micros;
    return response;
  } catch (const huiliu::NoAnswer& none) {
    if (none.status == HUILIU_RETRY) forget_hosts(call);  // the data centre may have moved
    throw;
  }
}

Answer Client::read(huiliu::Call& call, std::string_view path, const json::value& body,
                    std::string_view quota) {
  const std::string text = json::serialize(body);
  bool renewed = false;
  int failures = 0;
  while (true) {
    const huiliu::Response response = send(call, path, text, HUILIU_HTTP_IDEMPOTENT, quota);
    Answer answer = classify(response.code(), response.body());
    if (is_server_answer(response.code()) && answer.ok) return answer;
    const Cause cause = judge(answer).cause;
    if (cause == Cause::token && !renewed) {
      renewed = true;
      call.invalidate(api_credential);
      continue;
    }
    if ((cause == Cause::exception || cause == Cause::gateway_unknown) && failures++ < 2) {
      call.sleep(std::chrono::seconds(failures));
      continue;
    }
    throw failure_of_response(response, answer);
  }
}

WriteAnswer Client::write(huiliu::Call& call, std::string_view path, const json::value& body,
                          bool repeatable) {
  const std::string text = json::serialize(body);
  WriteAnswer out;
  bool renewed = false;
  for (int attempt = 0;; ++attempt) {
    try {
      const huiliu::Response response = send(call, path, text, HUILIU_HTTP_NO_RETRY, api_quota);
      out.answer = classify(response.code(), response.body());
      if (is_server_answer(response.code()) && out.answer.ok) {
        out.fate = WriteAnswer::Fate::answered;
        return out;
      }
      out.cause = judge(out.answer).cause;
      out.why = failure_of_response(response, out.answer);
      if (out.cause == Cause::token && !renewed) {  // refused by the gateway: nothing was done
        renewed = true;
        call.invalidate(api_credential);
        continue;
      }
      out.fate = before_service(out.cause) ? WriteAnswer::Fate::refused
                 : is_open(out.cause)      ? WriteAnswer::Fate::unknown
                                           : WriteAnswer::Fate::answered;
    } catch (const huiliu::NoAnswer& none) {
      out.cause = Cause::site_down;
      out.why = none;
      out.fate = none.maybe_delivered ? WriteAnswer::Fate::unknown : WriteAnswer::Fate::refused;
    }
    if (out.fate != WriteAnswer::Fate::unknown || !repeatable || attempt >= most_repeats) return out;
    call.sleep(std::chrono::seconds(5));
  }
}

huiliu::Token Client::authenticate(huiliu::Call& call) const {
  if (!settings_.has_app_secret)
    throw huiliu::ConfigError("app_secret 未设置 (app_secret is not configured)", {}, "/app_secret");
  const bool suite = settings_.auth == Settings::Auth::suite;
  std::string path = suite ? "/open-auth/suiteApp/" : "/open-auth/selfAppAuth/";
  if (!settings_.old_token_path) path += "base/v1/";
  const std::string url = hosts(call).token + path + "getAccessToken";
  std::int64_t skew_us = 0;
  for (bool corrected = false;; corrected = true) {
    const std::string timestamp = std::to_string((call.now_us() + skew_us) / 1000);
    std::map<std::string, std::string> parameters{{suite ? "suiteKey" : "appKey", settings_.app_key},
                                                  {"timestamp", timestamp}};
    if (suite) parameters["tenantId"] = settings_.tenant_id;
    const std::string signature = base64_of(call.hmac("app_secret", string_to_sign(parameters)));
    huiliu::Request request;
    char separator = '?';
    request.url = url;
    for (const auto& [name, value] : parameters) {
      ((request.url += separator) += name) += "=" + percent_encode(value);
      separator = '&';
    }
    request.url += "&signature=" + percent_encode(signature);
    request.headers = json_headers();
    request.flags = HUILIU_HTTP_IDEMPOTENT;
    const huiliu::Response response = [&] {
      try {
        return call.send(request);
      } catch (const huiliu::NoAnswer& none) {
        if (none.status == HUILIU_RETRY) forget_hosts(call);  // the data centre may have moved
        throw;
      }
    }();
    const Answer answer = classify(response.code(), response.body());
    if (answer.ok) {
      const json::object* data = answer.data.if_object();
      huiliu::Token token;
      if (data != nullptr) token.text = text_at(*data, "access_token");
      if (token.text.empty()) throw huiliu::DataError("YonBIP answered a token request without a token");
      std::int64_t lives = std::strtoll(text_at(*data, "expire").c_str(), nullptr, 10);
      if (lives <= 0) lives = 7200;
      token.expires_at_us = call.now_us() + (lives - std::min(refresh_early_seconds, lives / 2)) * micros;
      token.placements.push_back(huiliu::Placement::query("access_token"));
      return token;
    }
    const Cause cause = judge(answer).cause;
    const auto date = http_date(response.header("Date"));
    if (cause == Cause::clock_skew && !corrected && date) {
      skew_us = *date * micros - call.now_us();
      continue;
    }
    if (!answer.understood || cause == Cause::site_down || cause == Cause::flow_control ||
        cause == Cause::backend_timeout)
      throw failure_of_response(response, answer);
    // Whatever else the token's endpoint refuses stays refused until a person acts.
    huiliu::Failure failure = failure_of(cause == Cause::clock_skew || cause == Cause::address_refused
                                             ? verdict_of(cause)
                                             : verdict_of(Cause::application),
                                         answer.code, answer.message);
    throw failure;
  }
}

}  // namespace yonyou
