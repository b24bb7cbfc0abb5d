// Sets of characters for regular expressions: sorted ranges, with a bitmap for ASCII.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace huiliu::expr {

class CharacterSet {
 public:
  using Range = std::pair<char32_t, char32_t>;  // both ends included

  static CharacterSet of(char32_t character) { return CharacterSet({{character, character}}); }
  static CharacterSet digits();     // \d
  static CharacterSet word();       // \w
  static CharacterSet space();      // \s
  static CharacterSet line_ends();  // what . and $ stop at
  static CharacterSet all();

  CharacterSet() = default;
  explicit CharacterSet(std::vector<Range> ranges) : ranges_(std::move(ranges)) { normalize(); }

  void add(char32_t first, char32_t last) {
    ranges_.emplace_back(first, last);
    is_normal_ = false;
  }
  void add(const CharacterSet& other);
  // Adds the other letter case of its members, as JavaScript's i flag compares them.
  void add_other_case();
  CharacterSet complement() const;
  // To be called after adding, before asking.
  void normalize();

  bool contains(char32_t character) const noexcept {
    if (character < 128) return (ascii_[character >> 6] >> (character & 63) & 1) != 0;
    return contains_beyond_ascii(character);
  }
  bool is_disjoint_from(const CharacterSet& other) const noexcept;
  const std::vector<Range>& ranges() const noexcept { return ranges_; }
  // The only member, or 0xFFFFFFFF.
  char32_t single() const noexcept;

 private:
  bool contains_beyond_ascii(char32_t character) const noexcept;

  std::vector<Range> ranges_;
  std::array<std::uint64_t, 2> ascii_{};
  bool is_normal_ = true;
};

// The character that stands for both letter cases: JavaScript's Canonicalize without the u flag.
char32_t canonical_case(char32_t character) noexcept;

}  // namespace huiliu::expr
