#include "sdk/twin/event_sender.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace huiliu::twin {
namespace {

using std::chrono::milliseconds;

TEST(EventSender, RetriesWithFreshRequestsAndKeepsOrder) {
  std::mutex mutex;
  std::vector<std::string> bodies;
  const HttpServer server([&](const HttpRequest& request) {
    const std::lock_guard<std::mutex> guard(mutex);
    bodies.push_back(request.body);
    return text_response("", bodies.size() < 3 ? 503 : 200);
  });
  EventSender sender({milliseconds(1), milliseconds(1), milliseconds(1)});
  std::atomic<int> attempt{0};
  sender.post([&] {
    return ClientRequest{"POST", server.url() + "/", {}, "first " + std::to_string(++attempt)};
  });
  sender.post([&] { return ClientRequest{"POST", server.url() + "/", {}, "second"}; });
  ASSERT_TRUE(sender.wait_idle(milliseconds(10'000)));
  EXPECT_EQ(bodies, (std::vector<std::string>{"first 1", "first 2", "first 3", "second"}));
  EXPECT_EQ(sender.totals().delivered, 2U);
  EXPECT_EQ(sender.totals().attempts, 4U);
}

TEST(EventSender, GivesUpAndGoesOn) {
  std::atomic<int> calls{0};
  const HttpServer server([&](const HttpRequest&) {
    ++calls;
    return text_response("", 500);
  });
  EventSender sender({milliseconds(1)});
  sender.post([&] { return ClientRequest{"POST", server.url() + "/"}; });
  ASSERT_TRUE(sender.wait_idle(milliseconds(10'000)));
  EXPECT_EQ(sender.totals().given_up, 1U);
  EXPECT_EQ(calls, 2);
}

TEST(EventSender, StopsWhileItWaits) {
  EventSender sender({std::chrono::hours(1)});
  sender.post([] { return ClientRequest{"POST", "http://127.0.0.1:1/"}; });
  EXPECT_FALSE(sender.wait_idle(milliseconds(20)));
}

}  // namespace
}  // namespace huiliu::twin
