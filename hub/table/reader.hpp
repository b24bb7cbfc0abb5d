// Reads .xlsx workbooks that people edited. Everything comes as text: what a person typed as text stays as it
// is (leading zeros too), numbers have their digits, dates are ISO 8601. Rows stream; only the shared strings
// are held.
//
// Refused, each with what to do: no zip, old or encrypted files, macro workbooks, document types in the XML,
// anything over the limits, formulas and error values in the rows that are read (a result that somebody
// else's Excel computed is nobody's statement).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/table/package.hpp"

namespace huiliu::table {

class WorkbookReader {
 public:
  static model::Result<std::unique_ptr<WorkbookReader>> open(const std::string& path,
                                                             const Limits& limits = {});

  struct Sheet {
    std::string name, part;
  };
  const std::vector<Sheet>& sheets() const { return sheets_; }
  bool has_sheet(const std::string& name) const;

  // Rows with their number as Excel shows it; empty rows are left out. An error of `take` ends the reading.
  using TakeRow = std::function<model::Status(std::uint64_t row, const std::vector<std::string>& cells)>;
  model::Status read(const std::string& sheet, const TakeRow& take);
  const std::string& path() const { return package_->path(); }

 private:
  explicit WorkbookReader(std::unique_ptr<Package> package) : package_(std::move(package)) {}
  model::Status load();
  model::Status refuse_macros();
  model::Status load_sheets(const std::string& workbook);
  model::Status load_strings(const std::string& part);
  model::Status load_styles(const std::string& part);

  std::unique_ptr<Package> package_;
  std::vector<Sheet> sheets_;
  std::vector<std::string> strings_;
  std::vector<bool> date_styles_;  // by style index: numbers of this style are moments
  bool system_1904_ = false;
};

// A sheet whose first row names its columns. Columns may stand in any order.
struct WantedColumn {
  std::vector<std::string> titles;  // any of these; the first is the one that messages name
  bool required = true;
};
// `take` gets the cells in the order of `wanted` ("" where an optional column is missing). Errors: the sheet
// or a required column is missing, a title is unknown or stands twice, a value stands under no title.
model::Status read_table(WorkbookReader& workbook, const std::string& sheet,
                         const std::vector<WantedColumn>& wanted, const WorkbookReader::TakeRow& take);

}  // namespace huiliu::table
