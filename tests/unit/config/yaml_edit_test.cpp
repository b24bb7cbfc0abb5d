#include "hub/config/yaml_edit.hpp"

#include <gtest/gtest.h>

#include "hub/model/id.hpp"

namespace huiliu::config {
namespace {

using model::Array;
using model::Object;
using model::Value;

TEST(YamlEdit, ChangesOneMemberAndNothingElse) {
  const Value two = 2;
  EXPECT_EQ(*with_member("a: 1\nlist:\n- x\n- y\nz: 3\n", "list", &two), "a: 1\nlist: 2\nz: 3\n");
  const std::string flat = "# head\na: 1  # one\n\n# of b\nb:\n  d: 2\n  # in b\n\n# of e\ne: x\n";
  EXPECT_EQ(*with_member(flat, "b", &two), "# head\na: 1  # one\n\n# of b\nb: 2\n\n# of e\ne: x\n");
  EXPECT_EQ(*with_member(flat, "b", nullptr), "# head\na: 1  # one\n\n# of b\n\n# of e\ne: x\n");
  EXPECT_EQ(*with_member("a: 1", "n", &two), "a: 1\nn: 2\n") << "a new one, after a line without its end";
  EXPECT_EQ(*with_member("# empty\na: 1\n", "b", nullptr), "# empty\na: 1\n");
}

TEST(YamlEdit, WhatCannotBeEditedIsWrittenAnewAndMeansTheSame) {
  const Value two = 2;
  for (const char* text : {"{a: 1, b: [x, y]}\n", "{\n\"a\": 1,\n\"b\": 3\n}\n",
                           "a: \"one\n  b: two\"\nb: 1\n", "? b\n: 7\na: 1\n", "a: >\n  b: 1\n'b': 4\n"}) {
    const auto edited = with_member(text, "b", &two);
    ASSERT_TRUE(edited.ok()) << text;
    const auto before = parse_yaml(text, "t"), after = parse_yaml(*edited, "t");
    ASSERT_TRUE(before.ok() && after.ok()) << text << "\n" << *edited;
    EXPECT_EQ(after->value["b"].to_text(), "2") << *edited;
    EXPECT_EQ(model::to_json(after->value["a"]), model::to_json(before->value["a"])) << text;
  }
  EXPECT_FALSE(with_member("- a\n", "b", &two).ok());
  EXPECT_FALSE(with_member("a: [", "b", &two).ok());
}

}  // namespace
}  // namespace huiliu::config
