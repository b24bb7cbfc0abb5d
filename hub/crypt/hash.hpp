// Hashes, keyed hashes, randomness and their texts, over OpenSSL. Safe from any thread. A failure of the
// library itself (out of memory, no entropy) is thrown as std::runtime_error: nothing above could go on.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace huiliu::crypt {

std::string sha256(std::string_view bytes);                             // 32 bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 bytes
std::string hmac_sha1(std::string_view key, std::string_view bytes);    // 20 bytes; for RFC 6238 only
std::string random_bytes(std::size_t size);
// Takes the same time wherever two texts of one length differ.
bool equal(std::string_view a, std::string_view b) noexcept;

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base32(std::string_view bytes);  // RFC 4648, upper case, without padding
std::optional<std::string> from_base32(std::string_view text);
std::string to_base64url(std::string_view bytes);  // without padding
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace huiliu::crypt
