#include "plugins/yonyou/src/events.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include "plugins/yonyou/src/json_read.hpp"
#include "plugins/yonyou/src/signature.hpp"

namespace yonyou {
namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
constexpr std::string_view check_type = "CHECK_URL";

/// Types are matched by how they begin; the vendor's spelling is irregular.
struct Kind {
  std::string_view prefix, stream, id;
};
constexpr Kind kinds[] = {
    {"YXYBASEDOC_AA_MERCHANT", "customers", "id"},
    {"STAFF_", "employees", "code"},
    {"DEPT_", "departments", "id"},
    {"BASE_ORG_EVENT_", "organizations", "code"},
    {"SALE_", "orders", "id"},
};

/// Ids below a node: a flat object, objects wrapped in others or in lists, or JSON as text.
void collect_ids(const json::value& node, std::string_view name, std::string_view own,
                 std::vector<std::string>& ids, int depth = 0) {
  if (depth > 4) return;
  if (node.is_string()) {
    const std::string_view text = node.get_string();
    if (!text.starts_with('{') && !text.starts_with('[')) return;
    if (const auto inner = parse_exact(text)) collect_ids(*inner, name, own, ids, depth + 1);
  } else if (const json::array* list = node.if_array()) {
    for (const json::value& element : *list) collect_ids(element, name, own, ids, depth + 1);
  } else if (const json::object* object = node.if_object()) {
    std::string id = own.empty() ? std::string() : text_at(*object, own);
    if (id.empty()) id = text_at(*object, name);
    if (!id.empty()) {
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(std::move(id));
      return;  // what lies below are the record's own parts
    }
    for (const auto& member : *object)
      if (!member.value().is_string()) collect_ids(member.value(), name, own, ids, depth + 1);
  }
}

struct Posted {
  std::string signature, old_signature, timestamp, nonce, encrypted;
};

std::optional<Posted> posted(std::string_view body) {
  const auto parsed = parse_exact(body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return std::nullopt;
  Posted out{text_at(*object, "signature"), text_at(*object, "msgSignature"), text_at(*object, "timestamp"),
             text_at(*object, "nonce"), text_at(*object, "encrypt")};
  if (out.encrypted.empty() || out.timestamp.empty()) return std::nullopt;
  return out;
}

/// By the field's name and the length: 44 characters are the new form, 40 the old one.
bool is_signed(const Posted& posted, const std::string& secret) {
  const std::string expected_new =
      base64_of(hmac_sha256(secret, event_string_to_sign(posted.timestamp, posted.nonce, posted.encrypted)));
  const std::string expected_old =
      old_event_signature(secret, posted.timestamp, posted.nonce, posted.encrypted);
  bool right = false;
  for (const std::string* given : {&posted.signature, &posted.old_signature}) {
    right = equal_in_constant_time(expected_new, *given) || right;
    right = equal_in_constant_time(expected_old, *given) || right;
  }
  return right;
}

/// The secrets an event may be signed or encrypted with: the one of its own, then the application's.
std::vector<std::string> secrets(const huiliu::Call& call, bool has_own, std::string_view own, bool has_app) {
  std::vector<std::string> all;
  if (has_own) all.push_back(call.reveal(own));
  if (has_app) all.push_back(call.reveal("app_secret"));
  if (all.empty())
    throw huiliu::ConfigError("接收事件需要 app_secret 或 " + std::string(own) +
                                  " (events need app_secret or " + std::string(own) + ")",
                              {}, "/" + std::string(own));
  return all;
}

struct Opened {
  AesKey key;
  Envelope envelope;
};

std::optional<Opened> open(const huiliu::Call& call, const Settings& settings, const std::string& encrypted) {
  std::optional<Opened> any;
  for (const std::string& secret :
       secrets(call, settings.has_event_aes_key, "event_aes_key", settings.has_app_secret)) {
    const auto key = event_key(secret);
    if (!key) continue;
    auto envelope = open_envelope(*key, encrypted);
    if (!envelope) continue;
    const bool ours = envelope->owner == settings.app_key;
    any = Opened{*key, std::move(*envelope)};
    if (ours) return any;
  }
  return any;
}

bool is_recent(const huiliu::Call& call, const Settings& settings, const std::string& timestamp) {
  const std::int64_t at = std::strtoll(timestamp.c_str(), nullptr, 10);
  const std::int64_t now = call.now_us() / 1000, window = settings.event_window_hours * 3'600'000;
  return at >= now - window && at <= now + window;
}

void acknowledge(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                 const Opened& opened, const std::string& secret) {
  if (settings.event_reply == Settings::Reply::plain) return request.answer(200, plain_text, "success");
  Random16 random{};
  call.random(random);
  const std::string encrypted = seal_envelope(opened.key, random, "success", settings.app_key);
  const std::int64_t now = call.now_us() / 1000;
  const std::string nonce = call.random_hex(8);
  const std::string signature =
      base64_of(hmac_sha256(secret, event_string_to_sign(std::to_string(now), nonce, encrypted)));
  request.answer(
      200, "application/json; charset=utf-8",
      json::serialize(json::object{
          {"signature", signature}, {"timestamp", now}, {"nonce", nonce}, {"encrypt", encrypted}}));
}

}  // namespace

Event parse_event(std::string_view text) {
  Event event;
  const auto parsed = parse_exact(text);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr) return event;
  event.id = text_at(*object, "eventId");
  event.type = text_at(*object, "type");
  event.tenant = text_at(*object, "tenantId");
  const json::value* content = object->if_contains("content");
  const auto kind = std::find_if(std::begin(kinds), std::end(kinds),
                                 [&](const Kind& k) { return event.type.starts_with(k.prefix); });
  if (content == nullptr || kind == std::end(kinds)) return event;
  std::vector<std::string> ids;
  // Stop and allocate name the customer beside the row they made.
  collect_ids(*content, kind->id, kind->stream == "customers" ? "merchantId" : "", ids);
  for (std::string& id : ids) event.hints.push_back({std::string(kind->stream), std::move(id)});
  return event;
}

void handle_event(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                  huiliu::RecordSink& out) {
  if (request.method() != "POST") return request.answer(405, huiliu::Headers{{"Allow", "POST"}}, {});
  const auto given = posted(request.body());
  if (!given) return request.answer(400, plain_text, "no encrypted event");
  std::optional<std::string> signer;
  for (const std::string& secret :
       secrets(call, settings.has_event_token, "event_token", settings.has_app_secret))
    if (is_signed(*given, secret) && !signer) signer = secret;
  if (!signer) {
    call.warn("an event with a wrong signature was refused",
              {{"signature_length",
                std::to_string(std::max(given->signature.size(), given->old_signature.size()))}});
    return request.answer(403, plain_text, "wrong signature");
  }
  const auto opened = open(call, settings, given->encrypted);
  if (!opened) return request.answer(400, plain_text, "the event cannot be decrypted");
  if (opened->envelope.owner != settings.app_key)
    return request.answer(403, plain_text, "the event is for somebody else");
  const Event event = parse_event(opened->envelope.message);
  if (event.type.empty()) return request.answer(400, plain_text, "the event has no type");
  if (event.type == check_type) return acknowledge(call, settings, request, *opened, *signer);
  if (!is_recent(call, settings, given->timestamp))
    return request.answer(403, plain_text, "the event is too old");
  if (!settings.tenant_id.empty() && !event.tenant.empty() && event.tenant != settings.tenant_id)
    return request.answer(403, plain_text, "the event is of another tenant");
  std::map<std::string, huiliu::Batch> batches;
  for (const Hint& hint : event.hints)
    batches.try_emplace(hint.stream, hint.stream).first->second.upsert(hint.key, "{}", event.id);
  for (const auto& [stream, batch] : batches) out.emit(batch);
  if (!batches.empty()) out.checkpoint();
  if (event.hints.empty())
    call.info("an event of YonBIP that changes no record here", {{"type", event.type}});
  acknowledge(call, settings, request, *opened, *signer);
}

}  // namespace yonyou
