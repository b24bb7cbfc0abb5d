#include "hub/access/accounts.hpp"

#include <algorithm>

#include "hub/crypt/hash.hpp"
#include "hub/crypt/password.hpp"
#include "hub/crypt/totp.hpp"

namespace huiliu::access {

using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

namespace {

constexpr const char* accounts_space = "account";
constexpr const char* sessions_space = "session";
constexpr const char* tokens_space = "token";
constexpr std::size_t tokens_of_user_most = 50;

std::string hash_of(std::string_view secret) { return crypt::to_hex(crypt::sha256(secret)); }

model::Error refused() { return {ErrorClass::auth, "user, password or code is wrong", "credentials"}; }

Value names_of(const std::set<std::string>& names) {
  Array list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

std::set<std::string> names_in(const Value& list) {
  std::set<std::string> names;
  if (const Array* elements = list.if_array())
    for (const Value& element : *elements) names.insert(element.to_text());
  return names;
}

std::int64_t number_in(const Value& value) {
  const model::Number* number = value.if_number();
  return number == nullptr ? 0 : number->to_int64().value_or(0);
}

bool flag_in(const Value& value) { return value.if_bool() != nullptr && *value.if_bool(); }

void audit(store::Transaction& transaction, const std::string& actor, const char* action,
           const std::string& object, Value detail, Micros now) {
  store::AuditEntry entry;
  entry.at = now;
  entry.actor = actor;
  entry.action = action;
  entry.object = object;
  entry.detail = std::move(detail);
  transaction.add_audit(entry);
}

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

std::string time_text(Micros time) { return time == 0 ? std::string() : model::to_rfc3339(time); }

}  // namespace

struct Accounts::Stored {
  std::string name, shown, employee, password, totp, totp_new, setup;
  std::set<std::string> roles;
  bool disabled = false;
  std::int64_t totp_used = 0;
  Micros created = 0, last_login = 0, setup_until = 0;

  static Stored from(const std::string& name, const Value& text) {
    return {name,
            text["shown"].to_text(),
            text["employee"].to_text(),
            text["password"].to_text(),
            text["totp"].to_text(),
            text["totp_new"].to_text(),
            text["setup"].to_text(),
            names_in(text["roles"]),
            flag_in(text["disabled"]),
            number_in(text["totp_used"]),
            number_in(text["created"]),
            number_in(text["last_login"]),
            number_in(text["setup_until"])};
  }
  Value text() const {
    return Object{{"shown", shown},           {"employee", employee},
                  {"password", password},     {"totp", totp},
                  {"totp_new", totp_new},     {"setup", setup},
                  {"roles", names_of(roles)}, {"disabled", disabled},
                  {"totp_used", totp_used},   {"created", created},
                  {"last_login", last_login}, {"setup_until", setup_until}};
  }
};

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

Value token_view(const Token& token) {
  return Object{{"id", token.id},
                {"name", token.name},
                {"user", token.user},
                {"functions", names_of(token.functions)},
                {"created", time_text(token.created)},
                {"expires", time_text(token.expires)},
                {"used", time_text(token.used)}};
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

// --- users
// -----------------------------------------------------------------------------------------------------------

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

// --- who a name stands for
// ---------------------------------------------------------------------------------------------

namespace {

// The employee's golden record, by id or job number, and who shares his department.
void add_employee(store::Snapshot& snapshot, const model::Schema& schema, const std::string& named,
                  Principal& who) {
  const model::Entity* entity = schema.find("employee");
  if (named.empty() || entity == nullptr) return;
  const model::FieldIndex number = entity->index_of("job_number"),
                          department = entity->index_of("department");
  const auto text = [](const sync::Golden& golden, model::FieldIndex index) {
    const auto found = golden.fields.find(index);
    return found == golden.fields.end() || !found->second.value.has_value()
               ? std::string()
               : found->second.value.value.to_text();
  };
  std::vector<std::string> candidates = snapshot.search("employee", named, 20);
  candidates.insert(candidates.begin(), named);
  for (const std::string& id : candidates) {
    const std::string surviving = snapshot.resolve(id);
    const auto golden = surviving.empty() ? std::nullopt : snapshot.load_golden(surviving);
    if (!golden || golden->entity != "employee") continue;
    if (golden->id != named && text(*golden, number) != named) continue;
    who.employee = golden->id;
    who.department = text(*golden, department);
    break;
  }
  if (who.department.empty()) return;
  std::string after;
  while (true) {
    const auto page = snapshot.list_goldens({"employee", {}, {}, model::unknown_time, {}}, {after, 500});
    for (const sync::Golden& golden : page)
      if (text(golden, department) == who.department) who.colleagues.push_back(golden.id);
    if (page.size() < 500) return;
    after = page.back().id;
  }
}

}  // namespace

Principal Accounts::principal(store::Snapshot& snapshot, const Stored& stored) const {
  const Account account = account_of(stored);
  Principal who;
  who.name = account.name;
  who.shown = account.shown;
  who.roles = account.roles;
  // Only whose rows are limited needs to know who he is there.
  const bool limited = std::any_of(who.roles.begin(), who.roles.end(), [&](const std::string& name) {
    const auto role = config_.roles.find(name);
    return role != config_.roles.end() &&
           (role->second.rows == config::Rows::own || role->second.rows == config::Rows::department);
  });
  if (limited) add_employee(snapshot, config_.schema, account.employee, who);
  return who;
}

// --- log-in
// ---------------------------------------------------------------------------------------------------------------

std::string Accounts::open_session(store::Transaction& transaction, const std::string& name,
                                   bool second_factor, Micros now) {
  for (const auto& [hash, text] : transaction.list_values(sessions_space)) {
    const auto session = model::parse_json(text);
    if (!session.ok() || number_in((*session)["created"]) + session_lasts < now)
      transaction.erase_value(sessions_space, hash);
  }
  const std::string session = crypt::make_token("");
  transaction.save_value(
      sessions_space, hash_of(session),
      model::to_json(
          Object{{"user", name}, {"created", now}, {"seen", now}, {"second_factor", second_factor}}));
  return session;
}

void Accounts::end_sessions(store::Transaction& transaction, const std::string& name) {
  for (const auto& [hash, text] : transaction.list_values(sessions_space))
    if (const auto session = model::parse_json(text); session.ok() && (*session)["user"].to_text() == name)
      transaction.erase_value(sessions_space, hash);
}

Result<std::string> Accounts::authenticator(const Stored& stored) const {
  HUILIU_ASSIGN(const auto keys, keys_.get());
  return crypt::unseal(*keys, "totp/" + stored.name, stored.totp);
}

Result<Accounts::LoggedIn> Accounts::log_in(const std::string& name, const std::string& password,
                                            const std::string& code, const std::string& address, Micros now) {
  if (const Micros wait = throttle_.wait(name, address, now); wait > 0) {
    model::Error error{ErrorClass::throttled, "too many attempts; wait", "throttled"};
    error.retry_after_ms = wait / 1000 + 1;
    return error;
  }
  std::optional<Stored> found;
  HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
    found = load(snapshot, name);
    return {};
  }));
  const bool usable = found && !found->disabled;
  const crypt::Verified password_is =
      crypt::verify_password(password, usable ? found->password : std::string());
  bool good = password_is.matches;
  std::int64_t used = found ? found->totp_used : 0;
  const bool wants_code = good && !found->totp.empty();
  if (wants_code && code.empty()) {
    // The password was right: he may know that a code is wanted. It is still no log-in.
    throttle_.failed(name, address, now);
    return model::Error{ErrorClass::auth, "a code of the authenticator app is wanted", "second-factor"};
  }
  if (wants_code) {
    HUILIU_ASSIGN(const std::string secret, authenticator(*found));
    const auto step = crypt::totp_match(secret, code, now, found->totp_used);
    good = step.has_value();
    used = step.value_or(used);
  }
  LoggedIn result;
  HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
    auto stored = found ? load(transaction, name) : std::nullopt;
    // Changed meanwhile (a password, a used code): as if it were wrong.
    if (good && (!stored || stored->disabled || stored->password != found->password ||
                 (wants_code && stored->totp_used >= used)))
      good = false;
    if (!good) {
      audit(transaction, found ? name : "unknown", "login", found ? name : "",
            Object{{"result", "refused"}, {"address", address}}, now);
      return {};
    }
    stored->totp_used = used;
    stored->last_login = now;
    stored->setup.clear();
    save(transaction, *stored);
    result.who = principal(transaction, *stored);
    result.who.via = "session";
    result.who.second_factor = wants_code;
    result.second_factor_missing = !wants_code && Policy(config_).needs_second_factor(result.who.roles);
    result.session = open_session(transaction, name, wants_code, now);
    audit(transaction, name, "login", name,
          Object{{"result", "done"}, {"address", address}, {"second_factor", wants_code}}, now);
    return {};
  }));
  if (!good) {
    throttle_.failed(name, address, now);
    return refused();
  }
  throttle_.succeeded(name, address);
  if (password_is.outdated) {
    const std::string fresh = crypt::hash_password(password);
    HUILIU_TRY(write_account(name, "password hashed anew", "hub", now,
                             [&](store::Transaction&, Stored& stored) -> Result<Value> {
                               if (stored.password == found->password) stored.password = fresh;
                               return Value(Object{});
                             }));
  }
  return result;
}

Status Accounts::use_setup_code(const std::string& name, const std::string& code, const std::string& password,
                                const std::string& address, Micros now) {
  if (const Micros wait = throttle_.wait(name, address, now); wait > 0) {
    model::Error error{ErrorClass::throttled, "too many attempts; wait", "throttled"};
    error.retry_after_ms = wait / 1000 + 1;
    return error;
  }
  HUILIU_TRY(check_password(password, name));
  const std::string hash = crypt::hash_password(password);
  bool good = false;
  HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
    auto stored = load(transaction, name);
    good = stored && !stored->disabled && !stored->setup.empty() && now < stored->setup_until &&
           crypt::equal(stored->setup, hash_of(code));
    audit(transaction, stored ? name : "unknown", "login", stored ? name : "",
          Object{{"result", good ? "password set with a setup code" : "setup code refused"},
                 {"address", address}},
          now);
    if (!good) return {};
    stored->password = hash;
    stored->setup.clear();
    save(transaction, *stored);
    end_sessions(transaction, name);
    return {};
  }));
  if (good) {
    throttle_.succeeded(name, address);
    return {};
  }
  throttle_.failed(name, address, now);
  return refused();
}

Status Accounts::change_password(const Principal& who, const std::string& old_password,
                                 const std::string& new_password, const std::string& address, Micros now) {
  if (const Micros wait = throttle_.wait(who.name, address, now); wait > 0) {
    model::Error error{ErrorClass::throttled, "too many attempts; wait", "throttled"};
    error.retry_after_ms = wait / 1000 + 1;
    return error;
  }
  std::string hash;
  HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
    if (const auto stored = load(snapshot, who.name)) hash = stored->password;
    return {};
  }));
  if (!crypt::verify_password(old_password, hash).matches) {
    throttle_.failed(who.name, address, now);
    return refused();
  }
  return set_password(who.name, new_password, who.actor(), now);
}

Status Accounts::log_out(const std::string& session, const Principal& who, Micros now) {
  return store_.write([&](store::Transaction& transaction) -> Status {
    transaction.erase_value(sessions_space, hash_of(session));
    audit(transaction, who.actor(), "logout", who.name, Object{}, now);
    return {};
  });
}

Result<Accounts::Enrolment> Accounts::begin_second_factor(const Principal& who, Micros now) {
  const std::string secret = crypt::random_bytes(20);
  HUILIU_ASSIGN(const auto keys, keys_.for_sealing());
  HUILIU_ASSIGN(const std::string sealed, crypt::seal(*keys, "totp/" + who.name, secret));
  HUILIU_TRY(write_account(who.name, "second factor begun", who.actor(), now,
                           [&](store::Transaction&, Stored& stored) -> Result<Value> {
                             if (!stored.totp.empty() && !who.second_factor)
                               return make_error(ErrorClass::auth, "log in with the present code first");
                             stored.totp_new = sealed;
                             return Value(Object{});
                           }));
  return Enrolment{crypt::to_base32(secret), crypt::totp_uri(secret, who.name)};
}

Result<Accounts::LoggedIn> Accounts::confirm_second_factor(const Principal& who, const std::string& session,
                                                           const std::string& code, Micros now) {
  LoggedIn result;
  HUILIU_ASSIGN(const auto keys, keys_.get());
  HUILIU_TRY(write_account(
      who.name, "second factor confirmed", who.actor(), now,
      [&](store::Transaction& transaction, Stored& stored) -> Result<Value> {
        if (stored.totp_new.empty())
          return make_error(ErrorClass::stale, "begin the enrolment of an authenticator app first");
        HUILIU_ASSIGN(const std::string secret, crypt::unseal(*keys, "totp/" + stored.name, stored.totp_new));
        const auto step = crypt::totp_match(secret, code, now, 0);
        if (!step) return make_error(ErrorClass::data, "the code is not the app's present one", "/code");
        stored.totp = stored.totp_new;
        stored.totp_new.clear();
        stored.totp_used = *step;
        transaction.erase_value(sessions_space, hash_of(session));
        result.who = principal(transaction, stored);
        result.who.via = "session";
        result.who.second_factor = true;
        result.session = open_session(transaction, who.name, true, now);
        return Value(Object{});
      }));
  return result;
}

// --- what a request carries
// -----------------------------------------------------------------------------------------------

Result<Principal> Accounts::by_session(const std::string& session, Micros now) {
  const std::string hash = hash_of(session);
  std::optional<Principal> who;
  Micros stored_seen = 0;
  HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
    const auto text = snapshot.load_value(sessions_space, hash);
    if (!text) return {};
    HUILIU_ASSIGN(const Value kept, model::parse_json(*text));
    const auto stored = load(snapshot, kept["user"].to_text());
    stored_seen = number_in(kept["seen"]);
    Micros seen = stored_seen;
    {
      const std::lock_guard lock(seen_mutex_);
      if (const auto found = seen_.find(hash); found != seen_.end()) seen = std::max(seen, found->second);
    }
    if (!stored || stored->disabled || number_in(kept["created"]) + session_lasts <= now ||
        seen + session_idle <= now)
      return {};
    who = principal(snapshot, *stored);
    who->via = "session";
    who->second_factor = flag_in(kept["second_factor"]);
    return {};
  }));
  if (!who) return make_error(ErrorClass::auth, "the session has ended; log in");
  {
    const std::lock_guard lock(seen_mutex_);
    if (seen_.size() > 10'000)
      std::erase_if(seen_, [&](const auto& one) { return one.second + session_idle <= now; });
    seen_[hash] = now;
  }
  if (stored_seen + minute < now)
    HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
      const auto text = transaction.load_value(sessions_space, hash);
      if (!text) return {};
      HUILIU_ASSIGN(Value kept, model::parse_json(*text));
      kept.as_object().set("seen", now);
      transaction.save_value(sessions_space, hash, model::to_json(kept));
      return {};
    }));
  return std::move(*who);
}

namespace {

Token token_from(const std::string& id, const Value& text) {
  return {id,
          text["name"].to_text(),
          text["user"].to_text(),
          names_in(text["functions"]),
          number_in(text["created"]),
          number_in(text["expires"]),
          number_in(text["used"])};
}

}  // namespace

// A token is "hlt_ID_SECRET".
Result<Principal> Accounts::by_token(const std::string& token, const std::string& address, Micros now) {
  const auto refuse = [] { return make_error(ErrorClass::auth, "the token is unknown, revoked or expired"); };
  if (const Micros wait = throttle_.wait("token", address, now); wait > 0) {
    model::Error error{ErrorClass::throttled, "too many unknown tokens from this address; wait", "throttled"};
    error.retry_after_ms = wait / 1000 + 1;
    return error;
  }
  std::optional<Principal> who;
  Micros used = 0;
  std::string id;
  const std::size_t second = token.find('_', 4);
  if (token.starts_with("hlt_") && second != std::string::npos) {
    id = token.substr(4, second - 4);
    HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
      const auto text = snapshot.load_value(tokens_space, id);
      if (!text) return {};
      HUILIU_ASSIGN(const Value kept, model::parse_json(*text));
      const Token known = token_from(id, kept);
      if (!crypt::equal(kept["hash"].to_text(), hash_of(token)) || known.expires <= now) return {};
      const auto stored = load(snapshot, known.user);
      if (!stored || stored->disabled) return {};
      used = known.used;
      who = principal(snapshot, *stored);
      who->functions = known.functions;
      who->via = "token " + known.name;
      return {};
    }));
  }
  if (!who) {
    throttle_.failed("token", address, now);
    return refuse();
  }
  if (used + 60 * minute < now)
    HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
      const auto text = transaction.load_value(tokens_space, id);
      if (!text) return {};
      HUILIU_ASSIGN(Value kept, model::parse_json(*text));
      kept.as_object().set("used", now);
      transaction.save_value(tokens_space, id, model::to_json(kept));
      return {};
    }));
  return std::move(*who);
}

// --- tokens
// -----------------------------------------------------------------------------------------------------------------

Result<Accounts::IssuedToken> Accounts::issue(const NewToken& wanted, const std::string& actor, Micros now) {
  if (wanted.name.empty() || wanted.name.size() > 100)
    return make_error(ErrorClass::data, "a token has a name of 1 to 100 bytes", "/name");
  if (wanted.functions.empty())
    return make_error(ErrorClass::data, "a token names what it may do", "/functions");
  for (const std::string& function : wanted.functions)
    if (!config::is_function(function))
      return make_error(ErrorClass::data, "no function is called \"" + function + "\"", "/functions");
  if (wanted.expires <= now || wanted.expires > now + token_lasts_most)
    return make_error(ErrorClass::data, "a token expires, within 366 days", "/expires");
  IssuedToken issued;
  issued.token = {crypt::to_hex(crypt::random_bytes(6)),
                  wanted.name,
                  wanted.user,
                  wanted.functions,
                  now,
                  wanted.expires,
                  0};
  issued.secret = crypt::make_token("hlt_" + issued.token.id + "_");
  HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
    if (!load(transaction, wanted.user))
      return make_error(ErrorClass::not_found, "there is no user \"" + wanted.user + "\" with an account");
    std::size_t own = 0;
    for (const auto& [id, text] : transaction.list_values(tokens_space))
      if (const auto token = model::parse_json(text); token.ok())
        own += (*token)["user"].to_text() == wanted.user ? 1 : 0;
    if (own >= tokens_of_user_most)
      return make_error(ErrorClass::stale, "the user has 50 tokens already; revoke one");
    transaction.save_value(tokens_space, issued.token.id,
                           model::to_json(Object{{"name", wanted.name},
                                                 {"user", wanted.user},
                                                 {"functions", names_of(wanted.functions)},
                                                 {"hash", hash_of(issued.secret)},
                                                 {"created", now},
                                                 {"expires", wanted.expires},
                                                 {"used", 0}}));
    audit(transaction, actor, "token", issued.token.id,
          Object{{"what", "issued"}, {"user", wanted.user}, {"functions", names_of(wanted.functions)}}, now);
    return {};
  }));
  return issued;
}

Result<std::vector<Token>> Accounts::tokens(const std::string& user) {
  std::vector<Token> tokens;
  HUILIU_TRY(store_.read([&](store::Snapshot& snapshot) -> Status {
    for (const auto& [id, text] : snapshot.list_values(tokens_space)) {
      HUILIU_ASSIGN(const Value kept, model::parse_json(text));
      Token token = token_from(id, kept);
      if (user.empty() || token.user == user) tokens.push_back(std::move(token));
    }
    return {};
  }));
  return tokens;
}

Status Accounts::revoke(const std::string& id, const std::string& of, const std::string& actor, Micros now) {
  return store_.write([&](store::Transaction& transaction) -> Status {
    const auto text = transaction.load_value(tokens_space, id);
    const auto kept = text ? model::parse_json(*text) : Result<Value>(Value());
    if (!text || !kept.ok() || (!of.empty() && (*kept)["user"].to_text() != of))
      return make_error(ErrorClass::not_found, "there is no token " + id);
    transaction.erase_value(tokens_space, id);
    audit(transaction, actor, "token", id, Object{{"what", "revoked"}, {"user", (*kept)["user"]}}, now);
    return {};
  });
}

}  // namespace huiliu::access
