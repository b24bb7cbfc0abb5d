// The core of scheduling, by its promises: under random schedules, durations, failures and pauses.
#include "hub/run/dispatcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "hub/model/id.hpp"
#include "tests/support/sanitized.hpp"

namespace huiliu::run {
namespace dispatcher_test {

using config::Overlap;
using model::ErrorClass;
using model::Micros;
using model::second;

constexpr Micros minute = 60 * second;
constexpr Micros zero = 1'800'000'000 * second;  // a full hour

Timetable every(Micros period) {
  config::ScheduleConfig schedule;
  schedule.every_seconds = period / second;
  schedule.time_zone = "Etc/UTC";
  return *Timetable::compile(schedule, nullptr, "");
}

JobSpec job(const std::string& name, std::vector<std::string> systems, Micros period = 0,
            Overlap overlap = Overlap::buffer_one) {
  JobSpec spec;
  spec.name = name;
  spec.systems = std::move(systems);
  spec.overlap = overlap;
  spec.catch_up = 3600 * second;
  if (period > 0) spec.timetable = every(period);
  return spec;
}

std::vector<std::string> names(const Decisions& decisions) {
  std::vector<std::string> found;
  for (const Start& start : decisions.starts) found.push_back(start.job);
  return found;
}
using Names = std::vector<std::string>;

SystemOutcome failed(const std::string& system, ErrorClass error, Micros retry_after = -1) {
  return {system, error, retry_after, "it said no"};
}

TEST(Dispatcher, OneLaneOneJobAndASlowSystemHoldsUpItselfOnly) {
  Dispatcher dispatcher(
      {job("erp", {"erp"}, minute), job("crm", {"crm"}, minute), job("nightly", {"erp", "crm"})}, {}, {}, {},
      zero);
  Decisions first = dispatcher.decide(zero + minute);
  EXPECT_EQ(names(first), (Names{"erp", "crm"}));
  dispatcher.finished(first.starts[1].token, {{"crm", {}, -1, {}}}, second, zero + minute + second);
  dispatcher.trigger("nightly", Trigger::person, zero + minute + second);
  EXPECT_TRUE(dispatcher.decide(zero + minute + second).starts.empty()) << "the ERP is busy";
  EXPECT_TRUE(dispatcher.decide(zero + 2 * minute).starts.empty())
      << "its lane is kept free for who waits first";
  dispatcher.finished(first.starts[0].token, {{"erp", {}, -1, {}}}, minute, zero + 2 * minute);
  EXPECT_EQ(names(dispatcher.decide(zero + 2 * minute)), Names{"nightly"});
}

TEST(Dispatcher, OverlapPolicies) {
  const auto fires_while_running = [](Overlap overlap) {
    Dispatcher dispatcher({job("a", {}, minute, overlap)}, {}, {}, {}, zero);
    Decisions all = dispatcher.decide(zero + minute);
    EXPECT_EQ(all.starts.size(), 1U);
    const std::uint64_t first = all.starts[0].token;
    for (int i = 2; i <= 4; ++i) {
      const Decisions more = dispatcher.decide(zero + i * minute);
      all.starts.insert(all.starts.end(), more.starts.begin(), more.starts.end());
      all.skipped.insert(all.skipped.end(), more.skipped.begin(), more.skipped.end());
      all.cancels.insert(all.cancels.end(), more.cancels.begin(), more.cancels.end());
    }
    Micros now = zero + 4 * minute + second;
    std::vector<std::uint64_t> tokens = {first};
    while (!tokens.empty()) {  // each ends as soon as it may
      dispatcher.finished(tokens.back(), {}, second, now);
      tokens.pop_back();
      for (const Start& start : dispatcher.decide(now).starts) {
        tokens.push_back(start.token);
        all.starts.push_back(start);
      }
    }
    return all;
  };
  const Decisions skip = fires_while_running(Overlap::skip);
  EXPECT_EQ(skip.starts.size(), 1U);
  EXPECT_EQ(skip.skipped.size(), 3U);
  const Decisions one = fires_while_running(Overlap::buffer_one);
  EXPECT_EQ(one.starts.size(), 2U);
  EXPECT_EQ(one.skipped.size(), 2U);
  EXPECT_EQ(fires_while_running(Overlap::buffer_all).starts.size(), 4U);
  const Decisions cancel = fires_while_running(Overlap::cancel_other);
  EXPECT_EQ(cancel.starts.size(), 2U);
  EXPECT_FALSE(cancel.cancels.empty());
  EXPECT_EQ(cancel.starts.back().written, zero + 4 * minute) << "the newest one";
  EXPECT_EQ(fires_while_running(Overlap::allow).starts.size(), 4U);
}

TEST(Dispatcher, WhatNobodyWasThereForIsCaughtUpWithinItsWindow) {
  std::map<std::string, JobMemory> memory;
  memory["a"].last_fire = zero;
  const auto starts = [&](Micros window, bool collapse) {
    JobSpec spec = job("a", {}, 10 * minute, Overlap::buffer_all);
    spec.catch_up = window;
    spec.collapse = collapse;
    Dispatcher dispatcher({spec}, {}, {}, memory, zero + 65 * minute);
    Decisions first = dispatcher.decide(zero + 65 * minute);
    std::vector<Micros> written;
    while (!first.starts.empty()) {
      written.push_back(first.starts[0].written);
      EXPECT_EQ(first.starts[0].trigger, Trigger::catch_up);
      dispatcher.finished(first.starts[0].token, {}, second, zero + 65 * minute);
      first = dispatcher.decide(zero + 65 * minute);
    }
    return written;
  };
  EXPECT_EQ(starts(3600 * second, true), std::vector<Micros>{zero + 60 * minute});
  EXPECT_EQ(starts(30 * minute, false),
            (std::vector<Micros>{zero + 40 * minute, zero + 50 * minute, zero + 60 * minute}));
  EXPECT_TRUE(starts(0, true).empty());
}

TEST(Dispatcher, ARefusedCredentialPausesAtOnceAndAWrongRecordNever) {
  Dispatcher dispatcher({job("erp", {"erp"}, minute), job("both", {"erp", "crm"})}, {}, {}, {}, zero);
  for (int i = 1; i <= 50; ++i) {
    const Decisions decisions = dispatcher.decide(zero + i * minute);
    ASSERT_EQ(decisions.starts.size(), 1U);
    EXPECT_TRUE(
        dispatcher
            .finished(decisions.starts[0].token, {failed("erp", ErrorClass::data)}, second, zero + i * minute)
            .empty());
  }
  EXPECT_EQ(dispatcher.health("erp").failures, 0);
  const Decisions last = dispatcher.decide(zero + 51 * minute);
  const auto pauses = dispatcher.finished(last.starts[0].token, {failed("erp", ErrorClass::auth)}, second,
                                          zero + 51 * minute);
  ASSERT_EQ(pauses.size(), 1U);
  EXPECT_EQ(pauses[0].system, "erp");
  EXPECT_EQ(pauses[0].reason, "it said no");
  const Decisions paused = dispatcher.decide(zero + 60 * minute);
  EXPECT_TRUE(paused.starts.empty());
  EXPECT_EQ(paused.skipped.back().reason, "paused");
  dispatcher.trigger("both", Trigger::after, zero + 60 * minute);
  const Decisions rest = dispatcher.decide(zero + 60 * minute);
  ASSERT_EQ(rest.starts.size(), 1U);
  EXPECT_EQ(rest.starts[0].systems, Names{"crm"}) << "the others go on";
  dispatcher.resume("erp");
  EXPECT_EQ(names(dispatcher.decide(zero + 61 * minute)), Names{"erp"});
}

TEST(Dispatcher, TransientFailuresAreTriedLaterAndLaterThenTheCircuitIsOpen) {
  Dispatcher dispatcher({job("erp", {"erp"}, 10 * second)}, {}, {}, {}, zero);
  Micros now = zero + 10 * second, last = 0;
  std::vector<Micros> waits;
  for (int i = 0; i < 8; ++i) {
    const Decisions decisions = dispatcher.decide(now);
    ASSERT_EQ(decisions.starts.size(), 1U) << i;
    if (last > 0) waits.push_back(now - last);
    last = now;
    dispatcher.finished(decisions.starts[0].token, {failed("erp", ErrorClass::retry)}, 1, now);
    EXPECT_TRUE(dispatcher.decide(now + second).starts.empty());
    now = dispatcher.health("erp").open_until;
  }
  EXPECT_EQ(waits[0], 30 * second);
  EXPECT_EQ(waits[1], 60 * second);
  EXPECT_GE(waits[4], 300 * second) << "five in a row open the circuit";
  EXPECT_TRUE(std::is_sorted(waits.begin(), waits.end()));
  // What it asked for itself counts more than our own guess.
  const Decisions decisions = dispatcher.decide(now);
  dispatcher.finished(decisions.starts.at(0).token, {failed("erp", ErrorClass::throttled, 7 * second)}, 1,
                      now);
  EXPECT_EQ(dispatcher.health("erp").open_until, now + 7 * second);
  const Decisions good = dispatcher.decide(now + 7 * second);
  dispatcher.finished(good.starts.at(0).token, {{"erp", {}, -1, {}}}, 1, now + 7 * second);
  EXPECT_EQ(dispatcher.health("erp").failures, 0);
}

TEST(Dispatcher, OffTimesAreWaitedFor) {
  config::OffTime off;
  off.from_minute = 0;
  off.to_minute = 30;
  off.time_zone = "Etc/UTC";
  Dispatcher dispatcher({job("erp", {"erp"}, 10 * minute)}, {{"erp", {{off}, ""}}}, {}, {}, zero - minute);
  const Micros midnight = (zero / (86400 * second) + 1) * 86400 * second;
  dispatcher.decide(midnight - minute);
  Dispatcher fresh({job("erp", {"erp"}, 10 * minute)}, {{"erp", {{off}, ""}}}, {}, {}, midnight - minute);
  EXPECT_TRUE(fresh.decide(midnight).starts.empty());
  EXPECT_EQ(fresh.wake_at(midnight), midnight + 10 * minute) << "the next fire";
  EXPECT_TRUE(fresh.decide(midnight + 29 * minute).starts.empty());
  EXPECT_EQ(names(fresh.decide(midnight + 30 * minute)), Names{"erp"});
  Dispatcher person({job("erp", {"erp"})}, {{"erp", {{off}, ""}}}, {}, {}, midnight);
  person.trigger("erp", Trigger::person, midnight);
  EXPECT_EQ(person.decide(midnight).starts.size(), 1U) << "a person may";
}

TEST(Dispatcher, EventsChainsAndFreshness) {
  JobSpec report = job("report", {"site"});
  report.after = {"erp"};
  JobSpec watch = job("watch", {"crm"});
  watch.fresh_stream = "crm/customers";
  watch.fresh_within = 30 * minute;
  Dispatcher dispatcher({job("erp", {"erp"}), report, watch}, {}, {}, {}, zero);
  EXPECT_FALSE(dispatcher.trigger("ghost", Trigger::person, zero));
  dispatcher.trigger("erp", Trigger::delivery, zero);
  dispatcher.trigger("erp", Trigger::delivery, zero);
  const Decisions event = dispatcher.decide(zero);
  ASSERT_EQ(event.starts.size(), 1U) << "two events, one application of both";
  EXPECT_FALSE(event.starts[0].read);
  dispatcher.finished(event.starts[0].token, {{"erp", {}, -1, {}}}, 1, zero);
  EXPECT_TRUE(dispatcher.decide(zero).starts.empty()) << "an event's application is no run of the job";
  dispatcher.trigger("erp", Trigger::person, zero);
  const Decisions person = dispatcher.decide(zero);
  dispatcher.finished(person.starts.at(0).token, {{"erp", {}, -1, {}}}, 1, zero);
  const Decisions after = dispatcher.decide(zero);
  EXPECT_EQ(names(after), Names{"report"});
  dispatcher.fresh("crm/customers", zero + 10 * minute);
  EXPECT_TRUE(dispatcher.decide(zero + 39 * minute).starts.empty());
  EXPECT_EQ(dispatcher.wake_at(zero + 39 * minute), zero + 40 * minute);
  EXPECT_EQ(names(dispatcher.decide(zero + 40 * minute)), Names{"watch"});
}

TEST(Dispatcher, PriorityFirstThenFairShares) {
  JobSpec one = job("one", {"lane"}), three = job("three", {"lane"}), urgent = job("urgent", {"lane"});
  three.share = 3;
  urgent.priority = config::Priority::high;
  Dispatcher dispatcher({one, three, urgent}, {}, {}, {}, zero);
  std::map<std::string, int> ran;
  Micros now = zero;
  for (int i = 0; i < 400; ++i) {
    for (const char* name : {"one", "three"}) dispatcher.trigger(name, Trigger::after, now);
    if (i == 200) dispatcher.trigger("urgent", Trigger::after, now);
    const Decisions decisions = dispatcher.decide(now);
    ASSERT_EQ(decisions.starts.size(), 1U);
    if (i == 200) {
      EXPECT_EQ(decisions.starts[0].job, "urgent");
    }
    ++ran[decisions.starts[0].job];
    now += minute;
    dispatcher.finished(decisions.starts[0].token, {}, minute, now);
  }
  EXPECT_NEAR(ran["three"], 3 * ran["one"], 6);
}

// A world of random jobs; everything that may never happen is looked for after every decision.
TEST(Dispatcher, KeepsItsPromisesInRandomWorlds) {
  for (std::uint64_t seed = 1; seed <= tests::worlds(150U); ++seed) {
    model::SeededRandom dice(seed);
    const auto below = [&](std::uint64_t limit) { return dice.next() % limit; };
    const Names systems = {"s0", "s1", "s2", "s3"};
    std::map<std::string, SystemSpec> specs;
    for (const std::string& name : systems)
      if (below(2) == 0) {
        config::OffTime off;
        off.from_minute = static_cast<int>(below(1440));
        off.to_minute = static_cast<int>(below(1440));
        off.time_zone = "Asia/Shanghai";
        off.skip = below(3) == 0;
        specs[name].off_times.push_back(off);
      }
    std::vector<JobSpec> jobs;
    for (int i = 0; i < 8; ++i) {
      Names of;
      for (const std::string& name : systems)
        if (below(3) == 0) of.push_back(name);
      jobs.push_back(job("j" + std::to_string(i), of,
                         below(4) == 0 ? 0 : static_cast<Micros>(1 + below(90)) * minute,
                         static_cast<Overlap>(below(5))));
      jobs.back().priority = static_cast<config::Priority>(below(3));
      jobs.back().share = 1 + static_cast<double>(below(3));
      jobs.back().collapse = below(2) == 0;
    }
    std::map<std::string, const JobSpec*> by_name;
    for (const JobSpec& spec : jobs) by_name[spec.name] = &spec;
    Dispatcher dispatcher(jobs, specs, {}, {}, zero);
    std::map<std::uint64_t, std::pair<Start, Micros>> running;  // and when it ends
    std::map<std::string, std::string> paused;
    Micros now = zero;
    std::uint64_t last_token = 0;
    for (int step = 0; step < 400; ++step) {
      const Decisions decisions = dispatcher.decide(now);
      for (const std::uint64_t token : decisions.cancels) {
        ASSERT_TRUE(running.contains(token)) << seed;
        running[token].second = now;
      }
      for (const Start& start : decisions.starts) {
        ASSERT_GT(start.token, last_token);
        last_token = start.token;
        const JobSpec& spec = *by_name.at(start.job);
        ASSERT_LE(start.due, now) << seed << " never before its time";
        for (const std::string& name : start.systems) {
          ASSERT_FALSE(paused.contains(name)) << seed << " paused";
          if (start.trigger != Trigger::person) {
            ASSERT_FALSE(off_at(specs[name].off_times, now)) << seed << " in an off-time";
          }
          for (const auto& [token, other] : running)
            ASSERT_EQ(std::count(other.first.systems.begin(), other.first.systems.end(), name), 0)
                << seed << " two jobs on one lane";
        }
        for (const auto& [token, other] : running) {
          ASSERT_TRUE(spec.overlap == Overlap::allow || other.first.job != start.job) << seed;
        }
        running[start.token] = {start, now + static_cast<Micros>(1 + below(40)) * minute};
      }
      // Nothing that could start is left.
      ASSERT_TRUE(dispatcher.decide(now).starts.empty()) << seed;
      Micros next = dispatcher.wake_at(now);
      ASSERT_TRUE(next == model::unknown_time || next > now) << seed << " would spin";
      for (const auto& [token, run] : running)
        next = next == model::unknown_time ? run.second : std::min(next, run.second);
      if (next == model::unknown_time) next = now + minute;
      now = std::max(next, now);
      for (auto run = running.begin(); run != running.end();) {
        if (run->second.second > now) {
          ++run;
          continue;
        }
        std::vector<SystemOutcome> outcomes;
        for (const std::string& name : run->second.first.systems) {
          static constexpr ErrorClass errors[] = {ErrorClass::data, ErrorClass::retry, ErrorClass::throttled,
                                                  ErrorClass::auth, ErrorClass::stale};
          outcomes.push_back(below(4) == 0 ? failed(name, errors[below(5)])
                                           : SystemOutcome{name, {}, -1, {}});
        }
        for (const Pause& pause : dispatcher.finished(run->first, outcomes, now - run->second.first.due, now))
          paused[pause.system] = pause.reason;
        run = running.erase(run);
      }
      if (below(10) == 0)
        dispatcher.trigger("j" + std::to_string(below(8)), static_cast<Trigger>(below(8)), now);
      if (below(15) == 0) {
        const std::string& name = systems[below(4)];
        paused.erase(name);
        dispatcher.resume(name);
      }
    }
  }
}

// Whoever wakes only when he is told to misses nothing that looking every second would have seen.
TEST(Dispatcher, WakesAsEarlyAsNeeded) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto world = [&](bool every_second) {
      model::SeededRandom dice(seed);
      std::vector<JobSpec> jobs;
      std::map<std::string, SystemSpec> systems;
      for (int i = 0; i < 5; ++i) {
        const std::string name = "s" + std::to_string(i);
        jobs.push_back(job(name, {name}, static_cast<Micros>(30 + dice.next() % 600) * second));
        config::OffTime off;
        off.from = zero + static_cast<Micros>(dice.next() % 3000) * second;
        off.until = off.from + static_cast<Micros>(1 + dice.next() % 900) * second;
        systems[name].off_times = {off};
      }
      Dispatcher dispatcher(std::move(jobs), std::move(systems), {}, {}, zero);
      std::vector<std::pair<Micros, std::string>> log;
      for (Micros now = zero; now < zero + 3600 * second;) {
        for (const Start& start : dispatcher.decide(now).starts) {
          log.emplace_back(now, start.job);
          const bool fails = (start.written / second) % 7 == 0;
          dispatcher.finished(
              start.token,
              {fails ? failed(start.job, ErrorClass::retry) : SystemOutcome{start.job, {}, -1, {}}}, 1, now);
        }
        const Micros wake = dispatcher.wake_at(now);
        now = every_second || wake == model::unknown_time ? now + second : wake;
      }
      return log;
    };
    EXPECT_EQ(world(true), world(false)) << seed;
  }
}

}  // namespace dispatcher_test
}  // namespace huiliu::run
