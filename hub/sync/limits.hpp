// The limits of the brakes, as configuration states them. See brake.hpp for what they are held against.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "hub/model/time.hpp"

namespace huiliu::sync {

enum class BrakeRule : std::uint8_t {
  changed,     // incoming: known records that differ from what was known, by nobody's write of ours
  emptied,     // incoming: records of which one field lost its value
  vanished,    // incoming: records of which one field is no longer there at all (schema drift)
  damaged,     // incoming: texts that became unreadable (a wrong character set)
  added,       // incoming: records never seen before, once the stream has been read
  removed,     // incoming: records that are said to be deleted
  missing,     // incoming: known records that a complete pass does not show
  doubled,     // incoming: keys that one pass showed twice, with different contents
  unreadable,  // incoming: known records that can no longer be taken in
  updates,     // outgoing: records that would be changed
  creates,     // outgoing: records that would be made
  disables,    // outgoing: records that would be disabled or deleted
};
const char* to_string(BrakeRule rule) noexcept;
const std::vector<BrakeRule>& brake_rules();

// How much one pass may do without a question: `records`, or `share` of the records known, whichever is more;
// but of few records no more than half (and never less than a handful), so that a small stream has a limit
// too.
struct BrakeLimit {
  std::int64_t records = 0;
  double share = 0;
  bool off = false;
  friend bool operator==(const BrakeLimit&, const BrakeLimit&) = default;
};

struct BrakeLimits {
  BrakeLimits();
  std::map<BrakeRule, BrakeLimit> of;
  // The same value written so often to the same field of the same record within this time: somebody writes
  // against us. 0: off.
  std::int64_t oscillation_writes = 3;
  model::Micros oscillation_within = 24 * 3600 * model::second;
  // Many small passes together: within this time a harmful rule (emptied, removed, …) may count what one pass
  // may; the others, which ordinary work feeds too, so many times that. 0: off.
  std::int64_t drip_factor = 10;
  model::Micros drip_within = 24 * 3600 * model::second;
};

}  // namespace huiliu::sync
