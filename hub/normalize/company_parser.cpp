// What each word of a Chinese company name is.
#include <algorithm>
#include <array>
#include <bitset>

#include "hub/normalize/company_parser.hpp"
#include "hub/normalize/company_places.hpp"
#include "hub/normalize/company_vocabulary.hpp"

namespace huiliu::normalize {
namespace {

using View = std::u32string_view;

bool tail_is(View text, View tail) {
  return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

CoreRange range_of(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

// A bracket of the name, in positions of core.
struct CoreBracket {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What is made or sold ends in one of these: 老树|普洱茶, 昆仑|盐化. Four characters without a known trade
// that end so are two of a brand and two of a trade.
bool is_product(char32_t c) {
  static constexpr View kProducts =
      U"机器品具件材料油布鞋衣帽服饰茶酒米面粉糖果菜鱼肉蛋鸭猪羊草木竹石砂砖瓦灯车船床椅桌柜窗锁泵阀管线缆网"
      U"板膜纸盒箱"
      U"袋瓶罐杯锅炉灶药剂胶漆铁钢铜铝锌锡纱丝绸棉麻毛皮革瓷陶泥饼糕饭汤炮雕刻绣纺织编化矿煤电气";
  return kProducts.find(c) != View::npos;
}

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
  std::size_t without_subsidiary(std::size_t begin, std::size_t end) const;
  void use_division_as_brand();
  View core() const { return name_.core; }
  // Brand length in `stem` by the trade words at its end; 0 when nothing but one trade word is there.
  std::size_t brand_length(View stem) const;
  // Nothing but trades, of which a place had one company: 旅游发展, 路桥建设.
  bool is_only_trades(View stem) const;
  bool take_university();
  bool is_factory() const;
  bool good_rest(const ChainLevel& level) const;
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
    const bool between_digits =
        c == U'-' && at > 0 && at + 1 < key.size() && is_digit(key[at - 1]) && is_digit(key[at + 1]);
    if (!between_digits && (c < 0x80 || c == 0xB7) && !is_digit(c) && !is_latin(c) && c != U'&' && c != U'+')
      continue;
    if (c == 0x3001 || c == 0xFFFD) continue;
    name_.core.push_back(c);
    name_.origin.push_back(origin[at]);
  }
  if (!open.empty()) name_.unbalanced = true;
}

// A branch without a parent's legal form (招商银行深圳分行, 新月能源石家庄分公司): where does its own part
// begin?
std::size_t CompanyParser::weak_branch_start(std::size_t tail) const {
  std::size_t start = tail;
  while (start > 0 && (is_digit(core()[start - 1]) ||
                       View(U"第一二三四五六七八九十").find(core()[start - 1]) != View::npos))
    --start;
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
    // 合伙企业, 分公司 and anything else behind a company's form is a part of that company, or its registered
    // neighbour.
    name_.branch = range_of(parent, end);
    return parent;
  }
  static constexpr std::array<View, 9> kStrong{U"分公司", U"支公司", U"分行", U"支行",  U"分校",
                                               U"分理处", U"储蓄所", U"分院", U"办事处"};
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
  WordTree::Match form = vocabulary_.forms.longest(before, end);
  if (form.length > 1) {  // 钢铁|厂, not 钢|铁厂
    const std::uint32_t last = vocabulary_.forms.find(before.substr(end - 1));
    const View own = before.substr(end - form.length, form.length - 1);
    const bool crossed = vocabulary_.trades.longest(before, end - 1).length + 1 > form.length;
    if (last != WordTree::kNone && crossed && vocabulary_.trades.find(own) == WordTree::kNone)
      form = {1, last};
  }
  const bool bare_trade =
      form.length == 1 && vocabulary_.trades.longest(before, end).length > 1;  // 银行, 机场
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

// The trade is the longest run of trade words at the end that leaves a brand: at least two characters, and a
// whole run of Latin letters or digits.
std::size_t CompanyParser::brand_length(View stem) const {
  const WordTree::Match known = vocabulary_.brands.longest(stem, 0);
  if (known.length > 0) return known.length;
  constexpr std::size_t kWindow = 64;
  const std::size_t base = stem.size() > kWindow ? stem.size() - kWindow : 0;
  std::size_t least = 0;
  while (least < stem.size() && !is_han(stem[least])) ++least;
  least = std::max<std::size_t>(least, 2);
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
  if (best == stem.size() && best == 4 && is_product(stem.back()) && is_han(stem[0])) return 2;
  if (best == stem.size() && best == 3 && is_product(stem.back()) && is_han(stem[0]) && is_factory())
    return 2;  // 明阳|糖|厂
  if (base != 0 || !reached.test(0)) return best;
  // Trade words only (集成电路制造): the longest first word may serve as brand when another one follows.
  for (std::size_t length = vocabulary_.trades_forward.longest(stem, 0).length; length >= least; --length) {
    if (length < stem.size() && reached.test(length) &&
        vocabulary_.trades.find(stem.substr(0, length)) != WordTree::kNone)
      return length;
  }
  return 0;
}

bool CompanyParser::is_factory() const {
  return name_.form.end == name_.form.begin + 1 && core()[name_.form.begin] == U'厂';
}

bool CompanyParser::is_only_trades(View stem) const {
  if (stem.empty() || vocabulary_.brands.longest(stem, 0).length > 0) return false;
  if (vocabulary_.place_trades.longest(stem, 0).length == 0) return false;
  const std::size_t length = brand_length(stem);
  if (length == 0) return true;
  if (vocabulary_.trades.find(stem.substr(0, length)) == WordTree::kNone) return false;
  // The words behind it must reach to the end without a rest: they do when the first one was taken for a
  // brand.
  std::size_t at = length;
  while (at < stem.size()) {
    const std::size_t next = vocabulary_.trades_forward.longest(stem, at).length;
    if (next == 0) return false;
    at += next;
  }
  return true;
}

// Is what follows a place without its 省, 市, 区, 县 a brand by itself? Behind a place that is as likely a
// brand, it must be a short one, followed by a known trade or the end.
bool CompanyParser::good_rest(const ChainLevel& level) const {
  if (name_.stem.end < level.end + 2) return false;
  const std::u32string rest = stem_text(level.end, nullptr);
  const std::size_t length = rest.size() >= 2 ? brand_length(rest) : 0;
  if (length == 0 || (!is_county(level.code) && is_only_trades(rest))) return false;
  if (!is_han(rest[0])) return true;
  if (length < 2) return false;
  if (!level.word) return true;
  if (vocabulary_.trades.find(View(rest).substr(0, length)) != WordTree::kNone) return false;
  return length < rest.size() ? length <= 4 : length <= 3;
}

// 浙江大学创新技术研究院, 北京师范大学附属中学: the university is the brand, whatever place is in its name.
bool CompanyParser::take_university() {
  const View stem = core().substr(0, name_.stem.end);
  const std::size_t at = stem.substr(0, 10).find(U"大学");
  if (at == View::npos || at < 2 || stem.size() < at + 4) return false;
  if (stem.substr(0, at).find_first_of(U"省市区县镇") != View::npos) return false;
  if (View(U"城生路里堂科门").find(stem[at + 2]) != View::npos) return false;
  name_.brand = range_of(0, at + 2);
  return true;
}

void CompanyParser::take_prefix() {
  const View stem = core().substr(0, name_.stem.end);
  if (vocabulary_.brands.longest(stem, 0).length > 0) return;
  Chain chain = walk_chain(stem);
  for (std::size_t level = 0; level + 1 < chain.count; ++level) {  // 上海|浦东发展|银行
    if (vocabulary_.brands.longest(stem, chain.levels[level].end).length > 0) chain.count = level + 1;
  }
  // A chain must not run into a bracketed division or past the stem.
  const std::size_t limit = bracketed_ ? name_.division.begin : name_.stem.end;
  while (chain.count > 0 && chain.levels[chain.count - 1].end > limit) --chain.count;
  // 江永小湖网络（苏州）有限公司: beside a place in brackets, a county without its 县 somewhere else is a
  // brand.
  const bool elsewhere = bracketed_ && name_.division_code != 0 && chain.count > 0 && chain.levels[0].bare &&
                         is_county(chain.levels[0].code) &&
                         !contains(name_.division_code, chain.levels[0].code);
  if (elsewhere) return;
  std::size_t levels = chain.count;
  while (levels > 0 && chain.levels[levels - 1].bare && !good_rest(chain.levels[levels - 1])) --levels;
  const bool place_only = levels == 0 && chain.count > 0 && chain.levels[0].code != 0 &&
                          !is_county(chain.levels[0].code) && chain.levels[0].end < name_.stem.end;
  if (place_only) {
    const std::u32string rest = stem_text(chain.levels[0].end, nullptr);
    if (rest.size() < 2) return;
    if (brand_length(rest) != 0 && !is_only_trades(rest)) return;  // 上海滩: the place is part of a word
    levels = 1;
    name_.brand_is_division = true;
  }
  if (levels == 0) return;
  const ChainLevel& last = chain.levels[levels - 1];
  name_.prefix = range_of(0, last.end);
  name_.locality = range_of(division_end(chain, levels), last.end);
  name_.prefix_code = last.code;
  name_.former_division = name_.former_division || last.former;
  if (!bracketed_) {
    name_.division = name_.prefix;
    name_.division_code = last.code;
  }
}

// 环球国际航运青岛有限公司: neither before the brand nor in brackets, but before the form.
void CompanyParser::take_middle_division() {
  if (!name_.division.empty() || name_.stem.end < 4 || vocabulary_.brands.longest(core(), 0).length > 0)
    return;
  if (const View stem = core().substr(0, name_.stem.end); tail_is(stem, U"中国") && name_.prefix.empty()) {
    name_.division = range_of(stem.size() - 2, stem.size());  // 3M中国有限公司
    bracketed_ = true;
    return;
  }
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

// 中铁十二局集团第一|工程, 中交二航局第四|工程: the brand is the parent's; what numbers the subsidiary is
// none.
std::size_t CompanyParser::without_subsidiary(std::size_t begin, std::size_t end) const {
  const std::size_t group = core().substr(0, end).find(U"集团", begin);
  if (group != View::npos && group >= begin + 2) return group;
  std::size_t ordinal = end;
  while (ordinal > begin && View(U"一二三四五六七八九十").find(core()[ordinal - 1]) != View::npos) --ordinal;
  const bool numbered = ordinal < end && ordinal > begin && core()[ordinal - 1] == U'第';
  return numbered && ordinal - 1 >= begin + 4 ? ordinal - 1 : end;
}

void CompanyParser::use_division_as_brand() {
  const View place = name_.folded(name_.prefix);
  name_.brand = name_.prefix;
  name_.brand.end = static_cast<std::uint32_t>(name_.brand.begin + short_division_name(place).size());
}

void CompanyParser::take_brand() {
  const std::size_t begin = name_.prefix.end;
  std::vector<std::uint32_t> positions;
  const std::u32string stem = stem_text(begin, &positions);
  if (stem.empty()) return;
  const std::size_t length = brand_length(stem);
  if (length == 0 || name_.brand_is_division) {  // nothing but trades
    name_.doubtful = true;
    const bool public_body = std::string_view(name_.form_class) == "institution";
    if (name_.brand_is_division)
      use_division_as_brand();
    else if (name_.prefix.empty() || !public_body)  // every company has a brand: 西昌市航天酒店
      name_.brand = range_of(begin, positions.back() + 1);
    return;
  }
  std::size_t end = length == stem.size() ? positions.back() + 1 : positions[length - 1] + 1;
  // What follows a bracketed division is no longer brand.
  if (bracketed_ && name_.division.begin >= begin + 2 && end > name_.division.begin)
    end = name_.division.begin;
  cut_long_brand(end);
  end = without_subsidiary(begin, end);
  name_.brand = range_of(begin, end);
  name_.doubtful =
      name_.doubtful || vocabulary_.trades.find(core().substr(begin, end - begin)) != WordTree::kNone;
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
  if (take_university()) return;
  take_prefix();
  take_middle_division();
  take_brand();
}

}  // namespace

void parse_chinese_company(CompanyName& name, View key, const std::vector<std::uint32_t>& origin) {
  CompanyParser(name).parse(key, origin);
}

}  // namespace huiliu::normalize
