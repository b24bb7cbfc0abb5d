// Writing: what is due in one connection, in bounded batches. Every intent is durable before its write
// leaves, every outcome is settled in the transaction that records it; a crash in between leaves an intent
// that is looked up first.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct WriteTotals {
  std::int64_t applied = 0;  // records whose write took effect
  std::int64_t created = 0;
  std::int64_t fields = 0;  // fields written
  std::int64_t held = 0;
};

struct WriteOutcome {
  model::Status status;
  WriteTotals totals;
};

// A page of what is due in one stream. The engine plans by entity; a connection may keep one entity in
// several streams, as a CRM's contacts and the same tool's chat contacts, and each record is written through
// its own.
sync::Plan plan_stream(Workspace& workspace, sync::Repository& repository, const std::string& connection,
                       const sync::StreamRules& stream, const sync::GoldenId& after, std::size_t limit,
                       bool open_requests);

// One pass over everything that is due now in the connection.
WriteOutcome write_due(Workspace& workspace, const std::string& connection, const std::string& run,
                       Progress& progress, const std::atomic<bool>& stop);

// Exactly the writes of a plan that belong to the connection; what moved since is stale and left out.
WriteOutcome write_planned(Workspace& workspace, const std::string& connection,
                           const std::vector<sync::PlannedWrite>& plan, const std::string& run,
                           Progress& progress, const std::atomic<bool>& stop);

// What is still different after a run, and why. `writes` would happen if another pass ran.
struct Remaining {
  std::vector<sync::PlannedWrite> writes;
  std::vector<sync::Held> held;
};
// Page by page, each golden record in one page of a stream only: however much there is, nothing piles up.
model::Status each_remaining(Workspace& workspace, const std::string& connection, bool open_requests,
                             const std::function<void(const Remaining&)>& visit);
model::Result<Remaining> remaining(Workspace& workspace, const std::string& connection, bool open_requests);

}  // namespace huiliu::run
