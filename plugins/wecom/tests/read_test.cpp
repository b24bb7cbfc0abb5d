// Reading external contacts: persons, from everybody's notes, whatever the vendor does between two pages.
#include <set>

#include "plugins/wecom/tests/bench.hpp"

namespace wecom::tests {
namespace {

json::object noted(const char* remark, const char* company, json::array mobiles) {
  return {{"remark", remark}, {"remark_corp_name", company}, {"remark_mobiles", std::move(mobiles)}};
}

TEST(ReadContacts, APersonIsOneRecordWithAllFollowers) {
  Bench bench;
  bench.add_contact("wmA",
                    {Bench::relation("lisi", noted("老王", "", {"13900000002"}), 1'700'000'500),
                     Bench::relation("zhangsan", noted("王总-汇流", "汇流有限公司", {"138 0000-0000"}))});
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  ASSERT_EQ(taken.records.size(), 1U);
  EXPECT_EQ(taken.times.at("wmA"), 1);
  EXPECT_EQ(taken.text("wmA", "follow_user.0.userid"), "zhangsan");  // the older relation first
  EXPECT_EQ(taken.text("wmA", "follow_user.1.userid"), "lisi");
  EXPECT_EQ(taken.text("wmA", "owner"), "zhangsan");
  EXPECT_EQ(taken.text("wmA", "name"), "王总-汇流");
  EXPECT_EQ(taken.text("wmA", "mobile"), "138 0000-0000");
  EXPECT_EQ(taken.text("wmA", "mobiles"), R"(["138 0000-0000","13900000002"])");
  EXPECT_EQ(taken.text("wmA", "company"), "汇流有限公司");
  EXPECT_EQ(taken.text("wmA", "external_contact.name"), "昵称wmA");
}

// Batches and single looks have other forms of the same thing (follow_info/follow_user, tag_id/tags).
TEST(ReadContacts, BatchAndLookShowTheSameBody) {
  Bench bench;
  bench.locked([&] {
    bench.twin().load("tags", {{"id", "et1"},
                               {"name", "A"},
                               {"group_id", "eg1"},
                               {"group_name", "等级"},
                               {"order", 0},
                               {"create_time", 0}});
  });
  json::object notes = noted("王总", "", {"13800000000"});
  notes["tags"] = json::array{json::object{{"tag_id", "et1"}, {"type", 1}}};
  bench.add_contact("wmA", {Bench::relation("zhangsan", notes), Bench::relation("lisi", {}, 1'700'000'900)});
  const Taken walked = bench.read("external_contacts");
  const Taken looked = bench.lookup("external_contacts", {"wmA"});
  ASSERT_TRUE(looked.status.ok()) << looked.status.error().text();
  EXPECT_EQ(model::to_canonical_json(walked.records.at("wmA")),
            model::to_canonical_json(looked.records.at("wmA")));
  EXPECT_EQ(walked.text("wmA", "follow_user.0.tags.0.tag_name"), "A");
}

TEST(ReadContacts, TagsThatAMemberMadeForHimselfStandApart) {
  Bench bench;
  bench.add_contact(
      "wmA",
      {Bench::relation("zhangsan", {{"tags", json::array{json::object{
                                                 {"tag_name", "自建"}, {"group_name", ""}, {"type", 2}}}}})});
  const Taken looked = bench.lookup("external_contacts", {"wmA"});
  EXPECT_EQ(looked.text("wmA", "follow_user.0.tags"), "[]");
  EXPECT_EQ(looked.text("wmA", "follow_user.0.personal_tags"), R"(["自建"])");
}

// A member without customers is refused with 84061, not answered with an empty list.
TEST(ReadContacts, MembersWithoutCustomersAreNoError) {
  Bench bench;
  EXPECT_TRUE(bench.read("external_contacts").status.ok());
  EXPECT_TRUE(bench.read("external_contacts", host::ReadMode::keys).status.ok());
  bench.add_contacts(3, "zhangsan");
  EXPECT_EQ(bench.read("external_contacts", host::ReadMode::keys).records.size(), 3U);
}

TEST(ReadContacts, ShortAndEmptyPagesAreNotTheEnd) {
  Bench bench;
  bench.set({{"short_pages", true}});
  bench.add_contacts(450, "zhangsan");
  const Taken taken = bench.read("external_contacts");
  EXPECT_EQ(taken.records.size(), 450U);
  EXPECT_GT(bench.calls("externalcontact/batch/get_by_user"), 5U);
}

TEST(ReadContacts, ADeadCursorMeansFromPageOne) {
  Bench bench;
  bench.add_contacts(250, "zhangsan");
  bench.set({{"dead_cursors", 2}, {"short_pages", false}});
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 250U);
  bench.set({{"dead_cursors", 50}});
  EXPECT_FALSE(bench.read("external_contacts").status.ok());  // and not for ever
}

// Thousands of contacts of one group of followers: who is complete goes on before the last page is read.
class ManyContacts : public ::testing::Test {
 protected:
  static constexpr std::size_t alone = 4000, shared = 60;
  ManyContacts() {
    bench.set({{"short_pages", false}});
    bench.add_contacts(alone, "zhangsan");
    for (std::size_t i = 0; i < shared;
         ++i)  // the first rows are zhangsan's, the last lisi's, or the reverse
      bench.add_contact("wmShared" + std::to_string(i),
                        {Bench::relation("zhangsan"), Bench::relation("lisi", {}, 1'700'000'100)});
  }
  static std::string page_api() { return "externalcontact/batch/get_by_user"; }
  // Calls `first` when the first records have been given out.
  Taken read(const std::function<void()>& first) {
    return bench.read("external_contacts", host::ReadMode::full, {}, 0, [&](std::size_t pages) {
      if (pages == 1) first();
    });
  }
  static void expect_all_once(const Taken& taken) {
    ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
    EXPECT_EQ(taken.records.size(), alone + shared);
    for (const auto& [key, times] : taken.times) EXPECT_EQ(times, 1) << key;
  }
  Bench bench;
};

TEST_F(ManyContacts, GoOnBeforeTheLastPageAndAreWhole) {
  std::size_t pages_before = 0;
  const Taken taken = read([&] { pages_before = bench.calls(page_api()); });
  expect_all_once(taken);
  EXPECT_LT(pages_before, bench.calls(page_api()) * 3 / 4);
  for (std::size_t i = 0; i < shared; ++i)
    EXPECT_EQ(taken.text("wmShared" + std::to_string(i), "follow_user.1.userid"), "lisi");
  EXPECT_EQ(bench.calls("externalcontact/get"), 0U);  // nobody had to be looked at alone
}

TEST_F(ManyContacts, ComeOnceWhenTheCursorDies) {
  expect_all_once(read([&] { bench.set({{"dead_cursors", 1}}); }));
}

// Somebody adds a contact as a customer after that one was given out: the late row alone would hide the
// others.
TEST_F(ManyContacts, ALateFollowerIsSeenWithTheOthers) {
  bench.add_user("zz");  // his rows come last
  bench.add_contact("wmZz", {Bench::relation("zz")});
  const Taken taken = read([&] {
    bench.locked([&] {
      bench.twin().store().update(
          "external_contacts", "wmzhangsan1000",
          [](json::object& body) { body["follow_user"].as_array().push_back(Bench::relation("zz")); },
          {"follow_user"}, huiliu::twin::Origin::person);
    });
  });
  ASSERT_TRUE(taken.status.ok());
  EXPECT_EQ(taken.text("wmzhangsan1000", "follow_user.1.userid"), "zz");
}

TEST(ReadContacts, PeopleWhoFollowInTwoGroupsOfFollowersAreOneRecord) {
  Bench bench;
  for (int i = 0; i < 230; ++i) {
    const std::string user = "u" + std::to_string(1000 + i);
    bench.add_user(user);
    bench.add_contact("wm" + user, {Bench::relation(user)});
  }
  bench.add_contact("wmShared", {Bench::relation("u1000"), Bench::relation("u1150", {}, 1'700'000'100),
                                 Bench::relation("zhangsan", {}, 1'700'000'200)});
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 231U);
  for (const auto& [key, times] : taken.times) EXPECT_EQ(times, 1) << key;
  EXPECT_EQ(taken.text("wmShared", "follow_user.2.userid"), "zhangsan");
  EXPECT_GE(taken.cursors.size(), 3U);  // a place to resume after each group
}

TEST(ReadContacts, ResumedWalksGiveEverybodyExactlyOnce) {
  Bench bench;
  for (int i = 0; i < 250; ++i) {
    const std::string user = "u" + std::to_string(1000 + i);
    bench.add_user(user);
    bench.add_contact("wm" + user, {Bench::relation(user)});
  }
  bench.add_contact("wmShared", {Bench::relation("u1000"), Bench::relation("u1249", {}, 1'700'000'100)});
  const Taken whole = bench.read("external_contacts");
  ASSERT_GE(whole.cursors.size(), 3U);
  for (std::size_t at = 0; at + 1 < whole.cursors.size(); ++at) {
    // What came before the cursor plus what comes after it is everything, once.
    Taken first;
    std::size_t checkpoints = 0;
    host::RecordConsumer consumer = Bench::consumer(first);
    const auto keep = consumer.checkpoint;
    consumer.checkpoint = [&](std::string_view cursor, const host::StateChanges& state) -> model::Status {
      if (checkpoints++ == at) {
        EXPECT_TRUE(keep(cursor, state).ok());
        return model::make_error(model::ErrorClass::cancelled, "killed");
      }
      return keep(cursor, state);
    };
    EXPECT_FALSE(bench.connector().read({"external_contacts", host::ReadMode::full, {}, 0}, consumer).ok());
    const Taken rest = bench.read("external_contacts", host::ReadMode::full, first.cursor);
    ASSERT_TRUE(rest.status.ok());
    std::set<std::string> keys;
    for (const Taken* part : std::initializer_list<const Taken*>{&first, &rest})
      for (const auto& [key, body] : part->records) EXPECT_TRUE(keys.insert(key).second) << key;
    EXPECT_EQ(keys.size(), whole.records.size());
  }
}

TEST(ReadContacts, AForeignCursorAsksForAResync) {
  Bench bench;
  const Taken taken = bench.read("external_contacts", host::ReadMode::full, "somebody's cursor");
  ASSERT_FALSE(taken.status.ok());
  EXPECT_EQ(taken.status.error().error_class, model::ErrorClass::resync);
}

TEST(ReadContacts, ALimitStillShowsWholePersons) {
  Bench bench;
  bench.add_contacts(120, "zhangsan");
  bench.add_contact("wm0", {Bench::relation("lisi"), Bench::relation("zhangsan", {}, 1'700'000'001)});
  const Taken taken = bench.read("external_contacts", host::ReadMode::full, {}, 5);
  EXPECT_EQ(taken.records.size(), 5U);
  EXPECT_TRUE(taken.cursor.empty());
  if (taken.records.contains("wm0")) {
    EXPECT_EQ(taken.text("wm0", "follow_user.1.userid"), "zhangsan");
  }
}

// Userids differ in case between calls; they are one person.
TEST(ReadContacts, UseridsCompareWithoutCase) {
  Bench bench;
  bench.add_contact("wmA", {Bench::relation("ZhangSan"), Bench::relation("lisi", {}, 1'700'000'100)});
  bench.set({{"mixed_case", true}});
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok());
  EXPECT_EQ(taken.records.size(), 1U);
  EXPECT_EQ(taken.text("wmA", "follow_user.2"), "(none)");
}

// External ids do compare with case: two of them are two people.
TEST(ReadContacts, ExternalIdsCompareWithCase) {
  Bench bench;
  bench.add_contact("wmAbC", {Bench::relation("zhangsan")});
  bench.add_contact("wmaBc", {Bench::relation("zhangsan")});
  EXPECT_EQ(bench.read("external_contacts").records.size(), 2U);
}

TEST(ReadContacts, MoreThanFiveHundredFollowersComeInPages) {
  Bench bench;
  json::array relations;
  for (int i = 0; i < 620; ++i)
    relations.push_back(Bench::relation("u" + std::to_string(i), {}, 1'700'000'000 + i));
  bench.add_contact("wmBig", std::move(relations));
  const Taken looked = bench.lookup("external_contacts", {"wmBig"});
  ASSERT_TRUE(looked.status.ok()) << looked.status.error().text();
  EXPECT_EQ(looked.text("wmBig", "follow_user.619.userid"), "u619");
  EXPECT_EQ(looked.text("wmBig", "follow_user.620"), "(none)");
}

TEST(ReadContacts, UnlicensedFollowersAreLeftOut) {
  Bench bench;
  bench.add_contacts(2, "zhangsan");
  bench.add_contacts(2, "lisi");
  bench.set({{"unlicensed", json::array{"lisi"}}});
  EXPECT_EQ(bench.read("external_contacts").records.size(), 2U);
  bench.set({{"unlicensed", json::array{"lisi", "zhangsan", "idle"}}});
  EXPECT_TRUE(bench.read("external_contacts").status.ok());  // 701008: nobody has one
}

TEST(LookContacts, TheMembersDeleteEndsTheRelationTheCustomersDoesNot) {
  Bench bench;
  bench.add_contact("wmA", {Bench::relation("zhangsan"), Bench::relation("lisi", {}, 1'700'000'100)});
  bench.add_contact("wmB", {Bench::relation("zhangsan")});
  bench.locked([&] {
    bench.twin().customer_deletes("wmB", "zhangsan");
    bench.twin().remove("external_contacts", "wmA", "zhangsan");
  });
  Taken looked = bench.lookup("external_contacts", {"wmA", "wmB", "wmNobody"});
  ASSERT_TRUE(looked.status.ok()) << looked.status.error().text();
  EXPECT_EQ(looked.text("wmA", "owner"), "lisi");
  EXPECT_EQ(looked.text("wmA", "follow_user.1"), "(none)");
  EXPECT_EQ(looked.records.count("wmB"), 1U);
  EXPECT_EQ(looked.deleted, std::vector<std::string>{"wmNobody"});
  bench.locked([&] { bench.twin().remove("external_contacts", "wmA", "lisi"); });
  EXPECT_EQ(bench.lookup("external_contacts", {"wmA"}).deleted, std::vector<std::string>{"wmA"});
}

// Who has left follows nobody in the lists, but his relations go on until somebody takes them over. A walk
// that asks the present members alone would take these customers for deleted.
TEST(ReadContacts, CustomersOfMembersWhoLeftAreStillThere) {
  Bench bench;
  bench.add_contact("wmA", {Bench::relation("zhangsan")});
  bench.add_contact("wmB", {Bench::relation("zhangsan"), Bench::relation("lisi", {}, 1'700'000'100)});
  bench.add_contact("wmC", {Bench::relation("lisi")});
  bench.locked([&] { bench.twin().remove("employees", "zhangsan", ""); });
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.times, (std::map<std::string, int>{{"wmA", 1}, {"wmB", 1}, {"wmC", 1}}));
  EXPECT_EQ(taken.text("wmA", "owner"), "zhangsan");
  EXPECT_EQ(bench.read("external_contacts", host::ReadMode::keys).records.size(), 3U);
  EXPECT_EQ(bench.read("external_contacts", host::ReadMode::full, {}, 2).records.size(), 2U);
  EXPECT_EQ(model::to_canonical_json(taken.records.at("wmB")),
            model::to_canonical_json(bench.lookup("external_contacts", {"wmB"}).records.at("wmB")));
}

TEST(ReadContacts, WithoutTheRightToUnassignedCustomersTheOthersAreRead) {
  Bench bench;
  bench.add_contact("wmA", {Bench::relation("zhangsan")});
  bench.set({{"deny_apis", json::array{"externalcontact/get_unassigned_list"}}});
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.records.size(), 1U);
}

// The app's visible range cuts every list without a word, and what it hides is refused, not gone: employees
// stay, and a customer shows the followers that may be seen, however he is asked for.
TEST(VisibleRange, HidesWithoutAWordAndIsNoDeletion) {
  Bench bench;
  bench.add_contact("wmA", {Bench::relation("zhangsan"), Bench::relation("lisi", {}, 1'700'000'100)});
  bench.add_contact("wmB", {Bench::relation("zhangsan")});
  bench.set({{"visible_users", json::array{"lisi"}}});
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.times, (std::map<std::string, int>{{"wmA", 1}}));
  EXPECT_EQ(taken.text("wmA", "owner"), "lisi");
  EXPECT_EQ(model::to_canonical_json(taken.records.at("wmA")),
            model::to_canonical_json(bench.lookup("external_contacts", {"wmA"}).records.at("wmA")));
  EXPECT_EQ(bench.read("employees").records.size(), 1U);
  const Taken looked = bench.lookup("employees", {"zhangsan", "lisi", "nobody"});
  ASSERT_TRUE(looked.status.ok()) << looked.status.error().text();
  EXPECT_EQ(looked.records.size(), 1U);
  EXPECT_EQ(looked.deleted, std::vector<std::string>{"nobody"});
}

// People of WeCom bring their firm along; it goes before what somebody remarked. Never a customer either way.
TEST(ReadContacts, TheCompanyIsEvidenceOnly) {
  Bench bench;
  bench.add_contact("wmA", {Bench::relation("zhangsan", noted("", "备注的公司", {}))},
                    {{"type", 2}, {"corp_name", "汇流"}, {"corp_full_name", "汇流科技有限公司"}});
  bench.add_contact("wmB", {Bench::relation("zhangsan", noted("", "备注的公司", {}))});
  const Taken taken = bench.read("external_contacts");
  EXPECT_EQ(taken.text("wmA", "company"), "汇流科技有限公司");
  EXPECT_EQ(taken.text("wmB", "company"), "备注的公司");
  EXPECT_EQ(taken.text("wmB", "name"), "昵称wmB");
  EXPECT_EQ(taken.text("wmB", "mobile"), "");
}

TEST(ReadContacts, ErrmsgIsNeverRead) {
  Bench bench;
  bench.add_contacts(2, "zhangsan");
  bench.set({{"json_warning", true}});
  EXPECT_EQ(bench.read("external_contacts").records.size(), 2U);
}

TEST(ReadContacts, WithoutTheRightToTagsTheyShowWithoutNames) {
  Bench bench;
  bench.locked([&] {
    bench.twin().load("tags", {{"id", "et1"},
                               {"name", "A"},
                               {"group_id", "eg1"},
                               {"group_name", "等级"},
                               {"order", 0},
                               {"create_time", 0}});
  });
  bench.add_contact(
      "wmA",
      {Bench::relation("zhangsan", {{"tags", json::array{json::object{{"tag_id", "et1"}, {"type", 1}}}}})});
  bench.set({{"deny_apis", json::array{"externalcontact/get_corp_tag_list"}}});
  const Taken taken = bench.read("external_contacts");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.text("wmA", "follow_user.0.tags.0.tag_id"), "et1");
}

// Rows are counted, so a delete between two pages hides another row: the hub finds it by its key.
TEST(ReadContacts, ARowThatMovedBetweenPagesIsStillThereByKey) {
  Bench bench;
  bench.add_contacts(150, "zhangsan");
  bench.set({{"short_pages", false}});
  Taken taken = bench.read("external_contacts");
  EXPECT_EQ(taken.records.size(), 150U);
  bench.locked([&] { bench.twin().remove("external_contacts", "wmzhangsan1000", "zhangsan"); });
  taken = bench.read("external_contacts");
  EXPECT_EQ(taken.records.size(), 149U);
  EXPECT_EQ(bench.lookup("external_contacts", {"wmzhangsan1000", "wmzhangsan1001"}).records.size(), 1U);
}

TEST(Tags, AreReadWithTheirGroups) {
  Bench bench;
  for (const char* id : {"et1", "et2"})
    bench.locked([&] {
      bench.twin().load("tags", {{"id", id},
                                 {"name", std::string("标签") + id},
                                 {"group_id", "eg1"},
                                 {"group_name", "等级"},
                                 {"order", 0},
                                 {"create_time", 0}});
    });
  const Taken taken = bench.read("tags");
  ASSERT_EQ(taken.records.size(), 2U);
  EXPECT_EQ(taken.text("et1", "group_name"), "等级");
  EXPECT_EQ(bench.find("tags", {{"name", "标签et2"}}).records.count("et2"), 1U);
  EXPECT_EQ(bench.lookup("tags", {"eg1"}).records.size(), 2U);  // an event may name a group
  EXPECT_EQ(bench.lookup("tags", {"etX"}).deleted, std::vector<std::string>{"etX"});
}

TEST(GroupChats, AreReadByOwner) {
  Bench bench;
  for (const char* id : {"wr1", "wr2"})
    bench.locked([&] {
      bench.twin().load(
          "group_chats",
          {{"chat_id", id}, {"name", "群"}, {"owner", "zhangsan"}, {"member_list", json::array{}}});
    });
  EXPECT_EQ(bench.read("group_chats").records.size(), 2U);
  const Taken looked = bench.lookup("group_chats", {"wr1", "wr9"});
  EXPECT_EQ(looked.text("wr1", "owner"), "zhangsan");
  EXPECT_EQ(looked.deleted, std::vector<std::string>{"wr9"});
}

// Nobody in the list of members owns them any more, so they are asked for by their state. Where so many
// members are visible that the vendor wants owners named, the others are still read.
TEST(GroupChats, WhoseOwnerHasLeftAreStillThere) {
  Bench bench;
  for (const auto& [id, owner] : {std::pair{"wr1", "zhangsan"}, std::pair{"wr2", "lisi"}})
    bench.locked([&, id = id, owner = owner] {
      bench.twin().load("group_chats",
                        {{"chat_id", id}, {"name", "群"}, {"owner", owner}, {"member_list", json::array{}}});
    });
  bench.locked([&] { bench.twin().remove("employees", "zhangsan", ""); });
  const Taken taken = bench.read("group_chats");
  ASSERT_TRUE(taken.status.ok()) << taken.status.error().text();
  EXPECT_EQ(taken.times, (std::map<std::string, int>{{"wr1", 1}, {"wr2", 1}}));
  for (int i = 0; i < 1000; ++i) bench.add_user("u" + std::to_string(i));
  EXPECT_EQ(bench.read("group_chats").times, (std::map<std::string, int>{{"wr2", 1}}));
}

TEST(Find, ExternalContactsCannotBeSearchedFor) {
  Bench bench;
  const Taken found = bench.find("external_contacts", {{"mobile", "13800000000"}});
  ASSERT_FALSE(found.status.ok());
  EXPECT_EQ(found.status.error().error_class, model::ErrorClass::unsupported);
}

}  // namespace
}  // namespace wecom::tests
