// One run: three systems, people, a network and the hub, all from one seed. Time is virtual, every
// interleaving is drawn by dice; the same seed gives the same run to the last event. Each step throws its
// dice from (seed, step), so that a step can be left out without changing what the others draw: that is how a
// failing history is made short.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "tests/simulation/faults.hpp"

namespace huiliu::simulation {

struct Failure {
  std::uint64_t seed = 0;
  int step = 0;
  std::string invariant, message;
};

struct RunOptions {
  std::uint64_t seed = 1;
  int steps = 300;
  bool store = false;  // ring D2
  bool trace = false;
  std::set<Point> on = {}, off = {};  // besides, and of, what the seed draws
  std::set<int> skipped = {};         // steps in which nothing new happens
};

struct RunResult {
  std::optional<Failure> failure;
  std::uint64_t hash = 0;  // over all events: two runs of one seed must agree
  int writes = 0, edits = 0, conflicts = 0, creates = 0, merges = 0;
};

RunResult run(const RunOptions& options);

}  // namespace huiliu::simulation
