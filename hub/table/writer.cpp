#include "hub/table/writer.hpp"

#include <xlsxwriter.h>

#include <filesystem>

namespace huiliu::table {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

namespace {
constexpr lxw_row_t rows_max = 1'048'576;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// A text that happens to look like the format's own escape of a character must not become one.
std::string shielded(std::string text) {
  for (std::size_t at = text.find("_x"); at != std::string::npos; at = text.find("_x", at + 2)) {
    const bool looks_escaped = at + 7 <= text.size() && text[at + 6] == '_' && is_hex(text[at + 2]) &&
                               is_hex(text[at + 3]) && is_hex(text[at + 4]) && is_hex(text[at + 5]);
    if (looks_escaped) text.insert(at, "_x005F");
    if (looks_escaped) at += 6;
  }
  return text;
}
}  // namespace

struct WorkbookWriter::Book {
  std::string path, part;
  lxw_workbook* workbook = nullptr;
  lxw_worksheet* sheet = nullptr;
  lxw_format* head = nullptr;
  lxw_format* text = nullptr;
  std::string name;
  std::vector<Column> columns;
  bool hidden = false;
  int copies = 0;  // sheets that this one needed so far
  lxw_row_t row = 0;

  Status failed(lxw_error error) const {
    return make_error(ErrorClass::config,
                      std::string("the workbook cannot be written: ") + lxw_strerror(error), path);
  }
};

WorkbookWriter::WorkbookWriter(std::unique_ptr<Book> book) : book_(std::move(book)) {}

Result<std::unique_ptr<WorkbookWriter>> WorkbookWriter::create(const std::string& path) {
  const std::filesystem::path target(path);
  std::error_code error;
  const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : ".";
  if (!std::filesystem::is_directory(folder, error))
    return make_error(ErrorClass::config, "there is no folder for it", path);
  auto book = std::make_unique<Book>();
  book->path = path;
  book->part = path + ".part";
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  book->workbook = workbook_new_opt(book->part.c_str(), &options);
  if (book->workbook == nullptr) return make_error(ErrorClass::config, "the workbook cannot be made", path);
  book->head = workbook_add_format(book->workbook);
  format_set_bold(book->head);
  format_set_bg_color(book->head, 0xDDEBF7);
  format_set_num_format(book->head, "@");
  book->text = workbook_add_format(book->workbook);
  format_set_num_format(book->text, "@");
  return std::unique_ptr<WorkbookWriter>(new WorkbookWriter(std::move(book)));
}

WorkbookWriter::~WorkbookWriter() {
  if (book_->workbook == nullptr) return;
  lxw_workbook_free(book_->workbook);
  std::error_code ignored;  // nothing may be there yet
  std::filesystem::remove(book_->part, ignored);
}

Status WorkbookWriter::start_sheet(const std::string& name, std::vector<Column> columns, bool hidden) {
  close_sheet();
  book_->name = name;
  book_->columns = std::move(columns);
  book_->hidden = hidden;
  book_->copies = 0;
  return open_sheet();
}

Status WorkbookWriter::open_sheet() {
  const std::string name =
      ++book_->copies == 1 ? book_->name : book_->name + " (" + std::to_string(book_->copies) + ")";
  if (const lxw_error error = workbook_validate_sheet_name(book_->workbook, name.c_str());
      error != LXW_NO_ERROR)
    return book_->failed(error);
  book_->sheet = workbook_add_worksheet(book_->workbook, name.c_str());
  if (book_->sheet == nullptr) return book_->failed(LXW_ERROR_MEMORY_MALLOC_FAILED);
  if (book_->hidden) worksheet_hide(book_->sheet);
  for (std::size_t i = 0; i < book_->columns.size(); ++i) {
    const auto column = static_cast<lxw_col_t>(i);
    worksheet_set_column(book_->sheet, column, column, book_->columns[i].width, book_->text);
    worksheet_write_string(book_->sheet, 0, column, book_->columns[i].title.c_str(), book_->head);
  }
  worksheet_freeze_panes(book_->sheet, 1, 0);
  book_->row = 1;
  return {};
}

void WorkbookWriter::close_sheet() {
  if (book_->sheet == nullptr || book_->columns.empty()) return;
  worksheet_autofilter(book_->sheet, 0, 0, book_->row - 1, static_cast<lxw_col_t>(book_->columns.size() - 1));
  book_->sheet = nullptr;
}

Status WorkbookWriter::add_row(const std::vector<Value>& cells) {
  if (book_->row >= rows_max) {
    close_sheet();
    HUILIU_TRY(open_sheet());
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto column = static_cast<lxw_col_t>(i);
    lxw_error error = LXW_NO_ERROR;
    if (const model::Number* number = cells[i].if_number()) {
      error = worksheet_write_number(book_->sheet, book_->row, column, number->to_double(), nullptr);
    } else {
      const bool nested = cells[i].is_array() || cells[i].is_object();
      const std::string text = shielded(nested ? model::to_json(cells[i]) : cells[i].to_text());
      if (!text.empty())
        error = worksheet_write_string(book_->sheet, book_->row, column, text.c_str(), book_->text);
    }
    if (error != LXW_NO_ERROR)
      return make_error(ErrorClass::data,
                        "row " + std::to_string(book_->row + 1) + ", column \"" + book_->columns[i].title +
                            "\": " + lxw_strerror(error),
                        book_->path);
  }
  ++book_->row;
  return {};
}

Status WorkbookWriter::finish() {
  close_sheet();
  const lxw_error error = workbook_close(book_->workbook);  // frees it in any case
  book_->workbook = nullptr;
  std::error_code moved;
  if (error == LXW_NO_ERROR) std::filesystem::rename(book_->part, book_->path, moved);
  if (error == LXW_NO_ERROR && !moved) return {};
  std::error_code ignored;  // the failure above is what counts
  std::filesystem::remove(book_->part, ignored);
  return error != LXW_NO_ERROR
             ? book_->failed(error)
             : make_error(ErrorClass::config, "the workbook cannot be put in place: " + moved.message(),
                          book_->path);
}

}  // namespace huiliu::table
