// The hand of the dispatcher: jobs on threads of their own, stopped, waited for, told about.
#include "hub/run/schedule_loop.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "hub/run/lanes.hpp"

namespace huiliu::run {
namespace schedule_loop_test {

// What jobs did, to be waited for.
class Log {
 public:
  void add(const std::string& line) {
    {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    }
    changed_.notify_all();
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return lines_.size() >= count; });
  }
  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

JobSpec job(const std::string& name, const std::string& system,
            config::Overlap overlap = config::Overlap::buffer_one) {
  JobSpec spec;
  spec.name = name;
  spec.systems = {system};
  spec.overlap = overlap;
  return spec;
}

Dispatcher dispatcher(std::vector<JobSpec> jobs) {
  return {std::move(jobs), {}, {}, {}, SystemClock().now()};
}

TEST(ScheduleLoop, FiresOnTimeAndTellsTheNext) {
  const SystemClock clock;
  Log log;
  JobSpec first = job("first", "erp");
  config::ScheduleConfig schedule;
  schedule.cron = "* * * * * *";
  first.timetable = *Timetable::compile(schedule, nullptr, "first");
  JobSpec second = job("second", "crm");
  second.after = {"first"};
  ScheduleLoop::Callbacks callbacks;
  callbacks.execute = [&](const Start& start, const std::atomic<bool>&) {
    EXPECT_GE(clock.now(), start.due) << "never before its time";
    log.add(start.job);
    return JobOutcome{{{start.systems.at(0), std::nullopt, -1, {}}}, {}, {}};
  };
  const ScheduleLoop loop(dispatcher({first, second}), clock, callbacks);
  ASSERT_TRUE(log.wait_for(4));
  const auto lines = log.lines();
  EXPECT_EQ(lines[0], "first");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "second") > 0, true);
}

TEST(ScheduleLoop, ARefusedCredentialIsToldAndAResumedOneRuns) {
  const SystemClock clock;
  Log log;
  ScheduleLoop::Callbacks callbacks;
  std::atomic<bool> refuse{true};
  callbacks.execute = [&](const Start& start, const std::atomic<bool>&) {
    log.add("ran");
    SystemOutcome outcome{start.systems.at(0), std::nullopt, -1, "wrong secret"};
    if (refuse) outcome.failed = model::ErrorClass::auth;
    return JobOutcome{{outcome}, {}, {}};
  };
  callbacks.paused = [&](const std::vector<Pause>& pauses) { log.add("paused " + pauses.at(0).system); };
  ScheduleLoop loop(dispatcher({job("a", "erp")}), clock, callbacks);
  EXPECT_FALSE(loop.trigger("ghost", Trigger::person));
  EXPECT_TRUE(loop.trigger("a", Trigger::person));
  ASSERT_TRUE(log.wait_for(2));
  EXPECT_EQ(log.lines()[1], "paused erp");
  EXPECT_EQ(loop.health("erp").paused, "wrong secret");
  refuse = false;
  loop.resume("erp");
  loop.trigger("a", Trigger::person);
  ASSERT_TRUE(log.wait_for(3));
}

TEST(ScheduleLoop, EndsWhatRunsAndWaitsForIt) {
  const SystemClock clock;
  Log log;
  {
    ScheduleLoop::Callbacks callbacks;
    callbacks.execute = [&](const Start&, const std::atomic<bool>& stop) {
      log.add("begun");
      while (!stop) std::this_thread::yield();
      log.add("stopped");
      return JobOutcome{};
    };
    ScheduleLoop loop(dispatcher({job("a", "erp"), job("b", "crm")}), clock, callbacks);
    loop.trigger("a", Trigger::person);
    loop.trigger("b", Trigger::person);
    ASSERT_TRUE(log.wait_for(2)) << "side by side";
  }
  EXPECT_EQ(log.lines().size(), 4U);
}

TEST(Lanes, AreTakenTogetherOrNotAtAll) {
  Lanes lanes;
  Log log;
  std::optional<Lanes::Held> both = lanes.take({"erp", "crm"});
  std::thread other([&] {
    const Lanes::Held wanted = lanes.take({"crm", "site"});
    log.add("two");
  });
  // Whichever of the two comes first: the one lane is had at once, or after who waits for both.
  std::thread third([&] {
    const Lanes::Held wanted = lanes.take({"site"});
    log.add("one");
  });
  const Lanes::Held apart = lanes.take({"bi"});
  both.reset();
  other.join();
  third.join();
  EXPECT_EQ(log.lines().size(), 2U);
}

// Who wants them all comes in turn, however often others come and go.
TEST(Lanes, NobodyIsPassedOver) {
  Lanes lanes;
  std::atomic<bool> had_all{false}, stop{false};
  std::atomic<int> rounds{0};
  std::vector<std::thread> busy;
  for (const char* name : {"erp", "crm", "site"})
    for (int i = 0; i < 2; ++i)
      busy.emplace_back([&lanes, &stop, &rounds, name] {
        while (!stop) {
          const Lanes::Held lane = lanes.take({name});
          ++rounds;
        }
      });
  while (rounds < 100) std::this_thread::yield();
  std::thread all([&] {
    const Lanes::Held held = lanes.take({"erp", "crm", "site"});
    had_all = true;
  });
  const int before = rounds;
  while (!had_all && rounds < before + 1'000'000) std::this_thread::yield();
  stop = true;
  all.join();
  for (std::thread& thread : busy) thread.join();
  EXPECT_TRUE(had_all);
  EXPECT_LT(rounds, before + 1'000'000);
}

}  // namespace schedule_loop_test
}  // namespace huiliu::run
