// events.hpp - events that YonBIP pushes to our address: verified, decrypted, turned into hints.
//
// An event is a hint, not state: for each id it names, a record with the body {} goes out, which says "look
// this one up"; its version is the event's id, by which the hub tells a repetition from a second event. The
// signature is compared in constant time before anything is decrypted or parsed further. Threads: as the
// Call. Errors: what is not YonBIP's, not for us, or too old is answered 4xx and emits nothing; missing
// secrets throw ConfigError.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "huiliu/plugin.hpp"
#include "plugins/yonyou/src/settings.hpp"

namespace yonyou {

struct Hint {
  std::string stream, key;
  friend bool operator==(const Hint&, const Hint&) = default;
};

struct Event {
  std::string id, type, tenant;
  std::vector<Hint> hints;
};

/// What an event is about. `text`: its decrypted JSON. Other kinds and malformed ones give no hints.
Event parse_event(std::string_view text);

void handle_event(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                  huiliu::RecordSink& out);

}  // namespace yonyou
