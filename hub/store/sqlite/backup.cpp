#include "hub/store/sqlite/backup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "hub/store/sqlite/migrations.hpp"

namespace huiliu::store::sqlite {
namespace {

constexpr int pages_per_step = 1024;
constexpr int small_cache_kb = 2048;

model::Error file_error(const std::string& path, const char* what, int error_number) {
  return model::make_error(model::ErrorClass::config,
                           path + ": " + what + ": " + std::strerror(error_number));
}

model::Status make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return file_error(path, "cannot create", errno);
  ::close(file);
  return {};
}

void copy_pages(Database& source, Database& target) {
  sqlite3_backup* copy = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
  if (copy == nullptr) target.fail(sqlite3_errcode(target.handle()), "starting a backup");
  int code = SQLITE_OK;
  while (code == SQLITE_OK) code = sqlite3_backup_step(copy, pages_per_step);
  const int finished = sqlite3_backup_finish(copy);
  if (code != SQLITE_DONE) source.fail(code, "backup");
  if (finished != SQLITE_OK) target.fail(finished, "backup");
}

model::Status sync_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return file_error(path, "cannot open", errno);
  const int failed = ::fsync(file) != 0 ? errno : 0;
  ::close(file);
  return failed != 0 ? model::Status(file_error(path, "cannot sync", failed)) : model::Status();
}

model::Status write_copy(Database& source, const std::string& part) {
  HUILIU_TRY(make_private_file(part));
  {
    // One read transaction from start to end: the copy is one moment, and never starts again because of a
    // writer.
    Database target(part, Database::Access::write, small_cache_kb);
    source.exec("BEGIN");
    try {
      auto pin = source.query("SELECT count(*) FROM sqlite_schema");
      pin.step();
      copy_pages(source, target);
    } catch (const sync::StorageFailure&) {
      source.exec("ROLLBACK");
      throw;
    }
    source.exec("COMMIT");
    // A copy is one file, without a log beside it.
    target.exec("PRAGMA journal_mode=DELETE");
  }
  HUILIU_TRY(verify_file(part));
  return sync_file(part);
}

}  // namespace

model::Status verify_file(const std::string& path) {
  try {
    Database database(path, Database::Access::read, small_cache_kb);
    HUILIU_ASSIGN(const int version, file_version(database, path, migrations()));
    if (version == 0) return model::make_error(model::ErrorClass::data, path + " is empty");
    auto q = database.query("PRAGMA integrity_check(10)");
    if (!q.step() || q.view(0) != "ok")
      return model::make_error(model::ErrorClass::data, path + " is damaged: " + q.text(0));
    return {};
  } catch (const sync::StorageFailure& failure) {
    auto error = to_error(failure);
    error.where = path;
    return error;
  }
}

void sync_directory_of(const std::string& path) {
  const auto parent = std::filesystem::absolute(path).parent_path();
  const int directory = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  // A file system that cannot sync a directory says EINVAL; nothing more can be done there.
  static_cast<void>(::fsync(directory));
  ::close(directory);
}

model::Status back_up(Database& source, const std::string& path, Existing existing) {
  std::error_code ignored;
  if (existing == Existing::refuse && std::filesystem::exists(path, ignored))
    return model::make_error(model::ErrorClass::config, path + " exists: a backup never replaces a file");
  const std::string part = path + ".part";
  std::filesystem::remove(part, ignored);
  model::Status written;
  try {
    written = write_copy(source, part);
  } catch (const sync::StorageFailure& failure) {
    written = to_error(failure);
  }
  if (!written.ok()) {
    std::filesystem::remove(part, ignored);
    return written;
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) return file_error(path, "cannot rename to", errno);
  sync_directory_of(path);
  return {};
}

}  // namespace huiliu::store::sqlite
