#include "hub/host/retry.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace huiliu::host {
namespace {

constexpr std::array<std::string_view, 12> http_months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> small_number(std::string_view text) {
  int out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size() || out < 0)
    return std::nullopt;
  return out;
}

// Words between blanks, commas and hyphens.
std::vector<std::string_view> date_words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size() && out.size() < 8;) {
    const std::size_t begin = text.find_first_not_of(" ,-", at);
    if (begin == std::string_view::npos) break;
    at = std::min(text.find_first_of(" ,-", begin), text.size());
    out.push_back(text.substr(begin, at - begin));
  }
  return out;
}

// Howard Hinnant's days_from_civil, the usual proleptic Gregorian count.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

constexpr model::Micros http_year = 31'556'952 * model::second;

std::optional<std::int64_t> full_year(std::string_view text, model::Micros now) {
  const auto year = small_number(text);
  if (!year) return std::nullopt;
  if (text.size() == 4) return *year;
  if (text.size() != 2) return std::nullopt;
  const std::int64_t this_year = 1970 + now / http_year;
  std::int64_t full = this_year - this_year % 100 + *year;
  if (full > this_year + 50) full -= 100;
  return full;
}

}  // namespace

model::Micros parse_http_date(std::string_view text, model::Micros now) {
  const std::vector<std::string_view> words = date_words(text);
  // "Sun, 01 Mar 2026 08:02:00 GMT", "Sunday, 01-Mar-26 08:02:00 GMT", "Sun Mar  1 08:02:00 2026"
  std::string_view day_text, month_text, year_text, time_text;
  if (words.size() == 6 && words[5] == "GMT") {
    day_text = words[1], month_text = words[2], year_text = words[3], time_text = words[4];
  } else if (words.size() == 5) {
    month_text = words[1], day_text = words[2], time_text = words[3], year_text = words[4];
  } else {
    return model::unknown_time;
  }
  const auto month = std::find(http_months.begin(), http_months.end(), month_text);
  const auto day = small_number(day_text);
  const auto year = full_year(year_text, now);
  if (month == http_months.end() || !day || *day < 1 || *day > 31 || !year || time_text.size() != 8 ||
      time_text[2] != ':' || time_text[5] != ':')
    return model::unknown_time;
  const auto hours = small_number(time_text.substr(0, 2)), minutes = small_number(time_text.substr(3, 2)),
             seconds = small_number(time_text.substr(6, 2));
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60)
    return model::unknown_time;
  const std::int64_t days = days_from_civil(*year, static_cast<int>(month - http_months.begin()) + 1, *day);
  return (days * 86400 + *hours * 3600 + *minutes * 60 + *seconds) * model::second;
}

std::int64_t parse_retry_after(std::string_view text, model::Micros now) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const bool decimal = !text.empty() && text.front() != '.' &&
                       text.find_first_not_of("0123456789.") == std::string_view::npos &&
                       std::count(text.begin(), text.end(), '.') <= 1;
  if (decimal) {
    double seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem == std::errc::result_out_of_range) return max_retry_after_ms;
    if (problem != std::errc()) return -1;
    return static_cast<std::int64_t>(std::min(seconds * 1000, static_cast<double>(max_retry_after_ms)));
  }
  const model::Micros date = parse_http_date(text, now);
  if (date == model::unknown_time) return -1;
  return std::clamp<std::int64_t>((date - now) / 1000, 0, max_retry_after_ms);
}

std::int64_t retry_after_of(const HttpAnswer& answer, model::Micros now) {
  const std::string* text = answer.header("Retry-After");
  if (text == nullptr) return -1;
  if (const std::string* date = answer.header("Date"))
    if (const model::Micros theirs = parse_http_date(*date, now); theirs != model::unknown_time) now = theirs;
  return parse_retry_after(*text, now);
}

std::int64_t exhausted_for_ms(const HttpAnswer& answer, model::Micros now) {
  const auto number = [&](const char* name) {
    const std::string* text = answer.header(name);
    if (text == nullptr) text = answer.header(std::string_view(name).substr(2));
    std::int64_t value = -1;
    if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
  };
  if (number("X-RateLimit-Remaining") != 0) return 0;
  const std::int64_t reset = number("X-RateLimit-Reset");
  constexpr std::int64_t unix_seconds = 1'000'000'000, unix_millis = 1'000'000'000'000;
  const std::int64_t wait = reset > unix_millis    ? reset - now / 1000
                            : reset > unix_seconds ? reset * 1000 - now / 1000
                                                   : std::min(reset, max_retry_after_ms) * 1000;
  return std::clamp<std::int64_t>(wait, 0, max_retry_after_ms);
}

model::Micros backoff(const RetryPolicy& policy, std::uint32_t attempt, Environment& environment) {
  const model::Micros most = std::min(policy.cap, policy.base << std::min(attempt, 20U));
  return static_cast<model::Micros>(random_below(environment, static_cast<std::uint64_t>(most) + 1));
}

bool is_transient(const HttpAnswer& answer) noexcept {
  if (!answer.answered()) return answer.failure == model::ErrorClass::retry;
  switch (answer.code) {
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

}  // namespace huiliu::host
