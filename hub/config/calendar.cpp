#include "hub/config/calendar.hpp"

#include "hub/config/parts.hpp"
#include "hub/config/yaml.hpp"

namespace huiliu::config {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

model::Error calendar_error(const std::string& pointer, std::string message) {
  return make_error(ErrorClass::config, std::move(message), pointer);
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Status read_edge(const Value& node, const std::string& pointer, bool begin, int& workday, int& minute) {
  HUILIU_TRY(check_keys(node, pointer, {"workday", "at"}));
  const model::Number* number = node["workday"].if_number();
  const auto day = number == nullptr ? std::nullopt : number->to_int64();
  if (!day || *day == 0 || *day > 20 || *day < -20 || (!begin && *day < 0))
    return calendar_error(pointer + "/workday",
                          begin ? "a workday is 1 to 20 from the start of the month, or -1 (the last) to -20"
                                : "a workday of the next month is 1 to 20");
  workday = static_cast<int>(*day);
  HUILIU_ASSIGN(minute, minute_of_day(node["at"], pointer + "/at"));
  return {};
}

Result<std::optional<FreezeRule>> read_rule(const Value& node, const std::string& pointer) {
  if (node.to_text() == "none") return std::optional<FreezeRule>();
  HUILIU_TRY(check_keys(node, pointer, {"from", "to"}));
  FreezeRule rule;
  HUILIU_TRY(read_edge(node["from"], pointer + "/from", true, rule.from_workday, rule.from_minute));
  HUILIU_TRY(read_edge(node["to"], pointer + "/to", false, rule.to_workday, rule.to_minute));
  return std::optional(rule);
}

bool is_date(const std::string& text) {
  return text.size() == 10 && text[4] == '-' && text[7] == '-' && is_digits(text.substr(0, 4)) &&
         is_digits(text.substr(5, 2)) && is_digits(text.substr(8, 2));
}

Status read_dates(const Value& node, const std::string& pointer, std::set<std::string>& dates) {
  const model::Array* list = node.if_array();
  if (node.is_null()) return {};
  if (list == nullptr) return calendar_error(pointer, "a list of dates such as 2026-10-01 is wanted");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string date = (*list)[i].to_text();
    if (!is_date(date))
      return calendar_error(pointer + "/" + std::to_string(i),
                            "no date such as 2026-10-01: \"" + date + "\"");
    dates.insert(date);
  }
  return {};
}

Status read_years(const Value& node, const std::string& pointer, std::set<int>& years) {
  if (node.is_null()) return {};
  const model::Array* list = node.if_array();
  if (list == nullptr) return calendar_error(pointer, "a list of years is wanted");
  for (const Value& year : *list) {
    const model::Number* number = year.if_number();
    const auto value = number == nullptr ? std::nullopt : number->to_int64();
    if (!value || *value < 1970 || *value > 2200) return calendar_error(pointer, "a year is 1970 to 2200");
    years.insert(static_cast<int>(*value));
  }
  return {};
}

Status read_fields(const Value& node, const model::Schema& schema, bool strict, Calendar& calendar) {
  const model::Object* entities = node.if_object();
  if (entities == nullptr) return calendar_error("/fields", "fields are {entity: [field, …]}");
  for (const model::Member& entity : *entities) {
    const model::Entity* known = schema.find(entity.key);
    const model::Array* names = entity.value.if_array();
    if (known == nullptr && !strict) continue;
    if (known == nullptr)
      return calendar_error("/fields/" + entity.key, "no entity \"" + entity.key + "\" in the model");
    if (names == nullptr) return calendar_error("/fields/" + entity.key, "a list of fields is wanted");
    for (std::size_t i = 0; i < names->size(); ++i) {
      const std::string field = (*names)[i].to_text();
      const bool has = known->index_of(field) != model::no_field;
      if (!has && strict)
        return calendar_error("/fields/" + entity.key + "/" + std::to_string(i),
                              "the model's " + entity.key + " has no field \"" + field + "\"");
      if (has) calendar.fields[entity.key].insert(field);
    }
  }
  return {};
}

}  // namespace

bool is_workday(const Calendar& calendar, const std::string& date, unsigned weekday) {
  if (calendar.holidays.contains(date)) return false;
  return (weekday >= 1 && weekday <= 5) || calendar.workdays.contains(date);
}

Result<Calendar> read_calendar(const std::string& name, const Value& node, const model::Schema& schema,
                               bool strict) {
  HUILIU_TRY(check_keys(node, "",
                        {"label", "time_zone", "freeze", "organisations", "fields", "holidays", "workdays",
                         "source", "covers"}));
  Calendar calendar;
  calendar.name = name;
  if (const Value* zone = node.find("time_zone")) calendar.time_zone = zone->to_text();
  if (const Value* rule = node.find("freeze")) {
    HUILIU_ASSIGN(calendar.freeze, read_rule(*rule, "/freeze"));
  }
  if (const model::Object* organisations = node["organisations"].if_object())
    for (const model::Member& each : *organisations) {
      const std::string here = "/organisations/" + each.key;
      HUILIU_TRY(check_keys(each.value, here, {"freeze"}));
      HUILIU_ASSIGN(calendar.organisations[each.key], read_rule(each.value["freeze"], here + "/freeze"));
    }
  if (node.find("fields") != nullptr) HUILIU_TRY(read_fields(node["fields"], schema, strict, calendar));
  HUILIU_TRY(read_dates(node["holidays"], "/holidays", calendar.holidays));
  HUILIU_TRY(read_dates(node["workdays"], "/workdays", calendar.workdays));
  HUILIU_TRY(read_years(node["covers"], "/covers", calendar.covers));
  return calendar;
}

}  // namespace huiliu::config
