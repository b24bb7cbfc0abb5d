#include "hub/normalize/quick.hpp"

#include <algorithm>
#include <array>

#include "hub/normalize/check_digits.hpp"
#include "hub/normalize/domain.hpp"
#include "hub/normalize/fold.hpp"
#include "hub/normalize/phone_plan.hpp"
#include "hub/normalize/tax_no.hpp"
#include "hub/normalize/uscc.hpp"

namespace huiliu::normalize {
namespace {

bool is_upper_alphanumeric(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

// Appends national digits without a dialling prefix as E.164; false when only the whole standardizer can
// tell.
bool append_e164(std::string_view national, bool with_country, std::string& key) {
  if (national.size() < 10 || national.size() > 12) return false;
  if (national[0] == '0' && is_mobile(national.substr(1))) national.remove_prefix(1);
  if (is_mobile(national)) {
    key.append("+86").append(national);
    return true;
  }
  std::array<char, 13> digits{'0'};  // with trunk 0
  std::size_t trunk = 0;
  if (national[0] != '0') {
    if (!with_country || is_service_number(national)) return false;
    trunk = 1;
  }
  std::copy(national.begin(), national.end(), digits.begin() + static_cast<std::ptrdiff_t>(trunk));
  const std::string_view whole(digits.data(), trunk + national.size());
  const std::size_t area = area_prefix(whole).size();
  const std::string_view local = whole.substr(area);
  if (area == 0 || local.size() < 7 || local.size() > 8 || local[0] == '0' || local[0] == '1') return false;
  key.append("+86").append(whole.substr(1));
  return true;
}

// Letters, digits and . _ + - only.
bool is_simple_mailbox(std::string_view local) noexcept {
  if (local.empty() || local.size() > 64 || local.front() == '.' || local.back() == '.') return false;
  if (local.find("..") != std::string_view::npos) return false;
  return std::all_of(local.begin(), local.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '+' || c == '-';
  });
}

}  // namespace

// One number, its groups of digits apart by single marks: no extension, no second number, no country but 86.
bool append_quick_phone_key(std::string_view raw, std::string& key) {
  std::array<char, 20> digits{};
  std::size_t count = 0;
  std::size_t group = 0;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const char c = raw[at];
    if (c >= '0' && c <= '9') {
      if (count == digits.size()) return false;
      digits[count++] = c;
      ++group;
      continue;
    }
    const bool mark = c == '-' || c == '(' || c == ')' || (c == '+' && at == 0) ||
                      (c == ' ' && at > 0 && at + 1 < raw.size() && count < 7);
    if (!mark) return false;
    group = 0;
  }
  if (count < 10 || group < 6) return false;  // a short last group may be an extension
  const std::string_view all(digits.data(), count);
  const bool plus = raw[0] == '+';
  if (all.substr(0, 2) == "00") return false;
  const bool with_country = all.substr(0, 2) == "86" && (plus || count >= 12);
  if (plus && !with_country) return false;
  return append_e164(with_country ? all.substr(2) : all, with_country, key);
}

// Han characters only: nothing to peel off.
bool append_quick_person_key(std::string_view raw, std::string& key) {
  if (raw.empty() || raw.size() % 3 != 0) return false;
  for (std::size_t at = 0; at < raw.size(); at += 3) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(raw[at + i]); };
    const bool trails = (byte(1) & 0xC0U) == 0x80 && (byte(2) & 0xC0U) == 0x80;
    if (byte(0) < 0xE4 || byte(0) > 0xE9 || !trails) return false;
    const char32_t c = (static_cast<char32_t>(byte(0) & 0x0FU) << 12U) |
                       (static_cast<char32_t>(byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    if (c < 0x4E00 || c > 0x9FFF) return false;
  }
  append_folded(raw, key);
  return true;
}

bool is_quick_uscc(std::string_view raw) noexcept {
  return has_uscc_form(raw) && uscc_check_holds(raw) && organisation_check_holds(raw.substr(8, 9)) &&
         !all_same_character(raw.substr(0, 17));
}

bool is_quick_tax_no(std::string_view raw) noexcept {
  if (!std::all_of(raw.begin(), raw.end(), is_upper_alphanumeric)) return false;
  if (raw.size() == 18) return is_quick_uscc(raw);
  if (raw.size() != 15 && raw.size() != 9) return false;
  if (is_placeholder_tax_no(raw)) return false;
  return raw.size() == 9 || all_digits(raw.substr(0, 6));
}

std::optional<std::string> quick_email(std::string_view raw) {
  const std::size_t at = raw.find('@');
  if (at == std::string_view::npos || !is_simple_mailbox(raw.substr(0, at))) return std::nullopt;
  std::string domain = plain_ascii_domain(raw.substr(at + 1));
  if (domain.empty()) return std::nullopt;
  return domain.insert(0, raw.substr(0, at + 1));
}

}  // namespace huiliu::normalize
