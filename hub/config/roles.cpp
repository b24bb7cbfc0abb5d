#include "hub/config/roles.hpp"

#include <algorithm>

#include "hub/config/people.hpp"

namespace huiliu::config {
namespace {

using model::Result;
using model::Status;
using model::Value;

Result<FieldRight> right_from(const Value& node, const std::string& pointer) {
  const std::string word = node.to_text();
  if (word == "hidden") return FieldRight{Sees::nothing, false};
  if (word == "masked") return FieldRight{Sees::masked, false};
  if (word == "read") return FieldRight{Sees::plain, false};
  if (word == "write") return FieldRight{Sees::plain, true};
  if (word == "masked_write") return FieldRight{Sees::masked, true};
  return error_at(pointer, "hidden, masked, read, write or masked_write is wanted, not \"" + word + "\"");
}

bool is_class(const std::string& name) {
  static constexpr std::string_view classes[] = {"name", "phone", "email", "id", "address"};
  return std::find(std::begin(classes), std::end(classes), name) != std::end(classes);
}

bool is_field(const std::string& name, const model::Schema& schema) {
  return std::any_of(schema.entities().begin(), schema.entities().end(), [&](const model::Entity& entity) {
    return name.starts_with("parts.") ? entity.part_field(name.substr(6)) != nullptr
                                      : entity.index_of(name) != model::no_field;
  });
}

Status read_fields(const Value& node, const std::string& pointer, const model::Schema& schema, bool strict,
                   RolePolicy& role) {
  const model::Object* members = node.if_object();
  if (members == nullptr) return error_at(pointer, "fields are {default: …, CLASS or FIELD: …}");
  for (const model::Member& member : *members) {
    const std::string here = pointer + "/" + member.key;
    HUILIU_ASSIGN(const FieldRight right, right_from(member.value, here));
    if (member.key == "default")
      role.otherwise = right;
    else if (is_class(member.key))
      role.classes[member.key] = right;
    else if (!strict || is_field(member.key, schema))
      role.fields[member.key] = right;
    else
      return error_at(here, "no class of personal data and no field is called \"" + member.key + "\"");
  }
  return {};
}

Result<Rows> rows_from(const Value& node, const std::string& pointer) {
  const std::string word = node.to_text();
  if (word == "none") return Rows::none;
  if (word == "own") return Rows::own;
  if (word == "department") return Rows::department;
  if (word == "all") return Rows::all;
  return error_at(pointer, "rows are none, own, department or all, not \"" + word + "\"");
}

Result<RolePolicy> read_role(const model::Member& member, const model::Schema& schema, bool strict) {
  const std::string here = "/" + member.key;
  if (!is_people_role(member.key))
    return error_at(here, "no role is called \"" + member.key + "\"; known: " + people_role_names());
  HUILIU_TRY(check_keys(member.value, here, {"label", "second_factor", "functions", "rows", "fields"}));
  RolePolicy role;
  role.name = member.key;
  role.zh = member.value["label"]["zh"].to_text();
  role.en = member.value["label"]["en"].to_text();
  if (const bool* needed = member.value["second_factor"].if_bool()) role.second_factor = *needed;
  if (const model::Array* names = member.value["functions"].if_array())
    for (const Value& name : *names) {
      if (!is_function(name.to_text()))
        return error_at(here + "/functions", "no function is called \"" + name.to_text() + "\"");
      role.functions.insert(name.to_text());
    }
  HUILIU_ASSIGN(role.rows, rows_from(member.value["rows"], here + "/rows"));
  HUILIU_TRY(read_fields(member.value["fields"], here + "/fields", schema, strict, role));
  return role;
}

}  // namespace

const std::vector<std::string_view>& functions() {
  static const std::vector<std::string_view> names = {
      "customers.read",      "customers.write",   "customers.merge",      "customers.reveal",
      "customers.export",    "reviews.read",      "reviews.decide",       "runs.read",
      "runs.operate",        "dead-letters.read", "dead-letters.operate", "connections.read",
      "connections.operate", "mappings.read",     "schedules.read",       "config.read",
      "config.write",
      "users.read",          "users.write",       "secrets.read",         "secrets.write",
      "audit.read",          "privacy.read",      "privacy.operate"};
  return names;
}

bool is_function(std::string_view name) {
  return std::find(functions().begin(), functions().end(), name) != functions().end();
}

Result<RolePolicies> read_roles(const Value& node, const model::Schema& schema, bool strict) {
  const model::Object* members = node.if_object();
  if (members == nullptr) return error_at("", "roles are {ROLE: {functions, rows, fields}}");
  RolePolicies roles;
  for (const model::Member& member : *members) {
    HUILIU_ASSIGN(RolePolicy role, read_role(member, schema, strict));
    roles.emplace(member.key, std::move(role));
  }
  return roles;
}

}  // namespace huiliu::config
