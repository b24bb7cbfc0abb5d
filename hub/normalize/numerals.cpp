#include "hub/normalize/numerals.hpp"

namespace huiliu::normalize {
namespace {

constexpr std::uint64_t kNumeralLimit = 1'000'000'000'000'000'000ULL;

}  // namespace

int chinese_digit(char32_t c) noexcept {
  switch (c) {
    case U'〇':
    case U'零':
    case U'○':
      return 0;
    case U'一':
    case U'壹':
    case U'弌':
      return 1;
    case U'二':
    case U'贰':
    case U'貳':
    case U'两':
    case U'兩':
      return 2;
    case U'三':
    case U'叁':
    case U'參':
    case U'叄':
      return 3;
    case U'四':
    case U'肆':
      return 4;
    case U'五':
    case U'伍':
      return 5;
    case U'六':
    case U'陆':
    case U'陸':
      return 6;
    case U'七':
    case U'柒':
      return 7;
    case U'八':
    case U'捌':
      return 8;
    case U'九':
    case U'玖':
      return 9;
    default:
      return -1;
  }
}

std::uint64_t chinese_unit(char32_t c) noexcept {
  switch (c) {
    case U'十':
    case U'拾':
      return 10;
    case U'百':
    case U'佰':
      return 100;
    case U'千':
    case U'仟':
      return 1000;
    case U'万':
    case U'萬':
      return 10'000;
    case U'亿':
    case U'億':
      return 100'000'000;
    default:
      return 0;
  }
}

NumeralMatch leading_numeral(std::u32string_view text) noexcept {
  NumeralMatch match;
  std::uint64_t total = 0;    // closed by 万 or 亿
  std::uint64_t section = 0;  // below 万
  std::uint64_t digits = 0;   // digits in a row
  std::size_t run = 0;
  bool units = false;
  std::size_t at = 0;
  for (; at < text.size() && at < 40; ++at) {
    const int digit = chinese_digit(text[at]);
    if (digit >= 0) {
      if (digits > kNumeralLimit / 10) return {};
      digits = digits * 10 + static_cast<std::uint64_t>(digit);
      ++run;
      continue;
    }
    if (text[at] == U'廿' || text[at] == U'卅') {
      section += text[at] == U'廿' ? 20 : 30;
      units = true;
      continue;
    }
    const std::uint64_t unit = chinese_unit(text[at]);
    if (unit == 0) break;
    units = true;
    if (unit < 10'000) {
      section += (run == 0 ? (section == 0 || unit == 10 ? 1 : 0) : digits) * unit;
    } else {
      const std::uint64_t closed = section + digits;
      if (unit == 100'000'000) {
        if (total + closed > kNumeralLimit / unit) return {};
        total = (total + closed) * unit;
      } else {
        if (closed > kNumeralLimit / unit) return {};
        total += closed * unit;
      }
      section = 0;
    }
    digits = 0;
    run = 0;
    if (total > kNumeralLimit || section > kNumeralLimit) return {};
  }
  match.length = at;
  match.positional = !units;
  match.value = total + section + digits;
  return match;
}

}  // namespace huiliu::normalize
