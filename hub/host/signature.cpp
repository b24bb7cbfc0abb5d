#include "hub/host/signature.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <system_error>

#include "hub/host/redactor.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {
namespace {

namespace fs = std::filesystem;
using model::ErrorClass;
using model::make_error;
using model::Result;

constexpr std::size_t key_bytes = 32, signature_bytes = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string hex(const unsigned char* bytes, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    out += "0123456789abcdef"[bytes[i] >> 4];
    out += "0123456789abcdef"[bytes[i] & 15];
  }
  return out;
}

// No pass phrase: a key that wants one is refused instead of asked for on a terminal.
int no_phrase(char*, int, int, void*) { return 0; }

Result<Key> read_key(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const bool secret = pem.find("PRIVATE KEY") != std::string::npos;
  Key key(secret ? PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_phrase, nullptr)
                 : PEM_read_bio_PUBKEY(bio.get(), nullptr, &no_phrase, nullptr),
          &EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519)
    return make_error(ErrorClass::config, "is not an Ed25519 key in PEM");
  return key;
}

Result<std::string> fingerprint(EVP_PKEY* key) {
  std::array<unsigned char, key_bytes> raw = {};
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1 || size != raw.size())
    return make_error(ErrorClass::config, "has no public part");
  return sha256_of({reinterpret_cast<const char*>(raw.data()), raw.size()});
}

std::string pem_of(EVP_PKEY* key, bool secret) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  const int written = secret ? PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr)
                             : PEM_write_bio_PUBKEY(bio.get(), key);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return written == 1 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

bool fits(EVP_PKEY* key, std::string_view bytes, const std::string& signature) {
  const Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* mark = reinterpret_cast<const unsigned char*>(signature.data());
  return EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(digest.get(), mark, signature.size(), data, bytes.size()) == 1;
}

Result<std::string> text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return make_error(ErrorClass::config, "cannot be read", path.string());
  return text;
}

}  // namespace

std::string sha256_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return hex(digest.data(), size);
}

Result<KeyPair> make_key() {
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  if (key == nullptr) return make_error(ErrorClass::bug, "no key could be made");
  KeyPair out{pem_of(key.get(), true), pem_of(key.get(), false)};
  if (out.private_pem.empty() || out.public_pem.empty())
    return make_error(ErrorClass::bug, "the key could not be written");
  return out;
}

Result<std::string> fingerprint_of(const std::string& pem) {
  HUILIU_ASSIGN(const Key key, read_key(pem));
  return fingerprint(key.get());
}

Result<std::string> sign(std::string_view bytes, const std::string& private_pem) {
  HUILIU_ASSIGN(const Key key, read_key(private_pem));
  HUILIU_ASSIGN(const std::string name, fingerprint(key.get()));
  const Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string mark(signature_bytes, '\0');
  std::size_t size = mark.size();
  if (EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(mark.data()), &size,
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) != 1)
    return make_error(ErrorClass::config, "is not a private key: it cannot sign");
  return model::to_json(model::Object{{"key", name}, {"signature", base64_encode(mark)}});
}

Result<TrustStore> TrustStore::load(const std::vector<std::string>& directories) {
  TrustStore out;
  for (const std::string& directory : directories) {
    std::error_code problem;
    if (!fs::is_directory(directory, problem)) continue;
    for (const auto& entry : fs::directory_iterator(directory, problem)) {
      if (entry.path().extension() == ".pem") {
        HUILIU_ASSIGN(const std::string pem, text_of(entry.path()));
        auto key = fingerprint_of(pem);
        if (!key) {
          key.error().where = entry.path().string();
          return key.error();
        }
        out.keys_[*key] = {entry.path().stem().string(), pem};
      } else if (entry.path().filename() == "revoked.txt") {
        HUILIU_ASSIGN(const std::string text, text_of(entry.path()));
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
          line = line.substr(0, line.find('#'));
          std::erase_if(line, [](unsigned char c) { return c <= ' '; });
          if (!line.empty()) out.revoked_.insert(line);
        }
      }
    }
    if (problem) return make_error(ErrorClass::config, "cannot be read: " + problem.message(), directory);
  }
  return out;
}

Result<std::string> TrustStore::verify(std::string_view bytes, const std::string& signature) const {
  const auto refuse = [](std::string why) { return make_error(ErrorClass::config, std::move(why)); };
  if (signature.empty()) return refuse("is not signed");
  const auto parsed = model::parse_json(signature);
  if (!parsed || !parsed->is_object() || parsed->as_object().size() != 2)
    return refuse("has a signature that cannot be read");
  const std::string fingerprint = (*parsed)["key"].to_text();
  std::string mark;
  if (!base64_decode((*parsed)["signature"].to_text(), mark) || mark.size() != signature_bytes ||
      base64_encode(mark) != (*parsed)["signature"].to_text())
    return refuse("has a signature that cannot be read");
  if (revoked_.contains(fingerprint)) return refuse("is signed with a revoked key, " + fingerprint);
  if (revoked_.contains(sha256_of(bytes))) return refuse("was revoked: " + sha256_of(bytes));
  const auto known = keys_.find(fingerprint);
  if (known == keys_.end()) return refuse("is signed with an unknown key, " + fingerprint);
  HUILIU_ASSIGN(const Key key, read_key(known->second.pem));
  if (!fits(key.get(), bytes, mark)) return refuse("has a signature that does not fit: it was changed");
  return known->second.name;
}

}  // namespace huiliu::host
