// What answers mean, and the table of errors.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "plugins/yonyou/src/answer.hpp"
#include "plugins/yonyou/src/beijing_time.hpp"
#include "plugins/yonyou/src/errors.hpp"
#include "plugins/yonyou/src/mobile.hpp"
#include "plugins/yonyou/src/package.hpp"

namespace yonyou {
namespace {

// Quirk 1: the code is a text, a number, a quoted text, or blank beside data.
TEST(Answer, HalfAnAnswerIsNotUnderstoodAndNeverQuoted) {
  const Answer answer = classify(200, R"({"code":"00000","data":{"access_token":"YT-secret)");
  EXPECT_FALSE(answer.ok);
  EXPECT_FALSE(answer.understood);
  EXPECT_EQ(answer.message.find("YT-secret"), std::string::npos);
}

TEST(Answer, SuccessInEverySpelling) {
  for (const char* body :
       {R"({"code":"200","data":[]})", R"({"code":200,"data":[]})", R"({"code":"\"200\"","data":[]})",
        R"({"code":"00000","data":{}})", R"({"code":"","data":[]})", R"({"data":[],"success":true})"})
    EXPECT_TRUE(classify(200, body).ok) << body;
  for (const char* body :
       {R"({"code":0,"message":"客户名称不能为空!","data":null})", R"({"code":"999","data":null})",
        R"({"code":"","data":null})", R"({"code":"310046"})", "非法token", "<html>", ""})
    EXPECT_FALSE(classify(200, body).ok) << body;
}

// Quirk 1: success in the envelope, failure inside; the counts are spelled in two ways and so are the
// messages.
TEST(Answer, PartialFailureHidesUnderSuccess) {
  const Answer one = classify(
      200, R"({"code":"200","data":{"count":2,"sucessCount":1,"failCount":1,"messages":"编码C1重复"}})");
  EXPECT_TRUE(one.ok);
  EXPECT_EQ(one.fail_count(), 1U);
  EXPECT_EQ(one.messages(), std::vector<std::string>{"编码C1重复"});
  const Answer two =
      classify(200, R"({"code":200,"data":{"failCount":"2","messages":["a",{"message":"b"}]}})");
  EXPECT_EQ(two.fail_count(), 2U);
  EXPECT_EQ(two.messages(), (std::vector<std::string>{"a", "b"}));
}

// Quirk 2: ids of 19 digits, as numbers or as text, and amounts keep every digit.
TEST(Answer, NumbersKeepEveryDigit) {
  const Answer answer = classify(
      200,
      R"({"code":"200","data":[{"id":1706047321704235009,"big":9999999999999999999,"money":"12.50","sum":0.1000}]})");
  const json::object row = answer.rows().front().as_object();
  EXPECT_EQ(text_at(row, "id"), "1706047321704235009");
  EXPECT_EQ(text_at(row, "big"), "9999999999999999999");
  EXPECT_EQ(text_at(row, "money"), "12.50");
  EXPECT_EQ(text_at(row, "sum"), "0.1000");
}

TEST(Answer, RowsStandInThreePlaces) {
  EXPECT_EQ(classify(200, R"({"code":"200","data":[{"id":1},{"id":2}]})").rows().size(), 2U);
  EXPECT_EQ(
      classify(200, R"({"code":"200","data":{"recordCount":"","recordList":[{"id":1}]}})").rows().size(), 1U);
  EXPECT_EQ(classify(200, R"({"code":"200","data":{"id":1}})").rows().size(), 1U);
  EXPECT_TRUE(classify(200, R"({"code":"200","data":null})").rows().empty());
}

Cause cause_of(const char* body, int http = 200) { return judge(classify(http, body)).cause; }

TEST(Errors, ByCodeAndByText) {
  EXPECT_EQ(cause_of("非法token"), Cause::token);
  EXPECT_EQ(cause_of(R"("非法token")"), Cause::token);
  EXPECT_EQ(cause_of(R"({"code":"310001","message":"x"})"), Cause::token);
  EXPECT_EQ(cause_of(R"({"code":310036,"message":"非法token"})"), Cause::token);
  EXPECT_EQ(cause_of(R"({"code":"999","message":"accessToken已失效"})"), Cause::token);
  for (const char* code : {"310032", "310039", "310042", "310046"})
    EXPECT_EQ(cause_of((R"({"code":")" + std::string(code) + R"(","message":""})").c_str()),
              Cause::flow_control);
  EXPECT_EQ(cause_of(R"({"code":"310504","message":""})"), Cause::backend_timeout);
  EXPECT_EQ(cause_of(R"({"code":"310404","message":""})", 404), Cause::no_path);
  EXPECT_EQ(cause_of(R"({"code":"10018","message":"应用不存在或appKey已停用"})"), Cause::application);
  EXPECT_EQ(cause_of(R"({"code":"999","message":"国家编码:XX未找到"})"), Cause::missing_reference);
  EXPECT_EQ(cause_of(R"({"code":"404","message":"客户不存在"})"), Cause::not_found);
  EXPECT_EQ(cause_of(R"({"code":"1002","message":"无数据"})"), Cause::not_found);
  EXPECT_EQ(cause_of(R"({"code":"999","message":"客户编码C1重复"})"), Cause::duplicate);
  EXPECT_EQ(cause_of(R"({"code":"999","message":"当前单据不是最新状态，请刷新重试"})"),
            Cause::changed_by_other);
  EXPECT_EQ(cause_of(R"({"code":"999","message":"当前数据正在被新增或修改，请稍后再试"})"), Cause::locked);
  EXPECT_EQ(cause_of(R"({"code":0,"message":"客户名称不能为空!"})"), Cause::validation);
  EXPECT_EQ(cause_of(R"({"code":"999","message":"服务端逻辑异常"})"), Cause::exception);
  EXPECT_EQ(cause_of(R"({"code":"500","message":""})"), Cause::exception);
  EXPECT_EQ(cause_of(R"({"code":"999","message":"C1审批中，不允许修改"})"), Cause::in_approval);
  EXPECT_EQ(cause_of(R"({"code":"999","message":"单据已审核"})"), Cause::approved_record);
  EXPECT_EQ(cause_of("<html>502</html>", 502), Cause::site_down);
  EXPECT_EQ(cause_of("<html>login</html>"), Cause::site_down);
}

TEST(Errors, EveryCodeOfTheTableHasOneClassAndWordsInTwoLanguages) {
  for (const Listed& listed : listed_signals()) {
    const Answer answer =
        classify(200, json::serialize(json::object{{"code", listed.signal}, {"message", ""}}));
    const bool is_code = listed.signal.find_first_not_of("0123456789") == std::string_view::npos;
    if (is_code) {
      EXPECT_EQ(judge(answer).name, listed.name) << listed.signal;
    }
  }
  const huiliu::Failure failure = failure_of(classify(200, R"({"code":"310037","message":"未授权"})"));
  EXPECT_EQ(failure.status, HUILIU_CONFIG);
  EXPECT_EQ(failure.remote_code, "310037");
  EXPECT_NE(failure.message.find("授权"), std::string::npos);
  EXPECT_NE(failure.message.find("granted"), std::string::npos);
  EXPECT_NE(failure.message.find(": 未授权"), std::string::npos);
}

// The fact sheet's codes and texts, each with the one outcome and status that the vendor's own word for it
// calls for.
struct SheetRow {
  huiliu_outcome outcome;
  huiliu_status status;
  std::vector<std::pair<std::string, std::string>> signals;  // code, message
};

TEST(Errors, EverySignalOfTheSheetHasOneOutcomeAndWordsInTwoLanguages) {
  const std::vector<SheetRow> sheet{
      {HUILIU_DEFERRED,
       HUILIU_AUTH,
       {{"310036", "非法token"},
        {"310001", ""},
        {"999", "accessToken已失效"},
        {"310005", ""},
        {"310006", ""},
        {"10018", "应用不存在或appKey已停用"}}},
      {HUILIU_DEFERRED,
       HUILIU_THROTTLED,
       {{"310032", ""}, {"310039", ""}, {"310042", ""}, {"310046", ""}, {"118003", "too many"}}},
      {HUILIU_DEFERRED,
       HUILIU_RETRY,
       {{"310043", ""}, {"999", "当前数据正在被新增或修改，请稍后再试"}, {"999", "单据审批中，不允许修改"}}},
      {HUILIU_IN_DOUBT,
       HUILIU_RETRY,
       {{"310504", ""},
        {"310071", ""},
        {"310072", ""},
        {"310076", ""},
        {"310077", ""},
        {"202", ""},
        {"10004", ""},
        {"100004", ""},
        {"315001", ""},
        {"999", "服务端逻辑异常"},
        {"500", ""},
        {"999", ""}}},
      {HUILIU_DEFERRED,
       HUILIU_CONFIG,
       {{"310037", ""}, {"310031", ""}, {"310038", ""}, {"310041", ""}, {"310047", ""}, {"310404", ""}}},
      {HUILIU_REJECTED,
       HUILIU_CONFIG,
       {{"310061", ""}, {"310062", ""}, {"310063", ""}, {"310064", ""}, {"310065", ""}, {"310066", ""}}},
      {HUILIU_REJECTED,
       HUILIU_DATA,
       {{"310002", ""},
        {"310003", ""},
        {"310008", ""},
        {"310015", ""},
        {"310023", ""},
        {"310025", ""},
        {"310405", ""},
        {"999", "国家编码:CX未找到"},
        {"0", "客户名称不能为空!"},
        {"999", "编码必填"},
        {"500", "简称长度超过限制"},
        {"0", "说明清楚的其他错误"},
        {"999", "单据已审核，不允许修改"}}},
      {HUILIU_GONE, HUILIU_DATA, {{"404", ""}, {"1002", ""}, {"999", "客户不存在"}, {"999", "未找到数据"}}},
      {HUILIU_DUPLICATE,
       HUILIU_DATA,
       {{"999", "客户编码C1重复"}, {"999", "名称已存在"}, {"0", "违反唯一性约束"}}},
      {HUILIU_STALE, HUILIU_RETRY, {{"999", "当前单据不是最新状态，请刷新重试"}}}};
  for (const SheetRow& row : sheet)
    for (const auto& [code, message] : row.signals) {
      const Answer answer =
          classify(200, json::serialize(json::object{{"code", code}, {"message", message}}));
      const Verdict verdict = judge(answer);
      EXPECT_EQ(verdict.outcome, row.outcome) << code << message;
      EXPECT_EQ(verdict.status, row.status) << code << message;
      const std::string words = failure_of(answer).message;
      EXPECT_NE(words.find(std::string(verdict.zh) + " (" + std::string(verdict.en) + ")"),
                std::string::npos);
      if (!message.empty()) {
        EXPECT_NE(words.find(": " + message), std::string::npos) << words;
      }
    }
}

// The document shows the very table.
TEST(Errors, TheDocumentShowsEverySignal) {
  std::ifstream file(std::string(HUILIU_SOURCE_DIR) + "/docs/connectors/yonyou.md");
  std::ostringstream text;
  text << file.rdbuf();
  for (const Listed& listed : listed_signals())
    EXPECT_NE(text.str().find(listed.signal), std::string::npos) << listed.signal;
}

// Quirk 8: times of Beijing, to the second, without a zone.
TEST(BeijingTime, BothWays) {
  EXPECT_EQ(beijing_text(1'767'225'600), "2026-01-01 08:00:00");
  EXPECT_EQ(beijing_seconds("2026-01-01 08:00:00"), 1'767'225'600);
  EXPECT_EQ(beijing_seconds("2026-01-01T08:00:00.123"), 1'767'225'600);
  EXPECT_EQ(beijing_seconds("2026-01-01"), 1'767'225'600 - 8 * 3600);
  for (const char* bad : {"", "2026-13-01 00:00:00", "2026-01-01 25:00:00", "yesterday"})
    EXPECT_FALSE(beijing_seconds(bad)) << bad;
  EXPECT_EQ(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777);
}

// Quirk 9: the mobile that counts has the country in front.
TEST(Mobile, TakesTheVendorsForm) {
  for (const char* phone :
       {"13800000000", "138 0000 0000", "+86-13800000000", "+86 138-0000-0000", "+8613800000000"})
    EXPECT_EQ(area_code_mobile(phone), "+86-13800000000") << phone;
  EXPECT_EQ(area_code_mobile("+49-1701234567"), "+49-1701234567");
  EXPECT_EQ(area_code_mobile(""), "");
  EXPECT_EQ(area_code_mobile("分机 8"), "分机 8");
}

TEST(Package, TheKeyOfACreateIsTheSameAtEveryRetryAndFits) {
  EXPECT_EQ(resubmit_key("op-1"), resubmit_key("op-1"));
  EXPECT_NE(resubmit_key("op-1"), resubmit_key("op-2"));
  EXPECT_EQ(resubmit_key(std::string(500, 'x')).size(), 32U);
}

}  // namespace
}  // namespace yonyou
