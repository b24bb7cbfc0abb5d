#include "hub/normalize/utf8.hpp"

#include <cstddef>

namespace huiliu::normalize {
namespace {

constexpr bool is_trail(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

// The length of the well-formed sequence at `at`, and its code point; 0 when there is none.
std::size_t decode_one(std::string_view text, std::size_t at, char32_t& code_point) {
  const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(text[at + offset]); };
  const unsigned char lead = byte(0);
  const std::size_t left = text.size() - at;
  if (lead < 0x80) {
    code_point = lead;
    return 1;
  }
  if (lead >= 0xC2 && lead < 0xE0 && left >= 2 && is_trail(byte(1))) {
    code_point = (static_cast<char32_t>(lead & 0x1FU) << 6U) | (byte(1) & 0x3FU);
    return 2;
  }
  if (lead >= 0xE0 && lead < 0xF0 && left >= 3 && is_trail(byte(1)) && is_trail(byte(2))) {
    code_point = (static_cast<char32_t>(lead & 0x0FU) << 12U) |
                 (static_cast<char32_t>(byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU);
    return code_point < 0x800 || (code_point >= 0xD800 && code_point < 0xE000) ? 0 : 3;
  }
  if (lead >= 0xF0 && lead < 0xF5 && left >= 4 && is_trail(byte(1)) && is_trail(byte(2)) &&
      is_trail(byte(3))) {
    code_point = (static_cast<char32_t>(lead & 0x07U) << 18U) |
                 (static_cast<char32_t>(byte(1) & 0x3FU) << 12U) |
                 (static_cast<char32_t>(byte(2) & 0x3FU) << 6U) | (byte(3) & 0x3FU);
    return code_point < 0x10000 || code_point > 0x10FFFF ? 0 : 4;
  }
  return 0;
}

}  // namespace

bool decode_utf8(std::string_view text, std::u32string& out) {
  bool well_formed = true;
  const std::size_t before = out.size();
  out.resize(before + text.size());
  char32_t* put = out.data() + before;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0x80) {
      *put++ = lead;
      ++at;
      continue;
    }
    char32_t code_point = 0;
    const std::size_t length = decode_one(text, at, code_point);
    if (length == 0) {
      *put++ = kReplacement;
      well_formed = false;
      ++at;
    } else {
      *put++ = code_point;
      at += length;
    }
  }
  out.resize(static_cast<std::size_t>(put - out.data()));
  return well_formed;
}

std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (const char32_t code_point : text) append_utf8(out, code_point);
  return out;
}

}  // namespace huiliu::normalize
