// Log-in, sessions, second factor, tokens: what opens, what stays shut, and that the answers tell nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/crypt/hash.hpp"
#include "hub/crypt/totp.hpp"
#include "tests/unit/api/desk.hpp"

namespace huiliu::api {
namespace login_test {

using model::Object;
using model::Value;
using testing::HasSubstr;

constexpr const char* password = "correct horse battery";

std::string login_body(const std::string& user, const std::string& secret, const std::string& code = {}) {
  return model::to_json(Object{{"user", user}, {"password", secret}, {"code", code}});
}

TEST(LogIn, AFreshHubHasNoWayIn) {
  Desk desk;
  for (const char* user : {"admin", "root", "console", "huiliu"})
    for (const char* guess : {"admin", "password", "huiliu"})
      EXPECT_EQ(desk.call("POST", "/api/v1/session", "", login_body(user, guess)).status, 401);
  EXPECT_EQ(desk.call("GET", "/api/v1/customers", "").status, 401);
  EXPECT_EQ(desk.call("GET", "/api/v1/session", "").status, 401);
}

TEST(LogIn, ASetupCodeWorksOnceAndExpires) {
  Desk desk;
  const auto code = desk.hub().accounts().add({"chen", "陈工", "", {"steward"}}, "test", desk.now());
  ASSERT_TRUE(code.ok());
  EXPECT_FALSE(desk.hub()
                   .accounts()
                   .use_setup_code("chen", *code, password, "", desk.now() + access::setup_code_lasts)
                   .ok());
  const auto body = [&](const std::string& secret) {
    return model::to_json(Object{{"user", "chen"}, {"setup_code", *code}, {"password", secret}});
  };
  EXPECT_EQ(desk.call("POST", "/api/v1/session/setup", "", body("short")).status, 422);
  EXPECT_EQ(desk.call("POST", "/api/v1/session/setup", "", body(password)).status, 200);
  EXPECT_EQ(desk.call("POST", "/api/v1/session/setup", "", body("another password")).status, 401);
  EXPECT_FALSE(desk.log_in("chen", password).empty());
}

TEST(LogIn, IsNoOracle) {
  Desk desk;
  desk.add_user("known", {"steward"}, password);
  desk.add_user("gone", {"steward"}, password);
  ASSERT_TRUE(desk.hub().accounts().change("gone", {{}, {}, {}, true}, "test", desk.now()).ok());
  const HttpResponse wrong =
      desk.call("POST", "/api/v1/session", "", login_body("known", "wrong password 1"), {}, "10.1.1.1");
  const HttpResponse unknown =
      desk.call("POST", "/api/v1/session", "", login_body("nobody", "wrong password 1"), {}, "10.1.1.1");
  const HttpResponse disabled =
      desk.call("POST", "/api/v1/session", "", login_body("gone", password), {}, "10.1.1.1");
  EXPECT_EQ(wrong.status, 403) << "plain HTTP from elsewhere carries no passwords";
  const auto try_here = [&](const std::string& user, const std::string& secret) {
    return desk.call("POST", "/api/v1/session", "", login_body(user, secret), {}, "127.0.0.1");
  };
  const HttpResponse here_wrong = try_here("known", "wrong password 1"),
                     here_unknown = try_here("nobody", "wrong password 1"),
                     here_disabled = try_here("gone", password);
  EXPECT_EQ(here_wrong.status, 401);
  EXPECT_EQ(here_wrong.body, here_unknown.body);
  EXPECT_EQ(here_wrong.body, here_disabled.body);
  EXPECT_EQ(here_wrong.headers, here_unknown.headers);
  // The same number of failures throttles both, and says the same.
  int first_known = 0, first_unknown = 0;
  for (int i = 1; i < 12; ++i) {
    if (first_known == 0 && try_here("known", "x").status == 429) first_known = i;
    if (first_unknown == 0 && try_here("nobody", "x").status == 429) first_unknown = i;
  }
  EXPECT_GT(first_known, 0);
  EXPECT_EQ(first_known, first_unknown);
  EXPECT_EQ(try_here("known", password).status, 429) << "also with the right password";
  // Nobody else is locked out: from another address the right password works.
  EXPECT_TRUE(desk.hub().accounts().log_in("known", password, "", "10.9.9.9", desk.now()).ok());
}

TEST(LogIn, TakesAsLongForUnknownUsers) {
  Desk desk;
  desk.add_user("known", {"steward"}, password);
  const auto milliseconds = [&](const std::string& user) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; ++i)
      static_cast<void>(desk.hub()
                            .accounts()
                            .log_in(user, "wrong password", "", "10.0.0." + std::to_string(i), desk.now())
                            .ok());
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  };
  milliseconds("warm");
  const double known = milliseconds("known"), unknown = milliseconds("stranger");
  EXPECT_LT(unknown, known * 3);
  EXPECT_LT(known, unknown * 3);
}

TEST(Sessions, TheCookieIsForThisHostAndScriptsDoNotSeeIt) {
  Desk desk;
  desk.add_user("chen", {"steward"}, password);
  const HttpResponse response = desk.call("POST", "/api/v1/session", "", login_body("chen", password));
  ASSERT_EQ(response.status, 200) << response.body;
  const std::string cookie = Desk::header(response, "Set-Cookie");
  EXPECT_TRUE(cookie.starts_with("__Host-huiliu=")) << cookie;
  for (const char* part : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"})
    EXPECT_THAT(cookie, HasSubstr(part));
  EXPECT_EQ(cookie.find("Domain"), std::string::npos);
  EXPECT_EQ(Desk::header(response, "Cache-Control"), "no-store");
  EXPECT_THAT(Desk::header(response, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
}

TEST(Sessions, WritesOfAnotherSitesPageAreRefused) {
  Desk desk;
  desk.add_user("chen", {"steward"}, password);
  const std::string session = desk.log_in("chen", password);
  const std::string target = "/api/v1/exports", body = R"({"reason":"monthly"})";
  EXPECT_EQ(desk.browse("POST", target, session, body).status, 200);
  EXPECT_EQ(desk.browse("POST", target, session, body, "https://evil.example").status, 403);
  EXPECT_EQ(desk.browse("POST", target, session, body, "null").status, 403);
  EXPECT_EQ(desk.browse("POST", target, session, body, "").status, 403)
      << "neither Origin nor Sec-Fetch-Site";
  const std::string cookie = "__Host-huiliu=" + session;
  EXPECT_EQ(
      desk.call("POST", target, "", body, {{"Cookie", cookie}, {"Origin", "https://hub.example"}}).status,
      403)
      << "without the header that a form cannot send";
  EXPECT_EQ(
      desk.call("GET", "/api/v1/customers", "", "", {{"Cookie", cookie}, {"Sec-Fetch-Site", "cross-site"}})
          .status,
      403);
  EXPECT_EQ(desk.call("POST", target, "", body,
                      {{"Cookie", cookie}, {"Sec-Fetch-Site", "same-origin"}, {"X-Huiliu-Request", "1"}})
                .status,
            200);
}

TEST(Sessions, EndByLogOutByIdlenessByAgeAndByAChangeOfRights) {
  Desk desk;
  desk.add_user("chen", {"steward"}, password);
  auto& accounts = desk.hub().accounts();
  const model::Micros now = desk.now();
  const std::string out = desk.log_in("chen", password);
  EXPECT_EQ(desk.browse("DELETE", "/api/v1/session", out).status, 200);
  EXPECT_EQ(desk.browse("GET", "/api/v1/session", out, "").status, 401);
  const std::string idle = desk.log_in("chen", password);
  EXPECT_TRUE(accounts.by_session(idle, now + access::session_idle - access::minute).ok());
  EXPECT_FALSE(accounts.by_session(idle, now + 2 * access::session_idle + access::minute).ok());
  const std::string old = desk.log_in("chen", password);
  for (model::Micros at = now; at < now + access::session_lasts - 20 * access::minute;
       at += 20 * access::minute)
    ASSERT_TRUE(accounts.by_session(old, at).ok());
  EXPECT_FALSE(accounts.by_session(old, now + access::session_lasts + access::minute).ok());
  const std::string demoted = desk.log_in("chen", password);
  ASSERT_TRUE(accounts.change("chen", {{}, {}, std::set<std::string>{"auditor"}, {}}, "test", now).ok());
  EXPECT_FALSE(accounts.by_session(demoted, now).ok());
  EXPECT_FALSE(accounts.by_session("", now).ok());
  EXPECT_FALSE(accounts.by_session(std::string(5000, 'x'), now).ok());
}

TEST(SecondFactor, AnAdministratorEnrolsBeforeAnythingElseAndACodeCountsOnce) {
  Desk desk;
  desk.add_user("zhou", {"admin"}, password);
  const std::string first = desk.log_in("zhou", password);
  EXPECT_EQ(desk.browse("GET", "/api/v1/users", first).status, 403);
  EXPECT_THAT(desk.browse("GET", "/api/v1/users", first).body, HasSubstr("second-factor-enrolment"));
  const HttpResponse enrolment = desk.browse("POST", "/api/v1/session/second-factor", first);
  ASSERT_EQ(enrolment.status, 200) << enrolment.body;
  const std::string secret = *crypt::from_base32(json_of(enrolment)["secret"].to_text());
  EXPECT_EQ(
      desk.browse("POST", "/api/v1/session/second-factor/confirmation", first, R"({"code":"000000"})").status,
      422);
  const std::string code = crypt::totp_code(secret, crypt::totp_step(desk.now()));
  const HttpResponse confirmed =
      desk.browse("POST", "/api/v1/session/second-factor/confirmation", first, "{\"code\":\"" + code + "\"}");
  ASSERT_EQ(confirmed.status, 200) << confirmed.body;
  EXPECT_EQ(desk.browse("GET", "/api/v1/session", first).status, 401) << "the session was exchanged";
  // The password alone is no longer enough, nor is the code that was used.
  EXPECT_EQ(desk.call("POST", "/api/v1/session", "", login_body("zhou", password)).status, 401);
  EXPECT_EQ(desk.call("POST", "/api/v1/session", "", login_body("zhou", password, code)).status, 401);
  const auto later = desk.hub().accounts().log_in(
      "zhou", password, crypt::totp_code(secret, crypt::totp_step(desk.now()) + 1), "10.0.0.7", desk.now());
  ASSERT_TRUE(later.ok()) << later.error().text();
  EXPECT_EQ(desk.browse("GET", "/api/v1/users", later->session).status, 200);
}

TEST(Tokens, CarryScopesExpireAndAreKeptAsHashes) {
  Desk desk;
  desk.add_user("chen", {"steward"}, password);
  const std::string session = desk.log_in("chen", password);
  const std::string expires = model::to_rfc3339(desk.now() + 3600 * model::second);
  const auto ask = [&](const std::string& functions) {
    return desk.browse("POST", "/api/v1/tokens", session,
                       "{\"name\":\"bi\",\"functions\":" + functions + ",\"expires\":\"" + expires + "\"}");
  };
  EXPECT_EQ(ask(R"(["users.write"])").status, 403) << "nobody hands on what he may not do";
  EXPECT_EQ(ask(R"(["everything"])").status, 403);
  const HttpResponse issued = ask(R"(["customers.read"])");
  ASSERT_EQ(issued.status, 201) << issued.body;
  const std::string token = json_of(issued)["token"].to_text();
  EXPECT_EQ(desk.call("GET", "/api/v1/customers", token).status, 200);
  EXPECT_EQ(desk.call("GET", "/api/v1/reviews", token).status, 403) << "not among its scopes";
  EXPECT_EQ(desk.call("POST", "/api/v1/tokens", token,
                      R"({"name":"x","functions":["customers.read"],"expires":"2030-01-01T00:00:00Z"})")
                .status,
            403);
  EXPECT_FALSE(desk.hub().accounts().by_token(token, "10.0.0.2", desk.now() + 3601 * model::second).ok());
  EXPECT_FALSE(desk.hub().accounts().by_token(token + "x", "10.0.0.3", desk.now()).ok());
  EXPECT_EQ(desk.call("GET", "/api/v1/tokens", token).body.find(token), std::string::npos);
  const Value stored = json_of(issued);
  std::string kept;
  ASSERT_TRUE(desk.hub()
                  .store()
                  .read([&](store::Snapshot& snapshot) -> model::Status {
                    kept = snapshot.load_value("token", stored["id"].to_text()).value_or("");
                    return {};
                  })
                  .ok());
  EXPECT_FALSE(kept.empty());
  EXPECT_EQ(kept.find(token.substr(17)), std::string::npos);
  EXPECT_EQ(desk.browse("DELETE", "/api/v1/tokens/" + stored["id"].to_text(), session).status, 200);
  EXPECT_EQ(desk.call("GET", "/api/v1/customers", token).status, 401);
}

TEST(Tokens, OfADisabledUserOpenNothing) {
  Desk desk;
  const std::string token = desk.token("steward");
  EXPECT_EQ(desk.call("GET", "/api/v1/customers", token).status, 200);
  ASSERT_TRUE(desk.hub().accounts().change("u-steward", {{}, {}, {}, true}, "test", desk.now()).ok());
  EXPECT_EQ(desk.call("GET", "/api/v1/customers", token).status, 401);
}

TEST(LogIn, EveryAttemptIsOneLineOfTheAudit) {
  Desk desk;
  desk.add_user("chen", {"steward"}, password);
  const auto count = [&] {
    std::size_t lines = 0;
    EXPECT_TRUE(desk.hub()
                    .store()
                    .read([&](store::Snapshot& snapshot) -> model::Status {
                      lines = snapshot.list_audit({{}, "login", {}, model::unknown_time}, {{}, 1000}).size();
                      return {};
                    })
                    .ok());
    return lines;
  };
  const std::size_t before = count();
  desk.log_in("chen", password);
  desk.call("POST", "/api/v1/session", "", login_body("chen", "wrong password"));
  desk.call("POST", "/api/v1/session", "", login_body("a password typed as the name", "x"));
  EXPECT_EQ(count(), before + 3);
  EXPECT_TRUE(desk.hub().store().verify_audit()->findings.empty());
  const std::string audit = desk.call("GET", "/api/v1/audit", desk.token("auditor")).body;
  EXPECT_EQ(audit.find("a password typed as the name"), std::string::npos);
  EXPECT_EQ(audit.find(password), std::string::npos);
}

}  // namespace login_test
}  // namespace huiliu::api
