#include "hub/sync/plan.hpp"

#include <algorithm>
#include <optional>

#include "hub/sync/create.hpp"
#include "hub/sync/frontier.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/review.hpp"

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
  FieldValue target;

  Right right() const {
    const auto found = stream.rights.find(field);
    return found == stream.rights.end() ? Right::missing : found->second;
  }
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
  return right_of(due.context.rules, due.golden.from, due.field) == Right::owner;
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
  return std::any_of(due.golden.losers.begin(), due.golden.losers.end(),
                     [&](const Loser& loser) { return loser.from == due.replica.ref; });
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
    return held_back(due, Why::waiting_reference, projected.reason);
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
  if (!stage_allows(due)) return held_back(due, Why::stage, "stage of the connection");
  const auto ops = due.stream.ops.find(due.field);
  if (!due.stream.writable || (ops != due.stream.ops.end() && !ops->second.update))
    return held_back(due, Why::unsupported, "cannot be changed there");
  if (!due.target.has_value() && ops != due.stream.ops.end() && !ops->second.clear)
    return held_back(due, Why::unsupported, "cannot be emptied there");
  if (waits_for_decision(due)) return held_back(due, Why::waiting_review, "change request open");
  if (!due.target.has_value())
    return {PlannedField{due.field, due.known.base, due.target, due.golden.version}, std::nullopt};
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
    const auto& of = golden.fields.at(field.field);
    if (!reason.empty()) reason += "; ";
    reason += entity.fields[field.field].name + ": " + of.rule;
    if (!of.from.connection.empty()) reason += " " + of.from.connection;
  }
  return reason;
}

// Section 5. A record is due iff not gone, no open intent, and it is the primary record of its golden in that
// system.
void plan_update(Context& context, const Cluster& cluster, const model::Entity& entity,
                 const ConnectionRules& connection, const Replica& replica, Due& due) {
  const StreamRules* const stream = context.rules.stream(replica.ref);
  const bool busy = !replica.intents.empty() && !planted(Mutant::two_writes_at_once);
  if (stream == nullptr || busy || is_provisional(replica.ref)) return;
  PlannedWrite write{replica.ref, entity.name, cluster.golden.id, Op::update, {}, replica.token, {}};
  for (const auto& [field, golden] : cluster.golden.fields) {
    const auto known = replica.fields.find(field);
    if (known == replica.fields.end()) continue;
    const auto target = target_of(context.rules, entity, replica.ref, field, golden, known->second);
    if (!target) continue;
    const FieldDue of{context, cluster, entity, connection,    *stream,
                      replica, field,   golden, known->second, *target};
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

bool same_write(const PlannedWrite& a, const PlannedWrite& b) {
  return a.ref == b.ref && a.golden == b.golden && a.op == b.op && a.expected_token == b.expected_token &&
         same_fields(a.fields, b.fields);
}

}  // namespace huiliu::sync
