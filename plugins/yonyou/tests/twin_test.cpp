// The twin as other clients see it: what it serves beside what the connector asks, and what it refuses.
#include "plugins/yonyou/src/signature.hpp"
#include "plugins/yonyou/tests/fixture.hpp"

namespace yonyou_test {
namespace {

class TwinTest : public YonyouTest {
 protected:
  std::string token() {
    const auto& account = yonyou_twin::account();
    const std::map<std::string, std::string> parameters{{"appKey", account.app_key},
                                                        {"timestamp", std::to_string(start_us / 1000)}};
    const std::string signature =
        yonyou::base64_of(yonyou::hmac_sha256(account.app_secret, yonyou::string_to_sign(parameters)));
    const auto answer = huiliu::twin::http_send(
        {.method = "GET",
         .url = server_.url() + "/open-auth/selfAppAuth/getAccessToken?appKey=" + account.app_key +
                "&timestamp=" + parameters.at("timestamp") +
                "&signature=" + yonyou::percent_encode(signature)});
    return std::string(json::parse(answer.body).at("data").at("access_token").as_string());
  }
  json::object ask(const std::string& path, const std::string& body, const std::string& method = "POST") {
    const char mark = path.find('?') == std::string::npos ? '?' : '&';
    const auto answer = huiliu::twin::http_send(
        {.method = method,
         .url = server_.url() + path + mark + "access_token=" + yonyou::percent_encode(token()),
         .headers = {{"Content-Type", "application/json"}},
         .body = body});
    status_ = answer.status;
    return json::parse(answer.body).as_object();
  }
  int status_ = 0;
};

TEST_F(TwinTest, UnknownPathsAre404BeforeTheToken) {
  EXPECT_EQ(ask("/yonbip/digitalModel/merchant/idempotent/newinsert_copy", "{}").at("code"), "310404");
  EXPECT_EQ(status_, 404);
}

TEST_F(TwinTest, BodiesAndMethodsAreChecked) {
  const std::string list = "/yonbip/digitalModel/merchant/newlist";
  EXPECT_EQ(ask(list, "no json").at("code"), "310002");
  EXPECT_EQ(ask(list, "[]").at("code"), "310003");
  EXPECT_EQ(ask(list, R"({"pageIndex":1,"pageSize":5001})").at("code"), "310003");
  EXPECT_EQ(ask(list, "", "GET").at("code"), "310405");
  EXPECT_EQ(ask("/yonbip/digitalModel/merchant/newBatchDetail", "{}").at("code"), "310003");
}

TEST_F(TwinTest, ListsInEveryFamily) {
  customer(
      1706047321704235001, "甲",
      R"("merchantApplyRanges":[{"orgIdCode":"310"}],"merchantAddressInfos":[{"id":3,"addressCode":"A1","address":"某路","isDefault":true}])");
  const json::object bare = ask("/yonbip/digitalModel/merchant/newlist", R"({"pageIndex":1})");
  EXPECT_EQ(bare.at("data").as_array().size(), 1U);
  EXPECT_FALSE(bare.at("data").at(0).as_object().contains("merchantAddressInfos"));
  const json::object ranged =
      ask("/yonbip/digitalModel/merchant/newlistrange", R"({"pageIndex":1,"pageSize":10})");
  EXPECT_EQ(ranged.at("data").at("recordCount"), "2");  // once for each organisation, and the figure is text
  const json::object newer = ask("/yonbip/PFC/merchant/v1/list", R"({"pageIndex":1,"pageSize":10})");
  EXPECT_EQ(newer.at("data").at("recordList").at(0).at("name").at("zh_CN"), "甲");
  EXPECT_EQ(newer.at("data").at("recordList").at(0).at("createOrg___code"), "300");
  const json::object addresses = ask("/yonbip/digitalModel/merchant/listaddressbycodelist",
                                     R"({"codes":["V1706047321704235001"],"pageIndex":1,"pageSize":10})");
  EXPECT_EQ(addresses.at("data").at(0).at("addressCode"), "A1");
}

TEST_F(TwinTest, AnOrderByItsId) {
  load("orders", R"({"id":17,"code":"XSDD-1","pubts":"2025-01-01 00:00:00"})");
  EXPECT_EQ(ask("/yonbip/sd/voucherorder/detail?id=17", "", "GET").at("data").at("code"), "XSDD-1");
  EXPECT_EQ(ask("/yonbip/sd/voucherorder/detail?id=18", "", "GET").at("code"), "404");
}

// Explicit nulls reach the business service; the other family's languages are ignored without a word.
TEST_F(TwinTest, NullsAndTheOtherSpellingAreNoValues) {
  const std::string insert = "/yonbip/digitalModel/merchant/idempotent/newinsert";
  const std::string head =
      R"({"data":{"resubmitCheckKey":"k1","code":"C1","createOrgCode":"300","enterpriseNature":0,"enterpriseName":"甲",)";
  EXPECT_EQ(ask(insert, head + R"("name":{"zh_CN":"甲"}}})").at("message"), "客户名称不能为空!");
  EXPECT_EQ(ask(insert, head + R"("name":{"simplifiedName":"甲"},"fax":null}})").at("code"), "999");
  EXPECT_EQ(ask(insert, head + R"("name":{"simplifiedName":"甲"}}})").at("code"), "200");
  EXPECT_EQ(ask(insert, head + R"("name":{"simplifiedName":"甲"}}})").at("code"), "10004");
  EXPECT_EQ(size("customers"), 1U);
}

}  // namespace
}  // namespace yonyou_test
