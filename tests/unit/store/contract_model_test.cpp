// Random work on a store and on plain maps, side by side: caches, savepoints and commits must not show.
#include <algorithm>
#include <set>

#include "hub/model/id.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/store/contract.hpp"

namespace huiliu::store::fakes {
namespace {

// The engine state in maps: what the store must answer.
struct Remembered {
  std::map<GoldenId, sync::Golden> goldens;
  std::map<RecordRef, sync::Replica> replicas;
  std::map<RecordRef, std::vector<sync::MatchKey>> keys;
  std::set<std::pair<std::string, GoldenId>> due;
  std::set<RecordRef> look;
  std::multiset<std::pair<GoldenId, int>> history;
};

constexpr int golden_pool = 12, record_pool = 24, name_pool = 10;

class RandomWork {
 public:
  explicit RandomWork(std::uint64_t seed) : random_(seed) {}

  int below(int limit) { return static_cast<int>(random_.next() % static_cast<std::uint64_t>(limit)); }
  GoldenId some_golden() { return golden_id(1 + below(golden_pool)); }
  RecordRef some_ref() {
    return ref_of(below(2) == 0 ? "erp" : "crm", "k" + std::to_string(below(record_pool)));
  }
  sync::MatchKey some_key() { return {"name", std::to_string(below(name_pool))}; }

  void step(Transaction& t, Remembered& r) {
    switch (below(10)) {
      case 0:
        return save_golden(t, r);
      case 1:
      case 2:
        return save_replica(t, r);
      case 3:
        return move_replica(t, r);
      case 4:
        return touch(t, r);
      case 5:
        return erase(t, r);
      case 6:
        return mark(t, r);
      default:
        return ask(t, r);
    }
  }

  // Compares the answers to one random question.
  void ask(Snapshot& s, const Remembered& r) {
    const auto golden = some_golden();
    const auto ref = some_ref();
    switch (below(5)) {
      case 0: {
        const auto cluster = s.load_cluster(golden);
        ASSERT_EQ(cluster.has_value(), r.goldens.contains(golden));
        if (!cluster) return;
        EXPECT_EQ(cluster->golden, r.goldens.at(golden));
        std::vector<sync::Replica> expected;
        for (const auto& [at, replica] : r.replicas)
          if (replica.golden == golden) expected.push_back(replica);
        std::stable_sort(expected.begin(), expected.end(),
                         [](const auto& a, const auto& b) { return a.link_order < b.link_order; });
        ASSERT_EQ(cluster->replicas, expected);
        return;
      }
      case 1: {
        const auto found = s.load_replica(ref);
        const auto expected = r.replicas.find(ref);
        ASSERT_EQ(found.has_value(), expected != r.replicas.end());
        if (!found) return;
        EXPECT_EQ(*found, expected->second);
        return;
      }
      case 2: {
        const auto head = s.head(ref);
        const auto expected = r.replicas.find(ref);
        ASSERT_EQ(head.has_value(), expected != r.replicas.end());
        if (!head) return;
        EXPECT_EQ(head->evid, expected->second.evid);
        EXPECT_EQ(head->golden, expected->second.golden);
        return;
      }
      case 3: {
        const auto key = some_key();
        auto found = s.find_by_key("customer", key, 1000);
        std::sort(found.begin(), found.end());
        std::vector<RecordRef> expected;
        for (const auto& [at, keys] : r.keys)
          if (std::find(keys.begin(), keys.end(), key) != keys.end()) expected.push_back(at);
        ASSERT_EQ(found, expected);
        return;
      }
      default: {
        std::vector<GoldenId> expected;
        for (const auto& [connection, id] : r.due)
          if (connection == "crm") expected.push_back(id);
        EXPECT_EQ(s.due("crm", "customer", "", 1000), expected);
        EXPECT_EQ(s.history(golden).size(), static_cast<std::size_t>(std::count_if(
                                                r.history.begin(), r.history.end(),
                                                [&](const auto& entry) { return entry.first == golden; })));
      }
    }
  }

 private:
  void save_golden(Transaction& t, Remembered& r) {
    auto golden = make_golden(1 + below(golden_pool), "name " + std::to_string(below(1000)));
    t.save(golden);
    r.goldens[golden.id] = golden;
  }
  void save_replica(Transaction& t, Remembered& r) {
    const auto ref = some_ref();
    auto replica = make_replica(ref.connection, ref.key, below(4) == 0 ? GoldenId() : some_golden());
    replica.link_order = below(5);
    replica.gone = below(6) == 0;
    replica.made_by_hub = below(6) == 0;
    replica.raw_hash = static_cast<std::uint64_t>(below(1000));
    replica.fields[0].unverified = below(3) == 0;
    std::vector<sync::MatchKey> keys;
    for (int i = below(4); i > 0; --i) keys.push_back(some_key());
    if (r.replicas.contains(ref) && below(2) == 0) {
      t.save(replica);
    } else {
      t.save(replica, keys);
      r.keys[ref] = keys;
    }
    r.replicas[ref] = replica;
  }
  void move_replica(Transaction& t, Remembered& r) {
    const auto ref = some_ref();
    auto replica = t.load_replica(ref);
    if (!replica) return;
    replica->golden = some_golden();
    t.save(*replica);
    r.replicas[ref] = *replica;
  }
  void touch(Transaction& t, Remembered& r) {
    const auto ref = some_ref();
    const Micros evid = below(20'000'000);
    t.touch(ref, evid);
    if (const auto found = r.replicas.find(ref); found != r.replicas.end())
      found->second.evid = std::max(found->second.evid, evid);
  }
  void erase(Transaction& t, Remembered& r) {
    const auto ref = some_ref();
    t.erase_replica(ref);
    r.replicas.erase(ref);
    r.keys.erase(ref);
  }
  void mark(Transaction& t, Remembered& r) {
    const auto golden = some_golden();
    const bool on = below(2) == 0;
    t.set_due(golden, "customer", "crm", on);
    r.due.erase({"crm", golden});
    if (on) r.due.insert({"crm", golden});
    sync::HistoryEntry entry;
    entry.golden = golden;
    entry.version = below(100);
    t.add_history(entry);
    r.history.insert({golden, static_cast<int>(entry.version)});
  }

  model::SeededRandom random_;
};

}  // namespace

class StoreModel : public StoreContract {};

TEST_P(StoreModel, AnswersLikePlainMaps) {
  for (std::uint64_t seed = 1; seed <= tests::worlds(12U) && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    place_ = (store_.reset(), GetParam().make_place());
    store_ = open();
    RandomWork work(seed);
    Remembered remembered;
    // All goldens exist, so that the check of references has nothing to find.
    write([&](Transaction& t) {
      for (int i = 1; i <= golden_pool; ++i) t.save(remembered.goldens[golden_id(i)] = make_golden(i));
    });
    for (int round = 0; round < 40 && !HasFailure(); ++round) {
      auto attempt = remembered;
      const bool keep = work.below(4) != 0;
      const auto status = store_->write([&](Transaction& t) -> Status {
        for (int i = work.below(60); i > 0 && !HasFailure(); --i) work.step(t, attempt);
        return keep ? Status() : Status(model::make_error(model::ErrorClass::data, "taken back"));
      });
      EXPECT_EQ(status.ok(), keep);
      if (keep) remembered = std::move(attempt);
      read([&](Snapshot& s) {
        for (int i = 0; i < 10 && !HasFailure(); ++i) work.ask(s, remembered);
      });
    }
    expect_sound();
  }
}

HUILIU_FOR_EVERY_STORE(StoreModel);

}  // namespace huiliu::store::fakes
