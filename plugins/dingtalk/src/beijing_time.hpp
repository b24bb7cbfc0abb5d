// DingTalk's CRM shows times as "yyyy-MM-dd HH:mm:ss" in Beijing time (UTC+8, no daylight saving), without
// saying so. Pure, any thread. Shared with the twin.
#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dingtalk {

inline constexpr std::int64_t kBeijingOffsetSeconds = 8 * 3600;

// Seconds since 1970-01-01T00:00:00Z as Beijing wall time; to whole seconds.
inline std::string beijing_text(std::int64_t unix_seconds) {
  using namespace std::chrono;
  const sys_seconds local{seconds{unix_seconds + kBeijingOffsetSeconds}};
  const sys_days day = floor<days>(local);
  const year_month_day date{day};
  const hh_mm_ss clock{local - day};
  const auto digits = [](long long value, std::size_t width) {
    std::string text = std::to_string(value);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
  };
  return digits(int{date.year()}, 4) + "-" + digits(unsigned{date.month()}, 2) + "-" +
         digits(unsigned{date.day()}, 2) + " " + digits(clock.hours().count(), 2) + ":" +
         digits(clock.minutes().count(), 2) + ":" + digits(clock.seconds().count(), 2);
}

// The reverse. A `T` between date and time and trailing decimals are tolerated; anything else is nothing.
inline std::optional<std::int64_t> parse_beijing(std::string_view text) {
  using namespace std::chrono;
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') ||
      text[13] != ':' || text[16] != ':' || (text.size() > 19 && text[19] != '.'))
    return std::nullopt;
  static constexpr std::array<std::array<std::size_t, 2>, 6> kParts{
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  std::array<int, 6> value{};
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const std::string_view part = text.substr(kParts[i][0], kParts[i][1]);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value[i]);
    if (error != std::errc{} || end != part.data() + part.size() || value[i] < 0) return std::nullopt;
  }
  const year_month_day date{year{value[0]}, month{static_cast<unsigned>(value[1])},
                            day{static_cast<unsigned>(value[2])}};
  if (!date.ok() || value[3] > 23 || value[4] > 59 || value[5] > 59) return std::nullopt;
  const sys_seconds local = sys_days{date} + hours{value[3]} + minutes{value[4]} + seconds{value[5]};
  return local.time_since_epoch().count() - kBeijingOffsetSeconds;
}

}  // namespace dingtalk
