#include "hub/run/reader.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "hub/model/id.hpp"
#include "hub/run/ingest.hpp"
#include "hub/run/look.hpp"
#include "hub/run/screening.hpp"
#include "hub/run/sweep.hpp"
#include "hub/run/unmapped.hpp"
#include "hub/run/waiting_records.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;

constexpr std::size_t ingest_batch_max = 500;  // records in one transaction

// Takes a pass in. What the screen holds back waits here until the pass is judged, and the cursor stays
// before it: after a crash it comes again.
class StreamReceiver final : public RecordReceiver {
 public:
  StreamReceiver(Workspace& workspace, const ReadContext& context, store::Cursor& cursor,
                 Screening& screening, Progress& progress, const std::atomic<bool>& stop)
      : workspace_(workspace),
        context_(context),
        cursor_(cursor),
        screening_(screening),
        progress_(progress),
        stop_(stop),
        listing_(cursor.mode == store::ReadMode::full) {}

  Status records(const std::string& stream, std::vector<ReceivedRecord> records,
                 std::vector<BadRecord> bad) override {
    if (stop_) return make_error(ErrorClass::cancelled, "stopped");
    if (stream != context_.stream)
      return make_error(ErrorClass::bug, "the plugin emitted records of " + stream, context_.stream);
    for (const ReceivedRecord& record : records) keys_in_ += model::hash64(record.key);
    for (const BadRecord& record : bad) keys_in_ += model::hash64(record.key);
    // A page waits for what comes next: mostly its checkpoint, which then is durable with it in one commit.
    if (records_.size() + bad_.size() >= ingest_batch_max) HUILIU_TRY(flush(false));
    take_page(std::move(records));
    std::move(bad.begin(), bad.end(), std::back_inserter(bad_));
    return {};
  }

  Status checkpoint(const std::string& position, const StateChanges& state) override {
    if (stop_) return make_error(ErrorClass::cancelled, "stopped");
    if (!position.empty()) cursor_.position = position;
    for (const auto& [key, value] : state) state_[key] = value;
    return flush(true);
  }

  void progress(std::uint64_t, std::uint64_t total) override {
    if (total > 0 && !progress_.expected_is_whole)
      progress_.expected = std::max(total, progress_.expected.load());
  }

  // What is buffered, in transactions of bounded size; with the cursor in the last one, unless something
  // waits.
  Status flush(bool with_cursor) {
    std::vector<ReceivedRecord> records = take_buffered();
    if (screening_.active()) HUILIU_TRY(screen(records));
    if (screening_.stopped()) {  // only counted from here on: it comes again
      for (const ReceivedRecord& record : records) keys_in_ -= model::hash64(record.key);
      for (const BadRecord& record : bad_) keys_in_ -= model::hash64(record.key);
      keys_in_ -= waiting_.key_sum();
      waiting_.clear();
      bad_.clear();
      return {};
    }
    // In a stream that was read before, what comes through the screen is mostly as it was.
    return take_in(records, with_cursor && waiting_.empty(), !screening_.active());
  }

  // The pass is within its allowances: what waited is taken in, and the cursor follows.
  Status finish() {
    while (!waiting_.empty()) {
      HUILIU_ASSIGN(const std::vector<ReceivedRecord> records, waiting_.take(ingest_batch_max));
      HUILIU_TRY(take_in(records, waiting_.empty(), true));
    }
    return {};
  }

  // What came in by the runner's own count, to be held against what the ledger says came out.
  Status book() {
    store::RunStream counts;
    counts.connection = context_.connection;
    counts.stream = context_.stream;
    counts.keys_in = std::exchange(keys_in_, 0);
    return workspace_.store->write([&](store::Transaction& transaction) -> Status {
      transaction.add_counts(context_.run, counts);
      return {};
    });
  }

  IngestTotals totals;

 private:
  // Two contents under one key in one listing: which one is right, nobody here can know. Neither is taken;
  // both are kept for a person. (Changes may well tell of two states of one record; the later one counts.)
  void take_page(std::vector<ReceivedRecord> records) {
    for (ReceivedRecord& record : records) {
      const auto [at, fresh] = buffered_.emplace(record.key, records_.size());
      if (fresh || !listing_ || record.deleted || records_[at->second].raw == record.raw) {
        records_.push_back(std::move(record));
        continue;
      }
      // Two came in, and make one dead letter.
      if (doubtful_.insert(at->second).second) keys_in_ -= model::hash64(record.key);
      bad_.push_back({record.key, "duplicate_key",
                      context_.connection + "/" + context_.stream + "/" + record.key +
                          ": the list shows this key twice, with different contents; correct it there",
                      "[" + records_[at->second].raw + "," + record.raw + "]"});
    }
  }

  // What is buffered, without those that came in two contents.
  std::vector<ReceivedRecord> take_buffered() {
    std::vector<ReceivedRecord> records = std::exchange(records_, {});
    for (const std::size_t index : std::exchange(doubtful_, {}))
      records.erase(records.begin() + static_cast<std::ptrdiff_t>(index));
    buffered_.clear();
    return records;
  }

  // Moves what would change something from `records` to where it waits.
  Status screen(std::vector<ReceivedRecord>& records) {
    return workspace_.store->read([&](store::Snapshot& snapshot) -> Status {
      Status kept;
      std::erase_if(records, [&](ReceivedRecord& record) {
        const bool waits = kept.ok() && screening_.withhold(snapshot, record);
        if (waits) kept = waiting_.add(std::move(record));
        return waits;
      });
      return kept;
    });
  }

  // changed: most of them are new or changed.
  Status take_in(const std::vector<ReceivedRecord>& records, bool with_cursor, bool changed) {
    std::size_t from = 0;
    do {
      const std::size_t to = std::min(records.size(), from + ingest_batch_max);
      const bool last = to == records.size();
      HUILIU_TRY(commit({records.data() + from, to - from}, changed, last, last && with_cursor));
      from = to;
    } while (from < records.size());
    bad_.clear();
    return {};
  }

  Status commit(std::span<const ReceivedRecord> records, bool changed, bool with_bad, bool with_cursor) {
    // Before the transaction, which nobody else can have at the same time.
    std::vector<std::optional<Translated>> ahead(records.size());
    const mapping::Mapping& mapping = *workspace_.mappings.at(context_.connection);
    for (std::size_t i = 0; changed && i < records.size(); ++i)
      ahead[i] = translate_ahead(records[i], mapping, context_);
    store::Cursor saved = cursor_;
    saved.read += static_cast<std::int64_t>(records.size());
    saved.saved = workspace_.clock->now();
    IngestTotals batch;
    store::RunStream counts;
    HUILIU_TRY(workspace_.store->write([&](store::Transaction& transaction) -> Status {
      Ingest ingest(workspace_, context_, transaction);
      for (std::size_t i = 0; i < records.size(); ++i) ingest.record(records[i], std::move(ahead[i]));
      if (with_bad)
        for (const BadRecord& record : bad_) ingest.bad(record);
      ingest.wake();
      transaction.add_counts(context_.run, ingest.counts());
      if (with_cursor) {
        transaction.save(saved);
        save_state(transaction);
      }
      batch = ingest.totals;
      counts = ingest.counts();
      return {};
    }));
    cursor_ = saved;
    if (with_cursor) state_.clear();
    totals.initial_differences += batch.initial_differences;
    totals.conflicts += batch.conflicts;
    progress_.read += static_cast<std::uint64_t>(counts.read);
    progress_.dead += static_cast<std::uint64_t>(counts.dead);
    return {};
  }

  void save_state(store::Transaction& transaction) {
    const std::string space = "plugin/" + context_.connection;
    for (const auto& [key, value] : state_) {
      if (value)
        transaction.save_value(space, key, *value);
      else
        transaction.erase_value(space, key);
    }
  }

  Workspace& workspace_;
  const ReadContext& context_;
  store::Cursor& cursor_;
  Screening& screening_;
  StateChanges state_;  // not yet saved
  Progress& progress_;
  const std::atomic<bool>& stop_;
  std::uint64_t keys_in_ = 0;
  bool listing_;
  std::unordered_map<std::string, std::size_t> buffered_;  // key → place in records_
  std::set<std::size_t, std::greater<>> doubtful_;         // places, from the end
  std::vector<ReceivedRecord> records_;                    // received, not yet screened
  WaitingRecords waiting_;                                 // would change something: until the pass is judged
  std::vector<BadRecord> bad_;
};

// Where this pass begins: resumed, changes since the last complete one, or everything.
store::Cursor begin_pass(Workspace& workspace, const ReadTask& task, Micros& unchanged_until) {
  store::Cursor cursor;
  const Status loaded = workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    if (auto found = snapshot.load_cursor(task.connection, task.stream)) cursor = std::move(*found);
    return {};
  });
  if (!loaded.ok() || cursor.connection.empty()) {
    cursor = {};
    cursor.connection = task.connection;
    cursor.stream = task.stream;
  }
  const bool resume = !cursor.complete && !cursor.position.empty() && !task.full;
  if (resume) return cursor;
  unchanged_until = cursor.complete ? cursor.scan_started : model::unknown_time;
  const bool changes = cursor.complete && !cursor.position.empty() && !task.full &&
                       workspace.systems.at(task.connection)->reads_changes(task.stream);
  cursor.mode = changes ? store::ReadMode::changes : store::ReadMode::full;
  if (!changes) cursor.position.clear();
  cursor.cycle = task.run;
  cursor.scan_started = workspace.clock->now();
  cursor.complete = false;
  cursor.read = 0;
  return cursor;
}

// A pass that a brake stopped begins again, so that the next one judges the whole of it.
Status begin_again(Workspace& workspace, const ReadContext& context) {
  return workspace.store->write([&](store::Transaction& transaction) -> Status {
    transaction.reset_cursor(context.connection, context.stream);
    return {};
  });
}

// Judges the pass and takes in what waited. `whole`: it came to its end.
Status conclude(Workspace& workspace, const ReadContext& context, const store::Cursor& cursor,
                StreamReceiver& receiver, Screening& screening, bool whole) {
  const bool full = cursor.mode == store::ReadMode::full;
  if (whole && full && !screening.stopped()) HUILIU_TRY(screening.count_missing(cursor.scan_started));
  if (screening.stopped() && full) HUILIU_TRY(begin_again(workspace, context));
  if (whole || screening.stopped()) HUILIU_TRY(screening.judge());
  return receiver.finish();
}

}  // namespace

ReadOutcome read_stream(Workspace& workspace, const ReadTask& task, Progress& progress,
                        const std::atomic<bool>& stop) {
  ReadOutcome outcome;
  ReadContext context{task.connection, task.stream, task.run, 0, model::unknown_time, false};
  store::Cursor cursor = begin_pass(workspace, task, context.unchanged_until);
  context.read_started = cursor.scan_started;
  System& system = *workspace.systems.at(task.connection);
  const bool full = cursor.mode == store::ReadMode::full;
  if (full && cursor.last_read > 0 && !progress.expected_is_whole)
    progress.expected += static_cast<std::uint64_t>(cursor.last_read);
  auto screening = Screening::begin(workspace, context, {task.connection, task.stream, Flow::in});
  if (!screening.ok()) return {screening.error()};
  StreamReceiver receiver(workspace, context, cursor, *screening, progress, stop);
  outcome.status =
      system.read(task.stream, full ? ReadKind::full : ReadKind::changes, cursor.position, 0, receiver);
  if (!outcome.status.ok() && outcome.status.error().error_class == ErrorClass::resync) {
    // The remote dropped the cursor: everything again, bases kept; never "from now".
    const Status reset = begin_again(workspace, context);
    if (reset.ok())
      return read_stream(workspace, {task.connection, task.stream, task.run, true}, progress, stop);
  }
  // What was received before a failure is kept, without moving the cursor past a checkpoint.
  if (Status flushed = receiver.flush(false); !flushed.ok() && outcome.status.ok()) outcome.status = flushed;
  if (Status concluded = conclude(workspace, context, cursor, receiver, *screening, outcome.status.ok());
      !concluded.ok())
    outcome.status = concluded;
  if (Status booked = receiver.book(); !booked.ok() && outcome.status.ok()) outcome.status = booked;
  outcome.initial_differences = receiver.totals.initial_differences;
  outcome.conflicts = receiver.totals.conflicts;
  if (!outcome.status.ok()) return outcome;

  outcome.status = workspace.store->write([&](store::Transaction& transaction) -> Status {
    cursor.complete = true;
    cursor.last_complete = workspace.clock->now();
    if (full) cursor.last_read = cursor.read;
    transaction.save(cursor);
    if (full) note_swept(transaction, task.connection, task.stream, cursor.last_complete);
    if (full) forget_unmapped(transaction, task.connection, task.stream, cursor.scan_started);
    workspace.engine->stream_observed(transaction, task.connection, task.stream);
    return {};
  });
  outcome.complete = outcome.status.ok();
  if (outcome.complete && full)
    outcome.status = look_for_missing(workspace, task.connection, task.stream, task.run, cursor.scan_started);
  return outcome;
}

}  // namespace huiliu::run
