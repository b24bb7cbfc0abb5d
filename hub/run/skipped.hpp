// Fires that did not happen, and why: a person who looks for a run that is not there finds the reason. Small
// values of the store, space "skipped", the newest of each job.
#pragma once

#include <string>
#include <vector>

#include "hub/run/dispatcher.hpp"
#include "hub/store/store.hpp"

namespace huiliu::run {

// Kept of each job; older ones are counted only.
inline constexpr std::size_t skipped_kept = 50;

void note_skipped(store::Transaction& transaction, const std::vector<Skipped>& skipped, model::Micros now);

// [{"job","written","reason","zh","en","at"}], newest first; of one job, of all when it is "".
model::Array skipped_fires(store::Snapshot& snapshot, const std::string& job);

}  // namespace huiliu::run
