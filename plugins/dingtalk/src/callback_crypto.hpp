// The envelope of DingTalk's HTTP callbacks: AES-256-CBC under a key of 43 characters, and a SHA-1 signature.
//
//   block = 16 random bytes | byte length of the message, 32 bits big-endian | message | owner key | padding
//   padding: n bytes of value n, 1 <= n <= 32, up to a multiple of 32; the initial vector is the key's first
//   half
//
// The owner key says for whom the message is: AppKey, corpId or SuiteKey. Who decrypts must compare it.
// Pure functions, safe on any thread; randomness comes in as an argument. The connector and its twin share
// them. Errors: `decrypt` returns nothing for any malformed input; a wrong AES key in the settings throws.
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
#include <vector>

namespace dingtalk {

using AesKey = std::array<unsigned char, 32>;
inline constexpr std::size_t kBlockPadding = 32;
inline constexpr std::size_t kRandomPrefix = 16;
inline constexpr std::size_t kLengthField = 4;

inline std::string base64_encode(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
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
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

// The key as the vendor's console shows it: 43 base64 characters. Throws std::invalid_argument for anything
// else.
inline AesKey parse_aes_key(std::string_view text) {
  const std::optional<std::string> bytes =
      text.size() == 43 ? base64_decode(std::string(text) + "=") : std::nullopt;
  AesKey key{};
  if (!bytes || bytes->size() != key.size())
    throw std::invalid_argument("the callback AES key must be 43 base64 characters");
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

// Lowercase hex SHA-1 of the four texts, sorted by bytes and joined.
inline std::string callback_signature(std::string_view token, std::string_view timestamp,
                                      std::string_view nonce, std::string_view encrypted) {
  std::array<std::string_view, 4> parts{token, timestamp, nonce, encrypted};
  std::sort(parts.begin(), parts.end());
  std::string joined;
  for (const std::string_view part : parts) joined += part;
  std::array<unsigned char, 20> digest{};
  EVP_Digest(joined.data(), joined.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += kHex[byte >> 4];
    hex += kHex[byte & 15];
  }
  return hex;
}

// Takes the same time wherever the texts differ; a different length is no secret.
inline bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

namespace detail {

enum class Direction : int { decrypt = 0, encrypt = 1 };

inline std::optional<std::string> aes_cbc(const AesKey& key, Direction direction, std::string_view input) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  std::string output(input.size() + 16, '\0');
  auto* out = reinterpret_cast<unsigned char*>(output.data());
  int head = 0;
  int tail = 0;
  const bool done =
      context != nullptr &&
      EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, key.data(), key.data(),
                        static_cast<int>(direction)) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_CipherUpdate(context.get(), out, &head, reinterpret_cast<const unsigned char*>(input.data()),
                       static_cast<int>(input.size())) == 1 &&
      EVP_CipherFinal_ex(context.get(), out + head, &tail) == 1;
  if (!done) return std::nullopt;
  output.resize(static_cast<std::size_t>(head + tail));
  return output;
}

}  // namespace detail

struct Envelope {
  std::string message;  // UTF-8 as sent; JSON for events, the word `success` for replies
  std::string owner;    // not yet checked
};

// Nothing when the text is not base64, not whole cipher blocks, badly padded, or its length field leaves the
// block.
inline std::optional<Envelope> callback_decrypt(const AesKey& key, std::string_view encrypted) {
  const std::optional<std::string> cipher = base64_decode(encrypted);
  if (!cipher || cipher->empty() || cipher->size() % 16 != 0) return std::nullopt;
  const std::optional<std::string> plain = detail::aes_cbc(key, detail::Direction::decrypt, *cipher);
  if (!plain || plain->empty()) return std::nullopt;
  const std::size_t padding = static_cast<unsigned char>(plain->back());
  if (padding < 1 || padding > kBlockPadding || padding > plain->size()) return std::nullopt;
  const std::string_view pad = std::string_view(*plain).substr(plain->size() - padding);
  if (std::any_of(pad.begin(), pad.end(), [&](char c) { return c != plain->back(); })) return std::nullopt;
  const std::string_view block = std::string_view(*plain).substr(0, plain->size() - padding);
  if (block.size() < kRandomPrefix + kLengthField) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < kLengthField; ++i)
    length = length << 8 | static_cast<unsigned char>(block[kRandomPrefix + i]);
  const std::string_view rest = block.substr(kRandomPrefix + kLengthField);
  if (length > rest.size()) return std::nullopt;
  return Envelope{std::string(rest.substr(0, length)), std::string(rest.substr(length))};
}

// `random` must be fresh for each message. One line of base64.
inline std::string callback_encrypt(const AesKey& key, const std::array<unsigned char, kRandomPrefix>& random,
                                    std::string_view message, std::string_view owner) {
  std::string block(random.begin(), random.end());
  for (int shift = 24; shift >= 0; shift -= 8) block += static_cast<char>(message.size() >> shift & 0xff);
  block += message;
  block += owner;
  const std::size_t padding = kBlockPadding - block.size() % kBlockPadding;
  block.append(padding, static_cast<char>(padding));
  const std::optional<std::string> cipher = detail::aes_cbc(key, detail::Direction::encrypt, block);
  if (!cipher) throw std::runtime_error("AES-256-CBC is not available");
  return base64_encode(*cipher);
}

}  // namespace dingtalk
