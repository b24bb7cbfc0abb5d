// Randomness of the world generator: the same sequence with every compiler and library.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace huiliu::twin {

// splitmix64: tiny, well mixed, and seedable by any number, so that each company has dice of its own.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  Dice(std::uint64_t seed, std::string_view purpose, std::uint64_t index);

  std::uint64_t next();
  std::uint32_t below(std::uint32_t size);                       // 0 … size-1; size > 0
  std::uint32_t between(std::uint32_t low, std::uint32_t high);  // both included
  bool chance(double probability);

  template <class List>
  const auto& pick(const List& list) {
    return list[below(static_cast<std::uint32_t>(list.size()))];
  }
  // Index of the entry hit, by weight.
  std::uint32_t weighted(std::initializer_list<double> weights);

 private:
  std::uint64_t state_;
};

// A permutation of 0 … size-1 (size > 0): distinct indices get distinct, scattered values without a table.
std::uint64_t permute(std::uint64_t index, std::uint64_t size, std::uint64_t seed);

}  // namespace huiliu::twin
