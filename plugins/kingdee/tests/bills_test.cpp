// Orders, receivables, receipts and departments: read only, one record a bill, whatever its lines.
#include "plugins/kingdee/tests/fixture.hpp"

namespace kingdee_test {
namespace {

class BillsTest : public KingdeeTest {
 protected:
  BillsTest() {
    customer(101, "甲公司");
    copy_of(101, 901);
  }
  void order(int id, const std::string& more = "") {
    load("orders",
         R"({"FID":)" + std::to_string(id) + R"(,"FBillNo":"XSDD)" + std::to_string(id) +
             R"(","FDate":"2025-12-01T00:00:00","FCustId.FNumber":"C101","FSaleOrgId.FNumber":"100",)" +
             R"("FSalerId.FNumber":"E1","FSettleCurrId.FNumber":"PRE001","FExchangeRate":1,)" +
             R"("FBillAllAmount":12345678901.1234567891,"FDocumentStatus":"C","FCloseStatus":"A",)" +
             R"("FCancelStatus":"A","FCreateDate":"2025-12-01T09:00:00",)" +
             R"("FSaleOrderEntry":[{"FQty":2,"FAllAmount":10.50},{"FQty":1,"FAllAmount":5.25}])" +
             (more.empty() ? "" : "," + more) + "}");
  }
  static std::string at(const host::RemoteRecord& record, std::string_view path) {
    const model::Value* found = record.body.at_path(path);
    return found == nullptr ? "(none)" : found->to_text();
  }
};

TEST_F(BillsTest, AnOrderIsOneRecordHoweverManyLinesItHas) {
  order(1);
  order(2);
  for (const char* settings : {"{}", R"({"read_lines":true})"}) {
    const Read read = this->read(open(settings), host::ReadMode::full, "", "orders");
    ASSERT_TRUE(read.status.ok()) << read.status.error().text();
    EXPECT_EQ(read.keys(), (std::vector<std::string>{"1", "2"})) << settings;
    EXPECT_EQ(at(read.records[0], "FSettleCurrId.FNumber"), "PRE001");
  }
}

TEST_F(BillsTest, LinesAreReadWhenAsked) {
  order(1);
  const Read read =
      this->read(open(R"({"read_lines":true,"page_size":1})"), host::ReadMode::full, "", "orders");
  const auto& lines = read.records.at(0).body.find("FSaleOrderEntry")->as_array();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at_path("FAllAmount")->to_text(), "10.5");
  EXPECT_EQ(lines[1].at_path("FQty")->to_text(), "1");
}

// The customer of a bill is known by the record that the stream of customers shows, also when it names a
// copy.
TEST_F(BillsTest, ABillNamesItsCustomersRecord) {
  order(1);
  const Read read = this->read(open(), host::ReadMode::full, "", "orders");
  EXPECT_EQ(at(read.records.at(0), "FCustId.Id"), "101");
  EXPECT_EQ(at(read.records.at(0), "FCustId.FNumber"), "C101");
  EXPECT_EQ(at(read.records.at(0), "FSalerId.FName"), "业务员E1");
}

TEST_F(BillsTest, BillsAreFoundByTheirCustomerAndNumber) {
  order(1);
  order(2, R"("FCustId.FNumber":"C999")");
  Read found;
  for (const auto& [field, value] : {std::pair{"FCustId.FNumber", "C101"}, {"FBillNo", "XSDD1"}}) {
    found.records.clear();
    ASSERT_TRUE(open().find({"orders", {{field, value}}, 0}, consumer(found)).ok());
    EXPECT_EQ(found.keys(), std::vector<std::string>{"1"}) << field;
  }
}

TEST_F(BillsTest, ChangesShowNewBillsAndOtherStates) {
  order(1);
  auto& instance = open();
  const Read all = read(instance, host::ReadMode::full, "", "orders");
  wait_seconds(600);
  edit("1", R"({"FCloseStatus":"B"})", "orders");
  const Read changed = read(instance, host::ReadMode::changes, all.last_cursor(), "orders");
  ASSERT_EQ(changed.keys(), std::vector<std::string>{"1"});
  EXPECT_EQ(at(changed.records[0], "FCloseStatus"), "B");
  EXPECT_NE(changed.records[0].version, all.records[0].version);
}

TEST_F(BillsTest, AmountsKeepEveryDigit) {
  load("receivables",
       R"({"FID":7,"FBillNo":"AR7","FDATE":"2025-12-01T00:00:00","FENDDATE_H":"2026-01-01T00:00:00",)"
       R"("FCUSTOMERID.FNumber":"C101","FALLAMOUNTFOR":30.25,"FWRITTENOFFSTATUS":"B","FDocumentStatus":"C",)"
       R"("FCreateDate":"2025-12-01T09:00:00"})");
  load("receipts",
       R"({"FID":8,"FBillNo":"SKD8","FDATE":"2025-12-09T00:00:00","FCONTACTUNITTYPE":"BD_Customer",)"
       R"("FCONTACTUNIT.FNumber":"C101","FREALRECAMOUNTFOR":0.1,"FDocumentStatus":"C",)"
       R"("FCreateDate":"2025-12-09T09:00:00"})");
  auto& instance = open();
  const Read owed = read(instance, host::ReadMode::full, "", "receivables");
  EXPECT_EQ(at(owed.records.at(0), "FALLAMOUNTFOR"), "30.25");
  EXPECT_EQ(at(owed.records.at(0), "FCUSTOMERID.Id"), "101");
  EXPECT_EQ(at(owed.records.at(0), "FWRITTENOFFSTATUS"), "B");
  const Read paid = read(instance, host::ReadMode::full, "", "receipts");
  EXPECT_EQ(at(paid.records.at(0), "FREALRECAMOUNTFOR"), "0.1");
  EXPECT_EQ(at(paid.records.at(0), "FCONTACTUNIT.FNumber"), "C101");
}

TEST_F(BillsTest, DepartmentsAreReadAndNothingIsWrittenThere) {
  load("departments", R"({"FDEPTID":5,"FNumber":"BM1","FName":"销售一部","FForbidStatus":"A"})");
  auto& instance = open();
  const Read read = this->read(instance, host::ReadMode::full, "", "departments");
  EXPECT_EQ(at(read.records.at(0), "FName"), "销售一部");
  for (const char* stream : {"departments", "orders", "receipts"})
    EXPECT_EQ(
        instance.write(stream, {{.key = "5", .body = value(R"({"FName":"x"})")}}).ended.error().error_class,
        model::ErrorClass::unsupported)
        << stream;
}

// A generated site has what a trading customer leaves behind, and people in departments.
TEST_F(BillsTest, AGeneratedWorldHasBills) {
  kingdee_twin::KingdeeTwin twin({.quota_factor = 0, .seed = 1, .clock = {}});
  huiliu::twin::WorldOptions options;
  options.customers = 60;
  twin.populate(huiliu::twin::generate_world(options));
  for (const char* stream : {"orders", "receivables", "receipts", "departments", "credits"})
    EXPECT_GT(twin.store().size(stream), 0u) << stream;
}

// ---- Credit files -----------------------------------------------------------------------------------------

class CreditTest : public KingdeeTest {
 protected:
  CreditTest() {
    for (int i = 1; i <= 5; ++i) customer(100 + i, "公司" + std::to_string(i));
    copy_of(101, 901);
    file(1, {{1, "50000.5"}, {2, "0"}, {4, "800"}});
    file(2, {{1, "20000"}, {3, "100"}});
  }
  /// An organisation's file: customers and their limits.
  void file(int id, const std::vector<std::pair<int, std::string>>& lines) {
    std::string entry;
    for (const auto& [customer, amount] : lines)
      entry += std::string(entry.empty() ? "" : ",") + R"({"FOBJECTID":{"FNumber":"C10)" +
               std::to_string(customer) + R"("},"FCREDITAMOUNT":)" + amount + R"(,"FOVERDAYS":30})";
    load("credits", R"({"FID":)" + std::to_string(id) + R"(,"FEntity":[)" + entry + "]}");
  }
  static std::string at(const host::RemoteRecord* record, std::string_view path) {
    const model::Value* found = record == nullptr ? nullptr : record->body.at_path(path);
    return found == nullptr ? "(none)" : found->to_text();
  }
};

// A file has a line for each customer, and a customer stands in the file of each organisation: asked for
// plainly, both multiply.
TEST_F(CreditTest, ACustomerIsOneRecordWhateverFilesHeStandsIn) {
  for (const char* settings : {"{}", R"({"page_size":1})", R"({"page_size":2})", R"({"page_size":3})"}) {
    const Read all = read(open(settings), host::ReadMode::full, "", "credits");
    ASSERT_TRUE(all.status.ok()) << all.status.error().text();
    EXPECT_EQ(all.keys(), (std::vector<std::string>{"101", "102", "103", "104"})) << settings;
    const host::RemoteRecord* first = all.find("101");
    ASSERT_EQ(first->body["organisations"].as_array().size(), 2u) << settings;
    EXPECT_EQ(at(first, "organisations.0.FCREDITAMOUNT"), "50000.5");
    EXPECT_EQ(at(first, "organisations.1.FCREDITAMOUNT"), "20000");
    EXPECT_EQ(at(first, "organisations.1.FOVERDAYS"), "30");
    EXPECT_EQ(at(first, "FOBJECTID.Id"), "101") << "as the stream of customers knows him";
    EXPECT_EQ(at(first, "FOBJECTID.FNumber"), "C101");
  }
}

TEST_F(CreditTest, LimitsAreLookedUpFoundAndSeenToChange) {
  host::Instance& instance = open(R"({"page_size":1})");
  Read looked;
  ASSERT_TRUE(instance.lookup("credits", {"101", "105", "x"}, consumer(looked)).ok());
  EXPECT_EQ(at(looked.find("101"), "organisations.1.FCREDITAMOUNT"), "20000");
  EXPECT_TRUE(looked.find("105")->deleted);
  EXPECT_TRUE(looked.find("x")->deleted);
  Read found;
  ASSERT_TRUE(instance.find({"credits", {{"FOBJECTID.FNumber", "C104"}}, 0}, consumer(found)).ok());
  EXPECT_EQ(found.keys(), std::vector<std::string>{"104"});

  const Read before = read(instance, host::ReadMode::full, "", "credits");
  server_.locked([&] { twin_.store().remove("credits", "2", huiliu::twin::Origin::load); });
  file(3, {{1, "30000"}});
  const Read after = read(instance, host::ReadMode::changes, before.last_cursor(), "credits");
  ASSERT_NE(after.find("101"), nullptr) << "without a date of change the whole is read";
  EXPECT_EQ(at(after.find("101"), "organisations.1.FCREDITAMOUNT"), "30000");
  EXPECT_NE(after.find("101")->version, before.find("101")->version);
  EXPECT_EQ(after.find("104")->version, before.find("104")->version);
}

// ---- Allocation (the rest of it is in write_test.cpp) -----------------------------------------------------

TEST_F(KingdeeTest, WhereAllocationIsForbiddenNothingIsSent) {
  customer(101, "甲公司");
  const auto off =
      write(open(R"({"allocate":false})"),
            {.key = "101", .body = value(R"({"organisations":[{"FUseOrgId":{"FNumber":"200"}}]})")});
  EXPECT_EQ(off.outcome, host::WriteOutcome::rejected);
  EXPECT_EQ(calls("Allocate"), 0);
}

}  // namespace
}  // namespace kingdee_test
