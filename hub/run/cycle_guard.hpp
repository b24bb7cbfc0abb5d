// Watches over a cycle while it runs: a stop that is asked for, by the caller or by a person's `run stop`,
// becomes one flag and reaches the systems' calls, so that a hanging server does not hold it up; and a cycle
// in which nothing moves any more is stopped.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hub/run/cycle.hpp"

namespace huiliu::run {

// Does anything move? Pure: told what the counters come to and what time it is.
class ProgressWatch {
 public:
  // limit 0: never stalled.
  ProgressWatch(model::Micros limit, model::Micros now) : limit_(limit), moved_(now) {}
  // True: the same as `limit` ago.
  bool stalled(std::uint64_t counters, model::Micros now) {
    if (counters != counters_ || now < moved_) {
      counters_ = counters;
      moved_ = now;
    }
    return limit_ > 0 && now - moved_ >= limit_;
  }

 private:
  model::Micros limit_, moved_;
  std::uint64_t counters_ = 0;
};

// A number that changes with everything that a cycle does.
std::uint64_t movement(const ProgressBoard& board);

class CycleGuard {
 public:
  // All outlive it. `tick` is called every few seconds, on a thread of the guard.
  CycleGuard(std::vector<System*> systems, const ProgressBoard& board, const Clock& clock,
             model::Micros no_progress, const std::atomic<bool>& caller, const std::atomic<bool>& person,
             std::function<void()> tick);
  ~CycleGuard();
  const std::atomic<bool>& flag() const { return flag_; }
  bool stalled() const { return stalled_; }

 private:
  void watch();

  std::vector<System*> systems_;
  const ProgressBoard& board_;
  const Clock& clock_;
  model::Micros no_progress_;
  const std::atomic<bool>&caller_, &person_;
  std::function<void()> tick_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::atomic<bool> flag_{false}, stalled_{false};
  std::thread thread_;
};

}  // namespace huiliu::run
