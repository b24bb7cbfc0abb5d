// Accounts, sessions, tokens: who logs in, and what proves it. Everything secret is kept as a hash; codes of
// authenticator apps are sealed. Each change, each log-in and each refusal is one line of the audit, in the
// same transaction.
//
// A user's roles stand in hub.yaml (`users`) or with his account; where both speak, the file wins.
//
// Threads: safe from any. The throttle and the last use of sessions live in memory: one process serves.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/access/policy.hpp"
#include "hub/access/secrets.hpp"
#include "hub/access/throttle.hpp"

namespace huiliu::access {

inline constexpr model::Micros minute = 60 * model::second;
inline constexpr model::Micros setup_code_lasts = 30 * minute;
inline constexpr model::Micros session_idle = 30 * minute;
inline constexpr model::Micros session_lasts = 12 * 60 * minute;
inline constexpr model::Micros token_lasts_most = 366LL * 24 * 60 * minute;
inline constexpr std::size_t password_shortest = 12, password_longest = 256;  // characters; bytes

struct Account {
  std::string name, shown, employee;
  std::set<std::string> roles;
  bool disabled = false;
  bool has_password = false, has_second_factor = false;
  bool configured = false;  // stands in hub.yaml too
  model::Micros created = 0, last_login = 0;
};
model::Value account_view(const Account& account);

// A person's or program's API token, without its secret.
struct Token {
  std::string id, name, user;
  std::set<std::string> functions;
  model::Micros created = 0, expires = 0, used = 0;
};
model::Value token_view(const Token& token);

struct NewAccount {
  std::string name, shown, employee;
  std::set<std::string> roles;
};
struct AccountChange {
  std::optional<std::string> shown, employee;
  std::optional<std::set<std::string>> roles;
  std::optional<bool> disabled;
};

class Accounts {
 public:
  // All must outlive the accounts. `keys` seals the secrets of authenticator apps.
  Accounts(store::Store& store, const config::Config& config, Keys& keys)
      : store_(store), config_(config), keys_(keys) {}

  // --- users. `actor`: for the audit.
  model::Result<std::vector<Account>> list();
  model::Result<Account> find(const std::string& name);
  // A code with which the user sets his password, once, within 30 minutes. Errors: stale: the account exists.
  model::Result<std::string> add(const NewAccount& account, const std::string& actor, model::Micros now);
  model::Result<std::string> new_setup_code(const std::string& name, const std::string& actor,
                                            model::Micros now);
  // Ends the user's sessions when roles change or he is disabled.
  model::Status change(const std::string& name, const AccountChange& change, const std::string& actor,
                       model::Micros now);
  model::Status remove(const std::string& name, const std::string& actor, model::Micros now);
  model::Status set_password(const std::string& name, const std::string& password, const std::string& actor,
                             model::Micros now);
  // Forgets the authenticator, for a user who lost it.
  model::Status forget_second_factor(const std::string& name, const std::string& actor, model::Micros now);

  // --- log-in. Errors of class auth say one and the same for an unknown user, a wrong password, a wrong code
  // and a disabled account, after the same work; throttled: too many failures, alike for unknown users.
  struct LoggedIn {
    std::string session;  // the cookie's value
    Principal who;
    bool second_factor_missing = false;  // his roles want one: only enrolment is open to him
  };
  // code: of the authenticator app; an empty one, where one is wanted, is the error code "second-factor".
  model::Result<LoggedIn> log_in(const std::string& name, const std::string& password,
                                 const std::string& code, const std::string& address, model::Micros now);
  // Somebody whom the company's own provider named. `second_factor`: the provider says that one was used.
  // Errors: auth, alike for an unknown and a disabled account.
  model::Result<LoggedIn> log_in_by_provider(const std::string& name, bool second_factor,
                                             const std::string& address, model::Micros now);
  model::Status use_setup_code(const std::string& name, const std::string& code, const std::string& password,
                               const std::string& address, model::Micros now);
  model::Status change_password(const Principal& who, const std::string& old_password,
                                const std::string& new_password, const std::string& address,
                                model::Micros now);
  model::Status log_out(const std::string& session, const Principal& who, model::Micros now);
  // A new authenticator secret; counts once a code of it was confirmed.
  struct Enrolment {
    std::string secret, uri;
  };
  model::Result<Enrolment> begin_second_factor(const Principal& who, model::Micros now);
  // The session is exchanged for a new one.
  model::Result<LoggedIn> confirm_second_factor(const Principal& who, const std::string& session,
                                                const std::string& code, model::Micros now);

  // --- what a request carries. Errors: auth.
  model::Result<Principal> by_session(const std::string& session, model::Micros now);
  model::Result<Principal> by_token(const std::string& token, const std::string& address, model::Micros now);

  // --- tokens. Returned once: the token itself.
  struct NewToken {
    std::string name, user;
    std::set<std::string> functions;
    model::Micros expires = 0;
  };
  struct IssuedToken {
    Token token;
    std::string secret;
  };
  model::Result<IssuedToken> issue(const NewToken& token, const std::string& actor, model::Micros now);
  // Empty user: all.
  model::Result<std::vector<Token>> tokens(const std::string& user);
  // `of`: only when it belongs to that user; empty: whoever's.
  model::Status revoke(const std::string& id, const std::string& of, const std::string& actor,
                       model::Micros now);

 private:
  struct Stored;  // an account with its secrets
  std::optional<Stored> load(store::Snapshot& snapshot, const std::string& name) const;
  static void save(store::Transaction& transaction, const Stored& account);
  Account account_of(const Stored& stored) const;
  Principal principal(store::Snapshot& snapshot, const Stored& stored) const;
  std::string open_session(store::Transaction& transaction, const std::string& name, bool second_factor,
                           model::Micros now);
  void end_sessions(store::Transaction& transaction, const std::string& name);
  model::Result<std::string> authenticator(const Stored& stored) const;
  model::Status write_account(
      const std::string& name, const std::string& action, const std::string& actor, model::Micros now,
      const std::function<model::Result<model::Value>(store::Transaction&, Stored&)>& change);

  store::Store& store_;
  const config::Config& config_;
  Keys& keys_;
  Throttle throttle_;
  std::mutex seen_mutex_;
  std::map<std::string, model::Micros> seen_;  // session → last use
};

// Is it long enough, short enough, and not the user's name? Errors: data, with what is wanted.
model::Status check_password(const std::string& password, const std::string& name);

}  // namespace huiliu::access
