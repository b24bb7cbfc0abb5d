// Signing and sessions against a twin that checks everything.
#include <thread>

#include "plugins/kingdee/tests/fixture.hpp"

namespace kingdee_test {
namespace {

using host::ReadMode;
using AuthTest = KingdeeTest;

TEST_F(AuthTest, EveryModeReads) {
  customer(101, "甲公司");
  for (const char* settings :
       {R"({"auth":"signed_headers"})", R"({"auth":"login_by_sign"})",
        R"({"auth":"login_by_sign","login_hash":"sha1"})", R"({"auth":"login_by_app_secret"})",
        R"({"auth":"validate_user","password":"Huiliu@2025"})"}) {
    const Read all = read(open(settings));
    ASSERT_TRUE(all.status.ok()) << settings << ": " << all.status.error().text();
    EXPECT_EQ(all.records.size(), 1u);
  }
}

TEST_F(AuthTest, OneLoginServesManyRequestsAndInstances) {
  customer(101, "甲公司");
  auto& first = open(R"({"auth":"login_by_sign"})");
  auto& second = open(R"({"auth":"login_by_sign"})");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(read(first).status.ok());
    ASSERT_TRUE(read(second).status.ok());
  }
  EXPECT_EQ(calls("LoginBySign"), 1);
}

// The site serves the requests of one session one after another. Further sessions only where the setting says
// so: some licences allow no second login of a user.
TEST_F(AuthTest, RequestsSideBySideUseSessionsOfTheirOwnWhereAllowed) {
  customer(101, "甲公司");
  for (const int sessions : {1, 2}) {
    server_.locked([&] { twin_.expire_tokens(); });
    reset_counters();
    const std::string settings = R"({"auth":"login_by_sign","sessions":)" + std::to_string(sessions) + "}";
    auto& first = open(settings);
    auto& second = open(settings);
    ASSERT_TRUE(first.check().ok());
    server_.locked([&] {
      twin_.faults().configure({{"slow", {{"next", 1}, {"ms", 1500}, {"match", "ExecuteBillQuery"}}}});
    });
    const std::int64_t before = calls("ExecuteBillQuery");
    {
      const std::jthread beside([&] { EXPECT_TRUE(first.check().ok()); });
      while (calls("ExecuteBillQuery") == before) std::this_thread::yield();
      EXPECT_TRUE(second.check().ok());
    }
    EXPECT_EQ(calls("LoginBySign"), sessions);
  }
}

TEST_F(AuthTest, SignedRequestsKeepTheSessionThatTheyWereGiven) {
  auto& instance = open();
  ASSERT_TRUE(instance.check().ok());
  ASSERT_TRUE(instance.check().ok());
  server_.locked([&] { twin_.expire_tokens(); });
  EXPECT_TRUE(instance.check().ok()) << "a lost session heals with the next signed call";
}

TEST_F(AuthTest, ALostSessionIsRenewedOnceAndTheReadGoesOn) {
  customer(101, "甲公司");
  auto& instance = open(R"({"auth":"login_by_sign"})");
  ASSERT_TRUE(read(instance).status.ok());
  wait_seconds(21 * 60);  // idle for longer than a session lives
  EXPECT_EQ(read(instance).records.size(), 1u);
  EXPECT_EQ(calls("LoginBySign"), 2);
  server_.locked([&] { twin_.expire_tokens(); });
  EXPECT_EQ(read(instance).records.size(), 1u);
  EXPECT_EQ(calls("LoginBySign"), 3);
}

// Quirk 4: after a restore of the database the login succeeds and every session is lost at once.
TEST_F(AuthTest, ASessionThatIsAlwaysLostEndsAtTheOwner) {
  server_.locked([&] { twin_.sessions().rules().idle_ms = -1; });
  for (const char* settings : {R"({"auth":"login_by_sign"})", R"({"auth":"signed_headers"})"}) {
    server_.locked([&] { twin_.sessions().rules().fresh_session_refusals = 1000; });
    reset_counters();
    const model::Status status = open(settings).check();
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().error_class, model::ErrorClass::auth) << status.error().text();
    EXPECT_LE(calls("LoginBySign"), 3);
    EXPECT_LE(calls("ExecuteBillQuery"), 4);
  }
}

TEST_F(AuthTest, AFreshSignedSessionMayTakeAMoment) {
  server_.locked([&] { twin_.sessions().rules().fresh_session_refusals = 1; });
  EXPECT_TRUE(open().check().ok());
}

TEST_F(AuthTest, RefusedLoginsAreNeverRepeated) {
  const struct {
    const char* settings;
    const char* rule;
  } cases[] = {{R"({"auth":"login_by_sign","app_secret":"wrong"})", ""},
               {R"({"auth":"login_by_app_secret","app_secret":"wrong"})", ""},
               {R"({"auth":"validate_user","password":"wrong"})", ""},
               {R"({"auth":"login_by_sign"})", "locked_user"},
               {R"({"auth":"login_by_sign"})", "user_not_allowed"}};
  for (const auto& [settings, rule] : cases) {
    server_.locked([&, broken = std::string_view(rule)] {
      twin_.sessions().rules().locked = broken == "locked_user";
      twin_.sessions().rules().user_allowed = broken != "user_not_allowed";
    });
    reset_counters();
    instances_.clear();
    host_ = std::make_unique<host::Host>(environment_, host::HostOptions{});  // no tokens of the cases before
    auto& instance = open(settings);
    (void)instance.authenticate("session");
    const std::int64_t logins = calls("LoginBySign") + calls("LoginByAppSecret") + calls("ValidateUser");
    EXPECT_EQ(logins, 1) << settings << rule;
    const model::Status status = instance.authenticate("session");
    ASSERT_FALSE(status.ok()) << settings << rule;
    EXPECT_EQ(status.error().error_class, model::ErrorClass::auth) << status.error().text();
  }
}

TEST_F(AuthTest, WrongSignaturesAreRefused) {
  const model::Status gateway = open(R"({"app_id":"999999_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC"})").check();
  ASSERT_FALSE(gateway.ok());
  EXPECT_EQ(gateway.error().error_class, model::ErrorClass::auth);
  const model::Status product = open(R"({"app_secret":"wrong"})").check();
  ASSERT_FALSE(product.ok());
  EXPECT_EQ(product.error().error_class, model::ErrorClass::auth) << product.error().text();
}

TEST_F(AuthTest, AWrongClockIsCorrectedByTheSitesDate) {
  twin_ahead_ms_ = 13 * 60 * 1000;  // the gateway refuses timestamps that are so far off
  EXPECT_TRUE(open().check().ok());
}

TEST_F(AuthTest, ASiteWithoutGatewayNeedsOnlyTheProductsSignature) {
  server_.locked([&] { twin_.sessions().rules().check_gateway = false; });
  EXPECT_TRUE(open(R"({"app_id":"231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC"})").check().ok());
}

TEST_F(AuthTest, MissingSettingsAreNamed) {
  const auto plugin = host::load_plugin(HUILIU_PLUGIN_PATH);
  ASSERT_TRUE(plugin.ok());
  const auto opened = host::Instance::open(
      *host_, (*plugin)->connector(""),
      {.connection = "erp",
       .settings = value(R"({"base_url":"http://127.0.0.1:1/","acct_id":"a","user_name":"u"})"),
       .secrets = host::SecretForm::clear_allowed});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().error_class, model::ErrorClass::config);
}

// The secret never leaves the host where an HMAC is enough, and never stands in a request.
TEST_F(AuthTest, TheSecretIsInNoRequest) {
  std::string sent;
  host::HostOptions options;
  options.watch_request = [&](const std::string&, const host::HttpRequest& request) {
    sent += request.url + request.body;
    for (const auto& [name, text] : request.headers) sent += name + text;
  };
  instances_.clear();
  host_ = std::make_unique<host::Host>(environment_, options);
  ASSERT_TRUE(open().check().ok());
  ASSERT_TRUE(open(R"({"auth":"login_by_sign"})").check().ok());
  EXPECT_FALSE(sent.empty());
  EXPECT_EQ(sent.find(twin_.sessions().account().app_secret), std::string::npos);
}

}  // namespace
}  // namespace kingdee_test
