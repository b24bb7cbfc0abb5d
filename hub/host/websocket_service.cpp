// The extension "websocket/1" (sdk/include/huiliu/websocket.h): checks what a plugin asks for, and lets
// websocket.cpp do it.
#include <algorithm>
#include <cstring>

#include "hub/host/core.hpp"
#include "hub/host/websocket.hpp"
#include "huiliu/websocket.h"

struct huiliu_websocket {
  std::unique_ptr<huiliu::host::WebSocket> socket;
  std::string message;  // lent to the plugin until the next call
};

namespace huiliu::host {
namespace {

using model::ErrorClass;

constexpr std::size_t most_headers = 50;
constexpr std::size_t longest_url = 16 * 1024;

huiliu_status refuse_socket(huiliu_call* call, const model::Error& error) {
  const std::lock_guard lock(call->mutex);
  call->refusal = error;
  return status_of(error);
}

template <class F>
huiliu_status socket_call(huiliu_call* call, F&& service) noexcept {
  try {
    const model::Status done = service();
    return done.ok() ? HUILIU_OK : refuse_socket(call, done.error());
  } catch (const std::exception& error) {
    call->break_with(
        model::make_error(ErrorClass::bug, std::string("a host service failed: ") + error.what()));
    return HUILIU_BUG;
  }
}

model::Error misuse(std::string what) {
  return model::make_error(ErrorClass::bug, "the plugin opens a WebSocket with " + std::move(what));
}

// The address as HTTP knows it: the manifest's hosts are named so.
std::string http_form(const std::string& url) {
  if (url.starts_with("wss://")) return "https://" + url.substr(6);
  if (url.starts_with("ws://")) return "http://" + url.substr(5);
  return url;
}

model::Result<WebSocketOptions> read_options(const huiliu_call& call, const huiliu_websocket_request* in) {
  huiliu_websocket_request raw = {};
  if (!copy_sized(in, HUILIU_FIELD_END(huiliu_websocket_request, ping_after_ms), raw))
    return misuse("a request that is null or too short");
  WebSocketOptions out;
  if (!take_text(raw.url, out.url) || out.url.size() > longest_url)
    return misuse("a URL that is null or too long");
  if (raw.header_count > most_headers || (raw.header_count > 0 && raw.headers == nullptr))
    return misuse("headers that are null or too many");
  for (std::uint32_t i = 0; i < raw.header_count; ++i) {
    std::string name, value;
    if (!take_text(raw.headers[i].name, name) || name.empty() || !take_text(raw.headers[i].value, value) ||
        (name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return misuse("a header that is empty or has a line break");
    out.headers.emplace_back(std::move(name), std::move(value));
  }
  HUILIU_ASSIGN(const Origin origin, origin_of(http_form(out.url)));
  const auto& hosts = call.core.hosts;
  if (std::none_of(hosts.begin(), hosts.end(), [&](const HostPattern& host) {
        return host.fits(origin) || host.fits_another_port(origin);
      }))
    return model::make_error(ErrorClass::config, "the manifest does not allow requests to " + origin.text());
  const HttpLimits& limits = call.core.host.options().http;
  out.http = limits;
  out.network = call.core.network;
  out.connect_timeout =
      raw.connect_timeout_ms > 0 ? model::Micros{raw.connect_timeout_ms} * 1000 : limits.connect_timeout;
  if (raw.ping_after_ms > 0) out.ping_after = model::Micros{raw.ping_after_ms} * 1000;
  return out;
}

huiliu_status socket_open(huiliu_call* call, const huiliu_websocket_request* in,
                          huiliu_websocket** out) noexcept {
  return socket_call(call, [&]() -> model::Status {
    if (out == nullptr) return misuse("no place for it");
    *out = nullptr;
    if (!call->core.host.has_network())
      return model::make_error(ErrorClass::unsupported, "a scripted network has no WebSocket");
    HUILIU_ASSIGN(const WebSocketOptions options, read_options(*call, in));
    HUILIU_ASSIGN(auto socket, open_web_socket(options, call->stop));
    *out = new huiliu_websocket{std::move(socket), {}};
    return {};
  });
}

huiliu_status socket_receive(huiliu_call* call, huiliu_websocket* socket, std::uint32_t within_ms,
                             huiliu_websocket_message* out) noexcept {
  return socket_call(call, [&]() -> model::Status {
    if (socket == nullptr || out == nullptr ||
        out->struct_size < HUILIU_FIELD_END(huiliu_websocket_message, data))
      return misuse("a message that is null or too short");
    HUILIU_ASSIGN(auto message, socket->socket->receive(model::Micros{within_ms} * 1000, call->stop));
    huiliu_websocket_message full = {};
    full.struct_size = out->struct_size;
    if (message) {
      socket->message = std::move(message->data);
      full.kind = message->text ? HUILIU_FRAME_TEXT : HUILIU_FRAME_BINARY;
      full.data = abi_bytes(socket->message);
    }
    std::memcpy(out, &full, std::min<std::size_t>(out->struct_size, sizeof full));
    return {};
  });
}

huiliu_status socket_send(huiliu_call* call, huiliu_websocket* socket, std::int32_t kind,
                          huiliu_bytes data) noexcept {
  return socket_call(call, [&]() -> model::Status {
    std::string bytes;
    if (socket == nullptr || !take_bytes(data, bytes) ||
        (kind != HUILIU_FRAME_TEXT && kind != HUILIU_FRAME_BINARY))
      return misuse("a message to send that is null or of no kind");
    return socket->socket->send(kind == HUILIU_FRAME_TEXT, bytes, call->stop);
  });
}

void socket_close(huiliu_websocket* socket) noexcept { delete socket; }

constexpr huiliu_websocket_1 websocket_table = {
    sizeof websocket_table, 0, &socket_open, &socket_receive, &socket_send, &socket_close};

}  // namespace

const void* websocket_extension() noexcept { return &websocket_table; }

}  // namespace huiliu::host
