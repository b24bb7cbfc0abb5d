#include "plugins/dingtalk/src/callback.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "plugins/dingtalk/src/callback_crypto.hpp"
#include "plugins/dingtalk/src/crm_api.hpp"
#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    if (pair.substr(0, pair.find('=')) == name && pair.size() > name.size())
      return percent_decoded(pair.substr(name.size() + 1));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
  }
  return {};
}

// The vendor names it msg_signature or signature; when both are there, one of them must be right.
bool is_signed(const huiliu::WebRequest& request, std::string_view token, std::string_view encrypted) {
  const std::string expected = callback_signature(token, parameter(request.query(), "timestamp"),
                                                  parameter(request.query(), "nonce"), encrypted);
  bool right = false;
  for (const std::string_view name : {"msg_signature", "signature"})
    right = equal_in_constant_time(expected, parameter(request.query(), name)) || right;
  return right;
}

// Too old or too far ahead to be a first delivery or one of its repetitions. The stamp is in milliseconds;
// some samples of the vendor have seconds.
bool is_stale(const huiliu::Call& call, const Settings& settings, std::string_view timestamp) {
  constexpr std::size_t kDigitsMax = 15, kDigitsOfSeconds = 10;
  if (settings.callback_window_s <= 0) return false;
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), at);
  if (error != std::errc{} || end != timestamp.data() + timestamp.size() || timestamp.size() > kDigitsMax)
    return true;
  if (timestamp.size() <= kDigitsOfSeconds) at *= 1000;
  const std::int64_t now = call.now_us() / 1000, window = settings.callback_window_s * 1000;
  return at < now - window || at > now + window;
}

// A member in any of the vendor's spellings: "dataId", "DataId".
const json::value* any_case(const json::value& event, std::string_view name) {
  if (const json::value* found = field(event, name)) return found;
  std::string capital(name);
  capital.front() = static_cast<char>(capital.front() - 'a' + 'A');
  return field(event, capital);
}

std::string any_case_text(const json::value& event, std::string_view name) {
  const json::value* found = any_case(event, name);
  return found == nullptr ? std::string() : scalar_text(*found);
}

std::string_view stream_of_object(std::string_view object_type, const Settings& settings) {
  if (object_type == kContactType) return "contacts";
  if (object_type == settings.relation_type || object_type == kPoolType) return "customers";
  return {};
}

std::string reply_body(huiliu::Call& call, const AesKey& key, std::string_view token,
                       std::string_view owner) {
  Random16 random{};
  call.random(random);
  const std::string encrypted = seal_envelope(key, random, "success", owner);
  const std::string timestamp = std::to_string(call.now_us() / 1000);
  const std::string nonce = call.random_hex(8);
  return json::serialize(
      json::object{{"msg_signature", callback_signature(token, timestamp, nonce, encrypted)},
                   {"timeStamp", timestamp},
                   {"nonce", nonce},
                   {"encrypt", encrypted}});
}

AesKey aes_key(const huiliu::Call& call) {
  try {
    return parse_aes_key(call.reveal("callback_aes_key"));
  } catch (const std::invalid_argument& wrong) {
    throw huiliu::ConfigError(wrong.what(), {}, "/callback_aes_key");
  }
}

}  // namespace

void emit_hints(const Event& event, huiliu::RecordSink& out) {
  std::map<std::string, huiliu::Batch> batches;
  for (const Hint& hint : event.hints)
    batches.try_emplace(hint.stream, hint.stream).first->second.upsert(hint.key, "{}", event.id);
  for (const auto& [stream, batch] : batches) out.emit(batch);
  out.checkpoint();
}

Event parse_event(std::string_view text, const Settings& settings) {
  Event parsed;
  const std::optional<json::value> body = parse_json(text);
  if (!body || !body->is_object()) return parsed;
  const json::value& event = *body;
  std::vector<Hint>& hints = parsed.hints;
  const std::string corporation = any_case_text(event, "corpId");
  if (!corporation.empty() && !settings.corp_id.empty() && corporation != settings.corp_id) return parsed;
  parsed.id = any_case_text(event, "eventId");
  const std::string type = any_case_text(event, "eventType");
  const auto add = [&](std::string_view stream, std::string_view member) {
    for (std::string& id : texts_of(any_case(event, member))) {
      Hint hint{std::string(stream), std::move(id)};
      if (std::find(hints.begin(), hints.end(), hint) == hints.end()) hints.push_back(std::move(hint));
    }
  };
  if (type.starts_with("ding_paas_object_data_")) {
    const std::string_view stream = stream_of_object(any_case_text(event, "objectType"), settings);
    if (!stream.empty()) add(stream, "dataId");
  } else if (type.starts_with("user_") && type.ends_with("_org")) {
    add("employees", "userId");
  } else if (type.starts_with("contact_") && type.ends_with("_org")) {
    add("external_contacts", "userId");  // told to apps of vendors only; others walk the list
  } else if (type.starts_with("org_dept_")) {
    add("departments", "deptId");
  } else if (type == "bpms_instance_change" && !settings.approval_process_code.empty() &&
             any_case_text(event, "processCode") == settings.approval_process_code) {
    add("approvals", "processInstanceId");
  }
  return parsed;
}

void handle_callback(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                     huiliu::RecordSink& out) {
  if (request.method() != "POST") return request.answer(405, huiliu::Headers{{"Allow", "POST"}}, {});
  const std::optional<json::value> body = parse_json(request.body());
  const std::string encrypted = body ? text_at(*body, "encrypt") : std::string();
  if (encrypted.empty()) return request.answer(400, "text/plain", "no encrypted event");
  const std::string token = call.reveal("callback_token");
  if (!is_signed(request, token, encrypted)) return request.answer(403, "text/plain", "wrong signature");
  const AesKey key = aes_key(call);
  const std::optional<Envelope> envelope = open_envelope(key, encrypted);
  if (!envelope) return request.answer(400, "text/plain", "the event cannot be decrypted");
  const std::vector<std::string>& owners = settings.callback_owners;
  if (std::find(owners.begin(), owners.end(), envelope->owner) == owners.end())
    return request.answer(403, "text/plain", "the event is for somebody else");
  const Event event = parse_event(envelope->message, settings);
  // A check of the address changes nothing and may be repeated; an event from another time is a replay.
  if (!event.hints.empty() && is_stale(call, settings, parameter(request.query(), "timestamp")))
    return request.answer(403, "text/plain", "the time stamp is too far from now");
  if (event.hints.empty())
    call.info("an event of DingTalk that changes no record here");
  else
    emit_hints(event, out);
  request.answer(200, kJson, reply_body(call, key, token, envelope->owner));
}

}  // namespace dingtalk
