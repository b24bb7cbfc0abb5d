// Approvals, follow-ups, and the ways to a token.
#include "plugins/dingtalk/src/approvals.hpp"

#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/tests/bench.hpp"

namespace dingtalk::tests {
namespace {

using host::WriteOutcome;

constexpr const char* kForm = R"({"form":{"客户名称":"甲公司","金额":12.5,"标签":["A","B"]}})";

std::string start(Bench& bench, const char* body = kForm) {
  const host::WriteReport report = bench.write("approvals", {Bench::record("", body)});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied) << report.results[0].error.text();
  return report.results[0].remote_key;
}

void decide(Bench& bench, const std::string& id, const char* result) {
  bench.locked([&] { bench.twin().edit("approvals", id, {{"result", result}}, "dtE1007"); });
}

TEST(ApprovalTime, IsIsoToTheMinute) {
  EXPECT_EQ(approval_time_us("2022-08-31T11:52Z"), 1'661'946'720'000'000);
  EXPECT_EQ(approval_time_us("2022-08-31T11:52:30Z"), 1'661'946'750'000'000);
  for (const char* text : {"", "2022-08-31 11:52:00", "2022-08-31T11:52", "Z"})
    EXPECT_EQ(approval_time_us(text), HUILIU_TIME_UNKNOWN) << text;
}

TEST(Approvals, AreStartedWithTextValuesAndRead) {
  Bench bench;
  const std::string id = start(bench);
  const Taken taken = bench.read("approvals");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.text(id, "status"), "RUNNING");
  EXPECT_EQ(taken.text(id, "form.客户名称"), "甲公司");
  EXPECT_EQ(taken.text(id, "form.金额"), "12.5");
  EXPECT_EQ(taken.text(id, "form.标签"), R"(["A","B"])");
  EXPECT_NE(taken.changed_at.at(id), model::unknown_time);
}

// The list is by the time of the start: a naive reading of what is new never sees how an old one ends.
TEST(Approvals, WhatRanAtTheLastReadingIsSeenToEnd) {
  Bench bench;
  const std::string id = start(bench);
  const Taken first = bench.read("approvals");
  bench.environment().advance(10 * 86'400 * model::second);
  decide(bench, id, "agree");
  const Taken next = bench.read("approvals", host::ReadMode::changes, first.cursor);
  EXPECT_EQ(next.text(id, "status"), "COMPLETED");
  EXPECT_EQ(next.text(id, "result"), "agree");
  // And then no more.
  bench.environment().advance(86'400 * model::second);
  EXPECT_TRUE(bench.read("approvals", host::ReadMode::changes, next.cursor).records.empty());
}

TEST(Approvals, AreReadPageByPageAndWindowByWindow) {
  Bench bench;
  bench.settings["approval_days"] = 364;
  std::set<std::string> ids;
  for (int i = 0; i < 45; ++i) ids.insert(start(bench));
  bench.environment().advance(200 * 86'400 * model::second);
  ids.insert(start(bench));
  const Taken taken = bench.read("approvals", host::ReadMode::keys);
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), ids.size());
}

TEST(Approvals, AreLookedUpAndWhatIsNotThereIsSaid) {
  Bench bench;
  const std::string id = start(bench);
  const Taken taken = bench.lookup("approvals", {id, "proc-none"});
  EXPECT_EQ(taken.text(id, "processCode"), "(none)");
  EXPECT_EQ(taken.text(id, "status"), "RUNNING");
  EXPECT_EQ(taken.deleted, std::vector<std::string>{"proc-none"});
}

TEST(Approvals, NeedAFormAndPeopleWhoExist) {
  Bench bench;
  for (const char* body : {"{}", R"({"form":{}})", R"({"form":{"a":"b"},"approvers":["nobody"]})"}) {
    const host::WriteReport report = bench.write("approvals", {Bench::record("", body)});
    EXPECT_EQ(report.results[0].outcome, WriteOutcome::rejected) << body;
  }
  start(bench, R"({"form":{"a":"b"},"approvers":["dtE1007","dtE1008"],"all_must_agree":true})");
  start(bench, R"({"form":{"a":"b"},"approvers":["dtE1007"]})");
}

TEST(Approvals, WithoutATemplateAreNotOffered) {
  Bench bench;
  bench.settings["approval_process_code"] = "";
  EXPECT_EQ(bench.read("approvals").status.error().error_class, model::ErrorClass::unsupported);
}

TEST(Approvals, AStartWhoseAnswerIsLostIsInDoubt) {
  Bench bench;
  bench.connector();
  bench.locked([&] {
    bench.twin().faults().configure({{"timeout_after_commit", {{"next", 1}, {"match", "processInstances"}}}});
  });
  const host::WriteReport report = bench.write("approvals", {Bench::record("", kForm)});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::in_doubt);
  EXPECT_EQ(bench.calls("POST /v1.0/workflow/processInstances"), 1U);
}

TEST(FollowRecords, AreJudgedOneByOne) {
  Bench bench;
  std::vector<host::WriteRecord> records;
  for (int i = 0; i < 45; ++i) records.push_back(Bench::record("", R"({"data":{"follow_content":"拜访"}})"));
  records[3] = Bench::record("", "{}");
  records[7] = Bench::record("follow-none", R"({"data":{"follow_content":"x"}})");
  const host::WriteReport report = bench.write("follow_records", records);
  EXPECT_EQ(report.results[3].outcome, WriteOutcome::rejected);
  EXPECT_EQ(report.results[7].outcome, WriteOutcome::gone);
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied) << report.results[0].error.text();
  EXPECT_EQ(report.results[44].outcome, WriteOutcome::applied);
  EXPECT_EQ(bench.calls("POST /v1.0/crm/followRecords/batch"), 2U);  // forty at a time
}

TEST(ContactsOfACustomer, AreFoundThoughTheVendorCannotBeAsked) {
  Bench bench;
  bench.add_customer("c1", "甲");
  bench.add_customer("c2", "乙");
  const host::WriteReport made = bench.write(
      "contacts",
      {Bench::record("", R"({"data":{"contact_name":"张三","contact_phone":"13811112222"},"customer":"c1"})"),
       Bench::record("",
                     R"({"data":{"contact_name":"李四","contact_phone":"13811113333"},"customer":"c2"})")});
  ASSERT_EQ(made.results[0].outcome, WriteOutcome::applied) << made.results[0].error.text();
  const Taken found = bench.find("contacts", {{"customer", "c1"}});
  ASSERT_TRUE(found.status.ok()) << found.status.error().text();
  EXPECT_EQ(found.records.size(), 1U);
  EXPECT_EQ(found.records.count(made.results[0].remote_key), 1U);
}

TEST(Tokens, ComeFromTheCallThatTheSettingsChoose) {
  for (const auto& [auth, endpoint] : {std::pair{"app", "POST /v1.0/oauth2/accessToken"},
                                       std::pair{"corp_token", "POST /v1.0/oauth2/dingtwincorp0001/token"},
                                       std::pair{"suite", "POST /v1.0/oauth2/corpAccessToken"}}) {
    Bench bench;
    bench.settings["auth"] = auth;
    bench.settings["suite_ticket"] = twin::account().suite_ticket;
    bench.add_customers(2);
    EXPECT_EQ(bench.read("customers").records.size(), 2U) << auth;
    EXPECT_TRUE(bench.read("departments").status.ok()) << auth;
    EXPECT_GE(bench.calls(endpoint), 1U) << auth;
  }
}

}  // namespace
}  // namespace dingtalk::tests
