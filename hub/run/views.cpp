#include "hub/run/views.hpp"

#include <set>

namespace huiliu::run {

using model::Array;
using model::Object;
using model::Value;

namespace {

Value references_of(const sync::Golden& golden, const model::Schema& schema, const std::string& to) {
  const model::Entity* entity = schema.find(golden.entity);
  for (const auto& [index, field] : golden.fields)
    if (entity->fields[index].reference_to == to && field.value.has_value()) return field.value.value;
  return {};
}

Value loser_view(const sync::Loser& loser) {
  return Object{{"value", field_value_view(loser.value)},
                {"connection", loser.from.connection},
                {"key", loser.from.key},
                {"changed_at", time_text(loser.changed.to)},
                {"initial", loser.initial}};
}

Value golden_field_view(const sync::GoldenField& field) {
  Array losers;
  for (const sync::Loser& loser : field.losers) losers.push_back(loser_view(loser));
  Object view{{"value", field_value_view(field.value)},
              {"connection", field.from.connection},
              {"key", field.from.key},
              {"changed_at", time_text(field.changed.to)},
              {"policy", field.rule},
              {"run", field.run},
              {"losers", std::move(losers)}};
  if (field.held) view.set("held", true);
  return view;
}

Value intent_view(const sync::Intent& intent, const model::Entity& entity) {
  static constexpr const char* states[] = {"open", "acknowledged", "in_doubt"};
  Object fields;
  for (const sync::IntentField& field : intent.fields)
    fields.set(entity.fields[field.field].name, field_value_view(field.value));
  return Object{{"id", intent.id},
                {"op", to_string(intent.op)},
                {"state", states[static_cast<std::size_t>(intent.state)]},
                {"started", time_text(intent.started)},
                {"fields", std::move(fields)}};
}

Value replica_view(const sync::Replica& replica, const model::Entity& entity) {
  Object base;
  for (const auto& [index, field] : replica.fields)
    if (field.base.presence != model::Presence::absent)
      base.set(entity.fields[index].name, field_value_view(field.base));
  Array intents;
  for (const sync::Intent& intent : replica.intents) intents.push_back(intent_view(intent, entity));
  return Object{{"connection", replica.ref.connection},
                {"stream", replica.ref.stream},
                {"key", replica.ref.key},
                {"base", std::move(base)},
                {"intents", std::move(intents)},
                {"gone", replica.gone},
                {"made_by_hub", replica.made_by_hub},
                {"pending_approval", replica.pending_approval},
                {"seen", time_text(replica.evid)}};
}

Value parts_view(const sync::Cluster& cluster) {
  Array parts;
  for (const sync::Replica& replica : cluster.replicas)
    for (const model::Part& part : replica.parts)
      parts.push_back(Object{{"connection", replica.ref.connection},
                             {"record", replica.ref.key},
                             {"organisation", part.organisation},
                             {"key", part.key},
                             {"fields", part.fields}});
  return parts;
}

Value history_view(store::Snapshot& snapshot, const std::string& golden) {
  Array entries;
  for (const sync::HistoryEntry& entry : snapshot.history(golden))
    entries.push_back(Object{{"field", entry.field},
                             {"version", entry.version},
                             {"value", field_value_view(entry.value)},
                             {"connection", entry.from.connection},
                             {"key", entry.from.key},
                             {"changed_at", time_text(entry.changed.to)},
                             {"recorded", time_text(entry.recorded)},
                             {"rule", entry.rule},
                             {"run", entry.run},
                             {"actor", entry.actor},
                             {"lost", entry.lost}});
  return entries;
}

// The people who refer to this customer.
Value contacts_view(store::Snapshot& snapshot, const model::Schema& schema, const sync::Golden& golden) {
  Array contacts;
  std::set<std::string> listed;
  for (const model::Entity& entity : schema.entities()) {
    bool refers = false;
    for (const model::Field& field : entity.fields)
      refers |= field.reference_to == golden.entity && entity.name != golden.entity;
    if (!refers) continue;
    for (const model::RecordRef& ref : snapshot.find_by_key(entity.name, {"reference", golden.id}, 1000)) {
      const std::string id = snapshot.golden_of(ref);
      if (id.empty() || !listed.insert(id).second) continue;
      const auto found = snapshot.load_golden(id);
      if (!found || references_of(*found, schema, golden.entity).to_text() != golden.id) continue;
      Object fields;
      for (const auto& [index, field] : found->fields)
        if (field.value.has_value()) fields.set(entity.fields[index].name, field.value.value);
      contacts.push_back(Object{{"id", id}, {"fields", std::move(fields)}});
    }
  }
  return contacts;
}

}  // namespace

const char* to_string(sync::Op op) noexcept {
  return op == sync::Op::create ? "create" : op == sync::Op::update ? "update" : "disable";
}

std::string time_text(model::Micros time) { return time == 0 ? std::string{} : model::to_rfc3339(time); }

Value field_value_view(const model::FieldValue& value) { return value.has_value() ? value.value : Value{}; }

std::optional<Value> golden_view(store::Snapshot& snapshot, const model::Schema& schema,
                                 const std::string& id) {
  const std::string surviving = snapshot.resolve(id);
  const auto cluster = surviving.empty() ? std::nullopt : snapshot.load_cluster(surviving);
  if (!cluster) return std::nullopt;
  const model::Entity* entity = schema.find(cluster->golden.entity);
  Object fields;
  for (const auto& [index, field] : cluster->golden.fields)
    fields.set(entity->fields[index].name, golden_field_view(field));
  Array replicas;
  for (const sync::Replica& replica : cluster->replicas) replicas.push_back(replica_view(replica, *entity));
  return Object{{"id", cluster->golden.id},
                {"kind", cluster->golden.entity},
                {"fields", std::move(fields)},
                {"parts", parts_view(*cluster)},
                {"replicas", std::move(replicas)},
                {"contacts", contacts_view(snapshot, schema, cluster->golden)},
                {"history", history_view(snapshot, surviving)},
                {"created", time_text(cluster->golden.created)},
                {"changed", time_text(cluster->golden.changed)}};
}

Value golden_row(store::Snapshot& snapshot, const model::Schema& schema, const sync::Golden& golden) {
  const model::Entity* entity = schema.find(golden.entity);
  Object fields;
  for (const auto& [index, field] : golden.fields)
    if (field.value.has_value()) fields.set(entity->fields[index].name, field.value.value);
  Array systems;
  if (const auto cluster = snapshot.load_cluster(golden.id))
    for (const sync::Replica& replica : cluster->replicas)
      if (!replica.gone && !replica.ref.key.starts_with("new:"))
        systems.push_back(Object{{"connection", replica.ref.connection},
                                 {"stream", replica.ref.stream},
                                 {"key", replica.ref.key}});
  return Object{{"id", golden.id},
                {"kind", golden.entity},
                {"fields", std::move(fields)},
                {"systems", std::move(systems)},
                {"changed_at", time_text(golden.changed)}};
}

Value run_view(store::Snapshot& snapshot, const store::Run& run) {
  Array streams;
  for (const store::RunStream& s : snapshot.run_streams(run.id))
    streams.push_back(Object{{"connection", s.connection},
                             {"stream", s.stream},
                             {"read", s.read},
                             {"changed", s.changed},
                             {"unchanged", s.unchanged},
                             {"duplicate", s.duplicate},
                             {"filtered", s.filtered},
                             {"parked", s.parked},
                             {"dead", s.dead},
                             {"due", s.due},
                             {"applied", s.applied},
                             {"already", s.already},
                             {"stale", s.stale},
                             {"rejected", s.rejected},
                             {"deferred", s.deferred},
                             {"in_doubt", s.in_doubt},
                             {"held", s.held},
                             {"balanced", s.balanced()},
                             {"drift", s.drift}});
  return Object{{"id", run.id},
                {"job", run.job},
                {"trigger", run.trigger},
                {"state", store::to_string(run.state)},
                {"started", time_text(run.started)},
                {"ended", time_text(run.ended)},
                {"error", run.error},
                {"streams", std::move(streams)}};
}

Value review_view(const sync::Review& review) {
  Array choices;
  for (const std::string& choice : review.choices) choices.emplace_back(choice);
  Object view{{"id", review.id},
              {"kind", sync::to_string(review.kind)},
              {"subject", review.subject},
              {"choices", std::move(choices)},
              {"evidence", review.evidence},
              {"opened", time_text(review.opened)},
              {"state", review.state},
              {"customer", review.golden},
              {"connection", review.connection},
              {"field", review.field}};
  if (review.state == "decided") {
    view.set("choice", review.choice);
    view.set("note", review.note);
    view.set("actor", review.actor);
    view.set("decided", time_text(review.decided));
  }
  return view;
}

Value conflict_view(const sync::Review& review) {
  return Object{{"id", review.id},
                {"customer", review.golden},
                {"field", review.field},
                {"base", review.evidence["base"]},
                {"values", review.evidence["values"].is_array() ? review.evidence["values"] : Value(Array{})},
                {"rule", review.evidence["rule"]},
                {"winner", review.evidence["winner"]},
                {"opened", time_text(review.opened)},
                {"state", review.state}};
}

Value dead_letter_view(const store::Parked& parked) {
  return Object{{"id", parked.id},
                {"connection", parked.connection},
                {"stream", parked.stream},
                {"key", parked.key},
                {"cause", parked.cause},
                {"message", parked.message},
                {"raw", parked.raw},
                {"state", store::to_string(parked.state)},
                {"opened", time_text(parked.opened)},
                {"tried", time_text(parked.tried)},
                {"attempts", parked.attempts},
                {"run", parked.run}};
}

Value planned_write_view(const model::Schema& schema, const sync::PlannedWrite& write) {
  const model::Entity* entity = schema.find(write.entity);
  Object fields;
  for (const sync::PlannedField& field : write.fields)
    fields.set(entity->fields[field.field].name,
               Object{{"from", field_value_view(field.from)}, {"to", field_value_view(field.to)}});
  return Object{{"connection", write.ref.connection},
                {"stream", write.ref.stream},
                {"key", write.ref.key},
                {"customer", write.golden},
                {"op", to_string(write.op)},
                {"fields", std::move(fields)},
                {"reason", write.reason}};
}

Value stats_view(const store::Stats& stats) {
  Array tables;
  for (const store::TableStats& table : stats.tables)
    tables.push_back(Object{{"table", table.table}, {"rows", table.rows}, {"bytes", table.bytes}});
  return Object{{"version", stats.version},
                {"generation", stats.generation},
                {"bytes", stats.bytes},
                {"log_bytes", stats.log_bytes},
                {"tables", std::move(tables)}};
}

}  // namespace huiliu::run
