// Inside the module: the divisions at the start of a company's name.
#pragma once

#include <array>
#include <string_view>

#include "hub/normalize/divisions.hpp"

namespace huiliu::normalize {

// One level of the chain.
struct ChainLevel {
  std::size_t end = 0;
  DivisionCode code = 0;
  bool bare = false;
  bool former = false;
};

constexpr std::size_t kMostLevels = 5;
struct Chain {
  std::array<ChainLevel, kMostLevels> levels;
  std::size_t count = 0;
  void add(const ChainLevel& level) { levels[count++] = level; }
};

// What is no division of China but stands in its place (中国, 美国): its length, or 0.
std::size_t foreign_prefix(std::u32string_view text);

// Province, prefecture, county, then a zone (前海) or a township with its 镇 or 街道; each inside the one
// before it. A bare county alone is one only when its name is no ordinary word. The caller decides which bare
// levels to believe.
Chain walk_chain(std::u32string_view text);

}  // namespace huiliu::normalize
