// What webhooks hinted at.
#pragma once

#include <string>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

// Applies what webhooks hinted at: the records are read by key; where the system offers no reading, the event
// itself is what it shows. Returns how many deliveries were applied. A flood of changes is stopped by a
// brake: the deliveries stay, and are judged again in the next cycle.
model::Result<std::size_t> apply_deliveries(Workspace& workspace, const std::string& connection,
                                            const std::string& run);

}  // namespace huiliu::run
