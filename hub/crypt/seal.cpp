#include "hub/crypt/seal.hpp"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "hub/crypt/hash.hpp"
#include "hub/crypt/national.hpp"

namespace huiliu::crypt {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;

constexpr std::size_t key_size = 32, nonce_size = 12, tag_size = 16;

struct CipherContext {
  EVP_CIPHER_CTX* handle = EVP_CIPHER_CTX_new();
  CipherContext() = default;
  CipherContext(const CipherContext&) = delete;
  CipherContext& operator=(const CipherContext&) = delete;
  ~CipherContext() { EVP_CIPHER_CTX_free(handle); }
};

unsigned char* bytes_in(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* data_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string encrypt_with(std::string_view key, std::string_view context, std::string_view plain) {
  const std::string nonce = random_bytes(nonce_size);
  std::string out(plain.size(), '\0'), tag(tag_size, '\0');
  CipherContext cipher;
  int size = 0;
  const bool done =
      EVP_EncryptInit_ex(cipher.handle, EVP_aes_256_gcm(), nullptr, data_of(key), data_of(nonce)) == 1 &&
      EVP_EncryptUpdate(cipher.handle, nullptr, &size, data_of(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_EncryptUpdate(cipher.handle, bytes_in(out), &size, data_of(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.handle, nullptr, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.handle, EVP_CTRL_GCM_GET_TAG, tag_size, tag.data()) == 1;
  if (!done) throw std::runtime_error("AES-GCM failed");
  return nonce + out + tag;
}

std::optional<std::string> decrypt_with(std::string_view key, std::string_view context,
                                        std::string_view sealed) {
  if (sealed.size() < nonce_size + tag_size) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, nonce_size);
  const std::string_view body = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
  std::string tag(sealed.substr(sealed.size() - tag_size)), out(body.size(), '\0');
  CipherContext cipher;
  int size = 0;
  const bool done =
      EVP_DecryptInit_ex(cipher.handle, EVP_aes_256_gcm(), nullptr, data_of(key), data_of(nonce)) == 1 &&
      EVP_DecryptUpdate(cipher.handle, nullptr, &size, data_of(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_DecryptUpdate(cipher.handle, bytes_in(out), &size, data_of(body), static_cast<int>(body.size())) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(cipher.handle, EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.handle, nullptr, &size) == 1;
  if (!done) return std::nullopt;
  return out;
}

namespace {

std::string id_of(std::string_view key) { return to_hex(sha256(key)).substr(0, 8); }

std::string text_of(Algorithms algorithms) { return std::to_string(static_cast<int>(algorithms)); }

std::string enciphered(Algorithms algorithms, std::string_view key, std::string_view context,
                       std::string_view plain) {
  return algorithms == Algorithms::sm4_sm3 ? encrypt_national(key, context, plain)
                                           : encrypt_with(key, context, plain);
}

std::optional<std::string> deciphered(Algorithms algorithms, std::string_view key, std::string_view context,
                                      std::string_view sealed) {
  return algorithms == Algorithms::sm4_sm3 ? decrypt_national(key, context, sealed)
                                           : decrypt_with(key, context, sealed);
}

// What the wrapping of a data key is bound to: the context, the algorithms and the key's id.
std::string wrapping_context(Algorithms algorithms, std::string_view context, std::string_view key_id) {
  return "wrap/" + text_of(algorithms) + "/" + std::string(key_id) + "/" + std::string(context);
}

struct Parts {
  Algorithms algorithms = Algorithms::aes_gcm;
  std::string key_id, wrapped, sealed;
};

std::optional<Parts> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t dot = text.find('.');
    parts.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  if (parts.size() != 4) return std::nullopt;
  Algorithms algorithms = Algorithms::aes_gcm;
  if (parts[0] == text_of(Algorithms::sm4_sm3))
    algorithms = Algorithms::sm4_sm3;
  else if (parts[0] != text_of(Algorithms::aes_gcm))
    return std::nullopt;
  auto wrapped = from_base64url(parts[2]), sealed = from_base64url(parts[3]);
  if (!wrapped || !sealed) return std::nullopt;
  return Parts{algorithms, std::string(parts[1]), std::move(*wrapped), std::move(*sealed)};
}

std::string joined(const Parts& parts) {
  return text_of(parts.algorithms) + "." + parts.key_id + "." + to_base64url(parts.wrapped) + "." +
         to_base64url(parts.sealed);
}

Result<std::string> data_key(const KeyRing& keys, std::string_view context, const Parts& parts) {
  const std::string* key = keys.find(parts.key_id);
  if (key == nullptr)
    return make_error(ErrorClass::config, "this value needs the master key " + parts.key_id +
                                              ", which is not configured; add it as an older key");
  auto plain = deciphered(parts.algorithms, *key, wrapping_context(parts.algorithms, context, parts.key_id),
                          parts.wrapped);
  if (!plain) return make_error(ErrorClass::data, "a sealed value was changed, or stands in a wrong place");
  return std::move(*plain);
}

// The data key under the ring's current key, with the algorithms that `parts` names.
void wrap(const KeyRing& keys, std::string_view context, const std::string& data_key, Parts& parts) {
  parts.key_id = keys.current();
  parts.wrapped = enciphered(parts.algorithms, *keys.find(keys.current()),
                             wrapping_context(parts.algorithms, context, keys.current()), data_key);
}

Result<KeyRing> ring_of(const std::string& text, const std::string& where) {
  std::vector<std::string> keys;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    auto key = from_hex(line);
    if (!key || key->size() != key_size)
      return make_error(ErrorClass::config, "a master key is 64 hexadecimal digits (lower case) a line",
                        where);
    keys.push_back(std::move(*key));
  }
  if (keys.empty()) return make_error(ErrorClass::config, "holds no master key", where);
  return KeyRing::of(keys.front(), {keys.begin() + 1, keys.end()});
}

Result<KeyRing> ring_in_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return make_error(ErrorClass::config, "the master key's file cannot be read", path);
  if ((status.st_mode & 077) != 0)
    return make_error(ErrorClass::config, "others may read the master key: chmod 600", path);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return ring_of(text.str(), path);
}

const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? nullptr : value;
}

}  // namespace

Result<KeyRing> KeyRing::of(std::string_view current, const std::vector<std::string>& older) {
  KeyRing ring;
  if (current.size() != key_size) return make_error(ErrorClass::config, "a master key has 32 bytes");
  ring.current_ = id_of(current);
  ring.keys_.emplace(ring.current_, current);
  for (const std::string& key : older) {
    if (key.size() != key_size) return make_error(ErrorClass::config, "a master key has 32 bytes");
    ring.keys_.emplace(id_of(key), key);
  }
  return ring;
}

const std::string* KeyRing::find(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

std::string KeyRing::derived(std::string_view purpose) const {
  return hmac_sha256(keys_.at(current_), "derived/" + std::string(purpose));
}

Result<KeyRing> key_file(const std::string& path) { return ring_in_file(path); }

Result<KeyRing> master_keys() {
  if (const char* directory = variable("CREDENTIALS_DIRECTORY")) {
    const std::string path = std::string(directory) + "/huiliu-master-key";
    if (std::ifstream(path).good()) return ring_in_file(path);
  }
  if (const char* path = variable("HUILIU_MASTER_KEY_FILE")) return ring_in_file(path);
  if (const char* key = variable("HUILIU_MASTER_KEY")) return ring_of(key, "HUILIU_MASTER_KEY");
  return KeyRing();
}

Result<std::string> seal(const KeyRing& keys, std::string_view context, std::string_view secret) {
  if (keys.empty())
    return make_error(ErrorClass::config,
                      "no master key is configured: set HUILIU_MASTER_KEY_FILE to a file of mode 600 with 64 "
                      "hexadecimal digits");
  const std::string key = random_bytes(key_size);
  Parts parts;
  parts.algorithms = keys.algorithms();
  wrap(keys, context, key, parts);
  parts.sealed = enciphered(parts.algorithms, key, context, secret);
  return joined(parts);
}

Result<std::string> unseal(const KeyRing& keys, std::string_view context, std::string_view sealed) {
  const auto parts = split(sealed);
  if (!parts) return make_error(ErrorClass::data, "not a sealed value of a known algorithm");
  HUILIU_ASSIGN(const std::string key, data_key(keys, context, *parts));
  auto plain = deciphered(parts->algorithms, key, context, parts->sealed);
  if (!plain) return make_error(ErrorClass::data, "a sealed value was changed, or stands in a wrong place");
  return std::move(*plain);
}

Result<std::string> reseal(const KeyRing& keys, std::string_view context, std::string_view sealed) {
  auto parts = split(sealed);
  if (!parts) return make_error(ErrorClass::data, "not a sealed value of a known algorithm");
  if (parts->algorithms != keys.algorithms()) {
    HUILIU_ASSIGN(const std::string secret, unseal(keys, context, sealed));
    return seal(keys, context, secret);
  }
  HUILIU_ASSIGN(const std::string key, data_key(keys, context, *parts));
  wrap(keys, context, key, *parts);
  return joined(*parts);
}

std::string key_of(std::string_view sealed) {
  const auto parts = split(sealed);
  return parts ? parts->key_id : std::string();
}

}  // namespace huiliu::crypt
