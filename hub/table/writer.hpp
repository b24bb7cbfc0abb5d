// Writes .xlsx workbooks row by row in constant memory. Texts stay texts (numbers of customers keep their
// zeros, and nothing that begins with "=" is computed). The file appears whole under its name, or not at all.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::table {

struct Column {
  std::string title;
  double width = 16;  // in characters
};

class WorkbookWriter {
 public:
  static model::Result<std::unique_ptr<WorkbookWriter>> create(const std::string& path);
  ~WorkbookWriter();  // without finish(): leaves no file
  WorkbookWriter(const WorkbookWriter&) = delete;
  WorkbookWriter& operator=(const WorkbookWriter&) = delete;

  // Ends the sheet before. A sheet that is full goes on as "NAME (2)". Hidden sheets are for what is read
  // back.
  model::Status start_sheet(const std::string& name, std::vector<Column> columns, bool hidden = false);
  // Strings as text, numbers as numbers, null as nothing; anything else as JSON text.
  model::Status add_row(const std::vector<model::Value>& cells);
  model::Status finish();

 private:
  struct Book;
  explicit WorkbookWriter(std::unique_ptr<Book> book);
  model::Status open_sheet();
  void close_sheet();

  std::unique_ptr<Book> book_;
};

}  // namespace huiliu::table
