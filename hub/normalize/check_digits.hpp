// The arithmetic of Chinese identifiers: which character the last one must be. Pure; no allocation.
//
// All functions take upper-case ASCII without separators, and return '\0' (or false) for a character outside
// the alphabet or a wrong length.
#pragma once

#include <string_view>

namespace huiliu::normalize {

// GB 32100-2015: the 31 characters in the order of their values.
inline constexpr std::string_view kUsccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
bool is_uscc_character(char c) noexcept;

// The 18th character from the first 17: weights 3^i mod 31, weighted sum of all 18 ≡ 0 (mod 31).
char uscc_check_character(std::string_view first17) noexcept;
bool uscc_check_holds(std::string_view code18) noexcept;

// GB 11714: the 9th character from the first 8: weights 3 7 9 10 5 8 4 2, mod 11, base-36 values.
char organisation_check_character(std::string_view first8) noexcept;
bool organisation_check_holds(std::string_view code9) noexcept;

// GS15-2006, registration numbers: the 15th digit from the first 14 (ISO 7064 mod 11,10).
char registration_check_digit(std::string_view first14) noexcept;
bool registration_check_holds(std::string_view code15) noexcept;

// GB 11643, resident ids: the 18th character from the first 17 digits (ISO 7064 mod 11-2).
char resident_check_character(std::string_view first17) noexcept;
bool resident_check_holds(std::string_view id18) noexcept;

// ISO 17442: letters are 10–35, the whole number mod 97 is 1; 20 characters.
bool lei_check_holds(std::string_view lei20) noexcept;

bool all_digits(std::string_view text) noexcept;          // false for ""
bool all_same_character(std::string_view text) noexcept;  // false for ""

}  // namespace huiliu::normalize
