// The four shapes in which the vendor hides an error behind HTTP 200, and what the one table makes of them.
#include "plugins/kingdee/src/answer.hpp"

#include <gtest/gtest.h>

#include <set>

#include "plugins/kingdee/src/errors.hpp"

namespace kingdee {
namespace {

constexpr std::string_view lost =
    R"({"Result":{"ResponseStatus":{"ErrorCode":500,"IsSuccess":false,"Errors":[{"FieldName":null,"Message":"会话信息已丢失，请重新登录","DIndex":0}],"SuccessEntitys":[],"MsgCode":1}}})";

TEST(Answer, RowsOfBothQueries) {
  EXPECT_EQ(classify(R"([[1,"a"],[2,"b"]])").shape, Shape::rows);
  EXPECT_TRUE(classify(R"([[1,"a"]])").ok);
  EXPECT_TRUE(classify("[]").ok);
  EXPECT_EQ(classify(R"([{"FCUSTID":1}])").shape, Shape::rows);
}

// Quirk 1: a naive client takes this for one row of data.
TEST(Answer, AnErrorThatLooksLikeARowIsAnError) {
  for (const std::string& dressed :
       {std::string(lost), "[" + std::string(lost) + "]", "[[" + std::string(lost) + "]]"}) {
    const Answer answer = classify(dressed);
    EXPECT_FALSE(answer.ok) << dressed;
    EXPECT_EQ(answer.shape, Shape::result);
    EXPECT_EQ(judge(answer).cause, Cause::session_lost);
  }
}

TEST(Answer, FirewallListIsARefusal) {
  const Answer answer = classify(
      R"([{"actionname":"showConfirm","params":[{"msg":"请求参数存在可疑数据，已被拦截规则[caller_xss]阻止!"}]}])");
  EXPECT_EQ(answer.shape, Shape::firewall);
  EXPECT_FALSE(answer.ok);
  EXPECT_EQ(judge(answer).cause, Cause::suspicious_input);
  EXPECT_EQ(judge(answer).outcome, HUILIU_REJECTED);
}

TEST(Answer, ResponseErrorTextIsAnException) {
  const Answer answer = classify("response_error:Kingdee.BOS.KDException: boom");
  EXPECT_EQ(answer.shape, Shape::exception);
  EXPECT_EQ(judge(answer).status, HUILIU_RETRY);
  EXPECT_EQ(judge(answer).outcome, HUILIU_IN_DOUBT);
}

TEST(Answer, HtmlPageAndGarbage) {
  EXPECT_EQ(classify("<!DOCTYPE html><html></html>").shape, Shape::page);
  EXPECT_EQ(judge(classify("\n  <html>502</html>")).cause, Cause::site_down);
  EXPECT_EQ(classify(R"([[1,"a"],[2,)").shape, Shape::garbage);
  EXPECT_FALSE(classify("").ok);
  EXPECT_FALSE(classify("null").ok);
  EXPECT_FALSE(classify("\"会话已过期\"").ok);
  EXPECT_EQ(judge(classify("\"会话已过期，请重新登录\"")).cause, Cause::session_lost);
}

TEST(Answer, GatewayRefusals) {
  EXPECT_EQ(judge(classify(R"({"errcode":4002,"description":"Unauthorized, APP_ID is empty[GW]"})")).cause,
            Cause::bad_signature);
  EXPECT_EQ(judge(classify(R"({"errcode":4006,"description":"x"})")).cause, Cause::clock_skew);
  EXPECT_EQ(judge(classify(R"({"errcode":5001,"description":"no such API"})")).status, HUILIU_CONFIG);
  EXPECT_EQ(judge(classify(R"({"errcode":4444,"description":"something new"})")).status, HUILIU_AUTH);
}

TEST(Answer, PartialSuccessKeepsBothSides) {
  const Answer answer = classify(
      R"({"Result":{"ResponseStatus":{"ErrorCode":"500","IsSuccess":"false","Errors":[{"FieldName":"FName","Message":"“客户名称”是必录字段","DIndex":1}],"SuccessEntitys":[{"Id":"100123","Number":"C001","DIndex":0}],"MsgCode":"11"}}})");
  EXPECT_FALSE(answer.ok);
  ASSERT_EQ(answer.reached.size(), 1u);
  EXPECT_EQ(answer.reached[0].id, "100123");
  EXPECT_EQ(answer.reached[0].index, 0);
  ASSERT_EQ(answer.complaints.size(), 1u);
  EXPECT_EQ(answer.complaints[0].index, 1);
  EXPECT_EQ(answer.msg_code, 11);
}

TEST(Answer, IsSuccessMayBeTextAndIdsNumbers) {
  const Answer answer = classify(
      R"({"Result":{"ResponseStatus":{"ErrorCode":"","IsSuccess":"true","Errors":[],"SuccessEntitys":[{"Id":7,"Number":"C001","DIndex":0}],"MsgCode":0},"Id":7}})");
  EXPECT_TRUE(answer.ok);
  EXPECT_EQ(answer.reached[0].id, "7");
}

TEST(Answer, DecimalsKeepTheirDigits) {
  const Answer answer = classify(R"([[12.5000000000, 1e3, 12345678901234567890, 7, "1.50", "a\"1.5"]])");
  const auto& row = answer.rows()[0].as_array();
  EXPECT_EQ(row[0].as_string(), "12.5000000000");
  EXPECT_EQ(row[1].as_string(), "1e3");
  EXPECT_EQ(row[2].as_string(), "12345678901234567890");
  EXPECT_EQ(row[3].as_int64(), 7);
  EXPECT_EQ(row[4].as_string(), "1.50");
  EXPECT_EQ(row[5].as_string(), "a\"1.5");
}

TEST(Answer, SurvivesGarbage) {
  for (const char* text :
       {"{", "[[", "[[{", "\"", "\\", "-", "[1,2,", "{\"Result\":3}", "{\"Result\":{\"ResponseStatus\":[]}}",
        "[[{\"Result\":{\"ResponseStatus\":{}}}]]", "{\"errcode\":{}}", "[{\"actionname\":1,\"params\":[1]}]",
        "\xff\xfe", "response_error:"})
    classify(text);
  const Answer deep = classify(std::string(100'000, '['));
  EXPECT_FALSE(deep.ok);
}

struct Signal {
  int msg_code;
  const char* field;
  const char* text;
  Cause cause;
  huiliu_status status;
  huiliu_outcome outcome;
};

class Signals : public testing::TestWithParam<Signal> {};

TEST_P(Signals, OneSignalOneVerdict) {
  const Signal& s = GetParam();
  const Verdict verdict = judge(s.msg_code, s.field, s.text);
  EXPECT_EQ(verdict.cause, s.cause) << s.text;
  EXPECT_EQ(verdict.status, s.status) << s.text;
  EXPECT_EQ(verdict.outcome, s.outcome) << s.text;
}

INSTANTIATE_TEST_SUITE_P(
    FactSheet, Signals,
    testing::Values(
        Signal{1, "", "whatever", Cause::session_lost, HUILIU_RETRY, HUILIU_DEFERRED},
        Signal{0, "", "会话信息已丢失，请重新登录", Cause::session_lost, HUILIU_RETRY, HUILIU_DEFERRED},
        Signal{0, "", "登录错误次数超限，请30分钟后再试", Cause::account_locked, HUILIU_AUTH,
               HUILIU_DEFERRED},
        Signal{0, "", "第三方应用【汇流】不允许用户demo登录", Cause::user_not_allowed, HUILIU_AUTH,
               HUILIU_DEFERRED},
        Signal{13, "", "保存失败", Cause::locked, HUILIU_RETRY, HUILIU_DEFERRED},
        Signal{0, "", "该数据正在被用户张三编辑", Cause::locked, HUILIU_RETRY, HUILIU_DEFERRED},
        Signal{0, "", "数据已被其他用户修改，请刷新", Cause::changed_by_other, HUILIU_RETRY, HUILIU_STALE},
        Signal{14, "", "x", Cause::call_limit, HUILIU_THROTTLED, HUILIU_DEFERRED},
        Signal{0, "", "接口调用次数超限", Cause::call_limit, HUILIU_THROTTLED, HUILIU_DEFERRED},
        Signal{10, "", "内码为1的客户数据不存在", Cause::not_found, HUILIU_DATA, HUILIU_GONE},
        Signal{11, "FSELLER", "业务员编码E1在组织200中不存在", Cause::missing_reference, HUILIU_DATA,
               HUILIU_REJECTED},
        Signal{11, "FNumber", "编码为C001的客户已存在", Cause::duplicate, HUILIU_DATA, HUILIU_DUPLICATE},
        Signal{0, "", "违反字段唯一性要求：编码", Cause::duplicate, HUILIU_DATA, HUILIU_DUPLICATE},
        Signal{12, "", "当前数据已审核，不允许修改", Cause::approved_record, HUILIU_DATA, HUILIU_REJECTED},
        Signal{0, "", "只能修改状态为暂存、创建、重新审核的数据", Cause::approved_record, HUILIU_DATA,
               HUILIU_REJECTED},
        Signal{9, "FName", "“客户名称”是必录字段", Cause::validation, HUILIU_DATA, HUILIU_REJECTED},
        Signal{2, "", "没有修改权限", Cause::no_permission, HUILIU_AUTH, HUILIU_REJECTED},
        Signal{7, "", "x", Cause::licence, HUILIU_CONFIG, HUILIU_DEFERRED},
        Signal{0, "", "编码值或内码值必须传其一", Cause::caller_bug, HUILIU_DATA, HUILIU_REJECTED},
        Signal{0, "", "元数据中标识为FFoo的字段不存在", Cause::unknown_field, HUILIU_DATA, HUILIU_REJECTED},
        Signal{0, "", "业务对象不存在", Cause::unknown_form, HUILIU_CONFIG, HUILIU_REJECTED},
        // Quirk 4: the bare word is not a lost session.
        Signal{0, "", "session variable is not set", Cause::unknown, HUILIU_DATA, HUILIU_REJECTED}));

// Every MsgCode of the vendor's list, and every text of the fact sheet, each with the one outcome and status
// that it calls for.
struct SheetRow {
  huiliu_outcome outcome;
  huiliu_status status;
  std::vector<int> codes;          // without words
  std::vector<const char*> texts;  // from a site that forgets the code
};

TEST(Errors, EverySignalOfTheSheetHasOneOutcomeAndWordsInTwoLanguages) {
  const std::vector<SheetRow> sheet{
      {HUILIU_DEFERRED,
       HUILIU_RETRY,
       {1, 13},
       {"会话信息已丢失，请重新登录", "会话已过期", "请重新登录", "单据正在被张三编辑", "网控冲突",
        "网络控制失败"}},
      {HUILIU_REJECTED, HUILIU_AUTH, {2}, {"没有“客户”的查看权限"}},
      {HUILIU_DEFERRED,
       HUILIU_AUTH,
       {15},
       {"登录错误次数超限", "第三方应用不允许用户demo登录", "002005000003016"}},
      {HUILIU_REJECTED,
       HUILIU_DATA,
       {3, 5, 8, 9, 11, 12},
       {"编码值或内码值必须传其一", "“名称”是必录字段", "元数据中标识为FX的字段不存在",
        "已审核的数据不允许修改", "只能修改状态为暂存、创建、重新审核的数据",
        "请求参数存在可疑数据，已被拦截规则[caller_xss]阻止!"}},
      {HUILIU_IN_DOUBT, HUILIU_RETRY, {4, 6}, {"response_error: boom"}},
      {HUILIU_DEFERRED, HUILIU_CONFIG, {7}, {"许可已过期", "[gateway 5001] no such API"}},
      {HUILIU_GONE, HUILIU_DATA, {10}, {"数据不存在", "未找到记录"}},
      {HUILIU_DEFERRED, HUILIU_THROTTLED, {14}, {"接口调用次数超限", "访问频率过高"}},
      {HUILIU_STALE, HUILIU_RETRY, {}, {"数据已被其他用户修改"}},
      {HUILIU_DUPLICATE, HUILIU_DATA, {}, {"编码为C1的客户已存在", "编码C1重复", "违反编码唯一性"}},
      {HUILIU_REJECTED, HUILIU_CONFIG, {}, {"业务对象不存在"}}};
  std::set<int> walked;
  const auto expect = [](const Verdict& verdict, const SheetRow& row, const std::string& words) {
    EXPECT_EQ(verdict.outcome, row.outcome) << words;
    EXPECT_EQ(verdict.status, row.status) << words;
    const std::string told = failure_of(verdict, words).message;
    EXPECT_EQ(told, std::string(verdict.zh) + " (" + std::string(verdict.en) + "): " + words);
    EXPECT_FALSE(verdict.zh.empty() || verdict.en.empty()) << words;
  };
  for (const SheetRow& row : sheet) {
    for (const int code : row.codes) {
      expect(judge(code, "", ""), row, "MsgCode " + std::to_string(code));
      EXPECT_TRUE(walked.insert(code).second) << code;
    }
    for (const char* text : row.texts) expect(judge(0, "", text), row, text);
  }
  EXPECT_EQ(walked.size(), 15u) << "1 to 15; 0 is no error";
}

TEST(Errors, NamesTheUnknownField) {
  EXPECT_EQ(unknown_field("元数据中标识为FSOCIALCRECODE的字段不存在"), "FSOCIALCRECODE");
  EXPECT_EQ(unknown_field("元数据中标识为“F_X”的字段不存在，请检查"), "F_X");
  EXPECT_EQ(unknown_field("别的错误"), std::nullopt);
}

TEST(Errors, EveryCauseIsExplainedInBothLanguages) {
  for (int i = 0; i <= static_cast<int>(Cause::unknown); ++i) {
    const Verdict verdict = verdict_of(static_cast<Cause>(i));
    EXPECT_EQ(verdict.cause, static_cast<Cause>(i));
    EXPECT_FALSE(verdict.zh.empty());
    EXPECT_FALSE(verdict.en.empty());
    EXPECT_FALSE(verdict.code.empty());
    EXPECT_NE(verdict.outcome, 0);
  }
}

}  // namespace
}  // namespace kingdee
