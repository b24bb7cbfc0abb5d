// A small world for the rules' tests: three systems (erp, crm, shop) and the console, one entity, records
// written as
// {"name": "…"} in canonical terms. see() is a read that arrived, push() performs everything that is due in a
// system.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hub/mapping/mapping.hpp"
#include "hub/sync/engine.hpp"
#include "tests/support/memory_repository.hpp"

namespace huiliu::sync::tests {

using Fields = std::map<std::string, std::string>;  // "" is empty; lists are comma-separated

// What a system shows of a value: itself, unless a test says otherwise.
class ScenarioProjection final : public Projection {
 public:
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>>
      shows;                                                          // (connection, field): from → to
  std::set<std::pair<std::string, std::string>> impossible, waiting;  // (connection, value)
  const model::Entity* entity = nullptr;
  std::optional<model::Image> remapped;

  Result project(const std::string& connection, const std::string&, FieldIndex field,
                 const FieldValue& golden, Repository&) const override {
    const std::string text = golden.value.to_text();
    if (!golden.has_value()) return {Result::Kind::shows, golden, {}};
    if (impossible.contains({connection, text})) return {Result::Kind::impossible, {}, "cannot hold it"};
    if (waiting.contains({connection, text})) return {Result::Kind::waiting, {}, "not there yet"};
    const auto table = shows.find({connection, entity->fields[field].name});
    if (table == shows.end() || !table->second.contains(text)) return {Result::Kind::shows, golden, {}};
    return {Result::Kind::shows,
            *mapping::field_value(entity->fields[field], model::Value(table->second.at(text))),
            {}};
  }
  std::optional<model::Image> remap(const RecordRef&, const std::string&, Repository&) const override {
    return remapped;
  }
};

class Scenario : public ::testing::Test {
 protected:
  Scenario() {
    const auto document = model::parse_json(R"({"entity": "customer", "id_prefix": "cus", "fields": {
      "name": {"type": "company_name"}, "uscc": {"type": "uscc"}, "phone": {"type": "phone"}, "level": {"type": "text"},
      "status": {"type": "enum"}, "number": {"type": "code"}, "tags": {"type": "tags"},
      "employer": {"type": "reference", "to": "customer"}, "owner": {"type": "reference", "to": "employee"}}})");
    const auto employees =
        model::parse_json(R"({"entity": "employee", "id_prefix": "emp", "reference_data": true, "fields": {
      "name": {"type": "person_name"}, "job_number": {"type": "code"}}})");
    schema = *model::Schema::load({*document, *employees});
    entity = schema.find("customer");
    projection.entity = entity;
    rules.schema = &schema;
    add_system("erp", 0);
    add_system("crm", 1);
    add_system("shop", 2);
    rules.connections["hub"].name = "hub";
    rules.policies[{"customer", field("tags")}] = {Policy::union_of_elements, {}};
    for (const char* system : {"erp", "crm", "shop"}) repository.set_observed(system, "customers", true);
  }

  void add_system(const std::string& name, int rank) {
    ConnectionRules& connection = rules.connections[name];
    connection.name = name;
    connection.rank = rank;
    StreamRules& stream = connection.streams["customers"];
    stream.stream = "customers";
    stream.entity = "customer";
    stream.writable = stream.creatable = true;
    for (std::size_t i = 0; i < entity->fields.size(); ++i)
      stream.rights[static_cast<FieldIndex>(i)] = Right::shared;
  }
  StreamRules& stream(const std::string& system) {
    return rules.connections.at(system).streams.at("customers");
  }
  FieldIndex field(const std::string& name) const { return entity->index_of(name); }
  void right(const std::string& system, const std::string& name, Right value) {
    stream(system).rights[field(name)] = value;
  }
  void policy(const std::string& name, Policy value, std::vector<std::string> authority = {}) {
    rules.policies[{"customer", field(name)}] = {value, std::move(authority)};
  }
  static RecordRef at(const std::string& system, const std::string& key) {
    return {system, "customers", key};
  }

  FieldValue value(const std::string& name, const std::string& text) const {
    if (text.empty()) return {Presence::empty, {}, {}};
    const auto made = mapping::field_value(entity->fields[field(name)], model::Value(text));
    if (made.ok()) return *made;
    return {Presence::value, model::Value(text),
            mapping::field_key(entity->fields[field(name)], model::Value(text))};
  }
  // What a read of the record would bring; members not named are absent.
  Observation observation(const std::string& system, const std::string& key, const Fields& fields) {
    Observation seen;
    seen.ref = at(system, key);
    seen.entity = "customer";
    seen.read_started = now;
    seen.mapping_version = "m1";
    model::Object raw;
    for (const auto& [name, text] : fields) {
      seen.image.fields[field(name)] = value(name, text);
      raw.set(name, text);
    }
    seen.image.entity = "customer";
    seen.raw = model::to_json(model::Value(raw));
    return seen;
  }
  IngestResult ingest(const Observation& seen) { return engine.ingest(repository, seen, now); }
  IngestResult see(const std::string& system, const std::string& key, const Fields& fields) {
    tick();
    return ingest(observation(system, key, fields));
  }
  IngestResult see_deleted(const std::string& system, const std::string& key) {
    tick();
    Observation seen = observation(system, key, {});
    seen.deleted = true;
    return ingest(seen);
  }

  Plan plan(const std::string& system, bool open_requests = false) {
    return engine.plan(repository, system, "customer", "", 1000, open_requests, now);
  }
  // Begins the one write that is due there.
  Intent begin(const std::string& system) {
    const Plan due = plan(system);
    EXPECT_EQ(due.writes.size(), 1U) << system;
    const auto intent = engine.begin(repository, due.writes.at(0), "run", now);
    EXPECT_TRUE(intent.has_value());
    carrier = due.writes.at(0).op == Op::create ? at(system, "new:" + intent->id) : due.writes.at(0).ref;
    return *intent;
  }
  Settled settle(const Intent& intent, Outcome outcome, const std::string& key = {},
                 std::optional<Observation> shown = {}) {
    tick();
    WriteResult result;
    result.outcome = outcome;
    result.remote_key = key;
    result.shown = std::move(shown);
    result.started = result.ended = now;
    return engine.settle(repository, carrier, intent.id, result, now);
  }
  // Performs what is due in a system, each write answered with the record as it now stands. Returns the
  // fields written.
  int push(const std::string& system) {
    int written = 0;
    for (const auto& write : plan(system).writes) {
      const auto intent = engine.begin(repository, write, "run", now);
      if (!intent) continue;
      const bool create = write.op == Op::create;
      const std::string key = create ? "new" + std::to_string(++created) : write.ref.key;
      carrier = create ? at(system, "new:" + intent->id) : write.ref;
      Fields fields = create ? Fields{} : shown(system, key);
      for (const auto& each : write.fields) {
        fields[entity->fields[each.field].name] =
            text_of(projection.project(system, "customers", each.field, each.to, repository).value);
        ++written;
      }
      settle(*intent, Outcome::applied, key, observation(system, key, fields));
    }
    return written;
  }
  int push_all() {
    int written = 0;
    for (const char* system : {"erp", "crm", "shop"}) written += push(system);
    return written;
  }

  static std::string text_of(const FieldValue& of) {
    if (!of.has_value()) return "";
    if (const auto* list = of.value.if_array()) {
      std::string joined;
      for (const auto& element : *list) joined += (joined.empty() ? "" : ",") + element.to_text();
      return joined;
    }
    return of.value.to_text();
  }
  // What the hub believes that a record shows.
  Fields shown(const std::string& system, const std::string& key) {
    Fields fields;
    const auto replica = repository.load_replica(at(system, key));
    for (const auto& [index, known] : replica->fields) {
      if (known.base.presence != Presence::absent) fields[entity->fields[index].name] = text_of(known.base);
    }
    return fields;
  }
  std::string golden(const GoldenId& id, const std::string& name) {
    const auto found = repository.load_golden(repository.resolve(id));
    const auto of = found->fields.find(field(name));
    return of == found->fields.end() ? "" : text_of(of->second.value);
  }
  std::vector<Review> reviews(ReviewKind kind) {
    std::vector<Review> out;
    for (const auto& [id, review] : repository.reviews()) {
      if (review.kind == kind && review.state == "open") out.push_back(review);
    }
    return out;
  }
  bool lost(const std::string& name, const std::string& text) {
    for (const auto& entry : repository.all_history()) {
      if (entry.lost && entry.field == name && text_of(entry.value) == text) return true;
    }
    return false;
  }
  std::vector<Held::Why> held(const std::string& system) {
    std::vector<Held::Why> why;
    for (const auto& each : plan(system).held) why.push_back(each.why);
    return why;
  }
  // Two records of one customer, linked and settled, showing the same.
  GoldenId linked_pair(const Fields& fields = {
                           {"name", "Acme"}, {"phone", "0755-26770000"}, {"level", "A"}}) {
    Fields both = fields;
    both["uscc"] = uscc;
    const GoldenId id = see("erp", "1", both).golden;
    EXPECT_EQ(see("crm", "1", both).golden, id);
    EXPECT_EQ(push_all(), 0);
    return id;
  }
  void tick() { now += model::second; }

  static constexpr const char* uscc = "91440300708461136T";
  model::Schema schema;
  const model::Entity* entity = nullptr;
  Rules rules;
  ScenarioProjection projection;
  model::SeededRandom random{7};
  huiliu::tests::MemoryRepository repository;
  Engine engine{rules, projection, random};
  Micros now = 1'000'000 * model::second;
  RecordRef carrier;  // of the write that was begun last
  int created = 0;
};

}  // namespace huiliu::sync::tests
