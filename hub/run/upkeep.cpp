#include "hub/run/upkeep.hpp"

#include <algorithm>

namespace huiliu::run {
namespace {

using model::Micros;
using model::Result;
using model::Status;

constexpr const char* upkeep_space = "upkeep";
constexpr Micros day = 24 * 3600 * model::second;
constexpr Micros runs_kept = 400 * day;  // ledgers, logs, before-images; the law wants half a year of logs
constexpr Micros deliveries_kept = 35 * day;  // a system repeats an event for thirty days at most
constexpr Micros least_memory = 400 * day;    // of a backup, a cursor, an event: whichever is the longest
constexpr std::size_t page = 500;

// What is known of a deleted record goes when no feed can tell of it any more: then its body, its parts and
// what identity finds it by are dropped. Its claims stay, since golden values rest on them.
Status forget_deleted(Workspace& workspace, const std::string& connection, const std::string& stream,
                      Micros before, std::int64_t& forgotten) {
  std::string after;
  while (true) {
    std::vector<model::RecordRef> refs;
    HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
      refs = snapshot.deleted_before(connection, stream, before, {after, page});
      return {};
    }));
    if (refs.empty()) return {};
    after = refs.back().key;
    HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
      for (const model::RecordRef& ref : refs)
        forgotten += workspace.engine->forget_deleted(transaction, ref, before) ? 1 : 0;
      return {};
    }));
  }
}

}  // namespace

Result<Upkept> keep_up(Workspace& workspace) {
  const Micros now = workspace.clock->now();
  Upkept upkept;
  bool due = false;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    const auto last = snapshot.load_value(upkeep_space, "last");
    due = !last || std::stoll(*last) + day <= now;
    return {};
  }));
  if (!due) return upkept;
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    transaction.save_value(upkeep_space, "last", std::to_string(now));
    upkept.runs = transaction.prune_runs(now - runs_kept);
    upkept.parked = transaction.prune_parked(now - runs_kept);
    upkept.deliveries = transaction.prune_deliveries(now - deliveries_kept);
    return {};
  }));
  Micros memory = least_memory;
  for (const config::ConnectionConfig& connection : workspace.config->connections)
    memory = std::max(memory, connection.memory_seconds * model::second);
  for (const auto& [name, connection] : workspace.rules->connections)
    for (const auto& [stream, rules] : connection.streams)
      HUILIU_TRY(forget_deleted(workspace, name, stream, now - memory, upkept.deleted));
  return upkept;
}

}  // namespace huiliu::run
