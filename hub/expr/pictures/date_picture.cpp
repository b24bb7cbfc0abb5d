#include "hub/expr/pictures/date_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "hub/expr/failure.hpp"
#include "hub/expr/pictures/calendar.hpp"

namespace huiliu::expr {
namespace {

constexpr std::array<std::string_view, 12> month_names = {"January",   "February", "March",    "April",
                                                          "May",       "June",     "July",     "August",
                                                          "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> weekday_names = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                           "Friday", "Saturday", "Sunday"};
constexpr std::string_view number_components = "YMDdFWwXxHhmsf";

// What JavaScript's dates can hold.
constexpr double greatest_millis = 8.64e15;

std::string_view default_presentation(char component) {
  switch (component) {
    case 'Y':
    case 'M':
    case 'D':
    case 'd':
    case 'W':
    case 'w':
    case 'X':
    case 'x':
    case 'H':
    case 'h':
    case 'f':
      return "1";
    case 'F':
    case 'P':
    case 'C':
    case 'E':
      return "n";
    case 'm':
    case 's':
      return "01";
    case 'Z':
    case 'z':
      return "01:01";
    default:
      return "";
  }
}

std::string in_case(std::string_view name, IntegerPicture::Case letter_case) {
  std::string text(name);
  for (char& c : text) {
    if (letter_case == IntegerPicture::Case::upper && c >= 'a' && c <= 'z')
      c = static_cast<char>(c - ('a' - 'A'));
    if (letter_case == IntegerPicture::Case::lower && c >= 'A' && c <= 'Z')
      c = static_cast<char>(c + ('a' - 'A'));
  }
  return text;
}

bool equals_without_case(std::string_view a, std::string_view b) {
  return in_case(a, IntegerPicture::Case::lower) == in_case(b, IntegerPicture::Case::lower);
}

std::optional<double> index_of_name(std::string_view text, const auto& names,
                                    std::optional<std::size_t> width) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (equals_without_case(text, names[i].substr(0, width.value_or(names[i].size()))))
      return static_cast<double>(i + 1);
  }
  return std::nullopt;
}

double signed_number(std::string_view text) { return std::strtod(std::string(text).c_str(), nullptr); }

// The components found in a text, and the rules for those that were not.
class Components {
 public:
  void set(char component, double value) { values_[index(component)] = value; }
  bool has(char component) const { return values_[index(component)].has_value(); }
  double get(char component) const { return values_[index(component)].value_or(0); }
  bool is_empty() const {
    return std::none_of(values_.begin(), values_.end(), [](const auto& value) { return value.has_value(); });
  }

  // Of a group (YXMxWwdD or PHhmsf): some of `allowed` are there and no others.
  bool has_only(std::string_view group, std::string_view allowed) const {
    bool has_any = false;
    for (const char component : group) {
      if (!has(component)) continue;
      if (allowed.find(component) == std::string_view::npos) return false;
      has_any = true;
    }
    return has_any;
  }

  // Above the first one given: from now. Below the last one given: the least. In between: an error.
  void complete(std::string_view order, double now) {
    bool has_begun = false;
    bool has_ended = false;
    for (const char component : order) {
      if (has(component)) {
        has_begun = true;
        if (has_ended) fail("D3136");
      } else if (has_begun) {
        set(component, component == 'M' || component == 'D' || component == 'd' ? 1 : 0);
        has_ended = true;
      } else {
        set(component, date_component(now, component));
      }
    }
  }

 private:
  static std::size_t index(char component) { return static_cast<unsigned char>(component) & 127U; }
  std::array<std::optional<double>, 128> values_{};
};

double millis_from(Components& components, std::int64_t now_ms) {
  constexpr std::string_view dates = "YXMxWwdD";
  constexpr std::string_view times = "PHhmsf";
  const bool by_date = components.has_only(dates, "YMD");
  const bool by_day_of_year = !by_date && components.has_only(dates, "Yd");
  const bool by_week =
      !by_date && !by_day_of_year && (components.has_only(dates, "Xxw") || components.has_only(dates, "XW"));
  if (by_week) fail("D3136");
  const bool in_half_days = !components.has_only(times, "Hmsf") && components.has_only(times, "Phmsf");
  std::string order = by_day_of_year ? "Yd" : "YMD";
  order += in_half_days ? "Phmsf" : "Hmsf";
  components.complete(order, static_cast<double>(now_ms));
  const auto year = static_cast<std::int64_t>(std::clamp(components.get('Y'), -1e6, 1e6));
  const auto whole = [&](char component) {
    return static_cast<int>(std::clamp(components.get(component), 0.0, 1e9));
  };
  const double day = by_day_of_year
                         ? millis_of(year, 1, 1) + (components.get('d') - 1) * millis_per_day
                         : millis_of(year, whole('M'), 1) + (components.get('D') - 1) * millis_per_day;
  double hour = components.get('H');
  if (in_half_days)
    hour = (components.get('h') == 12 ? 0 : components.get('h')) + (components.get('P') == 1 ? 12 : 0);
  double millis = day + hour * 3'600'000 + components.get('m') * 60'000 + components.get('s') * 1000 +
                  components.get('f');
  if (components.has('Z')) millis -= components.get('Z') * 60'000;
  if (components.has('z')) millis -= components.get('z') * 60'000;
  return millis;
}

}  // namespace

int timezone_minutes(std::string_view timezone) {
  const double value = std::trunc(signed_number(timezone));
  if (!(std::fabs(value) < 10'000)) return 0;
  const int offset = static_cast<int>(value);
  return offset / 100 * 60 + offset % 100;
}

DatePicture::DatePicture(std::string_view picture) {
  const auto add_literal = [this](std::string_view text) {
    if (text.empty()) return;
    Part part;
    part.is_literal = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
      part.literal += text[i];
      if (text.substr(i).starts_with("]]")) ++i;
    }
    parts_.push_back(std::move(part));
  };
  std::size_t begin = 0;
  for (std::size_t at = picture.find('['); at != std::string_view::npos; at = picture.find('[', begin)) {
    add_literal(picture.substr(begin, at - begin));
    if (picture.substr(at).starts_with("[[")) {
      add_literal("[");
      begin = at + 2;
      continue;
    }
    const std::size_t end = picture.find(']', at);
    if (end == std::string_view::npos) fail("D3135");
    std::string marker(picture.substr(at + 1, end - at - 1));
    std::erase_if(marker, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
    parts_.push_back(read_marker(std::move(marker)));
    begin = end + 1;
  }
  add_literal(picture.substr(begin));
  // Digits next to digits: each has its width, or nothing could tell them apart.
  for (std::size_t i = 1; i < parts_.size(); ++i) {
    const bool are_numbers = parts_[i].integer && parts_[i - 1].integer;
    if (are_numbers && number_components.find(parts_[i].component) != std::string_view::npos) {
      parts_[i - 1].integer->exact_width = parts_[i - 1].integer->mandatory_digits;
    }
  }
}

DatePicture::Part DatePicture::read_marker(std::string marker) const {
  Part part;
  part.component = marker.empty() ? '\0' : marker[0];
  std::string presentation = marker.substr(std::min<std::size_t>(1, marker.size()));
  if (const std::size_t comma = presentation.rfind(','); comma != std::string::npos) {
    read_width(part, std::string_view(presentation).substr(comma + 1));
    presentation.resize(comma);
  }
  if (presentation.size() > 1 &&
      std::string_view("atco").find(presentation.back()) != std::string_view::npos) {
    part.modifier = presentation.back();
    presentation.pop_back();
  }
  if (presentation.empty()) presentation = default_presentation(part.component);
  if (presentation.empty()) fail("D3132", std::string_view(&part.component, 1));
  part.presentation = presentation;
  if (presentation[0] == 'n')
    part.name_case = IntegerPicture::Case::lower;
  else if (presentation.starts_with("Nn"))
    part.name_case = IntegerPicture::Case::title;
  else if (presentation[0] == 'N')
    part.name_case = IntegerPicture::Case::upper;
  else if (number_components.find(part.component) != std::string_view::npos)
    read_integer(part);
  if (part.component == 'Z' || part.component == 'z') part.integer = IntegerPicture::of(presentation);
  return part;
}

// "2", "3-5", "*-3"
void DatePicture::read_width(Part& part, std::string_view width) {
  const auto number = [](std::string_view text) -> std::optional<std::size_t> {
    if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
    return static_cast<std::size_t>(std::min(signed_number(text), 1000.0));
  };
  const std::size_t dash = width.find('-');
  part.least_width = number(width.substr(0, dash));
  if (dash != std::string_view::npos) part.most_width = number(width.substr(dash + 1));
}

void DatePicture::read_integer(Part& part) {
  part.integer =
      IntegerPicture::of(part.modifier == 0 ? part.presentation : part.presentation + ";" + part.modifier);
  IntegerPicture& integer = *part.integer;
  if (part.least_width) integer.mandatory_digits = std::max(integer.mandatory_digits, *part.least_width);
  if (part.component != 'Y') return;
  if (part.most_width) {
    part.year_digits = integer.mandatory_digits = *part.most_width;
  } else if (const std::size_t digits = integer.mandatory_digits + integer.optional_digits; digits >= 2) {
    part.year_digits = digits;
  }
}

// ---- formatting

std::string DatePicture::format(double millis, int offset_minutes) const {
  if (!(std::fabs(millis) <= greatest_millis)) fail_with("D3110", "the time lies beyond the calendar");
  std::string text;
  for (const Part& part : parts_)
    text += part.is_literal ? part.literal : format_part(part, millis, offset_minutes);
  return text;
}

std::string DatePicture::format_part(const Part& part, double millis, int offset_minutes) const {
  const char component = part.component;
  if (component == 'Z' || component == 'z') return format_timezone(part, offset_minutes);
  if (component == 'C' || component == 'E') return "ISO";
  double value = date_component(std::floor(millis) + offset_minutes * 60'000.0, component);
  if (component == 'P') {
    const std::string_view name = value == 0 ? "am" : "pm";
    return part.name_case == IntegerPicture::Case::upper ? in_case(name, *part.name_case) : std::string(name);
  }
  if (part.name_case) {
    std::string name;
    if (component == 'M' || component == 'x')
      name = in_case(month_names[static_cast<std::size_t>(value) - 1], *part.name_case);
    else if (component == 'F')
      name = in_case(weekday_names[static_cast<std::size_t>(value) - 1], *part.name_case);
    else
      fail("D3133", std::string_view(&component, 1));
    return name.substr(0, part.most_width.value_or(name.size()));
  }
  if (!part.integer) return "";
  if (part.year_digits) value = std::fmod(value, std::pow(10, static_cast<double>(*part.year_digits)));
  return part.integer->format(value);
}

std::string DatePicture::format_timezone(const Part& part, int offset_minutes) {
  const IntegerPicture& integer = *part.integer;
  const int hours = offset_minutes / 60;
  const int minutes = std::abs(offset_minutes % 60);
  std::string text;
  if (integer.regular_distance == 0 && integer.mandatory_digits <= 2) {
    text = integer.format(hours);
    if (minutes != 0) text += ":" + IntegerPicture::of("00").format(minutes);
    if (hours == 0 && offset_minutes < 0) text.insert(0, "-");
  } else {
    if (integer.regular_distance == 0 && integer.mandatory_digits > 4)
      fail("D3134", std::to_string(integer.mandatory_digits));
    text = integer.format(offset_minutes < 0 ? -(std::abs(hours) * 100 + minutes) : hours * 100 + minutes);
  }
  if (offset_minutes >= 0) text.insert(0, "+");
  if (part.component == 'z') text.insert(0, "GMT");
  return offset_minutes == 0 && part.modifier == 't' ? "Z" : text;
}

// ---- parsing

std::string DatePicture::pattern_of(const Part& part) {
  if (part.is_literal) {
    std::string escaped;
    for (const char c : part.literal) {
      if (std::string_view(".*+?^${}()|[]\\").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
    return escaped;
  }
  if (part.component == 'Z' || part.component == 'z') {
    std::string pattern = part.component == 'z' ? "GMT[-+][0-9]+" : "[-+][0-9]+";
    if (part.integer->regular_distance != 0) {
      Part separator;
      separator.is_literal = true;
      separator.literal = static_cast<char>(part.integer->separators[0].character);
      pattern += pattern_of(separator) + "[0-9]+";
    }
    return pattern;
  }
  if (part.integer) return part.integer->pattern();
  if (std::string_view("MxFP").find(part.component) == std::string_view::npos)
    fail("D3133", std::string_view(&part.component, 1));
  return "[a-zA-Z]+";
}

std::optional<double> DatePicture::value_of(const Part& part, std::string_view text) {
  switch (part.component) {
    case 'Z':
    case 'z': {
      if (part.component == 'z') text.remove_prefix(3);
      const bool is_west = text.starts_with('-');
      const std::string_view digits = text.substr(1);
      const std::size_t separator = digits.find_first_not_of("0123456789");
      const std::size_t hour_digits =
          separator != std::string_view::npos ? separator : (digits.size() <= 2 ? digits.size() : 2);
      double minutes = signed_number(digits.substr(0, hour_digits)) * 60;
      if (separator != std::string_view::npos)
        minutes += signed_number(digits.substr(separator + 1));
      else
        minutes += signed_number(digits.substr(hour_digits));
      return is_west ? -minutes : minutes;
    }
    case 'f':
      // Digits behind a decimal point, as far as whole milliseconds go.
      if (part.integer && part.integer->form == IntegerPicture::Form::decimal) {
        std::string fraction(text.substr(0, 3));
        fraction.resize(3, '0');
        return part.integer->parse(fraction);
      }
      break;
    case 'P':
      if (equals_without_case(text, "am")) return 0;
      return equals_without_case(text, "pm") ? std::optional<double>(1) : std::nullopt;
    default:
      break;
  }
  if (part.integer) return part.integer->parse(text);
  if (part.component == 'F') return index_of_name(text, weekday_names, part.most_width);
  return index_of_name(text, month_names, part.most_width);
}

std::optional<double> DatePicture::parse(std::string_view text, std::int64_t now_ms, const StepGuard& guard) {
  if (!regex_) {
    std::string pattern = "^";
    for (const Part& part : parts_) pattern += "(" + pattern_of(part) + ")";
    regex_.emplace(pattern + "$", true, false);
  }
  RegexScan scan(*regex_, text, guard);
  if (!scan.find(0)) return std::nullopt;
  Components components;
  std::size_t group = 1;
  for (std::size_t i = 0; i < parts_.size(); ++i, ++group) {
    if (parts_[i].is_literal) continue;
    const RegexScan::Span span = scan.group(group);
    const std::optional<double> value = value_of(parts_[i], text.substr(span.begin, span.end - span.begin));
    if (value) components.set(parts_[i].component, *value);
  }
  if (components.is_empty()) return std::nullopt;
  return millis_from(components, now_ms);
}

std::optional<double> parse_iso_time(std::string_view text) {
  static const Regex format(
      "^(\\d{4})(?:-([01]\\d))?(?:-([0-3]\\d))?(?:T([0-2]\\d):([0-5]\\d):([0-5]\\d))?(\\.\\d+)?([+-][0-2]\\d:"
      "?[0-5]\\d|Z)?$",
      false, false);
  const StepGuard no_guard;
  RegexScan scan(format, text, no_guard);
  if (!scan.find(0)) return std::nullopt;
  const auto part = [&](std::size_t number) {
    const RegexScan::Span span = scan.group(number);
    return span.begin == std::string_view::npos ? std::string_view()
                                                : text.substr(span.begin, span.end - span.begin);
  };
  const auto whole = [&](std::size_t number, int least) {
    return part(number).empty() ? least : static_cast<int>(signed_number(part(number)));
  };
  const int month = whole(2, 1);
  const int day = whole(3, 1);
  const auto year = static_cast<std::int64_t>(signed_number(part(1)));
  const double midnight = millis_of(year, month, day);
  const bool is_date = month >= 1 && month <= 12 && day >= 1 && civil_time_of(midnight).day == day;
  const int hour = whole(4, 0);
  if (!is_date || hour > 24 || (hour == 24 && (whole(5, 0) > 0 || whole(6, 0) > 0))) return std::nullopt;
  double millis = midnight + hour * 3'600'000.0 + whole(5, 0) * 60'000.0 + whole(6, 0) * 1000.0;
  if (!part(7).empty()) millis += std::floor(signed_number(part(7).substr(0, 4)) * 1000 + 1e-6);
  const std::string_view zone = part(8);
  if (zone.size() < 5) return millis;
  const double offset = signed_number(zone.substr(1, 2)) * 60 + signed_number(zone.substr(zone.size() - 2));
  return millis - (zone[0] == '-' ? -offset : offset) * 60'000;
}

}  // namespace huiliu::expr
