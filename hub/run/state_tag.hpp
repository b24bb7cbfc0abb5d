// A customer who is disabled in every organisation of every ERP: who answers for him is told, and he carries
// a tag that says so, for systems that have tags and no such state (policy pack: `inactive_tag`). It goes
// when he is in use again.
#pragma once

#include "hub/run/workspace.hpp"

namespace huiliu::run {

// For customers that changed since the last call. Errors: those of the store.
model::Status mark_inactive(Workspace& workspace);

}  // namespace huiliu::run
