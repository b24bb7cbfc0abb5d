// 统一社会信用代码. Two independent checks: position 18 over the whole (mod 31), position 17 over the
// organisation code (mod 11). Both known ways in which genuine codes break the standard are warnings: the
// Fujian codes of 2015, and divisions that are not in GB/T 2260 (development zones, city offices, abolished
// districts).
#include "hub/normalize/uscc.hpp"

#include <algorithm>

#include "hub/normalize/check_digits.hpp"
#include "hub/normalize/divisions.hpp"
#include "hub/normalize/standardizers.hpp"

namespace huiliu::normalize {
namespace {

struct UsccKind {
  char kind;
  const char* name;
};
struct UsccDepartment {
  char department;
  const char* name;
  UsccKind kinds[5];  // ended by kind 0
};

constexpr UsccDepartment kDepartments[] = {
    {'1', "机构编制", {{'1', "机关"}, {'2', "事业单位"}, {'3', "群众团体"}, {'9', "其他"}, {0, ""}}},
    {'2', "外交", {{'1', "外国常驻新闻机构"}, {'9', "其他"}, {0, ""}, {0, ""}, {0, ""}}},
    {'4', "文化", {{'1', "外国在华文化中心"}, {'9', "其他"}, {0, ""}, {0, ""}, {0, ""}}},
    {'5', "民政", {{'1', "社会团体"}, {'2', "民办非企业单位"}, {'3', "基金会"}, {'9', "其他"}, {0, ""}}},
    {'6',
     "旅游",
     {{'1', "外国旅游部门常驻代表机构"},
      {'2', "港澳台地区旅游部门常驻内地代表机构"},
      {'9', "其他"},
      {0, ""},
      {0, ""}}},
    {'7', "宗教", {{'1', "宗教活动场所"}, {'2', "宗教院校"}, {'9', "其他"}, {0, ""}, {0, ""}}},
    {'8', "工会", {{'1', "基层工会"}, {'9', "其他"}, {0, ""}, {0, ""}, {0, ""}}},
    {'9', "工商", {{'1', "企业"}, {'2', "个体工商户"}, {'3', "农民专业合作社"}, {'9', "其他"}, {0, ""}}},
    {'A', "中央军委改革和编制办公室", {{'1', "军队事业单位"}, {'9', "其他"}, {0, ""}, {0, ""}, {0, ""}}},
    {'N',
     "农业",
     {{'1', "组级集体经济组织"},
      {'2', "村级集体经济组织"},
      {'3', "乡镇级集体经济组织"},
      {'9', "其他"},
      {0, ""}}},
    {'Y', "其他", {{'1', "其他"}, {0, ""}, {0, ""}, {0, ""}, {0, ""}}},
};
constexpr UsccKind kJustice[] = {{'1', "律师执业机构"}, {'2', "公证处"},     {'3', "基层法律服务所"},
                                 {'4', "司法鉴定机构"}, {'5', "仲裁委员会"}, {'9', "其他"}};

const char* department_name(char department) {
  if (department == '3') return "司法行政";
  for (const UsccDepartment& entry : kDepartments) {
    if (entry.department == department) return entry.name;
  }
  return nullptr;
}

const char* kind_name(char department, char kind) {
  if (department == '3') {
    for (const UsccKind& entry : kJustice) {
      if (entry.kind == kind) return entry.name;
    }
    return nullptr;
  }
  for (const UsccDepartment& entry : kDepartments) {
    if (entry.department != department) continue;
    for (const UsccKind& each : entry.kinds) {
      if (each.kind == kind && kind != 0) return each.name;
    }
  }
  return nullptr;
}

char confusable_in_alphabet(char c) {  // what was probably meant by a character that the alphabet leaves out
  switch (c) {
    case 'O':
      return '0';
    case 'I':
      return '1';
    case 'Z':
      return '2';
    case 'S':
      return '5';
    case 'V':
      return 'U';
    default:
      return '\0';
  }
}

bool confusable(char a, char b) {
  static constexpr std::string_view kPairs[] = {"B8", "G6", "0D", "0Q", "1L", "2Z", "5S",
                                                "UV", "17", "CG", "EF", "MN", "0C"};
  return std::any_of(std::begin(kPairs), std::end(kPairs), [&](std::string_view pair) {
    return (pair[0] == a && pair[1] == b) || (pair[0] == b && pair[1] == a);
  });
}

DivisionCode division_in(std::string_view code) {
  return all_digits(code.substr(2, 6)) ? static_cast<DivisionCode>(std::stoul(std::string(code.substr(2, 6))))
                                       : 0;
}

// A division code as registering offices use it: listed, once listed, or an office of a listed prefecture or
// province.
bool plausible_division(DivisionCode code) {
  const Divisions& divisions = Divisions::get();
  return divisions.ever_existed(code) || divisions.ever_existed(prefecture_of(code)) ||
         (code % 10000 < 100 && divisions.ever_existed(province_of(code)));
}

bool fully_valid(std::string_view code) {
  return has_uscc_form(code) && uscc_check_holds(code) && organisation_check_holds(code.substr(8, 9)) &&
         department_name(code[0]) != nullptr && kind_name(code[0], code[1]) != nullptr &&
         plausible_division(division_in(code));
}

class RepairList {
 public:
  explicit RepairList(std::string_view wrong) : wrong_(wrong) {}

  void offer(const std::string& candidate, bool likely) {
    if (!fully_valid(candidate) || std::find(found_.begin(), found_.end(), candidate) != found_.end()) return;
    // Most codes are of enterprises: a candidate of another department is less likely.
    const bool usual = candidate[0] == '9' || wrong_[0] != '9';
    if (likely)
      found_.insert(found_.begin() + likely_++, candidate);
    else if (usual)
      found_.insert(found_.begin() + likely_ + usual_++, candidate);
    else
      found_.push_back(candidate);
  }
  void replaced_characters() {
    for (std::size_t at = 0; at < 18; ++at) {
      for (const char c : kUsccAlphabet) {
        if (c == wrong_[at]) continue;
        std::string candidate = wrong_;
        candidate[at] = c;
        // With everything else in order, it is most likely the last character alone that is wrong.
        offer(candidate, at == 17 || confusable(c, wrong_[at]));
      }
    }
  }
  void swapped_neighbours() {
    for (std::size_t at = 0; at + 1 < 18; ++at) {
      std::string candidate = wrong_;
      std::swap(candidate[at], candidate[at + 1]);
      if (candidate != wrong_) offer(candidate, true);
    }
  }
  void missing_character() {
    for (std::size_t at = 0; at <= 17; ++at) {
      for (const char c : kUsccAlphabet) offer(std::string(wrong_).insert(at, 1, c), false);
    }
  }
  void extra_character() {
    for (std::size_t at = 0; at < 19; ++at) offer(std::string(wrong_).erase(at, 1), false);
  }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  std::string wrong_;
  std::vector<std::string> found_;
  std::ptrdiff_t likely_ = 0;
  std::ptrdiff_t usual_ = 0;
};

void add_parts(Normalized& result, std::string_view code) {
  result.parts.append("department", std::string(code.substr(0, 1)));
  result.parts.append("kind", std::string(code.substr(1, 1)));
  result.parts.append("division_code", std::string(code.substr(2, 6)));
  result.parts.append("organisation_code", std::string(code.substr(8, 9)));
  if (const char* name = department_name(code[0])) result.parts.append("department_name", name);
  if (const char* name = kind_name(code[0], code[1])) result.parts.append("kind_name", name);
}

void report_form(Normalized& result, const std::string& code) {
  if (code.size() != 18) {
    add_finding(result, "length", Severity::error,
                "a credit code has 18 characters, this has " + std::to_string(code.size()),
                uscc_repairs(code));
    return;
  }
  const bool alphabet = std::all_of(code.begin(), code.end(), is_uscc_character);
  if (!alphabet) {
    add_finding(result, "alphabet", Severity::error,
                "a credit code has no letters I O S V Z and no other characters", uscc_repairs(code));
    return;
  }
  add_finding(result, "division", Severity::error, "characters 3 to 8 of a credit code are digits",
              uscc_repairs(code));
}

void report_checks(Normalized& result, const std::string& code) {
  const bool whole = uscc_check_holds(code);
  const bool organisation = organisation_check_holds(std::string_view(code).substr(8, 9));
  const bool exception = is_known_uscc_exception(code);
  if (!whole) {
    add_finding(result, "check_digit", exception ? Severity::warning : Severity::error,
                exception ? "the check character does not hold, as in many codes issued in Fujian in 2015"
                          : "the check character does not hold",
                exception ? std::vector<std::string>{} : uscc_repairs(code));
  }
  if (!organisation) {
    // When the check over the whole holds there is no typing error: the organisation code was issued so.
    add_finding(result, "organisation_check", whole || exception ? Severity::warning : Severity::error,
                "the check character of the organisation code (position 17) does not hold");
  }
  if (code.size() == 18 && code.compare(15, 3, "000") == 0 && !whole) {
    add_finding(result, "padded", Severity::info, "looks like a 15-digit number filled up with zeros");
  }
}

void report_meaning(Normalized& result, const std::string& code) {
  if (department_name(code[0]) == nullptr) {
    add_finding(result, "department", Severity::warning, "no such registering department");
  } else if (kind_name(code[0], code[1]) == nullptr) {
    add_finding(result, "kind", Severity::warning, "no such kind of organisation under this department");
  }
  if (!Divisions::get().ever_existed(division_in(code))) {
    add_finding(result, "division", Severity::warning,
                "the registering office's division is not in GB/T 2260 (development "
                "zones and city offices have such codes)");
  }
}

}  // namespace

bool has_uscc_form(std::string_view code) noexcept {
  return code.size() == 18 && all_digits(code.substr(2, 6)) &&
         std::all_of(code.begin(), code.end(), is_uscc_character);
}

bool is_known_uscc_exception(std::string_view code) noexcept {
  return has_uscc_form(code) && code.substr(2, 2) == "35" && code.substr(8, 2) == "M0";
}

std::vector<std::string> uscc_repairs(std::string_view code) {
  if (code.size() < 17 || code.size() > 19) return {};
  std::string meant(code);
  for (char& c : meant) {
    if (const char better = confusable_in_alphabet(c)) c = better;
  }
  RepairList repairs(meant);
  if (meant != code) repairs.offer(meant, true);
  if (meant.size() == 17) {
    repairs.missing_character();
  } else if (meant.size() == 19) {
    repairs.extra_character();
  } else {
    repairs.swapped_neighbours();
    repairs.replaced_characters();
  }
  return repairs.take();
}

Normalized normalize_uscc(std::string_view raw) {
  const Cleaned cleaned = clean(raw);
  std::string code = identifier(raw);
  if (code.empty()) return empty_value();
  Normalized result;
  report_cleaning(result, cleaned);
  if (!has_uscc_form(code)) {
    report_form(result, code);
  } else {
    add_parts(result, code);
    report_meaning(result, code);
    if (all_same_character(std::string_view(code).substr(0, 17))) {
      add_finding(result, "placeholder", Severity::error, "a placeholder, not a code");
    } else {
      report_checks(result, code);
    }
  }
  result.value = code;
  result.key = std::move(code);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
