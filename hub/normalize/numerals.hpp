// Numbers in Chinese numerals, small and capital: 三百五十, 二〇二四, 壹佰贰拾叁万, 廿三, 两千.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace huiliu::normalize {

// 0–9 of 〇零一二三四五六七八九, 壹贰…玖, 两, and full forms; -1 for any other character. Traditional forms
// too.
int chinese_digit(char32_t c) noexcept;
// 10, 100, 1000, 10^4, 10^8 of 十百千万亿 and capitals; 0 for any other character.
std::uint64_t chinese_unit(char32_t c) noexcept;

struct NumeralMatch {
  std::uint64_t value = 0;
  std::size_t length = 0;   // code points; 0: no numeral there
  bool positional = false;  // digits in a row (二〇二四): the value is read digit by digit
};

// The longest numeral at the start of `text`, without fraction. No match where it would exceed 10^18.
NumeralMatch leading_numeral(std::u32string_view text) noexcept;

}  // namespace huiliu::normalize
