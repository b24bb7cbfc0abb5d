// The core of scheduling: which job runs when. Pure: no threads, no clock, no store; time comes in as an
// argument, what to do comes out. The scheduler (scheduler.hpp) is the hand that does it.
//
//   fire → pending → (off-times, pauses, lanes, slots) → running → finished → health of its systems
//
// Lanes: a job occupies those of the systems it works with, one job a lane, so that a slow system holds up
// itself only. Order among what waits: a person before an event before a schedule, high before low, then
// fair shares of time. A job that waits for a lane keeps it free, so that nothing starves.
//
// Health decides by the class of an error, never by its text: a refused credential pauses the system at once,
// a wrong payload never does, what is transient is tried again later and later, and what only another
// configuration can help waits for that.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/config/schedule.hpp"
#include "hub/model/result.hpp"
#include "hub/run/timetable.hpp"

namespace huiliu::run {

enum class Trigger { person, delivery, data, time, catch_up, after, stale, retry };
const char* to_string(Trigger trigger) noexcept;
// Does it ask for reading the systems, or only for what is known already?
bool reads(Trigger trigger) noexcept;

struct JobSpec {
  std::string name;
  std::vector<std::string> systems;  // whose lanes it occupies; none: it waits for nobody
  config::Priority priority = config::Priority::normal;
  double share = 1;
  config::Overlap overlap = config::Overlap::buffer_one;
  model::Micros catch_up = 0;
  bool collapse = true;
  std::optional<Timetable> timetable;
  std::vector<std::string> after;  // jobs
  std::string fresh_stream;        // "erp/customers"; empty: none
  model::Micros fresh_within = 0;
};

struct SystemSpec {
  std::vector<config::OffTime> off_times;
  std::string paused;  // why; "": it is not
};

// What was remembered of a job before.
struct JobMemory {
  model::Micros last_fire = model::unknown_time;  // written time of the last one that was taken
  model::Micros last_end = model::unknown_time;
};

struct Start {
  std::uint64_t token = 0;
  std::string job;
  Trigger trigger = Trigger::time;
  bool read = true;
  model::Micros written = 0;         // the fire's time; of an event, when it came
  model::Micros due = 0;             // when it should start
  std::vector<std::string> systems;  // without those that are paused
};

struct Skipped {
  std::string job, reason;  // overlap collapsed missed off_time paused buffer_full
  model::Micros written = 0;
};

struct Decisions {
  std::vector<Start> starts;
  std::vector<std::uint64_t> cancels;
  std::vector<Skipped> skipped;
};

struct SystemOutcome {
  std::string system;
  std::optional<model::ErrorClass> failed;
  model::Micros retry_after = -1;  // -1: not said
  std::string message;
};
struct Pause {
  std::string system, reason;
};

struct SystemHealth {
  int failures = 0;              // in a row, of the transient kind
  model::Micros open_until = 0;  // nothing is asked of it before
  std::string paused;            // by a person or a refused credential
  std::string blocked;           // until the configuration changes
};

struct DispatcherOptions {
  std::size_t slots = 64;  // jobs at once
  model::Micros backoff_base = 30 * model::second, backoff_cap = 3600 * model::second;
  int breaker_failures = 5;  // from then on the circuit is open for at least
  model::Micros breaker_open = 300 * model::second;
  std::size_t buffer_max = 1000;
};

class Dispatcher {
 public:
  Dispatcher(std::vector<JobSpec> jobs, std::map<std::string, SystemSpec> systems, DispatcherOptions options,
             const std::map<std::string, JobMemory>& memory, model::Micros now);

  // Something outside asks for a job. False: there is none of that name.
  bool trigger(const std::string& job, Trigger trigger, model::Micros now);
  // A stream was read completely.
  void fresh(const std::string& stream, model::Micros at);
  // Returns the systems that this pauses. `took`: what it cost of the shared time.
  std::vector<Pause> finished(std::uint64_t token, const std::vector<SystemOutcome>& outcomes,
                              model::Micros took, model::Micros now);
  void pause(const std::string& system, const std::string& reason);
  void resume(const std::string& system);

  Decisions decide(model::Micros now);
  // When decide must be called again though nothing happens; unknown_time: never.
  model::Micros wake_at(model::Micros now) const;

  SystemHealth health(const std::string& system) const;
  // When the job fires next by time; unknown_time: it does not.
  model::Micros next_fire(const std::string& job) const;
  std::size_t running() const { return running_.size(); }

 private:
  struct Pending {
    Trigger trigger = Trigger::time;
    bool read = true;
    model::Micros written = 0, due = 0, not_before = 0;
  };
  struct Job {
    JobSpec spec;
    std::optional<Fire> next;
    model::Micros timer = model::unknown_time, stale_timer = model::unknown_time;
    std::deque<Pending> pending;
    std::set<std::uint64_t> running;
    double spent = 0;  // virtual time: what it took, divided by its share
  };
  struct Running {
    std::size_t job = 0;
    std::vector<std::string> systems;
    Trigger trigger = Trigger::time;
    bool read = true;
  };
  struct System {
    SystemSpec spec;
    SystemHealth health;
    std::size_t busy = 0;
  };
  struct Candidate {
    std::size_t job = 0;
    int rank = 0;
    double spent = 0;
    model::Micros due = 0;
    std::vector<std::string> systems;
  };
  enum class Timer { fire, stale };

  void set_timer(std::size_t job, Timer kind, model::Micros at);
  void plan_next(std::size_t job, model::Micros after);
  void fire(std::size_t job, model::Micros now, Decisions& decisions);
  void enqueue(std::size_t job, Pending pending, Decisions* decisions);
  void take_timers(model::Micros now, Decisions& decisions);
  std::optional<Candidate> candidate(std::size_t job, model::Micros now, Decisions& decisions);
  // When what waits could go, as far as off-times and circuits decide.
  model::Micros held_until(const Job& job, const Pending& pending, model::Micros now) const;
  void start(const Candidate& candidate, Decisions& decisions);
  model::Micros backoff(const SystemHealth& health) const;
  void judge(const SystemOutcome& outcome, model::Micros now, std::vector<Pause>& pauses,
             model::Micros& again);

  DispatcherOptions options_;
  std::vector<Job> jobs_;
  std::map<std::string, std::size_t> by_name_;
  std::map<std::string, std::vector<std::size_t>> followers_, by_stream_;
  std::map<std::string, System> systems_;
  std::set<std::pair<model::Micros, std::pair<std::size_t, Timer>>> timers_;
  std::set<std::size_t> waiting_;  // jobs with something pending
  std::map<std::uint64_t, Running> running_;
  std::uint64_t tokens_ = 0;
  double virtual_now_ = 0;  // of fair sharing: where the job that started last stood
};

}  // namespace huiliu::run
