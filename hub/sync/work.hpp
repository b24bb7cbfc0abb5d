// What the engine's operations share: the surroundings of one call (Context) and the cluster it works on
// (Work). Internal to hub/sync; lives for one call of Engine, inside the caller's transaction.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/schema.hpp"
#include "hub/sync/engine.hpp"
#include "hub/sync/mutant.hpp"

namespace huiliu::sync {

inline constexpr std::string_view console = "hub";  // the connection name of the console
inline constexpr std::string_view provisional_key =
    "new:";  // begins the key of a record that is being created

struct Context {
  const Rules& rules;
  const Projection& projection;
  model::Random& random;
  Repository& repository;
  Micros now;
  std::vector<Notice>* notices = nullptr;  // gets what people should be told
};

// One golden record with its replicas, taken out for a change. Rules change `cluster` and say which fields
// got new claims; finish() draws the consequences and saves.
class Work {
 public:
  Work(Cluster loaded, const model::Entity& of) : cluster(loaded), before(std::move(loaded)), entity(of) {}

  Cluster cluster;
  Cluster before;  // as loaded: what differs from it is saved
  const model::Entity& entity;
  std::string run, actor;         // provenance of what this call adds
  std::set<FieldIndex> claimed;   // fields whose claims changed: to be chosen again
  std::set<FieldIndex> verified;  // fields of which a replica's base is known again: to be settled
  // Replicas whose link or keys changed: to be indexed again. With the keys where they are known already.
  std::map<RecordRef, std::optional<std::vector<MatchKey>>> rekeyed;
  int conflicts = 0, initial_differences = 0;
  std::vector<Notice> notices;  // what people should be told

  Golden& golden() { return cluster.golden; }
  const std::string& name_of(FieldIndex field) const { return entity.fields[field].name; }
  // Numbers the next accepted claim of a field.
  Version next_version(FieldIndex field) { return ++cluster.golden.fields[field].version; }
};

// Follows redirects. nullopt: no such golden record, or of an entity that the schema does not have.
std::optional<Work> open_work(Context& context, const GoldenId& golden);
// A new golden record without replicas.
Work new_work(Context& context, const model::Entity& entity);
// Chooses golden values again where claims changed, settles, saves what changed, and puts the due index
// right.
void finish(Context& context, Work& work);

// Puts the due index of the golden record right, for every connection.
void mark_due(Context& context, const Cluster& cluster, const model::Entity& entity);

// Is the field a list whose elements are claimed one by one?
bool is_union(const Rules& rules, const model::Entity& entity, FieldIndex field);
// The right of a replica's system over a field: owner for the console, missing where nothing is said. With a
// golden record: whether the system is that one's home ERP counts.
Right right_of(const Rules& rules, const RecordRef& ref, FieldIndex field);
Right right_of(const Rules& rules, const Golden& golden, const RecordRef& ref, FieldIndex field);
// The canonical form of a record as it was last observed; of one that is being created, as it was sent.
model::Image image_of(const Replica& replica);
bool is_provisional(const RecordRef& ref);
// The first live record (by link order) of a connection, copies aside: the one that receives. Null: none.
const Replica* primary_in(const Cluster& cluster, const std::string& connection,
                          const std::string& stream = {});

// History of a value that did not become golden.
void record_lost(Context& context, const Work& work, FieldIndex field, const FieldValue& value,
                 const RecordRef& from, const Interval& changed, Version version, const std::string& rule);

}  // namespace huiliu::sync
