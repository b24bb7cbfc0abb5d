#include "hub/expr/sort_keys.hpp"

#include "hub/expr/failure.hpp"
#include "hub/expr/merge_sort.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {

SortKeys::SortKeys(const SortNode& node, std::size_t count, Evaluate evaluate)
    : node_(node), evaluate_(std::move(evaluate)), keys_(count * node.terms.size(), Item::of(Tag::unbound)) {
  positions_ = sorted_positions(count, [this](std::uint32_t a, std::uint32_t b) { return swaps(a, b); });
}

const Item& SortKeys::key(std::uint32_t item, std::size_t term) {
  Item& key = keys_[item * node_.terms.size() + term];
  if (key.tag == Tag::unbound) {
    key = evaluate_(item, *node_.terms[term].expression);
    if (key.tag == Tag::number_text) key = Item::of_number(key.as_number());
  }
  return key;
}

// Items without a key come last, whatever the direction.
bool SortKeys::swaps(std::uint32_t a, std::uint32_t b) {
  for (std::size_t i = 0; i < node_.terms.size(); ++i) {
    const SortTerm& term = node_.terms[i];
    const Item& left = key(a, i);
    const Item& right = key(b, i);
    if (left.is_undefined() && right.is_undefined()) continue;
    if (left.is_undefined() || right.is_undefined()) return left.is_undefined();
    const auto is_sortable = [](const Item& item) { return item.is_number() || item.is_string(); };
    if (!is_sortable(left) || !is_sortable(right)) fail("T2008", {}, term.expression->position);
    if (left.is_string() != right.is_string()) fail("T2007", {}, term.expression->position);
    int order = 0;
    if (left.is_string())
      order = compare_utf16(left.as_string(), right.as_string());
    else if (left.number != right.number)
      order = left.number < right.number ? -1 : 1;
    if (order != 0) return (order > 0) != term.is_descending;
  }
  return false;
}

}  // namespace huiliu::expr
