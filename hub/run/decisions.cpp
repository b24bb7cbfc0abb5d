#include "hub/run/decisions.hpp"

#include <algorithm>

#include "hub/run/audit.hpp"
#include "hub/run/code_reviews.hpp"
#include "hub/run/messages.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Status;

Status must_have_one_of(const config::User& user, const std::set<std::string>& roles,
                        const std::string& what) {
  if (roles.empty() || std::any_of(roles.begin(), roles.end(),
                                   [&](const std::string& role) { return user.roles.contains(role); }))
    return {};
  std::string list;
  for (const std::string& role : roles)
    list += (list.empty() ? "" : ", ") + role + " " + config::people_role_label(role, true);
  return make_error(ErrorClass::config, user.shown + " 无权处理 (" + user.name + " may not decide this): " +
                                            what + "; 需要角色 it takes one of: " + list);
}

std::string about(const config::Config& config, const sync::Review& review) {
  if (review.kind != sync::ReviewKind::create) return review.field;
  const config::ConnectionConfig* connection = config.connection(review.connection);
  return connection == nullptr ? std::string() : connection->role;
}

}  // namespace

Status decide_review(Hub& hub, const std::string& id, const PersonsDecision& decision) {
  config::User user;
  if (decision.user) {
    user = *decision.user;
  } else {
    HUILIU_ASSIGN(user, config::acting_user(hub.config().hub.users, decision.as));
  }
  std::optional<config::CodeRow> row;
  std::string connection;
  const Status done = hub.store().write([&](store::Transaction& transaction) -> Status {
    const auto review = transaction.load_review(id);
    if (!review) return make_error(ErrorClass::not_found, "no such review; see huiliu review list", id);
    HUILIU_TRY(may_decide(hub.config(), user, *review));
    hub.engine().take_notices();
    HUILIU_TRY(hub.engine().decide(transaction, id, decision.choice, decision.note, user.name,
                                   hub.clock().now(), decision.with));
    tell_notices(hub.workspace(), transaction, hub.engine().take_notices());
    const sync::Review decided = *transaction.load_review(id);
    tell_decided(hub.workspace(), transaction, decided);
    audit(transaction, user.name, "decision", id,
          model::Object{{"kind", sync::to_string(decided.kind)},
                        {"customer", decided.golden},
                        {"connection", decided.connection},
                        {"choice", decision.choice}},
          hub.clock().now());
    row = row_of_decision(decided);
    connection = decided.connection;
    return {};
  });
  if (!done.ok() || !row) return done;
  return add_code_row(hub.options().config, connection, *row);
}

Status may_decide(const config::Config& config, const config::User& user, const sync::Review& review) {
  return must_have_one_of(user, config.policies.deciders(sync::to_string(review.kind), about(config, review)),
                          review.subject);
}

Status may_edit(const config::Config& config, const config::User& user, const std::string& field) {
  return must_have_one_of(user, config.policies.deciders("change", field), field);
}

Status may_match(const config::Config& config, const config::User& user) {
  return must_have_one_of(user, config.policies.deciders("duplicate", "*"),
                          "合并与拆分 (merge, split, match)");
}

}  // namespace huiliu::run
