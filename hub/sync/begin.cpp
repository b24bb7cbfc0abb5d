#include "hub/sync/begin.hpp"

#include <algorithm>

#include "hub/sync/plan.hpp"

namespace huiliu::sync {
namespace {

Intent make_intent(Context& context, const PlannedWrite& write, const Line& line, const std::string& run) {
  Intent intent;
  intent.id = model::make_id("int", context.now, context.random);
  intent.op = write.op;
  intent.golden = write.golden;
  intent.line = line;
  for (const auto& field : write.fields)
    intent.fields.push_back({field.field, field.to, field.from, field.version});
  if (!planted(Mutant::blind_write)) intent.expected_token = write.expected_token;
  intent.started = context.now;
  intent.attempts = 1;
  intent.run = run;
  intent.reason = write.reason;
  return intent;
}

// Section 5: the plan is checked again at the moment of sending.
bool still_due(Context& context, Work& work, const PlannedWrite& write) {
  if (planted(Mutant::plan_not_rechecked)) return true;
  const ConnectionRules* const connection = context.rules.connection(write.ref.connection);
  if (connection == nullptr || work.golden().id != write.golden) return false;
  const Due due = plan_golden(context, work.cluster, work.entity, *connection);
  return std::any_of(due.writes.begin(), due.writes.end(),
                     [&](const PlannedWrite& now) { return same_write(now, write); });
}

// Nothing is overwritten that no history has: defaults, side effects and first values without a right were no
// claims.
void keep_unclaimed(Context& context, const Work& work, Replica& replica, const Intent& intent) {
  if (intent.op == Op::remove)
    for (const auto& [field, known] : replica.fields)
      if (known.unclaimed)
        record_lost(context, work, field, known.base, replica.ref, {model::unknown_time, replica.evid}, 0,
                    "unclaimed");
  for (const auto& sent : intent.fields) {
    ReplicaField& known = replica.fields[sent.field];
    if (known.unclaimed && !planted(Mutant::unclaimed_overwritten))
      record_lost(context, work, sent.field, known.base, replica.ref, {model::unknown_time, replica.evid}, 0,
                  "unclaimed");
    known.unclaimed = false;
  }
}

Replica provisional_replica(Work& work, const PlannedWrite& write, const Intent& intent) {
  Replica replica;
  replica.ref = {write.ref.connection, write.ref.stream, std::string(provisional_key) + intent.id};
  replica.entity = write.entity;
  replica.golden = replica.origin = work.golden().id;
  replica.made_by_hub = true;
  replica.link_order = work.golden().next_link_order++;
  work.rekeyed[replica.ref].reset();
  return replica;
}

}  // namespace

std::optional<Intent> begin_write(Context& context, const PlannedWrite& write, const std::string& run) {
  auto work = open_work(context, write.golden);
  if (!work || !still_due(context, *work, write)) return std::nullopt;
  return record_intent(context, *work, write, run);
}

std::optional<Intent> record_intent(Context& context, Work& work, const PlannedWrite& write,
                                    const std::string& run) {
  work.run = run;
  Intent intent = make_intent(context, write, work.golden().line(), run);
  RecordRef carrier = write.ref;
  if (write.op == Op::create) {
    Replica made = provisional_replica(work, write, intent);
    carrier = made.ref;
    made.intents.push_back(intent);
    work.cluster.replicas.push_back(std::move(made));
  } else {
    Replica* const replica = work.cluster.find(write.ref);
    if (replica == nullptr) return std::nullopt;
    keep_unclaimed(context, work, *replica, intent);
    if (planted(Mutant::marked_before_sent)) {
      for (const auto& sent : intent.fields)
        replica->fields[sent.field].base = replica->fields[sent.field].stands = sent.value;
    }
    replica->intents.push_back(intent);
  }
  context.repository.set_look(carrier, true);  // should this process end before the answer comes
  finish(context, work);
  return intent;
}

}  // namespace huiliu::sync
