// The world of one run, for the files that make it: world.cpp (systems, rules, customers, the course of a
// run), world_people.cpp, world_reads.cpp, world_writes.cpp, world_restore.cpp, world_console.cpp,
// world_end.cpp.
#pragma once

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
#include "tests/simulation/world.hpp"

namespace huiliu::simulation {

using model::FieldIndex;
using model::FieldValue;
using model::Presence;
using sync::Outcome;
using sync::Policy;
using sync::Right;

const model::Schema& simulated_schema();
FieldValue value_of(int field, const std::string& text);

inline constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15ULL;
inline constexpr int drain_rounds = 40;
inline constexpr int most_questions = 200;  // in one round
inline constexpr Micros list_lag = 6 * model::second;

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
  Micros expires = 0, sent = 0;
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

  RunResult go();

 private:
  // ---- making the world (world.cpp)
  void make_systems();
  void make_rules();
  void make_customers();
  std::string new_job() { return "J" + std::to_string(++jobs_); }
  // All of one length, so that none looks like another one that was cut.
  std::string new_text() { return "e" + std::to_string(1000 + ++edits_) + (dice_.chance(20) ? "xxxx" : ""); }
  void create_by_person(const std::string& system, const std::string& job);
  std::string new_code() { return "v" + std::to_string(dice_.below(8)); }
  static model::RecordRef ref_of(const std::string& system, const std::string& key);

  // ---- what happens (world_people.cpp)
  void random_event();
  Remote& any_system() { return *remotes_.at(order_[dice_.below(order_.size())]); }
  RemoteRecord* any_record(Remote& remote);
  void person_edits();
  void clear_something();
  void edit_tags(Remote& remote, RemoteRecord& record);
  void person_creates();
  void delete_or_undelete();
  void vouch(const model::RecordRef& ref, RemoteRecord& record);
  void saw_back(const sync::Observation& seen);
  bool must_look_first(const Remote& remote, const std::string& key) const;
  static bool is_removing(const sync::Replica& replica);
  void note_revival(const model::RecordRef& ref);
  bool take_back_into_use();
  void switch_something();
  void touch_something();
  void follow_approval();
  void propagate_copies();
  void restore();

  // ---- reads (world_reads.cpp)
  sync::Observation observation(const Remote& remote, const RemoteRecord& record, const RecordState& state,
                                bool strong);
  void read_something();
  void observed(const std::string& system);
  bool transact(const std::function<void(sync::Repository&)>& work, Point lost = Point::count,
                int percent = 0);
  void deliver_what_is_due();
  bool ingest(const sync::Observation& seen);

  // ---- writes (world_writes.cpp)
  sync::Plan plan(const std::string& system, std::size_t limit);
  void push_something();
  bool undo_something();
  void remember_sent(const model::RecordRef& ref, const sync::Intent& intent);
  std::string golden_text(const sync::GoldenId& id, FieldIndex field) const;
  static bool is_said_by_console(const sync::Golden& golden, FieldIndex field);
  bool stopped_by_brake(const std::string& system, const sync::Plan& due);
  void send(Remote& remote, const sync::PlannedWrite& write, bool undo = false);
  static std::string describe(const sync::Intent& intent);
  sync::WriteResult in_doubt() const;
  void check_write(Remote& remote, const Request& request);
  bool slot_is_alive(const std::string& key, const std::string& shown, const std::string& sent);
  void apply(const Request& request);
  void settle(const model::RecordRef& carrier, const std::string& intent, const sync::WriteResult& result);
  void look();
  std::optional<sync::Replica> find_replica(const model::RecordRef& ref) const;
  void look_at(const model::RecordRef& ref);

  // ---- the hub's own backup (world_restore.cpp)
  void back_up_or_put_back();
  void read_in_full();
  void crash();
  bool after_death();
  void die();

  // ---- people in the console (world_console.cpp)
  std::vector<sync::GoldenId> living_goldens() const;
  void console_edits();
  bool one_customer(const sync::GoldenId& a, const sync::GoldenId& b) { return job_of(a) == job_of(b); }
  std::string job_of(const sync::GoldenId& id);
  void decide_something();
  void decide(const sync::Review& review);
  void merge_or_split();
  void take_apart(const sync::GoldenId& from, const std::string& job);

  // ---- the end (world_end.cpp)
  void drain();
  void recover_open_writes();
  void cycle();
  void check_agreement();
  void check_due_index();
  void note(const char* what, const std::string& about);

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
  std::map<model::RecordRef, Micros> brought_back_;     // by people, and when
  std::map<sync::GoldenId, std::string> wrong_merges_;  // merged by mistake, and whose it was
  Micros now_ = 1'000'000 * model::second;
  int step_ = 0, jobs_ = 0, edits_ = 0;
  bool draining_ = false, died_ = false;
  Micros system_restored_ = 0;                                    // when system A was; once in a run
  std::vector<std::pair<sync::GoldenId, sync::GoldenId>> apart_;  // taken apart: where it was, which
  // The hub's backup: taken, put back, and what was merged by mistake then. Frozen: until all was read again.
  bool backup_taken_ = false, put_back_ = false, frozen_ = false;
  int frozen_until_ = 0;
  std::map<sync::GoldenId, std::string> backup_merges_;
  std::uint64_t hash_ = 0;
  RunResult result_;
};

}  // namespace huiliu::simulation
