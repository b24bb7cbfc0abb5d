// CloudEvents 1.0 over HTTP: binary, structured and batched mode. Lenient in reading headers, strict about
// what makes an event. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/webhook/src/event.hpp"

namespace huiliu::webhook {

struct CloudEvents {
  enum class Outcome {
    events,          // `events` (perhaps none: an empty batch) and what was wrong with the others
    unknown_format,  // an event format other than JSON: 415
    no_cloud_event,  // neither a CloudEvents content type nor the ce- headers: 415
    broken           // the sender's fault: to be kept aside
  };
  Outcome outcome = Outcome::events;
  std::vector<Event> events;        // id: source and id of the event, joined
  std::vector<std::string> faults;  // one for each event that is none
};

CloudEvents parse_cloud_events(const HeaderLookup& header, std::string_view body);

// A ce- header's value: a quoted legacy value is unescaped, then %XX decoded exactly once. nullopt: not
// UTF-8.
std::optional<std::string> decode_attribute(std::string_view value);

}  // namespace huiliu::webhook
