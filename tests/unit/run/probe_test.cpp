// What a probe measures on systems of known abilities.
#include "hub/run/probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::atomic<bool> go_on{false};

TEST(Probe, ReadsOnlyUnlessToldOtherwise) {
  FakeWorld world;
  world.add_companies(20);
  world.settle();
  const std::size_t written = world.system("erp").written.size();
  const auto report = probe(world.workspace, "erp", false, go_on);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ((*report)["grade"]["stable_paging"], model::Value(true));
  EXPECT_FALSE((*report)["wrote"].as_bool());
  EXPECT_EQ(world.system("erp").written.size(), written);
}

TEST(Probe, AListingThatDoublesKeysIsNotStable) {
  FakeWorld world;
  world.add_companies(20);
  world.settle();
  world.system("erp").doubled = {"1003"};
  const auto report = probe(world.workspace, "erp", false, go_on);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ((*report)["grade"]["stable_paging"], model::Value(false)) << model::to_json(*report);
}

TEST(Probe, MeasuresConditionalWritesAndUniqueKeysWithARecordOfItsOwn) {
  FakeWorld world({{"erp", "erp", "never", "", "A"}, {"crm", "crm"}});
  world.add_companies(10);
  world.settle();
  const auto able = probe(world.workspace, "erp", true, go_on);
  ASSERT_TRUE(able.ok()) << able.error().text();
  EXPECT_EQ((*able)["grade"]["write"].to_text(), "A") << model::to_json(*able);
  EXPECT_EQ((*able)["grade"]["key"].to_text(), "N");
  EXPECT_EQ((*able)["grade"]["lag_seconds"].to_text(), "0");
  const auto unable = probe(world.workspace, "crm", true, go_on);
  ASSERT_TRUE(unable.ok()) << unable.error().text();
  EXPECT_EQ((*unable)["grade"]["write"].to_text(), "C");
  // The fake system cannot disable: the probe says what it left, and no cycle takes it for a customer.
  EXPECT_THAT((*able)["left"].as_array(), SizeIs(2));
  std::size_t customers = 0;
  world.cycle();
  ASSERT_TRUE(world.workspace.store
                  ->read([&](store::Snapshot& snapshot) -> model::Status {
                    customers = snapshot.list_goldens({}, {{}, 100}).size();
                    return {};
                  })
                  .ok());
  EXPECT_EQ(customers, 10U);
  EXPECT_THAT(world.reviews(sync::ReviewKind::create), IsEmpty());
}

TEST(Probe, IsEnforcedButNeverBeyondWhatIsDeclared) {
  sync::ConnectionRules rules;
  rules.grade = sync::WriteGrade::conditional;
  rules.streams["customers"].has_tokens = true;
  enforce_probe(rules,
                *model::parse_json(R"({"grade":{"write":"C","lag_seconds":4,"deletes_visible":false}})"));
  EXPECT_EQ(rules.grade, sync::WriteGrade::blind);
  EXPECT_FALSE(rules.streams["customers"].has_tokens);
  EXPECT_TRUE(rules.streams["customers"].list_may_lag);
  EXPECT_FALSE(rules.streams["customers"].deletes_visible);
  enforce_probe(rules, *model::parse_json(R"({"grade":{"write":"A"}})"));
  EXPECT_EQ(rules.grade, sync::WriteGrade::blind);
}

}  // namespace
}  // namespace huiliu::run::fakes
