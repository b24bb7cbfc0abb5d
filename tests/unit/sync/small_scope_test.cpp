// Every history of up to eight events with two systems, one customer and two fields, against a reference
// model that was written on its own: it keeps sets of edits where the engine counts versions.
//
// Events: an edit of a field in a system; a read of a system; a push to a system (read by key, then write
// what is still due). Reads that would show nothing new and pushes with nothing due are left out, and of two
// edits in a row that do not touch each other only one order is tried: the other histories are the same as
// ones that are tried.
#include <array>
#include <cstdlib>

#include "tests/support/sanitized.hpp"
#include "tests/unit/sync/scenario.hpp"

namespace huiliu::sync::tests {
namespace {

constexpr int systems = 2;
constexpr int fields = 2;
constexpr int longest = huiliu::tests::sanitized ? 6 : 8;  // events
constexpr const char* system_names[systems] = {"erp", "crm"};
constexpr const char* field_names[fields] = {"level", "status"};

// Section 2 and 3 of the rules for the policy `latest`, with sets.
class Reference {
 public:
  struct Edit {
    int id = 0;
    std::string value;
    Micros from = model::unknown_time, to = 0;
    std::set<int> knows;  // what its author had in view
  };

  void begin(Micros now) {
    for (auto& field : fields_) {
      for (int system = 0; system < systems; ++system) {
        field.shows[system] = field.base[system] = "q0";
        field.claim[system] = {++edits_, "q0", model::unknown_time, now + system, {}};
      }
      field.golden = "q0";
      for (auto& seen : field.seen) seen = all_of(field);
    }
  }
  void start(int system, Micros now) { looked_[static_cast<std::size_t>(system)] = now; }

  void edit(int system, int field, const std::string& value) { at(field).shows[system] = value; }

  void read(int system, Micros now) {
    for (auto& field : fields_) {
      if (field.shows[system] == field.base[system]) continue;
      Edit claim{++edits_, field.shows[system], looked_[static_cast<std::size_t>(system)], now,
                 field.seen[system]};
      claim.knows.insert(field.claim[system].knows.begin(), field.claim[system].knows.end());
      field.claim[system] = claim;
      field.base[system] = field.shows[system];
      choose(field);
    }
    looked_[static_cast<std::size_t>(system)] = now;
  }

  // What is due there: field → from, to.
  std::map<int, std::pair<std::string, std::string>> due(int system) const {
    std::map<int, std::pair<std::string, std::string>> out;
    for (int i = 0; i < fields; ++i) {
      const auto& field = fields_[static_cast<std::size_t>(i)];
      if (field.base[system] != field.golden) out[i] = {field.base[system], field.golden};
    }
    return out;
  }

  void write(int system, Micros now) {
    for (const auto& [i, change] : due(system)) {
      auto& field = at(i);
      field.shows[system] = field.base[system] = change.second;
      field.seen[system] = all_of(field);
    }
    looked_[static_cast<std::size_t>(system)] = now;
  }

  bool has_news(int system) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [&](const Field& field) { return field.shows[system] != field.base[system]; });
  }
  const std::string& golden(int field) const { return fields_[static_cast<std::size_t>(field)].golden; }
  const std::string& shows(int system, int field) const {
    return fields_[static_cast<std::size_t>(field)].shows[system];
  }

 private:
  struct Field {
    std::string shows[systems], base[systems], golden;
    Edit claim[systems];
    std::set<int> seen[systems];  // edits that this system is known to have shown, or something made of them
  };

  Field& at(int field) { return fields_[static_cast<std::size_t>(field)]; }

  // All edits that have been accepted by now, also those that were replaced since.
  std::set<int> all_of(const Field&) const {
    std::set<int> all;
    for (int id = 1; id <= edits_; ++id) all.insert(id);
    return all;
  }

  void choose(Field& field) {
    const Edit &a = field.claim[0], &b = field.claim[1];
    const bool a_knows = a.knows.contains(b.id), b_knows = b.knows.contains(a.id);
    if (a_knows && !b_knows)
      field.golden = a.value;
    else if (b_knows && !a_knows)
      field.golden = b.value;
    else
      field.golden = b.from > std::max(a.from, a.to) ? b.value : a.value;  // overlapping: the first in rank
    for (int system = 0; system < systems; ++system) {
      if (field.base[system] == field.golden) field.seen[system] = all_of(field);
    }
  }

  std::array<Field, fields> fields_;
  std::array<Micros, systems> looked_{};
  int edits_ = 0;
};

struct Event {
  enum class Kind { edit, read, push } kind;
  int system = 0, field = 0;
};

class SmallScope : public Scenario {
 protected:
  struct State {
    huiliu::tests::MemoryRepository repository;
    Reference reference;
    Micros now;
    int edits = 0;
  };

  void explore(const State& before, int left, int last_edit) {
    for (int system = 0; system < systems && !HasFailure(); ++system) {
      for (int field = 0; field < fields; ++field) {
        const int edit = system * fields + field;
        if (edit > last_edit || edit == last_edit) continue;  // of independent ones only in falling order
        step(before, {Event::Kind::edit, system, field}, left, edit);
      }
      if (before.reference.has_news(system)) step(before, {Event::Kind::read, system}, left, any_edit);
      if (!before.reference.due(system).empty()) step(before, {Event::Kind::push, system}, left, any_edit);
    }
  }

  void step(const State& before, const Event& event, int left, int last_edit) {
    ++histories;
    State after = before;
    told.push_back(event);
    repository = before.repository;
    now = before.now;
    perform(after, event);
    after.repository = repository;
    after.now = now;
    compare(after);
    if (left > 1 && !HasFailure()) explore(after, left - 1, last_edit);
    told.pop_back();
  }

  Observation look(const State& state, int system) {
    return observation(system_names[system], "1",
                       {{field_names[0], state.reference.shows(system, 0)},
                        {field_names[1], state.reference.shows(system, 1)}});
  }

  void perform(State& state, const Event& event) {
    tick();
    if (event.kind == Event::Kind::edit)
      return state.reference.edit(event.system, event.field, "q" + std::to_string(++state.edits));
    const Plan due = plan(system_names[event.system]);
    ingest(look(state, event.system));
    const auto planned = state.reference.due(event.system);
    state.reference.read(event.system, now);
    if (event.kind == Event::Kind::read) return;
    ASSERT_EQ(due.writes.size(), 1U) << story();
    const auto intent = engine.begin(repository, due.writes[0], "run", now);
    const bool still = state.reference.due(event.system) == planned;
    ASSERT_EQ(intent.has_value(), still) << story();
    if (!still) return;
    carrier = due.writes[0].ref;
    state.reference.write(event.system, now + model::second);
    Observation answer = look(state, event.system);
    answer.read_started = now + model::second;
    settle(*intent, Outcome::applied, "1", answer);
  }

  void compare(const State& state) {
    for (int field = 0; field < fields; ++field)
      ASSERT_EQ(golden(id, field_names[field]), state.reference.golden(field)) << story();
    for (int system = 0; system < systems; ++system) {
      const Plan due = plan(system_names[system]);
      std::map<int, std::pair<std::string, std::string>> planned;
      for (const auto& write : due.writes) {
        for (const auto& each : write.fields)
          planned[entity->fields[each.field].name == field_names[0] ? 0 : 1] = {text_of(each.from),
                                                                                text_of(each.to)};
      }
      ASSERT_EQ(planned, state.reference.due(system)) << story();
    }
  }

  std::string story() const {
    std::string text;
    for (const auto& event : told) {
      const char* const kinds[] = {"edit", "read", "push"};
      text += std::string(kinds[static_cast<int>(event.kind)]) + " " + system_names[event.system];
      if (event.kind == Event::Kind::edit) text += std::string(".") + field_names[event.field];
      text += "; ";
    }
    return text;
  }

  static constexpr int any_edit = systems * fields;
  GoldenId id;
  std::vector<Event> told;
  long histories = 0;
};

TEST_F(SmallScope, EveryHistoryIsAsTheReferenceSays) {
  State start{{}, {}, 0, 0};
  id = see("erp", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "q0"}, {"status", "q0"}}).golden;
  start.reference.begin(now);
  start.reference.start(0, now);
  ASSERT_EQ(see("crm", "1", {{"name", "Acme"}, {"uscc", uscc}, {"level", "q0"}, {"status", "q0"}}).golden,
            id);
  start.reference.start(1, now);
  start.repository = repository;
  start.now = now;
  explore(start, longest, any_edit);
  RecordProperty("histories", std::to_string(histories));
  EXPECT_GT(histories, huiliu::tests::sanitized ? 3'000 : 10'000);
}

}  // namespace
}  // namespace huiliu::sync::tests
