#include "hub/normalize/words.hpp"

#include <algorithm>
#include <string>

#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {

void WordTree::insert(std::uint64_t key, std::uint32_t node) {
  const std::size_t mask = edges_.size() - 1;
  std::size_t slot = slot_of(key);
  while (edges_[slot].key != 0) slot = (slot + 1) & mask;
  edges_[slot] = Edge{key, node};
}

void WordTree::grow() {
  std::vector<Edge> old = std::move(edges_);
  edges_.assign(old.size() * 2, Edge{});
  --shift_;
  for (const Edge& edge : old) {
    if (edge.key != 0) insert(edge.key, edge.node);
  }
}

std::uint32_t WordTree::step(std::uint32_t node, char32_t c) const noexcept {
  if (node == kRoot && !may_start(c)) return kNone;
  const std::uint64_t key = key_of(node, c);
  const std::size_t mask = edges_.size() - 1;
  for (std::size_t slot = slot_of(key);; slot = (slot + 1) & mask) {
    if (edges_[slot].key == key) return edges_[slot].node;
    if (edges_[slot].key == 0) return kNone;
  }
}

void WordTree::add(std::u32string_view word, std::uint32_t value) {
  std::uint32_t node = kRoot;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const char32_t c = direction_ == Direction::forward ? word[at] : word[word.size() - 1 - at];
    std::uint32_t next = step(node, c);
    if (next == kNone) {
      if (++used_ * 2 > edges_.size()) grow();
      next = static_cast<std::uint32_t>(values_.size());
      values_.push_back(kNone);
      insert(key_of(node, c), next);
      if (node == kRoot && c < kPlane) starts_[c / 64] |= std::uint64_t{1} << (c % 64);
    }
    node = next;
  }
  if (values_[node] == kNone) values_[node] = value;
}

void WordTree::add(std::string_view word, std::uint32_t value) {
  std::u32string decoded;
  decode_utf8(word, decoded);
  add(decoded, value);
}

WordTree::Match WordTree::longest(std::u32string_view text, std::size_t at) const noexcept {
  Match best;
  std::uint32_t node = kRoot;
  const std::size_t available = direction_ == Direction::forward ? text.size() - at : at;
  for (std::size_t length = 1; length <= available; ++length) {
    node = step(node, direction_ == Direction::forward ? text[at + length - 1] : text[at - length]);
    if (node == kNone) break;
    if (values_[node] != kNone) best = Match{length, values_[node]};
  }
  return best;
}

std::uint32_t WordTree::find(std::u32string_view word) const noexcept {
  const Match match = longest(word, direction_ == Direction::forward ? 0 : word.size());
  return match.length == word.size() && !word.empty() ? match.value : kNone;
}

}  // namespace huiliu::normalize
