#include "hub/sync/work.hpp"

#include <algorithm>

#include "hub/identity/match.hpp"
#include "hub/sync/approve.hpp"
#include "hub/sync/derive.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/plan.hpp"
#include "hub/sync/removal.hpp"

namespace huiliu::sync {

std::optional<Work> open_work(Context& context, const GoldenId& golden) {
  const GoldenId id = context.repository.resolve(golden);
  if (id.empty()) return std::nullopt;
  auto cluster = context.repository.load_cluster(id);
  if (!cluster) return std::nullopt;
  const model::Entity* const entity = context.rules.schema->find(cluster->golden.entity);
  if (entity == nullptr) return std::nullopt;
  return Work(std::move(*cluster), *entity);
}

Work new_work(Context& context, const model::Entity& entity) {
  Cluster cluster;
  cluster.golden.id = model::make_id(entity.id_prefix, context.now, context.random);
  cluster.golden.entity = entity.name;
  cluster.golden.created = context.now;
  cluster.golden.changed = context.now;
  return Work(std::move(cluster), entity);
}

namespace {

// A field that nobody could explain: what became of a write may explain it.
void choose_parked_again(Work& work) {
  for (const FieldIndex field : work.verified) {
    const auto golden = work.golden().fields.find(field);
    if (golden != work.golden().fields.end() && golden->second.parked) work.claimed.insert(field);
  }
}

}  // namespace

void finish(Context& context, Work& work) {
  find_home(context, work);
  choose_parked_again(work);
  for (const FieldIndex field : work.claimed) choose_golden(context, work, field);
  confirm_approved(context, work);
  derive_fields(context, work);
  work.verified.insert(work.claimed.begin(), work.claimed.end());
  for (const FieldIndex field : work.verified) settle_all(context, work, field);
  follow_resting(context, work);
  tell_new_number(context, work);
  if (context.notices != nullptr)
    context.notices->insert(context.notices->end(), work.notices.begin(), work.notices.end());
  work.notices.clear();
  Golden& golden = work.golden();
  const bool is_new = work.before.golden.fields.empty() && work.before.replicas.empty();
  if (is_new || !(golden == work.before.golden)) {
    golden.changed = context.now;
    context.repository.save(golden);
  }
  for (const auto& replica : work.cluster.replicas) {
    if (const auto rekeyed = work.rekeyed.find(replica.ref); rekeyed != work.rekeyed.end()) {
      const bool findable = replica.ref.connection != console;
      if (!rekeyed->second)
        rekeyed->second =
            findable ? identity::keys_of(work.entity, image_of(replica)) : std::vector<MatchKey>{};
      context.repository.save(replica, *rekeyed->second);
      continue;
    }
    const Replica* const before = work.before.find(replica.ref);
    if (before == nullptr || !(*before == replica)) context.repository.save(replica);
  }
  if (!planted(Mutant::due_index_forgotten) || is_new) mark_due(context, work.cluster, work.entity);
}

void mark_due(Context& context, const Cluster& cluster, const model::Entity& entity) {
  for (const auto& [name, connection] : context.rules.connections) {
    if (name == console || connection.for_entity(entity.name) == nullptr || entity.reference_data) continue;
    const bool due =
        cluster.golden.redirect.empty() && !plan_golden(context, cluster, entity, connection).empty();
    context.repository.set_due(cluster.golden.id, entity.name, name, due);
  }
}

bool is_union(const Rules& rules, const model::Entity& entity, FieldIndex field) {
  return entity.fields[field].multiplicity == model::Multiplicity::list &&
         rules.policy(entity.name, field).policy == Policy::union_of_elements;
}

Right right_of(const Rules& rules, const RecordRef& ref, FieldIndex field) {
  if (ref.connection == console) return Right::owner;
  const StreamRules* const stream = rules.stream(ref);
  if (stream == nullptr) return Right::missing;
  const auto right = stream->rights.find(field);
  return right == stream->rights.end() ? Right::missing : right->second;
}

Right right_of(const Rules& rules, const Golden& golden, const RecordRef& ref, FieldIndex field) {
  const StreamRules* const stream = ref.connection == console ? nullptr : rules.stream(ref);
  if (stream == nullptr || stream->rights_as_home.empty()) return right_of(rules, ref, field);
  const bool home = rules.home_of(golden) == ref.connection;
  const auto& rights = home ? stream->rights_as_home : stream->rights_as_other;
  const auto right = rights.find(field);
  return right == rights.end() ? Right::missing : right->second;
}

model::Image image_of(const Replica& replica) {
  model::Image image;
  image.entity = replica.entity;
  for (const auto& [field, known] : replica.fields) {
    if (known.base.presence != Presence::absent) image.fields.emplace(field, known.base);
  }
  if (is_provisional(replica.ref)) {
    for (const auto& intent : replica.intents) {
      for (const auto& sent : intent.fields) image.fields.insert_or_assign(sent.field, sent.value);
    }
  }
  image.parts = replica.parts;
  image.pending = replica.pending;
  image.pending_approval = replica.pending_approval;
  image.leader = replica.leader;
  return image;
}

bool is_provisional(const RecordRef& ref) { return ref.key.starts_with(provisional_key); }

const Replica* primary_in(const Cluster& cluster, const std::string& connection, const std::string& stream) {
  const Replica* first = nullptr;
  const auto order = [&](const Replica& replica) {
    return std::pair(!stream.empty() && replica.ref.stream != stream, replica.link_order);
  };
  for (const auto& replica : cluster.replicas) {
    if (replica.ref.connection != connection || (replica.gone && !planted(Mutant::gone_written)) ||
        !replica.leader.empty())
      continue;
    if (first == nullptr || order(replica) < order(*first)) first = &replica;
  }
  return first;
}

void record_lost(Context& context, const Work& work, FieldIndex field, const FieldValue& value,
                 const RecordRef& from, const Interval& changed, Version version, const std::string& rule) {
  context.repository.add_history({work.cluster.golden.id, work.entity.name, work.name_of(field), version,
                                  value, from, changed, context.now, rule, work.run, work.actor, true});
}

}  // namespace huiliu::sync
