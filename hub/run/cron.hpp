// Cron expressions: five fields (minute hour day month weekday) or six with seconds in front; names (JAN,
// MON), ranges, steps, lists, L, W and #, and @hourly … @yearly. Weekdays as Unix counts them (0 and 7 are
// Sunday). When both day fields are set (neither begins with *), a day that fits either fires.
//
// Expressions speak of local time in a zone of the system's database; clock changes are settled by a stated
// policy. Immutable; any thread. Zone data of the date library end in 2037.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/time.hpp"

namespace huiliu::run {

// What happens to a local time that a clock change skips or doubles.
enum class DstPolicy {
  once,   // skipped: at the first instant after the gap; doubled: the first of the two (the default)
  skip,   // skipped: not at all; doubled: the first
  twice,  // skipped: at the first instant after the gap; doubled: both
  shift,  // skipped: later by the length of the gap; doubled: the first
};
std::optional<DstPolicy> dst_policy_from(std::string_view name) noexcept;

class Cron {
 public:
  // Errors: class config; the message names the field and what is allowed there.
  static model::Result<Cron> parse(std::string_view expression);

  // The first fire strictly after `after`; nullopt when there is none within forty years.
  // Error (class config): unknown zone.
  model::Result<std::optional<model::Micros>> next(model::Micros after, const std::string& zone,
                                                   DstPolicy policy = DstPolicy::once) const;

 private:
  struct DayRule {
    enum class Kind {
      day,
      last,
      last_weekday,
      nearest_weekday,
      nth_weekday,
      last_of_weekday
    } kind = Kind::day;
    int value = 0;  // day of month, offset before the last day, or weekday 0-6
    int nth = 0;
  };
  friend class CronParser;
  friend class CronSearch;

  std::bitset<60> seconds_, minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;
  std::bitset<13> months_;
  std::bitset<7> weekdays_;
  std::vector<DayRule> day_rules_, weekday_rules_;  // beyond plain numbers
  bool any_day_ = false, any_weekday_ = false;      // the field begins with * or is ?
};

// "2026-03-01T08:00:00+08:00": the instant in a zone's local time.
model::Result<std::string> to_zoned(model::Micros time, const std::string& zone);

}  // namespace huiliu::run
