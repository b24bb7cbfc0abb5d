// The simulated systems: records that people and the hub change, with the habits that make vendors difficult.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hub/model/id.hpp"
#include "hub/model/time.hpp"
#include "hub/sync/rules.hpp"

namespace huiliu::simulation {

using model::Micros;

// The fields of the one simulated entity, by their index.
enum FieldNumber : model::FieldIndex { f_name, f_job, f_a, f_b, f_c, f_code, f_tags, field_count };
inline bool is_free_text(int field) { return field == f_a || field == f_b || field == f_c; }

// Dice with the few throws that everybody needs.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::uint64_t next() { return random_.next(); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }

 private:
  model::SeededRandom random_;
};

// Which difficulties this run has (drawn per seed: a swarm).
struct Swarm {
  bool crash, lost_answer, lost_request, late_answer, stale_read, lost_transaction, ignored_write,
      side_effect, defaults, restore, deletes, copies, person_creates, merges, console, bodies, clears, tags,
      codes, race;
  static Swarm draw(Dice& dice);
};

using Values = std::map<int, std::string>;  // field → text as shown; lists joined by ','; "" is empty

struct RecordState {
  Micros at = 0;
  Values values;
  std::int64_t token = 0;
  bool deleted = false;
};

struct RemoteRecord {
  std::string key;
  std::string leader;  // the record that this one copies
  RecordState now;
  std::vector<RecordState> past;
  bool made_by_hub = false;
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
  bool copies = false;  // keeps organisation copies of its records
};

struct RemoteWrite {
  std::string operation;  // the intent: the same operation is never done twice
  std::string key;        // empty: create
  Values values;
  std::int64_t expected_token = 0;
};
struct RemoteAnswer {
  enum class Kind { applied, stale, gone } kind = Kind::applied;
  std::string key;
  RecordState shown;
};

class Remote {
 public:
  Remote(Profile profile, const Swarm& swarm, Dice& dice)
      : profile_(std::move(profile)), swarm_(swarm), dice_(dice) {}

  const Profile& profile() const { return profile_; }
  std::map<std::string, RemoteRecord>& records() { return records_; }
  RemoteRecord* live(const std::string& key);
  std::vector<std::string> live_keys() const;

  // The form that a value takes here.
  std::string form(int field, const std::string& value) const;
  std::string create(Values values, bool by_hub, Micros now);
  void change(RemoteRecord& record, int field, const std::string& shown, Micros now);
  void remove(RemoteRecord& record, Micros now);
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
  Profile profile_;
  const Swarm& swarm_;
  Dice& dice_;
  std::map<std::string, RemoteRecord> records_;
  std::map<std::string, RemoteAnswer> done_;  // by operation
  int next_key_ = 1;
  int next_side_effect_ = 1;
};

}  // namespace huiliu::simulation
