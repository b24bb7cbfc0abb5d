// Inside the module: the administrative part at the start of an address.
#pragma once

#include <string_view>
#include <vector>

#include "hub/normalize/divisions.hpp"

namespace huiliu::normalize {

struct AddressPlace {
  std::size_t end = 0;                   // characters of the text that it takes
  DivisionCode code = 0;                 // the deepest level that is certain; 0: none
  std::vector<DivisionCode> candidates;  // more than one division has the written name and nothing decides
  std::u32string_view written;           // that name
  bool contradiction = false;            // 河北省杭州市
  bool former = false;                   // a name of the past
  bool successor_unsure = false;  // a county of the past: it may have been divided among several of today's
};

// `text` is folded and has no spaces. Levels may be missing or repeated; names may lack their 省, 市, 区, 县.
// A name that begins a road (南京东路, 朝阳门外大街) is no place.
AddressPlace leading_place(std::u32string_view text);

// Does a road, gate, mountain, building … name go on at the start of `text`?
bool continues_as_other_name(std::u32string_view text);

}  // namespace huiliu::normalize
