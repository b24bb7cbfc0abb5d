#include "hub/normalize/company_name.hpp"

#include <algorithm>
#include <array>
#include <bitset>

#include "hub/normalize/company_english.hpp"
#include "hub/normalize/company_vocabulary.hpp"
#include "hub/normalize/pinyin.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

using View = std::u32string_view;

bool tail_is(View text, View tail) { return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail; }
bool head_is(View text, View head) { return text.substr(0, head.size()) == head; }

CoreRange range_of(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

// Words of Taiwan's trades, where a name is in traditional script: 軟體 is 软件 there, but 软体 is soft furniture here.
void translate_traditional(std::u32string& key, View display) {
  static constexpr std::array<std::array<View, 3>, 6> kWords{{{U"軟體", U"软体", U"软件"}, {U"資訊", U"资讯", U"信息"}, {U"網路", U"网路", U"网络"},
                                                              {U"數位", U"数位", U"数字"}, {U"程式", U"程式", U"程序"}, {U"積體電路", U"积体电路", U"集成电路"}}};
  if (key.size() != display.size()) return;
  bool traditional = false;
  for (std::size_t i = 0; i < key.size() && !traditional; ++i) traditional = key[i] != display[i] && is_han(display[i]);
  if (!traditional) return;
  for (const auto& [from, folded_from, to] : kWords) {
    for (std::size_t at = display.find(from); at != View::npos; at = display.find(from, at + 1)) key.replace(at, to.size(), to);
  }
}

// One level of a chain of divisions at the start of a name.
struct ChainLevel {
  std::size_t end = 0;
  DivisionCode code = 0;
  bool bare = false;
  bool former = false;
};

constexpr std::size_t kMostLevels = 5;
struct Chain {
  std::array<ChainLevel, kMostLevels> levels;
  std::size_t count = 0;
  void add(const ChainLevel& level) { levels[count++] = level; }
};

// What is no division of China but stands in its place.
std::size_t foreign_prefix(View text) {
  static constexpr View kNames[] = {U"中华人民共和国", U"中国", U"美国", U"日本", U"韩国", U"德国", U"英国", U"法国", U"意大利", U"新加坡",
                                    U"马来西亚",       U"泰国", U"越南", U"加拿大", U"澳大利亚", U"瑞士", U"荷兰", U"俄罗斯", U"印度", U"亚太"};
  for (const View name : kNames) {
    if (head_is(text, name)) return name.size();
  }
  return 0;
}

// Development zones belong to the division before them: 前海, 横琴, 苏州工业园区, 高新技术产业开发区.
std::size_t zone_length(View text) {
  static constexpr View kZones[] = {U"高新技术产业开发区", U"经济技术开发区", U"自由贸易试验区", U"综合保税区", U"自由贸易区", U"经济开发区", U"高新开发区",
                                    U"工业园区",           U"自贸试验区",     U"高新技术区",     U"高新区",     U"经开区",     U"保税区",     U"自贸区",
                                    U"开发区",             U"前海",           U"横琴新区",       U"横琴",       U"临港新片区", U"新区"};
  for (const View zone : kZones) {
    if (head_is(text, zone)) return zone.size();
  }
  return 0;
}

// The sense of a name in the context of the level before it (0: none). Null when none fits.
const DivisionSense* fitting_sense(const std::vector<DivisionSense>& senses, DivisionCode context) {
  const DivisionSense* best = nullptr;
  for (const DivisionSense& sense : senses) {
    if (context != 0) {
      if (sense.code == context || !contains(context, sense.code) || sense.word) continue;
      if (sense.bare && sense.code >= 710000 && is_county(sense.code)) continue;
    } else {
      // Alone, a district needs its 区 (朝阳区X), and a county whose name is a plain word its 县.
      if (sense.word) continue;
      if (sense.bare && is_county(sense.code)) {
        const Division* division = Divisions::get().find(sense.code);
        if (division == nullptr || division->decoded.back() == U'区' || sense.code >= 710000) continue;
      }
    }
    // Of several, the highest level; a name with several bearers of one level keeps the first, which has the lowest code.
    if (best == nullptr || (is_province(sense.code) && !is_province(best->code)) || (is_prefecture(sense.code) && is_county(best->code))) best = &sense;
  }
  return best;
}

// The longest name at text[at] with a sense in this context.
ChainLevel next_level(View text, std::size_t at, DivisionCode context) {
  const Divisions& divisions = Divisions::get();
  const WordTree& names = divisions.names();
  ChainLevel level;
  std::uint32_t node = WordTree::kRoot;
  for (std::size_t end = at; end < text.size();) {
    node = names.step(node, text[end++]);
    if (node == WordTree::kNone) break;
    if (names.value(node) == WordTree::kNone) continue;
    if (const DivisionSense* sense = fitting_sense(divisions.senses(names.value(node)), context)) {
      level = ChainLevel{end, sense->code, sense->bare, sense->ended != 0};
    }
  }
  return level;
}

// 祁各庄镇, 奎聚街道 behind a county: at least two characters and its kind written.
std::size_t township_length(View text) {
  for (std::size_t length = 3; length <= 6 && length + 2 <= text.size(); ++length) {
    if (text[length - 1] == U'镇' || text[length - 1] == U'乡') return length;
    if (length >= 4 && tail_is(text.substr(0, length), U"街道")) return length;
  }
  return 0;
}

Chain walk_chain(View text) {
  Chain chain;
  std::size_t at = 0;
  if (const std::size_t foreign = foreign_prefix(text); foreign > 0) {
    at = foreign;
    chain.add(ChainLevel{at, 0, true, false});
  }
  DivisionCode context = 0;
  while (chain.count + 1 < kMostLevels && at < text.size()) {
    const ChainLevel level = next_level(text, at, context);
    if (level.end == 0) break;
    // 北京北京市, 上海上海市: municipalities repeat.
    chain.add(level);
    if (!level.bare && city_character_belongs_to_county(text, level.end, level.code)) --chain.levels[chain.count - 1].end;
    at = chain.levels[chain.count - 1].end;
    context = level.code;
    if (is_county(context)) break;
    const Division* division = Divisions::get().find(context);
    if (division != nullptr && is_municipality(context) && head_is(text.substr(at), division->decoded)) {
      at += division->decoded.size();
      chain.levels[chain.count - 1].end = at;
      chain.levels[chain.count - 1].bare = false;
    }
  }
  if (context == 0 || chain.count >= kMostLevels) return chain;
  const std::size_t zone = zone_length(text.substr(at));
  const bool bare = chain.levels[chain.count - 1].bare;
  std::size_t extra = zone > 0 ? zone : is_county(context) ? township_length(text.substr(at)) : 0;
  if (zone == 0 && bare && extra > 3) extra = 0;  // 昆山千灯镇, but nothing longer behind a place that is itself a guess
  if (extra > 0) chain.add(ChainLevel{at + extra, context, zone > 0 && text[at + zone - 1] != U'区', false});
  return chain;
}

// A bracket of the name, in positions of core.
struct CoreBracket {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class CompanyParser {
 public:
  explicit CompanyParser(CompanyName& name) : name_(name), vocabulary_(CompanyVocabulary::get()) {}

  void parse(View key, const std::vector<std::uint32_t>& origin);

 private:
  void build_core(View key, const std::vector<std::uint32_t>& origin);
  std::size_t take_branch();
  std::size_t weak_branch_start(std::size_t tail) const;
  void take_form(std::size_t end);
  void take_bracketed_division();
  void take_prefix();
  void take_middle_division();
  void take_brand();
  void cut_long_brand(std::size_t& cut) const;
  void use_division_as_brand();
  View core() const { return name_.core; }
  // Brand length in `stem` by the trade words at its end; 0 when nothing but one trade word is there.
  std::size_t brand_length(View stem) const;
  bool good_rest(std::size_t begin) const;
  // The stem from `begin` without the bracketed division.
  std::u32string stem_text(std::size_t begin, std::vector<std::uint32_t>* positions) const;

  CompanyName& name_;
  const CompanyVocabulary& vocabulary_;
  std::vector<CoreBracket> brackets_;
  bool bracketed_ = false;  // the division stands in brackets
};

void CompanyParser::build_core(View key, const std::vector<std::uint32_t>& origin) {
  name_.core.reserve(key.size());
  name_.origin.reserve(key.size());
  std::vector<std::size_t> open;
  for (std::size_t at = 0; at < key.size(); ++at) {
    const char32_t c = key[at];
    if (c == U'(') {
      open.push_back(name_.core.size());
      continue;
    }
    if (c == U')') {
      if (open.empty()) {
        name_.unbalanced = true;
      } else {
        brackets_.push_back({open.back(), name_.core.size()});
        open.pop_back();
      }
      continue;
    }
    const bool between_digits = c == U'-' && at > 0 && at + 1 < key.size() && is_digit(key[at - 1]) && is_digit(key[at + 1]);
    if (!between_digits && (c < 0x80 || c == 0xB7) && !is_digit(c) && !is_latin(c) && c != U'&' && c != U'+') continue;
    if (c == 0x3001 || c == kReplacement) continue;
    name_.core.push_back(c);
    name_.origin.push_back(origin[at]);
  }
  if (!open.empty()) name_.unbalanced = true;
}

// A branch without a parent's legal form (招商银行深圳分行, 新月能源石家庄分公司): where does its own part begin?
std::size_t CompanyParser::weak_branch_start(std::size_t tail) const {
  std::size_t start = tail;
  while (start > 0 && (is_digit(core()[start - 1]) || View(U"第一二三四五六七八九十").find(core()[start - 1]) != View::npos)) --start;
  const std::size_t bank = core().substr(0, start).rfind(U"银行");
  if (bank != View::npos && bank >= 2) return bank + 2;
  const Divisions& divisions = Divisions::get();
  for (int levels = 0; levels < 3; ++levels) {
    const WordTree::Match place = divisions.names_backward().longest(core(), start);
    if (place.length < 2 || place.length + 2 > start) break;
    start -= place.length;
  }
  return start;
}

// Sets the branch and returns where the parent's name ends.
std::size_t CompanyParser::take_branch() {
  const std::size_t end = core().size();
  static constexpr std::array<View, 3> kParentForms{U"有限公司", U"责任公司", U"股份公司"};
  std::size_t parent = 0;
  for (const View form : kParentForms) {
    const std::size_t found = core().rfind(form);
    if (found != View::npos && found >= 2) parent = std::max(parent, found + form.size());
  }
  if (parent == end) return end;
  const WordTree::Match tail = vocabulary_.branches.longest(core(), end);
  if (parent == 0 && tail.length > 0) {
    const std::size_t found = core().substr(0, end - tail.length).rfind(U"公司");
    if (found != View::npos && found >= 2) parent = found + 2;
  }
  if (parent > 0) {
    // 合伙企业, 分公司 and anything else behind a company's form is a part of that company, or its registered neighbour.
    name_.branch = range_of(parent, end);
    return parent;
  }
  static constexpr std::array<View, 9> kStrong{U"分公司", U"支公司", U"分行", U"支行", U"分校", U"分理处", U"储蓄所", U"分院", U"办事处"};
  const bool strong = std::any_of(kStrong.begin(), kStrong.end(), [&](View t) { return tail_is(core(), t); });
  if (tail.length == 0 || !strong) return end;
  const std::size_t start = weak_branch_start(end - tail.length);
  if (start < 2) return end;
  name_.branch = range_of(start, end);
  return start;
}

void CompanyParser::take_form(std::size_t end) {
  const View before = core().substr(0, end);
  name_.form = range_of(end, end);
  const WordTree::Match form = vocabulary_.forms.longest(before, end);
  const bool bare_trade = form.length == 1 && vocabulary_.trades.longest(before, end).length > 1;  // 银行, 机场
  if (form.length > 0 && form.length + (form.length == 1 ? 2 : 1) <= end && !bare_trade) {
    name_.form_class = vocabulary_.form_classes[form.value];
    name_.form = range_of(end - form.length, end);
  }
  if (std::string_view(name_.form_class) == "group") {  // a marker beside the form, not a form
    name_.form_class = "";
    name_.form = range_of(end, end);
  }
  std::size_t stem = name_.form.begin;
  const bool marker = tail_is(core().substr(0, stem), U"集团") && stem > 2;
  if (marker) stem -= 2;
  name_.group = core().substr(0, name_.form.begin).find(U"集团") != View::npos;
  name_.stem = range_of(0, stem);
}

// (深圳), (中国), (上海自贸区): a bracket that holds nothing but a division.
void CompanyParser::take_bracketed_division() {
  for (const CoreBracket& bracket : brackets_) {
    if (bracket.begin < 2 || bracket.end > name_.stem.end || bracket.begin >= bracket.end) continue;
    const View inside = core().substr(bracket.begin, bracket.end - bracket.begin);
    DivisionCode code = 0;
    bool former = false;
    if (foreign_prefix(inside) != inside.size()) {
      const Chain chain = walk_chain(inside);
      std::size_t full = chain.count;
      while (full > 0 && chain.levels[full - 1].end != inside.size()) --full;
      if (full > 0) {
        code = chain.levels[full - 1].code;
        former = chain.levels[full - 1].former;
      } else {  // in brackets even a plain word is a place: (朝阳), (东方)
        const std::uint32_t value = Divisions::get().names().find(inside);
        if (value == WordTree::kNone) continue;
        code = Divisions::get().senses(value).front().code;
      }
    }
    name_.division = range_of(bracket.begin, bracket.end);
    name_.division_code = code;
    name_.former_division = former;
    bracketed_ = true;
    return;
  }
}

std::u32string CompanyParser::stem_text(std::size_t begin, std::vector<std::uint32_t>* positions) const {
  std::u32string text;
  text.reserve(name_.stem.end - begin);
  for (std::size_t at = begin; at < name_.stem.end; ++at) {
    if (bracketed_ && at >= name_.division.begin && at < name_.division.end) continue;
    text.push_back(core()[at]);
    if (positions != nullptr) positions->push_back(static_cast<std::uint32_t>(at));
  }
  return text;
}

// The trade is the longest run of trade words at the end that leaves a brand: at least two characters, and a whole run of
// Latin letters or digits.
std::size_t CompanyParser::brand_length(View stem) const {
  const WordTree::Match known = vocabulary_.brands.longest(stem, 0);
  if (known.length > 0) return known.length;
  constexpr std::size_t kWindow = 64;
  const std::size_t base = stem.size() > kWindow ? stem.size() - kWindow : 0;
  std::size_t least = 0;
  while (least < stem.size() && !is_han(stem[least])) ++least;
  if (least == 0) least = 2;
  std::bitset<kWindow + 1> reached;
  reached.set(stem.size() - base);
  std::size_t best = stem.size();
  for (std::size_t at = stem.size(); at > base; --at) {
    if (!reached.test(at - base)) continue;
    std::uint32_t node = WordTree::kRoot;
    for (std::size_t start = at; start > base;) {
      node = vocabulary_.trades.step(node, stem[--start]);
      if (node == WordTree::kNone) break;
      if (vocabulary_.trades.value(node) == WordTree::kNone) continue;
      reached.set(start - base);
      if (start >= least) best = std::min(best, start);
    }
  }
  if (base != 0 || !reached.test(0)) return best;
  // Trade words only (集成电路制造): the longest first word may serve as brand when another one follows.
  for (std::size_t length = vocabulary_.trades_forward.longest(stem, 0).length; length >= least; --length) {
    if (length < stem.size() && reached.test(length) && vocabulary_.trades.find(stem.substr(0, length)) != WordTree::kNone) return length;
  }
  return 0;
}

bool CompanyParser::good_rest(std::size_t begin) const {
  if (name_.stem.end < begin + 2) return false;
  const std::u32string rest = stem_text(begin, nullptr);
  const std::size_t length = rest.size() >= 2 ? brand_length(rest) : 0;
  return length >= 2 || (length == 1 && !is_han(rest[0]));
}

void CompanyParser::take_prefix() {
  const View stem = core().substr(0, name_.stem.end);
  if (vocabulary_.brands.longest(stem, 0).length > 0) return;
  Chain chain = walk_chain(stem);
  // A chain must not run into a bracketed division or past the stem.
  const std::size_t limit = bracketed_ ? name_.division.begin : name_.stem.end;
  while (chain.count > 0 && chain.levels[chain.count - 1].end > limit) --chain.count;
  std::size_t levels = chain.count;
  while (levels > 0 && chain.levels[levels - 1].bare && !good_rest(chain.levels[levels - 1].end)) --levels;
  const bool place_only = levels == 0 && chain.count > 0 && chain.levels[0].code != 0 && !is_county(chain.levels[0].code) &&
                          chain.levels[0].end < name_.stem.end;
  if (place_only) {
    const std::u32string rest = stem_text(chain.levels[0].end, nullptr);
    if (rest.size() < 2 || brand_length(rest) != 0) return;  // 上海滩: the place is part of a word
    levels = 1;
    name_.brand_is_division = true;
  }
  if (levels == 0) return;
  const ChainLevel& last = chain.levels[levels - 1];
  name_.prefix = range_of(0, last.end);
  name_.prefix_code = last.code;
  name_.former_division = name_.former_division || last.former;
  if (!bracketed_) {
    name_.division = name_.prefix;
    name_.division_code = last.code;
  }
}

// 环球国际航运青岛有限公司: neither before the brand nor in brackets, but before the form.
void CompanyParser::take_middle_division() {
  if (!name_.division.empty() || name_.stem.end < 4 || vocabulary_.brands.longest(core(), 0).length > 0) return;
  const Divisions& divisions = Divisions::get();
  const WordTree::Match place = divisions.names_backward().longest(core(), name_.stem.end);
  if (place.length < 2 || place.length + 2 > name_.stem.end) return;
  for (const DivisionSense& sense : divisions.senses(place.value)) {
    if (is_county(sense.code)) continue;
    name_.division = range_of(name_.stem.end - place.length, name_.stem.end);
    name_.division_code = sense.code;
    bracketed_ = true;  // excluded from brand and trade alike
    return;
  }
}

// An unknown trade leaves too much for the brand: 力赛佳管道支架. Cut before the first trade word inside.
void CompanyParser::cut_long_brand(std::size_t& cut) const {
  const std::size_t begin = name_.prefix.end;
  if (cut - begin < 5 || vocabulary_.brands.longest(core(), begin).length > 0) return;
  for (std::size_t at = begin + 2; at <= begin + 4 && at + 2 < cut; ++at) {
    const WordTree::Match word = vocabulary_.trades_forward.longest(core().substr(0, cut), at);
    if (word.length >= 2) {
      cut = at;
      return;
    }
  }
}

void CompanyParser::use_division_as_brand() {
  if (name_.brand_is_division) {
    name_.brand = name_.prefix;
    const View place = name_.folded(name_.prefix);
    const View brief = short_division_name(place);
    name_.brand.end = static_cast<std::uint32_t>(name_.brand.begin + brief.size());
  }
}

void CompanyParser::take_brand() {
  const std::size_t begin = name_.prefix.end;
  std::vector<std::uint32_t> positions;
  const std::u32string stem = stem_text(begin, &positions);
  if (stem.empty()) return;
  const std::size_t length = brand_length(stem);
  if (length == 0) {  // nothing but a trade
    name_.doubtful = true;
    if (name_.prefix.empty()) name_.brand = range_of(begin, positions.back() + 1);
    else use_division_as_brand();
    return;
  }
  std::size_t end = length == stem.size() ? positions.back() + 1 : positions[length - 1] + 1;
  // What follows a bracketed division is no longer brand.
  if (bracketed_ && name_.division.begin >= begin + 2 && end > name_.division.begin) end = name_.division.begin;
  cut_long_brand(end);
  name_.brand = range_of(begin, end);
  name_.doubtful = name_.doubtful || vocabulary_.trades.find(core().substr(begin, end - begin)) != WordTree::kNone;
  // 中节能秦皇岛环保: a prefecture at the end of the brand is the division when there is no other.
  if (!name_.division.empty() || end - begin < 4) return;
  const WordTree::Match place = Divisions::get().names_backward().longest(core().substr(0, end), end);
  if (place.length < 2 || end - begin < place.length + 2) return;
  for (const DivisionSense& sense : Divisions::get().senses(place.value)) {
    if (is_county(sense.code)) continue;
    name_.division = range_of(end - place.length, end);
    name_.division_code = sense.code;
    name_.brand.end = name_.division.begin;
    return;
  }
}

void CompanyParser::parse(View key, const std::vector<std::uint32_t>& origin) {
  build_core(key, origin);
  if (name_.core.empty()) return;
  const std::size_t parent_end = take_branch();
  take_form(parent_end);
  take_bracketed_division();
  take_prefix();
  take_middle_division();
  take_brand();
}

// Brackets of every kind to those of registers; ASCII ones too, because the name is Chinese.
void register_brackets(std::u32string& display) {
  for (char32_t& c : display) {
    std::u32string folded_one;
    if (c == U'(' || c == U'[' || c == U'{' || (c >= 0x3008 && c <= 0x301B) || (c >= 0xFF00 && c <= 0xFF60)) {
      fold(View(&c, 1), folded_one);
      if (folded_one == U"(") c = U'（';
      if (folded_one == U")") c = U'）';
    } else if (c == U')' || c == U']' || c == U'}') {
      c = U'）';
    }
  }
}

}  // namespace

std::string CompanyName::text(CoreRange range) const {
  if (range.empty()) return {};
  if (english) {  // words keep what stands between them: Bio-Medical, Co., Ltd.
    const std::size_t begin = origin[range.begin];
    std::size_t end = origin[range.end - 1] + 1;
    if (range.begin == form.begin && range.end == form.end && end < display.size() && display[end] == U'.') ++end;
    return to_utf8(View(display).substr(begin, end - begin));
  }
  std::string out;
  std::uint32_t last = 0xFFFFFFFF;
  for (std::size_t at = range.begin; at < range.end; ++at) {
    if (origin[at] != last) append_utf8(out, display[origin[at]]);
    last = origin[at];
  }
  return out;
}

std::string CompanyName::trade() const {
  const std::uint32_t begin = brand_is_division ? prefix.end : std::max(brand.end, prefix.end);
  if (english) {
    std::uint32_t first = begin;
    std::uint32_t last = stem.end;
    if (division.begin == first) first = std::max(first, division.end);
    else if (division.begin > first) last = std::min(last, division.begin);
    while (first < last && core[first] == U' ') ++first;
    while (last > first && core[last - 1] == U' ') --last;
    return first < last ? text({first, last}) : std::string();
  }
  std::string out;
  std::uint32_t last = 0xFFFFFFFF;
  for (std::size_t at = begin; at < stem.end; ++at) {
    if (at >= division.begin && at < division.end) continue;
    if (View(core).substr(at, 2) == U"集团") {
      ++at;
      continue;
    }
    if (origin[at] != last) append_utf8(out, display[origin[at]]);
    last = origin[at];
  }
  return out;
}

CompanyName parse_company_name(std::string_view raw) {
  CompanyName name;
  name.cleaning = clean(raw);
  std::u32string display = std::move(name.cleaning.text);
  std::u32string key;
  std::vector<std::uint32_t> origin;
  key.reserve(display.size());
  origin.reserve(display.size());
  fold(display, key, &origin);
  if (key.empty()) return name;
  // Spaces help to see noise (…公司 张三); without them more may show. So peel, join, and peel again until nothing is left.
  for (bool again = true; again;) {
    const CompanyNoise noise = peel_company_noise(key);
    for (const auto& [begin, end] : noise.peeled) {
      if (begin < end) name.noise.push_back(display.substr(origin[begin], origin[end - 1] - origin[begin] + 1));
    }
    const std::size_t before = display.size();
    if (noise.begin > 0 || noise.end < key.size()) {
      display = display.substr(origin[noise.begin], origin[noise.end - 1] - origin[noise.begin] + 1);
    }
    display.erase(0, std::min(display.find_first_not_of(U' '), display.size()));
    while (!display.empty() && display.back() == U' ') display.pop_back();
    if (has_han(key)) register_brackets(display);
    join_han(display);
    again = display.size() != before;
    if (!again) break;
    key.clear();
    origin.clear();
    fold(display, key, &origin);
    if (key.empty()) break;
  }
  name.display = std::move(display);
  if (!has_han(key)) {
    name.english = true;
    parse_english_company(name, key, origin);
    return name;
  }
  translate_traditional(key, name.display);
  CompanyParser(name).parse(key, origin);
  return name;
}

namespace {

void append_division(std::string& key, const CompanyName& name, CoreRange range, DivisionCode code) {
  if (range.empty()) return;
  if (code != 0) key += "@" + code_text(code) + ".";
  else key += "@" + to_utf8(name.folded(range)) + ".";
}

// Places inside a branch's own name: 合肥市分公司 = 合肥分公司.
void append_branch(std::string& key, const CompanyName& name) {
  const View branch = name.folded(name.branch);
  const Chain chain = walk_chain(branch);
  std::size_t from = 0;
  if (chain.count > 0 && chain.levels[chain.count - 1].code != 0) {
    from = chain.levels[chain.count - 1].end;
    key += "@" + code_text(chain.levels[chain.count - 1].code) + ".";
  }
  key += to_utf8(branch.substr(from));
}

}  // namespace

namespace {

const char* form_token(const CompanyName& name) {
  const std::string_view form_class = name.form_class;
  if (form_class == "limited") return name.english ? "ltd" : "有限";
  if (form_class == "joint_stock") return name.english ? "inc" : "股份";
  return nullptr;
}

std::string company_key_text(const CompanyName& name) {
  if (name.core.empty()) return {};
  std::string key;
  key.reserve(name.core.size() * 3 + 24);
  const auto append = [&](std::uint32_t from, std::uint32_t to) {
    for (; from < to; ++from) {
      if (name.core[from] != U' ') append_utf8(key, name.core[from]);
    }
  };
  append_division(key, name, name.prefix, name.prefix_code);
  std::uint32_t at = std::max(name.prefix.end, name.stem.begin);
  if (!name.division.empty() && name.division.begin >= at) {  // in brackets, or before the form
    append(at, name.division.begin);
    append_division(key, name, name.division, name.division_code);
    at = name.division.end;
  }
  append(at, name.form.begin);
  if (!name.form.empty()) {
    const char* token = form_token(name);
    key += "|" + (token != nullptr ? std::string(token) : to_utf8(name.folded(name.form)));
  }
  if (!name.branch.empty()) {
    key += "|";
    append_branch(key, name);
  }
  return key;
}

}  // namespace

std::string company_key(const CompanyName& name) { return versioned(company_key_text(name)); }

std::string company_key(std::string_view raw) { return company_key(parse_company_name(raw)); }

Normalized normalize_company_name(std::string_view raw) {
  CompanyName name = parse_company_name(raw);
  Normalized result;
  if (name.display.empty()) return empty_value();
  report_cleaning(result, name.cleaning);
  result.value = to_utf8(name.display);
  result.key = company_key_text(name);
  set_part(result, "division", name.text(name.division));
  set_part(result, "division_code", code_text(name.division_code));
  const std::string brand = name.text(name.brand);
  const std::string trade = name.trade();
  set_part(result, "brand", brand);
  set_part(result, "trade", trade);
  set_part(result, "form", name.text(name.form));
  set_part(result, "form_class", name.form_class);
  set_part(result, "branch", name.text(name.branch));
  result.parts.append("group", name.group);
  if (!name.brand.empty()) {
    const View folded_brand = name.folded(name.brand);
    const bool place = name.prefix_code != 0 && !name.brand_is_division && !name.english;
    const Division* division = place ? Divisions::get().find(name.prefix_code) : nullptr;
    const std::string before = division == nullptr ? std::string() : to_utf8(short_division_name(division->decoded));
    set_part(result, "short_name", name.brand.end - name.brand.begin >= 3 ? brand : before + brand + (before.empty() ? trade : ""));
    ShortPinyin reading = short_pinyin(folded_brand);
    set_part(result, "pinyin", std::move(reading.full));
    set_part(result, "initials", std::move(reading.initials));
  }
  if (!name.noise.empty()) {
    model::Array noise;
    for (const std::u32string& each : name.noise) noise.emplace_back(to_utf8(each));
    result.parts.append("noise", std::move(noise));
    add_finding(result, "noise", Severity::info, "what is no part of the name was peeled off");
  }
  if (name.doubtful) {
    result.parts.append("alternatives", model::Array{model::Value(name.text(name.prefix) + name.trade())});
    add_finding(result, "doubtful_parse", Severity::info, "brand, place and trade cannot be told apart for certain");
  }
  if (name.unbalanced) add_finding(result, "unbalanced_bracket", Severity::warning, "a bracket has no partner");
  if (name.former_division) add_finding(result, "former_division", Severity::info, "the division has another name today");
  if (name.core.empty()) add_finding(result, "no_name", Severity::error, "no letters in this name");
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
