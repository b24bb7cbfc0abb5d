// Relations between customers that follow from their names: a branch (分公司) belongs to the company whose
// name stands before it. Said once by the rule, where exactly one customer has that name, or of several exactly
// one in an ERP; a person's word stands.
#pragma once

#include "hub/run/workspace.hpp"

namespace huiliu::run {

// For customers that changed since the last call. Errors: those of the store.
model::Status relate_branches(Workspace& workspace);

}  // namespace huiliu::run
