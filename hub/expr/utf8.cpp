#include "hub/expr/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace huiliu::expr {
namespace {

unsigned utf8_byte(std::string_view text, std::size_t position) noexcept {
  return static_cast<unsigned char>(text[position]);
}

std::size_t utf8_length_of_lead(unsigned lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 1;
}

}  // namespace

char32_t next_character(std::string_view text, std::size_t& position) noexcept {
  const unsigned lead = utf8_byte(text, position);
  const std::size_t length = utf8_length_of_lead(lead);
  if (length == 1 || position + length > text.size()) {
    ++position;
    return lead;
  }
  char32_t character = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_utf8_trail(text[position + i])) {
      ++position;
      return lead;
    }
    character = (character << 6) | (utf8_byte(text, position + i) & 0x3F);
  }
  position += length;
  return character;
}

char32_t previous_character(std::string_view text, std::size_t& position) noexcept {
  std::size_t start = position - 1;
  while (start > 0 && position - start < 4 && is_utf8_trail(text[start])) --start;
  std::size_t end = start;
  const char32_t character = next_character(text, end);
  if (end == position) {
    position = start;
    return character;
  }
  --position;
  return utf8_byte(text, position);
}

void append_character(std::string& out, char32_t character) {
  const auto put = [&out](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (character < 0x80) {
    put(character);
  } else if (character < 0x800) {
    put(0xC0 | (character >> 6));
    put(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    put(0xE0 | (character >> 12));
    put(0x80 | ((character >> 6) & 0x3F));
    put(0x80 | (character & 0x3F));
  } else {
    put(0xF0 | (character >> 18));
    put(0x80 | ((character >> 12) & 0x3F));
    put(0x80 | ((character >> 6) & 0x3F));
    put(0x80 | (character & 0x3F));
  }
}

std::size_t character_count(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_utf8_trail(c); }));
}

std::size_t byte_offset(std::string_view text, std::size_t character_index) noexcept {
  std::size_t position = 0;
  for (; position < text.size(); ++position) {
    if (is_utf8_trail(text[position])) continue;
    if (character_index == 0) return position;
    --character_index;
  }
  return position;
}

std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t units = 0;
  for (const char c : text) {
    if (!is_utf8_trail(c)) units += static_cast<unsigned char>(c) >= 0xF0 ? 2 : 1;
  }
  return units;
}

int compare_utf16(std::string_view a, std::string_view b) noexcept {
  const std::size_t common = std::min(a.size(), b.size());
  const auto [at_a, at_b] =
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(common), b.begin());
  if (at_a == a.begin() + static_cast<std::ptrdiff_t>(common)) {
    return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
  }
  const auto unit_rank = [](char c) {
    // Surrogate pairs (lead byte F0 and above) sort before U+E000..U+FFFF (lead bytes EE and EF).
    const unsigned byte = static_cast<unsigned char>(c);
    if (byte >= 0xF0) return byte - 2;
    return byte >= 0xEE ? byte + 0x10 : byte;
  };
  return unit_rank(*at_a) < unit_rank(*at_b) ? -1 : 1;
}

bool is_surrogate(char32_t character) noexcept { return character >= 0xD800 && character <= 0xDFFF; }

std::string without_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t start = position;
    const char32_t character = next_character(text, position);
    if (is_surrogate(character)) {
      append_character(out, 0xFFFD);
    } else {
      out.append(text.substr(start, position - start));
    }
  }
  return out;
}

}  // namespace huiliu::expr
