// Encodings and MACs of webhook signatures. Pure; bytes are carried in std::string.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace huiliu::webhook {

std::string to_base64(std::string_view bytes);  // standard alphabet, padded
// nullopt: a character outside the alphabet, a wrong length, wrong padding or bits left over.
std::optional<std::string> from_base64(std::string_view text);
// nullopt: odd length or no hexadecimal digit. Either case.
std::optional<std::string> from_hex(std::string_view text);
// RFC 3986, unreserved characters stay.
std::string percent_encode(std::string_view text);
// %XX once; nullopt: a malformed escape.
std::optional<std::string> percent_decode(std::string_view text);
bool is_utf8(std::string_view text);

std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 bytes
// In a time that depends on the lengths only.
bool same_bytes(std::string_view left, std::string_view right);

// Unix seconds in plain decimal digits, at most 12 of them: no sign, no space, no fraction.
std::optional<long long> parse_unix_seconds(std::string_view text);
// RFC 3339 with any offset → Unix microseconds; nullopt when it is none.
std::optional<long long> parse_rfc3339_us(std::string_view text);
// "2026-03-01T08:00:00.123Z".
std::string to_rfc3339(long long unix_us);

}  // namespace huiliu::webhook
