// Character folding: the step before every other one.
//
// Two stages. clean() makes a readable text out of what came (valid UTF-8, NFC, no invisible characters, HTML
// entities decoded, one kind of space) and reports what it met. fold() turns a clean text into comparison
// form: NFKC, lower case, simplified script (phrases before characters), one kind of bracket, dash and dot,
// no quotes. Both work on code points, are linear and idempotent. The table behind them is built once, on
// first use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace huiliu::normalize {

struct Cleaned {
  std::u32string text;     // spaces are single U+0020 and never at an end
  bool bad_utf8 = false;   // bytes were replaced, or the text held U+FFFD already
  bool mojibake = false;   // looks like text decoded with the wrong character set
  bool entity = false;     // HTML entities were decoded
  bool invisible = false;  // zero-width or control characters were deleted
};

Cleaned clean(std::string_view raw);

// Deletes the spaces that mean nothing in Chinese: those with a Han character or CJK punctuation on either
// side.
void join_han(std::u32string& text);

// Appends the comparison form of `text` to `out`. With `origin`, also appends, for every appended code point,
// the index in `text` of the code point it came from.
void fold(std::u32string_view text, std::u32string& out, std::vector<std::uint32_t>* origin = nullptr);

// clean, join_han and fold at once, as UTF-8.
std::string folded(std::string_view raw);
void append_folded(std::string_view raw, std::string& out);

// clean, NFKC and upper case, ASCII letters and digits only kept: identifiers with spaces, dashes and full
// width removed. Other characters are kept as they are, except spaces, dashes, dots and slashes, which are
// deleted.
std::string identifier(std::string_view raw);

// clean and NFKC without case or script folding: what the parsers of dates, amounts and phones read.
std::u32string plain(std::string_view raw);

bool is_han(char32_t code_point) noexcept;
inline bool is_digit(char32_t c) noexcept { return c >= U'0' && c <= U'9'; }
inline bool is_latin(char32_t c) noexcept {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') ||
         (c >= 0xC0 && c < 0x250 && c != 0xD7 && c != 0xF7);
}
bool has_han(std::u32string_view text) noexcept;

}  // namespace huiliu::normalize
