// Events that DingTalk pushes to our address (HTTP callback): verified, decrypted, turned into hints.
//
// An event carries ids, not state: for each id a record with the body {} goes out, which says "look this one up".
// The signature is compared in constant time before anything is decrypted. The answer is the encrypted word
// `success`, as the vendor wants within 1.5 s. Threads: as the Call. Errors: a request that is not DingTalk's, or not
// for us, is answered 4xx and emits nothing; missing secrets throw ConfigError.
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

// The records that an event is about. `event`: its decrypted JSON, with names in either of the vendor's cases. Events
// of other kinds, of other corporations or that are malformed give none.
std::vector<Hint> hints_of(std::string_view event, const Settings& settings);

void handle_callback(huiliu::Call& call, const Settings& settings, const huiliu::WebRequest& request,
                     huiliu::RecordSink& out);

}  // namespace dingtalk
