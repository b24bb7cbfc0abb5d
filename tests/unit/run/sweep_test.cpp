// Deletions that a system's changes do not tell of, found by comparing keys.
#include "hub/run/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string key(int number) { return std::to_string(1000 + number); }

class Sweep : public ::testing::Test {
 protected:
  Sweep() : world({{"erp", "erp"}, {"crm", "crm", "never", "", "C", false}}) {
    world.add_companies(100);
    world.settle();
  }
  std::size_t gone() { return world.reviews(sync::ReviewKind::change).size(); }
  FakeWorld world;
};

TEST_F(Sweep, FindsWhatTheChangesHideOnceADay) {
  world.system("crm").erase(key(5));
  world.system("crm").erase(key(50));
  world.cycle();
  EXPECT_EQ(gone(), 0U) << "nothing told of it";
  world.clock.advance(25 * 3600 * model::second);
  const int before = world.system("crm").lookups;
  world.cycle();
  EXPECT_EQ(gone(), 2U);
  EXPECT_EQ(world.system("crm").lookups, before + 1) << "only what is missing is looked up";
  world.cycle();
  EXPECT_EQ(gone(), 2U);
}

TEST_F(Sweep, FindsWhatWasOverlookedToo) {
  // A record that slipped through between two pages: there, but in no change that we saw.
  world.system("crm").shows = [](const std::string& shown) { return shown != "5000"; };
  world.system("crm").put("5000",
                          {{"Name", "烟台海角渔具有限公司"}, {"Code", ""}, {"Phone", ""}, {"Web", ""}});
  world.cycle();
  world.system("crm").shows = {};
  CycleOptions sweep;
  sweep.sweep = true;
  world.cycle(sweep);
  bool known = false;
  ASSERT_TRUE(world.workspace.store
                  ->read([&](store::Snapshot& snapshot) -> model::Status {
                    known = snapshot.load_replica({"crm", "customers", "5000"}).has_value();
                    return {};
                  })
                  .ok());
  EXPECT_TRUE(known);
}

// Where the system answers for ranges of keys.
class SweepByRanges : public ::testing::Test {
 protected:
  static constexpr int companies = 4500;
  SweepByRanges() : world({{"crm", "crm", "never", "", "C", false}}) {
    world.system("crm").page = 500;
    world.system("crm").answers_ranges = true;
    world.add_companies(companies);
    world.cycle();
    sweep.sweep = true;
  }
  std::size_t gone() { return world.reviews(sync::ReviewKind::change).size(); }
  FakeSystem& crm() { return world.system("crm"); }
  FakeWorld world;
  CycleOptions sweep;
};

TEST_F(SweepByRanges, FindsDeletionsWithoutListingTheKeys) {
  const int reads = crm().reads;
  world.cycle(sweep);
  EXPECT_EQ(crm().ranges, 1) << "nothing is gone";
  crm().erase(key(4499));  // the last one
  world.cycle(sweep);
  EXPECT_EQ(gone(), 1U);
  EXPECT_LT(crm().ranges, 8);
  EXPECT_EQ(crm().reads, reads + 2) << "of changes only";
  const int ranges = crm().ranges;
  world.cycle(sweep);
  EXPECT_EQ(crm().ranges, ranges + 1) << "what is gone is not looked for again";
}

TEST_F(SweepByRanges, ListsTheKeysOnceAWeek) {
  // One was overlooked and one deleted: they make up for each other.
  crm().shows = [](const std::string& shown) { return shown != "1005"; };
  world.cycle();
  world.clock.advance(8 * 24 * 3600 * model::second);
  crm().erase(key(17));
  const int ranges = crm().ranges;
  world.cycle(sweep);
  EXPECT_EQ(crm().ranges, ranges);
  EXPECT_EQ(gone(), 1U);
}

TEST_F(SweepByRanges, ManyDeletionsAreListedAndStopAtTheBrake) {
  for (int i = 0; i < companies; i += 2) crm().erase(key(i));
  world.cycle(sweep);
  EXPECT_EQ(gone(), 0U);
  EXPECT_THAT(world.reviews(sync::ReviewKind::brake), SizeIs(1));
  EXPECT_LT(crm().ranges, 12) << "given up soon";
}

TEST_F(Sweep, ManyMissingKeysAreAQuestionAndNoneIsBelieved) {
  for (int i = 0; i < 60; ++i) world.system("crm").erase(key(i));
  CycleOptions sweep;
  sweep.sweep = true;
  const int before = world.system("crm").lookups;
  world.cycle(sweep);
  EXPECT_EQ(gone(), 0U);
  ASSERT_THAT(world.reviews(sync::ReviewKind::brake), SizeIs(1));
  EXPECT_EQ(world.system("crm").lookups, before);
  world.decide(world.reviews(sync::ReviewKind::brake).front().id, "release");
  world.cycle(sweep);
  EXPECT_EQ(gone(), 60U);
}

TEST_F(Sweep, AStreamThatTellsOfItsDeletionsIsNotSwept) {
  world.clock.advance(25 * 3600 * model::second);
  EXPECT_TRUE(sweep_is_due(world.workspace, "crm", "customers"));
  EXPECT_FALSE(sweep_is_due(world.workspace, "erp", "customers"));
}

TEST_F(Sweep, DriftIsANumber) {
  world.system("erp").instead = [](const RecordToWrite& record) {
    WrittenRecord answer;
    answer.key = record.key;
    answer.outcome = sync::Outcome::deferred;
    return answer;
  };
  for (int i = 0; i < 7; ++i) world.system("crm").set(key(i), "Phone", "0532-6666000" + std::to_string(i));
  const CycleReport report = world.cycle();
  for (const store::RunStream& stream : world.ledger(report.run))
    EXPECT_EQ(stream.drift, stream.connection == "erp" ? 7 : 0) << stream.connection;
  world.system("erp").instead = {};
  world.settle();
  const CycleReport quiet = world.cycle();
  for (const store::RunStream& stream : world.ledger(quiet.run)) EXPECT_EQ(stream.drift, 0);
}

}  // namespace
}  // namespace huiliu::run::fakes
