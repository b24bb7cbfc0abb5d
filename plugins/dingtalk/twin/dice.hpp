// Small deterministic numbers for ids and tokens of the twin. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace dingtalk::twin {

// splitmix64: every state gives another number.
inline std::uint64_t mixed(std::uint64_t state) {
  state += 0x9e3779b97f4a7c15ULL;
  state = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  state = (state ^ (state >> 27U)) * 0x94d049bb133111ebULL;
  return state ^ (state >> 31U);
}

inline std::uint64_t next_random(std::uint64_t& state) { return mixed(state++); }

inline std::string hex_of(std::uint64_t number) {
  std::string text(16, '0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15U];
  return text;
}

// An id in the vendor's style that looks random and is a pure function of its arguments.
inline std::string instance_id(std::uint64_t salt, std::uint64_t ordinal) {
  const std::string head = hex_of(mixed(salt * 0x100000001ULL + ordinal));
  const std::string tail = hex_of(mixed(~(salt * 0x100000001ULL + ordinal)));
  return head.substr(0, 8) + "-" + head.substr(8, 4) + "-4" + head.substr(13, 3) + "-a" + tail.substr(1, 3) +
         "-" + tail.substr(4);
}

}  // namespace dingtalk::twin
