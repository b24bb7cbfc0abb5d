// Dates and times by picture, as XPath's fn:format-dateTime: "[D1o] [MNn] [Y0001]". Both directions; English
// names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/expr/pictures/integer_picture.hpp"
#include "hub/expr/regex/regex.hpp"

namespace huiliu::expr {

// Not for sharing between threads while it parses.
class DatePicture {
 public:
  // Raises D3132, D3135, D3131.
  explicit DatePicture(std::string_view picture);

  // `timezone`: "+0530", minutes east of UTC then being 330. Raises D3133, D3134, D3130.
  std::string format(double millis, int offset_minutes) const;

  // nullopt: the text does not fit the picture, or nothing in it tells a time. What is left out above the
  // first component given is taken from `now_ms`, what is left out below is the least. Raises D3133, D3136,
  // D3130.
  std::optional<double> parse(std::string_view text, std::int64_t now_ms, const StepGuard& guard);

 private:
  struct Part {
    bool is_literal = false;
    std::string literal = {};
    char component = 0;
    std::string presentation = {};
    char modifier = 0;  // t: Z for UTC
    std::optional<std::size_t> least_width = {};
    std::optional<std::size_t> most_width = {};
    std::optional<IntegerPicture::Case> name_case = {};
    std::optional<IntegerPicture> integer = {};
    std::optional<std::size_t> year_digits = {};
  };

  Part read_marker(std::string marker) const;
  static void read_width(Part& part, std::string_view width);
  static void read_integer(Part& part);
  std::string format_part(const Part& part, double millis, int offset_minutes) const;
  static std::string format_timezone(const Part& part, int offset_minutes);
  static std::string pattern_of(const Part& part);
  static std::optional<double> value_of(const Part& part, std::string_view text);

  std::vector<Part> parts_;
  std::optional<Regex> regex_;  // for parsing, made when first needed
};

// "+0530" as minutes; what is no number counts as zero.
int timezone_minutes(std::string_view timezone);

// ISO 8601, complete or a date alone or a year; without a time zone it is UTC. nullopt: it is none.
std::optional<double> parse_iso_time(std::string_view text);

}  // namespace huiliu::expr
