#include "hub/expr/pictures/integer_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "hub/expr/failure.hpp"
#include "hub/expr/number_text.hpp"
#include "hub/expr/pictures/number_words.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

// The zeros of Unicode's groups of decimal digits.
constexpr std::array<char32_t, 37> zeros = {
    0x30,   0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66,
    0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50,
    0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

char32_t zero_of_group(char32_t character) {
  const auto found = std::find_if(zeros.begin(), zeros.end(),
                                  [=](char32_t zero) { return character >= zero && character <= zero + 9; });
  return found == zeros.end() ? 0 : *found;
}

// The distance, if separators of one kind stand at each of its multiples.
std::size_t regular_distance_of(const std::vector<IntegerPicture::Separator>& separators) {
  if (separators.empty()) return 0;
  std::size_t distance = 0;
  for (const IntegerPicture::Separator& separator : separators) {
    if (separator.character != separators[0].character) return 0;
    distance = std::gcd(distance, separator.position);
  }
  // They are listed from the right, so the i-th must be the i-th multiple.
  for (std::size_t i = 0; i < separators.size(); ++i) {
    if (separators[i].position != (i + 1) * distance) return 0;
  }
  return distance;
}

std::string digits_of(double number) {
  std::string text;
  if (number < 1e21) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.0f", number);
    return buffer;
  }
  append_number(text, number);
  return text;
}

std::string_view ordinal_suffix(std::string_view digits) {
  const bool is_teen = digits.size() > 1 && digits[digits.size() - 2] == '1';
  switch (is_teen ? '0' : digits.back()) {
    case '1':
      return "st";
    case '2':
      return "nd";
    case '3':
      return "rd";
    default:
      return "th";
  }
}

void change_ascii_case(std::string& text, IntegerPicture::Case letter_case) {
  for (char& c : text) {
    if (letter_case == IntegerPicture::Case::upper && c >= 'a' && c <= 'z')
      c = static_cast<char>(c - ('a' - 'A'));
    if (letter_case == IntegerPicture::Case::lower && c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + ('a' - 'A'));
  }
}

void read_digit_pattern(IntegerPicture& picture) {
  std::vector<char32_t> characters;
  for (std::size_t at = 0; at < picture.source.size();)
    characters.push_back(next_character(picture.source, at));
  char32_t zero = 0;
  std::size_t digits = 0;
  for (auto character = characters.rbegin(); character != characters.rend(); ++character) {
    if (const char32_t group = zero_of_group(*character); group != 0) {
      if (zero != 0 && group != zero) fail("D3131");
      zero = group;
      ++picture.mandatory_digits;
      ++digits;
    } else if (*character == U'#') {
      ++picture.optional_digits;
      ++digits;
    } else {
      picture.separators.push_back({digits, *character});
    }
  }
  if (picture.mandatory_digits == 0) {
    picture.form = IntegerPicture::Form::unsupported;
    return;
  }
  picture.zero = zero;
  picture.regular_distance = regular_distance_of(picture.separators);
}

// The separator that stands to the left of so many digits, or 0.
char32_t separator_before(const IntegerPicture& picture, std::size_t digits_to_the_right) {
  if (digits_to_the_right == 0) return 0;
  if (picture.regular_distance != 0) {
    return digits_to_the_right % picture.regular_distance == 0 ? picture.separators[0].character : 0;
  }
  const auto found = std::lower_bound(
      picture.separators.begin(), picture.separators.end(), digits_to_the_right,
      [](const auto& separator, std::size_t position) { return separator.position < position; });
  const bool is_there = found != picture.separators.end() && found->position == digits_to_the_right;
  return is_there ? found->character : 0;
}

std::string formatted_digits(const IntegerPicture& picture, double number) {
  std::string digits = digits_of(number);
  if (digits.size() < picture.mandatory_digits)
    digits.insert(0, picture.mandatory_digits - digits.size(), '0');
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (const char32_t separator = i == 0 ? 0 : separator_before(picture, digits.size() - i);
        separator != 0) {
      append_character(out, separator);
    }
    const bool is_digit = digits[i] >= '0' && digits[i] <= '9';
    append_character(out, is_digit ? picture.zero + static_cast<char32_t>(digits[i] - '0')
                                   : static_cast<char32_t>(digits[i]));
  }
  if (picture.is_ordinal) out += ordinal_suffix(digits);
  return out;
}

}  // namespace

IntegerPicture IntegerPicture::of(std::string_view picture) {
  IntegerPicture result;
  const std::size_t semicolon = picture.rfind(';');
  result.source = picture.substr(0, semicolon);
  if (semicolon != std::string_view::npos) result.is_ordinal = picture.substr(semicolon + 1).starts_with("o");
  const std::string& source = result.source;
  if (source == "A" || source == "a") {
    result.form = Form::letters;
  } else if (source == "I" || source == "i") {
    result.form = Form::roman;
  } else if (source == "W" || source == "w" || source == "Ww") {
    result.form = Form::words;
  } else {
    read_digit_pattern(result);
    return result;
  }
  const bool is_upper = source[0] >= 'A' && source[0] <= 'Z';
  result.letter_case = source == "Ww" ? Case::title : (is_upper ? Case::upper : Case::lower);
  return result;
}

std::string IntegerPicture::format(double number) const {
  const double magnitude = std::fabs(number);
  std::string text;
  switch (form) {
    case Form::letters:
      text = magnitude < 1e300 ? letters_of(magnitude, letter_case == Case::upper ? 'A' : 'a') : "";
      break;
    case Form::roman:
      text = roman_of(magnitude);
      break;
    case Form::words:
      text = std::isfinite(magnitude) ? words_of(magnitude, is_ordinal) : "";
      break;
    case Form::decimal:
      text = formatted_digits(*this, magnitude);
      break;
    case Form::unsupported:
      fail("D3130", source);
  }
  if (form != Form::decimal) change_ascii_case(text, letter_case);
  return number < 0 ? "-" + text : text;
}

std::string IntegerPicture::pattern() const {
  switch (form) {
    case Form::letters:
      return letter_case == Case::upper ? "[A-Z]+" : "[a-z]+";
    case Form::roman:
      return letter_case == Case::upper ? "[MDCLXVI]+" : "[mdclxvi]+";
    case Form::words:
      return "(?:" + number_word_pattern() + ")+";
    case Form::decimal:
      break;
    case Form::unsupported:
      fail("D3130", source);
  }
  std::string digit = "[";
  append_character(digit, zero);
  digit += '-';
  append_character(digit, zero + 9);
  for (const Separator& separator : separators) {
    if (separator.character == U']' || separator.character == U'\\' || separator.character == U'^' ||
        separator.character == U'-')
      digit += '\\';
    append_character(digit, separator.character);
  }
  digit += ']';
  digit += exact_width == 0 ? "+" : "{" + std::to_string(exact_width) + "}";
  return is_ordinal ? digit + "(?:th|st|nd|rd)" : digit;
}

double IntegerPicture::parse(std::string_view text) const {
  std::string copy(text);
  switch (form) {
    case Form::letters:
      change_ascii_case(copy, letter_case);
      return number_of_letters(copy, letter_case == Case::upper ? 'A' : 'a');
    case Form::roman:
      return number_of_roman(copy);
    case Form::words:
      change_ascii_case(copy, Case::lower);
      return number_of_words(copy);
    case Form::unsupported:
      fail("D3130", source);
    case Form::decimal:
      break;
  }
  double number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t character = next_character(text, at);
    if (character >= zero && character <= zero + 9) number = number * 10 + (character - zero);
  }
  return !text.empty() && text.front() == '-' ? -number : number;
}

}  // namespace huiliu::expr
