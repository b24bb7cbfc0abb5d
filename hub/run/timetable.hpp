// When a schedule fires, and what clock changes, calendars and jitter do to it. Pure: time comes in as an
// argument. Immutable; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/config/calendar.hpp"
#include "hub/config/schedule.hpp"
#include "hub/run/cron.hpp"

namespace huiliu::run {

enum class Effect {
  clock_skipped,   // a clock change skipped the written time; this is where it goes instead
  clock_doubled,   // the local time exists twice
  holiday,         // a day off by the calendar
  makeup_workday,  // a weekend day that is worked
  days_unknown,    // the calendar does not cover this year
  jittered,        // later than written, on purpose
  off_time,        // the system is left alone then
};
const char* to_string(Effect effect) noexcept;

struct Fire {
  model::Micros written = 0;  // as the schedule says; fires are told apart by it
  model::Micros at = 0;       // with jitter
  bool left_out = false;      // by the calendar: shown in previews, never run
  std::vector<Effect> effects;
};

class Timetable {
 public:
  // `calendar` may be null; `salt` (the job's name) decides the jitter. Errors (config): the cron expression,
  // the zone, the DST policy.
  static model::Result<Timetable> compile(const config::ScheduleConfig& schedule,
                                          const config::Calendar* calendar, std::string_view salt);

  // The first fire written strictly after; nullopt: none within forty years, or none by time at all. With
  // `left_out`, fires that the calendar leaves out are shown too.
  std::optional<Fire> next(model::Micros after, bool left_out = false) const;
  // An interval that begins when the last run ended: how long; 0: it does not.
  model::Micros from_end() const noexcept { return from_end_; }

 private:
  std::optional<model::Micros> written_after(model::Micros after) const;
  Fire decorate(model::Micros written) const;

  std::optional<Cron> cron_;
  DstPolicy dst_ = DstPolicy::once;
  std::string zone_;
  model::Micros period_ = 0, anchor_ = 0, from_end_ = 0, jitter_ = 0;
  std::uint64_t salt_ = 0;
  config::OnDays on_ = config::OnDays::any;
  std::shared_ptr<const config::Calendar> calendar_;
};

// Is the moment within one of these times? Until when (of all that overlap or follow on without a gap); of a
// weekly one the end of today's. nullopt: no.
struct OffNow {
  model::Micros until = 0;
  bool skip = false;  // what falls into it is left out
  std::string reason;
};
std::optional<OffNow> off_at(const std::vector<config::OffTime>& times, model::Micros at);
// Error (config): an unknown zone.
model::Status check_off_times(const std::vector<config::OffTime>& times);

// Of the system's database: "2024a". "" when it does not say.
std::string zone_database_version();

}  // namespace huiliu::run
