// Log-in, log-out, passwords, authenticator apps; who the caller is and what he may.
#include "hub/api/api.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

std::string cookie_text(const std::string& session, const char* rest) {
  return "__Host-huiliu=" + session + "; Path=/; Secure; HttpOnly; SameSite=Strict" + rest;
}

Value session_view(Call& call, const access::Principal& who, bool second_factor_missing) {
  Array roles, functions;
  for (const std::string& role : who.roles) roles.emplace_back(role);
  for (const std::string_view function : config::functions())
    if (call.api.policy().may(who, std::string(function))) functions.emplace_back(function);
  return Object{{"user", who.name},
                {"shown", who.shown},
                {"roles", std::move(roles)},
                {"functions", std::move(functions)},
                {"second_factor", who.second_factor},
                {"second_factor_missing", second_factor_missing},
                {"employee", who.employee},
                {"department", who.department}};
}

Answer opened(Call& call, const access::Accounts::LoggedIn& in) {
  Answer answer;
  answer.body = session_view(call, in.who, in.second_factor_missing);
  answer.headers.emplace_back("Set-Cookie", cookie_text(in.session, ""));
  return answer;
}

Result<Answer> log_in(Call& call) {
  HUILIU_ASSIGN(const auto in,
                call.api.accounts().log_in(call.body["user"].to_text(), call.body["password"].to_text(),
                                           call.body["code"].to_text(), call.request.peer, call.now));
  return opened(call, in);
}

// --- by the company's own provider

constexpr std::string_view oidc_cookie = "__Host-huiliu-login";

Result<Answer> begin_oidc(Call& call) {
  run::Oidc* oidc = call.hub.oidc();
  if (oidc == nullptr) return not_there("log-in by a provider");
  HUILIU_ASSIGN(const run::Oidc::Begun begun, oidc->begin(call.now));
  Answer answer{200, Object{{"url", begun.url}}, {}, {}, {}};
  answer.headers.emplace_back("Set-Cookie", std::string(oidc_cookie) + "=" + begun.binding +
                                                "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=600");
  return answer;
}

Result<Answer> finish_oidc(Call& call) {
  run::Oidc* oidc = call.hub.oidc();
  if (oidc == nullptr) return not_there("log-in by a provider");
  HUILIU_ASSIGN(const run::Oidc::Identity who,
                oidc->finish(call.body["code"].to_text(), call.body["state"].to_text(),
                             call.request.cookie(oidc_cookie), call.now));
  HUILIU_ASSIGN(const auto in, call.api.accounts().log_in_by_provider(who.user, who.second_factor,
                                                                      call.request.peer, call.now));
  return opened(call, in);
}

Result<Answer> who_am_i(Call& call) {
  const bool missing = call.api.policy().needs_second_factor(call.who.roles) && !call.who.second_factor &&
                       !call.session.empty();
  return Answer{200, session_view(call, call.who, missing), {}, {}, {}};
}

Result<Answer> log_out(Call& call) {
  if (!call.session.empty()) HUILIU_TRY(call.api.accounts().log_out(call.session, call.who, call.now));
  Answer answer = done();
  answer.headers.emplace_back("Set-Cookie", cookie_text("", "; Max-Age=0"));
  answer.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\"");
  return answer;
}

Result<Answer> set_up(Call& call) {
  HUILIU_TRY(
      call.api.accounts().use_setup_code(call.body["user"].to_text(), call.body["setup_code"].to_text(),
                                         call.body["password"].to_text(), call.request.peer, call.now));
  return done();
}

// What changes how one logs in takes a log-in, not a token.
Status by_session(const Call& call) {
  if (!call.session.empty()) return {};
  return model::Error{model::ErrorClass::auth, "this takes a log-in, not a token", "forbidden"};
}

Result<Answer> change_password(Call& call) {
  HUILIU_TRY(by_session(call));
  HUILIU_TRY(call.api.accounts().change_password(call.who, call.body["old"].to_text(),
                                                 call.body["new"].to_text(), call.request.peer, call.now));
  return done();
}

Result<Answer> begin_second_factor(Call& call) {
  HUILIU_TRY(by_session(call));
  HUILIU_ASSIGN(const auto enrolment, call.api.accounts().begin_second_factor(call.who, call.now));
  return Answer{200, Object{{"secret", enrolment.secret}, {"uri", enrolment.uri}}, {}, {}, {}};
}

Result<Answer> confirm_second_factor(Call& call) {
  HUILIU_TRY(by_session(call));
  HUILIU_ASSIGN(const auto in, call.api.accounts().confirm_second_factor(
                                   call.who, call.session, call.body["code"].to_text(), call.now));
  return opened(call, in);
}

Result<Answer> description(Call&) { return Answer{200, openapi(), {}, {}, {}}; }

}  // namespace

std::vector<Route> session_routes() {
  std::vector<Route> list = {
      {"POST", "/session", "logIn", "Log in; sets the session cookie", anybody, log_in, 200, "Session",
       R"({"type":"object","additionalProperties":false,"required":["user","password"],"properties":{
           "user":{"type":"string","minLength":1,"maxLength":64},"password":{"type":"string","minLength":1,"maxLength":256},
           "code":{"type":"string","maxLength":6}}})"},
      {"POST", "/session/oidc/start", "beginOidc", "Log in by the company's provider: where to go", anybody,
       begin_oidc, 200, "Redirect"},
      {"POST", "/session/oidc", "finishOidc", "Back from the provider: code and state for a session", anybody,
       finish_oidc, 200, "Session",
       R"({"type":"object","additionalProperties":false,"required":["code","state"],"properties":{
           "code":{"type":"string","minLength":1,"maxLength":4000},"state":{"type":"string","minLength":1,"maxLength":100}}})"},
      {"GET", "/session", "whoAmI", "The user, his roles, and what he may do", logged_in, who_am_i, 200,
       "Session"},
      {"DELETE", "/session", "logOut", "End the session", logged_in, log_out, 200, "Done"},
      {"POST", "/session/setup", "setUp", "Set a password with a setup code", anybody, set_up, 200, "Done",
       R"({"type":"object","additionalProperties":false,"required":["user","setup_code","password"],"properties":{
           "user":{"type":"string","minLength":1,"maxLength":64},"setup_code":{"type":"string","minLength":1,"maxLength":40},
           "password":{"type":"string","minLength":1,"maxLength":256}}})"},
      {"POST", "/session/password", "changePassword", "Change one's own password; ends all sessions",
       logged_in, change_password, 200, "Done",
       R"({"type":"object","additionalProperties":false,"required":["old","new"],"properties":{
           "old":{"type":"string","minLength":1,"maxLength":256},"new":{"type":"string","minLength":1,"maxLength":256}}})"},
      {"POST", "/session/second-factor", "beginSecondFactor", "Begin to enrol an authenticator app",
       logged_in, begin_second_factor, 200, "Enrolment"},
      {"POST", "/session/second-factor/confirmation", "confirmSecondFactor", "Confirm it by a code",
       logged_in, confirm_second_factor, 200, "Session",
       R"({"type":"object","additionalProperties":false,"required":["code"],"properties":{
           "code":{"type":"string","minLength":6,"maxLength":6}}})"},
      {"GET", "/openapi.json", "describe", "This description", anybody, description, 200, "Document"},
  };
  for (Route& route : list) route.secret = true;
  return list;
}

}  // namespace huiliu::api
