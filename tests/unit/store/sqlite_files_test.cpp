// What only a file can show; the contract itself stands in contract_*.cpp.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "hub/store/sqlite/backup.hpp"
#include "hub/store/sqlite/migrations.hpp"
#include "tests/unit/store/sqlite_place.hpp"

namespace huiliu::store::fakes {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

TEST(SqliteStore, FilesAreForTheirOwnerOnly) {
  SqlitePlace place;
  auto store = open_store(place.url(), test_schema(), OpenMode::owner);
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE((*store)->backup(place.backup_path()).ok());
  for (const char* suffix : {"", "-wal", "-shm", ".lock"})
    EXPECT_EQ(mode_of(place.path() + suffix), 0600u) << suffix;
  EXPECT_EQ(mode_of(place.backup_path()), 0600u);
  store->reset();
  ASSERT_EQ(::chmod(place.path().c_str(), 0644), 0);
  ASSERT_TRUE(open_store(place.url(), test_schema(), OpenMode::owner).ok());
  EXPECT_EQ(mode_of(place.path()), 0600u) << "tightened";
}

TEST(SqliteStore, TwoNamesOfOneFileAreOneStore) {
  SqlitePlace place;
  auto store = open_store(place.url(), test_schema(), OpenMode::owner);
  ASSERT_TRUE(store.ok());
  const auto other = place.path() + ".link";
  fs::create_symlink(place.path(), other);
  EXPECT_FALSE(open_store("sqlite:" + other, test_schema(), OpenMode::owner).ok());
}

TEST(SqliteStore, WrongOptionsAreRefused) {
  SqlitePlace place;
  for (const char* option : {"?max_pages=0", "?max_pages=x", "?cache_mb=-1", "?nonsense"})
    EXPECT_FALSE(open_store(place.url() + option, test_schema(), OpenMode::owner).ok()) << option;
}

TEST(SqliteStore, AStoreOfAnotherVersionIsMigratedAfterACopy) {
  SqlitePlace place;
  { ASSERT_TRUE(open_store(place.url(), test_schema(), OpenMode::owner).ok()); }
  const int version = sqlite::migrations().back().version;
  std::vector<sqlite::Migration> steps(sqlite::migrations().begin(), sqlite::migrations().end());
  steps.push_back({version + 1, "CREATE TABLE added(id INTEGER PRIMARY KEY); INSERT INTO added VALUES(1)"});
  steps.push_back({version + 2, "INSERT INTO added VALUES(2)"});
  {
    sqlite::Database database(place.path(), sqlite::Database::Access::write, 1024);
    ASSERT_TRUE(sqlite::migrate(database, place.path(), steps).ok());
    EXPECT_EQ(sqlite::file_version(database, place.path(), steps).value(), version + 2);
    auto rows = database.query("SELECT count(*) FROM added");
    ASSERT_TRUE(rows.step());
    EXPECT_EQ(rows.integer(0), 2);
  }
  const auto copy = place.path() + ".before-v" + std::to_string(version);
  EXPECT_TRUE(sqlite::verify_file(copy).ok()) << "the copy is a store of the old version";
  EXPECT_FALSE(open_store(place.url(), test_schema(), OpenMode::owner).ok())
      << "no way back, except by the copy";
}

TEST(SqliteStore, AFailingMigrationLeavesTheStoreAsItWas) {
  SqlitePlace place;
  { ASSERT_TRUE(open_store(place.url(), test_schema(), OpenMode::owner).ok()); }
  const int version = sqlite::migrations().back().version;
  std::vector<sqlite::Migration> steps(sqlite::migrations().begin(), sqlite::migrations().end());
  steps.push_back({version + 1, "CREATE TABLE added(id INTEGER PRIMARY KEY); INSERT INTO nowhere VALUES(1)"});
  {
    sqlite::Database database(place.path(), sqlite::Database::Access::write, 1024);
    EXPECT_THROW(static_cast<void>(sqlite::migrate(database, place.path(), steps)), sync::StorageFailure);
  }
  auto store = open_store(place.url(), test_schema(), OpenMode::owner);
  ASSERT_TRUE(store.ok()) << store.error().text();
  EXPECT_TRUE((*store)->check().value().empty());
}

}  // namespace

}  // namespace huiliu::store::fakes
