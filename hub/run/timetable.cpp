#include "hub/run/timetable.hpp"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "hub/model/id.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;
using std::chrono::microseconds;

constexpr int left_out_max = 20'000;  // fires in a row that a calendar may leave out

const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

date::sys_time<microseconds> moment(Micros at) { return date::sys_time<microseconds>{microseconds{at}}; }

// The window of one weekly off-time that begins on the local day; nullopt: none begins there.
std::optional<std::pair<Micros, Micros>> window_on(const config::OffTime& off, const date::time_zone& zone,
                                                   date::local_days day) {
  if ((off.days >> date::weekday{day}.c_encoding() & 1U) == 0) return std::nullopt;
  const auto instant = [&](date::local_days on, int minute) {
    const auto local = on + std::chrono::minutes{minute};
    return std::chrono::duration_cast<microseconds>(
               zone.to_sys(local, date::choose::earliest).time_since_epoch())
        .count();
  };
  const bool over_midnight = off.to_minute <= off.from_minute;
  return std::pair(instant(day, off.from_minute),
                   instant(over_midnight ? day + date::days{1} : day, off.to_minute));
}

std::optional<Micros> weekly_until(const config::OffTime& off, Micros at) {
  const date::time_zone* zone = find_zone(off.time_zone);
  if (zone == nullptr) return std::nullopt;  // refused when the configuration is loaded
  const auto today = date::floor<date::days>(zone->to_local(moment(at)));
  for (const int back : {1, 0})
    if (const auto window = window_on(off, *zone, today - date::days{back}))
      if (window->first <= at && at < window->second) return window->second;
  return std::nullopt;
}

}  // namespace

const char* to_string(Effect effect) noexcept {
  switch (effect) {
    case Effect::clock_skipped:
      return "clock_skipped";
    case Effect::clock_doubled:
      return "clock_doubled";
    case Effect::holiday:
      return "holiday";
    case Effect::makeup_workday:
      return "makeup_workday";
    case Effect::days_unknown:
      return "days_unknown";
    case Effect::jittered:
      return "jittered";
    case Effect::off_time:
      return "off_time";
  }
  return "";
}

Result<Timetable> Timetable::compile(const config::ScheduleConfig& schedule, const config::Calendar* calendar,
                                     std::string_view salt) {
  Timetable table;
  table.zone_ = schedule.time_zone;
  table.salt_ = model::hash64(salt);
  table.jitter_ = schedule.jitter_seconds * model::second;
  table.on_ = schedule.on;
  if (calendar != nullptr) table.calendar_ = std::make_shared<const config::Calendar>(*calendar);
  const auto dst = dst_policy_from(schedule.dst);
  if (!dst)
    return make_error(ErrorClass::config,
                      "a DST policy is once, skip, twice or shift, not \"" + schedule.dst + "\"", "/dst");
  table.dst_ = *dst;
  if (find_zone(schedule.time_zone) == nullptr)
    return make_error(ErrorClass::config, "there is no time zone \"" + schedule.time_zone + "\"",
                      "/time_zone");
  if (!schedule.cron.empty()) {
    auto cron = Cron::parse(schedule.cron);
    if (!cron.ok()) {
      model::Error error = cron.error();
      error.where = "/cron";
      return error;
    }
    table.cron_ = std::move(*cron);
  }
  const Micros period = schedule.every_seconds * model::second;
  (schedule.from_end ? table.from_end_ : table.period_) = period;
  table.anchor_ = schedule.anchor;
  return table;
}

std::optional<Micros> Timetable::written_after(Micros after) const {
  if (period_ > 0) {
    const Micros since = after - anchor_;
    const Micros beats = since >= 0 ? since / period_ : -((-since + period_ - 1) / period_);
    return anchor_ + (beats + 1) * period_;
  }
  if (!cron_) return std::nullopt;
  const auto next = cron_->next(after, zone_, dst_);
  return next.ok() ? *next : std::nullopt;
}

Fire Timetable::decorate(Micros written) const {
  Fire fire{written, written, false, {}};
  const date::time_zone& zone = *find_zone(zone_);
  const auto local = zone.to_local(moment(written));
  if (cron_) {
    const auto info = zone.get_info(local);
    if (info.result == date::local_info::ambiguous) fire.effects.push_back(Effect::clock_doubled);
    // As if the local time were UTC: does the expression name it? If not, a clock change moved the fire here.
    const Micros as_utc = std::chrono::duration_cast<microseconds>(local.time_since_epoch()).count();
    const auto same = cron_->next(as_utc - 1, "Etc/UTC", DstPolicy::once);
    if (!same.ok() || *same != as_utc) fire.effects.push_back(Effect::clock_skipped);
  }
  if (calendar_ != nullptr) {
    const auto day = date::floor<date::days>(local);
    const unsigned weekday = date::weekday{day}.c_encoding();
    const std::string text = date::format("%F", day);
    const bool work = config::is_workday(*calendar_, text, weekday);
    if (calendar_->holidays.contains(text)) fire.effects.push_back(Effect::holiday);
    if (work && (weekday == 0 || weekday == 6)) fire.effects.push_back(Effect::makeup_workday);
    const int year = static_cast<int>(date::year_month_day{day}.year());
    if (!calendar_->covers.empty() && !calendar_->covers.contains(year))
      fire.effects.push_back(Effect::days_unknown);
    fire.left_out = (on_ == config::OnDays::workdays && !work) || (on_ == config::OnDays::holidays && work);
  }
  if (jitter_ > 0) {
    const std::uint64_t dice = model::hash64(std::to_string(written), salt_);
    fire.at += static_cast<Micros>(dice % static_cast<std::uint64_t>(jitter_));
    if (fire.at != written) fire.effects.push_back(Effect::jittered);
  }
  return fire;
}

std::optional<Fire> Timetable::next(Micros after, bool left_out) const {
  for (int i = 0; i < left_out_max; ++i) {
    const auto written = written_after(after);
    if (!written) return std::nullopt;
    Fire fire = decorate(*written);
    if (left_out || !fire.left_out) return fire;
    after = *written;
  }
  return std::nullopt;
}

std::optional<OffNow> off_at(const std::vector<config::OffTime>& times, Micros at) {
  OffNow found;
  Micros end = at;
  bool again = true;
  while (again) {  // windows that touch are one
    again = false;
    for (const config::OffTime& off : times) {
      std::optional<Micros> until;
      if (off.until > 0) {
        if (off.from <= end && end < off.until) until = off.until;
      } else {
        until = weekly_until(off, end);
      }
      if (!until || *until <= end) continue;
      if (end == at) found.reason = off.reason, found.skip = off.skip;
      end = *until;
      again = end - at < 400LL * 24 * 3600 * model::second;  // off for ever, in weekly pieces
    }
  }
  if (end == at) return std::nullopt;
  found.until = end;
  return found;
}

Status check_off_times(const std::vector<config::OffTime>& times) {
  for (std::size_t i = 0; i < times.size(); ++i)
    if (find_zone(times[i].time_zone) == nullptr)
      return make_error(ErrorClass::config, "there is no time zone \"" + times[i].time_zone + "\"",
                        "/off_times/" + std::to_string(i));
  return {};
}

std::string zone_database_version() {
  // Debian keeps it in the first line of the text form: "# version 2024a".
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  const std::string head = "# version ";
  if (std::string line; std::getline(file, line) && line.starts_with(head)) return line.substr(head.size());
  try {
    return date::get_tzdb().version;
  } catch (const std::runtime_error&) {
    return {};
  }
}

}  // namespace huiliu::run
