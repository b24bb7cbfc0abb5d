#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "sdk/twin/http_client.hpp"
#include "sdk/twin/twin.hpp"

namespace huiliu::twin {
namespace {

using boost::json::object;
using boost::json::value;

// The smallest vendor: GET /things lists, PUT /things/K writes.
class ToyTwin : public Twin {
 public:
  using Twin::Twin;

  HttpResponse handle(const HttpRequest& request) override {
    if (request.method == "PUT") {
      store().update("things", request.path.substr(8), boost::json::parse(request.body).as_object(),
                     Origin::api);
      return json_response("{}");
    }
    boost::json::array list;
    if (!request.empty_list)
      for (const auto& [key, record] : store().page("things", "", 100)) list.emplace_back(*record);
    return json_response(boost::json::serialize(object{{"host", request.host}, {"list", list}}));
  }
  void populate(const World& world) override {
    for (const SystemCustomer& customer : world.system("kingdee").customers)
      store().create("things", std::to_string(customer.ordinal),
                     {{"id", std::to_string(customer.ordinal)}, {"name", customer.name}}, Origin::load);
  }
  std::string key_of(std::string_view, const object& body) const override {
    if (!body.contains("id")) throw TwinError(400, "no_key", "no id");
    return std::string(body.at("id").as_string());
  }
  std::string next_key(std::string_view) override { return "new1"; }
  std::vector<std::string> hosts() const override { return {"url", "old_url"}; }
  void expire_tokens() override { expired = true; }
  std::optional<HttpResponse> control(const HttpRequest& request) override {
    if (request.path != "/own") return std::nullopt;
    return json_response(R"({"own":true})");
  }

  bool expired = false;
};

class TwinServerTest : public ::testing::Test {
 protected:
  TwinServerTest() : server(toy, "toy", [] { return std::string(R"({"customers":[]})"); }) {
    server.locked([&] { toy.store().create("things", "1", {{"id", "1"}, {"name", "甲"}}, Origin::load); });
  }

  HttpAnswer api(const std::string& method, const std::string& path, const std::string& body = {}) {
    return http_send({method, server.url() + path, {}, body});
  }
  value control(const std::string& method, const std::string& path, const std::string& body = {},
                int status = 200) {
    const HttpAnswer answer = http_send({method, server.control_url() + path, {}, body});
    EXPECT_EQ(answer.status, status) << answer.body;
    return boost::json::parse(answer.body);
  }

  ToyTwin toy{TwinOptions{}};
  TwinServer server;
};

TEST_F(TwinServerTest, ReadyLineNamesEveryHost) {
  const object line = server.ready_line();
  EXPECT_EQ(line.at("vendor"), "toy");
  EXPECT_EQ(line.at("url").as_string(), server.url());
  EXPECT_EQ(line.at("old_url").as_string(), server.url("old_url"));
  EXPECT_EQ(line.at("control").as_string(), server.control_url());
  EXPECT_EQ(line.at("settings").at("base_url").as_string(), server.url());
  EXPECT_EQ(boost::json::parse(http_send({"GET", server.url("old_url") + "/things"}).body).at("host"),
            "old_url");
}

TEST_F(TwinServerTest, APersonEditsCreatesAndDeletes) {
  EXPECT_EQ(control("POST", "/edit", R"({"stream":"things","key":"1","fields":{"name":"乙"},"as":"王敏"})")
                .at("key"),
            "1");
  EXPECT_EQ(control("GET", "/state").at("things").at(0).at("name"), "乙");
  EXPECT_EQ(control("POST", "/create", R"({"stream":"things","fields":{"name":"丙"}})").at("key"), "new1");
  EXPECT_EQ(control("GET", "/state?stream=things&key=new1").at("name"), "丙");
  EXPECT_EQ(control("POST", "/delete", R"({"stream":"things","key":1})").at("key"), "1");
  EXPECT_EQ(control("GET", "/state?stream=things").as_array().size(), 1U);
  EXPECT_EQ(control("GET", "/counters").at("person").at("updates"), 1);
  EXPECT_EQ(control("GET", "/counters").at("updates"), 0);
}

TEST_F(TwinServerTest, StateOfAStreamComesInPages) {
  server.locked([&] {
    for (const char* key : {"2", "10"}) toy.store().create("things", key, {{"id", key}}, Origin::load);
  });
  const auto first = control("GET", "/state?stream=things&limit=2");
  EXPECT_EQ(first.at("records").as_array().size(), 2U);
  const std::string after(first.at("after").as_string());
  const auto last = control("GET", "/state?stream=things&limit=2&after=" + after);
  ASSERT_EQ(last.at("records").as_array().size(), 1U);
  EXPECT_EQ(last.at("records").at(0).at("id"), "10");
  EXPECT_FALSE(last.as_object().contains("after"));
  EXPECT_EQ(control("GET", "/state?stream=things&limit=0", {}, 400).at("error").at("code"), "bad_request");
  EXPECT_EQ(control("GET", "/state?stream=things&limit=2x", {}, 400).at("error").at("code"), "bad_request");
}

TEST_F(TwinServerTest, ControlRefusesWithAReason) {
  EXPECT_EQ(
      control("POST", "/edit", R"({"stream":"things","key":"9","fields":{}})", 404).at("error").at("code"),
      "not_found");
  control("POST", "/edit", R"({"stream":"nothing","key":"1","fields":{}})", 404);
  control("POST", "/create", R"({"stream":"nothing","fields":{"id":"1"}})", 404);
  control("POST", "/create", R"({"stream":"things","fields":{"id":"1"}})", 409);
  control("POST", "/edit", "{", 400);
  control("POST", "/edit", "[]", 400);
  control("POST", "/edit", R"({"stream":"things","key":"1"})", 400);
  control("POST", "/clock", R"({"offset_ms":"x"})", 400);
  control("POST", "/faults", R"({"nonsense":1})", 400);
  control("GET", "/nothing", "", 404);
}

TEST_F(TwinServerTest, TheRestOfTheControlSurface) {
  EXPECT_EQ(control("GET", "/truth").at("customers").as_array().size(), 0U);
  EXPECT_EQ(control("GET", "/own").at("own"), true);
  control("POST", "/expire-tokens");
  EXPECT_TRUE(server.locked([&] { return toy.expired; }));
  const std::int64_t before = server.locked([&] { return toy.clock().now_ms(); });
  EXPECT_EQ(control("POST", "/clock", R"({"offset_ms":3600000})").at("offset_ms"), 3'600'000);
  EXPECT_GE(server.locked([&] { return toy.clock().now_ms(); }), before + 3'600'000);
  api("GET", "/things");
  EXPECT_EQ(control("GET", "/counters").at("calls"), (object{{"GET /things", 1}}));
  control("POST", "/counters/reset");
  EXPECT_EQ(control("GET", "/counters").at("calls"), object());
}

TEST_F(TwinServerTest, FaultsSpoilTheAnswerAndSomeTheEffect) {
  const auto name_after = [&](const std::string& fault, const std::string& name) {
    control("POST", "/faults", R"({")" + fault + R"(":{"next":1}})");
    const HttpAnswer answer = api("PUT", "/things/1", R"({"name":")" + name + "\"}");
    return std::to_string(answer.status) + " " +
           server.locked([&] { return std::string(toy.store().get("things", "1")->at("name").as_string()); });
  };
  EXPECT_EQ(name_after("drop", "a"), "0 甲");
  EXPECT_EQ(name_after("http_502", "a"), "502 甲");
  EXPECT_EQ(name_after("html", "a"), "200 甲");
  EXPECT_EQ(name_after("rate_limit", "a"), "429 甲");
  EXPECT_EQ(name_after("timeout_after_commit", "b"), "0 b");
  EXPECT_EQ(name_after("partial_body", "c"), "0 c");
  EXPECT_EQ(name_after("truncated", "d"), "200 d");
  control("POST", "/faults", R"({"empty_list":{"next":1}})");
  EXPECT_EQ(boost::json::parse(api("GET", "/things").body).at("list").as_array().size(), 0U);
  EXPECT_EQ(boost::json::parse(api("GET", "/things").body).at("list").as_array().size(), 1U);
}

TEST(TwinData, LoadsOneRecordALineAndNamesTheBadOne) {
  const auto directory =
      std::filesystem::temp_directory_path() / ("huiliu-twin-test-" + std::to_string(getpid()));
  std::filesystem::create_directories(directory);
  {
    std::ofstream(directory / "things.jsonl") << R"({"id":"1","name":"甲"})"
                                              << "\r\n\n"
                                              << R"({"id":"2"})" << '\n';
    ToyTwin toy{TwinOptions{}};
    load_directory(toy, directory);
    EXPECT_EQ(toy.store().size("things"), 2U);
    EXPECT_EQ(toy.store().revision("things"), 0U);
  }
  {
    std::ofstream(directory / "things.jsonl") << R"({"id":"1","name":"theirs"})" << '\n';
    ToyTwin toy{TwinOptions{}};
    toy.store().create("things", "1", {{"id", "1"}, {"name", "brought along"}}, Origin::load);
    load_directory(toy, directory);
    EXPECT_EQ(toy.store().get("things", "1")->at("name").as_string(), "theirs");
  }
  for (const char* bad : {"{", "[]", R"({"name":"no id"})", R"({"id":"1"})"}) {
    std::ofstream(directory / "things.jsonl") << R"({"id":"1"})" << '\n' << bad << '\n';
    ToyTwin toy{TwinOptions{}};
    try {
      load_directory(toy, directory);
      FAIL() << bad;
    } catch (const TwinError& error) {
      EXPECT_NE(std::string(error.what()).find("things.jsonl:2:"), std::string::npos) << error.what();
    }
  }
  std::filesystem::remove_all(directory);
  ToyTwin toy{TwinOptions{}};
  EXPECT_THROW(load_directory(toy, directory), TwinError);
}

}  // namespace
}  // namespace huiliu::twin
