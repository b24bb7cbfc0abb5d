// Inside the module: towns, townships and streets, the level below the county.
#pragma once

#include <string_view>

#include "hub/normalize/divisions.hpp"

namespace huiliu::normalize {

struct Township {
  std::size_t length = 0;  // 0: none
  bool bare = false;       // without its 镇, 乡, 街道
};

// The township of `county` whose name begins `text`. Prefectures without counties (东莞, 中山) have townships
// of their own. Thread-safe; the tree is built on first use.
Township leading_township(DivisionCode county, std::u32string_view text);

// 海棠湾 is no 海棠, 雁栖湖 no 雁栖: what follows makes another name of a bare one.
bool continues_as_landscape(std::u32string_view rest);

// 生产建设兵团, 生产建设兵团第八师, …第十师一八八团: Xinjiang's corps, its divisions and regiments. Their
// length at the start of `text`, or 0.
std::size_t corps_length(std::u32string_view text);

}  // namespace huiliu::normalize
