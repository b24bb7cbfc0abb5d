#include "hub/sync/claims.hpp"

#include <algorithm>

#include "hub/sync/approve.hpp"
#include "hub/sync/frontier.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/observe.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

bool golden_has_value(const Work& work, FieldIndex field) {
  const auto golden = work.cluster.golden.fields.find(field);
  return golden != work.cluster.golden.fields.end() && golden->second.value.has_value();
}

// Is there another live record whose system owns this field? Where none is, a system that could only propose
// speaks for itself: a prospect that only the CRM knows has its name from there.
bool owned_elsewhere(const Context& context, const Work& work, const Replica& replica, FieldIndex field) {
  return std::any_of(work.cluster.replicas.begin(), work.cluster.replicas.end(), [&](const Replica& other) {
    if (other.ref.connection == replica.ref.connection || other.ref.connection == console) return false;
    const auto known = other.fields.find(field);
    return !other.gone && !is_provisional(other.ref) && known != other.fields.end() &&
           known->second.base.presence != Presence::absent &&
           right_of(context.rules, work.cluster.golden, other.ref, field) == Right::owner;
  });
}

// The author may not have had the golden value in front of him: we were only writing it, or it arrived after
// the last look at his system and base merely stands for it (a lossy code). His edit wins all the same, since
// we cannot know; but what it covers by this guess is kept in the history.
void record_guessed_cover(Context& context, const Work& work, const Replica& replica, FieldIndex field,
                          const Claim& claim, const Versions& guessed) {
  const auto golden = work.cluster.golden.fields.find(field);
  if (golden == work.cluster.golden.fields.end() || planted(Mutant::guessed_base_not_recorded)) return;
  const auto known = replica.fields.find(field);
  // While we write there, base is what was there before, or not.
  const bool unsure = !guessed.empty();
  if (!unsure && known != replica.fields.end() && known->second.base.shows_same(golden->second.value)) return;
  Claim with_guess = claim;
  merge_versions(with_guess.seen, guessed);
  for (const auto& candidate : frontier(work.cluster, field)) {
    if (!candidate.claim->value.shows_same(golden->second.value) ||
        candidate.claim->value.shows_same(claim.value))
      continue;
    // His own earlier edit is always replaced; it was out of sight when the system itself had put something
    // else there.
    const bool own = candidate.replica->ref == replica.ref;
    // A value that nobody typed (a side effect) may have hidden what was there.
    const bool surely_seen = !own && !unsure && covers(claim, *candidate.claim) &&
                             candidate.claim->changed.to <= claim.changed.from &&
                             !(known != replica.fields.end() && known->second.unclaimed);
    if (surely_seen || (!own && !covers(with_guess, *candidate.claim))) continue;
    record_lost(context, work, field, candidate.claim->value, candidate.replica->ref,
                candidate.claim->changed, golden->second.version, "unknown base");
  }
}

struct ElementEdit {
  std::string key;
  model::Value element;
  bool added = false;
};

// The elements that a person added or removed: the difference from base, without what our own write did.
std::vector<ElementEdit> element_edits(const model::Field& field, const ReplicaField& known,
                                       const FieldValue& shown, const IntentField* sent) {
  const auto before = elements_of(field, known.base);
  const auto after = elements_of(field, shown);
  const auto written = sent == nullptr ? before : elements_of(field, sent->value);
  std::vector<ElementEdit> edits;
  for (const auto& [key, element] : after) {
    if (!before.contains(key) && !(sent != nullptr && written.contains(key)))
      edits.push_back({key, element, true});
  }
  for (const auto& [key, element] : before) {
    if (!after.contains(key) && (sent == nullptr || written.contains(key)))
      edits.push_back({key, element, false});
  }
  return edits;
}

void claim_element(Context& context, Work& work, Replica& replica, FieldIndex field, const ElementEdit& edit,
                   Claim claim) {
  claim.value = edit.added ? FieldValue{Presence::value, edit.element, edit.key}
                           : FieldValue{Presence::cleared, edit.element, edit.key};
  claim.arrived = {{work.golden().line(), work.next_version(field)}};
  auto& elements = replica.fields[field].elements;
  if (const auto own = elements.find(edit.key); own != elements.end())
    merge_versions(claim.seen, own->second.seen);
  const Claim& made = elements.insert_or_assign(edit.key, std::move(claim)).first->second;
  work.claimed.insert(field);
  if (!edit.added && elements_of(work.entity.fields[field], choose_elements(work, field)).contains(edit.key))
    record_lost(context, work, field, made.value, replica.ref, made.changed, made.arrived.begin()->second,
                "union");
}

// Section 6, one slot. A person's replacement is + new and, here, "declined" old; it removes the old one
// everywhere only where the slot owns the element. Emptying the slot closes it until a person fills it.
void note_slot_edits(ReplicaField& known, const std::vector<ElementEdit>& edits, const FieldValue& shown) {
  for (const auto& edit : edits) {
    std::erase(known.declined, edit.key);
    if (!edit.added) known.declined.push_back(edit.key);
  }
  std::erase(known.declined, std::string(slot_closed));
  if (!shown.has_value()) known.declined.emplace_back(slot_closed);
}

// A list that its system only receives: who edited it hears that golden comes back.
void tell_put_back(const Context& context, Work& work, const Replica& replica, FieldIndex field,
                   const FieldValue& shown, bool edited) {
  const ConnectionRules* const connection = context.rules.connection(replica.ref.connection);
  const auto golden = work.golden().fields.find(field);
  if (!edited || connection == nullptr || !connection->put_back || golden == work.golden().fields.end() ||
      right_of(context.rules, work.cluster.golden, replica.ref, field) != Right::receive ||
      shown.shows_same(golden->second.value))
    return;
  work.notices.push_back({"put_back", work.cluster.golden.id, replica.ref, work.name_of(field),
                          golden->second.value, shown, authority_of(context, work.cluster, field)});
}

// Rule 3b for lists: what we wrote and is not there, or removed and is there still, was ignored by the
// system. It is not sent again; an element that is missing may also have been removed by a person, so it is
// kept in the history.
void note_ignored_elements(Context& context, const Work& work, Replica& replica, FieldIndex field,
                           const FieldValue& shown, const Interval& changed, const IntentField& sent) {
  const auto& of = work.entity.fields[field];
  const auto before = elements_of(of, replica.fields[field].base);
  const auto written = elements_of(of, sent.value);
  const auto after = elements_of(of, shown);
  bool ignored = false;
  for (const auto& [key, element] : written) {
    if (after.contains(key) || before.contains(key)) continue;
    ignored = true;
    record_lost(context, work, field, {Presence::cleared, element, key}, replica.ref, changed, 0,
                "write ignored");
  }
  for (const auto& [key, element] : before) ignored |= !written.contains(key) && after.contains(key);
  if (ignored) replica.fields[field].refused = sent.value;
}

}  // namespace

Permission permission_for(const Context& context, const Work& work, const Replica& replica,
                          FieldIndex field) {
  // Rule 3f: a follower (an organisation's copy) never claims shared fields at all.
  if (!replica.leader.empty() && !planted(Mutant::copy_as_edit)) return Permission::ignored;
  switch (right_of(context.rules, work.cluster.golden, replica.ref, field)) {
    case Right::owner:
    case Right::shared:
    case Right::append:
      return Permission::claims;
    case Right::fill:
      return golden_has_value(work, field) ? Permission::put_back : Permission::claims;
    case Right::propose:
      return owned_elsewhere(context, work, replica, field) ? Permission::proposes : Permission::claims;
    case Right::receive:
      return Permission::put_back;
    case Right::ignore:
    case Right::none:
    case Right::missing:
      break;
  }
  return Permission::ignored;
}

bool may_claim_initially(const Context& context, const Work& work, const Replica& replica, FieldIndex field) {
  const Permission permission = permission_for(context, work, replica, field);
  return permission == Permission::claims ||
         (permission == Permission::proposes && !golden_has_value(work, field));
}

void make_claim(Context& context, Work& work, Replica& replica, FieldIndex field, Claim claim,
                const Versions& guessed) {
  record_guessed_cover(context, work, replica, field, claim, guessed);
  merge_versions(claim.seen, guessed);
  ReplicaField& known = replica.fields[field];
  claim.arrived[work.golden().line()] = work.next_version(field);
  // Who replaces his own edit has seen what that one had seen: what it had overruled must not come back.
  if (known.claim) merge_versions(claim.seen, known.claim->seen);
  known.base = claim.value;
  known.stands = claim.value;
  known.unclaimed = false;
  known.refused.reset();
  known.claim = std::move(claim);
  work.claimed.insert(field);
}

void claim_first_sight(Context& context, Work& work, Replica& replica, FieldIndex field,
                       const FieldValue& shown, const Observation& observation) {
  Claim claim{
      shown, {observation.changed_at, observation.read_started}, {}, {}, observation.run, observation.actor,
      true};
  if (observation.changed_at != model::unknown_time) claim.changed.to = observation.changed_at;
  if (!is_union(context.rules, work.entity, field))
    return make_claim(context, work, replica, field, std::move(claim));
  for (const auto& [key, element] : elements_of(work.entity.fields[field], shown))
    claim_element(context, work, replica, field, {key, element, true}, claim);
}

void observe_list(Context& context, Work& work, Replica& replica, FieldIndex field, const FieldValue& shown,
                  const Interval& changed, const ListWrite& write, const Observation& observation) {
  ReplicaField& known = replica.fields[field];
  const auto edits = element_edits(work.entity.fields[field], known, shown, write.sent);
  const StreamRules* const stream = context.rules.stream(replica.ref);
  const bool slot = stream != nullptr && stream->slots.contains(field);
  const bool owns = slot && (stream->slots.at(field).owns || planted(Mutant::slot_removes_everywhere));
  const Permission permission = permission_for(context, work, replica, field);
  const bool may_remove =
      right_of(context.rules, work.cluster.golden, replica.ref, field) != Right::append && (!slot || owns);
  Claim proto{{}, changed, {}, known.seen, observation.run, observation.actor, false};
  if (write.intent != nullptr) merge_versions(proto.seen, versions_sent(*write.intent, *write.sent));
  if (context.rules.is_stale(replica)) proto.seen.clear();
  if (write.landed) {
    known.seen = proto.seen;
    note_ignored_elements(context, work, replica, field, shown, changed, *write.sent);
  }
  known.base = shown;
  known.stands = shown;
  if (permission == Permission::ignored) return;
  if (slot && permission == Permission::claims) note_slot_edits(known, edits, shown);
  tell_put_back(context, work, replica, field, shown, !edits.empty());
  for (const auto& edit : edits) {
    if (permission == Permission::claims && (edit.added || may_remove))
      claim_element(context, work, replica, field, edit, proto);
    else
      record_lost(context, work, field, {Presence::value, edit.element, edit.key}, replica.ref, changed, 0,
                  edit.added ? "not permitted" : "removal not permitted");
  }
}

void claim_as_console(Context& context, Work& work, FieldIndex field, const FieldValue& value) {
  const RecordRef ref{std::string(console), work.entity.name, work.golden().id};
  if (work.cluster.find(ref) == nullptr) {
    Replica replica;
    replica.ref = ref;
    replica.entity = work.entity.name;
    replica.golden = replica.origin = work.golden().id;
    replica.link_order = work.golden().next_link_order++;
    work.cluster.replicas.push_back(std::move(replica));
    work.rekeyed[ref].reset();
  }
  Replica& replica = *work.cluster.find(ref);
  replica.evid = context.now;
  const Version seen = planted(Mutant::decision_covers_nothing) ? 0 : work.golden().fields[field].version;
  Claim claim{value, {context.now, context.now}, {}, {{work.golden().line(), seen}}, work.run, work.actor,
              false};
  if (!is_union(context.rules, work.entity, field))
    return make_claim(context, work, replica, field, std::move(claim));
  ReplicaField& known = replica.fields[field];
  known.base = work.golden().fields[field].value;  // the console shows what is golden
  known.seen = claim.seen;
  for (const auto& edit : element_edits(work.entity.fields[field], known, value, nullptr))
    claim_element(context, work, replica, field, edit, claim);
  known.base = known.stands = value;
}

}  // namespace huiliu::sync
