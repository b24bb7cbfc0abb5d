#include "hub/run/scheduler.hpp"

#include <algorithm>

#include "hub/run/brakes.hpp"
#include "hub/run/housekeeping.hpp"
#include "hub/run/skipped.hpp"

namespace huiliu::run {
namespace {

using model::Error;
using model::Micros;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* memory_space = "schedule";

Result<JobSpec> spec_of(const config::Config& config, const std::string& name,
                        const config::ScheduleConfig* schedule) {
  JobSpec spec;
  spec.name = name;
  if (schedule == nullptr) return spec;
  spec.overlap = schedule->overlap;
  spec.catch_up = schedule->catch_up_seconds * model::second;
  spec.collapse = schedule->collapse;
  spec.after = schedule->after;
  if (schedule->fresh) {
    spec.fresh_stream = schedule->fresh->connection + "/" + schedule->fresh->stream;
    spec.fresh_within = schedule->fresh->within_seconds * model::second;
  }
  const auto calendar = config.calendars.find(schedule->calendar);
  HUILIU_ASSIGN(
      Timetable table,
      Timetable::compile(*schedule, calendar == config.calendars.end() ? nullptr : &calendar->second, name));
  if (schedule->fires_by_time()) spec.timetable = std::move(table);
  return spec;
}

Error located(Error error, const config::Document& document, const std::string& before) {
  error.where = document.at(before + error.where);
  return error;
}

std::map<std::string, JobMemory> remembered(store::Store& store) {
  std::map<std::string, JobMemory> memory;
  const Status read = store.read([&](store::Snapshot& snapshot) -> Status {
    for (const auto& [job, text] : snapshot.list_values(memory_space)) {
      const auto value = model::parse_json(text);
      if (!value.ok()) continue;  // as if it were the job's first time
      JobMemory& past = memory[job];
      if (const auto at = model::parse_rfc3339((*value)["fire"].to_text()); at.ok()) past.last_fire = *at;
      if (const auto at = model::parse_rfc3339((*value)["end"].to_text()); at.ok()) past.last_end = *at;
    }
    return {};
  });
  return read.ok() ? memory : std::map<std::string, JobMemory>{};
}

void remember_time(store::Transaction& transaction, const std::string& job, const char* what, Micros at) {
  Value value = model::Object{};
  if (const auto text = transaction.load_value(memory_space, job))
    if (auto known = model::parse_json(*text); known.ok() && known->is_object()) value = std::move(*known);
  if (const auto before = model::parse_rfc3339(value[what].to_text()); before.ok() && *before >= at) return;
  value.as_object().set(what, model::to_rfc3339(at));
  transaction.save_value(memory_space, job, model::to_json(value));
}

// Was it decided for good? What was merged into another fire is taken when that one runs.
bool is_settled(const Skipped& skipped) {
  return skipped.reason == "missed" || skipped.reason == "off_time" || skipped.reason == "paused";
}

CycleOptions options_of(const config::Config& config, const Start& start, bool whole) {
  CycleOptions options;
  options.connections = start.systems;
  options.read_from = start.systems;
  options.read = start.read;
  options.job = start.job;
  options.trigger = to_string(start.trigger);
  for (const config::JobConfig& job : config.jobs)
    if (job.name == start.job) {
      options.full = job.work == config::JobConfig::Work::full;
      options.sweep = job.work == config::JobConfig::Work::sweep;
    }
  if (whole) options.connections.clear(), options.read_from.clear(), options.read = true;
  return options;
}

// What the cycle came to, for the dispatcher: how each system did, what is fresh, for whom there is work.
JobOutcome outcome_of(Hub& hub, const CycleReport& report) {
  JobOutcome outcome;
  for (const ConnectionReport& connection : report.connections) {
    SystemOutcome system{connection.name, std::nullopt, -1, connection.error};
    if (connection.failure) {
      system.failed = connection.failure->error_class;
      if (connection.failure->retry_after_ms >= 0)
        system.retry_after = connection.failure->retry_after_ms * 1000;
    }
    outcome.systems.push_back(std::move(system));
  }
  const auto took_part = [&](const std::string& name) {
    return std::any_of(report.connections.begin(), report.connections.end(),
                       [&](const ConnectionReport& connection) { return connection.name == name; });
  };
  const Status read = hub.store().read([&](store::Snapshot& snapshot) -> Status {
    for (const store::Cursor& cursor : snapshot.list_cursors())
      if (cursor.last_complete > 0 && took_part(cursor.connection))
        outcome.fresh[cursor.connection + "/" + cursor.stream] = cursor.last_complete;
    std::int64_t moved = report.applied;
    for (const store::RunStream& stream : snapshot.run_streams(report.run)) moved += stream.changed;
    if (moved > 0)
      for (const auto& [connection, due] : snapshot.count_due())
        if (due > 0 && !took_part(connection)) outcome.data_for.push_back(connection);
    return {};
  });
  if (!read.ok()) outcome.data_for.clear();  // the store's next use says why
  return outcome;
}

}  // namespace

Result<std::vector<JobSpec>> job_specs(const config::Config& config) {
  std::vector<JobSpec> specs;
  for (const config::ConnectionConfig& connection : config.connections) {
    if (!connection.enabled) continue;
    auto spec = spec_of(config, connection.name, connection.schedule ? &*connection.schedule : nullptr);
    if (!spec.ok()) return located(spec.error(), *connection.document, "/schedule");
    spec->systems = {connection.name};
    spec->priority = connection.priority;
    spec->share = connection.share;
    specs.push_back(std::move(*spec));
  }
  for (const config::JobConfig& job : config.jobs) {
    if (!job.enabled) continue;
    auto spec = spec_of(config, job.name, &job.schedule);
    if (!spec.ok()) return located(spec.error(), *job.document, "/schedule");
    spec->priority = job.priority;
    spec->share = job.share;
    const bool of_systems = !job.keeps_house();
    if (of_systems) spec->systems = job.connections;
    if (of_systems && spec->systems.empty())
      for (const config::ConnectionConfig& connection : config.connections)
        if (connection.enabled) spec->systems.push_back(connection.name);
    specs.push_back(std::move(*spec));
  }
  return specs;
}

std::vector<Error> schedule_errors(const config::Config& config) {
  std::vector<Error> errors;
  const auto check = [&](const std::string& name, const config::ScheduleConfig& schedule,
                         const config::Document& document) {
    if (const auto spec = spec_of(config, name, &schedule); !spec.ok())
      errors.push_back(located(spec.error(), document, "/schedule"));
  };
  for (const config::ConnectionConfig& connection : config.connections) {
    if (connection.schedule) check(connection.name, *connection.schedule, *connection.document);
    if (const Status off = check_off_times(connection.off_times); !off.ok())
      errors.push_back(located(off.error(), *connection.document, ""));
  }
  for (const config::JobConfig& job : config.jobs) check(job.name, job.schedule, *job.document);
  return errors;
}

JobOutcome perform(Hub& hub, const Start& start, const std::atomic<bool>& stop, const JobListener& report) {
  for (const config::JobConfig& job : hub.config().jobs)
    if (job.name == start.job && job.keeps_house()) {
      report.house(job.name, keep_house(hub, job, to_string(start.trigger)));
      return {};
    }
  bool whole = false;  // a store that was put back observes everything together before it writes
  const Status looked = hub.store().read([&](store::Snapshot& snapshot) -> Status {
    whole = restored(snapshot);
    return {};
  });
  JobOutcome outcome;
  if (!looked.ok()) {
    report.cycle(looked.error());
    return outcome;
  }
  const auto cycle = hub.sync(options_of(hub.config(), start, whole), nullptr, stop);
  if (cycle.ok()) outcome = outcome_of(hub, *cycle);
  report.cycle(cycle);
  return outcome;
}

Scheduler::Scheduler(Hub& hub, JobListener report) : hub_(hub), report_(std::move(report)) {
  auto specs = job_specs(hub_.config());
  // A hub with a wrong schedule is not opened.
  std::vector<JobSpec> jobs = specs.ok() ? std::move(*specs) : std::vector<JobSpec>{};
  std::map<std::string, SystemSpec> systems;
  for (const config::ConnectionConfig& connection : hub_.config().connections)
    systems[connection.name] = {connection.off_times, hub_.pause_reason(connection.name)};
  Dispatcher dispatcher(std::move(jobs), std::move(systems), {}, remembered(hub_.store()),
                        hub_.clock().now());
  ScheduleLoop::Callbacks callbacks;
  callbacks.execute = [this](const Start& start, const std::atomic<bool>& stop) {
    // Which fires were taken outlives the process: those that nobody was there for are told from them.
    if (start.trigger == Trigger::time || start.trigger == Trigger::catch_up)
      remember(start.job, "fire", start.written);
    JobOutcome outcome = perform(hub_, start, stop, report_);
    if (start.read) remember(start.job, "end", hub_.clock().now());
    return outcome;
  };
  callbacks.paused = [this](const std::vector<Pause>& pauses) { pause_all(pauses); };
  callbacks.decided = [this](const Decisions& decisions) { note(decisions.skipped); };
  loop_ = std::make_unique<ScheduleLoop>(std::move(dispatcher), hub_.clock(), std::move(callbacks));
  hub_.on_delivery([this](const std::string& connection) { poke(connection); });
  hub_.on_pause([this](const std::string& connection, const std::string& reason) {
    if (reason.empty())
      loop_->resume(connection);
    else
      loop_->pause(connection, reason);
  });
  // What came before the hub was there, or was cut off, is applied now.
  const Status looked = hub_.store().read([&](store::Snapshot& snapshot) -> Status {
    for (const store::Delivery& delivery : snapshot.pending_deliveries({}, 1000)) poke(delivery.connection);
    return {};
  });
  if (!looked.ok()) report_.cycle(looked.error());
}

Scheduler::~Scheduler() {
  hub_.on_delivery({});
  hub_.on_pause({});
  loop_.reset();
}

void Scheduler::poke(const std::string& connection) {
  const config::ConnectionConfig* known = hub_.connection(connection);
  if (known != nullptr && known->schedule && !known->schedule->webhook) return;
  loop_->trigger(connection, Trigger::delivery);
}

void Scheduler::remember(const std::string& job, const char* what, Micros at) {
  const Status kept = hub_.store().write([&](store::Transaction& transaction) -> Status {
    remember_time(transaction, job, what, at);
    return {};
  });
  if (!kept.ok()) report_.cycle(kept.error());
}

// A fire that was left out for good is not caught up after a restart.
void Scheduler::note(const std::vector<Skipped>& skipped) {
  if (skipped.empty()) return;
  const Status kept = hub_.store().write([&](store::Transaction& transaction) -> Status {
    note_skipped(transaction, skipped, hub_.clock().now());
    for (const Skipped& one : skipped)
      if (is_settled(one)) remember_time(transaction, one.job, "fire", one.written);
    return {};
  });
  if (!kept.ok()) report_.cycle(kept.error());
}

void Scheduler::pause_all(const std::vector<Pause>& pauses) {
  for (const Pause& pause : pauses)
    if (const Status kept = hub_.pause(pause.system, "credential refused: " + pause.reason); !kept.ok())
      report_.cycle(kept.error());
}

}  // namespace huiliu::run
