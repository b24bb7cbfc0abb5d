#include "hub/run/ingest.hpp"

#include <utility>

#include "hub/model/id.hpp"
#include "hub/run/code_reviews.hpp"
#include "hub/run/dead_letters.hpp"
#include "hub/run/messages.hpp"
#include "hub/run/probe.hpp"
#include "hub/run/unmapped.hpp"

namespace huiliu::run {
namespace {

using model::Micros;
using model::Result;
using model::Status;

constexpr std::size_t wake_rounds_max = 8;  // chains of references are short; a cycle must not spin

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

}  // namespace

Ingest::Ingest(Workspace& workspace, const ReadContext& context, store::Transaction& transaction)
    : workspace_(workspace), context_(context), transaction_(transaction), now_(workspace.clock->now()) {
  counts_.connection = context.connection;
  counts_.stream = context.stream;
  store::ParkedQuery query{
      context.connection, context.stream, {}, {store::ParkedState::dead, store::ParkedState::parked}};
  had_parked_ = !transaction.list_parked(query, {{}, 1}).empty();
  has_probe_records_ = has_probe_records(transaction);
  has_unmapped_ = has_unmapped(transaction, context.connection);
}

void Ingest::record(const ReceivedRecord& received, std::optional<Translated> ahead) {
  ++counts_.read;
  counts_.keys_out += model::hash64(received.key);
  const sync::Received outcome = one(received, context_, std::move(ahead));
  count(outcome);
  if (had_parked_ && outcome != sync::Received::dead && outcome != sync::Received::parked)
    transaction_.close_parked({context_.connection, context_.stream, received.key}, now_);
}

void Ingest::bad(const BadRecord& record) {
  ++counts_.read;
  ++counts_.dead;
  counts_.keys_out += model::hash64(record.key);
  transaction_.park(
      dead_letter(workspace_, context_, record.key, record.cause, record.message, record.raw, now_));
}

void Ingest::wake() {
  for (std::size_t round = 0; round < wake_rounds_max && !woken_.empty(); ++round) {
    const std::vector<model::RecordRef> batch = std::exchange(woken_, {});
    for (const model::RecordRef& ref : batch) {
      const auto stored = stored_record(ref, transaction_);
      if (!stored) continue;
      const auto replica = transaction_.load_replica(ref);
      ReadContext context{ref.connection, ref.stream, context_.run, replica->evid, model::unknown_time, true};
      const sync::Received outcome = one(*stored, context, std::nullopt);
      if (outcome != sync::Received::dead && outcome != sync::Received::parked)
        transaction_.close_parked(ref, now_);  // what it waited for has come
    }
  }
}

// A record without those who were erased; nullopt: it is the record of one.
std::optional<ReceivedRecord> Ingest::without_erased(const ReceivedRecord& received,
                                                     const ReadContext& context) const {
  const access::Suppression& suppression = *workspace_.suppression;
  if (suppression.has_record({context.connection, context.stream, received.key})) return std::nullopt;
  ReceivedRecord stripped = received;
  bool root = false;
  if (!suppression.strip(stripped.body, root)) return received;
  const mapping::StreamMapping* mapped = workspace_.mappings.at(context.connection)->stream(context.stream);
  // In a person's record the identifier is his; in a company's, it is one of its numbers.
  if (root && mapped != nullptr && mapped->entity() != "customer") return std::nullopt;
  stripped.raw = model::to_json(stripped.body);
  return stripped;
}

// Neither decoded nor looked at further: the usual case of a scan. What decoding would note beside the image
// (codes without a meaning) is noted all the same.
bool Ingest::is_unchanged(const ReceivedRecord& received, const mapping::Mapping& mapping,
                          const ReadContext& context) {
  if (received.deleted || has_probe_records_ || has_unmapped_) return false;
  const model::RecordRef ref{context.connection, context.stream, received.key};
  const sync::Glance glance{
      ref, received.raw, received.token, mapping.version(), context.read_started, context.strong};
  if (!workspace_.engine->ingest_unchanged(transaction_, glance, now_)) return false;
  ask_about_codes(workspace_, transaction_, context.connection, context.stream, received.key, received.body);
  return true;
}

sync::Received Ingest::one(const ReceivedRecord& as_received, const ReadContext& context,
                           std::optional<Translated> ahead) {
  std::optional<ReceivedRecord> stripped;
  if (workspace_.suppression != nullptr) {
    stripped = without_erased(as_received, context);
    if (!stripped) return sync::Received::filtered;
  }
  const ReceivedRecord& received = stripped ? *stripped : as_received;
  const mapping::Mapping& mapping = *workspace_.mappings.at(context.connection);
  if (is_unchanged(received, mapping, context)) return sync::Received::unchanged;
  Translated translated =
      ahead && !stripped ? std::move(*ahead) : translate(received, mapping, context, transaction_);
  if (!received.deleted && translated.kind != Translated::Kind::filtered) {
    apply_organisation_codes(workspace_, context.connection, context.stream, received.body,
                             translated.observation.image);
    ask_about_codes(workspace_, transaction_, context.connection, context.stream, received.key,
                    received.body);
  }
  if (translated.kind == Translated::Kind::filtered) return sync::Received::filtered;
  if (has_probe_records_ && is_probe_record(transaction_, translated.observation.ref))
    return sync::Received::filtered;
  if (translated.kind == Translated::Kind::parked) {
    transaction_.park(dead_letter(workspace_, context, received.key, translated.cause, translated.message,
                                  received.raw, now_));
    return sync::Received::dead;
  }
  note_unmapped(transaction_, translated.observation.ref, translated.problems, context.read_started);
  sync::IngestResult result = workspace_.engine->ingest(transaction_, translated.observation, now_);
  tell_notices(workspace_, transaction_, workspace_.engine->take_notices());
  woken_.insert(woken_.end(), result.woken.begin(), result.woken.end());
  totals.initial_differences += result.initial_differences;
  totals.conflicts += result.conflicts;
  if (result.received == sync::Received::dead || result.received == sync::Received::parked)
    transaction_.park(
        dead_letter(workspace_, context, received.key, "engine", result.reason, received.raw, now_));
  return result.received;
}

void Ingest::count(sync::Received received) {
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

Result<bool> replay_parked(Workspace& workspace, const store::Parked& letter) {
  if (is_refused_write(letter)) {
    bool sent = false;
    HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
      sent = send_again(workspace, transaction, letter);
      store::Parked closed = letter;
      closed.state = sent ? store::ParkedState::replayed : store::ParkedState::resolved;
      closed.tried = workspace.clock->now();
      transaction.save(closed);
      return {};
    }));
    return true;
  }
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
    store::RunStream counts = ingest.counts();
    for (const ReceivedRecord& record : records) counts.keys_in += model::hash64(record.key);
    if (!context.run.empty()) transaction.add_counts(context.run, counts);
    return {};
  });
}

}  // namespace huiliu::run
