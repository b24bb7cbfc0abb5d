// What an entry point offers to its driver.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace huiliu::fuzz {

// Inputs to start from, which the driver mutates; libFuzzer ignores them.
std::vector<std::string> seeds();

// Repeated to a megabyte, each must be handled in bounded time.
std::vector<std::string> long_units();

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A broken promise ends the program, so that both drivers see it.
inline void require(bool holds, const char* promise, std::string_view input) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\ninput: %.*s\n", promise,
               static_cast<int>(std::min<std::size_t>(input.size(), 400)), input.data());
  std::abort();
}

}  // namespace huiliu::fuzz
