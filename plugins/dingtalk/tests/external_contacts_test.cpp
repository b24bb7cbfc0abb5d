// External contacts: the company's address book of people outside.
#include "plugins/dingtalk/tests/bench.hpp"

namespace dingtalk::tests {
namespace {

using host::WriteOutcome;

void add_person(Bench& bench, int number, const std::string& mobile = {}) {
  const std::string id = "ext" + std::to_string(number);
  bench.locked([&] {
    bench.twin().load("external_contacts",
                      {{"userid", id},
                       {"name", "外部" + id},
                       {"mobile", mobile.empty() ? "1380000" + std::to_string(number) : mobile},
                       {"state_code", "86"},
                       {"company_name", "汇流有限公司"},
                       {"title", "采购"},
                       {"email", ""},
                       {"follower_user_id", "dtE1007"},
                       {"label_ids", json::array{7001}}});
  });
}

// No total, no has_more: the end is a page that is not full, which may be an empty one.
TEST(ExternalContacts, AreWalkedUntilAPageIsNotFull) {
  for (const int count : {0, 1, 99, 100, 199, 250}) {
    Bench bench;
    for (int i = 0; i < count; ++i) add_person(bench, 1000 + i);
    const Taken taken = bench.read("external_contacts");
    ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
    EXPECT_EQ(taken.records.size(), static_cast<std::size_t>(count));
  }
}

// Rows are counted: a person who is deleted between two pages moves all others up by one. The walk notices
// that its pages do not fit and is made again.
TEST(ExternalContacts, ThatMoveDuringTheWalkAreAllFound) {
  Bench bench(0);
  for (int i = 0; i < 250; ++i) add_person(bench, 1000 + i);
  int pages = 0;
  const huiliu::twin::HttpServer between([&](const huiliu::twin::HttpRequest& request) {
    if (request.path == "/topapi/extcontact/list" && ++pages == 2)
      bench.locked([&] { bench.twin().remove("external_contacts", "ext1000", ""); });
    return bench.locked([&] { return bench.twin().handle(request); });
  });
  bench.settings["base_url"] = between.url();
  bench.settings["oapi_base_url"] = between.url();
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  for (int i = 1; i < 250; ++i) EXPECT_EQ(taken.records.count("ext" + std::to_string(1000 + i)), 1U) << i;
  EXPECT_EQ(bench.lookup("external_contacts", {"ext1000"}).deleted, std::vector<std::string>{"ext1000"});
}

// Records name labels by number alone; the names stand in groups, listed without a total, page by page.
TEST(Labels, AreReadWithTheNamesOfTheirGroups) {
  Bench bench;
  const auto add = [&](std::int64_t id, const std::string& name, const std::string& group) {
    bench.twin().load("labels", {{"id", id}, {"name", name}, {"group_name", group}});
  };
  bench.locked([&] {
    for (int i = 0; i < 100; ++i) add(8000 + i, "标签" + std::to_string(i), "组" + std::to_string(i));
    add(7001, "客户", "组100");
  });
  add_person(bench, 1);
  const Taken taken = bench.read("labels");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 101U);
  EXPECT_EQ(taken.text("7001", "name"), "客户");
  EXPECT_EQ(taken.text("7001", "group_name"), "组100");
  EXPECT_EQ(bench.read("external_contacts").text("ext1", "label_ids"), "[7001]");
  const Taken looked = bench.lookup("labels", {"8007", "9999"});
  EXPECT_EQ(looked.text("8007", "group_name"), "组7");
  EXPECT_EQ(looked.deleted, std::vector<std::string>{"9999"});
}

TEST(ExternalContacts, ShowTheirPhoneWithItsCountry) {
  Bench bench;
  add_person(bench, 1, "13800138000");
  const Taken taken = bench.read("external_contacts");
  EXPECT_EQ(taken.text("ext1", "phone"), "13800138000");
  EXPECT_EQ(taken.text("ext1", "company_name"), "汇流有限公司");
}

// The vendor wants name, follower and labels again with every change.
TEST(ExternalContacts, AreChangedWithWhatTheVendorWantsResent) {
  Bench bench;
  add_person(bench, 1);
  const auto report = bench.write("external_contacts", {Bench::record("ext1", R"({"title":"经理"})")});
  ASSERT_EQ(report.results[0].outcome, WriteOutcome::applied) << report.results[0].error.text();
  const auto now = bench.twin().store().get("external_contacts", "ext1");
  EXPECT_EQ(now->at("title"), "经理");
  EXPECT_EQ(now->at("follower_user_id"), "dtE1007");
}

TEST(ExternalContacts, KeepTheirMobile) {
  Bench bench;
  add_person(bench, 1);
  const auto report = bench.write("external_contacts", {Bench::record("ext1", R"({"phone":"13900139000"})")});
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::rejected);
  EXPECT_EQ(bench.calls("POST /topapi/extcontact/update"), 0U);
}

TEST(ExternalContacts, AreCreatedOnceForOneMobile) {
  Bench bench;
  const char* person =
      R"({"name":"王总","mobile":"13800138000","state_code":"86","follower_user_id":"dtE1007","label_ids":[7001]})";
  const auto made = bench.write("external_contacts", {Bench::record("", person)});
  ASSERT_EQ(made.results[0].outcome, WriteOutcome::applied) << made.results[0].error.text();
  EXPECT_NE(made.results[0].remote_key, "");
  EXPECT_EQ(bench.write("external_contacts", {Bench::record("", person)}).results[0].outcome,
            WriteOutcome::duplicate);
}

}  // namespace
}  // namespace dingtalk::tests
