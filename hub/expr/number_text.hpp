// Numbers as JavaScript writes them: the shortest text that reads back equal, exponents from 1e21 and below
// 1e-6.
#pragma once

#include <string>
#include <string_view>

namespace huiliu::expr {

void append_number(std::string& out, double number);
// Rounded to 15 significant digits first, as $string does.
void append_number_15(std::string& out, double number);
// A text in JSON's number syntax.
double number_of(std::string_view text) noexcept;
// `number` with its decimal point moved: number * 10^places without the rounding error of a multiplication.
double shift_decimal_point(double number, int places);

}  // namespace huiliu::expr
