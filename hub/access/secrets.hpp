// The hub's vault: secrets by name, sealed in the store, and the keys that seal them. A connection's settings
// name one as ${secret:NAME}. Threads: safe from any.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/crypt/seal.hpp"
#include "hub/store/store.hpp"

namespace huiliu::access {

// The master keys: as configured (crypt::master_keys), else a file of the hub's own beside the store
// (PATH.key, mode 600), made when the first secret is sealed.
class Keys {
 public:
  // `own_file`: "" when there is none; `algorithms`: of what is sealed from now on.
  explicit Keys(std::string own_file, crypt::Algorithms algorithms = crypt::Algorithms::aes_gcm)
      : own_file_(std::move(own_file)), algorithms_(algorithms) {}
  // May be empty: no key yet. Errors: as crypt::master_keys.
  model::Result<std::shared_ptr<const crypt::KeyRing>> get();
  // With a current key; made when there is none.
  model::Result<std::shared_ptr<const crypt::KeyRing>> for_sealing();
  // Reads them anew. Where the file is the hub's own: with a fresh current key before those that stood there.
  model::Result<std::shared_ptr<const crypt::KeyRing>> renew();
  // After everything was moved to the current key: the older ones leave the hub's own file. False: they stand
  // where the operator keeps them.
  model::Result<bool> drop_older();

 private:
  model::Result<std::shared_ptr<const crypt::KeyRing>> load();
  model::Status write_own(const std::vector<std::string>& keys) const;

  std::string own_file_;
  crypt::Algorithms algorithms_;
  std::mutex mutex_;
  std::shared_ptr<const crypt::KeyRing> ring_;
};

struct SecretInfo {
  std::string name, key;  // key: id of the master key
  model::Micros changed = 0;
};

class Secrets {
 public:
  Secrets(store::Store& store, Keys& keys) : store_(store), keys_(keys) {}

  // Errors: data: not a name; config: no master key.
  model::Status set(const std::string& name, const std::string& value, const std::string& actor,
                    model::Micros now);
  model::Status remove(const std::string& name, const std::string& actor, model::Micros now);
  model::Result<std::string> get(const std::string& name);
  model::Result<std::vector<SecretInfo>> list();

  // Moves every sealed value to the current key, a batch at a time, while all of them stay readable.
  struct Rotated {
    std::int64_t moved = 0;
    std::string key;
    bool older_dropped = false;
  };
  model::Result<Rotated> rotate(const std::string& actor, model::Micros now);

 private:
  store::Store& store_;
  Keys& keys_;
};

}  // namespace huiliu::access
