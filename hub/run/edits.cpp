#include "hub/run/edits.hpp"

#include <unistd.h>

#include "hub/run/audit.hpp"

namespace huiliu::run {

using model::ErrorClass;
using model::FieldValue;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

namespace {

std::string space_of(const std::string& run) { return "edits/" + run; }

Value kept_value(const FieldValue& value) {
  return value.has_value() ? Value(Object{{"value", value.value}, {"key", value.key}}) : Value();
}

FieldValue value_kept(const Value& kept) {
  if (kept.is_null()) return {model::Presence::cleared, {}, {}};
  return {model::Presence::value, kept["value"], kept["key"].to_text()};
}

// What golden says now; nothing when the record or the field is gone.
std::optional<FieldValue> golden_value_now(store::Snapshot& snapshot, const model::Schema& schema,
                                           const sync::GoldenId& id, const std::string& field) {
  const sync::GoldenId surviving = snapshot.resolve(id);
  const auto golden = surviving.empty() ? std::nullopt : snapshot.load_golden(surviving);
  if (!golden) return std::nullopt;
  const model::FieldIndex index = schema.find(golden->entity)->index_of(field);
  // What a person decided and an authority has still to confirm counts as said.
  if (const auto decided = golden->approved.find(index); decided != golden->approved.end())
    return decided->second.value;
  const auto found = golden->fields.find(index);
  return found == golden->fields.end() ? FieldValue{model::Presence::empty, {}, {}} : found->second.value;
}

bool says_same(const FieldValue& a, const FieldValue& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || a.key == b.key);
}

}  // namespace

Status apply_edit(store::Transaction& transaction, sync::Engine& engine, const Edit& edit,
                  const std::string& run, const std::string& actor, model::Micros now) {
  const auto before = golden_value_now(transaction, engine.schema(), edit.golden, edit.field);
  if (!before) return make_error(ErrorClass::not_found, "there is no golden record " + edit.golden);
  const Object kept{{"before", kept_value(*before)}, {"after", kept_value(edit.value)}};
  transaction.save_value(space_of(run), edit.golden + " " + edit.field, model::to_json(kept));
  audit(transaction, actor, "edit", edit.golden,
        Object{{"fields", model::Array{Value(edit.field)}}, {"run", run}}, now);
  return engine.edit(transaction, edit.golden, edit.field, edit.value, actor, now, run);
}

Result<TakenBack> plan_take_back(store::Snapshot& snapshot, const model::Schema& schema,
                                 const std::string& run) {
  TakenBack result;
  for (const auto& [name, text] : snapshot.list_values(space_of(run))) {
    const std::size_t blank = name.find(' ');
    HUILIU_ASSIGN(const Value kept, model::parse_json(text));
    Edit edit{name.substr(0, blank), name.substr(blank + 1), value_kept(kept["before"])};
    const auto now = golden_value_now(snapshot, schema, edit.golden, edit.field);
    const bool ours = now && says_same(*now, value_kept(kept["after"]));
    (ours ? result.restored : result.moved).push_back(std::move(edit));
  }
  return result;
}

Result<TakenBack> take_back_edits(store::Transaction& transaction, sync::Engine& engine,
                                  const std::string& run, const std::string& undo_run,
                                  const std::string& actor, model::Micros now) {
  HUILIU_ASSIGN(TakenBack plan, plan_take_back(transaction, engine.schema(), run));
  for (const Edit& edit : plan.restored)
    HUILIU_TRY(apply_edit(transaction, engine, edit, undo_run, actor, now));
  for (const auto* edits : {&plan.restored, &plan.moved})
    for (const Edit& edit : *edits) transaction.erase_value(space_of(run), edit.golden + " " + edit.field);
  return plan;
}

void record_run(store::Transaction& transaction, const PersonsRun& what) {
  store::Run run;
  run.id = what.id;
  run.job = what.job;
  run.trigger = "person";
  run.state = store::RunState::succeeded;
  run.started = run.ended = what.at;
  run.pid = ::getpid();
  run.generation = what.generation;
  transaction.save(run);
  store::RunStream counts;
  counts.connection = "hub";
  counts.stream = what.stream;
  counts.due = what.due;
  counts.rejected = what.refused;
  counts.applied = what.due - what.refused;
  transaction.add_counts(what.id, counts);
}

}  // namespace huiliu::run
