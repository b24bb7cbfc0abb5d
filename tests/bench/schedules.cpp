// 10,000 jobs that do next to nothing: what the schedules themselves cost, and how late fires are.
//   schedules [JOBS] [SECONDS]
// A tenth fires every minute, spread over its seconds, so that some hundreds fire while it runs; most of the
// others fire hourly with jitter, the rest wait for events. Two jobs share a system.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <thread>

#include "hub/run/schedule_loop.hpp"

namespace {

using huiliu::model::Micros;
using namespace huiliu;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

run::JobSpec job(int number) {
  config::ScheduleConfig schedule;
  if (number % 10 == 0)
    schedule.cron = std::to_string(number / 10 % 60) + " * * * * *";  // six fields: a second of every minute
  else if (number % 3 != 0)
    schedule.every_seconds = 3600, schedule.jitter_seconds = 3600;
  run::JobSpec spec;
  spec.name = "job" + std::to_string(number);
  spec.systems = {"system" + std::to_string(number % 5000)};
  if (schedule.fires_by_time()) {
    auto table = run::Timetable::compile(schedule, nullptr, spec.name);
    if (table.ok()) spec.timetable = std::move(*table);
  }
  return spec;
}

}  // namespace

int main(int argc, char** argv) {
  const int jobs = argc > 1 ? std::atoi(argv[1]) : 10'000;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 30;
  const run::SystemClock clock;
  std::mutex mutex;
  std::vector<Micros> late;
  std::atomic<Micros> measured_from{
      std::numeric_limits<Micros>::max()};  // what came due while setting up is not counted
  run::ScheduleLoop::Callbacks callbacks;
  callbacks.execute = [&](const run::Start& start, const std::atomic<bool>&) {
    const Micros now = clock.now();
    const std::lock_guard lock(mutex);
    if (start.due >= measured_from) late.push_back(now - start.due);
    return run::JobOutcome{};
  };
  std::vector<run::JobSpec> specs;
  for (int i = 0; i < jobs; ++i) specs.push_back(job(i));
  const auto began = std::chrono::steady_clock::now();
  run::ScheduleLoop loop(run::Dispatcher(std::move(specs), {}, {}, {}, clock.now()), clock,
                         std::move(callbacks));
  const double ready =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
  measured_from = clock.now();
  const double cpu_before = cpu_seconds();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));  // what is measured
  const double share = (cpu_seconds() - cpu_before) / seconds * 100;
  const std::lock_guard lock(mutex);
  std::sort(late.begin(), late.end());
  const auto at = [&](double part) {
    return late.empty()
               ? 0.0
               : static_cast<double>(late[std::min(
                     late.size() - 1, static_cast<std::size_t>(part * static_cast<double>(late.size())))]) /
                     1000;
  };
  std::printf(
      "%d jobs, %d s: %.2f %% of a core, %zu fires, late by p50 %.2f ms, p99 %.2f ms, most %.2f ms; set up "
      "in %.0f ms\n",
      jobs, seconds, share, late.size(), at(0.5), at(0.99), at(1), ready);
  std::fflush(stdout);
  std::_Exit(0);
}
