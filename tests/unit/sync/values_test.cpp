// What people see of values that are somebody's.
#include "hub/sync/values.hpp"

#include <gtest/gtest.h>

namespace huiliu::sync {
namespace {

std::string shown(const std::string& pii, const model::Value& value) {
  model::Field field;
  field.pii = pii;
  return masked(field, {Presence::value, value, {}});
}

TEST(Masked, NamesShowTheirFirstCharacterAndNumbersTheirEnd) {
  EXPECT_EQ(shown("name", "王敏"), "王**");
  EXPECT_EQ(shown("phone", "13800001234"), "***34");
  EXPECT_EQ(shown("", "苏州云桥阀门有限公司"), "苏州云桥阀门有限公司");
}

// An invoice profile must be judged by who approves it: its words stand, its numbers do not.
TEST(Masked, OfAProfileTheWordsStandAndTheNumbersShowTheirEnd) {
  const model::Value profile(
      model::Object{{"title", "云桥阀门"}, {"phone", "0512-67001234"}, {"account", "6222020200112233"}});
  EXPECT_EQ(shown("id", profile), "title 云桥阀门, phone ***34, account ***33");
}

}  // namespace
}  // namespace huiliu::sync
