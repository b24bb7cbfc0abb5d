// The proleptic Gregorian calendar in UTC, over milliseconds since 1970.
#pragma once

#include <cstdint>

namespace huiliu::expr {

inline constexpr double millis_per_day = 86'400'000;

struct CivilTime {
  std::int64_t year;
  int month;  // 1 … 12
  int day;    // 1 …
  int hour, minute, second, millisecond;
  int weekday;  // 1 Monday … 7 Sunday
};

CivilTime civil_time_of(double millis);
// Day 1 is the first; months and days beyond their ends count on.
double millis_of(std::int64_t year, int month, int day);

// Components of dates as pictures name them: Y M D d F W w X x H h P m s f. Unknown ones give 0.
double date_component(double millis, char component);

}  // namespace huiliu::expr
