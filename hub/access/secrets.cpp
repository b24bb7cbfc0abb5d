#include "hub/access/secrets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "hub/crypt/hash.hpp"

namespace huiliu::access {

using crypt::KeyRing;
using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

namespace {

constexpr const char* space = "secret";

std::string context_of(const std::string& name) { return "secret/" + name; }

bool good_secret_name(const std::string& name) {
  return !name.empty() && name.size() <= 100 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '/';
  });
}

std::vector<std::string> keys_in(const std::string& path) {
  std::vector<std::string> keys;
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line))
    if (!line.empty()) keys.push_back(line);
  return keys;
}

void audit(store::Transaction& transaction, const std::string& actor, const std::string& object, Value detail,
           Micros now) {
  store::AuditEntry entry;
  entry.at = now;
  entry.actor = actor;
  entry.action = "secret";
  entry.object = object;
  entry.detail = std::move(detail);
  transaction.add_audit(entry);
}

}  // namespace

Result<std::shared_ptr<const KeyRing>> Keys::load() {
  HUILIU_ASSIGN(KeyRing ring, crypt::master_keys());
  if (ring.empty() && !own_file_.empty() && ::access(own_file_.c_str(), F_OK) == 0) {
    HUILIU_ASSIGN(ring, crypt::key_file(own_file_));
  }
  ring.seal_with(algorithms_);
  ring_ = std::make_shared<const KeyRing>(std::move(ring));
  return ring_;
}

Result<std::shared_ptr<const KeyRing>> Keys::get() {
  const std::lock_guard lock(mutex_);
  if (ring_ != nullptr && !ring_->empty()) return ring_;
  return load();
}

Status Keys::write_own(const std::vector<std::string>& keys) const {
  const std::string part = own_file_ + ".new";
  const int file = ::open(part.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  std::string text;
  for (const std::string& key : keys) text += key + "\n";
  const bool written = file >= 0 &&
                       ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!written || std::rename(part.c_str(), own_file_.c_str()) != 0)
    return make_error(ErrorClass::config, "the master key cannot be written", own_file_);
  return {};
}

Result<std::shared_ptr<const KeyRing>> Keys::for_sealing() {
  {
    HUILIU_ASSIGN(const auto ring, get());
    if (!ring->empty() || own_file_.empty()) return ring;
  }
  const std::lock_guard lock(mutex_);
  if (ring_ != nullptr && !ring_->empty()) return ring_;
  HUILIU_TRY(write_own({crypt::to_hex(crypt::random_bytes(32))}));
  return load();
}

Result<std::shared_ptr<const KeyRing>> Keys::renew() {
  const std::lock_guard lock(mutex_);
  HUILIU_ASSIGN(const KeyRing configured, crypt::master_keys());
  if (configured.empty() && !own_file_.empty()) {
    std::vector<std::string> keys = keys_in(own_file_);
    keys.insert(keys.begin(), crypt::to_hex(crypt::random_bytes(32)));
    HUILIU_TRY(write_own(keys));
  }
  return load();
}

Result<bool> Keys::drop_older() {
  const std::lock_guard lock(mutex_);
  HUILIU_ASSIGN(const KeyRing configured, crypt::master_keys());
  if (!configured.empty() || own_file_.empty()) return false;
  std::vector<std::string> keys = keys_in(own_file_);
  if (keys.size() > 1) {
    keys.resize(1);
    HUILIU_TRY(write_own(keys));
  }
  HUILIU_TRY(load());
  return true;
}

Status Secrets::set(const std::string& name, const std::string& value, const std::string& actor, Micros now) {
  if (!good_secret_name(name))
    return make_error(ErrorClass::data, "a secret's name is 1 to 100 of a-z A-Z 0-9 . - _ /", "/name");
  if (value.empty() || value.size() > 65'536)
    return make_error(ErrorClass::data, "a secret has 1 to 65536 bytes", "/value");
  HUILIU_ASSIGN(const auto keys, keys_.for_sealing());
  HUILIU_ASSIGN(const std::string sealed, crypt::seal(*keys, context_of(name), value));
  return store_.write([&](store::Transaction& transaction) -> Status {
    const bool known = transaction.load_value(space, name).has_value();
    transaction.save_value(space, name, model::to_json(Object{{"sealed", sealed}, {"changed", now}}));
    audit(transaction, actor, name, Object{{"what", known ? "changed" : "added"}}, now);
    return {};
  });
}

Status Secrets::remove(const std::string& name, const std::string& actor, Micros now) {
  return store_.write([&](store::Transaction& transaction) -> Status {
    if (!transaction.load_value(space, name))
      return make_error(ErrorClass::not_found, "there is no secret \"" + name + "\"");
    transaction.erase_value(space, name);
    audit(transaction, actor, name, Object{{"what", "removed"}}, now);
    return {};
  });
}

Result<std::string> Secrets::get(const std::string& name) {
  std::optional<std::string> kept;
  HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
    kept = snapshot.load_value(space, name);
    return {};
  }));
  if (!kept)
    return make_error(ErrorClass::config, "there is no secret \"" + name + "\"; huiliu secret set " + name);
  HUILIU_ASSIGN(const Value value, model::parse_json(*kept));
  HUILIU_ASSIGN(const auto keys, keys_.get());
  return crypt::unseal(*keys, context_of(name), value["sealed"].to_text());
}

Result<std::vector<SecretInfo>> Secrets::list() {
  std::vector<SecretInfo> secrets;
  HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
    for (const auto& [name, text] : snapshot.list_values(space)) {
      HUILIU_ASSIGN(const Value kept, model::parse_json(text));
      const model::Number* changed = kept["changed"].if_number();
      secrets.push_back({name, crypt::key_of(kept["sealed"].to_text()),
                         changed == nullptr ? 0 : changed->to_int64().value_or(0)});
    }
    return {};
  }));
  return secrets;
}

Result<Secrets::Rotated> Secrets::rotate(const std::string& actor, Micros now) {
  HUILIU_TRY(keys_.for_sealing());
  HUILIU_ASSIGN(const auto keys, keys_.renew());
  Rotated rotated;
  rotated.key = keys->current();
  // What holds sealed texts: the member, and the context that it was sealed for.
  struct Place {
    const char *space, *member, *context;
  };
  for (const Place& place : {Place{space, "sealed", "secret/"}, Place{"account", "totp", "totp/"},
                             Place{"account", "totp_new", "totp/"}, Place{"key", "sealed", "key/"}}) {
    std::vector<std::string> names;
    HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
      for (const auto& [name, text] : snapshot.list_values(place.space)) names.push_back(name);
      return {};
    }));
    constexpr std::size_t batch = 500;
    for (std::size_t from = 0; from < names.size(); from += batch)
      HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
        for (std::size_t i = from; i < std::min(names.size(), from + batch); ++i) {
          const auto text = transaction.load_value(place.space, names[i]);
          if (!text) continue;
          HUILIU_ASSIGN(Value kept, model::parse_json(*text));
          const std::string sealed = kept[place.member].to_text();
          if (sealed.empty() || crypt::key_of(sealed) == keys->current()) continue;
          HUILIU_ASSIGN(const std::string fresh, crypt::reseal(*keys, place.context + names[i], sealed));
          kept.as_object().set(place.member, fresh);
          transaction.save_value(place.space, names[i], model::to_json(kept));
          ++rotated.moved;
        }
        return {};
      }));
  }
  HUILIU_ASSIGN(rotated.older_dropped, keys_.drop_older());
  HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
    audit(transaction, actor, "master key",
          Object{{"what", "rotated"}, {"moved", rotated.moved}, {"key", rotated.key}}, now);
    return {};
  }));
  return rotated;
}

}  // namespace huiliu::access
