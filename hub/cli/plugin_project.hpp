// `huiliu plugin new`: a complete connector project, made from the SDK's template.
#pragma once

#include <string>

#include "hub/model/result.hpp"

namespace huiliu::cli {

// Writes the template's files into `directory` (made; must be absent or empty) for a connector of this name.
// Returns the number of files. Errors: config, a name that cannot be a connector's id, a directory with
// something in it, a file that cannot be written.
model::Result<std::size_t> write_project(const std::string& templates, const std::string& name,
                                         const std::string& directory);

}  // namespace huiliu::cli
