// Numbers by picture, as XPath's fn:format-number: "#,##0.00", "0%", "00.000e0", "#0.00;(#0.00)".
#pragma once

#include <string>
#include <string_view>

#include "hub/expr/item.hpp"

namespace huiliu::expr {

// `options`: an object that renames the picture's characters ("decimal-separator" …), or undefined. Raises
// D3080 to D3093 for a malformed picture.
std::string format_number(double number, std::string_view picture, const Item& options);

}  // namespace huiliu::expr
