// Writing against the twin: creating, editing under the life-cycle, and what happens when answers go missing.
#include <algorithm>

#include <tuple>

#include "plugins/kingdee/tests/fixture.hpp"

namespace kingdee_test {
namespace {

using host::ReadMode;
using host::WriteOutcome;
using WriteTest = KingdeeTest;

// ---- Creating
// -----------------------------------------------------------------------------------------------

TEST_F(WriteTest, ACreateIsSavedAndSubmittedAndItsNumberReadBack) {
  customer(101, "甲公司", R"("FNumber":"C00041")");
  const auto result = write(
      open(), {.key = "", .operation_id = "op1", .body = value(R"({"FName":"新公司","FTEL":"0512-1"})")});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(text(result.remote_key, "FDocumentStatus"), "B") << "approving is for the ERP's people";
  EXPECT_EQ(text(result.remote_key, "FNumber"), "C00042");
  EXPECT_EQ(json::serialize(fields_written()),
            R"({"FCreateOrgId":1,"FName":1,"FTEL":1,"FTRADINGCURRID":1,"FUseOrgId":1})");
  ASSERT_TRUE(result.remote_body);
  EXPECT_EQ((*result.remote_body)["FNumber"].to_text(), "C00042");
  EXPECT_EQ(result.remote_body->at_path("FTRADINGCURRID.FNumber")->to_text(), "PRE001");
  EXPECT_FALSE(result.remote_version.empty());
  const Read all = read(open());
  EXPECT_EQ(all.find(result.remote_key)->version, result.remote_version);
  EXPECT_EQ(all.find(result.remote_key)->body, *result.remote_body);
}

TEST_F(WriteTest, WithApprovalByTheHubItIsApproved) {
  const auto result =
      write(open(R"({"approve":"hub"})"), {.key = "", .body = value(R"({"FName":"新公司"})")});
  ASSERT_EQ(result.outcome, WriteOutcome::applied);
  EXPECT_EQ(text(result.remote_key, "FDocumentStatus"), "C");
}

TEST_F(WriteTest, NumberRulesMayRenumberInSilence) {
  control("/rules", R"({"numbers":"renumbered"})");
  const auto result = write(open(), {.key = "", .body = value(R"({"FName":"新公司","FNumber":"MY-1"})")});
  ASSERT_EQ(result.outcome, WriteOutcome::applied);
  EXPECT_EQ((*result.remote_body)["FNumber"].to_text(), text(result.remote_key, "FNumber"));
  EXPECT_NE((*result.remote_body)["FNumber"].to_text(), "MY-1");
}

// Setting the organisation resets what was set before it: the package's order matters.
TEST_F(WriteTest, OrganisationGoesBeforeWhatDependsOnIt) {
  const auto result = write(
      open(),
      {.key = "",
       .body = value(
           R"({"FSELLER":{"FNumber":"E2"},"FTRADINGCURRID":{"FNumber":"PRE007"},"FName":"外贸公司"})")});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(number(result.remote_key, "FTRADINGCURRID"), "PRE007");
  EXPECT_EQ(number(result.remote_key, "FSELLER"), "E2");
}

TEST_F(WriteTest, ABatchIsOneSaveAndEachRecordIsJudgedAlone) {
  std::vector<host::WriteRecord> records;
  for (int i = 0; i < 5; ++i)
    records.push_back({.key = "",
                       .operation_id = std::to_string(i),
                       .body = value(R"({"FName":"公司)" + std::to_string(i) + "\"}")});
  records[1].body = value(R"({"FName":"坏","FTRADINGCURRID":{"FNumber":"NONE"}})");
  records[3].body = value(R"({"FTEL":"没有名称"})");
  reset_counters();
  const host::WriteReport report = open().write("customers", records);
  EXPECT_TRUE(report.ended.ok());
  for (const int good : {0, 2, 4}) EXPECT_EQ(report.results[good].outcome, WriteOutcome::applied) << good;
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::rejected);
  EXPECT_NE(report.results[1].error.where.find("/FTRADINGCURRID"), std::string::npos)
      << report.results[1].error.text();
  EXPECT_EQ(report.results[3].outcome, WriteOutcome::rejected);
  EXPECT_EQ(calls("BatchSave"), 1);
  EXPECT_EQ(calls("Submit"), 1);
  EXPECT_EQ(counter("creates"), 3);
}

TEST_F(WriteTest, ATakenNumberOrNameIsADuplicateWithItsKey) {
  customer(101, "甲公司");
  const auto by_number = write(open(), {.key = "", .body = value(R"({"FName":"另一家","FNumber":"C101"})")});
  EXPECT_EQ(by_number.outcome, WriteOutcome::duplicate);
  EXPECT_EQ(by_number.remote_key, "101");
  control("/rules", R"({"unique_names":true})");
  const auto by_name = write(open(), {.key = "", .body = value(R"({"FName":"甲公司"})")});
  EXPECT_EQ(by_name.outcome, WriteOutcome::duplicate);
  EXPECT_EQ(by_name.remote_key, "101");
}

TEST_F(WriteTest, TheFirewallHitsOnlyWhoseTextItIs) {
  const host::WriteReport report =
      open().write("customers", {{.key = "", .body = value(R"({"FName":"好公司"})")},
                                 {.key = "", .body = value(R"({"FName":"坏公司","FDescription":"a -- b"})")},
                                 {.key = "", .body = value(R"({"FName":"也好"})")}});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::rejected);
  EXPECT_NE(report.results[1].error.where.find("/FDescription"), std::string::npos)
      << report.results[1].error.text();
  EXPECT_EQ(report.results[2].outcome, WriteOutcome::applied);
  EXPECT_EQ(counter("creates"), 2);
}

// The answer is lost after the product has saved: sent again, the customer would exist twice.
TEST_F(WriteTest, ALostAnswerIsInDoubtAndIsNotSentAgain) {
  auto& instance = open();
  ASSERT_TRUE(instance.check().ok());
  control("/faults", R"({"timeout_after_commit":{"next":1,"match":"Save"}})");
  const auto result = write(instance, {.key = "", .body = value(R"({"FName":"新公司"})")});
  EXPECT_EQ(result.outcome, WriteOutcome::in_doubt);
  EXPECT_EQ(counter("creates"), 1);
  EXPECT_EQ(calls("Save"), 1);
  control("/faults", R"({"http_502":{"next":1,"match":"Save"}})");
  EXPECT_EQ(write(instance, {.key = "", .body = value(R"({"FName":"另一家"})")}).outcome,
            WriteOutcome::in_doubt);
}

TEST_F(WriteTest, WithAMarkerFieldTheRepeatFindsTheFirst) {
  auto& instance = open(R"({"external_id_field":"F_HLU_EXTID"})");
  ASSERT_TRUE(instance.check().ok());
  control("/faults", R"({"timeout_after_commit":{"next":1,"match":"Save"}})");
  const host::WriteRecord record{.key = "", .operation_id = "op-77", .body = value(R"({"FName":"新公司"})")};
  EXPECT_EQ(write(instance, record).outcome, WriteOutcome::in_doubt);
  const auto again = write(instance, record);
  EXPECT_EQ(again.outcome, WriteOutcome::applied);
  EXPECT_FALSE(again.remote_key.empty());
  EXPECT_EQ(counter("creates"), 1);
  Read found;
  ASSERT_TRUE(instance.find({"customers", {{"F_HLU_EXTID", "op-77"}}}, consumer(found)).ok());
  EXPECT_EQ(found.keys(), (std::vector<std::string>{again.remote_key}));
}

TEST_F(WriteTest, ASessionLostOnAWriteIsDeferredNotRepeated) {
  auto& instance = open(R"({"auth":"login_by_sign"})");
  ASSERT_TRUE(instance.check().ok());
  server_.locked([&] { twin_.expire_tokens(); });
  const host::WriteRecord record{.key = "", .body = value(R"({"FName":"新公司"})")};
  EXPECT_EQ(write(instance, record).outcome, WriteOutcome::deferred);
  EXPECT_EQ(counter("creates"), 0);
  EXPECT_EQ(write(instance, record).outcome, WriteOutcome::applied);
}

TEST_F(WriteTest, ACallLimitDefersTheRest) {
  auto& instance = open();
  ASSERT_TRUE(instance.check().ok());
  control("/faults", R"({"rate_limit":{"next":1,"match":"Save"}})");
  const host::WriteReport report =
      instance.write("customers", {{.key = "", .body = value(R"({"FName":"一"})")}});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::deferred);
  EXPECT_FALSE(report.ended.ok());
  EXPECT_EQ(report.ended.error().error_class, model::ErrorClass::throttled);
}

// ---- Editing
// -------------------------------------------------------------------------------------------------

TEST_F(WriteTest, OnlyTheChangedFieldsGoOut) {
  customer(101, "甲公司", R"("FDocumentStatus":"D","FTEL":"1","FADDRESS":"苏州")");
  const auto result = write(open(), {.key = "101", .body = value(R"({"FTEL":"2","FADDRESS":"苏州"})")});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(text("101", "FTEL"), "2");
  EXPECT_EQ(json::serialize(fields_written()), R"({"FTEL":1})");
  EXPECT_EQ((*result.remote_body)["FTEL"].to_text(), "2");
}

TEST_F(WriteTest, NothingToChangeWritesNothing) {
  customer(101, "甲公司", R"("FTEL":"1")");
  const auto result = write(open(), {.key = "101", .body = value(R"({"FTEL":"1","FWEBSITE":""})")});
  EXPECT_EQ(result.outcome, WriteOutcome::unchanged);
  EXPECT_EQ(counter("updates"), 0);
  EXPECT_EQ(calls("UnAudit"), 0);
}

TEST_F(WriteTest, AnEmptyValueClearsTheField) {
  customer(101, "甲公司", R"("FDocumentStatus":"A","FTEL":"1")");
  ASSERT_EQ(write(open(), {.key = "101", .body = value(R"({"FTEL":null})")}).outcome, WriteOutcome::applied);
  EXPECT_EQ(text("101", "FTEL"), "");
}

// IsDeleteEntry is true unless it is said otherwise, and deletes every entry that the package does not hold.
TEST_F(WriteTest, EntriesSurviveAnEditOfTheHead) {
  customer(
      101, "甲公司",
      R"("FDocumentStatus":"A","FT_BD_CUSTBANK":[{"FBANKCODE":"6222"}],"FT_BD_CUSTCONTACT":[{"FADDRESS1":"苏州"}])");
  ASSERT_EQ(write(open(), {.key = "101", .body = value(R"({"FTEL":"2"})")}).outcome, WriteOutcome::applied);
  EXPECT_TRUE(row("101").contains("FT_BD_CUSTBANK"));
  EXPECT_TRUE(row("101").contains("FT_BD_CUSTCONTACT"));
}

TEST_F(WriteTest, AddressesAreEditedByTheirIds) {
  customer(101, "甲公司",
           R"("FT_BD_CUSTCONTACT":[{"FEntryID":1,"FADDRESS1":"苏州"},{"FEntryID":2,"FADDRESS1":"无锡"}])");
  auto& instance = open(R"({"read_addresses":true})");
  const auto result = write(
      instance,
      {.key = "101",
       .body = value(
           R"({"FT_BD_CUSTCONTACT":[{"FEntryID":1,"FADDRESS1":"苏州"},{"FEntryID":2,"FADDRESS1":"常州"},{"FADDRESS1":"南通"}]})")});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  const auto addresses = row("101").at("FT_BD_CUSTCONTACT").as_array();
  ASSERT_EQ(addresses.size(), 3u);
  EXPECT_EQ(addresses[0].at("FADDRESS1"), json::value("苏州"));
  EXPECT_EQ(addresses[1].at("FADDRESS1"), json::value("常州"));
  EXPECT_EQ(addresses[2].at("FADDRESS1"), json::value("南通"));
  EXPECT_EQ(text("101", "FDocumentStatus"), "C");
}

TEST_F(WriteTest, AnApprovedRecordIsUnapprovedEditedAndApprovedAgain) {
  customer(101, "甲公司", R"("FTEL":"1")");
  const Read before = read(open());
  const auto result =
      write(open(), {.key = "101", .version = before.records[0].version, .body = value(R"({"FTEL":"2"})")});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(text("101", "FTEL"), "2");
  EXPECT_EQ(text("101", "FDocumentStatus"), "C");
  EXPECT_EQ(leftovers(), 0u);
  EXPECT_EQ(counter("updates"), 1);
  for (const char* step : {"UnAudit", "Save", "Submit", "Audit"}) EXPECT_EQ(calls(step), 1) << step;
}

TEST_F(WriteTest, OtherFieldsOfAnApprovedRecordAreRefusedBeforeAnythingIsTouched) {
  customer(101, "甲公司");
  reset_counters();
  const auto result = write(open(), {.key = "101", .body = value(R"({"FTEL":"2","FINVOICETITLE":"抬头"})")});
  EXPECT_EQ(result.outcome, WriteOutcome::rejected);
  EXPECT_EQ(result.error.code, "approved_record");
  EXPECT_NE(result.error.where.find("/FINVOICETITLE"), std::string::npos) << result.error.text();
  EXPECT_EQ(calls("UnAudit"), 0);
  EXPECT_EQ(text("101", "FTEL"), "");

  const auto off =
      write(open(R"({"edit_approved":"off"})"), {.key = "101", .body = value(R"({"FTEL":"2"})")});
  EXPECT_EQ(off.outcome, WriteOutcome::rejected);
  EXPECT_EQ(off.error.code, "approved_record");

  const auto listed = write(open(R"({"edit_approved_fields":["FINVOICETITLE"]})"),
                            {.key = "101", .body = value(R"({"FINVOICETITLE":"抬头"})")});
  EXPECT_EQ(listed.outcome, WriteOutcome::applied) << listed.error.text();
  EXPECT_EQ(text("101", "FDocumentStatus"), "C");
}

TEST_F(WriteTest, ARefusedSaveLeavesTheRecordApproved) {
  load("contacts", R"({"FCONTACTID":501,"FNumber":"LXR1","FName":"王芳"})");
  const auto result =
      write(open(), {.key = "501", .body = value(R"({"FCompany":{"FNumber":"C-NONE"}})")}, "contacts");
  EXPECT_EQ(result.outcome, WriteOutcome::rejected);
  EXPECT_EQ(text("501", "FDocumentStatus", "contacts"), "C");
  EXPECT_EQ(leftovers(), 0u);
}

TEST_F(WriteTest, ALaterStepThatFailsIsRetriedFirst) {
  customer(101, "甲公司");
  control("/rules", R"({"audit_failures":2,"submit_failures":1})");
  const auto result = write(open(), {.key = "101", .body = value(R"({"FTEL":"2"})")});
  EXPECT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(text("101", "FDocumentStatus"), "C");
  EXPECT_EQ(leftovers(), 0u);
}

TEST_F(WriteTest, WhatCannotBeApprovedAgainIsReportedAndFinishedLater) {
  customer(101, "甲公司");
  auto& instance = open();
  const std::string start = read(instance).last_cursor();
  control("/rules", R"({"audit_failures":100})");
  const auto result = write(instance, {.key = "101", .body = value(R"({"FTEL":"2"})")});
  EXPECT_EQ(result.outcome, WriteOutcome::in_doubt);
  EXPECT_EQ(result.error.code, "left_unapproved");
  EXPECT_EQ(leftovers(), 1u);
  EXPECT_TRUE(std::any_of(log_.begin(), log_.end(), [](const std::string& line) {
    return line.find("un-approved") != std::string::npos;
  }));
  control("/rules", R"({"audit_failures":0})");
  ASSERT_TRUE(read(open(), ReadMode::changes, start).status.ok());
  EXPECT_EQ(leftovers(), 0u);
  EXPECT_EQ(text("101", "FDocumentStatus"), "C");
  EXPECT_TRUE(notes_.notes.find("unapproved.BD_Customer") == notes_.notes.end());
}

// Every answer of the edit's own steps may be lost; afterwards the record is approved and the outcome is
// true.
TEST_F(WriteTest, LostAnswersInTheMiddleOfAnEditOfAnApprovedRecord) {
  int id = 200;
  for (const char* fault : {"timeout_after_commit", "drop", "http_502", "html", "truncated"})
    for (const char* step : {"UnAudit", "Save", "Submit", ".Audit"}) {
      ++id;
      customer(id, "公司" + std::to_string(id));
      auto& instance = open();
      ASSERT_TRUE(instance.check().ok());
      control("/faults", std::string(R"({")") + fault + R"(":{"next":1,"match":")" + step + R"("}})");
      const std::string key = std::to_string(id);
      const auto result = write(instance, {.key = key, .body = value(R"({"FTEL":"2"})")});
      control("/faults", "{}");
      EXPECT_EQ(text(key, "FDocumentStatus"), "C") << fault << " at " << step;
      const bool there = text(key, "FTEL") == "2";
      EXPECT_TRUE(result.outcome == (there ? WriteOutcome::applied : WriteOutcome::deferred) ||
                  result.outcome == WriteOutcome::in_doubt)
          << fault << " at " << step << ": " << host::to_string(result.outcome);
      EXPECT_EQ(leftovers(), 0u) << fault << " at " << step;
    }
}

// kill -9 between Save and Audit: the next write of that record finishes what was begun.
TEST_F(WriteTest, AnEditOfOursThatWasCutOffIsFinished) {
  customer(101, "甲公司", R"("FModifyDate":"2025-02-02T10:00:00")");
  auto& instance = open();
  const Read before = read(instance);
  server_.locked([&] {
    const auto& form = *kingdee_twin::form_by_id("BD_Customer");
    twin_.product().un_audit(form, 101);
    twin_.product().save(form, {{"FCUSTID", 101}, {"FTEL", "2"}},
                         {.need = {"FTEL"}, .delete_entries = false});
  });
  const auto result =
      write(instance, {.key = "101", .body = value(R"({"FTEL":"2"})"), .base = before.records[0].body});
  EXPECT_EQ(result.outcome, WriteOutcome::unchanged) << result.error.text();
  EXPECT_EQ(text("101", "FDocumentStatus"), "C");

  // A person's un-approval is left alone.
  edit("101", R"({"FDocumentStatus":"D"})");
  const auto person =
      write(instance, {.key = "101", .body = value(R"({"FTEL":"3"})"), .base = before.records[0].body});
  EXPECT_EQ(person.outcome, WriteOutcome::applied);
}

TEST_F(WriteTest, ARecordInApprovalWaits) {
  customer(101, "甲公司", R"("FDocumentStatus":"B")");
  EXPECT_EQ(write(open(), {.key = "101", .body = value(R"({"FTEL":"2"})")}).outcome, WriteOutcome::deferred);
}

TEST_F(WriteTest, ALockIsDeferred) {
  customer(101, "甲公司");
  customer(102, "乙公司", R"("FDocumentStatus":"A")");
  control("/lock", R"({"stream":"customers","key":"101"})");
  control("/lock", R"({"stream":"customers","key":"102"})");
  EXPECT_EQ(write(open(), {.key = "101", .body = value(R"({"FTEL":"2"})")}).outcome, WriteOutcome::deferred);
  EXPECT_EQ(write(open(), {.key = "102", .body = value(R"({"FTEL":"2"})")}).outcome, WriteOutcome::deferred);
  EXPECT_EQ(text("101", "FDocumentStatus"), "C");
  EXPECT_EQ(write(open(), {.key = "101", .body = value(R"({"FTEL":"2"})")}).outcome, WriteOutcome::applied);
}

TEST_F(WriteTest, AnOldSiteWithoutMsgCodesIsUnderstoodByItsTexts) {
  customer(101, "甲公司");
  control("/rules", R"({"forget_msg_code":true})");
  control("/lock", R"({"stream":"customers","key":"101"})");
  EXPECT_EQ(write(open(), {.key = "101", .body = value(R"({"FTEL":"2"})")}).outcome, WriteOutcome::deferred);
  EXPECT_EQ(write(open(), {.key = "", .body = value(R"({"FName":"x","FNumber":"C101"})")}).outcome,
            WriteOutcome::duplicate);
}

TEST_F(WriteTest, StaleAndGone) {
  customer(101, "甲公司");
  auto& instance = open();
  const Read before = read(instance);
  wait_seconds(5);
  edit("101", R"({"FTEL":"9"})");
  const auto stale =
      write(instance, {.key = "101", .version = before.records[0].version, .body = value(R"({"FTEL":"2"})")});
  EXPECT_EQ(stale.outcome, WriteOutcome::stale);
  EXPECT_EQ((*stale.remote_body)["FTEL"].to_text(), "9");
  EXPECT_EQ(text("101", "FTEL"), "9");
  EXPECT_EQ(write(instance, {.key = "777", .body = value(R"({"FTEL":"2"})")}).outcome, WriteOutcome::gone);
}

TEST_F(WriteTest, DisablingIsForbidAndDeletingIsRefused) {
  customer(101, "甲公司");
  auto& instance = open();
  EXPECT_EQ(write(instance, {.key = "101", .body = value(R"({"FForbidStatus":"B"})")}).outcome,
            WriteOutcome::applied);
  EXPECT_EQ(text("101", "FForbidStatus"), "B");
  EXPECT_EQ(calls("Save") + calls("UnAudit"), 0);
  EXPECT_EQ(write(instance, {.key = "101", .body = value(R"({"FForbidStatus":"B"})")}).outcome,
            WriteOutcome::unchanged);
  EXPECT_EQ(write(instance, {.key = "101", .body = value(R"({"FForbidStatus":"A"})")}).outcome,
            WriteOutcome::applied);
  EXPECT_EQ(text("101", "FForbidStatus"), "A");
  const auto deleted = write(instance, {.key = "101", .deleted = true});
  EXPECT_EQ(deleted.outcome, WriteOutcome::rejected);
  EXPECT_EQ(counter("deletes"), 0);
  customer(102, "草稿", R"("FDocumentStatus":"Z")");
  EXPECT_EQ(write(instance, {.key = "102", .body = value(R"({"FForbidStatus":"B"})")}).outcome,
            WriteOutcome::rejected);
}

TEST_F(WriteTest, AnOrganisationsOwnRowIsEditedByItself) {
  customer(101, "甲公司", R"("FDocumentStatus":"D","FSELLER.FNumber":"E1")");
  copy_of(101, 901, R"("FDocumentStatus":"D","FSELLER.FNumber":"E1")");
  const auto result = write(
      open(),
      {.key = "101",
       .body = value(R"({"organisations":[{"FUseOrgId":{"FNumber":"200"},"FSELLER":{"FNumber":"E2"}}]})")});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(number("101", "FSELLER"), "E1");
  EXPECT_EQ(number("901", "FSELLER"), "E2");
  EXPECT_EQ(result.remote_body->find("organisations")->as_array()[1].at_path("FSELLER.FNumber")->to_text(),
            "E2");
}

// ---- Organisations
// -----------------------------------------------------------------------------------------------

TEST_F(WriteTest, AnApprovedCustomerIsAllocatedOnceAndSubmittedThere) {
  customer(101, "甲公司");
  const model::Value asked = value(R"({"organisations":[{"FUseOrgId":{"FNumber":"200"}}]})");
  const auto first = write(open(), {.key = "101", .body = asked});
  ASSERT_EQ(first.outcome, WriteOutcome::applied) << first.error.text();
  const model::Array& rows = first.remote_body->find("organisations")->as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].at_path("FUseOrgId.FNumber")->to_text(), "200");
  EXPECT_EQ(rows[1]["FDocumentStatus"].to_text(), "B") << "approving is for the ERP's people";
  EXPECT_EQ(text("101", "FDocumentStatus"), "C") << "the head stays approved";
  reset_counters();
  EXPECT_EQ(write(open(), {.key = "101", .body = asked}).outcome, WriteOutcome::unchanged);
  EXPECT_EQ(calls("Allocate"), 0);

  customer(102, "乙公司");
  ASSERT_EQ(write(open(R"({"approve":"hub"})"), {.key = "102", .body = asked}).outcome,
            WriteOutcome::applied);
  const Read all = read(open());
  EXPECT_EQ(all.find("102")->body["organisations"].as_array()[1]["FDocumentStatus"].to_text(), "C");
}

// One write: the row, what the organisation keeps of its own, and its approval. A row that was approved first
// could not be filled any more.
TEST_F(WriteTest, AnOrganisationsOwnFieldsGoWithItsAllocation) {
  const model::Value asked = value(
      R"({"organisations":[{"FUseOrgId":{"FNumber":"200"},"FSELLER":{"FNumber":"E2"},"FPriority":"2"}]})");
  for (const auto& [id, settings, status] :
       {std::tuple{101, "{}", "B"}, {102, R"({"approve":"hub"})", "C"}}) {
    customer(id, "公司" + std::to_string(id));
    const auto done = write(open(settings), {.key = std::to_string(id), .body = asked});
    ASSERT_EQ(done.outcome, WriteOutcome::applied) << done.error.text();
    const model::Array& rows = done.remote_body->find("organisations")->as_array();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[1].at_path("FSELLER.FNumber")->to_text(), "E2");
    EXPECT_EQ(rows[1]["FPriority"].to_text(), "2");
    EXPECT_EQ(rows[1]["FDocumentStatus"].to_text(), status);
    EXPECT_EQ(text(std::to_string(id), "FDocumentStatus"), "C") << "the head stays approved";
    EXPECT_EQ(write(open(settings), {.key = std::to_string(id), .body = asked}).outcome,
              WriteOutcome::unchanged);
  }
  EXPECT_EQ(calls("UnAudit"), 0);
  EXPECT_EQ(leftovers(), 0u);
}

TEST_F(WriteTest, AllocationWaitsForApprovalAndNamesAnUnknownOrganisation) {
  customer(101, "审核中", R"("FDocumentStatus":"B")");
  const auto waits =
      write(open(), {.key = "101", .body = value(R"({"organisations":[{"FUseOrgId":{"FNumber":"200"}}]})")});
  EXPECT_EQ(waits.outcome, WriteOutcome::deferred) << waits.error.text();
  customer(102, "甲公司");
  const auto unknown =
      write(open(), {.key = "102", .body = value(R"({"organisations":[{"FUseOrgId":{"FNumber":"900"}}]})")});
  EXPECT_EQ(unknown.outcome, WriteOutcome::rejected);
  EXPECT_NE(unknown.error.message.find("900"), std::string::npos) << unknown.error.text();
  EXPECT_EQ(calls("Allocate"), 0);
}

// The product wants a salesperson of the record's own organisation; an employee of another one is none.
TEST_F(WriteTest, ASalespersonIsOneOfTheSameOrganisation) {
  load("salespersons", R"({"FID":9001,"FNumber":"S7","FEmpNumber":"E7","FBizOrgId.FNumber":"100"})");
  load("salespersons", R"({"FID":9002,"FNumber":"S8","FEmpNumber":"E8","FBizOrgId.FNumber":"200"})");
  const auto good = write(open(), {.key = "", .body = value(R"({"FName":"甲","FSELLER":{"FNumber":"E7"}})")});
  ASSERT_EQ(good.outcome, WriteOutcome::applied) << good.error.text();
  EXPECT_EQ(number(good.remote_key, "FSELLER"), "S7") << "found by the employee's number";
  EXPECT_TRUE(good.error.message.empty());

  const auto elsewhere =
      write(open(), {.key = "", .body = value(R"({"FName":"乙","FTEL":"1","FSELLER":{"FNumber":"E8"}})")});
  ASSERT_EQ(elsewhere.outcome, WriteOutcome::applied) << "the record goes on without him";
  EXPECT_EQ(text(elsewhere.remote_key, "FTEL"), "1");
  EXPECT_EQ(number(elsewhere.remote_key, "FSELLER"), "");
  EXPECT_EQ(elsewhere.error.code, "salesperson_not_mapped");
  EXPECT_NE(elsewhere.error.message.find("E8"), std::string::npos) << elsewhere.error.text();
  EXPECT_NE(elsewhere.error.message.find("100"), std::string::npos);
}

TEST_F(WriteTest, ASalespersonThatExistsTwiceIsNamedAndLeftOut) {
  load("salespersons", R"({"FID":9001,"FNumber":"S7","FEmpNumber":"E7","FBizOrgId.FNumber":"100"})");
  load("salespersons", R"({"FID":9002,"FNumber":"S7B","FEmpNumber":"E7","FBizOrgId.FNumber":"100"})");
  const auto twice =
      write(open(), {.key = "", .body = value(R"({"FName":"甲","FSELLER":{"FNumber":"E7"}})")});
  ASSERT_EQ(twice.outcome, WriteOutcome::applied) << twice.error.text();
  EXPECT_EQ(number(twice.remote_key, "FSELLER"), "");
  EXPECT_NE(twice.error.message.find("S7 S7B"), std::string::npos) << twice.error.text();
  // Nothing else to write: then it is refused, and nothing is touched.
  customer(102, "草稿", R"("FDocumentStatus":"A")");
  const auto alone = write(open(), {.key = "102", .body = value(R"({"FSELLER":{"FNumber":"E7"}})")});
  EXPECT_EQ(alone.outcome, WriteOutcome::rejected);
  EXPECT_EQ(alone.error.code, "salesperson_not_mapped");
}

TEST_F(WriteTest, RowsOpenForEditingGoOutTogether) {
  std::vector<host::WriteRecord> records;
  for (int i = 0; i < 12; ++i) {
    customer(101 + i, "公司", R"("FDocumentStatus":"A")");
    records.push_back({.key = std::to_string(101 + i), .body = value(R"({"FTEL":"2"})")});
  }
  reset_counters();
  const host::WriteReport report = open().write("customers", records);
  for (const auto& result : report.results) EXPECT_EQ(result.outcome, WriteOutcome::applied);
  EXPECT_EQ(calls("BatchSave"), 1);
  EXPECT_EQ(calls("ExecuteBillQuery"), 2);
}

TEST_F(WriteTest, UnknownAndReadOnlyFieldsAreRefusedByName) {
  customer(101, "甲公司", R"("FDocumentStatus":"A")");
  for (const char* body : {R"({"FModifyDate":"2026-01-01"})", R"({"FNumber":"X"})", R"({"FNoSuch":"X"})",
                           R"({"FCUSTID":5,"FMasterId":6})"}) {
    const auto result = write(open(), {.key = "101", .body = value(body)});
    EXPECT_EQ(result.outcome, WriteOutcome::rejected) << body;
    EXPECT_FALSE(result.error.where.empty());
  }
  EXPECT_EQ(counter("updates"), 0);
}

// ---- Contacts
// ------------------------------------------------------------------------------------------------

TEST_F(WriteTest, AContactIsCreatedAtItsCompanyAndApproved) {
  customer(101, "甲公司");
  const auto result = write(
      open(),
      {.key = "", .body = value(R"({"FName":"王芳","FMobile":"13800000001","FCompany":{"FNumber":"C101"}})")},
      "contacts");
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(number(result.remote_key, "FCompany", "contacts"), "C101");
  EXPECT_EQ(number(result.remote_key, "FCustId", "contacts"), "C101");
  EXPECT_EQ(text(result.remote_key, "FCompanyType", "contacts"), "BD_Customer");
  EXPECT_EQ(text(result.remote_key, "FDocumentStatus", "contacts"), "C");
  EXPECT_EQ(result.remote_body->at_path("FCompany.Id")->to_text(), "101");
  const auto moved =
      write(open(), {.key = result.remote_key, .body = value(R"({"FMobile":"13800000002"})")}, "contacts");
  EXPECT_EQ(moved.outcome, WriteOutcome::applied) << moved.error.text();
  EXPECT_EQ(text(result.remote_key, "FMobile", "contacts"), "13800000002");
  EXPECT_EQ(text(result.remote_key, "FDocumentStatus", "contacts"), "C");
}

TEST_F(WriteTest, ReadOnlyStreamsRefuse) {
  const host::WriteReport report =
      open().write("employees", {{.key = "", .body = value(R"({"FName":"x"})")}});
  EXPECT_FALSE(report.ended.ok());
}

}  // namespace
}  // namespace kingdee_test
