// A stable sort that no inconsistent comparison can lead astray: comparisons may be functions of an
// expression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace huiliu::expr {

// The positions 0 … count-1 in their new order. swaps(a, b): must the item at position b, which comes later,
// go before the one at a?
template <class Swaps>
std::vector<std::uint32_t> sorted_positions(std::size_t count, Swaps&& swaps) {
  std::vector<std::uint32_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = static_cast<std::uint32_t>(i);
  std::vector<std::uint32_t> merged(count);
  for (std::size_t width = 1; width < count; width *= 2) {
    for (std::size_t begin = 0; begin < count; begin += 2 * width) {
      const std::size_t middle = begin + width < count ? begin + width : count;
      const std::size_t end = begin + 2 * width < count ? begin + 2 * width : count;
      std::size_t left = begin;
      std::size_t right = middle;
      for (std::size_t out = begin; out < end; ++out) {
        const bool takes_right = left == middle || (right < end && swaps(order[left], order[right]));
        merged[out] = takes_right ? order[right++] : order[left++];
      }
    }
    order.swap(merged);
  }
  return order;
}

}  // namespace huiliu::expr
