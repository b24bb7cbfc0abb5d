// Finding the tenant's addresses, and tokens.
#include "plugins/yonyou/tests/fixture.hpp"

namespace yonyou_test {
namespace {

using AuthTest = YonyouTest;

TEST_F(AuthTest, OneTokenServesManyCalls) {
  host::Instance& instance = open();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(instance.check().ok());
  EXPECT_EQ(calls("getAccessToken"), 1);
  wait_seconds(7200);
  ASSERT_TRUE(instance.check().ok());
  EXPECT_EQ(calls("getAccessToken"), 2);
}

// The refusal may be plain text under HTTP 200.
TEST_F(AuthTest, ATokenThatEndedEarlyIsRenewedOnce) {
  for (const char* as_text : {"true", "false"}) {
    rules(std::string(R"({"text_token_error":)") + as_text + "}");
    host::Instance& instance = open();
    ASSERT_TRUE(instance.check().ok());
    control("/expire-tokens", "{}");
    ASSERT_TRUE(instance.check().ok());
  }
}

// The token has characters that a query must have encoded, and is refused in any other form.
TEST_F(AuthTest, TheTokenTravelsEncodedInTheQuery) {
  ASSERT_TRUE(open().check().ok());
  const auto answer = huiliu::twin::http_send(
      {.method = "POST",
       .url = server_.url() + "/iuap-api-gateway/yonbip/digitalModel/merchant/newlist",
       .headers = {{"Content-Type", "application/json"}, {"access_token", "x"}},
       .body = R"({"pageIndex":1})"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("310001"), std::string::npos);
}

TEST_F(AuthTest, AWrongSecretIsForAPerson) {
  const auto checked = open(R"({"app_secret":"wrong"})").check();
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().error_class, model::ErrorClass::auth);
  EXPECT_NE(checked.error().text().find("app_secret"), std::string::npos);
}

TEST_F(AuthTest, TheTokensClockIsCorrectedOnce) {
  ahead_ms_ = 3'600'000;
  EXPECT_TRUE(open().check().ok());
  EXPECT_EQ(calls("getAccessToken"), 2);
}

TEST_F(AuthTest, ThePublicGatewayIsAskedForTheDataCentre) {
  host::Instance& instance = open(R"({"gateway_lookup":"always"})");
  ASSERT_TRUE(instance.check().ok());
  ASSERT_TRUE(instance.check().ok());
  EXPECT_EQ(calls("getGatewayAddress"), 1);
  // Kept for a day, across restarts.
  ASSERT_TRUE(open(R"({"gateway_lookup":"always"})").check().ok());
  EXPECT_EQ(calls("getGatewayAddress"), 1);
  wait_seconds(25 * 3600);
  ASSERT_TRUE(instance.check().ok());
  EXPECT_EQ(calls("getGatewayAddress"), 2);
}

// A tenant moves to another data centre: the address that was kept for the day does not answer any more.
TEST_F(AuthTest, AHostThatStopsAnsweringIsLookedUpAgain) {
  for (const char* silent : {"newlist", "getAccessToken"}) {
    host::Instance& instance = open(R"({"gateway_lookup":"always"})");
    ASSERT_TRUE(instance.check().ok());
    reset_counters();
    control("/expire-tokens", "{}");
    control("/faults", std::string(R"({"drop":{"next":20,"match":")") + silent + "\"}}");
    EXPECT_FALSE(instance.check().ok()) << silent;
    control("/faults", "{}");
    EXPECT_TRUE(instance.check().ok()) << silent;
    EXPECT_EQ(calls("getGatewayAddress"), 1) << silent;
  }
}

TEST_F(AuthTest, AnUnknownTenantIsAWrongSetting) {
  const auto checked = open(R"({"gateway_lookup":"always","tenant_id":"nobody"})").check();
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().error_class, model::ErrorClass::config);
  EXPECT_EQ(calls("getAccessToken"), 0);
}

TEST_F(AuthTest, ASuiteSignsWithItsTenant) {
  const std::string suite = R"({"auth":"suite","app_key":")" + yonyou_twin::account().suite_key +
                            R"(","app_secret":")" + yonyou_twin::account().suite_secret + "\"";
  EXPECT_TRUE(open(suite + "}").check().ok());
  EXPECT_TRUE(open(suite + R"(,"old_token_path":true})").check().ok());
}

TEST_F(AuthTest, AddressesByHand) {
  EXPECT_TRUE(open(R"({"base_url":"https://wrong.example","gateway_url":")" + server_.url() +
                   R"(/iuap-api-gateway/","token_url":")" + server_.url() + R"(/iuap-api-auth"})")
                  .check()
                  .ok());
  EXPECT_TRUE(open(R"({"base_url":")" + server_.url() + R"(/iuap-api-gateway/"})").check().ok());
}

TEST_F(AuthTest, FlowControlIsToldAsSuch) {
  control("/faults", R"({"rate_limit":{"next":1,"match":"newlist"}})");
  const auto checked = open().check();
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().error_class, model::ErrorClass::throttled);
}

TEST_F(AuthTest, AServiceThatFailsByItselfIsAskedAgain) {
  rules(R"({"service_failures":2})");
  EXPECT_TRUE(open().check().ok());
  rules(R"({"service_failures":5})");
  EXPECT_FALSE(open().check().ok());
}

// Quirk 1, end to end.
TEST_F(AuthTest, EverySpellingOfSuccessIsUnderstood) {
  customer(1706047321704235001, "甲");
  for (const char* style : {"text", "number", "quoted", "blank"}) {
    rules(std::string(R"({"code_style":")") + style + "\"}");
    EXPECT_EQ(read(open()).records.size(), 1U) << style;
  }
}

}  // namespace
}  // namespace yonyou_test
