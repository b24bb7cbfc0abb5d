// The national algorithms (GB/T 32907 SM4, GB/T 32905 SM3) as one authenticated cipher: SM4 in counter mode,
// then HMAC-SM3 over context and cipher text, with two keys derived from one. OpenSSL 3.0 has no SM4-GCM.
// Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace huiliu::crypt {

std::string sm3(std::string_view bytes);                             // 32 bytes
std::string hmac_sm3(std::string_view key, std::string_view bytes);  // 32 bytes
// One block of 16 bytes under a key of 16 bytes: for known answers only.
std::string sm4_block(std::string_view key, std::string_view block);

// Under one key of 32 bytes, bound to the context: first counter, cipher text, code. nullopt: another key or
// context, or changed bytes; nothing is deciphered before the code was checked.
std::string encrypt_national(std::string_view key, std::string_view context, std::string_view plain);
std::optional<std::string> decrypt_national(std::string_view key, std::string_view context,
                                            std::string_view sealed);

}  // namespace huiliu::crypt
