#include "hub/run/backups.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <utility>

#include "hub/crypt/hash.hpp"
#include "hub/crypt/sealed_file.hpp"
#include "hub/run/housekeeping.hpp"
#include "hub/run/privacy.hpp"
#include "hub/store/url.hpp"

namespace huiliu::run {
namespace {

namespace fs = std::filesystem;
using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

std::string key_context(const std::string& id) { return "backup/" + id; }

// The list of keys: [{"id","made","key": sealed by the master key}].
class KeyList {
 public:
  explicit KeyList(const std::string& store) : path_(store::file_of(store) + ".backup-keys") {}

  Status load() {
    std::ifstream file(path_, std::ios::binary);
    if (!file) return {};
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    HUILIU_ASSIGN(Value value, model::parse_json(text));
    Array* list = value.if_array();
    if (list == nullptr) return make_error(ErrorClass::data, "is no list of backup keys", path_);
    keys_ = std::move(*list);
    return {};
  }
  const Value* find(const std::string& id) const {
    for (const Value& key : keys_)
      if (key["id"].to_text() == id) return &key;
    return nullptr;
  }
  void add(Value key) { keys_.push_back(std::move(key)); }
  void remove(const std::string& id) {
    std::erase_if(keys_, [&](const Value& key) { return key["id"].to_text() == id; });
  }
  // Overwritten in place after the new list stands: the old bytes of a destroyed key do not stay in a freed
  // file.
  Status save() const {
    const std::string text = model::to_json(Value(keys_)) + "\n", fresh = path_ + ".new";
    std::error_code ignored;
    fs::remove(fresh, ignored);
    const int file = ::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    bool good = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                ::fsync(file) == 0;
    if (file >= 0) ::close(file);
    const int old = good ? ::open(path_.c_str(), O_WRONLY | O_CLOEXEC) : -1;
    good = good && std::rename(fresh.c_str(), path_.c_str()) == 0;
    if (old >= 0 && good) {
      const std::string zeros(fs::file_size(path_, ignored) + 65'536, '\0');
      good = ::write(old, zeros.data(), zeros.size()) >= 0 && ::fsync(old) == 0;
    }
    if (old >= 0) ::close(old);
    return good ? Status() : Status(make_error(ErrorClass::config, "cannot be written", path_));
  }
  // Keys of other files than these.
  void keep_only(const std::set<std::string>& ids) {
    std::erase_if(keys_, [&](const Value& key) { return !ids.contains(key["id"].to_text()); });
  }
  std::size_t size() const { return keys_.size(); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Array keys_;
};

// Whoever changes the list of keys does it alone: within the process, and among processes.
class KeysLock {
 public:
  explicit KeysLock(const std::string& store)
      : lock_(mutex()),
        file_(::open((store::file_of(store) + ".backup-keys.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC,
                     0600)) {
    if (file_ >= 0) ::flock(file_, LOCK_EX);
  }
  KeysLock(const KeysLock&) = delete;
  KeysLock& operator=(const KeysLock&) = delete;
  ~KeysLock() {
    if (file_ >= 0) ::close(file_);
  }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
  int file_;
};

Result<std::string> private_directory() {
  std::string name = (fs::temp_directory_path() / "huiliu-backup-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return make_error(ErrorClass::retry, "no temporary directory can be made");
  return name;
}

// The content of `from` sealed under a new key in the place of `path`; the key of what stood there is
// destroyed.
Status replace_sealed(const std::string& store, access::Keys& keys, const std::string& from,
                      const std::string& path, model::Micros now) {
  const KeysLock lock(store);
  KeyList list(store);
  HUILIU_TRY(list.load());
  const auto before = crypt::sealed_file_key(path);
  const std::string id = crypt::to_hex(crypt::random_bytes(8)), key = crypt::random_bytes(32);
  HUILIU_ASSIGN(const auto ring, keys.for_sealing());
  HUILIU_ASSIGN(const std::string sealed, crypt::seal(*ring, key_context(id), key));
  list.add(Object{{"id", id}, {"made", model::to_rfc3339(now)}, {"key", sealed}});
  HUILIU_TRY(list.save());  // a file whose key is not kept would be lost
  const std::string part = path + ".part";
  std::error_code error;
  fs::remove(part, error);
  HUILIU_TRY(crypt::seal_file(key, id, from, part));
  fs::rename(part, path, error);
  if (error) return make_error(ErrorClass::config, "cannot be replaced", path);
  if (!before) return {};
  list.remove(*before);
  return list.save();
}

std::string list_of_backups(const std::string& store) { return store::file_of(store) + ".backups"; }

// Made by hand, and still there.
std::set<std::string> made_by_hand(const std::string& store) {
  std::set<std::string> found;
  std::ifstream list(list_of_backups(store));
  std::error_code gone;
  for (std::string line; std::getline(list, line);)
    if (!line.empty() && fs::is_regular_file(line, gone)) found.insert(line);
  return found;
}

// Copies that serve nothing but a look back: of the store before an upgrade, and backups that did not pass.
// They are of an older layout or damaged, cannot be made anew, and so they go.
Status remove_old_copies(Hub& hub) {
  const fs::path store = store::file_of(hub.options().store);
  std::vector<fs::path> old;
  const auto look = [&](const fs::path& directory, const auto& wanted) {
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(directory, missing))
      if (wanted(entry.path().filename().string())) old.push_back(entry.path());
  };
  if (!store.empty())
    look(fs::absolute(store).parent_path(), [&](const std::string& name) {
      const std::string own = store.filename().string();
      return name.starts_with(own + ".before-v") || name.starts_with(own + ".before-restore-");
    });
  for (const config::JobConfig& job : hub.config().jobs)
    if (job.work == config::JobConfig::Work::backup)
      look(job.backup.directory, [](const std::string& name) { return name.ends_with(".db.unsound"); });
  for (const fs::path& file : old) {
    std::error_code error;
    fs::remove(file, error);
    if (error) return make_error(ErrorClass::config, "cannot be removed: " + error.message(), file.string());
  }
  return {};
}

// What lies nowhere any more cannot be made anew: nobody reads its copies from now on.
Status destroy_keys_of_moved(const std::string& store, const std::set<std::string>& files) {
  std::set<std::string> ids;
  for (const std::string& file : files)
    if (const auto id = crypt::sealed_file_key(file)) ids.insert(*id);
  const KeysLock lock(store);
  KeyList list(store);
  HUILIU_TRY(list.load());
  const std::size_t before = list.size();
  list.keep_only(ids);
  return list.size() == before ? Status() : list.save();
}

Status erase_from(Hub& hub, const std::string& path, const std::vector<std::string>& persons) {
  const std::string& url = hub.options().store;
  const bool sealed = crypt::sealed_file_key(path).has_value();
  HUILIU_ASSIGN(const OpenedBackup backup, OpenedBackup::open(url, hub.keys(), path));
  HUILIU_ASSIGN(const std::string scratch, private_directory());
  struct Remove {
    const std::string& directory;
    ~Remove() {
      std::error_code ignored;  // what cannot be removed is only for this user's eyes
      fs::remove_all(directory, ignored);
    }
  } const remove{scratch};
  const std::string copy = "sqlite:" + scratch + "/store.db", clean = scratch + "/clean.db";
  HUILIU_TRY(store::restore_store(copy, hub.config().schema, backup.path()));
  bool any = false;
  {
    HUILIU_ASSIGN(const auto store, store::open_store(copy, hub.config().schema, store::OpenMode::owner));
    for (const std::string& person : persons) {
      HUILIU_ASSIGN(const bool there, forget_in(*store, hub.config().schema, person));
      any = any || there;
    }
    if (!any) return {};
    HUILIU_TRY(store->scrub());
    HUILIU_TRY(store->backup(clean));
  }
  if (sealed) return replace_sealed(url, hub.keys(), clean, path, hub.clock().now());
  std::error_code error;
  fs::remove(path + ".part", error);
  fs::copy_file(clean, path + ".part", error);
  if (!error) fs::rename(path + ".part", path, error);
  return error ? Status(make_error(ErrorClass::config, "cannot be replaced", path)) : Status();
}

}  // namespace

Status seal_backup(const std::string& store, access::Keys& keys, const std::string& path, model::Micros now) {
  return replace_sealed(store, keys, path, path, now);
}

Status note_backup(const std::string& store, const std::string& path) {
  std::error_code unknown;  // then it is written as it was given
  const fs::path whole = fs::absolute(path, unknown);
  const std::string line = (unknown ? fs::path(path) : whole).lexically_normal().string() + "\n";
  const int file = ::open(list_of_backups(store).c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
  const bool written = file >= 0 &&
                       ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                       ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  return written ? Status()
                 : Status(make_error(ErrorClass::config, "cannot be written", list_of_backups(store)));
}

Result<OpenedBackup> OpenedBackup::open(const std::string& store, access::Keys& keys,
                                        const std::string& path) {
  OpenedBackup opened;
  opened.path_ = path;
  const auto id = crypt::sealed_file_key(path);
  if (!id) return opened;
  KeyList list(store);
  HUILIU_TRY(list.load());
  const Value* key = list.find(*id);
  if (key == nullptr)
    return make_error(ErrorClass::config,
                      "its key " + *id + " is not in " + list.path() +
                          ": it was destroyed by an erasure, or the list is not here; put the list there",
                      path);
  HUILIU_ASSIGN(const auto ring, keys.get());
  HUILIU_ASSIGN(const std::string plain, crypt::unseal(*ring, key_context(*id), (*key)["key"].to_text()));
  HUILIU_ASSIGN(opened.scratch_, private_directory());
  opened.path_ = opened.scratch_ + "/backup.db";
  HUILIU_TRY(crypt::unseal_file(plain, path, opened.path_));
  return opened;
}

OpenedBackup::OpenedBackup(OpenedBackup&& other) noexcept
    : path_(std::move(other.path_)), scratch_(std::exchange(other.scratch_, {})) {}

OpenedBackup::~OpenedBackup() {
  std::error_code ignored;  // only for this user's eyes all the same
  if (!scratch_.empty()) fs::remove_all(scratch_, ignored);
}

Result<std::int64_t> erase_from_backups(Hub& hub, const std::vector<std::string>& persons) {
  std::set<std::string> files = made_by_hand(hub.options().store);
  for (const config::JobConfig& job : hub.config().jobs) {
    if (job.work != config::JobConfig::Work::backup) continue;
    std::error_code missing;  // no backup was made yet
    for (const auto& entry : fs::directory_iterator(job.backup.directory, missing))
      if (is_backup_name(entry.path().filename().string())) files.insert(entry.path().string());
  }
  std::int64_t done = 0;
  Status failed;
  for (const std::string& file : files) {
    const Status erased = erase_from(hub, file, persons);
    if (erased.ok())
      ++done;
    else if (failed.ok())
      failed = erased;
  }
  // A backup that could not be made anew keeps its key, so that it can be the next time.
  for (const Status& each :
       {failed, remove_old_copies(hub), destroy_keys_of_moved(hub.options().store, files)})
    HUILIU_TRY(each);
  return done;
}

}  // namespace huiliu::run
