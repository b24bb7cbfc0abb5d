// The asymmetric keys of Standard Webhooks (`v1a`): whoever has the public half can check a signature and
// cannot make one. Pure; bytes are carried in std::string.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace huiliu::webhook {

inline constexpr std::string_view kPublicKeyPrefix = "whpk_";
inline constexpr std::string_view kPrivateKeyPrefix = "whsk_";

bool is_asymmetric_key(std::string_view text);

// The 32 bytes that check: of "whpk_…", or those that belong to "whsk_…". nullopt: no key.
std::optional<std::string> public_key_of(std::string_view text);
// The 32 bytes that sign, of "whsk_" and base64 of them, alone or with the public half behind. nullopt: no
// such key.
std::optional<std::string> private_key_of(std::string_view text);

bool ed25519_verifies(std::string_view public_key, std::string_view data, std::string_view signature);
// 64 bytes. Throws std::runtime_error when the library fails.
std::string ed25519_sign(std::string_view private_key, std::string_view data);

}  // namespace huiliu::webhook
