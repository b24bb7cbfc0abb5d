// The shipped connectors under the conformance kit, each against its twin.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

// In the kit's own process, and in a sandboxed child: the findings are the same.
class Kit : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(Kit, FindsNothingInAShippedConnector) {
  const auto& [shipped, isolation] = GetParam();
  Installation place(20, 1, {});
  const Finished finished = place.huiliu(
      {"plugin", "test", std::string(HUILIU_BINARY_DIR) + "/plugins/libhuiliu-" + shipped + ".so",
       "--isolation", isolation});
  const model::Value report = finished.json();
  ASSERT_FALSE(report["findings"].is_null()) << finished.err;
  for (const model::Value& finding : report["findings"].as_array()) {
    if (finding["verdict"].to_text() != "failed") continue;
    ADD_FAILURE() << finding["check"].to_text() << " [" << finding["stream"].to_text()
                  << "]: " << finding["message"].to_text();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Connectors, Kit,
    testing::Combine(testing::Values("kingdee", "yonyou", "dingtalk", "wecom", "webhook"),
                     testing::Values("process", "child")),
    [](const auto& made) { return std::string(std::get<0>(made.param)) + "_" + std::get<1>(made.param); });

}  // namespace
}  // namespace huiliu::e2e
