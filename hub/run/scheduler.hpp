// The schedules of a serving hub. Every connection is a job of its own, on its own lane: it is read when its
// schedule says so, its events are applied as they come, and what became due in it is written. Jobs of
// jobs/*.yaml come beside them. What happens is decided by the dispatcher.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "hub/run/hub.hpp"
#include "hub/run/schedule_loop.hpp"

namespace huiliu::run {

// The configuration's jobs, as the dispatcher takes them. Errors (config), with file:line: a cron expression,
// a zone.
model::Result<std::vector<JobSpec>> job_specs(const config::Config& config);
std::vector<model::Error> schedule_errors(const config::Config& config);

// Carries a job out, here and now: a connection's reading and writing, or what jobs/NAME.yaml says. `report`
// is told about every cycle, `house` how backups and checks of the store ended.
struct JobListener {
  std::function<void(const model::Result<CycleReport>&)> cycle;
  std::function<void(const std::string& job, const model::Status&)> house;
};
JobOutcome perform(Hub& hub, const Start& start, const std::atomic<bool>& stop, const JobListener& report);

class Scheduler {
 public:
  // `report` is called on the jobs' threads. Starts at once.
  Scheduler(Hub& hub, JobListener report);
  // Stops what is under way at its next batch, and waits for it.
  ~Scheduler();

  // A delivery was stored for this connection: apply it soon. Any thread.
  void poke(const std::string& connection);
  const ScheduleLoop& loop() const { return *loop_; }

 private:
  void remember(const std::string& job, const char* what, model::Micros at);
  void note(const std::vector<Skipped>& skipped);
  void pause_all(const std::vector<Pause>& pauses);

  Hub& hub_;
  JobListener report_;
  std::unique_ptr<ScheduleLoop> loop_;
};

}  // namespace huiliu::run
