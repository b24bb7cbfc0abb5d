// Files that fail when they are told to, below SQLite: a virtual file system over the real one.
//
// It counts every operation that changes a file (write, truncate, sync, delete). From the chosen one on:
//   fail   that one operation fails with a code, later ones work
//   cut    the power is gone: that one and all later ones fail, and restore_power() leaves of every file only
//   what was
//          synced before, as a disk with a cache would
// Made default for SQLite while it lives; one at a time.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <sqlite3.h>

namespace huiliu::store::fakes {

class FaultyFiles {
 public:
  enum class Fault { none, fail, cut };

  FaultyFiles();
  ~FaultyFiles();
  FaultyFiles(const FaultyFiles&) = delete;
  FaultyFiles& operator=(const FaultyFiles&) = delete;

  // The `at`-th changing operation from now on, counted from 1; code: what a single failure answers.
  void plan(Fault fault, int at, int code = SQLITE_IOERR_WRITE);
  // Did the planned operation come?
  bool struck() const;
  // After everything was closed: files are what was synced. Works normally afterwards.
  void restore_power();
  // While none is open: files were put in place behind its back, and are durable as they are.
  void forget();

  // For the functions of the virtual file system.
  int before_change();
  // The same for a change of the bytes [begin, end) of a file, which `synced` then makes durable.
  int before_change(const std::string& path, sqlite3_int64 begin, sqlite3_int64 end);
  void synced(const std::string& path, sqlite3_file* file);
  void deleted(const std::string& path);
  void opened(const std::string& path, sqlite3_file* file);

 private:
  mutable std::mutex mutex_;
  Fault fault_ = Fault::none;
  int countdown_ = 0;
  int code_ = 0;
  bool struck_ = false;
  struct KnownFile {
    std::string durable;                                           // content at the last sync
    std::vector<std::pair<sqlite3_int64, sqlite3_int64>> changed;  // parts of the file since then
  };
  std::map<std::string, KnownFile> known_;  // by path
  sqlite3_vfs vfs_{};
};

}  // namespace huiliu::store::fakes
