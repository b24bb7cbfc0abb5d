#include "hub/run/views.hpp"

#include "hub/run/advice.hpp"
#include "hub/run/allocation.hpp"

#include <set>

#include "hub/sync/values.hpp"

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

// Values that a person approved and that the authority has not shown yet.
Value approved_view(const sync::Golden& golden, const model::Entity& entity) {
  Object approved;
  for (const auto& [index, change] : golden.approved)
    approved.set(entity.fields[index].name, Object{{"value", field_value_view(change.value)},
                                                   {"by", change.actor},
                                                   {"note", change.note},
                                                   {"review", change.review},
                                                   {"at", time_text(change.approved)}});
  return approved;
}

// Every number under which a system knows the customer: the record's own (link fields), and its parts'.
Value account_numbers_view(const sync::Cluster& cluster, const model::Entity& entity) {
  Array numbers;
  const model::FieldIndex main = entity.index_of("identifiers.main_number");
  const auto add = [&](const sync::Replica& replica, const std::string& organisation, const Value& number) {
    const std::string text = number.to_text();
    for (const Value& known : numbers)
      if (known["connection"].to_text() == replica.ref.connection && known["number"].to_text() == text &&
          known["organisation"].to_text() == organisation)
        return;
    if (!text.empty())
      numbers.push_back(Object{{"connection", replica.ref.connection},
                               {"organisation", organisation},
                               {"number", text},
                               {"record", replica.ref.key}});
  };
  for (const sync::Replica& replica : cluster.replicas) {
    if (replica.gone || replica.ref.connection == "hub") continue;
    if (const auto own = replica.fields.find(main);
        own != replica.fields.end() && own->second.base.has_value())
      add(replica, "", own->second.base.value);
    for (const model::Part& part : replica.parts)
      if (const Value* number = part.fields.find("number")) add(replica, part.organisation, *number);
  }
  return numbers;
}

// The organisations that a creation request named, and whether the system has a part for each by now.
Value allocation_view(store::Snapshot& snapshot, const sync::Cluster& cluster) {
  Array allocation;
  for (const auto& [connection, words] : cluster.golden.create_with) {
    const auto named = words.find("organisations");
    std::string rest = named == words.end() ? std::string() : named->second;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      const std::string organisation = rest.substr(0, comma);
      rest = comma == std::string::npos ? std::string() : rest.substr(comma + 1);
      bool there = false;
      for (const sync::Replica& replica : cluster.replicas)
        for (const model::Part& part : replica.parts)
          there = there || (replica.ref.connection == connection && part.organisation == organisation);
      const std::string refusal =
          there ? std::string() : allocation_refusal(snapshot, connection, cluster.golden.id, organisation);
      allocation.push_back(Object{{"connection", connection},
                                  {"organisation", organisation},
                                  {"state", there             ? "done"
                                            : refusal.empty() ? "waiting"
                                                              : "refused"},
                                  {"reason", refusal}});
    }
  }
  return allocation;
}

// Which other customers this one is related to, with what they are called.
Value relations_view(store::Snapshot& snapshot, const model::Entity& entity, const sync::Golden& golden) {
  Array relations;
  for (const auto& [index, field] : golden.fields) {
    const model::Field& of = entity.fields[index];
    if (of.reference_to != golden.entity || !field.value.has_value()) continue;
    const auto other = snapshot.load_golden(snapshot.resolve(field.value.value.to_text()));
    relations.push_back(Object{{"relation", of.name},
                               {"to", field.value.value},
                               {"name", other ? sync::title_of(entity, *other) : std::string()}});
  }
  return relations;
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

bool has_record_under(store::Snapshot& snapshot, const std::string& person, const model::Entity& entity,
                      const sync::Golden& customer) {
  const auto cluster = snapshot.load_cluster(person);
  if (!cluster) return false;
  for (const sync::Replica& replica : cluster->replicas)
    for (const auto& [index, field] : replica.fields)
      if (!replica.gone && entity.fields[index].reference_to == customer.entity &&
          field.base.value.to_text() == customer.id)
        return true;
  return false;
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
      // One person may act for several customers: a record of his under this one counts too.
      if (!found || (references_of(*found, schema, golden.entity).to_text() != golden.id &&
                     !has_record_under(snapshot, id, entity, golden)))
        continue;
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
  switch (op) {
    case sync::Op::create:
      return "create";
    case sync::Op::update:
    case sync::Op::enable:  // an update of the system's own switch
      return "update";
    case sync::Op::disable:
    case sync::Op::remove:
      break;
  }
  return "disable";
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
                {"home", cluster->golden.home},
                {"account_numbers", account_numbers_view(*cluster, *entity)},
                {"relations", relations_view(snapshot, *entity, cluster->golden)},
                {"allocation", allocation_view(snapshot, *cluster)},
                {"approved", approved_view(cluster->golden, *entity)},
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

namespace {

Array kept_array(store::Snapshot& snapshot, const char* kept_in, const std::string& id) {
  const auto text = snapshot.load_value(kept_in, id);
  if (!text) return {};
  auto value = model::parse_json(*text);
  return value.ok() && value->is_array() ? value->as_array() : Array{};
}

}  // namespace

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
                {"errors", kept_array(snapshot, run_error_space, run.id)},
                {"progress", run.state == store::RunState::running
                                 ? Value(kept_array(snapshot, run_progress_space, run.id))
                                 : Value()},
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
                {"fix", advice_view(advice_for(parked.cause))},
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
  if (write.op == sync::Op::disable) fields.set("in_use", Object{{"from", true}, {"to", false}});
  if (write.op == sync::Op::enable) fields.set("in_use", Object{{"from", false}, {"to", true}});
  if (write.op == sync::Op::remove) fields.set("in_use", Object{{"from", true}, {"to", Value()}});  // deleted
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
