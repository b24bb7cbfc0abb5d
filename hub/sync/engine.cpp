#include "hub/sync/engine.hpp"

#include "hub/mapping/mapping.hpp"
#include "hub/sync/approve.hpp"
#include "hub/sync/begin.hpp"
#include "hub/sync/derive.hpp"
#include "hub/sync/ingest.hpp"
#include "hub/sync/link.hpp"
#include "hub/sync/observe.hpp"
#include "hub/sync/plan.hpp"
#include "hub/sync/removal.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/settle.hpp"
#include "hub/sync/undo.hpp"

namespace huiliu::sync {

using model::ErrorClass;
using model::make_error;

IngestResult Engine::ingest(Repository& repository, const Observation& observation, Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  return ingest_observation(context, observation);
}

std::optional<IngestResult> Engine::ingest_unchanged(Repository& repository, const Glance& glance,
                                                     Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  return take_unchanged(context, glance);
}

void Engine::stream_observed(Repository& repository, const std::string& connection,
                             const std::string& stream) {
  repository.set_observed(connection, stream, true);
}

Plan Engine::plan(Repository& repository, const std::string& connection, const std::string& entity,
                  const GoldenId& after, std::size_t limit, bool open_requests, Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  Plan plan;
  const ConnectionRules* const rules = rules_.connection(connection);
  const model::Entity* const of = rules_.schema->find(entity);
  if (rules == nullptr || of == nullptr || limit == 0) return plan;
  const auto ids = repository.due(connection, entity, after, limit);
  for (const auto& id : ids) {
    const auto cluster = repository.load_cluster(id);
    if (!cluster) continue;
    Due due = plan_golden(context, *cluster, *of, *rules);
    if (due.request && open_requests) ask_for_create(context, *cluster, *of, *rules);
    if (due.removal_request && open_requests) ask_for_removal(context, *cluster, *of, *rules);
    plan.writes.insert(plan.writes.end(), std::make_move_iterator(due.writes.begin()),
                       std::make_move_iterator(due.writes.end()));
    plan.held.insert(plan.held.end(), std::make_move_iterator(due.held.begin()),
                     std::make_move_iterator(due.held.end()));
  }
  if (ids.size() == limit) plan.next = ids.back();
  return plan;
}

void Engine::refresh_due(Repository& repository, const GoldenId& golden, Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  if (const auto work = open_work(context, golden)) mark_due(context, work->cluster, work->entity);
}

std::optional<Intent> Engine::begin(Repository& repository, const PlannedWrite& write, const std::string& run,
                                    Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  return begin_write(context, write, run);
}

void Engine::hold_back(Repository& repository, const RecordRef& ref, FieldIndex field, Micros now) {
  Context context{rules_, projection_, random_, repository, now};
  hold_field_back(context, ref, field);
}

void Engine::let_go(Repository& repository, const RecordRef& ref, const std::string& field, Micros now) {
  Context context{rules_, projection_, random_, repository, now};
  let_field_go(context, ref, field);
}

bool Engine::forget_deleted(Repository& repository, const RecordRef& ref, Micros before) {
  auto replica = repository.load_replica(ref);
  if (!replica || !replica->gone || replica->evid >= before || !replica->intents.empty()) return false;
  if (replica->golden.empty()) {
    repository.erase_replica(ref);
    return true;
  }
  if (replica->raw.empty() && replica->parts.empty()) return false;
  replica->raw.clear();
  replica->raw_hash = 0;
  replica->parts.clear();
  replica->pending.clear();
  repository.save(*replica, {});
  return true;
}

void Engine::refuse_removal(Repository& repository, const GoldenId& golden, const std::string& connection,
                            Micros now) {
  Context context{rules_, projection_, random_, repository, now};
  decide_removal(context, golden, connection, false);
}

std::optional<PlannedWrite> Engine::plan_undo(Repository& repository, const RecordRef& ref,
                                              const std::vector<PastField>& fields) {
  return sync::plan_undo(rules_, repository, ref, fields);
}

std::optional<Intent> Engine::begin_undo(Repository& repository, const PlannedWrite& write,
                                         const std::string& run, Micros now) {
  Context context{rules_, projection_, random_, repository, now};
  return sync::begin_undo(context, write, run);
}

Settled Engine::settle(Repository& repository, const RecordRef& ref, const std::string& intent,
                       const WriteResult& result, Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  return settle_write(context, ref, intent, result);
}

void Engine::not_there(Repository& repository, const RecordRef& ref, const std::string& intent, Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  write_not_there(context, ref, intent);
}

model::Status Engine::decide(Repository& repository, const std::string& review, const std::string& choice,
                             const std::string& note, const std::string& actor, Micros now,
                             const std::map<std::string, std::string>& with) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  return sync::decide(context, review, {choice, note, actor, with});
}

model::Status Engine::edit(Repository& repository, const GoldenId& golden, const std::string& field,
                           const FieldValue& value, const std::string& actor, Micros now,
                           const std::string& run) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  auto work = open_work(context, golden);
  if (!work) return make_error(ErrorClass::not_found, "no such customer", golden);
  const FieldIndex index = work->entity.index_of(field);
  if (index == model::no_field) return make_error(ErrorClass::not_found, "no such field: " + field, golden);
  work->actor = actor;
  work->run = run;
  FieldValue said = value;
  if (!said.has_value()) said = {Presence::cleared, {}, {}};
  if (authority_takes(context.rules, work->cluster, index))
    decide_value(context, *work, index, said, {});
  else
    claim_as_console(context, *work, index, said);
  finish(context, *work);
  return {};
}

model::Status Engine::set_home(Repository& repository, const GoldenId& golden, const std::string& connection,
                               const std::string& actor, Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  return move_home(context, golden, connection, actor);
}

model::Status Engine::merge(Repository& repository, const GoldenId& into, const GoldenId& from,
                            const std::string& actor, Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  return merge_goldens(context, into, from, actor);
}

model::Result<GoldenId> Engine::split(Repository& repository, const GoldenId& golden,
                                      const std::vector<RecordRef>& refs, const std::string& actor,
                                      Micros now) {
  Context context{rules_, projection_, random_, repository, now, &notices_};
  return split_golden(context, golden, refs, actor);
}

}  // namespace huiliu::sync
