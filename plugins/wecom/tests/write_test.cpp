// Writing: company where there is none, mobiles appended, the hub's own tags, and nothing else.
#include <vector>

#include "plugins/wecom/tests/bench.hpp"

namespace wecom::tests {
namespace {

using host::WriteOutcome;

class Write : public testing::Test {
 protected:
  Write() {
    bench.add_contact("wmA",
                      {Bench::relation("zhangsan", {{"remark", "王总"},
                                                    {"description", "私人"},
                                                    {"remark_mobiles", json::array{"138 0000-0000"}}})});
  }
  json::value note(const char* name, const char* key = "wmA", std::size_t follower = 0) {
    return bench.record("external_contacts", key).at("follow_user").at(follower).at(name);
  }
  std::uint64_t written(const char* field) {
    const json::object counters = bench.counters();
    const json::value* count = counters.at("fields_written").as_object().if_contains(field);
    return count == nullptr ? 0 : count->to_number<std::uint64_t>();
  }
  Bench bench;
};

// The vendor replaces the whole list: what a salesperson typed must go along, as he typed it.
TEST_F(Write, MobilesAreAppendedNeverReplaced) {
  const auto result = bench.write("external_contacts", "wmA", {{"mobile", "13900000009"}});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(note("remark_mobiles"), (json::array{"138 0000-0000", "13900000009"}));
  ASSERT_TRUE(result.remote_body);
  EXPECT_EQ((*result.remote_body)["mobile"].as_string(), "13900000009");
}

TEST_F(Write, AMobileInAnotherSpellingIsThereAlready) {
  for (const char* same : {"13800000000", "+86 138-0000-0000", "8613800000000"}) {
    const auto result = bench.write("external_contacts", "wmA", {{"remark_mobiles", json::array{same}}});
    EXPECT_EQ(result.outcome, WriteOutcome::unchanged) << same;
  }
  EXPECT_EQ(bench.calls("externalcontact/remark"), 0U);
}

TEST_F(Write, TheCompanyIsFilledOnlyWhereNoneStands) {
  EXPECT_EQ(bench.write("external_contacts", "wmA", {{"remark_company", "汇流有限公司"}}).outcome,
            WriteOutcome::applied);
  EXPECT_EQ(note("remark_corp_name"), "汇流有限公司");
  EXPECT_EQ(bench.write("external_contacts", "wmA", {{"remark_company", "另一家公司"}}).outcome,
            WriteOutcome::unchanged);
  EXPECT_EQ(note("remark_corp_name"), "汇流有限公司");
}

// Counted in characters; longer names are not cut: the short name goes, or nothing.
TEST_F(Write, ALongCompanyIsNeverCut) {
  const char* twenty = "一二三四五六七八九十一二三四五六七八九十";
  const std::string longer = std::string(twenty) + "一";
  const auto refused = bench.write("external_contacts", "wmA", {{"remark_company", longer}});
  EXPECT_EQ(refused.outcome, WriteOutcome::rejected);
  EXPECT_EQ(note("remark_corp_name"), "");
  EXPECT_EQ(
      bench.write("external_contacts", "wmA", {{"remark_company", longer}, {"remark_company_short", "一二"}})
          .outcome,
      WriteOutcome::applied);
  EXPECT_EQ(note("remark_corp_name"), "一二");
  bench.add_contact("wmB", {Bench::relation("zhangsan")});
  EXPECT_EQ(bench.write("external_contacts", "wmB", {{"remark_company", twenty}}).outcome,
            WriteOutcome::applied);
}

TEST_F(Write, RemarkAndDescriptionAreNeverWritten) {
  for (const char* field : {"remark", "description", "remark_pic_mediaid"}) {
    const auto result = bench.write("external_contacts", "wmA", {{field, "x"}, {"mobile", "13900000009"}});
    EXPECT_EQ(result.outcome, WriteOutcome::rejected) << field;
    EXPECT_NE(result.error.where.find(field), std::string::npos) << result.error.text();
  }
  bench.write("external_contacts", "wmA",
              {{"mobile", "13900000009"}, {"remark_company", "汇流"}, {"hub_tags", json::array{"ERP客户"}}});
  EXPECT_EQ(written("remark"), 0U);
  EXPECT_EQ(written("description"), 0U);
  EXPECT_EQ(note("remark"), "王总");
  EXPECT_EQ(note("description"), "私人");
}

TEST_F(Write, OtherFieldsAreRefusedByName) {
  const auto result = bench.write("external_contacts", "wmA", {{"name", "x"}});
  EXPECT_EQ(result.outcome, WriteOutcome::rejected);
  EXPECT_NE(result.error.where.find("/name"), std::string::npos) << result.error.text();
  EXPECT_EQ(bench.calls("externalcontact/remark"), 0U);
}

TEST_F(Write, ThereIsNoCreate) {
  const auto result = bench.write("external_contacts", "", {{"mobile", "13900000009"}});
  EXPECT_NE(result.outcome, WriteOutcome::applied);
}

// Tags hang on the pair of member and customer; only those of the hub's own group are touched.
TEST_F(Write, TagsOfTheHubsOwnGroupAlone) {
  bench.locked([&] {
    bench.twin().load("tags", {{"id", "et1"},
                               {"name", "A"},
                               {"group_id", "eg1"},
                               {"group_name", "等级"},
                               {"order", 0},
                               {"create_time", 0}});
    bench.twin().edit("external_contacts", "wmA", {{"tags", json::array{"et1"}}}, "zhangsan");
  });
  auto result = bench.write("external_contacts", "wmA", {{"hub_tags", json::array{"ERP客户", "直销"}}});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ((*result.remote_body)["hub_tags"], model::parse_json(R"(["ERP客户","直销"])").value());
  result = bench.write("external_contacts", "wmA", {{"hub_tags", json::array{"直销"}}});
  ASSERT_EQ(result.outcome, WriteOutcome::applied);
  const json::value tags = note("tags");
  EXPECT_EQ(tags.as_array().size(), 2U);  // A stays, and one of ours
  EXPECT_EQ(bench.write("external_contacts", "wmA", {{"hub_tags", json::array{"直销"}}}).outcome,
            WriteOutcome::unchanged);
  EXPECT_EQ(bench.calls("externalcontact/add_corp_tag"), 2U);
}

TEST_F(Write, AFullCorporationRefusesANewTag) {
  bench.set({{"tags_per_corp", 0}});
  const auto result = bench.write("external_contacts", "wmA", {{"hub_tags", json::array{"ERP客户"}}});
  EXPECT_EQ(result.outcome, WriteOutcome::rejected);
  EXPECT_EQ(result.error.code, "40126");
}

TEST_F(Write, AFullCustomerRefusesAnotherTag) {
  bench.set({{"tags_per_contact", 0}});
  const auto result = bench.write("external_contacts", "wmA", {{"hub_tags", json::array{"ERP客户"}}});
  EXPECT_EQ(result.outcome, WriteOutcome::rejected);
  EXPECT_EQ(result.error.code, "40144");
}

// Somebody edits the same relation: what he wrote is read again and kept.
TEST_F(Write, AConflictIsReadAgain) {
  bench.set({{"conflicts", 2}});
  const auto result = bench.write("external_contacts", "wmA", {{"mobile", "13900000009"}});
  EXPECT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(note("remark_mobiles").as_array().size(), 2U);
}

TEST_F(Write, ToAnEndedRelationIsGone) {
  bench.locked([&] { bench.twin().remove("external_contacts", "wmA", "zhangsan"); });
  const auto result = bench.write("external_contacts", "wmA", {{"mobile", "13900000009"}});
  EXPECT_EQ(result.outcome, WriteOutcome::gone);
  EXPECT_EQ(result.error.code, "84061");
}

// A customer who deleted the employee is still written to: that relation is one-way.
TEST_F(Write, ToAOneWayRelationWorks) {
  bench.locked([&] { bench.twin().customer_deletes("wmA", "zhangsan"); });
  EXPECT_EQ(bench.write("external_contacts", "wmA", {{"mobile", "13900000009"}}).outcome,
            WriteOutcome::applied);
}

TEST_F(Write, GoesToTheOwnerOrToTheFollowerThatIsNamed) {
  bench.add_contact("wmB", {Bench::relation("lisi", {}, 1'700'000'900), Bench::relation("zhangsan")});
  bench.write("external_contacts", "wmB", {{"mobile", "13900000009"}});
  EXPECT_EQ(note("remark_mobiles", "wmB", 0), json::array{});
  EXPECT_EQ(note("remark_mobiles", "wmB", 1), json::array{"13900000009"});
  bench.write("external_contacts", "wmB",
              {{"remark_mobiles", json::array{"13900000001"}}, {"userid", "LiSi"}});
  EXPECT_EQ(note("remark_mobiles", "wmB", 0), json::array{"13900000001"});
}

// The company of a WeCom user is his firm's own word.
TEST_F(Write, TheCompanyOfAWeComUserIsNotRemarked) {
  bench.add_contact("wmB", {Bench::relation("zhangsan")},
                    {{"type", 2}, {"corp_full_name", "汇流科技有限公司"}});
  EXPECT_EQ(bench.write("external_contacts", "wmB", {{"remark_company", "汇流"}}).outcome,
            WriteOutcome::unchanged);
  EXPECT_EQ(bench.calls("externalcontact/remark"), 0U);
}

// A tag that somebody deletes at the wrong moment is no reason to take the person for gone.
TEST_F(Write, AMissingTagIsNotAMissingPerson) {
  bench.write("external_contacts", "wmA", {{"hub_tags", json::array{"ERP客户"}}});
  bench.set({{"deny_apis", json::array{"externalcontact/remark"}}});
  bench.write("external_contacts", "wmA", {{"mobile", "13900000009"}});
  EXPECT_EQ(bench.ended.error().error_class, model::ErrorClass::config);  // the connection's matter, not his
  bench.set({{"deny_apis", json::array{}}, {"tags_per_contact", 0}});
  const auto half =
      bench.write("external_contacts", "wmA", {{"mobile", "13900000009"}, {"hub_tags", json::array{"直销"}}});
  EXPECT_EQ(half.outcome, WriteOutcome::in_doubt);  // the mobile is there, the tag is not
  EXPECT_EQ(note("remark_mobiles").as_array().size(), 2U);
}

TEST_F(Write, NonAsciiGoesAsItIs) {
  // The twin refuses \u escapes as some of the vendor's APIs do.
  EXPECT_EQ(bench.write("external_contacts", "wmA", {{"remark_company", "ＡＢ公司𠮷"}}).outcome,
            WriteOutcome::applied);
}

// ---- messages ----

class Messages : public testing::Test {
 protected:
  json::object sent(const std::string& key) { return bench.record("messages", key); }
  Bench bench;
};

TEST_F(Messages, TextMarkdownAndCard) {
  auto result =
      bench.write("messages", "", {{"users", json::array{"zhangsan"}}, {"text", "新客户编码 C00871"}});
  ASSERT_EQ(result.outcome, WriteOutcome::applied) << result.error.text();
  EXPECT_EQ(sent(result.remote_key).at("text").at("content"), "新客户编码 C00871");
  result = bench.write(
      "messages", "", {{"users", json::array{"zhangsan", "lisi"}}, {"text", "**粗体**"}, {"markdown", true}});
  EXPECT_EQ(sent(result.remote_key).at("touser"), "zhangsan|lisi");
  EXPECT_EQ(sent(result.remote_key).at("msgtype"), "markdown");
  result = bench.write("messages", "",
                       {{"users", json::array{"lisi"}},
                        {"title", "变更申请"},
                        {"text", "请处理"},
                        {"url", "https://hub.example/r/1"},
                        {"button", "查看"}});
  EXPECT_EQ(sent(result.remote_key).at("textcard").at("btntxt"), "查看");
}

// Partly wrong recipients come with errcode 0, in lower case.
TEST_F(Messages, WrongRecipientsAreReportedInTheirSpelling) {
  const auto result =
      bench.write("messages", "", {{"users", json::array{"zhangsan", "NoSuchUser"}}, {"text", "x"}});
  ASSERT_EQ(result.outcome, WriteOutcome::applied);
  EXPECT_EQ((*result.remote_body)["invalid_users"], model::parse_json(R"(["NoSuchUser"])").value());
}

TEST_F(Messages, NobodyReachedIsARefusal) {
  const auto result = bench.write("messages", "", {{"users", json::array{"nobody"}}, {"text", "x"}});
  EXPECT_EQ(result.outcome, WriteOutcome::rejected);
  EXPECT_EQ(result.error.code, "81013");
}

TEST_F(Messages, ContentIsLimitedInBytesTitlesInCharacters) {
  std::string text;
  for (int i = 0; i < 683; ++i) text += "字";  // 2049 bytes in 683 characters
  EXPECT_EQ(bench.write("messages", "", {{"users", json::array{"lisi"}}, {"text", text}}).outcome,
            WriteOutcome::rejected);
  text.resize(682 * 3);
  EXPECT_EQ(bench.write("messages", "", {{"users", json::array{"lisi"}}, {"text", text}}).outcome,
            WriteOutcome::applied);
  std::string title;
  for (int i = 0; i < 128; ++i) title += "题";
  const json::object card{
      {"users", json::array{"lisi"}}, {"title", title}, {"url", "https://hub.example"}, {"text", "x"}};
  EXPECT_EQ(bench.write("messages", "", card).outcome, WriteOutcome::applied);
  json::object longer = card;
  longer["title"] = title + "题";
  EXPECT_EQ(bench.write("messages", "", longer).outcome, WriteOutcome::rejected);
}

// A repeated write, as after a lost answer, is one message.
TEST_F(Messages, ARepetitionIsShownOnce) {
  const json::object message{{"users", json::array{"lisi"}}, {"text", "一次"}};
  const auto first = bench.write("messages", "", message);
  const auto second = bench.write("messages", "", message);
  EXPECT_EQ(first.remote_key, second.remote_key);
}

TEST_F(Messages, ALostAnswerLeavesItInDoubt) {
  bench.locked([&] {
    bench.twin().faults().configure({{"timeout_after_commit", {{"next", 1}, {"match", "message/send"}}}});
  });
  EXPECT_EQ(bench.write("messages", "", {{"users", json::array{"lisi"}}, {"text", "x"}}).outcome,
            WriteOutcome::in_doubt);
  EXPECT_EQ(bench.calls("message/send"), 1U);  // never sent again by itself
}

TEST_F(Messages, NeedTheAppsNumber) {
  bench.settings.erase("agent_id");
  bench.write("messages", "", {{"users", json::array{"lisi"}}, {"text", "x"}});
  ASSERT_FALSE(bench.ended.ok());
  EXPECT_EQ(bench.ended.error().error_class, model::ErrorClass::config);
}

TEST_F(Messages, OfAnotherAppAreRefused) {
  bench.settings["agent_id"] = "1000003";
  bench.write("messages", "", {{"users", json::array{"lisi"}}, {"text", "x"}});
  ASSERT_FALSE(bench.ended.ok());
  EXPECT_EQ(bench.ended.error().code, "301002");
}

}  // namespace
}  // namespace wecom::tests
