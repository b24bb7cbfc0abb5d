// A WebSocket from the hub to a remote: what is behind the extension "websocket/1".
//
// The way to the remote is that of HTTP: TLS verified, the connection's guard, authorities and proxy
// (curl_channel.hpp); the frames are libwslay's. While nobody waits in receive or send nothing happens on the
// connection, so its owner must come back within the ping time. Threads: one at a time for each socket; a
// stop ends a wait at once.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "hub/host/http.hpp"

namespace huiliu::host {

struct WebSocketOptions {
  std::string url;  // ws:// or wss://
  HttpHeaders headers = {};
  model::Micros connect_timeout = 10 * model::second;
  model::Micros ping_after = 60 * model::second;  // of silence; twice that ends the connection
  std::size_t message_bytes = std::size_t{4} << 20;
  HttpLimits http = {};                              // the hub's authorities and proxy
  std::shared_ptr<const Network> network = nullptr;  // of the connection; null: unguarded
};

struct WebSocketMessage {
  bool text = true;
  std::string data;
};

class WebSocket {
 public:
  virtual ~WebSocket() = default;  // says goodbye when it can
  // nullopt: none came in that time. Errors: retry (ended, with the reason), data (too large), cancelled.
  virtual model::Result<std::optional<WebSocketMessage>> receive(model::Micros within,
                                                                 const std::stop_token& stop) = 0;
  virtual model::Status send(bool text, std::string_view data, const std::stop_token& stop) = 0;
};

// Errors: retry (not reached, handshake refused), config (address, certificate), cancelled.
model::Result<std::unique_ptr<WebSocket>> open_web_socket(const WebSocketOptions& options,
                                                          const std::stop_token& stop);

}  // namespace huiliu::host
