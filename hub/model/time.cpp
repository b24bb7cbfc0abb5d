#include "hub/model/time.hpp"

#include <chrono>
#include <cstdio>

namespace huiliu::model {
namespace {

struct Fields {
  int year, month, day, hour, minute, second;
  Micros fraction;
};

bool digits(std::string_view& text, int count, int& out) {
  if (text.size() < static_cast<std::size_t>(count)) return false;
  out = 0;
  for (int i = 0; i < count; ++i) {
    const char c = text[static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') return false;
    out = out * 10 + (c - '0');
  }
  text.remove_prefix(static_cast<std::size_t>(count));
  return true;
}

bool literal(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Date, and time when there is one; leaves the rest in text.
bool read_fields(std::string_view& text, Fields& f) {
  f = {};
  if (!digits(text, 4, f.year) || !literal(text, "-") || !digits(text, 2, f.month) || !literal(text, "-") ||
      !digits(text, 2, f.day))
    return false;
  if (text.empty()) return true;
  if (!literal(text, "Tt ") || !digits(text, 2, f.hour) || !literal(text, ":") || !digits(text, 2, f.minute))
    return false;
  if (literal(text, ":") && !digits(text, 2, f.second)) return false;
  if (literal(text, ".,")) {
    Micros unit = 100'000;
    bool some = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      f.fraction += (text.front() - '0') * unit;
      unit /= 10;
      some = true;
      text.remove_prefix(1);
    }
    if (!some) return false;
  }
  return true;
}

bool to_micros(const Fields& f, Micros& out) {
  const std::chrono::year_month_day date{std::chrono::year{f.year},
                                         std::chrono::month{static_cast<unsigned>(f.month)},
                                         std::chrono::day{static_cast<unsigned>(f.day)}};
  if (!date.ok() || f.hour > 23 || f.minute > 59 || f.second > 60) return false;
  const Micros days = std::chrono::sys_days{date}.time_since_epoch().count();
  out = ((days * 24 + f.hour) * 60 + f.minute) * 60 * second + f.second * second + f.fraction;
  return true;
}

std::string format(Micros time, char between, bool decimals) {
  Micros seconds = time / second;
  Micros fraction = time % second;
  if (fraction < 0) {
    fraction += second;
    --seconds;
  }
  Micros day = seconds / 86400;
  Micros of_day = seconds % 86400;
  if (of_day < 0) {
    of_day += 86400;
    --day;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  char buffer[48];
  const int size = std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u%c%02d:%02d:%02d",
                                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), between, static_cast<int>(of_day / 3600),
                                 static_cast<int>(of_day / 60 % 60), static_cast<int>(of_day % 60));
  std::string text(buffer, static_cast<std::size_t>(size));
  if (decimals && fraction != 0) {
    const bool millis = fraction % 1000 == 0;
    std::snprintf(buffer, sizeof buffer, millis ? ".%03d" : ".%06d",
                  static_cast<int>(millis ? fraction / 1000 : fraction));
    text += buffer;
  }
  return text;
}

Error bad_time(std::string_view text) {
  return make_error(ErrorClass::data, "not a time: \"" + std::string(text.substr(0, 40)) + "\"");
}

}  // namespace

std::string to_rfc3339(Micros time) {
  return time == unknown_time ? std::string{} : format(time, 'T', true) + "Z";
}

Result<Micros> parse_rfc3339(std::string_view text) {
  std::string_view rest = text;
  Fields fields{};
  Micros time = 0;
  if (!read_fields(rest, fields) || !to_micros(fields, time)) return bad_time(text);
  if (rest.empty() && text.size() == 10) return time;
  if (rest == "Z" || rest == "z") return time;
  const int sign = rest.starts_with('-') ? 1 : -1;
  int hours = 0;
  int minutes = 0;
  if (!literal(rest, "+-") || !digits(rest, 2, hours)) return bad_time(text);
  literal(rest, ":");
  if (!digits(rest, 2, minutes) || !rest.empty() || hours > 23 || minutes > 59) return bad_time(text);
  return time + sign * (hours * 60 + minutes) * 60 * second;
}

Result<Micros> parse_local(std::string_view text, int offset_minutes) {
  std::string_view rest = text;
  Fields fields{};
  Micros time = 0;
  if (!read_fields(rest, fields) || !rest.empty() || !to_micros(fields, time)) return bad_time(text);
  return time - Micros{offset_minutes} * 60 * second;
}

std::string to_local(Micros time, int offset_minutes) {
  return format(time + Micros{offset_minutes} * 60 * second, ' ', false);
}

}  // namespace huiliu::model
