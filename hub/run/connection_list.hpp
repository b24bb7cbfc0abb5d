// The connections as a list, with how each stands; shared by command line and API.
#pragma once

#include "hub/run/hub.hpp"

namespace huiliu::run {

// [{"name","connector","role","stage","state","grade","lag_seconds","create","drift"}]
model::Array connection_list(store::Snapshot& snapshot, Hub& hub);

// Seconds since the last complete pass of the slowest stream; null when there was none.
model::Value lag_seconds(store::Snapshot& snapshot, Hub& hub, const std::string& connection);
// What holds of a system: what was measured, and where nothing was, what its connector declares.
model::Value grade_of(store::Snapshot& snapshot, const std::string& connection, const model::Value& declared);
// Records that differed from golden at the end of the last cycle, by stream; null before the first.
model::Value drift_of(store::Snapshot& snapshot, const std::string& connection);

}  // namespace huiliu::run
