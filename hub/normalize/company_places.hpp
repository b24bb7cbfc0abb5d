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
  bool word = false;  // bare, and as likely a brand: an ordinary word, a town without its 镇 or 街道 (虎门)
  bool shared = false;  // several divisions bear the name: `code` is what lies around all of them, or 0
};

constexpr std::size_t kMostLevels = 6;
struct Chain {
  std::array<ChainLevel, kMostLevels> levels;
  std::size_t count = 0;
  std::size_t divisions =
      0;  // levels with a code of their own; a zone or town may follow, with its county's code
  void add(const ChainLevel& level) { levels[count++] = level; }
};

// What is no division of China but stands in its place (中国, 美国): its length, or 0.
std::size_t foreign_prefix(std::u32string_view text);

// Where the last division with a code of its own ends among the first `levels` of a chain.
inline std::size_t division_end(const Chain& chain, std::size_t levels) {
  const std::size_t last = levels < chain.divisions ? levels : chain.divisions;
  return last == 0 ? 0 : chain.levels[last - 1].end;
}

// Province, prefecture, county, then a zone (前海) or a township with its 镇 or 街道; each inside the one
// before it. A bare county alone is one only when its name is no ordinary word. The caller decides which bare
// levels to believe.
Chain walk_chain(std::u32string_view text);

}  // namespace huiliu::normalize
