// Lists whose elements are claimed one by one, and systems with one slot: section 6 of the rules.
#include "hub/sync/lists.hpp"

#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

class Lists : public Scenario {
 protected:
  GoldenId pair_with(const std::string& tags) { return linked_pair({{"name", "Acme"}, {"tags", tags}}); }
  std::string tags(const GoldenId& id) { return golden(id, "tags"); }
};

TEST_F(Lists, FirstLinkIsTheUnion) {
  const auto id = see("erp", "1", {{"uscc", uscc}, {"tags", "a,b"}}).golden;
  const auto result = see("crm", "1", {{"uscc", uscc}, {"tags", "b,c"}});
  EXPECT_EQ(result.initial_differences, 0);
  EXPECT_EQ(tags(id), "a,b,c");
  EXPECT_EQ(push_all(), 2);
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Lists, ConcurrentAdditionsAndRemovalsBothCount) {
  const auto id = pair_with("a,b");
  see("erp", "1", {{"tags", "a,b,c"}});
  see("crm", "1", {{"tags", "b,d"}});
  EXPECT_EQ(tags(id), "b,c,d");
  EXPECT_TRUE(reviews(ReviewKind::conflict).empty());
  EXPECT_EQ(push_all(), 2);
  see("erp", "1", {{"tags", "b,c,d"}});
  see("crm", "1", {{"tags", "b,c,d"}});
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Lists, OrderAndSpellingAreNoEdits) {
  pair_with("a,b");
  const auto history = repository.all_history().size();
  see("crm", "1", {{"tags", "b,a"}});
  EXPECT_EQ(repository.all_history().size(), history);
  EXPECT_EQ(push_all(), 0);
}

TEST_F(Lists, RemovalTakesTheElementEverywhereUnlessAddedAnew) {
  const auto id = pair_with("a");
  see("erp", "1", {{"tags", "a,x"}});
  EXPECT_EQ(push("crm"), 1);
  see("crm", "1", {{"tags", "a"}});
  EXPECT_EQ(tags(id), "a");
  EXPECT_EQ(push("erp"), 1);
  see("erp", "1", {{"tags", "a,x"}});
  EXPECT_EQ(tags(id), "a,x");
}

TEST_F(Lists, AppendRightAddsAndNeverRemoves) {
  right("crm", "tags", Right::append);
  const auto id = pair_with("a,b");
  see("crm", "1", {{"tags", "b,c"}});
  EXPECT_EQ(tags(id), "a,b,c");
  EXPECT_EQ(push("crm"), 1);
  EXPECT_EQ(shown("crm", "1")["tags"], "a,b,c");
  see("erp", "1", {{"tags", "c"}});
  EXPECT_EQ(push("crm"), 0);  // nothing to add there
}

TEST_F(Lists, AListThatIsOnlyReceivedIsPutBackAndItsAuthorIsTold) {
  right("crm", "tags", Right::receive);
  const auto id = pair_with("a,b");
  engine.take_notices();
  see("crm", "1", {{"tags", "a,mine"}});
  EXPECT_EQ(tags(id), "a,b");
  const auto notices = engine.take_notices();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].kind, "put_back");
  EXPECT_EQ(notices[0].ref, at("crm", "1"));
  EXPECT_EQ(push("crm"), 1);
  EXPECT_EQ(shown("crm", "1")["tags"], "a,b");
}

TEST_F(Lists, OurOwnWriteInDoubtIsNoEdit) {
  const auto id = pair_with("a,b");
  see("erp", "1", {{"tags", "b,c"}});
  settle(begin("crm"), Outcome::in_doubt);
  see("crm", "1", {{"tags", "b,c,mine"}});
  EXPECT_EQ(tags(id), "b,c,mine");
  for (const auto& entry : repository.all_history()) EXPECT_FALSE(entry.from == at("crm", "1") && entry.lost);
}

TEST_F(Lists, ElementsThatTheSystemIgnoredAreNotSentForEver) {
  const auto id = pair_with("a");
  see("erp", "1", {{"tags", "a,b"}});
  settle(begin("crm"), Outcome::applied);
  see("crm", "1", {{"tags", "a"}});
  EXPECT_EQ(tags(id), "a,b");
  EXPECT_EQ(push("crm"), 0);
  EXPECT_EQ(held("crm"), (std::vector{Held::Why::refused}));
}

TEST_F(Lists, UnderAnAuthorityTheListIsOneValue) {
  policy("tags", Policy::authority, {"erp", "crm"});
  const auto id = pair_with("a,b");
  see("crm", "1", {{"tags", "a"}});
  EXPECT_EQ(tags(id), "a");
}

class Slots : public Lists {
 protected:
  void slot(bool owns) { stream("crm").slots[field("tags")] = {owns}; }
  GoldenId slotted(bool owns = false) {
    slot(owns);
    const auto id = see("erp", "1", {{"uscc", uscc}, {"tags", "a,b"}}).golden;
    see("crm", "1", {{"uscc", uscc}, {"tags", "b"}});
    EXPECT_EQ(push_all(), 0);
    return id;
  }
};

TEST_F(Slots, KeepsTheElementItShowsWhileThatIsAlive) {
  slotted();
  see("erp", "1", {{"tags", "0,a,b"}});
  EXPECT_EQ(push("crm"), 0);
  see("erp", "1", {{"tags", "0,a"}});
  EXPECT_EQ(push("crm"), 1);
  EXPECT_EQ(shown("crm", "1")["tags"], "0");
}

TEST_F(Slots, ReplacementAddsAndDeclinesButRemovesNothingElsewhere) {
  const auto id = slotted();
  see("crm", "1", {{"tags", "c"}});
  EXPECT_EQ(tags(id), "a,b,c");
  EXPECT_EQ(push("erp"), 1);
  see("erp", "1", {{"tags", "b"}});  // the slot's own died: it takes another, but not the one it declined
  EXPECT_EQ(push("crm"), 1);
  EXPECT_EQ(shown("crm", "1")["tags"], "");
}

TEST_F(Slots, OwningSlotRemovesEverywhere) {
  const auto id = slotted(true);
  see("crm", "1", {{"tags", "c"}});
  EXPECT_EQ(tags(id), "a,c");
  EXPECT_EQ(push("erp"), 1);
  EXPECT_EQ(shown("erp", "1")["tags"], "a,c");
}

TEST_F(Slots, EmptiedSlotStaysClosedUntilAPersonFillsIt) {
  const auto id = slotted();
  see("crm", "1", {{"tags", ""}});
  EXPECT_EQ(tags(id), "a,b");
  see("erp", "1", {{"tags", "a,b,c"}});
  EXPECT_EQ(push("crm"), 0);
  see("crm", "1", {{"tags", "d"}});
  EXPECT_EQ(tags(id), "a,b,c,d");
  see("erp", "1", {{"tags", "a,b,c,d"}});
  see("erp", "1", {{"tags", "a,b,c"}});
  EXPECT_EQ(push("crm"), 1);
}

}  // namespace
}  // namespace huiliu::sync::tests
