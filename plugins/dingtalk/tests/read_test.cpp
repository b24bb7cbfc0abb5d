// Reading customers and contacts, through the host, from a twin that has the vendor's quirks.
#include "plugins/dingtalk/src/cursor.hpp"
#include "plugins/dingtalk/tests/bench.hpp"

namespace dingtalk::tests {
namespace {

using host::ReadMode;
using model::ErrorClass;

constexpr const char* kWalk = "POST /v1.0/crm/customerInstances";
constexpr const char* kQuery = "GET /v1.0/crm/personalCustomers";

TEST(FullWalk, ReadsEachRecordOnce) {
  Bench bench;
  bench.add_customers(350);
  const Taken taken = bench.read("customers");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 350U);
  EXPECT_EQ(taken.emitted, 350U);
  EXPECT_EQ(bench.calls(kWalk), 4U);
  EXPECT_EQ(taken.text("c1007", "data.customer_name"), "客户7");
  EXPECT_EQ(taken.text("c1007", "owner"), "dtE1007");
  EXPECT_EQ(taken.changed_at.at("c1007"), kStart - 86'400 * model::second);
}

// One call a second for this list: the host's bucket must be slow enough, so that the vendor never refuses.
TEST(FullWalk, KeepsToOneCallASecond) {
  Bench bench;
  bench.add_customers(450);
  const model::Micros before = bench.environment().now();
  const Taken taken = bench.read("customers");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_GE(bench.environment().now() - before, 4 * model::second);
}

// The walk calls the times createTime and modifyTime, and spells a status COMPLATE.
TEST(FullWalk, NormalisesTheOtherNames) {
  Bench bench;
  bench.add_customer("c1", "甲");
  bench.edit("c1", {{"customer_name", "乙"}});
  bench.locked([&] { bench.twin().edit("customers", "c1", {{"procInstStatus", "COMPLETED"}}, ""); });
  const Taken taken = bench.read("customers");
  EXPECT_EQ(taken.text("c1", "gmtModified"), "2026-03-01 16:00:00");
  EXPECT_EQ(taken.text("c1", "procInstStatus"), "COMPLETED");
}

TEST(FullWalk, ResumesAtTheLastCheckpoint) {
  Bench bench;
  bench.add_customers(350);
  const Taken first = bench.read("customers", ReadMode::full, {}, 150);
  ASSERT_TRUE(first.status.ok());
  EXPECT_EQ(first.emitted, 200U);  // whole pages
  const Taken rest = bench.read("customers", ReadMode::full, first.cursor);
  EXPECT_EQ(rest.emitted, 150U);
  std::map<std::string, Value> all = first.records;
  all.insert(rest.records.begin(), rest.records.end());
  EXPECT_EQ(all.size(), 350U);
}

TEST(FullWalk, GivesKeysAloneWhenOnlyKeysAreWanted) {
  Bench bench;
  bench.add_customers(3);
  const Taken taken = bench.read("customers", ReadMode::keys);
  EXPECT_EQ(taken.records.size(), 3U);
  EXPECT_EQ(model::to_json(taken.records.at("c1000")), "{}");
}

TEST(FullWalk, OfAnEmptyCorporationEnds) {
  Bench bench;
  const Taken taken = bench.read("customers");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.emitted, 0U);
  EXPECT_FALSE(taken.cursor.empty());
}

TEST(FullWalk, TakesThePoolWhenAsked) {
  Bench bench;
  bench.settings["include_pool"] = true;
  bench.add_customers(2);
  bench.edit("c1000", {{"owner", ""}});
  const Taken taken = bench.read("customers");
  EXPECT_EQ(bench.calls(kWalk), 2U);
  EXPECT_EQ(taken.records.size(), 2U);
  EXPECT_EQ(taken.text("c1000", "owner"), "");
}

TEST(FullWalk, BeginsAnewWhenItsTokenIsNotKnownAnyMore) {
  Bench bench;
  bench.add_customers(3);
  const Taken taken = bench.read("customers", ReadMode::full,
                                 R"({"v":1,"phase":"walk","token":"stale","started":1,"from":0,"seen":0})");
  ASSERT_FALSE(taken.status.ok());
  EXPECT_EQ(taken.status.error().error_class, ErrorClass::resync);
}

TEST(Cursors, OfAnotherVersionAskForAResync) {
  Bench bench;
  for (const char* cursor : {"x", "{}", R"({"v":2,"phase":"walk"})", R"({"v":1,"phase":"dance"})"}) {
    const Taken taken = bench.read("customers", ReadMode::changes, cursor);
    ASSERT_FALSE(taken.status.ok()) << cursor;
    EXPECT_EQ(taken.status.error().error_class, ErrorClass::resync) << cursor;
  }
}

TEST(Changes, AreReadFromWhereTheWalkBegan) {
  Bench bench;
  bench.add_customers(250);
  // While the walk goes on, somebody edits a record that was already read.
  const Taken walk = bench.read("customers", ReadMode::full, {}, 0, [&](std::size_t page) {
    if (page == 2) bench.edit("c1000", {{"customer_name", "改名"}});
  });
  ASSERT_TRUE(walk.status.ok());
  EXPECT_EQ(walk.text("c1000", "data.customer_name"), "客户0");
  const Taken changes = bench.read("customers", ReadMode::changes, walk.cursor);
  ASSERT_TRUE(changes.status.ok()) << changes.status.error().text();
  EXPECT_EQ(changes.text("c1000", "data.customer_name"), "改名");
}

TEST(Changes, CostOneCallWhenNothingHappened) {
  Bench bench;
  bench.add_customers(250);
  std::string cursor = bench.read("customers").cursor;
  bench.environment().advance(3600 * model::second);
  cursor = bench.read("customers", ReadMode::changes, cursor).cursor;
  const std::uint64_t before = bench.calls(kQuery);
  bench.environment().advance(3600 * model::second);
  const Taken idle = bench.read("customers", ReadMode::changes, cursor);
  ASSERT_TRUE(idle.status.ok());
  EXPECT_LE(bench.calls(kQuery) - before, 3U);  // at most the ties of the newest second
}

// Stamps have whole seconds: a bulk import gives hundreds of records one stamp. Who asks "later than the
// last" loses the rest of that second.
TEST(Changes, OfOneSecondAreAllRead) {
  Bench bench;
  bench.add_customers(1);
  const std::string cursor = bench.read("customers").cursor;
  bench.environment().advance(600 * model::second);
  for (int i = 0; i < 250; ++i)
    bench.locked([&] {
      bench.twin().create("customers", {{"customer_name", "批量" + std::to_string(i)}, {"owner", "dtE1007"}},
                          "dtE1007");
    });
  const Taken changes = bench.read("customers", ReadMode::changes, cursor);
  ASSERT_TRUE(changes.status.ok()) << changes.status.error().text();
  EXPECT_GE(changes.records.size(), 250U);
}

// The vendor's token counts rows: when a record changes while we page, it moves to the end, and all behind it
// move up. A naive reader of tokens then never sees one of them.
TEST(Changes, SurviveEditsBetweenPages) {
  Bench bench;
  bench.add_customer("c0", "零");
  const std::string cursor = bench.read("customers").cursor;
  bench.environment().advance(3600 * model::second);
  for (int i = 0; i < 300; ++i) {
    bench.environment().advance(2 * model::second);
    bench.locked([&] {
      bench.twin().create(
          "customers",
          {{"instanceId", "n" + std::to_string(1000 + i)}, {"customer_name", "新" + std::to_string(i)}}, "");
    });
  }
  bench.environment().advance(60 * model::second);
  const Taken changes = bench.read("customers", ReadMode::changes, cursor, 0, [&](std::size_t page) {
    if (page > 2) return;
    for (int i = 0; i < 20; ++i)
      bench.edit("n" + std::to_string(1000 + i), {{"customer_name", "再" + std::to_string(i)}});
  });
  ASSERT_TRUE(changes.status.ok()) << changes.status.error().text();
  for (int i = 0; i < 300; ++i) EXPECT_TRUE(changes.records.contains("n" + std::to_string(1000 + i))) << i;
}

class ClockSkew : public testing::TestWithParam<std::int64_t> {};

// The vendor's clock stamps the records; ours says nothing about them.
TEST_P(ClockSkew, LosesNoChange) {
  Bench bench;
  bench.locked([&] { bench.twin().clock().set_offset_ms(GetParam() * 1000); });
  bench.add_customers(3, GetParam() - 86'400);
  std::string cursor = bench.read("customers").cursor;
  for (int round = 0; round < 4; ++round) {
    bench.environment().advance(600 * model::second);
    bench.edit("c1001", {{"customer_name", "第" + std::to_string(round)}});
    bench.environment().advance(600 * model::second);
    const Taken changes = bench.read("customers", ReadMode::changes, cursor);
    ASSERT_TRUE(changes.status.ok());
    EXPECT_EQ(changes.text("c1001", "data.customer_name"), "第" + std::to_string(round));
    cursor = changes.cursor;
  }
}

INSTANTIATE_TEST_SUITE_P(Seconds, ClockSkew, testing::Values(-7200, -60, 0, 60, 7200));

// A proxy may strip the vendor's Date: then stamps that lag behind our clock still set the pace.
TEST(CursorRule, NeverPassesTheNewestStampSeen) {
  Cursor at;
  at.started_s = 10'000;
  at.seen_s = 4'000;
  EXPECT_EQ(at.finished(300).from_s, 4'000);
  at.seen_s = 9'900;
  EXPECT_EQ(at.finished(300).from_s, 9'700);
  at.seen_s = 0;
  EXPECT_EQ(at.finished(300).from_s, 9'700);
  EXPECT_EQ(Cursor::decode(at.finished(300).encode()).from_s, 9'700);
}

TEST(Changes, ResumeInTheMiddle) {
  Bench bench;
  const std::string start = bench.read("customers").cursor;
  bench.environment().advance(3600 * model::second);
  for (int i = 0; i < 250; ++i) {
    bench.environment().advance(1 * model::second);
    bench.locked([&] {
      bench.twin().create("customers", {{"customer_name", "新" + std::to_string(i)}}, "");
    });
  }
  std::map<std::string, Value> all;
  std::string cursor = start;
  for (int round = 0; round < 10; ++round) {
    const Taken part = bench.read("customers", ReadMode::changes, cursor, 50);
    ASSERT_TRUE(part.status.ok()) << part.status.error().text();
    all.insert(part.records.begin(), part.records.end());
    cursor = part.cursor;
  }
  EXPECT_EQ(all.size(), 250U);
}

TEST(Tokens, AreRenewedOnceWhenRefused) {
  Bench bench;
  bench.add_customers(250);
  const Taken taken = bench.read("customers", ReadMode::full, {}, 0, [&](std::size_t page) {
    if (page == 1) bench.locked([&] { bench.twin().expire_tokens(); });
  });
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 250U);
  EXPECT_EQ(bench.calls("POST /v1.0/oauth2/accessToken"), 2U);
  EXPECT_EQ(bench.calls(kWalk), 4U);  // three pages and one refusal
}

TEST(Tokens, AreSharedByAllCallsOfAConnection) {
  Bench bench;
  bench.add_customers(250);
  bench.read("customers");
  bench.read("contacts");
  EXPECT_EQ(bench.calls("POST /v1.0/oauth2/accessToken"), 1U);
}

TEST(Refusals, OfTheSecretPauseTheConnection) {
  Bench bench;
  bench.settings["app_secret"] = "wrong";
  const Taken taken = bench.read("customers");
  ASSERT_FALSE(taken.status.ok());
  EXPECT_EQ(taken.status.error().error_class, ErrorClass::auth);
  EXPECT_EQ(taken.status.error().code, "invalidClientIdOrSecret");
  const Taken people = bench.read("employees");
  EXPECT_EQ(people.status.error().error_class, ErrorClass::auth);
  EXPECT_EQ(people.status.error().code, "40096");
}

// 403 is mostly "too fast" here, and must not pause a connection.
TEST(Refusals, ForSpeedAreThrottling) {
  Bench bench;
  bench.add_customers(3);
  bench.locked([&] {
    bench.twin().faults().configure({{"rate_limit", {{"next", 1}, {"match", "customerInstances"}}}});
  });
  const Taken taken = bench.read("customers");
  ASSERT_FALSE(taken.status.ok());
  EXPECT_EQ(taken.status.error().error_class, ErrorClass::throttled);
  EXPECT_EQ(taken.status.error().retry_after_ms, 1000);
}

TEST(Refusals, ForTheMonthlyQuotaWaitForNextMonth) {
  Bench bench;
  bench.locked([&] { bench.twin().gate().configure({{"used_this_month", 5000}}); });
  const Taken taken = bench.read("customers");
  EXPECT_EQ(taken.status.error().error_class, ErrorClass::throttled);
  EXPECT_EQ(taken.status.error().code, "Forbidden.AccessDenied.ApiCountLimitForOrg");
  const std::int64_t back_s = kStart / model::second + taken.status.error().retry_after_ms / 1000;
  EXPECT_EQ(beijing_text(back_s), "2026-04-01 00:00:00");
}

TEST(Refusals, OfScopeAndAddressNameWhatIsMissing) {
  Bench bench;
  bench.locked([&] {
    bench.twin().gate().configure({{"deny_scopes", json::array{"qyapi_crm_maindata_read"}}});
  });
  const Taken scope = bench.read("customers");
  EXPECT_EQ(scope.status.error().error_class, ErrorClass::config);
  EXPECT_NE(scope.status.error().message.find("qyapi_crm_maindata_read"), std::string::npos);
  EXPECT_EQ(bench.calls("POST /v1.0/oauth2/accessToken"), 1U);  // no refresh on a 403
  bench.locked([&] { bench.twin().gate().configure({{"deny_scopes", json::array{}}, {"deny_ip", true}}); });
  const Taken address = bench.read("customers");
  EXPECT_EQ(address.status.error().error_class, ErrorClass::config);
  EXPECT_EQ(address.status.error().code, "Forbidden.AccessDenied.IpNotInWhiteList");
}

TEST(Refusals, OfAMissingAppAreConfiguration) {
  Bench bench;
  bench.locked([&] { bench.twin().gate().configure({{"crm_installed", false}}); });
  EXPECT_EQ(bench.connector().check().error().error_class, ErrorClass::config);
}

class SpoiledAnswers : public testing::TestWithParam<const char*> {};

TEST_P(SpoiledAnswers, AreTransientAndLoseNothing) {
  Bench bench;
  bench.add_customers(150);
  bench.locked([&] {
    bench.twin().faults().configure({{GetParam(), {{"next", 30}, {"match", "customerInstances"}}}});
  });
  Taken taken = bench.read("customers");
  ASSERT_FALSE(taken.status.ok());
  EXPECT_EQ(taken.status.error().error_class, ErrorClass::retry) << taken.status.error().text();
  EXPECT_EQ(taken.emitted, 0U);
  bench.locked([&] { bench.twin().faults().configure({}); });
  taken = bench.read("customers", ReadMode::full, taken.cursor);
  EXPECT_EQ(taken.records.size(), 150U);
}

INSTANTIATE_TEST_SUITE_P(Faults, SpoiledAnswers, testing::Values("http_502", "html", "truncated", "drop"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST(Lookup, GivesWhatIsThereAndSaysWhatIsGone) {
  Bench bench;
  bench.add_customers(3);
  const Taken taken = bench.lookup("customers", {"c1001", "nobody", "c1002"});
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 2U);
  EXPECT_EQ(taken.deleted, std::vector<std::string>{"nobody"});
  EXPECT_EQ(bench.calls("POST /v1.0/crm/personalCustomers/batchQuery"), 1U);
}

TEST(Lookup, OfManyKeysGoesInBatches) {
  Bench bench;
  bench.add_customers(150);
  std::vector<std::string> keys;
  for (int i = 0; i < 150; ++i) keys.push_back("c" + std::to_string(1000 + i));
  const Taken taken = bench.lookup("customers", keys);
  EXPECT_EQ(taken.records.size(), 150U);
  EXPECT_EQ(bench.calls("POST /v1.0/crm/personalCustomers/batchQuery"), 2U);
}

TEST(Find, MatchesNaturalKeys) {
  Bench bench;
  bench.add_customer("c1", "苏州晟禾", -100, {{"TextField-HL2USCC", "91320506MA1ABCDE4X"}});
  bench.add_customer("c2", "苏州晟禾", -90);
  bench.add_customer("c3", "宁波澜柏", -80);
  EXPECT_EQ(bench.find("customers", {{"data.customer_name", "苏州晟禾"}}).records.size(), 2U);
  EXPECT_EQ(bench.find("customers", {{"data.customer_name", "苏州晟禾"}}, 1).records.size(), 1U);
  EXPECT_EQ(bench.find("customers", {{"custom.uscc", "91320506MA1ABCDE4X"}}).records.begin()->first, "c1");
  EXPECT_EQ(bench.find("customers", {{"data.customer_name", "没有"}}).emitted, 0U);
  const Taken both =
      bench.find("customers", {{"data.customer_name", "苏州晟禾"}, {"custom.uscc", "91320506MA1ABCDE4X"}});
  EXPECT_EQ(both.records.size(), 1U);
}

// A field that the settings do not know cannot be asked for; to answer "none" would make a second customer.
TEST(Find, RefusesAFieldWithoutAKey) {
  Bench bench;
  const Taken taken = bench.find("customers", {{"data.customer_name", "甲"}, {"custom.registry", "1"}});
  ASSERT_FALSE(taken.status.ok());
  EXPECT_EQ(taken.status.error().error_class, ErrorClass::unsupported);
}

json::object relation(const char* name, const char* id) {
  return {{"value", json::serialize(json::array{json::string(name)})},
          {"extendValue",
           json::serialize(json::object{{"list", json::array{json::object{{"instanceId", id}}}}})}};
}

void add_contact(Bench& bench, const std::string& id, const std::string& name, const char* customer) {
  bench.locked([&] {
    bench.twin().load("contacts", {{"instanceId", id},
                                   {"objectType", "crm_contact"},
                                   {"data",
                                    {{"contact_name", name},
                                     {"contact_phone", "13800138000"},
                                     {"contact_position", R"(["采购经理"])"},
                                     {"contact_related_customer", relation("客户0", customer)}}},
                                   {"permission", {{"ownerUserIds", json::array{"dtE1007"}}}}});
  });
}

TEST(Contacts, AreReadLookedUpAndFound) {
  Bench bench;
  bench.add_customers(1);
  for (int i = 0; i < 450; ++i)
    add_contact(bench, "p" + std::to_string(1000 + i), "人" + std::to_string(i), "c1000");
  const Taken all = bench.read("contacts");
  ASSERT_TRUE(all.status.ok()) << all.status.error().text();
  EXPECT_EQ(all.records.size(), 450U);
  EXPECT_EQ(all.text("p1003", "customer"), "c1000");
  EXPECT_EQ(all.text("p1003", "position"), "采购经理");
  EXPECT_EQ(all.text("p1003", "owner"), "dtE1007");
  const Taken some = bench.lookup("contacts", {"p1005", "nobody"});
  EXPECT_EQ(some.text("p1005", "data.contact_name"), "人5");
  EXPECT_EQ(some.deleted, std::vector<std::string>{"nobody"});
  const Taken found = bench.find("contacts", {{"data.contact_name", "人7"}, {"customer", "c1000"}});
  EXPECT_EQ(found.records.size(), 1U);
  EXPECT_EQ(bench.find("contacts", {{"data.contact_name", "人7"}, {"customer", "other"}}).emitted, 0U);
}

TEST(Contacts, ChangesFollowTheirStamps) {
  Bench bench;
  bench.add_customers(1);
  add_contact(bench, "p1", "甲", "c1000");
  const std::string cursor = bench.read("contacts").cursor;
  bench.environment().advance(900 * model::second);
  bench.locked([&] { bench.twin().edit("contacts", "p1", {{"contact_phone", "13900139000"}}, ""); });
  EXPECT_EQ(bench.read("contacts", ReadMode::changes, cursor).text("p1", "data.contact_phone"),
            "13900139000");
}

TEST(Contacts, MayBeTypedByAPersonAsHeSeesThem) {
  Bench bench;
  bench.add_customers(2);
  const std::string id = bench.locked([&] {
    return bench.twin().create("contacts", {{"姓名", "乙"}, {"position", "厂长"}, {"customer", "c1001"}},
                               "dtE1007");
  });
  const Taken seen = bench.read("contacts");
  EXPECT_EQ(seen.text(id, "data.contact_name"), "乙");
  EXPECT_EQ(seen.text(id, "position"), "厂长");
  EXPECT_EQ(seen.text(id, "customer"), "c1001");
  bench.edit("c1001", {{"地址", "苏州市吴中区金枫路88号"}, {"custom.phone", "0512-66880000"}});
  const Taken customer = bench.lookup("customers", {"c1001"});
  EXPECT_EQ(customer.text("c1001", "data.address"), ",,,,苏州市吴中区金枫路88号");
  EXPECT_EQ(customer.text("c1001", "custom.phone"), "0512-66880000");
}

// Whether the vendor takes a query by id is a guess: when not, a walk finds them all the same.
TEST(Contacts, AreLookedUpByAWalkWhenIdsCannotBeAskedFor) {
  Bench bench;
  bench.add_customers(1);
  for (int i = 0; i < 250; ++i)
    add_contact(bench, "p" + std::to_string(1000 + i), "人" + std::to_string(i), "c1000");
  bench.locked([&] {
    huiliu::twin::HttpRequest request;
    request.method = "POST";
    request.path = "/switches";
    request.body = R"({"contact_id_query":false})";
    bench.twin().control(request);
  });
  const Taken some = bench.lookup("contacts", {"p1240", "nobody"});
  ASSERT_TRUE(some.status.ok()) << some.status.error().text();
  EXPECT_EQ(some.text("p1240", "data.contact_name"), "人240");
  EXPECT_EQ(some.deleted, std::vector<std::string>{"nobody"});
}

}  // namespace
}  // namespace dingtalk::tests
