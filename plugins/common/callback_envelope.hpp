// The envelope in which several vendors push events: AES-256-CBC under a key of 43 characters, and a SHA-1
// signature over the sorted parts.
//
//   block = 16 random bytes | byte length of the message, 32 bits big-endian | message | owner | padding
//   padding: n bytes of value n, 1 <= n <= 32, up to a multiple of 32 (not of 16: ordinary PKCS#7 readers
//   refuse n > 16); the initial vector is the key's first half
//
// The owner says for whom the message is: an application, a corporation or a suite. Who opens must compare
// it. Pure functions, safe on any thread; randomness comes in as an argument. Connectors and their twins
// share them. Errors: nothing is returned for any malformed input.
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace plugin_common {

using AesKey = std::array<unsigned char, 32>;
using Random16 = std::array<unsigned char, 16>;

struct Envelope {
  std::string message;  // UTF-8 as sent
  std::string owner;    // not yet checked
};

namespace envelope_layout {
inline constexpr std::size_t random = 16, length = 4, head = random + length;
inline constexpr std::size_t padding = 32, cipher_block = 16;
}  // namespace envelope_layout

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

inline std::string base64_encode(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                  static_cast<int>(bytes.size()));
  return text;
}

// Standard alphabet, padded, without line breaks; surplus bits of the last character are ignored, since real
// AES keys set them.
inline std::optional<std::string> base64_decode(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const auto in_alphabet = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (!std::all_of(digits.begin(), digits.end(), in_alphabet)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// The key as consoles show it: 43 base64 characters. Nothing for anything else.
inline std::optional<AesKey> aes_key_of(std::string_view text) {
  const std::optional<std::string> bytes =
      text.size() == 43 ? base64_decode(std::string(text) + "=") : std::nullopt;
  AesKey key{};
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

template <std::size_t N>
std::string sorted_and_joined(std::array<std::string_view, N> parts) {
  std::sort(parts.begin(), parts.end());
  std::string joined;
  for (const std::string_view part : parts) joined += part;
  return joined;
}

// Lowercase hex SHA-1 of the four texts, sorted by bytes and joined.
inline std::string callback_signature(std::string_view token, std::string_view timestamp,
                                      std::string_view nonce, std::string_view encrypted) {
  const std::string joined = sorted_and_joined<4>({token, timestamp, nonce, encrypted});
  std::array<unsigned char, 20> digest{};
  EVP_Digest(joined.data(), joined.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
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

enum class Direction : int { decrypt = 0, encrypt = 1 };

// One pass without the library's own padding, which ends at 16.
inline std::optional<std::string> aes_cbc(const AesKey& key, Direction direction, std::string_view input) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  std::string output(input.size() + envelope_layout::cipher_block, '\0');
  auto* out = reinterpret_cast<unsigned char*>(output.data());
  int head = 0, tail = 0;
  const bool done =
      context != nullptr &&
      EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, key.data(), key.data(),
                        static_cast<int>(direction)) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_CipherUpdate(context.get(), out, &head, bytes_of(input), static_cast<int>(input.size())) == 1 &&
      EVP_CipherFinal_ex(context.get(), out + head, &tail) == 1;
  if (!done) return std::nullopt;
  output.resize(static_cast<std::size_t>(head + tail));
  return output;
}

// Nothing when the text is not base64, not whole cipher blocks, badly padded, or its length field leaves the
// block.
inline std::optional<Envelope> open_envelope(const AesKey& key, std::string_view encrypted) {
  const std::optional<std::string> cipher = base64_decode(encrypted);
  if (!cipher || cipher->empty() || cipher->size() % envelope_layout::cipher_block != 0) return std::nullopt;
  const std::optional<std::string> plain = aes_cbc(key, Direction::decrypt, *cipher);
  if (!plain || plain->empty()) return std::nullopt;
  const std::size_t padding = static_cast<unsigned char>(plain->back());
  if (padding < 1 || padding > envelope_layout::padding || padding + envelope_layout::head > plain->size())
    return std::nullopt;
  const std::string_view block = std::string_view(*plain).substr(0, plain->size() - padding);
  const std::string_view pad = std::string_view(*plain).substr(block.size());
  if (std::any_of(pad.begin(), pad.end(), [&](char c) { return c != plain->back(); })) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < envelope_layout::length; ++i)
    length = length << 8U | static_cast<unsigned char>(block[envelope_layout::random + i]);
  const std::string_view rest = block.substr(envelope_layout::head);
  if (length > rest.size()) return std::nullopt;
  return Envelope{std::string(rest.substr(0, length)), std::string(rest.substr(length))};
}

// `random` must be fresh for each message. One line of base64.
inline std::string seal_envelope(const AesKey& key, const Random16& random, std::string_view message,
                                 std::string_view owner) {
  std::string block(random.begin(), random.end());
  for (unsigned shift = 32; shift > 0;) block += static_cast<char>(message.size() >> (shift -= 8) & 0xffU);
  block += message;
  block += owner;
  const std::size_t padding = envelope_layout::padding - block.size() % envelope_layout::padding;
  block.append(padding, static_cast<char>(padding));
  const std::optional<std::string> cipher = aes_cbc(key, Direction::encrypt, block);
  if (!cipher) throw std::runtime_error("AES-256-CBC is not available");
  return base64_encode(*cipher);
}

}  // namespace plugin_common
