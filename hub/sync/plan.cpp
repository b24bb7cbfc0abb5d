#include "hub/sync/plan.hpp"

#include <algorithm>
#include <optional>

#include "hub/sync/approve.hpp"
#include "hub/sync/create.hpp"
#include "hub/sync/frontier.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/removal.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

using Why = Held::Why;

// Everything about one field of one record that decides whether it is due.
struct FieldDue {
  Context& context;
  const Cluster& cluster;
  const model::Entity& entity;
  const ConnectionRules& connection;
  const StreamRules& stream;
  const Replica& replica;
  FieldIndex field;
  const GoldenField& golden;
  const ReplicaField& known;
  const FieldValue& target;
  const ApprovedChange* approved = nullptr;  // a person's value on its way to the authority

  Right right() const { return right_of(context.rules, cluster.golden, replica.ref, field); }
};

// What it comes to: a write, a reason why not, or nothing to do.
struct FieldVerdict {
  std::optional<PlannedField> write;
  std::optional<Held> held;
};

FieldVerdict held_back(const FieldDue& due, Why why, std::string reason) {
  Held held{due.replica.ref, due.cluster.golden.id, due.entity.fields[due.field].name, why,
            std::move(reason)};
  return {std::nullopt, std::move(held)};
}

// Does the golden value come from a system that owns the field (stage one_way: authority to others)?
bool comes_from_owner(const FieldDue& due) {
  return right_of(due.context.rules, due.cluster.golden, due.golden.from, due.field) == Right::owner;
}

// How far a value may travel: as far as both the system that it comes from and the one that it goes to are.
Stage stage_between(const FieldDue& due) {
  const ConnectionRules* const source = due.context.rules.connection(due.golden.from.connection);
  return source == nullptr ? due.connection.stage : std::min(due.connection.stage, source->stage);
}

// Stages: observe and match write nothing, link only numbers, fill what is empty, one_way from the owner,
// two_way all.
bool stage_allows(const FieldDue& due) {
  const bool link_field = due.context.rules.link_fields.contains({due.entity.name, due.field});
  switch (stage_between(due)) {
    case Stage::observe:
    case Stage::match:
      return false;
    case Stage::link:
      return link_field;
    case Stage::fill:
      return link_field || !due.known.base.has_value();
    case Stage::one_way:
      return link_field || comes_from_owner(due);
    case Stage::two_way:
      return true;
  }
  return false;
}

// Under `manual` while held: a record that holds one of the undecided values is not written.
bool holds_undecided(const FieldDue& due) {
  if (!due.golden.held || planted(Mutant::undecided_written)) return false;
  if (due.golden.parked) return true;
  return std::any_of(due.golden.losers.begin(), due.golden.losers.end(),
                     [&](const Loser& loser) { return loser.from == due.replica.ref; });
}

bool is_authority(const FieldDue& due) {
  return authority_record(due.context.rules, due.cluster, due.field) == &due.replica;
}

bool waits_for_decision(const FieldDue& due) {
  if (due.right() != Right::propose) return false;
  return due.context.repository
      .open_review(change_question(due.replica.ref, due.entity.fields[due.field].name))
      .has_value();
}

FieldVerdict judge_projection(const FieldDue& due) {
  const auto projected = due.context.projection.project(due.replica.ref.connection, due.replica.ref.stream,
                                                        due.field, due.target, due.context.repository);
  if (projected.kind == Projection::Result::Kind::impossible)
    return held_back(due, Why::unsupported, projected.reason);
  if (projected.kind == Projection::Result::Kind::waiting)
    return held_back(due, Why::waiting_reference,
                     waiting_reason(due.context, due.entity.fields[due.field], due.target,
                                    due.connection.name, projected.reason));
  if (projected.value.shows_same(due.known.base) && !planted(Mutant::due_by_base)) return {};
  return {PlannedField{due.field, due.known.base, due.target, due.golden.version}, std::nullopt};
}

// Section 5. A field is due iff known, not unverified, not refused for this very value, receivable, and
// golden differs from what base stands for.
FieldVerdict judge_field(const FieldDue& due) {
  const Right right = due.right();
  if (!may_receive(right) || due.known.base.presence == Presence::absent) return {};
  if (due.known.unverified && !planted(Mutant::acknowledged_as_base)) return {};
  const FieldValue& held = planted(Mutant::due_by_base) ? due.known.base : due.known.stands;
  if (due.target.shows_same(held)) return {};
  if (right == Right::fill && due.known.base.has_value()) return {};
  if (due.known.refused && due.known.refused->shows_same(due.target) && !planted(Mutant::refused_sent_again))
    return held_back(due, Why::refused, "the system did not take this value");
  if (holds_undecided(due)) return held_back(due, Why::undecided, "conflict without a decision");
  // An approved value reaches the others when the authority has confirmed it.
  if (due.approved != nullptr && !is_authority(due))
    return held_back(due, Why::waiting_review,
                     "approved; waits for " + authority_of(due.context, due.cluster, due.field));
  const bool sent_by_person = due.approved != nullptr && due.connection.stage >= Stage::one_way;
  if (!sent_by_person && !stage_allows(due)) return held_back(due, Why::stage, "stage of the connection");
  const auto ops = due.stream.ops.find(due.field);
  if (!due.stream.writable || (ops != due.stream.ops.end() && !ops->second.update)) {
    if (due.approved != nullptr)
      return held_back(due, Why::waiting_review,
                       "approved; to be entered in " + due.connection.name + " by its people");
    return held_back(due, Why::unsupported, "cannot be changed there");
  }
  if (!due.target.has_value() && ops != due.stream.ops.end() && !ops->second.clear)
    return held_back(due, Why::unsupported, "cannot be emptied there");
  if (waits_for_decision(due)) return held_back(due, Why::waiting_review, "change request open");
  if (!due.target.has_value())
    return {PlannedField{due.field, due.known.base, due.target, due.golden.version}, std::nullopt};
  if (due.connection.withheld)
    if (std::string why = due.connection.withheld(due.cluster.golden, due.field); !why.empty())
      return held_back(due, Why::privacy, std::move(why));
  return judge_projection(due);
}

// A write that would happen, but for a month-end freeze.
void freeze(const FieldDue& due, FieldVerdict& verdict) {
  if (!verdict.write || !due.connection.frozen) return;
  std::string why = due.connection.frozen(due.cluster, due.replica, due.field, due.context.now);
  if (why.empty()) return;
  PlannedField waiting = std::move(*verdict.write);
  verdict = held_back(due, Why::frozen, std::move(why));
  verdict.held->write = std::move(waiting);
}

std::string reason_of(const model::Entity& entity, const Golden& golden,
                      const std::vector<PlannedField>& fields) {
  std::string reason;
  for (const auto& field : fields) {
    if (!reason.empty()) reason += "; ";
    if (const auto approved = golden.approved.find(field.field); approved != golden.approved.end()) {
      reason += entity.fields[field.field].name + ": approved by " + approved->second.actor;
      continue;
    }
    const auto& of = golden.fields.at(field.field);
    reason += entity.fields[field.field].name + ": " + of.rule;
    if (!of.from.connection.empty()) reason += " " + of.from.connection;
  }
  return reason;
}

// One person may act for several customers (代理, 代账): a system then has a record of him under each. None
// of these is moved to another customer.
bool acts_for_several(const Cluster& cluster, const model::Entity& entity, FieldIndex field) {
  if (entity.fields[field].type != "reference") return false;
  const auto shown = [&](const Replica& replica) -> const FieldValue* {
    const auto known = replica.fields.find(field);
    const bool counts = !replica.gone && replica.leader.empty() && known != replica.fields.end() &&
                        known->second.base.has_value();
    return counts ? &known->second.base : nullptr;
  };
  for (const auto& a : cluster.replicas)
    for (const auto& b : cluster.replicas)
      if (&a < &b && a.ref.connection == b.ref.connection && a.ref.stream == b.ref.stream &&
          shown(a) != nullptr && shown(b) != nullptr && !shown(a)->shows_same(*shown(b)))
        return true;
  return false;
}

// Section 5. A record is due iff not gone, no open intent, and it is the primary record of its golden in that
// system.
void plan_update(Context& context, const Cluster& cluster, const model::Entity& entity,
                 const ConnectionRules& connection, const Replica& replica, Due& due) {
  const StreamRules* const stream = context.rules.stream(replica.ref);
  const bool busy = !replica.intents.empty() && !planted(Mutant::two_writes_at_once);
  if (stream == nullptr || busy || is_provisional(replica.ref)) return;
  PlannedWrite write{replica.ref, entity.name, cluster.golden.id, Op::update, {}, replica.token, {}};
  static const GoldenField nothing;
  for (const auto& [field, known] : replica.fields) {
    const auto stated = cluster.golden.fields.find(field);
    const auto approved = cluster.golden.approved.find(field);
    const bool decided = approved != cluster.golden.approved.end();
    if (stated == cluster.golden.fields.end() && !decided) continue;
    if (acts_for_several(cluster, entity, field)) continue;
    const GoldenField& golden = stated == cluster.golden.fields.end() ? nothing : stated->second;
    FieldValue own;
    const FieldValue* const target =
        decided ? &approved->second.value
                : target_of(context.rules, entity, replica.ref, field, golden, known, own);
    if (target == nullptr) continue;
    const FieldDue of{context,
                      cluster,
                      entity,
                      connection,
                      *stream,
                      replica,
                      field,
                      golden,
                      known,
                      *target,
                      decided ? &approved->second : nullptr};
    auto verdict = judge_field(of);
    freeze(of, verdict);
    if (verdict.write) write.fields.push_back(std::move(*verdict.write));
    if (verdict.held) due.held.push_back(std::move(*verdict.held));
  }
  if (write.fields.empty()) return;
  // A record in approval is locked for others there: what it shall get waits until its people have decided.
  if (replica.pending_approval) {
    due.held.push_back(
        {replica.ref, cluster.golden.id, {}, Why::waiting_review, "the record is in approval there"});
    return;
  }
  write.reason = reason_of(entity, cluster.golden, write.fields);
  due.writes.push_back(std::move(write));
}

}  // namespace

Due plan_golden(Context& context, const Cluster& cluster, const model::Entity& entity,
                const ConnectionRules& connection) {
  Due due;
  if (entity.reference_data || !cluster.golden.redirect.empty())
    return due;  // reference data is never written
  if (plan_removal(context, cluster, entity, connection, due)) return due;
  // A person may stand in several streams of a system (customer management and its address book): the one in
  // which such records are made is written.
  const StreamRules* const main_stream = connection.for_entity(entity.name);
  if (const Replica* const primary = primary_in(
          cluster, connection.name, main_stream == nullptr ? std::string() : main_stream->stream)) {
    plan_update(context, cluster, entity, connection, *primary, due);
  } else {
    plan_create(context, cluster, entity, connection, due);
  }
  return due;
}

bool same_fields(const std::vector<PlannedField>& a, const std::vector<PlannedField>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const PlannedField& x, const PlannedField& y) {
    return x.field == y.field && x.to.presence == y.to.presence && x.to.key == y.to.key &&
           x.from.presence == y.from.presence && x.from.key == y.from.key;
  });
}

std::string waiting_reason(Context& context, const model::Field& field, const FieldValue& value,
                           const std::string& connection, const std::string& reason) {
  const model::Entity* const target = context.rules.schema->find(field.reference_to);
  if (target == nullptr || !target->reference_data) return reason;
  const auto golden = context.repository.load_golden(context.repository.resolve(value.value.to_text()));
  return "业务员未对应 (not mapped): " + (golden ? title_of(*target, *golden) : value.value.to_text()) +
         " has no account in " + connection + "; huiliu employee map";
}

bool same_write(const PlannedWrite& a, const PlannedWrite& b) {
  return a.ref == b.ref && a.golden == b.golden && a.op == b.op && a.expected_token == b.expected_token &&
         same_fields(a.fields, b.fields);
}

}  // namespace huiliu::sync
