// How accounts stand in the store, for the files of Accounts only: an account with its secrets as the text of
// a small value, and what reading and noting it takes.
#pragma once

#include <algorithm>
#include <set>
#include <string>

#include "hub/access/accounts.hpp"
#include "hub/crypt/hash.hpp"

namespace huiliu::access {

using model::Array;
using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

inline constexpr const char* accounts_space = "account";
inline constexpr const char* sessions_space = "session";
inline constexpr const char* tokens_space = "token";

inline std::string hash_of(std::string_view secret) { return crypt::to_hex(crypt::sha256(secret)); }

inline model::Error refused() { return {ErrorClass::auth, "user, password or code is wrong", "credentials"}; }

inline Value names_of(const std::set<std::string>& names) {
  Array list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

inline std::set<std::string> names_in(const Value& list) {
  std::set<std::string> names;
  if (const Array* elements = list.if_array())
    for (const Value& element : *elements) names.insert(element.to_text());
  return names;
}

inline std::int64_t number_in(const Value& value) {
  const model::Number* number = value.if_number();
  return number == nullptr ? 0 : number->to_int64().value_or(0);
}

inline bool flag_in(const Value& value) { return value.if_bool() != nullptr && *value.if_bool(); }

inline void audit(store::Transaction& transaction, const std::string& actor, const char* action,
                  const std::string& object, Value detail, Micros now) {
  store::AuditEntry entry;
  entry.at = now;
  entry.actor = actor;
  entry.action = action;
  entry.object = object;
  entry.detail = std::move(detail);
  transaction.add_audit(entry);
}

inline std::string time_text(Micros time) { return time == 0 ? std::string() : model::to_rfc3339(time); }

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

}  // namespace huiliu::access
