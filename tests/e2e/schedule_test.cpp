// Schedules in a serving hub: what changes somewhere arrives by itself, a slow system holds up itself only, a
// refused credential pauses its connection and no other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "hub/host/http.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace schedule_test {

namespace fs = std::filesystem;
using model::Object;
using model::Value;

template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(40);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // between two looks at the condition
  }
  return false;
}

class Schedules : public testing::Test {
 protected:
  Schedules() : world(40, 4, {"kingdee", "dingtalk"}) {
    world.settle();
    for (const char* name : {"kingdee", "dingtalk"})
      std::ofstream(world.config / "connections" / (std::string(name) + ".yaml"), std::ios::app)
          << "schedule: {every: 1s, overlap: skip}\n";
  }
  std::string state(const std::string& connection) const {
    const Value list = world.huiliu({"connection", "list"}).json();
    for (const Value& row : list.as_array())
      if (row["name"].to_text() == connection) return row["state"].to_text();
    return {};
  }
  std::size_t runs(const std::string& job, const std::string& state) const {
    std::size_t count = 0;
    const Value list = world.huiliu({"run", "list", "--job", job}).json();
    for (const Value& run : list.as_array()) count += run["state"].to_text() == state ? 1 : 0;
    return count;
  }

  Installation world;
};

TEST_F(Schedules, AChangeArrivesByItselfAndASlowSystemHoldsUpItselfOnly) {
  Process server(world.command({"serve"}), world.directory);
  ASSERT_TRUE(server.wait_for_text("http://", 20));
  const auto contacts = world.shared("contact", {"kingdee", "dingtalk"});
  ASSERT_FALSE(contacts.empty());
  world.edit("dingtalk", "contacts", Installation::key_in(contacts[0], "dingtalk"),
             {{"contact_phone", "13800005001"}});
  const std::string key = Installation::key_in(contacts[0], "kingdee");
  EXPECT_TRUE(eventually(
      [&] { return value_text(world.record("kingdee", "contacts", key), "FMobile") == "13800005001"; }));

  world.post("kingdee", "/faults", Object{{"slow", Object{{"probability", 1}, {"ms", 20000}}}});
  const std::size_t before = runs("dingtalk", "succeeded");
  EXPECT_TRUE(eventually([&] { return runs("dingtalk", "succeeded") >= before + 4; }))
      << "the CRM is read on while the ERP hangs";
  world.post("kingdee", "/faults", Object{});
  server.terminate();
  EXPECT_EQ(server.wait().exit_code, 0) << "a hanging call does not hold up the end";
}

TEST_F(Schedules, ARefusedCredentialPausesItsConnectionAndSaysSo) {
  // Another secret than the system knows.
  const fs::path connection = world.config / "connections" / "kingdee.yaml";
  std::ifstream in(connection);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::size_t at = text.find("${");
  ASSERT_NE(at, std::string::npos) << text;
  std::ofstream(world.directory / "wrong.secret") << "not-the-secret";
  text.replace(at, text.find('}', at) + 1 - at,
               "${file:" + (world.directory / "wrong.secret").string() + "}");
  std::ofstream(connection) << text;
  std::ofstream(world.config / "hub.yaml", std::ios::app)
      << "alerts: {streams: [dingtalk/robot], group: 1s, urgent: [paused]}\n";
  Process server(world.command({"serve"}), world.directory);
  ASSERT_TRUE(server.wait_for_text("http://", 20));
  ASSERT_TRUE(eventually([&] { return state("kingdee") == "paused"; })) << server.output();
  EXPECT_EQ(state("dingtalk"), "active");
  const std::size_t before = runs("dingtalk", "succeeded");
  EXPECT_TRUE(eventually([&] { return runs("dingtalk", "succeeded") >= before + 2; }));
  const Value failed = world.huiliu({"run", "list", "--job", "kingdee"}).json();
  ASSERT_GT(failed.as_array().size(), 0U);
  const Value shown = world.huiliu({"run", "show", failed.as_array().back()["id"].to_text()}).json();
  ASSERT_GT(shown["errors"].as_array().size(), 0U) << model::to_json(shown);
  EXPECT_EQ(shown["errors"].as_array()[0]["class"].to_text(), "auth");
  EXPECT_THAT(shown["errors"].as_array()[0]["fix"]["en"].to_text(), testing::HasSubstr("connection resume"));
  // The office suite's robot says it in the group, once.
  const auto robot = [&] { return model::to_json(world.get("dingtalk", "/state")["robot"]); };
  EXPECT_TRUE(eventually([&] { return robot().find("paused kingdee") != std::string::npos; })) << robot();
  EXPECT_EQ(robot().find("paused kingdee", robot().find("paused kingdee") + 200), std::string::npos)
      << robot();
  // Whoever looks finds it too.
  ASSERT_EQ(world.huiliu({"user", "add", "zhou", "--roles", "integrator"}).exit_code, 0);
  const Value token =
      world.huiliu({"token", "add", "bi", "--user", "zhou", "--functions", "connections.read"}).json();
  host::HttpRequest request;
  request.url = server.text_after("http://") + "/api/v1/alerts";
  request.headers = {{"Authorization", "Bearer " + token["token"].to_text()}};
  const auto transport = host::make_live_transport();
  std::string alerts;
  EXPECT_TRUE(eventually([&] {
    alerts = transport->exchange(request, {}).body;
    return alerts.find("\"kind\":\"paused\",\"about\":\"kingdee\"") != std::string::npos;
  })) << alerts;
  server.terminate();
  EXPECT_EQ(server.wait().exit_code, 0);
}

}  // namespace schedule_test
}  // namespace huiliu::e2e
