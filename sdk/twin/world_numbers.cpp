#include "sdk/twin/world_numbers.hpp"

#include <cstddef>

#include "sdk/twin/world_dice.hpp"

namespace huiliu::twin {
namespace {

constexpr std::string_view kCreditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

// GB 32100: weights 3^(i-1) mod 31 over the first 17 characters.
char credit_check(std::string_view code) {
  unsigned sum = 0;
  unsigned weight = 1;
  for (const char c : code.substr(0, 17)) {
    sum += static_cast<unsigned>(kCreditAlphabet.find(c)) * weight;
    weight = weight * 3 % 31;
  }
  return kCreditAlphabet[(31 - sum % 31) % 31];
}

// GB 11714: base-36 values, weights 3 7 9 10 5 8 4 2.
char organisation_check(std::string_view code) {
  static constexpr unsigned kWeights[] = {3, 7, 9, 10, 5, 8, 4, 2};
  unsigned sum = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const char c = code[i];
    sum += static_cast<unsigned>(c <= '9' ? c - '0' : c - 'A' + 10) * kWeights[i];
  }
  return "0123456789X0"[11 - sum % 11];
}

std::string padded(std::uint64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

}  // namespace

std::string make_credit_code(std::string_view kind, std::string_view division,
                             std::string_view organisation) {
  std::string code;
  code.reserve(18);
  code.append(kind).append(division).append(organisation);
  code += organisation_check(organisation);
  code += credit_check(code);
  return code;
}

std::string make_organisation_code(std::uint64_t index, std::uint64_t seed) {
  static constexpr std::uint64_t kDigits = 100'000'000;
  static constexpr std::uint64_t kLetters = 31ULL * 31 * 31 * 31 * 31 * 31;
  if (index % 3 == 0) return padded(permute(index, kDigits, seed), 8);
  std::uint64_t value = permute(index, kLetters, seed);
  std::string code = "MA000000";
  for (std::size_t i = code.size() - 1; i >= 2; --i) {
    code[i] = kCreditAlphabet[value % 31];
    value /= 31;
  }
  return code;
}

bool is_valid_credit_code(std::string_view code) {
  if (code.size() != 18 || code.find_first_not_of(kCreditAlphabet) != std::string_view::npos) return false;
  return code[16] == organisation_check(code.substr(8, 8)) && code[17] == credit_check(code);
}

std::string make_landline(const City& city, std::uint64_t index, std::uint64_t seed) {
  const std::uint64_t size = city.local_digits == 7 ? 7'000'000 : 70'000'000;
  const std::uint64_t value = permute(index % size, size, seed);
  return std::string(city.area_code) + "-" +
         padded(value + 2 * size / 7, static_cast<std::size_t>(city.local_digits));
}

std::string make_mobile(std::uint64_t index, std::uint64_t seed) {
  const auto& prefixes = vocabulary().mobile_prefixes;
  static constexpr std::uint64_t kSubscribers = 100'000'000;
  const std::uint64_t value = permute(index, kSubscribers * prefixes.size(), seed);
  return std::string(prefixes[value / kSubscribers]) + padded(value % kSubscribers, 8);
}

}  // namespace huiliu::twin
