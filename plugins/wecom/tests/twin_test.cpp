// The twin by itself, as another client sees it: the vendor's rules, to the letter.
#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/tests/bench.hpp"
#include "sdk/twin/http_client.hpp"
#include "tests/support/switch_rows.hpp"

namespace wecom::tests {
namespace {

class Twin : public testing::Test {
 protected:
  json::object get(const std::string& api_and_query) { return ask("GET", api_and_query, {}); }
  json::object post(const std::string& api, const json::object& body) {
    return ask("POST", api, json::serialize(body));
  }
  json::object ask(const std::string& method, const std::string& api, const std::string& body) {
    std::string url = bench.server().url() + "/cgi-bin/" + api;
    if (api.find("gettoken") == std::string::npos)
      url += (api.find('?') == std::string::npos ? "?" : "&") + ("access_token=" + token());
    const auto answer = huiliu::twin::http_send({method, url, {{"Content-Type", "application/json"}}, body});
    EXPECT_EQ(answer.status, 200);  // failures too
    const auto parsed = parse_json(answer.body);
    return parsed && parsed->is_object() ? parsed->get_object() : json::object{};
  }
  std::string token(std::string_view secret = twin::account().app.secret) {
    if (!fixed_token.empty()) return fixed_token;
    return text_at(
        get("gettoken?corpid=" + std::string(twin::account().corp_id) + "&corpsecret=" + std::string(secret)),
        "access_token");
  }
  static std::int64_t code(const json::object& answer) { return number_at(answer, "errcode"); }

  Bench bench;
  std::string fixed_token;
};

TEST_F(Twin, TokensArePerSecretAndGivenOutAgain) {
  const std::string first = token();
  EXPECT_GE(first.size(), 200U);
  EXPECT_EQ(token(), first);
  EXPECT_NE(token(twin::account().other_app.secret), first);
  bench.environment().advance(100 * model::second);
  const json::object again = get("gettoken?corpid=" + std::string(twin::account().corp_id) +
                                 "&corpsecret=" + std::string(twin::account().app.secret));
  EXPECT_EQ(number_at(again, "expires_in"), 7100);
  bench.environment().advance(7200 * model::second);
  EXPECT_NE(token(), first);
}

TEST_F(Twin, TokensAreRefusedByTheirCodes) {
  EXPECT_EQ(code(get("gettoken")), 41002);
  EXPECT_EQ(code(get("gettoken?corpid=x")), 41004);
  EXPECT_EQ(code(get("gettoken?corpid=x&corpsecret=y")), 40013);
  EXPECT_EQ(code(get("gettoken?corpid=" + std::string(twin::account().corp_id) + "&corpsecret=y")), 40001);
  fixed_token = token();
  EXPECT_EQ(code(get("department/simplelist")), 0);
  bench.locked([&] { bench.twin().expire_tokens(); });
  EXPECT_EQ(code(get("department/simplelist")), 42001);
  fixed_token = "garbled";
  EXPECT_EQ(code(get("department/simplelist")), 40014);
  const auto answer = huiliu::twin::http_send(
      {"GET", bench.server().url() + "/cgi-bin/department/simplelist", {{"Authorization", "Bearer x"}}});
  EXPECT_NE(answer.body.find("41001"), std::string::npos);  // only the query counts
}

TEST_F(Twin, RefusalsCarryTheEmptyListHintAndAddress) {
  const json::object answer = get("externalcontact/list?userid=idle");
  EXPECT_EQ(code(answer), 84061);
  EXPECT_TRUE(answer.at("external_userid").is_array());
  EXPECT_NE(text_at(answer, "errmsg").find("from ip: 127.0.0.1"), std::string::npos);
}

TEST_F(Twin, LimitsAreClampedNotRefused) {
  bench.set({{"short_pages", false}});
  bench.add_contacts(130, "zhangsan");
  json::object answer =
      post("externalcontact/batch/get_by_user", {{"userid_list", json::array{"zhangsan"}}, {"limit", 1000}});
  EXPECT_EQ(answer.at("external_contact_list").as_array().size(), 100U);
  answer = post("externalcontact/batch/get_by_user", {{"userid_list", json::array{"zhangsan"}}});
  EXPECT_EQ(answer.at("external_contact_list").as_array().size(), 50U);
  const json::value& row = answer.at("external_contact_list").at(0);
  EXPECT_TRUE(row.at("follow_info").is_object());
  EXPECT_EQ(row.at("follow_info").as_object().if_contains("tags"), nullptr);
  EXPECT_TRUE(row.at("follow_info").at("tag_id").is_array());
}

TEST_F(Twin, CursorsBelongToTheirQueryAndDie) {
  bench.set({{"short_pages", false}});
  bench.add_contacts(130, "zhangsan");
  const json::object first =
      post("externalcontact/batch/get_by_user", {{"userid_list", json::array{"zhangsan"}}, {"limit", 100}});
  const std::string cursor = text_at(first, "next_cursor");
  EXPECT_EQ(code(post("externalcontact/batch/get_by_user",
                      {{"userid_list", json::array{"lisi"}}, {"cursor", cursor}})),
            84061);
  bench.add_contacts(1, "lisi");
  EXPECT_EQ(code(post("externalcontact/batch/get_by_user",
                      {{"userid_list", json::array{"lisi"}}, {"cursor", cursor}})),
            50100);
  const json::object second =
      post("externalcontact/batch/get_by_user",
           {{"userid_list", json::array{"zhangsan"}}, {"cursor", cursor}, {"limit", 100}});
  EXPECT_EQ(second.at("external_contact_list").as_array().size(), 30U);
  EXPECT_EQ(text_at(second, "next_cursor"), "");
  bench.environment().advance(5 * 3600 * model::second);
  EXPECT_EQ(code(post("externalcontact/batch/get_by_user",
                      {{"userid_list", json::array{"zhangsan"}}, {"cursor", cursor}})),
            50100);
}

TEST_F(Twin, RemarkReplacesTheListAndRefusesWhatIsTooLong) {
  bench.add_contact("wmA", {Bench::relation("zhangsan", {{"remark_mobiles", json::array{"1"}}})});
  const auto remark = [&](json::object fields) {
    fields["userid"] = "zhangsan";
    fields["external_userid"] = "wmA";
    return code(post("externalcontact/remark", fields));
  };
  EXPECT_EQ(remark({{"remark_mobiles", json::array{"2", "3"}}}), 0);
  EXPECT_EQ(bench.record("external_contacts", "wmA").at("follow_user").at(0).at("remark_mobiles"),
            (json::array{"2", "3"}));
  EXPECT_EQ(remark({{"remark_mobiles", json::array{""}}}), 0);
  EXPECT_EQ(bench.record("external_contacts", "wmA").at("follow_user").at(0).at("remark_mobiles"),
            json::array{});
  EXPECT_NE(remark({{"remark", "一二三四五六七八九十一二三四五六七八九十一"}}), 0);
  EXPECT_NE(remark({}), 0);
  const json::object counters = bench.counters();
  EXPECT_EQ(counters.at("fields_written").as_object().if_contains("remark"), nullptr);
  EXPECT_EQ(remark({{"remark", "x"}}), 0);  // another client may; the counter tells
  EXPECT_EQ(bench.counters().at("fields_written").at("remark"), 1);
}

TEST_F(Twin, TagsBelongToTheAppThatMadeThem) {
  const json::object made =
      post("externalcontact/add_corp_tag",
           {{"group_name", "组"},
            {"tag", json::array{json::object{{"name", "甲"}}, json::object{{"name", "甲"}}}}});
  ASSERT_EQ(code(made), 0);
  const std::string id = text_at(made.at("tag_group").at("tag").at(0), "id");
  EXPECT_EQ(made.at("tag_group").at("tag").as_array().size(), 1U);  // one name, one tag
  EXPECT_EQ(code(post("externalcontact/add_corp_tag",
                      {{"group_name", "组"}, {"tag", json::array{json::object{{"name", "甲"}}}}})),
            40071);
  fixed_token = token(twin::account().other_app.secret);
  EXPECT_EQ(code(post("externalcontact/edit_corp_tag", {{"id", id}, {"name", "乙"}})), 81011);
  EXPECT_EQ(code(post("externalcontact/del_corp_tag", {{"tag_id", json::array{id}}})), 81011);
  fixed_token.clear();
  EXPECT_EQ(code(post("externalcontact/del_corp_tag", {{"tag_id", json::array{id}}})), 0);
  const json::object asked = post("externalcontact/get_corp_tag_list", {{"tag_id", json::array{id}}});
  EXPECT_EQ(asked.at("tag_group").at(0).at("tag").at(0).at("deleted"), true);
  EXPECT_TRUE(post("externalcontact/get_corp_tag_list", {}).at("tag_group").as_array().empty());
  bench.add_contact("wmA", {Bench::relation("zhangsan")});
  EXPECT_EQ(code(post("externalcontact/mark_tag",
                      {{"userid", "zhangsan"}, {"external_userid", "wmA"}, {"add_tag", json::array{id}}})),
            40068);
}

TEST_F(Twin, WrongMethodsEscapesAndBrokenJsonMislead) {
  EXPECT_EQ(code(get("externalcontact/batch/get_by_user")), 40003);
  EXPECT_EQ(code(ask("POST", "externalcontact/get_corp_tag_list", "{\"tag_id\":[\"\\u4e2d\"]}")), 40033);
  const json::object broken = ask("POST", "externalcontact/get_corp_tag_list", "{broken");
  EXPECT_EQ(code(broken), 40035);
  EXPECT_NE(text_at(broken, "errmsg").find("Warning: wrong json format."), std::string::npos);
}

TEST_F(Twin, MessagesBeyondThirtyAMinuteAreDroppedWithoutAWord) {
  for (int i = 0; i < 31; ++i)
    EXPECT_EQ(code(post("message/send", {{"touser", "lisi"},
                                         {"msgtype", "text"},
                                         {"agentid", twin::account().app.agent_id},
                                         {"text", {{"content", std::to_string(i)}}}})),
              0);
  int delivered = 0;
  bench.locked([&] {
    bench.twin().store().for_each("messages", [&](const std::string&, const twin::Record& sent) {
      delivered += static_cast<int>(sent->at("delivered").as_array().size());
      return true;
    });
  });
  EXPECT_EQ(delivered, 30);
}

TEST_F(Twin, TheExcessBarsAnApiForItsWindow) {
  Bench limited(1);
  limited.set({{"api_per_minute", 2}});
  const auto ask_once = [&](const std::string& api, const std::string& with) {
    const auto answer = huiliu::twin::http_send({"GET", limited.server().url() + "/cgi-bin/" + api + with});
    return *parse_json(answer.body);
  };
  const std::string access =
      "access_token=" +
      text_at(ask_once("gettoken", "?corpid=" + std::string(twin::account().corp_id) +
                                       "&corpsecret=" + std::string(twin::account().app.secret)),
              "access_token");
  const auto call = [&](const std::string& api) { return number_at(ask_once(api, "?" + access), "errcode"); };
  EXPECT_EQ(call("department/simplelist"), 0);
  EXPECT_EQ(call("department/simplelist"), 0);
  EXPECT_EQ(call("department/simplelist"), 45009);
  EXPECT_EQ(call("getcallbackip"), 0);  // each API by itself
  limited.environment().advance(59 * model::second);
  EXPECT_EQ(call("department/simplelist"), 45009);
  limited.environment().advance(2 * model::second);
  EXPECT_EQ(call("department/simplelist"), 0);
}

TEST_F(Twin, AnExceededHourBarsForAnHour) {
  Bench limited(1);
  limited.set({{"api_per_hour", 5}});
  std::vector<std::string> keys;
  for (int i = 0; i < 8; ++i) {
    keys.push_back("wm" + std::to_string(i));
    limited.add_contact(keys.back(), {Bench::relation("zhangsan")});
  }
  // The rest of the hour is longer than a call may wait: the operation ends and tells when to come again.
  const Taken looked = limited.lookup("external_contacts", keys);
  ASSERT_FALSE(looked.status.ok());
  EXPECT_EQ(looked.status.error().error_class, model::ErrorClass::throttled);
  EXPECT_GE(looked.status.error().retry_after_ms, 60'000);
  // Five that went, the refusal, and one more after a minute: the vendor does not tell which window it was.
  EXPECT_LE(limited.calls("externalcontact/get"), 7U);
  limited.environment().advance(3'601 * model::second);
  EXPECT_TRUE(limited.lookup("external_contacts", {keys[0]}).status.ok());
}

TEST_F(Twin, CursorsLiveAsLongAsTheSwitchSays) {
  bench.set({{"cursor_seconds", 60}, {"short_pages", false}});
  bench.add_contacts(130, "zhangsan");
  const json::object query{{"userid_list", json::array{"zhangsan"}}, {"limit", 100}};
  json::object next = query;
  next["cursor"] = text_at(post("externalcontact/batch/get_by_user", query), "next_cursor");
  bench.environment().advance(59 * model::second);
  EXPECT_EQ(code(post("externalcontact/batch/get_by_user", next)), 0);
  next["cursor"] = text_at(post("externalcontact/batch/get_by_user", query), "next_cursor");
  bench.environment().advance(61 * model::second);
  EXPECT_EQ(code(post("externalcontact/batch/get_by_user", next)), 50100);
}

TEST_F(Twin, TooManyWrongMobilesBarForTheDay) {
  const auto ask = [&](const char* mobile) { return code(post("user/getuserid", {{"mobile", mobile}})); };
  EXPECT_EQ(ask("13800000001"), 46004);
  EXPECT_EQ(ask("13911111111"), 45009) << "one wrong of three members is more than a fifth";
  bench.environment().advance(24 * 3600 * model::second);
  EXPECT_EQ(ask("13911111111"), 0);
}

TEST_F(Twin, EverySwitchHasATest) {
  EXPECT_EQ(huiliu::changed_when_put_back(bench.twin()), "");
  EXPECT_EQ(huiliu::switches_without_test(HUILIU_SOURCE_DIR, "wecom", huiliu::switches_of(bench.twin())),
            std::vector<std::string>());
}

// Handing over takes a day, may be refused, and works twice in ninety days.
TEST_F(Twin, TransfersTakeADay) {
  bench.add_contact("wmA", {Bench::relation("zhangsan")});
  const auto transfer = [&](const char* from, const char* to) {
    const json::object answer =
        post("externalcontact/transfer_customer",
             {{"handover_userid", from}, {"takeover_userid", to}, {"external_userid", json::array{"wmA"}}});
    return number_at(answer.at("customer").at(0), "errcode");
  };
  const auto status = [&](const char* from, const char* to) {
    const json::object answer =
        post("externalcontact/transfer_result", {{"handover_userid", from}, {"takeover_userid", to}});
    return number_at(answer.at("customer").as_array().back(), "status");
  };
  EXPECT_EQ(transfer("zhangsan", "zhangsan"), 40130);
  EXPECT_EQ(transfer("lisi", "zhangsan"), 40131);
  EXPECT_EQ(transfer("zhangsan", "lisi"), 0);
  EXPECT_EQ(transfer("zhangsan", "lisi"), 40129);
  EXPECT_EQ(status("zhangsan", "lisi"), 2);
  bench.environment().advance(24 * 3600 * model::second);
  EXPECT_EQ(status("zhangsan", "lisi"), 1);
  EXPECT_EQ(bench.record("external_contacts", "wmA").at("follow_user").at(0).at("userid"), "lisi");
  EXPECT_EQ(transfer("lisi", "zhangsan"), 0);
  bench.locked([&] { bench.twin().customer_refuses("wmA"); });
  EXPECT_EQ(status("lisi", "zhangsan"), 3);
  EXPECT_EQ(
      code(post("externalcontact/resigned/transfer_customer", {{"handover_userid", "lisi"},
                                                               {"takeover_userid", "zhangsan"},
                                                               {"external_userid", json::array{"wmA"}}})),
      40097);
}

TEST_F(Twin, ContactWaysAreKept) {
  const json::object made =
      post("externalcontact/add_contact_way",
           {{"type", 1}, {"scene", 2}, {"state", "expo26"}, {"user", json::array{"zhangsan"}}});
  ASSERT_EQ(code(made), 0);
  const std::string id = text_at(made, "config_id");
  EXPECT_NE(text_at(made, "qr_code"), "");
  EXPECT_EQ(post("externalcontact/get_contact_way", {{"config_id", id}}).at("contact_way").at("state"),
            "expo26");
  EXPECT_EQ(post("externalcontact/list_contact_way", {}).at("contact_way").as_array().size(), 1U);
  EXPECT_EQ(code(post("externalcontact/del_contact_way", {{"config_id", id}})), 0);
  EXPECT_EQ(code(post("externalcontact/get_contact_way", {{"config_id", id}})), 41044);
}

// Case 6: the three people of the messenger, and no customer among what WeCom names.
TEST_F(Twin, AWorldHasTheThreePeople) {
  huiliu::twin::WorldOptions options;
  options.customers = 200;
  const huiliu::twin::World world = huiliu::twin::generate_world(options);
  std::map<std::string, const huiliu::twin::ChatPerson*> people;
  for (const auto& planted : world.planted)
    if (planted.number == 6)
      for (const auto& chat : world.chat_persons)
        if (world.persons[chat.person].truth == planted.truth) people[planted.name] = &chat;
  ASSERT_EQ(people.size(), 3U);
  const auto& sure = people.at("沈佳禾")->relations.front();
  EXPECT_EQ(sure.remark, "沈佳禾");
  EXPECT_EQ(sure.company, "苏州晟禾精密机械有限公司");
  EXPECT_EQ(sure.mobiles.size(), 1U);
  const auto& likely = people.at("罗启明")->relations.front();
  EXPECT_EQ(likely.remark, "罗总");
  EXPECT_TRUE(likely.company.empty());
  EXPECT_EQ(likely.mobiles.front(), world.persons[people.at("罗启明")->person].mobile);
  EXPECT_TRUE(people.at("顺丰小哥")->relations.front().mobiles.empty());
  twin::WeComTwin fresh({0, 1, {}});
  fresh.populate(world);
  EXPECT_EQ(fresh.store().size("external_contacts"), world.chat_persons.size());
  EXPECT_GT(fresh.store().size("employees"), 5U);
  EXPECT_TRUE(world.system("wecom").customers.empty());
}

}  // namespace
}  // namespace wecom::tests
