#include "hub/identity/linkage/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "hub/identity/linkage/similarity.hpp"
#include "hub/normalize/divisions.hpp"

namespace huiliu::identity {
namespace {

using View = std::u32string_view;

bool contains_word(View longer, View shorter) {
  return shorter.size() >= 3 && longer.find(shorter) != View::npos;
}

Level compare_names(const ColumnData& column, const ColumnValue& a, const ColumnValue& b) {
  const double jw = jaro_winkler(a.text, b.text);
  const std::size_t shorter = std::min(a.text.size(), b.text.size());
  if (jw >= 0.94 || (shorter >= 4 && edit_distance(a.text, b.text, 1) == 1)) return 5;
  const double words = a.tokens.size() + b.tokens.size() > 2 ? word_similarity(column, a, b) : 0;
  if (jw >= 0.88 || words >= 0.75) return 4;
  const bool contained = contains_word(a.text, b.text) || contains_word(b.text, a.text);
  const bool initial = shorter == 1 && a.text[0] == b.text[0];
  if (jw >= 0.80 || words >= 0.5 || contained || initial) return 3;
  return jw >= 0.7 || words >= 0.3 ? 2 : kElse;
}

constexpr std::array<double, 7> kTextSteps{0, 0.25, 0.4, 0.55, 0.7, 0.85, 1};

// The level of a text and where in it the likeness lies.
Level compare_texts(const ColumnData& column, const ColumnValue& a, const ColumnValue& b,
                    std::uint32_t& fine) {
  const double likeness = word_similarity(column, a, b);
  Level level = kElse;
  while (level < 6 && likeness >= kTextSteps[level]) ++level;
  const double from = kTextSteps[level - 1];
  fine =
      static_cast<std::uint32_t>(std::clamp((likeness - from) / (kTextSteps[level] - from), 0.0, 1.0) * 255);
  return level;
}

Level compare_dates(const ColumnValue& a, const ColumnValue& b) {
  const View x = a.text;
  const View y = b.text;
  if (edit_distance(x, y, 1) == 1) return 4;
  if (x.size() == 8 && y.size() == 8) {
    const bool swapped = x.substr(0, 4) == y.substr(0, 4) && x.substr(4, 2) == y.substr(6, 2) &&
                         x.substr(6, 2) == y.substr(4, 2);
    if (swapped) return 4;
    if (x.substr(0, 6) == y.substr(0, 6) || edit_distance(x, y, 2) == 2) return 3;
  }
  return x.substr(0, 4) == y.substr(0, 4) ? 2 : kElse;
}

Level compare_numbers(const ColumnValue& a, const ColumnValue& b) {
  const double most = std::max(std::fabs(a.number), std::fabs(b.number));
  const double apart = most == 0 ? 0 : std::fabs(a.number - b.number) / most;
  if (apart == 0) return 5;
  if (apart <= 0.02) return 4;
  if (apart <= 0.1) return 3;
  return apart <= 0.3 ? 2 : kElse;
}

Level compare_years(const ColumnValue& a, const ColumnValue& b) {
  const double apart = std::fabs(a.number - b.number);
  if (apart == 0) return 4;
  if (apart <= 1) return 3;
  return apart <= 3 ? 2 : kElse;
}

Level compare_phones(const ColumnValue& a, const ColumnValue& b) {
  const auto last = [](View t) { return t.size() > 7 ? t.substr(t.size() - 7) : t; };
  if (last(a.text) == last(b.text) && last(a.text).size() == 7) return 3;
  return std::min(a.text.size(), b.text.size()) >= 7 && edit_distance(a.text, b.text, 1) == 1 ? 2 : kElse;
}

Level compare_codes(const ColumnValue& a, const ColumnValue& b) {
  const std::size_t shorter = std::min(a.text.size(), b.text.size());
  if (shorter < 3) return kElse;
  const std::size_t edits = edit_distance(a.text, b.text, 2);
  if (edits == 1) return 3;
  if (edits == 2 && shorter >= 5) return 2;
  return contains_word(a.text, b.text) || contains_word(b.text, a.text) ? 2 : kElse;
}

Level compare_emails(const ColumnValue& a, const ColumnValue& b) {
  const auto local = [](View t) { return t.substr(0, t.find(U'@')); };
  if (local(a.text) == local(b.text)) return 4;
  if (edit_distance(a.text, b.text, 2) <= 2 || jaro_winkler(local(a.text), local(b.text)) >= 0.93) return 3;
  return jaro_winkler(local(a.text), local(b.text)) >= 0.8 ? 2 : kElse;
}

bool divisions_nested(std::uint32_t a, std::uint32_t b) {
  return a == 0 || b == 0 || normalize::contains(a, b) || normalize::contains(b, a);
}

Level compare_companies(const ColumnData& column, const ColumnValue& a, const ColumnValue& b) {
  const CompanyParts& x = *a.company;
  const CompanyParts& y = *b.company;
  const bool near = divisions_nested(x.division, y.division);
  const bool trade_equal = x.trade == y.trade;
  const bool trade_alike = trade_equal || x.trade.empty() || y.trade.empty() ||
                           x.trade.find(y.trade) != View::npos || y.trade.find(x.trade) != View::npos ||
                           bigram_similarity(x.trade, y.trade) >= 0.25;
  if (x.brand == y.brand) {
    if (near && trade_equal) return 6;
    if (near && trade_alike) return 5;
    return trade_alike || near ? 3 : 2;
  }
  const double words = word_similarity(column, a, b);
  if (x.pinyin == y.pinyin && x.pinyin.size() >= 3) return near && trade_alike ? 5 : 3;
  const std::size_t shorter = std::min(x.brand.size(), y.brand.size());
  if (shorter >= 3 && edit_distance(x.brand, y.brand, 1) == 1) return near && trade_alike ? 5 : 3;
  if (words >= 0.8) return 4;
  if (near && (contains_word(x.brand, y.brand) || contains_word(y.brand, x.brand) ||
               bigram_similarity(x.brand, y.brand) >= 0.6))
    return 3;
  return words >= 0.45 ? 2 : kElse;
}

}  // namespace

Level best_level(ColumnType type) noexcept {
  switch (type) {
    case ColumnType::name:
    case ColumnType::person_name:
      return 6;
    case ColumnType::text:
    case ColumnType::address:
    case ColumnType::company_name:
      return 7;
    case ColumnType::number:
    case ColumnType::date:
    case ColumnType::email:
      return 5;
    case ColumnType::year:
    case ColumnType::phone:
    case ColumnType::code:
      return 4;
    default:
      return 2;
  }
}

const char* level_name(ColumnType type, Level level) noexcept {
  static constexpr std::array<const char*, 8> kGeneral{"missing",        "different", "slightly alike",
                                                       "somewhat alike", "alike",     "very alike",
                                                       "nearly equal",   "equal"};
  if (level == kMissing || level == kElse) return kGeneral[level];
  if (level == best_level(type)) return "equal";
  if (type == ColumnType::phone) return level == 3 ? "same last seven digits" : "one digit differs";
  if (type == ColumnType::email)
    return level == 4 ? "same local part" : level == 3 ? "nearly equal" : "alike";
  if (type == ColumnType::date)
    return level == 4 ? "one digit differs" : level == 3 ? "same month" : "same year";
  if (type == ColumnType::code) return level == 3 ? "one character differs" : "two characters differ";
  return kGeneral[std::min<std::size_t>(level, 6)];
}

namespace {

Level compare_with_fineness(const ColumnData& column, std::uint32_t a, std::uint32_t b, std::uint32_t& fine) {
  fine = 128;
  if (a == 0 || b == 0) return kMissing;
  const Level best = best_level(column.type);
  if (a == b) return best;
  const ColumnValue& x = column.values[a];
  const ColumnValue& y = column.values[b];
  switch (column.type) {
    case ColumnType::name:
    case ColumnType::person_name:
      return compare_names(column, x, y);
    case ColumnType::text:
    case ColumnType::address:
      return compare_texts(column, x, y, fine);
    case ColumnType::company_name:
      return compare_companies(column, x, y);
    case ColumnType::number:
      return compare_numbers(x, y);
    case ColumnType::year:
      return compare_years(x, y);
    case ColumnType::date:
      return compare_dates(x, y);
    case ColumnType::phone:
      return compare_phones(x, y);
    case ColumnType::code:
      return compare_codes(x, y);
    case ColumnType::email:
      return compare_emails(x, y);
    default:
      return kElse;
  }
}

}  // namespace

Level compare_values(const ColumnData& column, std::uint32_t a, std::uint32_t b) {
  std::uint32_t fine = 0;
  return compare_with_fineness(column, a, b, fine);
}

Compared compare_finely(const Dataset& data, std::uint32_t a, std::uint32_t b) {
  Compared out;
  std::size_t slot = 0;
  for (std::size_t c = 0; c < std::min(data.columns.size(), kMostColumns); ++c) {
    const ColumnData& column = data.columns[c];
    std::uint32_t fine = 0;
    const Level level = compare_with_fineness(column, column.of_record[a], column.of_record[b], fine);
    out.pattern |= static_cast<Pattern>(level) << (4 * c);
    if (is_fine(column.type) && slot < kFineColumns) out.fineness |= fine << (8 * slot++);
  }
  return out;
}

Pattern compare_records(const Dataset& data, std::uint32_t a, std::uint32_t b) {
  return compare_finely(data, a, b).pattern;
}

const char* veto_between(const Dataset& data, std::uint32_t a, std::uint32_t b) {
  bool same_code = false;
  const char* veto = nullptr;
  for (const ColumnData& column : data.columns) {
    const ColumnValue& x = column.values[column.of_record[a]];
    const ColumnValue& y = column.values[column.of_record[b]];
    if (column.of_record[a] == 0 || column.of_record[b] == 0) continue;
    if (column.type == ColumnType::uscc) {
      const bool same_organisation =
          x.text.size() == 18 && y.text.size() == 18 && x.text.substr(8, 9) == y.text.substr(8, 9);
      same_code = same_code || x.text == y.text || same_organisation;
      if (!same_code && x.valid && y.valid) return "two valid credit codes";
    }
    if (column.type != ColumnType::company_name || x.text == y.text) continue;
    if (x.company->branch != y.company->branch && x.company->brand == y.company->brand)
      veto =
          x.company->branch.empty() || y.company->branch.empty() ? "a branch and its parent" : "two branches";
    else if (x.company->ordinals != y.company->ordinals && x.company->brand == y.company->brand)
      veto = "different ordinals";
    else if (x.company->form.empty() != y.company->form.empty() &&
             std::min(x.text.size(), y.text.size()) <= 4 && x.company->brand != y.company->brand)
      veto = "a person and a company";
  }
  return same_code ? nullptr : veto;
}

bool same_identifier(const Dataset& data, std::uint32_t a, std::uint32_t b) {
  return std::any_of(data.columns.begin(), data.columns.end(), [&](const ColumnData& column) {
    return column.type == ColumnType::uscc && column.of_record[a] != 0 &&
           column.of_record[a] == column.of_record[b] && column.values[column.of_record[a]].valid;
  });
}

}  // namespace huiliu::identity
