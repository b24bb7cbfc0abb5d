// Stream mode: events over a WebSocket that we open, so that the hub needs no public address.
//
// A connection is opened with a ticket that serves once. Each event is a hint, as a callback is: it goes to
// the hub, is durable there, and only then is acknowledged; what is not acknowledged comes again, perhaps on
// another connection. The channel ends often by design (the vendor asks for it); then another is opened at
// once, after failures later and later. Threads: as the Call. Errors: refused credentials end it (AuthError),
// everything that passes by itself does not.
#pragma once

#include <huiliu/plugin.hpp>
#include <string>
#include <string_view>

#include "plugins/dingtalk/src/callback.hpp"
#include "plugins/dingtalk/src/client.hpp"
#include "plugins/dingtalk/src/settings.hpp"

namespace dingtalk {

// One frame from the vendor; its data is JSON in a string.
struct Frame {
  std::string type;   // SYSTEM, EVENT, CALLBACK
  std::string topic;  // ping, disconnect, *, …
  std::string message_id, data;
  std::string event_id, event_type, corp_id;
};
// Nothing for what is no frame.
std::optional<Frame> parse_frame(std::string_view text);

// The answer that the vendor waits for. `data` is sent as a string.
std::string ack_of(const Frame& frame, int code, std::string_view message, std::string_view data);

// What an EVENT frame is about; its id is the event's, else the message's.
Event event_of(const Frame& frame, const Settings& settings);

// Hears events until a stop is asked for.
void listen(huiliu::Call& call, const Settings& settings, const Client& client, huiliu::RecordSink& out);

}  // namespace dingtalk
