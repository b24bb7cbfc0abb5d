// A calendar as text: which days are worked, and, of a month-end calendar, when which fields of a system may
// not be written, by organisation.
//
//   time_zone: Asia/Shanghai
//   freeze: {from: {workday: -1, at: "18:00"}, to: {workday: 3, at: "09:00"}}    # last workday … third of
//   the next month fields: {customer: [names.legal, …]} holidays: [2026-10-01]    workdays: [2026-10-10] #
//   besides Saturdays and Sundays organisations: {"200": {freeze: {…}}, "300": {freeze: none}} # others
//   follow `freeze`
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "hub/model/result.hpp"
#include "hub/model/schema.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

struct FreezeRule {
  int from_workday = -1;  // of a month: 1 is its first workday, -1 its last
  int from_minute = 18 * 60;
  int to_workday = 3;  // of the month after
  int to_minute = 9 * 60;
  friend bool operator==(const FreezeRule&, const FreezeRule&) = default;
};

struct Calendar {
  std::string name, time_zone = "Asia/Shanghai";
  std::optional<FreezeRule> freeze;                                // empty: none
  std::map<std::string, std::optional<FreezeRule>> organisations;  // exceptions by number
  std::map<std::string, std::set<std::string>> fields;             // by entity
  std::set<std::string> holidays, workdays;                        // "2026-10-01"
  std::set<int> covers;  // years whose holidays are published; empty: not said
};

// Is the day worked: Monday to Friday unless a holiday, or a weekend day that is made up for (调休)?
// `date` "2026-10-01"; weekday: 0 is Sunday.
bool is_workday(const Calendar& calendar, const std::string& date, unsigned weekday);

// `strict`: fields that the model lacks are errors; else they are left out. Errors carry a JSON Pointer.
model::Result<Calendar> read_calendar(const std::string& name, const model::Value& node,
                                      const model::Schema& schema, bool strict);

}  // namespace huiliu::config
