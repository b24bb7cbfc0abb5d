// Code tables (码表): which code of a system means what, per connection, field and organisation. The
// connector's mapping brings a table with each lens of codec `enum` or `codes`; rows of
// DIR/tables/CONNECTION.csv are added over it. People edit that file in a spreadsheet. Pure.
//
//   stream,field,organisation,code,meaning,note
//   customers,level,,7,A,重点客户            # organisation empty: every organisation; meaning empty: reads
//   as empty
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

struct CodeRow {
  std::string stream, field, organisation, code, meaning, note;
  friend bool operator==(const CodeRow&, const CodeRow&) = default;
};

// Comma-separated text with a header; quotes as spreadsheets write them; a byte order mark is skipped.
// Columns are found by their names, in any order. Errors: config, `where` = file:line (a column is missing, a
// row is too short).
model::Result<std::vector<std::vector<std::string>>> parse_csv(std::string_view text, const std::string& file,
                                                               const std::vector<std::string>& columns);
std::string csv_line(const std::vector<std::string>& cells);

model::Result<std::vector<CodeRow>> parse_code_rows(std::string_view text, const std::string& file);
std::string code_rows_text(const std::vector<CodeRow>& rows);

// A mapping's document with the rows that hold for every organisation put into its lenses' tables. Rows of
// lenses that have no table are an error (config), naming the row.
model::Result<model::Value> with_code_rows(const model::Value& mapping, const std::vector<CodeRow>& rows);

// One table of one connection.
struct CodeField {
  std::string stream, field, path;
  bool part = false;  // of organisation parts
  std::string parts_path, organisation_path;
  bool strict = true;  // enum: an unknown code has no meaning; codes: it passes unchanged
  std::map<std::string, std::string> meanings;                                // for every organisation
  std::map<std::string, std::map<std::string, std::string>> by_organisation;  // and for one

  // The meaning of a code; null when there is none.
  const std::string* meaning(const std::string& organisation, const std::string& code) const;
};
std::vector<CodeField> code_fields(const model::Value& mapping, const std::vector<CodeRow>& rows);

// The codes that a record shows in these tables, blanks left out.
struct ShownCode {
  const CodeField* field = nullptr;
  std::string organisation, code;
};
std::vector<ShownCode> codes_in(const std::vector<CodeField>& fields, const std::string& stream,
                                const model::Value& record);

}  // namespace huiliu::config
