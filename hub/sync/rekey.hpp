// Comparison keys made anew. Keys carry the version of the rules that made them; when the rules change, keys
// in the store and keys of what is read would tell equal values apart. So all keys of a cluster are made
// again from its values before anything is compared. No value, version, claim or link changes.
#pragma once

#include "hub/model/schema.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::sync {

// True when some key changed.
bool rekey(Cluster& cluster, const model::Entity& entity);

}  // namespace huiliu::sync
