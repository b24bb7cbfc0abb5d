// Small deterministic numbers for the twin's ids and tokens. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace wecom::twin {

inline std::uint64_t mixed(std::uint64_t state) {  // splitmix64
  state += 0x9e3779b97f4a7c15ULL;
  state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  state = (state ^ (state >> 27U)) * 0x94d049bb133111ebULL;
  return state ^ (state >> 31U);
}

// `size` characters in the style of the vendor's ids: a function of its arguments alone.
inline std::string id_text(std::uint64_t salt, std::uint64_t ordinal, std::size_t size) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::uint64_t state = mixed(salt * 0x100000001ULL + ordinal);
  std::string text;
  while (text.size() < size) {
    text += kLetters[state % 62];
    state = mixed(state);
  }
  return text;
}

}  // namespace wecom::twin
