#include "hub/host/quota.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <set>
#include <thread>

namespace huiliu::host {
namespace {

// Virtual time for a fixed crew of threads: it moves, to the earliest wake-up, only when all of them are
// asleep or done.
class CrewEnvironment final : public Environment {
 public:
  explicit CrewEnvironment(std::size_t crew) : awake_(crew) {}

  model::Micros now() override { return steady(); }
  model::Micros steady() override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  bool sleep(model::Micros duration, const std::stop_token&) override {
    std::unique_lock lock(mutex_);
    const model::Micros until = now_ + std::max<model::Micros>(duration, 1);
    waking_.insert(until);
    --awake_;
    move_when_all_sleep();
    changed_.wait(lock, [&] { return now_ >= until; });
    return true;
  }
  void random(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), std::uint8_t{0}); }
  void leave() {
    const std::lock_guard lock(mutex_);
    --awake_;
    move_when_all_sleep();
  }

 private:
  void move_when_all_sleep() {
    if (awake_ > 0 || waking_.empty()) return;
    now_ = *waking_.begin();
    awake_ += waking_.count(now_);
    waking_.erase(now_);
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multiset<model::Micros> waking_;
  std::size_t awake_;
  model::Micros now_ = 1000 * model::second;
};

// The largest number of moments in any window of that length.
std::size_t busiest_window(std::vector<model::Micros> moments, model::Micros length) {
  std::sort(moments.begin(), moments.end());
  std::size_t most = 0;
  for (std::size_t begin = 0, end = 0; begin < moments.size(); ++begin) {
    while (end < moments.size() && moments[end] < moments[begin] + length) ++end;
    most = std::max(most, end - begin);
  }
  return most;
}

TEST(Quota, EightThreadsNeverExceedAnyWindow) {
  constexpr std::size_t threads = 8, each = 60;
  CrewEnvironment environment(threads);
  QuotaBook book(environment, 3600 * model::second);
  const QuotaLimits limits = {.per_second = 10, .per_minute = 200};
  std::mutex mutex;
  std::vector<model::Micros> moments;
  std::vector<std::thread> crew;
  for (std::size_t i = 0; i < threads; ++i)
    crew.emplace_back([&] {
      for (std::size_t k = 0; k < each; ++k) {
        auto lease = book.acquire("vendor/account/api", limits, 1, {});
        ASSERT_TRUE(lease.ok());
        const std::lock_guard lock(mutex);
        moments.push_back(environment.steady());
      }
      environment.leave();
    });
  for (std::thread& thread : crew) thread.join();
  ASSERT_EQ(moments.size(), threads * each);
  EXPECT_LE(busiest_window(moments, model::second), 10U);
  EXPECT_LE(busiest_window(moments, 60 * model::second), 200U);
  EXPECT_GE(busiest_window(moments, model::second), 9U);  // And the quota is used, not avoided.
  const auto [first, last] = std::minmax_element(moments.begin(), moments.end());
  EXPECT_LT(*last - *first, 200 * model::second);  // 480 uses at 200 a minute
}

TEST(Quota, BucketsAreByNameAndCostCounts) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment);
  const QuotaLimits limits = {.per_second = 10};
  const model::Micros start = environment.steady();
  EXPECT_TRUE(book.acquire("a", limits, 10, {}).ok());
  EXPECT_TRUE(book.acquire("b", limits, 10, {}).ok());
  EXPECT_EQ(environment.steady(), start);
  EXPECT_TRUE(book.acquire("a", limits, 1, {}).ok());
  EXPECT_GE(environment.steady() - start, model::second);
  EXPECT_TRUE(book.acquire("a", limits, 50, {}).ok());  // Larger than the limit: alone in its window.
}

TEST(Quota, AWaitThatIsTooLongIsRefusedWithTheTimeToComeBack) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 60 * model::second);
  const QuotaLimits limits = {.per_day = 2};
  EXPECT_TRUE(book.acquire("a", limits, 2, {}).ok());
  const auto refused = book.acquire("a", limits, 1, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().error_class, model::ErrorClass::throttled);
  EXPECT_GT(refused.error().retry_after_ms, 86'000'000);
  environment.advance(refused.error().retry_after_ms * 1000);
  EXPECT_TRUE(book.acquire("a", limits, 1, {}).ok());
}

TEST(Quota, TheFactorScalesAndTheConnectionOverrides) {
  const QuotaLimits limits = {.per_second = 10, .per_minute = 2, .concurrency = 4};
  EXPECT_DOUBLE_EQ(limits.scaled(100).per_second, 1000);
  EXPECT_DOUBLE_EQ(limits.scaled(0.1).per_minute, 1);
  EXPECT_DOUBLE_EQ(limits.scaled(100).per_day, 0);
  EXPECT_EQ(limits.scaled(2).concurrency, 8U);
  EXPECT_DOUBLE_EQ(limits.overridden({.per_minute = 300}).per_minute, 300);
  EXPECT_DOUBLE_EQ(limits.overridden({.per_minute = 300}).per_second, 10);
}

TEST(Quota, ConcurrencyIsNeverExceeded) {
  SystemEnvironment environment;
  QuotaBook book(environment);
  std::atomic<int> inside = 0, most = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::vector<std::thread> crew;
  for (int i = 0; i < 8; ++i)
    crew.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        auto lease = book.acquire("a", {.concurrency = 3}, 1, {});
        ASSERT_TRUE(lease.ok());
        const int now = ++inside;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        // Holds its place until three have been inside together, so that the limit is really reached.
        while (most < 3 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        --inside;
      }
    });
  for (std::thread& thread : crew) thread.join();
  EXPECT_EQ(most, 3);
}

TEST(Quota, AStopEndsTheWaitForAPlace) {
  SystemEnvironment environment;
  QuotaBook book(environment);
  auto held = book.acquire("a", {.concurrency = 1}, 1, {});
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  const auto refused = book.acquire("a", {.concurrency = 1}, 1, stop.get_token());
  stopper.join();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().error_class, model::ErrorClass::cancelled);
}

// ---- Priorities and learning ------------------------------------------------------------------------------

TEST(QuotaPriority, ABackfillLeavesRoomInLongPeriodsForWhatIsWaitedFor) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 60 * model::second);
  const QuotaLimits limits = {.per_day = 100};
  int taken = 0;
  while (book.acquire("a", limits, 1, {}, Priority::backfill).ok()) ++taken;
  EXPECT_EQ(taken, 96);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(book.acquire("a", limits, 1, {}, Priority::interactive).ok());
  EXPECT_FALSE(book.acquire("a", limits, 1, {}, Priority::interactive).ok());
}

// A naive bucket lets the back-fill use up the minute in its first seconds; the write then waits for the
// rest.
TEST(QuotaPriority, ABackfillIsSpreadSoThatAWriteGoesAtOnce) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  const QuotaLimits limits = {.per_minute = 60};
  const model::Micros start = environment.steady();
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(book.acquire("a", limits, 1, {}, Priority::backfill).ok());
  const double rate = 600 / (static_cast<double>(environment.steady() - start) / 60e6);
  EXPECT_GT(rate, 57);  // and alone it uses the whole rate
  EXPECT_LE(rate, 61);
  const model::Micros before = environment.steady();
  ASSERT_TRUE(book.acquire("a", limits, 1, {}, Priority::interactive).ok());
  EXPECT_LE(environment.steady() - before, 2 * model::second);
}

// While a person works, each of their calls finds room in the second that a back-fill is filling.
TEST(QuotaPriority, CallsOfAPersonDoNotWaitForABackfill) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  const QuotaLimits limits = {.per_second = 20};
  model::Micros next = environment.steady() + 5 * model::second, longest = 0;
  int calls = 0;
  while (calls < 40) {
    ASSERT_TRUE(book.acquire("a", limits, 1, {}, Priority::backfill).ok());
    if (environment.steady() < next) continue;
    const model::Micros before = environment.steady();
    ASSERT_TRUE(book.acquire("a", limits, 1, {}, Priority::interactive).ok());
    if (++calls > 1) longest = std::max(longest, environment.steady() - before);  // the first comes unawaited
    next = environment.steady() + 250'000;
  }
  EXPECT_LE(longest, 60'000);
}

TEST(QuotaPriority, ABackfillLeavesTheLastPlaceFree) {
  SystemEnvironment environment;
  QuotaBook book(environment);
  const QuotaLimits limits = {.concurrency = 3};
  auto one = book.acquire("a", limits, 1, {}, Priority::backfill);
  auto two = book.acquire("a", limits, 1, {}, Priority::backfill);
  auto write = book.acquire("a", limits, 1, {}, Priority::interactive);
  EXPECT_TRUE(one.ok() && two.ok() && write.ok());
  std::stop_source stop;
  std::jthread third(
      [&] { EXPECT_FALSE(book.acquire("a", limits, 1, stop.get_token(), Priority::backfill).ok()); });
  *write = QuotaLease();  // still two back-fills inside
  stop.request_stop();
}

TEST(QuotaLearning, ARefusalTellsTheRealLimit) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  const QuotaLimits limits = {.per_second = 20, .per_month = 100'000};
  for (int i = 0; i < 14; ++i) ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
  book.refused("a", 1000);  // the fourteenth was one too many
  EXPECT_EQ(book.learned("a").limits.per_second, 13);
  EXPECT_EQ(book.learned("a").limits.per_month, 0);
  const model::Micros refused_at = environment.steady();
  ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
  EXPECT_GE(environment.steady() - refused_at, model::second);  // rests as long as it was told
  std::vector<model::Micros> moments;
  for (int i = 0; i < 40; ++i) {  // before a higher limit is tried
    ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
    moments.push_back(environment.steady());
  }
  EXPECT_LE(busiest_window(moments, model::second), 13U);
}

TEST(QuotaLearning, SeveralRefusalsOfOneMomentAreOneLesson) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  const QuotaLimits limits = {.per_second = 20};
  for (int i = 0; i < 14; ++i) ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
  for (int i = 0; i < 3; ++i) book.refused("a", 1000);
  EXPECT_EQ(book.learned("a").limits.per_second, 13);
  EXPECT_EQ(book.learned("a").refused, 3U);
}

// A limit met once may have been another app's burst; met twice at the same place it is the vendor's.
TEST(QuotaLearning, WhatWasSeenOnceIsSoonTriedAgainWhatWasMetTwiceIsKept) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  const QuotaLimits limits = {.per_second = 20};
  const auto refuse_at = [&](int uses) {
    environment.advance(3 * model::second);
    for (int i = 0; i < uses; ++i) ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
    book.refused("a", 1000);
  };
  const auto learned_after = [&](model::Micros quiet) {
    environment.advance(quiet);
    EXPECT_TRUE(book.acquire("a", limits, 1, {}).ok());
    return book.learned("a").limits.per_second;
  };
  refuse_at(14);
  EXPECT_EQ(learned_after(2 * model::second), 13);
  EXPECT_EQ(learned_after(4 * model::second), 16);
  refuse_at(14);
  EXPECT_EQ(learned_after(10 * model::second), 13);
  EXPECT_EQ(learned_after(60 * model::second), 14);  // a little, after a minute of quiet
  double last = 14;
  for (int i = 0; i < 20 && last > 0; ++i) last = learned_after(70 * model::second);
  EXPECT_EQ(last, 0);  // nothing below what is written any more
}

TEST(QuotaLearning, WithoutAWrittenLimitThereIsOnlyARest) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 60 * model::second);
  const QuotaLimits limits = {.concurrency = 3};
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
  book.refused("a", 30'000);
  const model::Micros before = environment.steady();
  ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
  EXPECT_EQ(environment.steady() - before, 30 * model::second);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
  EXPECT_EQ(environment.steady() - before, 30 * model::second);
}

// What a vendor with a window of a minute and another limit than the written one accepts, and refuses, in
// that time.
struct Vendor {
  double limit;
  std::vector<model::Micros> accepted = {};
  std::uint64_t refused = 0;
  bool accepts(model::Micros now) {
    const auto inside =
        accepted.end() - std::lower_bound(accepted.begin(), accepted.end(), now - 60 * model::second + 1);
    if (static_cast<double>(inside) >= limit) return ++refused, false;
    accepted.push_back(now);
    return true;
  }
};

void work(QuotaBook& book, SteeredEnvironment& environment, const QuotaLimits& limits, Vendor& vendor,
          model::Micros duration) {
  for (const model::Micros until = environment.steady() + duration; environment.steady() < until;) {
    ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
    if (!vendor.accepts(environment.steady())) book.refused("a", 60'000);
    environment.advance(1'000);
  }
}

// A naive rule, "below a twentieth it is a storm", is refused once a minute for ever.
TEST(QuotaLearning, AHiddenLimitFarBelowTheWrittenOneIsLearnedWhenItIsMetAgainAndAgain) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  Vendor vendor{12};
  work(book, environment, {.per_minute = 300}, vendor, 600 * 60 * model::second);
  EXPECT_LE(static_cast<double>(vendor.refused), 0.005 * static_cast<double>(vendor.accepted.size()));
  EXPECT_GE(static_cast<double>(vendor.accepted.size()), 0.95 * 12 * 600);
}

TEST(QuotaLearning, ALimitThatNobodyWroteDownIsLearnedFromTheVendorsWish) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  Vendor vendor{200};
  work(book, environment, {.concurrency = 3}, vendor, 200 * 60 * model::second);
  EXPECT_EQ(std::round(book.learned("a").limits.per_minute / 8), 25);
  EXPECT_LE(static_cast<double>(vendor.refused), 0.005 * static_cast<double>(vendor.accepted.size()));
  EXPECT_GE(static_cast<double>(vendor.accepted.size()), 0.95 * 200 * 200);
}

// After the minute's rest the next call is refused too: it was the hour. A naive rule learns "one call a
// minute".
TEST(QuotaLearning, ARefusalRightAfterTheRestSpeaksOfALongerWindow) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  const QuotaLimits limits = {.per_minute = 100, .per_hour = 3000};
  for (int i = 0; i < 301; ++i) {
    ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
    environment.advance(model::second);
  }
  book.refused("a", 60'000);
  ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
  book.refused("a", 60'000);
  EXPECT_GT(book.learned("a").limits.per_hour, 295);
  EXPECT_LT(book.learned("a").limits.per_hour, 310);
  EXPECT_TRUE(book.learned("a").limits.per_minute == 0 || book.learned("a").limits.per_minute > 50);
}

// One request in ten is refused for minutes, whatever is used: no limit, and believed it would go down and
// down.
TEST(QuotaLearning, AStormIsNoLimit) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 3600 * model::second);
  const QuotaLimits limits = {.per_minute = 300};
  for (const model::Micros until = environment.steady() + 600 * model::second;
       environment.steady() < until;) {
    ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
    if (random_below(environment, 10) == 0) book.refused("a", 1'000);
    environment.advance(100'000);
  }
  Vendor vendor{300};
  work(book, environment, limits, vendor, 150 * 60 * model::second);
  const std::size_t before = vendor.accepted.size();
  work(book, environment, limits, vendor, 10 * 60 * model::second);
  EXPECT_GE(static_cast<double>(vendor.accepted.size() - before), 0.95 * 300 * 10);
}

TEST(QuotaLearning, AMonthThatIsUsedUpIsNoLessonAboutSeconds) {
  SteeredEnvironment environment(1000 * model::second, 1);
  QuotaBook book(environment, 60 * model::second);
  const QuotaLimits limits = {.per_second = 20, .per_month = 5000};
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(book.acquire("a", limits, 1, {}).ok());
  book.refused("a", 20LL * 86'400'000);
  EXPECT_EQ(book.learned("a").limits.per_second, 0);
  EXPECT_EQ(book.learned("a").limits.per_month, 19);
  EXPECT_FALSE(book.acquire("a", limits, 1, {}).ok());
}

}  // namespace
}  // namespace huiliu::host
