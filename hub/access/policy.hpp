// One engine for who may do what (function), whose records (row) and what of them (field). Everything that
// shows or changes data for a person asks here: lists, search, exports, events, explanations, the audit view.
//
// A Principal may do what any of his roles may (an API token: what it and its user both may), sees the
// records of any of his roles, and of a field has the best right of his roles. Immutable; any thread.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "hub/config/config.hpp"
#include "hub/store/store.hpp"

namespace huiliu::access {

// Who asks.
struct Principal {
  std::string name, shown;
  std::set<std::string> roles;
  std::optional<std::set<std::string>> functions;  // an API token's scopes; nullopt: all of the roles
  std::string employee;                 // golden id of the employee; "": none, so nothing is his own
  std::string department;               // its name
  std::vector<std::string> colleagues;  // golden ids of the employees of his department
  bool second_factor = false;           // logged in with a one-time code
  std::string via;                      // "session", "token NAME"

  std::string actor() const { return via.starts_with("token ") ? name + " (" + via + ")" : name; }
  config::User user() const { return {name, shown, roles, employee}; }
};

class Policy {
 public:
  // The configuration must outlive the policy.
  explicit Policy(const config::Config& config) : config_(config) {}

  bool may(const Principal& who, const std::string& function) const;
  // Does one of his roles want a one-time code at log-in?
  bool needs_second_factor(const std::set<std::string>& roles) const;

  // Whose records he sees: nullopt: everybody's; empty: nobody's.
  store::Scopes scopes(const Principal& who) const;
  bool sees(const Principal& who, store::Snapshot& snapshot, const sync::Golden& golden) const;

  config::FieldRight right(const Principal& who, const model::Field& field, bool part = false) const;
  // The field's value as he sees it; null when it is hidden.
  model::Value shown(const Principal& who, const model::Field& field, const model::Value& value,
                     bool part = false) const;

  // A view of one golden record (run::golden_view) or a row of a list (run::golden_row): fields, losers,
  // parts, records, contacts, history, approvals.
  model::Value filtered_record(const Principal& who, const model::Value& view) const;
  // Any other document about a record (a review's evidence, a plan's line, an event): members named like a
  // field, or beside a "field" that names one, as that field; elsewhere whatever looks personal is masked.
  model::Value filtered_document(const Principal& who, const std::string& entity,
                                 const model::Value& document, const std::string& field = {}) const;
  // Does he see every class of personal data in clear?
  bool sees_everything(const Principal& who) const;

  const model::Schema& schema() const { return config_.schema; }

 private:
  const config::Config& config_;
};

}  // namespace huiliu::access
