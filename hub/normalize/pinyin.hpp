// Pinyin keys of Chinese names, without tones; ü is v.
//
// Reading order: words that read otherwise than their characters (places, 银行, 音乐 …), longest match first;
// then, for persons, the surname; then the most common reading of each character. Characters without a
// reading and Latin letters go into the key as they are, lower case. For matching, never for display. Pure;
// tables are built once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace huiliu::normalize {

enum class PinyinOf { text, person };  // person: the name begins with a surname (曾 zeng, 单 shan, 解 xie)

struct PinyinKeys {
  std::string full;      // "xia men xing fu": syllables separated by spaces
  std::string initials;  // "xmxf"
  std::vector<std::string>
      variants;       // other full readings of ambiguous characters, at most 4, likeliest first
  std::string fuzzy;  // zh=z ch=c sh=s, n=l, eng=en ing=in ang=an, hu=fu; no spaces
};

PinyinKeys pinyin_keys(std::string_view name, PinyinOf what = PinyinOf::text);

// The cheap ones: full without spaces, and initials, of a name that is folded already.
struct ShortPinyin {
  std::string full;
  std::string initials;
};
ShortPinyin short_pinyin(std::u32string_view folded_name, PinyinOf what = PinyinOf::text);

}  // namespace huiliu::normalize
