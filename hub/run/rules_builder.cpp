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

// Sites may open fields of approved records: `update_if_listed_in` names the setting that lists such paths.
bool site_allows_update(const Value& declared, const std::string& path, const Value& settings) {
  const std::string setting = declared["update_if_listed_in"].to_text();
  return !setting.empty() &&
         (lists(settings[setting], path) || lists(settings[setting], path.substr(0, path.find('.'))));
}

// What the manifest declares about one path; nothing said: everything is possible.
sync::FieldOps ops_at(const Value& stream, const std::string& path, const Value& settings) {
  sync::FieldOps ops;
  const Value& declared = stream["fields"][path];
  const model::Object* declaration = declared.if_object();
  if (declaration == nullptr) return ops;
  const Value& operations = declared["operations"];
  ops.create = lists(operations, "create");
  ops.update = lists(operations, "update") || site_allows_update(declared, path, settings);
  ops.clear = lists(operations, "clear");
  if (const Value* length = declaration->find("max_length"); length != nullptr && length->is_number())
    ops.max_length = static_cast<std::size_t>(length->as_number().to_int64().value_or(0));
  return ops;
}

// A value that stands in several members can do what all of them can.
sync::FieldOps ops_of(const Value& stream, const mapping::StreamMapping& mapped, FieldIndex field,
                      const Value& settings) {
  if (mapped.direction(field) == mapping::Direction::in) return {false, false, false, 0};
  const auto paths = mapped.write_paths(field);
  if (paths.size() == 1) return ops_at(stream, paths.front(), settings);
  sync::FieldOps all;
  for (const std::string& path : paths) {
    const sync::FieldOps one = ops_at(stream, path, settings);
    all = {all.create && one.create, all.update && one.update, all.clear && one.clear, 0};
  }
  return all;
}

// The fields that a write may change without naming them; nullopt: the manifest says nothing of any.
std::optional<std::set<FieldIndex>> touched_by_writes(const Value& stream,
                                                      const mapping::StreamMapping& mapped) {
  std::optional<std::set<FieldIndex>> touched;
  for (const FieldIndex field : mapped.fields())
    for (const std::string& path : mapped.write_paths(field)) {
      const bool* const said = stream["fields"][path]["touched_by_writes"].if_bool();
      if (said == nullptr) continue;
      if (!touched) touched.emplace();
      if (*said) touched->insert(field);
    }
  return touched;
}

// Everything about rights while the rules are made.
struct RightsOf {
  const config::Config& config;
  const config::ConnectionConfig& connection;
  RightReasons* reasons;

  Right over(const model::Entity& entity, const std::string& stream, FieldIndex field,
             const std::string& column) const {
    const std::string& name = entity.fields[field].name;
    RightReason reason;
    reason.column = column;
    reason.stated = config.policies.right(entity.name, name, column);
    Right right = reason.stated;
    if (entity.reference_data) {
      reason.why = RightReason::Why::reference;
      right = Right::shared;
    } else if (config.policies.rights.contains(entity.name) &&
               config.policies.rights.at(entity.name).contains(name)) {
      reason.why = RightReason::Why::pack;
      reason.line = config.policies.line_of(entity.name, name);
    }
    if (const auto own = connection.rights.find(entity.name); own != connection.rights.end())
      if (const auto found = own->second.find(name); found != own->second.end()) {
        right = found->second;
        reason.why = RightReason::Why::exception;
        if (connection.document != nullptr)
          reason.line = connection.document->at("/rights/" + entity.name + "/" + name);
      }
    if (reasons != nullptr) (*reasons)[{connection.name, stream, field}] = std::move(reason);
    return right;
  }
};

// The role under which a stream's rights stand: its own where the connector states one (external contacts of
// an office suite are persons of an address book, whatever role the connection has), else the connection's.
std::string column_of(const config::Config& config, const config::ConnectionConfig& connection,
                      const Value& stream) {
  const std::string own = stream["role"].to_text();
  return own.empty() ? policy_column(config, connection) : own;
}

bool has_several_erps(const config::Config& config) {
  return std::count_if(config.connections.begin(), config.connections.end(), [](const auto& connection) {
           return connection.enabled && connection.role == "erp";
         }) > 1;
}

sync::StreamRules stream_rules(const ConnectionFacts& facts, const mapping::StreamMapping& mapped,
                               const config::Config& config, RightReasons* reasons) {
  const model::Entity& entity = *config.schema.find(mapped.entity());
  const Value* declared = manifest_stream(*facts.manifest, mapped.stream());
  static const Value nothing;
  const Value& stream = declared == nullptr ? nothing : *declared;
  const Value& writes = stream["capabilities"]["write"];
  const Value& grade = (*facts.manifest)["grade"];
  sync::StreamRules rules;
  rules.stream = mapped.stream();
  rules.entity = mapped.entity();
  rules.role = stream["role"].to_text().empty() ? facts.config->role : stream["role"].to_text();
  rules.create_organisation = stream["create_organisation"].to_text();
  rules.writable = !entity.reference_data && lists(writes, "update");
  rules.creatable = !entity.reference_data && lists(writes, "create");
  rules.disablable = !entity.reference_data && lists(writes, "disable") && mapped.has_switch();
  // No delete is ever sent to an ERP.
  rules.deletable = !entity.reference_data && lists(writes, "delete") && facts.config->role != "erp";
  if (const auto own = facts.config->on_delete_of.find(mapped.stream());
      own != facts.config->on_delete_of.end())
    rules.on_delete = own->second;
  // Whether a customer should exist there is a question of its own; the people of one that is there follow
  // it.
  if (entity.name != "customer" && facts.config->create != sync::CreateRule::never)
    rules.create = sync::CreateRule::automatic;
  const model::Number* lag = grade["lag_seconds"].if_number();
  rules.list_may_lag = lag != nullptr && lag->to_double() > 0;
  const bool* deletes = grade["deletes_visible"].if_bool();
  rules.deletes_visible = deletes == nullptr || *deletes;
  rules.has_tokens = grade["write"].to_text() == "A";
  rules.touched_by_writes = touched_by_writes(stream, mapped);
  const std::string column = column_of(config, *facts.config, stream);
  const bool home_may_move =
      facts.config->role == "erp" && has_several_erps(config) && !entity.reference_data;
  const RightsOf rights{config, *facts.config, reasons};
  const RightsOf unexplained{config, *facts.config, nullptr};
  for (const FieldIndex field : mapped.fields()) {
    rules.rights[field] = rights.over(entity, mapped.stream(), field, column);
    if (home_may_move) {
      rules.rights_as_home[field] = unexplained.over(entity, mapped.stream(), field, "home");
      rules.rights_as_other[field] = unexplained.over(entity, mapped.stream(), field, "other");
    }
    rules.ops[field] = ops_of(stream, mapped, field, facts.config->settings);
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

std::vector<sync::RequiredField> required_of(const config::Config& config, const std::string& role) {
  std::vector<sync::RequiredField> required;
  const model::Entity* customer = config.schema.find("customer");
  const auto items = config.policies.complete.find(role);
  if (customer == nullptr || items == config.policies.complete.end()) return required;
  for (const config::Requirement& item : items->second) {
    sync::RequiredField field{item.field, customer->index_of(item.field), item.ask, {}};
    for (const auto& [name, values] : item.unless) field.unless[customer->index_of(name)] = values;
    required.push_back(std::move(field));
  }
  return required;
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

// "A missing role hands its authority on: no crm → home ERP, no ERP → crm, neither → hub." The letters that
// may become O: whoever receives or proposes the field.
bool may_stand_in(Right right) {
  return right == Right::propose || right == Right::fill || right == Right::receive;
}

void hand_on_authority(const model::Entity& entity, FieldIndex field, const config::PolicyPack& pack,
                       const std::vector<sync::ConnectionRules*>& ordered, RightReasons* reasons) {
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
    for (auto& [name, stream] : connection->streams) {
      const auto right = stream.rights.find(field);
      if (stream.entity != entity.name || right == stream.rights.end() || !may_stand_in(right->second))
        continue;
      right->second = Right::owner;
      if (const auto home = stream.rights_as_home.find(field); home != stream.rights_as_home.end())
        home->second = Right::owner;
      if (reasons != nullptr) (*reasons)[{connection->name, name, field}].why = RightReason::Why::handed_on;
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

// Accounts that the table of employees names.
void take_employee_table(const config::Config& config, sync::Rules& rules) {
  const model::Entity* employee = config.schema.find("employee");
  const FieldIndex number = employee == nullptr ? model::no_field : employee->index_of("job_number");
  if (number == model::no_field) return;
  for (const config::EmployeeRow& row : config.employees) {
    const sync::ConnectionRules* connection = rules.connection(row.connection);
    const sync::StreamRules* stream = connection == nullptr ? nullptr : connection->for_entity("employee");
    if (stream == nullptr) continue;
    const std::string key = mapping::field_key(employee->fields[number], Value(row.employee));
    const model::RecordRef account{row.connection, stream->stream, row.key};
    rules.said_numbers[account] = key;
    rules.said_accounts[key].push_back(account);
  }
}

bool is_new_field(const config::Config& config, const std::string& entity, const std::string& field) {
  const auto fields = config.policies.rights.find(entity);
  if (fields != config.policies.rights.end() && fields->second.contains(field)) return false;
  return std::none_of(config.connections.begin(), config.connections.end(), [&](const auto& connection) {
    const auto own = connection.rights.find(entity);
    return own != connection.rights.end() && own->second.contains(field);
  });
}

}  // namespace

void give_new_fields(const config::Config& config, sync::Rules& rules, RightReasons* reasons) {
  std::vector<sync::ConnectionRules*> ordered;
  for (auto& [name, connection] : rules.connections)
    if (name != "hub") ordered.push_back(&connection);
  std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) { return a->rank < b->rank; });
  for (const model::Entity& entity : config.schema.entities())
    for (std::size_t i = 0; i < entity.fields.size() && !entity.reference_data; ++i) {
      const auto field = static_cast<FieldIndex>(i);
      if (!is_new_field(config, entity.name, entity.fields[i].name)) continue;
      std::vector<std::pair<sync::ConnectionRules*, sync::StreamRules*>> holders;
      for (sync::ConnectionRules* connection : ordered)
        for (auto& [name, stream] : connection->streams)
          if (stream.entity == entity.name && stream.rights.contains(field))
            holders.emplace_back(connection, &stream);
      const bool shared = std::all_of(holders.begin(), holders.end(), [](const auto& holder) {
        return holder.first->grade == sync::WriteGrade::conditional;
      });
      for (const auto& [connection, stream] : holders) {
        const bool first = connection == holders.front().first;
        const Right right = shared ? Right::shared : first ? Right::owner : Right::propose;
        stream->rights[field] = right;
        if (!stream->rights_as_home.empty()) {
          stream->rights_as_home[field] = shared ? Right::shared : Right::owner;
          stream->rights_as_other[field] = shared ? Right::shared : Right::propose;
        }
        if (reasons != nullptr)
          (*reasons)[{connection->name, stream->stream, field}].why =
              shared ? RightReason::Why::new_shared : RightReason::Why::new_owned;
      }
      rules.policies[{entity.name, field}] = field_policy(entity, field, config.policies, ordered);
    }
}

std::string policy_column(const config::Config& config, const config::ConnectionConfig& connection) {
  if (connection.role != "erp") return connection.role;
  for (const config::ConnectionConfig& other : config.connections)
    if (other.enabled && other.role == "erp" &&
        std::tuple(other.rank, other.name) < std::tuple(connection.rank, connection.name))
      return "other";
  return "home";
}

std::string message_stream_of(const Value& manifest) {
  const model::Array* streams = manifest["streams"].if_array();
  for (std::size_t i = 0; streams != nullptr && i < streams->size(); ++i) {
    const Value& stream = (*streams)[i];
    const auto makes = [&](const char* field) {
      return lists(stream["fields"][field]["operations"], "create");
    };
    const bool creates = lists(stream["capabilities"]["write"], "create");
    if (creates && (stream["entity"].to_text() == "message" || (makes("text") && makes("users"))))
      return stream["name"].to_text();
  }
  return {};
}

std::string allocate_path_of(const Value& manifest) {
  if (const model::Array* streams = manifest["streams"].if_array())
    for (const Value& stream : *streams)
      if (stream["entity"].to_text() == "customer") return stream["allocate_organisation"].to_text();
  return {};
}

Value golden_document(const model::Entity& entity, const sync::Golden& golden) {
  Value document = model::Object{};
  for (const auto& [index, field] : golden.fields)
    if (field.value.has_value())
      document.make_path(document_path(entity.fields[index].name)) = field.value.value;
  return document;
}

Result<sync::Rules> make_rules(const config::Config& config, const std::vector<ConnectionFacts>& connections,
                               RightReasons* reasons) {
  sync::Rules rules;
  rules.schema = &config.schema;
  for (const ConnectionFacts& facts : connections) {
    sync::ConnectionRules connection;
    connection.name = facts.config->name;
    connection.role = facts.config->role;
    connection.stage = facts.config->stage;
    connection.create = facts.config->create;
    connection.remove = facts.config->remove;
    connection.on_delete = facts.config->on_delete;
    connection.grade = grade_of(*facts.manifest);
    connection.in_scope = scope_of(*facts.config, config);
    connection.brakes = facts.config->brakes;
    connection.complete = required_of(config, facts.config->role);
    connection.create_with = facts.config->create_with;
    for (const mapping::StreamMapping& mapped : facts.mapping->streams()) {
      const Value& streams = (*facts.manifest)["streams"];
      if (streams.is_array() && !streams.as_array().empty() &&
          manifest_stream(*facts.manifest, mapped.stream()) == nullptr)
        return make_error(ErrorClass::config,
                          "its mapping has the stream \"" + mapped.stream() + "\", which the connector " +
                              facts.config->connector + " does not offer",
                          facts.config->document == nullptr ? facts.config->name
                                                            : facts.config->document->at("/connector"));
      connection.streams.emplace(mapped.stream(), stream_rules(facts, mapped, config, reasons));
    }
    rules.connections.emplace(connection.name, std::move(connection));
  }
  sync::ConnectionRules console;
  console.name = "hub";
  console.role = "hub";
  console.rank = -1;
  rules.connections.emplace("hub", std::move(console));

  take_employee_table(config, rules);
  const auto ordered = in_order(rules, connections);
  for (std::size_t i = 0; i < ordered.size(); ++i) ordered[i]->rank = static_cast<int>(i);
  for (const sync::ConnectionRules* connection : ordered)
    if (connection->role == "erp" && rules.default_home.empty()) rules.default_home = connection->name;
  for (const model::Entity& entity : config.schema.entities())
    for (std::size_t i = 0; i < entity.fields.size(); ++i) {
      const auto field = static_cast<FieldIndex>(i);
      if (!entity.reference_data) hand_on_authority(entity, field, config.policies, ordered, reasons);
      if (config.policies.console_decides(entity.name, entity.fields[i].name))
        rules.confirmed_by_authority.emplace(entity.name, field);
      rules.policies[{entity.name, field}] = field_policy(entity, field, config.policies, ordered);
      const auto& links = config.policies.link_fields;
      if (std::find(links.begin(), links.end(), entity.fields[i].name) != links.end())
        rules.link_fields.emplace(entity.name, field);
    }
  give_new_fields(config, rules, reasons);
  return rules;
}

}  // namespace huiliu::run
