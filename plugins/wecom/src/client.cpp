#include "plugins/wecom/src/client.hpp"

#include <algorithm>
#include <chrono>

#include "plugins/wecom/src/json_read.hpp"

namespace wecom {
namespace {

using std::chrono::milliseconds;

constexpr int kBusyRetries = 3;
constexpr int kConcurrentRetries = 5;
constexpr std::int64_t kBusyFirstMs = 500;
constexpr std::int64_t kRefreshEarlySeconds = 300;
constexpr std::int64_t kDefaultLifeSeconds = 7200;

// Between half of `most` and the whole, so that several hubs do not come back at once.
milliseconds jittered(const huiliu::Call& call, std::int64_t most) {
  std::uint8_t dice[2] = {};
  call.random(dice);
  return milliseconds(most / 2 + (most / 2) * (dice[0] * 256 + dice[1]) / 65536);
}

json::value judged(const huiliu::Response& response) {
  std::optional<json::value> body = parse_json(response.body());
  if (std::optional<Refusal> refusal = refusal_in(response.code(), body ? &*body : nullptr)) {
    refusal->retry_after_ms = std::max(refusal->retry_after_ms, response.retry_after_ms());
    throw Refused(*refusal);
  }
  return std::move(*body);
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  static constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded.append({'%', kHex[byte >> 4], kHex[byte & 15]});
  }
  return encoded;
}

json::value Client::exchange(huiliu::Call& call, const huiliu::Request& request) const {
  try {
    return judged(call.send(request));
  } catch (const Refused& refused) {
    if (refused.kind != ErrorKind::token) throw;
  }
  call.invalidate(request.credential);  // throws when it was fresh: then the app itself is refused
  return judged(call.send(request));
}

json::value Client::patiently(huiliu::Call& call, std::string_view api,
                              const huiliu::Request& request) const {
  int busy = 0, concurrent = 0, barred = 0;
  for (;;) {
    try {
      return exchange(call, request);
    } catch (const Refused& refused) {
      if (refused.kind == ErrorKind::throttled) {
        call.quota_refused(api, refused.retry_after_ms);  // the next send waits
        if (++barred > 1) throw;
      } else if (refused.kind == ErrorKind::busy || refused.kind == ErrorKind::conflict) {
        // Without JSON nobody knows whether it was done: only what may be repeated is.
        const bool unknown = refused.kind == ErrorKind::busy && refused.remote_code != "-1";
        if ((unknown && (request.flags & HUILIU_HTTP_NO_RETRY) != 0) || ++busy > kBusyRetries) throw;
        call.sleep(jittered(call, kBusyFirstMs << busy));
      } else if (refused.kind == ErrorKind::concurrent && ++concurrent <= kConcurrentRetries) {
        call.sleep(jittered(call, 2000));
      } else {
        throw;
      }
    }
  }
}

json::value Client::get(huiliu::Call& call, std::string_view api, const Query& query) const {
  huiliu::Request request;
  request.url = settings_.base_url + "/" + std::string(api);
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    request.url.append(1, separator).append(name).append("=").append(percent_encoded(value));
    separator = '&';
  }
  request.headers = {{"Accept", "application/json"}};
  request.credential = kCredential;
  request.quota = api;
  return patiently(call, api, request);
}

json::value Client::post(huiliu::Call& call, std::string_view api, const json::object& body,
                         Repeat repeat) const {
  huiliu::Request request;
  request.method = "POST";
  request.url = settings_.base_url + "/" + std::string(api);
  request.headers = {{"Content-Type", "application/json; charset=utf-8"}, {"Accept", "application/json"}};
  request.body = json::serialize(body);  // raw UTF-8: some APIs refuse \u escapes
  request.credential = kCredential;
  request.quota = api;
  request.flags = repeat == Repeat::safe ? HUILIU_HTTP_IDEMPOTENT : HUILIU_HTTP_NO_RETRY;
  return patiently(call, api, request);
}

huiliu::Token Client::authenticate(huiliu::Call& call, std::string_view) const {
  huiliu::Request request;
  request.url = settings_.base_url + "/gettoken?corpid=" + percent_encoded(settings_.corp_id) +
                "&corpsecret=" + percent_encoded(call.reveal("secret"));
  request.headers = {{"Accept", "application/json"}};
  request.flags = HUILIU_HTTP_IDEMPOTENT;  // an earlier token stays good
  json::value answer;
  for (int busy = 0;;) {
    try {
      answer = judged(call.send(request));
      break;
    } catch (const Refused& refused) {
      if (refused.kind == ErrorKind::busy && ++busy <= kBusyRetries) {
        call.sleep(jittered(call, kBusyFirstMs << busy));
        continue;
      }
      if (refused.kind != ErrorKind::token) throw;
      // The code of a dead token on any other call means a wrong secret here; asking again would bar our
      // address for an hour.
      throw huiliu::AuthError(
          "企业ID或Secret不正确 / corp id or secret refused: WeCom " + refused.remote_code,
          refused.remote_code, "/secret");
    }
  }
  huiliu::Token token;
  token.text = text_at(answer, "access_token");
  if (token.text.empty()) throw huiliu::DataError("WeCom answered a token request without a token");
  std::int64_t lives_s = number_at(answer, "expires_in", kDefaultLifeSeconds);
  if (lives_s <= 0) lives_s = kDefaultLifeSeconds;
  const std::int64_t early_s = std::min(kRefreshEarlySeconds, lives_s / 2);
  token.expires_at_us = call.now_us() + (lives_s - early_s) * 1'000'000;
  token.placements.push_back(huiliu::Placement::query("access_token"));
  return token;
}

}  // namespace wecom
