// The schedules of a serving hub: reads each connection when its schedule says so, applies webhooks' hints as
// they come, and writes what became due everywhere. One cycle at a time; what falls due meanwhile runs right
// after, once.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "hub/run/hub.hpp"

namespace huiliu::run {

class Scheduler {
 public:
  // `report` is told about every cycle, on the scheduler's thread. Starts at once.
  Scheduler(Hub& hub, std::function<void(const model::Result<CycleReport>&)> report);
  // Stops the cycle under way at its next batch, and waits for it.
  ~Scheduler();

  // A delivery was stored for this connection: apply it soon. Any thread.
  void poke(const std::string& connection);

 private:
  void loop();
  // The next fire of every schedule after `now`; unknown_time when a connection has none.
  void plan_fires(model::Micros now);
  std::set<std::string> due_at(model::Micros now);

  Hub& hub_;
  std::function<void(const model::Result<CycleReport>&)> report_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, model::Micros> next_;
  std::set<std::string> poked_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace huiliu::run
