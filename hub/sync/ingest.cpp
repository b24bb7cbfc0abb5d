#include "hub/sync/ingest.hpp"

#include <algorithm>

#include "hub/identity/match.hpp"
#include "hub/sync/create.hpp"
#include "hub/sync/link.hpp"
#include "hub/sync/observe.hpp"
#include "hub/sync/plan.hpp"
#include "hub/sync/removal.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

IngestResult received_as(Received received, std::string reason = {}) {
  IngestResult result;
  result.received = received;
  result.reason = std::move(reason);
  return result;
}

Evidence worth(const Replica& replica, const StreamRules& stream, const Observation& observation) {
  return weigh({replica.evid, replica.wend, replica.token}, stream,
               {observation.token, observation.read_started, observation.strong});
}

bool has_unverified(const Replica& replica) {
  return std::any_of(replica.fields.begin(), replica.fields.end(),
                     [](const auto& f) { return f.second.unverified; });
}

// Nothing but the time of the look is new.
bool is_unchanged(const Replica& replica, const Observation& observation, std::uint64_t hash) {
  return replica.raw_hash == hash && replica.mapping_version == observation.mapping_version &&
         replica.intents.empty() && !replica.gone && !observation.deleted && !has_unverified(replica) &&
         replica.pending == observation.image.pending &&
         replica.pending_approval == observation.image.pending_approval &&
         replica.leader == observation.image.leader && replica.disabled == observation.image.disabled &&
         (observation.token.empty() || observation.token == replica.token);
}

bool tells_something_else(const Replica& replica, const Observation& observation, std::uint64_t hash) {
  return replica.raw_hash != hash || replica.gone != observation.deleted || !replica.intents.empty();
}

// Section 4.6. A delete does not remove the claims of a record; edits seen only in the deletion are recorded.
// What it means is a matter of removal.hpp, never of merge.
void take_deletion(Context& context, Work& work, const Observation& observation) {
  if (!observation.image.fields.empty()) observe(context, work, observation.ref, observation, {});
  Replica& replica = *work.cluster.find(observation.ref);
  take_removal(context, work, replica, std::max(replica.evid, observation.unchanged_until));
  // Writes under way stay: should the record come back, it may show them.
  for (auto& intent : replica.intents) {
    if (intent.state == IntentState::open) intent.state = IntentState::in_doubt;
  }
  replica.evid = std::max(replica.evid, observation.read_started);
  if (!observation.token.empty()) replica.token = observation.token;
  for (auto& [field, known] : replica.fields) {
    if (!planted(Mutant::delete_drops_claims)) continue;
    known.claim.reset();
    work.claimed.insert(field);
  }
}

// A changed mapping makes another image of the same record. That is nobody's edit, so base follows first.
void follow_mapping(Context& context, Work& work, const Observation& observation, std::uint64_t hash) {
  const Replica& replica = *work.cluster.find(observation.ref);
  if (replica.mapping_version == observation.mapping_version || replica.raw.empty()) return;
  if (replica.raw_hash == hash) {
    rederive(context, work, observation.ref, observation.image);
  } else if (const auto image = context.projection.remap(observation.ref, replica.raw, context.repository)) {
    rederive(context, work, observation.ref, *image);
  }
}

IngestResult summarise(const Work& work, bool changed) {
  IngestResult result;
  result.received = changed ? Received::changed : Received::unchanged;
  result.golden = work.cluster.golden.id;
  result.conflicts = work.conflicts;
  result.initial_differences = work.initial_differences;
  return result;
}

IngestResult ingest_known(Context& context, const Replica& before, const Observation& observation,
                          Evidence evidence, std::uint64_t hash) {
  auto work = open_work(context, before.golden);
  if (!work || work->cluster.find(observation.ref) == nullptr)
    return received_as(Received::dead, "its golden record is not in the store: " + before.golden);
  work->run = observation.run;
  work->actor = observation.actor;
  const auto keys = identity::keys_of(work->entity, image_of(before));
  if (observation.deleted) {
    take_deletion(context, *work, observation);
  } else {
    work->cluster.find(observation.ref)->gone = false;
    if (before.gone) withdraw(context, delete_question(observation.ref));  // it is there again
    follow_mapping(context, *work, observation, hash);
    follow_approval(*work, *work->cluster.find(observation.ref), observation);
    work->cluster.find(observation.ref)->leader = observation.image.leader;
    if (evidence == Evidence::restored)
      observe_restored(context, *work, observation.ref, observation);
    else
      observe(context, *work, observation.ref, observation, {});
    Replica& replica = *work->cluster.find(observation.ref);
    // The first evidence of it since the hub was put back: others may have waited for it.
    if (context.rules.is_stale(replica))
      for (const auto& [field, known] : replica.fields) work->claimed.insert(field);
    take_record(replica, observation);
    take_return(context, *work, before, replica, evidence != Evidence::restored);
  }
  const Replica& after = *work->cluster.find(observation.ref);
  const bool identity_changed = identity::keys_of(work->entity, image_of(after)) != keys;
  if (identity_changed) work->rekeyed[observation.ref].reset();
  if (identity_changed && !after.gone) ask_about_new_matches(context, *work, observation.ref);
  if (observation.deleted || (after.intents.empty() && observation.strong))
    context.repository.set_look(observation.ref, false);
  const bool changed = before.raw_hash != hash || before.gone != after.gone;
  finish(context, *work);
  return summarise(*work, changed);
}

// A copy says nothing of its own: it waits for the record that it is a copy of.
bool waits_for_leader(Context& context, const Observation& observation) {
  const RecordRef leader{observation.ref.connection, observation.ref.stream, observation.image.leader};
  return !leader.key.empty() && !planted(Mutant::copy_does_not_wait) &&
         context.repository.golden_of(leader).empty();
}

// A person's contact without his company would be matched without it: records wait for the masters that they
// refer to, until those were all read once.
const model::PendingReference* waits_for_master(Context& context, const model::Entity& entity,
                                                const Observation& observation) {
  for (const auto& pending : observation.image.pending) {
    if (pending.field >= entity.fields.size()) continue;
    const model::Entity* const target = context.rules.schema->find(entity.fields[pending.field].reference_to);
    const bool master = target != nullptr && !target->reference_data && target != &entity;
    if (master && !context.repository.observed(observation.ref.connection, pending.stream)) return &pending;
  }
  return nullptr;
}

void remember_waiting(Context& context, const Observation& observation) {
  if (waits_for_leader(context, observation))
    context.repository.add_waiting(
        {observation.ref.connection, observation.ref.stream, observation.image.leader}, observation.ref);
  for (const auto& pending : observation.image.pending)
    context.repository.add_waiting({observation.ref.connection, pending.stream, pending.key},
                                   observation.ref);
}

IngestResult park(Context& context, const Observation& observation, const std::string& reason) {
  Replica replica;
  replica.ref = observation.ref;
  replica.entity = observation.entity;
  take_record(replica, observation);
  replica.pending = observation.image.pending;
  context.repository.save(replica, {});
  remember_waiting(context, observation);
  return received_as(Received::parked, reason);
}

// The create of ours in that stream which is not settled: of several (after a merge) the likest.
Replica* open_create(Context& context, Cluster& cluster, const Observation& observation) {
  const RecordRef& ref = observation.ref;
  Replica* likest = nullptr;
  int best = 0;
  for (auto& replica : cluster.replicas) {
    if (!is_provisional(replica.ref) || replica.ref.connection != ref.connection ||
        replica.ref.stream != ref.stream || replica.intents.empty())
      continue;
    const Likeness alike = likeness(context, ref, replica.intents.front(), observation.image);
    if (likest != nullptr && alike.equal - alike.different <= best) continue;
    likest = &replica;
    best = alike.equal - alike.different;
  }
  return likest;
}

// The provisional record gets its real key; what it shows is then compared with what we sent.
void adopt_create(Context& context, Work& work, Replica& provisional, const RecordRef& ref) {
  use_up_wish(work, ref.connection);
  context.repository.erase_replica(provisional.ref);
  context.repository.set_look(provisional.ref, false);
  provisional.ref = ref;
  provisional.evid = provisional.intents.front().started;
  context.repository.set_look(ref, true);
}

void add_replica(Work& work, const Observation& observation) {
  Replica replica;
  replica.ref = observation.ref;
  replica.entity = observation.entity;
  replica.golden = replica.origin = work.golden().id;
  replica.link_order = work.golden().next_link_order++;
  replica.pending_approval = observation.image.pending_approval;
  replica.leader = observation.image.leader;
  work.cluster.replicas.push_back(std::move(replica));
}

void ask_questions(Context& context, Work& work, const std::vector<Match>& questions) {
  for (const auto& question : questions) {
    if (was_judged(work.cluster.golden, question.golden)) continue;
    if (const auto other = context.repository.load_golden(question.golden))
      ask_whether_same(context, work, *other, question.reasons);
  }
}

// After a restore of the hub: a list that lags may show the record as it was before that. What it shows next,
// or that it is gone, is then perhaps our own doing that nobody remembers, until it was read by key.
void wait_for_evidence(Context& context, Replica& replica, const Observation& observation) {
  const StreamRules* const stream = context.rules.stream(replica.ref);
  const bool restored = context.rules.restored_at != model::unknown_time;
  if (!restored || stream == nullptr || !stream->list_may_lag || observation.strong) return;
  replica.stale = true;
  context.repository.set_look(replica.ref, true);
}

// Gone in the backup of a hub that was put back, and still, or again: it may have come back in between and
// been written. What it shows should it return is known to nobody.
void stay_stale(Context& context, Replica& replica) {
  replica.stale = true;
  context.repository.save(replica);
}

// A record of this customer that appears while our create there is not settled. Does it show all that we
// sent, it is the one that we made. Otherwise it may be that one, changed already, or another one that a
// person made: what it shares with what we sent is no claim, what differs is an edit, and our create stays
// open until it is found or known not to have happened.
void observe_new(Context& context, Work& work, const Observation& observation, Placement& placement,
                 bool perhaps_made) {
  Replica* create = open_create(context, work.cluster, observation);
  if (create != nullptr && observation.read_started < create->intents.front().started)
    create = nullptr;  // it was there before
  const Intent sent = create == nullptr ? Intent{} : create->intents.front();
  const bool exact =
      create != nullptr && (planted(Mutant::first_seen_adopted) ||
                            likeness(context, observation.ref, sent, observation.image).different == 0);
  if (exact)
    adopt_create(context, work, *create, observation.ref);
  else
    add_replica(work, observation);
  // What is shown at first sight is what a record that nothing was sent to is known by.
  auto& keys = work.rekeyed[observation.ref];
  if (create == nullptr) keys = std::move(placement.keys);
  if (perhaps_made) work.cluster.find(observation.ref)->made_by_hub = true;
  if (create != nullptr && !exact) {
    Replica& made = *work.cluster.find(observation.ref);
    made.made_by_hub = true;
    made.evid = sent.started;
    made.intents.push_back(sent);
    made.intents.front().state = IntentState::in_doubt;
  }
  observe(context, work, observation.ref, observation, {});
  if (create != nullptr && !exact) close_intent(work, *work.cluster.find(observation.ref), sent.id);
  Replica& known = *work.cluster.find(observation.ref);
  take_record(known, observation);
  wait_for_evidence(context, known, observation);
}

// A tombstone of a record that was never linked: an older page that still shows it must not make it again.
IngestResult bury(Context& context, const Observation& observation) {
  Replica replica;
  replica.ref = observation.ref;
  replica.entity = observation.entity;
  replica.gone = true;
  replica.token = observation.token;
  replica.evid = observation.read_started;
  context.repository.save(replica, {});
  context.repository.set_look(observation.ref, false);
  return received_as(Received::duplicate, "deleted before it was known");
}

// Is this about a record that was deleted before it was known, and older than that?
bool is_buried(Context& context, const Replica& replica, const StreamRules& stream,
               const Observation& observation) {
  if (!replica.gone || !replica.golden.empty()) return false;
  const Evidence evidence = worth(replica, stream, observation);
  if (evidence != Evidence::old_news && evidence != Evidence::hint) return false;
  if (!observation.deleted) context.repository.set_look(observation.ref, true);
  return true;
}

// `buried`: it was deleted before it was known. Then it may be the one that we were making: where its
// customer is known, what it shows is no claim.
IngestResult ingest_new(Context& context, const model::Entity& entity, const Observation& observation,
                        bool buried) {
  if (observation.deleted) return bury(context, observation);
  if (waits_for_master(context, entity, observation) != nullptr)
    return park(context, observation, "waits for the record it refers to");
  if (waits_for_leader(context, observation))
    return park(context, observation, "waits for the record it is a copy of");
  Placement placement = place(context, entity, observation.ref, observation.image);
  std::optional<Work> joined = placement.cluster
                                   ? std::optional<Work>(std::in_place, std::move(*placement.cluster), entity)
                               : placement.golden.empty() ? std::nullopt
                                                          : open_work(context, placement.golden);
  Work work = joined ? std::move(*joined) : new_work(context, entity);
  work.run = observation.run;
  work.actor = observation.actor;
  observe_new(context, work, observation, placement, buried && joined);
  // Questions first: a create elsewhere must not slip through between.
  ask_questions(context, work, placement.ask);
  if (joined) withdraw(context, create_question(observation.ref.connection, work.golden().id));
  finish(context, work);
  IngestResult result = summarise(work, true);
  result.created_golden = !joined.has_value();
  result.woken = context.repository.take_waiting(observation.ref);
  return result;
}

}  // namespace

void follow_approval(Work& work, Replica& replica, const Observation& observation) {
  if (replica.pending_approval == observation.image.pending_approval) return;
  replica.pending_approval = observation.image.pending_approval;
  for (const auto& [field, known] : replica.fields) {
    if (known.claim) work.claimed.insert(field);
  }
}

void take_record(Replica& replica, const Observation& observation) {
  if (!observation.raw.empty()) {
    replica.raw = observation.raw;
    replica.raw_hash = model::hash64(observation.raw);
    replica.parts = observation.image.parts;
    replica.pending = observation.image.pending;
    replica.mapping_version = observation.mapping_version;
    replica.pending_approval = observation.image.pending_approval;
    replica.disabled = observation.image.disabled;
    replica.stale = false;
  }
  if (!observation.token.empty()) replica.token = observation.token;
  replica.evid = std::max(replica.evid, observation.read_started);
}

// Nothing but the time of the look is new: the usual case, and the one that must be cheap. The same body
// under the same mapping has the same image, so it need not be decoded.
std::optional<IngestResult> take_unchanged(Context& context, const Glance& glance) {
  const StreamRules* const stream = context.rules.stream(glance.ref);
  if (stream == nullptr || glance.raw.empty()) return std::nullopt;
  const auto head = context.repository.head(glance.ref);
  const bool usual = head && !head->golden.empty() && !head->gone && head->settled &&
                     head->mapping_version == glance.mapping_version &&
                     (glance.token.empty() || glance.token == head->token) &&
                     head->evid >= context.rules.restored_at && head->raw_hash == model::hash64(glance.raw);
  if (!usual || weigh({head->evid, head->wend, head->token}, *stream,
                      {glance.token, glance.read_started, glance.strong}) != Evidence::news)
    return std::nullopt;
  context.repository.touch(glance.ref, glance.read_started);
  if (glance.strong) context.repository.set_look(glance.ref, false);
  IngestResult result = received_as(Received::unchanged);
  result.golden = head->golden;
  return result;
}

IngestResult ingest_observation(Context& context, const Observation& observation) {
  if (!observation.image.leader.empty() && observation.image.leader == observation.ref.key) {
    Observation leads = observation;  // a vendor may name a record that leads as its own leader
    leads.image.leader.clear();
    return ingest_observation(context, leads);
  }
  const model::Entity* const entity = context.rules.schema->find(observation.entity);
  const StreamRules* const stream = context.rules.stream(observation.ref);
  if (entity == nullptr || stream == nullptr)
    return received_as(Received::filtered, "no rules for this stream");
  auto replica = context.repository.load_replica(observation.ref);
  if (replica && is_buried(context, *replica, *stream, observation))
    return received_as(Received::duplicate, "older than its deletion");
  if (!replica || replica->golden.empty()) {
    IngestResult result = ingest_new(context, *entity, observation, replica && replica->gone);
    if (!observation.image.pending.empty() && result.received == Received::changed)
      remember_waiting(context, observation);
    return result;
  }
  const std::uint64_t hash = model::hash64(observation.raw);
  Evidence evidence = worth(*replica, *stream, observation);
  // The stored record once more, since a reference in it became known: no evidence of anything, and not older
  // either.
  const bool same_read = hash == replica->raw_hash && observation.read_started == replica->evid &&
                         observation.token == replica->token;
  if (same_read && evidence == Evidence::old_news) evidence = Evidence::news;
  if (evidence == Evidence::old_news || evidence == Evidence::hint) {
    if (tells_something_else(*replica, observation, hash)) context.repository.set_look(observation.ref, true);
    return received_as(Received::duplicate,
                       evidence == Evidence::hint ? "to be read by key" : "older than what is known");
  }
  const bool known_as_gone = observation.deleted && replica->gone;
  const bool stale = context.rules.is_stale(*replica);
  if (known_as_gone || (!stale && is_unchanged(*replica, observation, hash))) {
    if (known_as_gone && stale) stay_stale(context, *replica);
    if (observation.read_started > replica->evid)
      context.repository.touch(observation.ref, observation.read_started);
    if (known_as_gone || (observation.strong && replica->intents.empty()))
      context.repository.set_look(observation.ref, false);
    IngestResult result = received_as(Received::unchanged);
    result.golden = replica->golden;
    return result;
  }
  IngestResult result = ingest_known(context, *replica, observation, evidence, hash);
  if (!observation.deleted && !observation.image.pending.empty()) remember_waiting(context, observation);
  return result;
}

}  // namespace huiliu::sync
