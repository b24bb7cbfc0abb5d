// Golden records as an Excel workbook, out and in. The first sheet is for people: one row a customer, one
// column a field, titled in Chinese. A hidden sheet keeps what each cell said when it was exported, so that
// reading back knows what a person changed and what moved meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/run/edits.hpp"
#include "hub/store/store.hpp"

namespace huiliu::cli {

struct SheetTotals {
  std::int64_t rows = 0, columns = 0;
};
model::Result<SheetTotals> export_goldens(store::Snapshot& snapshot, const model::Schema& schema,
                                          const std::string& entity, const std::string& path);

// One changed cell.
struct CellChange {
  std::uint64_t row = 0;  // as Excel shows it
  sync::GoldenId golden;
  std::string field, title;  // title: of the column
  std::string from, to;      // texts of the cell
  std::string refused;       // why it cannot be taken; empty: it can
};

struct ImportPlan {
  std::vector<CellChange> changes;
  std::vector<run::Edit> edits;  // what the accepted ones come to: a group is one edit
  std::int64_t rows = 0, refused = 0;
  std::string hash;  // of the accepted changes
};
// Errors: what makes the whole file unusable. What concerns one row or cell is a refused change.
model::Result<ImportPlan> plan_import(store::Snapshot& snapshot, const model::Schema& schema,
                                      const std::string& entity, const std::string& path);

}  // namespace huiliu::cli
