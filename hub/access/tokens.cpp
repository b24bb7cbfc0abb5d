// Tokens of programs: "hlt_ID_SECRET", kept as hashes, with scopes and an end.
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

Value token_view(const Token& token) {
  return Object{{"id", token.id},
                {"name", token.name},
                {"user", token.user},
                {"functions", names_of(token.functions)},
                {"created", time_text(token.created)},
                {"expires", time_text(token.expires)},
                {"used", time_text(token.used)}};
}

namespace {

constexpr std::size_t tokens_of_user_most = 50;

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
