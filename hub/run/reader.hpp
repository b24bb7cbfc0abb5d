// Reading: one stream of one connection, from its cursor to the end of the pass. Each batch is ingested
// together with its cursor and its ledger counts in one transaction, so that a crash anywhere resumes exactly
// there. What would change something known waits until the pass was judged (screening.hpp).
#pragma once

#include <atomic>
#include <string>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct ReadTask {
  std::string connection, stream, run;
  bool full = false;  // ignore the cursor: read everything again
};

struct ReadOutcome {
  model::Status status;  // why the pass ended early, if it did
  bool complete = false;
  std::int64_t initial_differences = 0, conflicts = 0;
};

ReadOutcome read_stream(Workspace& workspace, const ReadTask& task, Progress& progress,
                        const std::atomic<bool>& stop);

}  // namespace huiliu::run
