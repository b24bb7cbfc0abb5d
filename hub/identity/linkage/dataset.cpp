#include "hub/identity/linkage/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "hub/normalize/company_name.hpp"
#include "hub/normalize/fold.hpp"
#include "hub/normalize/normalize.hpp"
#include "hub/normalize/pinyin.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::identity {
namespace {

using Text = std::u32string;

std::string header_key(std::string_view header) {
  std::string key;
  for (const char c : normalize::folded(header))
    if (c != ' ' && c != '_' && c != '-' && c != '.') key += c;
  return key;
}

// Row numbers and keys of the file itself tell nothing about what a record is.
bool is_row_key(std::string_view header) {
  static constexpr std::string_view kNames[] = {"",     "id",       "recid",    "uniqueid", "recordid",
                                                "uid",  "rowid",    "index",    "row",      "编号",
                                                "序号", "记录编号", "unnamed:0"};
  const std::string key = header_key(header);
  return std::find(std::begin(kNames), std::end(kNames), key) != std::end(kNames);
}

// ---- standardizing

bool is_word_char(char32_t c) {
  return normalize::is_digit(c) || normalize::is_latin(c) || normalize::is_han(c) || c >= 0x250;
}

// Words of folded text. Chinese counts by pairs of characters; parts joined by a mark are one more word when
// they hold a digit (dsc-w120 = dscw120).
void words_of(const Text& text, std::vector<Text>& words) {
  Text joined;
  bool joined_digit = false;
  std::size_t parts = 0;
  const auto flush_joined = [&] {
    if (parts > 1 && joined_digit && joined.size() <= 24) words.push_back(joined);
    joined.clear();
    joined_digit = false;
    parts = 0;
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = text[at];
    if (!is_word_char(c)) {
      if (c == U' ' || c == U',' || c == U'(' || c == U')') flush_joined();
      ++at;
      continue;
    }
    if (normalize::is_han(c)) {
      flush_joined();
      std::size_t end = at;
      while (end < text.size() && normalize::is_han(text[end])) ++end;
      if (end - at == 1) words.push_back(text.substr(at, 1));
      for (std::size_t i = at; i + 1 < end; ++i) words.push_back(text.substr(i, 2));
      at = end;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_word_char(text[end]) && !normalize::is_han(text[end])) {
      joined_digit = joined_digit || normalize::is_digit(text[end]);
      ++end;
    }
    words.push_back(text.substr(at, end - at));
    joined += words.back();
    ++parts;
    at = end;
  }
  flush_joined();
}

Text folded_text(std::string_view raw) {
  Text out;
  normalize::decode_utf8(normalize::folded(raw), out);
  return out;
}

// Letters and digits only, words separated by one space.
Text plain_words(const Text& folded) {
  Text out;
  for (const char32_t c : folded) {
    if (is_word_char(c))
      out += c;
    else if (c != U'\'' && c != U'.' && !out.empty() && out.back() != U' ')
      out += U' ';
  }
  while (!out.empty() && out.back() == U' ') out.pop_back();
  return out;
}

Text digits_of(const Text& text) {
  Text out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), normalize::is_digit);
  return out;
}

Text without_spaces(Text text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](char32_t c) { return !is_word_char(c); }),
             text.end());
  return text;
}

double number_of(const Text& text, bool& found) {
  std::string digits;
  for (const char32_t c : text) {
    if (normalize::is_digit(c) || (c == U'.' && digits.find('.') == std::string::npos && !digits.empty()))
      digits += static_cast<char>(c);
    else if (c != U',' && !digits.empty())
      break;
  }
  found = !digits.empty();
  double value = 0;
  double scale = 0;
  for (const char c : digits) {
    if (c == '.') {
      scale = 1;
      continue;
    }
    value = value * 10 + (c - '0');
    scale *= 10;
  }
  return scale > 1 ? value / scale : value;
}

Text key_text(normalize::Kind kind, std::string_view raw) {
  const std::string key = normalize::comparison_key(kind, raw);
  const std::size_t colon = key.find(':');
  Text out;
  if (colon != std::string::npos) normalize::decode_utf8(std::string_view(key).substr(colon + 1), out);
  return out;
}

Text ordinals_of(const Text& text) {  // 第二, 3号: must agree
  Text out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (normalize::is_digit(text[at])) out += text[at];
    if (text[at] == U'第' && at + 1 < text.size()) out += text[at + 1];
  }
  return out;
}

void make_company(std::string_view raw, ColumnValue& value) {
  const normalize::CompanyName name = normalize::parse_company_name(raw);
  value.text.clear();
  const std::string key = normalize::company_key(name);
  normalize::decode_utf8(key.substr(std::min(key.size(), key.find(':') + 1)), value.text);
  auto parts = std::make_unique<CompanyParts>();
  parts->brand = Text(name.folded(name.brand));
  parts->branch = Text(name.folded(name.branch));
  parts->trade = folded_text(name.trade());
  parts->form = name.form_class;
  parts->division = name.division_code;
  parts->ordinals = ordinals_of(name.core);
  if (parts->brand.empty()) parts->brand = name.core;
  parts->pinyin = normalize::short_pinyin(parts->brand).full;
  value.company = std::move(parts);
}

// Dates as yyyymmdd; other orders of day and month are told apart where one is over 12.
Text date_text(std::string_view raw) {
  const Text text = folded_text(raw);
  const normalize::Normalized date = normalize::normalize(normalize::Kind::date, raw);
  Text key = date.valid ? digits_of(folded_text(date.value)) : Text();
  if (key.size() >= 8) return key.substr(0, 8);
  std::vector<Text> parts;
  words_of(text, parts);
  if (parts.size() >= 3 && parts[2].size() == 4 && parts[0].size() <= 2 && parts[1].size() <= 2) {
    const auto two = [](const Text& t) { return t.size() == 1 ? U"0" + t : t; };
    const bool day_first = two(parts[0]) > U"12";
    return parts[2] + (day_first ? two(parts[1]) + two(parts[0]) : two(parts[0]) + two(parts[1]));
  }
  return digits_of(text);
}

void standardize(ColumnType type, std::string_view raw, ColumnValue& value) {
  switch (type) {
    case ColumnType::company_name:
      make_company(raw, value);
      return;
    case ColumnType::uscc: {
      const normalize::Normalized code = normalize::normalize(normalize::Kind::uscc, raw);
      value.text = key_text(normalize::Kind::uscc, raw);
      value.valid = code.valid;
      return;
    }
    case ColumnType::phone: {
      value.text = digits_of(key_text(normalize::Kind::phone, raw));
      if (value.text.empty()) value.text = digits_of(folded_text(raw));
      return;
    }
    case ColumnType::email:
      value.text = folded_text(raw);
      return;
    case ColumnType::url:
      value.text = key_text(normalize::Kind::url, raw);
      return;
    case ColumnType::date:
      value.text = date_text(raw);
      return;
    case ColumnType::number:
    case ColumnType::year: {
      value.text = folded_text(raw);
      bool found = false;
      value.number = number_of(value.text, found);
      if (!found) value.text.clear();
      return;
    }
    case ColumnType::code:
      value.text = without_spaces(folded_text(raw));
      return;
    case ColumnType::address:
      value.text = folded_text(raw);
      if (normalize::has_han(value.text))
        value.text = key_text(normalize::Kind::address, raw);
      else
        value.text = plain_words(value.text);
      return;
    case ColumnType::person_name:
      value.text = key_text(normalize::Kind::person_name, raw);
      if (value.text.empty()) value.text = plain_words(folded_text(raw));
      return;
    case ColumnType::text:
      value.text = folded_text(raw);
      return;
    default:
      value.text = plain_words(folded_text(raw));
  }
}

bool has_tokens(ColumnType type) {
  return type == ColumnType::text || type == ColumnType::address || type == ColumnType::name ||
         type == ColumnType::person_name || type == ColumnType::company_name;
}

bool is_missing(std::string_view raw) {
  static constexpr std::string_view kWords[] = {"",    "null", "NULL", "none", "None", "nan", "NaN",
                                                "N/A", "n/a",  "NA",   "-",    "--",   "无",  "未知"};
  return std::find(std::begin(kWords), std::end(kWords), raw) != std::end(kWords);
}

// ---- columns

struct ColumnPlan {
  std::string name;
  std::vector<int> in_table;  // the column's index in each table; -1: not there
};

std::vector<std::string_view> sample_of(const std::vector<Table>& tables, const ColumnPlan& plan) {
  std::vector<std::string_view> sample;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    if (plan.in_table[t] < 0) continue;
    const auto& rows = tables[t].rows;
    const std::size_t step = std::max<std::size_t>(1, rows.size() * tables.size() / 2000);
    for (std::size_t r = 0; r < rows.size(); r += step) {
      const std::string& cell = cell_of(rows[r], static_cast<std::size_t>(plan.in_table[t]));
      if (!is_missing(cell)) sample.emplace_back(cell);
    }
  }
  return sample;
}

std::unordered_map<std::string, double> word_counts(const Table& table, int column) {
  std::unordered_map<std::string, double> counts;
  const std::size_t step = std::max<std::size_t>(1, table.rows.size() / 1000);
  for (std::size_t r = 0; r < table.rows.size(); r += step) {
    std::vector<Text> words;
    words_of(folded_text(cell_of(table.rows[r], static_cast<std::size_t>(column))), words);
    for (const Text& word : words) counts[normalize::to_utf8(word)] += 1;
  }
  return counts;
}

double cosine(const std::unordered_map<std::string, double>& a,
              const std::unordered_map<std::string, double>& b) {
  double dot = 0;
  double aa = 0;
  double bb = 0;
  for (const auto& [word, n] : a) {
    aa += n * n;
    if (const auto other = b.find(word); other != b.end()) dot += n * other->second;
  }
  for (const auto& [word, n] : b) bb += n * n;
  return aa == 0 || bb == 0 ? 0 : dot / std::sqrt(aa * bb);
}

// Same headers first, then what holds the same words (title in one file, name in the other).
std::vector<ColumnPlan> align(const std::vector<Table>& tables, const std::vector<bool>& usable_first,
                              const DatasetOptions& options) {
  const auto usable = [&](const std::string& header) {
    return header != options.id_column && !is_row_key(header) &&
           std::find(options.excluded.begin(), options.excluded.end(), header) == options.excluded.end();
  };
  std::vector<ColumnPlan> plans;
  for (std::size_t c = 0; c < tables[0].header.size(); ++c) {
    if (!usable_first[c] || !usable(tables[0].header[c])) continue;
    plans.push_back({tables[0].header[c], std::vector<int>(tables.size(), -1)});
    plans.back().in_table[0] = static_cast<int>(c);
  }
  for (std::size_t t = 1; t < tables.size(); ++t) {
    std::vector<int> left;
    for (std::size_t c = 0; c < tables[t].header.size(); ++c) {
      const std::string& header = tables[t].header[c];
      if (!usable(header)) continue;
      const auto same = std::find_if(plans.begin(), plans.end(), [&](const ColumnPlan& p) {
        return p.in_table[t] < 0 && header_key(p.name) == header_key(header);
      });
      if (same != plans.end())
        same->in_table[t] = static_cast<int>(c);
      else
        left.push_back(static_cast<int>(c));
    }
    struct Likeness {
      double value;
      std::size_t plan;
      int column;
    };
    std::vector<Likeness> likenesses;
    for (std::size_t p = 0; p < plans.size(); ++p) {
      if (plans[p].in_table[t] >= 0) continue;
      const auto first = word_counts(tables[0], plans[p].in_table[0]);
      for (const int column : left)
        likenesses.push_back({cosine(first, word_counts(tables[t], column)), p, column});
    }
    std::sort(likenesses.begin(), likenesses.end(),
              [](const Likeness& a, const Likeness& b) { return a.value > b.value; });
    for (const Likeness& each : likenesses) {
      const auto open = std::find(left.begin(), left.end(), each.column);
      if (each.value < 0.25 || open == left.end() || plans[each.plan].in_table[t] >= 0) continue;
      plans[each.plan].in_table[t] = each.column;
      left.erase(open);
    }
  }
  std::erase_if(plans, [&](const ColumnPlan& p) {  // a column of one file only compares nothing across
    return tables.size() > 1 && std::count(p.in_table.begin(), p.in_table.end(), -1) + 1 >=
                                    static_cast<std::ptrdiff_t>(tables.size());
  });
  return plans;
}

void weigh_tokens(ColumnData& column, std::vector<std::vector<Text>>& words, std::size_t records) {
  std::map<Text, std::uint32_t> dictionary;
  for (auto& each : words) {
    std::sort(each.begin(), each.end());
    each.erase(std::unique(each.begin(), each.end()), each.end());
    for (const Text& word : each) dictionary.emplace(word, 0);
  }
  for (auto& [word, id] : dictionary) {
    id = static_cast<std::uint32_t>(column.token_words.size());
    column.token_words.push_back(word);
  }
  std::vector<double> counts(dictionary.size(), 0);
  for (std::size_t v = 1; v < column.values.size(); ++v) {
    for (const Text& word : words[v]) column.values[v].tokens.push_back(dictionary[word]);
    std::sort(column.values[v].tokens.begin(), column.values[v].tokens.end());
    for (const std::uint32_t token : column.values[v].tokens) counts[token] += column.values[v].count;
  }
  const double n = static_cast<double>(records) + 1;
  for (const double count : counts)
    column.token_weight.push_back(static_cast<float>(std::log(1 + n / (count + 0.5))));
  for (ColumnValue& value : column.values) {
    double squares = 0;
    for (const std::uint32_t token : value.tokens) {
      squares += static_cast<double>(column.token_weight[token]) * column.token_weight[token];
      value.mass += column.token_weight[token];
    }
    value.norm = static_cast<float>(std::sqrt(squares));
  }
}

ColumnData make_column(const std::vector<Table>& tables, const ColumnPlan& plan, ColumnType type,
                       std::size_t records) {
  ColumnData column;
  column.name = plan.name;
  column.type = type;
  column.values.emplace_back();
  column.of_record.reserve(records);
  std::unordered_map<std::string_view, std::uint32_t> by_raw;
  std::unordered_map<std::string, std::uint32_t> by_text;
  std::vector<std::vector<Text>> words(1);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    for (const auto& row : tables[t].rows) {
      const std::string_view raw =
          plan.in_table[t] < 0 ? std::string_view()
                               : std::string_view(cell_of(row, static_cast<std::size_t>(plan.in_table[t])));
      std::uint32_t index = 0;
      if (!is_missing(raw)) {
        const auto known = by_raw.find(raw);
        if (known != by_raw.end()) {
          index = known->second;
        } else {
          ColumnValue value;
          standardize(type, raw, value);
          if (!value.text.empty()) {
            const auto [at, added] = by_text.emplace(normalize::to_utf8(value.text), column.values.size());
            index = at->second;
            if (added) {
              words.emplace_back();
              if (has_tokens(type))
                words_of(type == ColumnType::company_name ? folded_text(raw) : value.text, words.back());
              column.values.push_back(std::move(value));
            }
          }
          by_raw.emplace(raw, index);
        }
      }
      column.of_record.push_back(index);
      if (index != 0) ++column.values[index].count;
    }
  }
  if (has_tokens(type)) weigh_tokens(column, words, records);
  return column;
}

}  // namespace

model::Result<Dataset> make_dataset(const std::vector<Table>& tables, const DatasetOptions& options) {
  Dataset data;
  data.sources = tables.size();
  if (tables.empty()) return model::make_error(model::ErrorClass::config, "no records");
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const auto& header = tables[t].header;
    auto id = std::find(header.begin(), header.end(), options.id_column);
    if (!options.id_column.empty() && id == header.end())
      return model::make_error(model::ErrorClass::config, "no column \"" + options.id_column + "\"");
    if (options.id_column.empty()) id = std::find_if(header.begin(), header.end(), is_row_key);
    for (std::size_t r = 0; r < tables[t].rows.size(); ++r) {
      data.ids.push_back(id == header.end()
                             ? std::to_string(r)
                             : cell_of(tables[t].rows[r], static_cast<std::size_t>(id - header.begin())));
      data.source.push_back(static_cast<std::uint16_t>(t));
    }
  }
  const std::vector<bool> all(tables[0].header.size(), true);
  for (const ColumnPlan& plan : align(tables, all, options)) {
    const auto told = options.types.find(plan.name);
    const ColumnType type =
        told != options.types.end() ? told->second : infer_type(plan.name, sample_of(tables, plan));
    if (type != ColumnType::ignore) data.columns.push_back(make_column(tables, plan, type, data.size()));
  }
  if (data.columns.empty()) return model::make_error(model::ErrorClass::config, "no column to compare");
  return data;
}

}  // namespace huiliu::identity
