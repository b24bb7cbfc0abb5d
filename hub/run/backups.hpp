// Backups that can forget: each may be sealed under a key of its own, kept beside the store
// (PATH.backup-keys, sealed by the master key), apart from the backups. When a person is erased, every backup
// that the hub's jobs keep is made anew without him, under a new key, and the old key is destroyed: copies of
// the old file that lie elsewhere cannot be read any more. So are those that a person made (`store backup`),
// as long as they lie where they were made: PATH.backups lists them.
#pragma once

#include <string>
#include <vector>

#include "hub/run/hub.hpp"

namespace huiliu::run {

// Seals the file in its place. `store`: the URL of the store whose backup it is.
model::Status seal_backup(const std::string& store, access::Keys& keys, const std::string& path,
                          model::Micros now);

// Remembers a backup that was made by hand: an erasure looks for it there.
model::Status note_backup(const std::string& store, const std::string& path);

// A backup as a plain file while this lives: the file itself, or a readable copy of a sealed one, in a
// directory that only this user may enter. Errors: config: its key is not (any more) in the list.
class OpenedBackup {
 public:
  static model::Result<OpenedBackup> open(const std::string& store, access::Keys& keys,
                                          const std::string& path);
  OpenedBackup(OpenedBackup&& other) noexcept;
  OpenedBackup& operator=(OpenedBackup&&) = delete;
  ~OpenedBackup();
  const std::string& path() const { return path_; }

 private:
  OpenedBackup() = default;
  std::string path_, scratch_;
};

// Makes every backup in the directories of the configuration's jobs, and every one made by hand that still
// lies in its place, anew without these persons; how many were. Keys of sealed ones that lie nowhere any more
// are destroyed: their copies elsewhere hold the persons. Errors: of the first that could not be; the others
// are done.
model::Result<std::int64_t> erase_from_backups(Hub& hub, const std::vector<std::string>& persons);

}  // namespace huiliu::run
