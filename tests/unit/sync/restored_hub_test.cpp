// A hub that was put back from a backup: what it remembers is older than what the systems show.
#include <gmock/gmock.h>

#include "hub/sync/codec.hpp"
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

class RestoredHub : public Scenario {
 protected:
  RestoredHub() : id(linked_pair()) {
    tick();
    rules.restored_at = now;
  }
  Fields with_level(const std::string& level) {
    return {{"name", "Acme"}, {"phone", "0755-26770000"}, {"level", level}, {"uscc", uscc}};
  }
  bool is_parked() { return repository.load_golden(id)->fields.at(field("level")).parked; }

  GoldenId id;
};

TEST_F(RestoredHub, WhatAllShowIsWhatWasAgreed) {
  see("erp", "1", with_level("B"));
  EXPECT_TRUE(is_parked());
  see("crm", "1", with_level("B"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_THAT(reviews(ReviewKind::conflict), IsEmpty());
  EXPECT_EQ(push_all(), 0);
}

TEST_F(RestoredHub, ADifferenceIsParkedAndNobodyIsOverwritten) {
  // Perhaps an edit in the erp. Perhaps B came from the crm, and its people have gone back to A since.
  see("erp", "1", with_level("B"));
  see("crm", "1", with_level("A"));
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(golden(id, "level"), "A");
  EXPECT_EQ(push_all(), 0);
  const auto asked = reviews(ReviewKind::conflict);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].evidence["rule"].to_text(), "unexplained");
  EXPECT_THAT(held("crm"), IsEmpty());
  EXPECT_THAT(held("erp"), Contains(Held::Why::undecided));
}

TEST_F(RestoredHub, APersonDecides) {
  see("erp", "1", with_level("B"));
  see("crm", "1", with_level("A"));
  ASSERT_TRUE(engine.decide(repository, reviews(ReviewKind::conflict).at(0).id, "B", "", "li", now).ok());
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(RestoredHub, WhateverThePolicyIs) {
  policy("level", Policy::authority, {"erp"});
  see("erp", "1", with_level("B"));
  see("crm", "1", with_level("C"));
  EXPECT_TRUE(is_parked());
  EXPECT_EQ(push_all(), 0);
}

TEST_F(RestoredHub, WhatIsEditedAfterwardsIsAnEdit) {
  see("erp", "1", with_level("A"));
  see("crm", "1", with_level("A"));
  see("erp", "1", with_level("B"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push("crm"), 1);
}

TEST_F(RestoredHub, ARecordWithoutASayIsNotPutBackWhileItIsOpen) {
  right("crm", "level", Right::receive);
  see("erp", "1", with_level("B"));
  EXPECT_EQ(push_all(), 0);
  see("crm", "1", with_level("B"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
  EXPECT_EQ(push_all(), 0);
}

TEST_F(RestoredHub, AnOpenWriteOfTheBackupIsStillOurs) {
  rules.restored_at = model::unknown_time;
  see("erp", "1", with_level("B"));
  const auto intent = begin("crm");
  tick();
  rules.restored_at = now;
  see("crm", "1", with_level("B"));
  EXPECT_FALSE(is_parked());
  EXPECT_EQ(golden(id, "level"), "B");
}

TEST_F(RestoredHub, TextKeepsIt) {
  see("erp", "1", with_level("B"));
  const auto golden = *repository.load_golden(id);
  EXPECT_EQ(*decode_golden(encode(golden, schema), schema), golden);
  const auto replica = *repository.load_replica(at("erp", "1"));
  ASSERT_TRUE(replica.fields.at(field("level")).claim->unexplained);
  EXPECT_EQ(*decode_replica(encode(replica, schema), schema), replica);
}

}  // namespace
}  // namespace huiliu::sync::tests
