// Administrative divisions of China (GB/T 2260): by code, and by name as people write it.
//
// A name may mean several divisions (朝阳区 of 北京 and of 长春), so look-up by name yields all of them and
// the caller decides by context. Codes are integers: 440305. The first two digits are the province, four the
// prefecture, six the county; a level that is not given is 00. Former names lead to the division that took
// their place, with the year. One immutable instance, built on first use; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub/normalize/words.hpp"

namespace huiliu::normalize {

using DivisionCode = std::uint32_t;

constexpr DivisionCode province_of(DivisionCode code) { return code / 10000 * 10000; }
constexpr DivisionCode prefecture_of(DivisionCode code) { return code / 100 * 100; }
constexpr bool is_province(DivisionCode code) { return code % 10000 == 0; }
constexpr bool is_prefecture(DivisionCode code) { return code % 100 == 0 && !is_province(code); }
constexpr bool is_county(DivisionCode code) { return code % 100 != 0; }
constexpr bool is_municipality(DivisionCode code) {
  const DivisionCode province = code / 10000;
  return province == 11 || province == 12 || province == 31 || province == 50;
}
// Is `inner` the same as `outer` or inside it?
constexpr bool contains(DivisionCode outer, DivisionCode inner) {
  if (is_province(outer)) return province_of(inner) == outer;
  return is_prefecture(outer) ? prefecture_of(inner) == outer : inner == outer;
}
std::string code_text(DivisionCode code);  // six digits; "" for 0

struct Division {
  DivisionCode code = 0;
  std::string_view name;        // 深圳市
  std::u32string_view decoded;  // the same as code points
};

// One thing that a name can mean.
struct DivisionSense {
  DivisionCode code = 0;  // the present division
  bool bare = false;      // written without its 省, 市, 区, 县 …
  bool word =
      false;  // bare, and an ordinary word or a usual brand (东方, 光明): no division without more evidence
  int ended = 0;  // the year in which this name ended; -1 unknown; 0: it is the present name
};

class Divisions {
 public:
  static const Divisions& get();

  // Null when the code is not in the present list.
  const Division* find(DivisionCode code) const noexcept;
  // In the present list, or once was. Six digits.
  bool ever_existed(DivisionCode code) const noexcept;
  // The present division of a code that may be a former one; 0 when never known.
  DivisionCode present(DivisionCode code) const noexcept;

  // 广东省深圳市南山区 for 440305; a municipality is named once.
  std::string full_name(DivisionCode code) const;

  // Everything that the word ending at a node of names() can mean.
  const std::vector<DivisionSense>& senses(std::uint32_t value) const noexcept { return senses_[value]; }
  // Full and short names of all levels, simplified characters. Values index senses().
  const WordTree& names() const noexcept { return names_; }
  // The same for names read backwards, provinces and prefectures only.
  const WordTree& names_backward() const noexcept { return names_backward_; }

  Divisions(const Divisions&) = delete;
  Divisions& operator=(const Divisions&) = delete;

 private:
  Divisions();
  void load_present();
  void load_former();
  void add_name(std::u32string_view name, const DivisionSense& sense);

  std::vector<Division> divisions_;  // by code
  std::vector<std::u32string> decoded_;
  std::vector<std::pair<DivisionCode, DivisionCode>> former_;  // former code, present code; by former code
  std::vector<std::vector<DivisionSense>> senses_;
  WordTree names_;
  WordTree names_backward_{WordTree::Direction::backward};
};

// 济南市中区 is 济南 and 市中区, not 济南市 and 中区: does the 市 at text[end - 1] begin a county of `code`?
bool city_character_belongs_to_county(std::u32string_view text, std::size_t end, DivisionCode code);

// 深圳 for 深圳市, 延边 for 延边朝鲜族自治州, 新疆 for 新疆维吾尔自治区; the name itself when it has no
// shorter form of at least two characters.
std::u32string_view short_division_name(std::u32string_view name);

}  // namespace huiliu::normalize
