// The host services: the functions behind huiliu_host, as plugins call them. Everything that comes in is
// outside input; no exception goes out.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstring>

#include "hub/host/core.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;

constexpr std::size_t max_request_headers = 200;
constexpr std::size_t max_request_bytes = std::size_t{64} << 20;
constexpr std::size_t max_url_bytes = 64 * 1024;
constexpr std::size_t max_state_key_bytes = 256;
constexpr std::size_t max_state_value_bytes = 64 * 1024;
constexpr std::size_t max_log_fields = 32;
constexpr std::size_t max_log_bytes = 8 * 1024;
constexpr std::uint64_t max_plugin_sleep_ms = 3600 * 1000;

// An exception in a service is the host's own fault; the operation ends with it.
template <class F>
huiliu_status shielded(huiliu_call* call, F&& service) noexcept {
  try {
    return service();
  } catch (const std::exception& error) {
    try {
      call->break_with(
          model::make_error(ErrorClass::bug, std::string("a host service failed: ") + error.what()));
    } catch (...) {  // Not even memory for the message: the status alone must do.
      return HUILIU_BUG;
    }
    return HUILIU_BUG;
  }
}

// Remembers why a service refused, as the reason of the status that the plugin is about to return.
huiliu_status refused(huiliu_call* call, const model::Error& error) {
  const std::lock_guard lock(call->mutex);
  call->refusal = error;
  return status_of(error);
}

huiliu_status refused(huiliu_call* call, ErrorClass error_class, std::string message) {
  return refused(call, model::make_error(error_class, std::move(message)));
}

// A service that may refuse; what watches over the operation may do so first.
template <class F>
huiliu_status served(huiliu_call* call, const char* name, F&& service) noexcept {
  return shielded(call, [&]() -> huiliu_status {
    if (call->options.before_service)
      if (const model::Status allowed = call->options.before_service(name); !allowed.ok())
        return refused(call, allowed.error());
    return service();
  });
}

// ---- calls, log, env, metrics ----

std::int32_t call_cancelled(huiliu_call* call) noexcept { return call->stop.stop_requested() ? 1 : 0; }

void call_fail(huiliu_call* call, const huiliu_failure* failure) noexcept {
  shielded(call, [&] {
    model::Error error = error_of(failure == nullptr ? HUILIU_BUG : failure->status, failure);
    const std::lock_guard lock(call->mutex);
    call->failure = std::move(error);
    return HUILIU_OK;
  });
}

void call_progress(huiliu_call* call, std::uint64_t done, std::uint64_t total) noexcept {
  shielded(call, [&] {
    if (call->options.progress) call->options.progress(done, total);
    return HUILIU_OK;
  });
}

std::string log_text(huiliu_str text) {
  std::string out;
  if (!take_text(text, out)) return "(null)";
  if (out.size() > max_log_bytes) out = out.substr(0, max_log_bytes) + "…";
  if (!model::is_utf8(out))
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return out;
}

void log_write(huiliu_call* call, std::int32_t level, huiliu_str text, const huiliu_pair* fields,
               std::size_t count) noexcept {
  shielded(call, [&] {
    LogLine line = {
        static_cast<LogLevel>(std::clamp(level, 1, 4)), call->core.connection, log_text(text), {}};
    for (std::size_t i = 0; fields != nullptr && i < std::min(count, max_log_fields); ++i)
      line.fields.emplace_back(log_text(fields[i].name), log_text(fields[i].value));
    call->core.host.log(std::move(line));
    return HUILIU_OK;
  });
}

std::int64_t env_unix_us(huiliu_call* call) noexcept { return call->core.host.environment().now(); }

huiliu_status env_sleep_ms(huiliu_call* call, std::uint64_t duration_ms) noexcept {
  return served(call, "sleep", [&] {
    const auto duration = static_cast<model::Micros>(std::min(duration_ms, max_plugin_sleep_ms)) * 1000;
    return call->core.host.environment().sleep(duration, call->stop) ? HUILIU_OK : HUILIU_CANCELLED;
  });
}

void env_random(huiliu_call* call, std::uint8_t* out, std::size_t size) noexcept {
  shielded(call, [&] {
    if (out != nullptr) call->core.host.environment().random({out, size});
    return HUILIU_OK;
  });
}

void metrics_add(huiliu_call* call, huiliu_str name, double value, const huiliu_pair*, std::size_t) noexcept {
  shielded(call, [&] {
    const auto& metric = call->core.host.options().metric;
    if (metric) metric(call->core.connection, log_text(name), value);
    return HUILIU_OK;
  });
}

// ---- http ----

bool is_http_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && std::strchr("()<>@,;:\\\"/[]?={}", c) == nullptr;
  });
}

bool is_field_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// These belong to the transport; a plugin that sets them could smuggle a second request.
bool is_transport_header(std::string_view name) {
  return same_header_name(name, "Content-Length") || same_header_name(name, "Transfer-Encoding") ||
         same_header_name(name, "Connection") || same_header_name(name, "Expect") ||
         same_header_name(name, "Host");
}

model::Result<HttpRequest> read_request(const huiliu_http_request& raw) {
  const auto wrong = [](std::string message) {
    return model::make_error(ErrorClass::bug, "the plugin sends " + std::move(message));
  };
  HttpRequest out;
  if (!take_text(raw.method, out.method) || !is_http_token(out.method))
    return wrong("a request without a method");
  if (!take_text(raw.url, out.url) || out.url.size() > max_url_bytes)
    return wrong("a URL that is null or too long");
  if (!take_bytes(raw.body, out.body) || out.body.size() > max_request_bytes)
    return wrong("a body that is null or larger than " + std::to_string(max_request_bytes >> 20) + " MiB");
  if (raw.header_count > max_request_headers || (raw.header_count > 0 && raw.headers == nullptr))
    return wrong("headers that are null or too many");
  for (std::size_t i = 0; i < raw.header_count; ++i) {
    std::string name, value;
    if (!take_text(raw.headers[i].name, name) || !is_http_token(name))
      return wrong("a header without a usable name");
    if (!take_text(raw.headers[i].value, value) || !is_field_value(value))
      return wrong("the header " + name + " with a line break");
    if (is_transport_header(name)) return wrong("the header " + name + ", which is the host's");
    out.headers.emplace_back(std::move(name), std::move(value));
  }
  out.url = out.url.substr(0, out.url.find('#'));
  out.timeout = static_cast<model::Micros>(raw.timeout_ms) * 1000;
  out.repeatable = (raw.flags & HUILIU_HTTP_IDEMPOTENT) != 0 || raw.idempotency_key.size > 0 ||
                   is_idempotent_method(out.method);
  return out;
}

// An answer on loan to the plugin.
struct LentAnswer {
  HttpAnswer answer;
  std::vector<huiliu_pair> headers;
};

void release_answer(huiliu_http_response* response) noexcept {
  delete static_cast<LentAnswer*>(response->owner);
  response->owner = nullptr;
  response->release = nullptr;
}

void lend(HttpAnswer answer, huiliu_http_response* out) {
  auto lent = std::make_unique<LentAnswer>();
  lent->answer = std::move(answer);
  for (const auto& [name, value] : lent->answer.headers)
    lent->headers.push_back({abi_str(name), abi_str(value)});
  huiliu_http_response full = {};
  full.struct_size = out->struct_size;
  full.code = lent->answer.code;
  full.headers = lent->headers.data();
  full.header_count = lent->headers.size();
  full.body = abi_bytes(lent->answer.body);
  full.attempts = lent->answer.attempts;
  full.maybe_delivered = lent->answer.maybe_delivered ? 1 : 0;
  full.retry_after_ms = lent->answer.retry_after_ms;
  full.reason = abi_str(lent->answer.reason);
  full.release = &release_answer;
  full.owner = lent.release();
  std::memcpy(out, &full, std::min<std::size_t>(out->struct_size, sizeof full));
}

// For logs and messages: without the query, which may hold keys.
std::string short_url(const std::string& url) { return url.substr(0, url.find_first_of("?#")); }

model::Result<Outgoing> outgoing_for(huiliu_call* call, const huiliu_http_request& raw,
                                     TokenCache::Lease& lease) {
  InstanceCore& core = call->core;
  Outgoing out;
  HUILIU_ASSIGN(out.request, read_request(raw));
  HUILIU_ASSIGN(const Origin origin, origin_of(out.request.url));
  if (!any_fits(core.hosts, origin))
    return model::make_error(ErrorClass::config, "the manifest does not allow requests to " + origin.text());
  out.request.network = core.network;
  out.may_retry = (raw.flags & HUILIU_HTTP_NO_RETRY) == 0;
  std::string credential, quota;
  if (!take_text(raw.credential, credential) || !take_text(raw.quota, quota))
    return model::make_error(ErrorClass::bug, "the plugin sends a request with a null text");
  if (!quota.empty()) {
    const auto found = core.quotas.find(quota);
    if (found == core.quotas.end())
      return model::make_error(ErrorClass::config, "the manifest has no quota " + quota);
    out.quota = found->second.name;
    out.limits = found->second.limits;
    out.cost = std::max(raw.quota_cost, 1U);
    out.priority = call->options.priority;
    const std::lock_guard lock(call->mutex);
    call->last_quota = out.quota;
  }
  if (!credential.empty())
    out.place = [call, credential, &lease](HttpRequest& request) {
      return place_credential(*call, credential, request, lease);
    };
  if (core.host.options().watch_request)
    out.watch = [&core](const HttpRequest& request) {
      core.host.options().watch_request(core.connection, request);
    };
  return out;
}

void log_exchange(const InstanceCore& core, const HttpRequest& request, const HttpAnswer& answer) {
  core.host.log({LogLevel::debug,
                 core.connection,
                 request.method + " " + short_url(request.url),
                 {{"code", std::to_string(answer.code)},
                  {"attempts", std::to_string(answer.attempts)},
                  {"bytes", std::to_string(answer.body.size())},
                  {"reason", answer.reason}}});
}

huiliu_status http_send(huiliu_call* call, const huiliu_http_request* in,
                        huiliu_http_response* out) noexcept {
  return shielded(call, [&]() -> huiliu_status {
    huiliu_http_request raw = {};
    if (out == nullptr || out->struct_size < HUILIU_FIELD_END(huiliu_http_response, owner) ||
        !copy_sized(in, HUILIU_FIELD_END(huiliu_http_request, timeout_ms), raw))
      return refused(call, ErrorClass::bug,
                     "the plugin sends a request or response that is null or too short");
    TokenCache::Lease lease;
    const model::Status allowed =
        call->options.before_service ? call->options.before_service("send") : model::Status();
    auto outgoing = allowed.ok() ? outgoing_for(call, raw, lease) : model::Result<Outgoing>(allowed.error());
    if (!outgoing) {
      lend(HttpAnswer::none(outgoing.error().error_class, outgoing.error().message), out);
      return refused(call, outgoing.error());
    }
    HttpAnswer answer = call->core.host.http().send(*outgoing, call->stop);
    log_exchange(call->core, outgoing->request, answer);
    if (answer.answered()) {
      lend(std::move(answer), out);
      return HUILIU_OK;
    }
    model::Error error =
        answer.unsent
            ? *answer.unsent
            : model::make_error(answer.failure, outgoing->request.method + " " +
                                                    short_url(outgoing->request.url) + ": " + answer.reason);
    error.retry_after_ms = answer.retry_after_ms;
    answer.reason = call->core.host.redactor().redact(error.message);
    lend(std::move(answer), out);
    return refused(call, error);
  });
}

huiliu_status http_invalidate(huiliu_call* call, huiliu_str credential) noexcept {
  return served(call, "invalidate", [&]() -> huiliu_status {
    std::string name;
    if (!take_text(credential, name)) return refused(call, ErrorClass::bug, "a null credential name");
    const model::Status done = invalidate_token(*call, name);
    return done.ok() ? HUILIU_OK : refused(call, done.error());
  });
}

// ---- secrets ----

// Null, with the reason noted, unless this secret is configured.
const std::string* find_secret(huiliu_call* call, huiliu_str name, huiliu_status& status) {
  std::string wanted;
  if (!take_text(name, wanted)) wanted.clear();
  const auto known = secret_names(call->core.connector->manifest.settings);
  if (std::find(known.begin(), known.end(), wanted) == known.end()) {
    status = refused(call, ErrorClass::unsupported, "the manifest has no secret " + wanted);
    return nullptr;
  }
  const auto found = call->core.secrets.find(wanted);
  if (found != call->core.secrets.end()) return &found->second;
  status = refused(call, model::make_error(ErrorClass::config, "the secret " + wanted + " is not configured",
                                           "/" + wanted));
  return nullptr;
}

huiliu_status secrets_reveal(huiliu_call* call, huiliu_str name, huiliu_text_sink* out) noexcept {
  return served(call, "reveal", [&]() -> huiliu_status {
    huiliu_status status = HUILIU_OK;
    const std::string* secret = find_secret(call, name, status);
    if (secret == nullptr) return status;
    const std::string wanted(name.data, name.size);
    const auto& credentials = call->core.connector->manifest.credentials;
    const bool allowed = std::any_of(credentials.begin(), credentials.end(),
                                     [&](const auto& entry) { return entry.second.reveal.contains(wanted); });
    if (!allowed)
      return refused(call, ErrorClass::unsupported,
                     "the manifest does not let the plugin see the secret " + wanted);
    if (out == nullptr || out->put == nullptr) return refused(call, ErrorClass::bug, "a null sink");
    out->put(out->ctx, abi_str(*secret));
    return HUILIU_OK;
  });
}

huiliu_status secrets_hmac_sha256(huiliu_call* call, huiliu_str name, huiliu_bytes data,
                                  std::uint8_t out[32]) noexcept {
  return served(call, "hmac", [&]() -> huiliu_status {
    huiliu_status status = HUILIU_OK;
    const std::string* secret = find_secret(call, name, status);
    if (secret == nullptr) return status;
    if (out == nullptr || (data.data == nullptr && data.size > 0))
      return refused(call, ErrorClass::bug, "null data");
    unsigned int size = 0;
    const std::uint8_t none = 0;
    if (HMAC(EVP_sha256(), secret->data(), static_cast<int>(secret->size()),
             data.size > 0 ? data.data : &none, data.size, out, &size) == nullptr ||
        size != 32)
      return refused(call, ErrorClass::bug, "HMAC-SHA256 failed");
    return HUILIU_OK;
  });
}

// ---- state ----

bool state_key(huiliu_str key, std::string& out) {
  return take_text(key, out) && !out.empty() && out.size() <= max_state_key_bytes && model::is_utf8(out);
}

huiliu_status state_get(huiliu_call* call, huiliu_str key, huiliu_text_sink* out) noexcept {
  return served(call, "state get", [&]() -> huiliu_status {
    std::string name;
    if (!state_key(key, name) || out == nullptr || out->put == nullptr)
      return refused(call, ErrorClass::bug, "a state key or sink that is not usable");
    std::optional<std::string> value;
    bool staged = false;
    {
      const std::lock_guard lock(call->mutex);
      const auto found = call->staged.find(name);
      staged = found != call->staged.end();
      if (staged) value = found->second;
    }
    if (!staged) {
      auto stored = call->core.state->get(name);
      if (!stored) return refused(call, stored.error());
      value = std::move(*stored);
    }
    if (value) out->put(out->ctx, abi_str(*value));
    return HUILIU_OK;
  });
}

huiliu_status state_set(huiliu_call* call, huiliu_str key, huiliu_str value) noexcept {
  return served(call, "state set", [&]() -> huiliu_status {
    std::string name;
    if (!state_key(key, name) || value.size > max_state_value_bytes ||
        (value.data == nullptr && value.size > 0))
      return refused(call, ErrorClass::bug, "a state key or value that is not usable or too long");
    const std::lock_guard lock(call->mutex);
    if (value.data == nullptr)
      call->staged[name] = std::nullopt;
    else
      call->staged[name] = std::string(value.data, value.size);
    return HUILIU_OK;
  });
}

const void* extension_named(const huiliu_host*, huiliu_str id) noexcept {
  return id.data == nullptr ? nullptr : host_extension({id.data, id.size});
}

constexpr huiliu_calls calls_table = {sizeof calls_table, 0, &call_cancelled, &call_fail, &call_progress};
constexpr huiliu_log log_table = {sizeof log_table, 0, &log_write};
constexpr huiliu_env env_table = {sizeof env_table, 0, &env_unix_us, &env_sleep_ms, &env_random};
constexpr huiliu_http http_table = {sizeof http_table, 0, &http_send, &http_invalidate};
constexpr huiliu_secrets secrets_table = {sizeof secrets_table, 0, &secrets_reveal, &secrets_hmac_sha256};
constexpr huiliu_state state_table = {sizeof state_table, 0, &state_get, &state_set};
constexpr huiliu_metrics metrics_table = {sizeof metrics_table, 0, &metrics_add};
constexpr huiliu_host services = {sizeof services, HUILIU_ABI_MINOR, {"huiliu", 6},  {"0.1.0", 5},
                                  &calls_table,    &log_table,       &env_table,     &http_table,
                                  &secrets_table,  &state_table,     &metrics_table, &extension_named};

}  // namespace

const huiliu_host& host_table() noexcept { return services; }

}  // namespace huiliu::host
