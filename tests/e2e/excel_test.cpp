// Excel in and out, and the difference report, against the three systems.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/e2e/installation.hpp"
#include "tests/e2e/workbook.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;
using testing::HasSubstr;

class Excel : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new Installation(60, 3);
    world_->settle();
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  Installation& world() { return *world_; }
  std::string file(const std::string& name) { return (world().directory / name).string(); }

  Workbook exported(const std::string& name) {
    const Finished finished = world().huiliu({"customer", "export", file(name)});
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return Workbook::load(file(name));
  }
  std::string value_of(const std::string& customer, const std::string& field) {
    return world().customer(customer)["fields"][field]["value"].to_text();
  }

  static Installation* world_;
};
Installation* Excel::world_ = nullptr;

TEST_F(Excel, AnExportThatNobodyChangedChangesNothing) {
  Workbook book = exported("same.xlsx");
  EXPECT_EQ(book.sheets.size(), 2U);
  EXPECT_EQ(book.rows().size(), book.sheets[1].rows.size());
  book.save(file("same.xlsx"));
  const Finished finished = world().huiliu({"customer", "import", file("same.xlsx")});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  const auto lines = finished.lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["changes"].to_text(), "0");
}

TEST_F(Excel, AChangedCellIsShownThenAppliedThenReachesTheSystems) {
  Workbook book = exported("edit.xlsx");
  const auto customers = world().shared("customer", {"kingdee", "dingtalk"});
  ASSERT_FALSE(customers.empty());
  const std::string id = customers.front()["id"].to_text();
  const std::size_t row = book.row_with("统一客户编号", id);
  ASSERT_GT(row, 0U);
  book.cell(row, "总机") = "025-66887799";
  // Columns may change places.
  const std::size_t a = book.column("总机");
  const std::size_t b = book.column("客户名称");
  for (auto& cells : book.rows()) std::swap(cells[a], cells[b]);
  book.save(file("edit.xlsx"));

  const Finished shown = world().huiliu({"customer", "import", file("edit.xlsx")});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  auto lines = shown.lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["field"].to_text(), "phones[switchboard]");
  EXPECT_EQ(lines[0]["customer"].to_text(), id);
  EXPECT_EQ(lines[0]["to"].to_text(), "025-66887799");
  EXPECT_EQ(lines[1]["applied"].to_text(), "0");
  EXPECT_NE(value_of(id, "phones[switchboard]"), "025-66887799");

  const Finished stale = world().huiliu({"customer", "import", file("edit.xlsx"), "--apply", "--plan", "1"});
  EXPECT_EQ(stale.exit_code, 1);
  const Finished applied = world().huiliu(
      {"customer", "import", file("edit.xlsx"), "--apply", "--plan", lines[1]["hash"].to_text()});
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  const std::string run = applied.lines().back()["run"].to_text();
  const Value customer = world().customer(id);
  EXPECT_EQ(customer["fields"]["phones[switchboard]"]["connection"].to_text(), "hub");
  EXPECT_EQ(customer["fields"]["phones[switchboard]"]["run"].to_text(), run);
  const Finished recorded = world().huiliu({"run", "show", run});
  ASSERT_EQ(recorded.exit_code, 0) << recorded.err;
  EXPECT_EQ(recorded.json()["job"].to_text(), "import");
  EXPECT_TRUE(recorded.json()["streams"].as_array().front()["balanced"].as_bool());
  world().settle();
  EXPECT_THAT(
      model::to_json(world().record("dingtalk", "customers", Installation::key_in(customer, "dingtalk"))),
      HasSubstr("66887799"));
  // The same file again says nothing new.
  const Finished again = world().huiliu({"customer", "import", file("edit.xlsx")});
  EXPECT_EQ(again.lines().back()["changes"].to_text(), "0");
}

TEST_F(Excel, ACellThatMovedMeanwhileIsRefusedAndTheRestGoesOn) {
  Workbook book = exported("moved.xlsx");
  const auto customers = world().shared("customer", {"kingdee", "dingtalk"});
  ASSERT_GT(customers.size(), 2U);
  const std::string moved = customers[1]["id"].to_text();
  const std::string good = customers[2]["id"].to_text();
  book.cell(book.row_with("统一客户编号", moved), "网站") = "www.from-excel.example";
  book.cell(book.row_with("统一客户编号", good), "网站") = "www.good.example";
  book.cell(book.row_with("统一客户编号", good), "统一社会信用代码") = "91320500MA1";
  book.cell(book.row_with("统一客户编号", good), "负责人") = "somebody";
  book.rows().push_back(book.rows()[1]);
  book.rows().push_back(std::vector<std::string>(book.rows()[1].size()));
  book.rows().back()[book.column("客户名称")] = "新客户有限公司";
  book.save(file("moved.xlsx"));
  ASSERT_EQ(world().huiliu({"customer", "set", moved, "website", "www.from-console.example"}).exit_code, 0);

  const Finished applied = world().huiliu({"customer", "import", file("moved.xlsx"), "--apply"});
  EXPECT_EQ(applied.exit_code, 1);
  std::map<std::string, std::string> refusals;
  for (const Value& line : applied.lines())
    if (line.find("field") != nullptr)
      refusals[line["field"].to_text() + "@" + line["customer"].to_text()] = line["refused"].to_text();
  EXPECT_THAT(refusals["website@" + moved], HasSubstr("changed since the export"));
  EXPECT_EQ(refusals["website@" + good], "");
  EXPECT_NE(refusals["identifiers.uscc@" + good], "");
  EXPECT_THAT(refusals["owner@" + good], HasSubstr("reading only"));
  EXPECT_THAT(refusals["@"], HasSubstr("no id"));
  EXPECT_EQ(value_of(moved, "website"), "www.from-console.example");
  EXPECT_EQ(value_of(good, "website"), "www.good.example");
}

TEST_F(Excel, AnImportIsTakenBackAsAWhole) {
  Workbook book = exported("undo.xlsx");
  const auto customers = world().shared("customer", {"kingdee", "dingtalk"});
  ASSERT_GT(customers.size(), 4U);
  const std::string one = customers[3]["id"].to_text();
  const std::string two = customers[4]["id"].to_text();
  const std::string before = value_of(one, "website");
  book.cell(book.row_with("统一客户编号", one), "网站") = "www.import-one.example";
  book.cell(book.row_with("统一客户编号", two), "网站") = "www.import-two.example";
  book.save(file("undo.xlsx"));
  const Finished applied = world().huiliu({"customer", "import", file("undo.xlsx"), "--apply"});
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  const std::string run = applied.lines().back()["run"].to_text();
  ASSERT_EQ(world().huiliu({"customer", "set", two, "website", "www.since-then.example"}).exit_code, 0);
  const Finished undone = world().huiliu({"run", "undo", run});
  EXPECT_EQ(undone.exit_code, 1) << "one was changed since";
  EXPECT_EQ(undone.lines().back()["restored"].to_text(), "1") << undone.out << undone.err;
  EXPECT_EQ(undone.lines().back()["moved"].to_text(), "1");
  EXPECT_EQ(value_of(one, "website"), before);
  EXPECT_EQ(value_of(two, "website"), "www.since-then.example");
  EXPECT_EQ(world().huiliu({"run", "undo", run}).exit_code, 1) << "once only";
}

TEST_F(Excel, AnImportIsSomebodysAndHisCellsNeedTheRight) {
  std::ofstream(world().config / "hub.yaml", std::ios::app)
      << "users:\n  chen: {name: 陈工, roles: [steward]}\n  wang: {name: 王敏, roles: [sales]}\n";
  Workbook book = exported("rights.xlsx");
  const std::string id = world().shared("customer", {"kingdee", "dingtalk"}).at(0)["id"].to_text();
  const auto row = book.row_with("统一客户编号", id);
  book.cell(row, "网站") = "www.rights.example";
  book.cell(row, "客户名称") = "权限试验有限公司";
  book.save(file("rights.xlsx"));
  EXPECT_EQ(world().huiliu({"customer", "import", file("rights.xlsx"), "--as", "nobody"}).exit_code, 1);
  const Finished sales =
      world().huiliu({"customer", "import", file("rights.xlsx"), "--apply", "--as", "wang"});
  EXPECT_EQ(sales.exit_code, 1);
  EXPECT_EQ(sales.lines().back()["applied"].to_text(), "0");
  const Finished steward =
      world().huiliu({"customer", "import", file("rights.xlsx"), "--apply", "--as", "chen"});
  EXPECT_EQ(steward.exit_code, 1);
  EXPECT_EQ(steward.lines().back()["applied"].to_text(), "1");
  EXPECT_EQ(value_of(id, "website"), "www.rights.example");
  EXPECT_NE(value_of(id, "names.legal"), "权限试验有限公司");
  for (const Value& line : steward.lines())
    if (line["field"].to_text() == "names.legal") {
      EXPECT_THAT(line["refused"].to_text(), HasSubstr("finance"));
    }
  const Finished matched = world().huiliu({"match", "export", file("who.xlsx")});
  ASSERT_EQ(matched.exit_code, 0);
  const Finished no_right = world().huiliu({"match", "import", file("who.xlsx"), "--as", "wang"});
  EXPECT_EQ(no_right.exit_code, 1);
  EXPECT_THAT(no_right.err, HasSubstr("steward"));
  EXPECT_EQ(world().huiliu({"match", "import", file("who.xlsx"), "--as", "chen"}).exit_code, 0);
}

TEST_F(Excel, FilesThatAreNoExportAreRefusedWhole) {
  Workbook book = exported("bad.xlsx");
  const auto error = [&](const Workbook& changed) {
    changed.save(file("bad.xlsx"));
    const Finished finished = world().huiliu({"customer", "import", file("bad.xlsx"), "--apply"});
    EXPECT_EQ(finished.exit_code, 1);
    return finished.err;
  };
  Workbook renamed = book;
  renamed.rows()[0][renamed.column("网站")] = "网址";
  EXPECT_THAT(error(renamed), HasSubstr("unknown column \"网址\""));
  Workbook bare = book;
  bare.sheets.pop_back();
  EXPECT_THAT(error(bare), HasSubstr("_base is missing"));
  std::ofstream(file("bad.xlsx")) << "no zip at all";
  const Finished finished = world().huiliu({"customer", "import", file("bad.xlsx")});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, HasSubstr("no Excel workbook"));
  EXPECT_EQ(world().huiliu({"customer", "import", file("nothing.xlsx")}).exit_code, 1);
}

TEST_F(Excel, TheDifferenceReportAddsUp) {
  const Finished finished =
      world().huiliu({"reconcile", "kingdee", "dingtalk", "--out", file("differences.xlsx")});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const Value report = finished.json();
  std::int64_t differing = 0;
  std::int64_t names = 0;
  for (const Value& pair : report["pairs"].as_array()) {
    EXPECT_EQ(pair["a"].to_text(), "kingdee");
    EXPECT_EQ(pair["b"].to_text(), "dingtalk");
    for (const char* kind : {"different", "only_a", "only_b"})
      differing += pair[kind].as_number().to_int64().value_or(0);
    if (pair["field"].to_text() != "names.legal") continue;
    names = pair["equal"].as_number().to_int64().value_or(0) +
            pair["different"].as_number().to_int64().value_or(0);
    EXPECT_EQ(pair["authority"].to_text(), "kingdee");
  }
  EXPECT_EQ(static_cast<std::size_t>(names), world().shared("customer", {"kingdee", "dingtalk"}).size());
  Workbook book = Workbook::load(file("differences.xlsx"));
  EXPECT_EQ(static_cast<std::int64_t>(book.rows().size()) - 1, differing);
  EXPECT_EQ(world().huiliu({"reconcile", "kingdee"}).exit_code, 2);
  EXPECT_EQ(world().huiliu({"reconcile", "kingdee", "nowhere"}).exit_code, 1);
  EXPECT_GT(world().huiliu({"reconcile"}).json()["pairs"].as_array().size(),
            report["pairs"].as_array().size());
}

TEST_F(Excel, TheMatchingIsReportedExportedAndCorrected) {
  const Finished report = world().huiliu({"match", "report"});
  ASSERT_EQ(report.exit_code, 0) << report.err;
  const Value counts = report.json();
  for (const char* name : {"exact", "probable", "ambiguous", "new"})
    EXPECT_TRUE(counts[name].is_number()) << name;
  ASSERT_EQ(world().huiliu({"match", "export", file("match.xlsx")}).exit_code, 0);
  Workbook book = Workbook::load(file("match.xlsx"));
  std::int64_t records = 0;
  for (const char* name : {"exact", "probable", "ambiguous", "new"})
    records += counts[name].as_number().to_int64().value_or(0);
  EXPECT_EQ(static_cast<std::int64_t>(book.rows().size()) - 1, records);

  // 可能 → 合并; 确定 → 拆出; and what cannot be.
  const std::size_t likely = book.row_with("结论", "可能");
  const std::size_t sure = book.row_with("结论", "确定");
  const std::size_t fresh = book.row_with("结论", "新");
  ASSERT_GT(likely, 0U);
  ASSERT_GT(sure, 0U);
  ASSERT_GT(fresh, 0U);
  const std::string target = book.cell(likely, "可能相同");
  const std::string customer = book.cell(likely, "统一客户编号");
  const std::string apart = book.cell(sure, "统一客户编号");
  book.cell(likely, "处理") = "合并";
  book.cell(sure, "处理") = "拆出";
  book.cell(fresh, "处理") = "拆出";
  book.save(file("match.xlsx"));
  const Finished shown = world().huiliu({"match", "import", file("match.xlsx")});
  EXPECT_EQ(shown.exit_code, 1);
  EXPECT_EQ(shown.lines().back()["decisions"].to_text(), "2");
  EXPECT_EQ(shown.lines().back()["refused"].to_text(), "1");
  const Finished applied = world().huiliu({"match", "import", file("match.xlsx"), "--apply"});
  EXPECT_EQ(applied.lines().back()["applied"].to_text(), "2") << applied.out << applied.err;
  EXPECT_EQ(world().customer(customer)["id"].to_text(), world().customer(target)["id"].to_text());
  // Read back a second time: the records are elsewhere now.
  const Finished again = world().huiliu({"match", "import", file("match.xlsx"), "--apply"});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_EQ(again.lines().back()["applied"].to_text(), "0") << again.out;
  EXPECT_FALSE(apart.empty());
}

}  // namespace
}  // namespace huiliu::e2e
