#include "hub/run/dispatcher.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace huiliu::run {

using config::Overlap;
using model::ErrorClass;
using model::Micros;
using model::unknown_time;

namespace {

// A fire that is later than this was missed: the process was not there, or the clock jumped.
constexpr Micros missed_after = 60 * model::second;
constexpr std::size_t missed_max = 10'000;  // missed fires that are looked at one by one

int rank_of(Trigger trigger, config::Priority priority) {
  if (trigger == Trigger::person) return 0;
  if (trigger == Trigger::delivery || trigger == Trigger::data) return 1;
  return 2 + static_cast<int>(priority);
}

}  // namespace

const char* to_string(Trigger trigger) noexcept {
  switch (trigger) {
    case Trigger::person:
      return "person";
    case Trigger::delivery:
      return "event";
    case Trigger::data:
      return "data";
    case Trigger::time:
      return "schedule";
    case Trigger::catch_up:
      return "catch_up";
    case Trigger::after:
      return "after";
    case Trigger::stale:
      return "stale";
    case Trigger::retry:
      return "retry";
  }
  return "";
}

bool reads(Trigger trigger) noexcept { return trigger != Trigger::delivery && trigger != Trigger::data; }

Dispatcher::Dispatcher(std::vector<JobSpec> jobs, std::map<std::string, SystemSpec> systems,
                       DispatcherOptions options, const std::map<std::string, JobMemory>& memory, Micros now)
    : options_(options) {
  for (auto& [name, spec] : systems) {
    System& system = systems_[name];
    system.health.paused = spec.paused;
    system.spec = std::move(spec);
  }
  jobs_.resize(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    Job& job = jobs_[i];
    job.spec = std::move(jobs[i]);
    by_name_[job.spec.name] = i;
    for (const std::string& system : job.spec.systems) systems_[system];
    for (const std::string& name : job.spec.after) followers_[name].push_back(i);
    if (!job.spec.fresh_stream.empty()) {
      by_stream_[job.spec.fresh_stream].push_back(i);
      set_timer(i, Timer::stale, now + job.spec.fresh_within);
    }
    if (!job.spec.timetable) continue;
    const auto known = memory.find(job.spec.name);
    const JobMemory past = known == memory.end() ? JobMemory{} : known->second;
    if (const Micros pause = job.spec.timetable->from_end(); pause > 0) {
      const Micros at = past.last_end == unknown_time ? now : std::max(now, past.last_end + pause);
      job.next = Fire{at, at, false, {}};
      set_timer(i, Timer::fire, at);
    } else {
      const Micros window = now - job.spec.catch_up - 1;
      plan_next(i, past.last_fire == unknown_time ? now : std::clamp(past.last_fire, window, now));
    }
  }
}

void Dispatcher::set_timer(std::size_t index, Timer kind, Micros at) {
  Micros& timer = kind == Timer::fire ? jobs_[index].timer : jobs_[index].stale_timer;
  if (timer != unknown_time) timers_.erase({timer, {index, kind}});
  timer = at;
  if (at != unknown_time) timers_.insert({at, {index, kind}});
}

void Dispatcher::plan_next(std::size_t index, Micros after) {
  Job& job = jobs_[index];
  job.next = job.spec.timetable->next(after);
  set_timer(index, Timer::fire, job.next ? job.next->at : unknown_time);
}

bool Dispatcher::trigger(const std::string& name, Trigger trigger, Micros now) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return false;
  enqueue(found->second, {trigger, reads(trigger), now, now, 0}, nullptr);
  return true;
}

void Dispatcher::fresh(const std::string& stream, Micros at) {
  const auto found = by_stream_.find(stream);
  if (found == by_stream_.end()) return;
  for (const std::size_t index : found->second)
    set_timer(index, Timer::stale, at + jobs_[index].spec.fresh_within);
}

// One fire or, after a gap, several: what was missed is taken up within the catch-up window, else it is
// missed.
void Dispatcher::fire(std::size_t index, Micros now, Decisions& decisions) {
  Job& job = jobs_[index];
  if (job.spec.timetable->from_end() > 0) {
    const Micros at = job.next->at;
    job.next.reset();
    set_timer(index, Timer::fire, unknown_time);  // set again when the run ends
    return enqueue(index, {Trigger::time, true, at, at, 0}, &decisions);
  }
  std::optional<Pending> last;
  for (std::size_t i = 0; job.next && job.next->at <= now && i < missed_max; ++i) {
    const Fire fire = *job.next;
    const bool missed = now - fire.at > missed_after;
    if (missed && now - fire.at > job.spec.catch_up) {
      decisions.skipped.push_back({job.spec.name, "missed", fire.written});
    } else if (missed && job.spec.collapse) {
      if (last) decisions.skipped.push_back({job.spec.name, "collapsed", last->written});
      last = Pending{Trigger::catch_up, true, fire.written, fire.at, 0};
    } else {
      enqueue(index, {missed ? Trigger::catch_up : Trigger::time, true, fire.written, fire.at, 0},
              &decisions);
    }
    plan_next(index, fire.written);
  }
  if (job.next && job.next->at <= now) plan_next(index, now);  // a gap longer than anyone looks at
  if (last) enqueue(index, *last, &decisions);
}

void Dispatcher::enqueue(std::size_t index, Pending pending, Decisions* decisions) {
  Job& job = jobs_[index];
  const auto skip = [&](const char* reason) {
    if (decisions != nullptr) decisions->skipped.push_back({job.spec.name, reason, pending.written});
  };
  // An event says only that there is something to do: one that waits already will do it.
  const bool event = pending.trigger != Trigger::time && pending.trigger != Trigger::catch_up;
  const Overlap overlap =
      event && job.spec.overlap != Overlap::allow ? Overlap::buffer_one : job.spec.overlap;
  const auto merge = [&](const char* reason) {
    Pending& waits = job.pending.back();
    waits.read = waits.read || pending.read;
    if (rank_of(pending.trigger, job.spec.priority) < rank_of(waits.trigger, job.spec.priority))
      waits.trigger = pending.trigger;
    if (pending.trigger == Trigger::person) {  // who asks by hand does not wait for a retry's time
      waits.not_before = 0;
      waits.due = std::min(waits.due, pending.due);
    }
    skip(reason);
  };
  switch (overlap) {
    case Overlap::skip:
      if (!job.pending.empty()) return merge("overlap");
      if (!job.running.empty()) return skip("overlap");
      break;
    case Overlap::buffer_one:
      if (!job.pending.empty()) return merge("collapsed");
      break;
    case Overlap::buffer_all:
    case Overlap::allow:
      if (job.pending.size() >= options_.buffer_max) return skip("buffer_full");
      break;
    case Overlap::cancel_other:
      for (const Pending& other : job.pending)
        if (decisions != nullptr) decisions->skipped.push_back({job.spec.name, "overlap", other.written});
      job.pending.clear();
      if (decisions != nullptr)
        decisions->cancels.insert(decisions->cancels.end(), job.running.begin(), job.running.end());
      break;
  }
  // Who was idle comes back with no credit that would shut the others out.
  if (job.pending.empty() && job.running.empty()) job.spent = std::max(job.spent, virtual_now_);
  job.pending.push_back(pending);
  waiting_.insert(index);
}

void Dispatcher::take_timers(Micros now, Decisions& decisions) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const auto [index, kind] = timers_.begin()->second;
    if (kind == Timer::fire) {
      fire(index, now, decisions);
      continue;
    }
    // Still stale when it ran and nothing came: not more often than the data may age.
    set_timer(index, Timer::stale, now + std::max<Micros>(jobs_[index].spec.fresh_within, model::second));
    enqueue(index, {Trigger::stale, true, now, now, 0}, &decisions);
  }
}

Micros Dispatcher::held_until(const Job& job, const Pending& pending, Micros now) const {
  Micros until = pending.not_before;
  if (pending.trigger == Trigger::person) return until;
  Micros first_open = unknown_time;  // a job of several systems goes when one of them can
  for (const std::string& name : job.spec.systems) {
    const System& system = systems_.at(name);
    if (!system.health.paused.empty() || !system.health.blocked.empty()) continue;
    const Micros open = system.health.open_until;
    first_open = first_open == unknown_time ? open : std::min(first_open, open);
    if (const auto off = off_at(system.spec.off_times, now)) until = std::max(until, off->until);
  }
  return std::max(until, first_open);
}

std::optional<Dispatcher::Candidate> Dispatcher::candidate(std::size_t index, Micros now,
                                                           Decisions& decisions) {
  Job& job = jobs_[index];
  while (!job.pending.empty()) {
    const Pending& pending = job.pending.front();
    if (!job.running.empty() && job.spec.overlap != Overlap::allow) return std::nullopt;
    Candidate found{index, rank_of(pending.trigger, job.spec.priority), job.spent, pending.due, {}};
    const char* left_out = nullptr;
    const bool person = pending.trigger == Trigger::person;
    for (const std::string& name : job.spec.systems) {
      const System& system = systems_.at(name);
      const auto off = person ? std::nullopt : off_at(system.spec.off_times, now);
      if (off && off->skip) left_out = "off_time";
      if (!system.health.paused.empty() || (!person && !system.health.blocked.empty())) continue;
      if (person || system.health.open_until <= now) found.systems.push_back(name);
    }
    const bool all_stopped =
        !job.spec.systems.empty() &&
        std::all_of(job.spec.systems.begin(), job.spec.systems.end(), [&](const std::string& name) {
          const SystemHealth& health = systems_.at(name).health;
          return !health.paused.empty() || (!person && !health.blocked.empty());
        });
    if (all_stopped) left_out = "paused";
    if (left_out != nullptr) {
      decisions.skipped.push_back({job.spec.name, left_out, pending.written});
      job.pending.pop_front();
      continue;
    }
    if (held_until(job, pending, now) > now) return std::nullopt;
    return found;
  }
  waiting_.erase(index);
  return std::nullopt;
}

void Dispatcher::start(const Candidate& candidate, Decisions& decisions) {
  Job& job = jobs_[candidate.job];
  const Pending pending = job.pending.front();
  job.pending.pop_front();
  if (job.pending.empty()) waiting_.erase(candidate.job);
  virtual_now_ = std::max(virtual_now_, job.spent);
  const std::uint64_t token = ++tokens_;
  job.running.insert(token);
  for (const std::string& name : candidate.systems) ++systems_.at(name).busy;
  running_[token] = {candidate.job, candidate.systems, pending.trigger, pending.read};
  decisions.starts.push_back(
      {token, job.spec.name, pending.trigger, pending.read, pending.written, pending.due, candidate.systems});
}

Decisions Dispatcher::decide(Micros now) {
  Decisions decisions;
  take_timers(now, decisions);
  while (true) {
    std::vector<Candidate> candidates;
    const std::set<std::size_t> waiting = waiting_;
    for (const std::size_t index : waiting)
      if (auto found = candidate(index, now, decisions)) candidates.push_back(std::move(*found));
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return std::tie(a.rank, a.spent, a.due, a.job) < std::tie(b.rank, b.spent, b.due, b.job);
    });
    std::set<std::string> reserved;
    bool started = false;
    for (const Candidate& each : candidates) {
      if (running_.size() >= options_.slots) break;
      const bool free = std::none_of(each.systems.begin(), each.systems.end(), [&](const std::string& name) {
        return systems_.at(name).busy > 0 || reserved.contains(name);
      });
      if (free) {
        start(each, decisions);
        started = true;
      } else {
        reserved.insert(each.systems.begin(), each.systems.end());
      }
    }
    if (!started) return decisions;
  }
}

Micros Dispatcher::wake_at(Micros now) const {
  Micros wake = timers_.empty() ? unknown_time : timers_.begin()->first;
  for (const std::size_t index : waiting_) {
    const Job& job = jobs_[index];
    if (job.pending.empty() || (!job.running.empty() && job.spec.overlap != Overlap::allow)) continue;
    const Micros until = held_until(job, job.pending.front(), now);
    if (until > now) wake = wake == unknown_time ? until : std::min(wake, until);
  }
  return wake;
}

Micros Dispatcher::backoff(const SystemHealth& health) const {
  const int doublings = std::min(health.failures - 1, 20);
  const Micros wait = std::min(options_.backoff_cap, options_.backoff_base << doublings);
  return health.failures >= options_.breaker_failures ? std::max(wait, options_.breaker_open) : wait;
}

// What a failure means for its system; `again`: when the job is worth another try, unknown_time: not for
// this.
void Dispatcher::judge(const SystemOutcome& outcome, Micros now, std::vector<Pause>& pauses, Micros& again) {
  const auto found = systems_.find(outcome.system);
  if (found == systems_.end()) return;
  SystemHealth& health = found->second.health;
  if (!outcome.failed) {
    health.failures = 0;
    health.open_until = 0;
    return;
  }
  switch (*outcome.failed) {
    case ErrorClass::auth:
      health.paused = outcome.message.empty() ? "the credential was refused" : outcome.message;
      pauses.push_back({outcome.system, health.paused});
      return;
    case ErrorClass::config:
    case ErrorClass::unsupported:
      health.blocked = outcome.message.empty() ? "the configuration is wrong" : outcome.message;
      return;
    case ErrorClass::cancelled:
    case ErrorClass::data:
    case ErrorClass::not_found:
    case ErrorClass::stale:
      return;  // the system works: its records, or the world, are what they are
    case ErrorClass::retry:
    case ErrorClass::throttled:
    case ErrorClass::resync:
    case ErrorClass::in_doubt:
    case ErrorClass::bug:
      break;
  }
  if (health.failures < 1'000'000) ++health.failures;
  const Micros wait = outcome.retry_after >= 0 ? outcome.retry_after : backoff(health);
  health.open_until = now + wait;
  again = again == unknown_time ? health.open_until : std::min(again, health.open_until);
}

std::vector<Pause> Dispatcher::finished(std::uint64_t token, const std::vector<SystemOutcome>& outcomes,
                                        Micros took, Micros now) {
  std::vector<Pause> pauses;
  const auto found = running_.find(token);
  if (found == running_.end()) return pauses;
  const Running run = found->second;
  running_.erase(found);
  Job& job = jobs_[run.job];
  job.running.erase(token);
  job.spent += static_cast<double>(std::max<Micros>(took, 1)) / job.spec.share;
  for (const std::string& name : run.systems) --systems_.at(name).busy;
  Micros again = unknown_time;
  bool good = true;
  for (const SystemOutcome& outcome : outcomes) {
    judge(outcome, now, pauses, again);
    good = good && !outcome.failed;
  }
  if (job.spec.timetable && job.spec.timetable->from_end() > 0 && run.read) {
    const Micros at = now + job.spec.timetable->from_end();
    job.next = Fire{at, at, false, {}};
    set_timer(run.job, Timer::fire, at);
  }
  if (again != unknown_time) enqueue(run.job, {Trigger::retry, run.read, now, again, again}, nullptr);
  if (good)
    if (const auto next = followers_.find(job.spec.name); next != followers_.end() && run.read)
      for (const std::size_t follower : next->second)
        enqueue(follower, {Trigger::after, true, now, now, 0}, nullptr);
  return pauses;
}

void Dispatcher::pause(const std::string& system, const std::string& reason) {
  if (const auto found = systems_.find(system); found != systems_.end())
    found->second.health.paused = reason.empty() ? "paused" : reason;
}

void Dispatcher::resume(const std::string& system) {
  if (const auto found = systems_.find(system); found != systems_.end()) found->second.health = {};
}

SystemHealth Dispatcher::health(const std::string& system) const {
  const auto found = systems_.find(system);
  return found == systems_.end() ? SystemHealth{} : found->second.health;
}

Micros Dispatcher::next_fire(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? unknown_time : jobs_[found->second].timer;
}

}  // namespace huiliu::run
