// A hub without plugins, sockets and time of its own: systems in memory, a store in a temporary directory,
// the shipped model and policies, and a clock that stands until it is moved. For tests of hub/run.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "hub/run/consent.hpp"
#include "hub/run/cycle.hpp"
#include "hub/run/rules_builder.hpp"
#include "hub/run/writer.hpp"

namespace huiliu::run::fakes {

// Goes on by a millisecond with every look, so that no two moments are equal.
class SteppedClock final : public Clock {
 public:
  model::Micros now() const override { return time_.fetch_add(1000); }
  void advance(model::Micros by) { time_ += by; }

 private:
  mutable std::atomic<model::Micros> time_{1'700'000'000'000'000};
};

class CountedDice final : public model::Random {
 public:
  explicit CountedDice(std::uint64_t seed = 1) : state_(seed) {}
  std::uint64_t next() override {  // splitmix64
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }

 private:
  std::atomic<std::uint64_t> state_;
};

// A system in memory. Its records are flat objects; people and the API change them. One thread at a time, as
// System has it.
class FakeSystem final : public System {
 public:
  // What a person does there.
  void set(const std::string& key, const std::string& member, const std::string& value);
  void put(const std::string& key, const model::Object& body);
  void erase(const std::string& key);
  std::string get(const std::string& key, const std::string& member) const;
  const std::map<std::string, model::Object>& records() const { return records_; }

  // What came in through the API: one line for each write, "KEY member=value …" (KEY of a create: "+").
  std::vector<std::string> written;
  int reads = 0, lookups = 0, ranges = 0;

  // How it behaves.
  bool has_versions = false, answers_bodies = true, tells_changes = true, looks_up = true, finds = true,
       lists_keys = true, tells_deletes = true, answers_ranges = false;
  std::size_t page = 50;
  std::function<bool(const std::string& key)> shows;           // listed or not; empty: all
  std::function<WrittenRecord(const RecordToWrite&)> instead;  // of taking the next write
  model::Status broken;                                        // what every read says
  std::set<std::string> doubled;  // keys that a page shows twice, the second time with another content

  model::Status check() override { return {}; }
  model::Result<model::Value> discover() override { return model::Value(model::Object{}); }
  model::Status read(const std::string& stream, ReadKind kind, const std::string& cursor, std::uint64_t limit,
                     RecordReceiver& receiver) override;
  model::Result<std::vector<ReceivedRecord>> lookup(const std::string& stream,
                                                    const std::vector<std::string>& keys) override;
  model::Result<std::vector<ReceivedRecord>> find(
      const std::string& stream, const std::vector<std::pair<std::string, std::string>>& values) override;
  model::Result<std::vector<std::int64_t>> keys_between(const std::string& stream,
                                                        const KeyRange& range) override;
  std::vector<WrittenRecord> write(const std::string& stream,
                                   const std::vector<RecordToWrite>& records) override;
  void stop() override {}
  bool reads_changes(const std::string&) const override { return tells_changes; }
  bool reads_keys(const std::string&) const override { return lists_keys; }
  bool ranges_keys(const std::string&) const override { return answers_ranges; }
  bool can_lookup() const override { return looks_up; }
  bool can_find() const override { return finds; }
  bool can_write() const override { return true; }

 private:
  ReceivedRecord shown(const std::string& key) const;
  WrittenRecord take(const RecordToWrite& record);
  void touch(const std::string& key) { changed_[key] = ++sequence_; }

  std::map<std::string, model::Object> records_;
  std::map<std::string, std::int64_t> changed_;  // key → when, also of deleted ones
  std::int64_t sequence_ = 0, next_key_ = 900'000;
};

struct FakeConnection {
  std::string name, role, create = "never";
  std::string brakes = {};  // YAML of the section, or empty
  std::string grade = "C";
  bool deletes_visible = true;
  std::string privacy = {};  // YAML of the section, or empty
};

class FakeWorld {
 public:
  explicit FakeWorld(const std::vector<FakeConnection>& connections = {{"erp", "erp"}, {"crm", "crm"}});
  ~FakeWorld();
  FakeWorld(const FakeWorld&) = delete;
  FakeWorld& operator=(const FakeWorld&) = delete;

  FakeSystem& system(const std::string& name) { return *systems_.at(name); }
  CycleReport cycle(const CycleOptions& options = {});
  // Cycles until one writes nothing; fails the test when five do not do.
  void settle();
  // The same company in every system, equal everywhere. Keys 1000, 1001, …
  void add_companies(int count);

  std::vector<sync::PlannedWrite> plan();
  std::vector<sync::Review> reviews(sync::ReviewKind kind);
  void decide(const std::string& review, const std::string& choice);
  std::vector<store::RunStream> ledger(const std::string& run);
  std::vector<store::Parked> dead_letters();
  // What people agreed to decides over personal data from now on, as in a hub.
  ConsentBook& consents();
  // Ends the hub and opens it again over the same store.
  void reopen();

  Workspace workspace;
  SteppedClock clock;
  CountedDice dice;

 private:
  void open();

  std::filesystem::path directory_;
  std::shared_ptr<const config::Config> config_;
  std::map<std::string, mapping::Mapping> mappings_;
  std::map<std::string, model::Value> manifests_;
  sync::Rules rules_;
  ConsentBook consents_;
  std::unique_ptr<MappingProjection> projection_;
  std::unique_ptr<sync::Engine> engine_;
  std::unique_ptr<store::Store> store_;
  std::map<std::string, std::unique_ptr<FakeSystem>> systems_;
};

}  // namespace huiliu::run::fakes
