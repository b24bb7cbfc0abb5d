#include "hub/expr/pictures/number_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

namespace huiliu::expr {
namespace {

constexpr std::array<std::string_view, 20> small_numbers = {
    "Zero",     "One",     "Two",     "Three",     "Four",     "Five",    "Six",
    "Seven",    "Eight",   "Nine",    "Ten",       "Eleven",   "Twelve",  "Thirteen",
    "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen"};
constexpr std::array<std::string_view, 20> small_ordinals = {
    "Zeroth",     "First",     "Second",    "Third",       "Fourth",     "Fifth",     "Sixth",
    "Seventh",    "Eighth",    "Ninth",     "Tenth",       "Eleventh",   "Twelfth",   "Thirteenth",
    "Fourteenth", "Fifteenth", "Sixteenth", "Seventeenth", "Eighteenth", "Nineteenth"};
constexpr std::array<std::string_view, 8> tens_names = {"Twenty", "Thirty",  "Forty",  "Fifty",
                                                        "Sixty",  "Seventy", "Eighty", "Ninety"};
constexpr std::array<std::string_view, 4> magnitude_names = {"Thousand", "Million", "Billion", "Trillion"};

constexpr std::array<std::pair<int, std::string_view>, 13> roman_digits = {{{1000, "m"},
                                                                            {900, "cm"},
                                                                            {500, "d"},
                                                                            {400, "cd"},
                                                                            {100, "c"},
                                                                            {90, "xc"},
                                                                            {50, "l"},
                                                                            {40, "xl"},
                                                                            {10, "x"},
                                                                            {9, "ix"},
                                                                            {5, "v"},
                                                                            {4, "iv"},
                                                                            {1, "i"}}};

// Larger ones would become endless rows of letters.
constexpr double greatest_roman = 1e6;

std::size_t index_of(double number) { return static_cast<std::size_t>(number); }

// `follows`: something stands before it, from which "and" or a comma parts it.
std::string words_within(double number, bool follows, bool is_ordinal) {
  if (number < 20) {
    return std::string(follows ? " and " : "")
        .append((is_ordinal ? small_ordinals : small_numbers)[index_of(number)]);
  }
  if (number < 100) {
    std::string words(follows ? " and " : "");
    words += tens_names[index_of(number / 10) - 2];
    const double rest = std::fmod(number, 10);
    if (rest > 0) return words + "-" + words_within(rest, false, is_ordinal);
    if (is_ordinal) words.replace(words.size() - 1, 1, "ieth");
    return words;
  }
  std::string words(follows ? ", " : "");
  double rest = 0;
  if (number < 1000) {
    words.append(small_numbers[index_of(number / 100)]).append(" Hundred");
    rest = std::fmod(number, 100);
  } else {
    const double magnitude =
        std::min(std::floor(std::log10(number) / 3), static_cast<double>(magnitude_names.size()));
    const double factor = std::pow(10, magnitude * 3);
    const double mantissa = std::floor(number / factor);
    words.append(words_within(mantissa, false, false))
        .append(" ")
        .append(magnitude_names[index_of(magnitude) - 1]);
    rest = number - mantissa * factor;
  }
  if (rest > 0) return words + words_within(rest, true, is_ordinal);
  return is_ordinal ? words + "th" : words;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

const std::map<std::string, double, std::less<>>& word_values() {
  static const std::map<std::string, double, std::less<>> values = [] {
    std::map<std::string, double, std::less<>> all;
    for (std::size_t i = 0; i < small_numbers.size(); ++i) {
      all[lower_ascii(small_numbers[i])] = static_cast<double>(i);
      all[lower_ascii(small_ordinals[i])] = static_cast<double>(i);
    }
    for (std::size_t i = 0; i < tens_names.size(); ++i) {
      const std::string name = lower_ascii(tens_names[i]);
      const double value = static_cast<double>(i + 2) * 10;
      all[name] = value;
      all[name.substr(0, name.size() - 1) + "ieth"] = value;
    }
    all["hundred"] = all["hundredth"] = 100;
    for (std::size_t i = 0; i < magnitude_names.size(); ++i) {
      const std::string name = lower_ascii(magnitude_names[i]);
      all[name] = all[name + "th"] = std::pow(10, 3 * static_cast<double>(i + 1));
    }
    return all;
  }();
  return values;
}

}  // namespace

std::string words_of(double number, bool is_ordinal) { return words_within(number, false, is_ordinal); }

double number_of_words(std::string_view words) {
  // The last segment collects; a hundred or more multiplies it.
  std::vector<double> segments = {0};
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = at;
    while (end < words.size() && words[end] >= 'a' && words[end] <= 'z') ++end;
    const auto found = word_values().find(words.substr(at, end - at));
    if (found != word_values().end()) {
      if (found->second >= 100) {
        segments.back() *= found->second;
      } else if (segments.back() >= 1000) {
        segments.push_back(found->second);
      } else {
        segments.back() += found->second;
      }
    }
    at = std::max(end, at + 1);
  }
  double sum = 0;
  for (const double segment : segments) sum += segment;
  return sum;
}

std::string number_word_pattern() {
  std::string pattern;
  for (const auto& [word, value] : word_values()) pattern += word + "|";
  return pattern + "and|[\\-, ]";
}

std::string roman_of(double number) {
  std::string roman;
  if (number > greatest_roman) return roman;
  for (const auto& [value, digits] : roman_digits) {
    for (; number >= value; number -= value) roman += digits;
  }
  return roman;
}

double number_of_roman(std::string_view roman) {
  double sum = 0;
  double greatest = 0;
  for (std::size_t i = roman.size(); i-- > 0;) {
    const std::string digit = lower_ascii(roman.substr(i, 1));
    const auto found = std::find_if(roman_digits.begin(), roman_digits.end(),
                                    [&](const auto& entry) { return entry.second == digit; });
    if (found == roman_digits.end()) continue;
    if (found->first < greatest) {
      sum -= found->first;
    } else {
      greatest = found->first;
      sum += greatest;
    }
  }
  return sum;
}

std::string letters_of(double number, char first) {
  std::string letters;
  for (; number > 0; number = std::floor((number - 1) / 26)) {
    letters += static_cast<char>(first + static_cast<int>(std::fmod(number - 1, 26)));
  }
  std::reverse(letters.begin(), letters.end());
  return letters;
}

double number_of_letters(std::string_view letters, char first) {
  double number = 0;
  for (const char c : letters) number = number * 26 + (c - first + 1);
  return number;
}

}  // namespace huiliu::expr
