#include "hub/store/sqlite/sqlite_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "hub/store/search_text.hpp"
#include "hub/store/sqlite/audit.hpp"
#include "hub/store/sqlite/backup.hpp"
#include "hub/store/sqlite/check.hpp"
#include "hub/store/sqlite/group_commit.hpp"
#include "hub/store/sqlite/lock.hpp"
#include "hub/store/sqlite/migrations.hpp"
#include "hub/store/sqlite/read_pool.hpp"
#include "hub/store/sqlite/search_function.hpp"

namespace huiliu::store::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr const char* audit_head_suffix = ".audit-head";
constexpr std::int64_t writer_cache_mb = 32;
constexpr const char* interrupted_error = "the hub ended while this run was under way";

Micros wall_clock() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

model::Error wrong_file(const std::string& path, const char* what) {
  return model::make_error(model::ErrorClass::config, path + ": " + what + ": " + std::strerror(errno));
}

// One file has one name, or two owners could lock two names of it.
Result<std::string> real_path(const std::string& path) {
  std::error_code failed;
  auto real = fs::weakly_canonical(fs::absolute(path), failed);
  if (failed) return model::make_error(model::ErrorClass::config, path + ": " + failed.message());
  if (fs::is_directory(real, failed))
    return model::make_error(model::ErrorClass::config, path + " is a directory");
  return real.string();
}

// Exists afterwards, for its owner only. SQLite gives its log the same mode. An existing file is not opened
// here: to close it would end the locks that SQLite may hold on it elsewhere in this process.
Status make_private(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if ((status.st_mode & 077) == 0 || ::chmod(path.c_str(), 0600) == 0) return {};
    return wrong_file(path, "cannot restrict its mode to 0600");
  }
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) return wrong_file(path, "cannot create");
  ::close(file);
  return {};
}

std::int64_t load_generation(Database& database) {
  auto q = database.query("SELECT value FROM value WHERE space='store' AND key='generation'");
  return q.step() ? std::stoll(q.text(0)) : 0;
}

void save_store_value(Database& database, const std::string& key, const std::string& value) {
  database
      .query(
          "INSERT INTO value(space, key, value) VALUES('store', ?, ?)"
          " ON CONFLICT(space, key) DO UPDATE SET value=excluded.value")
      .bind(key, Blob{value})
      .run();
}

// A new owner: a new generation, and nothing is running yet.
std::int64_t begin_ownership(Database& database) {
  database.exec("BEGIN IMMEDIATE");
  const auto generation = load_generation(database) + 1;
  save_store_value(database, "generation", std::to_string(generation));
  database.query("UPDATE run SET state=3, ended=?, error=? WHERE state=0")
      .bind(wall_clock(), interrupted_error)
      .run();
  database.exec("COMMIT");
  return generation;
}

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string path, const model::Schema& schema)
      : path_(std::move(path)), schema_(schema), anchor_(path_ + audit_head_suffix), readers_(path_) {}

  Status open_owner(const StoreUrl& url) {
    HUILIU_ASSIGN(const auto cache_mb, url.number("cache_mb", writer_cache_mb));
    HUILIU_ASSIGN(const auto max_pages, url.number("max_pages", 0x7ffffffe));
    HUILIU_ASSIGN(lock_, OwnerLock::take(path_));
    HUILIU_TRY(make_private(path_));
    writer_ = std::make_unique<Database>(path_, Database::Access::write, static_cast<int>(cache_mb * 1024));
    // Refuse before anything is changed.
    HUILIU_TRY(file_version(*writer_, path_, migrations()));
    // Match keys and record keys fall anywhere in their trees, so a commit writes about a page for each of
    // them: small pages halve what a large store writes, and what a transaction keeps in memory.
    writer_->exec(
        "PRAGMA page_size=4096; PRAGMA auto_vacuum=NONE; PRAGMA journal_mode=WAL;"
        "PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=67108864; PRAGMA max_page_count=" +
        std::to_string(max_pages));
    HUILIU_TRY(migrate(*writer_, path_, migrations()));
    add_search_function(*writer_);
    generation_ = begin_ownership(*writer_);
    sync_directory_of(path_);
    renew_search_index();
    commits_ = std::make_unique<GroupCommit>(*writer_, schema_);
    // A note that cannot be written leaves the older one; `audit verify` still finds everything up to it.
    commits_->on_commit([this] { static_cast<void>(anchor_.note(audit_head(*writer_)).ok()); });
    return {};
  }

  // Once after an upgrade that indexes text otherwise.
  void renew_search_index() {
    const std::string wanted = std::to_string(search_rules_version);
    {
      auto q = writer_->query("SELECT value FROM value WHERE space='store' AND key='search_rules'");
      if (q.step() && q.view(0) == wanted) return;
    }
    writer_->exec("BEGIN IMMEDIATE");
    writer_->exec(
        "INSERT INTO golden_gram(golden_gram) VALUES('delete-all'); DELETE FROM golden_scope;"
        "UPDATE golden_search SET scopes=''; UPDATE search_index SET indexed_to=0");
    Goldens goldens(*writer_, schema_);
    GoldenId after;
    do after = goldens.rebuild_search(after, 5000);
    while (!after.empty());
    save_store_value(*writer_, "search_rules", wanted);
    writer_->exec("COMMIT");
  }

  Status open_reader() {
    if (!fs::exists(path_))
      return model::make_error(model::ErrorClass::not_found, "there is no store at " + path_);
    return readers_.with_connection([&](Database& database) -> Status {
      HUILIU_ASSIGN(const int version, file_version(database, path_, migrations()));
      if (version != migrations().back().version)
        return model::make_error(model::ErrorClass::config,
                                 path_ + " is of an older version: `huiliu serve` brings it up to date");
      generation_ = load_generation(database);
      return {};
    });
  }

  Status write(const std::function<Status(Transaction&)>& work) override {
    if (!commits_)
      return model::make_error(model::ErrorClass::config, "the store was opened for reading only");
    return commits_->write(work);
  }

  Status read(const std::function<Status(Snapshot&)>& work) override {
    return readers_.read([&](Database& database) -> Status {
      Session session(database, schema_, Session::Access::read);
      return work(session);
    });
  }

  std::int64_t generation() const override { return generation_; }

  Result<Stats> stats() override {
    Stats stats;
    HUILIU_TRY(readers_.read([&](Database& database) -> Status {
      stats.version = migrations().back().version;
      stats.generation = load_generation(database);
      stats.tables = table_stats(database);
      return {};
    }));
    std::error_code missing;
    stats.bytes = static_cast<std::int64_t>(fs::file_size(path_, missing));
    const auto log_bytes = fs::file_size(path_ + "-wal", missing);
    stats.log_bytes = missing ? 0 : static_cast<std::int64_t>(log_bytes);
    return stats;
  }

  Result<std::vector<Finding>> check(const std::vector<Check>& more) override {
    std::vector<Finding> findings;
    auto read = readers_.read([&](Database& database) -> Status {
      check_database(database, schema_, findings);
      Session session(database, schema_, Session::Access::read);
      for (const auto& check : more) HUILIU_TRY(check(session, findings));
      return {};
    });
    // A file that cannot be read through is what a check is there to find.
    if (!read.ok() && read.error().error_class != model::ErrorClass::data) return read.error();
    if (!read.ok()) findings.push_back({"damaged", read.error().text()});
    return findings;
  }

  Result<AuditReport> verify_audit(const std::optional<AuditHead>& witness) override {
    AuditReport report;
    HUILIU_TRY(readers_.read([&](Database& database) -> Status {
      report = sqlite::verify_audit(database, AuditAnchor::read(path_ + audit_head_suffix), witness);
      return {};
    }));
    return report;
  }

  Status scrub() override {
    if (!commits_)
      return model::make_error(model::ErrorClass::config, "the store was opened for reading only");
    return commits_->exclusively([](Database& database) {
      database.exec("INSERT INTO golden_gram(golden_gram) VALUES('optimize')");
      database.exec("VACUUM");
      auto q = database.query("PRAGMA wal_checkpoint(TRUNCATE)");
      if (q.step() && q.integer(0) != 0)
        throw sync::StorageFailure("the log cannot be emptied while somebody reads the store; try again");
    });
  }

  Status backup(const std::string& path) override {
    return readers_.with_connection(
        [&](Database& database) { return back_up(database, path, Existing::refuse); });
  }

 private:
  const std::string path_;
  const model::Schema& schema_;
  std::int64_t generation_ = 0;
  // In this order: the lock goes last, after the writer has closed the file.
  std::unique_ptr<OwnerLock> lock_;
  std::unique_ptr<Database> writer_;
  AuditAnchor anchor_;
  std::unique_ptr<GroupCommit> commits_;
  ReadPool readers_;
};

template <class Work>
auto located(const std::string& path, Work&& work) -> decltype(work()) {
  try {
    auto result = work();
    if (!result.ok() && result.error().where.empty() &&
        result.error().message.find(path) == std::string::npos)
      result.error().where = path;
    return result;
  } catch (const sync::StorageFailure& failure) {
    auto error = to_error(failure);
    error.where = path;
    return error;
  }
}

// The first name PATH.before-restore-N that is free.
std::string spare_name(const std::string& path) {
  for (int number = 1;; ++number) {
    auto name = path + ".before-restore-" + std::to_string(number);
    if (!fs::exists(name)) return name;
  }
}

// Moves the file with its log; the log holds commits that the file may lack.
Status set_aside(const std::string& path) {
  if (!fs::exists(path)) return {};
  const auto spare = spare_name(path);
  for (const char* suffix : {"-wal", "-shm", audit_head_suffix, ""}) {
    std::error_code failed;
    if (fs::exists(path + suffix)) fs::rename(path + suffix, spare + suffix, failed);
    if (failed) return model::make_error(model::ErrorClass::config, path + suffix + ": " + failed.message());
  }
  return {};
}

std::int64_t generation_of_file(const std::string& path) {
  try {
    Database database(path, Database::Access::read, 1024);
    return load_generation(database);
  } catch (const sync::StorageFailure&) {
    return 0;  // not there, or damaged: that is why a backup is put in its place
  }
}

}  // namespace

Result<std::unique_ptr<Store>> open(const StoreUrl& url, const model::Schema& schema, OpenMode mode) {
  HUILIU_ASSIGN(const std::string path, real_path(url.path));
  return located(path, [&]() -> Result<std::unique_ptr<Store>> {
    auto store = std::make_unique<SqliteStore>(path, schema);
    HUILIU_TRY(mode == OpenMode::owner ? store->open_owner(url) : store->open_reader());
    return std::unique_ptr<Store>(std::move(store));
  });
}

Status restore(const StoreUrl& url, const model::Schema&, const std::string& backup) {
  HUILIU_ASSIGN(const std::string path, real_path(url.path));
  return located(path, [&]() -> Status {
    HUILIU_ASSIGN(const auto lock, OwnerLock::take(path));
    HUILIU_TRY(verify_file(backup));
    const auto generation = generation_of_file(path);
    // The copy is complete and marked before it gets the store's name.
    const std::string part = path + ".restoring";
    {
      Database source(backup, Database::Access::read, 1024);
      HUILIU_TRY(back_up(source, part, Existing::replace));
      Database copy(part, Database::Access::write, 1024);
      copy.exec("BEGIN IMMEDIATE");
      save_store_value(copy, "generation", std::to_string(std::max(generation, load_generation(copy)) + 1));
      save_store_value(copy, "restored", std::to_string(wall_clock()));
      copy.exec("COMMIT");
    }
    HUILIU_TRY(set_aside(path));
    std::error_code failed;
    fs::rename(part, path, failed);
    if (failed) return model::make_error(model::ErrorClass::config, part + ": " + failed.message());
    sync_directory_of(path);
    return {};
  });
}

}  // namespace huiliu::store::sqlite
