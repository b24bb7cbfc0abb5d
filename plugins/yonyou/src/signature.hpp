// signature.hpp - how a request for a token proves who sends it, and the envelope of pushed events.
//
// Token: all parameters but the signature, sorted by name, joined as "name value name value…", HMAC-SHA256
// under the application's secret, base64 of the raw digest, percent-encoded once. Event: AES-256-CBC under a
// key made from the secret, its first half as initial vector; the plaintext is 16 random bytes, the length of
// the message in 4 bytes, the message, the application's key, and padding of 1…32 bytes. Two signatures are
// in use; the field's name and length tell which. Pure functions; the connector and its twin share them.
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace yonyou {

using Digest = std::array<std::uint8_t, 32>;
using AesKey = std::array<unsigned char, 32>;
using Random16 = std::array<unsigned char, 16>;

/// "appKey…timestamp…": what is signed. A std::map is in the order of the names.
std::string string_to_sign(const std::map<std::string, std::string>& parameters);

std::string percent_encode(std::string_view text);
std::string base64(std::string_view bytes);
/// Standard alphabet, padded; surplus bits of the last character are ignored, since real keys set them.
std::optional<std::string> from_base64(std::string_view text);
std::string base64_of(const Digest& mac);

/// The 32 bytes that the vendor makes from a secret: without '-', cut or filled with '0' to 43 characters,
/// base64. nullopt: characters that are no base64.
std::optional<AesKey> event_key(std::string_view secret);

struct Envelope {
  std::string message;  ///< UTF-8 as sent
  std::string owner;    ///< for whom: the application's or suite's key. Not yet checked
};
/// nullopt: no base64, no whole blocks, bad padding, or a length that leaves the block.
std::optional<Envelope> open_envelope(const AesKey& key, std::string_view encrypted);
/// `random` must be fresh for each message.
std::string seal_envelope(const AesKey& key, const Random16& random, std::string_view message,
                          std::string_view owner);

/// What the new signature signs: the three values sorted and joined. The signature is base64 of its
/// HMAC-SHA256.
std::string event_string_to_sign(std::string_view timestamp, std::string_view nonce,
                                 std::string_view encrypted);
/// The old one ("msgSignature"): SHA-1 over the four values sorted and joined, in lower-case hex.
std::string old_event_signature(std::string_view secret, std::string_view timestamp, std::string_view nonce,
                                std::string_view encrypted);

Digest hmac_sha256(std::string_view key, std::string_view data);
/// Takes the same time wherever the texts differ; a different length is no secret.
bool equal_in_constant_time(std::string_view left, std::string_view right);

// ---- How ----

namespace detail {

inline constexpr std::size_t key_characters = 43;
inline constexpr std::size_t random_size = 16, length_size = 4, block_padding = 32;

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

enum class Way : int { decrypt = 0, encrypt = 1 };

inline std::optional<std::string> aes_cbc(const AesKey& key, Way way, std::string_view input) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free);
  std::string output(input.size() + 16, '\0');
  auto* out = reinterpret_cast<unsigned char*>(output.data());
  int head = 0, tail = 0;
  // The padding goes up to 32, which the library does not do: it is put on and taken off by hand.
  const bool done =
      context != nullptr &&
      EVP_CipherInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, key.data(), key.data(),
                        static_cast<int>(way)) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_CipherUpdate(context.get(), out, &head, bytes_of(input), static_cast<int>(input.size())) == 1 &&
      EVP_CipherFinal_ex(context.get(), out + head, &tail) == 1;
  if (!done) return std::nullopt;
  output.resize(static_cast<std::size_t>(head + tail));
  return output;
}

template <std::size_t N>
std::string sorted_and_joined(std::array<std::string_view, N> parts) {
  std::sort(parts.begin(), parts.end());
  std::string joined;
  for (const std::string_view part : parts) joined += part;
  return joined;
}

}  // namespace detail

inline std::string string_to_sign(const std::map<std::string, std::string>& parameters) {
  std::string joined;
  for (const auto& [name, value] : parameters) (joined += name) += value;
  return joined;
}

inline std::string percent_encode(std::string_view text) {
  static constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded.append({'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]});
  }
  return encoded;
}

inline std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), detail::bytes_of(bytes),
                  static_cast<int>(bytes.size()));
  return text;
}

inline std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const auto in_alphabet = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (!std::all_of(digits.begin(), digits.end(), in_alphabet)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), detail::bytes_of(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

inline std::string base64_of(const Digest& mac) {
  return base64({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

inline std::optional<AesKey> event_key(std::string_view secret) {
  std::string text;
  std::copy_if(secret.begin(), secret.end(), std::back_inserter(text), [](char c) { return c != '-'; });
  text.resize(detail::key_characters, '0');
  const std::optional<std::string> bytes = from_base64(text + "=");
  AesKey key{};
  if (!bytes || bytes->size() != key.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

inline std::optional<Envelope> open_envelope(const AesKey& key, std::string_view encrypted) {
  const std::optional<std::string> cipher = from_base64(encrypted);
  if (!cipher || cipher->empty() || cipher->size() % 16 != 0) return std::nullopt;
  const std::optional<std::string> plain = detail::aes_cbc(key, detail::Way::decrypt, *cipher);
  if (!plain || plain->empty()) return std::nullopt;
  const std::size_t padding = static_cast<unsigned char>(plain->back());
  if (padding < 1 || padding > detail::block_padding || padding > plain->size()) return std::nullopt;
  const std::string_view pad = std::string_view(*plain).substr(plain->size() - padding);
  if (std::any_of(pad.begin(), pad.end(), [&](char c) { return c != plain->back(); })) return std::nullopt;
  const std::string_view block = std::string_view(*plain).substr(0, plain->size() - padding);
  if (block.size() < detail::random_size + detail::length_size) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < detail::length_size; ++i)
    length = length << 8 | static_cast<unsigned char>(block[detail::random_size + i]);
  const std::string_view rest = block.substr(detail::random_size + detail::length_size);
  if (length > rest.size()) return std::nullopt;
  return Envelope{std::string(rest.substr(0, length)), std::string(rest.substr(length))};
}

inline std::string seal_envelope(const AesKey& key, const Random16& random, std::string_view message,
                                 std::string_view owner) {
  std::string plain(random.begin(), random.end());
  for (int shift = 24; shift >= 0; shift -= 8) plain += static_cast<char>(message.size() >> shift & 0xFF);
  (plain += message) += owner;
  const std::size_t padding = detail::block_padding - plain.size() % detail::block_padding;
  plain.append(padding, static_cast<char>(padding));
  return base64(detail::aes_cbc(key, detail::Way::encrypt, plain).value_or(std::string()));
}

inline std::string event_string_to_sign(std::string_view timestamp, std::string_view nonce,
                                        std::string_view encrypted) {
  return detail::sorted_and_joined(std::array{timestamp, nonce, encrypted});
}

inline std::string old_event_signature(std::string_view secret, std::string_view timestamp,
                                       std::string_view nonce, std::string_view encrypted) {
  const std::string joined = detail::sorted_and_joined(std::array{secret, timestamp, nonce, encrypted});
  std::array<unsigned char, 20> digest{};
  EVP_Digest(joined.data(), joined.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest)
    hex.append({"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]});
  return hex;
}

inline Digest hmac_sha256(std::string_view key, std::string_view data) {
  Digest mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), detail::bytes_of(data), data.size(),
       mac.data(), &size);
  return mac;
}

inline bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace yonyou
