#include "hub/crypt/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace huiliu::crypt {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string keyed(const EVP_MD* digest, std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (HMAC(digest, key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(), out.data(),
           &size) == nullptr)
    throw std::runtime_error("HMAC failed");
  return {reinterpret_cast<const char*>(out.data()), size};
}

constexpr std::string_view base32_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Bits in groups of `width`, most significant first; the last group is filled with zeros.
std::string grouped(std::string_view bytes, unsigned width, std::string_view digits) {
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    held = (held << 8U) | static_cast<unsigned char>(byte);
    bits += 8;
    for (; bits >= width; bits -= width) out += digits[(held >> (bits - width)) & ((1U << width) - 1)];
  }
  if (bits > 0) out += digits[(held << (width - bits)) & ((1U << width) - 1)];
  return out;
}

std::optional<std::string> ungrouped(std::string_view text, unsigned width, std::string_view digits) {
  std::string out;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char digit : text) {
    const std::size_t value = digits.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    held = (held << width) | static_cast<std::uint32_t>(value);
    bits += width;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>((held >> bits) & 0xffU);
  }
  return out;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, 32> out;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  return keyed(EVP_sha256(), key, bytes);
}
std::string hmac_sha1(std::string_view key, std::string_view bytes) { return keyed(EVP_sha1(), key, bytes); }

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size)) != 1)
    throw std::runtime_error("the machine gives no random numbers");
  return out;
}

bool equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    out += digits[static_cast<unsigned char>(byte) >> 4U];
    out += digits[static_cast<unsigned char>(byte) & 15U];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  return ungrouped(text, 4, "0123456789abcdef");
}

std::string to_base32(std::string_view bytes) { return grouped(bytes, 5, base32_digits); }
std::optional<std::string> from_base32(std::string_view text) { return ungrouped(text, 5, base32_digits); }
std::string to_base64url(std::string_view bytes) { return grouped(bytes, 6, base64url_digits); }
std::optional<std::string> from_base64url(std::string_view text) {
  return ungrouped(text, 6, base64url_digits);
}

}  // namespace huiliu::crypt
