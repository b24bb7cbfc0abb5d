#include "hub/sync/approve.hpp"

#include <algorithm>

#include "hub/sync/claims.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/observe.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

// What happened to an approved value on its way.
enum class Fate { waits, confirmed, refused, overtaken, alone };

Fate fate_of(Context& context, const Work& work, FieldIndex field, const ApprovedChange& change) {
  const Replica* const authority = authority_record(context.rules, work.cluster, field);
  if (authority == nullptr) return Fate::alone;
  const auto known = authority->fields.find(field);
  if (known != authority->fields.end() && !known->second.unverified &&
      stands_for(context, authority->ref, field, known->second.base, change.value))
    return Fate::confirmed;
  const auto golden = work.cluster.golden.fields.find(field);
  if (golden != work.cluster.golden.fields.end() && golden->second.version > change.version &&
      golden->second.from == authority->ref)
    return Fate::overtaken;
  if (known != authority->fields.end() && known->second.refused &&
      known->second.refused->shows_same(change.value))
    return Fate::refused;
  return Fate::waits;
}

void take_approved(Context& context, Work& work, FieldIndex field, const ApprovedChange& change) {
  const std::string actor = std::exchange(work.actor, change.actor);
  claim_as_console(context, work, field, change.value);
  work.actor = actor;
  choose_golden(context, work, field);
  settle_all(context, work, field);
}

void give_back(Context& context, Work& work, FieldIndex field, const ApprovedChange& change, Fate fate) {
  const std::string authority = authority_of(context, work.cluster, field);
  record_lost(
      context, work, field, change.value, {std::string(console), work.entity.name, work.golden().id},
      {change.approved, context.now}, 0,
      fate == Fate::refused ? "approved, refused by " + authority : "approved, overtaken in " + authority);
  work.notices.push_back({fate == Fate::refused ? "approved_refused" : "approved_overtaken",
                          work.golden().id,
                          {std::string(console), work.entity.name, change.review},
                          work.name_of(field),
                          work.golden().fields[field].value,
                          change.value,
                          authority});
}

}  // namespace

const Replica* authority_record(const Rules& rules, const Cluster& cluster, FieldIndex field) {
  const Replica* best = nullptr;
  const std::string& home = rules.home_of(cluster.golden);
  for (const auto& replica : cluster.replicas) {
    if (replica.gone || !replica.leader.empty() || is_provisional(replica.ref) || replica.pending_approval ||
        replica.ref.connection == console || !replica.fields.contains(field))
      continue;
    if (right_of(rules, cluster.golden, replica.ref, field) != Right::owner) continue;
    const auto place = [&](const Replica& each) {
      return std::tuple(each.ref.connection != home, rules.connection(each.ref.connection)->rank,
                        each.link_order);
    };
    if (best == nullptr || place(replica) < place(*best)) best = &replica;
  }
  return best;
}

std::string authority_of(const Context& context, const Cluster& cluster, FieldIndex field) {
  const Replica* const record = authority_record(context.rules, cluster, field);
  return record == nullptr ? std::string(console) : record->ref.connection;
}

bool authority_takes(const Rules& rules, const Cluster& cluster, FieldIndex field) {
  const Replica* const record = authority_record(rules, cluster, field);
  const StreamRules* const stream = record == nullptr ? nullptr : rules.stream(record->ref);
  if (stream == nullptr || !stream->writable) return false;
  const auto ops = stream->ops.find(field);
  return ops == stream->ops.end() || ops->second.update;
}

void decide_value(Context& context, Work& work, FieldIndex field, const FieldValue& value,
                  const std::string& review, const std::string& note) {
  const Replica* const authority = authority_record(context.rules, work.cluster, field);
  const bool confirms = context.rules.confirmed_by_authority.contains({work.entity.name, field}) &&
                        !is_union(context.rules, work.entity, field) && authority != nullptr;
  if (!confirms) return claim_as_console(context, work, field, value);
  const auto golden = work.cluster.golden.fields.find(field);
  const Version version = golden == work.cluster.golden.fields.end() ? 0 : golden->second.version;
  Replica& there = *work.cluster.find(authority->ref);
  there.fields[field].refused.reset();  // a person asks for it: it is tried again
  work.golden().approved[field] = {value, version, review, work.actor, note, context.now};
}

void confirm_approved(Context& context, Work& work) {
  if (work.cluster.golden.approved.empty()) return;
  const auto waiting = work.cluster.golden.approved;
  for (const auto& [field, change] : waiting) {
    const Fate fate = fate_of(context, work, field, change);
    if (fate == Fate::waits) continue;
    work.golden().approved.erase(field);
    if (fate == Fate::confirmed || fate == Fate::alone)
      take_approved(context, work, field, change);
    else
      give_back(context, work, field, change, fate);
  }
}

}  // namespace huiliu::sync
