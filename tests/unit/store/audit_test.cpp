// The audit's chain: what was done to it behind the store's back is found.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "hub/store/store.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/store/contract.hpp"

namespace huiliu::store {
namespace {

namespace fs = std::filesystem;

class AuditOfAStore : public ::testing::Test {
 protected:
  AuditOfAStore() {
    std::string name = (fs::temp_directory_path() / "huiliu-audit-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
    directory_ = name;
    open();
    for (int i = 1; i <= 20; ++i) EXPECT_TRUE(add("line " + std::to_string(i)).ok());
  }
  ~AuditOfAStore() override {
    store_.reset();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  void open() {
    auto store = open_store("sqlite:" + file(), fakes::test_schema(), OpenMode::owner);
    ASSERT_TRUE(store.ok()) << store.error().text();
    store_ = std::move(*store);
  }
  std::string file() const { return (directory_ / "hub.db").string(); }
  Status add(const std::string& object, bool fail = false) {
    return store_->write([&](Transaction& transaction) -> Status {
      AuditEntry entry;
      entry.at = 1000;
      entry.actor = "chen";
      entry.action = "edit";
      entry.object = object;
      entry.detail = model::Object{{"fields", model::Array{"note"}}};
      transaction.add_audit(entry);
      return fail ? Status(model::make_error(model::ErrorClass::data, "taken back")) : Status();
    });
  }
  // As somebody with the file and SQLite would.
  void tamper(const std::string& sql) {
    store_.reset();
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(database);
    open();
  }
  // The codes that verifying finds.
  std::set<std::string> found(const std::optional<AuditHead>& witness = {}) {
    const auto report = store_->verify_audit(witness);
    EXPECT_TRUE(report.ok());
    std::set<std::string> codes;
    for (const Finding& finding : report->findings) codes.insert(finding.code);
    return codes;
  }
  fs::path directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(AuditOfAStore, IsWholeAndKeepsItsOrder) {
  EXPECT_EQ(found(), std::set<std::string>());
  const auto report = store_->verify_audit();
  EXPECT_EQ(report->entries, 20);
  EXPECT_EQ(report->head.sequence, 20);
  ASSERT_TRUE(store_
                  ->read([&](Snapshot& snapshot) -> Status {
                    const auto page = snapshot.list_audit({}, {"", 5});
                    EXPECT_EQ(page.front().sequence, 20);
                    EXPECT_EQ(snapshot.list_audit({}, {"16", 100}).size(), 15U);
                    EXPECT_EQ(snapshot.list_audit({{}, {}, "line 7", model::unknown_time}, {}).size(), 1U);
                    EXPECT_EQ(snapshot.list_audit({"chen", "edit", {}, model::unknown_time}, {}).size(), 20U);
                    EXPECT_EQ(snapshot.list_audit({"li", {}, {}, model::unknown_time}, {}).size(), 0U);
                    return {};
                  })
                  .ok());
}

TEST_F(AuditOfAStore, ALineGoesWithItsTransaction) {
  EXPECT_FALSE(add("never", true).ok());
  EXPECT_EQ(store_->verify_audit()->entries, 20);
  ASSERT_TRUE(add("after").ok());
  EXPECT_EQ(found(), std::set<std::string>());
  EXPECT_EQ(store_->verify_audit()->head.sequence, 21);
}

TEST_F(AuditOfAStore, FindsAnEditOfEveryColumn) {
  for (const char* change : {"at=at+1", "actor='li'", "action='read'", "object='other'", "detail='{}'",
                             "hash='00'", "previous='00'"}) {
    tamper("CREATE TABLE kept AS SELECT * FROM audit WHERE sequence=7; UPDATE audit SET " +
           std::string(change) + " WHERE sequence=7");
    EXPECT_FALSE(found().empty()) << change;
    tamper("DELETE FROM audit WHERE sequence=7; INSERT INTO audit SELECT * FROM kept; DROP TABLE kept");
    EXPECT_TRUE(found().empty()) << change;
  }
}

TEST_F(AuditOfAStore, FindsADeletedLine) {
  tamper("DELETE FROM audit WHERE sequence=7");
  EXPECT_TRUE(found().contains("deleted"));
}

TEST_F(AuditOfAStore, FindsDeletedLinesWhoseSuccessorsWereRenumbered) {
  tamper(
      "DELETE FROM audit WHERE sequence=7; UPDATE audit SET sequence=sequence-1 WHERE sequence>7;"
      "UPDATE audit_head SET sequence=19");
  EXPECT_TRUE(found().contains("edited"));
  EXPECT_TRUE(found().contains("moved"));
}

TEST_F(AuditOfAStore, FindsLinesThatChangedPlaces) {
  tamper(
      "UPDATE audit SET sequence=-7 WHERE sequence=7; UPDATE audit SET sequence=7 WHERE sequence=8;"
      "UPDATE audit SET sequence=8 WHERE sequence=-7");
  EXPECT_TRUE(found().contains("moved"));
}

TEST_F(AuditOfAStore, FindsACutTail) {
  tamper("DELETE FROM audit WHERE sequence>15");
  EXPECT_TRUE(found().contains("cut"));
}

TEST_F(AuditOfAStore, FindsACutTailWhoseHeadWasPutBack) {
  tamper(
      "DELETE FROM audit WHERE sequence>15; UPDATE audit_head SET sequence=15,"
      " hash=(SELECT hash FROM audit WHERE sequence=15)");
  EXPECT_TRUE(found().contains("cut")) << "the head was noted beside the store";
}

TEST_F(AuditOfAStore, AWitnessFindsWhatTheNoteNoLongerTells) {
  const AuditHead witness = store_->verify_audit()->head;
  tamper(
      "DELETE FROM audit WHERE sequence>15; UPDATE audit_head SET sequence=15,"
      " hash=(SELECT hash FROM audit WHERE sequence=15)");
  fs::remove(file() + ".audit-head");
  EXPECT_TRUE(found().contains("anchor"));
  ASSERT_TRUE(add("goes on").ok());
  EXPECT_FALSE(found().contains("cut")) << "who controls everything here is found only from outside";
  EXPECT_TRUE(found(witness).contains("cut"));
}

TEST_F(AuditOfAStore, AThousandMutationsAreAllFound) {
  std::uint64_t state = 42;
  const auto roll = [&](int below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int>((state >> 33U) % static_cast<std::uint64_t>(below));
  };
  tamper("CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head");
  store_.reset();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  const auto run = [&](const std::string& sql) {
    ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sql;
  };
  auto reader = open_store("sqlite:" + file(), fakes::test_schema(), OpenMode::reader);
  ASSERT_TRUE(reader.ok());
  for (int i = 0; i < tests::worlds(1000); ++i) {
    const std::string line = std::to_string(1 + roll(20));
    switch (roll(4)) {
      case 0:
        run("UPDATE audit SET detail=detail||' ' WHERE sequence=" + line);
        break;
      case 1:
        run("UPDATE audit SET at=at+" + std::to_string(1 + roll(1000)) + " WHERE sequence=" + line);
        break;
      case 2:
        run("DELETE FROM audit WHERE sequence=" + line);
        break;
      default:
        run("DELETE FROM audit WHERE sequence>=" + line);
    }
    const auto report = (*reader)->verify_audit();
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->findings.empty()) << i;
    run("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
  }
  sqlite3_close(database);
}

}  // namespace
}  // namespace huiliu::store
