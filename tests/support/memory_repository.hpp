// The engine's memory without a database: for unit tests and simulation. Everything in ordered maps, so that
// every walk over it is deterministic. begin() starts a transaction, rollback() takes back every change
// since; without begin() each change stands at once. One thread.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "hub/sync/repository.hpp"

namespace huiliu::tests {

class MemoryRepository final : public sync::Repository {
 public:
  using Golden = sync::Golden;
  using GoldenId = sync::GoldenId;
  using RecordRef = model::RecordRef;
  using Replica = sync::Replica;
  using Review = sync::Review;

  void begin() {
    undo_.clear();
    open_ = true;
  }
  void commit() {
    undo_.clear();
    open_ = false;
  }
  void rollback() {
    open_ = false;
    for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) (*step)();
    undo_.clear();
  }

  std::optional<sync::Cluster> load_cluster(const GoldenId& id) override {
    const auto golden = goldens_.find(id);
    if (golden == goldens_.end()) return std::nullopt;
    sync::Cluster cluster{golden->second, {}};
    if (const auto members = members_.find(id); members != members_.end()) {
      for (const auto& ref : members->second) cluster.replicas.push_back(replicas_.at(ref));
    }
    std::sort(cluster.replicas.begin(), cluster.replicas.end(),
              [](const Replica& a, const Replica& b) { return a.link_order < b.link_order; });
    return cluster;
  }
  std::optional<Golden> load_golden(const GoldenId& id) override { return find_in(goldens_, id); }
  GoldenId resolve(const GoldenId& id) override {
    auto golden = goldens_.find(id);
    while (golden != goldens_.end() && !golden->second.redirect.empty())
      golden = goldens_.find(golden->second.redirect);
    return golden == goldens_.end() ? GoldenId() : golden->first;
  }
  void save(const Golden& golden) override {
    touched_goldens_.insert(golden.id);
    put(goldens_, golden.id, golden);
  }

  std::optional<Replica> load_replica(const RecordRef& ref) override { return find_in(replicas_, ref); }
  void save(const Replica& replica, const std::vector<sync::MatchKey>& keys) override {
    forget_keys(replica.ref);
    for (const auto& key : keys) {
      put(by_key_, {replica.entity, key, replica.ref}, true);
    }
    put(keys_of_, replica.ref, keys);
    save(replica);
  }
  void save(const Replica& replica) override {
    const auto before = replicas_.find(replica.ref);
    touched_replicas_.insert(replica.ref);
    if (before != replicas_.end()) touched_goldens_.insert(before->second.golden);
    if (before != replicas_.end() && before->second.golden != replica.golden) leave(before->second);
    if (!replica.golden.empty()) {
      auto& members = members_[replica.golden];
      if (members.insert(replica.ref).second)
        remember([this, id = replica.golden, ref = replica.ref] { members_[id].erase(ref); });
    }
    put(replicas_, replica.ref, replica);
  }
  void touch(const RecordRef& ref, model::Micros evid) override {
    auto& replica = replicas_.at(ref);
    remember([this, ref, before = replica.evid] { replicas_.at(ref).evid = before; });
    replica.evid = evid;
  }
  void erase_replica(const RecordRef& ref) override {
    const auto found = replicas_.find(ref);
    if (found == replicas_.end()) return;
    touched_goldens_.insert(found->second.golden);
    leave(found->second);
    forget_keys(ref);
    remember([this, replica = found->second] { replicas_.insert_or_assign(replica.ref, replica); });
    replicas_.erase(found);
  }
  GoldenId golden_of(const RecordRef& ref) override {
    const auto found = replicas_.find(ref);
    return found == replicas_.end() ? GoldenId() : resolve(found->second.golden);
  }
  std::optional<Replica> primary_of(const GoldenId& golden, const std::string& connection,
                                    const std::string& stream) override {
    const auto cluster = load_cluster(resolve(golden));
    if (!cluster) return std::nullopt;
    for (const auto& replica : cluster->replicas) {
      if (replica.ref.connection == connection && replica.ref.stream == stream && !replica.gone &&
          replica.leader.empty())
        return replica;
    }
    return std::nullopt;
  }

  std::vector<RecordRef> find_by_key(const std::string& entity, const sync::MatchKey& key,
                                     std::size_t limit) override {
    std::vector<RecordRef> out;
    for (auto at = by_key_.lower_bound({entity, key, {}}); at != by_key_.end() && out.size() < limit; ++at) {
      if (std::get<0>(at->first) != entity || std::get<1>(at->first) != key) break;
      out.push_back(std::get<2>(at->first));
    }
    return out;
  }

  void add_waiting(const RecordRef& target, const RecordRef& waiter) override {
    put(waiting_, {target, waiter}, true);
  }
  std::vector<RecordRef> take_waiting(const RecordRef& target) override {
    std::vector<RecordRef> out;
    for (auto at = waiting_.lower_bound({target, {}}); at != waiting_.end() && at->first.first == target;) {
      out.push_back(at->first.second);
      const auto key = at->first;
      ++at;
      drop(waiting_, key);
    }
    return out;
  }

  void set_due(const GoldenId& golden, const std::string& entity, const std::string& connection,
               bool due) override {
    const auto key = std::tuple(connection, entity, golden);
    if (due)
      put(due_, key, true);
    else
      drop(due_, key);
  }
  std::vector<GoldenId> due(const std::string& connection, const std::string& entity, const GoldenId& after,
                            std::size_t limit) override {
    std::vector<GoldenId> out;
    for (auto at = due_.upper_bound({connection, entity, after}); at != due_.end() && out.size() < limit;
         ++at) {
      if (std::get<0>(at->first) != connection || std::get<1>(at->first) != entity) break;
      out.push_back(std::get<2>(at->first));
    }
    return out;
  }
  void set_look(const RecordRef& ref, bool look) override {
    if (look)
      put(looks_, ref, true);
    else
      drop(looks_, ref);
  }
  std::vector<RecordRef> to_look(const std::string& connection, const std::string& stream,
                                 std::size_t limit) override {
    std::vector<RecordRef> out;
    for (auto at = looks_.lower_bound({connection, stream, {}}); at != looks_.end() && out.size() < limit;
         ++at) {
      if (at->first.connection != connection || at->first.stream != stream) break;
      out.push_back(at->first);
    }
    return out;
  }

  void add_history(const sync::HistoryEntry& entry) override {
    history_.push_back(entry);
    by_golden_[entry.golden].push_back(history_.size() - 1);
    remember([this, golden = entry.golden] {
      history_.pop_back();
      by_golden_[golden].pop_back();
    });
  }
  std::vector<sync::HistoryEntry> history(const GoldenId& golden) override {
    std::vector<sync::HistoryEntry> out;
    if (const auto found = by_golden_.find(golden); found != by_golden_.end()) {
      for (const auto index : found->second) out.push_back(history_[index]);
    }
    return out;
  }

  void save(const Review& review) override {
    const auto before = find_in(reviews_, review.id);
    if (before && before->state == "open") drop(open_reviews_, before->dedupe);
    if (review.state == "open") put(open_reviews_, review.dedupe, review.id);
    put(reviews_, review.id, review);
  }
  std::optional<Review> load_review(const std::string& id) override { return find_in(reviews_, id); }
  std::optional<Review> open_review(const std::string& dedupe) override {
    const auto found = open_reviews_.find(dedupe);
    return found == open_reviews_.end() ? std::nullopt : find_in(reviews_, found->second);
  }
  std::vector<Review> open_reviews_of(const GoldenId& golden) override {
    std::vector<Review> out;
    for (const auto& [dedupe, id] : open_reviews_) {
      const auto& review = reviews_.at(id);
      if (review.golden == golden) out.push_back(review);
    }
    return out;
  }

  bool observed(const std::string& connection, const std::string& stream) override {
    return observed_.contains({connection, stream});
  }
  void set_observed(const std::string& connection, const std::string& stream, bool observed) override {
    if (observed)
      put(observed_, {connection, stream}, true);
    else
      drop(observed_, {connection, stream});
  }

  // For tests: everything there is.
  const std::map<GoldenId, Golden>& goldens() const { return goldens_; }
  const std::map<RecordRef, Replica>& replicas() const { return replicas_; }
  const std::map<std::string, Review>& reviews() const { return reviews_; }
  const std::map<std::string, std::string>& open_reviews() const { return open_reviews_; }
  const std::vector<sync::HistoryEntry>& all_history() const { return history_; }
  // The records of a golden record.
  const std::set<RecordRef>& members(const GoldenId& golden) const {
    static const std::set<RecordRef> none;
    const auto found = members_.find(golden);
    return found == members_.end() ? none : found->second;
  }
  // What was saved since the last call (or taken back again).
  struct Touched {
    std::set<RecordRef> replicas;
    std::set<GoldenId> goldens;
  };
  Touched take_touched() {
    return {std::exchange(touched_replicas_, {}), std::exchange(touched_goldens_, {})};
  }
  bool is_due(const GoldenId& golden, const std::string& entity, const std::string& connection) const {
    return due_.contains({connection, entity, golden});
  }

 private:
  template <class Map, class Key>
  static std::optional<typename Map::mapped_type> find_in(const Map& map, const Key& key) {
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional(found->second);
  }
  void remember(std::function<void()> undo) {
    if (open_) undo_.push_back(std::move(undo));
  }
  template <class Map>
  void put(Map& map, const typename Map::key_type& key, const typename Map::mapped_type& value) {
    const auto [at, inserted] = map.try_emplace(key, value);
    if (inserted) {
      remember([&map, key] { map.erase(key); });
    } else {
      remember([&map, key, before = at->second] { map.insert_or_assign(key, before); });
      at->second = value;
    }
  }
  template <class Map>
  void drop(Map& map, const typename Map::key_type& key) {
    const auto at = map.find(key);
    if (at == map.end()) return;
    remember([&map, key, before = at->second] { map.insert_or_assign(key, before); });
    map.erase(at);
  }
  void forget_keys(const RecordRef& ref) {
    const auto found = keys_of_.find(ref);
    if (found == keys_of_.end()) return;
    const auto keys = found->second;
    const std::string entity = replicas_.contains(ref) ? replicas_.at(ref).entity : std::string();
    for (const auto& key : keys) drop(by_key_, {entity, key, ref});
    drop(keys_of_, ref);
  }
  void leave(const Replica& replica) {
    const auto members = members_.find(replica.golden);
    if (members == members_.end() || members->second.erase(replica.ref) == 0) return;
    remember([this, id = replica.golden, ref = replica.ref] { members_[id].insert(ref); });
  }

  std::map<GoldenId, Golden> goldens_;
  std::map<RecordRef, Replica> replicas_;
  std::map<GoldenId, std::set<RecordRef>> members_;
  std::map<std::tuple<std::string, sync::MatchKey, RecordRef>, bool> by_key_;
  std::map<RecordRef, std::vector<sync::MatchKey>> keys_of_;
  std::map<std::pair<RecordRef, RecordRef>, bool> waiting_;
  std::map<std::tuple<std::string, std::string, GoldenId>, bool> due_;
  std::map<RecordRef, bool> looks_;
  std::vector<sync::HistoryEntry> history_;
  std::map<GoldenId, std::vector<std::size_t>> by_golden_;
  std::map<std::string, Review> reviews_;
  std::map<std::string, std::string> open_reviews_;  // dedupe → id
  std::map<std::pair<std::string, std::string>, bool> observed_;

  std::set<RecordRef> touched_replicas_;
  std::set<GoldenId> touched_goldens_;
  bool open_ = false;
  std::vector<std::function<void()>> undo_;
};

}  // namespace huiliu::tests
