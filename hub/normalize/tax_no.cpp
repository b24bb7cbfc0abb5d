// 纳税人识别号 and the numbers that turn up in its place: what kind of number is it, and which organisation
// code is inside?
#include <algorithm>

#include "hub/normalize/calendar.hpp"
#include "hub/normalize/check_digits.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/tax_no.hpp"
#include "hub/normalize/uscc.hpp"

namespace huiliu::normalize {
namespace {

bool is_organisation_form(std::string_view code) {
  return code.size() == 9 && std::all_of(code.begin(), code.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

void take_parts_of(Normalized& result, Normalized&& other) {
  for (auto& member : other.parts) {
    if (member.key != "type") result.parts.append(std::move(member.key), std::move(member.value));
  }
  for (Finding& finding : other.findings) result.findings.push_back(std::move(finding));
}

// A holder's 18-digit (or 15-digit) resident number, alone or followed by two digits.
bool is_sole_trader_number(std::string_view number) {
  if (number.size() == 18 || number.size() == 20) {
    return resident_check_holds(number.substr(0, 18)) &&
           (number.size() == 18 || all_digits(number.substr(18)));
  }
  if (number.size() != 17 || !all_digits(number)) return false;
  const auto two = [&](std::size_t at) { return (number[at] - '0') * 10 + (number[at + 1] - '0'); };
  return is_calendar_date(1900 + two(6), two(8), two(10));
}

void classify_15(Normalized& result, const std::string& number) {
  const bool registration = registration_check_holds(number);
  const bool organisation = organisation_check_holds(std::string_view(number).substr(6, 9));
  if (organisation != registration) {
    result.parts.append("type", organisation ? "tax15" : "registration");
  } else {
    result.parts.append("type", "tax15");
    result.parts.append("alternatives", model::Array{model::Value("registration")});
    add_finding(result, organisation ? "ambiguous" : "check_digit", Severity::warning,
                organisation ? "holds the checks of a tax number and of a registration number"
                             : "holds the check of neither a tax number nor a registration number");
  }
  set_part(result, "division_code", number.substr(0, 6));
  if (organisation || !registration) set_part(result, "organisation_code", number.substr(6, 9));
}

void classify_sole_trader(Normalized& result, const std::string& number) {
  result.parts.append("type", "sole_trader");
  result.parts.append("personal", true);
  set_part(result, "division_code", number.substr(0, 6));
  add_finding(result, "personal_data", Severity::info, "contains a resident number: personal data");
}

void classify(Normalized& result, const std::string& number) {
  const bool code_like = has_uscc_form(number);
  if (number.size() == 18 && is_sole_trader_number(number) && !(code_like && uscc_check_holds(number))) {
    classify_sole_trader(result, number);
  } else if (number.size() == 20 && lei_check_holds(number) && !all_digits(number)) {
    result.parts.append("type", "lei");
  } else if ((number.size() == 20 || number.size() == 17) && is_sole_trader_number(number)) {
    classify_sole_trader(result, number);
  } else if (number.size() == 15 && all_digits(std::string_view(number).substr(0, 6))) {
    classify_15(result, number);
  } else if (is_organisation_form(number)) {
    result.parts.append("type", "organisation_code");
    set_part(result, "organisation_code", number);
    if (!organisation_check_holds(number)) {
      add_finding(result, "check_digit", Severity::warning,
                  "the check character of the organisation code does not hold");
    }
  } else if (number.size() == 13 && all_digits(number)) {
    result.parts.append("type", "registration");
    add_finding(result, "old_registration", Severity::info, "a registration number of before 2007");
  } else {
    result.parts.append("type", "uscc");
    take_parts_of(result, normalize_uscc(number));
  }
}

}  // namespace

bool is_placeholder_tax_no(std::string_view number) noexcept {
  if (all_same_character(number)) return true;
  if (number.size() < 9 || !all_digits(number)) return false;
  for (std::size_t at = 1; at < number.size(); ++at) {
    if ((number[at - 1] - '0' + 1) % 10 != number[at] - '0') return false;
  }
  return true;
}

Normalized normalize_tax_no(std::string_view raw) {
  std::string number = identifier(raw);
  if (number.empty()) return empty_value();
  Normalized result;
  report_cleaning(result, clean(raw));
  if (is_placeholder_tax_no(number)) {
    add_finding(result, "placeholder", Severity::error, "a placeholder, not a number");
  } else {
    classify(result, number);
  }
  result.value = number;
  result.key = std::move(number);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
