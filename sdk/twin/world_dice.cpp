#include "sdk/twin/world_dice.hpp"

namespace huiliu::twin {
namespace {

std::uint64_t mix64(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

}  // namespace

Dice::Dice(std::uint64_t seed, std::string_view purpose, std::uint64_t index) : state_(mix64(seed + 1)) {
  for (const char c : purpose) state_ = mix64(state_ ^ static_cast<unsigned char>(c));
  state_ = mix64(state_ ^ mix64(index + 0x9E3779B97F4A7C15U));
}

std::uint64_t Dice::next() {
  state_ += 0x9E3779B97F4A7C15U;
  return mix64(state_);
}

std::uint32_t Dice::below(std::uint32_t size) {
  return static_cast<std::uint32_t>(((next() >> 32U) * std::uint64_t{size}) >> 32U);
}

std::uint32_t Dice::between(std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); }

bool Dice::chance(double probability) { return static_cast<double>(next() >> 11U) * 0x1.0p-53 < probability; }

std::uint32_t Dice::weighted(std::initializer_list<double> weights) {
  double total = 0;
  for (const double weight : weights) total += weight;
  double left = static_cast<double>(next() >> 11U) * 0x1.0p-53 * total;
  std::uint32_t index = 0;
  for (const double weight : weights) {
    if (left < weight) return index;
    left -= weight;
    ++index;
  }
  return index - 1;
}

// A four-round Feistel network over the next even number of bits, walked until it falls inside the range.
std::uint64_t permute(std::uint64_t index, std::uint64_t size, std::uint64_t seed) {
  unsigned half = 1;
  while ((std::uint64_t{1} << (2 * half)) < size) ++half;
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  do {
    std::uint64_t left = index >> half;
    std::uint64_t right = index & mask;
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::uint64_t swapped = left ^ (mix64(right + seed * 31U + (round << 56U)) & mask);
      left = right;
      right = swapped;
    }
    index = (left << half) | right;
  } while (index >= size);
  return index;
}

}  // namespace huiliu::twin
