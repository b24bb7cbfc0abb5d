#include "tests/simulation/world.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>

#include "hub/sync/brake.hpp"
#include "hub/sync/engine.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/removal.hpp"
#include "tests/simulation/backing.hpp"
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

constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15ULL;
constexpr int drain_rounds = 40;
constexpr int most_questions = 200;  // in one round
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
  explicit World(const RunOptions& options)
      : options_(options),
        dice_(options.seed * golden_ratio + 1),
        faults_(dice_, options.on, options.off),
        random_(options.seed ^ 0x5bd1e995),
        projection_(remotes_),
        engine_(rules_, projection_, random_),
        backing_(options.store ? make_store_backing(simulated_schema(), faults_, dice_)
                               : std::make_unique<MemoryBacking>()),
        repository_(backing_->picture()),
        truth_(rules_, repository_) {
    make_systems();
    make_rules();
    make_customers();
  }

  RunResult go() {
    for (step_ = 0; step_ < options_.steps && !truth_.violation(); ++step_) {
      dice_.throw_from((options_.seed * golden_ratio) ^ (static_cast<std::uint64_t>(step_ + 1) << 32U));
      now_ += static_cast<Micros>(1 + dice_.below(2)) * model::second;
      deliver_what_is_due();
      if (frozen_ && step_ >= frozen_until_) read_in_full();
      if (!options_.skipped.contains(step_)) random_event();
      static_cast<void>(after_death());
    }
    if (!truth_.violation()) drain();
    result_.hash = hash_;
    if (truth_.violation())
      result_.failure =
          Failure{options_.seed, step_, truth_.violation()->invariant, truth_.violation()->message};
    return result_;
  }

 private:
  // ---- making the world
  // ---------------------------------------------------------------------------------------------
  void make_systems() {
    const auto add = [&](const Profile& profile) {
      order_.push_back(profile.name);
      remotes_.emplace(profile.name, std::make_unique<Remote>(profile, faults_));
    };
    Profile a;
    a.name = "A";
    a.conditional = true;
    a.unique_key = true;
    a.disables = true;
    a.touches = true;
    Profile b;
    b.name = "B";
    b.copies = true;
    b.list_may_lag = faults_.active(Point::lagging_list);
    Profile c;
    c.name = "C";
    c.respells = faults_.at(Point::respelling_system, 100);
    c.lossy = true;
    c.one_slot = true;
    c.deletes = true;
    c.owns_slot = dice_.chance(50);
    c.touches = dice_.chance(50);
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
      connection.create = profile.name == "B" && faults_.active(Point::asked_create)
                              ? sync::CreateRule::ask
                              : sync::CreateRule::automatic;
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
      // A connector with conditional writes need not say what they touch; any other must.
      if (profile.touches && (!profile.conditional || dice_.chance(50))) stream.touched_by_writes = {f_b};
      stream.disablable = profile.disables;
      stream.deletable = profile.deletes;
      if (faults_.active(Point::delete_policy))
        connection.on_delete = static_cast<sync::DeletePolicy>(dice_.below(4));
      connection.remove =
          faults_.active(Point::removal_asked) ? sync::RemoveRule::ask : sync::RemoveRule::automatic;
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
    if (faults_.active(Point::typed_code)) values[f_code] = dice_.chance(70) ? new_code() : "";
    if (faults_.active(Point::tags)) values[f_tags] = dice_.chance(60) ? "t" + std::to_string(++edits_) : "";
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
    if (faults_.active(Point::delete_policy) && dice_.chance(6)) return delete_or_undelete();
    if (faults_.active(Point::merged_again) && dice_.chance(6)) return merge_or_split();
    if (faults_.active(Point::restored_hub) && dice_.chance(4)) return back_up_or_put_back();
    const std::size_t event = dice_.below(100);
    if (event < 24)
      person_edits();
    else if (event < 43)
      read_something();
    else if (event < 70)
      push_something();
    else if (event < 78)
      look();
    else if (event < 81)
      decide_something();
    else if (event < 84)
      crash();
    else if (event < 86)
      delete_or_undelete();
    else if (event < 88)
      person_creates();
    else if (event < 91)
      propagate_copies();
    else if (event < 93)
      console_edits();
    else if (event < 95)
      merge_or_split();
    else if (event < 96)
      restore();
    else if (event < 98)
      clear_something();
    else if (event < 99)
      touch_something();
    else
      follow_approval();
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
    if (faults_.at(Point::typed_code, 100)) fields.push_back(f_code);
    if (faults_.at(Point::tags, 100)) fields.push_back(f_tags);
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
    if (!faults_.active(Point::cleared_field)) return;
    Remote& remote = any_system();
    RemoteRecord* const record = any_record(remote);
    if (record == nullptr || record->now.values[f_b].empty()) return;
    count_strike(Point::cleared_field);
    truth_.typed(ref_of(remote.profile().name, record->key), f_b, record->now.values[f_b], "", now_);
    remote.change(*record, f_b, "", now_);
    note("clear", record->key);
  }

  void edit_tags(Remote& remote, RemoteRecord& record) {
    const model::RecordRef ref = ref_of(remote.profile().name, record.key);
    auto tags = split_list(record.now.values[f_tags]);
    const bool remove = !tags.empty() && faults_.at(Point::removed_tag, 40);
    const bool replaces = remote.profile().one_slot && !tags.empty();
    if (replaces && !remove) {
      if (!faults_.active(Point::replaced_tag)) return;
      count_strike(Point::replaced_tag);
    }
    if (remove || replaces) {
      const std::size_t which = dice_.below(tags.size());
      if (remote.profile().one_slot) truth_.declined(ref, tags[which]);
      if (!remote.profile().one_slot || remote.profile().owns_slot) truth_.removed(ref, tags[which]);
      tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(which));
    }
    if (!remove) {
      tags.push_back("t" + std::to_string(++edits_));
      truth_.added(ref, tags.back());
    }
    if (remote.profile().one_slot) truth_.slot_is_open(ref, !tags.empty());
    std::sort(tags.begin(), tags.end());
    std::string joined;
    for (const auto& tag : tags) joined += (joined.empty() ? "" : ",") + tag;
    remote.change(record, f_tags, joined, now_);
    ++result_.edits;
    note("tags", record.key + joined);
  }

  void person_creates() {
    if (jobs_ > 5) return;
    if (faults_.at(Point::same_customer_again, 60))
      create_by_person(any_system().profile().name,
                       "J" + std::to_string(1 + dice_.below(static_cast<std::size_t>(jobs_))));
    else if (faults_.at(Point::new_customer, 80))
      create_by_person(any_system().profile().name, new_job());
  }

  void delete_or_undelete() {
    if (faults_.active(Point::switched_record) && dice_.chance(40) && take_back_into_use()) return;
    Remote& remote = any_system();
    if (faults_.active(Point::undeleted_record) && dice_.chance(40)) {
      for (auto& [key, record] : remote.records()) {
        if (!record.now.deleted || !record.leader.empty() || !faults_.at(Point::undeleted_record, 50))
          continue;
        if (record.now.removed_by_hub) note_revival(ref_of(remote.profile().name, key));
        remote.undelete(record, now_);
        // Who brings back a record that the hub never knew vouches for what it shows.
        const auto known = find_replica(ref_of(remote.profile().name, key));
        if (!known || known->golden.empty())
          for (const auto& [field, text] : record.now.values)
            if (!text.empty()) truth_.typed(ref_of(remote.profile().name, key), field, "", text, now_);
        note("undelete", key);
        return;
      }
    }
    RemoteRecord* const record = any_record(remote);
    if (record == nullptr || !faults_.at(Point::deleted_record, 40)) return;
    remote.remove(*record, now_);
    // Had the hub deleted it before, and not seen that it was back?
    const auto known = find_replica(ref_of(remote.profile().name, record->key));
    const bool deleted_before = known && ((known->gone && known->removed_by_hub) || is_removing(*known));
    record->now.removed_by_hub = deleted_before;
    if (!deleted_before) truth_.deleted(ref_of(remote.profile().name, record->key), now_, frozen_);
    if (rules_.connections.at(remote.profile().name).on_delete != sync::DeletePolicy::unlink)
      count_strike(Point::delete_policy);
    note("delete", record->key);
  }

  static bool is_removing(const sync::Replica& replica) {
    return std::any_of(replica.intents.begin(), replica.intents.end(),
                       [](const sync::Intent& intent) { return intent.op == sync::Op::remove; });
  }

  // A person puts back into use what the hub, as far as it knows, had removed.
  void note_revival(const model::RecordRef& ref) {
    const auto known = find_replica(ref);
    if (known && known->removed_by_hub) truth_.revived(ref, now_);
  }

  // A person does not want what the hub took out of use.
  bool take_back_into_use() {
    for (auto& [key, record] : remotes_.at("A")->records()) {
      if (record.now.deleted || !record.now.disabled || !record.now.removed_by_hub) continue;
      count_strike(Point::switched_record);
      note_revival(ref_of("A", key));
      remotes_.at("A")->set_disabled(record, false, now_);
      note("switch", key);
      return true;
    }
    return false;
  }

  // A person takes a record out of use, or back into it.
  void switch_something() {
    Remote& remote = *remotes_.at("A");
    RemoteRecord* const record = any_record(remote);
    if (record == nullptr) return;
    if (record->now.disabled && record->now.removed_by_hub) note_revival(ref_of("A", record->key));
    remote.set_disabled(*record, !record->now.disabled, now_);
    note("switch", record->key);
  }

  // Saved without a change: a new version of the same.
  void touch_something() {
    if (faults_.at(Point::switched_record, 40)) return switch_something();
    Remote& remote = any_system();
    RemoteRecord* const record = any_record(remote);
    if (record == nullptr || !faults_.at(Point::touched_record, 100)) return;
    remote.touch(*record, now_);
    note("touch", record->key);
  }

  // Records of system A may be in approval for a while.
  void follow_approval() {
    if (!faults_.active(Point::approval)) return;
    RemoteRecord* const record = any_record(*remotes_.at("A"));
    if (record == nullptr || record->made_by_hub) return;
    count_strike(Point::approval);
    record->in_approval = !record->in_approval;
    remotes_.at("A")->touch(*record, now_);
    note("approval", record->key);
  }

  void propagate_copies() {
    Remote& remote = *remotes_.at("B");
    if (!draining_ && !faults_.active(Point::copies_follow)) return;
    if (!remote.propagate_copies(now_)) return;
    count_strike(Point::copies_follow);
    note("copies", "");
  }

  // A backup is put back. Nobody works there again before the hub has looked, which it does first.
  void restore() {
    if (restored_ || !faults_.at(Point::restored_system, 40)) return;
    restored_ = true;
    Remote& remote = *remotes_.at("A");
    for (const auto& key : remote.restore(now_ - 20 * model::second, now_)) {
      truth_.set_back(ref_of("A", key), remote.records().at(key).now.values);
      unlooked_[{"A", key}] = now_;
      transact([&](sync::Repository& hub) { hub.set_look(ref_of("A", key), true); });
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

  void read_something() {
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

  void observed(const std::string& system) {
    transact([&](sync::Repository& hub) { engine_.stream_observed(hub, system, "customers"); });
  }

  // True when it was committed. The storage may end the hub's process: then what was under way is in doubt.
  bool transact(const std::function<void(sync::Repository&)>& work, Point lost = Point::count,
                int percent = 0) {
    const auto result = backing_->write([&](sync::Repository& hub) {
      work(hub);
      return draining_ || lost == Point::count || !faults_.at(lost, percent);
    });
    if (const std::string complaint = backing_->complaint(); !complaint.empty())
      truth_.fail("S14", complaint);
    if (result.outcome == Backing::Outcome::died) died_ = true;
    return result.kept;
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

  // False when the transaction was lost: then the same input comes again.
  bool ingest(const sync::Observation& seen) {
    sync::IngestResult result;
    if (!transact([&](sync::Repository& hub) { result = engine_.ingest(hub, seen, now_); },
                  Point::lost_ingest, 4)) {
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
    truth_.check_state();
    for (const auto& ref : result.woken) {
      const auto& record = remotes_.at(ref.connection)->records().at(ref.key);
      reads_.push_back({observation(*remotes_.at(ref.connection), record, record.now, true), step_});
    }
    static_cast<void>(after_death());
    return true;
  }

  // ---- writes
  // -------------------------------------------------------------------------------------------------------
  sync::Plan plan(const std::string& system, std::size_t limit) {
    sync::Plan plan;
    transact(
        [&](sync::Repository& hub) { plan = engine_.plan(hub, system, "customer", "", limit, true, now_); });
    static_cast<void>(after_death());
    return plan;
  }

  void push_something() {
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
    // Without a condition: read by key right before.
    if (!remote.profile().conditional && write.op != sync::Op::create) {
      const auto& record = remote.records().at(write.ref.key);
      if (!ingest(observation(remote, record, record.now, true))) return;
    }
    send(remote, write);
    if (faults_.at(Point::second_worker, 15)) send(remote, write);  // who has the same plan
  }

  // A person takes back what was written to a record lately, where it still stands.
  bool undo_something() {
    if (sent_.empty() || !faults_.at(Point::undone_write, 12)) return false;
    const Sent sent = sent_[dice_.below(sent_.size())];
    Remote& remote = *remotes_.at(sent.ref.connection);
    const RemoteRecord* const record = remote.live(sent.ref.key);
    if (record == nullptr) return true;
    if (!remote.profile().conditional && !ingest(observation(remote, *record, record->now, true)))
      return true;
    std::optional<sync::PlannedWrite> write;
    transact([&](sync::Repository& hub) { write = engine_.plan_undo(hub, sent.ref, sent.fields); });
    if (!after_death() || !write) return true;
    note("undo", sent.ref.key);
    send(remote, *write, true);
    return true;
  }

  void remember_sent(const model::RecordRef& ref, const sync::Intent& intent) {
    if (intent.op != sync::Op::update) return;
    Sent sent{ref, {}};
    for (const auto& field : intent.fields)
      if (is_free_text(field.field)) sent.fields.push_back({field.field, field.before, field.value});
    if (sent.fields.empty()) return;
    sent_.push_back(std::move(sent));
    if (sent_.size() > 5) sent_.pop_front();
  }

  std::string golden_text(const sync::GoldenId& id, FieldIndex field) const {
    const auto golden = repository_.goldens().find(id);
    if (golden == repository_.goldens().end() || !golden->second.fields.contains(field)) return {};
    return text_of(golden->second.fields.at(field).value);
  }

  static bool is_said_by_console(const sync::Golden& golden, FieldIndex field) {
    const auto of = golden.fields.find(field);
    return of != golden.fields.end() && of->second.from.connection == "hub";
  }

  // What would be written is counted; above the limit all of it waits until a person lets it pass.
  bool stopped_by_brake(const std::string& system, const sync::Plan& due) {
    if (!faults_.active(Point::brake)) return false;
    sync::BrakeTally tally;
    int ordinary = 0;
    for (const auto& write : due.writes) {
      const auto golden = repository_.goldens().find(write.golden);
      if (golden == repository_.goldens().end()) continue;
      sync::count_outgoing(tally, write, golden->second, *simulated_schema().find("customer"));
      ordinary += write.op == sync::Op::update &&
                          std::any_of(write.fields.begin(), write.fields.end(),
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

  void send(Remote& remote, const sync::PlannedWrite& write, bool undo = false) {
    std::optional<sync::Intent> intent;
    const bool kept = transact(
        [&](sync::Repository& hub) {
          intent =
              undo ? engine_.begin_undo(hub, write, "undo", now_) : engine_.begin(hub, write, "run", now_);
        },
        Point::lost_begin, 4);
    if (!kept || !intent) return static_cast<void>(after_death());
    const auto carrier =
        write.op == sync::Op::create ? ref_of(write.ref.connection, "new:" + intent->id) : write.ref;
    const auto replica = repository_.replicas().find(carrier);
    if (replica == repository_.replicas().end())
      return truth_.fail("S12", "a write without a durable intent");
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
    Request request{remote.profile().name, carrier, out, step_, now_ + 1000 * model::second};
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
      const auto told = find_replica(carrier);  // unless the answer was lost
      for (const auto& field : intent->fields)
        truth_.refused(carrier, field.field, text_of(field.value), told && told->intents.empty());
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
    if (write.key.empty()) {  // was checked when it was sent; but another one may have arrived since
      if (!remote.profile().unique_key || !faults_.active(Point::unique_key))
        truth_.check_arrival(name, write.values.at(f_job), remote.records());
      return;
    }
    RemoteRecord* const record = remote.live(write.key);
    if (record == nullptr || (remote.profile().conditional && record->now.token != write.expected_token))
      return;
    if (write.op == sync::Op::remove)
      for (const auto& [field, old] : record->now.values)
        truth_.check_overwrite(ref_of(name, write.key), field, old, "");
    for (const auto& [field, value] : write.values) {
      const std::string& old = record->now.values[field];
      if (undone_.contains({write.operation, field})) continue;  // a person's word
      truth_.check_overwrite(ref_of(name, write.key), field, old, remote.form(field, value));
      if (field == f_tags && remote.profile().one_slot) truth_.check_slot(ref_of(name, write.key), value);
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
    if (lost) return settle(request.carrier, request.write.operation, in_doubt());
    if (late) {
      answers_.push_back(
          {request.carrier, request.write.operation, result, step_ + 1 + static_cast<int>(dice_.below(6))});
      return;
    }
    settle(request.carrier, request.write.operation, result);
  }

  void settle(const model::RecordRef& carrier, const std::string& intent, const sync::WriteResult& result) {
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
  void look() {
    for (const auto& name : order_) {
      std::vector<model::RecordRef> refs;
      transact([&](sync::Repository& hub) { refs = hub.to_look(name, "customers", 3); });
      for (const auto& ref : refs) look_at(ref);
    }
  }

  std::optional<sync::Replica> find_replica(const model::RecordRef& ref) const {
    const auto found = repository_.replicas().find(ref);
    return found == repository_.replicas().end() ? std::nullopt : std::optional(found->second);
  }

  void look_at(const model::RecordRef& ref) {
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

  // ---- the hub's own backup
  // Once in a run the hub's store is put back as it was some time ago, while systems and people went on. Then
  // nothing is written before every record was read again.
  void back_up_or_put_back() {
    if (put_back_) return;
    if (!backup_taken_) {
      backup_taken_ = true;
      backing_->back_up();
      backup_merges_ = wrong_merges_;
      return note("backup", "");
    }
    put_back_ = true;
    count_strike(Point::restored_hub);
    for (auto& request : requests_) request.due = step_;  // what was on the wire arrives before
    deliver_what_is_due();
    requests_.clear();
    reads_.clear();
    backing_->put_back();
    rules_.restored_at = now_;
    wrong_merges_ = backup_merges_;
    told_.clear();
    sent_.clear();
    for (auto& [name, remote] : remotes_) truth_.hub_was_put_back(*remote, now_);
    truth_.start_again();
    note("put back", "");
    frozen_ = true;
    frozen_until_ = step_ + 1 + static_cast<int>(dice_.below(6));
    die();
  }

  void read_in_full() {
    for (const auto& name : order_) {
      Remote& remote = *remotes_.at(name);
      for (const auto& [key, record] : remote.records())
        if (!ingest(observation(remote, record, record.now, true))) return;  // once more, in the next step
      observed(name);
      if (!after_death()) return;
    }
    frozen_ = false;
  }

  // The hub's process ends. What was on the wire to a system arrives there all the same; the answers are
  // lost.
  void crash() {
    if (faults_.at(Point::crash, 100)) die();
  }

  // True: the process lives, or nothing happened to it.
  bool after_death() {
    if (!died_) return true;
    died_ = false;
    die();
    return false;
  }

  void die() {
    old_plans_.clear();
    answers_.clear();
    reads_.clear();
    for (auto& request : requests_) request.expires = std::min(request.expires, now_ + 3 * model::second);
    std::vector<std::pair<model::RecordRef, std::string>> open;
    for (const auto& [ref, replica] : repository_.replicas()) {
      for (const auto& intent : replica.intents) {
        if (intent.state == sync::IntentState::open) open.emplace_back(ref, intent.id);
      }
    }
    note("crash", "");
    for (const auto& [ref, intent] : open) settle(ref, intent, in_doubt());
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
    if (!faults_.at(Point::console_edit, 100)) return;
    const auto ids = living_goldens();
    if (ids.empty()) return;
    const auto& id = ids[dice_.below(ids.size())];
    const int field = std::vector<int>{f_a, f_b, f_c}[dice_.below(3)];
    const std::string text = "h" + std::to_string(++edits_);
    truth_.decided(id, field, text);
    const std::string& name =
        simulated_schema().find("customer")->fields[static_cast<std::size_t>(field)].name;
    transact([&](sync::Repository& hub) {
      static_cast<void>(engine_.edit(hub, id, name, value_of(field, text), "li", now_));
    });
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
    if (repository_.open_reviews().empty() || !faults_.at(Point::decision, 100)) return;
    auto at = repository_.open_reviews().begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(repository_.open_reviews().size())));
    decide(repository_.reviews().at(at->second));
  }

  void decide(const sync::Review& review) {
    std::string choice = review.choices[dice_.below(review.choices.size())];
    if (review.kind == sync::ReviewKind::duplicate)
      choice = one_customer(review.golden, review.evidence["other"].to_text()) ? "same" : "different";
    if (choice == "recreate") {
      if (faults_.at(Point::recreated_record, draining_ ? 0 : 500))
        truth_.recreated(repository_.resolve(review.golden), review.connection);
      else
        choice = "leave";
    }
    const auto& of = review.evidence["record"];
    if (review.dedupe.starts_with("deleted/")) {
      const auto& record = remotes_.at(of["connection"].to_text())->records().at(of["key"].to_text());
      if (record.now.deleted && record.now.removed_by_hub && told_.contains(record.key))
        truth_.fail("S3", "asked about its own deletion of " + record.key);
    }
    if (const auto policy = sync::delete_policy_from(choice)) {
      if (faults_.at(Point::chosen_policy, draining_ ? 30 : 80))
        truth_.said(ref_of(of["connection"].to_text(), of["key"].to_text()), *policy, now_);
      else
        choice = "leave";
    }
    if (review.dedupe.starts_with("remove/")) count_strike(Point::removal_asked);
    if (review.kind == sync::ReviewKind::create) count_strike(Point::asked_create);
    const FieldIndex field = simulated_schema().find("customer")->index_of(review.field);
    if (field != model::no_field && choice != "reject" && choice != "refuse")
      truth_.decided(
          repository_.resolve(review.golden), field,
          review.kind == sync::ReviewKind::conflict ? choice : review.evidence["after"]["value"].to_text());
    model::Status status;
    transact([&](sync::Repository& hub) {
      status = engine_.decide(hub, review.id, choice, "as played", "li", now_);
    });
    if (!status.ok()) truth_.fail("L1", "decision refused: " + status.error().text());
    note("decide", review.dedupe + choice);
    truth_.check_state();
  }

  // A person links two customers by mistake, and later takes them apart again.
  void merge_or_split() {
    for (const auto& [from, job] : wrong_merges_) {
      if (faults_.at(Point::unmerge, 50)) return take_apart(from, job);
    }
    if (!faults_.active(Point::wrong_merge)) return;
    const auto ids = living_goldens();
    if (ids.size() < 2) return;
    auto into = ids[dice_.below(ids.size())];
    auto from = ids[dice_.below(ids.size())];
    if (!apart_.empty() && faults_.at(Point::merged_again, 50)) std::tie(into, from) = apart_.back();
    if (repository_.resolve(into) != into || repository_.resolve(from) != from) return;
    if (into == from || one_customer(into, from) || wrong_merges_.contains(into)) return;
    const std::string job = job_of(from);
    count_strike(Point::wrong_merge);
    if (!transact(
            [&](sync::Repository& hub) { static_cast<void>(engine_.merge(hub, into, from, "li", now_)); }))
      return;
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
    std::string home;
    const bool kept = transact([&](sync::Repository& hub) {
      if (const auto split = engine_.split(hub, into, leaving, "li", now_); split.ok()) home = *split;
    });
    if (!kept) return;
    if (home.empty() || (all_from_there && home != from))
      return truth_.fail("S10", "un-merge did not give back " + from);
    note("split", from);
    apart_.emplace_back(into, from);
    wrong_merges_.erase(from);
    truth_.check_state();
  }

  // ---- the end
  // ------------------------------------------------------------------------------------------------------
  // Faults stop, people decide what is open, the hub works until nothing is left to do: then all must agree
  // (L1), and two more cycles must write nothing (S3).
  void drain() {
    draining_ = true;
    dice_.throw_from(options_.seed);
    for (auto& [name, remote] : remotes_) {
      for (auto& [key, record] : remote->records()) {
        record.in_approval = false;
      }
    }
    step_ += 1000;
    deliver_what_is_due();
    recover_open_writes();
    if (frozen_) read_in_full();
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
    for (const auto& id : living_goldens()) truth_.check_resting(*repository_.load_cluster(id), remotes_);
    backing_->verify();
    if (const std::string complaint = backing_->complaint(); !complaint.empty())
      truth_.fail("S14", complaint);
  }

  void recover_open_writes() {
    faults_.stop(Point::ignored_field);
    for (std::size_t i = 0; i < point_count; ++i) {
      if (static_cast<Point>(i) >= first_of_disk) faults_.stop(static_cast<Point>(i));
    }
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
      observed(name);
    }
    look();
    for (int questions = 0; !repository_.open_reviews().empty(); ++questions) {
      if (questions > most_questions) return truth_.fail("L1", "a question is asked again and again");
      decide(repository_.reviews().at(repository_.open_reviews().begin()->second));
      if (truth_.violation()) return;
    }
    for (const auto& name : order_) {
      const auto due = plan(name, 100);
      if (stopped_by_brake(name, due)) continue;
      for (const auto& write : due.writes) send(*remotes_.at(name), write);
    }
  }

  void check_agreement() {
    for (const auto& [ref, replica] : repository_.replicas()) {
      if (ref.connection == "hub" || replica.gone || !replica.leader.empty()) continue;
      const auto cluster = repository_.load_cluster(replica.golden);
      if (!cluster || sync::resting(*cluster) != sync::DeletePolicy::unlink) continue;
      const auto primary = repository_.primary_of(replica.golden, ref.connection, "customers");
      if (!primary || primary->ref != ref) continue;
      const Remote& remote = *remotes_.at(ref.connection);
      const auto& golden = repository_.goldens().at(replica.golden);
      for (const auto& [field, of] : golden.fields) {
        const auto known = replica.fields.find(field);
        if (known == replica.fields.end() || field == f_tags || field <= f_job ||
            of.value.presence == Presence::absent)
          continue;
        const auto shown = remotes_.at(ref.connection)->records().at(ref.key).now.values[field];
        // What a person emptied, or set back, right after our write looks like a write that was ignored.
        const bool refused =
            known->second.refused &&
            (truth_.was_refused(ref, field, text_of(*known->second.refused)) || shown.empty() ||
             field == f_code || truth_.was_undone(ref, field) || truth_.is_side_effect(ref, shown));
        if (of.held || refused) continue;
        if (edit_of(shown) != edit_of(remote.form(field, text_of(of.value))))
          truth_.fail("L1",
                      ref.text() + " field " + std::to_string(field) + " shows " + shown + ", golden is " +
                          text_of(of.value) +
                          (known->second.refused ? ", refused is " + text_of(*known->second.refused) : "") +
                          (replica.intents.empty() ? "" : ", a write is open"));
      }
    }
  }

  void check_due_index() {
    for (const auto& id : living_goldens()) {
      for (const auto& name : order_) {
        const bool due = repository_.is_due(id, "customer", name);
        transact([&](sync::Repository& hub) { engine_.refresh_due(hub, id, now_); });
        if (due != repository_.is_due(id, "customer", name))
          truth_.fail("L1", "the due index of " + name + " is wrong");
      }
    }
  }

  void note(const char* what, const std::string& about) {
    hash_ = model::hash64(what, hash_);
    hash_ = model::hash64(about, hash_);
    if (options_.trace) std::fprintf(stderr, "%4d %s %s\n", step_, what, about.c_str());
  }

  RunOptions options_;
  Dice dice_;
  Faults faults_;
  std::vector<std::string> order_;
  std::map<std::string, std::unique_ptr<Remote>> remotes_;
  sync::Rules rules_;
  model::SeededRandom random_;
  SimulatedProjection projection_;
  sync::Engine engine_;
  std::unique_ptr<Backing> backing_;
  MemoryRepository& repository_;  // what is committed
  Truth truth_;
  std::map<std::string, sync::PlannedWrite> old_plans_;
  std::deque<Delivery> reads_;
  std::deque<Request> requests_;
  std::deque<LateAnswer> answers_;
  // Records that nobody works in before the hub has looked at them, and since when.
  std::map<std::pair<std::string, std::string>, Micros> unlooked_;
  struct Sent {
    model::RecordRef ref;
    std::vector<sync::Engine::PastField> fields;
  };
  std::deque<Sent> sent_;  // the last few writes
  // Of writes that take back, by (intent, field): what was there, and golden.
  std::map<std::pair<std::string, int>, std::pair<std::string, std::string>> undone_;
  std::set<std::string> released_;  // systems whose brake a person has released
  std::set<std::string> told_;      // records whose deletion by the hub was acknowledged to it
  std::map<sync::GoldenId, std::string> wrong_merges_;  // merged by mistake, and whose it was
  Micros now_ = 1'000'000 * model::second;
  int step_ = 0, jobs_ = 0, edits_ = 0;
  bool draining_ = false, restored_ = false, died_ = false;
  std::vector<std::pair<sync::GoldenId, sync::GoldenId>> apart_;  // taken apart: where it was, which
  // The hub's backup: taken, put back, and what was merged by mistake then. Frozen: until all was read again.
  bool backup_taken_ = false, put_back_ = false, frozen_ = false;
  int frozen_until_ = 0;
  std::map<sync::GoldenId, std::string> backup_merges_;
  std::uint64_t hash_ = 0;
  RunResult result_;
};

}  // namespace

RunResult run(const RunOptions& options) { return World(options).go(); }

}  // namespace huiliu::simulation
