// 居民身份证号, GB 11643: personal data. Callers hash the key before they store it; findings never contain
// digits of the number. "Not in the future" is the caller's check: this library has no clock.
#include <algorithm>

#include "hub/normalize/calendar.hpp"
#include "hub/normalize/check_digits.hpp"
#include "hub/normalize/divisions.hpp"
#include "hub/normalize/standardizers.hpp"

namespace huiliu::normalize {
namespace {

// First generation: two-digit year, no sequence check. All of them are of the 20th century.
std::string upgraded(const std::string& fifteen) {
  std::string id = fifteen.substr(0, 6) + "19" + fifteen.substr(6);
  id.push_back(resident_check_character(id));
  return id;
}

void add_resident_parts(Normalized& result, const std::string& id) {
  const int year = std::stoi(id.substr(6, 4));
  const int month = std::stoi(id.substr(10, 2));
  const int day = std::stoi(id.substr(12, 2));
  result.parts.append("division_code", id.substr(0, 6));
  if (!is_calendar_date(year, month, day) || year < 1850 || year > 2150) {
    add_finding(result, "birth_date", Severity::error, "the birth date does not exist");
  } else {
    result.parts.append("birth_date", date_text(year, month, day));
  }
  result.parts.append("sex", (id[16] - '0') % 2 == 1 ? "male" : "female");
  result.parts.append("masked", id.substr(0, 6) + "********" + id.substr(14));
}

void report_division(Normalized& result, const std::string& id) {
  const DivisionCode code = static_cast<DivisionCode>(std::stoul(id.substr(0, 6)));
  if (id[0] == '9') {
    add_finding(result, "foreign_resident", Severity::info, "a foreigner's permanent residence card");
  } else if (code == 810000 || code == 820000 || code == 830000) {
    add_finding(result, "residence_permit", Severity::info,
                "a residence permit of Hong Kong, Macao or Taiwan residents");
  } else if (!Divisions::get().ever_existed(code)) {
    add_finding(result, "division", Severity::warning, "the first six digits are in no list of divisions");
  }
}

}  // namespace

Normalized normalize_resident_id(std::string_view raw) {
  std::string id = identifier(raw);
  if (id.empty()) return empty_value();
  Normalized result;
  if (id.find('*') != std::string::npos) {
    add_finding(result, "masked", Severity::error, "the number is masked");
    result.value = id;
    return finished(std::move(result));
  }
  if (id.size() == 15 && all_digits(id) && !all_same_character(id)) {
    id = upgraded(id);
    add_finding(result, "first_generation", Severity::info, "a 15-digit number, written with 18");
  }
  const bool form = id.size() == 18 && all_digits(std::string_view(id).substr(0, 17));
  if (!form || all_same_character(std::string_view(id).substr(0, 17))) {
    add_finding(result, form ? "placeholder" : "form", Severity::error,
                "a resident number has 17 digits and a check character");
  } else {
    add_resident_parts(result, id);
    report_division(result, id);
    if (!resident_check_holds(id)) {
      add_finding(result, "check_digit", Severity::error, "the check character does not hold");
    }
  }
  result.value = id;
  result.key = std::move(id);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
