// The envelope of WeCom's callbacks: AES-256-CBC under a key of 43 characters, and a SHA-1 signature.
//
//   block = 16 random bytes | byte length of the message, 32 bits big-endian | message | receive id | padding
//   padding: n bytes of value n, 1 <= n <= 32, up to a multiple of 32 (not of 16: ordinary PKCS#7 readers
//   refuse n > 16); the initial vector is the key's first half
//
// The receive id says for whom the message is: the corporation, a suite, or nobody. Who opens must compare
// it. Order of the checks: signature, base64 and AES, padding, length, receive id. Pure functions, safe on
// any thread; randomness comes in as an argument. The connector and its twin share them. Errors:
// `open_envelope` returns nothing for any malformed input; a wrong AES key in the settings throws
// std::invalid_argument.
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wecom {

using AesKey = std::array<unsigned char, 32>;
using Random16 = std::array<unsigned char, 16>;

namespace detail {

inline constexpr std::size_t kPadTo = 32;
inline constexpr std::size_t kAesBlock = 16;
inline constexpr std::size_t kHead = 20;  // random bytes and the length

inline int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

// Standard alphabet, padded, one line; surplus bits of the last character are dropped.
inline std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xffffffU;
    if ((held += 6) >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> static_cast<unsigned>(held) & 0xffU);
    }
  }
  return bytes;
}

inline std::string to_base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return text;
}

// One pass of AES-256-CBC without the library's padding. encrypt: 1 or 0, as OpenSSL counts.
inline std::optional<std::string> aes(const AesKey& key, std::string_view input, int encrypt) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  if (context == nullptr) return std::nullopt;
  std::string output(input.size() + kAesBlock, '\0');
  auto* out = reinterpret_cast<unsigned char*>(output.data());
  int head = 0, tail = 0;
  if (EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, key.data(), key.data(), encrypt) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_CipherUpdate(context.get(), out, &head, reinterpret_cast<const unsigned char*>(input.data()),
                       static_cast<int>(input.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), out + head, &tail) != 1)
    return std::nullopt;
  output.resize(static_cast<std::size_t>(head + tail));
  return output;
}

inline bool is_key_text(std::string_view text) {
  return text.size() == 43 && std::all_of(text.begin(), text.end(), [](char c) {
           const int value = base64_value(c);
           return value >= 0 && value < 62;
         });
}

}  // namespace detail

// The key as the console shows it: 43 characters of A-Z, a-z, 0-9. They carry two bits too many, which real
// keys set: they are ignored.
inline AesKey parse_aes_key(std::string_view text) {
  const std::optional<std::string> bytes =
      detail::is_key_text(text) ? detail::from_base64(std::string(text) + "=") : std::nullopt;
  AesKey key{};
  if (!bytes || bytes->size() != key.size())
    throw std::invalid_argument(
        "EncodingAESKey 应为43个字母或数字 / the callback AES key is 43 letters and digits");
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

// Lowercase hex SHA-1 of the four texts, sorted by bytes and joined.
inline std::string callback_signature(std::string_view token, std::string_view timestamp,
                                      std::string_view nonce, std::string_view encrypted) {
  std::array<std::string_view, 4> parts{token, timestamp, nonce, encrypted};
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string_view part : parts) text += part;
  std::array<unsigned char, 20> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

// Takes the same time wherever the texts differ; a different length is no secret.
inline bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

struct Envelope {
  std::string message;     // UTF-8 as sent
  std::string receive_id;  // not yet checked
};

inline std::optional<Envelope> open_envelope(const AesKey& key, std::string_view encrypted) {
  const std::optional<std::string> cipher = detail::from_base64(encrypted);
  if (!cipher || cipher->empty() || cipher->size() % detail::kAesBlock != 0) return std::nullopt;
  const std::optional<std::string> plain = detail::aes(key, *cipher, 0);
  if (!plain) return std::nullopt;
  const std::size_t pad = static_cast<unsigned char>(plain->back());
  if (pad < 1 || pad > detail::kPadTo || pad + detail::kHead > plain->size()) return std::nullopt;
  const std::string_view block = std::string_view(*plain).substr(0, plain->size() - pad);
  for (const char c : std::string_view(*plain).substr(block.size()))
    if (static_cast<unsigned char>(c) != pad) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(block[16 + i]);
  const std::string_view rest = block.substr(detail::kHead);
  if (length > rest.size()) return std::nullopt;
  return Envelope{std::string(rest.substr(0, length)), std::string(rest.substr(length))};
}

// `random` must be fresh for each message. One line of base64.
inline std::string seal_envelope(const AesKey& key, const Random16& random, std::string_view message,
                                 std::string_view receive_id) {
  std::string block(random.begin(), random.end());
  for (unsigned shift = 32; shift > 0;) block += static_cast<char>(message.size() >> (shift -= 8) & 0xffU);
  block += message;
  block += receive_id;
  const std::size_t pad = detail::kPadTo - block.size() % detail::kPadTo;
  block.append(pad, static_cast<char>(pad));
  const std::optional<std::string> cipher = detail::aes(key, block, 1);
  if (!cipher) throw std::runtime_error("AES-256-CBC is not available");
  return detail::to_base64(*cipher);
}

}  // namespace wecom
