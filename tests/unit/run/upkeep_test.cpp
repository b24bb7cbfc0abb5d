// What goes with time, and what stays.
#include "hub/run/upkeep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace {

constexpr model::Micros day = 24 * 3600 * model::second;

class Upkeep : public ::testing::Test {
 protected:
  Upkeep() {
    world.add_companies(20);
    world.settle();
  }
  Upkept keep() {
    const auto kept = keep_up(world.workspace);
    EXPECT_TRUE(kept.ok());
    return kept.ok() ? *kept : Upkept{};
  }
  std::size_t runs() {
    std::size_t count = 0;
    EXPECT_TRUE(world.workspace.store
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      count = snapshot.list_runs({}, {{}, 1000}).size();
                      return {};
                    })
                    .ok());
    return count;
  }
  FakeWorld world;
};

TEST_F(Upkeep, RunsOfMoreThanAYearAgoGo) {
  const std::size_t before = runs();
  ASSERT_GT(before, 0U);
  world.clock.advance(200 * day);
  world.cycle();
  EXPECT_EQ(runs(), before + 1);
  world.clock.advance(201 * day);
  world.cycle();
  EXPECT_EQ(runs(), 2U) << "the one of half a year ago, and this one";
}

TEST_F(Upkeep, OnceADay) {
  world.clock.advance(401 * day);
  EXPECT_GT(keep().runs, 0);
  world.clock.advance(3600 * model::second);
  EXPECT_EQ(keep().runs, 0);
}

TEST_F(Upkeep, TheBodyOfADeletedRecordGoesWhenNoFeedRemembersIt) {
  world.system("crm").erase("1003");
  CycleOptions full;
  full.full = true;
  world.cycle(full);
  const auto raw = [&] {
    std::string body;
    EXPECT_TRUE(world.workspace.store
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      const auto replica = snapshot.load_replica({"crm", "customers", "1003"});
                      EXPECT_TRUE(replica && replica->gone);
                      body = replica ? replica->raw : std::string();
                      return {};
                    })
                    .ok());
    return body;
  };
  world.clock.advance(300 * day);
  keep();
  EXPECT_FALSE(raw().empty());
  world.clock.advance(101 * day);
  EXPECT_EQ(keep().deleted, 1);
  EXPECT_TRUE(raw().empty());
}

}  // namespace
}  // namespace huiliu::run::fakes
