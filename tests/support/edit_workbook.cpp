// edit_workbook FILE COLUMN ROW-COLUMN ROW-TEXT NEW: what a person does in Excel: in the row that has
// ROW-TEXT under ROW-COLUMN, writes NEW under COLUMN, and saves.
#include <cstdio>

#include "tests/e2e/workbook.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 6) {
    std::fputs("usage: edit_workbook FILE COLUMN ROW-COLUMN ROW-TEXT NEW\n", stderr);
    return 2;
  }
  huiliu::e2e::Workbook book = huiliu::e2e::Workbook::load(argv[1]);
  if (book.sheets.empty()) return 1;
  const std::size_t row = book.row_with(argv[3], argv[4]);
  if (row == 0) {
    std::fprintf(stderr, "no row with %s under %s\n", argv[4], argv[3]);
    return 1;
  }
  book.cell(row, argv[2]) = argv[5];
  book.save(argv[1]);
  return 0;
}
