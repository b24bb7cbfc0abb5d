// The jobs of a configuration and their next fires, as people and programs see them; shared by CLI and API.
#pragma once

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

// The first `count` fires written strictly after. `marked`: objects {"at","fires","effects",…} with what
// clock changes, calendars and off-times do, and the fires that a calendar leaves out; else the times alone.
model::Result<model::Array> fires(const Preview& preview, model::Micros after, int count, bool marked);

// [{"name","systems","overlap","time_zone","next_at","next":[…]}]. Errors (config): as job_specs.
model::Result<model::Array> job_list(const config::Config& config, model::Micros from, int count);

}  // namespace huiliu::run
