// Secrets at rest: envelope encryption. Every value has a data key of its own; the data key is wrapped by a
// key-encryption key that never stands in the store. Both layers are AES-256-GCM, bound to the context (what
// the value is, where it stands), so that two sealed values cannot change places. Or, where a ring says so,
// both are the national algorithms (national.hpp).
//
// A sealed value is text: "1.KEYID.WRAPPED.SEALED" (base64url; first the algorithms: 1 or 2). Safe from any
// thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"

namespace huiliu::crypt {

enum class Algorithms { aes_gcm = 1, sm4_sm3 = 2 };

// Key-encryption keys by id: the first 8 hex digits of their SHA-256. New values are sealed with the current
// one; older ones still open theirs until `reseal` moved everything.
class KeyRing {
 public:
  KeyRing() = default;
  // `key`: 32 bytes.
  static model::Result<KeyRing> of(std::string_view current, const std::vector<std::string>& older = {});
  bool empty() const noexcept { return current_.empty(); }
  const std::string& current() const noexcept { return current_; }
  const std::string* find(std::string_view id) const;
  // What new values are sealed with; every value opens with its own.
  void seal_with(Algorithms algorithms) noexcept { algorithms_ = algorithms; }
  Algorithms algorithms() const noexcept { return algorithms_; }
  // A key for other purposes, derived from the current one: keyed hashes of suppressed identifiers.
  std::string derived(std::string_view purpose) const;

 private:
  std::string current_;
  Algorithms algorithms_ = Algorithms::aes_gcm;
  std::map<std::string, std::string, std::less<>> keys_;
};

// Where the master key comes from, in this order: a systemd credential "huiliu-master-key"
// (CREDENTIALS_DIRECTORY), the file HUILIU_MASTER_KEY_FILE names, the variable HUILIU_MASTER_KEY. 64 hex
// digits a line; further lines are older keys, kept until a rotation ended. Empty ring: none is configured.
// Errors: config: a key that is not 64 hex digits, a file that others may read.
model::Result<KeyRing> master_keys();
// The keys in one such file.
model::Result<KeyRing> key_file(const std::string& path);

// AES-256-GCM under one key of 32 bytes, bound to the context: nonce, cipher text, tag. nullopt: another key
// or context, or changed bytes.
std::string encrypt_with(std::string_view key, std::string_view context, std::string_view plain);
std::optional<std::string> decrypt_with(std::string_view key, std::string_view context,
                                        std::string_view sealed);

model::Result<std::string> seal(const KeyRing& keys, std::string_view context, std::string_view secret);
// Errors: config (the key is not in the ring), data (changed, or sealed for another context).
model::Result<std::string> unseal(const KeyRing& keys, std::string_view context, std::string_view sealed);
// The same secret under the current key: only the wrapping of the data key changes, unless the ring seals
// with other algorithms by now.
model::Result<std::string> reseal(const KeyRing& keys, std::string_view context, std::string_view sealed);
// The id of the key that a sealed value needs.
std::string key_of(std::string_view sealed);

}  // namespace huiliu::crypt
