#include "hub/config/schedule.hpp"

#include <algorithm>
#include <string_view>

#include "hub/config/parts.hpp"
#include "hub/config/yaml.hpp"

namespace huiliu::config {
namespace {

using model::Result;
using model::Status;
using model::Value;

// One word of a fixed list; the error names them all.
template <class Enum, std::size_t N>
Result<Enum> word(const Value& node, const std::string& pointer,
                  const std::pair<std::string_view, Enum> (&words)[N]) {
  const std::string text = node.to_text();
  std::string known;
  for (const auto& [name, value] : words) {
    if (name == text) return value;
    known += (known.empty() ? "" : " ") + std::string(name);
  }
  return error_at(pointer, "one of these is wanted: " + known + "; not \"" + text + "\"");
}

constexpr std::pair<std::string_view, Overlap> overlaps[] = {{"skip", Overlap::skip},
                                                             {"buffer_one", Overlap::buffer_one},
                                                             {"buffer_all", Overlap::buffer_all},
                                                             {"cancel_other", Overlap::cancel_other},
                                                             {"allow", Overlap::allow}};
constexpr std::pair<std::string_view, OnDays> on_days[] = {
    {"any", OnDays::any}, {"workdays", OnDays::workdays}, {"holidays", OnDays::holidays}};
constexpr std::pair<std::string_view, JobConfig::Work> works[] = {
    {"sync", JobConfig::Work::sync},   {"full", JobConfig::Work::full},
    {"sweep", JobConfig::Work::sweep}, {"backup", JobConfig::Work::backup},
    {"check", JobConfig::Work::check}, {"retain", JobConfig::Work::retain}};
constexpr std::pair<std::string_view, Priority> priorities[] = {
    {"high", Priority::high}, {"normal", Priority::normal}, {"low", Priority::low}};
constexpr std::pair<std::string_view, bool> then_words[] = {{"wait", false}, {"skip", true}};
constexpr std::string_view weekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

Result<bool> truth(const Value& node, const std::string& pointer) {
  const bool* value = node.if_bool();
  if (value == nullptr) return error_at(pointer, "true or false is wanted");
  return *value;
}

Result<std::vector<std::string>> names(const Value& node, const std::string& pointer) {
  const model::Array* list = node.if_array();
  if (list == nullptr) return error_at(pointer, "a list of names is wanted");
  std::vector<std::string> found;
  for (const Value& name : *list) found.push_back(name.to_text());
  return found;
}

Status read_catch_up(const Value& node, const std::string& pointer, ScheduleConfig& schedule) {
  const bool* on = node.if_bool();
  if (node.to_text() == "off" || (on != nullptr && !*on)) {
    schedule.catch_up_seconds = 0;
    return {};
  }
  HUILIU_TRY(check_keys(node, pointer, {"window", "collapse"}));
  HUILIU_ASSIGN(schedule.catch_up_seconds, seconds_from(node["window"], pointer + "/window"));
  if (const Value* collapse = node.find("collapse")) {
    HUILIU_ASSIGN(schedule.collapse, truth(*collapse, pointer + "/collapse"));
  }
  return {};
}

Result<Freshness> read_fresh(const Value& node, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer, {"stream", "within"}));
  Freshness fresh;
  const std::string stream = node["stream"].to_text();
  const std::size_t slash = stream.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == stream.size())
    return error_at(pointer + "/stream", "CONNECTION/STREAM is wanted, not \"" + stream + "\"");
  fresh.connection = stream.substr(0, slash);
  fresh.stream = stream.substr(slash + 1);
  HUILIU_ASSIGN(fresh.within_seconds, seconds_from(node["within"], pointer + "/within"));
  return fresh;
}

// "MON-FRI", "SAT,SUN", "FRI-MON": bits, Sunday is bit 0.
Result<unsigned> days_from(const Value& node, const std::string& pointer) {
  const auto day = [](std::string_view name) -> int {
    for (int i = 0; i < 7; ++i)
      if (weekdays[i] == name) return i;
    return -1;
  };
  const std::string text = node.to_text();
  unsigned days = 0;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    const std::size_t dash = part.find('-');
    const int first = day(part.substr(0, dash));
    const int last = dash == std::string_view::npos ? first : day(part.substr(dash + 1));
    if (first < 0 || last < 0)
      return error_at(pointer, "days are written MON-FRI or SAT,SUN; not \"" + text + "\"");
    for (int i = first;; i = (i + 1) % 7) {
      days |= 1U << static_cast<unsigned>(i);
      if (i == last) break;
    }
    begin = end + 1;
  }
  return days;
}

Result<OffTime> read_off_time(const Value& node, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer, {"days", "from", "to", "time_zone", "reason", "then"}));
  OffTime off;
  off.reason = node["reason"].to_text();
  if (const Value* zone = node.find("time_zone")) off.time_zone = zone->to_text();
  if (const Value* then = node.find("then")) {
    HUILIU_ASSIGN(off.skip, word(*then, pointer + "/then", then_words));
  }
  const std::string from = node["from"].to_text();
  if (from.size() > 5) {  // a moment: once
    if (node.find("days") != nullptr)
      return error_at(pointer + "/days", "days go with times of the day only");
    const auto begin = model::parse_rfc3339(from), end = model::parse_rfc3339(node["to"].to_text());
    if (!begin.ok() || !end.ok() || *end <= *begin)
      return error_at(pointer,
                      "from and to are two times of a day (\"22:00\"), or two moments in order "
                      "(2026-10-01T00:00:00+08:00)");
    off.from = *begin;
    off.until = *end;
    return off;
  }
  if (const Value* days = node.find("days")) {
    HUILIU_ASSIGN(off.days, days_from(*days, pointer + "/days"));
  }
  HUILIU_ASSIGN(off.from_minute, minute_of_day(node["from"], pointer + "/from"));
  HUILIU_ASSIGN(off.to_minute, minute_of_day(node["to"], pointer + "/to"));
  return off;
}

Status read_backup(const Value& node, const std::string& pointer, BackupConfig& backup) {
  HUILIU_TRY(check_keys(node, pointer, {"directory", "keep", "verify", "sealed"}));
  backup.directory = node["directory"].to_text();
  if (const Value* keep = node.find("keep")) {
    const model::Number* number = keep->if_number();
    const auto count = number == nullptr ? std::nullopt : number->to_int64();
    if (!count || *count < 1 || *count > 10'000)
      return error_at(pointer + "/keep", "a whole number from 1 is wanted");
    backup.keep = static_cast<int>(*count);
  }
  if (const Value* sealed = node.find("sealed")) {
    HUILIU_ASSIGN(backup.sealed, truth(*sealed, pointer + "/sealed"));
  }
  if (const Value* verify = node.find("verify")) {
    HUILIU_ASSIGN(backup.verify, truth(*verify, pointer + "/verify"));
  }
  return {};
}

}  // namespace

const char* to_string(JobConfig::Work work) noexcept {
  for (const auto& [name, value] : works)
    if (value == work) return name.data();
  return "";
}

const char* to_string(Overlap overlap) noexcept {
  for (const auto& [name, value] : overlaps)
    if (value == overlap) return name.data();
  return "";
}

Result<Priority> read_priority(const Value& node, const std::string& pointer) {
  return word(node, pointer, priorities);
}

Result<ScheduleConfig> read_schedule(const Value& node, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer,
                        {"cron", "every", "time_zone", "dst", "anchor", "calendar", "on", "jitter", "overlap",
                         "catch_up", "webhook", "after", "fresh"}));
  ScheduleConfig schedule;
  schedule.cron = node["cron"].to_text();
  if (const Value* zone = node.find("time_zone")) schedule.time_zone = zone->to_text();
  if (const Value* dst = node.find("dst")) schedule.dst = dst->to_text();
  if (const Value* every = node.find("every")) {
    HUILIU_ASSIGN(schedule.every_seconds, seconds_from(*every, pointer + "/every"));
  }
  if (!schedule.cron.empty() && schedule.every_seconds > 0)
    return error_at(pointer, "a schedule has either cron or every");
  if (const Value* anchor = node.find("anchor")) {
    if (schedule.every_seconds == 0) return error_at(pointer + "/anchor", "an anchor goes with every");
    schedule.from_end = anchor->to_text() == "end";
    if (!schedule.from_end) {
      const auto at = model::parse_rfc3339(anchor->to_text());
      if (!at.ok())
        return error_at(pointer + "/anchor", "a moment or `end` is wanted: " + at.error().message);
      schedule.anchor = *at;
    }
  }
  schedule.calendar = node["calendar"].to_text();
  if (!schedule.calendar.empty()) schedule.on = OnDays::workdays;
  if (const Value* on = node.find("on")) {
    HUILIU_ASSIGN(schedule.on, word(*on, pointer + "/on", on_days));
    if (schedule.calendar.empty() && schedule.on != OnDays::any)
      return error_at(pointer + "/on", "which days are workdays, a calendar says: calendar: china");
  }
  if (const Value* jitter = node.find("jitter")) {
    HUILIU_ASSIGN(schedule.jitter_seconds, seconds_from(*jitter, pointer + "/jitter"));
  }
  if (const Value* overlap = node.find("overlap")) {
    HUILIU_ASSIGN(schedule.overlap, word(*overlap, pointer + "/overlap", overlaps));
  }
  if (const Value* catch_up = node.find("catch_up"))
    HUILIU_TRY(read_catch_up(*catch_up, pointer + "/catch_up", schedule));
  if (const Value* webhook = node.find("webhook")) {
    HUILIU_ASSIGN(schedule.webhook, truth(*webhook, pointer + "/webhook"));
  }
  if (const Value* after = node.find("after")) {
    HUILIU_ASSIGN(schedule.after, names(*after, pointer + "/after"));
  }
  if (const Value* fresh = node.find("fresh")) {
    HUILIU_ASSIGN(schedule.fresh, read_fresh(*fresh, pointer + "/fresh"));
  }
  if (!schedule.fires_by_time() && schedule.after.empty() && !schedule.fresh &&
      node.find("webhook") == nullptr)
    return error_at(pointer,
                    "a schedule has either cron or every, or says what starts it: after, fresh, webhook");
  return schedule;
}

Result<std::vector<OffTime>> read_off_times(const Value& node, const std::string& pointer) {
  const model::Array* list = node.if_array();
  if (list == nullptr)
    return error_at(pointer, "a list of times is wanted: [{days: SUN, from: \"02:00\", to: \"06:00\"}]");
  std::vector<OffTime> times;
  for (std::size_t i = 0; i < list->size(); ++i) {
    HUILIU_ASSIGN(OffTime off, read_off_time((*list)[i], pointer + "/" + std::to_string(i)));
    times.push_back(std::move(off));
  }
  return times;
}

Result<JobConfig> read_job(const std::string& name, const Value& node) {
  HUILIU_TRY(check_keys(
      node, "",
      {"do", "connections", "schedule", "priority", "share", "enabled", "description", "backup", "retain"}));
  JobConfig job;
  job.name = name;
  if (const Value* work = node.find("do")) {
    HUILIU_ASSIGN(job.work, word(*work, "/do", works));
  }
  if (const Value* connections = node.find("connections")) {
    HUILIU_ASSIGN(job.connections, names(*connections, "/connections"));
  }
  if (const Value* schedule = node.find("schedule")) {
    HUILIU_ASSIGN(job.schedule, read_schedule(*schedule, "/schedule"));
  }
  if (const Value* priority = node.find("priority")) {
    HUILIU_ASSIGN(job.priority, read_priority(*priority, "/priority"));
  }
  if (const Value* share = node.find("share")) {
    const model::Number* number = share->if_number();
    job.share = number == nullptr ? 0 : number->to_double();
    if (!(job.share > 0 && job.share <= 1000)) return error_at("/share", "a number above 0 is wanted");
  }
  if (const Value* enabled = node.find("enabled")) {
    HUILIU_ASSIGN(job.enabled, truth(*enabled, "/enabled"));
  }
  if (const Value* backup = node.find("backup")) HUILIU_TRY(read_backup(*backup, "/backup", job.backup));
  if (job.work == JobConfig::Work::backup && job.backup.directory.empty())
    return error_at("", "a backup needs a place: backup: {directory: /var/backups/huiliu}");
  if (const Value* retain = node.find("retain")) {
    HUILIU_TRY(check_keys(*retain, "/retain", {"gone_for"}));
    HUILIU_ASSIGN(job.gone_seconds, seconds_from((*retain)["gone_for"], "/retain/gone_for"));
  }
  if (job.work == JobConfig::Work::retain && job.gone_seconds <= 0)
    return error_at("", "retain needs a time: retain: {gone_for: 365d}");
  return job;
}

}  // namespace huiliu::config
