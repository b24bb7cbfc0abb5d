#include "hub/normalize/address_place.hpp"

#include "hub/normalize/townships.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

namespace huiliu::normalize {
namespace {

using PlaceView = std::u32string_view;

bool begins(PlaceView text, PlaceView head) { return text.substr(0, head.size()) == head; }

// Levels that lists print where there is none.
std::size_t placeholder_length(PlaceView text) {
  static constexpr PlaceView kWords[] = {U"自治区直辖县级行政区划",
                                         U"自治区直辖县级行政单位",
                                         U"省直辖县级行政区划",
                                         U"省直辖县级行政单位",
                                         U"省直辖行政单位",
                                         U"直辖县",
                                         U"市辖区",
                                         U"市辖县"};
  for (const PlaceView word : kWords) {
    if (begins(text, word)) return word.size();
  }
  return 0;
}

constexpr std::size_t kMostNested = 24;  // names one inside the other: no name is longer

struct PlaceName {
  std::size_t length = 0;
  const std::vector<DivisionSense>* senses = nullptr;
};

class PlaceWalk {
 public:
  explicit PlaceWalk(PlaceView text) : text_(text), divisions_(Divisions::get()) {}

  AddressPlace walk() {
    skip_country();
    while (step()) {  // each step takes at least one character
    }
    return std::move(place_);
  }

 private:
  PlaceView rest() const { return text_.substr(place_.end); }
  void skip_country() {
    // 中国(上海)自由贸易试验区
    if (const std::size_t name = begins(rest(), U"中国(") ? names_at(3, 2) : 0;
        name > 0 && begins(text_.substr(3 + name), U")")) {
      place_.end = 3;
      bracketed_ = true;
      return;
    }
    for (const PlaceView country : {PlaceView(U"中华人民共和国"), PlaceView(U"中国")}) {
      if (begins(rest(), country) && names_at(place_.end + country.size(), 1) != 0) {
        place_.end += country.size();
        return;
      }
    }
  }
  // The number of characters of the longest division name at `at`, if at least `least`; else 0.
  std::size_t names_at(std::size_t at, std::size_t least) const {
    const WordTree::Match match =
        at < text_.size() ? divisions_.names().longest(text_, at) : WordTree::Match{};
    return match.length >= least ? match.length : 0;
  }
  // May this sense continue what is known?
  bool fits(const DivisionSense& sense) const {
    if (place_.code == 0) return !(sense.bare && is_county(sense.code)) || lone_county(sense);
    return sense.code != place_.code && contains(place_.code, sense.code);
  }
  // A county or county-level city may stand alone without its 县 or 市 (昆山); a district or a plain word may
  // not.
  bool lone_county(const DivisionSense& sense) const {
    const Division* division = divisions_.find(sense.code);
    return !sense.word && division != nullptr && division->decoded.back() != U'区' && sense.code < 710000;
  }
  // 广东省,深圳市-南山区
  void skip_mark() {
    const bool mark = PlaceView(U",-/.·;:").find(text_[place_.end]) != PlaceView::npos;
    if (mark && place_.code != 0 && names_at(place_.end + 1, 2) != 0) ++place_.end;
  }
  bool step();
  std::size_t filler_length() const;
  bool accept(std::size_t length, const std::vector<DivisionSense>& senses);
  bool accept_repeated(std::size_t length, const std::vector<DivisionSense>& senses);
  bool accept_contradiction(std::size_t length, const std::vector<DivisionSense>& senses);
  // 广东河源市, 武汉江岸区: what looks like a river is a division inside this one.
  bool inner_follows(const DivisionSense& sense, std::size_t at) const {
    const WordTree::Match next =
        at < text_.size() ? divisions_.names().longest(text_, at) : WordTree::Match{};
    if (next.length < 2) return false;
    const auto& senses = divisions_.senses(next.value);
    return std::any_of(senses.begin(), senses.end(), [&](const DivisionSense& s) {
      return s.code != sense.code && contains(sense.code, s.code);
    });
  }
  void take(std::size_t length, const DivisionSense& sense) {
    if (!sense.bare && city_character_belongs_to_county(text_, place_.end + length, sense.code)) --length;
    place_.end += length;
    if (std::exchange(bracketed_, false) && begins(rest(), U")")) ++place_.end;
    place_.code = sense.code;
    place_.former = place_.former || sense.ended != 0;
    place_.successor_unsure = place_.successor_unsure || (sense.ended != 0 && is_county(sense.code));
  }

  PlaceView text_;
  const Divisions& divisions_;
  AddressPlace place_;
  bool bracketed_ = false;  // the next place stands in brackets
};

int level_of(const DivisionSense& sense) {
  return is_province(sense.code) ? 0 : is_prefecture(sense.code) ? 1 : 2;
}

// Of the senses that fit, those of the highest level among them: 吉林 is the province before it is the city.
// A division that bears the name today comes before those that once did.
bool PlaceWalk::accept(std::size_t length, const std::vector<DivisionSense>& senses) {
  std::optional<bool> other_name;  // asked for rarely
  const auto takes_part = [&](const DivisionSense& sense) {
    if (!fits(sense)) return false;
    if (!sense.bare) return true;
    if (!other_name) other_name = continues_as_other_name(rest().substr(length));
    return !*other_name || inner_follows(sense, place_.end + length);
  };
  bool only_former = true;
  int highest = 3;
  for (const DivisionSense& sense : senses) {
    if (!takes_part(sense)) continue;
    const bool is_former = sense.ended != 0;
    if (only_former && !is_former) highest = 3;  // the former ones no longer count
    only_former = only_former && is_former;
    if (!is_former || only_former) highest = std::min(highest, level_of(sense));
  }
  if (highest == 3) return false;
  const DivisionSense* first = nullptr;
  std::size_t count = 0;
  const auto is_best = [&](const DivisionSense& sense) {
    return (only_former || sense.ended == 0) && level_of(sense) == highest && takes_part(sense);
  };
  for (const DivisionSense& sense : senses) {
    if (!is_best(sense)) continue;
    if (count++ == 0) first = &sense;
  }
  if (count == 1) {
    take(length, *first);
    return true;
  }
  // 朝阳区: of 北京, of 长春, of 汕头's past … The level above all of them is certain, if there is one.
  bool same_province = true;
  for (const DivisionSense& sense : senses) {
    if (!is_best(sense)) continue;
    place_.candidates.push_back(sense.code);
    same_province = same_province && province_of(sense.code) == province_of(first->code);
  }
  place_.written = rest().substr(0, length);
  if (place_.code == 0 && same_province) place_.code = province_of(first->code);
  place_.end += length;
  return true;
}

// 上海上海市, 深圳市深圳市南山区
bool PlaceWalk::accept_repeated(std::size_t length, const std::vector<DivisionSense>& senses) {
  if (place_.code == 0) return false;
  for (const DivisionSense& sense : senses) {
    const bool outer = sense.code == place_.code || contains(sense.code, place_.code);
    if (!sense.bare && outer) {
      place_.end += length;
      return true;
    }
  }
  return false;
}

// 河北省杭州市: the deeper level is the more likely one to be meant. A district alone proves nothing.
bool PlaceWalk::accept_contradiction(std::size_t length, const std::vector<DivisionSense>& senses) {
  if (place_.code == 0 || senses.size() != 1 || senses[0].bare || contains(place_.code, senses[0].code))
    return false;
  const Division* division = divisions_.find(senses[0].code);
  if (division == nullptr || rest()[length - 1] == U'区' || continues_as_other_name(rest().substr(length)))
    return false;
  if (is_province(senses[0].code)) return false;
  place_.contradiction = true;
  take(length, senses[0]);
  return true;
}

// 新疆生产建设兵团第一师: what the corps' own levels are called; 重庆市县彭水…: the level that lists print.
std::size_t PlaceWalk::filler_length() const {
  if (place_.code == 0) return 0;
  if (const std::size_t placeholder = placeholder_length(rest()); placeholder > 0) return placeholder;
  if (is_municipality(place_.code) && begins(rest(), U"县") && names_at(place_.end + 1, 3) != 0) return 1;
  const std::size_t corps = province_of(place_.code) == 650000 ? corps_length(rest()) : 0;
  return corps > 0 && names_at(place_.end + corps, 2) != 0 ? corps : 0;
}

bool PlaceWalk::step() {
  if (!place_.candidates.empty() || place_.end >= text_.size()) return false;
  skip_mark();
  if (const std::size_t filler = filler_length(); filler > 0) {
    place_.end += filler;
    return true;
  }
  // Candidates from the longest to the shortest name.
  const WordTree& names = divisions_.names();
  std::array<PlaceName, kMostNested> found;
  std::size_t count = 0;
  std::uint32_t node = WordTree::kRoot;
  for (std::size_t at = place_.end; at < text_.size() && count < kMostNested; ++at) {
    node = names.step(node, text_[at]);
    if (node == WordTree::kNone) break;
    if (names.value(node) != WordTree::kNone)
      found[count++] = {at + 1 - place_.end, &divisions_.senses(names.value(node))};
  }
  const bool settled = is_county(place_.code) && place_.code != 0;
  for (std::size_t i = count; i-- > 0;) {
    if (!settled && accept(found[i].length, *found[i].senses)) return true;
    if (accept_repeated(found[i].length, *found[i].senses)) return true;
  }
  for (std::size_t i = count; i-- > 0 && !settled;) {
    if (accept_contradiction(found[i].length, *found[i].senses)) return true;
  }
  return false;
}

}  // namespace

bool continues_as_other_name(PlaceView text) {
  if (text.empty()) return false;
  static const WordTree kinds = [] {
    WordTree tree;
    for (const PlaceView word :
         {U"路",   U"街",     U"道",   U"大道", U"大街", U"巷",   U"弄",     U"胡同", U"里弄", U"高速",
          U"国道", U"公路",   U"门",   U"山",   U"湖",   U"河",   U"江",     U"桥",   U"大桥", U"立交",
          U"大厦", U"广场",   U"大学", U"学院", U"医院", U"机场", U"火车站", U"站",   U"村",   U"庄",
          U"镇",   U"乡",     U"街道", U"花园", U"小区", U"新村", U"公寓",   U"苑",   U"酒店", U"宾馆",
          U"大楼", U"大酒店", U"号",   U"号路", U"巷子", U"滩",   U"港",     U"湾"})
      tree.add(word, 0);
    return tree;
  }();
  if (begins(text, U"港区")) return false;  // 嘉兴港区: a zone
  if (kinds.longest(text, 0).length > 0) return true;
  // 东路, 中一路, 北街, 二路, 东大街
  std::size_t at = 0;
  while (at < 4 && at < text.size() &&
         PlaceView(U"东西南北中上下前后大小新老一二三四五六七八九十0123456789").find(text[at]) !=
             PlaceView::npos)
    ++at;
  return at > 0 && at < text.size() && PlaceView(U"路街道巷弄线").find(text[at]) != PlaceView::npos;
}

AddressPlace leading_place(PlaceView text) { return PlaceWalk(text).walk(); }

}  // namespace huiliu::normalize
