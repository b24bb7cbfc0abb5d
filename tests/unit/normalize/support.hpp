// Shared by the tests of the standardizers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "hub/normalize/normalize.hpp"

namespace huiliu::normalize {

// The text of a part; "" when absent.
inline std::string part(const Normalized& result, std::string_view name) {
  const model::Value* value = result.parts.find(name);
  return value == nullptr ? std::string() : value->to_text();
}

inline const Finding* finding(const Normalized& result, std::string_view code) {
  const auto at = std::find_if(result.findings.begin(), result.findings.end(),
                               [&](const Finding& f) { return f.code == code; });
  return at == result.findings.end() ? nullptr : &*at;
}

inline bool has_error(const Normalized& result) {
  return std::any_of(result.findings.begin(), result.findings.end(),
                     [](const Finding& f) { return f.severity == Severity::error; });
}

// Reproducible numbers for generators (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() % limit); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  template <class List>
  auto pick(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace huiliu::normalize
