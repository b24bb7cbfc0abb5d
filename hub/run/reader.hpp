// Reading: one stream of one connection, from its cursor to the end of the pass. Each batch is ingested
// together with its cursor and its ledger counts in one transaction, so that a crash anywhere resumes exactly
// there.
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

// Records that must be read by key before anything else: writes without an answer, acknowledged ones without
// a look, creates without an answer. Returns until when the outcome of a create that was not found must stay
// open, since it may still land (ConnectionRules::doubt_lasts); 0: nothing is left open.
model::Result<model::Micros> look(Workspace& workspace, const std::string& connection,
                                  const std::string& stream, const std::string& run);

// Applies what webhooks hinted at: the records are read by key; where the system offers no reading, the event
// itself is what it shows. Returns how many deliveries were applied.
model::Result<std::size_t> apply_deliveries(Workspace& workspace, const std::string& connection,
                                            const std::string& run);

// Processes a dead letter again from its raw payload. False: it failed again (and stays).
model::Result<bool> replay_parked(Workspace& workspace, const store::Parked& letter);

// Ingests records that were read by key, in one transaction.
model::Status ingest_strong(Workspace& workspace, const ReadContext& context,
                            const std::vector<ReceivedRecord>& records);

}  // namespace huiliu::run
