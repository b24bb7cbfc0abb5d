// FilterString as the twin understands it.
#include "plugins/kingdee/twin/filter.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>
#include <random>

namespace kingdee_twin {
namespace {

const std::map<std::string, Held> row = {{"FNumber", {Held::As::text, "C001"}},
                                         {"FName", {Held::As::text, "O'Neil 公司"}},
                                         {"FTEL", {Held::As::text, ""}},
                                         {"FCUSTID", {Held::As::number, "42"}},
                                         {"FModifyDate", {Held::As::date, "2024-06-01T10:00:00"}}};

std::optional<Held> value_of(std::string_view name) {
  const auto found = row.find(std::string(name));
  return found == row.end() ? std::nullopt : std::optional(found->second);
}

bool matches(std::string_view text) { return passes(*parse_filter(text), value_of); }

TEST(Filter, Comparisons) {
  EXPECT_TRUE(matches(""));
  EXPECT_TRUE(matches("  "));
  EXPECT_TRUE(matches("FNumber='C001'"));
  EXPECT_TRUE(matches("FNumber = 'c001  '"));  // as the database: no case, no blanks at the end
  EXPECT_FALSE(matches("FNumber<>'C001'"));
  EXPECT_TRUE(matches("FNumber!='C002'"));
  EXPECT_TRUE(matches("FCUSTID>41 and FCUSTID>=42 and FCUSTID<43 and FCUSTID<=42"));
  EXPECT_TRUE(matches("FCUSTID='42'"));
  EXPECT_FALSE(matches("FCUSTID>100"));
  EXPECT_TRUE(matches("FCUSTID<100"));  // by number, not by text
  EXPECT_TRUE(matches("FModifyDate>='2024-06-01 10:00:00' and FModifyDate<'2024-06-01 10:00:01'"));
  EXPECT_TRUE(matches("FModifyDate>='2024-06-01'"));
  EXPECT_TRUE(matches("FModifyDate<'2024-06-01T10:00:00.500' or FModifyDate='2024-06-01T10:00:00'"));
  EXPECT_TRUE(matches("FTEL=''"));
  EXPECT_TRUE(matches("FTEL=' '"));
  EXPECT_TRUE(matches("1=1"));
  EXPECT_FALSE(matches("1=2"));
}

TEST(Filter, QuotesAndLists) {
  EXPECT_TRUE(matches("FName='O''Neil 公司'"));
  EXPECT_TRUE(matches("FName like 'O''Neil%'"));
  EXPECT_TRUE(matches("FName like '%公_'"));
  EXPECT_FALSE(matches("FName not like '%公司%'"));
  EXPECT_TRUE(matches("FCUSTID in (1,42)"));
  EXPECT_TRUE(matches("FNumber in ('a','C001')"));
  EXPECT_TRUE(matches("FNumber not in ('a')"));
  EXPECT_TRUE(matches("FCUSTID between 40 and 42"));
}

TEST(Filter, AndBindsCloserThanOr) {
  EXPECT_TRUE(matches("FCUSTID=42 or FCUSTID=1 and FNumber='x'"));
  EXPECT_FALSE(matches("(FCUSTID=42 or FCUSTID=1) and FNumber='x'"));
  EXPECT_TRUE(matches("NOT (FCUSTID=1 OR FNumber='x') AND ((FCUSTID=42))"));
}

TEST(Filter, NothingEqualsNull) {
  EXPECT_FALSE(matches("FNone='x'"));
  EXPECT_FALSE(matches("FNone<>'x'"));
  EXPECT_FALSE(matches("not FNone='x'"));
  EXPECT_TRUE(matches("FNone is null"));
  EXPECT_TRUE(matches("FCUSTID is not null"));
  EXPECT_TRUE(matches("FNone='x' or FCUSTID=42"));
}

TEST(Filter, ComparesOneFieldWithAnother) {
  EXPECT_TRUE(matches("FCUSTID=FCUSTID"));
  EXPECT_FALSE(matches("FCUSTID<>FCUSTID and FNumber='C001'"));
  EXPECT_TRUE(matches("FName>=FName and FModifyDate=FModifyDate"));
  EXPECT_FALSE(matches("FCUSTID=FNone"));
  EXPECT_FALSE(matches("not FCUSTID=FNone"));
  EXPECT_THROW(matches("FCUSTID=FNumber"), BadFilter) << "a number and a text";
}

TEST(Filter, RefusesWhatItCannotUnderstand) {
  for (const char* bad :
       {"FNumber=", "=1", "FNumber='x", "(FCUSTID=1", "FCUSTID=1)", "FCUSTID in ()", "FCUSTID in 1",
        "FCUSTID=1 and", "FCUSTID 1", "FNumber is 'x'", "a b c", "FCUSTID=1;drop table x",
        "FCUSTID=FNumber=1", "FCUSTID = 1 or or FCUSTID=2", "FCUSTID(1", "\x01"})
    EXPECT_THROW(parse_filter(bad), BadFilter) << bad;
  EXPECT_THROW(matches("FModifyDate>'soon'"), BadFilter);
}

TEST(Filter, SurvivesDepthLengthAndNoise) {
  EXPECT_THROW(parse_filter(std::string(100'000, '(')), BadFilter);
  std::string many = "FCUSTID=1";
  for (int i = 0; i < 20'000; ++i) many += " or FCUSTID=1";
  EXPECT_FALSE(matches(many));
  std::mt19937 dice(5);
  const std::string letters = "F'()=<>,andornot in like 1 \\%_\xe5";
  for (int i = 0; i < 20'000; ++i) {
    std::string noise;
    for (std::size_t n = dice() % 40; n > 0; --n) noise += letters[dice() % letters.size()];
    try {
      matches(noise);
    } catch (const BadFilter&) {
      continue;  // a refusal is the other good answer
    }
  }
}

TEST(Filter, LikeDoesNotExplode) {
  const Held held{Held::As::text, std::string(5'000, 'a')};
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "a%";
  const FilterPtr filter = parse_filter("FName like '" + pattern + "b'");
  EXPECT_FALSE(passes(*filter, [&](std::string_view) { return held; }));
}

TEST(Filter, TheListForm) {
  const auto list = boost::json::parse(
      R"json([{"Left":"(","FieldName":"FNumber","Compare":"67","Value":"C001","Right":"","Logic":"1"},
          {"Left":"","FieldName":"FNumber","Compare":"=","Value":"it's","Right":")","Logic":"0"},
          {"Left":"","FieldName":"FName","Compare":"17","Value":"公司","Right":"","Logic":"0"}])json");
  EXPECT_TRUE(passes(*parse_filter_list(list.as_array()), value_of));
  EXPECT_THROW(parse_filter_list(boost::json::parse("[1]").as_array()), BadFilter);
}

}  // namespace
}  // namespace kingdee_twin
