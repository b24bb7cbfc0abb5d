// Dates with their precision. No offset means Asia/Shanghai; midnight without an offset is how systems
// without a date type write a day, so it counts as one.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include "hub/normalize/calendar.hpp"
#include "hub/normalize/check_digits.hpp"
#include "hub/normalize/numerals.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

constexpr int kShanghaiMinutes = 8 * 60;

struct DateParts {
  int year = 0;
  int month = 0;  // 0: not given
  int day = 0;
  int hour = -1;  // -1: not given
  int minute = -1;
  int second = -1;
  std::string fraction;       // digits
  std::optional<int> offset;  // minutes east
};

// One run of digits, or one separator character, of the text.
struct DateToken {
  std::string digits;  // "" for a separator
  char32_t mark = 0;
};

std::vector<DateToken> tokens_of(std::u32string_view text) {
  std::vector<DateToken> tokens;
  for (std::size_t at = 0; at < text.size() && tokens.size() < 40;) {
    if (is_digit(text[at])) {
      DateToken token;
      while (at < text.size() && is_digit(text[at])) token.digits.push_back(static_cast<char>(text[at++]));
      tokens.push_back(std::move(token));
      continue;
    }
    if (chinese_digit(text[at]) >= 0 || chinese_unit(text[at]) != 0 || text[at] == U'廿' ||
        text[at] == U'卅') {
      const NumeralMatch numeral = leading_numeral(text.substr(at));
      if (numeral.length > 0) {
        tokens.push_back(DateToken{std::to_string(numeral.value), 0});
        at += numeral.length;
        continue;
      }
    }
    tokens.push_back(DateToken{{}, text[at]});
    ++at;
  }
  return tokens;
}

int number_of(const std::string& digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() ? value : -1;
}

// Reads tokens from left to right.
class DateReader {
 public:
  DateReader(const std::u32string& text, Normalized& result) : tokens_(tokens_of(text)), result_(result) {}

  std::optional<DateParts> read() {
    skip_blank();
    const bool republic = skip_word(U"民国") || skip_word(U"民國");
    DateParts date;
    if (!read_date(date, republic)) return std::nullopt;
    if (date.day != 0) read_time(date);
    skip_blank();
    if (at_ < tokens_.size()) return std::nullopt;
    return date;
  }

 private:
  bool mark_is(std::u32string_view marks) const {
    return at_ < tokens_.size() && tokens_[at_].digits.empty() &&
           marks.find(tokens_[at_].mark) != std::u32string_view::npos;
  }
  bool take(std::u32string_view marks) {
    if (!mark_is(marks)) return false;
    ++at_;
    return true;
  }
  void skip_blank() {
    while (take(U" ")) {
    }
  }
  bool skip_word(std::u32string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (at_ + i >= tokens_.size() || !tokens_[at_ + i].digits.empty() || tokens_[at_ + i].mark != word[i])
        return false;
    }
    at_ += word.size();
    return true;
  }
  bool take_number(std::string& digits) {
    if (at_ >= tokens_.size() || tokens_[at_].digits.empty()) return false;
    digits = tokens_[at_++].digits;
    return true;
  }

  bool read_date(DateParts& date, bool republic);
  bool read_compact(DateParts& date, const std::string& digits);
  bool read_day_first(DateParts& date, const std::string& first);
  void read_time(DateParts& date);
  void read_offset(DateParts& date);

  std::vector<DateToken> tokens_;
  std::size_t at_ = 0;
  Normalized& result_;
};

int full_year(const std::string& digits, Normalized& result) {
  const int year = number_of(digits);
  if (digits.size() > 2 || year < 0) return year;
  add_finding(result, "two_digit_year", Severity::info, "a year of two digits: the century is a guess");
  return year < 70 ? 2000 + year : 1900 + year;
}

bool DateReader::read_compact(DateParts& date, const std::string& digits) {
  const auto part = [&](std::size_t from, std::size_t count) {
    return number_of(digits.substr(from, count));
  };
  if (digits.size() == 8 || digits.size() == 12 || digits.size() == 14) {
    date.year = part(0, 4);
    date.month = part(4, 2);
    date.day = part(6, 2);
    if (date.month == 0 || date.day == 0) return false;
    if (digits.size() >= 12) {
      date.hour = part(8, 2);
      date.minute = part(10, 2);
      date.second = digits.size() == 14 ? part(12, 2) : -1;
    }
    return true;
  }
  if (digits.size() == 6) {
    const int year = part(0, 4);
    const int month = part(4, 2);
    if (year >= 1900 && year <= 2100 && month >= 1 && month <= 12) {
      date.year = year;
      date.month = month;
      return true;
    }
    date.year = full_year(digits.substr(0, 2), result_);
    date.month = part(2, 2);
    date.day = part(4, 2);
    return date.month != 0 && date.day != 0;
  }
  return false;
}

// 3/5/2024, 31.12.2023: the year at the end. Without a hint the month comes first, as spreadsheets of the US
// do.
bool DateReader::read_day_first(DateParts& date, const std::string& first) {
  std::string second;
  std::string year;
  const std::size_t start = at_;
  if (take(U"/-.") && take_number(second) && take(U"/-.") && take_number(year) && year.size() == 4 &&
      first.size() <= 2 && second.size() <= 2) {
    const int a = number_of(first);
    const int b = number_of(second);
    const bool day_first = a > 12;
    date.year = number_of(year);
    date.month = day_first ? b : a;
    date.day = day_first ? a : b;
    if (date.month == 0 || date.day == 0) return false;
    if (a <= 12 && b <= 12 && a != b) {
      add_finding(result_, "ambiguous", Severity::warning, "day and month may be swapped",
                  {date_text(date.year, b, a)});
    }
    return true;
  }
  at_ = start;
  return false;
}

bool DateReader::read_date(DateParts& date, bool republic) {
  std::string first;
  if (!take_number(first)) return false;
  const std::size_t behind = at_;
  skip_blank();
  const bool apart =
      at_ > behind && at_ < tokens_.size() && (!tokens_[at_].digits.empty() || mark_is(U"上下凌晚"));
  if (apart || mark_is(U"T")) at_ = behind;
  if (apart || at_ == tokens_.size() || mark_is(U"T")) {
    if (republic)
      date.year = number_of(first) + 1911;
    else if (first.size() == 4)
      date.year = number_of(first);
    else
      return read_compact(date, first);
    return true;
  }
  if (first.size() <= 2 && !republic && read_day_first(date, first)) return true;
  date.year = republic ? number_of(first) + 1911 : full_year(first, result_);
  skip_blank();
  if (!take(U"-/.年")) return false;
  skip_blank();
  std::string digits;
  if (!take_number(digits)) return at_ == tokens_.size();
  if (digits.size() > 2) return false;
  date.month = number_of(digits);
  if (date.month == 0) return false;  // 0 stands for "not given"
  skip_blank();
  if (!take(U"-/.月")) return at_ == tokens_.size();
  skip_blank();
  if (!take_number(digits)) return at_ == tokens_.size() || (skip_word(U"份") && at_ == tokens_.size());
  if (digits.size() > 2) return false;
  date.day = number_of(digits);
  skip_blank();
  take(U"日号號");
  return date.day != 0;
}

void DateReader::read_time(DateParts& date) {
  const std::size_t start = at_;
  std::string digits;
  if (date.hour < 0) {
    if (!take(U"T")) skip_blank();
    const bool afternoon = skip_word(U"下午") || skip_word(U"晚上");
    if (!afternoon && !skip_word(U"上午")) skip_word(U"凌晨");
    skip_blank();
    if (!take_number(digits) || digits.size() > 2 || !take(U":时點点")) {
      at_ = start;
      return;
    }
    date.hour = number_of(digits);
    if (afternoon && date.hour < 12) date.hour += 12;
    date.minute = 0;
    if (take_number(digits)) date.minute = number_of(digits);
    if (take(U":分") && take_number(digits)) {
      date.second = number_of(digits);
      take(U"秒");
    }
  }
  if (date.second >= 0 && take(U".,") && take_number(digits)) date.fraction = digits.substr(0, 9);
  skip_blank();
  if (skip_word(U"PM") || skip_word(U"pm"))
    date.hour += date.hour < 12 ? 12 : 0;
  else if ((skip_word(U"AM") || skip_word(U"am")) && date.hour == 12)
    date.hour = 0;
  read_offset(date);
}

void DateReader::read_offset(DateParts& date) {
  if (take(U"Zz")) {
    date.offset = 0;
    return;
  }
  const bool west = mark_is(U"-");
  if (!take(U"+-")) return;
  std::string hours;
  std::string minutes = "0";
  if (!take_number(hours)) return;
  if (hours.size() == 4) {
    minutes = hours.substr(2);
    hours.resize(2);
  } else if (take(U":")) {
    take_number(minutes);
  }
  const int total = number_of(hours) * 60 + number_of(minutes);
  if (total >= 0 && total <= 18 * 60) date.offset = west ? -total : total;
}

bool plausible(const DateParts& date) {
  if (date.year < 1 || date.year > 9999) return false;
  if (date.month != 0 && !is_calendar_date(date.year, date.month, date.day == 0 ? 1 : date.day)) return false;
  return date.hour <= 24 && date.minute <= 59 && date.second <= 60 &&
         (date.hour < 24 || (date.minute <= 0 && date.second <= 0));
}

std::string instant_text(std::int64_t minutes, int second, const std::string& fraction, const char* suffix) {
  const std::int64_t day = (minutes >= 0 ? minutes : minutes - 1439) / 1440;
  const CalendarDate date = date_from_days(day);
  const int of_day = static_cast<int>(minutes - day * 1440);
  std::array<char, 48> clock{};
  if (second < 0)
    std::snprintf(clock.data(), clock.size(), "T%02d:%02d", of_day / 60, of_day % 60);
  else
    std::snprintf(clock.data(), clock.size(), "T%02d:%02d:%02d", of_day / 60, of_day % 60, second);
  std::string text = date_text(date.year, date.month, date.day) + clock.data();
  std::string digits = fraction;
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return text + (digits.empty() ? "" : "." + digits) + suffix;
}

void set_instant(Normalized& result, const DateParts& date) {
  const int offset = date.offset.value_or(kShanghaiMinutes);
  const std::int64_t utc =
      days_from_date(date.year, date.month, date.day) * 1440 + date.hour * 60 + date.minute - offset;
  result.value = instant_text(utc + kShanghaiMinutes, date.second, date.fraction, "+08:00");
  result.key =
      instant_text(utc, std::max(date.second, 0), date.fraction, "Z");  // 10:20 and 10:20:00 compare equal
  result.parts.append("precision", date.second < 0         ? "minute"
                                   : date.fraction.empty() ? "second"
                                                           : "fraction");
  result.parts.append("utc", result.key);
}

void set_date(Normalized& result, const DateParts& date) {
  const bool midnight = date.hour == 0 && date.minute <= 0 && date.second <= 0 && !date.offset &&
                        date.fraction.find_first_not_of('0') == std::string::npos;
  if (date.hour >= 0 && !midnight) {
    set_instant(result, date);
  } else {
    std::array<char, 48> buffer{};
    if (date.month == 0)
      std::snprintf(buffer.data(), buffer.size(), "%04d", date.year);
    else if (date.day == 0)
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02d", date.year, date.month);
    result.value = date.day != 0 ? date_text(date.year, date.month, date.day) : std::string(buffer.data());
    result.key = result.value;
    result.parts.append("precision", date.month == 0 ? "year" : date.day == 0 ? "month" : "day");
  }
  result.parts.append("year", date.year);
  if (date.month != 0) result.parts.append("month", date.month);
  if (date.day != 0) result.parts.append("day", date.day);
  static constexpr std::string_view kFillers[] = {"1900-01-01", "1970-01-01", "9999-12-31",
                                                  "0001-01-01", "1899-12-30", "1753-01-01"};
  for (const std::string_view filler : kFillers) {
    if (result.value.compare(0, 10, filler) == 0) {
      add_finding(result, "placeholder", Severity::error, "a filler that systems write for no date");
    }
  }
}

// 1709568000 seconds, 1709568000000 milliseconds, 45356 days of a spreadsheet.
std::optional<DateParts> read_serial(const std::u32string& text, Normalized& result) {
  std::string digits;
  for (const char32_t c : text) {
    if (!is_digit(c) && c != U'.') return std::nullopt;
    digits.push_back(static_cast<char>(c));
  }
  const std::size_t dot = digits.find('.');
  const std::string whole = digits.substr(0, dot);
  std::int64_t number = 0;
  if (std::from_chars(whole.data(), whole.data() + whole.size(), number).ec != std::errc())
    return std::nullopt;
  DateParts date;
  std::int64_t days = 0;
  std::int64_t seconds = 0;
  if (dot == std::string::npos && (whole.size() == 10 || whole.size() == 13) && whole[0] == '1') {
    const std::int64_t local = (whole.size() == 13 ? number / 1000 : number) + kShanghaiMinutes * 60;
    days = local / 86400;
    seconds = local % 86400;
    if (whole.size() == 13 && number % 1000 != 0) date.fraction = whole.substr(10);
    date.offset = kShanghaiMinutes;
    add_finding(result, "epoch", Severity::info, "read as time since 1970");
  } else if (whole.size() == 5 && number >= 10000 && number <= 73050) {
    days = number - 25569;  // counted with the 1900-02-29 that never was
    if (dot != std::string::npos && dot + 1 < digits.size()) {
      const std::string part = digits.substr(dot + 1, 9);
      std::int64_t value = 0;
      std::from_chars(part.data(), part.data() + part.size(), value);
      std::int64_t scale = 1;
      for (std::size_t i = 0; i < part.size(); ++i) scale *= 10;
      seconds = (value * 86400 + scale / 2) / scale % 86400;
    }
    add_finding(result, "serial", Severity::info, "read as a spreadsheet's day number");
  } else {
    return std::nullopt;
  }
  const CalendarDate day = date_from_days(days);
  date.year = day.year;
  date.month = day.month;
  date.day = day.day;
  if (seconds != 0 || date.offset) {
    date.hour = static_cast<int>(seconds / 3600);
    date.minute = static_cast<int>(seconds / 60 % 60);
    date.second = static_cast<int>(seconds % 60);
  }
  return date;
}

bool is_date_word(std::string_view text) {
  static constexpr std::string_view kWords[] = {"长期", "长期有效", "永久", "永续", "无固定期限",
                                                "未知", "不详",     "至今", "今",   "无",
                                                "暂无", "无限期",   "-",    "--",   "null"};
  for (const std::string_view word : kWords) {
    if (text == word) return true;
  }
  return false;
}

}  // namespace

Normalized normalize_date(std::string_view raw) {
  const std::u32string text = plain(raw);
  if (text.empty()) return empty_value();
  Normalized result;
  std::optional<DateParts> date = read_serial(text, result);
  if (!date) date = DateReader(text, result).read();
  if (date && plausible(*date)) {
    set_date(result, *date);
    return finished(std::move(result));
  }
  result.value = to_utf8(text);
  result.key = folded(result.value);
  if (is_date_word(result.key)) {
    result.parts.append("precision", "word");
    add_finding(result, "word", Severity::error, "a word, not a date");
  } else {
    add_finding(result, "form", Severity::error, date ? "no such day or time" : "no date in a known form");
  }
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
