// The shipped connectors under the conformance kit, each against its twin.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "tests/e2e/installation.hpp"

namespace huiliu::e2e {
namespace {

struct Shipped {
  const char* name;
  // What the kit finds and is known: a look-up of reference data that shows more than its list; a natural key
  // that the vendor cannot be asked for; a webhook, for which every 2xx is a success whatever its body is.
  std::set<std::string> known;
};

// In the kit's own process, and in a sandboxed child: the findings are the same.
class Kit : public testing::TestWithParam<std::tuple<Shipped, const char*>> {};

TEST_P(Kit, FindsNothingNewInAShippedConnector) {
  const auto& [shipped, isolation] = GetParam();
  Installation place(20, 1, {});
  const Finished finished = place.huiliu(
      {"plugin", "test", std::string(HUILIU_BINARY_DIR) + "/plugins/libhuiliu-" + shipped.name + ".so",
       "--isolation", isolation});
  const model::Value report = finished.json();
  ASSERT_FALSE(report["findings"].is_null()) << finished.err;
  for (const model::Value& finding : report["findings"].as_array()) {
    if (finding["verdict"].to_text() != "failed" || shipped.known.contains(finding["check"].to_text()))
      continue;
    ADD_FAILURE() << finding["check"].to_text() << " [" << finding["stream"].to_text()
                  << "]: " << finding["message"].to_text();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Connectors, Kit,
    testing::Combine(testing::Values(Shipped{"kingdee", {}}, Shipped{"yonyou", {}},
                                     Shipped{"dingtalk", {"lookup.keys", "find.natural_keys"}},
                                     Shipped{"wecom", {"lookup.keys"}}, Shipped{"webhook", {"write.html"}}),
                     testing::Values("process", "child")),
    [](const auto& made) {
      return std::string(std::get<0>(made.param).name) + "_" + std::get<1>(made.param);
    });

}  // namespace
}  // namespace huiliu::e2e
