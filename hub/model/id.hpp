// Ids: 128 bits, time-ordered, with a typed prefix: "cus_01hz…". Made from an injected clock and injected
// randomness, never from a sequence, never issued twice.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hub/model/time.hpp"

namespace huiliu::model {

// The dice of the hub. One per thread of use.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
};

// A fixed seed gives a fixed sequence (splitmix64).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

// `prefix` + '_' + 26 characters of Crockford's base 32 in lower case: 48 bits of milliseconds, 80 bits of
// randomness; sorts by time. Prefixes in use: those of the model (cus con emp org), run rev int dlt.
std::string make_id(std::string_view prefix, Micros now, Random& random);

// Does it have the form of an id with this prefix?
bool is_id(std::string_view text, std::string_view prefix) noexcept;

// FNV-1a, 64 bits: for look-ups and fingerprints inside one store, never for security.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0xcbf29ce484222325ULL) noexcept;

}  // namespace huiliu::model
