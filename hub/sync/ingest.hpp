// One record comes in: what the read is worth, whose customer it is, what it says.
#pragma once

#include "hub/sync/work.hpp"

namespace huiliu::sync {

IngestResult ingest_observation(Context& context, const Observation& observation);

// The replica's own members after an observation that counted: raw record, token, evidence, parts.
void take_record(Replica& replica, const Observation& observation);

}  // namespace huiliu::sync
