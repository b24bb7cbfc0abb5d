#include "hub/run/job_list.hpp"

#include "hub/run/clock.hpp"
#include "hub/run/scheduler.hpp"

namespace huiliu::run {
namespace {

using model::Micros;
using model::Result;
using model::Value;

Value fire_view(const Preview& preview, const Fire& fire) {
  model::Array effects;
  for (const Effect effect : fire.effects) effects.emplace_back(to_string(effect));
  model::Object view;
  const auto text = to_zoned(fire.at, preview.zone);
  view.set("at", text.ok() ? *text : model::to_rfc3339(fire.at));
  if (const auto off = off_at(preview.off_times, fire.at)) {
    effects.emplace_back(to_string(Effect::off_time));
    if (!off->skip) {
      const auto until = to_zoned(off->until, preview.zone);
      view.set("waits_until", until.ok() ? *until : model::to_rfc3339(off->until));
    }
    if (!off->reason.empty()) view.set("reason", off->reason);
    view.set("fires", !fire.left_out && !off->skip);
  } else {
    view.set("fires", !fire.left_out);
  }
  view.set("effects", std::move(effects));
  return view;
}

}  // namespace

Result<Preview> preview_of(
    const Value& schedule, const std::string& salt,
    const std::function<Result<config::Calendar>(const std::string&)>& calendar_named) {
  HUILIU_ASSIGN(const config::ScheduleConfig read, config::read_schedule(schedule, ""));
  std::optional<config::Calendar> calendar;
  if (!read.calendar.empty()) {
    HUILIU_ASSIGN(calendar, calendar_named(read.calendar));
  }
  HUILIU_ASSIGN(Timetable table, Timetable::compile(read, calendar ? &*calendar : nullptr, salt));
  return Preview{std::move(table), read.time_zone, {}};
}

Result<model::Array> fires(const Preview& preview, Micros after, int count, bool marked) {
  model::Array times;
  for (int found = 0, looked = 0; found < count && looked < count + 5000; ++looked) {
    const auto fire = preview.table.next(after, marked);
    if (!fire) break;
    after = fire->written;
    if (!fire->left_out) ++found;
    if (marked) {
      times.push_back(fire_view(preview, *fire));
      continue;
    }
    HUILIU_ASSIGN(std::string text, to_zoned(fire->at, preview.zone));
    times.emplace_back(std::move(text));
  }
  return times;
}

Result<model::Array> job_list(const config::Config& config, Micros from, int count, const std::string& only) {
  HUILIU_ASSIGN(const std::vector<JobSpec> specs, job_specs(config));
  model::Array rows;
  for (const JobSpec& spec : specs) {
    if (!only.empty() && spec.name != only) continue;
    model::Array systems;
    std::vector<config::OffTime> off_times;
    for (const std::string& system : spec.systems) {
      systems.emplace_back(system);
      const auto& own = config.connection(system)->off_times;
      off_times.insert(off_times.end(), own.begin(), own.end());
    }
    std::string zone = "Asia/Shanghai";
    if (const auto* connection = config.connection(spec.name); connection != nullptr && connection->schedule)
      zone = connection->schedule->time_zone;
    for (const config::JobConfig& job : config.jobs)
      if (job.name == spec.name) zone = job.schedule.time_zone;
    model::Array next;
    if (spec.timetable && spec.timetable->from_end() == 0) {
      HUILIU_ASSIGN(next, fires({*spec.timetable, zone, off_times}, from, count, true));
    }
    rows.push_back(model::Object{{"name", spec.name},
                                 {"systems", std::move(systems)},
                                 {"overlap", config::to_string(spec.overlap)},
                                 {"time_zone", zone},
                                 {"next_at", next.empty() ? Value() : next.front()["at"]},
                                 {"next", std::move(next)}});
  }
  return rows;
}

}  // namespace huiliu::run
