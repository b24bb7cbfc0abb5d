#include "hub/sync/observe.hpp"

#include <algorithm>
#include <optional>

#include "hub/sync/approve.hpp"
#include "hub/sync/claims.hpp"
#include "hub/sync/frontier.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/removal.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/undo.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

// One field of one read, with everything that the rules ask about it.
struct FieldLook {
  Context& context;
  Work& work;
  Replica& replica;
  ReplicaField& known;
  FieldIndex field;
  FieldValue shown;
  const Observation& observation;
  const Answer& answer;
  Interval changed;                // when an edit, if it is one, was made
  const Intent* intent = nullptr;  // our open write that names this field
  const IntentField* sent = nullptr;
  bool landed = false;         // the system said that this write was done
  Beside beside = Beside::no;  // of a write whose answer was lost

  bool shows(const FieldValue& value) const { return shown.shows_same(value); }
  bool shows_form_of(const FieldValue& value) const {
    return planted(Mutant::lossy_decoded) ? shows(value)
                                          : stands_for(context, replica.ref, field, shown, value);
  }
};

// The versions that a system which shows our write has shown. When golden still, or again, says what we sent,
// that is the newest one: whoever sees the value sees it (as settle_all has it).
Versions versions_written(const FieldLook& look) {
  const auto golden = look.work.cluster.golden.fields.find(look.field);
  const bool current =
      golden != look.work.cluster.golden.fields.end() && golden->second.value.shows_same(look.sent->value);
  Versions versions = versions_sent(*look.intent, *look.sent);
  if (current) note_version(versions, look.work.cluster.golden.line(), golden->second.version);
  return versions;
}

// The versions that the author of an edit may have had in front of him while we were writing: what we wrote,
// and, since it may not have been there yet, golden where it says what stood there before.
Versions versions_in_view(const FieldLook& look) {
  Versions versions = versions_written(look);
  const auto golden = look.work.cluster.golden.fields.find(look.field);
  if (golden != look.work.cluster.golden.fields.end() && golden->second.value.shows_same(look.known.stands))
    note_version(versions, look.work.cluster.golden.line(), golden->second.version);
  return versions;
}

void take_as_ours(FieldLook& look) {
  if (planted(Mutant::hub_made_votes) && look.intent->op == Op::create &&
      !is_union(look.context.rules, look.work.entity, look.field))
    return make_claim(look.context, look.work, look.replica, look.field,
                      {look.sent->value, look.changed, {}, {}, {}, {}, true});
  look.known.base = look.shown;
  look.known.stands = look.sent->value;
  look.known.unclaimed = false;
  look.known.refused.reset();
  if (takes_back(*look.sent))
    return keep_taken_back(look.context, look.work, look.replica.ref, look.field, look.known);
  merge_versions(look.known.seen, versions_written(look));
}

// What is there and nobody's edit: kept in the history before it is overwritten.
void take_unclaimed(FieldLook& look) {
  look.known.base = look.shown;
  look.known.stands = look.shown;
  look.known.unclaimed = look.shown.has_value();
}

// Rule 3a. It equals, or is this system's known form of, a value that we are writing: our own write, not an
// edit.
bool is_ours(const FieldLook& look) {
  return look.sent != nullptr && !planted(Mutant::no_intents) && look.shows_form_of(look.sent->value);
}

// Rule 3b. The first look after a write that was acknowledged: what was there before means that the system
// ignored the write. That is no edit; the value is not sent again, and what stands there is kept in the
// history.
bool was_ignored(const FieldLook& look) {
  if (look.sent == nullptr || !look.landed || planted(Mutant::ignored_write_as_revert)) return false;
  if (look.known.stands.shows_same(look.sent->value)) return false;  // it was seen there since
  const bool first_or_answer = look.sent->before.presence == Presence::absent || look.answer.to_write;
  const bool nothing_there = look.sent->value.has_value() && !look.shown.has_value();
  return look.shows(look.sent->before) || (first_or_answer && nothing_there);
}

void take_ignored(FieldLook& look) {
  refuse(look.context, look.work, look.replica.ref, look.field, look.known, look.sent->value);
  look.known.base = look.shown;
  if (look.sent->before.presence == Presence::absent) look.known.stands = look.shown;
  if (look.shown.has_value())
    record_lost(look.context, look.work, look.field, look.shown, look.replica.ref, look.changed, 0,
                "write ignored");
}

// Rule 3b, continued. Anything else there right after our write is the form that the system gives to our
// value: surely so in the answer to the write itself, and in any look when it reads like a spelling of it.
bool was_respelled(const FieldLook& look) {
  if (look.sent == nullptr || planted(Mutant::no_intents)) return false;
  // A record that was there before we wanted to make it shows its own people's texts.
  if (look.intent->op == Op::create && !look.replica.made_by_hub && !look.answer.to_write) return false;
  return look.answer.to_write ||
         (!look.shows(look.known.base) && is_respelling(look.sent->value, look.shown));
}

// Rule 3d. Our own write did not name this field, and nobody else can have come between, since this is its
// answer, or the very version that a conditional write made: a side effect.
bool is_side_effect(const FieldLook& look) {
  if (look.sent != nullptr || planted(Mutant::side_effect_as_edit)) return false;
  const ConnectionRules* const connection = look.context.rules.connection(look.replica.ref.connection);
  if (connection == nullptr) return false;
  if (connection->grade != WriteGrade::conditional)
    return look.answer.to_write && look.beside == Beside::perhaps;
  const bool acknowledged =
      std::any_of(look.replica.intents.begin(), look.replica.intents.end(),
                  [](const Intent& intent) { return intent.state == IntentState::acknowledged; });
  return look.answer.to_write || look.beside == Beside::surely ||
         (acknowledged && !look.observation.token.empty() && look.observation.token == look.replica.token);
}

// The number that an owner gives to a record is its own word, also where the hub made the record (编码回写).
bool is_own_number(const FieldLook& look) {
  return look.context.rules.link_fields.contains({look.work.entity.name, look.field}) &&
         right_of(look.context.rules, look.work.cluster.golden, look.replica.ref, look.field) == Right::owner;
}

// Rule 3e. A record that the hub made shows a field for the first time that was not sent: a vendor's default,
// no edit.
bool is_vendor_default(const FieldLook& look) {
  return look.replica.made_by_hub && look.known.base.presence == Presence::absent && look.sent == nullptr &&
         !is_own_number(look) && !planted(Mutant::vendor_default_as_edit);
}

// Rule 3f. A sibling of the same system shows this already, and it is what golden says: the system copied it.
// Anything else that a sibling shows may have been typed here as well as there.
bool is_copy(const FieldLook& look) {
  const auto golden = look.work.golden().fields.find(look.field);
  const bool golden_says_so =
      look.shown.has_value() && golden != look.work.golden().fields.end() && look.shows(golden->second.value);
  if (!golden_says_so) return false;
  return std::any_of(look.work.cluster.replicas.begin(), look.work.cluster.replicas.end(),
                     [&](const Replica& sibling) {
                       if (sibling.ref == look.replica.ref || sibling.gone || !sibling.leader.empty())
                         return false;
                       if (sibling.ref.connection != look.replica.ref.connection) return false;
                       const auto shown = sibling.fields.find(look.field);
                       return shown != sibling.fields.end() && shown->second.base.shows_same(look.shown);
                     });
}

void take_copy(FieldLook& look) {
  for (const auto& sibling : look.work.cluster.replicas) {
    const auto shown = sibling.fields.find(look.field);
    if (sibling.ref == look.replica.ref || sibling.ref.connection != look.replica.ref.connection ||
        shown == sibling.fields.end() || !shown->second.base.shows_same(look.shown))
      continue;
    const FieldValue stands = shown->second.stands;
    const Versions seen = shown->second.seen;
    look.known.base = look.shown;
    look.known.stands = stands;
    merge_versions(look.known.seen, seen);
    return;
  }
  take_unclaimed(look);
}

// Section 4.5, and first sight: what a new record shows is an initial claim where its system may have a say.
// Empty is no claim.
void take_first_sight(FieldLook& look) {
  take_unclaimed(look);
  if (!look.shown.has_value() && !planted(Mutant::empty_claims)) return;
  if (!may_claim_initially(look.context, look.work, look.replica, look.field)) return;
  look.known.unclaimed = false;
  const auto golden = look.work.golden().fields.find(look.field);
  if (golden != look.work.golden().fields.end() && golden->second.value.has_value() &&
      !look.shown.shows_same(golden->second.value) &&
      !is_union(look.context.rules, look.work.entity, look.field))
    ++look.work.initial_differences;
  claim_first_sight(look.context, look.work, look.replica, look.field, look.shown, look.observation);
}

// Rule 3g. An edit. Where the system has no right to it, it is no claim: recorded, and put back or proposed.
void take_edit(FieldLook& look) {
  const Interval changed = look.changed;
  const FieldValue before = look.known.base;
  Versions guessed;
  if (look.sent != nullptr && !planted(Mutant::in_doubt_unseen)) guessed = versions_in_view(look);
  Versions surely = look.known.seen;
  // After a restore of the hub: it may be an edit, or our own write of a value that nobody remembers.
  const bool stale = look.context.rules.is_stale(look.replica);
  if (stale) surely.clear(), guessed.clear();
  const bool unexplained = stale || look.beside == Beside::perhaps;
  const Permission permission = permission_for(look.context, look.work, look.replica, look.field);
  if (permission == Permission::claims || planted(Mutant::non_permitted_accepted)) {
    Claim claim{look.shown, changed,    {}, surely, look.observation.run, look.observation.actor,
                false,      unexplained};
    make_claim(look.context, look.work, look.replica, look.field, std::move(claim), guessed);
    return;
  }
  take_unclaimed(look);
  look.known.unclaimed = false;
  look.known.refused.reset();  // it was refused over something else
  if (permission == Permission::ignored) return;
  if (planted(Mutant::not_put_back)) look.known.stands = look.work.golden().fields[look.field].value;
  record_lost(look.context, look.work, look.field, look.shown, look.replica.ref, changed, 0, "not permitted");
  const ConnectionRules* const connection = look.context.rules.connection(look.replica.ref.connection);
  const auto golden = look.work.golden().fields.find(look.field);
  if (golden == look.work.golden().fields.end()) return;
  if (permission == Permission::proposes)
    ask_for_change(look.context, look.work, look.replica.ref, look.field, before, look.shown);
  else if (connection != nullptr && !connection->put_back)
    look.known.refused = golden->second.value;  // left as it is, until golden says something new
  else if (right_of(look.context.rules, look.work.cluster.golden, look.replica.ref, look.field) ==
               Right::receive &&
           !look.shown.shows_same(golden->second.value))
    look.work.notices.push_back({"put_back", look.work.cluster.golden.id, look.replica.ref,
                                 look.work.name_of(look.field), golden->second.value, look.shown,
                                 authority_of(look.context, look.work.cluster, look.field)});
}

void take_same(FieldLook& look) {
  look.known.base.value = look.shown.value;  // spelling
}

void take_agreed(FieldLook& look) {
  look.known.base = look.known.stands = look.shown;
  look.known.unclaimed = false;
  look.known.refused.reset();
}

// After the hub was put back: what golden says already is ours, or at least no news.
bool is_agreed(const FieldLook& look) {
  const auto golden = look.work.golden().fields.find(look.field);
  return look.context.rules.is_stale(look.replica) && golden != look.work.golden().fields.end() &&
         !is_union(look.context.rules, look.work.entity, look.field) && golden->second.value.has_value() &&
         look.shows(golden->second.value);
}

// The backup says that a write was done, and the record shows what was there before it. Not ignored: it may
// have been changed back since, by whomever.
bool contradicts_backup(const FieldLook& look) {
  return look.landed && look.context.rules.is_stale(look.replica);
}

// Section 4.2 and 4.3, in their order.
void observe_field(FieldLook& look) {
  if (is_ours(look)) return take_as_ours(look);
  if (was_ignored(look) && !contradicts_backup(look)) return take_ignored(look);
  if (was_respelled(look)) return take_as_ours(look);
  if (look.shows(look.known.base) && !contradicts_backup(look) && !planted(Mutant::no_base))
    return take_same(look);
  if (look.known.base.presence == Presence::absent && !look.shown.has_value() &&
      !planted(Mutant::empty_claims))
    return take_unclaimed(look);
  if (is_side_effect(look) || is_vendor_default(look)) return take_unclaimed(look);
  if (look.known.base.presence == Presence::absent && look.sent == nullptr) return take_first_sight(look);
  if (is_copy(look)) return take_copy(look);
  if (is_agreed(look)) return take_agreed(look);
  if (is_union(look.context.rules, look.work.entity, look.field)) {
    const ListWrite write{look.intent, look.sent, look.landed};
    observe_list(look.context, look.work, look.replica, look.field, look.shown, look.changed, write,
                 look.observation);
    return;
  }
  take_edit(look);
}

// Empty at first sight stays "empty"; what had a value and is empty now was cleared by a person.
FieldValue presence_in_context(FieldValue shown, const FieldValue& base) {
  if (shown.presence != Presence::empty && shown.presence != Presence::cleared) return shown;
  const bool was_emptied = base.has_value() || base.presence == Presence::cleared;
  return {was_emptied ? Presence::cleared : Presence::empty, {}, {}};
}

// References name golden records; a merge gives them another name without anybody's edit.
void follow_redirect(Context& context, const model::Entity& entity, FieldIndex field, FieldValue& base) {
  if (entity.fields[field].type != "reference" || !base.has_value()) return;
  const GoldenId now = context.repository.resolve(base.value.to_text());
  if (now.empty() || now == base.key) return;
  base.value = model::Value(now);
  base.key = now;
}

void reveal(FieldLook& look) {
  for (const auto& intent : look.replica.intents) {
    for (const auto& sent : intent.fields) {
      if (sent.field != look.field) continue;
      look.intent = &intent;
      look.sent = &sent;
    }
  }
}

}  // namespace

void close_intent(Work& work, Replica& replica, const std::string& id) {
  for (const auto& intent : replica.intents) {
    if (intent.id != id) continue;
    for (const auto& sent : intent.fields) {
      work.verified.insert(sent.field);
      const auto known = replica.fields.find(sent.field);
      if (known != replica.fields.end()) known->second.unverified = false;
    }
  }
  std::erase_if(replica.intents, [&](const Intent& intent) { return intent.id == id; });
}

void observe(Context& context, Work& work, const RecordRef& ref, const Observation& observation,
             const Answer& answer) {
  Replica& replica = *work.cluster.find(ref);
  const Micros since =
      replica.stale ? model::unknown_time : std::max(replica.evid, observation.unchanged_until);
  const Interval changed{since, observation.read_started};
  const OwnWrites writes = judge_own_writes(context, replica, observation, answer);
  for (const auto& [field, value] : observation.image.fields) {
    if (value.presence == Presence::absent) continue;
    ReplicaField& known = replica.fields[field];
    if (known.base.presence == Presence::absent) work.verified.insert(field);
    follow_redirect(context, work.entity, field, known.base);
    FieldLook look{context,     work,   replica, known, field, presence_in_context(value, known.base),
                   observation, answer, changed};
    reveal(look);
    look.landed = look.intent != nullptr && writes.done.contains(look.intent->id);
    if (look.sent == nullptr && may_be_touched(context, ref, field)) look.beside = writes.beside;
    observe_field(look);
  }
  for (const auto& intent : replica.intents)
    if (writes.done.contains(intent.id) || writes.seeming.contains(intent.id))
      settle_removal(work, replica, intent, observation.image.disabled);
  for (const auto* closed : {&writes.done, &writes.seeming, &writes.over}) {
    for (const auto& id : *closed) close_intent(work, replica, id);
  }
}

void observe_restored(Context& context, Work& work, const RecordRef& ref, const Observation& observation) {
  Replica& replica = *work.cluster.find(ref);
  // What was done is undone. What had not arrived may still arrive.
  std::erase_if(replica.intents,
                [](const Intent& intent) { return intent.state == IntentState::acknowledged; });
  const auto history = context.repository.history(work.golden().id);
  for (const auto& [field, value] : observation.image.fields) {
    if (value.presence == Presence::absent) continue;
    ReplicaField& known = replica.fields[field];
    known.unverified = false;
    known.refused.reset();
    if (value.shows_same(known.base)) continue;
    const bool old =
        !value.has_value() ||
        std::any_of(
            history.begin(), history.end(), [&, id = field, &shown = value](const HistoryEntry& entry) {
              return entry.field == work.name_of(id) && stands_for(context, ref, id, shown, entry.value);
            });
    if (!old)
      record_lost(context, work, field, value, ref, {model::unknown_time, observation.read_started}, 0,
                  "system restored");
    known.seen.clear();
    known.base = value;
    known.stands = value;
    work.claimed.insert(field);  // settles it where it equals golden
  }
}

void rederive(Context& context, Work& work, const RecordRef& ref, const model::Image& image) {
  Replica& replica = *work.cluster.find(ref);
  for (auto& [field, known] : replica.fields) {
    const auto shown = image.fields.find(field);
    if (known.base.presence == Presence::absent) continue;
    const FieldValue before = known.base;
    if (shown == image.fields.end() || shown->second.presence == Presence::absent) {
      known.base = {};  // no longer mapped: not known, so never due
      continue;
    }
    known.base = presence_in_context(shown->second, before);
    if (known.stands.shows_same(before)) known.stands = known.base;
    if (known.claim && known.claim->value.shows_same(before)) {
      known.claim->value = known.base;
      work.claimed.insert(field);
    }
  }
  static_cast<void>(context);
}

}  // namespace huiliu::sync
