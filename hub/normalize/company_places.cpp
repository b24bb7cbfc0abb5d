#include "hub/normalize/company_places.hpp"

#include <algorithm>

#include "hub/normalize/townships.hpp"

namespace huiliu::normalize {
namespace {

using Words = std::u32string_view;

bool words_begin(Words text, Words head) { return text.substr(0, head.size()) == head; }
// A list of words as a tree: the longest one at a place costs its length, however many there are.
template <std::size_t n>
WordTree tree_of(const Words (&words)[n]) {
  WordTree tree;
  for (const Words word : words) tree.add(word, 0);
  return tree;
}
bool words_end(Words text, Words tail) {
  return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

// Development zones belong to the division before them: 前海, 横琴, 苏州工业园区, 高新技术产业开发区.
std::size_t zone_length(Words text) {
  static constexpr Words kZones[] = {U"高新技术产业开发区",
                                     U"经济技术开发区",
                                     U"自由贸易试验区",
                                     U"综合保税区",
                                     U"自由贸易区",
                                     U"经济开发区",
                                     U"高新开发区",
                                     U"工业园区",
                                     U"自贸试验区",
                                     U"高新技术区",
                                     U"高新区",
                                     U"经开区",
                                     U"保税区",
                                     U"自贸区",
                                     U"开发区",
                                     U"前海",
                                     U"横琴新区",
                                     U"横琴",
                                     U"松山湖",
                                     U"航空港区",
                                     U"枫溪区",
                                     U"临港新片区",
                                     U"新区"};
  static const WordTree zones = tree_of(kZones);
  return zones.longest(text, 0).length;
}

// 大榭开发区, 梅山保税港区, 东湖新技术开发区: a zone with a name of its own. Its length, or 0.
std::size_t named_zone_length(Words text) {
  static constexpr Words kKinds[] = {U"高新技术产业开发区",
                                     U"经济技术开发区",
                                     U"新技术开发区",
                                     U"高新技术开发区",
                                     U"经济开发区",
                                     U"保税港区",
                                     U"保税物流园区",
                                     U"工业园区",
                                     U"航空港区",
                                     U"经济区",
                                     U"工业园",
                                     U"产业园",
                                     U"科技园",
                                     U"开发区",
                                     U"保税区",
                                     U"工业区",
                                     U"高新区",
                                     U"新城",
                                     U"新区"};
  for (std::size_t at = 2; at <= 4 && at < text.size(); ++at) {
    static const WordTree kinds = tree_of(kKinds);
    const std::size_t kind = kinds.longest(text, at).length;
    if (kind > 0 && !words_begin(text.substr(at + kind), U"区")) return at + kind;
  }
  return 0;
}

// May a name mean this behind the level `context` (0: none)?
bool fits_behind(const DivisionSense& sense, DivisionCode context) {
  if (context != 0) {
    if (sense.code == context || !contains(context, sense.code)) return false;
    // 江西万年青 is no 万年 of 江西; only right behind its own city may an ordinary word be a district.
    if (sense.word && is_province(context) && !is_municipality(context)) return false;
    return !(sense.bare && sense.code >= 710000 && is_county(sense.code));
  }
  // Alone, a district needs its 区 (朝阳区X), and a county whose name is a plain word its 县.
  if (sense.word) return false;
  if (!sense.bare || !is_county(sense.code)) return true;
  const Division* division = Divisions::get().find(sense.code);
  return division != nullptr && division->decoded.back() != U'区' && sense.code < 710000;
}

// Names of today come before former ones, then provinces before prefectures before counties.
int rank_of(const DivisionSense& sense) {
  const int level = is_province(sense.code) ? 0 : is_prefecture(sense.code) ? 1 : 2;
  return level + (sense.ended != 0 ? 3 : 0);
}

// What a name means in the context of the level before it. Several bearers of one rank (鼓楼区) have in
// common what lies around all of them, if anything does: then `code` is that, or 0.
struct PlaceSense {
  const DivisionSense* sense = nullptr;  // null: none fits
  DivisionCode code = 0;
  bool shared = false;
};
PlaceSense fitting_sense(const std::vector<DivisionSense>& senses, DivisionCode context) {
  PlaceSense found;
  for (const DivisionSense& sense : senses) {
    if (!fits_behind(sense, context)) continue;
    if (found.sense == nullptr || rank_of(sense) < rank_of(*found.sense)) {
      found = {&sense, sense.code, false};
    } else if (rank_of(sense) == rank_of(*found.sense) && sense.code != found.sense->code) {
      found.shared = true;
      if (prefecture_of(sense.code) == prefecture_of(found.code))
        found.code = prefecture_of(sense.code);
      else
        found.code = province_of(sense.code) == province_of(found.code) ? province_of(sense.code) : 0;
    }
  }
  return found;
}

// The longest name at text[at] with a sense in this context.
ChainLevel next_level(Words text, std::size_t at, DivisionCode context) {
  const Divisions& divisions = Divisions::get();
  const WordTree& names = divisions.names();
  ChainLevel level;
  std::uint32_t node = WordTree::kRoot;
  for (std::size_t end = at; end < text.size();) {
    node = names.step(node, text[end++]);
    if (node == WordTree::kNone) break;
    if (names.value(node) == WordTree::kNone) continue;
    const auto [sense, code, shared] = fitting_sense(divisions.senses(names.value(node)), context);
    if (sense != nullptr &&
        !(sense->bare && is_county(sense->code) && continues_as_landscape(text.substr(end)))) {
      level = ChainLevel{end, code, sense->bare, sense->ended != 0, sense->word, shared};
    }
  }
  return level;
}

// 祁各庄镇, 奎聚街道 behind a county: at least two characters and its kind written.
std::size_t township_length(Words text) {
  for (std::size_t length = 3; length <= 6 && length + 2 <= text.size(); ++length) {
    if (text[length - 1] == U'镇' || text[length - 1] == U'乡') return length;
    if (length >= 4 && words_end(text.substr(0, length), U"街道")) return length;
  }
  return 0;
}

// 小寨路, 东坡大道, 黄兴南路步行街, 轻纺城: where a shop stands, in its name
std::size_t road_length(Words text) {
  static constexpr Words kMarkets[] = {U"国际商贸城", U"小商品城", U"轻纺城", U"商贸城", U"批发市场",
                                       U"农贸市场",   U"综合市场", U"大市场", U"服装城", U"服饰城",
                                       U"建材城",     U"步行街",   U"商业街", U"工业园"};
  for (std::size_t at = 0; at <= 6 && at < text.size(); ++at) {
    static const WordTree markets = tree_of(kMarkets);
    if (const std::size_t market = markets.longest(text, at).length; market > 0) return at + market;
  }
  for (std::size_t at = 2; at <= 4 && at < text.size(); ++at) {
    const Words rest = text.substr(at);
    if (words_begin(rest, U"大道") || words_begin(rest, U"大街")) return at + 2;
    const char32_t next = rest.size() > 1 ? rest[1] : U' ';
    const char32_t before = text[at - 1];
    if (rest[0] == U'路' && Words(U"桥由灯面政径障").find(next) == Words::npos &&
        Words(U"公铁道网线电思丝").find(before) == Words::npos)
      return at + 1;
    if (rest[0] == U'街' && Words(U"坊区舞拍景机道").find(next) == Words::npos) return at + 1;
  }
  return 0;
}

// What stands below the county, or below a prefecture: a zone, then a township.
void add_below_county(Words text, std::size_t at, DivisionCode context, Chain& chain) {
  const auto add = [&](std::size_t length, bool bare, bool word) {
    if (chain.count < kMostLevels) chain.add(ChainLevel{at + length, context, bare, false, word, false});
  };
  const auto add_road = [&] {
    if (const std::size_t road = road_length(text.substr(at)); road > 0) add(road, true, true);
  };
  const bool guessed = chain.levels[chain.count - 1].bare;
  if (const std::size_t corps = corps_length(text.substr(at)); corps > 0) return add(corps, false, false);
  std::size_t zone = zone_length(text.substr(at));
  const bool known_zone = zone > 0;
  if (!known_zone) zone = named_zone_length(text.substr(at));
  if (zone > 0) {
    add(zone, !known_zone || text[at + zone - 1] != U'区', false);
    at += zone;
    // 洋河新区|洋河镇
    if (const std::size_t written = township_length(text.substr(at)); written > 0 && written <= 3)
      add(written, false, false);
    return;
  }
  if (const Township town = leading_township(context, text.substr(at)); town.length > 0) {
    add(town.length, town.bare, town.bare);
    at += town.length;
    return add_road();  // 柯桥街道|轻纺城
  }
  if (!is_county(context)) return;
  if (const std::size_t road = road_length(text.substr(at)); road > 0) return add(road, true, true);
  const std::size_t written = township_length(text.substr(at));
  // 昆山千灯镇, but nothing longer behind a place that is itself a guess
  if (written > 0 && !(guessed && written > 3)) {
    add(written, false, false);
    at += written;
    add_road();
  }
}

}  // namespace

std::size_t foreign_prefix(Words text) {
  static constexpr Words kNames[] = {U"中华人民共和国", U"中国", U"美国",   U"日本",   U"韩国",
                                     U"德国",           U"英国", U"法国",   U"意大利", U"新加坡",
                                     U"马来西亚",       U"泰国", U"越南",   U"加拿大", U"澳大利亚",
                                     U"瑞士",           U"荷兰", U"俄罗斯", U"印度",   U"亚太"};
  static const WordTree names = tree_of(kNames);
  return names.longest(text, 0).length;
}

Chain walk_chain(Words text) {
  Chain chain;
  std::size_t at = 0;
  if (const std::size_t foreign = foreign_prefix(text); foreign > 0) {
    at = foreign;
    chain.add(ChainLevel{at, 0, true, false, false, false});
  }
  DivisionCode context = 0;
  while (chain.count + 1 < kMostLevels && at < text.size()) {
    ChainLevel level = next_level(text, at, context);
    if (level.end == 0 && context == 650000) {  // 新疆生产建设兵团第六师|五家渠市
      const std::size_t corps = corps_length(text.substr(at));
      if (corps > 0) level = next_level(text, at + corps, context);
      if (level.bare) level = {};
    }
    if (level.end == 0) break;
    // 北京北京市, 上海上海市: municipalities repeat.
    chain.add(level);
    if (!level.bare && city_character_belongs_to_county(text, level.end, level.code))
      --chain.levels[chain.count - 1].end;
    at = chain.levels[chain.count - 1].end;
    context = level.shared ? 0 : level.code;
    if (level.shared || is_county(context)) break;
    const Division* division = Divisions::get().find(context);
    if (division != nullptr && is_municipality(context) && words_begin(text.substr(at), division->decoded)) {
      at += division->decoded.size();
      chain.levels[chain.count - 1].end = at;
      chain.levels[chain.count - 1].bare = false;
    }
  }
  chain.divisions = chain.count;
  if (context != 0) add_below_county(text, at, context, chain);
  return chain;
}

}  // namespace huiliu::normalize
