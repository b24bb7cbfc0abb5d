// A failing seed made short: what can be left out while it still violates the same invariant.
#pragma once

#include "tests/simulation/world.hpp"

namespace huiliu::simulation {

// The smallest history found: fewer steps, fewer faults. The run must fail as it is given.
RunOptions shrink(RunOptions failing);

// Shrinks it and prints the history that is left, event by event. Exit code: 1 as a failing run, 0 when it
// does not fail at all.
int shrink_and_tell(const RunOptions& options);

}  // namespace huiliu::simulation
