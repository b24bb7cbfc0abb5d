// What comes in by webhooks: what counts as a repetition, and how many are answered at once.
#include "hub/run/event_intake.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "hub/run/hook_pool.hpp"
#include "tests/unit/run/fake_world.hpp"

namespace huiliu::run::fakes {
namespace {

class Intake : public ::testing::Test {
 protected:
  // One event about one record; true: it was new.
  bool hear(const std::string& key, const std::string& version, const std::string& body) {
    store::Delivery sample;
    sample.connection = "crm";
    sample.method = "POST";
    sample.id = body;
    EventIntake intake(*world.workspace.store, world.clock, sample,
                       [](const std::string&, host::BadRecord) { return store::Parked{}; });
    host::RemoteRecord record;
    record.key = key;
    record.version = version;
    record.raw = body;
    host::Page page;
    page.stream = "customers";
    page.records.push_back(std::move(record));
    EXPECT_TRUE(intake.consumer().page(std::move(page)).ok());
    EXPECT_TRUE(intake.consumer().checkpoint({}, {}).ok());
    return intake.take_stored();
  }
  FakeWorld world{
      {{"erp", "erp", "never", "{changed: off, updates: off}"}, {"crm", "crm", "never", "{changed: off}"}}};
};

TEST_F(Intake, AnEventThatIsSentAgainIsOneDelivery) {
  EXPECT_TRUE(hear("1001", "7", "a"));
  EXPECT_FALSE(hear("1001", "7", "a"));
  EXPECT_TRUE(hear("1001", "8", "a")) << "a second change of the same content";
}

TEST_F(Intake, OfTwoRecordsThatCountTheSameVersionBothCome) {
  EXPECT_TRUE(hear("1001", "1", "a"));
  EXPECT_TRUE(hear("1002", "1", "b"));
}

// A site that only sends shows its records to nobody who asks: what its events tell is taken up, all of it.
TEST_F(Intake, WhatASiteTellsCountsWhereItCannotBeAsked) {
  constexpr int many = 120;  // more than one transaction takes
  world.add_companies(many);
  world.settle();
  FakeSystem& site = world.system("crm");
  site.broken = model::make_error(model::ErrorClass::unsupported, "this site has no read API");
  const auto phone = [](int i) { return "0532-" + std::to_string(81'000'000 + i); };
  for (int i = 0; i < many; ++i) {
    const std::string key = std::to_string(1000 + i);
    model::Object body = site.records().at(key);
    body.set("Phone", phone(i));
    EXPECT_TRUE(hear(key, "2", model::to_json(body)));
  }
  const auto pending = [&] {
    std::int64_t count = -1;
    EXPECT_TRUE(world.workspace.store
                    ->read([&](store::Snapshot& snapshot) -> model::Status {
                      count = snapshot.count_pending_deliveries("crm");
                      return {};
                    })
                    .ok());
    return count;
  };
  EXPECT_EQ(pending(), many);
  CycleOptions options;
  options.read = false;
  const CycleReport report = world.cycle(options);
  for (const ConnectionReport& connection : report.connections)
    EXPECT_EQ(connection.error, "") << connection.name;
  EXPECT_EQ(pending(), 0);
  for (int i = 0; i < many; ++i)
    EXPECT_EQ(world.system("erp").get(std::to_string(1000 + i), "Phone"), phone(i)) << i;
}

TEST(HookPool, OpensAsManyAsAreBusyAndNoMore) {
  std::atomic<int> opened{0};
  HookPool pool(
      [&](const std::string&) -> model::Result<std::unique_ptr<System>> {
        ++opened;
        return std::unique_ptr<System>(std::make_unique<FakeSystem>());
      },
      2);
  { const auto one = pool.take("crm"); }
  {
    const auto again = pool.take("crm");
    EXPECT_EQ(opened, 1) << "an idle one is taken first";
    auto second = std::make_unique<model::Result<HookPool::Lease>>(pool.take("crm"));
    EXPECT_EQ(opened, 2);
    const auto other = pool.take("erp");
    EXPECT_EQ(opened, 3) << "of another connection";
    std::atomic<bool> came{false};
    std::thread third([&] {
      const auto waits = pool.take("crm");
      came = waits.ok();
    });
    EXPECT_FALSE(came);
    second.reset();
    third.join();
    EXPECT_TRUE(came);
    EXPECT_EQ(opened, 3);
  }
}

TEST(HookPool, AFailureToOpenTakesNoPlace) {
  bool broken = true;
  HookPool pool(
      [&](const std::string&) -> model::Result<std::unique_ptr<System>> {
        if (broken) return model::make_error(model::ErrorClass::config, "no such secret");
        return std::unique_ptr<System>(std::make_unique<FakeSystem>());
      },
      1);
  EXPECT_FALSE(pool.take("crm").ok());
  broken = false;
  EXPECT_TRUE(pool.take("crm").ok());
}

}  // namespace
}  // namespace huiliu::run::fakes
