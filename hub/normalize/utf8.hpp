// UTF-8 to code points and back. Pure; nothing throws but std::bad_alloc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace huiliu::normalize {

inline constexpr char32_t kReplacement = 0xFFFD;

// Appends the code points of `text` to `out`. Every byte that is no part of a well-formed sequence becomes
// one U+FFFD. False when that happened.
bool decode_utf8(std::string_view text, std::u32string& out);

inline void append_utf8(std::string& out, char32_t code_point) {
  char bytes[4];
  std::size_t count = 0;
  const auto put = [&](char32_t byte) {
    bytes[count++] = static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6U));
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | (code_point >> 12U));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | (code_point >> 18U));
    put(0x80U | ((code_point >> 12U) & 0x3FU));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
  out.append(bytes, count);
}
std::string to_utf8(std::u32string_view text);

}  // namespace huiliu::normalize
