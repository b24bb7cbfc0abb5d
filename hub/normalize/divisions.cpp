#include "hub/normalize/divisions.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_set>

#include "hub/normalize/data/tables.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

constexpr std::u32string_view kAutonomous[] = {U"特别行政区", U"维吾尔自治区", U"壮族自治区", U"回族自治区",
                                               U"自治区",     U"自治州",       U"自治县",     U"自治旗"};
constexpr std::u32string_view kUnits[] = {U"地区", U"林区", U"特区", U"新区", U"矿区", U"省",
                                          U"市",   U"区",   U"县",   U"州",   U"盟",   U"旗"};
// Peoples whose names stand in those of autonomous prefectures and counties.
constexpr std::u32string_view kPeoples[] = {
    U"柯尔克孜", U"鄂温克族", U"达斡尔族", U"鄂伦春", U"塔吉克", U"哈萨克族", U"哈萨克", U"布依族",
    U"土家族",   U"哈尼族",   U"傈僳族",   U"拉祜族", U"布朗族", U"纳西族",   U"景颇族", U"仫佬族",
    U"撒拉族",   U"毛南族",   U"仡佬族",   U"裕固族", U"保安族", U"东乡族",   U"朝鲜族", U"蒙古族",
    U"锡伯",     U"普米族",   U"独龙族",   U"蒙古",   U"回族",   U"藏族",     U"苗族",   U"彝族",
    U"壮族",     U"满族",     U"侗族",     U"瑶族",   U"白族",   U"傣族",     U"黎族",   U"畲族",
    U"水族",     U"佤族",     U"羌族",     U"土族",   U"怒族",   U"各族"};

bool ends_with(std::u32string_view text, std::u32string_view tail) {
  return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

// Without trailing peoples: 恩施土家族苗族 → 恩施.
std::u32string_view without_peoples(std::u32string_view name) {
  for (bool again = true; again;) {
    again = false;
    for (const std::u32string_view people : kPeoples) {
      if (ends_with(name, people) && name.size() >= people.size() + 2) {
        name.remove_suffix(people.size());
        again = true;
        break;
      }
    }
  }
  return name;
}

DivisionCode parse_division_code(std::string_view text) {
  DivisionCode code = 0;
  std::from_chars(text.data(), text.data() + text.size(), code);
  return code;
}

const std::unordered_set<std::u32string>& plain_words() {
  static const std::unordered_set<std::u32string> words = [] {
    std::unordered_set<std::u32string> set;
    for_each_token(data::kPlainWords, [&set](std::string_view token) {
      std::u32string word;
      decode_utf8(token, word);
      set.insert(std::move(word));
    });
    return set;
  }();
  return words;
}

// Spellings in use that the rules do not derive.
constexpr std::pair<std::u32string_view, DivisionCode> kAliases[] = {
    {U"内蒙", 150000},       {U"新疆自治区", 650000}, {U"广西自治区", 450000}, {U"西藏省", 540000},
    {U"宁夏自治区", 640000}, {U"内蒙古省", 150000},   {U"广西省", 450000},     {U"宁夏省", 640000},
    {U"新疆省", 650000},     {U"广西区", 450000},     {U"新疆区", 650000},     {U"宁夏区", 640000},
    {U"内蒙古区", 150000},   {U"贵安新区", 520000},   {U"燕郊", 131082},       {U"呼市", 150100},
    {U"前郭县", 220721},     {U"香港特区", 810000},   {U"澳门特区", 820000},   {U"台湾省", 710000},
    {U"中国香港", 810000},   {U"中国澳门", 820000},   {U"中国台湾", 710000},   {U"浦东", 310115},
    {U"滨海新区", 120116},   {U"雄安新区", 130600},   {U"雄安", 130600},       {U"西咸新区", 610000},
    {U"两江新区", 500000},   {U"恩施州", 422800}};

}  // namespace

std::string code_text(DivisionCode code) { return code == 0 ? std::string() : std::to_string(code); }

std::u32string_view short_division_name(std::u32string_view name) {
  for (const std::u32string_view tail : kAutonomous) {
    if (ends_with(name, tail) && name.size() >= tail.size() + 2)
      return without_peoples(name.substr(0, name.size() - tail.size()));
  }
  for (const std::u32string_view tail : kUnits) {
    if (ends_with(name, tail) && name.size() >= tail.size() + 2)
      return name.substr(0, name.size() - tail.size());
  }
  return name;
}

bool city_character_belongs_to_county(std::u32string_view text, std::size_t end, DivisionCode code) {
  if (end == 0 || text[end - 1] != U'市') return false;
  const Divisions& divisions = Divisions::get();
  const WordTree::Match county = divisions.names().longest(text, end - 1);
  if (county.length < 3) return false;
  const auto& senses = divisions.senses(county.value);
  return std::any_of(senses.begin(), senses.end(), [code](const DivisionSense& s) {
    return !s.bare && is_county(s.code) && contains(code, s.code);
  });
}

const Divisions& Divisions::get() {
  static const Divisions instance;
  return instance;
}

Divisions::Divisions() {
  load_present();
  load_former();
}

void Divisions::add_name(std::u32string_view name, const DivisionSense& sense) {
  std::uint32_t index = names_.find(name);
  if (index == WordTree::kNone) {
    index = static_cast<std::uint32_t>(senses_.size());
    senses_.emplace_back();
    names_.add(name, index);
    names_backward_.add(name, index);
  }
  auto& list = senses_[index];
  const bool known =
      std::any_of(list.begin(), list.end(), [&](const DivisionSense& s) { return s.code == sense.code; });
  if (!known) list.push_back(sense);
}

void Divisions::load_present() {
  for_each_token(data::kDivisions, [this](std::string_view token) {
    divisions_.push_back(Division{parse_division_code(token.substr(0, 6)), token.substr(6), {}});
  });
  decoded_.resize(divisions_.size());
  for (std::size_t i = 0; i < divisions_.size(); ++i) {
    decode_utf8(divisions_[i].name, decoded_[i]);
    divisions_[i].decoded = decoded_[i];
  }
  // Full names first, then short ones: the present full name of one division beats the short one of another.
  for (const Division& division : divisions_)
    add_name(division.decoded, DivisionSense{division.code, false, false, 0});
  for (const Division& division : divisions_) {
    const std::u32string_view name = short_division_name(division.decoded);
    if (name == division.decoded) continue;
    const bool common = plain_words().count(std::u32string(name)) != 0;
    const bool word = (is_county(division.code) && common) || name == U"阿里" || name == U"海西" ||
                      name == U"海北" || name == U"海东";
    add_name(name, DivisionSense{division.code, true, word, 0});
    if (ends_with(division.decoded, U"自治州")) {
      for (const char32_t* tail : {U"州", U"自治州"})
        add_name(std::u32string(name) + tail, DivisionSense{division.code, false, false, 0});
    }
    if (ends_with(division.decoded, U"自治县")) {
      for (const char32_t* tail : {U"县", U"自治县"})
        add_name(std::u32string(name) + tail, DivisionSense{division.code, false, false, 0});
    }
    if (ends_with(division.decoded, U"自治旗"))
      add_name(std::u32string(name) + U"旗", DivisionSense{division.code, false, false, 0});
  }
  for (const auto& [name, code] : kAliases) add_name(name, DivisionSense{code, false, false, 0});
}

void Divisions::load_former() {
  const std::string_view table = data::kFormerDivisions;
  for_each_part(table, '\n', [this](std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return;
    const DivisionCode code = parse_division_code(line.substr(0, 6));
    const int year = static_cast<int>(parse_division_code(line.substr(first + 1, second - first - 1)));
    const DivisionCode present_code = parse_division_code(line.substr(second + 1));
    former_.emplace_back(code, present_code);
    std::u32string name;
    decode_utf8(line.substr(6, first - 6), name);
    if (name.size() < 2 || name == U"市区" || name == U"郊区" || name == U"矿区" || name == U"城区") return;
    const DivisionSense sense{present_code, false, false, year == 0 ? -1 : year};
    add_name(name, sense);
    const std::u32string_view brief = short_division_name(name);
    if (is_prefecture(code) && brief != name && names_.find(brief) == WordTree::kNone) {
      add_name(brief, DivisionSense{present_code, true, false, sense.ended});
    }
  });
  for_each_token(data::kFormerCodes, [this](std::string_view token) {
    former_.emplace_back(parse_division_code(token.substr(0, 6)), parse_division_code(token.substr(7)));
  });
  std::stable_sort(former_.begin(), former_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

const Division* Divisions::find(DivisionCode code) const noexcept {
  const auto at = std::lower_bound(divisions_.begin(), divisions_.end(), code,
                                   [](const Division& d, DivisionCode wanted) { return d.code < wanted; });
  return at != divisions_.end() && at->code == code ? &*at : nullptr;
}

DivisionCode Divisions::present(DivisionCode code) const noexcept {
  if (find(code) != nullptr) return code;
  const auto at =
      std::lower_bound(former_.begin(), former_.end(), code,
                       [](const auto& entry, DivisionCode wanted) { return entry.first < wanted; });
  return at != former_.end() && at->first == code ? at->second : 0;
}

bool Divisions::ever_existed(DivisionCode code) const noexcept { return present(code) != 0; }

std::string Divisions::full_name(DivisionCode code) const {
  std::string name;
  const auto append = [&](DivisionCode level) {
    if (const Division* division = find(level)) name += division->name;
  };
  append(province_of(code));
  if (!is_province(prefecture_of(code))) append(prefecture_of(code));
  if (is_county(code)) append(code);
  return name;
}

}  // namespace huiliu::normalize
