// How much is too much, and what makes a text unreadable.
#include "hub/sync/brake.hpp"

#include <gtest/gtest.h>

namespace huiliu::sync {
namespace {

std::int64_t changed(std::int64_t known, const std::vector<std::int64_t>& history = {}) {
  return allowance(BrakeRule::changed, {50, 0.05}, known, history);
}

TEST(Allowance, IsTheNumberOrTheShareButOfFewRecordsNoMoreThanHalf) {
  EXPECT_EQ(changed(1000), 50);
  EXPECT_EQ(changed(100'000), 5000);
  EXPECT_EQ(changed(60), 30);
  EXPECT_EQ(changed(10), 10) << "a handful is always allowed";
  EXPECT_EQ(changed(0), 10);
  EXPECT_EQ(changed(10'000'000), brake_ceiling);
}

TEST(Allowance, OfNewRecordsDoesNotDependOnHowFewThereWere) {
  EXPECT_EQ(allowance(BrakeRule::added, {200, 0.2}, 10, {}), 200);
  EXPECT_EQ(allowance(BrakeRule::added, {200, 0.2}, 10'000, {}), 2000);
}

TEST(Allowance, LearnsFromAQuietStreamButNeverBelowTheNumber) {
  EXPECT_EQ(changed(100'000, std::vector<std::int64_t>(9, 3)), 5000) << "too short a history says nothing";
  EXPECT_EQ(changed(100'000, std::vector<std::int64_t>(10, 3)), 50);
  EXPECT_EQ(changed(100'000, std::vector<std::int64_t>(10, 100)), 400);
  EXPECT_EQ(changed(100'000, std::vector<std::int64_t>(10, 40'000)), 5000) << "and never above the share";
}

TEST(Allowance, OffIsNoLimit) {
  EXPECT_GT(allowance(BrakeRule::changed, {0, 0, true}, 10, {}), 1'000'000'000);
}

TEST(Exceeded, NamesEveryRuleAboveItsAllowance) {
  BrakeTally tally;
  tally.counts = {{BrakeRule::changed, 51}, {BrakeRule::emptied, 20}, {BrakeRule::damaged, 6}};
  const auto rules =
      exceeded(tally, {{BrakeRule::changed, 50}, {BrakeRule::emptied, 20}, {BrakeRule::damaged, 5}});
  EXPECT_EQ(rules, (std::vector{BrakeRule::changed, BrakeRule::damaged}));
}

TEST(Unreadable, IsWhatAWrongCharacterSetMakesOfAText) {
  for (const char* broken :
       {"\xC3\xA4\xC2\xB8\xC2\xAD\xC3\xA5\xC2\x9B\xC2\xBD", "青岛\xEF\xBF\xBD\xEF\xBF\xBD公司",
        "锟斤拷锟斤拷", "????????", "\xC3\x96\xC3\x90\xC2\xB9\xC3\xBA"})
    EXPECT_TRUE(became_unreadable("中国建设有限公司", broken)) << broken;
  for (const char* fine :
       {"中国建设集团", "Société Générale", "0532-47590122", "Müller GmbH", "真的吗？", ""})
    EXPECT_FALSE(became_unreadable("中国建设有限公司", fine)) << fine;
  EXPECT_FALSE(became_unreadable("????????", "锟斤拷")) << "it was unreadable before";
}

TEST(Oscillation, IsTheSameValueAgainAndAgain) {
  BrakeLimits limits;
  EXPECT_FALSE(oscillates(limits, 2));
  EXPECT_TRUE(oscillates(limits, 3));
  limits.oscillation_writes = 0;
  EXPECT_FALSE(oscillates(limits, 100));
}

}  // namespace
}  // namespace huiliu::sync
