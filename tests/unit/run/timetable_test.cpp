// When schedules fire: against a slow oracle that knows clock changes from the C library, and against the
// Chinese holidays.
#include "hub/run/timetable.hpp"

#include <date/tz.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>

#include "hub/config/yaml.hpp"
#include "hub/model/id.hpp"
#include "tests/support/sanitized.hpp"

namespace huiliu::run {
namespace timetable_test {

using model::Micros;
using model::second;

constexpr Micros minute = 60 * second;

// --- the oracle: every minute of a stretch, in local time as the C library tells it
// ------------------------------------------

struct Wall {
  int year, month, day, hour, minute, weekday;
  auto operator<=>(const Wall&) const = default;
};

Wall wall_of(Micros at) {
  const std::time_t seconds = at / second;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return {local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_wday};
}

// The wall clock a minute later, by the calendar alone.
Wall next_wall(Wall wall) {
  std::tm tm{};
  tm.tm_year = wall.year - 1900;
  tm.tm_mon = wall.month - 1;
  tm.tm_mday = wall.day;
  tm.tm_hour = wall.hour;
  tm.tm_min = wall.minute + 1;
  const std::time_t seconds = ::timegm(&tm);
  ::gmtime_r(&seconds, &tm);
  return {tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_wday};
}

struct Rule {
  std::set<int> minutes, hours, weekdays;
  bool fits(const Wall& wall) const {
    return minutes.contains(wall.minute) && hours.contains(wall.hour) &&
           (weekdays.empty() || weekdays.contains(wall.weekday));
  }
  std::string cron() const {
    const auto list = [](const std::set<int>& numbers) {
      std::string out;
      for (const int number : numbers) out += (out.empty() ? "" : ",") + std::to_string(number);
      return out.empty() ? "*" : out;
    };
    return list(minutes) + " " + list(hours) + " * * " + list(weekdays);
  }
};

// The policies, spelled out. Each wall minute that fits fires at its first instant, under `twice` at each of
// its instants. One that never comes fires when the clock first shows a later time; under `skip` not at all;
// under `shift` as much later as it would have come later, had the clock gone on.
using Fires = std::map<DstPolicy, std::set<Micros>>;
constexpr DstPolicy policies[] = {DstPolicy::once, DstPolicy::skip, DstPolicy::twice, DstPolicy::shift};

Fires oracle(const Rule& rule, Micros from, Micros to) {
  Fires fires;
  const auto add = [&](DstPolicy policy, Micros at) {
    if (at > from && at <= to) fires[policy].insert(at);
  };
  const Micros begin = (from / minute - 26 * 60) * minute;
  Wall expected = wall_of(begin);
  for (Micros at = begin; at <= to; at += minute) {
    const Wall now = wall_of(at);
    if (now < expected) {  // a time that was there before
      if (rule.fits(now)) add(DstPolicy::twice, at);
      continue;
    }
    for (Micros later = 0; expected < now; expected = next_wall(expected), later += minute)
      if (rule.fits(expected)) {  // skipped by a clock change
        add(DstPolicy::once, at);
        add(DstPolicy::twice, at);
        add(DstPolicy::shift, at + later);
      }
    if (rule.fits(now))
      for (const DstPolicy policy : policies) add(policy, at);
    expected = next_wall(now);
  }
  return fires;
}

class Zone {
 public:
  explicit Zone(const std::string& name) {
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
  }
  ~Zone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

TEST(Timetable, AgreesWithASlowOracleInEveryZoneUnderEveryPolicy) {
  model::SeededRandom dice(20260301);
  int zones = 0, changes = 0;
  const auto begin = date::sys_days{date::year{2024} / 1 / 1}, end = date::sys_days{date::year{2027} / 1 / 1};
  for (const date::time_zone& zone : date::get_tzdb().zones) {
    ++zones;
    if (tests::sanitized && zones % 3 != 0) continue;
    const Zone set(zone.name());
    std::vector<Micros> moments = {1'750'000'000 * second};  // an ordinary day, and every clock change
    for (date::sys_seconds at = begin; at < end;) {
      const auto info = zone.get_info(at);
      if (info.end >= end) break;
      at = info.end;
      moments.push_back(at.time_since_epoch().count() * second);
    }
    for (const Micros moment : moments) {
      ++changes;
      {
        Rule rule;
        for (int n = 0; n < 3; ++n) rule.minutes.insert(static_cast<int>(dice.next() % 60));
        for (int n = 0; n < 6; ++n) rule.hours.insert(static_cast<int>(dice.next() % (n < 3 ? 4 : 24)));
        if (dice.next() % 2 == 0)
          for (int n = 0; n < 4; ++n) rule.weekdays.insert(static_cast<int>(dice.next() % 7));
        const Micros from = moment - 18 * 60 * minute, to = moment + 18 * 60 * minute;
        const auto cron = Cron::parse(rule.cron());
        ASSERT_TRUE(cron.ok()) << rule.cron();
        Fires expected = oracle(rule, from, to);
        for (const DstPolicy policy : policies) {
          std::set<Micros> found;
          for (Micros at = from;;) {
            const auto next = cron->next(at, zone.name(), policy);
            ASSERT_TRUE(next.ok()) << zone.name();
            if (!*next || **next > to) break;
            found.insert(at = **next);
          }
          ASSERT_EQ(found, expected[policy])
              << zone.name() << " " << rule.cron() << " policy " << static_cast<int>(policy) << " from "
              << model::to_rfc3339(from);
        }
      }
    }
  }
  EXPECT_GT(zones, 300);
  EXPECT_GT(changes, tests::worlds(600));
}

// --- calendars, effects, intervals
// ---------------------------------------------------------------------------------------------

config::Calendar china() {
  const auto document =
      config::read_yaml(std::string(HUILIU_SOURCE_DIR) + "/config/calendars/china.yaml", "china.yaml");
  EXPECT_TRUE(document.ok());
  const model::Schema none;
  const auto calendar = config::read_calendar("china", document->value, none, true);
  EXPECT_TRUE(calendar.ok()) << (calendar.ok() ? "" : calendar.error().text());
  return *calendar;
}

Timetable table_of(const std::string& yaml, const config::Calendar* calendar = nullptr) {
  const auto document = config::parse_yaml(yaml, "schedule");
  EXPECT_TRUE(document.ok());
  const auto schedule = config::read_schedule(document->value, "");
  EXPECT_TRUE(schedule.ok()) << (schedule.ok() ? "" : schedule.error().text());
  auto table = Timetable::compile(*schedule, calendar, "job");
  EXPECT_TRUE(table.ok()) << (table.ok() ? "" : table.error().text());
  return std::move(*table);
}

std::vector<std::string> days(const Timetable& table, const std::string& from, int count) {
  std::vector<std::string> found;
  Micros at = *model::parse_rfc3339(from);
  while (static_cast<int>(found.size()) < count) {
    const auto fire = table.next(at);
    if (!fire) break;
    at = fire->written;
    found.push_back(to_zoned(fire->at, "Asia/Shanghai")->substr(0, 10));
  }
  return found;
}
using Days = std::vector<std::string>;

TEST(Timetable, KnowsChineseWorkdays) {
  const config::Calendar calendar = china();
  const Timetable work = table_of("{cron: \"0 9 * * *\", calendar: china}", &calendar);
  EXPECT_EQ(days(work, "2026-02-13T00:00:00+08:00", 4),
            (Days{"2026-02-13", "2026-02-14", "2026-02-24", "2026-02-25"}))
      << "Spring Festival, and the Saturday that is worked for it";
  EXPECT_EQ(days(work, "2025-09-30T00:00:00+08:00", 4),
            (Days{"2025-09-30", "2025-10-09", "2025-10-10", "2025-10-11"}));
  const Timetable rest = table_of("{cron: \"0 9 * * *\", calendar: china, on: holidays}", &calendar);
  EXPECT_EQ(days(rest, "2026-10-07T00:00:00+08:00", 3), (Days{"2026-10-07", "2026-10-11", "2026-10-17"}));
  const auto fire = work.next(*model::parse_rfc3339("2026-02-14T00:00:00+08:00"));
  EXPECT_EQ(fire->effects, std::vector<Effect>{Effect::makeup_workday});
  const auto shown = work.next(*model::parse_rfc3339("2026-02-16T00:00:00+08:00"), true);
  EXPECT_TRUE(shown->left_out);
  EXPECT_EQ(shown->effects, std::vector<Effect>{Effect::holiday});
  const auto later = work.next(*model::parse_rfc3339("2031-03-03T00:00:00+08:00"));
  EXPECT_EQ(later->effects, std::vector<Effect>{Effect::days_unknown});
  for (const std::string& day : calendar.workdays) {
    const auto at = date::sys_days{date::floor<date::days>(date::sys_time<std::chrono::microseconds>{
        std::chrono::microseconds{*model::parse_rfc3339(day + "T12:00:00Z")}})};
    const unsigned weekday = date::weekday{at}.c_encoding();
    EXPECT_TRUE(weekday == 0 || weekday == 6) << day << " is no weekend day";
    EXPECT_FALSE(calendar.holidays.contains(day)) << day;
  }
}

TEST(Timetable, MarksWhatAClockChangeDoes) {
  const Timetable table = table_of("{cron: \"30 1,2 * * *\", time_zone: America/New_York}");
  const auto gap = table.next(*model::parse_rfc3339("2026-03-08T01:45:00-05:00"));
  EXPECT_EQ(model::to_rfc3339(gap->at), "2026-03-08T07:00:00Z");
  EXPECT_EQ(gap->effects, std::vector<Effect>{Effect::clock_skipped});
  const auto doubled = table.next(*model::parse_rfc3339("2026-11-01T00:00:00-04:00"));
  EXPECT_EQ(doubled->effects, std::vector<Effect>{Effect::clock_doubled});
  EXPECT_TRUE(table.next(*model::parse_rfc3339("2026-06-01T00:00:00-04:00"))->effects.empty());
}

TEST(Timetable, IntervalsKeepTheirBeatAndJitterItsPlace) {
  const Timetable anchored = table_of("{every: 7h, anchor: \"2026-01-01T03:00:00Z\"}");
  EXPECT_EQ(model::to_rfc3339(anchored.next(*model::parse_rfc3339("2026-01-01T03:00:00Z"))->at),
            "2026-01-01T10:00:00Z");
  EXPECT_EQ(model::to_rfc3339(anchored.next(*model::parse_rfc3339("2025-12-31T21:00:00Z"))->at),
            "2026-01-01T03:00:00Z");
  EXPECT_EQ(table_of("{every: 7h, anchor: end}").from_end(), 7 * 3600 * second);
  const Timetable jittered = table_of("{every: 10m, jitter: 2m}");
  Micros at = 1'800'000'000 * second, moved = 0;
  for (int i = 0; i < 200; ++i) {
    const auto fire = jittered.next(at);
    EXPECT_GE(fire->at, fire->written);
    EXPECT_LT(fire->at, fire->written + 2 * minute);
    EXPECT_EQ(fire->at, jittered.next(at)->at) << "the same fire, the same place";
    moved += fire->at > fire->written ? 1 : 0;
    at = fire->written;
  }
  EXPECT_GT(moved, 180);
}

TEST(Timetable, OffTimesOverMidnightAndOnesThatTouch) {
  const auto off = [](const std::string& yaml) {
    const auto times = config::read_off_times(config::parse_yaml(yaml, "off")->value, "");
    EXPECT_TRUE(times.ok()) << (times.ok() ? "" : times.error().text());
    return *times;
  };
  const auto at = [](const char* text) { return *model::parse_rfc3339(text); };
  const auto night =
      off("[{days: FRI, from: \"22:00\", to: \"06:00\", reason: upgrade}]");  // 2026-03-06 is a Friday
  EXPECT_FALSE(off_at(night, at("2026-03-06T21:59:59+08:00")));
  EXPECT_EQ(off_at(night, at("2026-03-07T01:00:00+08:00"))->until, at("2026-03-07T06:00:00+08:00"));
  EXPECT_EQ(off_at(night, at("2026-03-06T22:00:00+08:00"))->reason, "upgrade");
  EXPECT_FALSE(off_at(night, at("2026-03-07T06:00:00+08:00")));
  EXPECT_FALSE(off_at(night, at("2026-03-08T01:00:00+08:00")));
  const auto touching =
      off("[{from: \"01:00\", to: \"02:00\"}, {from: \"02:00\", to: \"03:00\"},"
          " {from: \"2026-03-07T03:00:00+08:00\", to: \"2026-03-09T00:00:00+08:00\", then: skip}]");
  EXPECT_EQ(off_at(touching, at("2026-03-07T01:30:00+08:00"))->until, at("2026-03-09T00:00:00+08:00"));
  EXPECT_TRUE(off_at(touching, at("2026-03-08T12:00:00+08:00"))->skip);
  for (const char* wrong :
       {"[{from: \"25:00\", to: \"06:00\"}]", "[{days: XYZ, from: \"01:00\", to: \"02:00\"}]",
        "[{from: \"2026-03-09T00:00:00Z\", to: \"2026-03-07T00:00:00Z\"}]", "{}"})
    EXPECT_FALSE(config::read_off_times(config::parse_yaml(wrong, "off")->value, "").ok()) << wrong;
}

TEST(Timetable, SaysWhichZoneDatabase) { EXPECT_FALSE(zone_database_version().empty()); }

}  // namespace timetable_test
}  // namespace huiliu::run
