#include "hub/table/cell_text.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace huiliu::table {
namespace {

std::string two(int number) { return std::string(number < 10 ? "0" : "") + std::to_string(number); }

std::string clock_text(int seconds) {
  return two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

std::string day_text(std::int64_t days, bool system_1904) {
  using namespace std::chrono;
  if (!system_1904 && days == 60) return "1900-02-29";
  const sys_days epoch = system_1904 ? sys_days{year{1904} / 1 / 1}
                         : days > 60 ? sys_days{year{1899} / 12 / 30}
                                     : sys_days{year{1899} / 12 / 31};
  const year_month_day day{epoch + std::chrono::days{days}};
  return std::to_string(static_cast<int>(day.year())) + "-" +
         two(static_cast<int>(static_cast<unsigned>(day.month()))) + "-" +
         two(static_cast<int>(static_cast<unsigned>(day.day())));
}

int hex_digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                : -1;
}

// The code unit of "_xHHHH_" at `at`; -1: it is something else.
int escaped_unit(std::string_view text, std::size_t at) {
  if (at + 7 > text.size() || text[at + 1] != 'x' || text[at + 6] != '_') return -1;
  int unit = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit >= 0xD800 && unit <= 0xDFFF ? -1 : unit;
}

void append_utf8(std::string& out, int unit) {
  if (unit < 0x80) {
    out += static_cast<char>(unit);
  } else if (unit < 0x800) {
    out += static_cast<char>(0xC0 | (unit >> 6));
    out += static_cast<char>(0x80 | (unit & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | (unit >> 12));
    out += static_cast<char>(0x80 | ((unit >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (unit & 0x3F));
  }
}

}  // namespace

bool is_date_format(int id) noexcept {
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

bool is_date_format(std::string_view code) noexcept {
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == ';') return false;  // the first section speaks for positive numbers
    if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == '"') {
      i = std::min(code.find('"', i + 1), code.size());
    } else if (c == '[') {
      const std::size_t end = std::min(code.find(']', i), code.size());
      const std::string_view inside = code.substr(i + 1, end - i - 1);
      if (!inside.empty() && inside.find_first_not_of("hmsHMS") == std::string_view::npos) return true;
      i = end;
    } else if (std::string_view("ymdhsYMDHS").find(c) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::optional<std::string> date_text(double serial, bool system_1904) {
  if (!(serial >= 0 && serial < 2'958'466)) return std::nullopt;  // up to 9999-12-31
  auto days = static_cast<std::int64_t>(std::floor(serial));
  auto seconds = static_cast<int>(std::lround((serial - std::floor(serial)) * 86'400));
  if (seconds == 86'400) seconds = 0, ++days;
  if (days == 0 && seconds > 0 && !system_1904) return clock_text(seconds);
  if (days == 0 && !system_1904) return "00:00:00";
  return day_text(days, system_1904) + (seconds == 0 ? "" : " " + clock_text(seconds));
}

std::string number_text(std::string_view stored) {
  double number = 0;
  const auto read = std::from_chars(stored.data(), stored.data() + stored.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == stored.data() + stored.size() &&
                     std::floor(number) == number && std::fabs(number) < 1e15;
  if (!whole || stored.find_first_of(".eE") == std::string_view::npos) return std::string(stored);
  return std::to_string(static_cast<std::int64_t>(number));
}

std::string unescaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int unit = text[i] == '_' ? escaped_unit(text, i) : -1;
    if (unit < 0) {
      out += text[i];
    } else {
      append_utf8(out, unit);
      i += 6;
    }
  }
  return out;
}

std::optional<std::size_t> column_of(std::string_view cell) {
  std::size_t column = 0;
  std::size_t letters = 0;
  while (letters < cell.size() && cell[letters] >= 'A' && cell[letters] <= 'Z' && letters < 4)
    column = column * 26 + static_cast<std::size_t>(cell[letters++] - 'A') + 1;
  if (letters == 0 || letters > 3) return std::nullopt;
  return column - 1;
}

std::string column_name(std::size_t column) {
  std::string name;
  for (std::size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26)
    name.insert(name.begin(), static_cast<char>('A' + (rest - 1) % 26));
  return name;
}

}  // namespace huiliu::table
