// Chinese surnames, single and double, with their readings as surnames.
#pragma once

#include <cstdint>
#include <string_view>

namespace huiliu::normalize {

struct SurnameMatch {
  std::size_t length = 0;   // characters; 0: the name begins with no known surname
  std::string_view pinyin;  // "ou yang"; "" when the characters' usual readings hold
  std::uint32_t rank = 0;   // 0 is the commonest
};

// The longest known surname at the start of a name in simplified characters.
SurnameMatch leading_surname(std::u32string_view name);

// The rank of the commonest surname spelled so ("zhang"); -1 when none is.
int pinyin_surname_rank(std::string_view pinyin);

}  // namespace huiliu::normalize
