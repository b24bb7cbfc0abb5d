// Inside of hub/host: the connector table behind which an instance lives in a child process.
#pragma once

#include <huiliu/plugin.h>

#include <set>
#include <string>

namespace huiliu::host {

// open, close, and a function for each of these capabilities.
huiliu_connector child_slots(const std::set<std::string>& capabilities) noexcept;

// For tests and the conformance kit: the process behind an instance of such a table; -1: none runs.
int child_pid(const void* self) noexcept;

}  // namespace huiliu::host
