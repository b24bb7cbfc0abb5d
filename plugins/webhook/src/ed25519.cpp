#include "plugins/webhook/src/ed25519.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

#include "plugins/webhook/src/encoding.hpp"

namespace huiliu::webhook {
namespace {

constexpr std::size_t kKeyBytes = 32, kSignatureBytes = 64;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key private_key(std::string_view bytes) {
  return Key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(bytes), bytes.size()));
}

}  // namespace

bool is_asymmetric_key(std::string_view text) {
  return text.starts_with(kPublicKeyPrefix) || text.starts_with(kPrivateKeyPrefix);
}

std::optional<std::string> private_key_of(std::string_view text) {
  if (!text.starts_with(kPrivateKeyPrefix)) return std::nullopt;
  std::optional<std::string> bytes = from_base64(text.substr(kPrivateKeyPrefix.size()));
  if (!bytes || (bytes->size() != kKeyBytes && bytes->size() != 2 * kKeyBytes)) return std::nullopt;
  bytes->resize(kKeyBytes);
  return bytes;
}

std::optional<std::string> public_key_of(std::string_view text) {
  if (text.starts_with(kPublicKeyPrefix)) {
    std::optional<std::string> bytes = from_base64(text.substr(kPublicKeyPrefix.size()));
    return bytes && bytes->size() == kKeyBytes ? bytes : std::nullopt;
  }
  const std::optional<std::string> secret = private_key_of(text);
  if (!secret) return std::nullopt;
  const Key key = private_key(*secret);
  std::string bytes(kKeyBytes, '\0');
  std::size_t size = bytes.size();
  if (!key ||
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size) != 1)
    return std::nullopt;
  return bytes;
}

bool ed25519_verifies(std::string_view public_key, std::string_view data, std::string_view signature) {
  if (public_key.size() != kKeyBytes || signature.size() != kSignatureBytes) return false;
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(public_key), public_key.size()));
  const Context context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(data), data.size()) == 1;
}

std::string ed25519_sign(std::string_view secret, std::string_view data) {
  const Key key = private_key(secret);
  const Context context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  if (!key || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets(data),
                     data.size()) != 1)
    throw std::runtime_error("signing with Ed25519 failed");
  return signature;
}

}  // namespace huiliu::webhook
