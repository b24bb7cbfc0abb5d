#include "hub/run/deliveries.hpp"

#include <algorithm>

#include "hub/run/ingest.hpp"
#include "hub/run/look.hpp"
#include "hub/run/screening.hpp"

namespace huiliu::run {
namespace {

using model::Micros;
using model::Result;
using model::Status;

// What the hints of some deliveries come to: for each record, its newest hint.
std::map<model::RecordRef, std::pair<store::Hint, Micros>> newest_hints(
    const std::vector<store::Delivery>& deliveries) {
  std::map<model::RecordRef, std::pair<store::Hint, Micros>> newest;
  for (const store::Delivery& delivery : deliveries)
    for (const store::Hint& hint : delivery.hints)
      newest[{delivery.connection, hint.stream, hint.key}] = {hint, delivery.received};
  return newest;
}

Result<std::vector<ReceivedRecord>> read_hinted(System& system, const std::string& stream,
                                                const std::vector<std::pair<store::Hint, Micros>>& hints) {
  std::vector<ReceivedRecord> records;
  if (system.can_lookup()) {
    for (std::size_t from = 0; from < hints.size(); from += look_batch) {
      std::vector<std::string> keys;
      for (std::size_t i = from; i < std::min(hints.size(), from + look_batch); ++i)
        keys.push_back(hints[i].first.key);
      HUILIU_ASSIGN(std::vector<ReceivedRecord> found, system.lookup(stream, keys));
      std::move(found.begin(), found.end(), std::back_inserter(records));
    }
    return records;
  }
  for (const auto& [hint, received_at] : hints) {
    ReceivedRecord record;
    record.key = hint.key;
    record.deleted = hint.kind == "deleted";
    record.raw = hint.body;
    if (!record.deleted) {
      auto body = model::parse_json(hint.body);
      if (!body.ok())
        continue;  // it was parsed when it was received; an empty hint says nothing without a look
      record.body = std::move(*body);
    }
    records.push_back(std::move(record));
  }
  return records;
}

// A flood of events is judged as a pass is. Its gate is one of its own: a quiet listing must not open it.
Status screen_events(Workspace& workspace, const ReadContext& context,
                     const std::vector<ReceivedRecord>& records) {
  HUILIU_ASSIGN(
      Screening screening,
      Screening::begin(workspace, context, {context.connection, context.stream + "#events", Flow::in}));
  if (!screening.active()) return {};
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    for (const ReceivedRecord& record : records) static_cast<void>(screening.withhold(snapshot, record));
    return {};
  }));
  return screening.judge();
}

}  // namespace

Result<std::size_t> apply_deliveries(Workspace& workspace, const std::string& connection,
                                     const std::string& run) {
  std::vector<store::Delivery> deliveries;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    deliveries = snapshot.pending_deliveries(connection, 1000);
    return {};
  }));
  if (deliveries.empty()) return std::size_t{0};
  System& system = *workspace.systems.at(connection);
  std::map<std::string, std::vector<std::pair<store::Hint, Micros>>> by_stream;
  for (auto& [ref, hint] : newest_hints(deliveries)) by_stream[ref.stream].push_back(hint);
  for (const auto& [stream, hints] : by_stream) {
    if (workspace.mappings.at(connection)->stream(stream) == nullptr) continue;
    const Micros started = system.can_lookup() ? workspace.clock->now() : deliveries.back().received;
    HUILIU_ASSIGN(const std::vector<ReceivedRecord> records, read_hinted(system, stream, hints));
    const ReadContext context{connection, stream, run, started, model::unknown_time, true};
    HUILIU_TRY(screen_events(workspace, context, records));
    HUILIU_TRY(ingest_strong(workspace, context, records));
  }
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    for (const store::Delivery& delivery : deliveries)
      transaction.mark_applied(delivery.sequence, workspace.clock->now());
    return {};
  }));
  return deliveries.size();
}

}  // namespace huiliu::run
