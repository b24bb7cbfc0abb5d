// beijing_time.hpp - the vendor's times are Beijing's, without a zone, to the second. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace yonyou {

/// "2024-06-01 08:00:00"
std::string beijing_text(std::int64_t unix_seconds);
/// Reads "2024-06-01 08:00:00", with a T, with a fraction, or a date alone. nullopt: no time.
std::optional<std::int64_t> beijing_seconds(std::string_view text);
/// An HTTP Date header as Unix seconds; nullopt when it is none.
std::optional<std::int64_t> http_date(std::string_view text);

// ---- How ----

namespace detail {

inline constexpr std::int64_t offset_seconds = 8 * 3600;

/// Digits [at, at + size) of text; -1 when one is none.
inline int number_in(std::string_view text, std::size_t at, std::size_t size) {
  if (text.size() < at + size) return -1;
  int value = 0;
  for (const char c : text.substr(at, size)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

inline std::optional<std::int64_t> seconds_of(int y, int mo, int d, int h, int mi, int s) {
  using namespace std::chrono;
  if (y < 0 || mo < 1 || d < 1 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60)
    return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return std::nullopt;
  return (sys_days{date} + hours{h} + minutes{mi} + seconds{s}).time_since_epoch() / seconds{1};
}

}  // namespace detail

inline std::string beijing_text(std::int64_t unix_seconds) {
  using namespace std::chrono;
  const sys_seconds at{seconds{unix_seconds + detail::offset_seconds}};
  const sys_days day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

inline std::optional<std::int64_t> beijing_seconds(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int h = 0, m = 0, s = 0;
  if (text.size() > 10) {
    if (text.size() < 19 || (text[10] != ' ' && text[10] != 'T')) return std::nullopt;
    h = detail::number_in(text, 11, 2), m = detail::number_in(text, 14, 2),
    s = detail::number_in(text, 17, 2);
  }
  const auto local = detail::seconds_of(detail::number_in(text, 0, 4), detail::number_in(text, 5, 2),
                                        detail::number_in(text, 8, 2), h, m, s);
  if (!local) return std::nullopt;
  return *local - detail::offset_seconds;
}

inline std::optional<std::int64_t> http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
  if (month == months.end()) return std::nullopt;
  return detail::seconds_of(detail::number_in(text, 12, 4), static_cast<int>(month - months.begin()) + 1,
                            detail::number_in(text, 5, 2), detail::number_in(text, 17, 2),
                            detail::number_in(text, 20, 2), detail::number_in(text, 23, 2));
}

}  // namespace yonyou
