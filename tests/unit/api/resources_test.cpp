// Pages, versions, repetitions, limits: the manners that every resource shares.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/api/desk.hpp"

namespace huiliu::api {
namespace {

using model::Object;
using model::Value;
using testing::HasSubstr;

TEST(Resources, PagesShowEverythingOnce) {
  Desk desk;
  for (int i = 0; i < 23; ++i)
    desk.save("customer", {{"names.legal", "分页试验" + std::to_string(i) + "有限公司"}});
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const Value page =
        json_of(desk.call("GET", "/api/v1/customers?limit=7" + (cursor.empty() ? "" : "&cursor=" + cursor),
                          desk.token("steward")));
    for (const Value& row : page["items"].as_array()) EXPECT_TRUE(seen.insert(row["id"].to_text()).second);
    cursor = page["next"].to_text();
    ++pages;
  } while (!cursor.empty() && pages < 20);
  EXPECT_EQ(seen.size(), 26U);
  EXPECT_EQ(pages, 4);
  EXPECT_EQ(desk.call("GET", "/api/v1/customers?cursor=nonsense", desk.token("steward")).status, 422);
  EXPECT_EQ(desk.call("GET", "/api/v1/customers?limit=501", desk.token("steward")).status, 400);
}

// A list that is short as a rule is paged all the same; what goes away meanwhile hides nothing.
TEST(Resources, ShortListsHavePagesToo) {
  Desk desk;
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(desk.hub().secrets().set("key" + std::to_string(i), "x", "test", desk.now()).ok());
  const std::string admin = desk.token("admin");
  const auto page = [&](const std::string& query) {
    return json_of(desk.call("GET", "/api/v1/secrets" + query, admin));
  };
  EXPECT_EQ(page("")["items"].as_array().size(), 5U);
  const Value first = page("?limit=2");
  ASSERT_EQ(first["items"].as_array().size(), 2U);
  const std::string cursor = first["next"].to_text();
  ASSERT_TRUE(desk.hub().secrets().remove("key0", "test", desk.now()).ok());
  const Value second = page("?limit=2&cursor=" + cursor);
  EXPECT_EQ(second["items"].as_array()[0]["name"].to_text(), "key2") << "after the last that was shown";
  ASSERT_TRUE(desk.hub().secrets().remove("key1", "test", desk.now()).ok());
  const Value last = page("?limit=2&cursor=" + second["next"].to_text());
  EXPECT_EQ(last["items"].as_array().size(), 1U);
  EXPECT_TRUE(last["next"].is_null());
  EXPECT_EQ(desk.call("GET", "/api/v1/secrets?cursor=nonsense", admin).status, 422);
}

TEST(Resources, AVersionIsHeldAgainstEveryChangeThatNamesOne) {
  Desk desk;
  desk.add_user("chen", {"steward"}, "");
  const std::string admin = desk.token("admin");
  const std::string tag = Desk::header(desk.call("GET", "/api/v1/users/chen", admin), "ETag");
  ASSERT_FALSE(tag.empty());
  const auto change = [&](const char* shown, const std::string& match) {
    return desk
        .call("PATCH", "/api/v1/users/chen", admin, model::to_json(Object{{"shown", shown}}),
              {{"If-Match", match}})
        .status;
  };
  EXPECT_EQ(change("陈工", tag), 200);
  EXPECT_EQ(change("老陈", tag), 412) << "somebody changed it meanwhile";
  EXPECT_EQ(change("老陈", "*"), 200);
  EXPECT_EQ(desk.call("DELETE", "/api/v1/users/chen", admin, "", {{"If-Match", tag}}).status, 412);
  EXPECT_EQ(desk.call("DELETE", "/api/v1/users/chen", admin).status, 200);
}

TEST(Resources, FindByNamePinyinPhoneAndCode) {
  Desk desk;
  const std::string id = desk.save("customer", {{"names.legal", "厦门兴富电机有限公司"},
                                                {"identifiers.uscc", "91350200MA2XNQ4E8B"},
                                                {"identifiers.main_number", "C008715"},
                                                {"phones[switchboard]", "0592-5186688"}});
  for (const char* typed :
       {"%E5%85%B4%E5%AF%8C", "xiamenxingfu", "xmxf", "51866", "C008715", "91350200MA2X", "%E5%8E%A6"}) {
    const Value found =
        json_of(desk.call("GET", std::string("/api/v1/search?q=") + typed, desk.token("steward")));
    ASSERT_EQ(found["items"].as_array().size(), 1U) << typed;
    EXPECT_EQ(found["items"].as_array()[0]["id"].to_text(), id) << typed;
  }
  EXPECT_TRUE(json_of(desk.call("GET", "/api/v1/search?q=xiamenx1ngfu", desk.token("steward")))["items"]
                  .as_array()
                  .empty());
}

TEST(Resources, AnEditNeedsTheVersionThatWasRead) {
  Desk desk;
  const std::string target = "/api/v1/customers/" + desk.mine, steward = desk.token("steward");
  const HttpResponse read = desk.call("GET", target, steward);
  const std::string etag = Desk::header(read, "ETag");
  ASSERT_FALSE(etag.empty());
  EXPECT_EQ(desk.call("GET", target, steward, "", {{"If-None-Match", etag}}).status, 304);
  const std::string body = R"({"fields":{"note":"first"}})";
  EXPECT_EQ(desk.call("PATCH", target, steward, body).status, 428);
  EXPECT_EQ(desk.call("PATCH", target, steward, body, {{"If-Match", "\"other\""}}).status, 412);
  const HttpResponse edited = desk.call("PATCH", target, steward, body, {{"If-Match", etag}});
  ASSERT_EQ(edited.status, 200) << edited.body;
  EXPECT_EQ(json_of(edited)["fields"]["note"]["value"].to_text(), "first");
  EXPECT_EQ(
      desk.call("PATCH", target, steward, R"({"fields":{"note":"second"}})", {{"If-Match", etag}}).status,
      412)
      << "somebody else's edit is not overwritten unseen";
  EXPECT_EQ(desk.call("PATCH", target, steward, R"({"fields":{"no.such":"x"}})", {{"If-Match", "*"}}).status,
            422);
  EXPECT_EQ(
      desk.call("PATCH", target, steward, R"({"fields":{"note":"x"},"id":"cus_1"})", {{"If-Match", "*"}})
          .status,
      422)
      << "unknown members are refused";
}

TEST(Resources, TheSameRequestTwiceHappensOnce) {
  Desk desk;
  const std::string token = desk.token("integrator");
  const auto send = [&](const std::string& reason) {
    return desk.call("POST", "/api/v1/dead-letters/replay", token, "{\"ids\":[\"" + desk.letter + "\"]}",
                     {{"Idempotency-Key", reason}});
  };
  const HttpResponse first = send("a"), again = send("a");
  EXPECT_EQ(first.status, again.status);
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(Desk::header(again, "Idempotent-Replay"), "true");
  EXPECT_EQ(desk.call("POST", "/api/v1/dead-letters/replay", token, R"({"ids":["other"]})",
                      {{"Idempotency-Key", "a"}})
                .status,
            422);
  EXPECT_TRUE(Desk::header(send("b"), "Idempotent-Replay").empty());
}

TEST(Resources, MergeAndSplitGoThroughTheSameEngine) {
  Desk desk;
  const std::string steward = desk.token("steward");
  const HttpResponse merged = desk.call("POST", "/api/v1/customers/" + desk.mine + "/merge", steward,
                                        "{\"from\":\"" + desk.colleagues + "\"}");
  ASSERT_EQ(merged.status, 200) << merged.body;
  EXPECT_EQ(json_of(desk.call("GET", "/api/v1/customers/" + desk.colleagues, steward))["id"].to_text(),
            desk.mine);
  EXPECT_EQ(
      desk.call("POST", "/api/v1/customers/" + desk.mine + "/merge", desk.token("sales"), R"({"from":"x"})")
          .status,
      403);
}

TEST(Resources, LimitsAndWrongRequests) {
  Desk desk({5, 3, false, true});
  const std::string token = desk.token("steward");
  int refused = 0;
  for (int i = 0; i < 15; ++i) refused += desk.call("GET", "/api/v1/customers", token).status == 429 ? 1 : 0;
  EXPECT_GE(refused, 4);
  EXPECT_LE(refused, 6) << "a burst of two seconds' worth passes";
  int strangers = 0;
  for (int i = 0; i < 12; ++i)
    strangers += desk.call("GET", "/api/v1/customers", "", "", {}, "10.3.3.3").status == 429 ? 1 : 0;
  EXPECT_GE(strangers, 5);
  Desk open;
  const std::string free = open.token("steward");
  EXPECT_EQ(open.call("GET", "/api/v1/customers?limit=1&limit=2", free).status, 400);
  EXPECT_EQ(open.call("GET", "/api/v1/customers?x=%ff", free).status, 400);
  EXPECT_EQ(open.call("GET", "/api/v1/customers", free, "{}").status, 400);
  EXPECT_EQ(
      open.call("POST", "/api/v1/exports", free, "{\"reason\":\"long enough\",\"reason\":\"twice\"}").status,
      400);
  EXPECT_EQ(open.call("POST", "/api/v1/exports", free, std::string(40, '[') + std::string(40, ']')).status,
            400)
      << "depth";
  EXPECT_EQ(open.call("POST", "/api/v1/exports", free, "x=1",
                      {{"Content-Type", "application/x-www-form-urlencoded"}})
                .status,
            415);
  EXPECT_EQ(open.call("GET", "/api/v1/" + std::string(5000, 'a'), free).status, 413);
  EXPECT_EQ(open.call("DELETE", "/api/v1/customers", free).status, 405);
  EXPECT_EQ(open.call("GET", "/api/v2/customers", free).status, 404);
  EXPECT_EQ(open.call("GET", "/api/v1/customers/%00", free).status, 404);
}

TEST(Resources, ProblemsSayWhatAndWhere) {
  Desk desk;
  const HttpResponse response = desk.call("POST", "/api/v1/exports", desk.token("steward"),
                                          R"({"entity":"nothing","reason":"long enough"})");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(Desk::header(response, "Content-Type"), "application/problem+json");
  const Value body = json_of(response);
  EXPECT_EQ(body["where"].to_text(), "/entity");
  EXPECT_THAT(body["detail"].to_text(), HasSubstr("one of"));
  EXPECT_EQ(body["status"].to_text(), "422");
}

TEST(Resources, EventsShowWhatTheCallerMaySee) {
  Desk desk;
  const auto first_of = [&](const std::string& role) {
    const HttpResponse response = desk.call("GET", "/api/v1/events", desk.token(role));
    EXPECT_EQ(response.status, 200);
    return response.events == nullptr ? std::string("none") : response.events->next().value_or("ended");
  };
  EXPECT_THAT(first_of("steward"), HasSubstr("event: reviews\ndata: {"));
  EXPECT_THAT(first_of("steward"), HasSubstr("event: dead-letters\ndata: {\"open\":1}"));
  EXPECT_EQ(first_of("auditor"), "");
  const HttpResponse watching = desk.call("GET", "/api/v1/events", desk.token("integrator"));
  watching.events->next();
  EXPECT_EQ(watching.events->next(), "") << "nothing changed, nothing is told";
  store::Run run;
  run.id = "run_test";
  run.job = "sync";
  run.started = desk.now();
  ASSERT_TRUE(desk.hub()
                  .store()
                  .write([&](store::Transaction& t) -> model::Status {
                    t.save(run);
                    return {};
                  })
                  .ok());
  EXPECT_THAT(watching.events->next().value_or(""), HasSubstr("event: run\ndata: {\"id\":\"run_test\""));
}

}  // namespace
}  // namespace huiliu::api
