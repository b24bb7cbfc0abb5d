// A serving hub: HTTP, webhooks that are applied as they come, commands over the control socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>

#include "hub/config/config.hpp"
#include "hub/crypt/hash.hpp"
#include "hub/host/http.hpp"
#include "hub/host/redactor.hpp"
#include "hub/store/store.hpp"
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
  EXPECT_THAT(metrics.body, testing::HasSubstr("huiliu_build_info{version=\""));
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

// Every event that was answered by 2xx is in the store, whenever the process dies.
TEST(ServingKilled, LosesNoWebhookThatItAccepted) {
  Installation world(5, 1, {"site"});
  {
    std::ofstream site(world.config / "connections/site.yaml", std::ios::app);
    site << "schedule: {every: 1d, webhook: false}\n";  // what came stays as it came
  }
  Process server(world.command({"serve"}), world.directory);
  ASSERT_TRUE(server.wait_for_text("http://", 20));
  const std::string url = server.text_after("http://") + "/hooks/site";
  std::ifstream file(world.directory / "site.signing_secret");
  std::string secret((std::istreambuf_iterator<char>(file)), {}), key;
  ASSERT_TRUE(secret.starts_with("whsec_") && host::base64_decode(secret.substr(6), key))
      << "the twin's secret";

  std::mutex mutex;
  std::set<std::string> accepted;
  std::atomic<int> next{0};
  std::atomic<bool> killed{false};
  const auto transport = host::make_live_transport();
  std::vector<std::thread> senders;
  for (int sender = 0; sender < 8; ++sender)
    senders.emplace_back([&] {
      while (!killed) {
        const std::string record = "S" + std::to_string(next++), id = "msg_" + record,
                          at = std::to_string(std::time(nullptr));
        host::HttpRequest request;
        request.method = "POST";
        request.url = url;
        request.body = R"({"type":"customer.updated","timestamp":"2026-01-01T00:00:00Z","data":{"id":")" +
                       record + R"(","version":"1","name":"试验"}})";
        request.headers = {{"webhook-id", id},
                           {"webhook-timestamp", at},
                           {"webhook-signature", "v1," + host::base64_encode(crypt::hmac_sha256(
                                                             key, id + "." + at + "." + request.body))}};
        const host::HttpAnswer answer = transport->exchange(request, {});
        if (answer.code / 100 != 2) continue;
        const std::lock_guard lock(mutex);
        accepted.insert(record);
      }
    });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < until) {
    {
      const std::lock_guard lock(mutex);
      if (accepted.size() >= 200) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // between two looks at the condition
  }
  server.kill_hard();
  killed = true;
  for (std::thread& sender : senders) sender.join();
  ASSERT_GE(accepted.size(), 200U);

  const auto config = config::load({world.config.string(), std::string(HUILIU_SOURCE_DIR) + "/config"});
  ASSERT_NE(config.config, nullptr);
  auto store =
      store::open_store("sqlite:" + world.store.string(), config.config->schema, store::OpenMode::owner);
  ASSERT_TRUE(store.ok()) << store.error().text();
  std::set<std::string> stored;
  const model::Status read = (*store)->read([&](store::Snapshot& snapshot) -> model::Status {
    for (const store::Delivery& delivery : snapshot.pending_deliveries("site", 1'000'000))
      for (const auto& hint : delivery.hints) stored.insert(hint.key);
    return {};
  });
  ASSERT_TRUE(read.ok());
  for (const std::string& record : accepted) EXPECT_TRUE(stored.contains(record)) << record;
}

}  // namespace
}  // namespace huiliu::e2e
