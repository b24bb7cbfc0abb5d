// A repository in front of another: passes everything on, and remembers what was changed, so that it can be
// done once more to a model when the transaction was committed.
#pragma once

#include <functional>
#include <vector>

#include "tests/support/memory_repository.hpp"

namespace huiliu::simulation {

class Recorder final : public sync::Repository {
 public:
  using Changes = std::vector<std::function<void(tests::MemoryRepository&)>>;

  Recorder(sync::Repository& store, Changes& changes) : store_(store), changes_(changes) {}

  std::optional<sync::Cluster> load_cluster(const sync::GoldenId& id) override {
    return store_.load_cluster(id);
  }
  std::optional<sync::Golden> load_golden(const sync::GoldenId& id) override {
    return store_.load_golden(id);
  }
  sync::GoldenId resolve(const sync::GoldenId& id) override { return store_.resolve(id); }
  void save(const sync::Golden& golden) override {
    store_.save(golden);
    changes_.push_back([golden](auto& model) { model.save(golden); });
  }
  std::optional<sync::Replica> load_replica(const model::RecordRef& ref) override {
    return store_.load_replica(ref);
  }
  void save(const sync::Replica& replica, const std::vector<sync::MatchKey>& keys) override {
    store_.save(replica, keys);
    changes_.push_back([replica, keys](auto& model) { model.save(replica, keys); });
  }
  void save(const sync::Replica& replica) override {
    store_.save(replica);
    changes_.push_back([replica](auto& model) { model.save(replica); });
  }
  void erase_replica(const model::RecordRef& ref) override {
    store_.erase_replica(ref);
    changes_.push_back([ref](auto& model) { model.erase_replica(ref); });
  }
  std::optional<sync::ReplicaHead> head(const model::RecordRef& ref) override { return store_.head(ref); }
  void touch(const model::RecordRef& ref, model::Micros evid) override {
    store_.touch(ref, evid);
    changes_.push_back([ref, evid](auto& model) { model.touch(ref, evid); });
  }
  sync::GoldenId golden_of(const model::RecordRef& ref) override { return store_.golden_of(ref); }
  std::optional<sync::Replica> primary_of(const sync::GoldenId& golden, const std::string& connection,
                                          const std::string& stream) override {
    return store_.primary_of(golden, connection, stream);
  }
  std::vector<model::RecordRef> find_by_key(const std::string& entity, const sync::MatchKey& key,
                                            std::size_t limit) override {
    return store_.find_by_key(entity, key, limit);
  }
  void add_waiting(const model::RecordRef& target, const model::RecordRef& waiter) override {
    store_.add_waiting(target, waiter);
  }
  std::vector<model::RecordRef> take_waiting(const model::RecordRef& target) override {
    return store_.take_waiting(target);
  }
  void set_due(const sync::GoldenId& golden, const std::string& entity, const std::string& connection,
               bool due) override {
    store_.set_due(golden, entity, connection, due);
    changes_.push_back([=](auto& model) { model.set_due(golden, entity, connection, due); });
  }
  std::vector<sync::GoldenId> due(const std::string& connection, const std::string& entity,
                                  const sync::GoldenId& after, std::size_t limit) override {
    return store_.due(connection, entity, after, limit);
  }
  void set_look(const model::RecordRef& ref, bool look) override {
    store_.set_look(ref, look);
    changes_.push_back([ref, look](auto& model) { model.set_look(ref, look); });
  }
  std::vector<model::RecordRef> to_look(const std::string& connection, const std::string& stream,
                                        std::size_t limit) override {
    return store_.to_look(connection, stream, limit);
  }
  void add_history(const sync::HistoryEntry& entry) override {
    store_.add_history(entry);
    changes_.push_back([entry](auto& model) { model.add_history(entry); });
  }
  std::vector<sync::HistoryEntry> history(const sync::GoldenId& golden) override {
    return store_.history(golden);
  }
  void save(const sync::Review& review) override {
    store_.save(review);
    changes_.push_back([review](auto& model) { model.save(review); });
  }
  std::optional<sync::Review> load_review(const std::string& id) override { return store_.load_review(id); }
  std::optional<sync::Review> open_review(const std::string& dedupe) override {
    return store_.open_review(dedupe);
  }
  std::vector<sync::Review> open_reviews_of(const sync::GoldenId& golden) override {
    return store_.open_reviews_of(golden);
  }
  bool observed(const std::string& connection, const std::string& stream) override {
    return store_.observed(connection, stream);
  }
  void set_observed(const std::string& connection, const std::string& stream, bool observed) override {
    store_.set_observed(connection, stream, observed);
    changes_.push_back([=](auto& model) { model.set_observed(connection, stream, observed); });
  }

 private:
  sync::Repository& store_;
  Changes& changes_;
};

}  // namespace huiliu::simulation
