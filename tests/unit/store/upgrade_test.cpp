// Stores of every earlier layout open under this one: with what was in them, after a copy, and sound.
#include <cstdio>
#include <filesystem>

#include "hub/store/sqlite/database.hpp"
#include "hub/store/sqlite/migrations.hpp"
#include "tests/unit/store/sqlite_place.hpp"

namespace huiliu::store::fakes {
namespace upgrade_test {

// What a hub of that version could have left behind.
void make_old_store(const std::string& path, std::span<const sqlite::Migration> steps) {
  std::fclose(std::fopen(path.c_str(), "w"));
  sqlite::Database database(path, sqlite::Database::Access::write, 2000);
  ASSERT_TRUE(sqlite::migrate(database, path, steps).ok());
  database.exec("INSERT INTO value(space, key, value) VALUES('test', 'a', x'6f6c64')");
  database.exec("INSERT INTO source(id, connection, stream, observed) VALUES(1, 'erp', 'customers', 1)");
  database.exec(
      "INSERT INTO run(rid, job, trigger, state, started, ended, error, pid, generation)"
      " VALUES('run_1', 'sync', 'person', 1, 1000, 2000, '', 1, 1)");
  database.exec(
      "INSERT INTO run_stream(run, source, read, changed, unchanged, duplicate, filtered, parked, dead, due,"
      " applied, already, stale, rejected, deferred, in_doubt, held) VALUES(1, 1, 7, 3, 4, 0, 0, 0, 0, 2, 2, "
      "0, 0, 0,"
      " 0, 0, 0)");
}

TEST(StoreUpgrade, EveryEarlierLayoutIsBroughtUpToDate) {
  const auto all = sqlite::migrations();
  ASSERT_GE(all.size(), 2U);
  for (std::size_t count = 1; count < all.size(); ++count) {
    const int version = all[count - 1].version;
    const SqlitePlace place;
    make_old_store(place.path(), all.first(count));
    auto store = open_store(place.url(), test_schema(), OpenMode::owner);
    ASSERT_TRUE(store.ok()) << version << ": " << store.error().text();
    EXPECT_EQ((*store)->stats()->version, all.back().version);
    ASSERT_TRUE((*store)
                    ->read([&](Snapshot& snapshot) -> Status {
                      EXPECT_EQ(snapshot.load_value("test", "a"), "old") << version;
                      const auto streams = snapshot.run_streams("run_1");
                      EXPECT_EQ(streams.size(), 1U) << version;
                      if (!streams.empty()) {
                        EXPECT_EQ(streams[0].read, 7) << version;
                        EXPECT_TRUE(streams[0].balanced()) << version;
                      }
                      return {};
                    })
                    .ok());
    ASSERT_TRUE((*store)
                    ->write([](Transaction& transaction) -> Status {
                      transaction.save_value("test", "a", "new");
                      return {};
                    })
                    .ok());
    const auto findings = (*store)->check();
    ASSERT_TRUE(findings.ok());
    EXPECT_TRUE(findings->empty()) << version << ": " << findings->front().message;
    // The copy that was made before is the store of then.
    const std::string before = place.path() + ".before-v" + std::to_string(version);
    ASSERT_TRUE(std::filesystem::exists(before)) << version;
    sqlite::Database copy(before, sqlite::Database::Access::read, 2000);
    EXPECT_EQ(*sqlite::file_version(copy, before, all), version);
    auto value = copy.query("SELECT value FROM value WHERE key='a'");
    ASSERT_TRUE(value.step());
    EXPECT_EQ(value.text(0), "old");
  }
}

}  // namespace upgrade_test
}  // namespace huiliu::store::fakes
