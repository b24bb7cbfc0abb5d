#include "hub/mapping/zones.hpp"

#include <vector>

#include "hub/normalize/calendar.hpp"

namespace huiliu::mapping {
namespace {

constexpr model::Micros minute = 60 * model::second;
constexpr model::Micros day = 1440 * minute;

std::int64_t floor_days(model::Micros moment) {
  return moment >= 0 ? moment / day : -((-moment + day - 1) / day);
}

// The day (since 1970) of the nth Sunday of a month; n = -1: the last one.
std::int64_t sunday(int year, int month, int n) {
  const auto is_sunday_offset = [](std::int64_t days) { return ((days % 7) + 7 + 4) % 7; };  // 0: Sunday
  if (n < 0) {
    const std::int64_t last = normalize::days_from_date(year, month, normalize::days_in_month(year, month));
    return last - is_sunday_offset(last);
  }
  const std::int64_t first = normalize::days_from_date(year, month, 1);
  return first + (7 - is_sunday_offset(first)) % 7 + 7 * (n - 1);
}

std::optional<int> numeric_offset(std::string_view text) {
  if (text == "UTC" || text == "Z" || text == "GMT") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  int parts[2] = {0, 0};
  for (int i = 0; i < 2; ++i)
    for (int k = 0; k < 2; ++k) {
      const char c = text[static_cast<std::size_t>(1 + 3 * i + k)];
      if (c < '0' || c > '9') return std::nullopt;
      parts[i] = parts[i] * 10 + (c - '0');
    }
  if (parts[0] > 14 || parts[1] > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (parts[0] * 60 + parts[1]);
}

}  // namespace

struct Zone::Known {
  std::string_view name;
  int offset;
  Summer summer;
};

std::span<const Zone::Known> Zone::known() {
  static constexpr Known zones[] = {
      {"Asia/Shanghai", 480, Summer::none},
      {"Asia/Hong_Kong", 480, Summer::none},
      {"Asia/Taipei", 480, Summer::none},
      {"Asia/Macau", 480, Summer::none},
      {"Asia/Singapore", 480, Summer::none},
      {"Asia/Tokyo", 540, Summer::none},
      {"Asia/Seoul", 540, Summer::none},
      {"Asia/Bangkok", 420, Summer::none},
      {"Asia/Ho_Chi_Minh", 420, Summer::none},
      {"Asia/Jakarta", 420, Summer::none},
      {"Asia/Kolkata", 330, Summer::none},
      {"Asia/Dubai", 240, Summer::none},
      {"Asia/Urumqi", 360, Summer::none},
      {"Europe/Moscow", 180, Summer::none},
      {"America/Sao_Paulo", -180, Summer::none},
      {"Australia/Brisbane", 600, Summer::none},
      {"Europe/London", 0, Summer::european},
      {"Europe/Dublin", 0, Summer::european},
      {"Europe/Lisbon", 0, Summer::european},
      {"Europe/Berlin", 60, Summer::european},
      {"Europe/Paris", 60, Summer::european},
      {"Europe/Madrid", 60, Summer::european},
      {"Europe/Rome", 60, Summer::european},
      {"Europe/Amsterdam", 60, Summer::european},
      {"Europe/Brussels", 60, Summer::european},
      {"Europe/Vienna", 60, Summer::european},
      {"Europe/Zurich", 60, Summer::european},
      {"Europe/Warsaw", 60, Summer::european},
      {"Europe/Prague", 60, Summer::european},
      {"Europe/Stockholm", 60, Summer::european},
      {"Europe/Athens", 120, Summer::european},
      {"Europe/Helsinki", 120, Summer::european},
      {"America/New_York", -300, Summer::american},
      {"America/Toronto", -300, Summer::american},
      {"America/Chicago", -360, Summer::american},
      {"America/Denver", -420, Summer::american},
      {"America/Los_Angeles", -480, Summer::american},
      {"America/Vancouver", -480, Summer::american},
  };
  return zones;
}

std::optional<Zone> Zone::find(std::string_view name) {
  if (const auto offset = numeric_offset(name)) return fixed(*offset);
  for (const Known& zone : known())
    if (zone.name == name) return Zone(zone.offset, zone.summer);
  return std::nullopt;
}

std::span<const std::string_view> Zone::names() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> names{"UTC"};
    for (const Known& zone : known()) names.push_back(zone.name);
    return names;
  }();
  return all;
}

bool Zone::is_summer(model::Micros moment) const {
  if (summer_ == Summer::none) return false;
  const int year = normalize::date_from_days(floor_days(moment)).year;
  if (summer_ == Summer::european) {  // at 01:00 UTC everywhere
    const model::Micros hour = 60 * minute;
    return moment >= sunday(year, 3, -1) * day + hour && moment < sunday(year, 10, -1) * day + hour;
  }
  // At 02:00 of the clock that is in force before the change.
  const model::Micros standard = moment + offset_ * minute;
  return standard >= sunday(year, 3, 2) * day + 120 * minute &&
         standard < sunday(year, 11, 1) * day + 60 * minute;
}

int Zone::offset_at(model::Micros moment) const { return offset_ + (is_summer(moment) ? 60 : 0); }

model::Micros Zone::to_utc(model::Micros local) const {
  const model::Micros standard = local - offset_ * minute;
  const model::Micros summer = standard - 60 * minute;
  return is_summer(summer) ? summer : standard;
}

}  // namespace huiliu::mapping
