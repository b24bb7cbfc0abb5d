#include "hub/run/allocation.hpp"

#include <algorithm>

#include "hub/mapping/mapping.hpp"
#include "hub/model/id.hpp"
#include "hub/run/dead_letters.hpp"
#include "hub/run/ingest.hpp"

namespace huiliu::run {
namespace {

using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* refused_space = "allocation";
constexpr Micros tried_again_after = 24 * 3600 * model::second;
constexpr std::size_t reviews_per_page = 500;

std::string refused_key(const std::string& connection, const std::string& customer,
                        const std::string& organisation) {
  return connection + "/" + customer + "/" + organisation;
}

std::vector<std::string> organisations_in(const std::string& list) {
  std::vector<std::string> organisations;
  std::size_t from = 0;
  while (from <= list.size()) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    const std::size_t first = list.find_first_not_of(" \t", from);
    if (first < comma) {
      const std::size_t last = list.find_last_not_of(" \t", comma - 1);
      organisations.push_back(list.substr(first, last + 1 - first));
    }
    from = comma + 1;
  }
  return organisations;
}

bool has_part(const sync::Replica& replica, const std::string& organisation) {
  return std::any_of(replica.parts.begin(), replica.parts.end(),
                     [&](const model::Part& part) { return part.organisation == organisation; });
}

// The record that the request was for, once its own people approved it.
const sync::Replica* approved_record(const sync::Cluster& cluster, const std::string& connection,
                                     const std::string& stream) {
  for (const sync::Replica& replica : cluster.replicas)
    if (replica.ref.connection == connection && replica.ref.stream == stream && !replica.gone &&
        replica.leader.empty() && !replica.pending_approval && replica.intents.empty() &&
        !replica.ref.key.starts_with("new:"))
      return &replica;
  return nullptr;
}

bool refused_lately(const Workspace& workspace, store::Snapshot& snapshot, const std::string& connection,
                    const std::string& customer, const std::string& organisation) {
  const auto kept = snapshot.load_value(refused_space, refused_key(connection, customer, organisation));
  const auto refusal = kept ? model::parse_json(*kept) : Result<Value>(Value());
  if (!refusal.ok() || refusal->is_null()) return false;
  const Micros at = model::Number{(*refusal)["at"].to_text()}.to_int64().value_or(0);
  return workspace.clock->now() < at + tried_again_after;
}

void add_due(const Workspace& workspace, store::Snapshot& snapshot, const std::string& connection,
             const sync::Cluster& cluster, std::vector<Allocation>& due) {
  const sync::ConnectionRules& rules = *workspace.rules->connection(connection);
  const sync::StreamRules* stream = rules.for_entity(cluster.golden.entity);
  if (stream == nullptr) return;
  const sync::Replica* record = approved_record(cluster, connection, stream->stream);
  const auto words = rules.create_words(cluster.golden);
  const auto named = words.find("organisations");
  if (record == nullptr || named == words.end()) return;
  for (const std::string& organisation : organisations_in(named->second))
    if (!has_part(*record, organisation) &&
        !refused_lately(workspace, snapshot, connection, cluster.golden.id, organisation))
      due.push_back({record->ref, cluster.golden.id, organisation});
}

// One allocation, as the connector wants it asked.
RecordToWrite allocation_request(const Workspace& workspace, const Allocation& allocation) {
  RecordToWrite record;
  record.key = allocation.ref.key;
  record.operation_id =
      "alloc-" + std::to_string(model::hash64(allocation.ref.text() + "/" + allocation.organisation));
  record.body = Object{};
  mapping::put_path(record.body, workspace.allocate_paths.at(allocation.ref.connection),
                    Value(allocation.organisation));
  return record;
}

// A refusal is about the organisation: reading the customer again settles nothing of it.
model::RecordRef letter_of(const Allocation& allocation) {
  return {allocation.ref.connection, allocation.ref.stream,
          allocation.ref.key + "@" + allocation.organisation};
}

void keep_refusal(Workspace& workspace, store::Transaction& transaction, const Allocation& allocation,
                  const WrittenRecord& answer, const std::string& run) {
  const Micros now = workspace.clock->now();
  transaction.save_value(refused_space,
                         refused_key(allocation.ref.connection, allocation.customer, allocation.organisation),
                         model::to_json(Object{{"message", answer.message}, {"at", now}}));
  store::Parked parked;
  parked.id = model::make_id("dlt", now, *workspace.random);
  parked.connection = allocation.ref.connection;
  parked.stream = allocation.ref.stream;
  parked.key = letter_of(allocation).key;
  parked.cause = answer.code.empty() ? "allocation" : answer.code;
  parked.message = allocation.ref.text() + " 未能分配到组织 " + allocation.organisation +
                   " (was not allocated to organisation " + allocation.organisation + "): " + answer.message;
  parked.raw = refused_write_text(allocation_line(allocation));  // never to be read as a record
  parked.state = store::ParkedState::dead;
  parked.opened = parked.tried = now;
  parked.run = run;
  transaction.park(parked);
}

Status settle_allocation(Workspace& workspace, const Allocation& allocation, const WrittenRecord& answer,
                         const std::string& run, Micros started, std::int64_t& applied) {
  if (answer.shown)
    HUILIU_TRY(ingest_strong(
        workspace,
        {allocation.ref.connection, allocation.ref.stream, run, started, model::unknown_time, true},
        {*answer.shown}));
  return workspace.store->write([&](store::Transaction& transaction) -> Status {
    store::RunStream counts;
    counts.connection = allocation.ref.connection;
    counts.stream = allocation.ref.stream;
    counts.due = 1;
    counts.keys_due = counts.keys_settled = model::hash64(allocation.customer + allocation.organisation);
    switch (answer.outcome) {
      case sync::Outcome::applied:
        counts.applied = 1;
        ++applied;
        break;
      case sync::Outcome::unchanged:
      case sync::Outcome::duplicate:
        counts.already = 1;
        break;
      case sync::Outcome::in_doubt:
        counts.in_doubt = 1;
        break;
      case sync::Outcome::stale:
      case sync::Outcome::gone:
      case sync::Outcome::deferred:
        counts.deferred = 1;
        break;
      case sync::Outcome::rejected:
        counts.rejected = 1;
        keep_refusal(workspace, transaction, allocation, answer, run);
        break;
    }
    if (answer.outcome != sync::Outcome::rejected) {
      transaction.erase_value(refused_space, refused_key(allocation.ref.connection, allocation.customer,
                                                         allocation.organisation));
      transaction.close_parked(letter_of(allocation), workspace.clock->now());
    }
    transaction.add_counts(run, counts);
    return {};
  });
}

}  // namespace

std::vector<Allocation> due_allocations(const Workspace& workspace, store::Snapshot& snapshot,
                                        const std::string& connection) {
  std::vector<Allocation> due;
  const sync::ConnectionRules* rules = workspace.rules->connection(connection);
  if (rules == nullptr || rules->stage < sync::Stage::one_way ||
      !workspace.allocate_paths.contains(connection))
    return due;
  std::string after;
  while (true) {
    const auto page =
        snapshot.list_reviews({sync::ReviewKind::create, "decided", connection}, {after, reviews_per_page});
    for (const sync::Review& review : page) {
      if (review.choice != "approve") continue;
      if (const auto cluster = snapshot.load_cluster(snapshot.resolve(review.golden)))
        add_due(workspace, snapshot, connection, *cluster, due);
    }
    if (page.size() < reviews_per_page) return due;
    after = page.back().id;
  }
}

bool forget_refusal(store::Transaction& transaction, const Value& line) {
  const std::string key = refused_key(line["connection"].to_text(), line["customer"].to_text(),
                                      line["fields"]["organisations"]["to"].to_text());
  if (!transaction.load_value(refused_space, key)) return false;
  transaction.erase_value(refused_space, key);
  return true;
}

Value allocation_line(const Allocation& allocation) {
  return Object{
      {"connection", allocation.ref.connection},
      {"stream", allocation.ref.stream},
      {"key", allocation.ref.key},
      {"customer", allocation.customer},
      {"op", "update"},
      {"fields", Object{{"organisations", Object{{"from", Value()}, {"to", allocation.organisation}}}}},
      {"reason", "分配：批准的建档申请 (allocation: the approved creation request)"}};
}

std::string allocation_refusal(store::Snapshot& snapshot, const std::string& connection,
                               const std::string& customer, const std::string& organisation) {
  const auto kept = snapshot.load_value(refused_space, refused_key(connection, customer, organisation));
  const auto refusal = model::parse_json(kept.value_or("{}"));
  return refusal.ok() ? (*refusal)["message"].to_text() : std::string();
}

Result<std::int64_t> allocate_due(Workspace& workspace, const std::string& connection, const std::string& run,
                                  const std::atomic<bool>& stop) {
  std::vector<Allocation> due;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    due = due_allocations(workspace, snapshot, connection);
    return {};
  }));
  std::int64_t applied = 0;
  for (const Allocation& allocation : due) {
    if (stop) break;
    const Micros started = workspace.clock->now();
    const auto written = workspace.systems.at(connection)
                             ->write(allocation.ref.stream, {allocation_request(workspace, allocation)});
    HUILIU_TRY(settle_allocation(workspace, allocation, written.front(), run, started, applied));
  }
  return applied;
}

}  // namespace huiliu::run
