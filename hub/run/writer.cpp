#include "hub/run/writer.hpp"

#include <algorithm>

#include "hub/mapping/field_key.hpp"
#include "hub/model/id.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/brakes.hpp"
#include "hub/run/code_reviews.hpp"
#include "hub/run/dead_letters.hpp"
#include "hub/run/ingest.hpp"
#include "hub/run/messages.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::Micros;
using model::Result;
using model::Status;
using model::Value;

constexpr std::size_t plan_batch = 200;  // goldens planned, and so records written, between two commits

// A write that has a durable intent.
struct Begun {
  model::RecordRef ref;  // "new:…" for a create
  std::string intent;
  sync::Op op = sync::Op::update;
  std::size_t fields = 0;
  RecordToWrite record;
  store::SentWrite sent;                          // what is kept of it
  std::optional<sync::BrakeRule> counts_as = {};  // for the brakes; nullopt: a person's own word
  model::Array personal;                          // names of the fields with personal data that leave
};

// Written by undoing, not because golden says so: see hub/sync/undo.hpp.
bool takes_back(const sync::PlannedWrite& write) {
  return write.op == sync::Op::update && !write.fields.empty() && write.fields.front().version == 0;
}

// A plan is of an entity, and two streams of a system may feed one (contacts, and the address book beside
// them): each is written by the mapping of its own stream.
void keep_own(const sync::StreamRules& stream, sync::Plan& plan) {
  const auto foreign = [&](const auto& each) {
    return !each.ref.stream.empty() && each.ref.stream != stream.stream;
  };
  std::erase_if(plan.writes, foreign);
  std::erase_if(plan.held, foreign);
}

class StreamWriter {
 public:
  StreamWriter(Workspace& workspace, const sync::StreamRules& stream, const std::string& connection,
               const std::string& run, Progress& progress)
      : workspace_(workspace),
        stream_(stream),
        connection_(connection),
        run_(run),
        progress_(progress),
        system_(*workspace.systems.at(connection)),
        mapped_(*workspace.mappings.at(connection)->stream(stream.stream)) {}

  Status pass(const std::atomic<bool>& stop) {
    sync::GoldenId after;
    do {
      if (stop) return model::make_error(ErrorClass::cancelled, "stopped");
      sync::Plan plan;
      HUILIU_TRY(workspace_.store->write([&](store::Transaction& transaction) -> Status {
        plan = plan_stream(workspace_, transaction, connection_, stream_, after, plan_batch, true);
        return {};
      }));
      after = plan.next;
      keep_own(stream_, plan);
      if (!plan.writes.empty()) HUILIU_TRY(perform(plan.writes));
    } while (!after.empty());
    return {};
  }

  // Exactly these, in batches.
  Status exactly(const std::vector<sync::PlannedWrite>& writes, const std::atomic<bool>& stop) {
    seen_by_person_ = true;
    for (std::size_t from = 0; from < writes.size(); from += plan_batch) {
      if (stop) return model::make_error(ErrorClass::cancelled, "stopped");
      const auto begin = writes.begin() + static_cast<std::ptrdiff_t>(from);
      const auto end =
          writes.begin() + static_cast<std::ptrdiff_t>(std::min(writes.size(), from + plan_batch));
      HUILIU_TRY(perform({begin, end}));
    }
    return {};
  }

  WriteTotals totals;

 private:
  Status perform(const std::vector<sync::PlannedWrite>& writes) {
    HUILIU_TRY(read_before_write(writes));
    std::vector<Begun> begun;
    HUILIU_TRY(workspace_.store->write([&](store::Transaction& transaction) -> Status {
      begun = begin(transaction, writes);
      return {};
    }));
    if (begun.empty()) return {};
    std::vector<RecordToWrite> records;
    records.reserve(begun.size());
    for (const Begun& one : begun) records.push_back(one.record);
    const Micros started = workspace_.clock->now();
    const std::vector<WrittenRecord> written = system_.write(stream_.stream, records);
    const Micros ended = workspace_.clock->now();
    return workspace_.store->write([&](store::Transaction& transaction) -> Status {
      settle(transaction, begun, written, started, ended);
      return {};
    });
  }

  // Where the vendor offers no conditional write, the record is read by key right before: a difference is
  // observed, and the write is planned again on top of it.
  Status read_before_write(const std::vector<sync::PlannedWrite>& writes) {
    const sync::ConnectionRules* rules = workspace_.rules->connection(connection_);
    if (rules->grade == sync::WriteGrade::conditional || !system_.can_lookup()) return {};
    std::vector<std::string> keys;
    for (const sync::PlannedWrite& write : writes)
      if (!write.ref.key.empty()) keys.push_back(write.ref.key);
    if (keys.empty()) return {};
    const Micros started = workspace_.clock->now();
    HUILIU_ASSIGN(const std::vector<ReceivedRecord> found, system_.lookup(stream_.stream, keys));
    return ingest_strong(workspace_, {connection_, stream_.stream, run_, started, model::unknown_time, true},
                         found);
  }

  std::vector<Begun> begin(store::Transaction& transaction, const std::vector<sync::PlannedWrite>& writes) {
    const Micros now = workspace_.clock->now();
    std::vector<Begun> begun;
    store::RunStream counts = ledger();
    for (const sync::PlannedWrite& write : writes) {
      ++counts.due;
      counts.keys_due += model::hash64(write.golden);
      if (!takes_back(write) && written_against(workspace_, transaction, write, run_)) {
        counts.keys_settled += model::hash64(write.golden);
        ++counts.held;  // what is left of it is planned again in the next pass
        continue;
      }
      auto intent = takes_back(write) ? workspace_.engine->begin_undo(transaction, write, run_, now)
                                      : workspace_.engine->begin(transaction, write, run_, now);
      if (!intent) {
        counts.keys_settled += model::hash64(write.golden);
        ++counts.stale;  // the world moved between plan and send: planned again in the next pass
        continue;
      }
      Begun one;
      one.ref = write.ref;
      if (one.ref.key.empty()) one.ref.key = "new:" + intent->id;
      one.intent = intent->id;
      one.counts_as = rule_of(transaction, write);
      one.op = intent->op;
      one.fields = intent->fields.size();
      one.record.key = write.ref.key;
      one.record.token = intent->expected_token;
      one.record.operation_id = intent->id;
      if (const Status encoded = encode(transaction, *intent, one); !encoded.ok()) {
        sync::WriteResult refused;
        refused.outcome = sync::Outcome::rejected;
        refused.code = "mapping";
        refused.message = encoded.error().message;
        refused.started = refused.ended = now;
        workspace_.engine->settle(transaction, one.ref, one.intent, refused, now);
        counts.keys_settled += model::hash64(write.golden);
        ++counts.rejected;
        dead_letter(transaction, one, refused.code, "refused the write: " + refused.message, now);
        continue;
      }
      one.personal = personal_fields(*intent, write.entity);
      one.sent = sent_write(*intent, one.ref, write.entity, now);
      if (one.op != sync::Op::create) transaction.add_write(one.sent);
      begun.push_back(std::move(one));
    }
    transaction.add_counts(run_, counts);
    return begun;
  }

  model::Array personal_fields(const sync::Intent& intent, const std::string& entity) const {
    model::Array names;
    const model::Entity& of = *workspace_.rules->schema->find(entity);
    for (const sync::IntentField& field : intent.fields)
      if (!of.fields[field.field].pii.empty() && field.value.has_value())
        names.emplace_back(of.fields[field.field].name);
    return names;
  }

  // Whose personal data went where: kept for years, longer than the run and its writes.
  void note_delivery(store::Transaction& transaction, const Begun& one, const std::string& key,
                     sync::Settled settled, Micros now) const {
    const bool left = settled == sync::Settled::applied || settled == sync::Settled::in_doubt;
    if (!left || one.personal.empty()) return;
    audit(transaction, "hub", "delivery", one.sent.golden,
          model::Object{{"connection", connection_},
                        {"stream", stream_.stream},
                        {"record", key},
                        {"fields", one.personal},
                        {"run", run_},
                        {"certain", settled == sync::Settled::applied}},
          now);
  }

  // Of a create the record itself is what is kept; of everything else, what stood there before.
  store::SentWrite sent_write(const sync::Intent& intent, const model::RecordRef& ref,
                              const std::string& entity, Micros now) const {
    store::SentWrite sent;
    sent.intent = intent.id;
    sent.run = run_;
    sent.ref = ref;
    sent.entity = entity;
    sent.golden = intent.golden;
    sent.op = intent.op;
    sent.at = now;
    const model::Entity& of = *workspace_.rules->schema->find(entity);
    if (intent.op != sync::Op::create)
      for (const sync::IntentField& field : intent.fields)
        sent.fields.push_back({of.fields[field.field].name, field.before, field.value, field.version});
    return sent;
  }

  Status encode(store::Transaction& transaction, const sync::Intent& intent, Begun& one) {
    one.record.remove = intent.op == sync::Op::remove;
    if (!one.record.key.empty())
      if (auto stored = stored_record(one.ref, transaction)) one.record.base = std::move(stored->body);
    Value body = model::Object{};
    StoredReferences references(transaction, connection_);
    for (const sync::IntentField& field : intent.fields) {
      model::FieldValue value = field.value;
      value.value = mapping::FieldKey(mapped_.entity_model().fields[field.field])
                        .spelled_like(std::move(value.value), field.before.value);
      const mapping::Encoded encoded = mapped_.encode(field.field, value, references, body);
      if (encoded.kind != mapping::Encoded::Kind::written)
        return model::make_error(
            ErrorClass::data,
            workspace_.rules->schema->find(stream_.entity)->fields[field.field].name + ": " + encoded.reason);
    }
    if (intent.op == sync::Op::disable || intent.op == sync::Op::enable)
      mapped_.encode_switch(intent.op == sync::Op::disable, body);
    if (intent.op == sync::Op::create) {
      state_organisation(transaction, intent.golden, body);
      mapped_.add_constants(body);
    }
    one.record.body = std::move(body);
    return {};
  }

  // The organisation that the creation request names (of several: the first; the others are allocated later).
  void state_organisation(store::Transaction& transaction, const std::string& golden_id, Value& body) {
    const auto golden = transaction.load_golden(transaction.resolve(golden_id));
    if (!golden || stream_.create_organisation.empty()) return;
    const auto words = workspace_.rules->connection(connection_)->create_words(*golden);
    std::string organisation;
    for (const char* word : {"organisations", "organisation"})
      if (const auto said = words.find(word); said != words.end())
        organisation = said->second.substr(0, said->second.find(','));
    if (!organisation.empty()) body.make_path(stream_.create_organisation) = organisation;
  }

  void settle(store::Transaction& transaction, const std::vector<Begun>& begun,
              const std::vector<WrittenRecord>& written, Micros started, Micros ended) {
    store::RunStream counts = ledger();
    std::map<sync::BrakeRule, std::int64_t> written_by_rule;
    for (std::size_t i = 0; i < begun.size(); ++i) {
      const WrittenRecord& answer = written[i];
      sync::WriteResult result;
      result.outcome = answer.outcome;
      result.remote_key = answer.key;
      result.remote_token = answer.token;
      result.message = answer.message;
      result.code = answer.code;
      result.started = started;
      result.ended = ended;
      if (answer.shown) result.shown = shown(transaction, *answer.shown, started);
      const sync::Settled settled =
          workspace_.engine->settle(transaction, begun[i].ref, begun[i].intent, result, ended);
      count(counts, begun[i], settled);
      if (settled == sync::Settled::applied && begun[i].counts_as) ++written_by_rule[*begun[i].counts_as];
      store::SentWrite sent = begun[i].sent;
      sent.outcome = settled;
      if (!answer.key.empty()) sent.ref.key = answer.key;
      transaction.add_write(sent);
      note_delivery(transaction, begun[i], sent.ref.key, settled, ended);
      if (settled == sync::Settled::rejected)
        dead_letter(transaction, begun[i], answer.code, "refused the write: " + answer.message, ended);
      else if (settled == sync::Settled::applied && !answer.code.empty())
        dead_letter(transaction, begun[i], answer.code, "was written but for one field: " + answer.message,
                    ended);
      else
        transaction.close_parked(begun[i].ref, ended);
    }
    note_written(workspace_, transaction, connection_, stream_.stream, written_by_rule);
    tell_notices(workspace_, transaction, workspace_.engine->take_notices());
    transaction.add_counts(run_, counts);
  }

  // Under which limit a write falls. A plan that a person saw was judged by him.
  std::optional<sync::BrakeRule> rule_of(store::Transaction& transaction, const sync::PlannedWrite& write) {
    const auto golden = seen_by_person_ ? std::nullopt : transaction.load_golden(write.golden);
    if (!golden) return std::nullopt;
    sync::BrakeTally tally;
    sync::count_outgoing(tally, write, *golden, *workspace_.rules->schema->find(write.entity));
    return tally.counts.empty() ? std::nullopt : std::optional(tally.counts.begin()->first);
  }

  std::optional<sync::Observation> shown(store::Transaction& transaction, const ReceivedRecord& record,
                                         Micros started) {
    const ReadContext context{connection_, stream_.stream, run_, started, model::unknown_time, true};
    Translated translated = translate(record, *workspace_.mappings.at(connection_), context, transaction);
    if (translated.kind != Translated::Kind::observation) return std::nullopt;
    apply_organisation_codes(workspace_, connection_, stream_.stream, record.body,
                             translated.observation.image);
    return std::move(translated.observation);
  }

  void count(store::RunStream& counts, const Begun& one, sync::Settled settled) {
    counts.keys_settled += model::hash64(one.sent.golden);
    switch (settled) {
      case sync::Settled::applied:
        ++counts.applied;
        ++totals.applied;
        totals.fields += static_cast<std::int64_t>(one.fields);
        progress_.fields += one.fields;
        ++progress_.written;
        if (one.op == sync::Op::create) ++totals.created, ++progress_.created;
        break;
      case sync::Settled::already:
        ++counts.already;
        break;
      case sync::Settled::stale:
        ++counts.stale;
        break;
      case sync::Settled::rejected:
        ++counts.rejected, ++progress_.dead;
        break;
      case sync::Settled::deferred:
        ++counts.deferred;
        break;
      case sync::Settled::in_doubt:
        ++counts.in_doubt;
        break;
      case sync::Settled::held:
        ++counts.held;
        break;
    }
  }

  void dead_letter(store::Transaction& transaction, const Begun& one, const std::string& code,
                   const std::string& message, Micros now) {
    store::Parked parked;
    parked.id = model::make_id("dlt", now, *workspace_.random);
    parked.connection = connection_;
    parked.stream = stream_.stream;
    parked.key = one.ref.key;
    parked.cause = code.empty() ? "rejected" : code;
    parked.message = one.ref.text() + " " + message;
    parked.raw = refused_write_text(one.record.body);
    parked.state = store::ParkedState::dead;
    parked.opened = parked.tried = now;
    parked.run = run_;
    transaction.park(parked);
  }

  store::RunStream ledger() const {
    store::RunStream counts;
    counts.connection = connection_;
    counts.stream = stream_.stream;
    return counts;
  }

  Workspace& workspace_;
  const sync::StreamRules& stream_;
  const std::string& connection_;
  const std::string& run_;
  Progress& progress_;
  System& system_;
  const mapping::StreamMapping& mapped_;
  bool seen_by_person_ = false;
};

}  // namespace

sync::Plan plan_stream(Workspace& workspace, sync::Repository& repository, const std::string& connection,
                       const sync::StreamRules& stream, const sync::GoldenId& after, std::size_t limit,
                       bool open_requests) {
  sync::Plan plan = workspace.engine->plan(repository, connection, stream.entity, after, limit, open_requests,
                                           workspace.clock->now());
  const auto of_another = [&](const auto& one) { return one.ref.stream != stream.stream; };
  std::erase_if(plan.writes, of_another);
  std::erase_if(plan.held, of_another);
  return plan;
}

std::vector<const sync::StreamRules*> ordered_streams(const sync::Rules& rules,
                                                      const sync::ConnectionRules& connection) {
  std::vector<const sync::StreamRules*> streams;
  for (const auto& [name, stream] : connection.streams) streams.push_back(&stream);
  // An entity comes after those it refers to; reference data refers to nothing.
  const auto depth = [&](const sync::StreamRules* stream) {
    const model::Entity* entity = rules.schema->find(stream->entity);
    if (entity->reference_data) return 0;
    const bool refers_to_masters =
        std::any_of(entity->fields.begin(), entity->fields.end(), [&](const model::Field& field) {
          const model::Entity* target =
              field.reference_to.empty() ? nullptr : rules.schema->find(field.reference_to);
          return target != nullptr && target != entity && !target->reference_data;
        });
    return refers_to_masters ? 2 : 1;
  };
  std::stable_sort(streams.begin(), streams.end(),
                   [&](const auto* a, const auto* b) { return depth(a) < depth(b); });
  return streams;
}

namespace {

// Lets `work` write every stream of the connection that can be written, in their order.
template <class Work>
WriteOutcome each_stream(Workspace& workspace, const std::string& connection, const std::string& run,
                         Progress& progress, Work work) {
  WriteOutcome outcome;
  if (!workspace.systems.at(connection)->can_write()) return outcome;
  const sync::ConnectionRules& rules = *workspace.rules->connection(connection);
  for (const sync::StreamRules* stream : ordered_streams(*workspace.rules, rules)) {
    if (!stream->receives()) continue;
    StreamWriter writer(workspace, *stream, connection, run, progress);
    outcome.status = work(writer, *stream);
    outcome.totals.applied += writer.totals.applied;
    outcome.totals.created += writer.totals.created;
    outcome.totals.fields += writer.totals.fields;
    if (!outcome.status.ok()) break;
  }
  return outcome;
}

}  // namespace

WriteOutcome write_due(Workspace& workspace, const std::string& connection, const std::string& run,
                       Progress& progress, const std::atomic<bool>& stop) {
  return each_stream(workspace, connection, run, progress,
                     [&](StreamWriter& writer, const sync::StreamRules&) { return writer.pass(stop); });
}

WriteOutcome write_planned(Workspace& workspace, const std::string& connection,
                           const std::vector<sync::PlannedWrite>& plan, const std::string& run,
                           Progress& progress, const std::atomic<bool>& stop) {
  return each_stream(workspace, connection, run, progress,
                     [&](StreamWriter& writer, const sync::StreamRules& stream) {
                       std::vector<sync::PlannedWrite> writes;
                       for (const sync::PlannedWrite& write : plan)
                         if (write.ref.connection == connection && write.ref.stream == stream.stream)
                           writes.push_back(write);
                       return writer.exactly(writes, stop);
                     });
}

Status each_remaining(Workspace& workspace, const std::string& connection, bool open_requests,
                      const std::function<void(const Remaining&)>& visit) {
  const sync::ConnectionRules& rules = *workspace.rules->connection(connection);
  for (const sync::StreamRules* stream : ordered_streams(*workspace.rules, rules)) {
    if (!stream->receives()) continue;
    sync::GoldenId after;
    do {
      sync::Plan plan;
      const auto look = [&](auto& repository) -> Status {
        plan = plan_stream(workspace, repository, connection, *stream, after, plan_batch, open_requests);
        return {};
      };
      if (open_requests)
        HUILIU_TRY(
            workspace.store->write([&](store::Transaction& transaction) { return look(transaction); }));
      else
        HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) { return look(snapshot); }));
      after = plan.next;
      keep_own(*stream, plan);
      visit({std::move(plan.writes), std::move(plan.held)});
    } while (!after.empty());
  }
  return {};
}

Result<Remaining> remaining(Workspace& workspace, const std::string& connection, bool open_requests) {
  Remaining all;
  HUILIU_TRY(each_remaining(workspace, connection, open_requests, [&](const Remaining& some) {
    all.writes.insert(all.writes.end(), some.writes.begin(), some.writes.end());
    all.held.insert(all.held.end(), some.held.begin(), some.held.end());
  }));
  return all;
}

}  // namespace huiliu::run
