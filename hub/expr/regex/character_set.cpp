#include "hub/expr/regex/character_set.hpp"

#include <unicode/uchar.h>

#include <algorithm>

namespace huiliu::expr {
namespace {

constexpr char32_t last_character = 0x10FFFF;
// Larger ranges (\W, \S, negations) are taken to be closed under change of case beyond ASCII.
constexpr char32_t most_characters_with_other_case = 0x800;

char32_t lower_of(char32_t character) noexcept {
  return static_cast<char32_t>(u_tolower(static_cast<UChar32>(character)));
}

}  // namespace

char32_t canonical_case(char32_t character) noexcept {
  const auto upper = static_cast<char32_t>(u_toupper(static_cast<UChar32>(character)));
  return character >= 128 && upper < 128 ? character : upper;
}

CharacterSet CharacterSet::digits() { return CharacterSet({{'0', '9'}}); }

CharacterSet CharacterSet::word() { return CharacterSet({{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}); }

CharacterSet CharacterSet::space() {
  return CharacterSet({{0x09, 0x0D},
                       {0x20, 0x20},
                       {0xA0, 0xA0},
                       {0x1680, 0x1680},
                       {0x2000, 0x200A},
                       {0x2028, 0x2029},
                       {0x202F, 0x202F},
                       {0x205F, 0x205F},
                       {0x3000, 0x3000},
                       {0xFEFF, 0xFEFF}});
}

CharacterSet CharacterSet::line_ends() {
  return CharacterSet({{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}});
}

CharacterSet CharacterSet::all() { return CharacterSet({{0, last_character}}); }

void CharacterSet::add(const CharacterSet& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  is_normal_ = false;
}

void CharacterSet::add_other_case() {
  std::vector<Range> more;
  const auto add_variants = [&more](char32_t character) {
    const char32_t canonical = canonical_case(character);
    if (canonical != character) more.emplace_back(canonical, canonical);
    if (const char32_t lower = lower_of(canonical);
        lower != character && canonical_case(lower) == canonical) {
      more.emplace_back(lower, lower);
    }
  };
  for (const auto& [first, last] : ranges_) {
    const bool is_large = last - first > most_characters_with_other_case;
    const char32_t end = is_large ? std::min<char32_t>(last, 127) : last;
    for (char32_t character = first; character <= end; ++character) add_variants(character);
  }
  ranges_.insert(ranges_.end(), more.begin(), more.end());
  normalize();
}

CharacterSet CharacterSet::complement() const {
  std::vector<Range> gaps;
  char32_t next = 0;
  for (const auto& [first, last] : ranges_) {
    if (first > next) gaps.emplace_back(next, first - 1);
    next = last + 1;
  }
  if (next <= last_character) gaps.emplace_back(next, last_character);
  return CharacterSet(std::move(gaps));
}

void CharacterSet::normalize() {
  std::sort(ranges_.begin(), ranges_.end());
  std::vector<Range> merged;
  for (const Range& range : ranges_) {
    if (!merged.empty() && range.first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  ranges_ = std::move(merged);
  ascii_ = {};
  for (const auto& [first, last] : ranges_) {
    for (char32_t c = first; c <= std::min<char32_t>(last, 127); ++c)
      ascii_[c >> 6] |= std::uint64_t{1} << (c & 63);
  }
  is_normal_ = true;
}

bool CharacterSet::is_disjoint_from(const CharacterSet& other) const noexcept {
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    if (a->second < b->first)
      ++a;
    else if (b->second < a->first)
      ++b;
    else
      return false;
  }
  return true;
}

char32_t CharacterSet::single() const noexcept {
  return ranges_.size() == 1 && ranges_[0].first == ranges_[0].second ? ranges_[0].first : 0xFFFFFFFF;
}

bool CharacterSet::contains_beyond_ascii(char32_t character) const noexcept {
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), character,
                                      [](char32_t c, const Range& range) { return c < range.first; });
  return after != ranges_.begin() && character <= std::prev(after)->second;
}

}  // namespace huiliu::expr
