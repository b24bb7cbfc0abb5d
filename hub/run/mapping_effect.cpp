#include "hub/run/mapping_effect.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "hub/sync/plan.hpp"
#include "hub/sync/work.hpp"

namespace huiliu::run {
namespace {

using model::Result;
using model::Status;
using sync::Cluster;
using sync::GoldenId;
using sync::Replica;

// A store as it would be: what is saved here is seen here only, until `forget`. Holds one customer at a time.
class TrialRepository final : public sync::Repository {
 public:
  explicit TrialRepository(store::Snapshot& snapshot) : snapshot_(snapshot) {}

  void look_at(const GoldenId& golden) {
    looked_at_ = golden;
    goldens_.clear();
    replicas_.clear();
    reviews_.clear();
  }
  std::int64_t reviews() const { return static_cast<std::int64_t>(reviews_.size()); }

  std::optional<Cluster> load_cluster(const GoldenId& id) override {
    auto cluster = snapshot_.load_cluster(id);
    if (!cluster) return std::nullopt;
    if (const auto golden = goldens_.find(id); golden != goldens_.end()) cluster->golden = golden->second;
    for (Replica& replica : cluster->replicas)
      if (const auto saved = replicas_.find(replica.ref); saved != replicas_.end()) replica = saved->second;
    return cluster;
  }
  std::optional<sync::Golden> load_golden(const GoldenId& id) override {
    const auto saved = goldens_.find(id);
    return saved != goldens_.end() ? saved->second : snapshot_.load_golden(id);
  }
  GoldenId resolve(const GoldenId& id) override { return snapshot_.resolve(id); }
  void save(const sync::Golden& golden) override { goldens_.insert_or_assign(golden.id, golden); }
  std::optional<Replica> load_replica(const model::RecordRef& ref) override {
    const auto saved = replicas_.find(ref);
    return saved != replicas_.end() ? saved->second : snapshot_.load_replica(ref);
  }
  void save(const Replica& replica, const std::vector<sync::MatchKey>&) override { save(replica); }
  void save(const Replica& replica) override { replicas_.insert_or_assign(replica.ref, replica); }
  void erase_replica(const model::RecordRef& ref) override { replicas_.erase(ref); }
  GoldenId golden_of(const model::RecordRef& ref) override { return snapshot_.golden_of(ref); }
  std::optional<Replica> primary_of(const GoldenId& golden, const std::string& connection,
                                    const std::string& stream) override {
    return snapshot_.primary_of(golden, connection, stream);
  }
  std::vector<model::RecordRef> find_by_key(const std::string& entity, const sync::MatchKey& key,
                                            std::size_t limit) override {
    return snapshot_.find_by_key(entity, key, limit);
  }
  void add_waiting(const model::RecordRef&, const model::RecordRef&) override {}
  std::vector<model::RecordRef> take_waiting(const model::RecordRef&) override { return {}; }
  void set_due(const GoldenId&, const std::string&, const std::string&, bool) override {}
  // The engine plans what is due; here that is the one customer looked at.
  std::vector<GoldenId> due(const std::string&, const std::string&, const GoldenId& after,
                            std::size_t) override {
    return after < looked_at_ ? std::vector<GoldenId>{looked_at_} : std::vector<GoldenId>{};
  }
  void set_look(const model::RecordRef&, bool) override {}
  std::vector<model::RecordRef> to_look(const std::string&, const std::string&, std::size_t) override {
    return {};
  }
  void add_history(const sync::HistoryEntry&) override {}
  std::vector<sync::HistoryEntry> history(const GoldenId& golden) override {
    return snapshot_.history(golden);
  }
  void save(const sync::Review& review) override {
    if (!snapshot_.open_review(review.dedupe)) reviews_.insert(review.dedupe);
  }
  std::optional<sync::Review> load_review(const std::string& id) override {
    return snapshot_.load_review(id);
  }
  std::optional<sync::Review> open_review(const std::string& dedupe) override {
    return snapshot_.open_review(dedupe);
  }
  std::vector<sync::Review> open_reviews_of(const GoldenId& golden) override {
    return snapshot_.open_reviews_of(golden);
  }
  bool observed(const std::string& connection, const std::string& stream) override {
    return snapshot_.observed(connection, stream);
  }
  void set_observed(const std::string&, const std::string&, bool) override {}

 private:
  store::Snapshot& snapshot_;
  GoldenId looked_at_;
  std::map<GoldenId, sync::Golden> goldens_;
  std::map<model::RecordRef, Replica> replicas_;
  std::set<std::string> reviews_;  // opened here, by what they ask
};

std::vector<sync::PlannedWrite> writes_for(Workspace& workspace, sync::Repository& repository,
                                           const std::string& entity) {
  std::vector<sync::PlannedWrite> writes;
  for (const auto& [name, rules] : workspace.rules->connections) {
    if (name == sync::console) continue;
    sync::Plan plan = workspace.engine->plan(repository, name, entity, {}, 1, false, workspace.clock->now());
    std::move(plan.writes.begin(), plan.writes.end(), std::back_inserter(writes));
  }
  return writes;
}

bool contains(const std::vector<sync::PlannedWrite>& writes, const sync::PlannedWrite& wanted) {
  return std::any_of(writes.begin(), writes.end(),
                     [&](const sync::PlannedWrite& write) { return sync::same_write(write, wanted); });
}

// Values only: versions and provenance say nothing to a person who weighs a change.
bool shows_same(const sync::Golden& a, const sync::Golden& b) {
  const auto shown = [](const sync::Golden& golden) {
    std::map<model::FieldIndex, std::string> values;
    for (const auto& [field, known] : golden.fields)
      if (known.value.has_value()) values.emplace(field, known.value.key);
    return values;
  };
  return shown(a) == shown(b);
}

class Trial {
 public:
  Trial(Workspace& present, Workspace& changed, std::string connection, store::Snapshot& snapshot)
      : present_(present), changed_(changed), connection_(std::move(connection)), repository_(snapshot) {}

  void customer(const model::Entity& entity, const GoldenId& id) {
    repository_.look_at(id);
    const auto before = repository_.load_cluster(id);
    if (!before) return;
    const auto ours = [&](const Replica& replica) {
      return replica.ref.connection == connection_ && !replica.gone && !replica.raw.empty();
    };
    if (std::none_of(before->replicas.begin(), before->replicas.end(), ours)) return;
    const auto today = writes_for(present_, repository_, entity.name);
    for (const Replica& replica : before->replicas)
      if (ours(replica)) record(entity, replica);
    const auto after = repository_.load_cluster(id);
    effect.customers += shows_same(before->golden, after->golden) ? 0 : 1;
    effect.questions += repository_.reviews();
    const auto then = writes_for(changed_, repository_, entity.name);
    for (const sync::PlannedWrite& write : then)
      if (!contains(today, write)) effect.writes.push_back(write);
    for (const sync::PlannedWrite& write : today) effect.no_longer_due += contains(then, write) ? 0 : 1;
  }

  MappingEffect effect;

 private:
  void record(const model::Entity& entity, const Replica& replica) {
    ++effect.records;
    const auto mapping = changed_.mappings.find(connection_);
    const auto stored = stored_record(replica.ref, repository_);
    if (mapping == changed_.mappings.end() || !stored) return;
    ReadContext context{connection_, replica.ref.stream, "trial", changed_.clock->now()};
    context.strong = true;
    const Translated translated = translate(*stored, *mapping->second, context, repository_);
    if (translated.kind != Translated::Kind::observation) {
      ++(translated.kind == Translated::Kind::filtered ? effect.excluded : effect.parked);
      return;
    }
    count_changes(entity, replica, translated.observation.image);
    static_cast<void>(changed_.engine->ingest(repository_, translated.observation, context.read_started));
    static_cast<void>(changed_.engine->take_notices());  // nobody is told of a trial
  }

  void count_changes(const model::Entity& entity, const Replica& replica, const model::Image& image) {
    const auto key_in = [](const auto& fields, model::FieldIndex field) {
      const auto found = fields.find(field);
      return found != fields.end() && found->second.has_value() ? found->second.key : std::string{};
    };
    const model::Image known = sync::image_of(replica);
    bool changed = false;
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
      const auto field = static_cast<model::FieldIndex>(i);
      if (key_in(known.fields, field) == key_in(image.fields, field)) continue;
      changed = true;
      ++effect.fields[replica.ref.stream + " " + entity.fields[i].name];
    }
    effect.changed += changed ? 1 : 0;
  }

  Workspace& present_;
  Workspace& changed_;
  std::string connection_;
  TrialRepository repository_;
};

}  // namespace

Result<MappingEffect> mapping_effect(Workspace& present, Workspace& changed, const std::string& connection) {
  constexpr std::size_t page = 500;
  MappingEffect effect;
  HUILIU_TRY(present.store->read([&](store::Snapshot& snapshot) -> Status {
    Trial trial(present, changed, connection, snapshot);
    for (const model::Entity& entity : changed.rules->schema->entities()) {
      store::GoldenQuery query;
      query.entity = entity.name;
      query.connection = connection;
      std::string after;
      do {
        const auto goldens = snapshot.list_goldens(query, {after, page});
        after = goldens.size() < page ? std::string{} : goldens.back().id;
        for (const sync::Golden& golden : goldens) trial.customer(entity, golden.id);
      } while (!after.empty());
    }
    effect = std::move(trial.effect);
    return {};
  }));
  return effect;
}

}  // namespace huiliu::run
