#include "hub/run/sweep.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "hub/model/id.hpp"
#include "hub/run/brakes.hpp"
#include "hub/run/ingest.hpp"
#include "hub/run/key_ranges.hpp"
#include "hub/run/look.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;

constexpr const char* swept_space = "swept";    // CONNECTION/STREAM → when, in µs
constexpr const char* listed_space = "listed";  // the same, of the last one that saw every key
constexpr std::size_t known_page = 10'000;
constexpr Micros between_listings = 7 * 24 * 3600 * model::second;  // with comparisons by ranges between them

// What a comparison found, however it was made.
struct Difference {
  std::vector<std::string> missing, overlooked;
  std::int64_t keys = 0;
  std::size_t unknown = 0;  // of which `overlooked` are the first
  std::int64_t ranges = 0;
};

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

Result<Difference> compare_by_listing(Workspace& workspace, const std::string& connection,
                                      const std::string& stream, const std::atomic<bool>& stop) {
  Difference found;
  KeySet there(stop);
  HUILIU_TRY(workspace.systems.at(connection)->read(stream, ReadKind::keys, "", 0, there));
  there.sort();
  HUILIU_ASSIGN(found.missing, missing_there(workspace, connection, stream, there));
  found.overlooked = there.untaken();
  found.unknown = there.unknown();
  found.keys = static_cast<std::int64_t>(there.size());
  return found;
}

std::optional<std::int64_t> as_number(const std::string& key) {
  const auto number = model::Number{key}.to_int64();
  return number && std::to_string(*number) == key ? number : std::nullopt;
}

// The keys known here as numbers, in order; with those of records that could not be taken, which are there
// too. nullopt: some are no numbers.
Result<std::optional<std::vector<std::int64_t>>> known_numbers(Workspace& workspace,
                                                               const std::string& connection,
                                                               const std::string& stream) {
  std::vector<std::int64_t> known;
  bool numbers = true;
  const auto take = [&](const std::string& key) {
    const auto number = as_number(key);
    numbers = numbers && number;
    if (number) known.push_back(*number);
  };
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    store::Page page{{}, known_page};
    for (std::vector<std::string> keys = {""}; !keys.empty() && numbers;
         page.after = keys.empty() ? "" : keys.back()) {
      keys = snapshot.list_keys(connection, stream, page);
      for (const std::string& key : keys) take(key);
    }
    const store::ParkedQuery waiting{
        connection, stream, {}, {store::ParkedState::dead, store::ParkedState::parked}};
    page.after.clear();
    for (std::vector<store::Parked> letters(1); !letters.empty();
         page.after = letters.empty() ? "" : letters.back().id) {
      letters = snapshot.list_parked(waiting, page);
      for (const store::Parked& letter : letters)
        if (const auto number = as_number(letter.key)) known.push_back(*number);
    }
    return {};
  }));
  if (!numbers) return std::optional<std::vector<std::int64_t>>{};
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  return std::optional(std::move(known));
}

bool listed_lately(Workspace& workspace, const std::string& connection, const std::string& stream) {
  bool lately = false;
  const Status read = workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    const auto last = snapshot.load_value(listed_space, connection + "/" + stream);
    lately = last && std::stoll(*last) + between_listings > workspace.clock->now();
    return {};
  });
  return read.ok() && lately;
}

// nullopt: the keys are to be listed.
Result<std::optional<Difference>> try_ranges(Workspace& workspace, const std::string& connection,
                                             const std::string& stream, const std::atomic<bool>& stop) {
  System& system = *workspace.systems.at(connection);
  if (!system.ranges_keys(stream) || !listed_lately(workspace, connection, stream))
    return std::optional<Difference>{};
  HUILIU_ASSIGN(const auto known, known_numbers(workspace, connection, stream));
  if (!known || known->size() < least_for_ranges) return std::optional<Difference>{};
  const auto compared = compare_by_ranges(
      *known, [&](const KeyRange& range) { return system.keys_between(stream, range); }, stop);
  if (!compared.ok() && compared.error().error_class == ErrorClass::unsupported)
    return std::optional<Difference>{};
  if (!compared.ok()) return compared.error();
  if (!compared->complete) return std::optional<Difference>{};
  Difference found;
  for (const std::int64_t key : compared->missing) found.missing.push_back(std::to_string(key));
  for (const std::int64_t key : compared->unknown) found.overlooked.push_back(std::to_string(key));
  found.unknown = found.overlooked.size();
  found.keys = static_cast<std::int64_t>(known->size() - found.missing.size() + found.unknown);
  found.ranges = compared->calls;
  return std::optional(std::move(found));
}

Result<Difference> compare_keys(Workspace& workspace, const std::string& connection,
                                const std::string& stream, const std::atomic<bool>& stop) {
  HUILIU_ASSIGN(auto found, try_ranges(workspace, connection, stream, stop));
  if (found) return std::move(*found);
  return compare_by_listing(workspace, connection, stream, stop);
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
  const auto found = compare_keys(workspace, connection, stream, stop);
  if (!found.ok()) return {found.error()};
  outcome.keys = found->keys;
  outcome.ranges = found->ranges;
  outcome.gone = static_cast<std::int64_t>(found->missing.size());
  outcome.overlooked = static_cast<std::int64_t>(found->overlooked.size());
  outcome.status = judge(workspace, connection, stream, found->missing, found->unknown, run);
  if (outcome.status.ok()) outcome.status = read_by_key(workspace, connection, stream, run, found->missing);
  if (outcome.status.ok())
    outcome.status = read_by_key(workspace, connection, stream, run, found->overlooked);
  if (!outcome.status.ok()) return outcome;
  outcome.status = workspace.store->write([&](store::Transaction& transaction) -> Status {
    note_swept(transaction, connection, stream, workspace.clock->now(), outcome.ranges == 0);
    return {};
  });
  return outcome;
}

void note_swept(store::Transaction& transaction, const std::string& connection, const std::string& stream,
                Micros now, bool listed) {
  transaction.save_value(swept_space, connection + "/" + stream, std::to_string(now));
  if (listed) transaction.save_value(listed_space, connection + "/" + stream, std::to_string(now));
}

}  // namespace huiliu::run
