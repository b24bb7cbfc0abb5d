// What people decide, with their rights checked: reviews, and edits at the console. Each is one transaction
// with the messages that it causes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "hub/run/hub.hpp"

namespace huiliu::run {

struct PersonsDecision {
  std::string choice, note, as;             // as: a user of hub.yaml; "": the console
  std::map<std::string, std::string> with;  // creation requests: {"group": "01"}
  std::optional<config::User> user;         // who decides, when he is logged in; then `as` is not looked at
};
// Errors: config (no such user, not allowed: the roles that may), and as Engine::decide.
model::Status decide_review(Hub& hub, const std::string& review, const PersonsDecision& decision);

// May this user decide the review? Errors: config, with the roles that may.
model::Status may_decide(const config::Config& config, const config::User& user, const sync::Review& review);

// May this user change the field of a customer or contact at the console? Errors: config, with the roles that
// may.
model::Status may_edit(const config::Config& config, const config::User& user, const std::string& field);

// May this user say which records are one customer: merge, split, the decisions of a match workbook? Errors
// as above.
model::Status may_match(const config::Config& config, const config::User& user);

}  // namespace huiliu::run
