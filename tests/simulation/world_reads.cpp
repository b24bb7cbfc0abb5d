// What the hub reads: late, twice, cut, lagging.
#include "tests/simulation/world_inside.hpp"

#include <algorithm>
#include <cstdio>

namespace huiliu::simulation {

sync::Observation World::observation(const Remote& remote, const RemoteRecord& record,
                                     const RecordState& state, bool strong) {
  sync::Observation seen;
  seen.ref = ref_of(remote.profile().name, record.key);
  seen.entity = "customer";
  seen.read_started = now_;
  seen.strong = strong;
  seen.mapping_version = "1";
  seen.deleted = state.deleted;
  if (remote.profile().conditional) seen.token = std::to_string(state.token);
  seen.image.entity = "customer";
  seen.image.leader = record.leader;
  seen.image.pending_approval = record.in_approval;
  seen.image.disabled = state.disabled;
  if (state.deleted) return seen;
  seen.raw = record.leader + (record.in_approval ? "?" : "") + (state.disabled ? "!" : "");
  for (int field = 0; field < field_count; ++field) {
    if ((field == f_code && !faults_.active(Point::typed_code)) ||
        (field == f_tags && !faults_.active(Point::tags)))
      continue;
    const auto value = state.values.find(field);
    const std::string text = value == state.values.end() ? std::string() : value->second;
    seen.image.fields[static_cast<FieldIndex>(field)] = value_of(field, text);
    seen.raw += '|' + text;
  }
  return seen;
}

void World::read_something() {
  Remote& remote = any_system();
  const bool list = dice_.chance(60);
  const bool lagging = list && remote.profile().list_may_lag && faults_.at(Point::lagging_list, 80);
  const Micros as_of =
      lagging ? now_ - static_cast<Micros>(dice_.below(list_lag / model::second)) * model::second : now_;
  const int delay = faults_.at(Point::late_read, 35) ? 1 + static_cast<int>(dice_.below(10)) : 0;
  const bool twice = faults_.at(Point::double_read, 10);
  const bool cut = list && faults_.at(Point::cut_list, 10);
  const auto one = dice_.next();
  std::size_t index = 0;
  std::vector<sync::Observation> seen;
  for (const auto& [key, record] : remote.records()) {
    if (!list && index++ != one % remote.records().size()) continue;
    seen.push_back(observation(remote, record, remote.as_of(record, as_of), !list));
  }
  if (list && faults_.at(Point::shuffled_list, 50)) std::reverse(seen.begin(), seen.end());
  if (cut) seen.resize(seen.size() / 2);
  for (const auto& each : seen) {
    reads_.push_back({each, step_ + delay});
    if (twice) reads_.push_back({each, step_ + delay + 2});
  }
  if (list && !cut && delay == 0) {
    deliver_what_is_due();
    observed(remote.profile().name);
  }
}

void World::observed(const std::string& system) {
  transact([&](sync::Repository& hub) { engine_.stream_observed(hub, system, "customers"); });
}

// True when it was committed. The storage may end the hub's process: then what was under way is in doubt.
bool World::transact(const std::function<void(sync::Repository&)>& work, Point lost, int percent) {
  const auto result = backing_->write([&](sync::Repository& hub) {
    work(hub);
    return draining_ || lost == Point::count || !faults_.at(lost, percent);
  });
  if (const std::string complaint = backing_->complaint(); !complaint.empty()) truth_.fail("S14", complaint);
  if (result.outcome == Backing::Outcome::died) died_ = true;
  return result.kept;
}

void World::deliver_what_is_due() {
  for (std::size_t i = 0; i < requests_.size();) {
    if (requests_[i].due > step_) {
      ++i;
      continue;
    }
    const Request request = requests_[i];
    requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(i));
    if (now_ < request.expires) apply(request);
  }
  for (std::size_t i = 0; i < answers_.size();) {
    if (answers_[i].due > step_) {
      ++i;
      continue;
    }
    const LateAnswer answer = answers_[i];
    answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(i));
    settle(answer.carrier, answer.intent, answer.result);
  }
  for (std::size_t i = 0; i < reads_.size();) {
    if (reads_[i].due > step_) {
      ++i;
      continue;
    }
    const Delivery read = reads_[i];
    reads_.erase(reads_.begin() + static_cast<std::ptrdiff_t>(i));
    ingest(read.seen);
  }
}

// False when the transaction was lost: then the same input comes again.
bool World::ingest(const sync::Observation& seen) {
  sync::IngestResult result;
  const auto take = [&](sync::Repository& hub) {
    const sync::Glance glance{seen.ref,          seen.raw,   seen.token, seen.mapping_version,
                              seen.read_started, seen.strong};
    const auto unchanged = seen.deleted ? std::nullopt : engine_.ingest_unchanged(hub, glance, now_);
    result = unchanged ? *unchanged : engine_.ingest(hub, seen, now_);
  };
  if (!transact(take, Point::lost_ingest, 4)) {
    reads_.push_back({seen, step_ + 1 + static_cast<int>(dice_.below(3))});
    static_cast<void>(after_death());
    return false;
  }
  result_.conflicts += result.conflicts;
  const auto unlooked = unlooked_.find({seen.ref.connection, seen.ref.key});
  if (seen.strong && result.received != sync::Received::duplicate && unlooked != unlooked_.end() &&
      seen.read_started >= unlooked->second)
    unlooked_.erase(unlooked);
  note("ingest", seen.ref.key + seen.raw + (seen.deleted ? " deleted " : "  ") +
                     std::to_string(static_cast<int>(result.received)));
  if (result.received != sync::Received::duplicate) saw_back(seen);
  truth_.check_state();
  for (const auto& ref : result.woken) {
    const auto& record = remotes_.at(ref.connection)->records().at(ref.key);
    reads_.push_back({observation(*remotes_.at(ref.connection), record, record.now, true), step_});
  }
  static_cast<void>(after_death());
  return true;
}

}  // namespace huiliu::simulation
