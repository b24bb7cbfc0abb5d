// Roles of people as data: roles/*.yaml (own ones replace the shipped ones). What each word means stands in
// config/roles/default.yaml.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub/config/yaml.hpp"
#include "hub/model/schema.hpp"

namespace huiliu::config {

enum class Sees { nothing, masked, plain };

struct FieldRight {
  Sees sees = Sees::nothing;
  bool writes = false;
  friend bool operator==(const FieldRight&, const FieldRight&) = default;
};

enum class Rows { none, own, department, all };

struct RolePolicy {
  std::string name, zh, en;
  bool second_factor = false;  // whoever has it logs in with a one-time code
  std::set<std::string> functions;
  Rows rows = Rows::none;
  FieldRight otherwise;                       // of fields that are not named
  std::map<std::string, FieldRight> classes;  // by class of personal data
  std::map<std::string, FieldRight> fields;   // by name; part fields "parts.NAME"
};
using RolePolicies = std::map<std::string, RolePolicy>;

// Every function that exists, in the order of docs/api.md.
const std::vector<std::string_view>& functions();
bool is_function(std::string_view name);

// Errors: class config, `where` = the JSON Pointer. Unknown functions, roles, and (when `strict`) fields are
// errors.
model::Result<RolePolicies> read_roles(const model::Value& node, const model::Schema& schema, bool strict);

}  // namespace huiliu::config
