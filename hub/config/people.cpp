#include "hub/config/people.hpp"

#include <algorithm>

#include "hub/config/parts.hpp"
#include "hub/config/yaml.hpp"

namespace huiliu::config {
namespace {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Value;

struct RoleName {
  const char *id, *zh, *en;
};
constexpr RoleName role_names[] = {{"admin", "系统管理员", "administrator"},
                                   {"integrator", "集成管理员", "integration administrator"},
                                   {"steward", "数据管家", "data steward"},
                                   {"finance", "财务审核", "finance approver"},
                                   {"sales_manager", "销售主管", "sales manager"},
                                   {"sales", "销售", "salesperson"},
                                   {"auditor", "审计员", "auditor"}};

}  // namespace

bool is_people_role(const std::string& role) {
  return std::any_of(std::begin(role_names), std::end(role_names),
                     [&](const RoleName& known) { return role == known.id; });
}

std::string people_role_names() {
  std::string names;
  for (const RoleName& role : role_names) names += (names.empty() ? "" : " ") + std::string(role.id);
  return names;
}

const char* people_role_label(const std::string& role, bool chinese) {
  for (const RoleName& known : role_names)
    if (role == known.id) return chinese ? known.zh : known.en;
  return "";
}

Result<Users> read_users(const Value& node, const std::string& pointer) {
  const model::Object* members = node.if_object();
  if (members == nullptr) return error_at(pointer, "users are {name: {roles: […]}}");
  Users users;
  for (const model::Member& member : *members) {
    const std::string here = pointer + "/" + member.key;
    HUILIU_TRY(check_keys(member.value, here, {"name", "roles", "employee"}));
    User user;
    user.name = member.key;
    user.shown = member.value.find("name") != nullptr ? member.value["name"].to_text() : member.key;
    user.employee = member.value["employee"].to_text();
    const model::Array* roles = member.value["roles"].if_array();
    if (roles == nullptr) return error_at(here, "a user has roles: " + people_role_names());
    for (const Value& role : *roles) {
      if (!is_people_role(role.to_text()))
        return error_at(here + "/roles",
                        "no role is called \"" + role.to_text() + "\"; known: " + people_role_names());
      user.roles.insert(role.to_text());
    }
    users.emplace(user.name, std::move(user));
  }
  return users;
}

Result<MessageSettings> read_messages(const Value& node, const std::string& pointer) {
  HUILIU_TRY(check_keys(node, pointer, {"digest", "quiet", "at_once", "time_zone", "link"}));
  MessageSettings settings;
  if (const model::Array* times = node["digest"].if_array()) {
    settings.digest.clear();
    for (std::size_t i = 0; i < times->size(); ++i) {
      HUILIU_ASSIGN(const int minutes, minute_of_day((*times)[i], pointer + "/digest/" + std::to_string(i)));
      settings.digest.push_back(minutes);
    }
    std::sort(settings.digest.begin(), settings.digest.end());
  }
  if (const Value* quiet = node.find("quiet")) {
    HUILIU_TRY(check_keys(*quiet, pointer + "/quiet", {"from", "to"}));
    HUILIU_ASSIGN(settings.quiet_from, minute_of_day((*quiet)["from"], pointer + "/quiet/from"));
    HUILIU_ASSIGN(settings.quiet_to, minute_of_day((*quiet)["to"], pointer + "/quiet/to"));
  }
  if (const model::Array* kinds = node["at_once"].if_array())
    for (const Value& kind : *kinds) settings.at_once.insert(kind.to_text());
  if (const Value* zone = node.find("time_zone")) settings.time_zone = zone->to_text();
  settings.link = node["link"].to_text();
  return settings;
}

Result<User> acting_user(const Users& users, const std::string& name) {
  const std::string wanted = name.empty() ? "console" : name;
  if (const auto found = users.find(wanted); found != users.end()) return found->second;
  if (wanted != "console")
    return make_error(ErrorClass::config,
                      "there is no user \"" + wanted + "\"; users stand in hub.yaml under `users`");
  User console{"console", "console", {}, {}};
  for (const RoleName& role : role_names) console.roles.insert(role.id);
  return console;
}

}  // namespace huiliu::config
