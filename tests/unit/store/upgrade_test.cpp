// Stores of every earlier layout open under this one: with what was in them, after a copy, and sound.
#include <cstdio>
#include <filesystem>

#include "hub/store/search_text.hpp"
#include "hub/store/sqlite/database.hpp"
#include "hub/store/sqlite/migrations.hpp"
#include "hub/sync/codec.hpp"
#include "tests/unit/store/sqlite_place.hpp"

namespace huiliu::store::fakes {
namespace upgrade_test {

constexpr int first_with_pieces = 4;  // the layout that indexes pieces of text

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
  const auto golden = make_golden(1, "深圳旧名商行");
  const auto body = sync::encode(golden, test_schema());
  const auto text = search_text(*test_schema().find("customer"), golden);
  database
      .query("INSERT INTO golden(gid, entity, redirect, created, changed) VALUES(?, 'customer', '', 1, 2)")
      .bind(golden.id)
      .run();
  database.query("INSERT INTO golden_body(id, body) VALUES(1, ?)").bind(body).run();
  database.query("INSERT INTO golden_search(id, entity, text) VALUES(1, 'customer', ?)").bind(text).run();
  database.exec("INSERT INTO golden_tally(entity, live, merged) VALUES('customer', 1, 0)");
  if (steps.back().version < first_with_pieces) return;
  const auto pieces = search_grams("cus", text);
  database.query("INSERT INTO golden_gram(rowid, gram) VALUES(1, ?)").bind(pieces).run();
  database.exec("UPDATE golden_search SET indexed=1");
  database.exec("INSERT INTO value(space, key, value) VALUES('store', 'search_rules', '1')");
}

void expect_found(Store& store, const std::string& text, const std::vector<GoldenId>& ids, int version) {
  const auto status = store.read([&](Snapshot& snapshot) -> Status {
    EXPECT_EQ(snapshot.search("customer", text, 9), ids) << version << " " << text;
    return {};
  });
  EXPECT_TRUE(status.ok());
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
    expect_found(**store, "旧名", {golden_id(1)}, version);
    ASSERT_TRUE((*store)
                    ->write([](Transaction& transaction) -> Status {
                      transaction.save_value("test", "a", "new");
                      transaction.save(make_golden(1, "深圳新名商行"));
                      transaction.save(make_golden(2, "深圳另名商行"));
                      return {};
                    })
                    .ok());
    expect_found(**store, "旧名", {}, version);
    expect_found(**store, "新名", {golden_id(1)}, version);
    expect_found(**store, "另名", {golden_id(2)}, version);
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
