// One cycle: read every stream of the connections, look at what is in doubt, write what is due, until nothing
// moves. Recorded as one run, with a ledger that closes per stream. Connections work side by side; one that
// fails does not stop the others.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct CycleOptions {
  std::vector<std::string> connections;  // that take part; empty: all
  std::vector<std::string> read_from;    // of these, which are read; empty: all that take part
  bool full = false;                     // read everything again instead of changes
  bool sweep = false;                    // look for deleted records now, whenever it was done last
  bool read = true;                      // false: only what webhooks hinted at
  bool write = true;
  // Exactly these writes, which a person saw, and no others; empty: whatever is due. Outlives the cycle.
  const std::vector<sync::PlannedWrite>* plan = nullptr;
  bool allocate = false;  // with a plan: its allocations too
  std::string job = "sync", trigger = "person";
};

struct ConnectionReport {
  std::string name;
  std::int64_t records = 0, linked = 0;  // live records known; those of them linked to a golden record
  std::int64_t created = 0, fields_written = 0;
  std::int64_t unsupported = 0, parked = 0;
  std::map<std::string, std::int64_t> waiting;  // why differences wait: "request", "reference", "stage", …
  std::vector<std::string> differences;         // due and not written, in words; at most a hundred are listed
  std::int64_t differing = 0;
  std::string error;                    // why it stopped early
  std::optional<model::Error> failure;  // the same, with its class
};

struct CycleReport {
  std::string run;
  bool converged = false;
  bool stalled = false;  // stopped, because nothing moved any more
  model::Micros started = 0, ended = 0;
  model::Micros read_time = 0, write_time = 0, account_time = 0;  // how long each stage took
  std::int64_t read = 0, initial_differences = 0, conflicts = 0, applied = 0;
  std::vector<ConnectionReport> connections;
};

class ProgressBoard {
 public:
  explicit ProgressBoard(const std::vector<std::string>& connections);
  Progress& of(const std::string& connection) { return *entries_.at(connection); }
  const std::map<std::string, std::unique_ptr<Progress>>& entries() const { return entries_; }

 private:
  std::map<std::string, std::unique_ptr<Progress>> entries_;
};

// Errors only when the run could not be recorded at all; everything else is in the report.
model::Result<CycleReport> run_cycle(Workspace& workspace, const CycleOptions& options, ProgressBoard& board,
                                     const std::atomic<bool>& stop, const std::string& run_id);

}  // namespace huiliu::run
