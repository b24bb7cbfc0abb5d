// What a stored cell says, as text: numbers with their digits, dates as ISO 8601. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace huiliu::table {

// Number formats by which a number means a moment: the built-in ids (ECMA-376 part 1, 18.8.30) and codes of
// one's own, which have a date or time letter outside quotes, brackets and escapes.
bool is_date_format(int id) noexcept;
bool is_date_format(std::string_view code) noexcept;

// "2026-11-28", "2026-11-28 18:00:00" or "18:00:00". Serial days of the 1900 system (with the 29 February
// 1900 that Excel counts) or of the 1904 one. nullopt: no day that has a name.
std::optional<std::string> date_text(double serial, bool system_1904);

// "1.38E+10" → "13800000000": whole numbers without exponent or ".0"; else as it stands.
std::string number_text(std::string_view stored);

// "_x000D_" → the character: how the format writes what XML cannot hold.
std::string unescaped(std::string_view text);

// "BC12" → column 54 (from 0); nullopt: no cell name.
std::optional<std::size_t> column_of(std::string_view cell);
std::string column_name(std::size_t column);

}  // namespace huiliu::table
