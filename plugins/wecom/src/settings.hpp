// The settings of one connection, read once when an instance opens. Immutable afterwards, safe on any thread.
// Secrets are not here: they stay in the host (Call::reveal). Errors: ConfigError with a pointer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wecom {

struct Settings {
  std::string base_url;  // with "/cgi-bin", without a slash at the end
  std::string corp_id;
  std::int64_t agent_id = 0;             // of the app that sends messages and owns the hub's tags; 0: none
  std::string tag_group;                 // the hub's own group of corp tags: the only one it writes
  std::vector<std::string> receive_ids;  // for whom callbacks may be
  std::int64_t callback_window_s = 600;  // how old an event's time stamp may be; 0: any age
};

// `text`: the JSON object that `open` gives, valid by the manifest's schema, defaults filled in.
Settings parse_settings(std::string_view text);

}  // namespace wecom
