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

// A question about two persons of a chat tool must not be one about two internal numbers.
TEST(Titles, WhoHasNoNameIsCalledByWhatElseIsKnown) {
  model::Entity entity;
  entity.fields.resize(4);
  entity.fields[0].type = "person_name", entity.fields[0].pii = "name";
  entity.fields[1].type = "phone", entity.fields[1].pii = "phone";
  entity.fields[2].type = "reference", entity.fields[2].reference_to = "customer";
  entity.fields[3].type = "text";
  Golden golden;
  golden.id = "con_1";
  EXPECT_EQ(title_of(entity, golden), "con_1") << "nothing is known";
  const auto set = [&](model::FieldIndex index, const char* text) {
    golden.fields[index].value = {Presence::value, model::Value(text), text};
  };
  set(2, "cus_7");
  set(3, "苏州云桥的小陈");
  EXPECT_EQ(title_of(entity, golden), "苏州云桥的小陈");
  set(1, "13800001234");
  EXPECT_EQ(title_of(entity, golden), "***34");
  set(0, "陈晓");
  EXPECT_EQ(title_of(entity, golden), "陈**");
}

}  // namespace
}  // namespace huiliu::sync
