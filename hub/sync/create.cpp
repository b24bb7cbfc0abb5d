#include "hub/sync/create.hpp"

#include <algorithm>

#include "hub/sync/link.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/review.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::sync {
namespace {

using Why = Held::Why;

struct CreateDue {
  Context& context;
  const Cluster& cluster;
  const model::Entity& entity;
  const ConnectionRules& connection;
  const StreamRules& stream;

  const Golden& golden() const { return cluster.golden; }
  CreateRule rule() const { return stream.create.value_or(connection.create); }
  std::string decision() const {
    const auto found = golden().creates.find(connection.name);
    return found == golden().creates.end() ? std::string() : found->second;
  }
  Held held(Why why, std::string reason, const std::string& field = {}) const {
    return {{connection.name, stream.stream, {}}, golden().id, field, why, std::move(reason)};
  }
};

// No record of this golden there now or ever: one that was deleted there is not made again without a person.
bool was_ever_there(const CreateDue& create) {
  if (create.decision() == "again") return false;
  return std::any_of(create.cluster.replicas.begin(), create.cluster.replicas.end(),
                     [&](const Replica& replica) {
                       if (replica.gone && planted(Mutant::create_although_deleted)) return false;
                       return replica.ref.connection == create.connection.name;
                     });
}

// Is this customer one that the system should have, going by rules alone?
bool belongs(const CreateDue& create) {
  if (create.rule() == CreateRule::never || !create.stream.creatable) return false;
  if (create.decision() == "refused" || was_ever_there(create)) return false;
  return !create.connection.in_scope || create.connection.in_scope(create.golden());
}

// A customer that stands only in records in approval is known, but not yet a source for others.
bool only_in_approval(const CreateDue& create) {
  return std::all_of(create.cluster.replicas.begin(), create.cluster.replicas.end(),
                     [](const Replica& replica) {
                       return replica.gone || replica.pending_approval || is_provisional(replica.ref) ||
                              replica.ref.connection == console;
                     });
}

// Does a system that has gone far enough in going live know it? One that is only observed makes no records
// elsewhere.
bool known_by_live_system(const CreateDue& create) {
  return std::any_of(create.cluster.replicas.begin(), create.cluster.replicas.end(),
                     [&](const Replica& replica) {
                       const auto* const source = create.context.rules.connection(replica.ref.connection);
                       return !replica.gone && !is_provisional(replica.ref) &&
                              (source == nullptr || source->stage >= Stage::one_way);
                     });
}

bool all_gone(const CreateDue& create) {
  return std::all_of(
      create.cluster.replicas.begin(), create.cluster.replicas.end(),
      [](const Replica& replica) { return replica.gone || replica.ref.connection == console; });
}

// Every system that has such records was observed once: no creation anywhere before that. Returns one that
// was not.
std::string unobserved_system(const CreateDue& create) {
  for (const auto& [name, connection] : create.context.rules.connections) {
    for (const auto& [stream_name, stream] : connection.streams) {
      if (stream.entity == create.entity.name && !create.context.repository.observed(name, stream_name))
        return name;
    }
  }
  return {};
}

bool has_identity_question(const CreateDue& create) {
  if (planted(Mutant::create_while_review_open)) return false;
  return std::any_of(create.golden().judged.begin(), create.golden().judged.end(), [&](const auto& judged) {
    return judged.second == judged_asked &&
           create.context.repository.open_review(same_question(create.golden().id, judged.first)).has_value();
  });
}

struct CreateFields {
  std::vector<PlannedField> sent;
  std::vector<Held> held;           // fields that stay out
  std::vector<FieldIndex> missing;  // without these the system takes no record
};

bool is_required(const CreateDue& create, FieldIndex field) {
  const auto& required = create.stream.required_to_create;
  return std::find(required.begin(), required.end(), field) != required.end();
}

void add_field(const CreateDue& create, FieldIndex field, const GoldenField& golden, CreateFields& out) {
  const auto right = create.stream.rights.find(field);
  const auto ops = create.stream.ops.find(field);
  if (right == create.stream.rights.end() || !may_receive(right->second)) return;
  const RecordRef there{create.connection.name, create.stream.stream, {}};
  const auto target = target_of(create.context.rules, create.entity, there, field, golden, ReplicaField{});
  if (!target || !target->has_value()) return;
  const std::string& name = create.entity.fields[field].name;
  if (ops != create.stream.ops.end() && !ops->second.create) {
    out.held.push_back(create.held(Why::unsupported, "cannot be given on creation", name));
    return;
  }
  const auto shown = create.context.projection.project(there.connection, there.stream, field, *target,
                                                       create.context.repository);
  if (shown.kind == Projection::Result::Kind::shows) {
    out.sent.push_back({field, {}, *target, golden.version});
  } else {
    const bool waits = shown.kind == Projection::Result::Kind::waiting;
    out.held.push_back(create.held(waits ? Why::waiting_reference : Why::unsupported, shown.reason, name));
  }
}

CreateFields fields_to_create(const CreateDue& create) {
  CreateFields out;
  for (const auto& [field, golden] : create.golden().fields) add_field(create, field, golden, out);
  for (const FieldIndex field : create.stream.required_to_create) {
    const bool sent =
        std::any_of(out.sent.begin(), out.sent.end(), [&](const auto& s) { return s.field == field; });
    if (!sent) out.missing.push_back(field);
  }
  return out;
}

std::string fingerprint_of(const CreateDue& create, const std::vector<PlannedField>& fields) {
  std::vector<IntentField> sent;
  for (const auto& field : fields) sent.push_back({field.field, field.to, {}, field.version});
  return create_fingerprint(sent, create.entity);
}

// The reasons to wait, in the order in which a person should hear them. nullopt: nothing is in the way.
std::optional<Held> obstacle(const CreateDue& create, const CreateFields& fields) {
  if (create.connection.stage < Stage::one_way) return create.held(Why::stage, "stage of the connection");
  if (!known_by_live_system(create)) return create.held(Why::stage, "stage of the systems that have it");
  if (const auto system = unobserved_system(create); !system.empty())
    return create.held(Why::waiting_observation, system + " was not read completely yet");
  if (has_identity_question(create)) return create.held(Why::waiting_review, "possible duplicate");
  if (only_in_approval(create))
    return create.held(Why::waiting_review, "still in approval where it comes from");
  for (const auto& held : fields.held) {
    const FieldIndex field = create.entity.index_of(held.field);
    if (is_required(create, field)) return held;
  }
  const bool approved = create.rule() == CreateRule::automatic || create.decision() == "approved" ||
                        create.decision() == "again" || create.decision().starts_with("rejected:");
  if (!approved) return create.held(Why::waiting_review, "creation request");
  if (!fields.missing.empty())
    return create.held(Why::reference_missing_required, "missing for a new record",
                       create.entity.fields[fields.missing.front()].name);
  if (create.decision() == "rejected:" + fingerprint_of(create, fields.sent))
    return create.held(Why::refused, "the system did not take this record");
  return std::nullopt;
}

model::Value names_of(const model::Entity& entity, const std::vector<FieldIndex>& fields) {
  model::Array names;
  for (const FieldIndex field : fields) names.emplace_back(entity.fields[field].name);
  return names;
}

model::Value create_evidence(const CreateDue& create, const CreateFields& fields) {
  model::Object sent;
  for (const auto& field : fields.sent) sent.set(create.entity.fields[field.field].name, field.to.value);
  model::Array left_out;
  for (const auto& held : fields.held)
    left_out.emplace_back(model::Object{{"field", held.field}, {"reason", held.reason}});
  return model::Object{{"connection", create.connection.name},
                       {"stream", create.stream.stream},
                       {"fields", std::move(sent)},
                       {"missing", names_of(create.entity, fields.missing)},
                       {"left_out", std::move(left_out)},
                       {"duplicates", similar_to(create.context, create.cluster, create.entity)}};
}

}  // namespace

std::string create_question(const std::string& connection, const GoldenId& golden) {
  return "create/" + connection + "/" + golden;
}

std::string create_fingerprint(const std::vector<IntentField>& fields, const model::Entity& entity) {
  std::string text;
  for (const auto& field : fields) text += entity.fields[field.field].name + '=' + field.value.key + '\n';
  return std::to_string(model::hash64(text));
}

void use_up_decision(Work& work, const std::string& connection) {
  auto& decisions = work.golden().creates;
  const auto found = decisions.find(connection);
  if (found != decisions.end() && found->second == "again") decisions.erase(found);
}

void plan_create(Context& context, const Cluster& cluster, const model::Entity& entity,
                 const ConnectionRules& connection, Due& due) {
  const StreamRules* const stream = connection.for_entity(entity.name);
  if (stream == nullptr) return;
  const CreateDue create{context, cluster, entity, connection, *stream};
  if (!belongs(create) || all_gone(create)) return;
  CreateFields fields = fields_to_create(create);
  if (fields.sent.empty()) return;
  if (auto held = obstacle(create, fields)) {
    due.request = held->why == Why::waiting_review && held->reason == "creation request";
    due.held.push_back(std::move(*held));
    return;
  }
  due.held.insert(due.held.end(), fields.held.begin(), fields.held.end());
  due.writes.push_back(
      {{connection.name, stream->stream, {}},
       entity.name,
       cluster.golden.id,
       Op::create,
       std::move(fields.sent),
       {},
       "in scope, " + std::string(create.decision() == "approved" ? "approved" : "created by rule")});
}

void ask_for_create(Context& context, const Cluster& cluster, const model::Entity& entity,
                    const ConnectionRules& connection) {
  const StreamRules* const stream = connection.for_entity(entity.name);
  if (stream == nullptr) return;
  const CreateDue create{context, cluster, entity, connection, *stream};
  Review review;
  review.kind = ReviewKind::create;
  review.golden = cluster.golden.id;
  review.connection = connection.name;
  review.subject = title_of(entity, cluster.golden) + " → " + connection.name;
  review.choices = {"approve", "reject"};
  review.evidence = create_evidence(create, fields_to_create(create));
  review.dedupe = create_question(connection.name, cluster.golden.id);
  ask(context, std::move(review));
}

}  // namespace huiliu::sync
