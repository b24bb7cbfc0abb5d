// A serving hub that nobody outside can reach: DingTalk's events come over the connection the hub opened.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "hub/config/yaml.hpp"
#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

using model::Object;
using model::Value;

class StreamMode : public testing::Test {
 protected:
  StreamMode() : world_(40) {
    world_.settle();
    const std::string file = (world_.config / "connections/dingtalk.yaml").string();
    auto document = config::read_yaml(file, "dingtalk.yaml");
    if (!document.ok()) {
      ADD_FAILURE() << document.error().text();
      return;
    }
    Value connection = document->value;
    connection.as_object().find("settings")->as_object().set("stream", true);
    std::ofstream(file) << config::to_yaml(connection);
    server_ = std::make_unique<Process>(world_.command({"serve"}), world_.directory);
    EXPECT_TRUE(server_->wait_for_text("http://", 30));
  }
  ~StreamMode() override {
    server_->terminate();
    EXPECT_EQ(server_->wait().exit_code, 0) << "a listening connection does not hold the end up";
  }

  // Asks again until it holds, for at most thirty seconds.
  template <class Condition>
  static bool eventually(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < until) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));  // between two looks at the condition
    }
    return false;
  }

  Installation world_;
  std::unique_ptr<Process> server_;
};

TEST_F(StreamMode, AnEditInDingTalkReachesTheHubWithoutAScheduleAndWithoutAnAddress) {
  ASSERT_TRUE(eventually([&] { return world_.get("dingtalk", "/stream")["connections"].to_text() == "1"; }));
  const auto shared = world_.shared("customer", {"kingdee", "dingtalk"});
  ASSERT_FALSE(shared.empty());
  const std::string id = shared.front()["id"].to_text();
  world_.edit("dingtalk", "customers", Installation::key_in(shared.front(), "dingtalk"),
              {{"customer_name", "长连接改名试验有限公司"}});
  EXPECT_TRUE(eventually([&] {
    if (model::to_json(world_.customer(id)).find("长连接改名试验有限公司") != std::string::npos) return true;
    const Value reviews = world_.huiliu({"review", "list", "--kind", "change"}).json();
    for (const Value& review : reviews.as_array())
      if (review["customer"].to_text() == id) return true;
    return false;
  }));
  EXPECT_TRUE(eventually([&] { return world_.get("dingtalk", "/stream")["delivered"].to_text() != "0"; }));
}

}  // namespace
}  // namespace huiliu::e2e
