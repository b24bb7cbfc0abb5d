#include <Poco/DateTime.h>
#include <Poco/Zip/Compress.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "hub/table/cell_text.hpp"
#include "hub/table/reader.hpp"
#include "hub/table/writer.hpp"

namespace huiliu::table {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::vector<std::string>>;

class Table : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "huiliu-table-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
  }
  void TearDown() override { fs::remove_all(directory); }

  std::string file(const std::string& name) const { return (directory / name).string(); }

  // A workbook of these parts; what is not given is made up.
  std::string workbook(std::map<std::string, std::string> parts) const {
    parts.try_emplace("[Content_Types].xml",
                      R"(<Types xmlns="t"><Default Extension="xml" ContentType="x"/></Types>)");
    parts.try_emplace(
        "_rels/.rels",
        R"(<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>)");
    parts.try_emplace(
        "xl/_rels/workbook.xml.rels",
        R"(<Relationships><Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>)"
        R"(<Relationship Id="r2" Type="http://x/sharedStrings" Target="sharedStrings.xml"/>)"
        R"(<Relationship Id="r3" Type="http://x/styles" Target="/xl/styles.xml"/></Relationships>)");
    parts.try_emplace(
        "xl/workbook.xml",
        R"(<workbook xmlns:r="http://x/relationships"><sheets><sheet name="客户" r:id="r1"/></sheets></workbook>)");
    parts.try_emplace("xl/sharedStrings.xml", "<sst/>");
    parts.try_emplace("xl/styles.xml", "<styleSheet/>");
    parts.try_emplace("xl/worksheets/sheet1.xml", "<worksheet/>");
    const std::string path = file("made.xlsx");
    std::ofstream out(path, std::ios::binary);
    Poco::Zip::Compress zip(out, true);
    for (const auto& [name, content] : parts) {
      std::istringstream in(content);
      zip.addFile(in, Poco::DateTime(), Poco::Path(name, Poco::Path::PATH_UNIX));
    }
    zip.close();
    return path;
  }
  std::string sheet(const std::string& rows) const {
    return workbook(
        {{"xl/worksheets/sheet1.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"}});
  }

  static Rows rows_of(const std::string& path, const std::string& sheet = "客户", const Limits& limits = {}) {
    Rows rows;
    auto reader = WorkbookReader::open(path, limits);
    EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().text());
    if (!reader.ok()) return rows;
    const auto read = (*reader)->read(sheet, [&](std::uint64_t, const std::vector<std::string>& cells) {
      rows.push_back(cells);
      return model::Status();
    });
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().text());
    return rows;
  }
  static std::string error_of(const std::string& path, const std::string& sheet = "客户",
                              const Limits& limits = {}) {
    auto reader = WorkbookReader::open(path, limits);
    if (!reader.ok()) return reader.error().text();
    const auto read = (*reader)->read(
        sheet, [](std::uint64_t, const std::vector<std::string>&) { return model::Status(); });
    return read.ok() ? "" : read.error().text();
  }

  fs::path directory;
};

TEST_F(Table, WhatIsWrittenIsReadBackAsItWas) {
  auto writer = WorkbookWriter::create(file("a.xlsx"));
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->start_sheet("客户", {{"统一客户编号"}, {"客户名称"}, {"数量"}}).ok());
  ASSERT_TRUE((*writer)->add_row({"0012", "=1+1", 42}).ok());
  ASSERT_TRUE((*writer)->add_row({"  x ", nullptr, nullptr}).ok());
  ASSERT_TRUE((*writer)->add_row({"a\rb_x000D_c", "苏州晟禾 <&>", 0.5}).ok());
  ASSERT_TRUE((*writer)->start_sheet("_base", {{"id"}}, true).ok());
  EXPECT_FALSE(fs::exists(file("a.xlsx")));
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_FALSE(fs::exists(file("a.xlsx.part")));
  EXPECT_EQ(rows_of(file("a.xlsx")), (Rows{{"统一客户编号", "客户名称", "数量"},
                                           {"0012", "=1+1", "42"},
                                           {"  x "},
                                           {"a\rb_x000D_c", "苏州晟禾 <&>", "0.5"}}));
  EXPECT_EQ(rows_of(file("a.xlsx"), "_base"), (Rows{{"id"}}));
}

TEST_F(Table, AnUnfinishedWorkbookLeavesNothing) {
  {
    auto writer = WorkbookWriter::create(file("a.xlsx"));
    ASSERT_TRUE(writer.ok() && (*writer)->start_sheet("x", {{"a"}}).ok());
  }
  EXPECT_TRUE(fs::is_empty(directory));
  EXPECT_FALSE(WorkbookWriter::create(file("no/such/folder.xlsx")).ok());
}

TEST_F(Table, ReadsWhatOtherProgramsWrite) {
  const std::string path = workbook(
      {{"xl/sharedStrings.xml",
        "<sst><si><t>名称</t></si><si><r><t>苏州</t></r><r><t>晟禾</t></r><rPh><t>sz</t></rPh></si></sst>"},
       {"xl/styles.xml",
        R"(<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="165" formatCode="0&quot;days&quot;"/></numFmts>)"
        R"(<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>)"},
       {"xl/worksheets/sheet1.xml",
        R"(<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>)"
        R"(<row r="3"><c r="A3"><v>1.38E+10</v></c><c r="B3" s="1"><v>46354.75</v></c><c r="C3" s="2"><v>46354</v></c>)"
        R"(<c r="D3" s="3"><v>7</v></c><c r="E3" t="b"><v>1</v></c><c r="F3" t="inlineStr"><is><t>007</t></is></c></row>)"
        R"(<row><c><v>1.10</v></c></row></sheetData></worksheet>)"}});
  EXPECT_EQ(rows_of(path), (Rows{{"名称", "", "苏州晟禾"},
                                 {"13800000000", "2026-11-28 18:00:00", "2026-11-28", "7", "TRUE", "007"},
                                 {"1.10"}}));
}

TEST_F(Table, SerialDaysHaveNames) {
  EXPECT_EQ(date_text(1, false), "1900-01-01");
  EXPECT_EQ(date_text(60, false), "1900-02-29");
  EXPECT_EQ(date_text(61, false), "1900-03-01");
  EXPECT_EQ(date_text(46354, false), "2026-11-28");
  EXPECT_EQ(date_text(0.75, false), "18:00:00");
  EXPECT_EQ(date_text(0, true), "1904-01-01");
  EXPECT_EQ(date_text(-1, false), std::nullopt);
  EXPECT_EQ(date_text(1e9, false), std::nullopt);
  EXPECT_TRUE(is_date_format("[$-804]yyyy/m/d;@"));
  EXPECT_TRUE(is_date_format("[h]:mm"));
  EXPECT_FALSE(is_date_format("\"days\" 0.00"));
  EXPECT_FALSE(is_date_format("[Red]#,##0;y"));
}

TEST_F(Table, CellNames) {
  EXPECT_EQ(column_of("A1"), 0U);
  EXPECT_EQ(column_of("BC12"), 54U);
  EXPECT_EQ(column_name(54), "BC");
  EXPECT_EQ(column_of("12"), std::nullopt);
  EXPECT_EQ(column_of("ABCD1"), std::nullopt);
}

TEST_F(Table, EachBadFileGetsAClearError) {
  std::ofstream(file("text.xlsx")) << "id,name\n1,a\n";
  std::ofstream(file("old.xls"), std::ios::binary) << "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on";
  std::ofstream(file("cut.xlsx"), std::ios::binary) << std::string("PK\x03\x04\x14\0\0\0\x08\0 cut off", 18);
  EXPECT_NE(error_of(file("none.xlsx")).find("cannot be read"), std::string::npos);
  EXPECT_NE(error_of(file("text.xlsx")).find("no Excel workbook"), std::string::npos);
  EXPECT_NE(error_of(file("old.xls")).find("old .xls workbook"), std::string::npos);
  EXPECT_NE(error_of(file("cut.xlsx")), "");
  EXPECT_NE(error_of(workbook({{"xl/vbaProject.bin", "x"}})).find("macros"), std::string::npos);
  EXPECT_NE(
      error_of(
          workbook(
              {{"[Content_Types].xml",
                R"(<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>)"}}))
          .find("macros"),
      std::string::npos);
  EXPECT_NE(error_of(sheet(""), "员工").find("no sheet \"员工\""), std::string::npos);
  EXPECT_NE(
      error_of(sheet(R"(<row r="2"><c r="C2"><f>A1</f><v>1</v></c></row>)")).find("cell C2 holds a formula"),
      std::string::npos);
  EXPECT_NE(error_of(sheet(R"(<row r="2"><c r="C2" t="e"><v>#N/A</v></c></row>)"))
                .find("cell C2 holds the error #N/A"),
            std::string::npos);
  EXPECT_NE(error_of(sheet(R"(<row r="2"><c r="C2" t="s"><v>9</v></c></row>)")).find("C2 refers to a text"),
            std::string::npos);
  EXPECT_NE(error_of(sheet("<row>")).find("cannot be read"), std::string::npos);
}

TEST_F(Table, HostileFilesAreCutOff) {
  EXPECT_NE(
      error_of(
          workbook(
              {{"xl/sharedStrings.xml",
                R"(<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>)"}}))
          .find("document type"),
      std::string::npos);
  Limits small;
  small.dense_from_bytes = 1 << 16;
  const std::string many(4 << 20, ' ');
  EXPECT_NE(error_of(sheet(many), "客户", small).find("unpacks to more than"), std::string::npos);
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_NE(error_of(sheet(deep)).find("nested too deeply"), std::string::npos);
  EXPECT_NE(error_of(sheet(R"(<row r="1"><c r="ZZZ1"><v>1</v></c></row>)")).find("columns"),
            std::string::npos);
  EXPECT_NE(error_of(sheet(R"(<row r="99999999"><c><v>1</v></c></row>)")).find("rows"), std::string::npos);
  EXPECT_NE(error_of(sheet(R"(<row r="2"/><row r="1"/>)")).find("not in order"), std::string::npos);
  Limits tiny;
  tiny.file_bytes = 10;
  EXPECT_NE(error_of(sheet(""), "客户", tiny).find("split it"), std::string::npos);
  tiny = {};
  tiny.text_bytes = 3;
  EXPECT_NE(error_of(workbook({{"xl/sharedStrings.xml", "<sst><si><t>abcdef</t></si></sst>"}}), "客户", tiny)
                .find("split it"),
            std::string::npos);
}

class Columns : public Table {
 protected:
  std::string read(const Rows& rows, Rows* out = nullptr) const {
    auto writer = WorkbookWriter::create(file("t.xlsx"));
    std::vector<Column> titles;
    for (const std::string& title : rows.front()) titles.push_back({title});
    EXPECT_TRUE((*writer)->start_sheet("客户", titles).ok());
    for (std::size_t i = 1; i < rows.size(); ++i) {
      std::vector<model::Value> cells;
      for (const std::string& cell : rows[i]) cells.emplace_back(cell);
      EXPECT_TRUE((*writer)->add_row(cells).ok());
    }
    EXPECT_TRUE((*writer)->finish().ok());
    auto reader = WorkbookReader::open(file("t.xlsx"));
    EXPECT_TRUE(reader.ok());
    const auto done = read_table(**reader, "客户", {{{"编号", "ID"}}, {{"名称"}}, {{"备注"}, false}},
                                 [&](std::uint64_t, const std::vector<std::string>& cells) {
                                   if (out != nullptr) out->push_back(cells);
                                   return model::Status();
                                 });
    return done.ok() ? "" : done.error().text();
  }
};

TEST_F(Columns, AreFoundByTitleInAnyOrder) {
  Rows rows;
  EXPECT_EQ(read({{"名称", " ID ", "备注"}, {"甲", "1", ""}, {"", "2", "x"}}, &rows), "");
  EXPECT_EQ(rows, (Rows{{"1", "甲", ""}, {"2", "", "x"}}));
  EXPECT_EQ(read({{"编号", "名称"}, {"1", "甲"}}), "");
}

TEST_F(Columns, MissingUnknownDoubleAndUntitledOnesAreNamed) {
  EXPECT_NE(read({{"编号", "备注"}}).find("lacks the column \"名称\""), std::string::npos);
  EXPECT_NE(read({{"编号", "名称", "客户名"}}).find("unknown column \"客户名\""), std::string::npos);
  EXPECT_NE(read({{"编号", "名称", "名称"}}).find("\"名称\" twice"), std::string::npos);
  EXPECT_NE(read({{"编号", "名称", ""}, {"1", "a", "lost?"}}).find("cell C2, in a column without a title"),
            std::string::npos);
}

}  // namespace
}  // namespace huiliu::table
