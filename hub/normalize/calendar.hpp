// The proleptic Gregorian calendar, without time zones.
#pragma once

#include <cstdint>
#include <string>

namespace huiliu::normalize {

constexpr bool is_leap_year(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr int days_in_month(int year, int month) {
  return month == 2 ? (is_leap_year(year) ? 29 : 28)
                    : (month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31);
}

constexpr bool is_calendar_date(int year, int month, int day) {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
         day <= days_in_month(year, month);
}

// Days since 1970-01-01, and back.
std::int64_t days_from_date(int year, int month, int day) noexcept;
struct CalendarDate {
  int year = 0;
  int month = 0;
  int day = 0;
};
CalendarDate date_from_days(std::int64_t days) noexcept;

// "2024-03-05".
std::string date_text(int year, int month, int day);

}  // namespace huiliu::normalize
