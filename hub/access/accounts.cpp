// Users: who has an account, and what of it an administrator changes.
#include "hub/access/account_texts.hpp"
#include "hub/crypt/password.hpp"

namespace huiliu::access {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

namespace {

bool good_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == '@';
  });
}

Status check_roles(const std::set<std::string>& roles) {
  if (roles.empty())
    return make_error(ErrorClass::data, "a user has a role: " + config::people_role_names(), "/roles");
  for (const std::string& role : roles)
    if (!config::is_people_role(role))
      return make_error(ErrorClass::data,
                        "no role is called \"" + role + "\"; known: " + config::people_role_names(),
                        "/roles");
  return {};
}

}  // namespace

Value account_view(const Account& account) {
  return Object{{"name", account.name},
                {"shown", account.shown},
                {"roles", names_of(account.roles)},
                {"employee", account.employee},
                {"disabled", account.disabled},
                {"has_password", account.has_password},
                {"second_factor", account.has_second_factor},
                {"configured", account.configured},
                {"created", time_text(account.created)},
                {"last_login", time_text(account.last_login)}};
}

Status check_password(const std::string& password, const std::string& name) {
  std::size_t characters = 0;
  for (const char c : password) characters += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  if (characters < password_shortest)
    return make_error(ErrorClass::data, "a password has at least 12 characters", "/password");
  if (password.size() > password_longest)
    return make_error(ErrorClass::data, "a password has at most 256 bytes", "/password");
  if (password.find(name) != std::string::npos && name.size() * 2 >= password.size())
    return make_error(ErrorClass::data, "the password is little more than the user's name", "/password");
  if (std::all_of(password.begin(), password.end(), [&](char c) { return c == password.front(); }))
    return make_error(ErrorClass::data, "the password is one character", "/password");
  return {};
}

std::optional<Accounts::Stored> Accounts::load(store::Snapshot& snapshot, const std::string& name) const {
  const auto text = snapshot.load_value(accounts_space, name);
  if (!text) return std::nullopt;
  const auto value = model::parse_json(*text);
  return value.ok() ? std::optional(Stored::from(name, *value)) : std::nullopt;
}

void Accounts::save(store::Transaction& transaction, const Stored& account) {
  transaction.save_value(accounts_space, account.name, model::to_json(account.text()));
}

Account Accounts::account_of(const Stored& stored) const {
  Account account{stored.name,          stored.shown,    stored.employee,
                  stored.roles,         stored.disabled, !stored.password.empty(),
                  !stored.totp.empty(), false,           stored.created,
                  stored.last_login};
  if (const auto file = config_.hub.users.find(stored.name); file != config_.hub.users.end()) {
    account.shown = file->second.shown;
    account.roles = file->second.roles;
    account.employee = file->second.employee;
    account.configured = true;
  }
  return account;
}

Result<std::vector<Account>> Accounts::list() {
  std::map<std::string, Account> accounts;
  for (const auto& [name, user] : config_.hub.users) {
    Stored none;
    none.name = name;
    accounts.emplace(name, account_of(none));
  }
  HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
    for (const auto& [name, text] : snapshot.list_values(accounts_space))
      if (const auto stored = load(snapshot, name)) accounts[name] = account_of(*stored);
    return {};
  }));
  std::vector<Account> list;
  for (auto& [name, account] : accounts) list.push_back(std::move(account));
  return list;
}

Result<Account> Accounts::find(const std::string& name) {
  HUILIU_ASSIGN(const std::vector<Account> all, list());
  for (const Account& account : all)
    if (account.name == name) return account;
  return make_error(ErrorClass::not_found, "there is no user \"" + name + "\"");
}

Result<std::string> Accounts::add(const NewAccount& account, const std::string& actor, Micros now) {
  if (!good_name(account.name))
    return make_error(ErrorClass::data, "a user's name is 1 to 64 of a-z A-Z 0-9 . - _ @", "/name");
  const bool configured = config_.hub.users.contains(account.name);
  if (!configured) HUILIU_TRY(check_roles(account.roles));
  const std::string code = crypt::to_base32(crypt::random_bytes(10));
  HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
    if (transaction.load_value(accounts_space, account.name))
      return make_error(ErrorClass::stale, "there is a user \"" + account.name + "\" already");
    Stored stored;
    stored.name = account.name;
    stored.shown = account.shown.empty() ? account.name : account.shown;
    stored.employee = account.employee;
    stored.roles = account.roles;
    stored.created = now;
    stored.setup = hash_of(code);
    stored.setup_until = now + setup_code_lasts;
    save(transaction, stored);
    audit(transaction, actor, "user", account.name,
          Object{{"what", "added"}, {"roles", names_of(account.roles)}}, now);
    return {};
  }));
  return code;
}

Status Accounts::write_account(const std::string& name, const std::string& action, const std::string& actor,
                               Micros now,
                               const std::function<Result<Value>(store::Transaction&, Stored&)>& change) {
  return store_.write([&](store::Transaction& transaction) -> Status {
    auto stored = load(transaction, name);
    if (!stored)
      return make_error(ErrorClass::not_found, "there is no user \"" + name + "\" with an account");
    HUILIU_ASSIGN(Value detail, change(transaction, *stored));
    save(transaction, *stored);
    detail.as_object().set("what", action);
    audit(transaction, actor, "user", name, std::move(detail), now);
    return {};
  });
}

Result<std::string> Accounts::new_setup_code(const std::string& name, const std::string& actor, Micros now) {
  const std::string code = crypt::to_base32(crypt::random_bytes(10));
  HUILIU_TRY(write_account(name, "setup code", actor, now,
                           [&](store::Transaction&, Stored& stored) -> Result<Value> {
                             stored.setup = hash_of(code);
                             stored.setup_until = now + setup_code_lasts;
                             return Value(Object{});
                           }));
  return code;
}

Status Accounts::change(const std::string& name, const AccountChange& change, const std::string& actor,
                        Micros now) {
  if (change.roles) HUILIU_TRY(check_roles(*change.roles));
  return write_account(
      name, "changed", actor, now, [&](store::Transaction& transaction, Stored& stored) -> Result<Value> {
        Object detail;
        if (change.roles) {
          if (config_.hub.users.contains(name))
            return make_error(ErrorClass::stale, "the roles of \"" + name + "\" stand in hub.yaml", "/roles");
          detail.set("roles", Object{{"before", names_of(stored.roles)}, {"after", names_of(*change.roles)}});
          stored.roles = *change.roles;
        }
        if (change.shown) stored.shown = *change.shown;
        if (change.employee) {
          detail.set("employee", *change.employee);
          stored.employee = *change.employee;
        }
        if (change.disabled) {
          detail.set("disabled", *change.disabled);
          stored.disabled = *change.disabled;
        }
        if (change.roles || change.employee || change.disabled) end_sessions(transaction, name);
        return Value(std::move(detail));
      });
}

Status Accounts::remove(const std::string& name, const std::string& actor, Micros now) {
  return store_.write([&](store::Transaction& transaction) -> Status {
    if (!transaction.load_value(accounts_space, name))
      return make_error(ErrorClass::not_found, "there is no user \"" + name + "\" with an account");
    transaction.erase_value(accounts_space, name);
    end_sessions(transaction, name);
    for (const auto& [id, text] : transaction.list_values(tokens_space))
      if (const auto token = model::parse_json(text); token.ok() && (*token)["user"].to_text() == name)
        transaction.erase_value(tokens_space, id);
    audit(transaction, actor, "user", name, Object{{"what", "removed"}}, now);
    return {};
  });
}

Status Accounts::set_password(const std::string& name, const std::string& password, const std::string& actor,
                              Micros now) {
  HUILIU_TRY(check_password(password, name));
  const std::string hash = crypt::hash_password(password);
  return write_account(name, "password", actor, now,
                       [&](store::Transaction& transaction, Stored& stored) -> Result<Value> {
                         stored.password = hash;
                         stored.setup.clear();
                         end_sessions(transaction, name);
                         return Value(Object{});
                       });
}

Status Accounts::forget_second_factor(const std::string& name, const std::string& actor, Micros now) {
  return write_account(name, "second factor forgotten", actor, now,
                       [&](store::Transaction& transaction, Stored& stored) -> Result<Value> {
                         stored.totp.clear();
                         stored.totp_new.clear();
                         end_sessions(transaction, name);
                         return Value(Object{});
                       });
}

}  // namespace huiliu::access
