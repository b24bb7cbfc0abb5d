// A serving hub: HTTP, webhooks that are applied as they come, commands over the control socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "hub/host/http.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;

class Serving : public testing::Test {
 protected:
  Serving() : world_(40), server_(start()) {}
  ~Serving() override {
    server_->terminate();
    EXPECT_EQ(server_->wait().exit_code, 0);
  }

  std::unique_ptr<Process> start() {
    world_.settle();
    auto server = std::make_unique<Process>(world_.command({"serve"}), world_.directory);
    EXPECT_TRUE(server->wait_for_text("http://", 20));
    url_ = server->text_after("http://");
    return server;
  }

  host::HttpAnswer request(const std::string& method, const std::string& path,
                           const std::string& body = {}) const {
    static const auto transport = host::make_live_transport();
    host::HttpRequest out;
    out.method = method;
    out.url = url_ + path;
    out.body = body;
    return transport->exchange(out, {});
  }

  // Asks again until it holds, for at most twenty seconds.
  template <class Condition>
  static bool eventually(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < until) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));  // between two looks at the condition
    }
    return false;
  }

  Installation world_;
  std::string url_;
  std::unique_ptr<Process> server_;
};

TEST_F(Serving, AnswersHealthAndMetricsAndRefusesTheRest) {
  EXPECT_EQ(request("GET", "/healthz").code, 200);
  EXPECT_EQ(request("GET", "/readyz").code, 200);
  const host::HttpAnswer metrics = request("GET", "/metrics");
  EXPECT_EQ(metrics.code, 200);
  EXPECT_THAT(metrics.body,
              testing::HasSubstr("huiliu_records{connection=\"kingdee\",stream=\"customers\"}"));
  EXPECT_EQ(request("GET", "/nothing").code, 404);
  EXPECT_EQ(request("POST", "/healthz").code, 405);
  EXPECT_EQ(request("POST", "/hooks/ghost", "{}").code, 404);
  EXPECT_EQ(request("DELETE", "/hooks/site").code, 405);
  EXPECT_EQ(request("POST", "/hooks/site", std::string(2 << 20, 'x')).code, 413);
  EXPECT_THAT(request("POST", "/hooks/site", "{}").code, testing::AnyOf(400, 401)) << "unsigned";
}

TEST_F(Serving, CommandsReachTheHubThatOwnsTheStore) {
  const Finished synced = world_.huiliu({"sync", "--once"});
  EXPECT_EQ(synced.exit_code, 0) << synced.err;
  EXPECT_EQ(synced.json().as_array().front()["state"].to_text(), "succeeded");
  const auto mode = std::filesystem::status(world_.store.string() + ".sock").permissions();
  EXPECT_EQ(mode & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(world_.huiliu({"serve"}).exit_code, 1) << "a store has one owner";
}

TEST_F(Serving, AnEventOfTheSiteBecomesAChangeRequestAtOnce) {
  world_.post("site", "/webhook-target", Object{{"url", url_ + "/hooks/site"}});
  const auto shared = world_.shared("customer", {"kingdee", "site"});
  ASSERT_FALSE(shared.empty());
  const std::string id = shared.front()["id"].to_text();
  world_.edit("site", "customers", Installation::key_in(shared.front(), "site"),
              {{"name", "事件改名试验有限公司"}});
  EXPECT_TRUE(eventually([&] {
    const Value reviews = world_.huiliu({"review", "list", "--kind", "change"}).json();
    for (const Value& review : reviews.as_array())
      if (review["customer"].to_text() == id) return true;
    return false;
  }));
}

}  // namespace
}  // namespace huiliu::e2e
