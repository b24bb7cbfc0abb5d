// The people who may decide, until there are log-ins: `users` in hub.yaml. A command says who acts by `--as
// NAME`; without it the console acts, which may do everything unless a user called "console" says otherwise.
//
//   users:
//     li: {name: 李会计, roles: [finance], employee: "E1003"}      # employee: job number, or an employee's
//     id
//   messages: {digest: ["09:00", "16:00"], quiet: {from: "20:00", to: "08:00"}, at_once: [change_request]}
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

struct User {
  std::string name, shown;      // the key, and what people call him
  std::set<std::string> roles;  // admin integrator steward finance sales_manager sales auditor
  std::string employee;         // job number (工号) or golden id, for messages; may be empty
};

// How messages to people travel.
struct MessageSettings {
  std::vector<int> digest = {9 * 60,
                             16 * 60};  // minutes of the day at which a digest goes out; empty: at once
  int quiet_from = 20 * 60, quiet_to = 8 * 60;  // nothing goes out in between; equal: no quiet hours
  std::set<std::string> at_once;                // kinds that do not wait for a digest, "*": all
  std::string time_zone = "Asia/Shanghai";
  std::string link;  // a message's link; "{id}" becomes the review's id
};

using Users = std::map<std::string, User>;

bool is_people_role(const std::string& role);
std::string people_role_names();  // for messages
const char* people_role_label(const std::string& role, bool chinese);

// Errors: class config, `where` = the JSON Pointer.
model::Result<Users> read_users(const model::Value& node, const std::string& pointer);
model::Result<MessageSettings> read_messages(const model::Value& node, const std::string& pointer);

// Who acts. Error (config): nobody of that name is configured.
model::Result<User> acting_user(const Users& users, const std::string& name);

}  // namespace huiliu::config
