// signature.hpp - how a request for a token proves who sends it, and the envelope of pushed events.
//
// Token: all parameters but the signature, sorted by name, joined as "name value name value…", HMAC-SHA256
// under the application's secret, base64 of the raw digest, percent-encoded once. Event: AES-256-CBC under a
// key made from the secret, its first half as initial vector; the plaintext is 16 random bytes, the length of
// the message in 4 bytes, the message, the application's key, and padding of 1…32 bytes. Two signatures are
// in use; the field's name and length tell which. Pure functions; the connector and its twin share them.
#pragma once

#include <openssl/hmac.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/common/callback_envelope.hpp"

namespace yonyou {

using Digest = std::array<std::uint8_t, 32>;
using plugin_common::AesKey;
using plugin_common::Envelope;
using plugin_common::equal_in_constant_time;
using plugin_common::open_envelope;
using plugin_common::Random16;
using plugin_common::seal_envelope;

/// "appKey…timestamp…": what is signed. A std::map is in the order of the names.
std::string string_to_sign(const std::map<std::string, std::string>& parameters);

std::string percent_encode(std::string_view text);
std::string base64_of(const Digest& mac);

/// The 32 bytes that the vendor makes from a secret: without '-', cut or filled with '0' to 43 characters,
/// base64. nullopt: characters that are no base64.
std::optional<AesKey> event_key(std::string_view secret);

/// What the new signature signs: the three values sorted and joined. The signature is base64 of its
/// HMAC-SHA256.
std::string event_string_to_sign(std::string_view timestamp, std::string_view nonce,
                                 std::string_view encrypted);
/// The old one ("msgSignature"): SHA-1 over the four values sorted and joined, in lower-case hex.
std::string old_event_signature(std::string_view secret, std::string_view timestamp, std::string_view nonce,
                                std::string_view encrypted);

Digest hmac_sha256(std::string_view key, std::string_view data);

// ---- How ----

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

inline std::string base64_of(const Digest& mac) {
  return plugin_common::base64_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

inline std::optional<AesKey> event_key(std::string_view secret) {
  constexpr std::size_t key_characters = 43;
  std::string text;
  std::copy_if(secret.begin(), secret.end(), std::back_inserter(text), [](char c) { return c != '-'; });
  text.resize(key_characters, '0');
  return plugin_common::aes_key_of(text);
}

inline std::string event_string_to_sign(std::string_view timestamp, std::string_view nonce,
                                        std::string_view encrypted) {
  return plugin_common::sorted_and_joined<3>({timestamp, nonce, encrypted});
}

inline std::string old_event_signature(std::string_view secret, std::string_view timestamp,
                                       std::string_view nonce, std::string_view encrypted) {
  return plugin_common::callback_signature(secret, timestamp, nonce, encrypted);
}

inline Digest hmac_sha256(std::string_view key, std::string_view data) {
  Digest mac{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), plugin_common::bytes_of(data), data.size(),
       mac.data(), &size);
  return mac;
}

}  // namespace yonyou
