// The twin's API as a stranger's client would use it: body forms, sessions, life-cycle, refusals; and its
// speed.
#include <random>

#include "plugins/kingdee/tests/fixture.hpp"

namespace kingdee_test {
namespace {

class TwinTest : public KingdeeTest {
 protected:
  using Fields = huiliu::twin::Fields;

  huiliu::twin::HttpAnswer post(const std::string& service, const std::string& body, Fields headers = {}) {
    if (headers.empty()) headers = {{"Content-Type", "application/json"}};
    return huiliu::twin::http_send({.method = "POST",
                                    .url = server_.url() + "/k3cloud/" + service + ".common.kdsvc",
                                    .headers = headers,
                                    .body = body});
  }
  std::string login(const std::string& body, const std::string& method = "ValidateUser") {
    const auto answer = post("Kingdee.BOS.WebApi.ServicesStub.AuthService." + method, body);
    const json::value parsed = json::parse(answer.body);
    const json::value& session = parsed.at("KDSVCSessionId");
    return parsed.at("LoginResultType") == 1 ? std::string(session.as_string()) : std::string();
  }
  json::value call(const std::string& operation, const std::string& body, Fields extra = {}) {
    if (session_.empty()) session_ = login(password_login);
    Fields headers = {{"Content-Type", "application/json"}, {"kdservice-sessionid", session_}};
    for (auto& header : extra) headers.push_back(header);
    const auto answer = post(form_service + operation, body, headers);
    boost::system::error_code error;
    json::value parsed = json::parse(answer.body, error);
    return error ? json::value(answer.body) : parsed;
  }
  json::array query(const std::string& data, const std::string& operation = "ExecuteBillQuery") {
    return call(operation, R"({"data":)" + data + "}").as_array();
  }
  static bool succeeded(const json::value& answer) {
    return answer.at("Result").at("ResponseStatus").at("IsSuccess").as_bool();
  }
  static std::string message(const json::value& answer) {
    const json::value* at = &answer;
    while (at->is_array()) at = &at->as_array().at(0);
    return std::string(
        at->at("Result").at("ResponseStatus").at("Errors").as_array().at(0).at("Message").as_string());
  }
  json::value operate(const std::string& operation, const std::string& ids) {
    return call(operation, R"({"formid":"BD_Customer","data":{"Ids":")" + ids + "\"}}");
  }
  std::string create(const std::string& more = "") {
    const json::value answer = call(
        "Save",
        R"({"formid":"BD_Customer","data":{"IsDeleteEntry":"false","Model":{"FCreateOrgId":{"FNumber":"100"},"FName":"甲公司","FTRADINGCURRID":{"FNumber":"PRE001"})" +
            more + "}}}");
    return json::serialize(answer.at("Result").at("Id"));
  }

  static constexpr const char* form_service = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.";
  static constexpr const char* password_login =
      R"({"parameters":["6571f0c2a9d3e1","huiliu","Huiliu@2025",2052]})";
  std::string session_;
};

TEST_F(TwinTest, EveryLoginBody) {
  EXPECT_FALSE(login(password_login).empty());
  EXPECT_FALSE(
      login(R"({"acctID":"6571f0c2a9d3e1","username":"huiliu","password":"Huiliu@2025","lcid":2052})")
          .empty());
  EXPECT_FALSE(
      login(
          R"({"format":1,"useragent":"ApiClient","rid":"1","parameters":"[\"6571f0c2a9d3e1\",\"huiliu\",\"Huiliu@2025\",2052]","timestamp":"x","v":"1.0"})")
          .empty());
  EXPECT_FALSE(
      login(
          R"({"acctid":"6571f0c2a9d3e1","username":"huiliu","appid":"231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC","appsecret":"8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a","lcid":2052})",
          "LoginByAppSecret")
          .empty());
  for (const char* bad : {"", "{", "[]", "{}", R"({"parameters":["6571f0c2a9d3e1","huiliu","wrong",2052]})",
                          R"({"parameters":"["})"})
    EXPECT_TRUE(login(bad).empty()) << bad;
}

TEST_F(TwinTest, EitherCarrierOfTheSessionIsEnoughAndNoneIsLost) {
  const std::string session = login(password_login);
  const std::string body =
      R"({"data":{"FormId":"BD_Currency","FieldKeys":"FCODE","FilterString":"FNUMBER='PRE001'"}})";
  const std::string service = std::string(form_service) + "ExecuteBillQuery";
  EXPECT_EQ(post(service, body, {{"kdservice-sessionid", session}}).body, R"([["CNY"]])");
  EXPECT_EQ(post(service, body, {{"Cookie", "a=b; kdservice-sessionid=" + session}}).body, R"([["CNY"]])");
  const auto lost = post(service, body);
  EXPECT_EQ(lost.status, 200);
  EXPECT_NE(lost.body.find("会话信息已丢失，请重新登录"), std::string::npos);
  EXPECT_NE(lost.body.find(R"("MsgCode":1)"), std::string::npos);
  wait_seconds(21 * 60);
  EXPECT_NE(post(service, body, {{"kdservice-sessionid", session}}).body.find("会话信息已丢失"),
            std::string::npos);
  EXPECT_EQ(post("Kingdee.BOS.WebApi.ServicesStub.Nothing.Nothing", "{}").status, 519);
  EXPECT_NE(post("Kingdee.BOS.ServiceFacade.ServicesStub.Account.AccountService.GetDataCenterList", "{}")
                .body.find("6571f0c2a9d3e1"),
            std::string::npos);
}

TEST_F(TwinTest, EveryBodyFormOfAQuery) {
  customer(101, "甲公司");
  const std::string data =
      R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID,FName","FilterString":"FCUSTID>0"})";
  const json::value wanted = json::parse(R"([[101,"甲公司"]])");
  std::string quoted;
  for (const char c : data) quoted += c == '"' ? "\\\"" : std::string(1, c);
  EXPECT_EQ(call("ExecuteBillQuery", R"({"data":)" + data + "}"), wanted);
  EXPECT_EQ(call("ExecuteBillQuery", R"({"data":")" + quoted + "\"}"), wanted);
  EXPECT_EQ(call("ExecuteBillQuery", R"({"parameters":[")" + quoted + "\"]}"), wanted);
  const auto form =
      post(std::string(form_service) + "ExecuteBillQuery", "data=" + huiliu::twin::percent_encode(data),
           {{"Content-Type", "application/x-www-form-urlencoded"}, {"kdservice-sessionid", session_}});
  EXPECT_EQ(json::parse(form.body), wanted);
  EXPECT_EQ(query(data, "BillQuery"), json::parse(R"([{"FCUSTID":101,"FName":"甲公司"}])"));
  EXPECT_NE(json::serialize(call("ExecuteBillQuery", "nonsense")).find("response_error:"), std::string::npos);
}

TEST_F(TwinTest, QueriesAreRefusedInTheirOwnWay) {
  const auto refused = [&](const char* data) {
    const json::array answer = query(data);
    EXPECT_EQ(answer.size(), 1u) << data;  // it looks like a row
    return message(answer);
  };
  EXPECT_EQ(refused(R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID,FPhone"})"),
            "元数据中标识为FPhone的字段不存在");
  EXPECT_EQ(refused(R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID","FilterString":"FContact='x'"})"),
            "元数据中标识为FContact的字段不存在");
  EXPECT_NE(refused(R"({"FormId":"BD_Nothing","FieldKeys":"FID"})").find("业务对象不存在"),
            std::string::npos);
  EXPECT_NE(refused(R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID","FilterString":"FCUSTID=="})")
                .find("语法错误"),
            std::string::npos);
  EXPECT_NE(refused(R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID","Limit":10001})").find("不能超过10000"),
            std::string::npos);
}

TEST_F(TwinTest, PagesLimitsAndValues) {
  for (int i = 1; i <= 5; ++i) customer(100 + i, "公司", i == 3 ? R"("FTEL":"1","FISCREDITCHECK":"1")" : "");
  EXPECT_EQ(
      query(
          R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID","OrderString":"FCUSTID DESC","StartRow":1,"Limit":2})"),
      json::parse("[[104],[103]]"));
  // TopRowCount is a ceiling over all pages: the page after it is empty.
  EXPECT_EQ(query(R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID","TopRowCount":3,"StartRow":2,"Limit":2})"),
            json::parse("[[103]]"));
  EXPECT_TRUE(
      query(R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID","TopRowCount":3,"StartRow":4,"Limit":2})")
          .empty());
  EXPECT_EQ(
      query(
          R"json({"FormId":"BD_Customer","FieldKeys":"FCUSTID,FTEL,FModifyDate,FSELLER,FSELLER.FNumber,FISCREDITCHECK","FilterString":"FCUSTID in (101,103)"})json"),
      json::parse(R"([[101," ",null,0,null,false],[103,"1",null,0,null,true]])"));
  // Keys are found in any case.
  EXPECT_EQ(
      query(
          R"({"FormId":"bd_customer","FieldKeys":"fcustid","FilterString":"fname like '公%' and FCUSTID=101"})"),
      json::parse("[[101]]"));
}

TEST_F(TwinTest, EntriesMultiplyRows) {
  customer(101, "甲公司", R"("FT_BD_CUSTCONTACT":[{"FADDRESS1":"苏州"},{"FADDRESS1":"无锡"}])");
  customer(102, "乙公司");
  EXPECT_EQ(query(R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID,FADDRESS1"})"),
            json::parse(R"([[101,"苏州"],[101,"无锡"],[102," "]])"));
}

TEST_F(TwinTest, TheLifeCycleAndItsRefusals) {
  const std::string id = create();
  EXPECT_EQ(text(id, "FDocumentStatus"), "A");
  EXPECT_FALSE(succeeded(operate("Audit", id)));
  EXPECT_TRUE(succeeded(operate("Submit", id)));
  EXPECT_NE(message(operate("Delete", id)).find("只有暂存、创建、重新审核"), std::string::npos);
  EXPECT_TRUE(succeeded(operate("CancelAssign", id)));
  EXPECT_EQ(text(id, "FDocumentStatus"), "D");
  EXPECT_TRUE(succeeded(operate("Submit", id)));
  EXPECT_TRUE(succeeded(operate("Audit", id)));
  const json::value save =
      call("Save", R"({"formid":"BD_Customer","data":{"NeedUpDateFields":["FTEL"],"Model":{"FCUSTID":)" + id +
                       R"(,"FTEL":"1"}}})");
  EXPECT_NE(message(save).find("已审核，不允许修改"), std::string::npos);
  EXPECT_TRUE(succeeded(operate("UnAudit", id)));
  EXPECT_EQ(text(id, "FDocumentStatus"), "D");
  EXPECT_TRUE(succeeded(operate("Delete", id)));
  EXPECT_NE(message(operate("Submit", id)).find("不存在"), std::string::npos);
  EXPECT_EQ(message(operate("Submit", "")), "编码值或内码值必须传其一");
  const json::value by_number =
      call("Submit", R"({"parameters":["BD_Customer","{\"Numbers\":[\"C00002\",\"C999\"]}"]})");
  EXPECT_FALSE(succeeded(by_number));
}

TEST_F(TwinTest, DraftsSkipTheChecks) {
  const json::value draft = call("Draft", R"({"formid":"BD_Customer","data":{"Model":{"FName":"半个"}}})");
  ASSERT_TRUE(succeeded(draft));
  const std::string id = json::serialize(draft.at("Result").at("Id"));
  EXPECT_EQ(text(id, "FDocumentStatus"), "Z");
  EXPECT_FALSE(succeeded(operate("Submit", id)));
  EXPECT_NE(
      message(call("Save", R"({"formid":"BD_Customer","data":{"Model":{"FName":"半个"}}})")).find("必录"),
      std::string::npos);
}

TEST_F(TwinTest, EntriesOutsideThePackageAreDeletedByDefault) {
  customer(
      101, "甲公司",
      R"("FDocumentStatus":"A","FT_BD_CUSTCONTACT":[{"FEntryID":1,"FADDRESS1":"苏州"},{"FEntryID":2,"FADDRESS1":"无锡"}])");
  call("Save",
       R"({"formid":"BD_Customer","data":{"IsDeleteEntry":"false","Model":{"FCUSTID":101,"FTEL":"1"}}})");
  EXPECT_EQ(row("101").at("FT_BD_CUSTCONTACT").as_array().size(), 2u);
  call(
      "Save",
      R"({"formid":"BD_Customer","data":{"Model":{"FCUSTID":101,"FTEL":"1","FT_BD_CUSTCONTACT":[{"FEntryID":2,"FTTel":"9"}]}}})");
  ASSERT_EQ(row("101").at("FT_BD_CUSTCONTACT").as_array().size(), 1u);
  EXPECT_EQ(row("101").at("FT_BD_CUSTCONTACT").as_array()[0].at("FADDRESS1"), json::value("无锡"));
  call("Save", R"({"formid":"BD_Customer","data":{"Model":{"FCUSTID":101,"FTEL":"2"}}})");
  EXPECT_FALSE(row("101").contains("FT_BD_CUSTCONTACT"));
}

TEST_F(TwinTest, OnlyNamedFieldsAreUpdatedAndKeysMustBeSpelledAsInTheForm) {
  customer(101, "甲公司", R"("FDocumentStatus":"A","FTEL":"1")");
  call(
      "Save",
      R"({"formid":"BD_Customer","data":{"NeedUpDateFields":["FTEL"],"IsDeleteEntry":false,"Model":{"FCUSTID":101,"FTEL":"2","FNAME":"x","FName":"改名"}}})");
  EXPECT_EQ(text("101", "FTEL"), "2");
  EXPECT_EQ(text("101", "FName"), "甲公司");
}

TEST_F(TwinTest, BatchesSucceedInPart) {
  const json::value answer = call("BatchSave", R"({"formid":"BD_Customer","data":{"Model":[
      {"FCreateOrgId":{"FNumber":"100"},"FName":"一","FTRADINGCURRID":{"FNumber":"PRE001"}},
      {"FCreateOrgId":{"FNumber":"100"},"FTRADINGCURRID":{"FNumber":"PRE001"}},
      {"FCreateOrgId":{"FNumber":"100"},"FName":"三","FTRADINGCURRID":{"FNumber":"PRE001"}}]}})");
  const json::value& status = answer.at("Result").at("ResponseStatus");
  EXPECT_FALSE(status.at("IsSuccess").as_bool());
  EXPECT_EQ(status.at("SuccessEntitys").as_array().size(), 2u);
  EXPECT_EQ(status.at("SuccessEntitys").as_array()[1].at("DIndex"), json::value(2));
  EXPECT_EQ(status.at("Errors").as_array()[0].at("DIndex"), json::value(1));
  EXPECT_EQ(status.at("Errors").as_array()[0].at("FieldName"), json::value("FName"));
}

TEST_F(TwinTest, AllocateMakesACopyWithItsOwnIdAndState) {
  customer(101, "甲公司", R"("FSELLER.FNumber":"E1")");
  const json::value answer =
      call("Allocate", R"({"formid":"BD_Customer","data":{"PkIds":"101","TOrgIds":"100020"}})");
  ASSERT_TRUE(succeeded(answer)) << json::serialize(answer);
  const std::string copy =
      json::serialize(answer.at("Result").at("ResponseStatus").at("SuccessEntitys").as_array()[0].at("Id"));
  EXPECT_EQ(text(copy, "FNumber"), "C101");
  EXPECT_EQ(text(copy, "FMasterId"), "101");
  EXPECT_EQ(number(copy, "FUseOrgId"), "200");
  EXPECT_EQ(text(copy, "FDocumentStatus"), "A");
  EXPECT_FALSE(
      succeeded(call("Allocate", R"({"formid":"BD_Customer","data":{"PkIds":"101","TOrgIds":"100020"}})")));
  const json::value controlled =
      call("Save", R"({"formid":"BD_Customer","data":{"IsDeleteEntry":false,"Model":{"FCUSTID":)" + copy +
                       R"(,"FName":"别名"}}})");
  EXPECT_NE(message(controlled).find("只能在创建组织修改"), std::string::npos);
  edit("101", R"({"FName":"新名"})");
  EXPECT_EQ(text(copy, "FName"), "新名");
}

// A name has a text for each language: a query gives that of the login's language, a view all, and a save
// takes one text or the list.
TEST_F(TwinTest, NamesAreOneTextInQueriesAndAListInViews) {
  const std::string id = json::serialize(
      call(
          "Save",
          R"({"formid":"BD_Customer","data":{"IsDeleteEntry":"false","Model":{"FCreateOrgId":{"FNumber":"100"},"FName":[{"Key":2052,"Value":"甲公司"}],"FTRADINGCURRID":{"FNumber":"PRE001"}}}})")
          .at("Result")
          .at("Id"));
  EXPECT_EQ(query(R"({"FormId":"BD_Customer","FieldKeys":"FName","FilterString":"FCUSTID=)" + id + R"("})"),
            json::parse(R"([["甲公司"]])"));
  const json::value shown =
      call("View", R"({"formid":"BD_Customer","data":{"Number":"","Id":")" + id + R"("}})");
  EXPECT_EQ(shown.at("Result").at("Result").at("Name"), json::parse(R"([{"Key":2052,"Value":"甲公司"}])"));
  EXPECT_EQ(read(open()).find(id)->body["FName"].to_text(), "甲公司")
      << "the connector asks by queries alone";
}

TEST_F(TwinTest, ViewShowsPropertiesNotFieldKeys) {
  customer(101, "甲公司", R"("FTEL":"1","FSELLER.FNumber":"E1")");
  const json::value view =
      call("View", R"({"formid":"BD_Customer","data":{"CreateOrgId":0,"Number":"C101","Id":""}})")
          .at("Result")
          .at("Result");
  EXPECT_EQ(view.at("Id"), json::value(101));
  EXPECT_EQ(view.at("TEL"), json::value("1"));
  EXPECT_EQ(view.at("Name").as_array()[0].at("Value"), json::value("甲公司"));
  EXPECT_EQ(view.at("CreateOrgId").at("Number"), json::value("100"));
  EXPECT_FALSE(succeeded(call("View", R"({"formid":"BD_Customer","data":{"Number":"NONE"}})")));
}

TEST_F(TwinTest, TheFirewallReadsPackagesNotFilters) {
  const json::value answer = call("Save", R"({"formid":"BD_Customer","data":{"Model":{"FName":"<b>"}}})");
  EXPECT_EQ(answer.as_array()[0].at("actionname"), json::value("showConfirm"));
  EXPECT_TRUE(query(R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID","FilterString":"FCUSTID<5"})").empty());
}

TEST_F(TwinTest, PeopleEditApprovedRecordsAndMoveTheTime) {
  customer(101, "甲公司");
  wait_seconds(60);
  edit("101", R"({"FTEL":"1","FSELLER":{"FNumber":"E2"},"FGroup.FNumber":"G1"})");
  EXPECT_EQ(text("101", "FDocumentStatus"), "C");
  EXPECT_EQ(text("101", "FModifyDate"), "2026-01-01T08:01:00");
  EXPECT_EQ(text("101", "FApproveDate"), "2026-01-01T08:01:00");
  EXPECT_EQ(number("101", "FSELLER"), "E2");
  EXPECT_EQ(number("101", "FGroup"), "G1");
  customer(102, "乙公司", R"("FDocumentStatus":"B")");
  edit("102", R"({"FDocumentStatus":"C"})");
  EXPECT_EQ(text("102", "FDocumentStatus"), "C");
  EXPECT_EQ(text("102", "FModifyDate"), "");
  EXPECT_EQ(counter("updates"), 0);
  control("/create", R"({"stream":"customers","fields":{"FName":"线下新增"}})");
  EXPECT_EQ(counter("creates"), 0);
  EXPECT_EQ(
      query(
          R"({"FormId":"BD_Customer","FieldKeys":"FNumber,FDocumentStatus","FilterString":"FName='线下新增'"})"),
      json::parse(R"([["C00103","C"]])"));
}

TEST_F(TwinTest, RecordsLoadAsTheApiShowsThem) {
  // Flat, as BillQuery prints them; nested, as a connector shows them.
  load(
      "customers",
      R"({"FCUSTID":1,"FMasterId":1,"FNumber":"C1","FName":"甲","FTEL":" ","FSELLER.FNumber":"S9","FSELLER.FName":"老王",
      "FCreateOrgId.FNumber":"300","FUseOrgId.FNumber":"300","FUseOrgId.FName":"三厂","FModifyDate":"2024-01-01T00:00:00.123","FForbidDate":"1900-01-01T00:00:00","FDocumentStatus":"C"})");
  load(
      "customers",
      R"({"FCUSTID":2,"FNumber":"C2","FName":"乙","FSELLER":{"FNumber":"S9"},"FUseOrgId":{"FNumber":"300"},"FCreateOrgId":{"FNumber":"300"}})");
  EXPECT_EQ(
      query(
          R"({"FormId":"BD_Customer","FieldKeys":"FCUSTID,FTEL,FSELLER.FNumber,FSELLER.FName,FUseOrgId.FName,FModifyDate,FForbidDate,FForbidStatus"})"),
      json::parse(
          R"([[1," ","S9","老王","300","2024-01-01T00:00:00",null,"A"],[2," ","S9","老王","300",null,null,"A"]])"));
  EXPECT_THROW(load("customers", R"({"FName":"无内码"})"), huiliu::twin::TwinError);
}

TEST_F(TwinTest, AGeneratedWorldHasItsPlantedCases) {
  const huiliu::twin::World world = huiliu::twin::generate_world({.customers = 300, .seed = 3});
  kingdee_twin::KingdeeTwin twin(huiliu::twin::TwinOptions{});
  twin.populate(world);
  const auto& data = world.system("kingdee");
  EXPECT_GE(twin.store().size("customers"), data.customers.size());
  EXPECT_EQ(twin.store().size("contacts"), data.contacts.size());
  const auto entry = huiliu::twin::vendors::kingdee();
  for (const auto& customer : data.customers)
    for (const auto& name : entry.names_of_customer(customer))
      EXPECT_TRUE(twin.store().find(name.stream, name.key)) << name.key;
  std::size_t drafts = 0, copies = 0, forbidden = 0;
  twin.store().for_each("customers", [&](const std::string&, const huiliu::twin::Record& row) {
    drafts += kingdee_twin::text_of(*row, "FDocumentStatus") != "C";
    copies += kingdee_twin::id_of(*row, "FMasterId") != kingdee_twin::id_of(*row, "FCUSTID");
    forbidden += kingdee_twin::text_of(*row, "FForbidStatus") == "B";
    return true;
  });
  EXPECT_GT(drafts, 0u);
  EXPECT_GT(copies, 0u);
  EXPECT_GT(forbidden, 0u);
}

// The planner answers from indexes what a look at every row would answer.
TEST(Planner, FindsWhatALookAtEveryRowFinds) {
  kingdee_twin::KingdeeTwin twin(huiliu::twin::TwinOptions{});
  std::mt19937 dice(11);
  const auto date = [&] {
    return "2025-01-0" + std::to_string(1 + dice() % 5) + "T00:00:0" + std::to_string(dice() % 3);
  };
  for (int i = 1; i <= 300; ++i) {
    json::object row{{"FCUSTID", i},
                     {"FMasterId", dice() % 3 == 0 && i > 5 ? i - 5 : i},
                     {"FNumber", "C" + std::to_string(i % 40)},
                     {"FName", "公司" + std::to_string(i % 7)},
                     {"FCreateDate", date()}};
    if (dice() % 2 == 0) row["FModifyDate"] = date();
    if (dice() % 5 == 0) row["FForbidDate"] = date();
    twin.load("customers", row);
  }
  const auto condition = [&]() -> std::string {
    const std::string n = std::to_string(dice() % 310), m = std::to_string(dice() % 310);
    switch (dice() % 11) {
      case 0:
        return "FCUSTID>" + n;
      case 1:
        return "FMasterId>=" + n;
      case 2:
        return "FCUSTID in (" + n + "," + m + ")";
      case 3:
        return "FMasterId in (" + n + "," + m + ")";
      case 4:
        return "FNumber='c" + std::to_string(dice() % 40) + "'";
      case 5:
        return "FName='公司" + std::to_string(dice() % 8) + "'";
      case 6:
        return "FModifyDate>='" + date() + "'";
      case 7:
        return "FModifyDate<'" + date() + "'";
      case 8:
        return "(FModifyDate>='" + date() + "' or FCreateDate>='" + date() + "')";
      case 9:
        return "(FMasterId>" + n + " or FCUSTID>" + m + ")";
      default:
        return "FForbidDate>'" + date() + "'";
    }
  };
  const char* orders[] = {"", "FCUSTID ASC", "FMasterId ASC,FCUSTID ASC", "FModifyDate ASC,FCUSTID ASC",
                          "FNumber DESC,FCUSTID ASC"};
  for (int round = 0; round < 500; ++round) {
    std::string filter = condition();
    for (std::size_t more = dice() % 3; more > 0; --more)
      filter += (dice() % 3 == 0 ? " or " : " and ") + condition();
    json::object data{{"FormId", "BD_Customer"},  {"FieldKeys", "FCUSTID,FMasterId"},
                      {"FilterString", filter},   {"OrderString", orders[dice() % 5]},
                      {"Limit", 1 + dice() % 50}, {"StartRow", dice() % 4}};
    const json::array quick = kingdee_twin::run_query(twin.site(), data, {}, kingdee_twin::Print::arrays);
    data["FilterString"] = "not (not (" + filter + "))";  // no index helps here
    EXPECT_EQ(quick, kingdee_twin::run_query(twin.site(), data, {}, kingdee_twin::Print::arrays)) << filter;
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace kingdee_test
