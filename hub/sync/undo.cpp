#include "hub/sync/undo.hpp"

#include "hub/sync/begin.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/plan.hpp"

namespace huiliu::sync {
namespace {

// What golden, as far as that record should hold it, says at present; nullopt: nothing.
std::optional<FieldValue> wanted_there(Context& context, const Work& work, const RecordRef& ref,
                                       FieldIndex field, const ReplicaField& known) {
  const auto golden = work.cluster.golden.fields.find(field);
  if (golden == work.cluster.golden.fields.end()) return std::nullopt;
  FieldValue own;
  const FieldValue* const target =
      target_of(context.rules, work.entity, ref, field, golden->second, known, own);
  return target == nullptr ? std::nullopt : std::optional(*target);
}

}  // namespace

void refuse(Context& context, const Work& work, const RecordRef& ref, FieldIndex field, ReplicaField& known,
            const FieldValue& sent) {
  const auto wanted = wanted_there(context, work, ref, field, known);
  const bool refused_already = wanted && known.refused && known.refused->shows_same(*wanted);
  if (!refused_already) known.refused = sent;
}

void keep_taken_back(Context& context, const Work& work, const RecordRef& ref, FieldIndex field,
                     ReplicaField& known) {
  if (planted(Mutant::undo_sent_again)) return;
  const auto wanted = wanted_there(context, work, ref, field, known);
  if (wanted && !wanted->shows_same(known.stands)) known.refused = wanted;
}

std::optional<PlannedWrite> plan_undo(const Rules& rules, Repository& repository, const RecordRef& ref,
                                      const std::vector<Engine::PastField>& fields) {
  const auto replica = repository.load_replica(ref);
  const StreamRules* const stream = rules.stream(ref);
  if (!replica || stream == nullptr || replica->gone || !replica->intents.empty() || !stream->writable)
    return std::nullopt;
  PlannedWrite write{ref, replica->entity, replica->golden, Op::update, {}, replica->token, "undo"};
  for (const Engine::PastField& past : fields) {
    const auto known = replica->fields.find(past.field);
    if (known == replica->fields.end() || known->second.unverified) continue;
    if (!known->second.stands.shows_same(past.value)) continue;  // something else came since
    if (past.before.presence == Presence::absent || known->second.base.shows_same(past.before)) continue;
    const auto ops = stream->ops.find(past.field);
    if (ops != stream->ops.end() && (!ops->second.update || (!past.before.has_value() && !ops->second.clear)))
      continue;
    write.fields.push_back({past.field, known->second.base, past.before, 0});
  }
  if (write.fields.empty()) return std::nullopt;
  return write;
}

std::optional<Intent> begin_undo(Context& context, const PlannedWrite& write, const std::string& run) {
  std::vector<Engine::PastField> fields;
  const auto replica = context.repository.load_replica(write.ref);
  if (!replica) return std::nullopt;
  for (const PlannedField& planned : write.fields) {
    const auto known = replica->fields.find(planned.field);
    if (known != replica->fields.end()) fields.push_back({planned.field, planned.to, known->second.stands});
  }
  const auto now = plan_undo(context.rules, context.repository, write.ref, fields);
  if (!now || !same_fields(now->fields, write.fields)) return std::nullopt;
  auto work = open_work(context, write.golden);
  return work ? record_intent(context, *work, write, run) : std::nullopt;
}

void hold_field_back(Context& context, const RecordRef& ref, FieldIndex field) {
  auto work = open_work(context, context.repository.golden_of(ref));
  Replica* const replica = work ? work->cluster.find(ref) : nullptr;
  if (replica == nullptr || !work->golden().fields.contains(field)) return;
  ReplicaField& known = replica->fields[field];
  if (auto wanted = wanted_there(context, *work, ref, field, known)) known.refused = std::move(wanted);
  finish(context, *work);
}

void let_field_go(Context& context, const RecordRef& ref, const std::string& field) {
  auto work = open_work(context, context.repository.golden_of(ref));
  Replica* const replica = work ? work->cluster.find(ref) : nullptr;
  if (replica == nullptr) return;
  const auto known = replica->fields.find(work->entity.index_of(field));
  if (known == replica->fields.end()) return;
  known->second.refused.reset();
  finish(context, *work);
}

}  // namespace huiliu::sync
