// A site that answers badly in every way: each is a clear error that names the connection, stream or record,
// the rest goes on, and nothing is lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>

#include "sdk/twin/http_server.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Value;
using testing::HasSubstr;

class BrokenSite : public testing::Test {
 protected:
  BrokenSite()
      : server_([this](const twin::HttpRequest& request) { return answer(request); }), world_(1, 1, {}) {
    std::ofstream(world_.directory / "token") << "t0ken";
    std::ofstream(world_.config / "connections/site.yaml")
        << "connector: webhook\nrole: site\nstage: observe\nsettings:\n  scheme: none\n  read_url: "
        << server_.url() << "\n  read_token: \"${file:" << (world_.directory / "token").string() << "}\"\n";
  }

  twin::HttpResponse answer(const twin::HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.path.find("customers") == std::string::npos)
      return twin::json_response(R"({"items":[],"cursor":"c1","more":false})");
    twin::HttpResponse response = twin::json_response(customers_);
    if (!content_type_.empty()) response.headers = {{"Content-Type", content_type_}};
    return response;
  }
  void shows(std::string body, std::string content_type = {}) {
    const std::lock_guard lock(mutex_);
    customers_ = std::move(body);
    content_type_ = std::move(content_type);
  }
  void shows_items(const std::string& items) {
    shows(R"({"items":[)" + items + R"(],"cursor":"c1","more":false})");
  }
  Finished sync() { return world_.huiliu({"sync", "--once", "--full"}); }
  std::vector<Value> dead_letters() {
    const Value letters = world_.huiliu({"dead-letter", "list"}).json();
    return {letters.as_array().begin(), letters.as_array().end()};
  }
  std::size_t customers() { return world_.huiliu({"customer", "list"}).json().as_array().size(); }
  // The run failed, says where, and a good page afterwards heals everything.
  void expect_clear_error(const std::string& what) {
    const Finished finished = sync();
    EXPECT_EQ(finished.exit_code, 1) << what;
    EXPECT_THAT(finished.err, HasSubstr("site/customers")) << what;
    shows_items(R"({"id":"S1","name":"青岛好站点贸易有限公司"})");
    EXPECT_EQ(sync().exit_code, 0) << what;
    EXPECT_EQ(customers(), 1U) << what;
  }

  std::mutex mutex_;
  std::string customers_ = R"({"items":[],"cursor":"c1","more":false})", content_type_;
  twin::HttpServer server_;
  Installation world_;
};

TEST_F(BrokenSite, AnHtmlPageIsNoList) {
  shows("<!DOCTYPE html><html><body>Please sign in</body></html>", "text/html");
  expect_clear_error("html");
}

TEST_F(BrokenSite, TruncatedJsonIsNoShorterList) {
  shows(R"({"items":[{"id":"S1","name":"青岛)");
  expect_clear_error("truncated");
}

TEST_F(BrokenSite, AnAnswerOfTwoHundredMegabytesIsRefusedAndTheHubLives) {
  shows(R"({"items":[{"id":"S1","name":")" + std::string(200U << 20U, 'x') + R"("}],"more":false})");
  expect_clear_error("200 MB");
}

TEST_F(BrokenSite, InvalidUtf8IsNotTakenForText) {
  shows_items("{\"id\":\"S1\",\"name\":\"\xC7\xE0\xB5\xBA\xC3\xB3\xD2\xD7\"}");
  const Finished finished = sync();
  EXPECT_EQ(customers(), 0U);
  EXPECT_TRUE(finished.exit_code == 1 || !dead_letters().empty()) << finished.out;
  shows_items(R"({"id":"S1","name":"青岛好站点贸易有限公司"})");
  EXPECT_EQ(sync().exit_code, 0);
  EXPECT_EQ(customers(), 1U);
}

TEST_F(BrokenSite, ARecordWithoutAnIdIsKeptWholeAndTheRestGoesOn) {
  shows_items(
      R"({"name":"青岛无号贸易有限公司","phone":"0532-88880001"},{"id":"S2","name":"青岛有号贸易有限公司"})");
  const Finished finished = sync();
  EXPECT_EQ(customers(), 1U) << finished.err;
  const auto letters = dead_letters();
  ASSERT_EQ(letters.size(), 1U) << finished.err;
  EXPECT_EQ(letters.front()["connection"].to_text(), "site");
  EXPECT_EQ(letters.front()["stream"].to_text(), "customers");
  const Value shown = world_.huiliu({"dead-letter", "show", letters.front()["id"].to_text()}).json();
  EXPECT_THAT(shown["raw"].to_text(), HasSubstr("0532-88880001"));
}

TEST_F(BrokenSite, ARecordWithAMemberTwiceIsKeptWholeAndTheRestGoesOn) {
  shows_items(
      R"({"id":"S1","name":"青岛甲贸易有限公司","name":"青岛乙贸易有限公司"},{"id":"S2","name":"青岛丙贸易有限公司"})");
  const Finished finished = sync();
  EXPECT_LE(customers(), 1U) << "nobody knows which name is right: " << finished.err;
  EXPECT_TRUE(finished.exit_code == 1 || dead_letters().size() == 1) << finished.out;
}

TEST_F(BrokenSite, AKeyTwiceInOnePageIsKeptWholeAndTheRestGoesOn) {
  shows_items(
      R"({"id":"S1","name":"青岛甲贸易有限公司"},{"id":"S1","name":"青岛乙贸易有限公司"},{"id":"S2","name":"青岛丙贸易有限公司"})");
  sync();
  EXPECT_EQ(customers(), 2U);
  const auto letters = dead_letters();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters.front()["key"].to_text(), "S1");
  EXPECT_EQ(letters.front()["cause"].to_text(), "duplicate_key");
  shows_items(R"({"id":"S1","name":"青岛甲贸易有限公司"},{"id":"S2","name":"青岛丙贸易有限公司"})");
  EXPECT_EQ(sync().exit_code, 0);
  EXPECT_EQ(customers(), 2U);
  EXPECT_TRUE(dead_letters().empty()) << "corrected there, so closed here";
}

TEST_F(BrokenSite, AWrongTokenSaysWhoseItIs) {
  twin::HttpServer refusing([](const twin::HttpRequest&) {
    return twin::json_response(R"({"error":{"code":"unauthorized"}})", 401);
  });
  std::ofstream(world_.config / "connections/site.yaml")
      << "connector: webhook\nrole: site\nsettings:\n  scheme: none\n  read_url: " << refusing.url()
      << "\n  read_token: \"${file:" << (world_.directory / "token").string() << "}\"\n";
  const Finished checked = world_.huiliu({"connection", "check", "site"});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.err, HasSubstr("site"));
  EXPECT_THAT(checked.err, testing::Not(HasSubstr("t0ken"))) << "no secret in an error";
}

// Configuration: every kind of mistake is told with file and line, all at once.
struct Mistake {
  const char* text;
  int line;
  const char* says;
};

TEST(Configuration, EveryMistakeNamesItsPlace) {
  Installation world(1, 1, {});
  const std::string good = "connector: webhook\nrole: site\n";
  const Mistake mistakes[] = {
      {"connector: webhook\nrole: site\nsettings: [\n", 4, "YAML"},
      {"connector: webhook\nrole: site\nstagee: observe\n", 3, "stagee"},
      {"connector: webhook\nrole: boss\n", 2, "boss"},
      {"connector: webhook\nrole: site\nstage: three_way\n", 3, "three_way"},
      {"connector: webhook\nrole: site\nsettings: 7\n", 3, "settings"},
      {"connector: webhook\nrole: site\nsettings: {page_size: lots}\n", 3, "page_size"},
      {"connector: webhook\nrole: site\nscope: \"lifecycle = \"\n", 3, "expression"},
      {"connector: webhook\nrole: site\nschedule: {every: soon}\n", 3, "soon"},
      {"connector: webhook\nrole: site\nrights: {customer: {nam: O}}\n", 3, "nam"},
      {"connector: webhook\nrole: site\nbrakes: {changed: lots}\n", 3, "a limit is"},
      {"connector: webhook\nrole: site\nsweep: never\n", 3, "never"},
      {"role: site\n", 1, "connector"},
      {"connector: nobody\nrole: site\n", 1, "nobody"},
      {"connector: webhook\nrole: site\nrole: erp\n", 3, "duplicate"},
  };
  for (const Mistake& mistake : mistakes) {
    std::ofstream(world.config / "connections/site.yaml") << mistake.text;
    const Finished validated = world.huiliu({"config", "validate"});
    EXPECT_EQ(validated.exit_code, 1) << mistake.text;
    EXPECT_THAT(validated.err, HasSubstr("connections/site.yaml:" + std::to_string(mistake.line) + ":"))
        << mistake.text;
    EXPECT_THAT(validated.err, HasSubstr(mistake.says)) << mistake.text;
  }
  std::ofstream(world.config / "connections/site.yaml") << good;
  std::ofstream(world.config / "connections/other.yaml") << "connector: x\n";
  std::ofstream(world.config / "connections/third.yaml") << "role: site\n";
  const Finished all = world.huiliu({"config", "validate"});
  EXPECT_THAT(all.err, HasSubstr("other.yaml"));
  EXPECT_THAT(all.err, HasSubstr("third.yaml")) << "all at once";
}

}  // namespace
}  // namespace huiliu::e2e
