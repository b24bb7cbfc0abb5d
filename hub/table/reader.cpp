#include "hub/table/reader.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "hub/table/cell_text.hpp"
#include "hub/table/xml.hpp"

namespace huiliu::table {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

namespace {

constexpr std::size_t cell_bytes_max = 256 * 1024;  // a cell holds 32,767 characters

// Calls `start` for every element; the whole handler where nothing else matters.
class Elements final : public XmlHandler {
 public:
  using Start = std::function<void(std::string_view, const XmlAttributes&)>;
  explicit Elements(Start start) : start_(std::move(start)) {}
  Status start(std::string_view name, const XmlAttributes& attributes) override {
    start_(name, attributes);
    return {};
  }

 private:
  Start start_;
};

Status parse_part(Package& package, const std::string& part, XmlHandler& handler) {
  return package.read(part, [&](std::istream& in) {
    return parse_xml(in, package.path() + ": " + part, package.limits().depth, handler);
  });
}

// Id → part name, from the relationships of a part.
Result<std::map<std::string, std::pair<std::string, std::string>>> relationships(Package& package,
                                                                                 const std::string& part) {
  const std::size_t slash = part.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : part.substr(0, slash + 1);
  const std::string file = slash == std::string::npos ? part : part.substr(slash + 1);
  std::map<std::string, std::pair<std::string, std::string>> targets;
  Elements handler([&](std::string_view name, const XmlAttributes& attributes) {
    if (name != "Relationship") return;
    std::string target = attributes.get("Target");
    target = target.starts_with('/') ? target.substr(1) : folder + target;
    targets[attributes.get("Id")] = {attributes.get("Type"), std::move(target)};
  });
  HUILIU_TRY(parse_part(package, folder + "_rels/" + file + ".rels", handler));
  return targets;
}

// Texts of an item of rich text: all its <t>, but not the phonetic ones.
class SharedStrings final : public XmlHandler {
 public:
  SharedStrings(std::vector<std::string>& out, std::uint64_t limit, std::string where)
      : out_(out), left_(limit), where_(std::move(where)) {}
  Status start(std::string_view name, const XmlAttributes&) override {
    if (name == "si") item_.clear();
    if (name == "rPh") phonetic_ = true;
    text_ = name == "t" && !phonetic_;
    return {};
  }
  Status end(std::string_view name) override {
    text_ = false;
    if (name == "rPh") phonetic_ = false;
    if (name == "si") out_.push_back(unescaped(item_));
    return {};
  }
  Status text(std::string_view text) override {
    if (!text_) return {};
    if (text.size() > left_)
      return make_error(ErrorClass::data, "its texts are longer than what is read at once; split it", where_);
    left_ -= text.size();
    item_ += text;
    return {};
  }

 private:
  std::vector<std::string>& out_;
  std::uint64_t left_;
  std::string where_, item_;
  bool text_ = false, phonetic_ = false;
};

// What reading a sheet needs of its workbook.
struct SheetContext {
  const std::vector<std::string>& strings;
  const std::vector<bool>& date_styles;
  bool system_1904;
  const Limits& limits;
  std::string where;  // file, sheet
};

class SheetRows final : public XmlHandler {
 public:
  SheetRows(const SheetContext& context, const WorkbookReader::TakeRow& take)
      : context_(context), take_(take) {}

  Status start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "row") return start_row(attributes);
    if (name == "c") return start_cell(attributes);
    if (name == "f" && in_cell_) return fail("holds a formula; copy the column and paste its values");
    if (name == "rPh") phonetic_ = true;
    collecting_ = in_cell_ && !phonetic_ && (name == "v" || name == "t");
    return {};
  }
  Status end(std::string_view name) override {
    collecting_ = false;
    if (name == "rPh") phonetic_ = false;
    if (name == "c") return end_cell();
    if (name != "row") return {};
    const bool empty =
        std::all_of(cells_.begin(), cells_.end(), [](const auto& cell) { return cell.empty(); });
    return empty ? Status() : take_(row_, cells_);
  }
  Status text(std::string_view text) override {
    if (!collecting_) return {};
    if (raw_.size() + text.size() > cell_bytes_max) return fail("is longer than a cell can be");
    raw_ += text;
    return {};
  }

 private:
  Status fail(const std::string& what) const {
    return make_error(ErrorClass::data, "cell " + column_name(column_) + std::to_string(row_) + " " + what,
                      context_.where);
  }

  Status start_row(const XmlAttributes& attributes) {
    const std::string number = attributes.get("r");
    std::uint64_t row = row_ + 1;
    if (!number.empty()) {
      const auto read = std::from_chars(number.data(), number.data() + number.size(), row);
      if (read.ec != std::errc() || row <= row_)
        return make_error(ErrorClass::data, "its rows are not in order", context_.where);
    }
    if (row > context_.limits.rows)
      return make_error(ErrorClass::data,
                        "it has more than " + std::to_string(context_.limits.rows) + " rows", context_.where);
    row_ = row;
    cells_.clear();
    next_column_ = 0;
    return {};
  }

  Status start_cell(const XmlAttributes& attributes) {
    in_cell_ = true;
    raw_.clear();
    type_ = attributes.get("t");
    style_ = 0;
    const std::string style = attributes.get("s");
    std::from_chars(style.data(), style.data() + style.size(), style_);
    const std::string name = attributes.get("r");
    column_ = name.empty() ? next_column_ : column_of(name).value_or(context_.limits.columns);
    if (column_ >= context_.limits.columns)
      return make_error(ErrorClass::data,
                        "it has more than " + std::to_string(context_.limits.columns) + " columns",
                        context_.where);
    next_column_ = column_ + 1;
    return {};
  }

  Status end_cell() {
    in_cell_ = false;
    if (type_ == "e") return fail("holds the error " + raw_);
    HUILIU_ASSIGN(std::string text, cell_text());
    if (text.empty()) return {};
    if (cells_.size() <= column_) cells_.resize(column_ + 1);
    cells_[column_] = std::move(text);
    return {};
  }

  Result<std::string> cell_text() const {
    if (raw_.empty()) return std::string();
    if (type_ == "s") {
      std::size_t index = 0;
      const auto read = std::from_chars(raw_.data(), raw_.data() + raw_.size(), index);
      if (read.ec != std::errc() || index >= context_.strings.size())
        return fail("refers to a text that the workbook does not have").error();
      return context_.strings[index];
    }
    if (type_ == "inlineStr" || type_ == "str") return unescaped(raw_);
    if (type_ == "b") return std::string(raw_ == "1" ? "TRUE" : "FALSE");
    if (type_ == "d") return raw_;
    const bool moment = style_ < context_.date_styles.size() && context_.date_styles[style_];
    if (moment) {
      double serial = -1;
      std::from_chars(raw_.data(), raw_.data() + raw_.size(), serial);
      if (auto date = date_text(serial, context_.system_1904)) return std::move(*date);
    }
    return number_text(raw_);
  }

  const SheetContext& context_;
  const WorkbookReader::TakeRow& take_;
  std::uint64_t row_ = 0;
  std::size_t column_ = 0, next_column_ = 0, style_ = 0;
  std::string type_, raw_;
  bool in_cell_ = false, collecting_ = false, phonetic_ = false;
  std::vector<std::string> cells_;
};

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

}  // namespace

Result<std::unique_ptr<WorkbookReader>> WorkbookReader::open(const std::string& path, const Limits& limits) {
  HUILIU_ASSIGN(std::unique_ptr<Package> package, Package::open(path, limits));
  std::unique_ptr<WorkbookReader> reader(new WorkbookReader(std::move(package)));
  HUILIU_TRY(reader->load());
  return reader;
}

Status WorkbookReader::load() {
  if (!package_->contains("[Content_Types].xml"))
    return make_error(ErrorClass::data, "this zip file is no Excel workbook", path());
  HUILIU_TRY(refuse_macros());
  HUILIU_ASSIGN(const auto roots, relationships(*package_, ""));
  for (const auto& [id, target] : roots)
    if (target.first.ends_with("/officeDocument")) return load_sheets(target.second);
  return make_error(ErrorClass::data, "this zip file is no Excel workbook", path());
}

Status WorkbookReader::refuse_macros() {
  bool macros = false;
  for (const std::string& part : package_->parts()) macros = macros || part.ends_with("vbaProject.bin");
  Elements handler([&](std::string_view, const XmlAttributes& attributes) {
    macros = macros || attributes.get("ContentType").find("macroEnabled") != std::string::npos;
  });
  HUILIU_TRY(parse_part(*package_, "[Content_Types].xml", handler));
  if (!macros) return {};
  return make_error(ErrorClass::data, "this workbook contains macros; save it as .xlsx without them", path());
}

Status WorkbookReader::load_sheets(const std::string& workbook) {
  HUILIU_ASSIGN(const auto targets, relationships(*package_, workbook));
  Elements handler([&](std::string_view name, const XmlAttributes& attributes) {
    if (name == "workbookPr") {
      const std::string system = attributes.get("date1904");
      system_1904_ = system == "1" || system == "true";
    }
    if (name != "sheet") return;
    const auto target = targets.find(attributes.reference("id"));
    if (target != targets.end()) sheets_.push_back({attributes.get("name"), target->second.second});
  });
  HUILIU_TRY(parse_part(*package_, workbook, handler));
  if (sheets_.empty()) return make_error(ErrorClass::data, "the workbook has no sheet", path());
  for (const auto& [id, target] : targets) {
    if (target.first.ends_with("/sharedStrings")) HUILIU_TRY(load_strings(target.second));
    if (target.first.ends_with("/styles")) HUILIU_TRY(load_styles(target.second));
  }
  return {};
}

Status WorkbookReader::load_strings(const std::string& part) {
  SharedStrings handler(strings_, package_->limits().text_bytes, path());
  return parse_part(*package_, part, handler);
}

Status WorkbookReader::load_styles(const std::string& part) {
  std::map<std::string, bool> own;  // number format id → is it a date?
  bool cell_formats = false;
  Elements handler([&](std::string_view name, const XmlAttributes& attributes) {
    if (name == "numFmt") own[attributes.get("numFmtId")] = is_date_format(attributes.get("formatCode"));
    if (name == "cellStyleXfs") cell_formats = false;
    if (name == "cellXfs") cell_formats = true;
    if (name == "cellStyles") cell_formats = false;
    if (name != "xf" || !cell_formats) return;
    const std::string id = attributes.get("numFmtId");
    int number = 0;
    std::from_chars(id.data(), id.data() + id.size(), number);
    const auto found = own.find(id);
    date_styles_.push_back(found == own.end() ? is_date_format(number) : found->second);
  });
  return parse_part(*package_, part, handler);
}

bool WorkbookReader::has_sheet(const std::string& name) const {
  return std::any_of(sheets_.begin(), sheets_.end(), [&](const Sheet& sheet) { return sheet.name == name; });
}

Status WorkbookReader::read(const std::string& name, const TakeRow& take) {
  const auto sheet =
      std::find_if(sheets_.begin(), sheets_.end(), [&](const Sheet& each) { return each.name == name; });
  if (sheet == sheets_.end())
    return make_error(ErrorClass::data, "the workbook has no sheet \"" + name + "\"", path());
  const SheetContext context{strings_, date_styles_, system_1904_, package_->limits(), path() + ": " + name};
  SheetRows handler(context, take);
  return parse_part(*package_, sheet->part, handler);
}

namespace {

// Where each wanted column stands in the file, found by its title.
class Header {
 public:
  Header(const std::vector<WantedColumn>& wanted, std::string where)
      : wanted_(wanted), where_(std::move(where)) {}
  bool known() const { return !places_.empty(); }

  Status learn(const std::vector<std::string>& titles) {
    places_.assign(wanted_.size(), missing);
    titled_.assign(titles.size(), false);
    for (std::size_t column = 0; column < titles.size(); ++column) {
      const std::string title = trimmed(titles[column]);
      if (title.empty()) continue;
      const auto found = std::find_if(wanted_.begin(), wanted_.end(), [&](const WantedColumn& each) {
        return std::find(each.titles.begin(), each.titles.end(), title) != each.titles.end();
      });
      if (found == wanted_.end())
        return fail("has an unknown column \"" + title + "\"; known: " + known_titles());
      std::size_t& place = places_[static_cast<std::size_t>(found - wanted_.begin())];
      if (place != missing) return fail("has the column \"" + title + "\" twice");
      place = column;
      titled_[column] = true;
    }
    for (std::size_t i = 0; i < wanted_.size(); ++i)
      if (places_[i] == missing && wanted_[i].required)
        return fail("lacks the column \"" + wanted_[i].titles.front() +
                    "\"; columns are found by the title in the first row and may stand in any order");
    return {};
  }

  Status pick(std::uint64_t row, const std::vector<std::string>& cells, std::vector<std::string>& out) const {
    for (std::size_t column = 0; column < cells.size(); ++column)
      if (!cells[column].empty() && (column >= titled_.size() || !titled_[column]))
        return fail("has a value in cell " + column_name(column) + std::to_string(row) +
                    ", in a column without a title");
    for (std::size_t i = 0; i < places_.size(); ++i)
      out[i] = places_[i] < cells.size() ? cells[places_[i]] : std::string();
    return {};
  }

 private:
  static constexpr std::size_t missing = static_cast<std::size_t>(-1);
  Status fail(const std::string& what) const {
    return make_error(ErrorClass::data, "the sheet " + what, where_);
  }
  std::string known_titles() const {
    std::string names;
    for (const WantedColumn& each : wanted_) names += (names.empty() ? "" : ", ") + each.titles.front();
    return names;
  }

  const std::vector<WantedColumn>& wanted_;
  std::string where_;
  std::vector<std::size_t> places_;
  std::vector<bool> titled_;
};

}  // namespace

Status read_table(WorkbookReader& workbook, const std::string& sheet, const std::vector<WantedColumn>& wanted,
                  const WorkbookReader::TakeRow& take) {
  Header header(wanted, workbook.path() + ": " + sheet);
  std::vector<std::string> picked(wanted.size());
  const auto pass = [&](std::uint64_t row, const std::vector<std::string>& cells) -> Status {
    if (!header.known()) return header.learn(cells);
    HUILIU_TRY(header.pick(row, cells, picked));
    return take(row, picked);
  };
  HUILIU_TRY(workbook.read(sheet, pass));
  if (!header.known())
    return make_error(ErrorClass::data, "the sheet is empty", workbook.path() + ": " + sheet);
  return {};
}

}  // namespace huiliu::table
