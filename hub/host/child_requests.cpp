#include "hub/host/child_requests.hpp"

#include <huiliu/quota.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "hub/host/core.hpp"
#include "hub/host/records.hpp"

namespace huiliu::host {
namespace {

using wire::Reader;
using wire::Service;
using wire::Writer;
using Taken = ChildCall::Taken;

constexpr std::uint32_t most_log_lines = 10'000;  // of one operation
constexpr std::uint64_t most_random_bytes = 1 << 16;
constexpr std::size_t most_placements = 64;

void append_text(void* ctx, huiliu_str text) noexcept {
  auto& out = *static_cast<std::optional<std::string>*>(ctx);
  if (!out) out.emplace();
  if (text.data != nullptr) out->append(text.data, text.size);
}

void put_status(Writer& out, huiliu_status status) { out.u32(static_cast<std::uint32_t>(status)); }

constexpr std::size_t most_webs = 16;  // of one operation

const huiliu_websocket_1& websocket() {
  return *static_cast<const huiliu_websocket_1*>(host_extension("websocket/1"));
}

}  // namespace

Taken ChildCall::serve(std::string_view request, Writer& reply) {
  Reader in(request);
  const huiliu_host& host = host_table();
  const auto service = static_cast<Service>(in.u32());
  switch (service) {
    case Service::send:
      return send(in, reply);
    case Service::reveal:
    case Service::state_get:
      return text_of(service, in, reply);
    case Service::invalidate: {
      const huiliu_str credential = in.str();
      if (!in.done()) return Taken::garbage;
      put_status(reply, host.http->invalidate(call_, credential));
      return Taken::progress;
    }
    case Service::hmac: {
      std::array<std::uint8_t, 32> digest = {};
      const huiliu_str name = in.str();
      const huiliu_bytes data = in.bytes();
      const bool wanted = in.u32() != 0;
      if (!in.done()) return Taken::garbage;
      const huiliu_status status =
          host.secrets->hmac_sha256(call_, name, data, wanted ? digest.data() : nullptr);
      put_status(reply, status);
      reply.text(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
      return Taken::idle;
    }
    case Service::state_set: {
      const huiliu_str key = in.str();
      const huiliu_str value = in.str();
      if (!in.done()) return Taken::garbage;
      put_status(reply, host.state->set(call_, key, value));
      return Taken::idle;
    }
    case Service::unix_us:
      if (!in.done()) return Taken::garbage;
      reply.i64(host.env->unix_us(call_));
      return Taken::idle;
    case Service::sleep_ms: {
      const std::uint64_t duration = in.u64();
      if (!in.done()) return Taken::garbage;
      put_status(reply, host.env->sleep_ms(call_, duration));
      // Sleeping nothing over and over is no progress.
      return duration > 0 ? Taken::progress : Taken::idle;
    }
    case Service::random: {
      const std::uint64_t size = in.u64();
      if (!in.done() || size > most_random_bytes) return Taken::garbage;
      std::string bytes(size, '\0');
      host.env->random(call_, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
      reply.text(std::string_view(bytes));
      return Taken::idle;
    }
    case Service::checkpoint: {
      const huiliu_bytes cursor = in.bytes();
      if (!in.done() || sinks_.records == nullptr) return Taken::garbage;
      put_status(reply, sinks_.records->checkpoint(sinks_.records->ctx, cursor));
      return Taken::progress;
    }
    case Service::web_open:
      return web_open(in, reply);
    case Service::web_receive:
      return web_receive(in, reply);
    case Service::web_send:
      return web_send(in, reply);
    default:
      return Taken::garbage;
  }
}

ChildCall::~ChildCall() {
  for (const auto& [number, web] : webs_) websocket().close(web);
}

Taken ChildCall::web_open(Reader& in, Writer& reply) {
  const bool usable = in.u32() != 0;
  huiliu_websocket_request request = {};
  request.struct_size = sizeof request;
  request.url = in.str();
  const std::uint32_t claimed = in.u32();
  const bool there = in.u32() != 0;
  const std::vector<huiliu_pair> headers = wire::pairs(in);
  request.connect_timeout_ms = in.u32();
  request.ping_after_ms = in.u32();
  if (!in.done() || (there && claimed < headers.size()) || webs_.size() >= most_webs) return Taken::garbage;
  constexpr std::uint32_t refused_count = 51;
  request.headers = there ? headers.data() : nullptr;
  request.header_count = claimed == headers.size() ? claimed : refused_count;
  huiliu_websocket* web = nullptr;
  const huiliu_status status = websocket().open(call_, usable ? &request : nullptr, &web);
  put_status(reply, status);
  if (status == HUILIU_OK && web != nullptr) webs_[++last_web_] = web;
  reply.u32(last_web_);
  return Taken::progress;
}

Taken ChildCall::web_receive(Reader& in, Writer& reply) {
  const auto web = webs_.find(in.u32());
  const std::uint32_t within_ms = in.u32();
  if (!in.done() || web == webs_.end()) return Taken::garbage;
  huiliu_websocket_message message = {};
  message.struct_size = sizeof message;
  const huiliu_status status = websocket().receive(call_, web->second, within_ms, &message);
  put_status(reply, status);
  reply.u32(static_cast<std::uint32_t>(message.kind));
  reply.text(message.data);
  return within_ms > 0 || message.kind != HUILIU_FRAME_NONE ? Taken::progress : Taken::idle;
}

Taken ChildCall::web_send(Reader& in, Writer& reply) {
  const auto web = webs_.find(in.u32());
  const auto kind = static_cast<std::int32_t>(in.u32());
  const huiliu_bytes data = in.bytes();
  if (!in.done() || web == webs_.end()) return Taken::garbage;
  put_status(reply, websocket().send(call_, web->second, kind, data));
  return Taken::progress;
}

Taken ChildCall::send(Reader& in, Writer& reply) {
  const huiliu_host& host = host_table();
  if (in.u32() == 0) {
    put_status(reply, host.http->send(call_, nullptr, nullptr));
    return in.done() ? Taken::progress : Taken::garbage;
  }
  huiliu_http_request request = {};
  request.struct_size = sizeof request;
  request.flags = in.u32();
  request.method = in.str();
  request.url = in.str();
  const std::uint64_t claimed = in.u64();
  const bool there = in.u32() != 0;
  const std::vector<huiliu_pair> headers = wire::pairs(in);
  request.body = in.bytes();
  request.credential = in.str();
  request.quota = in.str();
  request.idempotency_key = in.str();
  request.quota_cost = in.u32();
  request.timeout_ms = in.u32();
  // A count above what came is one that the service refuses before it looks.
  if (!in.done() || (claimed != headers.size() && there && claimed <= headers.size())) return Taken::garbage;
  constexpr std::size_t refused_count = 201;
  request.headers = there ? headers.data() : nullptr;
  request.header_count = claimed == headers.size() ? headers.size() : refused_count;
  huiliu_http_response response = {};
  response.struct_size = sizeof response;
  const huiliu_status status = host.http->send(call_, &request, &response);
  reply.reserve(response.body.size + 4096);
  put_status(reply, status);
  reply.u32(static_cast<std::uint32_t>(response.code));
  wire::put_pairs(reply, response.headers, response.header_count);
  reply.text(response.body);
  reply.u32(response.attempts);
  reply.u32(response.maybe_delivered);
  reply.i64(response.retry_after_ms);
  reply.text(response.reason);
  if (response.release != nullptr) response.release(&response);
  return Taken::progress;
}

Taken ChildCall::text_of(Service service, Reader& in, Writer& reply) {
  const huiliu_str name = in.str();
  const bool sink_there = in.u32() != 0;
  if (!in.done()) return Taken::garbage;
  std::optional<std::string> text;
  huiliu_text_sink sink = {sizeof sink, 0, &text, &append_text};
  huiliu_text_sink* where = sink_there ? &sink : nullptr;
  const huiliu_host& host = host_table();
  put_status(reply, service == Service::reveal ? host.secrets->reveal(call_, name, where)
                                               : host.state->get(call_, name, where));
  reply.u32(text ? 1 : 0);
  reply.text(std::string_view(text ? *text : std::string()));
  return Taken::idle;
}

Taken ChildCall::note(Service service, std::string_view payload, huiliu_status& status) {
  Reader in(payload);
  const huiliu_host& host = host_table();
  switch (service) {
    case Service::emit:
      return emit(in, status);
    case Service::report:
      return report(in);
    case Service::put_token:
      return token(in);
    case Service::answer:
      return answer(in);
    case Service::log:
      return log(in);
    case Service::fail: {
      const huiliu_failure failure = wire::failure(in);
      if (!in.done()) return Taken::garbage;
      host.calls->fail(call_, &failure);
      return Taken::idle;
    }
    case Service::progress: {
      const std::uint64_t done = in.u64(), total = in.u64();
      if (!in.done()) return Taken::garbage;
      host.calls->progress(call_, done, total);
      return Taken::idle;
    }
    case Service::metric: {
      const huiliu_str name = in.str();
      const double value = in.f64();
      if (!in.done()) return Taken::garbage;
      host.metrics->add(call_, name, value, nullptr, 0);
      return Taken::idle;
    }
    case Service::web_close: {
      const auto web = webs_.find(in.u32());
      if (!in.done() || web == webs_.end()) return Taken::garbage;
      websocket().close(web->second);
      webs_.erase(web);
      return Taken::progress;
    }
    case Service::quota_refused: {
      const huiliu_str quota = in.str();
      const std::int64_t retry_after_ms = in.i64();
      if (!in.done()) return Taken::garbage;
      static_cast<const huiliu_quota_1*>(host_extension("quota/1"))->refused(call_, quota, retry_after_ms);
      return Taken::idle;
    }
    case Service::put_text: {
      const huiliu_str text = in.str();
      if (!in.done() || sinks_.text == nullptr) return Taken::garbage;
      sinks_.text->put(sinks_.text->ctx, text);
      return Taken::idle;
    }
    default:
      return Taken::garbage;
  }
}

Taken ChildCall::emit(Reader& in, huiliu_status& status) {
  const bool readable = in.u32() != 0;
  huiliu_batch batch = {};
  batch.struct_size = in.u32();
  batch.record_stride = in.u32();
  batch.record_count = in.u64();
  const bool there = in.u32() != 0;
  const std::uint64_t bytes = in.u64();
  if (sinks_.records == nullptr) return Taken::garbage;
  if (readable) {
    const wire::Batch page = wire::batch(in);
    if (!in.done()) return Taken::garbage;
    status = sinks_.records->emit(sinks_.records->ctx, &page.batch);
    return Taken::progress;
  }
  // One that the sink refuses; it says why from the same numbers.
  batch.stream = in.str();
  if (!in.done()) return Taken::garbage;
  const bool null = batch.struct_size == 0 && batch.record_count == 0;
  huiliu_record stand_in = {};
  batch.records = there ? &stand_in : nullptr;
  constexpr std::size_t least = HUILIU_FIELD_END(huiliu_record, reserved);
  if (there && batch.record_stride >= least && batch.record_count <= max_page_records) {
    stand_in.body.size = std::max<std::size_t>(bytes, max_page_bytes + 1);
    batch.record_count = 1;
    batch.record_stride = sizeof stand_in;
  }
  batch.struct_size = std::min<std::uint32_t>(batch.struct_size, sizeof batch);
  status = sinks_.records->emit(sinks_.records->ctx, null ? nullptr : &batch);
  return Taken::progress;
}

Taken ChildCall::report(Reader& in) {
  if (sinks_.results == nullptr) return Taken::garbage;
  const std::uint64_t index = in.u64();
  if (in.u32() == 0) {
    if (!in.done()) return Taken::garbage;
    sinks_.results->report(sinks_.results->ctx, index, nullptr);
    return Taken::progress;
  }
  huiliu_result result = {};
  result.struct_size = sizeof result;
  result.outcome = static_cast<huiliu_outcome>(in.u32());
  result.remote_key = in.str();
  result.remote_version = in.str();
  result.remote_body = in.bytes();
  huiliu_failure failure = {};
  if (in.u32() != 0) {
    failure = wire::failure(in);
    result.failure = &failure;
  }
  if (!in.done()) return Taken::garbage;
  sinks_.results->report(sinks_.results->ctx, index, &result);
  return Taken::progress;
}

Taken ChildCall::token(Reader& in) {
  if (sinks_.token == nullptr) return Taken::garbage;
  if (in.u32() == 0) {
    if (!in.done()) return Taken::garbage;
    sinks_.token->put(sinks_.token->ctx, nullptr);
    return Taken::progress;
  }
  huiliu_token token = {};
  token.struct_size = sizeof token;
  token.text = in.str();
  token.expires_at_us = in.i64();
  const std::uint64_t claimed = in.u64();
  token.placement_stride = in.u32();
  const bool readable = in.u32() != 0;
  std::vector<huiliu_placement> placements;
  if (readable) {
    if (claimed > most_placements) return Taken::garbage;
    placements.resize(claimed);
    token.placement_stride = sizeof(huiliu_placement);
  }
  for (huiliu_placement& place : placements) {
    place = {};
    place.host = in.str();
    place.name = in.str();
    place.value = in.str();
    place.kind = static_cast<std::int32_t>(in.u32());
  }
  if (!in.done()) return Taken::garbage;
  // Not readable: null, too many or too short; the sink refuses it before it looks.
  token.placements = readable ? placements.data() : nullptr;
  token.placement_count = claimed;
  sinks_.token->put(sinks_.token->ctx, &token);
  return Taken::progress;
}

Taken ChildCall::answer(Reader& in) {
  if (sinks_.reply == nullptr) return Taken::garbage;
  const auto code = static_cast<std::int32_t>(in.u32());
  const std::uint64_t claimed = in.u64();
  const bool there = in.u32() != 0;
  const std::vector<huiliu_pair> headers = wire::pairs(in);
  const huiliu_bytes body = in.bytes();
  if (!in.done() || (there && claimed < headers.size())) return Taken::garbage;
  constexpr std::size_t refused_count = 101;
  sinks_.reply->answer(sinks_.reply->ctx, code, there ? headers.data() : nullptr,
                       claimed == headers.size() ? headers.size() : refused_count, body);
  return Taken::progress;
}

Taken ChildCall::log(Reader& in) {
  const auto level = static_cast<std::int32_t>(in.u32());
  const huiliu_str text = in.str();
  const std::vector<huiliu_pair> fields = wire::pairs(in);
  if (!in.done()) return Taken::garbage;
  if (log_lines_ > most_log_lines) return Taken::idle;
  if (log_lines_++ == most_log_lines) {
    constexpr std::string_view enough = "the plugin logs without end; no more of it in this operation";
    host_table().log->write(call_, HUILIU_LOG_WARNING, abi_str(enough), nullptr, 0);
    return Taken::idle;
  }
  host_table().log->write(call_, level, text, fields.data(), fields.size());
  return Taken::idle;
}

}  // namespace huiliu::host
