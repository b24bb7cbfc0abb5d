#include "tests/simulation/world.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>

#include "hub/sync/engine.hpp"
#include "hub/sync/lists.hpp"
#include "tests/simulation/remote.hpp"
#include "tests/simulation/truth.hpp"

namespace huiliu::simulation {
namespace {

using model::FieldIndex;
using model::FieldValue;
using model::Presence;
using sync::Outcome;
using sync::Policy;
using sync::Right;

constexpr int drain_rounds = 40;
constexpr Micros list_lag = 6 * model::second;

const model::Schema& simulated_schema() {
  static const model::Schema schema = *model::Schema::load({*model::parse_json(
      R"({"entity": "customer", "id_prefix": "cus", "fields": {"name": {"type": "person_name"}, "job_number": {"type": "code"},
          "a": {"type": "text"}, "b": {"type": "text"}, "c": {"type": "text"}, "code": {"type": "enum"}, "tags": {"type": "tags"}}})")});
  return schema;
}

// List elements with their keys; normalizing the same few texts again and again would be most of the run.
FieldValue list_value(const std::string& text) {
  static std::map<std::string, std::string> keys;
  std::vector<std::pair<std::string, model::Value>> elements;
  const auto& field = simulated_schema().find("customer")->fields[f_tags];
  for (const auto& element : split_list(text)) {
    auto known = keys.find(element);
    if (known == keys.end())
      known =
          keys.emplace(element,
                       sync::elements_of(field, {Presence::value, model::Value(element), {}}).begin()->first)
              .first;
    elements.emplace_back(known->second, model::Value(element));
  }
  return sync::list_of(elements);
}

FieldValue value_of(int field, const std::string& text) {
  if (text.empty()) return {Presence::empty, {}, {}};
  if (field == f_tags) return list_value(text);
  return {Presence::value, model::Value(text), text};
}

// The mapping knows the lossy codes; what a system does to a spelling it does not know.
class SimulatedProjection final : public sync::Projection {
 public:
  explicit SimulatedProjection(const std::map<std::string, std::unique_ptr<Remote>>& remotes)
      : remotes_(remotes) {}
  Result project(const std::string& connection, const std::string&, FieldIndex field,
                 const FieldValue& golden, sync::Repository&) const override {
    if (field != f_code || !golden.has_value()) return {Result::Kind::shows, golden, {}};
    return {Result::Kind::shows,
            value_of(f_code, remotes_.at(connection)->form(f_code, golden.value.to_text())),
            {}};
  }

 private:
  const std::map<std::string, std::unique_ptr<Remote>>& remotes_;
};

struct Delivery {
  sync::Observation seen;
  int due = 0;
};

// A request on its way to a conditional system.
struct Request {
  std::string system;
  model::RecordRef carrier;
  RemoteWrite write;
  int due = 0;
  Micros expires = 0;
};

// An answer on its way to the hub.
struct LateAnswer {
  model::RecordRef carrier;
  std::string intent;
  sync::WriteResult result;
  int due = 0;
};

class World {
 public:
  World(std::uint64_t seed, bool trace)
      : seed_(seed),
        trace_(trace),
        dice_(seed * 0x9e3779b97f4a7c15ULL + 1),
        swarm_(Swarm::draw(dice_)),
        random_(seed ^ 0x5bd1e995),
        projection_(remotes_),
        engine_(rules_, projection_, random_),
        truth_(rules_, repository_) {
    make_systems();
    make_rules();
    make_customers();
  }

  RunResult go(int steps) {
    for (step_ = 0; step_ < steps && !truth_.violation(); ++step_) {
      now_ += static_cast<Micros>(1 + dice_.below(2)) * model::second;
      deliver_what_is_due();
      random_event();
    }
    if (!truth_.violation()) drain();
    result_.hash = hash_;
    if (truth_.violation())
      result_.failure = Failure{seed_, step_, truth_.violation()->invariant, truth_.violation()->message};
    return result_;
  }

 private:
  // ---- making the world
  // ---------------------------------------------------------------------------------------------
  void make_systems() {
    const auto add = [&](const Profile& profile) {
      order_.push_back(profile.name);
      remotes_.emplace(profile.name, std::make_unique<Remote>(profile, swarm_, dice_));
    };
    Profile a;
    a.name = "A";
    a.conditional = true;
    Profile b;
    b.name = "B";
    b.copies = true;
    b.list_may_lag = dice_.chance(50);
    Profile c;
    c.name = "C";
    c.respells = dice_.chance(70);
    c.lossy = true;
    c.one_slot = true;
    c.owns_slot = dice_.chance(50);
    for (const auto& profile : {a, b, c}) add(profile);
  }

  void make_rules() {
    rules_.schema = &simulated_schema();
    rules_.connections["hub"].name = "hub";
    int rank = 0;
    for (const auto& [name, remote] : remotes_) {
      const Profile& profile = remote->profile();
      auto& connection = rules_.connections[name];
      connection.name = name;
      connection.rank = rank++;
      connection.create = sync::CreateRule::automatic;
      connection.grade = profile.conditional ? sync::WriteGrade::conditional : sync::WriteGrade::blind;
      auto& stream = connection.streams["customers"];
      stream.stream = "customers";
      stream.entity = "customer";
      stream.writable = stream.creatable = true;
      stream.has_tokens = profile.conditional;
      stream.list_may_lag = profile.list_may_lag;
      for (int field = 0; field < field_count; ++field)
        stream.rights[static_cast<FieldIndex>(field)] = Right::shared;
      if (profile.one_slot) stream.slots[f_tags] = {profile.owns_slot};
      stream.required_to_create = {f_name, f_job};
      // Who somebody is can be given, not changed: a customer merged by mistake keeps his number in every
      // system.
      stream.ops[f_name].update = stream.ops[f_job].update = false;
    }
    const auto rights_of = [&](const char* name) -> auto& {
      return rules_.connections[name].streams["customers"].rights;
    };
    rights_of("A")[f_a] = Right::owner;
    const Right others[] = {Right::shared, Right::propose, Right::receive};
    rights_of("B")[f_a] = others[dice_.below(3)];
    rights_of("C")[f_a] = others[dice_.below(3)];
    for (const char* name : {"A", "B", "C"}) rights_of(name)[f_name] = rights_of(name)[f_job] = Right::shared;
    rules_.policies[{"customer", f_a}] = {Policy::authority, {"A", "B", "C"}};
    rules_.policies[{"customer", f_b}] = {Policy::latest, {}};
    const Policy third[] = {Policy::manual, Policy::most_frequent, Policy::longest, Policy::fill,
                            Policy::latest};
    rules_.policies[{"customer", f_c}] = {third[dice_.below(5)], {}};
    rules_.policies[{"customer", f_code}] = {Policy::latest, {}};
    rules_.policies[{"customer", f_tags}] = {Policy::union_of_elements, {}};
  }

  void make_customers() {
    const std::size_t customers = 1 + dice_.below(2);
    for (std::size_t i = 0; i < customers; ++i) {
      const std::string job = new_job();
      bool anywhere = false;
      for (const auto& name : order_) {
        if (anywhere && dice_.chance(40)) continue;
        anywhere = true;
        create_by_person(name, job);
      }
    }
  }

  std::string new_job() { return "J" + std::to_string(++jobs_); }
  std::string new_text() { return "e" + std::to_string(++edits_) + (dice_.chance(20) ? "xxxx" : ""); }

  void create_by_person(const std::string& system, const std::string& job) {
    Remote& remote = *remotes_.at(system);
    Values values{{f_name, "P" + job}, {f_job, job}};
    for (const int field : {f_a, f_b, f_c}) values[field] = dice_.chance(70) ? new_text() : "";
    if (swarm_.codes) values[f_code] = dice_.chance(70) ? new_code() : "";
    if (swarm_.tags) values[f_tags] = dice_.chance(60) ? "t" + std::to_string(++edits_) : "";
    const std::string key = remote.create(values, false, now_);
    for (const auto& suffix : {"", "-copy"}) {
      const auto record = remote.records().find(key + suffix);
      if (record == remote.records().end()) continue;
      const model::RecordRef ref = ref_of(system, key + suffix);
      for (const auto& [field, text] : record->second.now.values) {
        if (text.empty()) continue;
        truth_.typed(ref, field, "", text, now_);
        if (field == f_tags) truth_.added(ref, text);
      }
    }
    note("create", system + key);
  }

  std::string new_code() { return "v" + std::to_string(dice_.below(8)); }
  static model::RecordRef ref_of(const std::string& system, const std::string& key) {
    return {system, "customers", key};
  }

  // ---- what happens
  // -------------------------------------------------------------------------------------------------
  void random_event() {
    const std::size_t event = dice_.below(100);
    if (event < 24)
      person_edits();
    else if (event < 44)
      read_something();
    else if (event < 72)
      push_something();
    else if (event < 80)
      look();
    else if (event < 83)
      decide_something();
    else if (event < 86)
      crash();
    else if (event < 88)
      delete_something();
    else if (event < 90)
      person_creates();
    else if (event < 93)
      propagate_copies();
    else if (event < 95)
      console_edits();
    else if (event < 97)
      merge_or_split();
    else if (event < 98)
      restore();
    else
      clear_something();
  }

  Remote& any_system() { return *remotes_.at(order_[dice_.below(order_.size())]); }

  RemoteRecord* any_record(Remote& remote) {
    const auto keys = remote.live_keys();
    if (keys.empty()) return nullptr;
    RemoteRecord* const record = remote.live(keys[dice_.below(keys.size())]);
    return record->leader.empty() && !unlooked_.contains({remote.profile().name, record->key}) ? record
                                                                                               : nullptr;
  }

  void person_edits() {
    Remote& remote = any_system();
    RemoteRecord* const record = any_record(remote);
    if (record == nullptr) return;
    std::vector<int> fields = {f_a, f_b, f_c};
    if (swarm_.codes) fields.push_back(f_code);
    if (swarm_.tags) fields.push_back(f_tags);
    const int field = fields[dice_.below(fields.size())];
    if (field == f_tags) return edit_tags(remote, *record);
    const std::string before = record->now.values[field];
    const std::string typed = field == f_code ? new_code() : new_text();
    const std::string shown = remote.form(field, typed);
    if (shown == before) return;
    remote.change(*record, field, shown, now_);
    truth_.typed(ref_of(remote.profile().name, record->key), field, before, shown, now_);
    ++result_.edits;
    note("edit", record->key + "." + std::to_string(field) + " " + before + " → " + shown);
  }

  void clear_something() {
    if (!swarm_.clears) return;
    Remote& remote = any_system();
    RemoteRecord* const record = any_record(remote);
    if (record == nullptr || record->now.values[f_b].empty()) return;
    truth_.typed(ref_of(remote.profile().name, record->key), f_b, record->now.values[f_b], "", now_);
    remote.change(*record, f_b, "", now_);
    note("clear", record->key);
  }

  void edit_tags(Remote& remote, RemoteRecord& record) {
    const model::RecordRef ref = ref_of(remote.profile().name, record.key);
    auto tags = split_list(record.now.values[f_tags]);
    const bool remove = !tags.empty() && dice_.chance(40);
    const bool replaces = remote.profile().one_slot && !tags.empty();
    if (remove || replaces) {
      const std::size_t which = dice_.below(tags.size());
      if (!remote.profile().one_slot || remote.profile().owns_slot) truth_.removed(ref, tags[which]);
      tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(which));
    }
    if (!remove) {
      tags.push_back("t" + std::to_string(++edits_));
      truth_.added(ref, tags.back());
    }
    std::sort(tags.begin(), tags.end());
    std::string joined;
    for (const auto& tag : tags) joined += (joined.empty() ? "" : ",") + tag;
    remote.change(record, f_tags, joined, now_);
    ++result_.edits;
    note("tags", record.key + joined);
  }

  void person_creates() {
    if (!swarm_.person_creates || jobs_ > 5) return;
    const bool another = dice_.chance(60);
    create_by_person(
        any_system().profile().name,
        another ? "J" + std::to_string(1 + dice_.below(static_cast<std::size_t>(jobs_))) : new_job());
  }

  void delete_something() {
    if (!swarm_.deletes || !dice_.chance(40)) return;
    Remote& remote = any_system();
    RemoteRecord* const record = any_record(remote);
    if (record == nullptr) return;
    remote.remove(*record, now_);
    note("delete", record->key);
  }

  void propagate_copies() {
    Remote& remote = *remotes_.at("B");
    if (remote.propagate_copies(now_)) note("copies", "");
  }

  // A backup is put back. Nobody works there again before the hub has looked, which it does first.
  void restore() {
    if (!swarm_.restore || restored_ || !dice_.chance(40)) return;
    restored_ = true;
    Remote& remote = *remotes_.at("A");
    for (const auto& key : remote.restore(now_ - 20 * model::second, now_)) {
      truth_.set_back(ref_of("A", key), remote.records().at(key).now.values);
      unlooked_[{"A", key}] = now_;
      repository_.set_look(ref_of("A", key), true);
    }
    note("restore", "");
  }

  // ---- reads
  // --------------------------------------------------------------------------------------------------------
  sync::Observation observation(const Remote& remote, const RemoteRecord& record, const RecordState& state,
                                bool strong) {
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
    if (state.deleted) return seen;
    seen.raw = record.leader;
    for (int field = 0; field < field_count; ++field) {
      if ((field == f_code && !swarm_.codes) || (field == f_tags && !swarm_.tags)) continue;
      const auto value = state.values.find(field);
      const std::string text = value == state.values.end() ? std::string() : value->second;
      seen.image.fields[static_cast<FieldIndex>(field)] = value_of(field, text);
      seen.raw += '|' + text;
    }
    return seen;
  }

  void read_something() {
    Remote& remote = any_system();
    const bool list = dice_.chance(60);
    const bool lagging = list && remote.profile().list_may_lag;
    const Micros as_of =
        lagging ? now_ - static_cast<Micros>(dice_.below(list_lag / model::second)) * model::second : now_;
    const int delay = swarm_.stale_read && dice_.chance(35) ? 1 + static_cast<int>(dice_.below(10)) : 0;
    const auto one = dice_.next();
    std::size_t index = 0;
    for (const auto& [key, record] : remote.records()) {
      if (!list && index++ != one % remote.records().size()) continue;
      const RecordState state = remote.as_of(record, as_of);
      reads_.push_back({observation(remote, record, state, !list), step_ + delay});
    }
    if (list && delay == 0) {
      deliver_what_is_due();
      engine_.stream_observed(repository_, remote.profile().name, "customers");
    }
  }

  void deliver_what_is_due() {
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

  // A transaction may be lost; then the same input comes again.
  bool transaction_lost() { return swarm_.lost_transaction && !draining_ && dice_.chance(4); }

  // False when it was lost.
  bool ingest(const sync::Observation& seen) {
    repository_.begin();
    const auto result = engine_.ingest(repository_, seen, now_);
    if (transaction_lost()) {
      repository_.rollback();
      reads_.push_back({seen, step_ + 1 + static_cast<int>(dice_.below(3))});
      return false;
    }
    repository_.commit();
    result_.conflicts += result.conflicts;
    const auto unlooked = unlooked_.find({seen.ref.connection, seen.ref.key});
    if (seen.strong && result.received != sync::Received::duplicate && unlooked != unlooked_.end() &&
        seen.read_started >= unlooked->second)
      unlooked_.erase(unlooked);
    note("ingest", seen.ref.key + seen.raw + (seen.deleted ? " deleted " : "  ") +
                       std::to_string(static_cast<int>(result.received)));
    truth_.check_state();
    return true;
  }

  // ---- writes
  // -------------------------------------------------------------------------------------------------------
  void push_something() {
    Remote& remote = any_system();
    const std::string& name = remote.profile().name;
    const auto plan = engine_.plan(repository_, name, "customer", "", 10, true, now_);
    if (plan.writes.empty()) return;
    auto write = plan.writes[dice_.below(plan.writes.size())];
    if (swarm_.race && dice_.chance(40)) {
      person_edits();
      read_something();
    }
    // Without a condition: read by key right before.
    if (!remote.profile().conditional && write.op == sync::Op::update) {
      const auto& record = remote.records().at(write.ref.key);
      if (!ingest(observation(remote, record, record.now, true))) return;
    }
    send(remote, write);
  }

  void send(Remote& remote, const sync::PlannedWrite& write) {
    repository_.begin();
    const auto intent = engine_.begin(repository_, write, "run", now_);
    if (!intent) return repository_.rollback();
    if (transaction_lost()) return repository_.rollback();
    repository_.commit();
    const auto carrier =
        write.op == sync::Op::create ? ref_of(write.ref.connection, "new:" + intent->id) : write.ref;
    const auto replica = repository_.replicas().find(carrier);
    if (replica == repository_.replicas().end())
      return truth_.fail("S12", "a write without a durable intent");
    truth_.check_begun(replica->second, *intent);
    truth_.check_state();
    note("begin", carrier.text() + describe(*intent));
    RemoteWrite out{intent->id, write.op == sync::Op::create ? "" : write.ref.key, {}, 0};
    if (!intent->expected_token.empty()) out.expected_token = std::stoll(intent->expected_token);
    for (const auto& field : intent->fields) out.values[field.field] = text_of(field.value);
    if (out.key.empty())
      truth_.check_create(remote.profile().name, intent->golden, out.values.at(f_job), remote.records());
    Request request{remote.profile().name, carrier, out, step_, now_ + 1000 * model::second};
    if (!draining_ && swarm_.lost_request && dice_.chance(10)) {
      note("request lost", carrier.key);
      return settle(carrier, intent->id, in_doubt());
    }
    // On its way for a while: only a conditional write is safe then.
    if (!draining_ && remote.profile().conditional && swarm_.late_answer && dice_.chance(25)) {
      request.due = step_ + 1 + static_cast<int>(dice_.below(4));
      if (dice_.chance(40)) {
        request.expires = now_ + 4 * model::second;
        settle(carrier, intent->id, in_doubt());
      }
      requests_.push_back(request);
      return;
    }
    apply(request);
  }

  static std::string describe(const sync::Intent& intent) {
    std::string text;
    for (const auto& field : intent.fields)
      text += " " + std::to_string(field.field) + ":" + text_of(field.value);
    return text;
  }

  sync::WriteResult in_doubt() const {
    sync::WriteResult result;
    result.outcome = Outcome::in_doubt;
    result.started = result.ended = now_;
    return result;
  }

  void check_write(Remote& remote, const RemoteWrite& write) {
    const std::string& name = remote.profile().name;
    if (write.key.empty()) return;  // checked when it was sent
    RemoteRecord* const record = remote.live(write.key);
    if (record == nullptr || (remote.profile().conditional && record->now.token != write.expected_token))
      return;
    for (const auto& [field, value] : write.values) {
      const std::string& old = record->now.values[field];
      truth_.check_overwrite(ref_of(name, write.key), field, old, remote.form(field, value));
      if (field == f_tags && remote.profile().one_slot && !old.empty() &&
          slot_is_alive(write.key, old, value))
        truth_.fail("U", "replaced the living " + old + " in the slot of " + write.key);
    }
  }

  bool slot_is_alive(const std::string& key, const std::string& shown, const std::string& sent) {
    const auto replica = repository_.replicas().find(ref_of("C", key));
    if (replica == repository_.replicas().end() || sent.empty()) return false;
    const auto& golden = repository_.goldens().at(repository_.resolve(replica->second.golden));
    const auto field = golden.fields.find(f_tags);
    if (field == golden.fields.end()) return false;
    const auto list = split_list(text_of(field->second.value));
    return std::find(list.begin(), list.end(), shown) != list.end();
  }

  void apply(const Request& request) {
    Remote& remote = *remotes_.at(request.system);
    check_write(remote, request.write);
    RemoteAnswer answer = remote.write(request.write, now_);
    const bool lost = !draining_ && swarm_.lost_answer && dice_.chance(12);
    const bool late = !lost && !draining_ && swarm_.late_answer && dice_.chance(20);
    const bool body = swarm_.bodies && dice_.chance(60);
    // A side effect can be told from an edit only by the answer, or by the version that the answer names.
    if (remote.profile().conditional && swarm_.side_effect && !lost && !late && !request.write.key.empty() &&
        answer.kind == RemoteAnswer::Kind::applied && !request.write.values.contains(f_b) &&
        dice_.chance(20)) {
      const std::string before = answer.shown.values[f_b];
      remote.add_side_effect(answer);
      truth_.changed_by_system(before, answer.shown.values[f_b]);
      if (!body) unlooked_[{request.system, answer.key}] = now_;
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
      case RemoteAnswer::Kind::applied:
        result.outcome = Outcome::applied;
        break;
    }
    if (answer.kind != RemoteAnswer::Kind::gone && remote.profile().conditional)
      result.remote_token = std::to_string(answer.shown.token);
    if (answer.kind == RemoteAnswer::Kind::stale) result.remote_token.clear();
    if (body && answer.kind != RemoteAnswer::Kind::gone)
      result.shown = observation(remote, remote.records().at(answer.key), answer.shown, true);
    if (lost) return settle(request.carrier, request.write.operation, in_doubt());
    if (late) {
      answers_.push_back(
          {request.carrier, request.write.operation, result, step_ + 1 + static_cast<int>(dice_.below(6))});
      return;
    }
    settle(request.carrier, request.write.operation, result);
  }

  void settle(const model::RecordRef& carrier, const std::string& intent, const sync::WriteResult& result) {
    repository_.begin();
    const auto settled = engine_.settle(repository_, carrier, intent, result, now_);
    if (transaction_lost()) {
      repository_.rollback();
      answers_.push_back({carrier, intent, result, step_ + 1});
      return;
    }
    repository_.commit();
    note("settled", carrier.key + std::to_string(static_cast<int>(settled)));
    truth_.check_state();
  }

  // Records to be read by key: writes in doubt, ignored reads, hints.
  void look() {
    for (const auto& name : order_) {
      for (const auto& ref : repository_.to_look(name, "customers", 3)) look_at(ref);
    }
  }

  void look_at(const model::RecordRef& ref) {
    Remote& remote = *remotes_.at(ref.connection);
    if (!ref.key.starts_with("new:")) {
      const auto record = remote.records().find(ref.key);
      if (record != remote.records().end())
        ingest(observation(remote, record->second, record->second.now, true));
      return;
    }
    const auto replica = repository_.load_replica(ref);
    if (!replica || replica->intents.empty()) return;
    const auto intent = replica->intents.front();
    if (intent.state == sync::IntentState::open) return;  // its answer is still to come
    const auto job = std::find_if(intent.fields.begin(), intent.fields.end(),
                                  [](const auto& f) { return f.field == f_job; });
    for (const auto& [key, record] : remote.records()) {
      const bool known = repository_.load_replica(ref_of(ref.connection, key)).has_value();
      if (record.now.deleted || known || record.now.values.at(f_job) != text_of(job->value)) continue;
      ingest(observation(remote, record, record.now, true));
      return;
    }
    if (now_ < replica->wend + 6 * model::second) return;  // it may still happen
    repository_.begin();
    engine_.not_there(repository_, ref, intent.id, now_);
    repository_.commit();
    truth_.check_state();
  }

  // The hub's process ends. What was on the wire to a system arrives there all the same; the answers are
  // lost.
  void crash() {
    if (!swarm_.crash) return;
    answers_.clear();
    reads_.clear();
    for (auto& request : requests_) request.expires = std::min(request.expires, now_ + 3 * model::second);
    std::vector<std::pair<model::RecordRef, std::string>> open;
    for (const auto& [ref, replica] : repository_.replicas()) {
      for (const auto& intent : replica.intents) {
        if (intent.state == sync::IntentState::open) open.emplace_back(ref, intent.id);
      }
    }
    for (const auto& [ref, intent] : open) settle(ref, intent, in_doubt());
    note("crash", "");
  }

  // ---- people in the console
  // ----------------------------------------------------------------------------------------
  std::vector<sync::GoldenId> living_goldens() const {
    std::vector<sync::GoldenId> ids;
    for (const auto& [id, golden] : repository_.goldens()) {
      if (golden.redirect.empty()) ids.push_back(id);
    }
    return ids;
  }

  void console_edits() {
    if (!swarm_.console) return;
    const auto ids = living_goldens();
    if (ids.empty()) return;
    const auto& id = ids[dice_.below(ids.size())];
    const int field = std::vector<int>{f_a, f_b, f_c}[dice_.below(3)];
    const std::string text = "h" + std::to_string(++edits_);
    truth_.decided(id, field, text);
    repository_.begin();
    static_cast<void>(engine_.edit(
        repository_, id, simulated_schema().find("customer")->fields[static_cast<std::size_t>(field)].name,
        value_of(field, text), "li", now_));
    repository_.commit();
    note("console", text);
    truth_.check_state();
  }

  bool one_customer(const sync::GoldenId& a, const sync::GoldenId& b) { return job_of(a) == job_of(b); }
  std::string job_of(const sync::GoldenId& id) {
    const auto golden = repository_.goldens().find(repository_.resolve(id));
    if (golden == repository_.goldens().end() || !golden->second.fields.contains(f_job)) return {};
    return text_of(golden->second.fields.at(f_job).value);
  }

  void decide_something() {
    if (repository_.open_reviews().empty()) return;
    auto at = repository_.open_reviews().begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(repository_.open_reviews().size())));
    decide(*repository_.load_review(at->second));
  }

  void decide(const sync::Review& review) {
    std::string choice = review.choices[dice_.below(review.choices.size())];
    if (review.kind == sync::ReviewKind::duplicate)
      choice = one_customer(review.golden, review.evidence["other"].to_text()) ? "same" : "different";
    if (choice == "recreate") choice = "leave";
    const FieldIndex field = simulated_schema().find("customer")->index_of(review.field);
    if (field != model::no_field && choice != "reject")
      truth_.decided(
          repository_.resolve(review.golden), field,
          review.kind == sync::ReviewKind::conflict ? choice : review.evidence["after"]["value"].to_text());
    repository_.begin();
    const auto status = engine_.decide(repository_, review.id, choice, "", "li", now_);
    repository_.commit();
    if (!status.ok()) truth_.fail("L1", "decision refused: " + status.error().text());
    note("decide", review.dedupe + choice);
    truth_.check_state();
  }

  // A person links two customers by mistake, and later takes them apart again.
  void merge_or_split() {
    if (!swarm_.merges) return;
    for (const auto& [from, job] : wrong_merges_) {
      if (dice_.chance(50)) continue;
      return take_apart(from, job);
    }
    const auto ids = living_goldens();
    if (ids.size() < 2) return;
    const auto& into = ids[dice_.below(ids.size())];
    const auto& from = ids[dice_.below(ids.size())];
    if (into == from || one_customer(into, from) || wrong_merges_.contains(into)) return;
    const std::string job = job_of(from);
    repository_.begin();
    static_cast<void>(engine_.merge(repository_, into, from, "li", now_));
    repository_.commit();
    truth_.mixed_up();
    wrong_merges_[from] = job;
    ++result_.merges;
    note("merge", into + from);
    truth_.check_state();
  }

  void take_apart(const sync::GoldenId& from, const std::string& job) {
    const sync::GoldenId into = repository_.resolve(from);
    std::vector<model::RecordRef> leaving;
    bool all_from_there = true, others = false;
    for (const auto& [ref, replica] : repository_.replicas()) {
      if (replica.golden != into || ref.connection == "hub") continue;
      if (ref.key.starts_with("new:")) return;
      if (remotes_.at(ref.connection)->records().at(ref.key).now.values.at(f_job) != job) {
        others = true;
        continue;
      }
      leaving.push_back(ref);
      all_from_there = all_from_there && replica.origin == from;
    }
    if (leaving.empty() || !others) return;
    repository_.begin();
    const auto split = engine_.split(repository_, into, leaving, "li", now_);
    repository_.commit();
    if (!split.ok() || (all_from_there && *split != from))
      return truth_.fail("S10", "un-merge did not give back " + from);
    note("split", from);
    wrong_merges_.erase(from);
    truth_.check_state();
  }

  // ---- the end
  // ------------------------------------------------------------------------------------------------------
  // Faults stop, people decide what is open, the hub works until nothing is left to do: then all must agree
  // (L1), and two more cycles must write nothing (S3).
  void drain() {
    draining_ = true;
    step_ += 1000;
    deliver_what_is_due();
    recover_open_writes();
    int quiet = 0;
    for (int round = 0; round < drain_rounds && quiet < 3 && !truth_.violation(); ++round) {
      now_ += 10 * model::second;
      const int before = result_.writes;
      cycle();
      const bool worked = result_.writes != before || !repository_.open_reviews().empty();
      if (worked && quiet > 1) truth_.fail("S3", "wrote after a quiet cycle");
      quiet = worked ? 0 : quiet + 1;
    }
    if (quiet < 3) truth_.fail("L1", "still writing after " + std::to_string(drain_rounds) + " rounds");
    check_agreement();
    check_due_index();
  }

  void recover_open_writes() {
    swarm_.ignored_write = swarm_.side_effect = false;
    std::vector<std::pair<model::RecordRef, std::string>> open;
    for (const auto& [ref, replica] : repository_.replicas()) {
      for (const auto& intent : replica.intents) {
        if (intent.state == sync::IntentState::open) open.emplace_back(ref, intent.id);
      }
    }
    for (const auto& [ref, intent] : open) settle(ref, intent, in_doubt());
    now_ += 20 * model::second;
    look();
  }

  void cycle() {
    propagate_copies();
    for (const auto& name : order_) {
      Remote& remote = *remotes_.at(name);
      for (const auto& [key, record] : remote.records())
        ingest(observation(remote, record, record.now, true));
      engine_.stream_observed(repository_, name, "customers");
    }
    look();
    while (!repository_.open_reviews().empty()) {
      decide(*repository_.load_review(repository_.open_reviews().begin()->second));
      if (truth_.violation()) return;
    }
    for (const auto& name : order_) {
      const auto plan = engine_.plan(repository_, name, "customer", "", 100, true, now_);
      for (const auto& write : plan.writes) send(*remotes_.at(name), write);
    }
  }

  void check_agreement() {
    for (const auto& [ref, replica] : repository_.replicas()) {
      if (ref.connection == "hub" || replica.gone || !replica.leader.empty()) continue;
      const auto primary = repository_.primary_of(replica.golden, ref.connection, "customers");
      if (!primary || primary->ref != ref) continue;
      const Remote& remote = *remotes_.at(ref.connection);
      const auto& golden = repository_.goldens().at(replica.golden);
      for (const auto& [field, of] : golden.fields) {
        const auto known = replica.fields.find(field);
        if (known == replica.fields.end() || field == f_tags || field <= f_job ||
            of.value.presence == Presence::absent)
          continue;
        if (known->second.refused || of.held) continue;
        const auto shown = remotes_.at(ref.connection)->records().at(ref.key).now.values[field];
        if (edit_of(shown) != edit_of(remote.form(field, text_of(of.value))))
          truth_.fail("L1", ref.text() + " field " + std::to_string(field) + " shows " + shown +
                                ", golden is " + text_of(of.value));
      }
    }
  }

  void check_due_index() {
    for (const auto& id : living_goldens()) {
      for (const auto& name : order_) {
        const bool due = repository_.is_due(id, "customer", name);
        engine_.refresh_due(repository_, id, now_);
        if (due != repository_.is_due(id, "customer", name))
          truth_.fail("L1", "the due index of " + name + " is wrong");
      }
    }
  }

  void note(const char* what, const std::string& about) {
    hash_ = model::hash64(what, hash_);
    hash_ = model::hash64(about, hash_);
    if (trace_) std::fprintf(stderr, "%4d %s %s\n", step_, what, about.c_str());
  }

  std::uint64_t seed_;
  bool trace_;
  Dice dice_;
  Swarm swarm_;
  std::vector<std::string> order_;
  std::map<std::string, std::unique_ptr<Remote>> remotes_;
  sync::Rules rules_;
  model::SeededRandom random_;
  SimulatedProjection projection_;
  sync::Engine engine_;
  MemoryRepository repository_;
  Truth truth_;
  std::deque<Delivery> reads_;
  std::deque<Request> requests_;
  std::deque<LateAnswer> answers_;
  // Records that nobody works in before the hub has looked at them, and since when.
  std::map<std::pair<std::string, std::string>, Micros> unlooked_;
  std::map<sync::GoldenId, std::string> wrong_merges_;  // merged by mistake, and whose it was
  Micros now_ = 1'000'000 * model::second;
  int step_ = 0, jobs_ = 0, edits_ = 0;
  bool draining_ = false, restored_ = false;
  std::uint64_t hash_ = 0;
  RunResult result_;
};

}  // namespace

RunResult run(std::uint64_t seed, int steps, bool trace) { return World(seed, trace).go(steps); }

}  // namespace huiliu::simulation
