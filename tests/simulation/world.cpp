// How a run is made, and its course.
#include "tests/simulation/world_inside.hpp"

#include <algorithm>
#include <cstdio>

namespace huiliu::simulation {

namespace {

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

}  // namespace

const model::Schema& simulated_schema() {
  static const model::Schema schema = *model::Schema::load({*model::parse_json(
      R"({"entity": "customer", "id_prefix": "cus", "fields": {"name": {"type": "person_name"}, "job_number": {"type": "code"},
          "a": {"type": "text"}, "b": {"type": "text"}, "c": {"type": "text"}, "code": {"type": "enum"}, "tags": {"type": "tags"}}})")});
  return schema;
}

FieldValue value_of(int field, const std::string& text) {
  if (text.empty()) return {Presence::empty, {}, {}};
  if (field == f_tags) return list_value(text);
  return {Presence::value, model::Value(text), text};
}

RunResult World::go() {
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

void World::make_systems() {
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

void World::make_rules() {
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

void World::make_customers() {
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

void World::create_by_person(const std::string& system, const std::string& job) {
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

model::RecordRef World::ref_of(const std::string& system, const std::string& key) {
  return {system, "customers", key};
}

RunResult run(const RunOptions& options) { return World(options).go(); }

}  // namespace huiliu::simulation
