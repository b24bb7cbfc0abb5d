#include "hub/expr/number_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace huiliu::expr {
namespace {

// The significant digits and the exponent of the shortest text: 0.d1d2d3… * 10^point.
struct Digits {
  char text[24];
  int count = 0;
  int point = 0;
};

Digits shortest_digits(double magnitude) {
  char buffer[32];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific);
  Digits digits;
  const char* at = buffer;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') digits.text[digits.count++] = *at;
  }
  int exponent = 0;
  if (at != end) std::from_chars(at[1] == '+' ? at + 2 : at + 1, end, exponent);
  static_cast<void>(error);  // 32 characters hold every double
  digits.point = exponent + 1;
  while (digits.count > 1 && digits.text[digits.count - 1] == '0') --digits.count;
  return digits;
}

void append_digits(std::string& out, const Digits& digits) {
  const auto count = static_cast<std::size_t>(digits.count);
  if (digits.point > 21 || digits.point < -5) {
    out += digits.text[0];
    if (count > 1) out.append(".").append(digits.text + 1, count - 1);
    const int exponent = digits.point - 1;
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  } else if (digits.point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-digits.point), '0').append(digits.text, count);
  } else if (const auto point = static_cast<std::size_t>(digits.point); point >= count) {
    out.append(digits.text, count).append(point - count, '0');
  } else {
    out.append(digits.text, point).append(".").append(digits.text + point, count - point);
  }
}

// Whole numbers below 10^15, the most frequent ones.
bool append_small_integer(std::string& out, double number) {
  if (!(std::fabs(number) < 1e15) || number != std::trunc(number)) return false;
  char buffer[24];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(number));
  static_cast<void>(error);
  out.append(buffer, end);
  return true;
}

// To 15 significant digits; an exact tie goes away from zero, as toPrecision does and printf does not.
double rounded_to_15_digits(double magnitude) {
  char exact[64];
  std::snprintf(exact, sizeof exact, "%.40e", magnitude);
  char rounded[32];
  std::snprintf(rounded, sizeof rounded, "%.14e", magnitude);
  const std::string_view tail(exact + 16, 26);  // the digits behind the 15th
  if (tail.front() == '5' && tail.find_first_not_of('0', 1) == std::string_view::npos) {
    std::snprintf(rounded, sizeof rounded, "%.14e", std::nextafter(magnitude, HUGE_VAL));
  }
  return std::strtod(rounded, nullptr);
}

}  // namespace

void append_number(std::string& out, double number) {
  if (append_small_integer(out, number)) return;
  if (!std::isfinite(number)) {
    out += std::isnan(number) ? "NaN" : (number > 0 ? "Infinity" : "-Infinity");
    return;
  }
  if (std::signbit(number)) out += '-';
  append_digits(out, shortest_digits(std::fabs(number)));
}

void append_number_15(std::string& out, double number) {
  if (append_small_integer(out, number)) return;
  if (!std::isfinite(number)) return append_number(out, number);
  if (std::signbit(number)) out += '-';
  Digits digits = shortest_digits(std::fabs(number));
  if (digits.count > 15) digits = shortest_digits(rounded_to_15_digits(std::fabs(number)));
  append_digits(out, digits);
}

double number_of(std::string_view text) noexcept {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  static_cast<void>(end);
  if (error == std::errc::result_out_of_range) return std::strtod(std::string(text).c_str(), nullptr);
  return number;
}

double shift_decimal_point(double number, int places) {
  if (number == 0 || !std::isfinite(number)) return number;
  const Digits digits = shortest_digits(std::fabs(number));
  std::string text = std::signbit(number) ? "-0." : "0.";
  text.append(digits.text, static_cast<std::size_t>(digits.count));
  text += 'e';
  text += std::to_string(digits.point + places);
  return std::strtod(text.c_str(), nullptr);
}

}  // namespace huiliu::expr
