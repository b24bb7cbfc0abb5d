// mobile.hpp - the vendor's form of a mobile number: "+86-13800000000", in areaCodeMobile. Pure; the twin
// shares it.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

namespace yonyou {

/// What the hub writes as a mobile, in the vendor's form; other texts stay.
inline std::string area_code_mobile(std::string_view phone) {
  std::string digits;
  bool plus = false;
  for (const char c : phone) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0)
      digits += c;
    else if (c == '+' && digits.empty())
      plus = true;
    else if (c != ' ' && c != '-' && c != '(' && c != ')')
      return std::string(phone);
  }
  if (!plus && digits.size() == 11 && digits[0] == '1') return "+86-" + digits;
  if (plus && digits.size() == 13 && digits.starts_with("861")) return "+86-" + digits.substr(2);
  return std::string(phone);
}

}  // namespace yonyou
