#include "hub/run/cycle.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "hub/run/reader.hpp"
#include "hub/run/writer.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::Result;
using model::Status;

constexpr int write_rounds_max = 10;  // a write may make others due; a flapping pair must not spin
constexpr std::size_t differences_listed = 100;

const char* why_name(sync::Held::Why why) {
  using Why = sync::Held::Why;
  switch (why) {
    case Why::unsupported:
      return "unsupported";
    case Why::waiting_reference:
      return "reference";
    case Why::waiting_review:
      return "request";
    case Why::waiting_observation:
      return "observation";
    case Why::stage:
      return "stage";
    case Why::undecided:
      return "conflict";
    case Why::refused:
      return "refused";
    case Why::reference_missing_required:
      return "incomplete";
    case Why::frozen:
      return "freeze";
  }
  return "other";
}

class Cycle {
 public:
  Cycle(Workspace& workspace, const CycleOptions& options, ProgressBoard& board,
        const std::atomic<bool>& stop, std::string run)
      : workspace_(workspace), options_(options), board_(board), stop_(stop), run_(std::move(run)) {}

  Result<CycleReport> execute() {
    report_.run = run_;
    report_.started = workspace_.clock->now();
    for (const std::string& name : options_.connections) {
      ConnectionReport connection;
      connection.name = name;
      report_.connections.push_back(std::move(connection));
    }
    HUILIU_TRY(record(store::RunState::running));
    timed(report_.read_time,
          [this] { side_by_side([this](ConnectionReport& connection) { read(connection); }); });
    if (options_.write) timed(report_.write_time, [this] { write_rounds(); });
    timed(report_.account_time, [this] { account(); });
    for (ConnectionReport& connection : report_.connections)
      board_.of(connection.name).phase = connection.error.empty() ? "done" : "failed";
    report_.ended = workspace_.clock->now();
    const bool failed =
        std::any_of(report_.connections.begin(), report_.connections.end(),
                    [](const ConnectionReport& connection) { return !connection.error.empty(); });
    HUILIU_TRY(record(stop_    ? store::RunState::stopped
                      : failed ? store::RunState::failed
                               : store::RunState::succeeded));
    return std::move(report_);
  }

 private:
  template <class Work>
  void timed(model::Micros& took, Work work) {
    const model::Micros started = workspace_.clock->now();
    work();
    took = workspace_.clock->now() - started;
  }

  template <class Work>
  void side_by_side(Work work) {
    std::vector<std::jthread> threads;
    for (ConnectionReport& connection : report_.connections)
      if (connection.error.empty()) threads.emplace_back([&work, &connection] { work(connection); });
  }

  void fail(ConnectionReport& connection, const model::Error& error) {
    if (connection.error.empty()) connection.error = error.text();
    log("error", connection.name + ": " + error.text());
  }

  void log(const std::string& level, const std::string& message) {
    // A log line that cannot be stored must not end the run; the store itself reports its failure on the next
    // write.
    const Status stored = workspace_.store->write([&](store::Transaction& transaction) -> Status {
      transaction.add_log(run_, {0, workspace_.clock->now(), level, message});
      return {};
    });
    if (!stored.ok() && report_.connections.front().error.empty())
      report_.connections.front().error = stored.error().text();
  }

  void read(ConnectionReport& connection) {
    Progress& progress = board_.of(connection.name);
    progress.phase = "reading";
    if (!workspace_.systems.contains(connection.name)) {
      connection.error = "the system could not be opened";
      return;
    }
    if (const auto applied = apply_deliveries(workspace_, connection.name, run_); !applied.ok())
      return fail(connection, applied.error());
    const bool wanted = options_.read_from.empty() ||
                        std::find(options_.read_from.begin(), options_.read_from.end(), connection.name) !=
                            options_.read_from.end();
    if (!options_.read || !wanted) return;
    for (const sync::StreamRules* stream :
         ordered_streams(*workspace_.rules, *workspace_.rules->connection(connection.name))) {
      if (stop_) return;
      const ReadOutcome outcome =
          read_stream(workspace_, {connection.name, stream->stream, run_, options_.full}, progress, stop_);
      {
        const std::lock_guard lock(mutex_);
        report_.initial_differences += outcome.initial_differences;
        report_.conflicts += outcome.conflicts;
      }
      if (!outcome.status.ok()) {
        model::Error error = outcome.status.error();
        if (error.where.empty()) error.where = connection.name + "/" + stream->stream;
        fail(connection, error);
        return;
      }
    }
  }

  void write_rounds() {
    for (int round = 0; round < write_rounds_max && !stop_; ++round) {
      std::atomic<std::int64_t> moved{0};
      std::atomic<model::Micros> open_until{0};
      side_by_side([&](ConnectionReport& connection) {
        if (stop_) return;
        Progress& progress = board_.of(connection.name);
        progress.phase = "writing";
        for (const sync::StreamRules* stream :
             ordered_streams(*workspace_.rules, *workspace_.rules->connection(connection.name))) {
          const auto looked = look(workspace_, connection.name, stream->stream, run_);
          if (!looked.ok()) return fail(connection, looked.error());
          model::Micros latest = open_until;
          while (*looked > latest && !open_until.compare_exchange_weak(latest, *looked)) {
          }
        }
        const WriteOutcome outcome = write_due(workspace_, connection.name, run_, progress, stop_);
        connection.created += outcome.totals.created;
        connection.fields_written += outcome.totals.fields;
        moved += outcome.totals.applied;
        if (!outcome.status.ok()) fail(connection, outcome.status.error());
      });
      report_.applied += moved;
      if (moved > 0) continue;
      if (open_until <= workspace_.clock->now()) return;
      wait_until(open_until);  // a create in doubt must not be made again before it can no longer land
    }
  }

  void wait_until(model::Micros moment) {
    std::unique_lock lock(mutex_);
    std::condition_variable never;
    while (!stop_ && workspace_.clock->now() < moment)
      never.wait_for(lock, std::chrono::microseconds(
                               std::min<model::Micros>(moment - workspace_.clock->now() + 1000, 100'000)));
  }

  // What still differs and why, per connection; the ledger's held side.
  void account() {
    bool agree = !stop_;
    for (ConnectionReport& connection : report_.connections) {
      const auto left = remaining(workspace_, connection.name, options_.write);
      if (!left.ok()) {
        fail(connection, left.error());
        agree = false;
        continue;
      }
      for (const sync::Held& held : left->held) {
        if (held.why == sync::Held::Why::unsupported)
          ++connection.unsupported;
        else
          ++connection.waiting[why_name(held.why)];
        if (held.why == sync::Held::Why::waiting_observation || held.why == sync::Held::Why::stage)
          agree = false;
      }
      connection.differing = static_cast<std::int64_t>(left->writes.size());
      for (const sync::PlannedWrite& write : left->writes) {
        if (connection.differences.size() >= differences_listed) break;
        connection.differences.push_back(
            (write.ref.key.empty() ? connection.name + "/" + write.ref.stream + ": to create " + write.golden
                                   : write.ref.text()) +
            ": " + write.reason);
      }
      agree = agree && left->writes.empty() && connection.error.empty();
    }
    count_records();
    report_.converged = agree;
  }

  void count_records() {
    const Status counted = workspace_.store->read([&](store::Snapshot& snapshot) -> Status {
      for (const store::RecordCount& count : snapshot.count_records())
        for (ConnectionReport& connection : report_.connections)
          if (connection.name == count.connection) {
            connection.records += count.records;
            connection.linked += count.linked;
          }
      for (const store::ParkedCause& cause :
           snapshot.parked_causes({{}, {}, {}, {store::ParkedState::dead, store::ParkedState::parked}}))
        for (ConnectionReport& connection : report_.connections)
          if (connection.name == cause.connection) connection.parked += cause.count;
      for (const store::RunStream& stream : snapshot.run_streams(run_)) report_.read += stream.read;
      return {};
    });
    if (!counted.ok()) log("error", counted.error().text());
  }

  Status record(store::RunState state) {
    store::Run run;
    run.id = run_;
    run.job = options_.job;
    run.trigger = options_.trigger;
    run.state = state;
    run.started = report_.started;
    run.ended = state == store::RunState::running ? 0 : workspace_.clock->now();
    for (const ConnectionReport& connection : report_.connections)
      if (!connection.error.empty()) run.error += (run.error.empty() ? "" : "; ") + connection.error;
    run.pid = ::getpid();
    run.generation = workspace_.store->generation();
    return workspace_.store->write([&](store::Transaction& transaction) -> Status {
      transaction.save(run);
      return {};
    });
  }

  Workspace& workspace_;
  const CycleOptions& options_;
  ProgressBoard& board_;
  const std::atomic<bool>& stop_;
  std::string run_;
  CycleReport report_;
  std::mutex mutex_;
};

}  // namespace

ProgressBoard::ProgressBoard(const std::vector<std::string>& connections) {
  for (const std::string& name : connections) entries_.emplace(name, std::make_unique<Progress>());
}

Result<CycleReport> run_cycle(Workspace& workspace, const CycleOptions& options, ProgressBoard& board,
                              const std::atomic<bool>& stop, const std::string& run_id) {
  CycleOptions chosen = options;
  if (chosen.connections.empty())
    for (const auto& [name, rules] : workspace.rules->connections)
      if (name != "hub") chosen.connections.push_back(name);
  return Cycle(workspace, chosen, board, stop, run_id).execute();
}

}  // namespace huiliu::run
