// One run: three systems, people, a network and the hub, all from one seed. The engine runs over memory, time
// is virtual, every interleaving is drawn by dice; the same seed gives the same run to the last event.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace huiliu::simulation {

struct Failure {
  std::uint64_t seed = 0;
  int step = 0;
  std::string invariant, message;
};

struct RunResult {
  std::optional<Failure> failure;
  std::uint64_t hash = 0;  // over all events: two runs of one seed must agree
  int writes = 0, edits = 0, conflicts = 0, creates = 0, merges = 0;
};

RunResult run(std::uint64_t seed, int steps, bool trace = false);

}  // namespace huiliu::simulation
