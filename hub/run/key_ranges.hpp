// Which of the known keys are gone, and which keys are not known? Asked by ranges instead of listing all
// keys.
//
// Known keys and those that are there, both in order, are compared from the end of a range: "of the keys
// after A and up to B, which one stands at place n, and is there one more?" Where n keys are known in that
// range and the answer is B alone, nothing was deleted in it: one call, however long the range is. Otherwise
// it is halved, down to ranges short enough to be listed. One deletion among N records so takes about log N
// calls. What a range cannot show: one deletion and one unknown key that stand in the same range and make up
// for each other; the caller lists everything now and then.
//
// Pure but for the questions it asks; one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "hub/run/system.hpp"

namespace huiliu::run {

inline constexpr std::size_t listed_range = 1000;      // keys in a range that is listed rather than halved
inline constexpr std::size_t least_for_ranges = 4000;  // fewer keys are listed in about as many calls

struct KeyDifference {
  std::vector<std::int64_t> missing, unknown;  // known and not there; there and not known
  std::int64_t calls = 0;
  bool complete = false;  // false: so much differs that listing all keys is cheaper
};

using RangeQuestion = std::function<model::Result<std::vector<std::int64_t>>(const KeyRange&)>;

// `known`: ascending, each key once. Keys above the last known one are not asked for: they are new, and the
// changes tell of them. Errors: those of the questions, cancelled.
model::Result<KeyDifference> compare_by_ranges(const std::vector<std::int64_t>& known,
                                               const RangeQuestion& ask, const std::atomic<bool>& stop);

}  // namespace huiliu::run
