// UTF-8 to code points and back. Pure; nothing throws but std::bad_alloc.
#pragma once

#include <string>
#include <string_view>

namespace huiliu::normalize {

inline constexpr char32_t kReplacement = 0xFFFD;

// Appends the code points of `text` to `out`. Every byte that is no part of a well-formed sequence becomes
// one U+FFFD. False when that happened.
bool decode_utf8(std::string_view text, std::u32string& out);

void append_utf8(std::string& out, char32_t code_point);
std::string to_utf8(std::u32string_view text);

}  // namespace huiliu::normalize
