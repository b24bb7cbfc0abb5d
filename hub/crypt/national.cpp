#include "hub/crypt/national.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "hub/crypt/hash.hpp"

namespace huiliu::crypt {
namespace {

constexpr std::size_t sm4_key_size = 16, counter_size = 16, code_size = 32;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* octets_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string sm4(const EVP_CIPHER* mode, std::string_view key, const unsigned char* counter,
                std::string_view bytes) {
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher(EVP_CIPHER_CTX_new());
  std::string out(bytes.size() + counter_size, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int size = 0, rest = 0;
  const bool done =
      EVP_EncryptInit_ex(cipher.get(), mode, nullptr, octets_of(key), counter) == 1 &&
      EVP_CIPHER_CTX_set_padding(cipher.get(), 0) == 1 &&
      EVP_EncryptUpdate(cipher.get(), to, &size, octets_of(bytes), static_cast<int>(bytes.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), to + size, &rest) == 1;
  if (!done) throw std::runtime_error("SM4 failed");
  out.resize(static_cast<std::size_t>(size + rest));
  return out;
}

// The context's length comes first, so that no byte can move between it and the cipher text.
std::string code_of(std::string_view key, std::string_view context, std::string_view body) {
  return hmac_sm3(hmac_sm3(key, "code"),
                  std::to_string(context.size()) + ":" + std::string(context) + std::string(body));
}

std::string cipher_key(std::string_view key) { return hmac_sm3(key, "cipher").substr(0, sm4_key_size); }

}  // namespace

std::string sm3(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sm3(), nullptr) != 1)
    throw std::runtime_error("SM3 failed");
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hmac_sm3(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  if (HMAC(EVP_sm3(), key.data(), static_cast<int>(key.size()), octets_of(bytes), bytes.size(), out.data(),
           &size) == nullptr)
    throw std::runtime_error("HMAC-SM3 failed");
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string sm4_block(std::string_view key, std::string_view block) {
  return sm4(EVP_sm4_ecb(), key, nullptr, block);
}

std::string encrypt_national(std::string_view key, std::string_view context, std::string_view plain) {
  std::string body = random_bytes(counter_size);
  body += sm4(EVP_sm4_ctr(), cipher_key(key), octets_of(body), plain);
  return body + code_of(key, context, body);
}

std::optional<std::string> decrypt_national(std::string_view key, std::string_view context,
                                            std::string_view sealed) {
  if (sealed.size() < counter_size + code_size) return std::nullopt;
  const std::string_view body = sealed.substr(0, sealed.size() - code_size);
  if (!equal(code_of(key, context, body), sealed.substr(body.size()))) return std::nullopt;
  // In counter mode both directions are one.
  return sm4(EVP_sm4_ctr(), cipher_key(key), octets_of(body), body.substr(counter_size));
}

}  // namespace huiliu::crypt
