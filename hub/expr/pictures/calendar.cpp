#include "hub/expr/pictures/calendar.hpp"

#include <cmath>

namespace huiliu::expr {
namespace {

// Days since 1970-01-01 of a civil date, by counting from March in cycles of 400 years.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  const std::int64_t months = (year * 12 + (month - 1));
  year = months >= 0 ? months / 12 : -((-months + 11) / 12);
  month = static_cast<int>(months - year * 12) + 1;
  if (month <= 2) --year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

void civil_from_days(std::int64_t days, CivilTime& out) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  out.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  out.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  out.year = year_of_era + era * 400 + (out.month <= 2 ? 1 : 0);
}

// ISO 8601 gives a week to the year, and XPath to the month, that its Thursday lies in.
double first_week_of(std::int64_t year, int month) {
  const double first_day = millis_of(year, month, 1);
  const int weekday = civil_time_of(first_day).weekday;
  return first_day + (weekday > 4 ? 8 - weekday : 1 - weekday) * millis_per_day;
}

double weeks_between(double begin, double end) {
  return std::floor((end - begin) / (7 * millis_per_day)) + 1;
}

// The week within the period that begins with (year, month) and lasts so many months.
double week_within(double today, std::int64_t year, int month, int months) {
  if (today < first_week_of(year, month)) return weeks_between(first_week_of(year, month - months), today);
  if (today >= first_week_of(year, month + months)) return 1;
  return weeks_between(first_week_of(year, month), today);
}

}  // namespace

CivilTime civil_time_of(double millis) {
  const double day = std::floor(millis / millis_per_day);
  const auto days = static_cast<std::int64_t>(day);
  const auto rest = static_cast<std::int64_t>(millis - day * millis_per_day);
  CivilTime time{};
  civil_from_days(days, time);
  time.hour = static_cast<int>(rest / 3'600'000);
  time.minute = static_cast<int>(rest / 60'000 % 60);
  time.second = static_cast<int>(rest / 1000 % 60);
  time.millisecond = static_cast<int>(rest % 1000);
  time.weekday = static_cast<int>(((days + 3) % 7 + 7) % 7) + 1;
  return time;
}

double millis_of(std::int64_t year, int month, int day) {
  return static_cast<double>(days_from_civil(year, month, day)) * millis_per_day;
}

double date_component(double millis, char component) {
  const CivilTime time = civil_time_of(millis);
  const double today = std::floor(millis / millis_per_day) * millis_per_day;
  const auto year = static_cast<double>(time.year);
  switch (component) {
    case 'Y':
      return year;
    case 'M':
      return time.month;
    case 'D':
      return time.day;
    case 'd':
      return (today - millis_of(time.year, 1, 1)) / millis_per_day + 1;
    case 'F':
      return time.weekday;
    case 'W':
      return week_within(today, time.year, 1, 12);
    case 'w':
      return week_within(today, time.year, time.month, 1);
    case 'X':
      if (today < first_week_of(time.year, 1)) return year - 1;
      return today >= first_week_of(time.year + 1, 1) ? year + 1 : year;
    case 'x':
      if (today < first_week_of(time.year, time.month)) return time.month == 1 ? 12 : time.month - 1;
      return today >= first_week_of(time.year, time.month + 1) ? time.month % 12 + 1 : time.month;
    case 'H':
      return time.hour;
    case 'h':
      return time.hour % 12 == 0 ? 12 : time.hour % 12;
    case 'P':
      return time.hour < 12 ? 0 : 1;
    case 'm':
      return time.minute;
    case 's':
      return time.second;
    case 'f':
      return time.millisecond;
    default:
      return 0;
  }
}

}  // namespace huiliu::expr
