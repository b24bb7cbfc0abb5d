// huiliu/websocket.hpp - the C++20 face of huiliu/websocket.h.
//
//     huiliu::WebSocket socket(call, {.url = endpoint});
//     while (auto message = socket.receive(call, 30s)) socket.send(call, answer_to(*message));
//
// Errors: RetryLater when the connection ends or cannot be made, Unsupported where the host has none.
// Threads: one at a time. A socket must not outlive the operation that made it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huiliu/plugin.hpp"
#include "huiliu/websocket.h"

namespace huiliu {

struct WebSocketRequest {
  std::string url = {};  // ws:// or wss://
  Headers headers = {};
  std::chrono::milliseconds connect_timeout{0};  // 0: the host's
  std::chrono::milliseconds ping_after{0};       // 0: 60 s
};

class WebSocket {
 public:
  WebSocket(const Call& call, const WebSocketRequest& request)
      : web_(static_cast<const huiliu_websocket_1*>(
            call.host()->extension(call.host(), to_str("websocket/1")))) {
    if (web_ == nullptr) throw Unsupported("this host opens no WebSocket");
    std::vector<huiliu_pair> headers;
    for (const auto& [name, value] : request.headers) headers.push_back({to_str(name), to_str(value)});
    const huiliu_websocket_request raw = {sizeof raw,
                                          static_cast<std::uint32_t>(headers.size()),
                                          to_str(request.url),
                                          headers.data(),
                                          static_cast<std::uint32_t>(request.connect_timeout.count()),
                                          static_cast<std::uint32_t>(request.ping_after.count())};
    throw_unless_ok(web_->open(call.raw(), &raw, &socket_), "the channel cannot be opened");
  }
  WebSocket(const WebSocket&) = delete;
  WebSocket& operator=(const WebSocket&) = delete;
  ~WebSocket() { web_->close(socket_); }

  // The next message; nothing when none came in that time.
  std::optional<std::string> receive(const Call& call, std::chrono::milliseconds within) {
    huiliu_websocket_message message = {};
    message.struct_size = sizeof message;
    throw_unless_ok(web_->receive(call.raw(), socket_, static_cast<std::uint32_t>(within.count()), &message),
                    "the channel has ended");
    if (message.kind == HUILIU_FRAME_NONE) return std::nullopt;
    return copy(message.data);
  }
  void send(const Call& call, std::string_view text) {
    throw_unless_ok(web_->send(call.raw(), socket_, HUILIU_FRAME_TEXT, to_bytes(text)),
                    "the channel has ended");
  }

 private:
  const huiliu_websocket_1* web_;
  huiliu_websocket* socket_ = nullptr;
};

}  // namespace huiliu
