// Walking UTF-8. JSON strings are well-formed; literals of an expression may also hold an unpaired surrogate
// (three bytes ED A0..BF xx), which is walked like any other character. Malformed bytes count as one
// character each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace huiliu::expr {

inline bool is_utf8_trail(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The character at `position` (which must be inside); advances behind it.
char32_t next_character(std::string_view text, std::size_t& position) noexcept;
// The character before `position` (which must be > 0); moves there.
char32_t previous_character(std::string_view text, std::size_t& position) noexcept;
void append_character(std::string& out, char32_t character);

// Number of characters (code points).
std::size_t character_count(std::string_view text) noexcept;
// Byte offset of the character with this index; the size when there are fewer.
std::size_t byte_offset(std::string_view text, std::size_t character_index) noexcept;
// Number of UTF-16 units, as JavaScript counts positions.
std::size_t utf16_length(std::string_view text) noexcept;
// <0, 0, >0: order by UTF-16 units, as JavaScript compares strings.
int compare_utf16(std::string_view a, std::string_view b) noexcept;

bool is_surrogate(char32_t character) noexcept;
// Unpaired surrogates replaced by U+FFFD, so that it is well-formed UTF-8.
std::string without_surrogates(std::string_view text);

}  // namespace huiliu::expr
