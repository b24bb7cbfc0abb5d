// The jobs of a configuration and their next fires, as people and programs see them; shared by CLI and API.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hub/config/config.hpp"
#include "hub/run/timetable.hpp"

namespace huiliu::run {

// A schedule to be looked at before it runs.
struct Preview {
  Timetable table;
  std::string zone;
  std::vector<config::OffTime> off_times;
};

// Of a schedule as the configuration writes it; `salt` (the job's name) decides the jitter. Errors (config):
// `where` = the JSON Pointer of the wrong place; a calendar that `calendar_named` does not find.
model::Result<Preview> preview_of(
    const model::Value& schedule, const std::string& salt,
    const std::function<model::Result<config::Calendar>(const std::string&)>& calendar_named);

// The first `count` fires written strictly after. `marked`: objects {"at","fires","effects",…} with what
// clock changes, calendars and off-times do, and the fires that a calendar leaves out; else the times alone.
model::Result<model::Array> fires(const Preview& preview, model::Micros after, int count, bool marked);

// [{"name","systems","overlap","time_zone","next_at","next":[…]}]; `only`: of this job, "" of all. Errors
// (config): as job_specs.
model::Result<model::Array> job_list(const config::Config& config, model::Micros from, int count,
                                     const std::string& only = {});

}  // namespace huiliu::run
