// Writing against the twin: each test is a way in which a plain connector would do harm.
#include "plugins/yonyou/tests/fixture.hpp"

namespace yonyou_test {
namespace write_test {

using WriteTest = YonyouTest;

constexpr std::int64_t base = 1706047321704235000;
std::string key(int i) { return std::to_string(base + i); }

constexpr const char* kNew =
    R"({"name":{"simplifiedName":"新客户"},"creditCode":"91320500MA1WXYZ123","contactTel":"0512-1"})";

TEST_F(WriteTest, ACreateHasWhatTheVendorWants) {
  const host::WriteResult made = write(open(), "", kNew);
  ASSERT_EQ(made.outcome, WriteOutcome::applied) << made.error.text();
  EXPECT_EQ(made.remote_key.size(), 19U);
  EXPECT_EQ(text(made.remote_key, "name"), "新客户");
  EXPECT_EQ(text(made.remote_key, "enterpriseName"), "新客户");
  EXPECT_EQ(text(made.remote_key, "createOrgCode"), "300");
  EXPECT_EQ(text(made.remote_key, "licenseType"), "0");
  EXPECT_TRUE(text(made.remote_key, "code").starts_with("HL"));
  ASSERT_TRUE(made.remote_body);
  EXPECT_EQ((*made.remote_body)["contactTel"].to_text(), "0512-1");
}

TEST_F(WriteTest, ATenantMayNumberItself) {
  rules(R"({"auto_code":true})");
  const host::WriteResult made = write(open(R"({"auto_code":true})"), "", kNew);
  ASSERT_EQ(made.outcome, WriteOutcome::applied) << made.error.text();
  EXPECT_TRUE(text(made.remote_key, "code").starts_with("Y"));
}

// The service committed, the gateway gave up: the same key is sent again and the vendor names what it made.
TEST_F(WriteTest, ACreateWhoseAnswerWasLostIsNotMadeTwice) {
  rules(R"({"commit_then_timeout":1})");
  const host::WriteResult made = write(open(), "", kNew);
  EXPECT_EQ(made.outcome, WriteOutcome::applied) << made.error.text();
  EXPECT_EQ(size("customers"), 1U);
  EXPECT_EQ(calls("digitalModel/merchant/idempotent/newinsert"), 2);
}

TEST_F(WriteTest, ACreateStillRunningIsWaitedFor) {
  rules(R"({"still_running":2})");
  EXPECT_EQ(write(open(), "", kNew).outcome, WriteOutcome::applied);
  EXPECT_EQ(size("customers"), 1U);
}

TEST_F(WriteTest, ADroppedConnectionOnACreateIsSettledByTheKey) {
  control("/faults", R"({"timeout_after_commit":{"next":1,"match":"newinsert"}})");
  const host::WriteResult made = write(open(), "", kNew);
  EXPECT_EQ(made.outcome, WriteOutcome::applied) << made.error.text();
  EXPECT_EQ(size("customers"), 1U);
}

// The vendor forgets a key after an hour; the number made of the same operation still tells.
TEST_F(WriteTest, ARetryAfterTheKeyWasForgottenIsADuplicate) {
  host::Instance& instance = open();
  const host::WriteResult made = write(instance, "", kNew);
  wait_seconds(2 * 3600);
  const host::WriteResult again = write(instance, "", kNew);
  EXPECT_EQ(again.outcome, WriteOutcome::duplicate) << again.error.text();
  EXPECT_EQ(again.remote_key, made.remote_key);
  EXPECT_EQ(size("customers"), 1U);
}

TEST_F(WriteTest, ATakenNameIsADuplicateWithItsKey) {
  rules(R"({"unique_names":true})");
  customer(base + 1, "新客户");
  const host::WriteResult made = write(open(), "", kNew);
  EXPECT_EQ(made.outcome, WriteOutcome::duplicate);
  EXPECT_EQ(made.remote_key, key(1));
}

TEST_F(WriteTest, ARefusalKeepsTheVendorsWords) {
  host::Instance& instance = open();
  host::WriteResult made = write(instance, "", R"({"name":{"simplifiedName":"x"},"customerClassCode":"77"})");
  EXPECT_EQ(made.outcome, WriteOutcome::rejected);
  EXPECT_NE(made.error.message.find("客户分类编码:77未找到"), std::string::npos);
  made = write(instance, "", R"({"contactTel":"1"})");
  EXPECT_EQ(made.outcome, WriteOutcome::rejected);
  EXPECT_TRUE(made.error.where.ends_with("/name")) << made.error.where;
}

// An update says what differs and no more.
TEST_F(WriteTest, AnUpdateWritesWhatDiffers) {
  customer(base + 1, "甲",
           R"("contactTel":"1","fax":"2","shortname":{"simplifiedName":"旧","englishName":"Old"})");
  host::Instance& instance = open();
  reset_counters();
  const host::WriteResult done =
      write(instance, key(1), R"({"contactTel":"9","fax":"2","shortname":{"simplifiedName":"新"}})");
  ASSERT_EQ(done.outcome, WriteOutcome::applied) << done.error.text();
  EXPECT_EQ(text(key(1), "contactTel"), "9");
  EXPECT_EQ(text(key(1), "name"), "甲");
  EXPECT_EQ(stored(key(1)).at("shortname").at("englishName"), "Old");  // a language not sent would be lost
  const json::object written = counters().at("fields_written").as_object();
  EXPECT_EQ(written.size(), 2U) << json::serialize(written);
  EXPECT_TRUE(written.contains("contactTel") && written.contains("shortname"));
  reset_counters();
  EXPECT_EQ(write(instance, key(1), R"({"contactTel":"9"})").outcome, WriteOutcome::unchanged);
  EXPECT_EQ(calls("digitalModel/merchant/newupdate"), 0);
}

TEST_F(WriteTest, ANewNameMovesTheNameOfItsKind) {
  customer(base + 1, "甲");
  EXPECT_EQ(write(open(), key(1), R"({"name":{"simplifiedName":"乙"}})").outcome, WriteOutcome::applied);
  EXPECT_EQ(text(key(1), "enterpriseName"), "乙");
}

// Quirk 4: newupdate is create-or-update. By a number that was changed meanwhile it would make a second
// customer.
TEST_F(WriteTest, AChangedNumberDoesNotMakeASecondCustomer) {
  customer(base + 1, "甲");
  host::Instance& instance = open();
  host::WriteRecord record;
  record.key = key(1);
  record.operation_id = "op";
  record.body = value(R"({"contactTel":"9"})");
  record.base = read(instance).records.at(0).body;
  edit(key(1), R"({"code":"NEW-1"})");
  EXPECT_EQ(instance.write("customers", {record}).results.at(0).outcome, WriteOutcome::applied);
  EXPECT_EQ(size("customers"), 1U);
  EXPECT_EQ(text(key(1), "code"), "NEW-1");
  EXPECT_EQ(text(key(1), "contactTel"), "9");
}

TEST_F(WriteTest, WhatMovedUnderTheWriteIsStale) {
  customer(base + 1, "甲", R"("contactTel":"1","fax":"1")");
  host::Instance& instance = open();
  const host::RemoteRecord seen = read(instance).records.at(0);
  wait_seconds(60);
  edit(key(1), R"({"contactTel":"5"})");
  host::WriteRecord record;
  record.key = key(1);
  record.version = seen.version;
  record.base = seen.body;
  record.operation_id = "op";
  record.body = value(R"({"contactTel":"9"})");
  EXPECT_EQ(instance.write("customers", {record}).results.at(0).outcome, WriteOutcome::stale);
  record.body = value(R"({"fax":"9"})");  // another field than the person's
  EXPECT_EQ(instance.write("customers", {record}).results.at(0).outcome, WriteOutcome::applied);
  EXPECT_EQ(text(key(1), "contactTel"), "5");
}

TEST_F(WriteTest, AnEmptyTextClearsAndIsCheckedToHaveDoneSo) {
  customer(base + 1, "甲", R"("contactTel":"1")");
  host::Instance& instance = open();
  rules(R"({"empty_text_clears":false})");
  host::WriteResult done = write(instance, key(1), R"({"contactTel":null})");
  EXPECT_EQ(done.outcome, WriteOutcome::rejected);
  EXPECT_TRUE(done.error.where.ends_with("/contactTel")) << done.error.where;
  rules(R"({"empty_text_clears":true})");
  EXPECT_EQ(write(instance, key(1), R"({"contactTel":null})").outcome, WriteOutcome::applied);
  EXPECT_EQ(text(key(1), "contactTel"), "");
}

TEST_F(WriteTest, TheInvoiceProfileIsTheDefaultChild) {
  customer(
      base + 1, "甲",
      R"("merchantAgentInvoiceInfos":[{"id":6,"title":"别的","isDefault":false},{"id":7,"title":"甲","isDefault":true}])");
  customer(base + 2, "乙");
  host::Instance& instance = open();
  ASSERT_EQ(write(instance, key(1), R"({"defaults":{"invoice":{"taxNo":"T9"}}})").outcome,
            WriteOutcome::applied);
  const json::array first = stored(key(1)).at("merchantAgentInvoiceInfos").as_array();
  ASSERT_EQ(first.size(), 2U);  // without its id and status it would be there twice
  EXPECT_EQ(first.at(1).at("taxNo"), "T9");
  EXPECT_EQ(first.at(1).at("title"), "甲");
  const host::WriteResult added = write(instance, key(2), R"({"defaults":{"invoice":{"taxNo":"T8"}}})");
  ASSERT_EQ(added.outcome, WriteOutcome::applied) << added.error.text();
  const json::array second = stored(key(2)).at("merchantAgentInvoiceInfos").as_array();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second.at(0).at("isDefault"), true);
  const host::WriteResult bank = write(instance, key(1), R"({"defaults":{"financial":{"bankAccount":"1"}}})");
  EXPECT_EQ(bank.outcome, WriteOutcome::rejected);  // bank accounts belong to the ERP
}

// Quirks 8 and 12: money goes out as the text that it is; members of the tenant's own stay as they are.
TEST_F(WriteTest, MoneyKeepsItsTextAndTheTenantsOwnMembersStay) {
  customer(base + 1, "甲", R"("merchantCharacter":{"attr1":"老客户"})");
  host::Instance& instance = open();
  ASSERT_EQ(write(instance, key(1), R"({"money":"800.00"})").outcome, WriteOutcome::applied);
  EXPECT_EQ(stored(key(1)).at("money"), "800.00");
  EXPECT_EQ(stored(key(1)).at("merchantCharacter").at("attr1"), "老客户") << "what was not sent stays";
}

// Quirk 4 and 6: stop takes the number before the id, and works for one organisation.
TEST_F(WriteTest, StopAndStartAgain) {
  customer(base + 1, "甲");
  host::Instance& instance = open();
  ASSERT_EQ(write(instance, key(1), R"({"stopStatus":true})").outcome, WriteOutcome::applied);
  EXPECT_EQ(text(key(1), "stopStatus"), "true");
  EXPECT_EQ(write(instance, key(1), R"({"stopStatus":true})").outcome, WriteOutcome::unchanged);
  ASSERT_EQ(write(instance, key(1), R"({"stopStatus":false})").outcome, WriteOutcome::applied);
  EXPECT_EQ(text(key(1), "stopStatus"), "false");
  EXPECT_EQ(calls("digitalModel/merchant/newupdate"), 0);
}

TEST_F(WriteTest, AnOrganisationPartIsAllocatedThenSet) {
  customer(base + 1, "甲");
  const host::WriteResult done = write(
      open(), key(1),
      R"({"organisations":[{"belongOrgId":"1706047300000000310","belongOrgCode":"310","merchantAppliedDetail":{"collectionAgreementName":"款到发货"}}]})");
  ASSERT_EQ(done.outcome, WriteOutcome::applied) << done.error.text();
  ASSERT_EQ((*done.remote_body)["organisations"].as_array().size(), 2U);
  EXPECT_EQ(
      done.remote_body->at_path("organisations.1.merchantAppliedDetail.collectionAgreementName")->to_text(),
      "款到发货");
  const host::WriteResult wrong = write(
      open(), key(1),
      R"({"organisations":[{"belongOrgId":"1","merchantAppliedDetail":{"collectionAgreementName":"x"}}]})");
  EXPECT_EQ(wrong.outcome, WriteOutcome::rejected);  // failed inside an envelope of success
  EXPECT_NE(wrong.error.message.find("组织1不存在"), std::string::npos) << wrong.error.message;
}

TEST_F(WriteTest, AnOrganisationIsAllocatedByItsCodeOnce) {
  customer(base + 1, "甲");
  const char* asked = R"({"organisations":[{"belongOrgCode":"310"}]})";
  const host::WriteResult done = write(open(), key(1), asked);
  ASSERT_EQ(done.outcome, WriteOutcome::applied) << done.error.text();
  EXPECT_EQ(done.remote_body->at_path("organisations.1.belongOrgCode")->to_text(), "310");
  EXPECT_EQ(write(open(), key(1), asked).outcome, WriteOutcome::unchanged);
  EXPECT_EQ(calls("digitalModel/merchant/batchDo"), 1);
  const host::WriteResult unknown = write(open(), key(1), R"({"organisations":[{"belongOrgCode":"999"}]})");
  EXPECT_EQ(unknown.outcome, WriteOutcome::rejected);
  EXPECT_NE(unknown.error.message.find("999"), std::string::npos);
}

TEST_F(WriteTest, LockedAndWaitingRecordsAreTriedLater) {
  customer(base + 1, "甲");
  customer(base + 2, "乙", R"("verifyState":1)");
  host::Instance& instance = open();
  control("/lock", R"({"key":")" + key(1) + R"(","times":1})");
  EXPECT_EQ(write(instance, key(1), R"({"fax":"1"})").outcome, WriteOutcome::deferred);
  EXPECT_EQ(write(instance, key(1), R"({"fax":"1"})").outcome, WriteOutcome::applied);
  EXPECT_EQ(write(instance, key(2), R"({"fax":"1"})").outcome, WriteOutcome::deferred);
}

TEST_F(WriteTest, AnUpdateWhoseAnswerWasLostIsInDoubt) {
  customer(base + 1, "甲");
  rules(R"({"commit_then_timeout":1})");
  EXPECT_EQ(write(open(), key(1), R"({"fax":"1"})").outcome, WriteOutcome::in_doubt);
}

TEST_F(WriteTest, GoneAndDeletedAreNamed) {
  host::Instance& instance = open();
  EXPECT_EQ(write(instance, key(9), R"({"fax":"1"})").outcome, WriteOutcome::gone);
  customer(base + 1, "甲");
  host::WriteRecord record;
  record.key = key(1);
  record.deleted = true;
  record.operation_id = "op";
  EXPECT_EQ(instance.write("customers", {record}).results.at(0).outcome, WriteOutcome::rejected);
  EXPECT_EQ(size("customers"), 1U);
}

TEST_F(WriteTest, OneBadRecordDoesNotStopTheOthers) {
  for (int i = 1; i <= 3; ++i) customer(base + i, "公司" + std::to_string(i));
  std::vector<host::WriteRecord> records(3);
  for (int i = 0; i < 3; ++i) {
    records[static_cast<std::size_t>(i)].key = key(i + 1);
    records[static_cast<std::size_t>(i)].operation_id = "op" + std::to_string(i);
    records[static_cast<std::size_t>(i)].body =
        value(i == 1 ? R"({"countryCode":"NOWHERE"})" : R"({"fax":"7"})");
  }
  const host::WriteReport report = open().write("customers", records);
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::rejected);
  EXPECT_EQ(report.results[2].outcome, WriteOutcome::applied);
}

// ---- contacts ----

TEST_F(WriteTest, AContactIsUpdatedInItsPlace) {
  customer(base + 1, "甲");
  contact(base + 1, 901, "王敏", R"("areaCodeMobile":"+86-13800000000","isDefault":true)");
  contact(base + 1, 902, "李四", R"("isDefault":false)");
  host::Instance& instance = open();
  reset_counters();
  const host::WriteResult done =
      write(instance, key(1) + "-902", R"({"areaCodeMobile":"13900000000"})", "contacts");
  ASSERT_EQ(done.outcome, WriteOutcome::applied) << done.error.text();
  EXPECT_EQ(size("contacts"), 2U);  // without its id and status it would be there twice
  EXPECT_EQ(text(key(1) + "-902", "areaCodeMobile", "contacts"), "+86-13900000000");
  EXPECT_EQ(text(key(1) + "-902", "fullName", "contacts"), "李四");
  const json::object written = counters().at("fields_written").as_object();
  EXPECT_EQ(written.size(), 1U) << json::serialize(written);
}

TEST_F(WriteTest, TheFirstContactIsTheDefaultAndOnlyOneIs) {
  customer(base + 1, "甲");
  host::Instance& instance = open();
  const auto add = [&](const std::string& name, const std::string& more = "") {
    return write(
        instance, "",
        R"({"merchantId":")" + key(1) + R"(","fullName":{"simplifiedName":")" + name + "\"}" + more + "}",
        "contacts", "op-" + name);
  };
  const host::WriteResult first = add("王敏"), second = add("李四"),
                          third = add("赵五", R"(,"isDefault":true)");
  ASSERT_EQ(first.outcome, WriteOutcome::applied) << first.error.text();
  ASSERT_EQ(second.outcome, WriteOutcome::applied) << second.error.text();
  ASSERT_EQ(third.outcome, WriteOutcome::applied) << third.error.text();
  EXPECT_EQ(text(first.remote_key, "isDefault", "contacts"), "false");
  EXPECT_EQ(text(second.remote_key, "isDefault", "contacts"), "false");
  EXPECT_EQ(text(third.remote_key, "isDefault", "contacts"), "true");
}

TEST_F(WriteTest, AContactWhoseInsertWasLostIsNotThereTwice) {
  customer(base + 1, "甲");
  host::Instance& instance = open();
  const std::string body = R"({"merchantId":")" + key(1) +
                           R"(","fullName":{"simplifiedName":"王敏"},"areaCodeMobile":"13800000000"})";
  rules(R"({"commit_then_timeout":1})");
  EXPECT_EQ(write(instance, "", body, "contacts").outcome, WriteOutcome::in_doubt);
  const host::WriteResult again = write(instance, "", body, "contacts");
  EXPECT_EQ(again.outcome, WriteOutcome::duplicate);
  EXPECT_TRUE(again.remote_key.starts_with(key(1) + "-"));
  EXPECT_EQ(size("contacts"), 1U);
}

TEST_F(WriteTest, AContactNeedsACustomerAndKeepsIt) {
  customer(base + 1, "甲");
  contact(base + 1, 901, "王敏");
  host::Instance& instance = open();
  EXPECT_TRUE(write(instance, "", R"({"fullName":{"simplifiedName":"x"}})", "contacts")
                  .error.where.ends_with("/merchantId"));
  EXPECT_EQ(write(instance, key(1) + "-901", R"({"merchantId":"5"})", "contacts").outcome,
            WriteOutcome::rejected);
  EXPECT_EQ(write(instance, key(1) + "-999", R"({"email":"a@b.example"})", "contacts").outcome,
            WriteOutcome::gone);
}

}  // namespace write_test
}  // namespace yonyou_test
