#include "plugins/webhook/src/outbound.hpp"

#include "plugins/webhook/src/ed25519.hpp"
#include "plugins/webhook/src/encoding.hpp"
#include "plugins/webhook/src/event.hpp"
#include "plugins/webhook/src/json_text.hpp"

namespace huiliu::webhook {
namespace {

// "customers" → "customer".
std::string_view thing_of(std::string_view stream) {
  return stream.ends_with('s') ? stream.substr(0, stream.size() - 1) : stream;
}

// The members of the body, with the record's own id in front.
std::string data_of(const Record& record) {
  std::string data = "{";
  const auto add = [&](std::string_view name, std::string_view raw) {
    if (data.size() > 1) data += ',';
    data += quoted(name);
    data += ':';
    data += raw;
  };
  if (!record.key.empty()) add("id", quoted(record.key));
  if (!record.deletes())
    for (const auto& [name, raw] : raw_members(record.body))
      if (name != "id") add(name, raw);
  return data + "}";
}

// What the site says about a record in an answer: {"id","version","data"?,"message"?} or
// {"error":{"code","message"}}.
struct SiteAnswer {
  std::string id, version, data, code, message;
};

SiteAnswer parse_answer(std::string_view body) {
  SiteAnswer answer;
  if (!parse_json(body)) return answer;  // anything is allowed there
  answer.id = key_of(body);
  answer.version = version_of(body);
  if (const std::string_view data = raw_member(body, "data"); is_object(data)) answer.data = data;
  const std::string_view error = raw_member(body, "error");
  const std::string_view where = is_object(error) ? error : body;
  answer.code = scalar_text(raw_member(where, "code"));
  answer.message = scalar_text(raw_member(where, "message"));
  return answer;
}

// A page for people: a login wall, a proxy's notice, a site in maintenance.
bool is_page(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '<';
}

// By the configured secret's own kind: shared, or the private half of a pair.
std::string signature_of(const Call& call, const Settings& settings, std::string_view id,
                         std::string_view timestamp, std::string_view body) {
  const std::string& name = settings.signing_secrets.front();
  const std::string text = call.reveal(name);
  if (!is_asymmetric_key(text)) return sign_standard(standard_mac(call, name), id, timestamp, body);
  const std::optional<std::string> key = private_key_of(text);
  if (!key)
    throw ConfigError("events that go out are signed with whsec_… or whsk_…, and with no public key", {},
                      "/" + name);
  return sign_standard_asymmetric(*key, id, timestamp, body);
}

Request signed_request(const Call& call, const Settings& settings, std::string id, std::string body) {
  Request request;
  request.method = "POST";
  request.url = settings.url;
  request.headers = {{"Content-Type", "application/json"}};
  if (!settings.signing_secrets.empty()) {
    const std::string timestamp = std::to_string(call.now_us() / 1'000'000);
    request.headers.emplace_back("webhook-id", id);
    request.headers.emplace_back("webhook-timestamp", timestamp);
    request.headers.emplace_back("webhook-signature", signature_of(call, settings, id, timestamp, body));
  }
  request.body = std::move(body);
  request.idempotency_key = std::move(id);  // receivers drop repeated ids: the host may try again
  request.quota = "events";
  return request;
}

// What an answer means, for a person.
std::string told(int code) {
  const std::string number = "HTTP " + std::to_string(code);
  const auto both = [&](const char* zh, const char* en) { return number + " " + zh + " (" + en + ")"; };
  if (code == 401 || code == 403) return both("未授权", "not authorised");
  if (code == 404) return both("不存在", "not there");
  if (code == 409) return both("已存在或已被修改", "there already, or changed meanwhile");
  if (code == 410) return both("已停用", "retired");
  if (code == 412) return both("已被修改", "changed meanwhile");
  if (code == 413) return both("内容过大", "too large");
  if (code == 415) return both("不支持的内容类型", "unsupported media type");
  if (code == 429) return both("请求过于频繁", "too many requests");
  if (code >= 300 && code < 400) return both("转向", "a redirect");
  if (code >= 500) return both("站点出错", "the site is in trouble");
  return both("站点不接受该记录", "the site does not accept the record");
}

}  // namespace

std::string event_body(std::string_view stream, const Record& record, long long now_us) {
  const char* action = record.deletes() ? "deleted" : record.creates() ? "created" : "updated";
  std::string body = "{\"type\":" + quoted(std::string(thing_of(stream)) + "." + action);
  body += ",\"timestamp\":" + quoted(to_rfc3339(now_us));
  if (record.creates() && !record.operation_id.empty())
    body += ",\"external_id\":" + quoted(record.operation_id);
  if (!record.version.empty()) body += ",\"base_version\":" + quoted(record.version);
  return body + ",\"data\":" + data_of(record) + "}";
}

std::string event_id(std::string_view operation_id) {
  std::string id = "msg_";
  for (const char c : operation_id) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    id += plain ? c : '_';
  }
  return id;
}

Outcome outcome_of(const Record& record, int code, std::string_view body, long long retry_after_ms,
                   bool can_look) {
  const SiteAnswer answer = parse_answer(body);
  const std::string why = told(code) + (answer.message.empty() ? std::string() : ": " + answer.message);
  const std::string remote_code = answer.code.empty() ? std::to_string(code) : answer.code;
  if (code >= 200 && code < 300) {
    // To a sender of events every 2xx is a success. A site that we also read answers JSON: a page there may
    // come from something before it, and a look tells.
    if (can_look && is_page(body))
      throw RetryLater(
          "站点返回了网页而不是 JSON，前面是否有登录页？ (the site answered with a page where JSON is due: "
          "is there a login in "
          "front?)",
          "page");
    std::string key = answer.id;
    // A receiver that gives no number of its own knows the record by ours from now on.
    if (key.empty() && record.creates()) key = record.operation_id;
    return Outcome::applied(std::move(key), answer.version, answer.data);
  }
  switch (code) {
    case 401:
    case 403:
      throw AuthError(
          "站点不接受我们的签名，请检查 signing_secret (the site refuses our signature: see "
          "signing_secret); " +
              why,
          remote_code, "/signing_secret");
    case 404:
      if (answer.code == "not_found") return Outcome::gone(why, remote_code);
      throw ConfigError("该地址没有接收方，请检查 url (nothing answers at this address: see url); " + why,
                        remote_code, "/url");
    case 409:
      if (record.creates() && !answer.id.empty()) return Outcome::duplicate(answer.id, why, remote_code);
      return Outcome::stale(why, remote_code);
    case 412:
      return Outcome::stale(why, remote_code);
    case 410:
      throw ConfigError("站点已停用该地址 (the site has retired this endpoint); " + why, remote_code, "/url");
    case 429:
      throw Throttled(why, retry_after_ms, remote_code);
    case 503:
      if (retry_after_ms >= 0) throw Throttled(why, retry_after_ms, remote_code);
      break;
    default:
      break;
  }
  if (code >= 300 && code < 400)
    throw ConfigError("站点要求转到别处，请填写最终地址 (the site redirects: give the final address); " + why,
                      remote_code, "/url");
  if (code >= 500 || code == 408 || code == 425) {
    if (can_look) throw RetryLater(why, remote_code);
    throw NoAnswer(HUILIU_RETRY, why, false);
  }
  return Outcome::rejected(why, remote_code);
}

std::optional<std::string> asymmetric_key(const Call& call, const std::string& secret) {
  const std::string text = call.reveal(secret);
  if (!is_asymmetric_key(text)) return std::nullopt;
  std::optional<std::string> key = public_key_of(text);
  if (!key)
    throw ConfigError("the key after whpk_ or whsk_ is not base64 of an Ed25519 key", {}, "/" + secret);
  return key;
}

Mac standard_mac(const Call& call, const std::string& secret) {
  const std::string text = call.reveal(secret);
  if (text.empty()) throw ConfigError("the signing secret is empty", {}, "/" + secret);
  if (is_asymmetric_key(text)) throw ConfigError("a key of a pair is no shared secret", {}, "/" + secret);
  std::optional<std::string> key = standard_key(text);
  if (!key && text.starts_with("whsec_"))
    throw ConfigError("the signing secret after whsec_ is not base64", {}, "/" + secret);
  return [key = key ? *key : text](std::string_view data) { return hmac_sha256(key, data); };
}

Outcome send_record(const Call& call, const Settings& settings, std::string_view stream,
                    const Record& record) {
  const std::string id = event_id(record.operation_id.empty() ? call.random_hex() : record.operation_id);
  const bool can_look = !settings.read_url.empty();
  try {
    const Response response =
        call.send(signed_request(call, settings, id, event_body(stream, record, call.now_us())));
    return outcome_of(record, response.code(), response.body(), response.retry_after_ms(), can_look);
  } catch (const NoAnswer& none) {
    // Where we cannot look, sending again under the same id is the one way to know, and a safe one.
    if (can_look || !none.maybe_delivered) throw;
    throw NoAnswer(none.status, none.message, false);
  }
}

void send_ping(const Call& call, const Settings& settings) {
  const std::string body =
      "{\"type\":\"huiliu.ping\",\"timestamp\":" + quoted(to_rfc3339(call.now_us())) + ",\"data\":{}}";
  const Response response = call.send(signed_request(call, settings, event_id(call.random_hex()), body));
  const Outcome outcome =
      outcome_of(Record{}, response.code(), response.body(), response.retry_after_ms(), false);
  if (outcome.why)
    throw ConfigError("the site refuses a test event: " + outcome.why->message, outcome.why->remote_code,
                      "/url");
}

}  // namespace huiliu::webhook
