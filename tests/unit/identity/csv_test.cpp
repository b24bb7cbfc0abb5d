#include "hub/identity/linkage/csv.hpp"

#include <gtest/gtest.h>

namespace huiliu::identity {
namespace {

Table parsed(std::string_view bytes) {
  auto table = parse_csv(bytes, "test.csv");
  EXPECT_TRUE(table.ok());
  return table.ok() ? *table : Table();
}

TEST(Csv, QuotesSeparatorsAndLineEnds) {
  const Table table = parsed("id, name ,note\r\n1,\"a, \"\"b\"\"\",\"two\nlines\"\r\n\r\n2,c\n3,d,e,f");
  EXPECT_EQ(table.header, (std::vector<std::string>{"id", "name", "note", "column 4"}));
  ASSERT_EQ(table.rows.size(), 3U);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"1", "a, \"b\"", "two\nlines"}));
  EXPECT_EQ(table.rows[1], (std::vector<std::string>{"2", "c"}));
  EXPECT_EQ(cell_of(table.rows[1], 3), "");
  EXPECT_EQ(table.rows[2], (std::vector<std::string>{"3", "d", "e", "f"}));
  EXPECT_EQ(parsed("a;b\n1,5;2\n").rows[0], (std::vector<std::string>{"1,5", "2"}));
  EXPECT_EQ(parsed("a\tb\n1\t2\n").rows[0], (std::vector<std::string>{"1", "2"}));
}

TEST(Csv, AQuoteThatNeverClosesIsACharacter) {
  const Table table = parsed("a,b\n5\" disk,\"open\nc,d\n");
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"5\" disk", "\"open"}));
  std::string hostile = "a,b\n";
  for (int i = 0; i < 200'000; ++i) hostile += "\",";
  hostile += "\n\"";
  EXPECT_FALSE(parsed(hostile).header.empty()) << "and is looked for once";
}

TEST(Csv, CharacterSets) {
  EXPECT_EQ(parsed("\xEF\xBB\xBF名称\n深圳\n").header[0], "名称");
  const Table chinese = parsed("\xC3\xFB\xB3\xC6,b\n\xC9\xEE\xDB\xDA,1\n");
  EXPECT_EQ(chinese.encoding, "gb18030");
  EXPECT_EQ(chinese.header[0], "名称");
  EXPECT_EQ(chinese.rows[0][0], "深圳");
  const Table western = parsed("name,b\ncaf\xE9 ol\xE9,1\n");
  EXPECT_EQ(western.encoding, "windows-1252");
  EXPECT_EQ(western.rows[0][0], "café olé");
  EXPECT_FALSE(parse_csv("", "empty.csv").ok());
}

TEST(Csv, ALineCanBeReadBack) {
  const std::vector<std::string> cells{"plain", "a,b", "say \"x\"", "two\nlines"};
  const Table table = parsed("a,b,c,d\n" + csv_line(cells) + "\n");
  EXPECT_EQ(table.rows.at(0), cells);
}

}  // namespace
}  // namespace huiliu::identity
