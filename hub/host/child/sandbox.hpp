// What a plugin's process may do: compute, allocate up to its limits, read the system's libraries, and talk
// to the host through one descriptor. Applied before the plugin's library is opened, so that its constructors
// run inside. In the order: descriptors, limits, user, no_new_privs, Landlock (where the kernel has it),
// seccomp.
#pragma once

#include <cstdint>
#include <string>

namespace huiliu::host::child {

struct SandboxOptions {
  std::string library;             // may be read, wherever it stands
  std::uint64_t memory_bytes = 0;  // private memory; 0: no limit
  std::uint64_t open_files = 64;
  bool seccomp = true;
};

// Closes every descriptor above `last`.
void close_descriptors_above(int last) noexcept;

// Empty: done. Else what could not be done; the plugin must not be loaded then.
std::string enter_sandbox(const SandboxOptions& options);

}  // namespace huiliu::host::child
