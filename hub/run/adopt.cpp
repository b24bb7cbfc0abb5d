#include "hub/run/adopt.hpp"

#include <algorithm>
#include <string_view>

#include "hub/model/id.hpp"
#include "hub/run/ingest.hpp"

namespace huiliu::run {
namespace {

using model::Result;
using model::Status;
using model::Value;

constexpr const char* adopted_space = "adopted";
constexpr std::size_t adopt_batch = 500;

// Keys of a connection that say how it is run, and nothing about what is true.
bool is_about_running(const std::string& key) {
  static constexpr std::string_view keys[] = {"schedule",  "settings", "quotas", "description",
                                              "off_times", "priority", "share"};
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

Status decode_stream(Workspace& workspace, const std::string& connection, const std::string& stream,
                     const std::string& version, Adopted& adopted) {
  std::string after;
  while (true) {
    std::vector<sync::Replica> page;
    HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
      page = snapshot.list_replicas(connection, stream, {after, adopt_batch});
      return {};
    }));
    if (page.empty()) return {};
    after = page.back().ref.key;
    HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
      for (const sync::Replica& replica : page) {
        if (replica.gone || replica.raw.empty() || replica.mapping_version == version) continue;
        const auto stored = stored_record(replica.ref, transaction);
        if (!stored) continue;
        const ReadContext context{connection, stream, {}, replica.evid, model::unknown_time, true};
        Ingest ingest(workspace, context, transaction);
        ingest.record(*stored);
        ingest.wake();
        ++adopted.decoded;
      }
      return {};
    }));
  }
}

Status refresh_entity(Workspace& workspace, const std::string& entity, Adopted& adopted) {
  std::string after;
  while (true) {
    std::vector<sync::Golden> page;
    HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
      store::GoldenQuery query;
      query.entity = entity;
      page = snapshot.list_goldens(query, {after, adopt_batch});
      return {};
    }));
    if (page.empty()) return {};
    after = page.back().id;
    HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
      for (const sync::Golden& golden : page)
        workspace.engine->refresh_due(transaction, golden.id, workspace.clock->now());
      return {};
    }));
    adopted.examined += static_cast<std::int64_t>(page.size());
  }
}

}  // namespace

std::string rules_fingerprint(const Workspace& workspace) {
  const config::Config& config = *workspace.config;
  std::uint64_t hash = model::hash64(config.hub.policy_pack);
  const auto add = [&hash](const std::string& text) { hash = model::hash64(text, hash); };
  for (const config::ConnectionConfig& connection : config.connections) {
    add(connection.name);
    for (const model::Member& member : connection.document->value.as_object())
      if (!is_about_running(member.key)) add(member.key + "=" + model::to_canonical_json(member.value));
    if (const auto mapping = workspace.mappings.find(connection.name); mapping != workspace.mappings.end())
      add(mapping->second->version());
  }
  if (config.policies.document != nullptr) add(model::to_canonical_json(config.policies.document->value));
  for (const model::Entity& entity : config.schema.entities())
    for (const auto& field : entity.fields) add(entity.name + "." + field.name);
  return std::to_string(hash);
}

Result<Adopted> adopt_configuration(Workspace& workspace) {
  Adopted adopted;
  const std::string wanted = rules_fingerprint(workspace);
  std::optional<std::string> known;
  bool anything = false;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    known = snapshot.load_value(adopted_space, "rules");
    anything = !snapshot.count_records().empty();
    return {};
  }));
  if (known == wanted) return adopted;
  // A store that was never settled under any rules is as its last cycle left it; only what comes now counts.
  if (known && anything) {
    for (const auto& [connection, mapping] : workspace.mappings)
      for (const mapping::StreamMapping& stream : mapping->streams())
        HUILIU_TRY(decode_stream(workspace, connection, stream.stream(), mapping->version(), adopted));
    for (const model::Entity& entity : workspace.config->schema.entities())
      HUILIU_TRY(refresh_entity(workspace, entity.name, adopted));
  }
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    transaction.save_value(adopted_space, "rules", wanted);
    return {};
  }));
  return adopted;
}

}  // namespace huiliu::run
