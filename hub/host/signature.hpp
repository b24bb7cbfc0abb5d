// Who vouches for a plugin: Ed25519 signatures, the keys that are trusted, and what was revoked.
//
// A trust directory holds public keys (*.pem) and, if need be, revoked.txt: one fingerprint of a key or of a
// package in each line, # begins a comment. A signature counts when its key is there and nothing of it is
// revoked.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::host {

std::string sha256_of(std::string_view bytes);  // lower-case hexadecimal

struct KeyPair {
  std::string private_pem, public_pem;
};
model::Result<KeyPair> make_key();
// Of a key in PEM, private or public: the SHA-256 of the public key's 32 bytes. Errors: config, not such a
// key.
model::Result<std::string> fingerprint_of(const std::string& pem);

// {"key": fingerprint, "signature": base64} over the bytes.
model::Result<std::string> sign(std::string_view bytes, const std::string& private_pem);

class TrustStore {
 public:
  // Directories that do not exist are empty. Errors: config, a file that cannot be read or is no such key.
  static model::Result<TrustStore> load(const std::vector<std::string>& directories);

  // The name of the key (its file's, without the extension) that signed these bytes. Errors: config; the
  // message says what is wrong: no signature, unknown key, revoked, does not fit.
  model::Result<std::string> verify(std::string_view bytes, const std::string& signature) const;
  bool empty() const noexcept { return keys_.empty(); }

 private:
  struct Trusted {
    std::string name, pem;
  };
  std::map<std::string, Trusted> keys_;  // by fingerprint
  std::set<std::string> revoked_;
};

}  // namespace huiliu::host
