#include "plugins/wecom/src/callback.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>

#include "plugins/wecom/src/callback_crypto.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/src/xml.hpp"

namespace wecom {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A `+` stays a plus: the vendor sends base64 raw or as %2B, and never means a blank.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low < 0) {
      out += text[i];
    } else {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string parameter(std::string_view query, std::string_view name) {
  for (const std::string& pair : split(query, '&'))
    if (pair.size() > name.size() && pair.compare(0, name.size(), name) == 0 && pair[name.size()] == '=')
      return decoded(std::string_view(pair).substr(name.size() + 1));
  return {};
}

struct Letter {
  AesKey key;
  std::string encrypted;
};

// 0: rightly signed for us. Else the code to answer with; nothing was parsed or decrypted.
int judge_signature(const huiliu::Call& call, const huiliu::WebRequest& request, std::string_view encrypted) {
  const std::string shown = parameter(request.query(), "msg_signature");
  const std::string expected =
      callback_signature(call.reveal("callback_token"), parameter(request.query(), "timestamp"),
                         parameter(request.query(), "nonce"), encrypted);
  return equal_in_constant_time(expected, shown) ? 0 : 403;
}

AesKey aes_key(const huiliu::Call& call) {
  try {
    return parse_aes_key(call.reveal("callback_aes_key"));
  } catch (const std::invalid_argument& wrong) {
    throw huiliu::ConfigError(wrong.what(), {}, "/callback_aes_key");
  }
}

bool is_for_us(const Settings& settings, const std::string& receive_id) {
  const auto& ours = settings.receive_ids;
  return std::find(ours.begin(), ours.end(), receive_id) != ours.end();
}

// Too old or too far ahead to be a first delivery or one of its repetitions.
bool is_stale(const huiliu::Call& call, const Settings& settings, std::string_view timestamp) {
  if (settings.callback_window_s <= 0) return false;
  std::int64_t at = 0;
  if (timestamp.empty() || timestamp.size() > 12) return true;
  for (const char c : timestamp) {
    if (c < '0' || c > '9') return true;
    at = at * 10 + (c - '0');
  }
  const std::int64_t now = call.now_us() / 1'000'000;
  return at < now - settings.callback_window_s || at > now + settings.callback_window_s;
}

void verify_address(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request) {
  const std::string encrypted = parameter(request.query(), "echostr");
  if (encrypted.empty()) return request.answer(400, kText, "no echostr");
  if (const int refused = judge_signature(call, request, encrypted); refused != 0)
    return request.answer(refused, kText, "wrong signature");
  const std::optional<Envelope> envelope = open_envelope(aes_key(call), encrypted);
  if (!envelope) return request.answer(400, kText, "echostr cannot be decrypted");
  if (!is_for_us(settings, envelope->owner)) return request.answer(403, kText, "for somebody else");
  request.answer(200, kText, envelope->message);
}

// The text of <Encrypt>, without reading the XML as such: nothing is parsed before the signature is right.
std::string encrypted_in(std::string_view body) {
  static constexpr std::string_view kOpen = "<Encrypt>", kClose = "</Encrypt>";
  static constexpr std::string_view kCdata = "<![CDATA[", kEnd = "]]>";
  const std::size_t open = body.find(kOpen);
  const std::size_t close = body.find(kClose);
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  std::string_view inside = body.substr(open + kOpen.size(), close - open - kOpen.size());
  const auto is_blank = [](char c) { return c == ' ' || c == '\r' || c == '\n' || c == '\t'; };
  while (!inside.empty() && is_blank(inside.front())) inside.remove_prefix(1);
  while (!inside.empty() && is_blank(inside.back())) inside.remove_suffix(1);
  if (inside.starts_with(kCdata) && inside.ends_with(kEnd))
    inside = inside.substr(kCdata.size(), inside.size() - kCdata.size() - kEnd.size());
  return std::string(inside);
}

void take_event(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                huiliu::RecordSink& out) {
  const std::string encrypted = encrypted_in(request.body());
  if (encrypted.empty()) return request.answer(400, kText, "no encrypted event");
  if (const int refused = judge_signature(call, request, encrypted); refused != 0)
    return request.answer(refused, kText, "wrong signature");
  if (is_stale(call, settings, parameter(request.query(), "timestamp")))
    return request.answer(403, kText, "the time stamp is too far from now");
  if (!Xml::parse(request.body())) return request.answer(400, kText, "the body is no plain XML");
  const std::optional<Envelope> envelope = open_envelope(aes_key(call), encrypted);
  if (!envelope) return request.answer(400, kText, "the event cannot be decrypted");
  if (!is_for_us(settings, envelope->owner)) return request.answer(403, kText, "for somebody else");
  // Rightly signed and ours, but no XML that we read (a DOCTYPE, say): repeating it would not help.
  if (!Xml::parse(envelope->message)) return request.answer(400, kText, "the event is no plain XML");
  const Event event = parse_event(envelope->message);
  if (event.hints.empty()) {
    call.info("an event of WeCom that changes no record here");
  } else {
    std::map<std::string, huiliu::Batch> batches;
    for (const Hint& hint : event.hints)
      batches.try_emplace(hint.stream, hint.stream).first->second.upsert(hint.key, "{}", event.id);
    for (const auto& [stream, batch] : batches) out.emit(batch);
    out.checkpoint();
  }
  request.answer(200, kText, "success");
}

}  // namespace

Event parse_event(std::string_view text) {
  Event event;
  const std::optional<Xml> xml = Xml::parse(text);
  if (!xml || xml->text("MsgType") != "event") return event;
  const std::string kind = xml->text("Event");
  const std::string change = xml->text("ChangeType");
  const auto add = [&](std::string_view stream, std::string_view element) {
    std::string key = xml->text(element);
    if (key.empty()) return;
    Hint hint{std::string(stream), std::move(key)};
    if (std::find(event.hints.begin(), event.hints.end(), hint) == event.hints.end())
      event.hints.push_back(std::move(hint));
  };
  if (kind == "change_external_contact") {
    add("external_contacts", "ExternalUserID");
  } else if (kind == "change_external_chat") {
    add("group_chats", "ChatId");
  } else if (kind == "change_external_tag") {
    add("tags", "Id");  // without one everything was reordered, which changes nothing here
  } else if (kind == "change_contact") {
    if (change.ends_with("_user")) {
      add("employees", "UserID");
      add("employees", "NewUserID");
    } else {
      add("departments", "Id");
    }
  }
  // The vendor numbers messages, not events: sender, second and the event's own keys name one.
  for (const char* element : {"FromUserName", "CreateTime", "Event", "ChangeType", "UserID", "ExternalUserID",
                              "ChatId", "UpdateDetail", "Id", "TagType", "NewUserID"})
    event.id.append(xml->text(element)).append("/");
  event.id.pop_back();
  return event;
}

void handle_callback(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                     huiliu::RecordSink& out) {
  if (request.method() == "GET") return verify_address(call, settings, request);
  if (request.method() == "POST") return take_event(call, settings, request, out);
  request.answer(405, huiliu::Headers{{"Allow", "GET, POST"}}, {});
}

}  // namespace wecom
