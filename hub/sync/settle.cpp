#include "hub/sync/settle.hpp"

#include <algorithm>

#include "hub/sync/create.hpp"
#include "hub/sync/ingest.hpp"
#include "hub/sync/link.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/observe.hpp"
#include "hub/sync/removal.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/undo.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

Intent* find_intent(Replica& replica, const std::string& id) {
  const auto found = std::find_if(replica.intents.begin(), replica.intents.end(),
                                  [&](const Intent& i) { return i.id == id; });
  return found == replica.intents.end() ? nullptr : &*found;
}

// The write of an intent, with the cluster it belongs to.
struct OpenWrite {
  Context& context;
  Work& work;
  RecordRef ref;
  std::string id;
  const WriteResult& result;

  Replica& replica() { return *work.cluster.find(ref); }
  Intent& intent() { return *find_intent(replica(), id); }
};

void drop_provisional(OpenWrite& write) {
  write.context.repository.erase_replica(write.ref);
  write.context.repository.set_look(write.ref, false);
  std::erase_if(write.work.cluster.replicas,
                [&](const Replica& replica) { return replica.ref == write.ref; });
}

// A record that the hub made was taken for a new one when a listing showed it before our answer came. What it
// got from us is no claim of its own, nor is what its system added.
void forget_given_values(OpenWrite& write) {
  Replica& replica = write.replica();
  for (auto& [field, known] : replica.fields) {
    if (!known.claim || !known.claim->initial) continue;
    const auto& sent = write.intent().fields;
    const auto given = std::find_if(sent.begin(), sent.end(),
                                    [name = field](const IntentField& s) { return s.field == name; });
    if (given != sent.end() && !stands_for(write.context, replica.ref, field, known.base, given->value))
      continue;
    known.unclaimed = given == sent.end();
    known.claim.reset();
    if (given != sent.end()) known.stands = given->value;
    write.work.claimed.insert(field);
  }
}

// A record that was created gets its real key. When it stands under that key already (see join_early), the
// two are one.
void take_real_key(OpenWrite& write, bool made_here) {
  const RecordRef real{write.ref.connection, write.ref.stream, write.result.remote_key};
  if (real == write.ref) return;
  use_up_wish(write.work, real.connection);
  Replica made = write.replica();
  drop_provisional(write);
  write.ref = real;
  if (Replica* const known = write.work.cluster.find(real)) {
    const Likeness alike = likeness(write.context, real, made.intents.front(), image_of(*known));
    const bool ours = made_here && alike.equal > alike.different;
    known->made_by_hub = ours;
    known->intents.insert(known->intents.end(), made.intents.begin(), made.intents.end());
    if (ours) forget_given_values(write);
    return;
  }
  made.ref = real;
  made.evid = made.intents.front().started;
  made.made_by_hub = made_here;
  write.work.rekeyed[real].reset();
  write.work.cluster.replicas.push_back(std::move(made));
}

// Applied without a body: acknowledged, not yet seen. Base is unknown to us until a look.
void acknowledge(OpenWrite& write) {
  Replica& replica = write.replica();
  Intent& intent = write.intent();
  intent.state = IntentState::acknowledged;
  if (token_older(replica.token, write.result.remote_token) || replica.token.empty())
    replica.token = write.result.remote_token;
  for (const auto& sent : intent.fields) {
    ReplicaField& known = replica.fields[sent.field];
    known.unverified = true;
    if (planted(Mutant::acknowledged_as_base)) {
      known.base = known.stands = sent.value;
      known.unverified = false;
    }
  }
  if (planted(Mutant::acknowledged_as_base)) close_intent(write.work, replica, write.id);
  write.context.repository.set_look(write.ref, true);
}

// Applied with the record as it now stands: observed as our own write.
void observe_answer(OpenWrite& write) {
  Observation shown = *write.result.shown;
  shown.ref = write.ref;
  shown.strong = true;
  if (shown.token.empty()) shown.token = write.result.remote_token;
  if (!planted(Mutant::answer_ignored))
    observe(write.context, write.work, write.ref, shown, {true, write.id});
  close_intent(write.work, write.replica(), write.id);
  follow_approval(write.work, write.replica(), shown);
  take_record(write.replica(), shown);
  write.work.rekeyed[write.ref].reset();
  write.context.repository.set_look(write.ref, !write.replica().intents.empty());
}

// The body of an answer counts unless something newer was seen while the answer was on its way.
bool shows_current_state(OpenWrite& write) {
  if (!write.result.shown || write.result.shown->deleted) return false;
  const Replica& replica = write.replica();
  const Observation& shown = *write.result.shown;
  const std::string& token = shown.token.empty() ? write.result.remote_token : shown.token;
  return !token_older(token, replica.token) && shown.read_started >= replica.evid;
}

Settled settle_applied(OpenWrite& write, Settled as) {
  if (write.intent().op == Op::create) {
    if (write.result.remote_key.empty()) {
      write.intent().state = IntentState::in_doubt;  // made, but under which key? find it first
      write.context.repository.set_look(write.ref, true);
      return Settled::in_doubt;
    }
    take_real_key(write, true);
  }
  if (shows_current_state(write))
    observe_answer(write);
  else
    acknowledge(write);
  return as;
}

// The write did not happen, so nothing that was seen meanwhile was its side effect: it was an edit. What a
// hub that was put back from a backup cannot explain stays so.
void explain_edits(OpenWrite& write, Micros started) {
  for (auto& [field, known] : write.replica().fields) {
    if (!known.claim || !known.claim->unexplained) continue;
    const Interval& changed = known.claim->changed;
    if (changed.to <= started || changed.from < write.context.rules.restored_at) continue;
    known.claim->unexplained = false;
    write.work.claimed.insert(field);
  }
}

// Not made, and not asked for again with the same values.
Settled refuse_create(OpenWrite& write) {
  const Intent intent = write.intent();
  const std::string& connection = write.ref.connection;
  write.work.golden().creates[connection] =
      "rejected:" + create_fingerprint(intent.fields, write.work.entity);
  close_intent(write.work, write.replica(), write.id);
  drop_provisional(write);
  return Settled::rejected;
}

// Not taken: the same values are not sent again.
Settled settle_rejected(OpenWrite& write) {
  Replica& replica = write.replica();
  const Intent intent = write.intent();
  if (intent.op == Op::create) return refuse_create(write);
  close_intent(write.work, replica, write.id);
  explain_edits(write, intent.started);
  reject_removal(write.work, replica, intent);
  for (const auto& sent : intent.fields)
    refuse(write.context, write.work, write.ref, sent.field, replica.fields[sent.field], sent.value);
  write.context.repository.set_look(write.ref, !replica.intents.empty());
  return Settled::rejected;
}

// The system has such a record already: that one is linked, and the next look tells whether it holds what we
// sent. When it is known as another customer's, a person tells whether the two are one.
Settled settle_duplicate(OpenWrite& write) {
  if (write.intent().op != Op::create || write.result.remote_key.empty()) return settle_rejected(write);
  const GoldenId there =
      write.context.repository.golden_of({write.ref.connection, write.ref.stream, write.result.remote_key});
  if (!there.empty() && there != write.work.golden().id) {
    const auto other = write.context.repository.load_golden(there);
    if (other && !was_judged(write.work.golden(), there))
      ask_whether_same(write.context, write.work, *other,
                       {write.ref.connection + " has it as " + write.result.remote_key});
    return refuse_create(write);
  }
  take_real_key(write, false);
  write.intent().state = IntentState::in_doubt;
  write.context.repository.set_look(write.ref, true);
  return Settled::already;
}

Settled settle_not_done(OpenWrite& write, Settled as) {
  Replica& replica = write.replica();
  const bool create = write.intent().op == Op::create;
  const Micros started = write.intent().started;
  close_intent(write.work, replica, write.id);
  if (create && is_provisional(write.ref)) {
    drop_provisional(write);
    return as;
  }
  explain_edits(write, started);
  // STALE: somebody was there before us. Look at what he did before anything else.
  write.context.repository.set_look(write.ref, as == Settled::stale || !replica.intents.empty());
  return as;
}

Settled settle_in_doubt(OpenWrite& write) {
  if (write.intent().state == IntentState::acknowledged && !planted(Mutant::doubt_over_acknowledged))
    return Settled::already;  // what is known stays known
  const bool create = write.intent().op == Op::create;
  if (planted(Mutant::doubt_as_success) && !create) return settle_applied(write, Settled::applied);
  if (planted(Mutant::doubt_as_failure) && !create) return settle_not_done(write, Settled::deferred);
  if (planted(Mutant::create_retried) && create) return settle_not_done(write, Settled::deferred);
  write.intent().state = IntentState::in_doubt;
  write.context.repository.set_look(write.ref, true);
  return Settled::in_doubt;
}

Settled settle_by_outcome(OpenWrite& write) {
  switch (write.result.outcome) {
    case Outcome::applied:
      return settle_applied(write, Settled::applied);
    case Outcome::unchanged:
      return settle_applied(write, Settled::already);
    case Outcome::stale:
      return settle_not_done(write, Settled::stale);
    case Outcome::duplicate:
      return settle_duplicate(write);
    case Outcome::gone:
      if (write.intent().op == Op::remove) {  // as wanted; the deletion is observed below
        write.intent().state = IntentState::acknowledged;
        return Settled::already;
      }
      return settle_not_done(write, Settled::stale);
    case Outcome::rejected:
      return settle_rejected(write);
    case Outcome::deferred:
      return settle_not_done(write, Settled::deferred);
    case Outcome::in_doubt:
      break;
  }
  return settle_in_doubt(write);
}

// The record that carries the intent now: a create may have been recognised in a listing before its answer
// came.
std::optional<RecordRef> carrier_of(Context& context, const RecordRef& ref, const std::string& intent,
                                    const WriteResult& result) {
  for (const RecordRef& candidate : {ref, RecordRef{ref.connection, ref.stream, result.remote_key}}) {
    if (candidate.key.empty()) continue;
    auto replica = context.repository.load_replica(candidate);
    if (replica && find_intent(*replica, intent) != nullptr) return candidate;
  }
  return std::nullopt;
}

// A listing may have shown the created record before the answer came, and identity may not have recognised
// it: then it got a golden record of its own, which is ours.
void join_early(Context& context, const Replica& carrier, const WriteResult& result) {
  const bool made = result.outcome == Outcome::applied || result.outcome == Outcome::unchanged;
  if (!made || !is_provisional(carrier.ref) || result.remote_key.empty()) return;
  const GoldenId early =
      context.repository.golden_of({carrier.ref.connection, carrier.ref.stream, result.remote_key});
  if (!early.empty() && early != carrier.golden)
    static_cast<void>(
        merge_goldens(context, carrier.golden, early, std::string(console)));  // both exist, of one entity
}

}  // namespace

Settled settle_write(Context& context, const RecordRef& ref, const std::string& intent,
                     const WriteResult& result) {
  const auto carrier = carrier_of(context, ref, intent, result);
  if (!carrier) return Settled::already;  // its outcome was seen before the answer came
  const auto replica = context.repository.load_replica(*carrier);
  join_early(context, *replica, result);
  auto work = open_work(context, replica->golden);
  if (!work) return Settled::already;
  OpenWrite write{context, *work, *carrier, intent, result};
  write.work.run = write.intent().run;
  write.replica().wend = std::max(write.replica().wend, result.ended);
  const Settled settled = settle_by_outcome(write);
  finish(context, *work);
  if (result.outcome == Outcome::gone || (result.outcome == Outcome::stale && result.shown)) {
    Observation shown = result.shown.value_or(Observation{});
    shown.ref = write.ref;
    shown.entity = work->entity.name;
    shown.deleted = shown.deleted || result.outcome == Outcome::gone;
    // The answer is from after the write; without versions that must show in its time.
    const StreamRules* const stream = context.rules.stream(write.ref);
    const Micros after = stream != nullptr && stream->has_tokens ? result.ended : result.ended + 1;
    shown.read_started = std::max(shown.read_started, after);
    shown.strong = true;
    if (shown.deleted || !is_provisional(write.ref)) static_cast<void>(ingest_observation(context, shown));
  }
  return settled;
}

void write_not_there(Context& context, const RecordRef& ref, const std::string& intent) {
  const WriteResult nothing{Outcome::deferred, {}, {}, std::nullopt, {}, {}, context.now, context.now};
  const auto carrier = carrier_of(context, ref, intent, nothing);
  if (!carrier) return;
  const auto replica = context.repository.load_replica(*carrier);
  const ConnectionRules* const connection = context.rules.connection(ref.connection);
  if (connection != nullptr && context.now < replica->wend + connection->doubt_lasts) return;
  auto work = open_work(context, replica->golden);
  if (!work) return;
  OpenWrite write{context, *work, *carrier, intent, nothing};
  static_cast<void>(settle_not_done(write, Settled::deferred));
  finish(context, *work);
}

}  // namespace huiliu::sync
