// 分配: after a customer was made and approved in an ERP, his record is allocated to the further
// organisations that the creation request named, where the connector offers it (`allocate_organisation` of
// its manifest). A request is repeated until the record shows the organisation: allocating twice is refused
// by the system, so nothing doubles. What the system refuses is kept with its words and tried again the next
// day.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct Allocation {
  model::RecordRef ref;
  std::string customer, organisation;
};

// What is due in that connection, by record.
std::vector<Allocation> due_allocations(const Workspace& workspace, store::Snapshot& snapshot,
                                        const std::string& connection);
// As a plan shows it.
model::Value allocation_line(const Allocation& allocation);
// A person says that the refused allocation of this line (allocation_line) is to be tried again now. False:
// none is remembered.
bool forget_refusal(store::Transaction& transaction, const model::Value& line);
// Why an organisation was not taken; "" when nothing is known.
std::string allocation_refusal(store::Snapshot& snapshot, const std::string& connection,
                               const std::string& customer, const std::string& organisation);

// Sends what is due, one record after the other; counts it in the run's ledger. Returns how many were
// applied.
model::Result<std::int64_t> allocate_due(Workspace& workspace, const std::string& connection,
                                         const std::string& run, const std::atomic<bool>& stop);

}  // namespace huiliu::run
