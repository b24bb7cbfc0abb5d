#include "hub/mapping/decimal.hpp"

#include <algorithm>
#include <charconv>

namespace huiliu::mapping {
namespace {

constexpr std::size_t most_digits = 400;
constexpr int most_exponent = 400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Commas between groups of three digits only: "1,5" is somebody's 1.5.
bool commas_group(std::string_view whole) {
  const std::size_t first = whole.find(',');
  if (first == std::string_view::npos) return true;
  if (first == 0 || first > 3) return false;
  for (std::size_t at = first; at < whole.size(); at += 4)
    if (whole[at] != ',' || at + 4 > whole.size() ||
        !std::all_of(whole.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                     whole.begin() + static_cast<std::ptrdiff_t>(at) + 4, is_digit))
      return false;
  return true;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  Decimal decimal;
  if (text.empty() || text.size() > 2 * most_digits) return std::nullopt;
  if (text.front() == '-' || text.front() == '+') {
    decimal.is_negative_ = text.front() == '-';
    text.remove_prefix(1);
  }
  int exponent = 0;
  if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (error != std::errc{} || end != power.data() + power.size() || std::abs(exponent) > most_exponent)
      return std::nullopt;
    text = text.substr(0, e);
  }
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (!commas_group(whole) || !std::all_of(fraction.begin(), fraction.end(), is_digit)) return std::nullopt;
  for (const char c : whole) {
    if (c == ',') continue;
    if (!is_digit(c)) return std::nullopt;
    decimal.digits_ += c;
  }
  if (decimal.digits_.empty() && fraction.empty()) return std::nullopt;
  decimal.digits_ += fraction;
  decimal.scale_ = static_cast<int>(fraction.size());
  decimal.digits_.erase(0, std::min(decimal.digits_.find_first_not_of('0'), decimal.digits_.size()));
  if (decimal.digits_.size() > most_digits) return std::nullopt;
  return decimal.shifted(exponent);
}

Decimal Decimal::shifted(int places) const {
  Decimal moved = *this;
  moved.scale_ -= places;
  if (moved.scale_ < 0) {
    if (!moved.digits_.empty()) moved.digits_.append(static_cast<std::size_t>(-moved.scale_), '0');
    moved.scale_ = 0;
  }
  return moved;
}

Decimal Decimal::rounded(int decimals) const {
  if (scale_ <= decimals) return *this;
  Decimal short_one = *this;
  const auto dropped = static_cast<std::size_t>(scale_ - decimals);
  if (dropped > short_one.digits_.size())
    short_one.digits_.insert(0, dropped - short_one.digits_.size(), '0');
  const bool up = short_one.digits_[short_one.digits_.size() - dropped] >= '5';
  short_one.digits_.resize(short_one.digits_.size() - dropped);
  short_one.scale_ = decimals;
  if (up) {
    std::size_t i = short_one.digits_.size();
    while (i > 0 && short_one.digits_[i - 1] == '9') short_one.digits_[--i] = '0';
    if (i > 0)
      ++short_one.digits_[i - 1];
    else
      short_one.digits_.insert(0, 1, '1');
  }
  return short_one;
}

bool Decimal::is_zero() const { return digits_.find_first_not_of('0') == std::string::npos; }

std::string Decimal::text() const {
  std::string digits = digits_;
  const auto scale = static_cast<std::size_t>(scale_);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return is_negative_ && !is_zero() ? "-" + digits : digits;
}

std::string Decimal::canonical() const {
  std::string plain = text();
  if (scale_ == 0) return plain;
  plain.resize(plain.find_last_not_of('0') + 1);
  if (plain.ends_with('.')) plain.pop_back();
  return plain;
}

}  // namespace huiliu::mapping
