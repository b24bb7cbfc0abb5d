#include "hub/run/freeze.hpp"

#include <date/tz.h>

#include <algorithm>

#include "hub/model/time.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* freeze_space = "freeze";

// What an ordered stop holds back where the connection names no calendar: the shipped month-end's fields.
constexpr const char* usual_calendar = "month_end";

bool is_workday(const config::Calendar& calendar, date::local_days day) {
  return config::is_workday(calendar, date::format("%F", day), date::weekday{day}.c_encoding());
}

// The workday of a month: 1 the first, -1 the last. In a month with fewer, the last that it has.
date::local_days workday_of(const config::Calendar& calendar, date::year_month month, int number) {
  const date::local_days first{month / 1};
  const date::local_days last{month / date::last};
  const int step = number > 0 ? 1 : -1;
  date::local_days found = step > 0 ? first : last;
  int left = std::abs(number);
  for (date::local_days day = found; day >= first && day <= last && left > 0; day += date::days{step}) {
    if (!is_workday(calendar, day)) continue;
    found = day;
    --left;
  }
  return found;
}

Micros instant(const date::time_zone& zone, date::local_days day, int minute) {
  const auto local = day + std::chrono::minutes{minute};
  return std::chrono::duration_cast<std::chrono::microseconds>(
             zone.to_sys(local, date::choose::earliest).time_since_epoch())
      .count();
}

std::optional<config::FreezeRule> rule_of(const config::Calendar& calendar, const std::string& organisation) {
  const auto own = calendar.organisations.find(organisation);
  return own == calendar.organisations.end() ? calendar.freeze : own->second;
}

std::optional<Micros> holds_until(const config::Calendar& calendar, const std::string& organisation,
                                  Micros now) {
  const auto rule = rule_of(calendar, organisation);
  if (!rule) return std::nullopt;
  const auto window = month_end_window(calendar, *rule, now);
  // An unknown zone is refused when the hub is opened.
  if (!window.ok() || now < window->from || now >= window->until) return std::nullopt;
  return window->until;
}

std::vector<std::string> organisations_of(const sync::Replica& replica) {
  std::vector<std::string> organisations;
  for (const model::Part& part : replica.parts) organisations.push_back(part.organisation);
  if (organisations.empty()) organisations.emplace_back();
  return organisations;
}

std::string stop_key(const std::string& connection, const std::string& organisation) {
  return "stop " + connection + (organisation.empty() ? "" : " " + organisation);
}

void save_freeze(store::Transaction& transaction, const std::string& key, Micros until, const std::string& by,
                 const std::string& note) {
  transaction.save_value(
      freeze_space, key,
      model::to_json(model::Object{{"until", model::to_rfc3339(until)}, {"by", by}, {"note", note}}));
}

}  // namespace

Result<FreezeWindow> month_end_window(const config::Calendar& calendar, const config::FreezeRule& rule,
                                      Micros at) {
  const date::time_zone* zone = nullptr;
  try {
    zone = date::locate_zone(calendar.time_zone);
  } catch (const std::runtime_error&) {
    return make_error(ErrorClass::config, "there is no time zone \"" + calendar.time_zone + "\"",
                      "calendars/" + calendar.name);
  }
  const date::sys_time<std::chrono::microseconds> moment{std::chrono::microseconds{at}};
  const date::year_month_day today{date::floor<date::days>(zone->to_local(moment))};
  date::year_month month = today.year() / today.month() - date::months{1};
  for (int i = 0; i < 4; ++i, month += date::months{1}) {
    const FreezeWindow window{
        instant(*zone, workday_of(calendar, month, rule.from_workday), rule.from_minute),
        instant(*zone, workday_of(calendar, month + date::months{1}, rule.to_workday), rule.to_minute)};
    if (at < window.until) return window;
  }
  return make_error(ErrorClass::bug, "no month has an end", calendar.name);
}

Status FreezeBook::load(store::Snapshot& snapshot) {
  auto fresh = std::make_shared<Kept>();
  for (const auto& [key, text] : snapshot.list_values(freeze_space)) {
    HUILIU_ASSIGN(const Value value, model::parse_json(text));
    HUILIU_ASSIGN(const Micros until, model::parse_rfc3339(value["until"].to_text()));
    const std::size_t blank = key.find(' ');
    const std::string rest = key.substr(blank + 1);
    if (key.starts_with("stop ")) {
      const std::size_t second = rest.find(' ');
      fresh->stops.push_back({rest.substr(0, second),
                              second == std::string::npos ? std::string() : rest.substr(second + 1),
                              value["note"].to_text(), value["by"].to_text(), until});
    } else {
      fresh->released[rest] = until;
    }
  }
  const std::lock_guard lock(mutex_);
  kept_ = std::move(fresh);
  return {};
}

std::shared_ptr<const FreezeBook::Kept> FreezeBook::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

const config::Calendar* FreezeBook::calendar_of(const std::string& connection) const {
  const config::ConnectionConfig* of = config_.connection(connection);
  const auto found = of == nullptr ? config_.calendars.end() : config_.calendars.find(of->calendar);
  return found == config_.calendars.end() ? nullptr : &found->second;
}

std::optional<Micros> FreezeBook::organisation_until(const std::string& connection,
                                                     const std::string& organisation, const Kept& kept,
                                                     Micros now) const {
  std::optional<Micros> until;
  if (const config::Calendar* calendar = calendar_of(connection))
    until = holds_until(*calendar, organisation, now);
  for (const OrderedStop& stop : kept.stops)
    if (stop.connection == connection && (stop.organisation.empty() || stop.organisation == organisation) &&
        now < stop.until)
      until = std::max(until.value_or(0), stop.until);
  return until;
}

std::string FreezeBook::why(const std::string& connection, const sync::Cluster& cluster,
                            const sync::Replica& replica, const std::string& field, Micros now) const {
  const config::Calendar* calendar = calendar_of(connection);
  if (calendar == nullptr) {
    const auto usual = config_.calendars.find(usual_calendar);
    if (usual == config_.calendars.end()) return {};
    calendar = &usual->second;
  }
  const auto fields = calendar->fields.find(replica.entity);
  if (fields == calendar->fields.end() || !fields->second.contains(field)) return {};
  const auto kept = this->kept();
  for (const std::string& key : {connection, connection + " " + cluster.golden.id})
    if (const auto released = kept->released.find(key);
        released != kept->released.end() && now < released->second)
      return {};
  for (const std::string& organisation : organisations_of(replica))
    if (const auto until = organisation_until(connection, organisation, *kept, now))
      return "month-end freeze" + (organisation.empty() ? "" : " of organisation " + organisation) +
             " until " + model::to_rfc3339(*until);
  return {};
}

std::optional<Micros> FreezeBook::frozen_until(const std::string& connection, Micros now) const {
  const auto kept = this->kept();
  std::vector<std::string> organisations{""};
  if (const config::Calendar* calendar = calendar_of(connection))
    for (const auto& [organisation, rule] : calendar->organisations) organisations.push_back(organisation);
  for (const OrderedStop& stop : kept->stops)
    if (stop.connection == connection) organisations.push_back(stop.organisation);
  std::optional<Micros> latest;
  for (const std::string& organisation : organisations)
    if (const auto until = organisation_until(connection, organisation, *kept, now))
      latest = std::max(latest.value_or(0), *until);
  return latest;
}

void FreezeBook::order_stop(store::Transaction& transaction, const OrderedStop& stop) {
  save_freeze(transaction, stop_key(stop.connection, stop.organisation), stop.until, stop.by, stop.reason);
  transaction.erase_value(freeze_space,
                          "release " + stop.connection);  // a new stop is not released by an old word
}

bool FreezeBook::end_stop(store::Transaction& transaction, const std::string& connection,
                          const std::string& organisation) {
  const std::string key = stop_key(connection, organisation);
  const bool was = transaction.load_value(freeze_space, key).has_value();
  transaction.erase_value(freeze_space, key);
  return was;
}

void FreezeBook::release(store::Transaction& transaction, const std::string& connection, Micros until,
                         const std::string& by, const std::string& note) {
  save_freeze(transaction, "release " + connection, until, by, note);
}

void FreezeBook::let_pass(store::Transaction& transaction, const std::string& connection,
                          const sync::GoldenId& golden, Micros until, const std::string& by,
                          const std::string& note) {
  save_freeze(transaction, "release " + connection + " " + golden, until, by, note);
}

}  // namespace huiliu::run
