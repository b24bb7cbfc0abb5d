// Inside the module: the Chinese numbering plan, and the country calling codes of the others.
//
// `digits` are national digits without separators; areas are written with their trunk 0 (0755, 010).
#pragma once

#include <string>
#include <string_view>

#include "hub/normalize/divisions.hpp"

namespace huiliu::normalize {

// Local numbers of the area have eight digits; the rest have seven.
bool eight_digits(std::string_view area);
// Both lengths are in use.
bool both_lengths(std::string_view area);
// The area code that `digits` (with trunk 0) begin with; "" when none.
std::string_view area_prefix(std::string_view digits);
// The prefecture or municipality of an area code; 0 when unknown.
DivisionCode area_division(std::string_view area);

bool is_mobile(std::string_view digits);            // eleven digits, 13… to 19…
bool assigned_block(std::string_view digits);       // of a mobile: an operator is known to use it
bool is_virtual_operator(std::string_view digits);  // of a mobile
bool is_machine_number(std::string_view digits);    // cards in machines
bool is_satellite(std::string_view digits);
bool is_service_number(std::string_view digits);  // 400…, 95588, 12345
bool is_placeholder_number(std::string_view digits);

struct CallingCode {
  std::string code;          // "44"
  std::string region;        // ISO 3166: GB
  std::size_t shortest = 0;  // national number
  std::size_t longest = 0;
  std::string trunk;  // "0", or "" when there is none
};
// The longest calling code that `digits` begin with; null when none.
const CallingCode* calling_code(std::string_view digits);

}  // namespace huiliu::normalize
