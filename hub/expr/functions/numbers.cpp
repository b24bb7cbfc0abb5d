// Functions of single numbers, and numbers as text.
#include <cmath>
#include <limits>

#include "hub/expr/builtins.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/number_text.hpp"
#include "hub/expr/pictures/integer_picture.hpp"
#include "hub/expr/pictures/number_picture.hpp"

namespace huiliu::expr {
namespace {

bool is_decimal_digit(char c) { return c >= '0' && c <= '9'; }

// -?digits[.digits][e[+-]digits]; unlike JSON, leading zeros are fine.
bool is_decimal_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto skip_digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && is_decimal_digit(text[at])) ++at;
    return at > begin;
  };
  if (!skip_digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!skip_digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!skip_digits()) return false;
  }
  return at == text.size();
}

int digit_of(char c) {
  if (is_decimal_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

// 0x1F, 0o17, 0b101. NaN if it is none.
double prefixed_number(std::string_view text) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (text.size() < 3 || text[0] != '0') return none;
  const char letter = static_cast<char>(text[1] | 0x20);
  const int radix = letter == 'x' ? 16 : (letter == 'o' ? 8 : (letter == 'b' ? 2 : 0));
  double number = 0;
  for (const char c : text.substr(2)) {
    if (digit_of(c) >= radix) return none;
    number = number * radix + digit_of(c);
  }
  return number;
}

Item number(Evaluator&, const Arguments& arguments, const CallContext&) {
  const Item value = arguments[0];
  if (value.is_undefined() || value.is_number()) return value;
  if (value.tag == Tag::boolean) return Item::of_number(value.boolean ? 1 : 0);
  const std::string_view text = value.as_string();
  const double result = is_decimal_number(text) ? number_of(text) : prefixed_number(text);
  if (!std::isfinite(result)) fail("D3030");
  return Item::of_number(result);
}

template <double (*function)(double)>
Item of_one(Evaluator&, const Arguments& arguments, const CallContext&) {
  return arguments[0].is_undefined() ? Item() : Item::of_number(function(arguments[0].as_number()));
}

double absolute(double value) { return std::fabs(value); }
double floored(double value) { return std::floor(value); }
double ceiled(double value) { return std::ceil(value); }

// Half to even, at so many decimals.
Item round(Evaluator&, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  const double precision = arguments[1].is_number() ? std::trunc(arguments[1].as_number()) : 0;
  const int places = static_cast<int>(std::max(-400.0, std::min(400.0, precision)));
  const double value = arguments[0].as_number();
  const double shifted = places == 0 ? value : shift_decimal_point(value, places);
  if (!std::isfinite(shifted)) return Item::of_number(value);
  double rounded = std::floor(shifted);
  const double rest = shifted - rounded;
  if (rest > 0.5 || (rest == 0.5 && std::fmod(std::fabs(rounded), 2) == 1)) rounded += 1;
  rounded = places == 0 ? rounded : shift_decimal_point(rounded, -places);
  return Item::of_number(rounded == 0 ? 0 : rounded);
}

Item square_root(Evaluator&, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  const double value = arguments[0].as_number();
  if (value < 0) fail("D3060");
  return Item::of_number(std::sqrt(value));
}

Item power(Evaluator&, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  const double exponent =
      arguments[1].is_undefined() ? std::numeric_limits<double>::quiet_NaN() : arguments[1].as_number();
  const double result = std::pow(arguments[0].as_number(), exponent);
  if (!std::isfinite(result) || std::isnan(exponent)) fail("D3061");
  return Item::of_number(result);
}

Item random(Evaluator& evaluator, const Arguments&, const CallContext&) {
  constexpr double two_to_53 = 9007199254740992.0;
  return Item::of_number(static_cast<double>(evaluator.random() >> 11) / two_to_53);
}

double half_even(double value) {
  double rounded = std::floor(value + 0.5);
  if (rounded - value == 0.5 && std::fmod(std::fabs(rounded), 2) == 1) rounded -= 1;
  return rounded;
}

Item format_base(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  const double value = half_even(arguments[0].as_number());
  const double radix = arguments[1].is_undefined() ? 10 : half_even(arguments[1].as_number());
  std::string text;
  if (!(radix >= 2 && radix <= 36)) {
    append_number(text, radix);
    fail("D3100", text);
  }
  if (radix == 10 || !std::isfinite(value)) {
    append_number(text, value);
    return evaluator.keep_text(text);
  }
  for (double rest = std::fabs(value); rest >= 1; rest = std::floor(rest / radix)) {
    text.insert(text.begin(),
                "0123456789abcdefghijklmnopqrstuvwxyz"[static_cast<int>(std::fmod(rest, radix))]);
  }
  if (text.empty()) text = "0";
  if (value < 0) text.insert(text.begin(), '-');
  return evaluator.keep_text(text);
}

Item format_number_builtin(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  const std::string_view picture = arguments[1].is_string() ? arguments[1].as_string() : "";
  return evaluator.keep_text(format_number(arguments[0].as_number(), picture, arguments[2]));
}

Item format_integer(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined() || arguments[1].is_undefined()) return {};
  return evaluator.keep_text(
      IntegerPicture::of(arguments[1].as_string()).format(std::floor(arguments[0].as_number())));
}

Item parse_integer(Evaluator&, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined() || arguments[1].is_undefined()) return {};
  const IntegerPicture picture = IntegerPicture::of(arguments[1].as_string());
  if (picture.form == IntegerPicture::Form::unsupported) fail("D3130", picture.source);
  return Item::of_number(picture.parse(arguments[0].as_string()));
}

constexpr BuiltinEntry number_entries[] = {
    {"number", "<(nsb)-:n>", 1, number},
    {"floor", "<n-:n>", 1, of_one<floored>},
    {"ceil", "<n-:n>", 1, of_one<ceiled>},
    {"abs", "<n-:n>", 1, of_one<absolute>},
    {"round", "<n-n?:n>", 1, round},
    {"sqrt", "<n-:n>", 1, square_root},
    {"power", "<n-n:n>", 2, power},
    {"random", "<:n>", 0, random},
    {"formatBase", "<n-n?:s>", 2, format_base},
    {"formatNumber", "<n-so?:s>", 3, format_number_builtin},
    {"formatInteger", "<n-s:s>", 2, format_integer},
    {"parseInteger", "<s-s:n>", 2, parse_integer},
};

}  // namespace

std::span<const BuiltinEntry> number_builtins() { return number_entries; }

}  // namespace huiliu::expr
