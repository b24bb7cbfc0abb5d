#include "hub/model/value.hpp"

#include <gtest/gtest.h>

#include "hub/model/id.hpp"
#include "hub/model/time.hpp"

namespace huiliu::model {
namespace {

TEST(Json, KeepsNumberTextAndMemberOrder) {
  const std::string text = R"({"b":1.10,"a":9007199254740993123,"c":[1e3,-0.0],"d":"\u4e2d\n"})";
  const auto value = parse_json(text);
  ASSERT_TRUE(value.ok()) << value.error().text();
  EXPECT_EQ(to_json(*value), "{\"b\":1.10,\"a\":9007199254740993123,\"c\":[1e3,-0.0],\"d\":\"中\\n\"}");
}

TEST(Json, RefusesWhatIsNotAllowed) {
  for (const char* text :
       {"", "{", "{\"a\":1,\"a\":2}", "[1] x", "\"\xff\"", "{\"a\":{\"b\":1,\"b\":1}}", "01", "nul"})
    EXPECT_FALSE(parse_json(text).ok()) << text;
  EXPECT_NE(parse_json("{\"k\":1,\"k\":2}").error().message.find("duplicate key \"k\""), std::string::npos);
  EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')).ok());
  EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')).ok());
  EXPECT_FALSE(parse_json("[1,2,3]", {.depth = 4, .bytes = 3}).ok());
}

TEST(Value, ComparesNumbersByValueAndObjectsInAnyOrder) {
  EXPECT_EQ(*parse_json(R"({"a":1,"b":2.50})"), *parse_json(R"({"b":2.5,"a":1.0})"));
  EXPECT_FALSE(Value(1) == Value("1"));
  EXPECT_EQ(to_canonical_json(*parse_json(R"({"b":{"d":1,"c":2},"a":[]})")), R"({"a":[],"b":{"c":2,"d":1}})");
}

TEST(Value, WalksAndMakesPaths) {
  Value value;
  value.make_path("FSELLER.FNumber") = "S1";
  EXPECT_EQ(value.at_path("FSELLER.FNumber")->as_string(), "S1");
  EXPECT_EQ(value.at_path("FSELLER.X.Y"), nullptr);
  EXPECT_EQ(parse_json("{\"a\":[{\"b\":7}]}")->at_path("a.0.b")->to_text(), "7");
}

TEST(Time, ReadsAndWritesRfc3339) {
  EXPECT_EQ(*parse_rfc3339("1970-01-01T00:00:01Z"), second);
  EXPECT_EQ(*parse_rfc3339("2026-03-01T16:00:00+08:00"), *parse_rfc3339("2026-03-01T08:00:00Z"));
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-03-01T08:00:00.123Z")), "2026-03-01T08:00:00.123Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("1969-12-31T23:59:59.5Z")), "1969-12-31T23:59:59.500Z");
  for (const char* text : {"2026-02-30T00:00:00Z", "2026-03-01T08:00:00", "x", "2026-03-01T25:00:00Z"})
    EXPECT_FALSE(parse_rfc3339(text).ok()) << text;
  EXPECT_EQ(to_local(*parse_local("2024-06-01 08:30:00", 480), 480), "2024-06-01 08:30:00");
}

TEST(Id, SortsByTimeAndNeverRepeats) {
  SeededRandom random(7);
  const std::string a = make_id("cus", 1'000'000, random);
  const std::string b = make_id("cus", 1'001'000, random);
  EXPECT_LT(a, b);
  EXPECT_TRUE(is_id(a, "cus"));
  EXPECT_FALSE(is_id(a, "con"));
  EXPECT_NE(make_id("cus", 1, random), make_id("cus", 1, random));
}

}  // namespace
}  // namespace huiliu::model
