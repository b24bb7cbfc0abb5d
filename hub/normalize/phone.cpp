// Telephone numbers: E.164 for numbers with a country or area code, the extension apart.
//
// A field may hold several numbers ("0755-86123456/57"). Each is read alone: peel labels and notes, take the
// extension off, then decide by prefix and length what the digits are. Digits without an area code stay as
// they are: the record's own city would have to complete them, and this function does not know it.
#include <algorithm>
#include <array>
#include <optional>

#include "hub/normalize/phone_plan.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

struct PhoneNumber {
  std::string country;  // calling code; "" when the number does not say
  std::string area;     // with trunk 0: 0755
  std::string number;   // the subscriber's part
  std::string extension;
  const char* kind = "unknown";
  std::string region;  // ISO code, international numbers only
  bool masked = false;
  std::string unread;  // the text itself, when it is no number: kept as it is

  std::string e164() const {
    if (country.empty() || is_short_code()) return {};
    const std::size_t trunk = country == "86" && !area.empty() ? 1 : 0;
    return "+" + country + area.substr(trunk) + number;
  }
  // 95588, 12345: dialled inside the country only.
  bool is_short_code() const { return country == "86" && area.empty() && number.size() <= 6; }
  std::string text() const {
    if (!unread.empty()) return unread;
    std::string out = country.empty() || is_short_code() ? number : e164();
    if (!extension.empty()) out += "-" + extension;
    return out;
  }
};

bool starts_with(std::string_view text, std::string_view head) { return text.substr(0, head.size()) == head; }

std::size_t digits_in(std::u32string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit));
}

// One number of a field, while it is being read.
class PhoneReader {
 public:
  PhoneReader(std::u32string_view text, Normalized& result) : whole_(text), text_(text), result_(result) {}

  std::optional<PhoneNumber> read();

 private:
  void take_extension();
  bool take_marked_extension();
  void take_dashed_extension();
  void collect();
  bool classify_national(std::string_view digits, bool with_country);
  bool classify_landline(std::string_view digits);
  void classify_mobile(std::string_view digits);
  void classify_international(std::string_view digits);
  void classify();

  std::u32string_view whole_;
  std::u32string_view text_;  // without the extension
  Normalized& result_;
  PhoneNumber phone_;
  std::vector<std::string> groups_;  // runs of digits
  bool plus_ = false;
  bool note_ = false;
};

bool is_mask(char32_t c) {
  return c == U'*' || c == U'x' || c == U'X' || c == 0x2022 || c == 0x25CF || c == 0xD7;
}

// 转8001, 分机8001, ext 8001, #8001, *8001 at the end.
bool PhoneReader::take_marked_extension() {
  static constexpr std::u32string_view kMarks[] = {U"分机号", U"分机", U"转", U"extension", U"ext.", U"ext",
                                                   U"#",      U"*",    U"x",  U",",         U";ext="};
  std::u32string lower;
  for (const char32_t c : text_) lower.push_back(c >= U'A' && c <= U'Z' ? c + 32 : c);
  std::size_t end = lower.size();
  while (end > 0 && (lower[end - 1] == U')' || lower[end - 1] == U' ')) --end;
  std::size_t start = end;
  while (start > 0 && is_digit(lower[start - 1])) --start;
  if (start == end || end - start > 6) return false;
  std::size_t before = start;
  while (before > 0 && (lower[before - 1] == U' ' || lower[before - 1] == U':' || lower[before - 1] == U'.'))
    --before;
  for (const std::u32string_view mark : kMarks) {
    if (before < mark.size() || lower.compare(before - mark.size(), mark.size(), mark) != 0) continue;
    std::size_t cut = before - mark.size();
    if (mark == U"x" && cut > 0 && is_mask(lower[cut - 1])) return false;  // 138xxxx5678
    if (mark == U"*" && (end - start < 2 || (cut > 0 && is_mask(lower[cut - 1])))) return false;
    while (cut > 0 && (lower[cut - 1] == U'(' || lower[cut - 1] == U' ' || lower[cut - 1] == U'转' ||
                       lower[cut - 1] == U'-'))
      --cut;
    phone_.extension = to_utf8(text_.substr(start, end - start));
    text_ = text_.substr(0, cut);
    return true;
  }
  return false;
}

void PhoneReader::collect() {
  std::string run;
  bool any = false;
  for (std::size_t at = 0; at < text_.size(); ++at) {
    const char32_t c = text_[at];
    if (is_digit(c)) {
      run.push_back(static_cast<char>(c));
      any = true;
      continue;
    }
    if (c == U'+' && !any) plus_ = true;
    if (is_han(c) || (is_latin(c) && !is_mask(c))) note_ = true;
    if (!run.empty()) groups_.push_back(std::move(run));
    run.clear();
  }
  if (!run.empty()) groups_.push_back(std::move(run));
}

// 0755-86123456-8001, 86123456-801: a short last group behind a complete number.
void PhoneReader::take_dashed_extension() {
  if (!phone_.extension.empty() || groups_.size() < 2) return;
  const std::string& last = groups_.back();
  std::string_view area = groups_[0];
  std::string rest;
  for (std::size_t at = 0; at + 1 < groups_.size(); ++at) rest += groups_[at];
  if (starts_with(rest, "86") && (plus_ || rest.size() > 10)) rest.erase(0, 2);
  if (last.size() > 5) return;
  const bool complete = is_mobile(rest) || (groups_.size() == 2 && (area.size() == 7 || area.size() == 8)) ||
                        is_service_number(rest) ||
                        (groups_.size() >= 3 && !area_prefix(rest[0] == '0' ? rest : "0" + rest).empty() &&
                         (groups_[groups_.size() - 2].size() >= 7));
  const std::string_view own_area = area_prefix(rest);
  const std::size_t local = rest.size() - own_area.size();
  const bool whole = !own_area.empty() && local == (eight_digits(own_area) ? 8U : 7U);
  const bool canonical = plus_ && groups_.size() == 2 && groups_[0].size() >= 8;  // +8675586123456-8001
  const bool foreign = plus_ && !starts_with(groups_[0], "86");
  if (foreign ? !canonical : !complete && !whole && !canonical) return;
  phone_.extension = last;
  groups_.pop_back();
}

void PhoneReader::take_extension() {
  const auto masks = std::count_if(text_.begin(), text_.end(), is_mask);
  phone_.masked = masks >= 2 && digits_in(text_) >= 2;
  if (!phone_.masked) take_marked_extension();
  collect();
  if (!phone_.masked) take_dashed_extension();
}

void PhoneReader::classify_mobile(std::string_view digits) {
  phone_.country = "86";
  phone_.number = digits;
  if (is_satellite(digits)) {
    phone_.kind = "satellite";
    return;
  }
  phone_.kind = is_machine_number(digits) ? "machine" : "mobile";
  if (is_virtual_operator(digits)) {
    add_finding(result_, "virtual_operator", Severity::info, "a virtual operator's number");
  } else if (!is_machine_number(digits) && !assigned_block(digits)) {
    add_finding(result_, "unassigned_block", Severity::warning,
                "no operator is known to use this block of mobile numbers");
  }
}

// `digits` with trunk 0.
bool PhoneReader::classify_landline(std::string_view digits) {
  const std::string_view area = area_prefix(digits);
  if (area.empty()) return false;
  const std::string_view local = digits.substr(area.size());
  if (local.size() < 7 || local.size() > 8 || local[0] == '0' || local[0] == '1') {
    if ((local.size() == 5 || local.size() == 6) &&
        (starts_with(local, "95") || starts_with(local, "96"))) {  // 0755-96110
      phone_.country = "86";
      phone_.area = area;
      phone_.number = local;
      phone_.kind = "service";
      return true;
    }
    return false;
  }
  phone_.country = "86";
  phone_.area = area;
  phone_.number = local;
  phone_.kind = "landline";
  if (!both_lengths(area) && local.size() != (eight_digits(area) ? 8U : 7U)) {
    add_finding(result_, "length", Severity::warning,
                std::string("local numbers of area ") + std::string(area) +
                    (eight_digits(area) ? " have 8 digits" : " have 7 digits"));
  }
  return true;
}

// National digits, with or without trunk 0.
bool PhoneReader::classify_national(std::string_view digits, bool with_country) {
  static constexpr std::string_view kDialling[] = {"17951", "12593", "17909", "17911",
                                                   "10193", "17901", "17900"};
  for (const std::string_view prefix : kDialling) {
    if (starts_with(digits, prefix) && digits.size() >= prefix.size() + 10)
      digits.remove_prefix(prefix.size());
  }
  if (starts_with(digits, "0") && is_mobile(digits.substr(1))) digits.remove_prefix(1);
  if (is_mobile(digits) || is_machine_number(digits)) {
    classify_mobile(digits);
    return true;
  }
  if (starts_with(digits, "0")) return classify_landline(digits);
  if (is_service_number(digits)) {
    phone_.country = "86";
    phone_.number = digits;
    phone_.kind = "service";
    return true;
  }
  const bool area_apart = with_country ||
                          (groups_.size() > 1 && groups_[0].size() <= 3 && groups_[0].size() >= 2) ||
                          digits.size() > 9;
  return area_apart && digits.size() >= (with_country ? 7U : 9U) &&
         classify_landline("0" + std::string(digits));
}

void PhoneReader::classify_international(std::string_view digits) {
  const CallingCode* code = calling_code(digits);
  if (code == nullptr) {
    phone_.number = digits;
    add_finding(result_, "country_code", Severity::error, "no such country calling code");
    return;
  }
  std::string_view rest = digits.substr(code->code.size());
  while (!code->trunk.empty() && starts_with(rest, code->trunk)) {
    const std::size_t national = rest.size() - code->trunk.size();
    const bool fits = national >= code->shortest && national <= code->longest;
    if (!fits || (rest.size() <= code->longest && code->trunk != "0")) break;
    rest.remove_prefix(code->trunk.size());
  }
  phone_.country = code->code;
  phone_.number = rest;
  phone_.kind = "international";
  phone_.region = code->region;
  if (rest.size() < code->shortest || rest.size() > code->longest) {
    // What looked like an extension is then rather a part of the number.
    const bool hopeless = !phone_.extension.empty();
    add_finding(result_, "length", hopeless ? Severity::error : Severity::warning,
                "numbers of +" + code->code + " do not have this length");
  }
}

void PhoneReader::classify() {
  std::string digits;
  for (const std::string& group : groups_) digits += group;
  if (starts_with(digits, "00") && digits.size() > 9) {
    plus_ = true;
    digits.erase(0, 2);
  }
  if (plus_ || (starts_with(digits, "86") && digits.size() >= 12)) {
    if (!starts_with(digits, "86")) return classify_international(digits);
    const std::string national = digits.substr(2);
    if (classify_national(national, true)) return;
    if (plus_) {
      phone_.country = "86";
      phone_.number = national;
      add_finding(result_, "length", Severity::error, "no Chinese number has this form");
      return;
    }
  }
  if (classify_national(digits, false)) return;
  phone_.number = digits;
  if ((digits.size() == 7 || digits.size() == 8) && digits[0] != '0' && digits[0] != '1') {
    phone_.kind = "landline";
    add_finding(result_, "no_area_code", Severity::warning,
                "no area code: complete it from the record's own city");
  } else {
    add_finding(result_, "length", Severity::error, "no Chinese number has this form");
  }
}

std::optional<PhoneNumber> PhoneReader::read() {
  take_extension();
  if (groups_.empty()) return std::nullopt;
  if (phone_.masked) {
    for (const char32_t c : text_) {
      if (is_digit(c))
        phone_.number.push_back(static_cast<char>(c));
      else if (is_mask(c))
        phone_.number.push_back('*');
    }
    add_finding(result_, "masked", Severity::error,
                "the number is masked: only its visible digits can be compared");
    return phone_;
  }
  const std::size_t before = result_.findings.size();
  classify();
  const bool failed =
      std::any_of(result_.findings.begin() + static_cast<std::ptrdiff_t>(before), result_.findings.end(),
                  [](const Finding& f) { return f.severity == Severity::error; });
  if (failed) {
    phone_.unread = to_utf8(whole_);
    phone_.country.clear();
  }
  if (note_) add_finding(result_, "noise", Severity::info, "words beside the number were peeled off");
  if (is_placeholder_number(phone_.number))
    add_finding(result_, "placeholder", Severity::error, "a placeholder, not a number");
  return phone_;
}

bool is_separator(char32_t c) {
  return c == U'/' || c == U';' || c == U'、' || c == U'|' || c == U'\\' || c == U'\n' || c == U'或' ||
         c == U'及' || c == U'和' || c == U'&' || c == U'，' || c == U',';
}

// The pieces between separators. Spaces separate when both sides are complete numbers.
std::vector<std::u32string> split_numbers(std::u32string_view text) {
  std::vector<std::u32string> pieces{U""};
  std::size_t before = 0;  // digits in the last piece
  bool dashed = false;     // a dash in it
  const auto next_piece = [&] {
    pieces.emplace_back();
    before = 0;
    dashed = false;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char32_t c = text[at];
    if (is_separator(c)) {
      next_piece();
      continue;
    }
    if (c == U' ' && before >= 7) {
      std::u32string_view rest = text.substr(at + 1, 24);
      rest = rest.substr(
          0, static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_separator) - rest.begin()));
      if (digits_in(rest) >= 7 &&
          (before >= 11 || (before >= 10 && dashed) || (before <= 8 && digits_in(rest) >= 10))) {
        next_piece();
        continue;
      }
    }
    before += is_digit(c) ? 1 : 0;
    dashed = dashed || c == U'-';
    pieces.back().push_back(c);
  }
  for (std::u32string& piece : pieces) {
    piece.erase(0, std::min(piece.find_first_not_of(U' '), piece.size()));
    while (!piece.empty() && piece.back() == U' ') piece.pop_back();
  }
  pieces.erase(
      std::remove_if(pieces.begin(), pieces.end(), [](const std::u32string& p) { return digits_in(p) == 0; }),
      pieces.end());
  return pieces;
}

// "57" behind 0755-86123456: the same number with other last digits. A short piece behind a comma may be an
// extension.
bool replaces_last_digits(std::u32string_view piece, const std::vector<PhoneNumber>& numbers) {
  const std::size_t count = digits_in(piece);
  if (count != piece.size() ||
      (!numbers.empty() && (numbers.back().is_short_code() || !numbers.back().unread.empty())))
    return false;
  return !numbers.empty() && count < 5 && count > 0 && count < numbers.back().number.size() &&
         !numbers.back().masked;
}

PhoneNumber with_last_digits(const PhoneNumber& base, std::u32string_view piece) {
  std::string digits;
  for (const char32_t c : piece) {
    if (is_digit(c)) digits.push_back(static_cast<char>(c));
  }
  PhoneNumber number = base;
  number.extension.clear();
  number.number.replace(number.number.size() - digits.size(), digits.size(), digits);
  return number;
}

// A second number of the same length as the first one's local part shares its area code.
void inherit_area(PhoneNumber& number, const std::vector<PhoneNumber>& numbers) {
  if (numbers.empty() || !number.country.empty() || number.kind != std::string_view("landline")) return;
  const PhoneNumber& first = numbers.front();
  if (first.area.empty() || first.number.size() != number.number.size()) return;
  number.country = first.country;
  number.area = first.area;
}

void set_phone_parts(Normalized& result, const std::vector<PhoneNumber>& numbers) {
  const auto put = [&](const char* name, auto text_of) {
    if (numbers.size() == 1) {
      set_part(result, name, text_of(numbers[0]));
      return;
    }
    model::Array list;
    bool any = false;
    for (const PhoneNumber& number : numbers) {
      const std::string text = text_of(number);
      any = any || !text.empty();
      list.emplace_back(text);
    }
    if (any) result.parts.append(name, std::move(list));
  };
  put("country", [](const PhoneNumber& n) { return n.country; });
  put("area", [](const PhoneNumber& n) { return n.area; });
  put("number", [](const PhoneNumber& n) { return n.number; });
  put("extension", [](const PhoneNumber& n) { return n.extension; });
  put("kind", [](const PhoneNumber& n) { return std::string(n.kind); });
  put("region", [](const PhoneNumber& n) { return n.region; });
  put("e164", [](const PhoneNumber& n) { return n.masked ? std::string() : n.e164(); });
  put("division_code",
      [](const PhoneNumber& n) { return n.area.empty() ? std::string() : code_text(area_division(n.area)); });
}

}  // namespace

Normalized normalize_phone(std::string_view raw) {
  std::string lines(raw);  // line breaks separate numbers, and cleaning would make spaces of them
  std::replace(lines.begin(), lines.end(), '\n', ';');
  std::replace(lines.begin(), lines.end(), '\r', ';');
  const std::u32string text = plain(lines);
  if (text.empty() || text.find_first_not_of(U"; ") == std::u32string::npos) return empty_value();
  Normalized result;
  std::vector<PhoneNumber> numbers;
  for (const std::u32string& piece : split_numbers(text)) {
    if (numbers.size() == 16) break;  // a field, not a directory
    if (replaces_last_digits(piece, numbers)) {
      numbers.push_back(with_last_digits(numbers.back(), piece));
      continue;
    }
    PhoneReader reader(piece, result);
    if (std::optional<PhoneNumber> number = reader.read()) {
      inherit_area(*number, numbers);
      numbers.push_back(std::move(*number));
    }
  }
  if (numbers.empty()) {
    result.value = to_utf8(text);
    result.key = folded(result.value);
    add_finding(result, "no_number", Severity::error, "no telephone number in this text");
    return finished(std::move(result));
  }
  std::vector<std::string> keys;
  bool masked = false;
  for (const PhoneNumber& number : numbers) {
    result.value += (result.value.empty() ? "" : "; ") + number.text();
    if (!number.masked) keys.push_back(number.text());
    masked = masked || number.masked;
  }
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) result.key += (result.key.empty() ? "" : ";") + key;
  if (masked) result.key.clear();
  if (numbers.size() > 1)
    add_finding(result, "several", Severity::info,
                "the field holds " + std::to_string(numbers.size()) + " numbers");
  set_phone_parts(result, numbers);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
