// Plans: what would be written, what it costs, and what takes a run back. Members of Hub (hub.hpp).
#include <algorithm>

#include "hub/model/id.hpp"
#include "hub/run/hub.hpp"
#include "hub/run/quota_use.hpp"
#include "hub/run/views.hpp"
#include "hub/run/writer.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

constexpr std::size_t sent_page = 1000;

// The scope of a plan is part of its hash, so that `apply` plans the same connections again.
std::string with_scope(std::uint64_t hash, std::vector<std::string> connections) {
  std::string text = std::to_string(hash);
  std::sort(connections.begin(), connections.end());
  for (std::size_t i = 0; i < connections.size(); ++i) text += (i == 0 ? ":" : "+") + connections[i];
  return text;
}

std::vector<std::string> scope_of_plan(const std::string& hash) {
  std::vector<std::string> connections;
  std::size_t from = hash.find(':');
  while (from != std::string::npos) {
    const std::size_t to = hash.find('+', ++from);
    connections.push_back(hash.substr(from, to == std::string::npos ? to : to - from));
    from = to;
  }
  return connections;
}

// What a run wrote to one record comes to: what stood there before the first write, and what the last one
// left.
struct Past {
  std::string golden;
  std::map<std::string, sync::Engine::PastField> fields;

  void add(const store::SentWrite& sent, const model::Entity& entity) {
    golden = sent.golden;
    for (const store::SentField& field : sent.fields) {
      const model::FieldIndex index = entity.index_of(field.field);
      if (index == model::no_field) continue;
      const auto [known, first] = fields.try_emplace(field.field);
      if (first) known->second = {index, field.before, field.value};
      known->second.value = field.value;
    }
  }
};

// What takes a disabling back, while it is still as we left it.
std::optional<sync::PlannedWrite> enable_again(store::Snapshot& snapshot, const store::SentWrite& sent) {
  const auto replica = snapshot.load_replica(sent.ref);
  if (sent.op != sync::Op::disable || !replica || replica->gone || !replica->intents.empty())
    return std::nullopt;
  if (!replica->disabled || !replica->removed_by_hub) return std::nullopt;
  return sync::PlannedWrite{sent.ref, sent.entity,    replica->golden,      sync::Op::enable,
                            {},       replica->token, "undo of " + sent.run};
}

}  // namespace

void Hub::add_to_plan(Planned& planned, const std::string& connection, std::vector<sync::PlannedWrite> writes,
                      std::vector<Allocation> allocations) const {
  std::vector<sync::PlannedWrite> all = writes;  // an allocation costs what an update costs
  for (const Allocation& allocation : allocations)
    all.push_back({allocation.ref, "customer", allocation.customer, sync::Op::update, {}, {}, {}});
  const QuotaUse use = quota_use(manifests_.at(connection), config_->connection(connection)->quotas, all,
                                 config_->hub.quota_factor);
  for (const auto& [quota, calls] : use.calls) planned.calls[connection + "/" + quota] = calls;
  planned.days = std::max(planned.days, use.days);
  std::move(writes.begin(), writes.end(), std::back_inserter(planned.writes));
  std::move(allocations.begin(), allocations.end(), std::back_inserter(planned.allocations));
}

std::uint64_t Hub::plan_hash(const Planned& planned) const {
  std::uint64_t hash = model::hash64(planned.revision);
  for (const sync::PlannedWrite& write : planned.writes)
    hash = model::hash64(model::to_canonical_json(planned_write_view(config_->schema, write)), hash);
  for (const Allocation& allocation : planned.allocations)
    hash = model::hash64(model::to_canonical_json(allocation_line(allocation)), hash);
  return hash;
}

Result<Hub::Planned> Hub::plan(const std::vector<std::string>& connections) {
  for (const std::string& name : connections)
    if (config_->connection(name) == nullptr)
      return make_error(ErrorClass::not_found,
                        "there is no connection \"" + name + "\"; see huiliu connection list");
  Planned planned;
  planned.revision = config_->revision;
  for (const auto& [name, rules] : rules_.connections) {
    const bool wanted =
        connections.empty() || std::find(connections.begin(), connections.end(), name) != connections.end();
    if (name == "hub" || !wanted) continue;
    HUILIU_ASSIGN(Remaining left, remaining(workspace_, name, false));
    std::vector<Allocation> allocations;
    HUILIU_TRY(store_->read([&, &connection = name](store::Snapshot& snapshot) -> Status {
      allocations = due_allocations(workspace_, snapshot, connection);
      return {};
    }));
    add_to_plan(planned, name, std::move(left.writes), std::move(allocations));
    std::move(left.held.begin(), left.held.end(), std::back_inserter(planned.held));
  }
  planned.hash = with_scope(plan_hash(planned), connections);
  return planned;
}

Result<CycleReport> Hub::apply(const std::string& hash, const std::atomic<bool>& stop) {
  CycleOptions options;
  options.connections = scope_of_plan(hash);
  HUILIU_ASSIGN(const Planned planned, plan(options.connections));
  if (planned.hash != hash)
    return make_error(ErrorClass::stale, "the world moved since that plan: it is now " + planned.hash +
                                             "; look at huiliu plan again");
  options.read = false;
  options.plan = &planned.writes;
  options.allocate = true;
  options.job = "apply";
  return sync(options, nullptr, stop);
}

Result<Hub::Planned> Hub::plan_undo(const std::string& run) {
  Planned planned;
  planned.revision = config_->revision;
  std::map<std::string, std::vector<sync::PlannedWrite>> writes;  // by connection
  const auto stays = [&](const model::RecordRef& ref, const std::string& golden, const char* reason) {
    planned.held.push_back({ref, golden, {}, sync::Held::Why::undecided, reason});
  };
  HUILIU_TRY(store_->read([&](store::Snapshot& snapshot) -> Status {
    const auto known = snapshot.load_run(run);
    if (!known) return make_error(ErrorClass::not_found, "there is no run " + run);
    if (known->state == store::RunState::running)
      return make_error(ErrorClass::stale, "the run " + run + " is under way; stop it first");
    std::map<model::RecordRef, Past> past;
    std::string after;
    do {
      const auto page = snapshot.writes_of_run(run, {after, sent_page});
      after = page.size() < sent_page ? std::string{} : page.back().intent;
      for (const store::SentWrite& sent : page) {
        const model::Entity* entity = config_->schema.find(sent.entity);
        const bool happened =
            sent.outcome == sync::Settled::applied || sent.outcome == sync::Settled::in_doubt;
        if (entity == nullptr || !happened || rules_.stream(sent.ref) == nullptr) continue;
        if (sent.op == sync::Op::update) {
          past[sent.ref].add(sent, *entity);
        } else if (auto back = enable_again(snapshot, sent)) {
          writes[sent.ref.connection].push_back(std::move(*back));
        } else {
          stays(sent.ref, sent.golden, "a record that was made, deleted or enabled stays: change it there");
        }
      }
    } while (!after.empty());
    for (const auto& [ref, taken] : past) {
      std::vector<sync::Engine::PastField> fields;
      for (const auto& [name, field] : taken.fields) fields.push_back(field);
      auto write = engine_->plan_undo(snapshot, ref, fields);
      if (!write || write->fields.size() < fields.size())
        stays(ref, taken.golden, "changed since, or cannot be written there");
      if (!write) continue;
      write->reason = "undo of " + run;
      writes[ref.connection].push_back(std::move(*write));
    }
    return {};
  }));
  for (auto& [connection, some] : writes) add_to_plan(planned, connection, std::move(some), {});
  planned.hash = with_scope(plan_hash(planned), {});
  return planned;
}

Result<CycleReport> Hub::undo(const std::string& run, const std::atomic<bool>& stop) {
  HUILIU_ASSIGN(const Planned planned, plan_undo(run));
  if (planned.writes.empty())
    return make_error(ErrorClass::not_found,
                      "nothing of " + run + " is left to take back; see huiliu run undo " + run + " --plan");
  // What was disabled is not to be disabled again in the next round.
  HUILIU_TRY(store_->write([&](store::Transaction& transaction) -> Status {
    for (const sync::PlannedWrite& write : planned.writes)
      if (write.op == sync::Op::enable)
        engine_->refuse_removal(transaction, write.golden, write.ref.connection, workspace_.clock->now());
    return {};
  }));
  CycleOptions options;
  for (const sync::PlannedWrite& write : planned.writes)
    if (options.connections.empty() || options.connections.back() != write.ref.connection)
      options.connections.push_back(write.ref.connection);
  options.read = false;
  options.plan = &planned.writes;
  options.job = "undo";
  return sync(options, nullptr, stop);
}

}  // namespace huiliu::run
