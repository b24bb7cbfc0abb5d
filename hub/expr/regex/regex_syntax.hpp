// The syntax tree of a regular expression.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "hub/expr/regex/character_set.hpp"

namespace huiliu::expr {

struct RegexNode {
  enum class Kind {
    empty,
    set,
    sequence,
    choice,
    group,
    loop,
    line_begin,
    line_end,
    word_edge,
    no_word_edge,
    back_reference,
    look
  };
  static constexpr std::uint32_t unbounded = std::numeric_limits<std::uint32_t>::max();

  Kind kind = Kind::empty;
  CharacterSet set = {};                               // set
  std::vector<std::unique_ptr<RegexNode>> parts = {};  // sequence, choice; the only one of group, loop, look
  std::uint32_t group = 0;       // group: its number, 0 for (?:…); back_reference: which
  std::uint32_t last_group = 0;  // loop, look: groups group+1 … last_group lie inside
  std::uint32_t least = 0;       // loop
  std::uint32_t most = 0;        // loop
  bool is_greedy = true;         // loop
  bool is_negative = false;      // look
  bool is_behind = false;        // look
};

struct RegexSyntax {
  std::unique_ptr<RegexNode> root;
  std::uint32_t group_count = 0;
  bool has_back_references = false;
};

// Raises S0303.
RegexSyntax parse_regex(std::string_view pattern, bool ignores_case);

}  // namespace huiliu::expr
