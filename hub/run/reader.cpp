#include "hub/run/reader.hpp"

#include <algorithm>

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;

constexpr std::size_t ingest_batch_max = 500;  // records in one transaction
constexpr std::size_t look_batch = 200;        // keys in one lookup
constexpr std::size_t wake_rounds_max = 8;     // chains of references are short; a cycle must not spin
constexpr std::size_t missing_absolute = 20;   // records missing from a complete pass that need no question
constexpr double missing_share = 0.05;

store::Parked dead_letter(const Workspace& workspace, const ReadContext& context, const std::string& key,
                          const std::string& cause, const std::string& message, const std::string& raw,
                          Micros now) {
  store::Parked parked;
  parked.id = model::make_id("dlt", now, *workspace.random);
  parked.connection = context.connection;
  parked.stream = context.stream;
  parked.key = key;
  parked.cause = cause;
  parked.message = message;
  parked.raw = raw;
  parked.state = store::ParkedState::dead;
  parked.opened = parked.tried = now;
  parked.run = context.run;
  return parked;
}

struct IngestTotals {
  std::int64_t initial_differences = 0, conflicts = 0;
};

// Ingests records inside one transaction and keeps the ledger.
class Ingest {
 public:
  Ingest(Workspace& workspace, const ReadContext& context, store::Transaction& transaction)
      : workspace_(workspace), context_(context), transaction_(transaction), now_(workspace.clock->now()) {
    counts_.connection = context.connection;
    counts_.stream = context.stream;
    store::ParkedQuery query{
        context.connection, context.stream, {}, {store::ParkedState::dead, store::ParkedState::parked}};
    had_parked_ = !transaction.list_parked(query, {{}, 1}).empty();
  }

  void record(const ReceivedRecord& received) {
    ++counts_.read;
    const sync::Received outcome = one(received, context_);
    count(outcome);
    if (had_parked_ && outcome != sync::Received::dead && outcome != sync::Received::parked)
      transaction_.close_parked({context_.connection, context_.stream, received.key}, now_);
  }

  void bad(const BadRecord& record) {
    ++counts_.read;
    ++counts_.dead;
    transaction_.park(
        dead_letter(workspace_, context_, record.key, record.cause, record.message, record.raw, now_));
  }

  // References that became known: their waiters are decoded again from what is stored.
  void wake() {
    for (std::size_t round = 0; round < wake_rounds_max && !woken_.empty(); ++round) {
      const std::vector<model::RecordRef> batch = std::exchange(woken_, {});
      for (const model::RecordRef& ref : batch) {
        const auto stored = stored_record(ref, transaction_);
        if (!stored) continue;
        const auto replica = transaction_.load_replica(ref);
        ReadContext context{ref.connection, ref.stream,          context_.run,
                            replica->evid,  model::unknown_time, true};
        one(*stored, context);
      }
    }
  }

  const store::RunStream& counts() const { return counts_; }
  IngestTotals totals;

 private:
  sync::Received one(const ReceivedRecord& received, const ReadContext& context) {
    const auto mapping = workspace_.mappings.find(context.connection);
    const Translated translated = translate(received, *mapping->second, context, transaction_);
    if (translated.kind == Translated::Kind::filtered) return sync::Received::filtered;
    if (translated.kind == Translated::Kind::parked) {
      transaction_.park(dead_letter(workspace_, context, received.key, translated.cause, translated.message,
                                    received.raw, now_));
      return sync::Received::dead;
    }
    sync::IngestResult result = workspace_.engine->ingest(transaction_, translated.observation, now_);
    woken_.insert(woken_.end(), result.woken.begin(), result.woken.end());
    totals.initial_differences += result.initial_differences;
    totals.conflicts += result.conflicts;
    if (result.received == sync::Received::dead || result.received == sync::Received::parked)
      transaction_.park(
          dead_letter(workspace_, context, received.key, "engine", result.reason, received.raw, now_));
    return result.received;
  }

  void count(sync::Received received) {
    switch (received) {
      case sync::Received::changed:
        ++counts_.changed;
        break;
      case sync::Received::unchanged:
        ++counts_.unchanged;
        break;
      case sync::Received::duplicate:
        ++counts_.duplicate;
        break;
      case sync::Received::filtered:
        ++counts_.filtered;
        break;
      case sync::Received::parked:
        ++counts_.parked;
        break;
      case sync::Received::dead:
        ++counts_.dead;
        break;
    }
  }

  Workspace& workspace_;
  const ReadContext& context_;
  store::Transaction& transaction_;
  Micros now_;
  store::RunStream counts_;
  bool had_parked_ = false;
  std::vector<model::RecordRef> woken_;
};

class StreamReceiver final : public RecordReceiver {
 public:
  StreamReceiver(Workspace& workspace, const ReadContext& context, store::Cursor& cursor, Progress& progress,
                 const std::atomic<bool>& stop)
      : workspace_(workspace), context_(context), cursor_(cursor), progress_(progress), stop_(stop) {}

  Status records(const std::string& stream, std::vector<ReceivedRecord> records,
                 std::vector<BadRecord> bad) override {
    if (stop_) return make_error(ErrorClass::cancelled, "stopped");
    if (stream != context_.stream)
      return make_error(ErrorClass::bug, "the plugin emitted records of " + stream, context_.stream);
    std::move(records.begin(), records.end(), std::back_inserter(records_));
    std::move(bad.begin(), bad.end(), std::back_inserter(bad_));
    return records_.size() + bad_.size() >= ingest_batch_max ? flush(false) : Status{};
  }

  Status checkpoint(const std::string& position, const StateChanges& state) override {
    if (stop_) return make_error(ErrorClass::cancelled, "stopped");
    if (!position.empty()) cursor_.position = position;
    state_ = state;
    return flush(true);
  }

  void progress(std::uint64_t, std::uint64_t total) override {
    if (total > 0) progress_.expected = std::max(total, progress_.expected.load());
  }

  // What is buffered, in transactions of bounded size; with the cursor in the last one.
  Status flush(bool with_cursor) {
    std::size_t from = 0;
    do {
      const std::size_t to = std::min(records_.size(), from + ingest_batch_max);
      const bool last = to == records_.size();
      HUILIU_TRY(commit(from, to, last, last && with_cursor));
      from = to;
    } while (from < records_.size());
    records_.clear();
    bad_.clear();
    return {};
  }

  IngestTotals totals;

 private:
  Status commit(std::size_t from, std::size_t to, bool with_bad, bool with_cursor) {
    store::Cursor saved = cursor_;
    saved.read += static_cast<std::int64_t>(to - from);
    saved.saved = workspace_.clock->now();
    IngestTotals batch;
    store::RunStream counts;
    HUILIU_TRY(workspace_.store->write([&](store::Transaction& transaction) -> Status {
      Ingest ingest(workspace_, context_, transaction);
      for (std::size_t i = from; i < to; ++i) ingest.record(records_[i]);
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
  StateChanges state_;
  Progress& progress_;
  const std::atomic<bool>& stop_;
  std::vector<ReceivedRecord> records_;
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

// A complete pass did not show these records: each is looked up by key; many at once is a question, not a
// deletion.
Status look_for_missing(Workspace& workspace, const ReadTask& task, const store::Cursor& cursor) {
  System& system = *workspace.systems.at(task.connection);
  if (!system.can_lookup()) return {};
  std::vector<model::RecordRef> missing;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    missing = snapshot.not_seen_since(task.connection, task.stream, cursor.scan_started, {{}, 10'000});
    return {};
  }));
  std::erase_if(missing, [](const model::RecordRef& ref) { return ref.key.starts_with("new:"); });
  if (missing.empty()) return {};
  const auto allowed =
      static_cast<std::size_t>(missing_share * static_cast<double>(std::max<std::int64_t>(cursor.read, 0)));
  if (missing.size() > std::max(missing_absolute, allowed))
    return make_error(
        ErrorClass::data,
        "a complete read of " + task.connection + "/" + task.stream + " lacks " +
            std::to_string(missing.size()) +
            " known records; nothing was taken as deleted. Check the system, then read it again in full");
  for (std::size_t from = 0; from < missing.size(); from += look_batch) {
    std::vector<std::string> keys;
    for (std::size_t i = from; i < std::min(missing.size(), from + look_batch); ++i)
      keys.push_back(missing[i].key);
    const Micros started = workspace.clock->now();
    HUILIU_ASSIGN(const std::vector<ReceivedRecord> found, system.lookup(task.stream, keys));
    HUILIU_TRY(ingest_strong(
        workspace, {task.connection, task.stream, task.run, started, model::unknown_time, true}, found));
  }
  return {};
}

// A create without an answer: is the record there? By its natural keys. What is not found may still land for
// a while; returns until when, 0 when it is settled.
Result<Micros> look_for_created(Workspace& workspace, const model::RecordRef& ref, const std::string& run) {
  System& system = *workspace.systems.at(ref.connection);
  if (!system.can_find()) return Micros{0};
  const mapping::StreamMapping* mapped = workspace.mappings.at(ref.connection)->stream(ref.stream);
  std::string intent;
  Micros open_until = 0;
  std::vector<std::pair<std::string, std::string>> keys;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    const auto replica = snapshot.load_replica(ref);
    if (!replica || replica->intents.empty()) return {};
    intent = replica->intents.front().id;
    open_until = std::max(replica->intents.front().started, replica->wend) +
                 workspace.rules->connection(ref.connection)->doubt_lasts;
    StoredReferences references(snapshot, ref.connection);
    std::map<model::FieldIndex, model::FieldValue> sent;
    for (const sync::IntentField& field : replica->intents.front().fields) sent[field.field] = field.value;
    keys = mapped->natural_keys(sent, references);
    return {};
  }));
  if (intent.empty()) return Micros{0};
  const Micros started = workspace.clock->now();
  std::vector<ReceivedRecord> found;
  for (const auto& key : keys) {  // the first natural key that finds something decides
    HUILIU_ASSIGN(found, system.find(ref.stream, {key}));
    if (!found.empty()) break;
  }
  if (found.empty() && started < open_until) return open_until;
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    const Micros now = workspace.clock->now();
    if (found.empty()) {
      workspace.engine->not_there(transaction, ref, intent, now);
      return {};
    }
    const ReadContext context{ref.connection, ref.stream, run, started, model::unknown_time, true};
    Translated shown = translate(found.front(), *workspace.mappings.at(ref.connection), context, transaction);
    sync::WriteResult result;
    result.outcome = sync::Outcome::applied;
    result.remote_key = found.front().key;
    result.remote_token = found.front().token;
    if (shown.kind == Translated::Kind::observation) result.shown = std::move(shown.observation);
    result.started = started;
    result.ended = now;
    workspace.engine->settle(transaction, ref, intent, result, now);
    return {};
  }));
  return Micros{0};
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
    HUILIU_TRY(
        ingest_strong(workspace, {connection, stream, run, started, model::unknown_time, true}, records));
  }
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    for (const store::Delivery& delivery : deliveries)
      transaction.mark_applied(delivery.sequence, workspace.clock->now());
    return {};
  }));
  return deliveries.size();
}

Result<bool> replay_parked(Workspace& workspace, const store::Parked& letter) {
  auto body = model::parse_json(letter.raw);
  const bool mapped = workspace.mappings.contains(letter.connection) &&
                      workspace.mappings.at(letter.connection)->stream(letter.stream) != nullptr;
  if (!body.ok() || !body->is_object() || letter.key.empty() || letter.key.starts_with("new:") || !mapped)
    return false;
  ReceivedRecord record;
  record.key = letter.key;
  record.raw = letter.raw;
  record.body = std::move(*body);
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    transaction.mark_replay({letter.id});
    return {};
  }));
  // As old as when it was received: a newer read of the same record must not be overruled by it.
  HUILIU_TRY(ingest_strong(
      workspace, {letter.connection, letter.stream, {}, letter.tried, model::unknown_time, false}, {record}));
  bool closed = false;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    const auto now = snapshot.load_parked(letter.id);
    closed =
        now && (now->state == store::ParkedState::replayed || now->state == store::ParkedState::resolved);
    return {};
  }));
  return closed;
}

Status ingest_strong(Workspace& workspace, const ReadContext& context,
                     const std::vector<ReceivedRecord>& records) {
  if (records.empty()) return {};
  return workspace.store->write([&](store::Transaction& transaction) -> Status {
    Ingest ingest(workspace, context, transaction);
    for (const ReceivedRecord& record : records) ingest.record(record);
    ingest.wake();
    if (!context.run.empty()) transaction.add_counts(context.run, ingest.counts());
    return {};
  });
}

ReadOutcome read_stream(Workspace& workspace, const ReadTask& task, Progress& progress,
                        const std::atomic<bool>& stop) {
  ReadOutcome outcome;
  ReadContext context{task.connection, task.stream, task.run, 0, model::unknown_time, false};
  store::Cursor cursor = begin_pass(workspace, task, context.unchanged_until);
  context.read_started = cursor.scan_started;
  System& system = *workspace.systems.at(task.connection);
  if (cursor.mode == store::ReadMode::full && cursor.last_read > 0)
    progress.expected += static_cast<std::uint64_t>(cursor.last_read);
  StreamReceiver receiver(workspace, context, cursor, progress, stop);
  const ReadKind kind = cursor.mode == store::ReadMode::changes ? ReadKind::changes : ReadKind::full;
  outcome.status = system.read(task.stream, kind, cursor.position, 0, receiver);
  if (!outcome.status.ok() && outcome.status.error().error_class == ErrorClass::resync) {
    // The remote dropped the cursor: everything again, bases kept; never "from now".
    const Status reset = workspace.store->write([&](store::Transaction& transaction) -> Status {
      transaction.reset_cursor(task.connection, task.stream);
      return {};
    });
    if (reset.ok())
      return read_stream(workspace, {task.connection, task.stream, task.run, true}, progress, stop);
  }
  // What was received before a failure is kept, without moving the cursor past a checkpoint.
  if (Status flushed = receiver.flush(false); !flushed.ok() && outcome.status.ok()) outcome.status = flushed;
  outcome.initial_differences = receiver.totals.initial_differences;
  outcome.conflicts = receiver.totals.conflicts;
  if (!outcome.status.ok()) return outcome;

  const bool full = cursor.mode == store::ReadMode::full;
  outcome.status = workspace.store->write([&](store::Transaction& transaction) -> Status {
    cursor.complete = true;
    cursor.last_complete = workspace.clock->now();
    if (full) cursor.last_read = cursor.read;
    transaction.save(cursor);
    workspace.engine->stream_observed(transaction, task.connection, task.stream);
    return {};
  });
  outcome.complete = outcome.status.ok();
  if (outcome.complete && full) outcome.status = look_for_missing(workspace, task, cursor);
  return outcome;
}

Result<Micros> look(Workspace& workspace, const std::string& connection, const std::string& stream,
                    const std::string& run) {
  System& system = *workspace.systems.at(connection);
  std::vector<model::RecordRef> refs;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    refs = snapshot.to_look(connection, stream, 10'000);
    return {};
  }));
  std::vector<std::string> keys;
  Micros open_until = 0;
  for (const model::RecordRef& ref : refs) {
    if (!ref.key.starts_with("new:")) {
      keys.push_back(ref.key);
      continue;
    }
    HUILIU_ASSIGN(const Micros until, look_for_created(workspace, ref, run));
    open_until = std::max(open_until, until);
  }
  if (!system.can_lookup()) return open_until;
  for (std::size_t from = 0; from < keys.size(); from += look_batch) {
    const std::vector<std::string> some(
        keys.begin() + static_cast<std::ptrdiff_t>(from),
        keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), from + look_batch)));
    const Micros started = workspace.clock->now();
    HUILIU_ASSIGN(const std::vector<ReceivedRecord> found, system.lookup(stream, some));
    HUILIU_TRY(
        ingest_strong(workspace, {connection, stream, run, started, model::unknown_time, true}, found));
  }
  return open_until;
}

}  // namespace huiliu::run
