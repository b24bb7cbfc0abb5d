// Users, tokens, secrets, the audit.
#include "hub/access/masking.hpp"
#include "hub/api/api.hpp"
#include "hub/run/audit.hpp"
#include "hub/run/views.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

std::set<std::string> names_in(const Value& list) {
  std::set<std::string> names;
  for (const Value& name : list.as_array()) names.insert(name.to_text());
  return names;
}

// --- users

Result<Answer> list_users(Call& call) {
  HUILIU_ASSIGN(const auto users, call.api.accounts().list());
  Array items;
  for (const access::Account& user : users) items.push_back(access::account_view(user));
  return page_of(std::move(items), {});
}

Result<Answer> user_shown(Call& call, const std::string& name) {
  HUILIU_ASSIGN(const access::Account user, call.api.accounts().find(name));
  return Answer{200, access::account_view(user), {}, {}, {}};
}

Result<Answer> show_user(Call& call) { return user_shown(call, call.at("name")); }

Answer setup_code(const std::string& user, const std::string& code) {
  return {
      200,
      Object{
          {"user", user}, {"setup_code", code}, {"valid_minutes", access::setup_code_lasts / access::minute}},
      {},
      {},
      {}};
}

Result<Answer> add_user(Call& call) {
  access::NewAccount account;
  account.name = call.body["name"].to_text();
  account.shown = call.body["shown"].to_text();
  account.employee = call.body["employee"].to_text();
  if (call.body["roles"].is_array()) account.roles = names_in(call.body["roles"]);
  HUILIU_ASSIGN(const std::string code, call.api.accounts().add(account, call.who.actor(), call.now));
  return setup_code(account.name, code);
}

Result<Answer> change_user(Call& call) {
  access::AccountChange change;
  if (const Value* shown_as = call.body.find("shown")) change.shown = shown_as->to_text();
  if (const Value* employee = call.body.find("employee")) change.employee = employee->to_text();
  if (const Value* roles = call.body.find("roles")) change.roles = names_in(*roles);
  if (const Value* disabled = call.body.find("disabled")) change.disabled = disabled->as_bool();
  // Nobody raises himself, and nobody locks the last door from inside.
  if (call.at("name") == call.who.name && (change.roles || change.disabled))
    return Error{ErrorClass::auth, "another administrator changes your roles", "forbidden"};
  HUILIU_TRY(call.api.accounts().change(call.at("name"), change, call.who.actor(), call.now));
  return user_shown(call, call.at("name"));
}

Result<Answer> remove_user(Call& call) {
  if (call.at("name") == call.who.name)
    return Error{ErrorClass::auth, "another administrator removes you", "forbidden"};
  HUILIU_TRY(call.api.accounts().remove(call.at("name"), call.who.actor(), call.now));
  return done();
}

Result<Answer> new_setup_code(Call& call) {
  HUILIU_ASSIGN(const std::string code,
                call.api.accounts().new_setup_code(call.at("name"), call.who.actor(), call.now));
  return setup_code(call.at("name"), code);
}

Result<Answer> forget_second_factor(Call& call) {
  HUILIU_TRY(call.api.accounts().forget_second_factor(call.at("name"), call.who.actor(), call.now));
  return done();
}

// --- tokens: one's own; of others, with users.write

bool manages_users(const Call& call) { return call.api.policy().may(call.who, "users.write"); }

Result<Answer> list_tokens(Call& call) {
  HUILIU_ASSIGN(const auto tokens,
                call.api.accounts().tokens(manages_users(call) ? std::string() : call.who.name));
  Array items;
  for (const access::Token& token : tokens) items.push_back(access::token_view(token));
  return page_of(std::move(items), {});
}

Result<Answer> issue_token(Call& call) {
  if (call.session.empty())
    return Error{ErrorClass::auth, "a token is issued by a log-in, not by a token", "forbidden"};
  access::Accounts::NewToken wanted;
  wanted.name = call.body["name"].to_text();
  wanted.user = call.who.name;
  wanted.functions = names_in(call.body["functions"]);
  HUILIU_ASSIGN(wanted.expires, model::parse_rfc3339(call.body["expires"].to_text()));
  for (const std::string& function : wanted.functions)
    if (!call.api.policy().may(call.who, function))
      return Error{ErrorClass::auth, "you may not hand on the function " + function, "forbidden"};
  HUILIU_ASSIGN(const auto issued, call.api.accounts().issue(wanted, call.who.actor(), call.now));
  Value view = access::token_view(issued.token);
  view.as_object().set("token", issued.secret);
  return Answer{200, std::move(view), {}, {}, {}};
}

Result<Answer> revoke_token(Call& call) {
  HUILIU_TRY(call.api.accounts().revoke(call.at("id"), manages_users(call) ? std::string() : call.who.name,
                                        call.who.actor(), call.now));
  return done();
}

// --- secrets: names only, never values

Result<Answer> list_secrets(Call& call) {
  HUILIU_ASSIGN(const auto secrets, call.hub.secrets().list());
  Array items;
  for (const access::SecretInfo& secret : secrets)
    items.push_back(
        Object{{"name", secret.name}, {"changed", run::time_text(secret.changed)}, {"key", secret.key}});
  return page_of(std::move(items), {});
}

Result<Answer> set_secret(Call& call) {
  HUILIU_TRY(
      call.hub.secrets().set(call.at("name"), call.body["value"].to_text(), call.who.actor(), call.now));
  return done();
}

Result<Answer> remove_secret(Call& call) {
  HUILIU_TRY(call.hub.secrets().remove(call.at("name"), call.who.actor(), call.now));
  return done();
}

Result<Answer> rotate(Call& call) {
  HUILIU_ASSIGN(const auto rotated, call.hub.secrets().rotate(call.who.actor(), call.now));
  return Answer{
      200,
      Object{{"moved", rotated.moved}, {"key", rotated.key}, {"older_dropped", rotated.older_dropped}},
      {},
      {},
      {}};
}

// --- audit

// Lines name fields, ids and choices; what people typed may say more.
Value line_shown(const store::AuditEntry& entry) {
  Value view = run::audit_view(entry);
  Value& detail = *view.as_object().find("detail");
  if (detail.is_object())
    for (const char* typed : {"note", "reason", "message", "error"})
      if (Value* text = detail.as_object().find(typed); text != nullptr && text->is_string())
        *text = access::masked_text(text->as_string());
  return view;
}

Result<Answer> list_audit(Call& call) {
  HUILIU_ASSIGN(const store::Page page, page_wanted(call));
  store::AuditQuery query;
  query.actor = call.text("actor");
  query.action = call.text("action");
  query.object = call.text("object");
  if (const std::string since = call.text("since"); !since.empty()) {
    const auto time = model::parse_rfc3339(since);
    if (!time.ok()) return make_error(ErrorClass::data, "since is a time as RFC 3339 writes it", "?since");
    query.since = *time;
  }
  Array items;
  std::string next;
  HUILIU_TRY(call.hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto entries = snapshot.list_audit(query, page);
    for (const store::AuditEntry& entry : entries) items.push_back(line_shown(entry));
    if (entries.size() == page.limit) next = std::to_string(entries.back().sequence);
    return {};
  }));
  return page_of(std::move(items), next);
}

Result<Answer> verify_audit(Call& call) {
  HUILIU_ASSIGN(const store::AuditReport report, call.hub.store().verify_audit());
  return Answer{200, run::audit_report_view(report), {}, {}, {}};
}

constexpr const char* roles_schema =
    R"({"type":"array","minItems":1,"maxItems":7,"items":{"type":"string","enum":["admin","integrator","steward","finance",
        "sales_manager","sales","auditor"]}})";

const char* add_body() {
  static const std::string text =
      std::string(R"({"type":"object","additionalProperties":false,"required":["name","roles"],"properties":{
        "name":{"type":"string","minLength":1,"maxLength":64},"shown":{"type":"string","maxLength":100},
        "employee":{"type":"string","maxLength":100},"roles":)") +
      roles_schema + "}}";
  return text.c_str();
}

const char* change_body() {
  static const std::string text =
      std::string(
          R"({"type":"object","additionalProperties":false,"properties":{"shown":{"type":"string","maxLength":100},
        "employee":{"type":"string","maxLength":100},"disabled":{"type":"boolean"},"roles":)") +
      roles_schema + "}}";
  return text.c_str();
}

}  // namespace

std::vector<Route> administration_routes() {
  std::vector<Route> list = {
      {"GET", "/users", "listUsers", "Every user", with("users.read"), list_users, 200, "[]User"},
      {"POST", "/users", "addUser", "Add one; the answer holds his setup code", with("users.write"), add_user,
       201, "SetupCode", add_body()},
      {"GET", "/users/{name}", "showUser", "One user", with("users.read"), show_user, 200, "User"},
      {"PATCH", "/users/{name}", "changeUser", "Roles, name, employee, disabled; ends his sessions",
       with("users.write"), change_user, 200, "User", change_body()},
      {"DELETE", "/users/{name}", "removeUser", "Remove his account and tokens", with("users.write"),
       remove_user, 200, "Done"},
      {"POST", "/users/{name}/setup-code", "newSetupCode", "A new setup code: he sets a new password",
       with("users.write"), new_setup_code, 200, "SetupCode"},
      {"DELETE", "/users/{name}/second-factor", "forgetSecondFactor", "He lost his authenticator app",
       with("users.write"), forget_second_factor, 200, "Done"},
      {"GET", "/tokens", "listTokens", "One's own tokens; with users.write everybody's", logged_in,
       list_tokens, 200, "[]Token"},
      {"POST", "/tokens", "issueToken", "A token for programs, shown once", logged_in, issue_token, 201,
       "Token",
       R"({"type":"object","additionalProperties":false,"required":["name","functions","expires"],"properties":{
           "name":{"type":"string","minLength":1,"maxLength":100},"expires":{"type":"string","maxLength":40},
           "functions":{"type":"array","minItems":1,"maxItems":40,"items":{"type":"string","maxLength":60}}}})"},
      {"DELETE", "/tokens/{id}", "revokeToken", "Revoke one", logged_in, revoke_token, 200, "Done"},
      {"GET", "/secrets", "listSecrets", "Names of the vault's secrets", with("secrets.read"), list_secrets,
       200, "[]Secret"},
      {"PUT", "/secrets/{name}", "setSecret", "Keep a secret; it is never shown again", with("secrets.write"),
       set_secret, 200, "Done",
       R"({"type":"object","additionalProperties":false,"required":["value"],"properties":{
           "value":{"type":"string","minLength":1,"maxLength":65536}}})"},
      {"DELETE", "/secrets/{name}", "removeSecret", "Forget one", with("secrets.write"), remove_secret, 200,
       "Done"},
      {"POST", "/secrets/rotation", "rotateKeys", "Seal everything under a new master key",
       with("secrets.write"), rotate, 200, "Rotation"},
      {"GET", "/audit", "listAudit", "Who did what, newest first", with("audit.read"), list_audit, 200,
       "[]AuditEntry", "",
       R"({"actor":{"schema":{"type":"string","maxLength":200}},"action":{"schema":{"type":"string","maxLength":60}},
           "object":{"schema":{"type":"string","maxLength":300}},"since":{"schema":{"type":"string","maxLength":40}}})",
       true},
      {"GET", "/audit/verification", "verifyAudit", "Was anything edited, removed, moved, cut off?",
       with("audit.read"), verify_audit, 200, "AuditReport"},
  };
  for (Route& route : list)
    route.secret = std::string_view(route.answer) == "SetupCode" || std::string_view(route.answer) == "Token";
  return list;
}

}  // namespace huiliu::api
