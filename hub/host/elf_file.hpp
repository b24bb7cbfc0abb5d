// What a plugin's file says about itself, read without loading it: none of its code runs, not even a
// constructor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::host {

struct PluginFile {
  std::uint32_t abi_major = 0;
  std::uint32_t abi_minor_built = 0;
  std::uint32_t abi_minor_needed = 0;
  std::vector<std::string> manifests;  // one for each connector, in order
};

// Reads the sections .note.huiliu and .huiliu.manifest. Errors (class config) name the file, what was found
// and what was wanted: no such file, not an ELF shared library, for another machine, no note, no manifest,
// damaged. Does not judge the versions.
model::Result<PluginFile> read_plugin_file(const std::string& path);

}  // namespace huiliu::host
