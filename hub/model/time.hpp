// Time inside the hub: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted. Never read from a
// clock here: time comes in as an argument.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "hub/model/result.hpp"

namespace huiliu::model {

using Micros = std::int64_t;
inline constexpr Micros unknown_time = std::numeric_limits<Micros>::min();
inline constexpr Micros second = 1'000'000;

// "2026-03-01T08:00:00Z", with as many decimals as needed (none, 3 or 6). unknown_time: "".
std::string to_rfc3339(Micros time);
// RFC 3339 with any offset; a date alone is its midnight in UTC.
Result<Micros> parse_rfc3339(std::string_view text);

// "2026-03-01 08:00:00" (blank or T; decimals allowed) as local time of a fixed offset in minutes east of
// UTC.
Result<Micros> parse_local(std::string_view text, int offset_minutes);
// The reverse, to whole seconds, blank between date and time.
std::string to_local(Micros time, int offset_minutes);

// When something changed: not before `from`, not after `to`. Intervals that overlap are concurrent.
struct Interval {
  Micros from = unknown_time;
  Micros to = unknown_time;
  friend bool operator==(const Interval&, const Interval&) = default;
};

}  // namespace huiliu::model
