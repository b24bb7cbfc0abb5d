// The Nth change of a file fails, or the power goes with it, for every N: what was acknowledged is there,
// what was refused is not, and nothing is there by half.
#include <filesystem>

#include "tests/support/sanitized.hpp"
#include "tests/unit/store/faulty_files.hpp"
#include "tests/unit/store/sqlite_place.hpp"

namespace huiliu::store::fakes {
namespace {

constexpr int fault_writes = 4;

Status write_number(Store& store, int number) {
  return store.write([&](Transaction& t) {
    t.save(make_golden(number));
    t.save(make_replica("erp", std::to_string(number), golden_id(number)),
           {{"name", std::to_string(number)}});
    t.save_value("pair", std::to_string(number), "x");
    return Status();
  });
}

int traces(Snapshot& s, int number) {
  return (s.load_golden(golden_id(number)) ? 1 : 0) +
         (s.load_replica(ref_of("erp", std::to_string(number))) ? 1 : 0) +
         (s.load_value("pair", std::to_string(number)) ? 1 : 0);
}

enum class Fate { acknowledged, refused, in_doubt };

// Opens, writes, closes, with the fault at the `at`-th change; says what became of each write.
std::vector<Fate> run_with_fault(const SqlitePlace& place) {
  std::vector<Fate> fates(fault_writes, Fate::refused);
  auto opened = open_store(place.url(), test_schema(), OpenMode::owner);
  if (!opened.ok()) return fates;
  for (int number = 1; number <= fault_writes; ++number) {
    const auto status = write_number(**opened, number);
    auto& fate = fates[static_cast<std::size_t>(number - 1)];
    if (status.ok())
      fate = Fate::acknowledged;
    else if (status.error().error_class == model::ErrorClass::in_doubt)
      fate = Fate::in_doubt;
  }
  return fates;
}

void expect_as_said(const SqlitePlace& place, const std::vector<Fate>& fates, int at) {
  auto opened = open_store(place.url(), test_schema(), OpenMode::owner);
  ASSERT_TRUE(opened.ok()) << "after a fault at change " << at << ": " << opened.error().text();
  const auto status = (*opened)->read([&](Snapshot& s) {
    for (int number = 1; number <= fault_writes; ++number) {
      const int found = traces(s, number);
      switch (fates[static_cast<std::size_t>(number - 1)]) {
        case Fate::acknowledged:
          EXPECT_EQ(found, 3) << "write " << number << ", fault at change " << at;
          break;
        case Fate::refused:
          EXPECT_EQ(found, 0) << "write " << number << ", fault at change " << at;
          break;
        case Fate::in_doubt:
          EXPECT_TRUE(found == 0 || found == 3) << "write " << number << ", fault at change " << at;
      }
    }
    return Status();
  });
  EXPECT_TRUE(status.ok());
  const auto findings = (*opened)->check();
  ASSERT_TRUE(findings.ok()) << findings.error().text();
  EXPECT_TRUE(findings->empty()) << findings->front().message << ", fault at change " << at;
  EXPECT_TRUE(write_number(**opened, 1000).ok()) << "it goes on";
}

enum class Start { empty, existing };

// Returns after how many changes no fault came any more.
int sweep(Start start, FaultyFiles::Fault fault, int code) {
  constexpr int far_too_many = 2000;
  const SqlitePlace existing;
  if (start == Start::existing) {
    EXPECT_TRUE(open_store(existing.url(), test_schema(), OpenMode::owner).ok());
  }
  int at = 1;
  for (bool struck = true; struck && at < far_too_many && !::testing::Test::HasFailure();
       at += tests::sanitized ? 3 : 1) {
    const SqlitePlace place;
    if (start == Start::existing) std::filesystem::copy_file(existing.path(), place.path());
    FaultyFiles files;
    files.plan(fault, at, code);
    const auto fates = run_with_fault(place);
    struck = files.struck();
    files.plan(FaultyFiles::Fault::none, 0);
    if (fault == FaultyFiles::Fault::cut) files.restore_power();
    expect_as_said(place, fates, at);
  }
  EXPECT_LT(at, far_too_many);
  ::testing::Test::RecordProperty("changes", at);
  return at;
}

TEST(SqliteFaults, EveryChangeCanFail) {
  EXPECT_GT(sweep(Start::existing, FaultyFiles::Fault::fail, SQLITE_IOERR_WRITE), 50);
}

TEST(SqliteFaults, TheDiskCanBeFullAtEveryChange) {
  EXPECT_GT(sweep(Start::existing, FaultyFiles::Fault::fail, SQLITE_FULL), 50);
}

TEST(SqliteFaults, ThePowerCanGoAtEveryChange) {
  EXPECT_GT(sweep(Start::existing, FaultyFiles::Fault::cut, 0), 50);
}

TEST(SqliteFaults, ThePowerCanGoWhileTheStoreIsMade) {
  EXPECT_GT(sweep(Start::empty, FaultyFiles::Fault::cut, 0), 50);
}

TEST(SqliteFaults, AfterAFailedSyncNothingMoreIsWritten) {
  SqlitePlace place;
  FaultyFiles files;
  auto store = open_store(place.url(), test_schema(), OpenMode::owner);
  ASSERT_TRUE(store.ok());
  ASSERT_TRUE(write_number(**store, 1).ok());
  // The changes of one commit, counted by a commit: its last one is the sync of the log.
  bool in_doubt = false;
  for (int at = 1; at < 200 && !in_doubt; ++at) {
    files.plan(FaultyFiles::Fault::fail, at, SQLITE_IOERR_FSYNC);
    const auto status = write_number(**store, 1 + at);
    in_doubt = !status.ok() && status.error().error_class == model::ErrorClass::in_doubt;
  }
  ASSERT_TRUE(in_doubt);
  files.plan(FaultyFiles::Fault::none, 0);
  EXPECT_FALSE(write_number(**store, 500).ok()) << "the disk works again, but the log is not known";
  store->reset();
  store = open_store(place.url(), test_schema(), OpenMode::owner);
  ASSERT_TRUE(store.ok());
  EXPECT_TRUE(write_number(**store, 501).ok());
}

}  // namespace
}  // namespace huiliu::store::fakes
