#include "plugins/kingdee/src/local_time.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <utility>

namespace kingdee {
namespace {

constexpr std::pair<std::string_view, std::int64_t> named_zones[] = {
    {"Asia/Shanghai", 8 * 3600},
    {"Asia/Chongqing", 8 * 3600},
    {"PRC", 8 * 3600},
    {"Asia/Hong_Kong", 8 * 3600},
    {"Asia/Macau", 8 * 3600},
    {"Asia/Taipei", 8 * 3600},
    {"Asia/Singapore", 8 * 3600},
    {"Asia/Urumqi", 6 * 3600},
    {"Asia/Ho_Chi_Minh", 7 * 3600},
    {"Asia/Bangkok", 7 * 3600},
    {"Asia/Tokyo", 9 * 3600},
    {"UTC", 0},
    {"Etc/UTC", 0},
    {"Z", 0},
};

/// Digits text[at, at+size) as a number; nullopt when there are none.
std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t size) {
  if (at + size > text.size()) return std::nullopt;
  int number = 0;
  const char* end = text.data() + at + size;
  const auto [stop, error] = std::from_chars(text.data() + at, end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

std::optional<std::int64_t> days_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

/// "hh:mm:ss" at `at` as seconds of the day.
std::optional<std::int64_t> clock_at(std::string_view text, std::size_t at) {
  const auto hour = digits_at(text, at, 2), minute = digits_at(text, at + 3, 2),
             second = digits_at(text, at + 6, 2);
  if (!hour || !minute || !second || text[at + 2] != ':' || text[at + 5] != ':') return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

}  // namespace

std::optional<SiteZone> SiteZone::parse(std::string_view name) {
  for (const auto& [known, offset] : named_zones)
    if (known == name) return SiteZone(offset);
  if (name.size() == 6 && (name[0] == '+' || name[0] == '-') && name[3] == ':') {
    const auto hours = digits_at(name, 1, 2), minutes = digits_at(name, 4, 2);
    if (hours && minutes && *hours <= 14 && *minutes < 60)
      return SiteZone((*hours * 3600 + *minutes * 60) * (name[0] == '-' ? -1 : 1));
  }
  return std::nullopt;
}

std::string SiteZone::local_text(std::int64_t unix_seconds) const {
  const std::chrono::sys_seconds local{std::chrono::seconds(unix_seconds + offset_seconds_)};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date(day);
  const auto rest = (local - day).count();
  char text[32];
  const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d",
                                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), static_cast<int>(rest / 3600),
                                 static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return std::string(text, static_cast<std::size_t>(size));
}

std::optional<std::int64_t> SiteZone::unix_seconds(std::string_view local) const {
  const auto year = digits_at(local, 0, 4), month = digits_at(local, 5, 2), day = digits_at(local, 8, 2);
  if (!year || !month || !day || local[4] != '-' || local[7] != '-') return std::nullopt;
  const auto days = days_of(*year, *month, *day);
  if (!days) return std::nullopt;
  std::int64_t seconds = 0;
  if (local.size() > 10) {
    const auto clock = clock_at(local, 11);
    if (!clock || (local[10] != 'T' && local[10] != ' ')) return std::nullopt;
    seconds = *clock;
  }
  return *days * 86400 + seconds - offset_seconds_;
}

bool is_unset_date(std::string_view local) { return local.substr(0, 10) <= std::string_view("1900-01-01"); }

std::optional<std::int64_t> http_date(std::string_view text) {
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  // "Sun, 06 Nov 1994 08:49:37 GMT"
  if (text.size() != 29 || text.substr(25) != " GMT") return std::nullopt;
  const std::size_t month = months.find(text.substr(8, 3));
  const auto day = digits_at(text, 5, 2), year = digits_at(text, 12, 4);
  const auto clock = clock_at(text, 17);
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !clock) return std::nullopt;
  const auto days = days_of(*year, static_cast<int>(month / 3) + 1, *day);
  if (!days) return std::nullopt;
  return *days * 86400 + *clock;
}

}  // namespace kingdee
