// Events that DingTalk pushes to our address (HTTP callback): verified, decrypted, turned into hints.
//
// An event carries ids, not state: for each id a record with the body {} goes out, which says "look this one
// up"; its version is the event's id, by which the hub tells a repetition from a second event. The signature
// is compared in constant time before anything is decrypted. The answer is the encrypted word `success`, as
// the vendor wants within 1.5 s. Threads: as the Call. Errors: a request that is not DingTalk's, or not for
// us, is answered 4xx and emits nothing; missing secrets throw ConfigError.
#pragma once

#include <huiliu/plugin.hpp>
#include <string>
#include <vector>

#include "plugins/dingtalk/src/settings.hpp"

namespace dingtalk {

struct Hint {
  std::string stream, key;
  friend bool operator==(const Hint&, const Hint&) = default;
};

struct Event {
  std::string id;  // the vendor's own, the same at every repetition; "": an older kind of push, without one
  std::vector<Hint> hints;
};

// What an event is about. `text`: its decrypted JSON, with names in either of the vendor's cases. Events of
// other kinds, of other corporations or that are malformed give no hints.
Event parse_event(std::string_view text, const Settings& settings);

// The hints as records "look this one up"; durable when it returns.
void emit_hints(const Event& event, huiliu::RecordSink& out);

void handle_callback(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                     huiliu::RecordSink& out);

}  // namespace dingtalk
