#include "hub/run/cycle.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "hub/run/advice.hpp"
#include "hub/run/allocation.hpp"
#include "hub/run/binding.hpp"
#include "hub/run/brakes.hpp"
#include "hub/run/chat_notes.hpp"
#include "hub/run/deliveries.hpp"
#include "hub/run/employees.hpp"
#include "hub/run/look.hpp"
#include "hub/run/messages.hpp"
#include "hub/run/reader.hpp"
#include "hub/run/relations.hpp"
#include "hub/run/state_tag.hpp"
#include "hub/run/sweep.hpp"
#include "hub/run/upkeep.hpp"
#include "hub/run/views.hpp"
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
    case Why::privacy:
      return "privacy";
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
    HUILIU_TRY(workspace_.store->read([this](store::Snapshot& snapshot) -> Status {
      restored_ = restored(snapshot);
      return {};
    }));
    timed(report_.read_time,
          [this] { side_by_side([this](ConnectionReport& connection) { read(connection); }); });
    if (options_.write) {
      {
        const auto commons = hold_commons();
        apply_own_rules();
      }
      timed(report_.write_time, [this] { write_rounds(); });
    }
    timed(report_.account_time, [this] { account(); });
    if (options_.write && !stop_) tell_people();
    if (const auto kept = keep_up(workspace_); !kept.ok()) log("error", kept.error().text());
    for (ConnectionReport& connection : report_.connections)
      board_.of(connection.name).phase = connection.error.empty() ? "done" : "failed";
    report_.ended = workspace_.clock->now();
    check_balance();
    keep_errors();
    HUILIU_TRY(record(stop_         ? store::RunState::stopped
                      : no_errors() ? store::RunState::succeeded
                                    : store::RunState::failed));
    return std::move(report_);
  }

 private:
  // What the hub itself says before anything is written: who is whom, what follows from what. A rule that
  // fails holds nothing else up.
  void apply_own_rules() {
    Workspace workspace = workspace_;  // which other cycles share; the end of this one is not theirs
    workspace.stopping = [this] { return stop_.load(); };
    for (const auto& rule :
         {bind_chat_persons, relate_branches, mark_inactive, note_employers, perform_handovers})
      if (const Status done = rule(workspace); !done.ok()) log("error", done.error().text());
  }

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
    if (connection.error.empty()) {
      connection.error = error.text();
      connection.failure = error;
    }
    log("error", connection.name + ": " + error.text());
  }

  void fail_all(const model::Error& error) {
    for (ConnectionReport& connection : report_.connections) fail(connection, error);
  }

  std::unique_lock<std::mutex> hold_commons() const {
    return workspace_.commons == nullptr ? std::unique_lock<std::mutex>()
                                         : std::unique_lock<std::mutex>(*workspace_.commons);
  }

  bool no_errors() const {
    return std::all_of(report_.connections.begin(), report_.connections.end(),
                       [](const ConnectionReport& connection) { return connection.error.empty(); });
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
    expect(connection.name, progress);
    for (const sync::StreamRules* stream :
         ordered_streams(*workspace_.rules, *workspace_.rules->connection(connection.name))) {
      if (stop_) return;
      const ReadOutcome outcome = read_stream(
          workspace_, {connection.name, stream->stream, run_, options_.full || restored_}, progress, stop_);
      {
        const std::lock_guard lock(mutex_);
        report_.initial_differences += outcome.initial_differences;
        report_.conflicts += outcome.conflicts;
      }
      if (!outcome.status.ok()) {
        model::Error error = outcome.status.error();
        if (error.where.empty()) error.where = connection.name + "/" + stream->stream;
        if (nothing_refers_to(*stream) && !stop_) {
          log("warning", "left out, and nothing waits for it: " + error.text());
          continue;
        }
        fail(connection, error);
        return;
      }
      sweep(connection, stream->stream);
      if (!connection.error.empty()) return;
    }
  }

  // Reference data beside the rest (departments, own organisations): a site may lack it, or its user may not
  // see it, and everything else goes on.
  bool nothing_refers_to(const sync::StreamRules& stream) const {
    const model::Schema& schema = *workspace_.rules->schema;
    if (!schema.find(stream.entity)->reference_data) return false;
    return std::none_of(schema.entities().begin(), schema.entities().end(), [&](const model::Entity& entity) {
      return std::any_of(entity.fields.begin(), entity.fields.end(),
                         [&](const model::Field& field) { return field.reference_to == stream.entity; });
    });
  }

  // How much there will be to read is known only when every stream is read in full and was before: then about
  // as much as the last time. How many changes there are, nobody says beforehand.
  void expect(const std::string& connection, Progress& progress) {
    std::uint64_t sum = 0;
    bool whole = true;
    const Status looked = workspace_.store->read([&](store::Snapshot& snapshot) -> Status {
      for (const sync::StreamRules* stream :
           ordered_streams(*workspace_.rules, *workspace_.rules->connection(connection))) {
        const auto cursor = snapshot.load_cursor(connection, stream->stream);
        const bool everything =
            options_.full || restored_ || !workspace_.systems.at(connection)->reads_changes(stream->stream);
        whole = whole && cursor && cursor->last_read > 0 && everything;
        if (cursor) sum += static_cast<std::uint64_t>(std::max<std::int64_t>(cursor->last_read, 0));
      }
      return {};
    });
    if (!looked.ok() || !whole) return;  // honestly unknown
    progress.expected = sum;
    progress.expected_is_whole = true;
  }

  void sweep(ConnectionReport& connection, const std::string& stream) {
    const bool wanted = options_.sweep && workspace_.systems.at(connection.name)->reads_keys(stream);
    if (stop_ || (!wanted && !sweep_is_due(workspace_, connection.name, stream))) return;
    const SweepOutcome swept = sweep_stream(workspace_, connection.name, stream, run_, stop_);
    if (!swept.status.ok()) return fail(connection, swept.status.error());
    log("info", connection.name + "/" + stream + ": " + std::to_string(swept.keys) + " keys swept" +
                    (swept.ranges > 0 ? " by " + std::to_string(swept.ranges) + " ranges" : "") + ", gone " +
                    std::to_string(swept.gone) + ", overlooked " + std::to_string(swept.overlooked));
  }

  // What waits for a person since before: fields he let go again, and a store that was put back.
  bool may_write() {
    const auto commons = hold_commons();
    if (const Status released = release_fields(workspace_); !released.ok()) {
      fail_all(released.error());
      return false;
    }
    const bool read_whole = options_.read && options_.read_from.empty() && no_errors();
    const auto frozen = frozen_after_restore(workspace_, read_whole, run_);
    if (!frozen.ok())
      fail_all(frozen.error());
    else if (!frozen->empty())
      fail_all({ErrorClass::data,
                "nothing is written: " + *frozen + "; see huiliu review list --kind brake",
                "brake",
                {}});
    return frozen.ok() && frozen->empty();
  }

  // Settles what is open from before; returns until when something must stay open.
  Result<model::Micros> look_first(const ConnectionReport& connection) {
    model::Micros open_until = 0;
    for (const sync::StreamRules* stream :
         ordered_streams(*workspace_.rules, *workspace_.rules->connection(connection.name))) {
      HUILIU_ASSIGN(const model::Micros until, look(workspace_, connection.name, stream->stream, run_));
      open_until = std::max(open_until, until);
    }
    return open_until;
  }

  void take(ConnectionReport& connection, const WriteOutcome& outcome) {
    connection.created += outcome.totals.created;
    connection.fields_written += outcome.totals.fields;
    if (!outcome.status.ok()) fail(connection, outcome.status.error());
  }

  // A plan that a person saw: exactly its writes, once. He judged it, so no brake does.
  void write_plan() {
    std::atomic<std::int64_t> applied{0};
    side_by_side([&](ConnectionReport& connection) {
      Progress& progress = board_.of(connection.name);
      progress.phase = "writing";
      const WriteOutcome outcome =
          write_planned(workspace_, connection.name, *options_.plan, run_, progress, stop_);
      take(connection, outcome);
      applied += outcome.totals.applied;
      if (const auto looked = look_first(connection); !looked.ok()) fail(connection, looked.error());
    });
    report_.applied += applied;
  }

  void write_rounds() {
    if (!may_write()) return;
    if (options_.plan != nullptr) {
      write_plan();
      return options_.allocate ? allocate() : void();
    }
    for (int round = 0; round < write_rounds_max && !stop_; ++round) {
      std::atomic<std::int64_t> moved{0};
      std::atomic<model::Micros> open_until{0};
      side_by_side([&](ConnectionReport& connection) {
        if (stop_) return;
        Progress& progress = board_.of(connection.name);
        progress.phase = "writing";
        if (const Status judged = judge_outgoing(workspace_, connection.name, run_); !judged.ok())
          return fail(connection, judged.error());
        const auto looked = look_first(connection);
        if (!looked.ok()) return fail(connection, looked.error());
        model::Micros latest = open_until;
        while (*looked > latest && !open_until.compare_exchange_weak(latest, *looked)) {
        }
        const WriteOutcome outcome = write_due(workspace_, connection.name, run_, progress, stop_);
        moved += outcome.totals.applied;
        take(connection, outcome);
      });
      report_.applied += moved;
      if (moved > 0) continue;
      if (open_until <= workspace_.clock->now()) break;
      wait_until(open_until);  // a create in doubt must not be made again before it can no longer land
    }
    allocate();
    for (ConnectionReport& connection : report_.connections)
      if (connection.error.empty() && !stop_)
        if (const Status noted = first_round_done(workspace_, connection.name); !noted.ok())
          fail(connection, noted.error());
  }

  // Organisations that approved creation requests named, of records that were approved since.
  void allocate() {
    for (ConnectionReport& connection : report_.connections) {
      if (!connection.error.empty() || stop_) continue;
      const auto applied = allocate_due(workspace_, connection.name, run_, stop_);
      if (!applied.ok()) fail(connection, applied.error());
      report_.applied += applied.ok() ? *applied : 0;
    }
  }

  void wait_until(model::Micros moment) {
    std::unique_lock lock(mutex_);
    std::condition_variable never;
    while (!stop_ && workspace_.clock->now() < moment)
      never.wait_for(lock, std::chrono::microseconds(
                               std::min<model::Micros>(moment - workspace_.clock->now() + 1000, 100'000)));
  }

  // People hear of what waits for them; a message that cannot leave stays in the outbox and fails nothing.
  void tell_people() {
    std::unique_lock<std::mutex> commons;
    if (workspace_.commons != nullptr) {
      commons = std::unique_lock(*workspace_.commons, std::try_to_lock);
      if (!commons) return;  // another cycle is at it; a chat system that hangs holds up nobody else
    }
    for (const Status& told :
         {tell_new_reviews(workspace_), tell_leavers(workspace_), tell_unmapped(workspace_, unmapped_)})
      if (!told.ok()) log("error", told.error().text());
    if (const Status sent = deliver_messages(workspace_, false); !sent.ok())
      log("warning", "messages: " + sent.error().text());
  }

  // A reference to one of our own people who has no account there.
  bool waits_for_employee(const sync::Held& held) const {
    if (held.why != sync::Held::Why::waiting_reference) return false;
    const sync::StreamRules* stream = workspace_.rules->stream(held.ref);
    const model::Entity* entity =
        stream == nullptr ? nullptr : workspace_.rules->schema->find(stream->entity);
    const model::FieldIndex field = entity == nullptr ? model::no_field : entity->index_of(held.field);
    if (field == model::no_field) return false;
    const model::Entity* target = workspace_.rules->schema->find(entity->fields[field].reference_to);
    return target != nullptr && target->reference_data;
  }

  // What still differs and why, per connection; the ledger's held side.
  void account() {
    bool agree = !stop_;
    for (ConnectionReport& connection : report_.connections) {
      Drift drift;
      for (const sync::StreamRules* stream :
           ordered_streams(*workspace_.rules, *workspace_.rules->connection(connection.name)))
        drift[stream->stream] = 0;
      const Status looked =
          each_remaining(workspace_, connection.name, options_.write,
                         [&](const Remaining& page) { agree &= take_account(connection, page, drift); });
      const Status noted = looked.ok() ? note_drift(connection.name, drift) : looked;
      if (!noted.ok()) fail(connection, noted.error());
      agree = agree && connection.differing == 0 && connection.error.empty();
    }
    count_records();
    report_.converged = agree;
  }

  using Drift = std::map<std::string, std::int64_t>;  // stream → records that differ from golden

  // One page of what is left in a connection. False: something there waits for a look or a stage.
  bool take_account(ConnectionReport& connection, const Remaining& page, Drift& drift) {
    bool agree = true;
    std::set<std::pair<std::string, std::string>> differing;
    for (const sync::Held& held : page.held) {
      if (held.why == sync::Held::Why::unsupported)
        ++connection.unsupported;
      else
        ++connection.waiting[why_name(held.why)];
      if (waits_for_employee(held)) ++unmapped_[held.reason];
      agree = agree && held.why != sync::Held::Why::waiting_observation && held.why != sync::Held::Why::stage;
      if (!held.ref.stream.empty()) differing.emplace(held.ref.stream, held.golden);
    }
    connection.differing += static_cast<std::int64_t>(page.writes.size());
    for (const sync::PlannedWrite& write : page.writes) {
      differing.emplace(write.ref.stream, write.golden);
      if (connection.differences.size() >= differences_listed) continue;
      connection.differences.push_back(
          (write.ref.key.empty() ? connection.name + "/" + write.ref.stream + ": to create " + write.golden
                                 : write.ref.text()) +
          ": " + write.reason);
    }
    for (const auto& [stream, golden] : differing) ++drift[stream];
    return agree;
  }

  // How many records differ from golden, for whatever reason, per stream: in the run's ledger, and as the
  // connection's latest word.
  Status note_drift(const std::string& connection, const Drift& differing) {
    return workspace_.store->write([&](store::Transaction& transaction) -> Status {
      model::Object drift;
      for (const auto& [stream, records] : differing) {
        store::RunStream counts;
        counts.connection = connection;
        counts.stream = stream;
        counts.drift = records;
        drift.set(stream, counts.drift);
        if (counts.drift > 0) transaction.add_counts(run_, counts);
      }
      transaction.save_value("drift", connection, model::to_json(model::Value(std::move(drift))));
      return {};
    });
  }

  // Every record read went somewhere, and so did every write that was due; otherwise the run failed, whatever
  // else went well.
  void check_balance() {
    const Status checked = workspace_.store->read([&](store::Snapshot& snapshot) -> Status {
      for (const store::RunStream& stream : snapshot.run_streams(run_))
        if (!stream.balanced())
          for (ConnectionReport& connection : report_.connections)
            if (connection.name == stream.connection)
              fail_later_.push_back(
                  {&connection, model::make_error(ErrorClass::bug,
                                                  "the ledger does not balance: a record or "
                                                  "a write went nowhere; report this",
                                                  stream.connection + "/" + stream.stream)});
      return {};
    });
    if (!checked.ok()) fail_all(checked.error());
    for (const auto& [connection, error] : std::exchange(fail_later_, {})) fail(*connection, error);
  }

  // Why connections failed, with code, record and what to do, for whoever looks at the run.
  void keep_errors() {
    model::Array errors;
    for (const ConnectionReport& connection : report_.connections) {
      if (connection.error.empty()) continue;
      model::Value view = error_view(connection.failure.value_or(
          model::make_error(ErrorClass::retry, connection.error, connection.name)));
      view.as_object().set("connection", connection.name);
      errors.push_back(std::move(view));
    }
    if (errors.empty()) return;
    const Status kept = workspace_.store->write([&](store::Transaction& transaction) -> Status {
      transaction.save_value(run_error_space, run_, model::to_json(model::Value(std::move(errors))));
      return {};
    });
    if (!kept.ok()) log("error", kept.error().text());
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
  std::map<std::string, std::size_t> unmapped_;  // why references wait → how many records
  bool restored_ = false;  // the store was put back: everything is read in full, nothing is written
  std::vector<std::pair<ConnectionReport*, model::Error>> fail_later_;
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
