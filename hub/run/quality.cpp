#include "hub/run/quality.hpp"

#include <algorithm>

#include "hub/mapping/quality.hpp"
#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

using model::Status;
using model::Value;

constexpr std::size_t page_size = 500;
constexpr std::size_t sample_of_a_run = 500;  // records of each stream
constexpr model::Micros measured_every = 3600 * model::second;
constexpr std::size_t kept_measurements = 90;   // of each connection
constexpr const char* index_space = "quality";  // connection → its newest run

std::string space_of(const std::string& connection) { return "quality/" + connection; }

std::map<model::FieldIndex, model::FieldValue> golden_fields(store::Snapshot& snapshot,
                                                             const std::string& id) {
  std::map<model::FieldIndex, model::FieldValue> fields;
  const auto golden = id.empty() ? std::nullopt : snapshot.load_golden(snapshot.resolve(id));
  if (golden)
    for (const auto& [index, field] : golden->fields) fields.emplace(index, field.value);
  return fields;
}

void tally(store::Snapshot& snapshot, const sync::Replica& replica, const mapping::StreamMapping& stream,
           mapping::QualityTally& into) {
  const auto record = model::parse_json(replica.raw);
  if (!record.ok()) return into.add_parked();
  StoredReferences references(snapshot, replica.ref.connection);
  const auto decoded = stream.decode(*record, references);
  if (!decoded.ok()) return into.add_parked();
  if (decoded->filtered) return;
  const auto golden = golden_fields(snapshot, replica.golden);
  into.add(*decoded, golden.empty() ? nullptr : &golden);
}

}  // namespace

model::Array measure_quality(Workspace& workspace, store::Snapshot& snapshot, const std::string& connection,
                             std::size_t limit) {
  model::Array rows;
  const auto mapped = workspace.mappings.find(connection);
  if (mapped == workspace.mappings.end()) return rows;
  for (const mapping::StreamMapping& stream : mapped->second->streams()) {
    mapping::QualityTally scores(stream);
    std::string after;
    for (std::size_t seen = 0; limit == 0 || seen < limit;) {
      const auto replicas = snapshot.list_replicas(connection, stream.stream(), {after, page_size});
      for (const sync::Replica& replica : replicas)
        if (!replica.gone && !replica.raw.empty()) tally(snapshot, replica, stream, scores);
      seen += replicas.size();
      if (replicas.size() < page_size) break;
      after = replicas.back().ref.key;
    }
    const auto cursor = snapshot.load_cursor(connection, stream.stream());
    const bool was_read = cursor && cursor->last_complete > 0;
    model::Object row{
        {"connection", connection},
        {"stream", stream.stream()},
        {"age_seconds",
         was_read ? Value(std::int64_t{(workspace.clock->now() - cursor->last_complete) / model::second})
                  : Value()}};
    for (model::Member& member : scores.scores()) row.append(member.key, std::move(member.value));
    rows.emplace_back(std::move(row));
  }
  return rows;
}

Status record_quality(Workspace& workspace, const CycleReport& report) {
  const model::Micros now = workspace.clock->now();
  for (const ConnectionReport& connection : report.connections) {
    if (!connection.error.empty()) continue;
    Value measurement;
    HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
      if (const auto last = snapshot.load_value(index_space, connection.name)) {
        const auto parsed = model::parse_json(*last);
        const auto at = parsed.ok() ? model::parse_rfc3339((*parsed)["measured"].to_text()) : parsed.error();
        if (at.ok() && now - *at < measured_every) return {};
      }
      measurement =
          model::Object{{"run", report.run},
                        {"measured", time_text(now)},
                        {"streams", measure_quality(workspace, snapshot, connection.name, sample_of_a_run)}};
      return {};
    }));
    if (measurement.is_null()) continue;
    HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
      const std::string space = space_of(connection.name);
      auto kept = transaction.list_values(space);  // ids of runs are ordered by time
      for (; kept.size() >= kept_measurements; kept.erase(kept.begin()))
        transaction.erase_value(space, kept.begin()->first);
      const std::string text = model::to_json(measurement);
      transaction.save_value(space, report.run, text);
      transaction.save_value(index_space, connection.name, text);
      return {};
    }));
  }
  return {};
}

model::Array stored_quality(store::Snapshot& snapshot, const std::string& connection) {
  model::Array rows;
  for (const auto& [name, text] : snapshot.list_values(index_space)) {
    if (!connection.empty() && name != connection) continue;
    const auto measurement = model::parse_json(text);
    if (!measurement.ok()) continue;
    for (const Value& stream : (*measurement)["streams"].as_array()) {
      model::Object row = stream.as_object();
      row.append("run", (*measurement)["run"]);
      row.append("measured", (*measurement)["measured"]);
      rows.emplace_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace huiliu::run
