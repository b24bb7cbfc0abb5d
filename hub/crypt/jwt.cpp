#include "hub/crypt/jwt.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <optional>
#include <string>

#include "hub/crypt/hash.hpp"

namespace huiliu::crypt {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Value;

constexpr std::size_t token_longest = 64 * 1024;
constexpr int rsa_bits_least = 2048;

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freeing<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freeing<&EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freeing<&EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freeing<&BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freeing<&OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freeing<&OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freeing<&ECDSA_SIG_free>>;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(octets(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key key_from(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return Key(key);
}

Key rsa_key(const Value& key) {
  const auto n = from_base64url(key["n"].to_text()), e = from_base64url(key["e"].to_text());
  if (!n || !e || n->size() * 8 < rsa_bits_least || n->size() > 1024 || e->empty() || e->size() > 8)
    return nullptr;
  const Number modulus = number_of(*n), exponent = number_of(*e);
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return key_from("RSA", builder.get());
}

Key ec_key(const Value& key) {
  const auto x = from_base64url(key["x"].to_text()), y = from_base64url(key["y"].to_text());
  if (key["crv"].to_text() != "P-256" || !x || !y || x->size() != 32 || y->size() != 32) return nullptr;
  const std::string point = "\x04" + *x + *y;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return key_from("EC", builder.get());
}

// r and s side by side, as JWS has them, in the form that OpenSSL takes.
std::optional<std::string> der_of(std::string_view raw) {
  if (raw.size() != 64) return std::nullopt;
  const Signature signature(ECDSA_SIG_new());
  Number r = number_of(raw.substr(0, 32)), s = number_of(raw.substr(32));
  if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return std::nullopt;
  static_cast<void>(r.release()), static_cast<void>(s.release());  // the signature's now
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return std::nullopt;
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  CRYPTO_free(der, "", 0);  // the macro would keep the name of this file
  return text;
}

bool signed_by(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  const Digest digest(EVP_MD_CTX_new());
  return key != nullptr && EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(digest.get(), octets(signature), signature.size(), octets(text), text.size()) == 1;
}

bool fits(const Value& key, const std::string& algorithm) {
  const std::string type = key["kty"].to_text(), use = key["use"].to_text(), only = key["alg"].to_text();
  return type == (algorithm == "RS256" ? "RSA" : "EC") && (use.empty() || use == "sig") &&
         (only.empty() || only == algorithm);
}

std::optional<Value> json_in(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  auto value = model::parse_json(*text);
  return value.ok() && value->is_object() ? std::optional(std::move(*value)) : std::nullopt;
}

}  // namespace

Result<Value> verified_claims(std::string_view token, const Value& keys) {
  const auto refuse = [](const char* why) { return make_error(ErrorClass::auth, why); };
  const std::size_t first = token.find('.'),
                    second = token.find('.', first == token.npos ? first : first + 1);
  if (token.size() > token_longest || second == token.npos || token.find('.', second + 1) != token.npos)
    return refuse("the token is not a signed one");
  const auto header = json_in(token.substr(0, first));
  auto claims = json_in(token.substr(first + 1, second - first - 1));
  auto signature = from_base64url(token.substr(second + 1));
  if (!header || !claims || !signature || header->find("crit") != nullptr)
    return refuse("the token cannot be read");
  const std::string algorithm = (*header)["alg"].to_text(), id = (*header)["kid"].to_text();
  if (algorithm != "RS256" && algorithm != "ES256")
    return refuse("the token is signed in a way that is not taken");
  if (algorithm == "ES256") signature = der_of(*signature);
  if (!signature) return refuse("the token's signature cannot be read");
  const model::Array* list = keys["keys"].if_array();
  bool any = false;
  if (list != nullptr)
    for (const Value& key : *list) {
      if (!fits(key, algorithm) || (!id.empty() && key["kid"].to_text() != id)) continue;
      any = true;
      const Key usable = algorithm == "RS256" ? rsa_key(key) : ec_key(key);
      if (signed_by(usable.get(), token.substr(0, second), *signature)) return std::move(*claims);
    }
  if (!any) return make_error(ErrorClass::not_found, "no key of the provider fits the token");
  return refuse("the token's signature is wrong");
}

}  // namespace huiliu::crypt
