// Where each plugin works: in this process, in child processes only, or nowhere, as connections and the rule
// for unsigned plugins say.
#pragma once

#include <string>

#include "hub/config/config.hpp"
#include "hub/host/plugin.hpp"

namespace huiliu::run {

// A library all of whose connectors are wanted isolated (or by nobody) is not loaded into this process.
// shipped and directory: configuration directories with trust/. Errors: config, a trusted key that cannot be
// read.
model::Result<host::PlacementRule> placement_rule(const config::Config& config, const std::string& shipped,
                                                  const std::string& directory);

}  // namespace huiliu::run
