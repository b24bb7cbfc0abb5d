// Tables of text as people send them: CSV with any usual separator, quoting and character set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::identity {

struct Table {
  std::vector<std::string> header;  // trimmed; extra cells of longer rows get "column N"
  std::vector<std::vector<std::string>>
      rows;              // UTF-8, trimmed; at most as many cells as the header, see cell_of
  std::string encoding;  // what the bytes were: utf-8, gb18030, windows-1252, utf-16
};

// The cell of a column; "" where the row ended before it.
const std::string& cell_of(const std::vector<std::string>& row, std::size_t column);

// Parses a whole file. The separator (comma, semicolon, tab, bar) is the commonest of the first line. A quote
// that never closes is an ordinary character. Linear in the input. Error: no header, or text in no known
// character set.
model::Result<Table> parse_csv(std::string_view bytes, const std::string& source);

// The cells of a row as one CSV line without line end.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace huiliu::identity
