// Reading against the twin: each test is a way in which a plain connector would be wrong.
#include <algorithm>
#include <set>

#include "plugins/yonyou/tests/fixture.hpp"

namespace yonyou_test {
namespace {

using ReadTest = YonyouTest;

constexpr std::int64_t base = 1706047321704235000;
std::string key(int i) { return std::to_string(base + i); }

TEST_F(ReadTest, CheckWorks) { EXPECT_TRUE(open().check().ok()); }

TEST_F(ReadTest, ARecordIsTheVendorsWithPartsAndDefaults) {
  customer(base + 1, "甲公司",
           R"("creditCode":"91320500MA1WXYZ123","licenseType":0,"contactTel":"0512-66881234",
             "principals":[{"id":5,"professSalesmanCode":"E1","isDefault":true}],
             "merchantAgentInvoiceInfos":[{"id":6,"title":"旧","isDefault":false},{"id":7,"title":"甲公司","taxNo":"T1","isDefault":true}])");
  const Read all = read(open());
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  ASSERT_EQ(all.keys(), std::vector<std::string>{key(1)});
  const auto& body = all.records[0].body;
  EXPECT_EQ(body.at_path("name.simplifiedName")->to_text(), "甲公司");
  EXPECT_EQ(body.at_path("defaults.invoice.taxNo")->to_text(), "T1");
  EXPECT_EQ(body.at_path("organisations.0.belongOrgCode")->to_text(), "300");
  EXPECT_EQ(body.at_path("organisations.0.defaultPrincipal.professSalesmanCode")->to_text(), "E1");
  EXPECT_TRUE(body["email"].is_null());  // the whole record was read: what is not there is empty
  EXPECT_EQ(all.records[0].version, "2025-01-01 09:00:00");
  EXPECT_EQ(all.records[0].changed_at, 1'735'693'200'000'000);
}

// Quirks 8 and 12: money is text in 万 with two decimals, and tenants add members (特征) of their own.
TEST_F(ReadTest, WhatATenantAddsIsPassedThrough) {
  customer(base + 1, "甲公司", R"("money":"500.00","merchantCharacter":{"attr1":"老客户","attr2":7})");
  const Read all = read(open());
  ASSERT_EQ(all.records.size(), 1U);
  EXPECT_EQ(all.records[0].body["money"].to_text(), "500.00");
  EXPECT_EQ(all.records[0].body.at_path("merchantCharacter.attr1")->to_text(), "老客户");
  EXPECT_EQ(all.records[0].body.at_path("merchantCharacter.attr2")->to_text(), "7");
}

// Quirk 2: ids of 19 digits differ in the last ones only.
TEST_F(ReadTest, LongIdsKeepTheirLastDigits) {
  customer(base + 1, "甲");
  customer(base + 2, "乙");
  EXPECT_EQ(read(open()).keys(), (std::vector<std::string>{key(1), key(2)}));
}

// Quirk 6: what a using organisation keeps comes by a question of its own, and the customer stays one record.
TEST_F(ReadTest, UsingOrganisationsAreParts) {
  customer(base + 1, "甲", R"("merchantApplyRanges":[{"orgIdCode":"300"},{"orgIdCode":"310"}])");
  server_.locked([&] {
    twin_.store().update(
        "customers", key(1),
        [](json::object& body) {
          body["appliedDetails"].as_object()["1706047300000000310"].as_object()["collectionAgreementName"] =
              "款到发货";
          body["appliedDetails"].as_object()["1706047300000000310"].as_object()["stopStatus"] = true;
        },
        {}, huiliu::twin::Origin::load);
  });
  const Read all = read(open());
  ASSERT_EQ(all.records.size(), 1U);
  const auto& parts = all.records[0].body["organisations"].as_array();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0]["belongOrgCode"].to_text(), "300");
  EXPECT_EQ(parts[1]["belongOrgCode"].to_text(), "310");
  EXPECT_EQ(parts[1].at_path("merchantAppliedDetail.collectionAgreementName")->to_text(), "款到发货");
  EXPECT_EQ(parts[0]["stopped"].to_text(), "false");
  EXPECT_EQ(parts[1]["stopped"].to_text(), "true");  // stopped there is not stopped here
  EXPECT_EQ(all.records[0].body["stopStatus"].to_text(), "false");
}

// newlist promises no order and tells no total: pages shift and shuffle.
TEST_F(ReadTest, ShuffledPagesHideNothing) {
  for (int i = 0; i < 25; ++i) customer(base + i, "公司" + std::to_string(i));
  rules(R"({"shuffled_lists":true})");
  for (int size : {1, 4, 24, 25, 26}) {
    const Read all = read(open(R"({"page_size":)" + std::to_string(size) + "}"));
    ASSERT_TRUE(all.status.ok());
    EXPECT_EQ(all.records.size(), 25U) << size;
    EXPECT_TRUE(std::is_sorted(all.records.begin(), all.records.end(),
                               [](const auto& a, const auto& b) { return a.key < b.key; }));
  }
}

TEST_F(ReadTest, ARecordDeletedBetweenTwoPagesHidesNoOther) {
  for (int i = 0; i < 250; ++i) customer(base + i, "公司" + std::to_string(i));
  bool done = false;
  after_page_ = [&] {
    if (done) return;
    done = true;
    server_.locked([&] { twin_.remove("customers", key(0), ""); });
  };
  const Read all = read(open(R"({"page_size":10})"));
  ASSERT_TRUE(all.status.ok());
  std::set<std::string> seen;
  for (const auto& record : all.records) seen.insert(record.key);
  for (int i = 1; i < 250; ++i) EXPECT_TRUE(seen.contains(key(i))) << i;
}

// The gateway gives the list ten seconds, whatever the page.
TEST_F(ReadTest, ASlowListIsAskedForSmallerPages) {
  for (int i = 0; i < 130; ++i) customer(base + i, "公司" + std::to_string(i));
  rules(R"({"slow_page":80})");
  const Read all = read(open());
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  EXPECT_EQ(all.records.size(), 130U);
}

TEST_F(ReadTest, ChangesAreAWindowThatOverlaps) {
  customer(base + 1, "甲");
  host::Instance& instance = open();
  const Read all = read(instance);
  wait_seconds(3600);
  Read changes = read(instance, "customers", ReadMode::changes, all.cursor());
  EXPECT_TRUE(changes.records.empty());
  edit(key(1), R"({"contactTel":"0512-1"})");
  changes = read(instance, "customers", ReadMode::changes, changes.cursor());
  EXPECT_EQ(changes.keys(), std::vector<std::string>{key(1)});
  // The same rows come again inside the overlap.
  changes = read(instance, "customers", ReadMode::changes, changes.cursor());
  EXPECT_EQ(changes.keys(), std::vector<std::string>{key(1)});
  wait_seconds(3600);
  changes = read(instance, "customers", ReadMode::changes, changes.cursor());
  changes = read(instance, "customers", ReadMode::changes, changes.cursor());
  EXPECT_TRUE(changes.records.empty());
}

// Times have seconds only: whatever shares one second must not hide what comes after it.
TEST_F(ReadTest, AnyNumberMayShareASecond) {
  for (int i = 0; i < 230; ++i)
    customer(base + i, "公司" + std::to_string(i), R"("pubts":"2026-01-01 08:00:00")");
  host::Instance& instance = open(R"({"page_size":7})");
  const std::string cursor = read(instance).cursor();
  Read part = read(instance, "customers", ReadMode::changes, cursor, 100);
  std::set<std::string> seen;
  for (int rounds = 0; rounds < 10 && !part.records.empty(); ++rounds) {
    for (const auto& record : part.records) seen.insert(record.key);
    if (seen.size() == 230) break;
    part = read(instance, "customers", ReadMode::changes, part.cursor(), 100);
  }
  EXPECT_EQ(seen.size(), 230U);
}

TEST_F(ReadTest, AChangeDuringTheScanIsInTheNextWindow) {
  for (int i = 0; i < 3; ++i) customer(base + i, "公司" + std::to_string(i));
  host::Instance& instance = open();
  after_page_ = [&] {
    after_page_ = {};
    edit(key(0), R"({"contactTel":"9"})");
  };
  const Read all = read(instance);
  const Read changes = read(instance, "customers", ReadMode::changes, all.cursor());
  ASSERT_EQ(changes.keys(), std::vector<std::string>{key(0)});
  EXPECT_EQ(changes.records[0].body["contactTel"].to_text(), "9");
}

// The window starts by the vendor's clock, not by ours.
TEST_F(ReadTest, AClockThatRunsBehindLosesNothing) {
  ahead_ms_ = -500'000;
  customer(base + 1, "甲");
  host::Instance& instance = open();
  const Read all = read(instance);
  wait_seconds(60);
  edit(key(1), R"({"contactTel":"9"})");
  EXPECT_EQ(read(instance, "customers", ReadMode::changes, all.cursor()).keys(),
            std::vector<std::string>{key(1)});
}

TEST_F(ReadTest, EveryCursorOfAFullReadGoesOnWhereItStopped) {
  for (int i = 0; i < 350; ++i) customer(base + i, "公司" + std::to_string(i));
  host::Instance& instance = open();
  const Read all = read(instance);
  ASSERT_EQ(all.records.size(), 350U);
  ASSERT_GE(all.cursors.size(), 4U);
  for (std::size_t i = 0; i + 1 < all.cursors.size(); ++i) {
    const Read rest = read(instance, "customers", ReadMode::full, all.cursors[i]);
    EXPECT_EQ(rest.records.size() + all.covered[i], 350U);
  }
  EXPECT_EQ(read(instance, "customers", ReadMode::full, "", 1).records.size(), 100U);
  EXPECT_FALSE(read(instance, "customers", ReadMode::changes, "nonsense").status.ok());
}

// A deletion leaves no row: only the keys show it.
TEST_F(ReadTest, KeysShowWhatVanished) {
  customer(base + 1, "甲");
  customer(base + 2, "乙");
  host::Instance& instance = open();
  control("/delete", R"({"stream":"customers","key":")" + key(1) + "\"}");
  EXPECT_EQ(read(instance, "customers", ReadMode::keys).keys(), std::vector<std::string>{key(2)});
  const Read looked = lookup(instance, "customers", {key(1), key(2)});
  ASSERT_EQ(looked.records.size(), 2U);
  EXPECT_EQ(
      std::count_if(looked.records.begin(), looked.records.end(), [](const auto& r) { return r.deleted; }),
      1);
}

// Keys of contacts stand in the customers, which do not all fit into memory.
TEST_F(ReadTest, KeysOfContactsGoOnBeforeAllCustomersAreRead) {
  constexpr int count = 250;
  for (int i = 0; i < count; ++i) {
    customer(base + i, "公司");
    contact(base + i, 1000 + i, "王敏");
  }
  std::vector<std::size_t> pages;
  Read all;
  host::RecordConsumer keep = consumer(all);
  const auto page = keep.page;
  keep.page = [&](host::Page shown) {
    pages.push_back(shown.records.size());
    return page(std::move(shown));
  };
  ASSERT_TRUE(
      open().read({.stream = "contacts", .mode = ReadMode::keys, .cursor = "", .limit = 0}, keep).ok());
  EXPECT_EQ(all.records.size(), std::size_t{count});
  EXPECT_EQ(pages.size(), 3U);
}

// Some tenants refuse the whole question when one id is unknown.
TEST_F(ReadTest, OneUnknownIdDoesNotHideTheOthers) {
  for (int i = 0; i < 9; ++i) customer(base + i, "公司");
  rules(R"({"missing_fails_batch":true})");
  const Read looked = lookup(open(), "customers", {key(1), key(77), key(3), key(8)});
  ASSERT_TRUE(looked.status.ok()) << looked.status.error().text();
  EXPECT_EQ(
      std::count_if(looked.records.begin(), looked.records.end(), [](const auto& r) { return !r.deleted; }),
      3);
}

TEST_F(ReadTest, ContactsAreAStreamOfTheirOwn) {
  customer(base + 1, "甲");
  contact(base + 1, 901, "王敏", R"("areaCodeMobile":"+86-13800000000")");
  contact(base + 1, 902, "李四");
  host::Instance& instance = open();
  const Read all = read(instance, "contacts");
  ASSERT_EQ(all.keys(), (std::vector<std::string>{key(1) + "-901", key(1) + "-902"}));
  EXPECT_EQ(all.records[0].body["merchantId"].to_text(), key(1));
  EXPECT_EQ(all.records[0].body["merchantCode"].to_text(), "V" + key(1));
  EXPECT_FALSE(read(instance).records[0].body.find("merchantContactInfos"));
  wait_seconds(3600);
  Read changes = read(instance, "contacts", ReadMode::changes, all.cursor());
  edit(key(1) + "-902", R"({"positionName":"经理"})", "contacts");
  changes = read(instance, "contacts", ReadMode::changes, changes.cursor());
  ASSERT_EQ(changes.records.size(), 2U);  // the customer's time moved; versions tell which contact did
  EXPECT_EQ(changes.records[0].version, all.records[0].version);
  EXPECT_NE(changes.records[1].version, all.records[1].version);
  const Read looked = lookup(instance, "contacts", {key(1) + "-902", key(1) + "-999", "nonsense"});
  EXPECT_EQ(looked.records.size(), 3U);
  EXPECT_FALSE(looked.records[0].deleted);
}

TEST_F(ReadTest, FindByNaturalKeys) {
  customer(base + 1, "甲公司", R"("creditCode":"91320500MA1WXYZ123")");
  customer(base + 2, "乙公司");
  host::Instance& instance = open();
  const auto find = [&](std::vector<std::pair<std::string, std::string>> fields) {
    Read out;
    out.status =
        instance.find({.stream = "customers", .fields = std::move(fields), .limit = 0}, consumer(out));
    return out;
  };
  EXPECT_EQ(find({{"name.simplifiedName", "乙公司"}}).keys(), std::vector<std::string>{key(2)});
  EXPECT_EQ(find({{"creditCode", "91320500MA1WXYZ123"}}).keys(), std::vector<std::string>{key(1)});
  EXPECT_EQ(find({{"code", "V" + key(1)}, {"name.simplifiedName", "乙公司"}}).keys(),
            std::vector<std::string>{});
  EXPECT_EQ(find({{"name.simplifiedName", "丙"}}).keys(), std::vector<std::string>{});
  EXPECT_TRUE(find({}).records.empty());
}

// Quirks 10 and 11: totals are text, numbers or blank, and one name is misspelled; neither is relied on.
TEST_F(ReadTest, StaffTotalsAreNotTrusted) {
  for (int i = 0; i < 230; ++i)
    load("employees", R"({"id":)" + std::to_string(i + 1) + R"(,"code":"E)" + std::to_string(i) +
                          R"(","name":"员工","enable":1,"pubts":"2025-01-01 00:00:00"})");
  for (const char* totals : {"text", "number", "empty"}) {
    rules(std::string(R"({"totals":")") + totals + "\"}");
    const Read all = read(open(), "employees");
    ASSERT_TRUE(all.status.ok()) << all.status.error().text();
    EXPECT_EQ(all.records.size(), 230U) << totals;
  }
  host::Instance& instance = open();
  const std::string cursor = read(instance, "employees").cursor();
  wait_seconds(7200);
  edit("E7", R"({"mobile":"13900000000"})", "employees");
  EXPECT_EQ(read(instance, "employees", ReadMode::changes, cursor).keys(), std::vector<std::string>{"E7"});
}

TEST_F(ReadTest, OrganisationsAndTreesShowTheirNames) {
  load("departments", R"({"id":1,"code":"A","name":"总部"})");
  load("departments", R"({"id":2,"code":"B","name":"销售部","parentId":1})");
  load("customer_classes", R"({"id":3,"code":"01","name":{"simplifiedName":"经销商"}})");
  host::Instance& instance = open();
  const Read organisations = read(instance, "organizations");
  ASSERT_EQ(organisations.records.size(), 3U);
  EXPECT_EQ(organisations.records[0].body["nameText"].to_text(), "云桥阀门有限公司");
  const Read departments = read(instance, "departments");
  ASSERT_EQ(departments.keys(), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(departments.records[1].body["parentId"].to_text(), "1");
  EXPECT_EQ(read(instance, "customer_classes").records.at(0).body["nameText"].to_text(), "经销商");
}

// Quirk 13: the list of orders has a row for each line unless it is asked for heads.
TEST_F(ReadTest, OrdersAreHeads) {
  for (int i = 1; i <= 7; ++i)
    load("orders", R"({"id":)" + std::to_string(1700000000000000000 + i) +
                       R"(,"code":"XSDD","pubts":"2025-01-01 00:00:0)" + std::to_string(i) + "\"}");
  load("receivables", R"({"id":8,"code":"YS","pubts":"2025-01-01 00:00:00"})");
  load("receipts", R"({"id":9,"code":"SK","pubts":"2025-01-01 00:00:00"})");
  host::Instance& instance = open();
  const Read all = read(instance, "orders");
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  EXPECT_EQ(all.records.size(), 7U);
  wait_seconds(7200);
  edit("1700000000000000003", R"({"nextStatus":"ENDORDER"})", "orders");
  edit("8", R"({"writeOffState":1})", "receivables");
  EXPECT_EQ(read(instance, "orders", ReadMode::changes, all.cursor()).keys(),
            std::vector<std::string>{"1700000000000000003"});
  EXPECT_EQ(lookup(instance, "orders", {"1700000000000000003"}).records.size(), 1U);
  EXPECT_EQ(read(instance, "receivables").keys(), std::vector<std::string>{"8"});
  EXPECT_EQ(read(instance, "receipts").keys(), std::vector<std::string>{"9"});
}

// A tenant may have the older module only: other paths, other names, no filter by time.
TEST_F(ReadTest, TheOlderFinanceModuleShowsWhatIsStillOpen) {
  load(
      "receivables",
      R"({"id":8,"code":"YS","bodyItemCustomer":17,"bodyItemOriTaxIncludedAmount":1000,"writeOffState":2,"pubts":"2025-01-01 00:00:00"})");
  load(
      "receivables",
      R"({"id":9,"code":"YS2","bodyItemCustomer":17,"bodyItemOriTaxIncludedAmount":7,"writeOffState":1,"pubts":"2025-01-01 00:00:00"})");
  load("receipts", R"({"id":10,"code":"SK","bodyItemCustomer":17,"pubts":"2025-01-01 00:00:00"})");
  rules(R"({"not_granted":["/yonbip/EFI/receivable/list","/yonbip/EFI/collection/list"]})");
  EXPECT_FALSE(read(open(), "receivables").status.ok());
  host::Instance& instance = open(R"({"old_finance":true})");
  const Read all = read(instance, "receivables");
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  ASSERT_EQ(all.keys(), (std::vector<std::string>{"8", "9"}));
  EXPECT_EQ(all.records[0].body["balance"].to_text(), "1000");
  EXPECT_EQ(all.records[1].body["balance"].to_text(), "0");
  EXPECT_EQ(all.records[1].body["writeoffstatus"].to_text(), "1");
  EXPECT_EQ(read(instance, "receipts").keys(), std::vector<std::string>{"10"});
  wait_seconds(3600);
  edit("8", R"({"writeOffState":1})", "receivables");
  const Read changes = read(instance, "receivables", ReadMode::changes, all.cursor());
  ASSERT_EQ(changes.records.size(), 2U) << "without a filter by time the whole is read";
  EXPECT_EQ(changes.records[0].body["balance"].to_text(), "0");
  EXPECT_EQ(lookup(instance, "receivables", {"9", "99"}).records.size(), 2U);
}

// An API that the administrator did not grant stops its stream, not the connection.
TEST_F(ReadTest, AStreamWithoutAGrantIsLeftOut) {
  rules(R"({"not_granted":["/yonbip/sd/voucherorder/list"]})");
  host::Instance& instance = open();
  EXPECT_FALSE(read(instance, "orders").status.ok());
  EXPECT_TRUE(read(instance, "customers").status.ok());
  const auto discovered = instance.discover();
  ASSERT_TRUE(discovered.ok()) << discovered.error().text();
  std::set<std::string> names;
  for (const auto& stream : (*discovered)["streams"].as_array()) names.insert(stream["name"].to_text());
  EXPECT_TRUE(names.contains("customers"));
  EXPECT_TRUE(names.contains("receipts"));
  EXPECT_FALSE(names.contains("orders"));
}

}  // namespace
}  // namespace yonyou_test
