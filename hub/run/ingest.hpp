// Taking records in: decoded, ingested and counted inside one transaction, with what woke up because of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct IngestTotals {
  std::int64_t initial_differences = 0, conflicts = 0;
};

// Ingests records inside one transaction and keeps the ledger. All arguments outlive it.
class Ingest {
 public:
  Ingest(Workspace& workspace, const ReadContext& context, store::Transaction& transaction);

  // ahead: the record translated before the transaction began, if that was possible; it is used up.
  void record(const ReceivedRecord& received, std::optional<Translated> ahead = std::nullopt);
  void bad(const BadRecord& record);
  // References that became known: their waiters are decoded again from what is stored.
  void wake();

  const store::RunStream& counts() const { return counts_; }
  IngestTotals totals;

 private:
  sync::Received one(const ReceivedRecord& as_received, const ReadContext& context,
                     std::optional<Translated> ahead);
  bool is_unchanged(const ReceivedRecord& received, const mapping::Mapping& mapping,
                    const ReadContext& context);
  std::optional<ReceivedRecord> without_erased(const ReceivedRecord& received,
                                               const ReadContext& context) const;
  void count(sync::Received received);

  Workspace& workspace_;
  const ReadContext& context_;
  store::Transaction& transaction_;
  model::Micros now_;
  store::RunStream counts_;
  bool had_parked_ = false, has_probe_records_ = false, has_unmapped_ = false;
  std::vector<model::RecordRef> woken_;
};

// Ingests records that were read by key, in one transaction.
model::Status ingest_strong(Workspace& workspace, const ReadContext& context,
                            const std::vector<ReceivedRecord>& records);

// Processes a dead letter again from its raw payload. False: it failed again (and stays).
model::Result<bool> replay_parked(Workspace& workspace, const store::Parked& letter);

}  // namespace huiliu::run
