// Addresses: province, city and county with their GB/T 2260 code, then street and detail. The value spells
// the divisions in full and present form; the key is the code and the rest with numbers and units in one
// spelling.
#include <algorithm>
#include <array>

#include "hub/normalize/address_place.hpp"
#include "hub/normalize/numerals.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

using Text = std::u32string_view;

bool text_begins(Text text, Text head) { return text.substr(0, head.size()) == head; }

// The folded address with, for each character, its place in the display text.
struct AddressText {
  std::u32string display;
  std::u32string key;
  std::vector<std::uint32_t> origin;

  std::string shown(std::size_t begin, std::size_t end) const {
    if (begin >= end) return {};
    while (begin < end && key[begin] == U' ') ++begin;
    while (end > begin && key[end - 1] == U' ') --end;
    return begin == end ? std::string()
                        : to_utf8(Text(display).substr(origin[begin], origin[end - 1] - origin[begin] + 1));
  }
};

// Spaces mean nothing in a Chinese address.
void drop_spaces(Text display, std::u32string& key, std::vector<std::uint32_t>* origin) {
  if (key.find(U' ') == std::u32string::npos || !has_han(display)) return;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < key.size(); ++at) {
    if (key[at] == U' ') continue;
    if (origin != nullptr) (*origin)[kept] = (*origin)[at];
    key[kept++] = key[at];
  }
  key.resize(kept);
  if (origin != nullptr) origin->resize(kept);
}

AddressText address_text(std::u32string cleaned) {
  AddressText text;
  join_han(cleaned);
  text.display = std::move(cleaned);
  text.key.reserve(text.display.size());
  text.origin.reserve(text.display.size());
  fold(text.display, text.key, &text.origin);
  drop_spaces(text.display, text.key, &text.origin);
  return text;
}

// 地址:, 收货地址:
std::size_t label_length(Text text) {
  static constexpr std::array<Text, 14> kLabels{
      U"地址",     U"收货地址", U"注册地址", U"通讯地址", U"公司地址", U"办公地址", U"联系地址",
      U"详细地址", U"经营地址", U"送货地址", U"生产地址", U"邮寄地址", U"开票地址", U"住所"};
  const std::size_t colon = text.substr(0, 8).find(U':');
  if (colon == Text::npos) return 0;
  return std::find(kLabels.begin(), kLabels.end(), text.substr(0, colon)) != kLabels.end() ? colon + 1 : 0;
}

bool six_digits(Text text) {
  return text.size() >= 6 && std::all_of(text.begin(), text.begin() + 6, is_digit) &&
         (text.size() == 6 || !is_digit(text[6]));
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool empty() const { return begin == end; }
};

// 518057 before the province: its length with a comma behind it, or 0.
std::size_t leading_postcode(Text text) {
  if (!six_digits(text) || text.size() <= 6 || !(is_han(text[6]) || text[6] == U',')) return 0;
  return text[6] == U',' ? 7 : 6;
}

// 邮编518057, (邮编:518057) at the end: where it begins, and its digits.
struct Postcode {
  std::size_t begin = 0;
  Span digits;
};
Postcode trailing_postcode(Text text) {
  std::size_t end = text.size();
  while (end > 0 && Text(U"),;.").find(text[end - 1]) != Text::npos && text.size() - end < 4) --end;
  if (end < 8 || !six_digits(text.substr(end - 6, 6))) return {};
  std::size_t at = end - 6;
  if (at > 0 && (text[at - 1] == U':' || text[at - 1] == U' ')) --at;
  static constexpr std::array<Text, 3> kLabels{U"邮政编码", U"邮编", U"postcode"};
  for (const Text label : kLabels) {
    if (at < label.size() || text.substr(at - label.size(), label.size()) != label) continue;
    std::size_t begin = at - label.size();
    while (begin > 0 && Text(U"(,;").find(text[begin - 1]) != Text::npos) --begin;
    return {begin, {end - 6, end}};
  }
  return {};
}

// 高新区, 经济技术开发区, 苏州工业园区 …: not a county.
std::size_t zone_end(Text text) {
  static constexpr std::array<Text, 22> kZones{U"高新技术产业开发区",
                                               U"经济技术开发区",
                                               U"自由贸易试验区",
                                               U"综合保税区",
                                               U"旅游度假区",
                                               U"高新技术开发区",
                                               U"经济开发区",
                                               U"高新开发区",
                                               U"工业园区",
                                               U"产业园区",
                                               U"保税港区",
                                               U"自贸区",
                                               U"保税区",
                                               U"开发区",
                                               U"高新区",
                                               U"经开区",
                                               U"示范区",
                                               U"度假区",
                                               U"前海",
                                               U"新区",
                                               U"工业区",
                                               U"管理区"};
  for (std::size_t at = 0; at < 9 && at < text.size(); ++at) {
    if (is_digit(text[at]) || Text(U"路街道镇乡村号巷").find(text[at]) != Text::npos) return 0;
    for (const Text zone : kZones) {
      if (text_begins(text.substr(at), zone) && !continues_as_other_name(text.substr(at + zone.size(), 2)))
        return at + zone.size();
    }
  }
  return 0;
}

// 粤海街道, 虎门镇, 古镇镇, XX苏木; 0 when the next thing is no township.
std::size_t township_end(Text text) {
  for (std::size_t at = 1; at < 9 && at < text.size(); ++at) {
    const char32_t c = text[at];
    const Text next = text.substr(at + 1);
    if ((c == U'路' || c == U'街') &&
        (text_begins(next, U"街道") || text_begins(next, U"镇") || text_begins(next, U"乡")))
      continue;
    if (is_digit(c) || Text(U"路号巷弄栋").find(c) != Text::npos) return 0;
    if (c == U'乡' && text_begins(next, U"族")) continue;  // 东乡族乡
    for (const Text farm : {Text(U"农场"), Text(U"林场"), Text(U"牧场"), Text(U"管理处"), Text(U"办事处")}) {
      if (at >= 2 && text_begins(text.substr(at), farm)) return at + farm.size();
    }
    if (c == U'街') {
      if (!text_begins(text.substr(at), U"街道")) return 0;
      for (const Text tail : {Text(U"街道办事处"), Text(U"街道办"), Text(U"街道")}) {
        if (text_begins(text.substr(at), tail)) return at + tail.size();
      }
    }
    if (text_begins(text.substr(at), U"苏木")) return at + 2;
    if (c == U'乡' || c == U'镇') {
      if (at + 1 < text.size() && text[at + 1] == U'镇') return at + 2;
      const bool road = at + 1 < text.size() && (text[at + 1] == U'路' || text[at + 1] == U'街');
      if (!road) return at + 1;
      return 0;
    }
  }
  return 0;
}

// 科技南十二路, 建国门外大街, 幸福巷, 解放大道
std::size_t road_end(Text text) {
  for (std::size_t at = 1; at < 16 && at < text.size(); ++at) {
    if (is_digit(text[at]) || text[at] == U'号' || text[at] == U'栋' || text[at] == U'(' ||
        text[at] == U',') {
      // 108国道, 3号路
      const bool named = at + 1 < text.size() && text[at] == U'号' && text[at + 1] == U'路';
      if (!named && !is_digit(text[at])) return 0;
      if (!named) continue;
    }
    if (text_begins(text.substr(at), U"大道") || text_begins(text.substr(at), U"大街") ||
        text_begins(text.substr(at), U"胡同") || text_begins(text.substr(at), U"公路") ||
        text_begins(text.substr(at), U"国道")) {
      return at + 2;
    }
    if (Text(U"路街巷弄").find(text[at]) != Text::npos || (text[at] == U'道' && at >= 2)) {
      // 路口, 街区 … belong to something else
      if (at + 1 < text.size() && Text(U"口区道").find(text[at + 1]) != Text::npos) continue;
      return at + 1;
    }
  }
  return 0;
}

// Numbers and units in one spelling: 十五号楼 = 15幢 = 15栋, 301房 = 301室 = 301, 二楼 = 2层 = 2F.
std::u32string canonical_detail(Text text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = text[at];
    const bool after_number =
        !out.empty() && (is_digit(out.back()) || (out.back() >= U'a' && out.back() <= U'z'));
    const NumeralMatch numeral = chinese_digit(c) >= 0 || chinese_unit(c) != 0 || c == U'廿'
                                     ? leading_numeral(text.substr(at))
                                     : NumeralMatch{};
    if (numeral.length > 0 && at + numeral.length < text.size() &&
        Text(U"号栋幢座单层楼室房弄组队期").find(text[at + numeral.length]) != Text::npos) {
      for (const char digit : std::to_string(numeral.value)) out.push_back(static_cast<char32_t>(digit));
      at += numeral.length;
      continue;
    }
    if (after_number && text_begins(text.substr(at), U"号楼")) {
      out.push_back(U'栋');
      at += 2;
      continue;
    }
    if (after_number && text_begins(text.substr(at), U"#楼")) {
      out.push_back(U'栋');
      at += 2;
      continue;
    }
    ++at;
    if (after_number && (c == U'幢' || c == U'座'))
      out.push_back(U'栋');
    else if (after_number && c == U'#')
      out.push_back(U'号');
    else if (after_number && (c == U'楼' || (c == U'f' && is_digit(out.back()))))
      out.push_back(U'层');
    else if (after_number && (c == U'房' || c == U'室'))
      continue;
    else if (c == U'-' || c == U'~')
      out.push_back(U'-');
    else if (c >= 0x80 ? is_han(c) || is_latin(c) : is_digit(c) || is_latin(c))
      out.push_back(c);
  }
  while (!out.empty() && out.back() == U'-') out.pop_back();
  return out;
}

struct DetailParts {
  std::u32string road;
  std::u32string number;
  std::u32string building;
  std::u32string unit;
  std::u32string floor;
  std::u32string room;
};

// From canonical text: the token before 号, 栋, 单元, 层, and the last number as room.
DetailParts detail_parts(Text text) {
  DetailParts parts;
  const auto token = [](char32_t c) { return is_digit(c) || (c >= U'a' && c <= U'z') || c == U'-'; };
  std::u32string run;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (token(text[at])) {
      run.push_back(text[at]);
      continue;
    }
    if (!run.empty()) {
      if (text[at] == U'号' && parts.number.empty())
        parts.number = run;
      else if (text[at] == U'栋' && parts.building.empty())
        parts.building = run;
      else if (text_begins(text.substr(at), U"单元"))
        parts.unit = run;
      else if (text[at] == U'层')
        parts.floor = run;
      run.clear();
    }
  }
  if (!run.empty() && (!parts.number.empty() || !parts.building.empty()) && is_digit(run.back()))
    parts.room = run;
  return parts;
}

void report_place(Normalized& result, const AddressPlace& place) {
  if (!place.candidates.empty()) {
    std::vector<std::string> names;
    for (const DivisionCode code : place.candidates) names.push_back(Divisions::get().full_name(code));
    add_finding(result, "ambiguous_division", Severity::warning, "several divisions have this name",
                std::move(names));
  } else if (place.code == 0) {
    add_finding(result, "no_division", Severity::warning, "no division of GB/T 2260 at the start");
  }
  if (place.contradiction)
    add_finding(result, "contradiction", Severity::warning,
                "the levels do not contain each other; the deeper one is kept");
  if (place.former)
    add_finding(result, "former_division", Severity::info, "a division has another name or place today");
}

void report_detail(Normalized& result, Text text) {
  static constexpr std::array<Text, 6> kShared{U"集群注册", U"秘书公司", U"商务秘书",
                                               U"虚拟",     U"入驻",     U"托管"};
  for (const Text mark : kShared) {
    if (text.find(mark) != Text::npos) {
      add_finding(result, "cluster_registration", Severity::info, "an address that many companies register");
      return;
    }
  }
}

void set_place_parts(Normalized& result, DivisionCode code) {
  const Divisions& divisions = Divisions::get();
  const auto name = [&](DivisionCode level) {
    const Division* division = divisions.find(level);
    return division == nullptr ? std::string() : std::string(division->name);
  };
  if (code == 0) return;
  set_part(result, "province", name(province_of(code)));
  if (is_municipality(code))
    set_part(result, "city", name(province_of(code)));
  else if (!is_province(prefecture_of(code)))
    set_part(result, "city", name(prefecture_of(code)));
  if (is_county(code)) set_part(result, "county", name(code));
  result.parts.append("code", code_text(code));
}

}  // namespace

namespace {

// Where the address itself stands, without marks, labels and postcodes around it.
struct AddressBody {
  std::size_t begin = 0;
  std::size_t end = 0;
  Span postcode;
};

AddressBody body_of(Text key) {
  AddressBody body{0, key.size(), {}};
  for (bool again = true; again;) {
    while (body.begin < body.end && !is_han(key[body.begin]) && !is_digit(key[body.begin]) &&
           !is_latin(key[body.begin]))
      ++body.begin;
    const Text rest = key.substr(body.begin, body.end - body.begin);
    const std::size_t label = label_length(rest);
    const std::size_t code = label > 0 ? 0 : leading_postcode(rest);
    if (code > 0) body.postcode = {body.begin, body.begin + 6};
    body.begin += label + code;
    again = label + code > 0;
  }
  for (bool again = true; again;) {
    const Postcode found = trailing_postcode(key.substr(body.begin, body.end - body.begin));
    again = found.begin > 0;
    if (!again) break;
    body.postcode = {body.begin + found.digits.begin, body.begin + found.digits.end};
    body.end = body.begin + found.begin;
  }
  return body;
}

std::size_t behind_marks(Text key, std::size_t at, std::size_t end) {
  while (at < end && Text(U",-./;:").find(key[at]) != Text::npos) ++at;
  return at;
}

// Behind the version.
std::string key_text(Text key, const AddressBody& body, const AddressPlace& place, std::size_t rest) {
  const bool settled = place.code != 0 && place.candidates.empty();
  std::string out = version_prefix();
  out.reserve(out.size() + 8 + (body.end - body.begin) * 3);
  out += settled ? code_text(place.code) : to_utf8(key.substr(body.begin, place.end));
  out += '|';
  for (const char32_t c : canonical_detail(key.substr(rest, body.end - rest))) append_utf8(out, c);
  return out;
}

}  // namespace

std::string address_key(std::string_view raw) {
  Cleaned cleaned = clean(raw);
  if (cleaned.text.empty()) return {};
  join_han(cleaned.text);
  std::u32string key;
  key.reserve(cleaned.text.size());
  fold(cleaned.text, key);
  drop_spaces(cleaned.text, key, nullptr);
  const AddressBody body = body_of(key);
  const Text text = Text(key).substr(body.begin, body.end - body.begin);
  if (!has_han(text)) return normalize_address(raw).key;
  const AddressPlace place = leading_place(text);
  return key_text(key, body, place, behind_marks(key, body.begin + place.end, body.end));
}

Normalized normalize_address(std::string_view raw) {
  Cleaned cleaned = clean(raw);
  if (cleaned.text.empty()) return empty_value();
  Normalized result;
  report_cleaning(result, cleaned);
  const AddressText text = address_text(std::move(cleaned.text));
  const Text key = text.key;
  const AddressBody body = body_of(key);
  const std::size_t start = body.begin;
  const std::size_t end = body.end;
  const Span postcode = body.postcode;
  if (!has_han(key.substr(start, end - start))) {  // not a Chinese address: nothing here can take it apart
    result.value = text.shown(start, end);
    result.key = folded(result.value);
    set_part(result, "detail", result.value);
    set_part(result, "postcode", text.shown(postcode.begin, postcode.end));
    add_finding(result, "no_division", Severity::warning, "not written in Chinese");
    return finished(std::move(result));
  }
  AddressPlace place = leading_place(key.substr(start, end - start));
  report_place(result, place);
  std::size_t at = start + place.end;
  const bool known = place.code != 0;
  at = behind_marks(key, at, end);
  const std::size_t rest = at;
  const Span zone{at, at + (known ? zone_end(key.substr(at, end - at)) : 0)};
  at = behind_marks(key, zone.end, end);
  std::size_t street = township_end(key.substr(at, end - at));
  const bool township = street > 0;
  if (!township) street = road_end(key.substr(at, end - at));
  const Span street_span{at, at + street};
  const std::size_t detail = street_span.end;
  const std::size_t road = township ? road_end(key.substr(detail, end - detail)) : 0;

  const bool ambiguous = !place.candidates.empty();
  const bool as_written = ambiguous || !known || place.successor_unsure;
  const std::string head =
      as_written ? text.shown(start, start + place.end) : Divisions::get().full_name(place.code);
  result.value = head + text.shown(rest, end);
  result.key = key_text(key, body, place, rest).substr(version_prefix().size());

  set_place_parts(result, place.code);
  if (ambiguous) set_part(result, "county", to_utf8(place.written));
  set_part(result, "zone", text.shown(zone.begin, zone.end));
  set_part(result, "street", text.shown(street_span.begin, street_span.end));
  set_part(result, "detail", text.shown(detail, end));
  set_part(result, "postcode", text.shown(postcode.begin, postcode.end));
  if (!postcode.empty() && (result.parts.find("postcode")->to_text() == "000000")) {
    add_finding(result, "placeholder", Severity::info, "a placeholder stands for the postcode");
  }
  if (township)
    set_part(result, "road", text.shown(detail, detail + road));
  else
    set_part(result, "road", text.shown(street_span.begin, street_span.end));
  const DetailParts parts = detail_parts(canonical_detail(key.substr(detail, end - detail)));
  set_part(result, "number", to_utf8(parts.number));
  set_part(result, "building", to_utf8(parts.building));
  set_part(result, "unit", to_utf8(parts.unit));
  set_part(result, "floor", to_utf8(parts.floor));
  set_part(result, "room", to_utf8(parts.room));
  report_detail(result, key);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
