#include "hub/run/schedule_loop.hpp"

#include <algorithm>
#include <chrono>

namespace huiliu::run {
namespace {

using model::Micros;

constexpr Micros loop_wait_max =
    60 * model::second;  // the wall clock may jump: look at it at least this often

}  // namespace

ScheduleLoop::ScheduleLoop(Dispatcher dispatcher, const Clock& clock, Callbacks callbacks)
    : clock_(clock), callbacks_(std::move(callbacks)), dispatcher_(std::move(dispatcher)) {
  thread_ = std::thread([this] { loop(); });
}

ScheduleLoop::~ScheduleLoop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    for (const auto& work : works_) work->stop = true;
  }
  wake_.notify_all();
  thread_.join();
  for (const auto& work : works_) work->thread.join();
}

bool ScheduleLoop::trigger(const std::string& job, Trigger trigger) {
  const std::lock_guard lock(mutex_);
  const bool known = dispatcher_.trigger(job, trigger, clock_.now());
  changed_ = true;
  wake_.notify_all();
  return known;
}

void ScheduleLoop::pause(const std::string& system, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  dispatcher_.pause(system, reason);
}

void ScheduleLoop::resume(const std::string& system) {
  const std::lock_guard lock(mutex_);
  dispatcher_.resume(system);
  changed_ = true;
  wake_.notify_all();
}

SystemHealth ScheduleLoop::health(const std::string& system) const {
  const std::lock_guard lock(mutex_);
  return dispatcher_.health(system);
}

Micros ScheduleLoop::next_fire(const std::string& job) const {
  const std::lock_guard lock(mutex_);
  return dispatcher_.next_fire(job);
}

void ScheduleLoop::loop() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    reap();
    changed_ = false;
    const Decisions decisions = dispatcher_.decide(clock_.now());
    for (const std::uint64_t token : decisions.cancels)
      for (const auto& work : works_)
        if (work->token == token) work->stop = true;
    if (!decisions.starts.empty() || !decisions.skipped.empty()) {
      lock.unlock();
      if (callbacks_.decided) callbacks_.decided(decisions);
      lock.lock();
      if (stop_) return;
      for (const Start& start : decisions.starts) begin(start);
    }
    if (changed_) continue;
    const Micros now = clock_.now();
    const Micros wake = dispatcher_.wake_at(now);
    const Micros until =
        wake == model::unknown_time ? now + loop_wait_max : std::min(wake, now + loop_wait_max);
    if (until > now)
      wake_.wait_for(lock, std::chrono::microseconds(until - now), [this] { return changed_ || stop_; });
  }
}

void ScheduleLoop::begin(const Start& start) {
  Work& work = *works_.emplace_back(std::make_unique<Work>());
  work.token = start.token;
  work.thread = std::thread([this, &work, start] { run(work, start); });
}

void ScheduleLoop::run(Work& work, const Start& start) {
  const Micros began = clock_.now();
  const JobOutcome outcome = callbacks_.execute(start, work.stop);
  std::vector<Pause> pauses;
  {
    const std::lock_guard lock(mutex_);
    const Micros now = clock_.now();
    pauses = dispatcher_.finished(start.token, outcome.systems, now - began, now);
    for (const auto& [stream, at] : outcome.fresh) dispatcher_.fresh(stream, at);
    for (const std::string& job : outcome.data_for) dispatcher_.trigger(job, Trigger::data, now);
  }
  if (!pauses.empty() && callbacks_.paused) callbacks_.paused(pauses);
  const std::lock_guard lock(mutex_);
  work.done = true;
  changed_ = true;
  wake_.notify_all();
}

void ScheduleLoop::reap() {
  for (auto work = works_.begin(); work != works_.end();) {
    if (!(*work)->done) {
      ++work;
      continue;
    }
    (*work)->thread.join();
    work = works_.erase(work);
  }
}

}  // namespace huiliu::run
