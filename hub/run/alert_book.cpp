#include "hub/run/alert_book.hpp"

#include <date/tz.h>

#include <chrono>

namespace huiliu::run {
namespace {

using model::Micros;
using model::Object;
using model::Value;

std::string key_of(const std::string& kind, const std::string& about) { return kind + "/" + about; }

std::int64_t number_in(const Value& node, const char* name) {
  const model::Number* number = node[name].if_number();
  return number == nullptr ? 0 : number->to_int64().value_or(0);
}

}  // namespace

void AlertBook::raise(const Alert& alert, Micros now) {
  AlertEntry& entry = entries_[key_of(alert.kind, alert.about)];
  if (entry.over && entry.told == 0) entry = {};
  if (entry.first == 0 || entry.over) entry.first = now;
  entry.over = false;
  entry.alert = alert;
  entry.last = now;
  ++entry.count;
}

void AlertBook::over(const std::string& kind, const std::string& about, Micros now) {
  const auto found = entries_.find(key_of(kind, about));
  if (found == entries_.end() || found->second.over) return;
  if (found->second.told == 0) {  // nobody heard of it: nobody needs to hear that it is over
    entries_.erase(found);
    return;
  }
  found->second.over = true;
  found->second.last = now;
}

bool AlertBook::wants_out(const AlertEntry& entry, Micros now) const {
  if (entry.over) return true;
  if (entry.told == 0) return true;
  return entry.last > entry.told && now - entry.told >= settings_.repeat;
}

std::vector<AlertEntry> AlertBook::due(Micros now, bool quiet) {
  const auto urgent = [this](const AlertEntry& entry) { return settings_.urgent.contains(entry.alert.kind); };
  bool leave = false;
  for (const auto& [key, entry] : entries_) {
    if (!wants_out(entry, now)) continue;
    const Micros since = entry.over || entry.told > 0 ? entry.last : entry.first;
    leave = leave || (urgent(entry) && !entry.over) || (!quiet && now - since >= settings_.group);
  }
  std::vector<AlertEntry> out;
  if (!leave) return out;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (!wants_out(entry->second, now) || (quiet && !urgent(entry->second))) {
      ++entry;
      continue;
    }
    out.push_back(entry->second);
    if (entry->second.over) {
      entry = entries_.erase(entry);
      continue;
    }
    entry->second.told = now;
    ++entry;
  }
  return out;
}

void AlertBook::undo(const std::vector<AlertEntry>& entries) {
  for (const AlertEntry& entry : entries) {
    AlertEntry& kept = entries_[key_of(entry.alert.kind, entry.alert.about)];
    if (kept.last > entry.last) continue;  // it came again meanwhile
    kept = entry;
  }
}

std::vector<AlertEntry> AlertBook::open() const {
  std::vector<AlertEntry> found;
  for (const auto& [key, entry] : entries_)
    if (!entry.over) found.push_back(entry);
  return found;
}

Value AlertBook::stored() const {
  model::Array entries;
  for (const auto& [key, entry] : entries_)
    entries.push_back(Object{{"kind", entry.alert.kind},
                             {"about", entry.alert.about},
                             {"zh", entry.alert.zh},
                             {"en", entry.alert.en},
                             {"first", entry.first},
                             {"last", entry.last},
                             {"told", entry.told},
                             {"count", entry.count},
                             {"over", entry.over}});
  return entries;
}

void AlertBook::load(const Value& stored) {
  entries_.clear();
  const model::Array* list = stored.if_array();
  if (list == nullptr) return;
  for (const Value& node : *list) {
    AlertEntry entry;
    entry.alert = {node["kind"].to_text(), node["about"].to_text(), node["zh"].to_text(),
                   node["en"].to_text()};
    entry.first = number_in(node, "first");
    entry.last = number_in(node, "last");
    entry.told = number_in(node, "told");
    entry.count = number_in(node, "count");
    const bool* over = node["over"].if_bool();
    entry.over = over != nullptr && *over;
    entries_[key_of(entry.alert.kind, entry.alert.about)] = std::move(entry);
  }
}

bool is_quiet(const config::AlertSettings& settings, Micros now) {
  if (settings.quiet_from == settings.quiet_to) return false;
  try {
    const date::time_zone* zone = date::locate_zone(settings.time_zone);
    const auto local =
        zone->to_local(date::sys_time<std::chrono::microseconds>{std::chrono::microseconds{now}});
    const auto minute =
        std::chrono::duration_cast<std::chrono::minutes>(local - date::floor<date::days>(local)).count();
    return settings.quiet_from < settings.quiet_to
               ? minute >= settings.quiet_from && minute < settings.quiet_to
               : minute >= settings.quiet_from || minute < settings.quiet_to;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace huiliu::run
