#include "hub/sync/create.hpp"

#include <algorithm>

#include "hub/mapping/mapping.hpp"
#include "hub/normalize/normalize.hpp"
#include "hub/sync/link.hpp"
#include "hub/sync/lists.hpp"
#include "hub/sync/merge.hpp"
#include "hub/sync/removal.hpp"
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
  // A person wants a record that was deleted there made again.
  bool wanted_again() const {
    return std::any_of(cluster.replicas.begin(), cluster.replicas.end(), [&](const Replica& replica) {
      return replica.ref.connection == connection.name && replica.gone && replica.removal &&
             replica.removal->again;
    });
  }
  bool asked_for() const { return decision() == "approved" || wanted_again(); }
  Held held(Why why, std::string reason, const std::string& field = {}) const {
    return {{connection.name, stream.stream, {}}, golden().id, field, why, std::move(reason)};
  }
};

// No record of this golden there now or ever: one that a person deleted there is not made again without a
// person.
bool was_ever_there(const CreateDue& create) {
  if (create.wanted_again()) return false;
  return std::any_of(create.cluster.replicas.begin(), create.cluster.replicas.end(),
                     [&](const Replica& replica) {
                       if (replica.gone && planted(Mutant::create_although_deleted)) return false;
                       if (was_deleted_by_us(replica)) return false;
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
  const RecordRef there{create.connection.name, create.stream.stream, {}};
  const auto ops = create.stream.ops.find(field);
  if (!may_receive(right_of(create.context.rules, create.golden(), there, field))) return;
  FieldValue own;
  const FieldValue* const target =
      target_of(create.context.rules, create.entity, there, field, golden, ReplicaField{}, own);
  if (target == nullptr || !target->has_value()) return;
  const std::string& name = create.entity.fields[field].name;
  if (ops != create.stream.ops.end() && !ops->second.create) {
    out.held.push_back(create.held(Why::unsupported, "cannot be given on creation", name));
    return;
  }
  if (create.connection.withheld)
    if (std::string why = create.connection.withheld(create.golden(), field); !why.empty()) {
      out.held.push_back(create.held(Why::privacy, std::move(why), name));
      return;
    }
  const auto shown = create.context.projection.project(there.connection, there.stream, field, *target,
                                                       create.context.repository);
  if (shown.kind == Projection::Result::Kind::shows) {
    out.sent.push_back({field, {}, *target, golden.version});
  } else {
    const bool waits = shown.kind == Projection::Result::Kind::waiting;
    const std::string why = waits ? waiting_reason(create.context, create.entity.fields[field], *target,
                                                   create.connection.name, shown.reason)
                                  : shown.reason;
    out.held.push_back(create.held(waits ? Why::waiting_reference : Why::unsupported, why, name));
  }
}

// Fields that the request itself states (group, currency, …): golden has none, each system keeps its own.
void add_stated_fields(const CreateDue& create, CreateFields& out) {
  for (const auto& [word, text] : create.connection.create_words(create.golden())) {
    const FieldIndex field = create.entity.index_of(word);
    const auto ops = create.stream.ops.find(field);
    const bool possible = ops == create.stream.ops.end() || ops->second.create;
    if (!create.stream.rights.contains(field) || !possible || text.empty()) continue;
    const bool there =
        std::any_of(out.sent.begin(), out.sent.end(), [&](const auto& sent) { return sent.field == field; });
    const auto value = mapping::field_value(create.entity.fields[field], model::Value(text));
    if (there) continue;
    if (value.ok())
      out.sent.push_back({field, {}, *value, 0});
    else
      out.held.push_back(create.held(Why::unsupported, value.error().message, word));
  }
}

CreateFields fields_to_create(const CreateDue& create) {
  CreateFields out;
  for (const auto& [field, golden] : create.golden().fields) add_field(create, field, golden, out);
  add_stated_fields(create, out);
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

bool is_excused(const CreateDue& create, const RequiredField& required) {
  return std::any_of(required.unless.begin(), required.unless.end(), [&](const auto& unless) {
    const auto golden = create.golden().fields.find(unless.first);
    return golden != create.golden().fields.end() && golden->second.value.has_value() &&
           unless.second.contains(golden->second.value.value.to_text());
  });
}

// Why a required field is not good enough; "" when it is.
std::string lacks(const CreateDue& create, const RequiredField& required, const CreateFields& fields) {
  const auto golden = create.golden().fields.find(required.field);
  if (golden == create.golden().fields.end() || !golden->second.value.has_value()) return "empty";
  const std::string& type = create.entity.fields[required.field].type;
  if (type == "uscc" &&
      !normalize::normalize(normalize::Kind::uscc, golden->second.value.value.to_text()).valid)
    return "not a valid credit code";
  const auto held = std::find_if(fields.held.begin(), fields.held.end(),
                                 [&](const Held& each) { return each.field == required.name; });
  return held == fields.held.end() ? std::string() : held->reason;
}

std::vector<Missing> missing_of(const CreateDue& create, const CreateFields& fields) {
  std::vector<Missing> missing;
  if (create.entity.name == "customer")
    for (const auto& required : create.connection.complete) {
      if (required.ask || required.field == model::no_field || is_excused(create, required)) continue;
      if (auto why = lacks(create, required, fields); !why.empty())
        missing.push_back({required.name, std::move(why)});
    }
  for (const FieldIndex field : fields.missing) {
    const std::string& name = create.entity.fields[field].name;
    const bool listed = std::any_of(missing.begin(), missing.end(),
                                    [&](const Missing& known) { return known.field == name; });
    if (!listed) missing.push_back({name, "the system takes no record without it"});
  }
  return missing;
}

std::string state_of_request(const CreateDue& create, const CreateFields& fields) {
  std::string text = fingerprint_of(create, fields.sent);
  for (const auto& missing : missing_of(create, fields)) text += '/' + missing.field;
  return std::to_string(model::hash64(text));
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
  const bool approved = create.rule() == CreateRule::automatic || create.asked_for() ||
                        create.decision().starts_with("rejected:");
  if (create.decision() == "returned:" + state_of_request(create, fields))
    return create.held(Why::waiting_review, "sent back to be completed");
  if (!approved) return create.held(Why::waiting_review, "creation request");
  if (create.rule() == CreateRule::automatic)
    if (const auto missing = missing_of(create, fields); !missing.empty())
      return create.held(Why::reference_missing_required,
                         "missing for a new record: " + missing.front().reason, missing.front().field);
  if (!fields.missing.empty())
    return create.held(Why::reference_missing_required, "missing for a new record",
                       create.entity.fields[fields.missing.front()].name);
  if (create.decision() == "rejected:" + fingerprint_of(create, fields.sent))
    return create.held(Why::refused, "the system did not take this record");
  return std::nullopt;
}

// What the request asks for besides golden values, and what it states: null, the system's own default
// applies.
model::Value asked_words(const CreateDue& create) {
  model::Object asked;
  const auto stated = create.connection.create_words(create.golden());
  for (const auto& required : create.connection.complete)
    if (required.ask) asked.set(required.name, model::Value());
  for (const auto& [word, value] : stated) asked.set(word, value);
  return asked;
}

// The likely duplicates, each with what it is called, so that a person can judge without looking them up.
model::Value duplicates_of(const CreateDue& create) {
  model::Value similar = similar_to(create.context, create.cluster, create.entity);
  if (auto* list = similar.if_array())
    for (auto& each : *list) {
      const auto golden = create.context.repository.load_golden(each["golden"].to_text());
      if (!golden) continue;
      each.as_object().set("name", title_of(create.entity, *golden));
      const auto number = golden->fields.find(create.entity.index_of("identifiers.main_number"));
      if (number != golden->fields.end()) each.as_object().set("number", plain(number->second.value));
    }
  return similar;
}

model::Value create_evidence(const CreateDue& create, const CreateFields& fields) {
  model::Object sent;
  for (const auto& field : fields.sent) sent.set(create.entity.fields[field.field].name, field.to.value);
  model::Array left_out;
  for (const auto& held : fields.held)
    left_out.emplace_back(model::Object{{"field", held.field}, {"reason", held.reason}});
  model::Array missing;
  model::Object why;
  for (const auto& each : missing_of(create, fields)) {
    missing.emplace_back(each.field);
    why.set(each.field, each.reason);
  }
  return model::Object{{"connection", create.connection.name}, {"stream", create.stream.stream},
                       {"customer", create.golden().id},       {"fields", std::move(sent)},
                       {"missing", std::move(missing)},        {"missing_why", std::move(why)},
                       {"asked", asked_words(create)},         {"left_out", std::move(left_out)},
                       {"duplicates", duplicates_of(create)}};
}

}  // namespace

std::vector<Missing> missing_to_create(Context& context, const Cluster& cluster, const model::Entity& entity,
                                       const ConnectionRules& connection) {
  const StreamRules* const stream = connection.for_entity(entity.name);
  if (stream == nullptr) return {};
  const CreateDue create{context, cluster, entity, connection, *stream};
  return missing_of(create, fields_to_create(create));
}

std::string request_fingerprint(Context& context, const Cluster& cluster, const model::Entity& entity,
                                const ConnectionRules& connection) {
  const StreamRules* const stream = connection.for_entity(entity.name);
  if (stream == nullptr) return {};
  const CreateDue create{context, cluster, entity, connection, *stream};
  return state_of_request(create, fields_to_create(create));
}

std::string create_question(const std::string& connection, const GoldenId& golden) {
  return "create/" + connection + "/" + golden;
}

std::string create_fingerprint(const std::vector<IntentField>& fields, const model::Entity& entity) {
  std::string text;
  for (const auto& field : fields) text += entity.fields[field.field].name + '=' + field.value.key + '\n';
  return std::to_string(model::hash64(text));
}

void use_up_wish(Work& work, const std::string& connection) {
  for (auto& replica : work.cluster.replicas)
    if (replica.ref.connection == connection && replica.removal) replica.removal->again = false;
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
       "in scope, " + std::string(create.decision() == "approved" ? "approved" : "created by rule"),
       create.asked_for()});
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
  review.choices = {"approve", "refuse", "return"};
  review.evidence = create_evidence(create, fields_to_create(create));
  review.dedupe = create_question(connection.name, cluster.golden.id);
  ask(context, std::move(review));
}

}  // namespace huiliu::sync
