#include "hub/host/child/services.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace huiliu::host::child {
namespace {

using wire::Reader;
using wire::Service;
using wire::Writer;

constexpr std::size_t most_headers = 200;  // the host refuses more; so many more need not travel
constexpr std::size_t page_limit = 1000;   // the host refuses a larger page; it need not travel
constexpr std::size_t random_chunk = 1 << 16;

Link* the_link = nullptr;

huiliu_call& of(void* ctx) noexcept { return *static_cast<huiliu_call*>(ctx); }

// A service that only answers with a status.
huiliu_status status_of(const wire::Frame& reply) {
  return static_cast<huiliu_status>(Reader(reply.payload).u32());
}

// A struct of the plugin's as far as it reaches; false when it is null or shorter than `least`.
template <class T>
bool taken(const T* from, std::size_t least, T& to) noexcept {
  to = T{};
  if (from == nullptr || from->struct_size < least) return false;
  std::memcpy(&to, from, std::min<std::size_t>(from->struct_size, sizeof to));
  to.struct_size = static_cast<std::uint32_t>(std::min<std::size_t>(from->struct_size, sizeof to));
  return true;
}

// ---- calls, log, env, metrics ----

std::int32_t cancelled(huiliu_call* call) noexcept { return call->cancelled ? 1 : 0; }

void fail(huiliu_call* call, const huiliu_failure* in) noexcept {
  huiliu_failure failure;
  if (!taken(in, HUILIU_FIELD_END(huiliu_failure, retry_after_ms), failure))
    failure = {sizeof failure, in == nullptr ? HUILIU_BUG : in->status, {}, {}, {}, -1};
  Writer out;
  wire::put_failure(out, failure);
  the_link->note(call->id, Service::fail, out);
}

void progress(huiliu_call* call, std::uint64_t done, std::uint64_t total) noexcept {
  Writer out;
  out.u64(done);
  out.u64(total);
  the_link->note(call->id, Service::progress, out);
}

void log(huiliu_call* call, std::int32_t level, huiliu_str text, const huiliu_pair* fields,
         std::size_t count) noexcept {
  constexpr std::size_t most_fields = 32;
  Writer out;
  out.u32(static_cast<std::uint32_t>(level));
  out.text(text);
  wire::put_pairs(out, fields, std::min(count, most_fields));
  the_link->note(call->id, Service::log, out);
}

std::int64_t unix_us(huiliu_call* call) noexcept {
  return Reader(the_link->ask(call->id, Service::unix_us, {}).payload).i64();
}

huiliu_status sleep_ms(huiliu_call* call, std::uint64_t duration) noexcept {
  Writer out;
  out.u64(duration);
  return status_of(the_link->ask(call->id, Service::sleep_ms, out));
}

void random(huiliu_call* call, std::uint8_t* into, std::size_t size) noexcept {
  if (into == nullptr) return;
  while (size > 0) {
    const std::size_t part = std::min(size, random_chunk);
    Writer out;
    out.u64(part);
    const wire::Frame reply = the_link->ask(call->id, Service::random, out);
    Reader in(reply.payload);
    const std::string_view bytes = in.text();
    std::memcpy(into, bytes.data(), std::min(part, bytes.size()));
    into += part;
    size -= part;
  }
}

void add_metric(huiliu_call* call, huiliu_str name, double value, const huiliu_pair*, std::size_t) noexcept {
  Writer out;
  out.text(name);
  out.f64(value);
  the_link->note(call->id, Service::metric, out);
}

// ---- http ----

struct Lent {
  wire::Frame reply;
  std::vector<huiliu_pair> headers;
};

void release(huiliu_http_response* response) noexcept {
  delete static_cast<Lent*>(response->owner);
  response->owner = nullptr;
  response->release = nullptr;
}

Writer put_request(const huiliu_http_request& request) {
  Writer out;
  out.reserve(request.body.size + 4096);
  out.u32(1);
  out.u32(request.flags);
  out.text(request.method);
  out.text(request.url);
  out.u64(request.header_count);
  out.u32(request.headers == nullptr ? 0 : 1);
  wire::put_pairs(out, request.headers, std::min(request.header_count, most_headers));
  out.text(request.body);
  out.text(request.credential);
  out.text(request.quota);
  out.text(request.idempotency_key);
  out.u32(request.quota_cost);
  out.u32(request.timeout_ms);
  return out;
}

huiliu_status send(huiliu_call* call, const huiliu_http_request* in, huiliu_http_response* out) noexcept {
  huiliu_http_request request;
  const bool usable = out != nullptr && out->struct_size >= HUILIU_FIELD_END(huiliu_http_response, owner) &&
                      taken(in, HUILIU_FIELD_END(huiliu_http_request, timeout_ms), request);
  if (!usable) {
    Writer nothing;
    nothing.u32(0);
    return status_of(the_link->ask(call->id, Service::send, nothing));
  }
  auto lent = std::make_unique<Lent>();
  lent->reply = the_link->ask(call->id, Service::send, put_request(request));
  Reader answer(lent->reply.payload);
  const auto status = static_cast<huiliu_status>(answer.u32());
  huiliu_http_response full = {};
  full.struct_size = out->struct_size;
  full.code = static_cast<std::int32_t>(answer.u32());
  lent->headers = wire::pairs(answer);
  full.headers = lent->headers.data();
  full.header_count = lent->headers.size();
  full.body = answer.bytes();
  full.attempts = answer.u32();
  full.maybe_delivered = answer.u32();
  full.retry_after_ms = answer.i64();
  full.reason = answer.str();
  full.release = &release;
  full.owner = lent.release();
  std::memcpy(out, &full, std::min<std::size_t>(out->struct_size, sizeof full));
  return status;
}

huiliu_status invalidate(huiliu_call* call, huiliu_str credential) noexcept {
  Writer out;
  out.text(credential);
  return status_of(the_link->ask(call->id, Service::invalidate, out));
}

// ---- secrets, state ----

huiliu_status ask_text(huiliu_call* call, Service service, huiliu_str name, huiliu_text_sink* sink) {
  Writer out;
  out.text(name);
  out.u32(sink != nullptr && sink->put != nullptr ? 1 : 0);
  const wire::Frame reply = the_link->ask(call->id, service, out);
  Reader in(reply.payload);
  const auto status = static_cast<huiliu_status>(in.u32());
  const bool there = in.u32() != 0;
  const huiliu_str text = in.str();
  if (status == HUILIU_OK && there && sink != nullptr && sink->put != nullptr) sink->put(sink->ctx, text);
  return status;
}

huiliu_status reveal(huiliu_call* call, huiliu_str name, huiliu_text_sink* sink) noexcept {
  return ask_text(call, Service::reveal, name, sink);
}

huiliu_status hmac_sha256(huiliu_call* call, huiliu_str name, huiliu_bytes data,
                          std::uint8_t out[32]) noexcept {
  Writer asked;
  asked.text(name);
  asked.text(data);
  asked.u32(out != nullptr ? 1 : 0);
  const wire::Frame reply = the_link->ask(call->id, Service::hmac, asked);
  Reader in(reply.payload);
  const auto status = static_cast<huiliu_status>(in.u32());
  const std::string_view digest = in.text();
  if (status == HUILIU_OK && out != nullptr && digest.size() == 32) std::memcpy(out, digest.data(), 32);
  return status;
}

huiliu_status state_get(huiliu_call* call, huiliu_str key, huiliu_text_sink* sink) noexcept {
  return ask_text(call, Service::state_get, key, sink);
}

huiliu_status state_set(huiliu_call* call, huiliu_str key, huiliu_str value) noexcept {
  Writer out;
  out.text(key);
  out.text(value);
  return status_of(the_link->ask(call->id, Service::state_set, out));
}

// ---- extensions: the tables stand in extensions.cpp ----

const void* extension_named(const huiliu_host*, huiliu_str id) noexcept {
  return id.data == nullptr ? nullptr : extension({id.data, id.size});
}

// ---- sinks ----

huiliu_status ended(const huiliu_call& call) noexcept {
  return call.refused != HUILIU_OK ? call.refused.load() : call.cancelled ? HUILIU_CANCELLED : HUILIU_OK;
}

// Goes as it is when the host would take it; else only what tells the host what is wrong with it.
Writer put_page(const huiliu_batch* in) {
  huiliu_batch batch;
  const bool whole = taken(in, HUILIU_FIELD_END(huiliu_batch, record_count), batch);
  std::size_t bytes = 0;
  bool readable =
      whole && batch.record_count <= page_limit &&
      (batch.record_count == 0 ||
       (batch.records != nullptr && batch.record_stride >= HUILIU_FIELD_END(huiliu_record, reserved)));
  std::uint64_t texts = 0;
  if (readable) {
    const auto* base = reinterpret_cast<const unsigned char*>(batch.records);
    for (std::size_t i = 0; i < batch.record_count; ++i) {
      huiliu_record record;
      std::memcpy(&record, base + i * batch.record_stride,
                  std::min<std::size_t>(batch.record_stride, sizeof record));
      bytes += record.body.size;
      texts += record.key.size + record.version.size + record.operation_id.size + record.base.size;
    }
    readable = bytes + texts <= wire::max_frame_bytes / 2;
  }
  Writer out;
  out.reserve(readable ? bytes + texts + 64 * batch.record_count + 256 : 256);
  out.u32(readable ? 1 : 0);
  out.u32(in == nullptr ? 0 : in->struct_size);
  out.u32(batch.record_stride);
  out.u64(batch.record_count);
  out.u32(batch.records == nullptr ? 0 : 1);
  out.u64(bytes + texts);
  if (readable) {
    wire::put_batch(out, batch);
  } else {
    out.text(batch.stream);
  }
  return out;
}

huiliu_status emit(void* ctx, const huiliu_batch* batch) noexcept {
  huiliu_call& call = of(ctx);
  if (const huiliu_status status = ended(call); status != HUILIU_OK) return status;
  the_link->note(call.id, Service::emit, put_page(batch));
  return ended(call);
}

huiliu_status checkpoint(void* ctx, huiliu_bytes cursor) noexcept {
  huiliu_call& call = of(ctx);
  Writer out;
  out.text(cursor);
  return status_of(the_link->ask(call.id, Service::checkpoint, out));
}

void report(void* ctx, std::size_t index, const huiliu_result* in) noexcept {
  huiliu_result result;
  const bool usable = taken(in, HUILIU_FIELD_END(huiliu_result, failure), result);
  Writer out;
  out.u64(index);
  out.u32(usable ? 1 : 0);
  if (usable) {
    out.u32(static_cast<std::uint32_t>(result.outcome));
    out.text(result.remote_key);
    out.text(result.remote_version);
    out.text(result.remote_body);
    huiliu_failure failure;
    const bool why = taken(result.failure, HUILIU_FIELD_END(huiliu_failure, retry_after_ms), failure);
    // Shorter than any host knows: only its status can be believed.
    if (!why && result.failure != nullptr) failure = {sizeof failure, HUILIU_DATA, {}, {}, {}, -1};
    out.u32(result.failure != nullptr ? 1 : 0);
    if (result.failure != nullptr) wire::put_failure(out, failure);
  }
  the_link->note(of(ctx).id, Service::report, out);
}

void put_text(void* ctx, huiliu_str text) noexcept {
  Writer out;
  out.text(text);
  the_link->note(of(ctx).id, Service::put_text, out);
}

void put_token(void* ctx, const huiliu_token* in) noexcept {
  constexpr std::size_t most_placements = 64;
  huiliu_token token;
  const bool usable = taken(in, HUILIU_FIELD_END(huiliu_token, placement_count), token);
  Writer out;
  out.u32(usable ? 1 : 0);
  if (usable) {
    out.text(token.text);
    out.i64(token.expires_at_us);
    const bool readable = token.placements != nullptr && token.placement_count <= most_placements &&
                          token.placement_stride >= HUILIU_FIELD_END(huiliu_placement, reserved);
    out.u64(token.placement_count);
    out.u32(token.placement_stride);
    out.u32(readable ? 1 : 0);
    const auto* base = reinterpret_cast<const unsigned char*>(token.placements);
    for (std::size_t i = 0; readable && i < token.placement_count; ++i) {
      huiliu_placement place = {};
      std::memcpy(&place, base + i * token.placement_stride,
                  std::min<std::size_t>(token.placement_stride, sizeof place));
      out.text(place.host);
      out.text(place.name);
      out.text(place.value);
      out.u32(static_cast<std::uint32_t>(place.kind));
    }
  }
  the_link->note(of(ctx).id, Service::put_token, out);
}

void answer(void* ctx, std::int32_t code, const huiliu_pair* headers, std::size_t count,
            huiliu_bytes body) noexcept {
  constexpr std::size_t most = 100;
  Writer out;
  out.u32(static_cast<std::uint32_t>(code));
  out.u64(count);
  out.u32(headers == nullptr ? 0 : 1);
  wire::put_pairs(out, headers, std::min(count, most));
  out.text(body);
  the_link->note(of(ctx).id, Service::answer, out);
}

constexpr huiliu_calls calls_table = {sizeof calls_table, 0, &cancelled, &fail, &progress};
constexpr huiliu_log log_table = {sizeof log_table, 0, &log};
constexpr huiliu_env env_table = {sizeof env_table, 0, &unix_us, &sleep_ms, &random};
constexpr huiliu_http http_table = {sizeof http_table, 0, &send, &invalidate};
constexpr huiliu_secrets secrets_table = {sizeof secrets_table, 0, &reveal, &hmac_sha256};
constexpr huiliu_state state_table = {sizeof state_table, 0, &state_get, &state_set};
constexpr huiliu_metrics metrics_table = {sizeof metrics_table, 0, &add_metric};
constexpr huiliu_host services = {sizeof services, HUILIU_ABI_MINOR, {"huiliu", 6},  {"0.1.0", 5},
                                  &calls_table,    &log_table,       &env_table,     &http_table,
                                  &secrets_table,  &state_table,     &metrics_table, &extension_named};

}  // namespace

void use_link(Link& link) noexcept { the_link = &link; }
Link& used_link() noexcept { return *the_link; }
const huiliu_host& host_table() noexcept { return services; }

huiliu_record_sink record_sink(huiliu_call& call) noexcept {
  return {sizeof(huiliu_record_sink), 0, &call, &emit, &checkpoint};
}
huiliu_result_sink result_sink(huiliu_call& call) noexcept {
  return {sizeof(huiliu_result_sink), 0, &call, &report};
}
huiliu_text_sink text_sink(huiliu_call& call) noexcept {
  return {sizeof(huiliu_text_sink), 0, &call, &put_text};
}
huiliu_token_sink token_sink(huiliu_call& call) noexcept {
  return {sizeof(huiliu_token_sink), 0, &call, &put_token};
}
huiliu_web_reply web_reply(huiliu_call& call) noexcept {
  return {sizeof(huiliu_web_reply), 0, &call, &answer};
}

}  // namespace huiliu::host::child
