// Quality scores of the connections, stored with the run that found them.
#pragma once

#include <string>
#include <vector>

#include "hub/run/cycle.hpp"

namespace huiliu::run {

// The scores of one connection over at most `limit` records of each stream (0: all): [{"connection",
// "stream", "age_seconds", …scores}]. age_seconds: since the stream was last read completely; null: never.
model::Array measure_quality(Workspace& workspace, store::Snapshot& snapshot, const std::string& connection,
                             std::size_t limit);

// Measures the connections of a finished cycle and stores what it found under the run's id, not more often
// than hourly, over a bounded part of each stream, so that short cycles stay short.
model::Status record_quality(Workspace& workspace, const CycleReport& report);

// The newest stored measurement of each connection (empty: all), with "run" and "measured".
model::Array stored_quality(store::Snapshot& snapshot, const std::string& connection);

}  // namespace huiliu::run
