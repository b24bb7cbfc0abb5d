#include "hub/sync/removal.hpp"

#include <algorithm>

#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

using Why = Held::Why;

constexpr const char* derived_by_rule = "rule";  // the actor of what the hub itself concludes

bool is_real(const Replica& replica) {
  return replica.ref.connection != console && !is_provisional(replica.ref) && replica.leader.empty();
}

// One of two records of a customer in one system was deleted: the customer is still there.
bool has_sibling(const Cluster& cluster, const Replica& deleted) {
  return std::any_of(cluster.replicas.begin(), cluster.replicas.end(), [&](const Replica& other) {
    return other.ref != deleted.ref && other.ref.connection == deleted.ref.connection &&
           other.ref.stream == deleted.ref.stream && !other.gone && is_real(other);
  });
}

bool was_seen(const Removal& removal, FieldIndex field, const Claim& claim) {
  if (claim.initial || claim.actor == derived_by_rule) return true;  // no edit
  const auto seen = removal.seen.find(field);
  return seen != removal.seen.end() &&
         std::any_of(claim.arrived.begin(), claim.arrived.end(), [&](const auto& arrived) {
           const auto version = seen->second.find(arrived.first);
           return version != seen->second.end() && arrived.second <= version->second;
         });
}

// Did somebody edit in a record that is still there, and the deletion did not have it in view?
bool overlooks_an_edit(const Cluster& cluster, const Replica& deleted) {
  if (planted(Mutant::delete_beats_edit)) return false;
  const Removal& removal = *deleted.removal;
  for (const auto& other : cluster.replicas) {
    if (other.gone || other.ref == deleted.ref) continue;
    for (const auto& [field, known] : other.fields) {
      if (known.claim && !was_seen(removal, field, *known.claim)) return true;
      for (const auto& [key, element] : known.elements)
        if (!was_seen(removal, field, element)) return true;
    }
  }
  return false;
}

DeletePolicy stands(const Cluster& cluster, const Replica& replica) {
  const bool gone = replica.gone || planted(Mutant::undelete_forgotten);
  if (!gone || !replica.removal) return DeletePolicy::unlink;
  if (has_sibling(cluster, replica) || overlooks_an_edit(cluster, replica)) return DeletePolicy::unlink;
  return planted(Mutant::removal_without_policy) ? DeletePolicy::propagate : replica.removal->policy;
}

// What the record's people had in view: what it showed, and of fields that it never gets everything.
std::map<FieldIndex, Versions> in_view(const Context& context, const Golden& golden, const Replica& replica) {
  std::map<FieldIndex, Versions> seen;
  for (const auto& [field, of] : golden.fields) {
    const auto known = replica.fields.find(field);
    if (!may_receive(right_of(context.rules, golden, replica.ref, field)))
      seen[field] = {{golden.line(), of.version}};
    else if (known != replica.fields.end())
      seen[field] = known->second.seen;
  }
  return seen;
}

std::map<FieldIndex, Versions> everything(const Golden& golden) {
  std::map<FieldIndex, Versions> seen;
  for (const auto& [field, of] : golden.fields) seen[field] = {{golden.line(), of.version}};
  return seen;
}

// Our own delete that is under way there; null: none.
const Intent* own_remove(const Replica& replica) {
  const auto found = std::find_if(replica.intents.begin(), replica.intents.end(),
                                  [](const Intent& intent) { return intent.op == Op::remove; });
  return found == replica.intents.end() ? nullptr : &*found;
}

DeletePolicy policy_of(const Context& context, const RecordRef& ref) {
  const ConnectionRules* const connection = context.rules.connection(ref.connection);
  const StreamRules* const stream = context.rules.stream(ref);
  if (connection == nullptr || stream == nullptr) return DeletePolicy::unlink;
  return stream->on_delete.value_or(connection->on_delete);
}

// The deletion that makes the customer rest: where it came from, for people and for the stage.
const Replica* strongest(const Cluster& cluster) {
  const Replica* first = nullptr;
  for (const auto& replica : cluster.replicas)
    if (stands(cluster, replica) > (first == nullptr ? DeletePolicy::unlink : stands(cluster, *first)))
      first = &replica;
  return first;
}

Held held(const Replica& replica, const GoldenId& golden, Why why, std::string reason) {
  return {replica.ref, golden, {}, why, std::move(reason)};
}

PlannedWrite write_of(const Replica& replica, const Cluster& cluster, Op op, std::string reason) {
  return {replica.ref, replica.entity, cluster.golden.id, op, {}, replica.token, std::move(reason)};
}

// How a record of a resting customer is removed; nullopt: it need not be, or cannot.
std::optional<Op> removal_op(DeletePolicy policy, const StreamRules& stream, const Replica& replica) {
  if (policy == DeletePolicy::propagate && stream.deletable) return Op::remove;
  if (replica.disabled || !stream.disablable) return std::nullopt;
  return Op::disable;
}

void plan_enable(const Cluster& cluster, const ConnectionRules& connection, const Replica& replica,
                 const char* reason, Due& due) {
  if (connection.stage < Stage::two_way)
    due.held.push_back(held(replica, cluster.golden.id, Why::stage, "stage of the connection"));
  else
    due.writes.push_back(write_of(replica, cluster, Op::enable, reason));
}

void plan_resting(Context& context, const Cluster& cluster, const ConnectionRules& connection,
                  const Replica& replica, Due& due) {
  const Replica& cause = *strongest(cluster);
  const DeletePolicy policy = stands(cluster, cause);
  const StreamRules* const stream = context.rules.stream(replica.ref);
  if (stream == nullptr || policy < DeletePolicy::deactivate || connection.remove == RemoveRule::never)
    return;
  const GoldenId& golden = cluster.golden.id;
  const auto decided = cluster.golden.removes.find(connection.name);
  const std::string decision = decided == cluster.golden.removes.end() ? "" : decided->second;
  if (decision == "refused") {
    if (replica.disabled && replica.removed_by_hub)
      plan_enable(cluster, connection, replica, "not to be disabled there", due);
    return;
  }
  const auto op = removal_op(policy, *stream, replica);
  if (!op) {
    if (!replica.disabled)
      due.held.push_back(
          held(replica, golden, Why::unsupported, "can be neither disabled nor deleted there"));
    return;
  }
  const ConnectionRules* const source = context.rules.connection(cause.ref.connection);
  if (connection.stage < Stage::two_way || (source != nullptr && source->stage < Stage::two_way)) {
    due.held.push_back(held(replica, golden, Why::stage, "stage of the connection"));
    return;
  }
  if (decision == "rejected") {
    due.held.push_back(held(replica, golden, Why::refused, "the system did not let the record be removed"));
    return;
  }
  if (connection.remove == RemoveRule::ask && decision != "approved") {
    due.held.push_back(held(replica, golden, Why::waiting_review, "removal request"));
    due.removal_request = true;
    return;
  }
  due.writes.push_back(
      write_of(replica, cluster, *op, "deleted in " + cause.ref.connection + ": " + to_string(policy)));
}

RecordRef deleted_record(const Review& review) {
  const model::Value& record = review.evidence["record"];
  return {record["connection"].to_text(), record["stream"].to_text(), record["key"].to_text()};
}

// Whose record it is now: customers may have been merged and taken apart since the question was asked.
std::optional<Work> open_deleted(Context& context, const RecordRef& ref) {
  auto work = open_work(context, context.repository.golden_of(ref));
  const Replica* const replica = work ? work->cluster.find(ref) : nullptr;
  if (replica == nullptr || !replica->gone) return std::nullopt;
  return work;
}

}  // namespace

DeletePolicy resting(const Cluster& cluster) {
  DeletePolicy most = DeletePolicy::unlink;
  for (const auto& replica : cluster.replicas) most = std::max(most, stands(cluster, replica));
  return most;
}

std::string delete_question(const RecordRef& ref) { return "deleted/" + ref.text(); }

void ask_about_delete(Context& context, const Work& work, const RecordRef& ref) {
  Review review;
  review.kind = ReviewKind::change;
  review.golden = work.cluster.golden.id;
  review.connection = ref.connection;
  review.subject =
      title_of(work.entity, work.cluster.golden) + ": deleted in " + ref.connection + ", still trading?";
  review.choices = {"leave", "recreate"};
  const Replica* const replica = work.cluster.find(ref);
  if (replica != nullptr && is_real(*replica) && !has_sibling(work.cluster, *replica))
    for (const auto policy : {DeletePolicy::archive, DeletePolicy::deactivate, DeletePolicy::propagate})
      review.choices.emplace_back(to_string(policy));
  review.evidence = model::Object{
      {"record", model::Object{{"connection", ref.connection}, {"stream", ref.stream}, {"key", ref.key}}}};
  review.dedupe = delete_question(ref);
  ask(context, std::move(review));
}

bool was_deleted_by_us(const Replica& replica) {
  return replica.gone && replica.removed_by_hub && !replica.removal;
}

void ask_there_about_deletes(Context& context, const Work& work) {
  for (const auto& replica : work.cluster.replicas)
    if (replica.gone && context.repository.open_review(delete_question(replica.ref)))
      ask_about_delete(context, work, replica.ref);
}

void take_removal(Context& context, Work& work, Replica& replica, Micros seen_alive) {
  replica.gone = true;
  replica.stale = context.rules.is_stale(replica);
  if (const Intent* const own = own_remove(replica);
      own != nullptr && !planted(Mutant::own_removal_as_deletion)) {
    // In doubt: it may have been a person. Nothing follows from it now; it is not made again without one.
    if (own->state == IntentState::acknowledged)
      replica.removed_by_hub = true;
    else
      replica.removal = Removal{};
    std::erase_if(replica.intents, [](const Intent& intent) { return intent.op == Op::remove; });
    return;
  }
  if (!is_real(replica)) return ask_about_delete(context, work, replica.ref);
  // A hub that was put back from a backup cannot know whether a person did it, or it did it itself.
  if (replica.stale) replica.removal = Removal{};
  // Somebody took the customer back into use, perhaps after this deletion.
  if (!replica.removal && seen_alive < work.golden().taken_back) replica.removal = Removal{};
  if (!replica.removal)
    replica.removal = Removal{policy_of(context, replica.ref), in_view(context, work.golden(), replica)};
  if (stands(work.cluster, replica) == DeletePolicy::unlink) ask_about_delete(context, work, replica.ref);
}

void take_return(Context& context, Work& work, const Replica& before, Replica& replica, bool by_person) {
  const bool by_us = std::any_of(before.intents.begin(), before.intents.end(),
                                 [](const Intent& intent) { return intent.op == Op::enable; });
  const bool again = was_deleted_by_us(before) || (before.removed_by_hub && !replica.disabled);
  const bool revived = again && !by_us;
  if (before.gone && !planted(Mutant::undelete_forgotten)) replica.removal.reset();
  if (again || !replica.disabled) replica.removed_by_hub = false;
  if (!revived || !by_person || planted(Mutant::revival_ignored)) return;
  work.golden().taken_back = replica.evid;
  for (auto& other : work.cluster.replicas) {
    if (!other.removal || other.removal->policy == DeletePolicy::unlink) continue;
    other.removal->policy = DeletePolicy::unlink;
    if (other.gone) ask_about_delete(context, work, other.ref);
  }
}

bool shows_effect(const Intent& intent, bool shows_disabled) {
  return (intent.op == Op::disable && shows_disabled) || (intent.op == Op::enable && !shows_disabled);
}

void settle_removal(Work& work, Replica& replica, const Intent& intent, bool shows_disabled) {
  if (intent.op == Op::create || intent.op == Op::update) return;
  if (!shows_effect(intent, shows_disabled)) return reject_removal(work, replica, intent);
  replica.removed_by_hub = intent.op == Op::disable;
}

void reject_removal(Work& work, Replica& replica, const Intent& intent) {
  if (intent.op == Op::disable || intent.op == Op::remove)
    work.golden().removes[replica.ref.connection] = "rejected";
  if (intent.op == Op::enable) replica.removed_by_hub = false;  // from now on a person's business
}

void forget_deletions(Work& work) {
  for (auto& replica : work.cluster.replicas)
    if (replica.removal) replica.removal->policy = DeletePolicy::unlink;
}

bool plan_removal(Context& context, const Cluster& cluster, const model::Entity& /*entity*/,
                  const ConnectionRules& connection, Due& due) {
  const bool rests = resting(cluster) != DeletePolicy::unlink;
  bool enables = false;
  for (const auto& replica : cluster.replicas) {
    if (replica.ref.connection != connection.name || replica.gone || !is_real(replica)) continue;
    if (rests) {
      if (replica.intents.empty()) plan_resting(context, cluster, connection, replica, due);
      continue;
    }
    if (!replica.disabled || !replica.removed_by_hub) continue;
    enables = true;
    if (replica.intents.empty()) plan_enable(cluster, connection, replica, "the customer lives again", due);
  }
  return (rests && !planted(Mutant::resting_written)) || enables;
}

void follow_resting(Context& context, Work& work) {
  const bool rests = resting(work.cluster) != DeletePolicy::unlink;
  const bool rested = resting(work.before) != DeletePolicy::unlink;
  if (rests == rested) return;
  for (const auto& replica : work.cluster.replicas) {
    if (!replica.gone || !replica.removal) continue;
    if (rests)
      withdraw(context, delete_question(replica.ref));
    else
      ask_about_delete(context, work, replica.ref);
  }
  if (rests) return;
  work.golden().removes.clear();
  for (const auto& [name, connection] : context.rules.connections)
    withdraw(context, removal_question(name, work.golden().id));
}

std::string removal_question(const std::string& connection, const GoldenId& golden) {
  return "remove/" + connection + "/" + golden;
}

bool asks_for_removal(const Review& review) { return review.dedupe.starts_with("remove/"); }

void ask_for_removal(Context& context, const Cluster& cluster, const model::Entity& entity,
                     const ConnectionRules& connection) {
  const Replica* const cause = strongest(cluster);
  if (cause == nullptr) return;
  const DeletePolicy policy = stands(cluster, *cause);
  model::Array records;
  for (const auto& replica : cluster.replicas)
    if (replica.ref.connection == connection.name && !replica.gone && is_real(replica))
      records.emplace_back(model::Object{{"stream", replica.ref.stream}, {"key", replica.ref.key}});
  Review review;
  review.kind = ReviewKind::change;
  review.golden = cluster.golden.id;
  review.connection = connection.name;
  review.subject = title_of(entity, cluster.golden) + ": deleted in " + cause->ref.connection + "; " +
                   to_string(policy) + " in " + connection.name + "?";
  review.choices = {"approve", "refuse"};
  review.evidence = model::Object{{"deleted", model::Object{{"connection", cause->ref.connection},
                                                            {"stream", cause->ref.stream},
                                                            {"key", cause->ref.key}}},
                                  {"policy", to_string(policy)},
                                  {"records", std::move(records)}};
  review.dedupe = removal_question(connection.name, cluster.golden.id);
  ask(context, std::move(review));
}

void decide_removal(Context& context, const GoldenId& golden, const std::string& connection, bool approved) {
  auto work = open_work(context, golden);
  if (!work) return;
  if (resting(work->cluster) != DeletePolicy::unlink)
    work->golden().removes[connection] = approved ? "approved" : "refused";
  finish(context, *work);
}

void decide_deletion(Context& context, const Review& review, DeletePolicy policy) {
  const RecordRef ref = deleted_record(review);
  auto work = open_deleted(context, ref);
  if (!work) return;
  work->cluster.find(ref)->removal = Removal{policy, everything(work->golden())};
  work->actor = review.actor;
  finish(context, *work);
}

void decide_recreation(Context& context, const Review& review) {
  const RecordRef ref = deleted_record(review);
  auto work = open_deleted(context, ref);
  if (!work) return;
  auto& removal = work->cluster.find(ref)->removal;
  if (!removal) removal.emplace();
  removal->again = true;
  work->golden().creates.erase(ref.connection);
  finish(context, *work);
}

}  // namespace huiliu::sync
