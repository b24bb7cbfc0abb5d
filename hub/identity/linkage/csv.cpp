#include "hub/identity/linkage/csv.hpp"

#include <unicode/ucnv.h>

#include <algorithm>
#include <array>

#include "hub/model/value.hpp"

namespace huiliu::identity {
namespace {

bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// Chinese in GBK comes in pairs of high bytes, accents of Western text stand alone.
const char* eight_bit_encoding(std::string_view bytes) {
  std::size_t high = 0;
  std::size_t paired = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (!is_high(bytes[at])) continue;
    ++high;
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const auto trail = at + 1 < bytes.size() ? static_cast<unsigned char>(bytes[at + 1]) : 0;
    if (lead >= 0x81 && lead != 0xFF && trail >= 0x80 && trail != 0xFF) {
      ++high;
      paired += 2;
      ++at;
    }
  }
  return paired * 10 >= high * 7 ? "gb18030" : "windows-1252";
}

model::Result<std::string> to_utf8_text(std::string_view bytes, const char* encoding) {
  UErrorCode status = U_ZERO_ERROR;
  std::string out(bytes.size() * 3 + 16, '\0');
  const std::int32_t length =
      ucnv_convert("UTF-8", encoding, out.data(), static_cast<std::int32_t>(out.size()), bytes.data(),
                   static_cast<std::int32_t>(bytes.size()), &status);
  if (U_FAILURE(status) != 0)
    return model::make_error(model::ErrorClass::data, std::string("cannot be read as ") + encoding);
  out.resize(static_cast<std::size_t>(length));
  return out;
}

model::Result<std::string> decoded(std::string_view bytes, std::string& encoding) {
  encoding = "utf-8";
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    encoding = "utf-16";
    return to_utf8_text(bytes, "UTF-16");
  }
  if (model::is_utf8(bytes)) return std::string(bytes);
  encoding = eight_bit_encoding(bytes);
  return to_utf8_text(bytes, encoding.c_str());
}

char separator_of(std::string_view text) {
  std::array<std::size_t, 4> counts{};
  constexpr std::string_view kSeparators = ",;\t|";
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    if (const std::size_t which = kSeparators.find(c); which != std::string_view::npos) ++counts[which];
  }
  return kSeparators[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                              counts.begin())];
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kBlank) - begin + 1));
}

class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : text_(text), separator_(separator_of(text)) {}

  bool next(std::vector<std::string>& cells) {
    cells.clear();
    if (at_ >= text_.size()) return false;
    for (;;) {
      cells.push_back(cell());
      if (at_ >= text_.size()) return true;
      const char c = text_[at_++];
      if (c == separator_) continue;
      if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      return true;
    }
  }

 private:
  bool ends(char c) const { return c == separator_ || c == '\n' || c == '\r'; }
  std::string cell() {
    std::size_t start = at_;
    while (start < text_.size() && (text_[start] == ' ' || (text_[start] == '\t' && separator_ != '\t')))
      ++start;
    std::string out;
    if (start < text_.size() && text_[start] == '"' && quoted(start, out)) return trimmed(out);
    start = at_;
    while (at_ < text_.size() && !ends(text_[at_])) ++at_;
    return trimmed(text_.substr(start, at_ - start));
  }
  // The quoted cell that starts at `quote`. False when the quote never closes, which is looked for once only.
  bool quoted(std::size_t quote, std::string& out) {
    if (quote >= open_quote_) return false;
    std::size_t at = quote + 1;
    for (;;) {
      const std::size_t close = text_.find('"', at);
      if (close == std::string_view::npos) {
        open_quote_ = quote;
        return false;
      }
      out += text_.substr(at, close - at);
      at = close + 1;
      if (at >= text_.size() || text_[at] != '"') break;
      out += '"';
      ++at;
    }
    while (at < text_.size() && !ends(text_[at])) out += text_[at++];  // what stands behind the quote stays
    at_ = at;
    return true;
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t open_quote_ = std::string_view::npos;
};

}  // namespace

const std::string& cell_of(const std::vector<std::string>& row, std::size_t column) {
  static const std::string empty;
  return column < row.size() ? row[column] : empty;
}

model::Result<Table> parse_csv(std::string_view bytes, const std::string& source) {
  Table table;
  auto text = decoded(bytes, table.encoding);
  if (!text.ok()) return model::make_error(model::ErrorClass::data, text.error().message, source);
  CsvReader reader(*text);
  std::vector<std::string> cells;
  while (reader.next(cells) && cells.size() == 1 && cells[0].empty()) {
  }
  if (cells.empty() || (cells.size() == 1 && cells[0].empty()))
    return model::make_error(model::ErrorClass::data, "has no header line", source);
  table.header = cells;
  while (reader.next(cells)) {
    if (cells.size() == 1 && cells[0].empty()) continue;
    while (table.header.size() < cells.size())
      table.header.push_back("column " + std::to_string(table.header.size() + 1));
    table.rows.push_back(std::move(cells));
    cells = {};
  }
  return table;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    if (cells[i].find_first_of(",\"\r\n") == std::string::npos) {
      line += cells[i];
      continue;
    }
    line += '"';
    for (const char c : cells[i]) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line;
}

}  // namespace huiliu::identity
