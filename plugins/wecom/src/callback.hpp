// What WeCom pushes to our address: the check of the address (GET) and events (POST), verified and decrypted.
//
// An event carries ids, not state, arrives late, twice, out of order or not at all, and not for what apps
// change: it is a hint. For each id a record with the body {} goes out, which says "look this one up"; its
// version is the event's identity, by which the hub tells a repetition from a second event. It is answered
// once that is durable. The signature is compared in constant time before anything is parsed or decrypted;
// the receive id and the age of the time stamp are checked.
//
// Threads: as the Call. Errors: a request that is not WeCom's, or not for us, is answered 4xx and emits
// nothing; missing or malformed secrets throw ConfigError.
#pragma once

#include <huiliu/plugin.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/wecom/src/settings.hpp"

namespace wecom {

struct Hint {
  std::string stream, key;
  friend bool operator==(const Hint&, const Hint&) = default;
};

struct Event {
  std::string id;  // the same at every repetition
  std::vector<Hint> hints;
};

// `text`: the decrypted XML. Events of other kinds and what is malformed give no hints.
Event parse_event(std::string_view text);

void handle_callback(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                     huiliu::RecordSink& out);

}  // namespace wecom
