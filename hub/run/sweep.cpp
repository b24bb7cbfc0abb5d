#include "hub/run/sweep.hpp"

#include <algorithm>
#include <vector>

#include "hub/model/id.hpp"
#include "hub/run/brakes.hpp"
#include "hub/run/ingest.hpp"
#include "hub/run/look.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;

constexpr const char* swept_space = "swept";  // CONNECTION/STREAM → when, in µs
constexpr std::size_t known_page = 10'000;

// The keys of a stream as sorted 64-bit hashes: eight bytes a record, whatever the keys look like.
class KeySet final : public RecordReceiver {
 public:
  explicit KeySet(const std::atomic<bool>& stop) : stop_(stop) {}
  Status records(const std::string&, std::vector<ReceivedRecord> records, std::vector<BadRecord>) override {
    if (stop_) return make_error(ErrorClass::cancelled, "stopped");
    for (const ReceivedRecord& record : records)
      if (!record.deleted) keys_.push_back({model::hash64(record.key), false});
    if (fresh_.size() < known_page)
      for (ReceivedRecord& record : records)
        if (!record.deleted) fresh_.push_back(std::move(record.key));
    return {};
  }
  Status checkpoint(const std::string&, const StateChanges&) override { return {}; }

  void sort() {
    std::sort(keys_.begin(), keys_.end());
    keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
  }
  // Is the key among them? It is marked as known here.
  bool take(const std::string& key) {
    const auto found = std::lower_bound(keys_.begin(), keys_.end(), std::pair(model::hash64(key), false));
    if (found == keys_.end() || found->first != model::hash64(key)) return false;
    found->second = true;
    return true;
  }
  std::size_t size() const { return keys_.size(); }
  std::size_t unknown() const {
    return static_cast<std::size_t>(
        std::count_if(keys_.begin(), keys_.end(), [](const auto& key) { return !key.second; }));
  }
  // Those of the first keys of the listing that nobody took.
  std::vector<std::string> untaken() {
    std::vector<std::string> keys;
    for (const std::string& key : fresh_) {
      const auto found = std::lower_bound(keys_.begin(), keys_.end(), std::pair(model::hash64(key), false));
      if (found != keys_.end() && found->first == model::hash64(key) && !found->second) keys.push_back(key);
    }
    return keys;
  }

 private:
  const std::atomic<bool>& stop_;
  std::vector<std::pair<std::uint64_t, bool>> keys_;
  std::vector<std::string> fresh_;
};

Result<std::vector<std::string>> missing_there(Workspace& workspace, const std::string& connection,
                                               const std::string& stream, KeySet& there) {
  std::vector<std::string> missing;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    std::string after;
    while (true) {
      const auto page = snapshot.list_keys(connection, stream, {after, known_page});
      for (const std::string& key : page)
        if (!there.take(key)) missing.push_back(key);
      if (page.size() < known_page) return {};
      after = page.back();
    }
  }));
  return missing;
}

Status read_by_key(Workspace& workspace, const std::string& connection, const std::string& stream,
                   const std::string& run, const std::vector<std::string>& keys) {
  System& system = *workspace.systems.at(connection);
  for (std::size_t from = 0; from < keys.size(); from += look_batch) {
    const std::vector<std::string> some(
        keys.begin() + static_cast<std::ptrdiff_t>(from),
        keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), from + look_batch)));
    const Micros started = workspace.clock->now();
    HUILIU_ASSIGN(const std::vector<ReceivedRecord> found, system.lookup(stream, some));
    HUILIU_TRY(
        ingest_strong(workspace, {connection, stream, run, started, model::unknown_time, true}, found));
  }
  return {};
}

// Believes the comparison, or stops it: nothing is looked up before that.
Status judge(Workspace& workspace, const std::string& connection, const std::string& stream,
             const std::vector<std::string>& missing, std::size_t unknown, const std::string& run) {
  const Gate gate{connection, stream + "#keys", Flow::in};
  sync::IncomingScreen screen(*workspace.rules);
  for (const std::string& key : missing) screen.missing({connection, stream, key});
  sync::BrakeTally tally = screen.tally();
  if (unknown > 0) tally.counts[sync::BrakeRule::added] = static_cast<std::int64_t>(unknown);
  std::int64_t known = 0;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    known = known_records(snapshot, connection, stream);
    return {};
  }));
  HUILIU_ASSIGN(const auto allowed, allowances(workspace, gate, known));
  if (!sync::exceeded(tally, allowed).empty()) return close_gate(workspace, gate, tally, allowed, known, run);
  return open_gate(workspace, gate, tally);
}

}  // namespace

bool sweep_is_due(Workspace& workspace, const std::string& connection, const std::string& stream) {
  const sync::StreamRules* rules = workspace.rules->stream({connection, stream, std::string()});
  const config::ConnectionConfig* config = workspace.config->connection(connection);
  System& system = *workspace.systems.at(connection);
  if (rules == nullptr || config == nullptr || config->sweep_seconds == 0 || rules->deletes_visible)
    return false;
  if (!system.reads_keys(stream) || !system.can_lookup()) return false;
  bool due = false;
  const Status read = workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    const auto last = snapshot.load_value(swept_space, connection + "/" + stream);
    due = last && std::stoll(*last) + config->sweep_seconds * model::second <= workspace.clock->now();
    return {};
  });
  return read.ok() && due;
}

SweepOutcome sweep_stream(Workspace& workspace, const std::string& connection, const std::string& stream,
                          const std::string& run, const std::atomic<bool>& stop) {
  SweepOutcome outcome;
  KeySet there(stop);
  outcome.status = workspace.systems.at(connection)->read(stream, ReadKind::keys, "", 0, there);
  if (!outcome.status.ok()) return outcome;
  there.sort();
  outcome.keys = static_cast<std::int64_t>(there.size());
  const auto missing = missing_there(workspace, connection, stream, there);
  if (!missing.ok()) return {missing.error()};
  const std::vector<std::string> overlooked = there.untaken();
  outcome.gone = static_cast<std::int64_t>(missing->size());
  outcome.overlooked = static_cast<std::int64_t>(overlooked.size());
  outcome.status = judge(workspace, connection, stream, *missing, there.unknown(), run);
  if (outcome.status.ok()) outcome.status = read_by_key(workspace, connection, stream, run, *missing);
  if (outcome.status.ok()) outcome.status = read_by_key(workspace, connection, stream, run, overlooked);
  if (!outcome.status.ok()) return outcome;
  outcome.status = workspace.store->write([&](store::Transaction& transaction) -> Status {
    note_swept(transaction, connection, stream, workspace.clock->now());
    return {};
  });
  return outcome;
}

void note_swept(store::Transaction& transaction, const std::string& connection, const std::string& stream,
                Micros now) {
  transaction.save_value(swept_space, connection + "/" + stream, std::to_string(now));
}

}  // namespace huiliu::run
