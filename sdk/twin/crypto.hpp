// The little cryptography that vendors' signatures need, for twins. Bytes are carried in std::string.
//
// Threads: pure functions.
// Errors: std::runtime_error only if the library itself fails.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace huiliu::twin {

std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 bytes
std::string hmac_sha1(std::string_view key, std::string_view data);    // 20 bytes
std::string sha256(std::string_view data);
std::string sha1(std::string_view data);
std::string md5(std::string_view data);

std::string to_hex(std::string_view bytes);     // lower case
std::string to_base64(std::string_view bytes);  // padded
// nullopt: a character outside the alphabet, wrong padding, or bits left over.
std::optional<std::string> from_base64(std::string_view text);

// In a time that depends on the lengths only.
bool same_secret(std::string_view left, std::string_view right);

}  // namespace huiliu::twin
