#include "hub/run/scheduler.hpp"

#include <algorithm>
#include <chrono>

#include "hub/run/cron.hpp"

namespace huiliu::run {
namespace {

using model::Micros;

constexpr Micros wait_max = 60 * model::second;  // the wall clock may jump: look at it at least this often

Micros fire_after(const config::ScheduleConfig& schedule, Micros after) {
  if (schedule.every_seconds > 0) {  // anchored at 1970-01-01T00:00:00Z, so that a restart keeps the beat
    const Micros period = schedule.every_seconds * model::second;
    return (after / period + 1) * period;
  }
  const auto cron = Cron::parse(schedule.cron);
  if (!cron.ok()) return model::unknown_time;
  const auto next = cron->next(after, schedule.time_zone);
  return next.ok() && *next ? **next : model::unknown_time;
}

}  // namespace

Scheduler::Scheduler(Hub& hub, std::function<void(const model::Result<CycleReport>&)> report)
    : hub_(hub), report_(std::move(report)) {
  plan_fires(hub_.clock().now());
  hub_.on_delivery([this](const std::string& connection) { poke(connection); });
  thread_ = std::thread([this] { loop(); });
}

Scheduler::~Scheduler() {
  hub_.on_delivery({});
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Scheduler::poke(const std::string& connection) {
  {
    const std::lock_guard lock(mutex_);
    poked_.insert(connection);
  }
  wake_.notify_all();
}

void Scheduler::plan_fires(Micros now) {
  for (const config::ConnectionConfig& connection : hub_.config().connections)
    if (connection.enabled && connection.schedule)
      next_[connection.name] = fire_after(*connection.schedule, now);
}

std::set<std::string> Scheduler::due_at(Micros now) {
  std::set<std::string> due;
  for (auto& [name, fire] : next_)
    if (fire != model::unknown_time && fire <= now) {
      due.insert(name);
      fire = fire_after(*hub_.connection(name)->schedule, now);
    }
  return due;
}

void Scheduler::loop() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const Micros now = hub_.clock().now();
    std::set<std::string> due = due_at(now);
    std::erase_if(due, [&](const std::string& name) { return !hub_.pause_reason(name).empty(); });
    const bool hinted = !std::exchange(poked_, {}).empty();
    if (due.empty() && !hinted) {
      Micros until = now + wait_max;
      for (const auto& [name, fire] : next_)
        if (fire != model::unknown_time) until = std::min(until, fire);
      wake_.wait_for(lock, std::chrono::microseconds(std::max<Micros>(until - now, 1000)));
      continue;
    }
    lock.unlock();
    CycleOptions options;
    options.read = !due.empty();
    options.read_from.assign(due.begin(), due.end());
    options.job = due.empty() ? "event" : "schedule";
    options.trigger = due.empty() ? "event" : "schedule";
    report_(hub_.sync(options, nullptr, stop_));
    lock.lock();
  }
}

}  // namespace huiliu::run
