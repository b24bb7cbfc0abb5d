// What the vendor's refusals mean, in all three of its failure models.
#include "plugins/dingtalk/src/errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::int64_t kNow = 1'772'352'000;  // 2026-03-01 16:00:00 in Beijing

std::optional<Refusal> oapi(const char* text, int http = 200) {
  const auto body = parse_json(text);
  return oapi_refusal(http, body ? &*body : nullptr, kNow);
}

std::optional<Refusal> api(int http, const char* text) {
  const auto body = parse_json(text);
  return api_refusal(http, body ? &*body : nullptr, kNow);
}

TEST(OldApi, SuccessMayBeTextOrNumberOrSilent) {
  EXPECT_FALSE(oapi(R"({"errcode":0,"errmsg":"ok"})"));
  EXPECT_FALSE(oapi(R"({"errcode":"0"})"));
  EXPECT_FALSE(oapi(R"({"result":{"has_more":"false"}})"));
}

TEST(OldApi, FailsInsideHttp200) {
  const auto refusal = oapi(R"({"errcode":40096,"errmsg":"不合法的appKey或appSecret"})");
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->kind, ErrorKind::credentials);
  EXPECT_EQ(refusal->code, "40096");
  EXPECT_EQ(status_of(refusal->kind), HUILIU_AUTH);
}

TEST(OldApi, Code88IsJudgedByItsSubCode) {
  const auto token = oapi(
      R"({"errcode":88,"sub_code":"40014","sub_msg":"不合法的access_token","errmsg":"ding talk error[subcode=40014,submsg=不合法的access_token]","request_id":"r"})");
  EXPECT_EQ(token->kind, ErrorKind::token);
  EXPECT_EQ(token->code, "40014");
  const auto from_text = oapi(R"({"errcode":88,"errmsg":"ding talk error[subcode=90018,submsg=…]"})");
  EXPECT_EQ(from_text->kind, ErrorKind::throttled_api);
  const auto scope =
      oapi(R"({"errcode":88,"sub_code":"60011","sub_msg":"requiredScopes=[qyapi_get_department_list]"})");
  EXPECT_EQ(scope->kind, ErrorKind::access);
  EXPECT_NE(scope->message.find("qyapi_get_department_list"), std::string::npos);
  EXPECT_EQ(oapi(R"({"errcode":88,"errmsg":"no code at all"})")->kind, ErrorKind::invalid);
}

// The fact sheet's codes, each with the one outcome and status that the vendor's own word for it calls for.
struct SheetRow {
  huiliu_outcome outcome;
  huiliu_status status;
  std::vector<std::string> codes;
};

const std::vector<SheetRow>& sheet_of_old_api() {
  static const std::vector<SheetRow> kRows{
      {HUILIU_DEFERRED, HUILIU_RETRY, {"-1", "40103"}},
      {HUILIU_IN_DOUBT, HUILIU_RETRY, {"400001"}},
      {HUILIU_DEFERRED,
       HUILIU_AUTH,
       {"33001", "33009", "40001", "40014", "42001", "40089", "40096", "400101", "300005"}},
      {HUILIU_DEFERRED,
       HUILIU_CONFIG,
       {"40056", "43004", "43007", "48002", "60011", "50003", "60020", "60205", "310000", "400013", "400102",
        "400106", "900004", "900005", "900006", "900007", "900008", "900009", "900010"}},
      {HUILIU_DEFERRED, HUILIU_THROTTLED, {"45009",  "90001",  "90002",  "90003",  "90004",  "90005",
                                           "90006",  "90007",  "90008",  "90009",  "90010",  "90011",
                                           "90012",  "90013",  "90014",  "90017",  "90018",  "90020",
                                           "143103", "143104", "143105", "143106", "410100", "660026"}},
      {HUILIU_GONE,
       HUILIU_DATA,
       {"33012", "40003", "60003", "60123", "60019", "60120", "60111", "60121", "71007"}},
      {HUILIU_DUPLICATE, HUILIU_DATA, {"60102", "60104", "22005", "60200", "71006"}},
      {HUILIU_REJECTED, HUILIU_DATA, {"22",     "404",    "40000",  "41001",  "40104",  "40009",  "40035",
                                      "40036",  "40068",  "40069",  "40078",  "43001",  "43002",  "50002",
                                      "50004",  "60103",  "60112",  "60203",  "60204",  "71008",  "71009",
                                      "71010",  "71011",  "71012",  "71013",  "400002", "400105", "400402",
                                      "430101", "430102", "430103", "430104", "900001", "900002", "900003"}}};
  return kRows;
}

const std::vector<SheetRow>& sheet_of_new_api() {
  static const std::vector<SheetRow> kRows{
      {HUILIU_IN_DOUBT, HUILIU_RETRY, {"ServiceUnavailable", "system.error", "systemError", "server.error"}},
      {HUILIU_DEFERRED, HUILIU_RETRY, {"todo.taskCreate.lockError"}},
      {HUILIU_DEFERRED,
       HUILIU_AUTH,
       {"InvalidAuthentication", "invalidClientIdOrSecret", "invalid.client", "unauthorized.client",
        "unsupported.grant.type"}},
      {HUILIU_DEFERRED,
       HUILIU_CONFIG,
       {"Forbidden.AccessDenied.AccessTokenPermissionDenied", "Forbidden.AccessDenied.IpNotInWhiteList",
        "relationType.not.exists", "creatorUserId.not.exists", "modifierUserId.not.exists",
        "systemError.notPermittedAccess", "crm.not.installed", "crmApp.not.installed", "crmAppNotExisted",
        "systemError.appNotExists"}},
      {HUILIU_DEFERRED,
       HUILIU_THROTTLED,
       {"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi",
        "Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi",
        "Forbidden.AccessDenied.QpmLimitForSuitekeyAndOrgAndApi", "Forbidden.AccessDenied.QpsLimitForApi",
        "Forbidden.AccessDenied.QpmLimitForApi", "Forbidden.AccessDenied.ApiCountLimitForOrg", "system.busy",
        "request.too.frequent", "systemError.busy", "daily.call.limit", "todo.taskCreate.flowControlError",
        "Throttling", "Throttling.User", "Throttling.Api"}},
      {HUILIU_GONE, HUILIU_DATA, {"data.not.exists", "someThing.NotFound"}},
      {HUILIU_DUPLICATE, HUILIU_DATA, {"1002", "same.data.exists", "duplicate.operation"}},
      {HUILIU_UNCHANGED, HUILIU_DATA, {"no.valid.parameter"}},
      {HUILIU_REJECTED,
       HUILIU_DATA,
       {"AuthenticationFailed.MissingParameter", "Missingbody", "param.error", "MissingmaxResults",
        "InvalidParameter.nextToken", "invalid.uk.parameter", "data.format.error", "queryDsl.invalid.json",
        "mobileFormatError", "fieldId.not.exists", "count.exceeds.limit",
        "customerCountUnderPrincipal.exceeds.limit", "sameMobileCount.exceeds.limit",
        "noPermission.to.update", "noPermission.to.setField", "todo.taskCreate.paramError"}}};
  return kRows;
}

void expect_row(const Refusal& refusal, const SheetRow& row, const std::string& code) {
  EXPECT_EQ(outcome_of(refusal.kind), row.outcome) << code;
  EXPECT_EQ(status_of(refusal.kind), row.status) << code;
  EXPECT_EQ(refusal.code, code);
  // "DingTalk CODE: Chinese / English".
  const std::size_t slash = refusal.message.find(" / ");
  ASSERT_NE(slash, std::string::npos) << refusal.message;
  const auto is_chinese = [](unsigned char c) { return c >= 0x80; };
  EXPECT_TRUE(std::any_of(refusal.message.begin(),
                          refusal.message.begin() + static_cast<std::ptrdiff_t>(slash), is_chinese))
      << refusal.message;
  EXPECT_FALSE(std::all_of(refusal.message.begin() + static_cast<std::ptrdiff_t>(slash) + 3,
                           refusal.message.end(), is_chinese))
      << refusal.message;
}

TEST(OldApi, EveryCodeOfTheSheetHasOneOutcomeAndWordsInTwoLanguages) {
  for (const SheetRow& row : sheet_of_old_api())
    for (const std::string& code : row.codes) {
      expect_row(*oapi((R"({"errcode":)" + code + "}").c_str()), row, code);
      expect_row(*oapi((R"({"errcode":88,"sub_code":")" + code + "\"}").c_str()), row, code);
    }
}

TEST(NewApi, EveryCodeOfTheSheetHasOneOutcomeAndWordsInTwoLanguages) {
  for (const SheetRow& row : sheet_of_new_api())
    for (const std::string& code : row.codes)
      for (const int http : {400, 403, 500})
        expect_row(*api(http, (R"({"code":")" + code + R"(","message":"m"})").c_str()), row, code);
}

struct CodeCase {
  const char* code;
  ErrorKind kind;
};

class OldApiCodes : public testing::TestWithParam<CodeCase> {};

TEST_P(OldApiCodes, HaveTheirClass) {
  const std::string plain = std::string(R"({"errcode":)") + GetParam().code + "}";
  EXPECT_EQ(oapi(plain.c_str())->kind, GetParam().kind);
  const std::string wrapped = std::string(R"({"errcode":88,"sub_code":")") + GetParam().code + "\"}";
  EXPECT_EQ(oapi(wrapped.c_str())->kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Sheet, OldApiCodes,
    testing::Values(CodeCase{"-1", ErrorKind::busy}, CodeCase{"22", ErrorKind::invalid},
                    CodeCase{"404", ErrorKind::invalid}, CodeCase{"40001", ErrorKind::token},
                    CodeCase{"40014", ErrorKind::token}, CodeCase{"42001", ErrorKind::token},
                    CodeCase{"33012", ErrorKind::not_found}, CodeCase{"45009", ErrorKind::throttled_api},
                    CodeCase{"50002", ErrorKind::forbidden}, CodeCase{"60003", ErrorKind::not_found},
                    CodeCase{"60020", ErrorKind::access}, CodeCase{"22005", ErrorKind::duplicate},
                    CodeCase{"60121", ErrorKind::not_found}, CodeCase{"90001", ErrorKind::throttled_all},
                    CodeCase{"90002", ErrorKind::throttled_api}, CodeCase{"90017", ErrorKind::throttled_all},
                    CodeCase{"90018", ErrorKind::throttled_api}, CodeCase{"90020", ErrorKind::quota_month},
                    CodeCase{"400001", ErrorKind::fault}, CodeCase{"400002", ErrorKind::invalid},
                    CodeCase{"310000", ErrorKind::access}, CodeCase{"410100", ErrorKind::throttled_all},
                    CodeCase{"999999", ErrorKind::invalid}));

// A naive reading of 403 as "no permission" would pause a connection that is only too fast.
TEST(NewApi, RateLimitsCome403AndAreSeenFirst) {
  const auto refusal =
      api(403, R"({"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi","requestid":"r","message":"m"})");
  EXPECT_EQ(refusal->kind, ErrorKind::throttled_api);
  EXPECT_EQ(refusal->retry_after_ms, 1000);
  EXPECT_EQ(api(403, R"({"code":"Forbidden.AccessDenied.QpmLimitForSuitekeyAndOrgAndApi"})")->kind,
            ErrorKind::throttled_api);
  EXPECT_EQ(api(403, R"({"code":"Forbidden.AccessDenied.QpsLimitForApi"})")->kind, ErrorKind::throttled_api);
}

TEST(NewApi, TheMonthlyQuotaWaitsForTheFirst) {
  const auto refusal = api(403, R"({"code":"Forbidden.AccessDenied.ApiCountLimitForOrg","message":"m"})");
  EXPECT_EQ(refusal->kind, ErrorKind::quota_month);
  EXPECT_EQ(beijing_text(kNow + refusal->retry_after_ms / 1000), "2026-04-01 00:00:00");
  EXPECT_EQ(status_of(refusal->kind), HUILIU_THROTTLED);
}

TEST(NewApi, TheDailyQuotaWaitsForMidnight) {
  const auto refusal = api(400, R"({"code":"daily.call.limit"})");
  EXPECT_EQ(beijing_text(kNow + refusal->retry_after_ms / 1000), "2026-03-02 00:00:00");
}

TEST(NewApi, OtherForbiddensAreToldApart) {
  EXPECT_EQ(api(403, R"({"code":"Forbidden.AccessDenied.IpNotInWhiteList"})")->kind, ErrorKind::access);
  const auto scope = api(
      403,
      R"({"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","accessdenieddetail":{"requiredScopes":["qyapi_crm_maindata_read"]}})");
  EXPECT_EQ(scope->kind, ErrorKind::access);
  EXPECT_EQ(status_of(scope->kind), HUILIU_CONFIG);
  EXPECT_NE(scope->message.find("qyapi_crm_maindata_read"), std::string::npos);
  EXPECT_EQ(api(403, R"({"code":"forbidden.business.rule"})")->kind, ErrorKind::forbidden);
}

// A bad token is 400 there, not 401.
TEST(NewApi, ABadTokenIs400) {
  EXPECT_EQ(
      api(400, R"({"code":"InvalidAuthentication","requestid":"r","message":"不合法的access_token"})")->kind,
      ErrorKind::token);
  EXPECT_EQ(api(400, R"({"code":"AuthenticationFailed.MissingParameter"})")->kind, ErrorKind::invalid);
}

class CrmCodes : public testing::TestWithParam<CodeCase> {};

TEST_P(CrmCodes, HaveTheirClass) {
  const std::string body = std::string(R"({"code":")") + GetParam().code + "\"}";
  EXPECT_EQ(api(400, body.c_str())->kind, GetParam().kind);
  EXPECT_EQ(item_refusal(GetParam().code, "", kNow).kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(Sheet, CrmCodes,
                         testing::Values(CodeCase{"request.too.frequent", ErrorKind::throttled_api},
                                         CodeCase{"systemError.busy", ErrorKind::throttled_api},
                                         CodeCase{"system.busy", ErrorKind::throttled_api},
                                         CodeCase{"1002", ErrorKind::duplicate},
                                         CodeCase{"same.data.exists", ErrorKind::duplicate},
                                         CodeCase{"duplicate.operation", ErrorKind::duplicate},
                                         CodeCase{"no.valid.parameter", ErrorKind::unchanged},
                                         CodeCase{"data.format.error", ErrorKind::invalid},
                                         CodeCase{"fieldId.not.exists", ErrorKind::invalid},
                                         CodeCase{"relationType.not.exists", ErrorKind::settings},
                                         CodeCase{"modifierUserId.not.exists", ErrorKind::settings},
                                         CodeCase{"count.exceeds.limit", ErrorKind::invalid},
                                         CodeCase{"data.not.exists", ErrorKind::not_found},
                                         CodeCase{"noPermission.to.update", ErrorKind::forbidden},
                                         CodeCase{"systemError.notPermittedAccess", ErrorKind::access},
                                         CodeCase{"crmApp.not.installed", ErrorKind::access},
                                         CodeCase{"system.error", ErrorKind::fault},
                                         CodeCase{"systemError", ErrorKind::fault},
                                         CodeCase{"InvalidParameter.nextToken", ErrorKind::invalid},
                                         CodeCase{"MissingmaxResults", ErrorKind::invalid},
                                         CodeCase{"someThing.NotFound", ErrorKind::not_found},
                                         CodeCase{"Throttling.User", ErrorKind::throttled_api}));

TEST(NewApi, UnknownCodesFallBackOnTheHttpCode) {
  EXPECT_EQ(api(400, R"({"code":"new.thing"})")->kind, ErrorKind::invalid);
  EXPECT_EQ(api(404, R"({"code":"new.thing"})")->kind, ErrorKind::not_found);
  EXPECT_EQ(api(429, R"({"code":"new.thing"})")->kind, ErrorKind::throttled_api);
  EXPECT_EQ(api(500, R"({"code":"new.thing"})")->kind, ErrorKind::fault);
}

TEST(NewApi, AnAnswerWithoutJsonIsAFaultOfTheMoment) {
  for (const int code : {200, 302, 404, 502}) EXPECT_EQ(api(code, "<html>")->kind, ErrorKind::fault) << code;
  EXPECT_EQ(api(429, "<html>")->kind, ErrorKind::throttled_api);
}

TEST(Gateway, ABarredAddressWaitsFiveMinutes) {
  const char* text = R"({"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u"})";
  for (const auto& refusal : {oapi(text), api(200, text), api(403, text)}) {
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->kind, ErrorKind::throttled_all);
    EXPECT_EQ(refusal->retry_after_ms, 300'000);
  }
}

TEST(Penalty, EndsWhenTheTextSays) {
  const auto refusal = oapi(
      R"({"errcode":88,"sub_code":"90018","sub_msg":"从 2026-03-01 15:59:00 到 2026-03-01 16:00:00 请求总次数超过 20 次, 处罚将在 2026-03-01 16:00:07 结束."})");
  EXPECT_EQ(refusal->retry_after_ms, 7000);
  EXPECT_EQ(oapi(R"({"errcode":90001,"errmsg":"处罚将在 soon 结束"})")->retry_after_ms, 300'000);
}

TEST(Outcomes, NothingThatMayHaveHappenedCountsAsNotDone) {
  EXPECT_EQ(outcome_of(ErrorKind::fault), HUILIU_IN_DOUBT);
  EXPECT_EQ(outcome_of(ErrorKind::throttled_api), HUILIU_DEFERRED);
  EXPECT_EQ(outcome_of(ErrorKind::unchanged), HUILIU_UNCHANGED);
  EXPECT_EQ(outcome_of(ErrorKind::not_found), HUILIU_GONE);
}

TEST(Messages, QuoteNoNumbersOfRecords) {
  const Refusal refusal = item_refusal("some.new.code", "手机号 13800138000 不可用", kNow);
  EXPECT_EQ(refusal.message.find("13800138000"), std::string::npos);
  EXPECT_NE(refusal.message.find("手机号"), std::string::npos);
  EXPECT_EQ(item_refusal("1002", "客户 张三 已存在", kNow).message.find("张三"), std::string::npos);
}

}  // namespace
}  // namespace dingtalk
