#include "hub/config/code_tables.hpp"

#include <gtest/gtest.h>

namespace huiliu::config {
namespace {

model::Value mapping() {
  return *model::parse_json(R"({"streams": {"customers": {"entity": "customer",
    "lenses": [{"field": "level", "path": "FLevel", "codec": {"enum": {"1": "A", "2": "B"}}},
               {"field": "group", "path": "FGroup.FNumber", "codec": {"codes": {"01": "domestic"}}},
               {"field": "names.legal", "path": "FName"}],
    "parts": {"path": "organisations", "organisation": "FOrg", "lenses": [
               {"field": "terms", "path": "FTerms", "codec": {"enum": {"T1": "30 days"}}}]}}}})");
}

TEST(CodeTables, ASpreadsheetsTextIsReadWithQuotesMarkAndColumnsInAnyOrder) {
  const auto rows = parse_code_rows(
      "\xEF\xBB\xBF"
      "code,meaning,stream,field,organisation,note\r\n\"3\",\"C, \"\"small\"\"\",customers,level,,x\r\n",
      "t.csv");
  ASSERT_TRUE(rows.ok()) << rows.error().text();
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ((*rows)[0], (CodeRow{"customers", "level", "", "3", "C, \"small\"", "x"}));
  const auto back = parse_code_rows(code_rows_text(*rows), "t.csv");
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, *rows);
}

TEST(CodeTables, AMissingColumnOrShortRowIsNamed) {
  const auto moved = parse_code_rows("stream,field,code,meaning,note\n", "t.csv");
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().where, "t.csv:1");
  EXPECT_NE(moved.error().message.find("organisation"), std::string::npos);
  const auto cut = parse_code_rows("stream,field,organisation,code,meaning,note\ncustomers,level\n", "t.csv");
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().where, "t.csv:2");
}

TEST(CodeTables, RowsAreAddedToTheLensesTable) {
  const auto with = with_code_rows(mapping(), {{"customers", "level", "", "3", "C", ""}});
  ASSERT_TRUE(with.ok()) << with.error().text();
  const auto& lens = (*with)["streams"]["customers"]["lenses"].as_array()[0];
  EXPECT_EQ(lens["codec"]["enum"]["3"].to_text(), "C");
  EXPECT_EQ(lens["codec"]["enum"]["1"].to_text(), "A");
  const auto unknown = with_code_rows(mapping(), {{"customers", "names.legal", "", "3", "C", ""}});
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("names.legal"), std::string::npos);
}

TEST(CodeTables, AMeaningMayHoldForOneOrganisationOnly) {
  const auto fields = code_fields(mapping(), {{"customers", "terms", "200", "T1", "60 days", ""}});
  ASSERT_EQ(fields.size(), 3U);
  const CodeField& terms = fields[2];
  EXPECT_TRUE(terms.part);
  EXPECT_EQ(*terms.meaning("100", "T1"), "30 days");
  EXPECT_EQ(*terms.meaning("200", "T1"), "60 days");
  EXPECT_EQ(terms.meaning("100", "T9"), nullptr);
}

TEST(CodeTables, CodesOfARecordAreFoundWithTheirOrganisation) {
  const auto fields = code_fields(mapping(), {});
  const auto record = model::parse_json(R"({"FLevel": " 7 ", "FGroup": {"FNumber": ""},
    "organisations": [{"FOrg": "100", "FTerms": "T1"}, {"FOrg": "200", "FTerms": "T2"}]})");
  const auto shown = codes_in(fields, "customers", *record);
  ASSERT_EQ(shown.size(), 3U);
  EXPECT_EQ(shown[0].code, "7");
  EXPECT_EQ(shown[2].organisation, "200");
  EXPECT_EQ(shown[2].code, "T2");
  EXPECT_TRUE(codes_in(fields, "contacts", *record).empty());
}

}  // namespace
}  // namespace huiliu::config
