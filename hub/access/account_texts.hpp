// How accounts stand in the store, for the files of Accounts only: an account with its secrets as the text of
// a small value, and what reading and noting it takes.
#pragma once

#include <algorithm>
#include <set>
#include <string>

#include "hub/access/accounts.hpp"
#include "hub/crypt/hash.hpp"

namespace huiliu::access {

inline constexpr const char* accounts_space = "account";
inline constexpr const char* sessions_space = "session";
inline constexpr const char* tokens_space = "token";

inline std::string hash_of(std::string_view secret) { return crypt::to_hex(crypt::sha256(secret)); }

inline model::Error refused() {
  return {model::ErrorClass::auth, "user, password or code is wrong", "credentials"};
}

inline model::Value names_of(const std::set<std::string>& names) {
  model::Array list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

inline std::set<std::string> names_in(const model::Value& list) {
  std::set<std::string> names;
  if (const model::Array* elements = list.if_array())
    for (const model::Value& element : *elements) names.insert(element.to_text());
  return names;
}

inline std::int64_t number_in(const model::Value& value) {
  const model::Number* number = value.if_number();
  return number == nullptr ? 0 : number->to_int64().value_or(0);
}

inline bool flag_in(const model::Value& value) { return value.if_bool() != nullptr && *value.if_bool(); }

inline void audit(store::Transaction& transaction, const std::string& actor, const char* action,
                  const std::string& object, model::Value detail, model::Micros now) {
  store::AuditEntry entry;
  entry.at = now;
  entry.actor = actor;
  entry.action = action;
  entry.object = object;
  entry.detail = std::move(detail);
  transaction.add_audit(entry);
}

inline std::string time_text(model::Micros time) {
  return time == 0 ? std::string() : model::to_rfc3339(time);
}

struct Accounts::Stored {
  std::string name, shown, employee, password, totp, totp_new, setup;
  std::set<std::string> roles;
  bool disabled = false;
  std::int64_t totp_used = 0;
  model::Micros created = 0, last_login = 0, setup_until = 0;

  static Stored from(const std::string& name, const model::Value& text) {
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
  model::Value text() const {
    return model::Object{{"shown", shown},           {"employee", employee},
                         {"password", password},     {"totp", totp},
                         {"totp_new", totp_new},     {"setup", setup},
                         {"roles", names_of(roles)}, {"disabled", disabled},
                         {"totp_used", totp_used},   {"created", created},
                         {"last_login", last_login}, {"setup_until", setup_until}};
  }
};

}  // namespace huiliu::access
