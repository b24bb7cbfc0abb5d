// What a number of writes costs in calls of a vendor's API, and how long that takes at the limits that hold.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hub/model/value.hpp"
#include "hub/sync/engine.hpp"

namespace huiliu::run {

struct QuotaUse {
  std::map<std::string, std::int64_t> calls;  // by quota; writes that no quota counts stand under "calls"
  double days = 0;
};

// `manifest`: of the connector; its streams say what a write of one record takes ("calls"; sdk/manifest.md).
// `own`: the connection's quotas, which lower or raise those of the manifest. `factor`: every limit times
// this.
QuotaUse quota_use(const model::Value& manifest, const model::Value& own,
                   const std::vector<sync::PlannedWrite>& writes, double factor);

}  // namespace huiliu::run
