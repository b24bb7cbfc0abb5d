// Exact decimal numbers as text: amounts change their unit by moving the point, never through binary floats.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace huiliu::mapping {

class Decimal {
 public:
  // "-1234.50", "1,234.5", "1e3", "+5". Nothing else; at most 400 digits.
  static std::optional<Decimal> parse(std::string_view text);

  // Times ten to the power of `places` (negative: divided).
  Decimal shifted(int places) const;
  // To so many digits behind the point, half away from zero. Fewer digits stay fewer.
  Decimal rounded(int decimals) const;
  bool fits(int decimals) const { return scale_ <= decimals; }
  bool is_zero() const;

  // Plain, as many decimals as were given: "1234.50".
  std::string text() const;
  // Without trailing zeros behind the point; equal numbers have equal text.
  std::string canonical() const;

 private:
  bool is_negative_ = false;
  std::string digits_;  // without leading zeros; "" is zero
  int scale_ = 0;       // digits behind the point; >= 0
};

}  // namespace huiliu::mapping
