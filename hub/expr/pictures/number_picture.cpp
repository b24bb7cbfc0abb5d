#include "hub/expr/pictures/number_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <vector>

#include "hub/expr/failure.hpp"
#include "hub/expr/number_text.hpp"
#include "hub/expr/object.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

using Text = std::u32string;
using TextView = std::u32string_view;

Text to_characters(std::string_view utf8) {
  Text text;
  for (std::size_t at = 0; at < utf8.size();) text += next_character(utf8, at);
  return text;
}

std::string to_utf8(TextView text) {
  std::string utf8;
  for (const char32_t character : text) append_character(utf8, character);
  return utf8;
}

struct DecimalFormat {
  Text decimal_separator = U".";
  Text grouping_separator = U",";
  Text exponent_separator = U"e";
  Text minus_sign = U"-";
  Text percent = U"%";
  Text per_mille = U"\u2030";
  Text zero_digit = U"0";
  Text digit = U"#";
  Text pattern_separator = U";";

  explicit DecimalFormat(const Item& options) {
    if (!options.is_object()) return;
    const std::array<std::pair<std::string_view, Text*>, 9> properties = {
        {{"decimal-separator", &decimal_separator},
         {"grouping-separator", &grouping_separator},
         {"exponent-separator", &exponent_separator},
         {"minus-sign", &minus_sign},
         {"percent", &percent},
         {"per-mille", &per_mille},
         {"zero-digit", &zero_digit},
         {"digit", &digit},
         {"pattern-separator", &pattern_separator}}};
    const Members members(options);
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      if (!members.value(i).is_string() || members.value(i).size == 0) continue;
      for (const auto& [name, property] : properties) {
        if (name == members.key(i)) *property = to_characters(members.value(i).as_string());
      }
    }
  }

  bool is_mandatory(char32_t c) const { return c >= zero_digit[0] && c < zero_digit[0] + 10; }
  bool is_digit(char32_t c) const { return is_mandatory(c) || TextView(&c, 1) == digit; }
  bool is_active(char32_t c) const {
    const TextView one(&c, 1);
    return is_digit(c) || one == decimal_separator || one == exponent_separator ||
           one == grouping_separator || one == pattern_separator;
  }
  std::size_t count_mandatory(TextView part) const {
    return static_cast<std::size_t>(
        std::count_if(part.begin(), part.end(), [this](char32_t c) { return is_mandatory(c); }));
  }
  std::size_t count_digits(TextView part) const {
    return static_cast<std::size_t>(
        std::count_if(part.begin(), part.end(), [this](char32_t c) { return is_digit(c); }));
  }
};

bool occurs(TextView text, TextView part) { return text.find(part) != TextView::npos; }
bool occurs_twice(TextView text, TextView part) { return text.find(part) != text.rfind(part); }

struct SubPicture {
  Text whole;
  Text prefix;
  Text suffix;
  Text active;
  Text mantissa;
  std::optional<Text> exponent;
  Text integer;
  Text fraction;
};

SubPicture split_sub_picture(const DecimalFormat& format, TextView whole) {
  SubPicture picture;
  picture.whole = whole;
  const auto begins = [&](char32_t c) {
    return format.is_active(c) && TextView(&c, 1) != format.exponent_separator;
  };
  const auto first = std::find_if(whole.begin(), whole.end(), begins);
  if (first == whole.end()) {
    picture.active = picture.mantissa = picture.integer = whole;
    return picture;
  }
  const auto last = std::find_if(whole.rbegin(), whole.rend(), begins).base();
  picture.prefix.assign(whole.begin(), first);
  picture.suffix.assign(last, whole.end());
  picture.active.assign(first, last);
  picture.mantissa = picture.active;
  if (const std::size_t e = picture.active.find(format.exponent_separator); e != Text::npos) {
    picture.exponent = picture.active.substr(e + format.exponent_separator.size());
    picture.mantissa.resize(e);
  }
  const std::size_t point = picture.mantissa.find(format.decimal_separator);
  picture.integer = picture.mantissa.substr(0, point);
  if (point != Text::npos)
    picture.fraction = picture.mantissa.substr(point + format.decimal_separator.size());
  return picture;
}

// The rules of a picture, in JSONata's order: of several broken ones the last is reported.
void validate(const DecimalFormat& format, const SubPicture& picture) {
  const Text& whole = picture.whole;
  const Text& separator = format.grouping_separator;
  const char* error = nullptr;
  if (occurs_twice(whole, format.decimal_separator)) error = "D3081";
  if (occurs_twice(whole, format.percent)) error = "D3082";
  if (occurs_twice(whole, format.per_mille)) error = "D3083";
  const bool has_scale = occurs(whole, format.percent) || occurs(whole, format.per_mille);
  if (occurs(whole, format.percent) && occurs(whole, format.per_mille)) error = "D3084";
  if (format.count_digits(picture.mantissa) == 0) error = "D3085";
  if (!std::all_of(picture.active.begin(), picture.active.end(),
                   [&](char32_t c) { return format.is_active(c); }))
    error = "D3086";
  if (occurs(whole, format.decimal_separator)) {
    if (occurs(whole, separator + format.decimal_separator) ||
        occurs(whole, format.decimal_separator + separator))
      error = "D3087";
  } else if (picture.integer.ends_with(separator)) {
    error = "D3088";
  }
  if (occurs(whole, separator + separator)) error = "D3089";
  const std::size_t first_optional = picture.integer.find(format.digit);
  if (first_optional != Text::npos &&
      format.count_mandatory(TextView(picture.integer).substr(0, first_optional)) > 0)
    error = "D3090";
  const std::size_t last_optional = picture.fraction.rfind(format.digit);
  if (last_optional != Text::npos &&
      format.count_mandatory(TextView(picture.fraction).substr(last_optional)) > 0)
    error = "D3091";
  if (picture.exponent && !picture.exponent->empty() && has_scale) error = "D3092";
  if (picture.exponent &&
      (picture.exponent->empty() || format.count_mandatory(*picture.exponent) != picture.exponent->size()))
    error = "D3093";
  if (error != nullptr) fail(error);
}

struct Layout {
  SubPicture picture;
  std::vector<std::size_t> integer_groups;  // digits to the right of each separator
  std::size_t regular_distance = 0;
  std::vector<std::size_t> fraction_groups;  // digits to the left of each separator
  std::size_t least_integer = 0;
  std::size_t scale = 0;  // digits before the point of a mantissa
  std::size_t least_fraction = 0;
  std::size_t most_fraction = 0;
  std::size_t least_exponent = 0;
};

// Where the separators of a part stand: how many digits are on that side of each. Sorted.
std::vector<std::size_t> group_positions(const DecimalFormat& format, const Text& part,
                                         bool counts_from_right) {
  std::vector<std::size_t> positions;
  const std::size_t total = format.count_digits(part);
  std::size_t digits = 0;
  for (const char32_t c : part) {
    if (format.is_digit(c))
      ++digits;
    else if (TextView(&c, 1) == format.grouping_separator)
      positions.push_back(counts_from_right ? total - digits : digits);
  }
  std::sort(positions.begin(), positions.end());
  return positions;
}

std::size_t regular_distance(const std::vector<std::size_t>& groups) {
  std::size_t distance = 0;
  for (const std::size_t group : groups) distance = std::gcd(distance, group);
  for (std::size_t i = 1; i <= groups.size(); ++i) {
    if (!std::binary_search(groups.begin(), groups.end(), i * distance)) return 0;
  }
  return distance;
}

Layout layout_of(const DecimalFormat& format, SubPicture picture) {
  Layout layout;
  layout.integer_groups = group_positions(format, picture.integer, true);
  layout.regular_distance = regular_distance(layout.integer_groups);
  layout.fraction_groups = group_positions(format, picture.fraction, false);
  layout.least_integer = layout.scale = format.count_mandatory(picture.integer);
  layout.least_fraction = format.count_mandatory(picture.fraction);
  layout.most_fraction = format.count_digits(picture.fraction);
  const bool has_exponent = picture.exponent.has_value();
  if (layout.least_integer == 0 && layout.most_fraction == 0) {
    if (has_exponent)
      layout.least_fraction = layout.most_fraction = 1;
    else
      layout.least_integer = 1;
  }
  if (has_exponent && layout.least_integer == 0 && occurs(picture.integer, format.digit))
    layout.least_integer = 1;
  if (layout.least_integer == 0 && layout.least_fraction == 0) layout.least_fraction = 1;
  if (has_exponent) layout.least_exponent = format.count_mandatory(*picture.exponent);
  layout.picture = std::move(picture);
  return layout;
}

// To so many decimals; ties go to the even digit.
double rounded_to(double number, std::size_t decimals) {
  const int places = static_cast<int>(std::min<std::size_t>(decimals, 400));
  const double shifted = shift_decimal_point(number, places);
  if (!std::isfinite(shifted)) return number;
  double rounded = std::floor(shifted + 0.5);
  if (std::fabs(rounded - shifted) == 0.5 && std::fmod(std::fabs(rounded), 2) == 1) rounded -= 1;
  return shift_decimal_point(rounded, -places);
}

// The digits of a magnitude with `decimals` decimals, in the picture's digits, without leading or trailing
// zeros.
struct DigitText {
  Text integer;
  Text fraction;
};

DigitText digits_of_magnitude(double magnitude, std::size_t decimals, char32_t zero) {
  const int size = std::snprintf(nullptr, 0, "%.*f", static_cast<int>(decimals), magnitude);
  std::string text(static_cast<std::size_t>(size) + 1, '\0');
  std::snprintf(text.data(), text.size(), "%.*f", static_cast<int>(decimals), magnitude);
  text.pop_back();
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string_view integer = std::string_view(text).substr(0, point);
  std::string_view fraction =
      point == text.size() ? std::string_view() : std::string_view(text).substr(point + 1);
  while (integer.starts_with('0')) integer.remove_prefix(1);
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  DigitText digits;
  for (const char c : integer) digits.integer += zero + static_cast<char32_t>(c - '0');
  for (const char c : fraction) digits.fraction += zero + static_cast<char32_t>(c - '0');
  return digits;
}

void insert_groups(const DecimalFormat& format, const Layout& layout, DigitText& digits) {
  const auto is_in = [](const std::vector<std::size_t>& groups, std::size_t at) {
    return std::binary_search(groups.begin(), groups.end(), at);
  };
  const std::size_t size = digits.integer.size();
  const std::size_t distance = layout.regular_distance;
  Text integer;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t right = size - i;
    const bool is_group = distance != 0 ? right % distance == 0 : is_in(layout.integer_groups, right);
    if (i > 0 && is_group) integer += format.grouping_separator;
    integer += digits.integer[i];
  }
  digits.integer = integer;
  Text fraction;
  for (std::size_t i = 0; i < digits.fraction.size(); ++i) {
    if (i > 0 && is_in(layout.fraction_groups, i)) fraction += format.grouping_separator;
    fraction += digits.fraction[i];
  }
  digits.fraction = fraction;
}

// Brings the number between 10^(scale-1) and 10^scale; the exponent that this takes.
int normalize_mantissa(double& mantissa, std::size_t scale) {
  if (mantissa == 0 || !std::isfinite(mantissa)) return 0;
  const double most = std::pow(10, static_cast<double>(scale));
  const double least = std::pow(10, static_cast<double>(scale) - 1);
  int exponent = 0;
  for (; mantissa < least; --exponent) mantissa *= 10;
  for (; mantissa > most; ++exponent) mantissa /= 10;
  return exponent;
}

Text formatted(const DecimalFormat& format, const Layout& layout, double number) {
  if (!std::isfinite(number))
    return layout.picture.prefix + (std::isnan(number) ? U"NaN" : U"Infinity") + layout.picture.suffix;
  double magnitude = std::fabs(number);
  if (occurs(layout.picture.whole, format.percent))
    magnitude *= 100;
  else if (occurs(layout.picture.whole, format.per_mille))
    magnitude *= 1000;
  const int exponent = layout.least_exponent == 0 ? 0 : normalize_mantissa(magnitude, layout.scale);
  DigitText digits = digits_of_magnitude(rounded_to(magnitude, layout.most_fraction), layout.most_fraction,
                                         format.zero_digit[0]);
  if (digits.integer.size() < layout.least_integer)
    digits.integer.insert(0, layout.least_integer - digits.integer.size(), format.zero_digit[0]);
  if (digits.fraction.size() < layout.least_fraction)
    digits.fraction.resize(layout.least_fraction, format.zero_digit[0]);
  insert_groups(format, layout, digits);
  Text text = layout.picture.prefix + digits.integer;
  if (!digits.fraction.empty() && occurs(layout.picture.whole, format.decimal_separator))
    text += format.decimal_separator + digits.fraction;
  if (layout.least_exponent > 0) {
    Text power = digits_of_magnitude(std::abs(exponent), 0, format.zero_digit[0]).integer;
    if (power.size() < layout.least_exponent)
      power.insert(0, layout.least_exponent - power.size(), format.zero_digit[0]);
    text += format.exponent_separator;
    if (exponent < 0) text += format.minus_sign;
    text += power;
  }
  return text + layout.picture.suffix;
}

}  // namespace

std::string format_number(double number, std::string_view picture, const Item& options) {
  const DecimalFormat format(options);
  const Text whole = to_characters(picture);
  std::vector<SubPicture> parts;
  for (std::size_t begin = 0; begin <= whole.size();) {
    const std::size_t end = std::min(whole.find(format.pattern_separator, begin), whole.size());
    parts.push_back(split_sub_picture(format, TextView(whole).substr(begin, end - begin)));
    begin = end + format.pattern_separator.size();
  }
  if (parts.size() > 2) fail("D3080");
  for (const SubPicture& part : parts) validate(format, part);
  const bool is_negative = !(number >= 0);
  if (is_negative && parts.size() == 1) parts[0].prefix = format.minus_sign + parts[0].prefix;
  return to_utf8(formatted(format, layout_of(format, is_negative ? parts.back() : parts[0]), number));
}

}  // namespace huiliu::expr
