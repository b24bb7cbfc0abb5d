#include "hub/sync/merge.hpp"

#include <algorithm>

#include "hub/sync/frontier.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

bool same_golden_value(const FieldValue& a, const FieldValue& b) {
  return a.shows_same(b) || (a.presence == Presence::absent && b.presence == Presence::absent);
}

bool knows_loser(const std::vector<Loser>& losers, const Loser& loser) {
  return std::any_of(losers.begin(), losers.end(), [&](const Loser& known) {
    return known.from == loser.from && known.value.shows_same(loser.value) && known.changed == loser.changed;
  });
}

void record_won(Context& context, const Work& work, FieldIndex field, const GoldenField& golden) {
  context.repository.add_history({work.cluster.golden.id, work.entity.name, work.name_of(field),
                                  golden.version, golden.value, golden.from, golden.changed, context.now,
                                  golden.rule, golden.run, work.actor, false});
}

void take_winner(GoldenField& golden, const Candidate& winner, const std::string& rule) {
  golden.value = winner.claim->value;
  golden.from = winner.replica->ref;
  golden.changed = winner.claim->changed;
  golden.rule = rule;
  golden.run = winner.claim->run;
}

// Every claim not chosen is kept beside golden, and once in the history.
void keep_losers(Context& context, Work& work, FieldIndex field, const std::vector<Candidate>& front,
                 const Choice& choice) {
  GoldenField& golden = work.golden().fields[field];
  const std::vector<Loser> known = std::move(golden.losers);
  golden.losers.clear();
  bool conflict = false;
  for (const auto& candidate : front) {
    if (candidate.claim->value.shows_same(golden.value)) continue;
    Loser loser{candidate.claim->value, candidate.replica->ref, candidate.claim->changed,
                candidate.claim->initial};
    if (!knows_loser(known, loser) && !planted(Mutant::losers_forgotten)) {
      const bool first_link = loser.initial || (choice.winner && choice.winner->claim->initial);
      conflict |= !first_link;
      const auto line = candidate.claim->arrived.find(work.cluster.golden.line());
      record_lost(context, work, field, loser.value, loser.from, loser.changed,
                  line == candidate.claim->arrived.end() ? 0 : line->second, choice.rule);
    }
    golden.losers.push_back(std::move(loser));
  }
  if (conflict) ++work.conflicts;
}

void choose_list(Context& context, Work& work, FieldIndex field) {
  GoldenField& golden = work.golden().fields[field];
  FieldValue chosen = choose_elements(work, field);
  if (same_golden_value(golden.value, chosen)) return;
  golden.value = std::move(chosen);
  golden.rule = "union";
  golden.run = work.run;
  golden.changed = {context.now, context.now};
  record_won(context, work, field, golden);
}

// A record that is being made shows, as far as anybody knows, what it was sent.
bool is_made_otherwise(Context& context, const Replica& replica, FieldIndex field, const FieldValue& value) {
  return is_provisional(replica.ref) &&
         std::any_of(replica.intents.begin(), replica.intents.end(), [&](const Intent& intent) {
           return std::any_of(intent.fields.begin(), intent.fields.end(), [&](const IntentField& sent) {
             return sent.field == field && !stands_for(context, replica.ref, field, sent.value, value);
           });
         });
}

bool is_shown_by_all(Context& context, const Work& work, FieldIndex field, const FieldValue& value) {
  return std::none_of(
      work.cluster.replicas.begin(), work.cluster.replicas.end(), [&](const Replica& replica) {
        if (is_made_otherwise(context, replica, field, value)) return true;
        const auto known = replica.fields.find(field);
        const bool shows = !replica.gone && replica.leader.empty() && replica.ref.connection != console &&
                           known != replica.fields.end() && known->second.base.presence != Presence::absent;
        return shows && (context.rules.is_stale(replica) ||
                         !stands_for(context, replica.ref, field, known->second.base, value));
      });
}

// A system shows a value that may be somebody's edit, or not: the hub was put back from a backup and does not
// remember its own writes, or the outcome of a write is not known that may have had a side effect. Where
// every record shows it, it is what was agreed; after a doubt only if no other claim is left either.
// Otherwise nobody but a person can tell, and the field is parked.
struct Unexplained {
  bool parked = false;
  std::optional<Choice> agreed;
};
Unexplained judge_unexplained(Context& context, const Work& work, FieldIndex field,
                              const std::vector<Candidate>& front, const Choice& choice) {
  Unexplained judged;
  const FieldValue& golden = work.cluster.golden.fields.at(field).value;
  const bool stays = choice.winner && choice.winner->claim->value.shows_same(golden);
  for (const auto& each : front) {
    const Claim& claim = *each.claim;
    if (!claim.unexplained || planted(Mutant::unexplained_wins)) continue;
    if (stays && claim.value.shows_same(golden)) continue;  // golden says so already
    const bool undisputed = claim.changed.from < context.rules.restored_at ||
                            std::all_of(front.begin(), front.end(), [&](const Candidate& other) {
                              return other.claim->value.shows_same(claim.value);
                            });
    if (!undisputed || !is_shown_by_all(context, work, field, claim.value)) return {true, std::nullopt};
    judged.agreed = Choice{each, false, "agreed"};
  }
  return judged;
}

// What golden says is no riddle any more. `agreed`: every record shows it, with everything else in view.
void explain(Work& work, FieldIndex field, bool agreed) {
  const GoldenField& golden = work.cluster.golden.fields.at(field);
  for (auto& replica : work.cluster.replicas) {
    const auto known = replica.fields.find(field);
    if (known == replica.fields.end() || !known->second.claim) continue;
    Claim& claim = *known->second.claim;
    if (!claim.unexplained || !claim.value.shows_same(golden.value)) continue;
    claim.unexplained = false;
    if (agreed) note_version(claim.seen, work.cluster.golden.line(), golden.version);
  }
}

}  // namespace

void choose_golden(Context& context, Work& work, FieldIndex field) {
  if (is_union(context.rules, work.entity, field)) return choose_list(context, work, field);
  GoldenField& golden = work.golden().fields[field];
  const auto front = frontier(work.cluster, field);
  Choice choice =
      choose(context.rules, work.entity.name, field, front, context.rules.home_of(work.cluster.golden));
  const Unexplained unexplained = judge_unexplained(context, work, field, front, choice);
  golden.parked = unexplained.parked;
  if (golden.parked) choice = {std::nullopt, true, "unexplained"};
  if (unexplained.agreed) choice = *unexplained.agreed;
  golden.held = choice.held;
  if (choice.winner) {
    const bool changes = !same_golden_value(golden.value, choice.winner->claim->value);
    take_winner(golden, *choice.winner, choice.rule);
    if (changes && !(planted(Mutant::change_not_recorded) && choice.rule == "agreed"))
      record_won(context, work, field, golden);
  } else if (!choice.held && golden.value.presence != Presence::absent) {
    golden.value = {};  // all who claimed it left with an un-merge
    golden.from = {};
    golden.rule = "unclaimed";
    record_won(context, work, field, golden);
  }
  keep_losers(context, work, field, front, choice);
  if (!golden.parked) explain(work, field, unexplained.agreed.has_value());
  update_conflict_review(context, work, field);
}

const FieldValue* target_of(const Rules& rules, const model::Entity& entity, const RecordRef& ref,
                            FieldIndex field, const GoldenField& golden, const ReplicaField& known,
                            FieldValue& own) {
  if (golden.value.presence == Presence::absent) return nullptr;
  if (!is_union(rules, entity, field)) return &golden.value;
  const StreamRules* const stream = rules.stream(ref);
  const StreamRules::Slot* slot = nullptr;
  if (stream != nullptr) {
    const auto found = stream->slots.find(field);
    if (found != stream->slots.end()) slot = &found->second;
  }
  own = list_target(entity.fields[field], golden.value, known, right_of(rules, ref, field), slot);
  return &own;
}

bool stands_for(Context& context, const RecordRef& ref, FieldIndex field, const FieldValue& shown,
                const FieldValue& wanted) {
  if (shown.presence == Presence::absent) return false;
  if (shown.shows_same(wanted)) return true;
  if (ref.connection == console || !wanted.has_value() || !shown.has_value()) return false;
  const auto projected =
      context.projection.project(ref.connection, ref.stream, field, wanted, context.repository);
  return projected.kind == Projection::Result::Kind::shows && shown.shows_same(projected.value);
}

void settle_all(Context& context, Work& work, FieldIndex field) {
  const auto of = work.golden().fields.find(field);
  if (of == work.golden().fields.end()) return;
  const GoldenField& golden = of->second;
  const Line line = work.golden().line();
  for (auto& replica : work.cluster.replicas) {
    const auto found = replica.fields.find(field);
    if (found == replica.fields.end() || is_being_written(replica, field)) continue;
    if (context.rules.is_stale(replica)) continue;  // what it shows is not known
    ReplicaField& known = found->second;
    if (planted(Mutant::only_author_settled) && golden.from != replica.ref) continue;
    FieldValue own;
    const FieldValue* const target =
        target_of(context.rules, work.entity, replica.ref, field, golden, known, own);
    if (target == nullptr) continue;
    const bool stood = known.stands.shows_same(*target);
    if (!stood && !stands_for(context, replica.ref, field, known.base, *target)) continue;
    if (!stood) known.stands = *target;
    note_version(known.seen, line, golden.version);
  }
}

}  // namespace huiliu::sync
