// The simulated systems: records that people and the hub change, with the habits that make vendors difficult.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/model/id.hpp"
#include "hub/model/time.hpp"
#include "hub/sync/rules.hpp"
#include "tests/simulation/faults.hpp"

namespace huiliu::simulation {

using model::Micros;

// The fields of the one simulated entity, by their index.
enum FieldNumber : model::FieldIndex { f_name, f_job, f_a, f_b, f_c, f_code, f_tags, field_count };
inline bool is_free_text(int field) { return field == f_a || field == f_b || field == f_c; }

using Values = std::map<int, std::string>;  // field → text as shown; lists joined by ','; "" is empty

struct RecordState {
  Micros at = 0;
  Values values;
  std::int64_t token = 0;
  bool deleted = false;
  bool disabled = false;
  bool deleted_by_hub = false, disabled_by_hub = false;  // by a write of the hub
};

struct RemoteRecord {
  std::string key;
  std::string leader;  // the record that this one copies
  RecordState now;
  std::vector<RecordState> past;
  bool made_by_hub = false;
  bool in_approval = false;
};

// How one system is.
struct Profile {
  std::string name;
  bool conditional = false;  // grade A: writes name the version that they change
  bool list_may_lag = false;
  bool respells = false;  // shows text in upper case
  bool lossy = false;     // has one code for two of ours
  bool one_slot = false;  // shows one tag
  bool owns_slot = false;
  bool copies = false;      // keeps organisation copies of its records
  bool unique_key = false;  // refuses a second record with the same number
  bool disables = false;    // has a switch that takes a record out of use
  bool deletes = false;     // lets the hub delete
  bool touches = false;     // a write may change field b as well
};

struct RemoteWrite {
  std::string operation;  // the intent: the same operation is never done twice
  std::string key;        // empty: create
  Values values;
  std::int64_t expected_token = 0;
  sync::Op op = sync::Op::update;
};
struct RemoteAnswer {
  enum class Kind { applied, stale, gone, duplicate } kind = Kind::applied;
  std::string key;
  RecordState shown;
  std::set<int> ignored;  // fields that the system did not take, without a word
};

class Remote {
 public:
  Remote(Profile profile, Faults& faults) : profile_(std::move(profile)), faults_(faults) {}

  const Profile& profile() const { return profile_; }
  std::map<std::string, RemoteRecord>& records() { return records_; }
  RemoteRecord* live(const std::string& key);
  std::vector<std::string> live_keys() const;

  // The form that a value takes here.
  std::string form(int field, const std::string& value) const;
  std::string create(Values values, bool by_hub, Micros now);
  void change(RemoteRecord& record, int field, const std::string& shown, Micros now);
  void remove(RemoteRecord& record, Micros now);
  void undelete(RemoteRecord& record, Micros now);
  void set_disabled(RemoteRecord& record, bool disabled, Micros now);
  // Saved without a change.
  void touch(RemoteRecord& record, Micros now) { remember(record, now); }
  // Carries leaders' values to their copies.
  bool propagate_copies(Micros now);
  // A backup of that time is put back, for the records that existed then. Returns the keys that changed.
  std::vector<std::string> restore(Micros to, Micros now);
  RecordState as_of(const RemoteRecord& record, Micros at) const;

  RemoteAnswer write(const RemoteWrite& write, Micros now);
  // The write that was just answered changed a field that it did not name.
  void add_side_effect(RemoteAnswer& answer);

 private:
  void remember(RemoteRecord& record, Micros now);
  void write_switch(RemoteRecord& record, sync::Op op);
  Profile profile_;
  Faults& faults_;
  std::map<std::string, RemoteRecord> records_;
  std::map<std::string, RemoteAnswer> done_;  // by operation
  int next_key_ = 1;
  int next_side_effect_ = 1;
};

}  // namespace huiliu::simulation
