// The host's extensions as a plugin in a child process sees them.
#include <huiliu/quota.h>
#include <huiliu/websocket.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "hub/host/child/services.hpp"

// A connection that the host holds.
struct huiliu_websocket {
  std::uint32_t call = 0;  // the operation that opened it
  std::uint32_t number = 0;
  huiliu::host::wire::Frame message;  // lent to the plugin until the next call
};

namespace huiliu::host::child {
namespace {

using wire::Reader;
using wire::Service;
using wire::Writer;

constexpr std::size_t most_headers = 50;  // the host refuses more; so many more need not travel

huiliu_status open(huiliu_call* call, const huiliu_websocket_request* in, huiliu_websocket** out) noexcept {
  huiliu_websocket_request request = {};
  const bool usable = out != nullptr && in != nullptr &&
                      in->struct_size >= HUILIU_FIELD_END(huiliu_websocket_request, ping_after_ms);
  if (usable) std::memcpy(&request, in, std::min<std::size_t>(in->struct_size, sizeof request));
  Writer asked;
  asked.u32(usable ? 1 : 0);
  asked.text(request.url);
  asked.u32(request.header_count);
  asked.u32(request.headers == nullptr ? 0 : 1);
  wire::put_pairs(asked, request.headers, std::min<std::size_t>(request.header_count, most_headers));
  asked.u32(request.connect_timeout_ms);
  asked.u32(request.ping_after_ms);
  const wire::Frame reply = used_link().ask(call->id, Service::web_open, asked);
  Reader answer(reply.payload);
  const auto status = static_cast<huiliu_status>(answer.u32());
  if (status != HUILIU_OK) return status;
  auto opened = std::make_unique<huiliu_websocket>();
  opened->call = call->id;
  opened->number = answer.u32();
  *out = opened.release();
  return HUILIU_OK;
}

huiliu_status receive(huiliu_call* call, huiliu_websocket* web, std::uint32_t within_ms,
                      huiliu_websocket_message* out) noexcept {
  Writer asked;
  asked.u32(web == nullptr ? 0 : web->number);
  asked.u32(within_ms);
  wire::Frame reply = used_link().ask(call->id, Service::web_receive, asked);
  if (web == nullptr || out == nullptr) return HUILIU_BUG;
  web->message = std::move(reply);
  Reader answer(web->message.payload);
  const auto status = static_cast<huiliu_status>(answer.u32());
  huiliu_websocket_message full = {};
  full.struct_size = out->struct_size;
  full.kind = static_cast<std::int32_t>(answer.u32());
  full.data = answer.bytes();
  if (status == HUILIU_OK) std::memcpy(out, &full, std::min<std::size_t>(out->struct_size, sizeof full));
  return status;
}

huiliu_status send(huiliu_call* call, huiliu_websocket* web, std::int32_t kind, huiliu_bytes data) noexcept {
  Writer asked;
  asked.u32(web == nullptr ? 0 : web->number);
  asked.u32(static_cast<std::uint32_t>(kind));
  asked.text(data);
  const wire::Frame reply = used_link().ask(call->id, Service::web_send, asked);
  return static_cast<huiliu_status>(Reader(reply.payload).u32());
}

void close(huiliu_websocket* web) noexcept {
  if (web == nullptr) return;
  Writer told;
  told.u32(web->number);
  used_link().note(web->call, Service::web_close, told);
  delete web;
}

void refused(huiliu_call* call, huiliu_str quota, std::int64_t retry_after_ms) noexcept {
  Writer told;
  told.text(quota);
  told.i64(retry_after_ms);
  used_link().note(call->id, Service::quota_refused, told);
}

constexpr huiliu_websocket_1 websocket_table = {sizeof websocket_table, 0, &open, &receive, &send, &close};
constexpr huiliu_quota_1 quota_table = {sizeof quota_table, 0, &refused};

}  // namespace

const void* extension(std::string_view id) noexcept {
  if (id == "websocket/1") return &websocket_table;
  if (id == "quota/1") return &quota_table;
  return nullptr;
}

}  // namespace huiliu::host::child
