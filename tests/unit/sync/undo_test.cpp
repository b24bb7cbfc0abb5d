// Taking back what was written: hub/sync/undo.hpp.
#include <gmock/gmock.h>

#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

using ::testing::Contains;

// What crm's people type goes to the erp, and is taken back there.
class TakingBack : public Scenario {
 protected:
  TakingBack() : id(linked_pair()) {}

  // The crm types it, the erp gets it.
  Engine::PastField write(const std::string& before, const std::string& level) {
    see("crm", "1", {{"level", level}});
    EXPECT_EQ(push("erp"), 1);
    return {field("level"), value("level", before), value("level", level)};
  }
  Settled take_back(const Engine::PastField& past, Outcome outcome) {
    const auto write = engine.plan_undo(repository, at("erp", "1"), {past});
    EXPECT_TRUE(write.has_value());
    const auto intent = engine.begin_undo(repository, *write, "undo", now);
    EXPECT_TRUE(intent.has_value());
    carrier = at("erp", "1");
    if (outcome != Outcome::applied) return settle(*intent, outcome);
    return settle(*intent, outcome, "1", observation("erp", "1", {{"level", text_of(past.before)}}));
  }

  GoldenId id;
};

TEST_F(TakingBack, IsNotSentAgainUntilGoldenSaysSomethingElse) {
  take_back(write("A", "B"), Outcome::applied);
  EXPECT_EQ(shown("erp", "1")["level"], "A");
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("erp"), 0);
  EXPECT_THAT(held("erp"), Contains(Held::Why::refused));
  write("A", "C");
  EXPECT_EQ(shown("erp", "1")["level"], "C");
}

TEST_F(TakingBack, ARejectedOneForgetsNothingThatWasTakenBackBefore) {
  const auto first = write("A", "B");
  const auto second = write("B", "C");
  take_back(second, Outcome::applied);
  take_back(first, Outcome::rejected);
  EXPECT_EQ(golden(id, "level"), "C");
  EXPECT_EQ(push("erp"), 0);
}

// What golden says counts, not what was refused before it said so.
TEST_F(TakingBack, WhatWasRejectedAndIsGoldenIsNotSentAgain) {
  write("A", "B");
  const auto from_b_to_a = write("B", "A");
  take_back(write("A", "C"), Outcome::applied);  // shows A again
  see("crm", "1", {{"level", "B"}});
  take_back(from_b_to_a, Outcome::rejected);  // nor does the erp take B
  EXPECT_EQ(push("erp"), 0);
}

}  // namespace
}  // namespace huiliu::sync::tests
