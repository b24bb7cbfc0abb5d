// How a write travels, and how its answer comes back, or does not.
#include "tests/simulation/world_inside.hpp"

#include <algorithm>
#include <cstdio>

namespace huiliu::simulation {

sync::Plan World::plan(const std::string& system, std::size_t limit) {
  sync::Plan plan;
  transact(
      [&](sync::Repository& hub) { plan = engine_.plan(hub, system, "customer", "", limit, true, now_); });
  static_cast<void>(after_death());
  return plan;
}

void World::push_something() {
  if (frozen_) return;
  Remote& remote = any_system();
  const std::string& name = remote.profile().name;
  if (undo_something()) return;
  const auto due = plan(name, 10);
  if (due.writes.empty() || stopped_by_brake(name, due)) return;
  auto write = due.writes[dice_.below(due.writes.size())];
  // A plan may lie around for a while before it is carried out.
  if (const auto old = old_plans_.find(name); old != old_plans_.end() && faults_.at(Point::old_plan, 15))
    write = old->second;
  old_plans_[name] = write;
  if (faults_.at(Point::race_before_write, 40)) {
    person_edits();
    read_something();
  }
  if (write.op != sync::Op::create && must_look_first(remote, write.ref.key)) {
    const auto& record = remote.records().at(write.ref.key);
    if (!ingest(observation(remote, record, record.now, true))) return;
  }
  send(remote, write);
  if (faults_.at(Point::second_worker, 15)) send(remote, write);  // who has the same plan
}

// Without a condition, and where a backup was put in its place, a record is read by key right before a write.
bool World::must_look_first(const Remote& remote, const std::string& key) const {
  return !remote.profile().conditional || unlooked_.contains({remote.profile().name, key});
}

// A person takes back what was written to a record lately, where it still stands.
bool World::undo_something() {
  if (sent_.empty() || !faults_.at(Point::undone_write, 12)) return false;
  const Sent sent = sent_[dice_.below(sent_.size())];
  Remote& remote = *remotes_.at(sent.ref.connection);
  const RemoteRecord* const record = remote.live(sent.ref.key);
  if (record == nullptr) return true;
  if (must_look_first(remote, record->key) && !ingest(observation(remote, *record, record->now, true)))
    return true;
  std::optional<sync::PlannedWrite> write;
  transact([&](sync::Repository& hub) { write = engine_.plan_undo(hub, sent.ref, sent.fields); });
  if (!after_death() || !write) return true;
  note("undo", sent.ref.key);
  send(remote, *write, true);
  return true;
}

void World::remember_sent(const model::RecordRef& ref, const sync::Intent& intent) {
  if (intent.op != sync::Op::update) return;
  Sent sent{ref, {}};
  for (const auto& field : intent.fields)
    if (is_free_text(field.field)) sent.fields.push_back({field.field, field.before, field.value});
  if (sent.fields.empty()) return;
  sent_.push_back(std::move(sent));
  if (sent_.size() > 5) sent_.pop_front();
}

std::string World::golden_text(const sync::GoldenId& id, FieldIndex field) const {
  const auto golden = repository_.goldens().find(id);
  if (golden == repository_.goldens().end() || !golden->second.fields.contains(field)) return {};
  return text_of(golden->second.fields.at(field).value);
}

bool World::is_said_by_console(const sync::Golden& golden, FieldIndex field) {
  const auto of = golden.fields.find(field);
  return of != golden.fields.end() && of->second.from.connection == "hub";
}

// What would be written is counted; above the limit all of it waits until a person lets it pass.
bool World::stopped_by_brake(const std::string& system, const sync::Plan& due) {
  if (!faults_.active(Point::brake)) return false;
  sync::BrakeTally tally;
  int ordinary = 0;
  for (const auto& write : due.writes) {
    const auto golden = repository_.goldens().find(write.golden);
    if (golden == repository_.goldens().end()) continue;
    sync::count_outgoing(tally, write, golden->second, *simulated_schema().find("customer"));
    ordinary +=
        write.op == sync::Op::update && std::any_of(write.fields.begin(), write.fields.end(),
                                                    [&](const auto& field) {
                                                      return !is_said_by_console(golden->second, field.field);
                                                    })
            ? 1
            : 0;
  }
  const sync::BrakeLimit one{1, 0};
  const std::map<sync::BrakeRule, std::int64_t> allowed{
      {sync::BrakeRule::updates, sync::allowance(sync::BrakeRule::updates, one, 100, {})},
      {sync::BrakeRule::disables, sync::allowance(sync::BrakeRule::disables, one, 100, {})}};
  const bool over = !sync::exceeded(tally, allowed).empty();
  if (!over && ordinary > 1 && !released_.contains(system))
    truth_.fail("B", "the brake let " + std::to_string(ordinary) + " changes pass");
  if (!over || released_.erase(system) > 0) return false;
  released_.insert(system);  // by the next time a person has said so
  count_strike(Point::brake);
  note("brake", system);
  return true;
}

void World::send(Remote& remote, const sync::PlannedWrite& write, bool undo) {
  std::optional<sync::Intent> intent;
  const bool kept = transact(
      [&](sync::Repository& hub) {
        intent = undo ? engine_.begin_undo(hub, write, "undo", now_) : engine_.begin(hub, write, "run", now_);
      },
      Point::lost_begin, 4);
  if (!kept || !intent) return static_cast<void>(after_death());
  const auto carrier =
      write.op == sync::Op::create ? ref_of(write.ref.connection, "new:" + intent->id) : write.ref;
  const auto replica = repository_.replicas().find(carrier);
  if (replica == repository_.replicas().end()) return truth_.fail("S12", "a write without a durable intent");
  if (undo) {
    for (const auto& field : write.fields)
      undone_[{intent->id, field.field}] = {text_of(field.from), golden_text(intent->golden, field.field)};
  } else {
    truth_.check_begun(replica->second, *intent);
    truth_.check_not_sent_again(carrier, *intent);
    remember_sent(carrier, *intent);
  }
  truth_.check_removal(replica->second, *intent, remotes_);
  truth_.check_state();
  note("begin", carrier.text() + describe(*intent));
  if (!after_death()) return;  // it never left
  RemoteWrite out{intent->id, write.op == sync::Op::create ? "" : write.ref.key, {}, 0, write.op};
  if (!intent->expected_token.empty()) out.expected_token = std::stoll(intent->expected_token);
  for (const auto& field : intent->fields) out.values[field.field] = text_of(field.value);
  if (out.key.empty())
    truth_.check_create(remote.profile().name, intent->golden, out.values.at(f_job), remote.records());
  Request request{remote.profile().name, carrier, out, step_, now_ + 1000 * model::second, now_};
  if (!draining_ && faults_.at(Point::lost_request, 10)) {
    note("request lost", carrier.key);
    return settle(carrier, intent->id, in_doubt());
  }
  if (!draining_ && faults_.at(Point::busy_system, 5)) {
    note("busy", carrier.key);
    auto result = in_doubt();
    result.outcome = Outcome::deferred;
    return settle(carrier, intent->id, result);
  }
  const bool may_reject = write.op != sync::Op::create && write.op != sync::Op::enable;
  if (!draining_ && may_reject && faults_.at(Point::rejected_write, 3)) {
    note("rejected", carrier.key);
    auto result = in_doubt();
    result.outcome = Outcome::rejected;
    settle(carrier, intent->id, result);
    const auto known = find_replica(carrier);
    const bool told = known && known->intents.empty();  // unless the answer was lost
    // Not what golden says: should it ever be that, it is asked for anew.
    const auto wanted = [&](const sync::IntentField& field) {
      return !undo || golden_text(intent->golden, field.field) == text_of(field.value);
    };
    for (const auto& field : intent->fields)
      truth_.refused(carrier, field.field, text_of(field.value), told && wanted(field));
    return;
  }
  // On its way for a while: only a conditional write is safe then.
  if (!draining_ && remote.profile().conditional && faults_.at(Point::late_request, 25)) {
    request.due = step_ + 1 + static_cast<int>(dice_.below(4));
    if (faults_.at(Point::expired_request, 40)) {
      request.expires = now_ + 4 * model::second;
      settle(carrier, intent->id, in_doubt());
    }
    requests_.push_back(request);
    return;
  }
  apply(request);
}

std::string World::describe(const sync::Intent& intent) {
  std::string text;
  for (const auto& field : intent.fields)
    text += " " + std::to_string(field.field) + ":" + text_of(field.value);
  return text;
}

sync::WriteResult World::in_doubt() const {
  sync::WriteResult result;
  result.outcome = Outcome::in_doubt;
  result.started = result.ended = now_;
  return result;
}

void World::check_write(Remote& remote, const Request& request) {
  const RemoteWrite& write = request.write;
  const std::string& name = remote.profile().name;
  if (write.key.empty()) {  // was checked when it was sent; but another one may have arrived since
    if (!remote.profile().unique_key || !faults_.active(Point::unique_key))
      truth_.check_arrival(name, write.values.at(f_job), remote.records());
    return;
  }
  RemoteRecord* const record = remote.live(write.key);
  if (record == nullptr || (remote.profile().conditional && record->now.token != write.expected_token))
    return;
  // It left before the backup was put back, and the version that it names counts again: it overwrites what
  // nobody has seen, and cannot be told from an edit.
  if (truth_.was_set_back(request.carrier) && request.sent <= system_restored_) {
    for (const auto& [field, value] : write.values)
      truth_.typed(request.carrier, field, record->now.values[field], remote.form(field, value), now_);
    return;
  }
  if (write.op == sync::Op::remove)
    for (const auto& [field, old] : record->now.values)
      truth_.check_overwrite(ref_of(name, write.key), field, old, "");
  for (const auto& [field, value] : write.values) {
    const std::string& old = record->now.values[field];
    if (undone_.contains({write.operation, field})) continue;  // a person's word
    truth_.check_overwrite(ref_of(name, write.key), field, old, remote.form(field, value));
    if (field == f_tags && remote.profile().one_slot) truth_.check_slot(ref_of(name, write.key), value);
    if (field == f_tags && remote.profile().one_slot && !old.empty() && slot_is_alive(write.key, old, value))
      truth_.fail("U", "replaced the living " + old + " in the slot of " + write.key);
  }
}

bool World::slot_is_alive(const std::string& key, const std::string& shown, const std::string& sent) {
  const auto replica = repository_.replicas().find(ref_of("C", key));
  if (replica == repository_.replicas().end() || sent.empty()) return false;
  const auto& golden = repository_.goldens().at(repository_.resolve(replica->second.golden));
  const auto field = golden.fields.find(f_tags);
  if (field == golden.fields.end()) return false;
  const auto list = split_list(text_of(field->second.value));
  return std::find(list.begin(), list.end(), shown) != list.end();
}

void World::apply(const Request& request) {
  Remote& remote = *remotes_.at(request.system);
  check_write(remote, request);
  RemoteAnswer answer = remote.write(request.write, now_);
  if (answer.kind == RemoteAnswer::Kind::applied && !request.write.key.empty()) {
    for (const auto& [field, value] : request.write.values) {
      if (answer.ignored.contains(field)) truth_.refused(request.carrier, field, value, false);
      const auto back = undone_.find({request.write.operation, field});
      if (back != undone_.end() && !answer.ignored.contains(field))
        truth_.undone(request.carrier, field, back->second.first, value, back->second.second);
    }
  }
  const bool lost = !draining_ && faults_.at(Point::lost_answer, 12);
  const bool late = !lost && !draining_ && faults_.at(Point::late_answer, 20);
  const bool stale = answer.kind == RemoteAnswer::Kind::stale;
  const bool body =
      stale ? !faults_.at(Point::stale_without_body, 50) : !faults_.at(Point::answer_without_body, 60);
  const bool updated = answer.kind == RemoteAnswer::Kind::applied && !request.write.key.empty();
  if (remote.profile().touches && updated && !answer.shown.deleted && !draining_ &&
      !request.write.values.contains(f_b) && faults_.at(Point::side_effect, 20)) {
    const std::string before = answer.shown.values[f_b];
    remote.add_side_effect(answer);
    truth_.changed_by_system(request.carrier, before, answer.shown.values[f_b]);
  }
  ++result_.writes;
  if (request.write.key.empty()) ++result_.creates;
  note("applied", answer.key + (lost ? " answer lost" : late ? " answer late" : body ? " with body" : ""));
  sync::WriteResult result;
  result.started = result.ended = now_;
  result.remote_key = answer.key;
  switch (answer.kind) {
    case RemoteAnswer::Kind::gone:
      result.outcome = Outcome::gone;
      break;
    case RemoteAnswer::Kind::stale:
      result.outcome = Outcome::stale;
      break;
    case RemoteAnswer::Kind::duplicate:
      result.outcome = Outcome::duplicate;
      break;
    case RemoteAnswer::Kind::applied:
      result.outcome =
          updated && faults_.at(Point::unchanged_answer, 10) ? Outcome::unchanged : Outcome::applied;
      break;
  }
  if (answer.kind != RemoteAnswer::Kind::gone && remote.profile().conditional)
    result.remote_token = std::to_string(answer.shown.token);
  if (answer.kind == RemoteAnswer::Kind::stale) result.remote_token.clear();
  if (request.write.key.empty() && answer.kind == RemoteAnswer::Kind::applied && !draining_ &&
      faults_.at(Point::create_without_key, 10)) {
    result.remote_key.clear();
    result.remote_token.clear();
  } else if (body && (answer.kind == RemoteAnswer::Kind::applied || stale))
    result.shown = observation(remote, remote.records().at(answer.key), answer.shown, true);
  const bool unnamed = !lost && result.remote_key.empty();
  if ((lost || unnamed) && request.write.key.empty() && answer.kind == RemoteAnswer::Kind::applied)
    truth_.created_unheard(ref_of(remote.profile().name, answer.key), answer.shown.values,
                           unnamed ? std::optional(request.write.values) : std::nullopt);
  if (lost) return settle(request.carrier, request.write.operation, in_doubt());
  if (late) {
    answers_.push_back(
        {request.carrier, request.write.operation, result, step_ + 1 + static_cast<int>(dice_.below(6))});
    return;
  }
  settle(request.carrier, request.write.operation, result);
}

void World::settle(const model::RecordRef& carrier, const std::string& intent,
                   const sync::WriteResult& result) {
  sync::Settled settled{};
  const bool kept =
      transact([&](sync::Repository& hub) { settled = engine_.settle(hub, carrier, intent, result, now_); },
               Point::lost_settle, 4);
  if (!kept) {
    if (!died_) answers_.push_back({carrier, intent, result, step_ + 1});
    return static_cast<void>(after_death());
  }
  note("settled", carrier.key + std::to_string(static_cast<int>(settled)));
  const bool applied = result.outcome == Outcome::applied || result.outcome == Outcome::unchanged;
  if (applied && !result.remote_token.empty()) truth_.acknowledged(carrier, result.remote_token);
  // Somebody who waited for the answer as well gives up.
  if (applied && !draining_ && faults_.at(Point::doubt_after_answer, 60))
    answers_.push_back({carrier, intent, in_doubt(), step_ + 1});
  if (const auto replica = find_replica(carrier))
    for (const auto& open : replica->intents)
      if (open.op == sync::Op::remove && open.state == sync::IntentState::acknowledged)
        told_.insert(carrier.key);
  truth_.check_state();
  static_cast<void>(after_death());
}

// Records to be read by key: writes in doubt, ignored reads, hints.
void World::look() {
  for (const auto& name : order_) {
    std::vector<model::RecordRef> refs;
    transact([&](sync::Repository& hub) { refs = hub.to_look(name, "customers", 3); });
    for (const auto& ref : refs) look_at(ref);
  }
}

std::optional<sync::Replica> World::find_replica(const model::RecordRef& ref) const {
  const auto found = repository_.replicas().find(ref);
  return found == repository_.replicas().end() ? std::nullopt : std::optional(found->second);
}

void World::look_at(const model::RecordRef& ref) {
  Remote& remote = *remotes_.at(ref.connection);
  if (!ref.key.starts_with("new:")) {
    const auto record = remote.records().find(ref.key);
    if (record != remote.records().end())
      ingest(observation(remote, record->second, record->second.now, true));
    return;
  }
  const auto replica = find_replica(ref);
  if (!replica || replica->intents.empty()) return;
  const auto intent = replica->intents.front();
  if (intent.state == sync::IntentState::open) return;  // its answer is still to come
  const auto job = std::find_if(intent.fields.begin(), intent.fields.end(),
                                [](const auto& f) { return f.field == f_job; });
  for (const auto& [key, record] : remote.records()) {
    const bool known = repository_.replicas().contains(ref_of(ref.connection, key));
    if (record.now.deleted || known || record.now.values.at(f_job) != text_of(job->value)) continue;
    ingest(observation(remote, record, record.now, true));
    return;
  }
  transact([&](sync::Repository& hub) { engine_.not_there(hub, ref, intent.id, now_); });
  truth_.check_state();
}

}  // namespace huiliu::simulation
