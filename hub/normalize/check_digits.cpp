#include "hub/normalize/check_digits.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace huiliu::normalize {
namespace {

constexpr std::array<int, 17> kUsccWeights{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
constexpr std::array<int, 8> kOrganisationWeights{3, 7, 9, 10, 5, 8, 4, 2};
constexpr std::array<int, 17> kResidentWeights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};

// Values of the alphabet of credit codes; -1 for other characters.
constexpr std::array<std::int8_t, 256> kUsccValues = [] {
  std::array<std::int8_t, 256> values{};
  for (std::int8_t& value : values) value = -1;
  for (std::size_t i = 0; i < kUsccAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kUsccAlphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}();

int base36(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool all_same_character(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of(text[0]) == std::string_view::npos;
}

bool is_uscc_character(char c) noexcept { return kUsccValues[static_cast<unsigned char>(c)] >= 0; }

char uscc_check_character(std::string_view first17) noexcept {
  if (first17.size() != 17) return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    const int value = kUsccValues[static_cast<unsigned char>(first17[i])];
    if (value < 0) return '\0';
    sum += value * kUsccWeights[i];
  }
  return kUsccAlphabet[static_cast<std::size_t>((31 - sum % 31) % 31)];
}

bool uscc_check_holds(std::string_view code18) noexcept {
  return code18.size() == 18 && uscc_check_character(code18.substr(0, 17)) == code18[17];
}

char organisation_check_character(std::string_view first8) noexcept {
  if (first8.size() != 8) return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const int value = base36(first8[i]);
    if (value < 0) return '\0';
    sum += value * kOrganisationWeights[i];
  }
  const int check = 11 - sum % 11;
  return check == 10 ? 'X' : check == 11 ? '0' : static_cast<char>('0' + check);
}

bool organisation_check_holds(std::string_view code9) noexcept {
  return code9.size() == 9 && organisation_check_character(code9.substr(0, 8)) == code9[8];
}

char registration_check_digit(std::string_view first14) noexcept {
  if (first14.size() != 14 || !all_digits(first14)) return '\0';
  int product = 10;
  for (const char digit : first14) {
    const int sum = (product + (digit - '0')) % 10;
    product = 2 * (sum == 0 ? 10 : sum) % 11;
  }
  return static_cast<char>('0' + (11 - product) % 10);
}

bool registration_check_holds(std::string_view code15) noexcept {
  return code15.size() == 15 && registration_check_digit(code15.substr(0, 14)) == code15[14];
}

char resident_check_character(std::string_view first17) noexcept {
  if (first17.size() != 17 || !all_digits(first17)) return '\0';
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (first17[i] - '0') * kResidentWeights[i];
  return "10X98765432"[sum % 11];
}

bool resident_check_holds(std::string_view id18) noexcept {
  return id18.size() == 18 && resident_check_character(id18.substr(0, 17)) == id18[17];
}

bool lei_check_holds(std::string_view lei20) noexcept {
  if (lei20.size() != 20) return false;
  int remainder = 0;
  for (const char c : lei20) {
    const int value = base36(c);
    if (value < 0) return false;
    remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97;
  }
  return remainder == 1;
}

}  // namespace huiliu::normalize
