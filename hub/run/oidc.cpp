#include "hub/run/oidc.hpp"

#include <algorithm>

#include "hub/crypt/hash.hpp"
#include "hub/crypt/jwt.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr Micros attempt_lasts = 600 * model::second;
constexpr Micros provider_known_for = 3600 * model::second;
constexpr Micros keys_not_again_before =
    60 * model::second;                     // a stranger's token must not make us ask each time
constexpr std::int64_t clock_differs = 60;  // seconds that two machines may be apart
constexpr std::size_t attempts_most = 1000;

model::Error refused() { return {ErrorClass::auth, "the log-in by the provider was refused", "credentials"}; }

std::string encoded(std::string_view raw) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : raw) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    out += '%';
    out += digits[static_cast<unsigned char>(c) >> 4U];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string form(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out;
  for (const auto& [name, value] : members) out += (out.empty() ? "" : "&") + name + "=" + encoded(value);
  return out;
}

std::string random_text() { return crypt::to_base64url(crypt::random_bytes(32)); }

std::optional<std::int64_t> seconds_in(const Value& value) {
  const model::Number* number = value.if_number();
  return number == nullptr ? std::nullopt : number->to_int64();
}

bool holds(const Value& value, const std::string& text) {
  if (const model::Array* list = value.if_array())
    return std::any_of(list->begin(), list->end(), [&](const Value& one) { return one.to_text() == text; });
  return value.is_string() && value.to_text() == text;
}

Result<std::string> resolved(const std::string& reference, const host::SecretSource& vault) {
  if (reference.empty()) return std::string();
  const Value schema = Object{
      {"type", "object"}, {"properties", Object{{"secret", Object{{"type", "string"}, {"secret", true}}}}}};
  HUILIU_ASSIGN(const Value found, host::resolve_references(schema, Object{{"secret", reference}},
                                                            host::SecretForm::references_only, vault));
  return found["secret"].to_text();
}

}  // namespace

Oidc::Oidc(const config::OidcSettings& settings, host::SecretSource vault)
    : settings_(settings), vault_(std::move(vault)), transport_(host::make_live_transport()) {}

Result<Value> Oidc::fetch(const host::HttpRequest& request) {
  const host::HttpAnswer answer = transport_->exchange(request, {});
  if (!answer.answered())
    return make_error(ErrorClass::retry, "the log-in's provider does not answer", request.url);
  auto value = model::parse_json(answer.body);
  if (answer.code != 200 || !value.ok() || !value->is_object()) {
    if (request.method == "POST") return refused();
    return make_error(ErrorClass::retry, "the log-in's provider answers " + std::to_string(answer.code),
                      request.url);
  }
  return std::move(*value);
}

Result<Oidc::Provider> Oidc::provider(Micros now) {
  {
    const std::lock_guard lock(mutex_);
    if (provider_ && provider_->read + provider_known_for > now) return *provider_;
  }
  host::HttpRequest request;
  request.url =
      settings_.issuer + (settings_.issuer.ends_with('/') ? "" : "/") + ".well-known/openid-configuration";
  HUILIU_ASSIGN(const Value found, fetch(request));
  if (found["issuer"].to_text() != settings_.issuer)
    return make_error(ErrorClass::config,
                      "the provider calls itself " + found["issuer"].to_text() + ", not as hub.yaml",
                      settings_.issuer);
  Provider fresh{found["authorization_endpoint"].to_text(),
                 found["token_endpoint"].to_text(),
                 found["jwks_uri"].to_text(),
                 {},
                 now};
  for (const std::string& url : {fresh.authorization, fresh.token, fresh.keys_url})
    if (!config::is_provider_url(url))
      return make_error(ErrorClass::config, "the provider names an address that is not https", url);
  return with_fresh_keys(std::move(fresh), now);
}

Result<Oidc::Provider> Oidc::with_fresh_keys(Provider provider, Micros now) {
  host::HttpRequest request;
  request.url = provider.keys_url;
  HUILIU_ASSIGN(provider.keys, fetch(request));
  provider.read = now;
  const std::lock_guard lock(mutex_);
  provider_ = provider;
  return provider;
}

Result<Oidc::Begun> Oidc::begin(Micros now) {
  HUILIU_ASSIGN(const Provider known, provider(now));
  const std::string state = random_text();
  const Attempt attempt{random_text(), random_text(), random_text(), now};
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(attempts_, [&](const auto& one) { return one.second.began + attempt_lasts <= now; });
    if (attempts_.size() >= attempts_most)
      return make_error(ErrorClass::retry, "too many log-ins are under way; try again in a while");
    attempts_[state] = attempt;
  }
  Begun begun;
  begun.binding = attempt.binding;
  begun.url = known.authorization + (known.authorization.find('?') == std::string::npos ? "?" : "&") +
              form({{"response_type", "code"},
                    {"client_id", settings_.client_id},
                    {"redirect_uri", settings_.redirect_url},
                    {"scope", "openid profile"},
                    {"state", state},
                    {"nonce", attempt.nonce},
                    {"code_challenge", crypt::to_base64url(crypt::sha256(attempt.verifier))},
                    {"code_challenge_method", "S256"}});
  return begun;
}

Result<std::string> Oidc::redeem(const Provider& provider, const std::string& code,
                                 const std::string& verifier) {
  std::vector<std::pair<std::string, std::string>> members = {{"grant_type", "authorization_code"},
                                                              {"code", code},
                                                              {"redirect_uri", settings_.redirect_url},
                                                              {"client_id", settings_.client_id},
                                                              {"code_verifier", verifier}};
  HUILIU_ASSIGN(const std::string secret, resolved(settings_.client_secret, vault_));
  if (!secret.empty()) members.emplace_back("client_secret", secret);
  host::HttpRequest request;
  request.method = "POST";
  request.url = provider.token;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  request.body = form(members);
  HUILIU_ASSIGN(const Value tokens, fetch(request));
  return tokens["id_token"].to_text();
}

Status Oidc::check(const Value& claims, const Attempt& attempt, Micros now) const {
  const std::int64_t seconds = now / model::second;
  const auto expires = seconds_in(claims["exp"]), issued = seconds_in(claims["iat"]);
  const bool several = claims["aud"].is_array() && claims["aud"].as_array().size() > 1;
  const bool good = claims["iss"].to_text() == settings_.issuer &&
                    holds(claims["aud"], settings_.client_id) &&
                    (!several || claims["azp"].to_text() == settings_.client_id) && expires &&
                    *expires + clock_differs > seconds && issued && *issued - clock_differs <= seconds &&
                    crypt::equal(claims["nonce"].to_text(), attempt.nonce);
  return good ? Status() : Status(refused());
}

Result<Oidc::Identity> Oidc::finish(const std::string& code, const std::string& state,
                                    const std::string& binding, Micros now) {
  Attempt attempt;
  {
    const std::lock_guard lock(mutex_);
    const auto found = attempts_.find(state);
    if (found == attempts_.end()) return refused();
    attempt = found->second;
    // A browser that did not begin it ends nothing; the right one gets one answer.
    if (!crypt::equal(attempt.binding, binding)) return refused();
    attempts_.erase(found);
  }
  if (attempt.began + attempt_lasts <= now) return refused();
  HUILIU_ASSIGN(Provider known, provider(now));
  HUILIU_ASSIGN(const std::string token, redeem(known, code, attempt.verifier));
  auto claims = crypt::verified_claims(token, known.keys);
  if (!claims.ok() && claims.error().error_class == ErrorClass::not_found &&
      known.read + keys_not_again_before <= now) {
    HUILIU_ASSIGN(known, with_fresh_keys(std::move(known), now));  // the provider changed its keys
    claims = crypt::verified_claims(token, known.keys);
  }
  if (!claims.ok()) return refused();
  HUILIU_TRY(check(*claims, attempt, now));
  const std::string user = (*claims)[settings_.user_claim].to_text();
  if (user.empty()) return refused();
  const Value& methods = (*claims)["amr"];
  const auto& counts = settings_.second_factor;
  return Identity{user, std::any_of(counts.begin(), counts.end(),
                                    [&](const std::string& method) { return holds(methods, method); })};
}

}  // namespace huiliu::run
