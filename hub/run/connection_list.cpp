#include "hub/run/connection_list.hpp"

#include "hub/run/brakes.hpp"
#include "hub/run/probe.hpp"

namespace huiliu::run {

using model::Value;

Value lag_seconds(store::Snapshot& snapshot, Hub& hub, const std::string& connection) {
  std::int64_t worst = -1;
  const Mappings& mappings = hub.workspace().mappings;
  const auto mapping = mappings.find(connection);
  if (mapping == mappings.end()) return {};
  for (const mapping::StreamMapping& stream : mapping->second->streams()) {
    const auto cursor = snapshot.load_cursor(connection, stream.stream());
    if (!cursor || cursor->last_complete == 0) return {};
    worst = std::max(worst, (hub.clock().now() - cursor->last_complete) / model::second);
  }
  return worst < 0 ? Value{} : Value(worst);
}

namespace {

// The same, stream by stream: [{"stream","lag_seconds"}]; null: never read completely.
Value lag_by_stream(store::Snapshot& snapshot, Hub& hub, const std::string& connection) {
  model::Array streams;
  const auto mapping = hub.workspace().mappings.find(connection);
  if (mapping == hub.workspace().mappings.end()) return streams;
  for (const mapping::StreamMapping& stream : mapping->second->streams()) {
    const auto cursor = snapshot.load_cursor(connection, stream.stream());
    streams.push_back(model::Object{
        {"stream", stream.stream()},
        {"lag_seconds", !cursor || cursor->last_complete == 0
                            ? Value()
                            : Value((hub.clock().now() - cursor->last_complete) / model::second)}});
  }
  return streams;
}

}  // namespace

Value grade_of(store::Snapshot& snapshot, const std::string& connection, const Value& declared) {
  Value grade = declared.is_object() ? declared : Value(model::Object{});
  const Value measured = probed(snapshot, connection)["grade"];
  if (const model::Object* members = measured.if_object())
    for (const model::Member& member : *members) grade.as_object().set(member.key, member.value);
  return grade;
}

Value drift_of(store::Snapshot& snapshot, const std::string& connection) {
  const auto text = snapshot.load_value("drift", connection);
  auto value = model::parse_json(text.value_or("null"));
  return value.ok() ? std::move(*value) : Value{};
}

model::Array connection_list(store::Snapshot& snapshot, Hub& hub) {
  model::Array rows;
  for (const config::ConnectionConfig& connection : hub.config().connections) {
    const auto connector = hub.registry().connector(connection.connector);
    const auto paused = snapshot.load_value("pause", connection.name);
    const std::string stopped = closed_gate(snapshot, connection.name);
    rows.push_back(model::Object{
        {"name", connection.name},
        {"connector", connection.connector},
        {"role", connection.role},
        {"stage", config::to_string(connection.stage)},
        {"state", !connection.enabled ? "disabled"
                  : paused            ? "paused"
                  : !stopped.empty()  ? "braked"
                                      : "active"},
        {"grade", grade_of(snapshot, connection.name,
                           connector == nullptr ? Value{} : connector->manifest.json["grade"])["write"]},
        {"lag_seconds", lag_seconds(snapshot, hub, connection.name)},
        {"lag", lag_by_stream(snapshot, hub, connection.name)},
        {"create", config::to_string(connection.create)},
        {"drift", drift_of(snapshot, connection.name)}});
  }
  return rows;
}

}  // namespace huiliu::run
