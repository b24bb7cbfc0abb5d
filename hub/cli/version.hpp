// Which program this is: for `huiliu version`, logs, metrics, bug reports.
#pragma once

#include <string>

#include "hub/model/value.hpp"

namespace huiliu::cli {

// "huiliu 0.1.0 (1a2b3c4d)"
std::string version_text();
// {"version","commit","committed","compiler","build_type","abi","store_version","zone_database","libraries":{…}}
model::Value version_view();

}  // namespace huiliu::cli
