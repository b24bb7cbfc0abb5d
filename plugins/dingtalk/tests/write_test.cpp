// Writing customers and contacts: each record judged alone, nothing sent twice, nothing called done that may
// not be.
#include <set>

#include "plugins/dingtalk/tests/bench.hpp"

namespace dingtalk::tests {
namespace {

using host::WriteOutcome;
using host::WriteRecord;
using model::ErrorClass;

constexpr const char* kCreate = "POST /v1.0/crm/relationDatas/batch";
constexpr const char* kUpdate = "PUT /v1.0/crm/relationDatas/batch";
constexpr const char* kReadBack = "POST /v1.0/crm/personalCustomers/batchQuery";

std::string body_text(const host::WriteResult& result, std::string_view path) {
  if (!result.remote_body) return "(no body)";
  const Value* value = result.remote_body->at_path(path);
  return value == nullptr ? "(none)" : value->is_string() ? value->as_string() : model::to_json(*value);
}

std::vector<WriteRecord> new_customers(std::size_t count) {
  std::vector<WriteRecord> records;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string body = R"({"data":{"customer_name":"新客户)" + std::to_string(i) +
                             R"("},"custom":{"uscc":"U)" + std::to_string(i) + R"("},"owner":"dtE1007"})";
    records.push_back(Bench::record("", body.c_str()));
    records.back().operation_id = "op" + std::to_string(i);
  }
  return records;
}

TEST(Create, GoesInTensAndIsReadBackOnce) {
  Bench bench;
  const auto report = bench.write("customers", new_customers(23));
  ASSERT_TRUE(report.ended.ok()) << report.ended.error().text();
  std::set<std::string> keys;
  for (std::size_t i = 0; i < 23; ++i) {
    const host::WriteResult& result = report.results[i];
    EXPECT_EQ(result.outcome, WriteOutcome::applied) << i;
    keys.insert(result.remote_key);
    EXPECT_EQ(body_text(result, "data.customer_name"), "新客户" + std::to_string(i));
    EXPECT_EQ(body_text(result, "custom.uscc"), "U" + std::to_string(i));
    EXPECT_EQ(body_text(result, "owner"), "dtE1007");
  }
  EXPECT_EQ(keys.size(), 23U);
  EXPECT_EQ(bench.calls(kCreate), 3U);
  EXPECT_EQ(bench.calls(kReadBack), 1U);
  EXPECT_EQ(bench.counters().at("creates").to_number<int>(), 23);
}

TEST(Create, OfAKnownNameIsADuplicateToLink) {
  Bench bench;
  bench.add_customer("c1", "新客户1");
  const auto report = bench.write("customers", new_customers(3));
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::duplicate);
  EXPECT_EQ(report.results[1].remote_key, "c1");
  EXPECT_EQ(report.results[1].error.code, "1002");
  EXPECT_EQ(report.results[2].outcome, WriteOutcome::applied);
}

// Which of two is meant is a question for a person.
TEST(Create, OfANameThatTwoHaveLinksToNeither) {
  Bench bench;
  bench.add_customer("c1", "新客户0");
  bench.add_customer("c2", "新客户0");
  const auto report = bench.write("customers", new_customers(1));
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::duplicate);
  EXPECT_EQ(report.results[0].remote_key, "");
}

// HTTP 200 says nothing: every item has its own verdict.
TEST(Create, JudgesEachRecordAlone) {
  Bench bench;
  const auto report = bench.write(
      "customers",
      {Bench::record("", R"({"data":{"customer_name":"甲"}})"),
       Bench::record("", R"({"data":{"address":",,,,无名"}})"),
       Bench::record("", R"({"data":{"customer_name":"丙","customer_follow_up_status":"不存在的选项"}})"),
       Bench::record("", R"({"data":{"customer_name":"丁","TextField-UNKNOWN":"x"}})"),
       Bench::record("", R"({"data":{"customer_name":"戊"},"owner":"nobody"})"),
       Bench::record("", R"({"data":{"customer_name":"己"}})")});
  ASSERT_TRUE(report.ended.ok()) << report.ended.error().text();
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::rejected);
  EXPECT_EQ(report.results[2].outcome, WriteOutcome::rejected);
  EXPECT_EQ(report.results[3].outcome, WriteOutcome::rejected);
  EXPECT_EQ(report.results[3].error.code, "fieldId.not.exists");
  EXPECT_EQ(report.results[4].outcome, WriteOutcome::rejected);
  EXPECT_EQ(report.results[5].outcome, WriteOutcome::applied);
  EXPECT_EQ(bench.calls(kCreate), 1U);
}

TEST(Update, SendsOnlyWhatChanged) {
  Bench bench;
  bench.add_customer("c1", "甲", -100, {{"TextField-HL5PHONE", "0512-1"}});
  const auto report = bench.write(
      "customers",
      {Bench::record("c1", R"({"custom":{"phone":"0512-2"}})",
                     R"({"data":{"customer_name":"甲"},"permission":{"ownerStaffIds":["dtE1007"]}})")});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(body_text(report.results[0], "custom.phone"), "0512-2");
  EXPECT_EQ(body_text(report.results[0], "data.customer_name"), "甲");
  EXPECT_EQ(json::serialize(bench.counters().at("fields_written")), R"({"TextField-HL5PHONE":1})");
}

TEST(Update, OfNothingIsUnchangedAloneAndInABatch) {
  Bench bench;
  bench.add_customers(2);
  const auto alone =
      bench.write("customers", {Bench::record("c1000", R"({"data":{"customer_name":"客户0"}})")});
  EXPECT_EQ(alone.results[0].outcome, WriteOutcome::unchanged);
  const auto both =
      bench.write("customers", {Bench::record("c1000", R"({"data":{"customer_name":"客户0"}})"),
                                Bench::record("c1001", R"({"data":{"customer_name":"客户新"}})")});
  EXPECT_EQ(both.results[0].outcome, WriteOutcome::unchanged);
  EXPECT_EQ(both.results[1].outcome, WriteOutcome::applied);
  const auto empty = bench.write("customers", {Bench::record("c1000", "{}")});
  EXPECT_EQ(empty.results[0].outcome, WriteOutcome::unchanged);
}

TEST(Update, OfADeletedRecordIsGone) {
  Bench bench;
  bench.add_customers(1);
  const auto report = bench.write("customers", {Bench::record("vanished", R"({"data":{"address":",,,,x"}})"),
                                                Bench::record("c1000", R"({"data":{"address":",,,,x"}})")});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::gone);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::applied);
}

TEST(Update, ToANameThatAnotherHasIsRejected) {
  Bench bench;
  bench.add_customers(2);
  const auto report =
      bench.write("customers", {Bench::record("c1000", R"({"data":{"customer_name":"客户1"}})")});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::rejected);
}

// Both lists of people are taken as a whole: a new owner alone would throw the helpers out.
TEST(Update, OfTheOwnerKeepsTheHelpers) {
  Bench bench;
  bench.add_customers(1);
  bench.edit("c1000", {{"permission", {{"participantStaffIds", json::array{"dtE1002"}}}}});
  const Taken shown = bench.lookup("customers", {"c1000"});
  WriteRecord record = Bench::record("c1000", R"({"owner":"dtE1008"})");
  record.base = shown.records.at("c1000");
  const auto report = bench.write("customers", {record});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(body_text(report.results[0], "permission.ownerStaffIds"), R"(["dtE1008"])");
  EXPECT_EQ(body_text(report.results[0], "permission.participantStaffIds"), R"(["dtE1002"])");
}

TEST(Update, WithoutASettingIsActedByTheOwner) {
  Bench bench;
  bench.settings.erase("operator_user_id");
  bench.add_customers(1);
  const auto report = bench.write(
      "customers", {Bench::record("c1000", R"({"data":{"address":",,,,x"}})", R"({"owner":"dtE1007"})")});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
}

TEST(Write, WithAWrongActingUserPausesTheConnection) {
  Bench bench;
  bench.settings["operator_user_id"] = "nobody";
  const auto report = bench.write("customers", new_customers(2));
  EXPECT_EQ(report.ended.error().error_class, ErrorClass::config);
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::deferred);
}

// The answer is lost after the vendor committed: nobody may say "not done".
TEST(Write, WhoseAnswerIsLostIsInDoubtAndTheRestIsDeferred) {
  Bench bench;
  bench.locked([&] {
    bench.twin().faults().configure({{"timeout_after_commit", {{"next", 1}, {"match", "relationDatas"}}}});
  });
  const auto report = bench.write("customers", new_customers(15));
  ASSERT_FALSE(report.ended.ok());
  EXPECT_EQ(report.ended.error().error_class, ErrorClass::retry);
  for (std::size_t i = 0; i < 15; ++i)
    EXPECT_EQ(report.results[i].outcome, i < 10 ? WriteOutcome::in_doubt : WriteOutcome::deferred) << i;
  EXPECT_EQ(bench.calls(kCreate), 1U);  // a create is never sent twice on its own
  EXPECT_EQ(bench.find("customers", {{"data.customer_name", "新客户3"}}).emitted, 1U);
}

TEST(Write, WithAHalfReadableAnswerIsInDoubt) {
  for (const char* fault : {"truncated", "partial_body", "html", "http_502"}) {
    Bench bench;
    bench.locked([&] {
      bench.twin().faults().configure({{fault, {{"next", 1}, {"match", "relationDatas"}}}});
    });
    const auto report = bench.write("customers", new_customers(2));
    EXPECT_EQ(report.results[0].outcome, WriteOutcome::in_doubt) << fault;
    EXPECT_EQ(bench.calls(kCreate), 1U) << fault;
  }
}

TEST(Write, ThatWasThrottledWasNotDone) {
  Bench bench;
  bench.locked([&] {
    bench.twin().faults().configure({{"rate_limit", {{"next", 1}, {"match", "relationDatas"}}}});
  });
  const auto report = bench.write("customers", new_customers(12));
  EXPECT_EQ(report.ended.error().error_class, ErrorClass::throttled);
  for (const host::WriteResult& result : report.results) EXPECT_EQ(result.outcome, WriteOutcome::deferred);
  EXPECT_EQ(bench.twin().store().size("customers"), 0U);
}

TEST(Write, WhoseReadingBackFailsStands) {
  Bench bench;
  bench.locked([&] {
    bench.twin().faults().configure({{"rate_limit", {{"next", 1}, {"match", "batchQuery"}}}});
  });
  const auto report = bench.write("customers", new_customers(2));
  ASSERT_TRUE(report.ended.ok()) << report.ended.error().text();
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_FALSE(report.results[0].remote_body);
}

TEST(Write, OfATokenThatExpiredIsSentOnceMore) {
  Bench bench;
  bench.write("customers", new_customers(1));
  bench.locked([&] { bench.twin().expire_tokens(); });
  const auto report = bench.write("customers", {Bench::record("", R"({"data":{"customer_name":"后来"}})")});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(bench.counters().at("creates").to_number<int>(), 2);
}

TEST(Write, ToAFieldThatNoSettingNamesIsNotSilent) {
  Bench bench;
  bench.add_customers(1);
  const auto alone = bench.write("customers", {Bench::record("c1000", R"({"custom":{"registry":"1"}})")});
  EXPECT_EQ(alone.results[0].outcome, WriteOutcome::rejected);
  EXPECT_EQ(alone.results[0].error.where.find("registry") != std::string::npos ||
                alone.results[0].error.message.find("registry") != std::string::npos,
            true);
}

TEST(Write, DeletesNothing) {
  Bench bench;
  bench.add_customers(1);
  WriteRecord record = Bench::record("c1000", "{}");
  record.deleted = true;
  const auto report = bench.write("customers", {record});
  EXPECT_NE(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(bench.twin().store().size("customers"), 1U);
}

TEST(Contact, IsRelatedToItsCustomerByIdAndName) {
  Bench bench;
  bench.add_customers(2);
  const auto report = bench.write(
      "contacts", {Bench::record("", R"({"data":{"contact_name":"顾晓岚","contact_phone":"13800138000"},
                                        "position":"采购经理","customer":"c1001","custom":{"decision_role":"采购"}})")});
  ASSERT_TRUE(report.ended.ok()) << report.ended.error().text();
  ASSERT_EQ(report.results[0].outcome, WriteOutcome::applied) << report.results[0].error.text();
  EXPECT_EQ(body_text(report.results[0], "customer"), "c1001");
  EXPECT_EQ(body_text(report.results[0], "data.contact_related_customer"), R"(["客户1"])");
  EXPECT_EQ(body_text(report.results[0], "position"), "采购经理");
}

TEST(Contact, OfACustomerThatIsNotThereIsRefused) {
  Bench bench;
  const auto report =
      bench.write("contacts", {Bench::record("", R"({"data":{"contact_name":"甲"},"customer":"nobody"})")});
  EXPECT_NE(report.results[0].outcome, WriteOutcome::applied);
}

TEST(Contact, KeepsItsOtherCustomersWhenOneChanges) {
  Bench bench;
  bench.add_customers(3);
  const auto made = bench.write(
      "contacts", {Bench::record("", R"({"data":{"contact_name":"甲"},"customers":["c1000","c1001"]})")});
  ASSERT_EQ(made.results[0].outcome, WriteOutcome::applied) << made.results[0].error.text();
  WriteRecord change = Bench::record(made.results[0].remote_key, R"({"customer":"c1002"})");
  change.base = *made.results[0].remote_body;
  const auto report = bench.write("contacts", {change});
  EXPECT_EQ(body_text(report.results[0], "customers"), R"(["c1002","c1001"])");
}

TEST(RobotMessage, IsSignedAndSentOnce) {
  Bench bench;
  const auto first =
      bench.write("robot", {Bench::record("", R"({"text":"同步完成","at_mobiles":["13800138000"]})")});
  ASSERT_EQ(first.results[0].outcome, WriteOutcome::applied) << first.results[0].error.text();
  bench.write("robot", {Bench::record("", R"({"text":"同步完成"})")});  // the same operation again
  EXPECT_EQ(bench.twin().store().size("robot"), 1U);
}

TEST(RobotMessage, WithAWrongSecretIsConfiguration) {
  Bench bench;
  bench.settings["robot_secret"] = "SECwrong";
  const auto report = bench.write("robot", {Bench::record("", R"({"text":"x"})")});
  EXPECT_EQ(report.ended.error().error_class, ErrorClass::config);
  EXPECT_EQ(report.ended.error().code, "310000");
}

TEST(WorkNotice, IsAccepted) {
  Bench bench;
  const auto report = bench.write(
      "work_notices", {Bench::record("", R"({"title":"建档申请","text":"请审批","users":["dtE1002"]})"),
                       Bench::record("", R"({"text":""})")});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied) << report.results[0].error.text();
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::rejected);
  EXPECT_EQ(bench.twin().store().size("work_notices"), 1U);
}

// A to-do is told from its repetition by its key; the vendor says so in words alone.
TEST(Todo, IsMadeOnceForThePeopleNamed) {
  Bench bench;
  bench.locked([&] {
    for (const char* user : {"dtE1002", "dtE1007"})
      bench.twin().edit("employees", user, {{"unionid", std::string("union-") + user}}, "");
  });
  const char* todo =
      R"({"title":"建档申请待审批","text":"请处理","users":["dtE1007"],"url":"https://hub.example/r/1","priority":30})";
  const auto first = bench.write("todos", {Bench::record("", todo)});
  ASSERT_EQ(first.results[0].outcome, WriteOutcome::applied) << first.results[0].error.text();
  const auto again = bench.write("todos", {Bench::record("", todo)});
  EXPECT_EQ(again.results[0].outcome, WriteOutcome::unchanged);
  EXPECT_EQ(bench.twin().store().size("todos"), 1U);
  const auto sent = bench.twin().store().get("todos", first.results[0].remote_key);
  EXPECT_EQ(sent->at("executorIds"), json::array{"union-dtE1007"});
  EXPECT_EQ(sent->at("detailUrl").at("pcUrl"), "https://hub.example/r/1");
}

TEST(Todo, ForSomebodyUnknownIsRefused) {
  Bench bench;
  bench.locked([&] { bench.twin().edit("employees", "dtE1002", {{"unionid", "u"}}, ""); });
  const auto report = bench.write("todos", {Bench::record("", R"({"title":"x","users":["nobody"]})"),
                                            Bench::record("", R"({"users":["dtE1002"]})")});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::rejected);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::rejected);
}

}  // namespace
}  // namespace dingtalk::tests
