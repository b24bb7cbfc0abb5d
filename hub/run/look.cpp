#include "hub/run/look.hpp"

#include <algorithm>

#include "hub/run/ingest.hpp"

namespace huiliu::run {
namespace {

using model::Micros;
using model::Result;
using model::Status;

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

}  // namespace

Status look_for_missing(Workspace& workspace, const std::string& connection, const std::string& stream,
                        const std::string& run, Micros since) {
  System& system = *workspace.systems.at(connection);
  if (!system.can_lookup()) return {};
  std::vector<model::RecordRef> missing;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    missing = snapshot.not_seen_since(connection, stream, since, {{}, 10'000});
    return {};
  }));
  std::erase_if(missing, [](const model::RecordRef& ref) { return ref.key.starts_with("new:"); });
  if (missing.empty()) return {};
  for (std::size_t from = 0; from < missing.size(); from += look_batch) {
    std::vector<std::string> keys;
    for (std::size_t i = from; i < std::min(missing.size(), from + look_batch); ++i)
      keys.push_back(missing[i].key);
    const Micros started = workspace.clock->now();
    HUILIU_ASSIGN(const std::vector<ReceivedRecord> found, system.lookup(stream, keys));
    HUILIU_TRY(
        ingest_strong(workspace, {connection, stream, run, started, model::unknown_time, true}, found));
  }
  return {};
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
