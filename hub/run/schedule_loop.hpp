// The hand of the dispatcher: wakes when something is due, starts each job on a thread of its own, tells the
// dispatcher how it ended. Knows nothing of hubs.
//
// Threads: every member may be called from any thread; `execute` runs on the jobs' threads, `notice` on the
// loop's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hub/run/clock.hpp"
#include "hub/run/dispatcher.hpp"

namespace huiliu::run {

struct JobOutcome {
  std::vector<SystemOutcome> systems;
  std::map<std::string, model::Micros> fresh;  // streams that were read completely, and when
  std::vector<std::string> data_for;           // jobs for which it left something to write
};

class ScheduleLoop {
 public:
  struct Callbacks {
    std::function<JobOutcome(const Start&, const std::atomic<bool>& stop)> execute;
    std::function<void(const Decisions&)> decided = {};          // before the starts are carried out
    std::function<void(const std::vector<Pause>&)> paused = {};  // what a refused credential paused
  };
  ScheduleLoop(Dispatcher dispatcher, const Clock& clock, Callbacks callbacks);
  // Stops what runs, and waits for it.
  ~ScheduleLoop();

  bool trigger(const std::string& job, Trigger trigger);
  void pause(const std::string& system, const std::string& reason);
  void resume(const std::string& system);
  SystemHealth health(const std::string& system) const;
  model::Micros next_fire(const std::string& job) const;

 private:
  struct Work {
    std::uint64_t token = 0;
    std::atomic<bool> stop{false}, done{false};
    std::thread thread;
  };
  void loop();
  void begin(const Start& start);
  void run(Work& work, const Start& start);
  void reap();

  const Clock& clock_;
  Callbacks callbacks_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Dispatcher dispatcher_;
  std::list<std::unique_ptr<Work>> works_;
  bool changed_ = false, stop_ = false;
  std::thread thread_;
};

}  // namespace huiliu::run
