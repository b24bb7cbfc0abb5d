#include "hub/run/rules_builder.hpp"

#include <algorithm>

#include "hub/expr/expr.hpp"
#include "hub/mapping/functions.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::FieldIndex;
using model::make_error;
using model::Result;
using model::Value;
using sync::Right;

bool lists(const Value& array, std::string_view word) {
  const model::Array* items = array.if_array();
  return items != nullptr &&
         std::any_of(items->begin(), items->end(), [&](const Value& item) { return item.to_text() == word; });
}

const Value* manifest_stream(const Value& manifest, const std::string& name) {
  if (const model::Array* streams = manifest["streams"].if_array())
    for (const Value& stream : *streams)
      if (stream["name"].to_text() == name) return &stream;
  return nullptr;
}

sync::WriteGrade grade_of(const Value& manifest) {
  const std::string letter = manifest["grade"]["write"].to_text();
  return letter == "A"   ? sync::WriteGrade::conditional
         : letter == "B" ? sync::WriteGrade::before_image
                         : sync::WriteGrade::blind;
}

// "phones[switchboard]" → "phones.switchboard"
std::string document_path(const std::string& field) {
  std::string path = field;
  std::replace(path.begin(), path.end(), '[', '.');
  std::erase(path, ']');
  return path;
}

Right pack_right(const config::PolicyPack& pack, const std::string& entity, const std::string& field,
                 const std::string& column) {
  const auto fields = pack.rights.find(entity);
  if (fields == pack.rights.end()) return Right::ignore;
  const auto letters = fields->second.find(field);
  if (letters == fields->second.end()) return Right::ignore;
  const auto letter = letters->second.find(column);
  return letter == letters->second.end() ? Right::ignore : letter->second;
}

sync::FieldOps ops_of(const Value& stream, const mapping::StreamMapping& mapped, FieldIndex field) {
  sync::FieldOps ops;
  const bool writes = mapped.direction(field) != mapping::Direction::in;
  const Value& declared = stream["fields"][mapped.write_path(field)];
  if (const model::Object* declaration = declared.if_object()) {
    const Value& operations = declared["operations"];
    ops.create = lists(operations, "create");
    ops.update = lists(operations, "update");
    ops.clear = lists(operations, "clear");
    if (const Value* length = declaration->find("max_length"); length != nullptr && length->is_number())
      ops.max_length = static_cast<std::size_t>(length->as_number().to_int64().value_or(0));
  }
  if (!writes) ops = {false, false, false, ops.max_length};
  return ops;
}

sync::StreamRules stream_rules(const ConnectionFacts& facts, const mapping::StreamMapping& mapped,
                               const config::Config& config) {
  const model::Entity& entity = *config.schema.find(mapped.entity());
  const Value* declared = manifest_stream(*facts.manifest, mapped.stream());
  static const Value nothing;
  const Value& stream = declared == nullptr ? nothing : *declared;
  const Value& writes = stream["capabilities"]["write"];
  const Value& grade = (*facts.manifest)["grade"];
  sync::StreamRules rules;
  rules.stream = mapped.stream();
  rules.entity = mapped.entity();
  rules.writable = !entity.reference_data && lists(writes, "update");
  rules.creatable = !entity.reference_data && lists(writes, "create");
  rules.disablable = !entity.reference_data && lists(writes, "disable");
  // Whether a customer should exist there is a question of its own; the people of one that is there follow
  // it.
  if (entity.name != "customer" && facts.config->create != sync::CreateRule::never)
    rules.create = sync::CreateRule::automatic;
  const model::Number* lag = grade["lag_seconds"].if_number();
  rules.list_may_lag = lag != nullptr && lag->to_double() > 0;
  const bool* deletes = grade["deletes_visible"].if_bool();
  rules.deletes_visible = deletes == nullptr || *deletes;
  rules.has_tokens = grade["write"].to_text() == "A";
  // A stream may play another part than its system: an address book inside a CRM.
  const std::string role = stream["role"].to_text();
  const std::string column = role.empty() ? policy_column(config, *facts.config) : role;
  const auto& own = facts.config->rights;
  for (const FieldIndex field : mapped.fields()) {
    const std::string& name = entity.fields[field].name;
    Right right =
        entity.reference_data ? Right::shared : pack_right(config.policies, entity.name, name, column);
    if (const auto exceptions = own.find(entity.name); exceptions != own.end())
      if (const auto found = exceptions->second.find(name); found != exceptions->second.end())
        right = found->second;
    rules.rights[field] = right;
    rules.ops[field] = ops_of(stream, mapped, field);
    // A person is created under his company, not beside it.
    const std::string& target = entity.fields[field].reference_to;
    const bool belongs_to_master = !target.empty() && !config.schema.find(target)->reference_data &&
                                   mapped.direction(field) != mapping::Direction::in;
    if (mapped.required(field) || belongs_to_master) rules.required_to_create.push_back(field);
  }
  return rules;
}

std::function<bool(const sync::Golden&)> scope_of(const config::ConnectionConfig& connection,
                                                  const config::Config& config) {
  if (connection.scope.empty()) return {};
  auto compiled = expr::compile(connection.scope);
  if (!compiled.ok()) return [](const sync::Golden&) { return false; };  // refused when the file was loaded
  return [program = std::move(*compiled), &config](const sync::Golden& golden) {
    const model::Entity* entity = config.schema.find(golden.entity);
    if (entity == nullptr || golden.entity != "customer")
      return true;  // scope speaks of customers; contacts follow theirs
    const Value document = golden_document(*entity, golden);
    expr::Context context;
    context.functions = &mapping::record_functions();
    const auto result = expr::evaluate(program, &document, context);
    if (!result.ok() || !*result) return false;
    const bool* boolean = (*result)->if_bool();
    return boolean != nullptr && *boolean;
  };
}

sync::Policy policy_from(const std::string& name) {
  if (name == "union") return sync::Policy::union_of_elements;
  if (name == "first" || name == "fill") return sync::Policy::fill;
  if (name == "longest") return sync::Policy::longest;
  if (name == "most_frequent") return sync::Policy::most_frequent;
  if (name == "manual") return sync::Policy::manual;
  if (name == "authority") return sync::Policy::authority;
  return sync::Policy::latest;
}

// The order of connections that is meant everywhere: ERP before CRM before the rest, then rank, then name.
int role_order(const std::string& role) {
  static constexpr std::string_view order[] = {"erp", "crm", "chat", "address_book", "site"};
  return static_cast<int>(std::find(std::begin(order), std::end(order), role) - std::begin(order));
}

Right right_of(const sync::ConnectionRules& connection, const std::string& entity, FieldIndex field) {
  const sync::StreamRules* stream = connection.for_entity(entity);
  if (stream == nullptr) return Right::missing;
  const auto found = stream->rights.find(field);
  return found == stream->rights.end() ? Right::missing : found->second;
}

// Connections in their order, so that rank in the engine is a position in this list.
std::vector<sync::ConnectionRules*> in_order(sync::Rules& rules, const std::vector<ConnectionFacts>& facts) {
  std::vector<const config::ConnectionConfig*> sorted;
  for (const ConnectionFacts& fact : facts) sorted.push_back(fact.config);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return std::tuple(role_order(a->role), a->rank, a->name) <
           std::tuple(role_order(b->role), b->rank, b->name);
  });
  std::vector<sync::ConnectionRules*> ordered;
  for (const auto* connection : sorted) ordered.push_back(&rules.connections.at(connection->name));
  return ordered;
}

// "A missing role hands its authority on: no crm → home ERP, no ERP → crm, neither → hub."
void hand_on_authority(const model::Entity& entity, FieldIndex field, const config::PolicyPack& pack,
                       const std::vector<sync::ConnectionRules*>& ordered) {
  bool has_owner = false;
  bool has_shared = false;
  for (const sync::ConnectionRules* connection : ordered) {
    const Right right = right_of(*connection, entity.name, field);
    has_owner |= right == Right::owner;
    has_shared |= right == Right::shared;
  }
  const auto fields = pack.rights.find(entity.name);
  if (has_owner || has_shared || fields == pack.rights.end()) return;
  const auto letters = fields->second.find(entity.fields[field].name);
  if (letters == fields->second.end()) return;
  const bool owned_somewhere = std::any_of(letters->second.begin(), letters->second.end(),
                                           [](const auto& letter) { return letter.second == Right::owner; });
  if (!owned_somewhere) return;
  for (sync::ConnectionRules* connection : ordered) {
    if (connection->role != "erp" && connection->role != "crm") continue;
    for (auto& [name, stream] : connection->streams)
      if (const auto right = stream.rights.find(field);
          stream.entity == entity.name && right != stream.rights.end() &&
          (right->second == Right::propose || right->second == Right::fill)) {
        right->second = Right::owner;
        return;
      }
  }
}

sync::FieldPolicy field_policy(const model::Entity& entity, FieldIndex field, const config::PolicyPack& pack,
                               const std::vector<sync::ConnectionRules*>& ordered) {
  sync::FieldPolicy policy;
  std::vector<std::string> proposers;
  for (const sync::ConnectionRules* connection : ordered) {
    const Right right = right_of(*connection, entity.name, field);
    if (right == Right::owner) policy.authority.push_back(connection->name);
    if (right == Right::propose) proposers.push_back(connection->name);
  }
  const bool owned = !policy.authority.empty();
  policy.authority.insert(policy.authority.end(), proposers.begin(), proposers.end());
  policy.policy = owned ? sync::Policy::authority
                  : entity.fields[field].multiplicity == model::Multiplicity::list
                      ? sync::Policy::union_of_elements
                      : sync::Policy::latest;
  if (const auto fields = pack.policies.find(entity.name); fields != pack.policies.end())
    if (const auto stated = fields->second.find(entity.fields[field].name); stated != fields->second.end())
      policy.policy = policy_from(stated->second);
  return policy;
}

}  // namespace

std::string policy_column(const config::Config& config, const config::ConnectionConfig& connection) {
  if (connection.role != "erp") return connection.role;
  for (const config::ConnectionConfig& other : config.connections)
    if (other.enabled && other.role == "erp" &&
        std::tuple(other.rank, other.name) < std::tuple(connection.rank, connection.name))
      return "other";
  return "home";
}

Value golden_document(const model::Entity& entity, const sync::Golden& golden) {
  Value document = model::Object{};
  for (const auto& [index, field] : golden.fields)
    if (field.value.has_value())
      document.make_path(document_path(entity.fields[index].name)) = field.value.value;
  return document;
}

Result<sync::Rules> make_rules(const config::Config& config,
                               const std::vector<ConnectionFacts>& connections) {
  sync::Rules rules;
  rules.schema = &config.schema;
  for (const ConnectionFacts& facts : connections) {
    sync::ConnectionRules connection;
    connection.name = facts.config->name;
    connection.role = facts.config->role;
    connection.stage = facts.config->stage;
    connection.create = facts.config->create;
    connection.grade = grade_of(*facts.manifest);
    connection.in_scope = scope_of(*facts.config, config);
    connection.brakes = facts.config->brakes;
    for (const mapping::StreamMapping& mapped : facts.mapping->streams()) {
      const Value& streams = (*facts.manifest)["streams"];
      if (streams.is_array() && !streams.as_array().empty() &&
          manifest_stream(*facts.manifest, mapped.stream()) == nullptr)
        return make_error(ErrorClass::config,
                          "its mapping has the stream \"" + mapped.stream() + "\", which the connector " +
                              facts.config->connector + " does not offer",
                          facts.config->document == nullptr ? facts.config->name
                                                            : facts.config->document->at("/connector"));
      connection.streams.emplace(mapped.stream(), stream_rules(facts, mapped, config));
    }
    rules.connections.emplace(connection.name, std::move(connection));
  }
  sync::ConnectionRules console;
  console.name = "hub";
  console.role = "hub";
  console.rank = -1;
  rules.connections.emplace("hub", std::move(console));

  const auto ordered = in_order(rules, connections);
  for (std::size_t i = 0; i < ordered.size(); ++i) ordered[i]->rank = static_cast<int>(i);
  for (const model::Entity& entity : config.schema.entities())
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
      const auto field = static_cast<FieldIndex>(i);
      if (!entity.reference_data) hand_on_authority(entity, field, config.policies, ordered);
      rules.policies[{entity.name, field}] = field_policy(entity, field, config.policies, ordered);
      const auto& links = config.policies.link_fields;
      if (std::find(links.begin(), links.end(), entity.fields[i].name) != links.end())
        rules.link_fields.emplace(entity.name, field);
    }
  return rules;
}

}  // namespace huiliu::run
