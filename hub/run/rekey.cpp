#include "hub/run/rekey.hpp"

#include <string>
#include <utility>
#include <vector>

#include "hub/identity/match.hpp"
#include "hub/model/id.hpp"
#include "hub/normalize/normalize.hpp"
#include "hub/sync/rekey.hpp"
#include "hub/sync/work.hpp"

namespace huiliu::run {
namespace {

using model::Result;
using model::Status;

constexpr std::size_t batch = 200;  // golden records of one transaction
constexpr const char* space = "store";
constexpr const char* version_name = "normalize_rules";

// The next batch of one entity. `after` moves on; empty when there is none left.
Status rekey_batch(store::Transaction& transaction, const model::Entity& entity, std::string& after,
                   std::int64_t& changed) {
  store::GoldenQuery query;
  query.entity = entity.name;
  const std::vector<sync::Golden> goldens = transaction.list_goldens(query, {after, batch});
  after = goldens.size() < batch ? std::string{} : goldens.back().id;
  for (const sync::Golden& golden : goldens) {
    auto cluster = transaction.load_cluster(golden.id);
    if (!cluster || !sync::rekey(*cluster, entity)) continue;
    ++changed;
    transaction.save(cluster->golden);
    for (const sync::Replica& replica : cluster->replicas) {
      const bool findable = replica.ref.connection != sync::console;
      transaction.save(replica, findable ? identity::keys_of(entity, sync::image_of(replica))
                                         : std::vector<sync::MatchKey>{});
    }
  }
  return {};
}

}  // namespace

std::string key_rules(const model::Schema& schema) {
  std::string types;
  for (const model::Entity& entity : schema.entities())
    for (const model::Field& field : entity.fields) {
      types += entity.name + '.' + field.name + ':' + field.type + '\n';
      for (const auto& [part, type] : field.parts) types += part + ':' + type + '\n';
    }
  return std::to_string(normalize::rules_version()) + '-' + std::to_string(model::hash64(types));
}

Result<std::int64_t> rekey_store(store::Store& store, const model::Schema& schema) {
  const std::string wanted = key_rules(schema);
  std::string found;
  HUILIU_TRY(store.read([&](store::Snapshot& snapshot) -> Status {
    found = snapshot.load_value(space, version_name).value_or("");
    return {};
  }));
  if (found == wanted) return std::int64_t{0};
  std::int64_t changed = 0;
  for (const model::Entity& entity : schema.entities()) {
    std::string after;
    do {
      std::string next = after;
      std::int64_t of_batch = 0;
      HUILIU_TRY(store.write(
          [&](store::Transaction& transaction) { return rekey_batch(transaction, entity, next, of_batch); }));
      after = std::move(next);
      changed += of_batch;
    } while (!after.empty());
  }
  HUILIU_TRY(store.write([&](store::Transaction& transaction) -> Status {
    transaction.save_value(space, version_name, wanted);
    return {};
  }));
  return changed;
}

}  // namespace huiliu::run
