// The probe: what can this system really do? Manifests declare grades; the probe measures them against the
// live system, so that a promise is not kept on a connector's word alone.
//
// Without writing it goes by evidence: two listings of keys, what is stored, what was sent and came back.
// With `write` it makes one record of its own, changes it, tries to overwrite it with an outdated version and
// to make it twice, and removes what it made; those records are never taken in.
#pragma once

#include <atomic>
#include <string>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

// {"connection","at","wrote","grade":{"write","key","deletes_visible","lag_seconds","stable_paging","respells"},
// "evidence":[{"what","measured","how"}],"left":[keys that could not be removed]}; members of grade that
// could not be measured are missing. Stored, and in force from the next start of the hub. Errors: unsupported
// (nothing to probe), those of the system.
model::Result<model::Value> probe(Workspace& workspace, const std::string& connection, bool write,
                                  const std::atomic<bool>& stop);

// What was measured before; null: nothing.
model::Value probed(store::Snapshot& snapshot, const std::string& connection);
// Holds the rules to what was measured: never to more than was declared.
void enforce_probe(sync::ConnectionRules& rules, const model::Value& measured);

// Was the record made by a probe? Were any?
bool is_probe_record(store::Snapshot& snapshot, const model::RecordRef& ref);
bool has_probe_records(store::Snapshot& snapshot);

}  // namespace huiliu::run
