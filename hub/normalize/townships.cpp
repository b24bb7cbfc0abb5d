#include "hub/normalize/townships.hpp"

#include <charconv>

#include "hub/normalize/data/tables.hpp"
#include "hub/normalize/utf8.hpp"
#include "hub/normalize/words.hpp"

namespace huiliu::normalize {
namespace {

// One tree for all counties: the county's code is the first "character" of each word.
WordTree make_township_tree() {
  WordTree tree;
  std::u32string word;
  for_each_part(data::kTownships, '\n', [&](std::string_view line) {
    DivisionCode county = 0;
    std::from_chars(line.data(), line.data() + std::min<std::size_t>(line.size(), 6), county);
    if (county == 0) return;
    for_each_token(line.substr(6), [&](std::string_view name) {
      word.assign(1, static_cast<char32_t>(county));
      decode_utf8(name, word);
      tree.add(word, 0);
    });
  });
  return tree;
}

}  // namespace

bool continues_as_landscape(std::u32string_view rest) {
  constexpr std::u32string_view kKinds = U"岛湾湖山河江桥门路街坡口村城站关寨坝沟港";
  return !rest.empty() && kKinds.find(rest[0]) != std::u32string_view::npos;
}

Township leading_township(DivisionCode county, std::u32string_view text) {
  static const WordTree tree = make_township_tree();
  std::uint32_t node = tree.step(WordTree::kRoot, static_cast<char32_t>(county));
  std::size_t length = 0;
  for (std::size_t at = 0; node != WordTree::kNone && at < text.size();) {
    node = tree.step(node, text[at++]);
    if (node != WordTree::kNone && tree.value(node) != WordTree::kNone) length = at;
  }
  if (length == 0) return {};
  const std::u32string_view rest = text.substr(length);
  if (rest.substr(0, 2) == U"街道") return {length + 2, false};
  if (rest.empty()) return {length, true};
  if (rest[0] == U'镇' || rest[0] == U'乡') return {length + 1, false};
  if (const std::size_t ethnic = rest.substr(0, 8).find(U"族乡"); ethnic != std::u32string_view::npos)
    return {length + ethnic + 2, false};  // 阿什里哈萨克族乡
  if (rest.size() > 2 && rest[0] == U'街' &&
      std::u32string_view(U"坊区舞").find(rest[1]) == std::u32string_view::npos)
    return {length + 1, true};  // 关山街, as Wuhan writes its 街道
  if (continues_as_landscape(rest) ||
      std::u32string_view(U"区县市").find(rest[0]) != std::u32string_view::npos)
    return {};
  return {length, true};
}

std::size_t corps_length(std::u32string_view text) {
  std::size_t at = 0;
  for (const std::u32string_view name : {std::u32string_view(U"生产建设兵团"),
                                         std::u32string_view(U"建设兵团"), std::u32string_view(U"兵团")}) {
    if (text.substr(0, name.size()) == name) {
      at = name.size();
      break;
    }
  }
  if (at == 0) return 0;
  constexpr std::u32string_view kNumerals = U"第一二三四五六七八九十〇零百0123456789";
  for (const char32_t unit : {U'师', U'团'}) {
    std::size_t end = at;
    while (end < text.size() && end < at + 6 && kNumerals.find(text[end]) != std::u32string_view::npos) ++end;
    if (end > at && end < text.size() && text[end] == unit) at = end + 1;
  }
  return at;
}

}  // namespace huiliu::normalize
