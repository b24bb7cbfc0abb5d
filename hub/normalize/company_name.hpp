// Company names taken apart: administrative division, brand (字号), trade (行业), legal form, branch.
//
// Order of work: fold → peel noise → branch tail → legal form → bracketed division → prefix division → trade
// → brand is what is left. A division without its 省, 市, 区, 县 is peeled only where at least two characters
// of a brand remain. English names follow the same scheme over words. parse_company_name is what matching
// uses; the JSON of normalize() is made from it. Value types, no shared state; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub/normalize/divisions.hpp"
#include "hub/normalize/fold.hpp"

namespace huiliu::normalize {

// A range of CompanyName::core.
struct CoreRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool empty() const noexcept { return begin == end; }
};

struct CompanyName {
  std::u32string display;             // canonical spelling: noise peeled, brackets as registered
  std::u32string core;                // folded, without brackets and punctuation
  std::vector<std::uint32_t> origin;  // for each character of core: its index in display
  bool english = false;               // no Han character: core keeps single spaces between words

  CoreRange division;  // as written: 广东省深圳市, or the bracketed one
  CoreRange prefix;    // the division before the brand; the same as `division` unless that is bracketed
  CoreRange locality;  // the end of `prefix`: a zone or town, which has no code (前海, 虎门镇)
  CoreRange brand;
  CoreRange stem;                  // brand and trade (and what stands between them)
  CoreRange form;                  // 有限公司
  CoreRange branch;                // 合肥分公司
  DivisionCode division_code = 0;  // of `division`; 0: absent, or not a Chinese division (中国, 美国)
  DivisionCode prefix_code = 0;
  const char* form_class = "";     // limited, joint_stock, partnership, cooperative, enterprise, institution,
                                   // sole_trader, representative; "" when absent
  bool group = false;              // 集团
  bool brand_is_division = false;  // 青岛啤酒: the place serves as brand
  bool doubtful = false;           // another reading is as good; see company_alternative
  bool unbalanced = false;         // a bracket has no partner
  bool former_division = false;    // the division has another name today
  std::vector<std::u32string> noise;  // peeled: status marks, codes, contacts, annotations
  Cleaned cleaning;                   // what cleaning met; its text is moved away

  // The characters of a range, in the script and case of `display`; brackets and punctuation left out.
  std::string text(CoreRange range) const;
  // The stem behind the brand without the 集团 marker and the bracketed division.
  std::string trade() const;
  // The same, folded, for comparing.
  std::u32string_view folded(CoreRange range) const {
    return std::u32string_view(core).substr(range.begin, range.end - range.begin);
  }
};

CompanyName parse_company_name(std::string_view raw);

// The comparison key with its version; "" for an empty name. Divisions stand as codes, forms by class, so
// that 深圳市X = 深圳X = 广东深圳X, and 有限责任公司 = 有限公司.
std::string company_key(std::string_view raw);
std::string company_key(const CompanyName& name);
// Does the key alone tell that the name is no branch's: it ends with a company's legal form? False: perhaps.
bool is_key_of_whole_company(std::string_view key) noexcept;

}  // namespace huiliu::normalize
