#include "plugins/webhook/src/connector.hpp"

#include "plugins/webhook/src/cloud_event.hpp"
#include "plugins/webhook/src/encoding.hpp"
#include "plugins/webhook/src/json_text.hpp"
#include "plugins/webhook/src/outbound.hpp"
#include "plugins/webhook/src/seen_ids.hpp"
#include "plugins/webhook/src/site_api.hpp"

namespace huiliu::webhook {
namespace {

void refuse(const WebRequest& request, int code, const std::string& why) {
  request.answer(code, "application/json", "{\"error\":" + quoted(why) + "}");
}

void accept(const WebRequest& request, int code = 200) { request.answer(code, "application/json", "{}"); }

// The handshake of the CloudEvents webhook companion: yes, this sender may call, at this rate a minute.
void answer_handshake(const WebRequest& request) {
  Headers headers{{"Allow", "POST, OPTIONS"}};
  const std::string_view origin = request.header("webhook-request-origin");
  const std::string_view rate = request.header("webhook-request-rate");
  if (!origin.empty()) {
    headers.emplace_back("WebHook-Allowed-Origin", copy(origin));
    headers.emplace_back("WebHook-Allowed-Rate", parse_unix_seconds(rate) ? copy(rate) : "120");
  }
  request.answer(200, headers, {});
}

bool is_seen(const Call& call, const std::string& id) {
  if (id.empty()) return false;
  return SeenIds(call.state(SeenIds::note_of(id)).value_or(""), call.now_us() / 1'000'000).contains(id);
}

// Commits with the next checkpoint.
void remember(const Call& call, const std::string& id) {
  if (id.empty()) return;
  const long long now_s = call.now_us() / 1'000'000;
  const std::string note = SeenIds::note_of(id);
  SeenIds seen(call.state(note).value_or(""), now_s);
  seen.add(id, now_s);
  call.set_state(note, seen.to_text());
}

// A payload with a good signature that says nothing usable. Answering an error would only make the sender
// repeat it for days, so it goes to the host as it is: what has no key, or is no JSON object, is kept there
// with the reason.
void keep_aside(const Call& call, const RecordSink& out, std::string_view id, std::string_view payload,
                const std::string& why) {
  call.warn("a webhook with a good signature cannot be used", {{"reason", why}});
  const bool reads_as_record = parse_json(payload) && is_object(payload);
  Batch batch("customers");
  batch.upsert(reads_as_record ? std::string_view() : id, payload);
  out.emit(batch);
}

}  // namespace

void Connector::check(Call& call) {
  for (const std::string& secret : settings_.signing_secrets)
    if (settings_.scheme == Scheme::standard || settings_.scheme == Scheme::cloudevents)
      if (!asymmetric_key(call, secret)) standard_mac(call, secret);
  if (settings_.signing_secrets.empty() && settings_.scheme != Scheme::none &&
      settings_.scheme != Scheme::cloudevents)
    throw ConfigError("this signature scheme needs a signing secret", {}, "/signing_secret");
  if (!settings_.read_url.empty()) SiteApi(call, settings_).check();
  if (!settings_.url.empty()) send_ping(call, settings_);
}

std::string Connector::discover(Call&) {
  const std::string reads = settings_.read_url.empty() ? "[]" : R"(["full","changes","keys"])";
  const std::string writes = settings_.url.empty() ? "[]" : R"(["create","update","delete"])";
  const std::string capabilities = R"("capabilities":{"read":)" + reads + R"(,"write":)" + writes + "}}";
  return R"({"streams":[{"name":"customers","label":{"zh":"客户","en":"Customers"},"entity":"customer","key":"id",)"
         R"("natural_keys":["credit_code","name"],)" +
         capabilities +
         R"(,{"name":"contacts","label":{"zh":"联系人","en":"Contacts"},"entity":"contact","key":"id","natural_keys":["mobile"],)" +
         capabilities + "]}";
}

void Connector::read(Call& call, const ReadRequest& request, RecordSink& out) {
  SiteApi(call, settings_).read(request, out);
}

void Connector::lookup(Call& call, const LookupRequest& request, RecordSink& out) {
  SiteApi(call, settings_).lookup(request, out);
}

void Connector::find(Call& call, const FindRequest& request, RecordSink& out) {
  SiteApi(call, settings_).find(request, out);
}

Outcome Connector::write_one(Call& call, std::string_view stream, const Record& record) {
  if (settings_.url.empty()) throw Unsupported("this site takes no events (setting url)");
  return send_record(call, settings_, stream, record);
}

Verdict Connector::verify(const Call& call, const HeaderLookup& header, std::string_view body) const {
  const long long now_s = call.now_us() / 1'000'000;
  const std::vector<std::string>& secrets = settings_.signing_secrets;
  const bool is_unsigned =
      settings_.scheme == Scheme::none || (settings_.scheme == Scheme::cloudevents && secrets.empty());
  if (is_unsigned) return {true, {}, std::string(header("webhook-id").substr(0, 256))};
  if (secrets.empty())
    throw ConfigError("this signature scheme needs a signing secret", {}, "/signing_secret");
  std::vector<Mac> keys;
  std::vector<std::string> public_keys;
  const bool standard = settings_.scheme == Scheme::standard || settings_.scheme == Scheme::cloudevents;
  for (const std::string& secret : secrets) {
    if (auto key = standard ? asymmetric_key(call, secret) : std::nullopt) {
      public_keys.push_back(std::move(*key));
    } else if (standard) {
      keys.push_back(standard_mac(call, secret));
    } else {  // the secret's own text is the key, and stays in the host
      keys.push_back([&call, secret](std::string_view data) {
        const auto mac = call.hmac(secret, data);
        return std::string(mac.begin(), mac.end());
      });
    }
  }
  switch (settings_.scheme) {
    case Scheme::github:
      return verify_github(header, body, keys);
    case Scheme::stripe:
      return verify_stripe(header, body, now_s, keys);
    case Scheme::shopify:
      return verify_shopify(header, body, keys);
    default:
      return verify_standard(header, body, now_s, keys, public_keys);
  }
}

void Connector::handle_request(Call& call, const WebRequest& request, RecordSink& out) {
  if (request.method() == "OPTIONS") return answer_handshake(request);
  if (request.method() != "POST") return request.answer(405, Headers{{"Allow", "POST, OPTIONS"}}, {});
  if (request.body().size() > settings_.max_body_bytes) return refuse(request, 413, "the body is too large");
  const HeaderLookup header = [&](std::string_view name) { return request.header(name); };
  const Verdict verdict = verify(call, header, request.body());
  if (!verdict.accepted) {
    call.info("a webhook was refused", {{"reason", verdict.reason}});
    return refuse(request, 401, verdict.reason);
  }
  if (is_seen(call, verdict.event_id)) return accept(request);
  if (settings_.scheme == Scheme::cloudevents)
    return take_cloud_events(call, request, header, verdict.event_id, out);

  std::optional<Event> event = parse_event(settings_.scheme, header, request.body());
  const std::string id = !verdict.event_id.empty() ? verdict.event_id : event ? event->id : std::string();
  if (verdict.event_id.empty() && is_seen(call, id)) return accept(request);
  if (event)
    take(call, *event, out);
  else
    keep_aside(call, out, id, request.body(), "the body is no JSON object");
  remember(call, id);
  out.checkpoint();
  accept(request);
}

void Connector::take_cloud_events(const Call& call, const WebRequest& request, const HeaderLookup& header,
                                  const std::string& delivery, const RecordSink& out) const {
  const CloudEvents found = parse_cloud_events(header, request.body());
  if (found.outcome == CloudEvents::Outcome::unknown_format)
    return refuse(request, 415, "this event format is not known here");
  if (found.outcome == CloudEvents::Outcome::no_cloud_event)
    return refuse(request, 415, "this is no CloudEvent");
  for (const Event& event : found.events) {
    if (is_seen(call, event.id)) continue;
    take(call, event, out);
    remember(call, event.id);
  }
  for (const std::string& fault : found.faults) keep_aside(call, out, delivery, request.body(), fault);
  remember(call, delivery);
  out.checkpoint();
  accept(request, 202);
}

void Connector::take(const Call& call, const Event& event, const RecordSink& out) const {
  const Effect effect = effect_of(event.type);
  if (effect.stream.empty())
    return call.debug("an event that is not about customers or contacts", {{"type", event.type}});
  if (!is_object(event.data) && event.subject.empty())
    return keep_aside(call, out, event.id, event.data, "the event has no data object");
  std::string key = key_of(event.data);
  if (key.empty()) key = event.subject;
  if (key.empty()) return keep_aside(call, out, event.id, event.data, "the record has no id");
  const long long changed_at = event.changed_at_us.value_or(HUILIU_TIME_UNKNOWN);
  Batch batch(effect.stream);
  if (effect.removes) {
    batch.remove(key, version_of(event.data), changed_at);
  } else if (is_thin(event.data) && !settings_.read_url.empty()) {
    const std::string record = SiteApi(call, settings_).fetch(effect.stream, key);
    if (record.empty())
      batch.remove(key, {}, changed_at);
    else
      batch.upsert(key, record, version_of(record), changed_at);
  } else {
    batch.upsert(key, event.data, version_of(event.data), changed_at);
  }
  out.emit(batch);
}

}  // namespace huiliu::webhook
