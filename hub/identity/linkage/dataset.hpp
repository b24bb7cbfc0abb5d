// Records of any table, standardized for comparison: one dictionary of values per column.
//
// Columns of several files are aligned by header, then by content. The type of a column decides how its
// values are standardized and compared; it is told by the caller or inferred from header and content. Value
// type; read-only after it is built, then safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/identity/linkage/csv.hpp"

namespace huiliu::identity {

enum class ColumnType {
  ignore,
  name,     // short text: names, cities, single words
  text,     // several words: titles, descriptions, authors
  address,  // text with numbers; Chinese ones are standardized first
  number,   // amounts: compared by ratio
  year,     // small integers: compared by difference
  date,
  phone,
  email,
  url,
  code,      // identifiers without an authority: numbers, postcodes, models
  category,  // few values: equal or not
  company_name,
  person_name,
  uscc,  // equal ones link, two valid different ones forbid
};

const char* to_string(ColumnType type) noexcept;
std::optional<ColumnType> column_type_from(std::string_view name) noexcept;

// A company's name, for comparing by parts.
struct CompanyParts {
  std::u32string brand, trade, branch, ordinals;
  std::string pinyin, form;
  std::uint32_t division = 0;
};

struct ColumnValue {
  std::u32string text;                // the comparison form
  std::vector<std::uint32_t> tokens;  // into ColumnData::token_words; sorted
  float norm = 0;                     // Euclidean, of the tokens' weights
  float mass = 0;                     // sum of the tokens' weights
  double number = 0;                  // number, year; date as yyyymmdd
  bool valid = true;                  // uscc: by both checks
  std::uint32_t count = 0;            // records that have it
  std::unique_ptr<CompanyParts> company;
};

struct ColumnData {
  std::string name;
  ColumnType type = ColumnType::ignore;
  std::vector<ColumnValue> values;       // [0] is "no value"
  std::vector<std::uint32_t> of_record;  // index into values
  std::vector<std::u32string> token_words;
  std::vector<float> token_weight;  // inverse document frequency
};

struct Dataset {
  std::vector<ColumnData> columns;  // those that are compared
  std::vector<std::string> ids;     // per record, as in its file
  std::vector<std::uint16_t> source;
  std::size_t sources = 0;
  std::size_t size() const { return ids.size(); }
};

struct DatasetOptions {
  std::string id_column;
  std::vector<std::string> excluded;        // columns that must not be looked at: the truth
  std::map<std::string, ColumnType> types;  // told by the caller
};

// Error: unknown id column, no column to compare.
model::Result<Dataset> make_dataset(const std::vector<Table>& tables, const DatasetOptions& options);

// What the values of a column are, from its header and up to 2,000 of its values.
ColumnType infer_type(std::string_view header, const std::vector<std::string_view>& values);

}  // namespace huiliu::identity
