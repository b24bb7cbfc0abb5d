// What each switch of the twin does to a client, where no other test shows it.
#include "plugins/kingdee/tests/fixture.hpp"
#include "tests/support/switch_rows.hpp"

namespace kingdee_test {
namespace {

using host::ReadMode;
using host::WriteOutcome;

class SwitchTest : public KingdeeTest {
 protected:
  explicit SwitchTest(double quota_factor = 0) : KingdeeTest(quota_factor) {}
  void set(const std::string& body) { control("/switches", body); }
};

TEST_F(SwitchTest, AnOlderSiteGivesTwoThousandRows) {
  customer(101, "甲公司");
  set(R"({"limit":2000})");
  EXPECT_TRUE(read(open()).status.ok()) << "no page is larger than what every site gives";
  const Read refused = read(open(R"({"page_size":5000})"));
  set(R"({"limit":10000})");
  const Read taken = read(open(R"({"page_size":5000})"));
  EXPECT_NE(refused.status.ok(), taken.status.ok());
}

TEST_F(SwitchTest, ASiteWithoutInputFirewallTakesEveryText) {
  customer(101, "甲公司", R"("FDocumentStatus":"A")");
  const model::Value body = value(R"({"FDescription":"a<b -- c"})");
  EXPECT_EQ(write(open(), {.key = "101", .body = body}).outcome, WriteOutcome::rejected);
  set(R"({"firewall":false})");
  EXPECT_EQ(write(open(), {.key = "101", .body = body}).outcome, WriteOutcome::applied);
  EXPECT_EQ(text("101", "FDescription"), "a<b -- c");
}

TEST_F(SwitchTest, AnApprovalMayMoveTheModifyDate) {
  for (const bool moves : {false, true}) {
    const std::string key = moves ? "102" : "101";
    customer(std::stoll(key), "公司" + key, R"("FDocumentStatus":"B")");
    set(std::string(R"({"audit_moves_modify_date":)") + (moves ? "true}" : "false}"));
    host::Instance& instance = open();
    const std::string cursor = read(instance).last_cursor();
    wait_seconds(3600);
    edit(key, R"({"FDocumentStatus":"C"})");
    EXPECT_EQ(text(key, "FModifyDate").empty(), !moves);
    const Read changes = read(instance, ReadMode::changes, cursor);
    ASSERT_NE(changes.find(key), nullptr) << "the approval is seen either way";
    EXPECT_EQ(changes.find(key)->body["FDocumentStatus"].to_text(), "C");
  }
}

TEST_F(SwitchTest, ANarrowWindowMeetsAClockThatIsOff) {
  twin_ahead_ms_ = 120'000;
  ASSERT_TRUE(open().check().ok());
  EXPECT_EQ(calls("ExecuteBillQuery"), 1) << "two minutes are inside the usual window";
  set(R"({"clock_window_ms":60000})");
  instances_.clear();
  reset_counters();
  ASSERT_TRUE(open().check().ok());
  EXPECT_EQ(calls("ExecuteBillQuery"), 2) << "refused once, then by the site's clock";
}

// ---- permissions

TEST_F(SwitchTest, AFormWithoutPermissionIsLeftOut) {
  customer(101, "甲公司");
  set(R"({"denied_forms":["SAL_SaleOrder","CRE_CustArchives"]})");
  for (const char* stream : {"orders", "credits"}) {
    const Read refused = read(open(), ReadMode::full, "", stream);
    ASSERT_FALSE(refused.status.ok()) << stream;
    EXPECT_EQ(refused.status.error().error_class, model::ErrorClass::unsupported) << stream;
    EXPECT_NE(refused.status.error().message.find("查看权限"), std::string::npos);
  }
  EXPECT_EQ(read(open()).keys(), std::vector<std::string>{"101"}) << "the connection goes on";
}

TEST_F(SwitchTest, CustomersWithoutPermissionAreForAPerson) {
  customer(101, "甲公司");
  set(R"({"denied_forms":["BD_Customer"]})");
  const model::Status status = open().check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, model::ErrorClass::auth);
  EXPECT_NE(status.error().message.find("没有权限"), std::string::npos) << status.error().message;
}

// ---- the tree of groups

class GroupsTest : public SwitchTest {
 protected:
  GroupsTest() {
    load("customer_groups", R"({"FID":1,"FNUMBER":"01","FNAME":"国内"})");
    load("customer_groups",
         R"({"FID":2,"FNUMBER":"0101","FNAME":"华东","FPARENTID":1,"FFULLPARENTID":".1"})");
    load("customer_groups",
         R"({"FID":3,"FNUMBER":"010101","FNAME":"苏州","FPARENTID":2,"FFULLPARENTID":".1.2"})");
    load("customer_groups", R"({"FID":4,"FNUMBER":"02","FNAME":"海外"})");
    customer(101, "甲公司", R"("FGroup.FNumber":"010101")");
    customer(102, "乙公司", R"("FGroup.FNumber":"0101")");
    customer(103, "丙公司");
  }
};

TEST_F(GroupsTest, AGroupInsideAGroupShowsItsParent) {
  const Read all = read(open(), ReadMode::full, "", "customer_groups");
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  ASSERT_EQ(all.keys(), (std::vector<std::string>{"1", "2", "3", "4"}));
  const model::Value& deep = all.find("3")->body;
  EXPECT_EQ(deep["FNAME"].to_text(), "苏州");
  EXPECT_EQ(deep["FPARENTID"].to_text(), "2");
  EXPECT_EQ(deep["FFULLPARENTID"].to_text(), ".1.2");
  EXPECT_TRUE(all.find("1")->body["FPARENTID"].is_null());
  EXPECT_EQ(deep["FDESCRIPTION"].to_text(), "") << "a single space is no text";
  EXPECT_EQ(calls("QueryGroupInfo"), 1);
}

TEST_F(GroupsTest, WhereTheSiteWantsToBeToldTheCustomersGroupsAndTheirParentsAreAskedFor) {
  set(R"({"groups_need_ids":true})");
  const Read all = read(open(R"({"page_size":2})"), ReadMode::full, "", "customer_groups");
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  EXPECT_EQ(all.keys(), (std::vector<std::string>{"1", "2", "3"})) << "nobody is in the fourth";
}

TEST_F(GroupsTest, GroupsAreLookedUpAndNothingIsWrittenThere) {
  host::Instance& instance = open();
  Read looked;
  looked.status = instance.lookup("customer_groups", {"3", "99", "x"}, consumer(looked));
  ASSERT_TRUE(looked.status.ok()) << looked.status.error().text();
  ASSERT_EQ(looked.records.size(), 3u);
  EXPECT_EQ(looked.find("3")->body["FNUMBER"].to_text(), "010101");
  EXPECT_TRUE(looked.find("99")->deleted);
  EXPECT_TRUE(looked.find("x")->deleted);
  const Read keys = read(instance, ReadMode::keys, "", "customer_groups");
  EXPECT_EQ(keys.records.size(), 4u);
  EXPECT_EQ(keys.records[0].body, value("{}"));
}

// ---- the licence's limit

class LimitTest : public SwitchTest {
 protected:
  LimitTest() : SwitchTest(1) {}
};

TEST_F(LimitTest, AHiddenLimitIsLearnedFromItsRefusals) {
  customer(101, "甲公司");
  set(R"({"calls_per_minute":20})");
  host::Instance& instance = open();
  const std::int64_t began = environment_.now();
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    Read once;
    once.status = instance.lookup("customers", {"101"}, consumer(once));
    if (once.status.ok()) continue;
    ASSERT_EQ(once.status.error().error_class, model::ErrorClass::throttled) << once.status.error().text();
    ++refused;
    environment_.advance(std::max<std::int64_t>(once.status.error().retry_after_ms, 1'000) * 1000);
  }
  EXPECT_GE(refused, 1) << "nobody told the limit";
  EXPECT_LE(refused, 6);
  EXPECT_GE(environment_.now() - began, 180'000'000);
}

TEST_F(SwitchTest, EveryOneHasATest) {
  EXPECT_EQ(huiliu::changed_when_put_back(twin_), "");
  EXPECT_EQ(huiliu::switches_without_test(HUILIU_SOURCE_DIR, "kingdee", huiliu::switches_of(twin_)),
            std::vector<std::string>());
}

}  // namespace
}  // namespace kingdee_test
