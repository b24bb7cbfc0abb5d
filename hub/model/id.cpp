#include "hub/model/id.hpp"

namespace huiliu::model {
namespace {
constexpr std::string_view id_alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
}

std::uint64_t SeededRandom::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31U);
}

std::string make_id(std::string_view prefix, Micros now, Random& random) {
  const auto millis = static_cast<std::uint64_t>(now / 1000) & 0xffffffffffffULL;
  const std::uint64_t dice = random.next();
  std::uint64_t high = (millis << 16U) | (dice >> 48U);
  std::uint64_t low = random.next();
  std::string id(prefix);
  id += '_';
  const std::size_t start = id.size();
  id.resize(start + 26);
  for (std::size_t i = 26; i-- > 0;) {
    id[start + i] = id_alphabet[low & 31U];
    low = (low >> 5U) | (high << 59U);
    high >>= 5U;
  }
  return id;
}

bool is_id(std::string_view text, std::string_view prefix) noexcept {
  if (text.size() != prefix.size() + 27 || text.substr(0, prefix.size()) != prefix ||
      text[prefix.size()] != '_')
    return false;
  for (const char c : text.substr(prefix.size() + 1))
    if (id_alphabet.find(c) == std::string_view::npos) return false;
  return true;
}

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) noexcept {
  std::uint64_t hash = seed;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace huiliu::model
