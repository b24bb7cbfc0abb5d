// A new version of a plugin comes while a sync reads: the old one leaves at a checkpoint, the new one goes on
// from there. What comes out is what comes out without it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "hub/host/instance.hpp"
#include "hub/host/isolation.hpp"

namespace huiliu::host {
namespace {

namespace fs = std::filesystem;
using model::Status;

class NoNetwork final : public Transport {
 public:
  HttpAnswer exchange(const HttpRequest&, const std::stop_token&) override {
    return HttpAnswer::none(model::ErrorClass::retry, "no network here");
  }
};

constexpr int pages = 120, records = 20, swaps = 100;

class Upgrade : public testing::TestWithParam<Placement> {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "huiliu-upgrade-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    fs::permissions(directory, fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
    registry.place_by(
        [](const std::string&, const PluginFile&) -> model::Result<Placement> { return GetParam(); });
    ASSERT_TRUE(registry.load(HUILIU_PAGES_PLUGIN).ok());
  }
  void TearDown() override { fs::remove_all(directory); }

  Status upgrade(const char* library) { return registry.upgrade(library, directory.string()); }

  std::unique_ptr<Instance> open() {
    auto instance = Instance::open(
        host, nullptr,
        {.connection = "crm",
         .settings = model::Object{{"pages", std::int64_t{pages}}, {"records", std::int64_t{records}}},
         .generations = registry.generations("test-pages")});
    EXPECT_TRUE(instance.ok()) << instance.error().text();
    return std::move(*instance);
  }

  // Everything that a sync would store, in its order.
  struct Output {
    std::vector<std::string> said;
    std::vector<std::string> versions;  // of the connector, at each checkpoint
  };
  Status read(Instance& instance, Output& out, const std::function<void(int)>& at_checkpoint,
              std::uint64_t limit = 0) {
    int number = 0;
    const RecordConsumer consumer = {[&](Page page) -> Status {
                                       for (const RemoteRecord& record : page.records)
                                         out.said.push_back(record.key + record.raw);
                                       return {};
                                     },
                                     [&](std::string_view cursor, const StateChanges&) -> Status {
                                       out.said.push_back("cursor " + std::string(cursor));
                                       out.versions.push_back(instance.connector().manifest.version);
                                       at_checkpoint(++number);
                                       return {};
                                     }};
    return instance.read({.stream = "items", .limit = limit}, consumer);
  }

  SystemEnvironment environment;
  Host host{environment, {}, std::make_shared<Redactor>(), std::make_unique<NoNetwork>()};
  PluginRegistry registry;
  fs::path directory;
};

TEST_P(Upgrade, AHundredSwapsChangeNothingOfWhatComesOut) {
  Output quiet, swapped;
  ASSERT_TRUE(read(*open(), quiet, [](int) {}).ok());
  const auto instance = open();
  const Status ended = read(*instance, swapped, [&](int number) {
    if (number > swaps) return;
    ASSERT_TRUE(upgrade(number % 2 == 1 ? HUILIU_NEXT_PAGES_PLUGIN : HUILIU_PAGES_PLUGIN).ok());
  });
  ASSERT_TRUE(ended.ok()) << ended.error().text();
  EXPECT_EQ(quiet.said, swapped.said);
  EXPECT_EQ(quiet.said.size(), std::size_t{pages} * (records + 1));
  // Each swap was really taken up, at the very checkpoint.
  ASSERT_EQ(swapped.versions.size(), std::size_t{pages});
  for (int i = 0; i <= swaps; ++i)
    EXPECT_EQ(swapped.versions[static_cast<std::size_t>(i)], i % 2 == 0 ? "1.0.0" : "2.0.0") << i;
  EXPECT_EQ(registry.generations("test-pages")->number(), swaps + 1U);
}

TEST_P(Upgrade, BetweenOperationsTheNextOneIsTheNewOne) {
  const auto instance = open();
  EXPECT_TRUE(instance->check().ok());
  EXPECT_EQ(instance->connector().manifest.version, "1.0.0");
  ASSERT_TRUE(upgrade(HUILIU_NEXT_PAGES_PLUGIN).ok());
  EXPECT_TRUE(instance->check().ok());
  EXPECT_EQ(instance->connector().manifest.version, "2.0.0");
}

TEST_P(Upgrade, WhatIsUnfitChangesNothing) {
  const auto instance = open();
  const Status refused = upgrade(HUILIU_UNFIT_PLUGIN);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(registry.generations("test-pages")->number(), 1U);
  Output out;
  EXPECT_TRUE(read(*instance, out, [](int) {}).ok());
  EXPECT_TRUE(fs::is_empty(directory)) << "no copy of it is left";
}

TEST_P(Upgrade, AStopIsStillAStop) {
  const auto instance = open();
  std::stop_source stop;
  int checkpoints = 0;
  const RecordConsumer consumer = {{}, [&](std::string_view, const StateChanges&) -> Status {
                                     if (++checkpoints == 3) {
                                       EXPECT_TRUE(upgrade(HUILIU_NEXT_PAGES_PLUGIN).ok());
                                       stop.request_stop();
                                     }
                                     return {};
                                   }};
  const Status ended = instance->read({.stream = "items"}, consumer, {.stop = stop.get_token()});
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().error_class, model::ErrorClass::cancelled);
  EXPECT_EQ(checkpoints, 3);
}

// A channel on which nothing comes does not keep the old version: it ends, and the new one's is opened, at
// once.
TEST_P(Upgrade, ASilentChannelIsTakenOver) {
  const auto instance = open();
  std::mutex mutex;
  std::condition_variable told;
  std::vector<std::string> heard;
  const RecordConsumer consumer = {[&](Page page) -> Status {
                                     const std::lock_guard lock(mutex);
                                     heard.push_back(page.records.front().key);
                                     told.notify_all();
                                     return {};
                                   },
                                   [](std::string_view, const StateChanges&) -> Status { return {}; }};
  std::stop_source stop;
  Status ended;
  {
    const std::jthread listener([&] { ended = instance->listen(consumer, {.stop = stop.get_token()}); });
    const auto hears = [&](std::size_t count) {
      std::unique_lock lock(mutex);
      return told.wait_for(lock, std::chrono::seconds(20), [&] { return heard.size() >= count; });
    };
    EXPECT_TRUE(hears(1));
    EXPECT_TRUE(upgrade(HUILIU_NEXT_PAGES_PLUGIN).ok());
    EXPECT_TRUE(hears(2));
    EXPECT_TRUE(upgrade(HUILIU_PAGES_PLUGIN).ok());
    EXPECT_TRUE(hears(3));
    stop.request_stop();
  }
  EXPECT_THAT(heard, testing::ElementsAre("1.0.0", "2.0.0", "1.0.0"));
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().error_class, model::ErrorClass::cancelled);
}

INSTANTIATE_TEST_SUITE_P(Generations, Upgrade, testing::Values(Placement::process, Placement::child),
                         [](const auto& made) {
                           return made.param == Placement::child ? "child" : "process";
                         });

}  // namespace
}  // namespace huiliu::host
