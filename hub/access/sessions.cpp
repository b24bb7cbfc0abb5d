// Logging in and out: passwords, authenticator apps, sessions; who a session stands for.
#include "hub/access/account_texts.hpp"
#include "hub/crypt/password.hpp"
#include "hub/crypt/totp.hpp"

namespace huiliu::access {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

// --- who a name stands for

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

Result<Accounts::LoggedIn> Accounts::log_in_by_provider(const std::string& name, bool second_factor,
                                                        const std::string& address, Micros now) {
  LoggedIn result;
  bool good = false;
  HUILIU_TRY(store_.write([&](store::Transaction& transaction) -> Status {
    auto stored = load(transaction, name);
    good = stored && !stored->disabled;
    audit(transaction, good ? name : "unknown", "login", stored ? name : "",
          Object{{"result", good ? "done" : "refused"},
                 {"address", address},
                 {"by", "provider"},
                 {"second_factor", second_factor}},
          now);
    if (!good) return {};
    stored->last_login = now;
    save(transaction, *stored);
    result.who = principal(transaction, *stored);
    result.who.via = "session";
    result.who.second_factor = second_factor;
    result.second_factor_missing = !second_factor && Policy(config_).needs_second_factor(result.who.roles);
    result.session = open_session(transaction, name, second_factor, now);
    return {};
  }));
  if (!good) return refused();
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

}  // namespace huiliu::access
