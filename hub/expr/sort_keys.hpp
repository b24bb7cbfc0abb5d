// The order that an order-by clause gives to items, whose keys are evaluated once each and only as far as
// needed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "hub/expr/node.hpp"

namespace huiliu::expr {

class SortKeys {
 public:
  using Evaluate = std::function<Item(std::size_t item, const Node& term)>;
  // Raises T2007, T2008.
  SortKeys(const SortNode& node, std::size_t count, Evaluate evaluate);
  const std::vector<std::uint32_t>& positions() const noexcept { return positions_; }

 private:
  bool swaps(std::uint32_t a, std::uint32_t b);
  const Item& key(std::uint32_t item, std::size_t term);

  const SortNode& node_;
  Evaluate evaluate_;
  std::vector<Item> keys_;  // unbound until evaluated
  std::vector<std::uint32_t> positions_;
};

}  // namespace huiliu::expr
