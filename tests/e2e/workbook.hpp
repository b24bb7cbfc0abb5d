// An Excel file as a person would edit it: all sheets as texts, changed, saved again.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "hub/table/reader.hpp"
#include "hub/table/writer.hpp"

namespace huiliu::e2e {

struct Workbook {
  struct Sheet {
    std::string name;
    std::vector<std::vector<std::string>> rows;
  };
  std::vector<Sheet> sheets;

  static Workbook load(const std::string& path) {
    Workbook book;
    auto reader = table::WorkbookReader::open(path);
    EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().text());
    if (!reader.ok()) return book;
    for (const auto& sheet : (*reader)->sheets()) {
      Sheet loaded{sheet.name, {}};
      const auto read =
          (*reader)->read(sheet.name, [&](std::uint64_t, const std::vector<std::string>& cells) {
            loaded.rows.push_back(cells);
            if (!loaded.rows.empty()) loaded.rows.back().resize(loaded.rows.front().size());
            return model::Status();
          });
      EXPECT_TRUE(read.ok());
      book.sheets.push_back(std::move(loaded));
    }
    return book;
  }

  void save(const std::string& path) const {
    auto writer = table::WorkbookWriter::create(path);
    ASSERT_TRUE(writer.ok());
    for (const Sheet& sheet : sheets) {
      std::vector<table::Column> columns;
      for (const std::string& title : sheet.rows.front()) columns.push_back({title});
      ASSERT_TRUE((*writer)->start_sheet(sheet.name, columns, sheet.name.starts_with("_")).ok());
      for (std::size_t i = 1; i < sheet.rows.size(); ++i) {
        std::vector<model::Value> cells;
        for (const std::string& cell : sheet.rows[i]) cells.emplace_back(cell);
        ASSERT_TRUE((*writer)->add_row(cells).ok());
      }
    }
    ASSERT_TRUE((*writer)->finish().ok());
  }

  std::vector<std::vector<std::string>>& rows() { return sheets.front().rows; }
  std::size_t column(const std::string& title) const {
    const auto& titles = sheets.front().rows.front();
    const auto found = std::find(titles.begin(), titles.end(), title);
    EXPECT_NE(found, titles.end()) << title;
    return found == titles.end() ? 0 : static_cast<std::size_t>(found - titles.begin());
  }
  // The first row with this text in this column; 0: none.
  std::size_t row_with(const std::string& title, const std::string& text) const {
    const std::size_t at = column(title);
    for (std::size_t i = 1; i < sheets.front().rows.size(); ++i)
      if (sheets.front().rows[i][at] == text) return i;
    return 0;
  }
  std::string& cell(std::size_t row, const std::string& title) { return rows()[row][column(title)]; }
};

}  // namespace huiliu::e2e
