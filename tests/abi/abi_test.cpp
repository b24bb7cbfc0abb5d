// Old plugins on this host, future ones on this host, and (compiled once more with the future header) all of
// them on a future host: the same results everywhere.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/host/instance.hpp"

namespace huiliu::host {
namespace {

using model::Status;

// Answers everything with 204.
class Quiet final : public Transport {
 public:
  HttpAnswer exchange(const HttpRequest&, const std::stop_token&) override {
    HttpAnswer answer;
    answer.code = 204;
    return answer;
  }
};

class OnThisHost : public testing::TestWithParam<const char*> {};

TEST_P(OnThisHost, DoesWhatItAlwaysDid) {
  const auto plugin = load_plugin(std::string(HUILIU_ABI_PLUGINS) + "/" + GetParam());
  ASSERT_TRUE(plugin.ok()) << plugin.error().text();
  SystemEnvironment environment;
  Host host(environment, {}, std::make_shared<Redactor>(), std::make_unique<Quiet>());
  auto instance =
      Instance::open(host, (*plugin)->connector(""), {.connection = "old", .settings = model::Object{}});
  ASSERT_TRUE(instance.ok()) << instance.error().text();
  const Status checked = (*instance)->check();
  EXPECT_TRUE(checked.ok()) << checked.error().text();
  std::vector<std::string> keys;
  std::string cursor;
  const RecordConsumer consumer = {[&](Page page) -> Status {
                                     for (const RemoteRecord& record : page.records)
                                       keys.push_back((record.deleted ? "-" : "") + record.key);
                                     EXPECT_TRUE(page.bad.empty());
                                     return {};
                                   },
                                   [&](std::string_view at, const StateChanges&) -> Status {
                                     cursor = at;
                                     return {};
                                   }};
  ASSERT_TRUE((*instance)->read({.stream = "items"}, consumer).ok());
  EXPECT_THAT(keys, testing::ElementsAre("1", "2", "-3"));
  EXPECT_EQ(cursor, "end");
  keys.clear();
  ASSERT_TRUE((*instance)->lookup("items", {"7", "8"}, consumer).ok());
  EXPECT_THAT(keys, testing::ElementsAre("7", "8"));
  const WriteReport report = (*instance)->write("items", {{.key = "1", .body = model::Object{}},
                                                          {.key = "bad", .body = model::Object{}},
                                                          {.key = "2", .body = model::Object{}}});
  ASSERT_EQ(report.results.size(), 3U);
  EXPECT_TRUE(report.ended.ok());
  EXPECT_EQ(report.results[0].outcome, WriteOutcome::applied);
  EXPECT_EQ(report.results[1].outcome, WriteOutcome::rejected);
  EXPECT_EQ(report.results[1].error.message, "not this one");
  EXPECT_EQ(report.results[2].remote_key, "2");
}

// from source with the frozen headers; as binaries of their day; from the future.
INSTANTIATE_TEST_SUITE_P(Plugins, OnThisHost,
                         testing::Values("libhuiliu-old_plain.so", "libhuiliu-old_wrapped.so",
                                         "v1.0/old_plain.so", "v1.0/old_wrapped.so",
                                         "libhuiliu-future_plain.so", "libhuiliu-future_wrapped.so"),
                         [](const auto& made) {
                           std::string name = made.param;
                           for (char& c : name)
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           return name;
                         });

TEST(ThisHost, IsOfTheMinorThatItsHeaderSays) {
#ifdef HUILIU_FUTURE_HOST
  EXPECT_GE(HUILIU_ABI_MINOR, 1U);
#else
  EXPECT_EQ(HUILIU_ABI_MINOR, 0U);
#endif
}

}  // namespace
}  // namespace huiliu::host
