// The initial matching as an Excel workbook, out and in. One row a record; what a person writes into the
// columns 处理 (合并, 分开, 拆出) and 目标客户 is read back as decisions. A hidden sheet keeps to which
// customer each record belonged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/run/matching.hpp"

namespace huiliu::cli {

model::Result<run::MatchCounts> export_matches(store::Snapshot& snapshot, const model::Schema& schema,
                                               const std::string& entity, const std::string& path);

struct DecisionRow {
  std::uint64_t row = 0;
  std::string word, record;  // as written; connection/stream/key
  run::MatchDecision decision;
  std::string refused;  // why not; empty: it can be carried out
};

struct MatchPlan {
  std::vector<DecisionRow> rows;
  std::int64_t refused = 0;
  std::string hash;
};
// Errors: what makes the whole file unusable. What concerns one row is a refused row.
model::Result<MatchPlan> plan_decisions(store::Snapshot& snapshot, const model::Schema& schema,
                                        const std::string& entity, const std::string& path);

}  // namespace huiliu::cli
