// Dictionaries: a prefix tree over code points, and the splitter of the data tables.
//
// WordTree is built once and then only read, from any thread. Look-up walks one hashed edge per character, so
// finding the longest word at a position costs its length, whatever the number of words. Reversed trees find
// the longest word that ends at a position.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace huiliu::normalize {

class WordTree {
 public:
  enum class Direction { forward, backward };
  static constexpr std::uint32_t kRoot = 0;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  explicit WordTree(Direction direction = Direction::forward) : direction_(direction) {}

  // Gives `word` (UTF-8, not empty) the payload `value`; the first one given stays.
  void add(std::string_view word, std::uint32_t value);
  void add(std::u32string_view word, std::uint32_t value);

  // The node after reading `c` at `node`; kNone when no word goes on so.
  std::uint32_t step(std::uint32_t node, char32_t c) const noexcept;
  // The payload of the word that ends at `node`; kNone when none does.
  std::uint32_t value(std::uint32_t node) const noexcept { return values_[node]; }

  struct Match {
    std::size_t length = 0;  // code points; 0: no match
    std::uint32_t value = kNone;
  };
  // Forward trees: the longest word that starts at text[at]. Backward trees: the longest word whose last
  // character is text[at - 1].
  Match longest(std::u32string_view text, std::size_t at) const noexcept;
  // The same, for one whole text.
  std::uint32_t find(std::u32string_view word) const noexcept;

 private:
  struct Edge {
    std::uint64_t key = 0;  // node and character; 0: free
    std::uint32_t node = 0;
  };
  static std::uint64_t key_of(std::uint32_t node, char32_t c) noexcept {
    return (static_cast<std::uint64_t>(node) << 21U | c) + 1;
  }
  std::size_t slot_of(std::uint64_t key) const noexcept {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> shift_);
  }
  // No word begins with most characters, and nearly every look-up ends there: a bit for each of the basic
  // plane says so before the table is asked.
  bool may_start(char32_t c) const noexcept { return c >= kPlane || (starts_[c / 64] >> (c % 64) & 1U) != 0; }
  void insert(std::uint64_t key, std::uint32_t node);
  void grow();

  static constexpr char32_t kPlane = 0x10000;

  Direction direction_;
  std::vector<std::uint64_t> starts_ = std::vector<std::uint64_t>(kPlane / 64);
  std::vector<std::uint32_t> values_{kNone};
  std::vector<Edge> edges_ = std::vector<Edge>(16);
  unsigned shift_ = 60;  // 64 - log2(edges_.size())
  std::size_t used_ = 0;
};

// Calls visit(token) for every run of characters other than white space.
template <class Visit>
void for_each_token(std::string_view table, Visit visit) {
  constexpr std::string_view kBlank = " \n\t\r";
  for (std::size_t at = table.find_first_not_of(kBlank); at != std::string_view::npos;) {
    const std::size_t end = std::min(table.find_first_of(kBlank, at), table.size());
    visit(table.substr(at, end - at));
    at = table.find_first_not_of(kBlank, end);
  }
}

// Calls visit(part) for the parts of `text` between `separator`s.
template <class Visit>
void for_each_part(std::string_view text, char separator, Visit visit) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    visit(text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace huiliu::normalize
