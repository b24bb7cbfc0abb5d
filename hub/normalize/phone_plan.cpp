#include "hub/normalize/phone_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <unordered_map>
#include <vector>

#include "hub/normalize/check_digits.hpp"
#include "hub/normalize/data/tables.hpp"
#include "hub/normalize/words.hpp"

namespace huiliu::normalize {
namespace {

bool digits_start(std::string_view text, std::string_view head) {
  return text.substr(0, head.size()) == head;
}

struct PhoneTables {
  struct Area {
    bool exists = false;
    DivisionCode division = 0;  // 0: not known
  };
  std::array<Area, 100> short_areas{};  // 010, 02x: by the digits behind the trunk 0
  std::array<Area, 1000> long_areas{};
  std::unordered_map<std::string, CallingCode> calling;

  // `code` with its trunk 0.
  Area area(std::string_view code) const {
    if ((code.size() != 3 && code.size() != 4) || code[0] != '0' || !all_digits(code)) return {};
    std::size_t number = 0;
    for (const char digit : code.substr(1)) number = number * 10 + static_cast<std::size_t>(digit - '0');
    return code.size() == 3 ? short_areas[number] : long_areas[number];
  }

  PhoneTables() {
    for_each_token(data::kAreaCodes, [this](std::string_view token) {
      const std::size_t colon = token.find(':');
      DivisionCode code = 0;
      std::from_chars(token.data() + colon + 1, token.data() + token.size(), code);
      std::size_t number = 0;
      std::from_chars(token.data(), token.data() + colon, number);
      (colon == 2 ? short_areas[number] : long_areas[number]) = {true, code};
    });
    for_each_token(data::kCallingCodes, [this](std::string_view token) {
      std::vector<std::string> fields;
      for_each_part(token, ',', [&fields](std::string_view field) { fields.emplace_back(field); });
      calling.emplace(fields[0],
                      CallingCode{fields[0], fields[1], std::stoul(fields[2]), std::stoul(fields[3]),
                                  fields[4] == "-" ? std::string() : fields[4]});
    });
  }
};

const PhoneTables& phone_tables() {
  static const PhoneTables tables;
  return tables;
}

}  // namespace

// Local numbers of eight digits; the rest have seven. 0433 0435 0754 0851 have both.
bool eight_digits(std::string_view area) {
  if (area == "010" || digits_start(area, "02")) return true;
  static constexpr std::string_view kEight[] = {
      "0311", "0371", "0377", "0379", "0411", "0431", "0432", "0451", "0510", "0511",
      "0512", "0513", "0514", "0515", "0516", "0517", "0518", "0519", "0523", "0527",
      "0531", "0532", "0551", "0571", "0573", "0574", "0575", "0576", "0577", "0579",
      "0591", "0595", "0731", "0755", "0757", "0760", "0769", "0791", "0871", "0898"};
  return std::find(std::begin(kEight), std::end(kEight), area) != std::end(kEight);
}
bool both_lengths(std::string_view area) {
  return area == "0433" || area == "0435" || area == "0754" || area == "0851";
}

// The area code (with trunk 0) that `digits` begin with; "" when none.
std::string_view area_prefix(std::string_view digits) {
  const PhoneTables& tables = phone_tables();
  for (const std::size_t length : {std::size_t{4}, std::size_t{3}}) {
    if (digits.size() > length && tables.area(digits.substr(0, length)).exists)
      return digits.substr(0, length);
  }
  return {};
}

bool is_mobile(std::string_view digits) {
  return digits.size() == 11 && digits[0] == '1' && digits[1] >= '3';
}

// 10646–10649 and the like: thirteen digits, cards in machines.
bool is_machine_number(std::string_view digits) {
  if (digits.size() == 13) {
    return digits_start(digits, "10646") || digits_start(digits, "10647") || digits_start(digits, "10648") ||
           digits_start(digits, "10649");
  }
  if (!is_mobile(digits)) return false;
  static constexpr std::string_view kMachine[] = {"140", "141", "144", "146", "148", "149", "172"};
  return std::find(std::begin(kMachine), std::end(kMachine), digits.substr(0, 3)) != std::end(kMachine);
}

bool is_satellite(std::string_view digits) {
  return digits.size() == 11 && digits_start(digits, "1740") && digits[4] <= '5';
}

bool is_virtual_operator(std::string_view digits) {
  static constexpr std::string_view kVirtual[] = {"162", "165", "167", "170", "171"};
  return std::find(std::begin(kVirtual), std::end(kVirtual), digits.substr(0, 3)) != std::end(kVirtual);
}

bool assigned_block(std::string_view digits) {
  const char third = digits[2];
  switch (digits[1]) {
    case '3':
    case '8':
      return true;
    case '4':
      return third == '5' || third == '7';
    case '5':
      return third != '4';
    case '6':
      return third == '2' || (third >= '5' && third <= '7') || digits_start(digits, "1610");
    case '7':
      return third != '4' && third != '9';
    default:
      return third != '4';
  }
}

bool is_service_number(std::string_view digits) {
  const std::size_t size = digits.size();
  if (size == 10) return digits_start(digits, "400") || digits_start(digits, "800");
  if (size == 5 || size == 6) {
    return digits_start(digits, "95") || digits_start(digits, "96") || digits_start(digits, "100") ||
           digits_start(digits, "123") || digits_start(digits, "116") || digits_start(digits, "118") ||
           digits_start(digits, "12");
  }
  return size == 3 && digits[0] == '1' && (digits[1] == '1' || digits[1] == '2');
}

bool is_placeholder_number(std::string_view digits) {
  static constexpr std::string_view kKnown[] = {"13800138000", "13888888888", "12345678901", "12345678",
                                                "1234567",     "13000000000", "13123456789", "13912345678x",
                                                "18888888888", "13333333333"};
  return (digits.size() >= 7 && all_same_character(digits)) ||
         std::find(std::begin(kKnown), std::end(kKnown), digits) != std::end(kKnown) ||
         (digits.size() == 11 && digits[0] == '1' && all_same_character(digits.substr(2)));
}

DivisionCode area_division(std::string_view area) { return phone_tables().area(area).division; }

const CallingCode* calling_code(std::string_view digits) {
  const auto& calling = phone_tables().calling;
  for (std::size_t length = std::min<std::size_t>(3, digits.size()); length > 0; --length) {
    const auto found = calling.find(std::string(digits.substr(0, length)));
    if (found != calling.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace huiliu::normalize
