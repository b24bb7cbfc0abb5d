// Numbers of the world: valid in form and check digits, distinct for distinct indices, invented.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/twin/world_vocabulary.hpp"

namespace huiliu::twin {

// A unified social credit code (GB 32100): department and kind ("91"), division (6 digits), the 8 characters
// of an organisation code (GB 11714); both check characters are computed.
std::string make_credit_code(std::string_view kind, std::string_view division, std::string_view organisation);

// The 8 characters of an organisation code: digits for older registrations, MA…… for newer ones.
std::string make_organisation_code(std::uint64_t index, std::uint64_t seed);

// Both check characters hold, and every character is of the alphabet.
bool is_valid_credit_code(std::string_view code);

// "0512-66881234": never starts with 0, 1 or 9 after the area code. index < 7,000,000.
std::string make_landline(const City& city, std::uint64_t index, std::uint64_t seed);

// "13812345678".
std::string make_mobile(std::uint64_t index, std::uint64_t seed);

}  // namespace huiliu::twin
