// What a changed configuration would do: its differences, and the writes that would happen because of it.
//
// The data effects are no estimate: the store is copied, the copy is opened under the new configuration (so
// that changed mappings, rights, scopes and stages meet the data that are there), and planned. What the
// configuration in force would write anyway is left out.
#pragma once

#include <string>
#include <vector>

#include "hub/config/difference.hpp"
#include "hub/run/hub.hpp"
#include "hub/run/revisions.hpp"

namespace huiliu::run {

struct ConfigPlan {
  std::string hash;              // of everything below; `apply --plan` takes it
  std::optional<Revision> from;  // in force now; nothing: none yet
  std::string to;                // fingerprint of the new texts
  std::vector<config::FileDifference> files;
  bool effects_known = true;            // false: there is no store yet
  std::vector<model::Value> writes;     // that the change brings, as planned_write_view
  std::vector<model::Value> withdrawn;  // that would happen now and would not any more
};

// The change from what is in force to `texts`. `options`: the store, the shipped configuration, the plugins;
// its `config` is where `texts` stand, or would. Errors: config, everything that is wrong with the texts,
// each with file:line.
model::Result<ConfigPlan> plan_configuration(const HubOptions& options, const config::Texts& texts);

model::Value config_plan_view(const ConfigPlan& plan);

}  // namespace huiliu::run
