// The sweep: which records are there at all? For systems whose changes do not tell of deletions. The keys of
// the whole stream, without bodies, are compared with those known here: what is missing there is looked up
// and found to be gone; what is missing here was overlooked, and is read by key. Where the connector answers
// for ranges of keys, they are compared by ranges (key_ranges.hpp), and listed once a week.
#pragma once

#include <atomic>
#include <string>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct SweepOutcome {
  model::Status status;
  std::int64_t keys = 0;                  // that the system has
  std::int64_t gone = 0, overlooked = 0;  // found by it
  std::int64_t ranges = 0;                // that were asked for; 0: the keys were listed
};

// Is it time? Never for a stream that tells of its deletions or cannot list keys, nor before its first read.
bool sweep_is_due(Workspace& workspace, const std::string& connection, const std::string& stream);
// Many missing keys are stopped by a brake (rule `missing`) before one of them is believed.
SweepOutcome sweep_stream(Workspace& workspace, const std::string& connection, const std::string& stream,
                          const std::string& run, const std::atomic<bool>& stop);
// A complete full pass tells as much as a sweep. `listed`: every key was seen.
void note_swept(store::Transaction& transaction, const std::string& connection, const std::string& stream,
                model::Micros now, bool listed = true);

}  // namespace huiliu::run
