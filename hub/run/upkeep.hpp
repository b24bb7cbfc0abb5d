// Upkeep of the store, once a day: what is no longer needed goes. Nothing that a promise rests on does: runs
// with their before-images and ledgers stay for more than a year, deliveries as long as a system may send
// them again, the mark of a deleted record longer than any feed can remember the record.
#pragma once

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct Upkept {
  std::int64_t runs = 0, parked = 0, deliveries = 0, deleted = 0;  // forgotten
};

// Does nothing when the last one was less than a day ago.
model::Result<Upkept> keep_up(Workspace& workspace);

}  // namespace huiliu::run
