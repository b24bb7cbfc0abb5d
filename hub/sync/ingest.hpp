// One record comes in: what the read is worth, whose customer it is, what it says.
#pragma once

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// nullopt: it must be decoded, and given to ingest_observation.
std::optional<IngestResult> take_unchanged(Context& context, const Glance& glance);
IngestResult ingest_observation(Context& context, const Observation& observation);

// The replica's own members after an observation that counted: raw record, token, evidence, parts.
// The record of an approval that came through counts as a source from now on; one that goes into approval
// does not while it is there. Before take_record.
void follow_approval(Work& work, Replica& replica, const Observation& observation);

void take_record(Replica& replica, const Observation& observation);

}  // namespace huiliu::sync
