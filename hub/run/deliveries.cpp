#include "hub/run/deliveries.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "hub/run/ingest.hpp"
#include "hub/run/look.hpp"
#include "hub/run/screening.hpp"

namespace huiliu::run {
namespace {

using model::Micros;
using model::Result;
using model::Status;

// Events come in while others are taken up, and wait for the same store: each transaction is a short one, and
// while a stream of them comes, taking up uses a quarter of the time.
constexpr std::size_t at_once = 8, marks_at_once = 40;
constexpr int rests = 3;
constexpr Micros longest_rest = 100'000;

// One transaction, and a rest that lets those in who wait outside: a share of the time, not a wait for a
// condition.
template <class Work>
Status one_at_a_time(const Workspace& workspace, const Work& work) {
  const auto began = std::chrono::steady_clock::now();
  HUILIU_TRY(work());
  if (!workspace.receiving || !workspace.receiving()) return {};
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
  std::this_thread::sleep_for(
      std::min<std::chrono::microseconds>(took * rests, std::chrono::microseconds(longest_rest)));
  return {};
}

// What the hints of some deliveries come to: for each record, its newest hint.
std::map<model::RecordRef, std::pair<store::Hint, Micros>> newest_hints(
    const std::vector<store::Delivery>& deliveries) {
  std::map<model::RecordRef, std::pair<store::Hint, Micros>> newest;
  for (const store::Delivery& delivery : deliveries)
    for (const store::Hint& hint : delivery.hints)
      newest[{delivery.connection, hint.stream, hint.key}] = {hint, delivery.received};
  return newest;
}

using Hints = std::vector<std::pair<store::Hint, Micros>>;

// What came with the events themselves.
std::vector<ReceivedRecord> told_records(const Hints& hints) {
  std::vector<ReceivedRecord> records;
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

// The records as the system shows them now; as the events told them where it shows none to anybody: a site
// that only sends. `looked`: which of both it was.
Result<std::vector<ReceivedRecord>> read_hinted(System& system, const std::string& stream, const Hints& hints,
                                                bool& looked) {
  looked = system.can_lookup();
  if (!looked) return told_records(hints);
  std::vector<ReceivedRecord> records;
  for (std::size_t from = 0; from < hints.size(); from += look_batch) {
    std::vector<std::string> keys;
    for (std::size_t i = from; i < std::min(hints.size(), from + look_batch); ++i)
      keys.push_back(hints[i].first.key);
    auto found = system.lookup(stream, keys);
    if (!found.ok() && found.error().error_class == model::ErrorClass::unsupported) {
      looked = false;
      return told_records(hints);
    }
    if (!found.ok()) return found.error();
    std::move(found->begin(), found->end(), std::back_inserter(records));
  }
  return records;
}

std::vector<ReceivedRecord> part_of(const std::vector<ReceivedRecord>& records, std::size_t from,
                                    std::size_t count) {
  const auto at = [&](std::size_t i) {
    return records.begin() + static_cast<std::ptrdiff_t>(std::min(i, records.size()));
  };
  return {at(from), at(from + count)};
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
  std::map<std::string, Hints> by_stream;
  for (auto& [ref, hint] : newest_hints(deliveries)) by_stream[ref.stream].push_back(hint);
  for (const auto& [stream, hints] : by_stream) {
    if (workspace.mappings.at(connection)->stream(stream) == nullptr) continue;
    const Micros before = workspace.clock->now();
    bool looked = false;
    HUILIU_ASSIGN(const std::vector<ReceivedRecord> records, read_hinted(system, stream, hints, looked));
    const Micros started = looked ? before : deliveries.back().received;
    const ReadContext context{connection, stream, run, started, model::unknown_time, true};
    HUILIU_TRY(screen_events(workspace, context, records));
    for (std::size_t from = 0; from < records.size(); from += at_once)
      HUILIU_TRY(one_at_a_time(
          workspace, [&] { return ingest_strong(workspace, context, part_of(records, from, at_once)); }));
  }
  // Not before all of them are in: what a crash leaves unmarked is taken up once more, and changes nothing.
  for (std::size_t from = 0; from < deliveries.size(); from += marks_at_once)
    HUILIU_TRY(one_at_a_time(workspace, [&] {
      return workspace.store->write([&](store::Transaction& transaction) -> Status {
        for (std::size_t i = from; i < std::min(deliveries.size(), from + marks_at_once); ++i)
          transaction.mark_applied(deliveries[i].sequence, workspace.clock->now());
        return {};
      });
    }));
  return deliveries.size();
}

}  // namespace huiliu::run
