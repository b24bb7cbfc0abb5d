#include "hub/run/retention.hpp"

#include <algorithm>

#include "hub/run/privacy.hpp"
#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

using model::Micros;
using model::Result;
using model::Status;

constexpr std::size_t persons_at_once = 500;

// When the person was last held somewhere; nullopt: still is.
std::optional<Gone> gone(const sync::Cluster& cluster) {
  Gone found{cluster.golden.id, cluster.golden.changed, 0};
  for (const sync::Replica& replica : cluster.replicas) {
    if (!replica.gone || !replica.intents.empty()) return std::nullopt;
    found.since = std::max(found.since, replica.evid);
    ++found.records;
  }
  return found;
}

}  // namespace

std::vector<Gone> gone_persons(store::Snapshot& snapshot, Micros before) {
  std::vector<Gone> all;
  store::GoldenQuery query;
  query.entity = "contact";
  std::string after;
  while (true) {
    const auto goldens = snapshot.list_goldens(query, {after, persons_at_once});
    for (const sync::Golden& golden : goldens) {
      after = golden.id;
      const auto cluster = snapshot.load_cluster(golden.id);
      const auto found = cluster ? gone(*cluster) : std::nullopt;
      if (found && found->since < before) all.push_back(*found);
    }
    if (goldens.size() < persons_at_once) return all;
  }
}

Result<std::int64_t> forget_gone(Hub& hub, Micros before, const std::string& actor) {
  std::vector<Gone> all;
  HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
    all = gone_persons(snapshot, before);
    return {};
  }));
  if (all.empty()) return std::int64_t{0};
  std::vector<std::string> ids;
  for (const Gone& one : all) ids.push_back(one.id);
  return forget_persons(hub, ids, "no system holds the person any more", actor);
}

model::Array retention_preview(store::Snapshot& snapshot, const config::Config& config, Micros now) {
  model::Array rows;
  for (const config::JobConfig& job : config.jobs) {
    if (job.work != config::JobConfig::Work::retain || !job.enabled) continue;
    for (const Gone& one : gone_persons(snapshot, now - job.gone_seconds * model::second))
      rows.push_back(model::Object{{"job", job.name},
                                   {"person", one.id},
                                   {"since", time_text(one.since)},
                                   {"records", one.records},
                                   {"after_days", job.gone_seconds / 86'400}});
  }
  return rows;
}

}  // namespace huiliu::run
