// Tokens, refusals, limits.
#include "plugins/wecom/src/client.hpp"

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <thread>

#include "plugins/wecom/src/errors.hpp"
#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/tests/bench.hpp"

namespace wecom::tests {
namespace {

// Every code of the fact sheet, by the class it has there.
// The fact sheet's codes, each with the one outcome and status that the vendor's own word for it calls for.
struct SheetRow {
  huiliu_outcome outcome;
  huiliu_status status;
  std::vector<int> codes;
};

TEST(Errors, EveryCodeHasItsClass) {
  const std::vector<SheetRow> sheet{
      {HUILIU_DEFERRED, HUILIU_RETRY, {-1, 6000, 45035, 40100, 40129, 50100, 60268}},
      {HUILIU_DEFERRED, HUILIU_AUTH, {40001, 40014, 42001, 40091, 40013, 41002, 41004}},
      {HUILIU_DEFERRED, HUILIU_THROTTLED, {45009, 45033}},
      {HUILIU_DEFERRED,
       HUILIU_CONFIG,
       {40056, 301002, 48001, 48002, 48004, 48005, 48006, 48009, 50001, 50003, 60020, 301042, 60030, 60031,
        84074}},
      {HUILIU_GONE,
       HUILIU_DATA,
       {40003, 46004, 60111, 301021, 40050, 86001, 86003, 40066, 60003, 60123, 60124, 40068, 40096, 41044,
        84061, 84084, 701008}},
      {HUILIU_DUPLICATE, HUILIU_DATA, {40071, 60102, 60104, 60106, 60008}},
      {HUILIU_REJECTED,
       HUILIU_DATA,
       {41001, 40031, 40033, 40035, 40058, 40063, 40072, 41035, 41050, 41051, 42052, 45029, 81013, 81017,
        50002, 60011, 60021, 81011, 40099, 40126, 40144, 41045, 45036,
        // Of transfers, inside a success.
        40128, 40130, 40131, 40097, 40098}}};
  std::set<std::int64_t> walked;
  for (const SheetRow& row : sheet)
    for (const int code : row.codes) {
      const Refusal refusal = refusal_of(code, "vendor's words");
      EXPECT_EQ(outcome_of(refusal.kind), row.outcome) << code;
      EXPECT_EQ(status_of(refusal.kind), row.status) << code;
      EXPECT_TRUE(walked.insert(code).second) << code << " twice";
    }
  for (const ErrorRow& row : error_rows())
    EXPECT_TRUE(walked.contains(row.code)) << row.code << " is in no sheet";
}

TEST(Errors, TheTableIsOrderedAndBilingual) {
  std::int64_t last = -2;
  for (const ErrorRow& row : error_rows()) {
    EXPECT_LT(last, row.code);
    last = row.code;
    EXPECT_FALSE(row.zh.empty());
    EXPECT_FALSE(row.en.empty());
    const Refusal refusal = refusal_of(row.code, "");
    EXPECT_NE(refusal.message.find(std::string(row.zh) + " / " + std::string(row.en)), std::string::npos);
  }
}

TEST(Errors, OutcomesFollowTheClass) {
  EXPECT_EQ(outcome_of(refusal_of(84061, "").kind), HUILIU_GONE);
  EXPECT_EQ(outcome_of(refusal_of(40096, "").kind), HUILIU_GONE);
  EXPECT_EQ(outcome_of(refusal_of(40144, "").kind), HUILIU_REJECTED);
  EXPECT_EQ(outcome_of(refusal_of(45009, "").kind), HUILIU_DEFERRED);
  EXPECT_EQ(outcome_of(refusal_of(60020, "").kind), HUILIU_DEFERRED);
  EXPECT_EQ(outcome_of(refusal_of(40071, "").kind), HUILIU_DUPLICATE);
  EXPECT_EQ(outcome_of(refusal_of(99'999, "?").kind), HUILIU_REJECTED);  // unknown: a person must look
}

TEST(Errors, SuccessIsNoCodeOrZero) {
  for (const char* body : {R"({"errcode":0,"errmsg":"ok"})", R"({"follow_user":[]})",
                           R"({"errcode":0,"errmsg":"Warning: wrong json format."})"}) {
    const auto parsed = parse_json(body);
    EXPECT_FALSE(refusal_in(200, &*parsed)) << body;
  }
  EXPECT_TRUE(refusal_in(200, nullptr));
  const auto failed = parse_json(R"({"errcode":84061,"errmsg":"not external contact","follow_user":[]})");
  EXPECT_EQ(refusal_in(200, &*failed)->code, 84061);
}

TEST(Errors, AnUntrustedAddressIsNamed) {
  const Refusal refusal = refusal_of(60020,
                                     "not allow to access from your ip, hint: [1700000000_1_ab], from ip: "
                                     "203.0.113.9, more info at https://x");
  EXPECT_NE(refusal.message.find("203.0.113.9"), std::string::npos) << refusal.message;
  EXPECT_NE(refusal.message.find("可信IP"), std::string::npos);
  EXPECT_EQ(refusal_of(60020, "no address here").message.find("from ip"), std::string::npos);
}

TEST(Token, IsFetchedOnceAndKept) {
  Bench bench;
  bench.add_contacts(150, "zhangsan");
  EXPECT_TRUE(bench.read("external_contacts").status.ok());
  EXPECT_TRUE(bench.read("employees").status.ok());
  EXPECT_EQ(bench.calls("gettoken"), 1U);
}

// The vendor may end a token before its time, and says so in three ways.
TEST(Token, IsRenewedWhenItDiesEarly) {
  for (const int code : {42001, 40014, 40001}) {
    Bench bench;
    bench.add_contacts(2, "zhangsan");
    EXPECT_TRUE(bench.connector().check().ok());
    bench.set({{"dead_token_code", code}});
    bench.locked([&] { bench.twin().expire_tokens(); });
    const Taken taken = bench.read("external_contacts");
    ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
    EXPECT_EQ(taken.records.size(), 2U);
    EXPECT_EQ(bench.calls("gettoken"), 2U) << code;
  }
}

TEST(Token, IsRenewedBeforeItsTime) {
  Bench bench;
  EXPECT_TRUE(bench.connector().check().ok());
  bench.environment().advance(7100LL * model::second);
  EXPECT_TRUE(bench.connector().check().ok());
  EXPECT_EQ(bench.calls("gettoken"), 2U);
}

TEST(Token, LivesAsLongAsItSays) {
  Bench bench;
  bench.set({{"token_seconds", 1000}});
  EXPECT_TRUE(bench.connector().check().ok());
  bench.environment().advance(600 * model::second);
  EXPECT_TRUE(bench.connector().check().ok());
  EXPECT_EQ(bench.calls("gettoken"), 1U);
  bench.environment().advance(390 * model::second);
  EXPECT_TRUE(bench.connector().check().ok());
  EXPECT_EQ(bench.calls("gettoken"), 2U) << "before its end, and nothing was refused";
}

// Wrong secrets in a row bar the address for an hour: one try and no more.
TEST(Token, AWrongSecretIsTriedOnce) {
  Bench bench;
  bench.settings["secret"] = "wrong";
  const model::Status status = bench.connector().check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, model::ErrorClass::auth);
  EXPECT_EQ(bench.calls("gettoken"), 1U);
  EXPECT_EQ(status.error().text().find("wrong"), std::string::npos);
}

TEST(Token, IsSharedByWorkers) {
  Bench bench;
  bench.add_contacts(5, "zhangsan");
  std::vector<std::unique_ptr<host::Instance>> workers;
  for (int i = 0; i < 6; ++i) workers.push_back(bench.open());
  std::vector<std::jthread> threads;
  for (auto& worker : workers) threads.emplace_back([&worker] { EXPECT_TRUE(worker->check().ok()); });
  threads.clear();
  EXPECT_EQ(bench.calls("gettoken"), 1U);
}

TEST(Check, NamesTheAddressToTrust) {
  Bench bench;
  bench.set({{"deny_ip", true}});
  const model::Status status = bench.connector().check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, model::ErrorClass::config);
  EXPECT_NE(status.error().text().find("127.0.0.1"), std::string::npos) << status.error().text();
}

TEST(Check, AForbiddenApiIsAMatterOfConfiguration) {
  Bench bench;
  bench.set({{"deny_apis", json::array{"externalcontact/get_follow_user_list"}}});
  const model::Status status = bench.connector().check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, model::ErrorClass::config);
  EXPECT_EQ(status.error().code, "48002");
}

TEST(Limits, ABusySystemIsAskedAgainAFewTimes) {
  Bench bench;
  bench.set({{"busy_refusals", 3}});
  EXPECT_TRUE(bench.connector().check().ok());
  bench.set({{"busy_refusals", 100}});
  const model::Status status = bench.connector().check();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().error_class, model::ErrorClass::retry);
}

TEST(Limits, TooManyAtOnceMeansAMoment) {
  Bench bench;
  bench.set({{"concurrent_refusals", 2}});
  const model::Micros before = bench.environment().now();
  EXPECT_TRUE(bench.connector().check().ok());
  EXPECT_LE(bench.environment().now() - before, 5 * model::second);
}

// The excess bars the API for the window: wait it out, then stay below what was too much.
TEST(Limits, AnExceededMinuteIsWaitedOutAndLearned) {
  Bench bench(1);
  bench.set({{"api_per_minute", 20}, {"short_pages", false}});
  bench.quotas["externalcontact/get"] = {.per_minute = 100};
  for (int i = 0; i < 30; ++i) bench.add_contact("wm" + std::to_string(i), {Bench::relation("zhangsan")});
  std::vector<std::string> keys;
  for (int i = 0; i < 30; ++i) keys.push_back("wm" + std::to_string(i));
  const Taken looked = bench.lookup("external_contacts", keys);
  ASSERT_TRUE(looked.status.ok()) << looked.status.error().text();
  EXPECT_EQ(looked.records.size(), 30U);
  const std::uint64_t first = bench.calls("externalcontact/get");
  EXPECT_EQ(first, 31U);  // one refusal
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(bench.lookup("external_contacts", keys).status.ok());
  // Another ninety calls, and hardly one more refusal.
  EXPECT_LE(bench.calls("externalcontact/get") - first, 92U);
}

// What was learned belongs to the corporation and the API: another instance keeps to it from its first call,
// and other APIs go on.
TEST(Limits, ALimitIsLearnedPerApiAndForAllInstances) {
  Bench bench(1);
  bench.set({{"api_per_minute", 20}, {"short_pages", false}});
  bench.quotas["externalcontact/get"] = {.per_minute = 100};
  std::vector<std::string> keys;
  for (int i = 0; i < 30; ++i) {
    keys.push_back("wm" + std::to_string(i));
    bench.add_contact(keys.back(), {Bench::relation("zhangsan")});
  }
  EXPECT_TRUE(bench.lookup("external_contacts", keys).status.ok());
  EXPECT_EQ(bench.calls("externalcontact/get"), 31U);  // one refusal
  const model::Micros before = bench.environment().now();
  EXPECT_TRUE(bench.lookup("employees", {"zhangsan"}).status.ok());
  EXPECT_LE(bench.environment().now() - before, model::second);
  bench.reopen();
  EXPECT_TRUE(bench.lookup("external_contacts", keys).status.ok());
  EXPECT_EQ(bench.calls("externalcontact/get"), 61U);
}

TEST(Limits, EveryApiThatIsCalledHasABucket) {
  const auto& quotas = loaded_connector()->manifest.quotas;
  for (const char* file :
       {"contacts_read", "contacts_write", "directory", "group_chats", "messages", "tags", "wecom"}) {
    std::ifstream in(std::string(HUILIU_SOURCE_DIR) + "/plugins/wecom/src/" + file + ".cpp");
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    ASSERT_FALSE(text.empty()) << file;
    static const std::regex called(R"re(client_?\.(?:get|post)\(\s*call,\s*"([^"]+)")re");
    for (auto match = std::sregex_iterator(text.begin(), text.end(), called); match != std::sregex_iterator();
         ++match)
      EXPECT_TRUE(quotas.contains((*match)[1])) << (*match)[1];
  }
}

TEST(Faults, PagesInsteadOfJsonAreOfTheMoment) {
  Bench bench;
  bench.add_contacts(3, "zhangsan");
  bench.locked([&] { bench.twin().faults().configure({{"html", {{"next", 2}}}}); });
  const Taken taken = bench.read("external_contacts");
  EXPECT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 3U);
}

TEST(Discover, LeavesOutWhatTheAppMayNotUse) {
  Bench bench;
  bench.set({{"deny_apis", json::array{"externalcontact/get_corp_tag_list"}}});
  const auto found = bench.connector().discover();
  ASSERT_TRUE(found.ok()) << found.error().text();
  const std::string text = model::to_json(*found);
  EXPECT_NE(text.find("external_contacts"), std::string::npos);
  EXPECT_EQ(text.find(R"("name":"tags")"), std::string::npos);
}

// ---- directory ----

TEST(Directory, EmployeesOfNewAppsShowNoMobile) {
  Bench bench;
  Taken taken = bench.read("employees");
  ASSERT_EQ(taken.records.size(), 3U);
  EXPECT_EQ(taken.text("zhangsan", "mobile"), "(none)");  // absent, not empty
  EXPECT_EQ(taken.text("zhangsan", "department_name"), "销售部");
  EXPECT_EQ(taken.text("zhangsan", "active"), "true");
  bench.set({{"new_app", false}});
  taken = bench.read("employees");
  EXPECT_EQ(taken.text("zhangsan", "mobile"), "13911111111");
}

TEST(Directory, WhoWorksInTwoDepartmentsIsOneRecord) {
  Bench bench;
  bench.locked([&] {
    bench.twin().load(
        "employees",
        {{"userid", "both"}, {"name", "两处"}, {"department", json::array{1, 2}}, {"status", 1}});
  });
  EXPECT_EQ(bench.read("employees").times.at("both"), 1);
}

TEST(Directory, ATooLargeDepartmentIsReadOneByOne) {
  Bench bench;
  bench.set({{"user_list_max", 2}});
  const Taken taken = bench.read("employees");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 3U);
}

TEST(Directory, DepartmentsAndLooks) {
  Bench bench;
  EXPECT_EQ(bench.read("departments").records.size(), 2U);
  const Taken looked = bench.lookup("departments", {"2", "9", "x"});
  EXPECT_EQ(looked.text("2", "name"), "销售部");
  EXPECT_EQ(looked.deleted, (std::vector<std::string>{"9", "x"}));
  const Taken people = bench.lookup("employees", {"ZHANGSAN", "nobody"});
  EXPECT_EQ(people.text("zhangsan", "name"), "员工zhangsan");  // the directory's spelling
  EXPECT_EQ(people.deleted, std::vector<std::string>{"nobody"});
}

// A look after an event must not seem to be a change: both calls give the same body.
TEST(Directory, ALookShowsWhatTheListShows) {
  Bench bench;
  bench.locked([&] {
    bench.twin().load("tags", {{"id", "et1"}, {"name", "A"}, {"group_id", "g1"}, {"group_name", "等级"}});
  });
  for (const char* stream : {"employees", "departments", "tags"}) {
    const Taken listed = bench.read(stream);
    ASSERT_FALSE(listed.records.empty()) << stream;
    std::vector<std::string> keys;
    for (const auto& [key, body] : listed.records) keys.push_back(key);
    const Taken looked = bench.lookup(stream, keys);
    for (const std::string& key : keys)
      EXPECT_EQ(model::to_json(looked.records.at(key)), model::to_json(listed.records.at(key))) << stream;
  }
}

TEST(Directory, EmployeesAreFoundByMobile) {
  Bench bench;
  EXPECT_EQ(bench.find("employees", {{"mobile", "13911111111"}}).records.count("zhangsan"), 1U);
  EXPECT_TRUE(bench.find("employees", {{"mobile", "13900000000"}}).records.empty());
}

// Who asks for too many wrong numbers is barred for a day, and with him every other app of the corporation.
TEST(Directory, FewWrongMobilesAreAskedForADay) {
  Bench bench;
  for (int i = 0; i < 97; ++i) bench.add_user("u" + std::to_string(i));
  for (int i = 0; i < 30; ++i) {
    const Taken found = bench.find("employees", {{"mobile", "1380000" + std::to_string(1000 + i)}});
    EXPECT_EQ(found.status.ok(), i < 10) << i;
    if (!found.status.ok()) {
      EXPECT_EQ(found.status.error().error_class, model::ErrorClass::throttled);
    }
  }
  EXPECT_EQ(bench.calls("user/getuserid"), 10U) << "a fifth of the members would be twenty";
  EXPECT_TRUE(bench.find("employees", {{"mobile", "13800001003"}}).status.ok());
  EXPECT_EQ(bench.calls("user/getuserid"), 10U) << "what was wrong today is known";
  bench.environment().advance(24 * 3600 * model::second);
  EXPECT_EQ(bench.find("employees", {{"mobile", "13911111111"}}).records.count("zhangsan"), 1U);
}

// The directory's own secret reads no details any more.
TEST(Directory, TheContactSyncSecretIsRefusedWithWords) {
  Bench bench;
  bench.settings["secret"] = twin::account().contact_sync.secret;
  const Taken taken = bench.read("employees");
  ASSERT_FALSE(taken.status.ok());
  EXPECT_EQ(taken.status.error().error_class, model::ErrorClass::config);
  EXPECT_EQ(taken.status.error().code, "48009");
}

}  // namespace
}  // namespace wecom::tests
