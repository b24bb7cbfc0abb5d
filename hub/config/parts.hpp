// Readers of single parts of a connection's file. Errors have class config and `where` = the JSON Pointer of
// the wrong place.
#pragma once

#include <string>

#include "hub/config/yaml.hpp"
#include "hub/sync/limits.hpp"

namespace huiliu::config {

// "30s", "10m", "2h", "1d", or a number of seconds; never 0.
model::Result<std::int64_t> seconds_from(const model::Value& node, const std::string& pointer);

// "09:30" → minutes of the day.
model::Result<int> minute_of_day(const model::Value& node, const std::string& pointer);

// brakes: {changed: {records: 50, share: 0.05}, added: off, oscillation: {writes: 3, within: 1d}}; what is
// not named keeps its default.
model::Result<sync::BrakeLimits> read_brakes(const model::Value& node, const std::string& pointer);

}  // namespace huiliu::config
