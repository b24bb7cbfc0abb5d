// `huiliu plugin call` with the five shipped connectors: each request that the vendors document for signing
// in and each callback, against the vectors that were computed with the vendors' own code; what discover,
// reads and lists ask for; every line the same the second time.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace huiliu::e2e {
namespace plugin_call_test {

namespace fs = std::filesystem;

struct Plugin {
  const char *library, *connector;
};
constexpr Plugin kingdee = {"kingdee", "kingdee-k3cloud"}, yonyou = {"yonyou", "yonyou-yonbip"},
                 dingtalk = {"dingtalk", "dingtalk"}, wecom = {"wecom", "wecom"},
                 webhook = {"webhook", "webhook"};

struct Call {
  const char* name;
  Plugin plugin;
  const char* operation;
  const char* stream = "";
  std::string settings = {};
  std::int64_t clock = 0;
  std::vector<const char*> script = {}, records = {};
  std::string request = {};
  std::vector<const char*> wanted = {};  // in the output
};

void PrintTo(const Call& call, std::ostream* out) { *out << call.name; }
std::string name_of(const testing::TestParamInfo<Call>& made) { return made.param.name; }

// The members of an object, from one list or two.
std::string settings(std::string members, const std::string& more = {}) {
  return "{" + std::move(members) + (more.empty() ? "" : ",") + more + "}";
}

// One place of a text, another way.
std::string changed(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

class PluginCall : public testing::TestWithParam<Call> {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "huiliu-plugin-call-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(directory_); }
  std::string file(const char* name, const std::vector<const char*>& lines) const {
    std::ofstream out(directory_ / name);
    for (const char* line : lines) out << line << '\n';
    return (directory_ / name).string();
  }
  std::string run() const {
    const Call& call = GetParam();
    const std::string build = HUILIU_BINARY_DIR;
    std::string command = build + "/bin/huiliu plugin call " + build + "/plugins/libhuiliu-" +
                          call.plugin.library + ".so --connector " + call.plugin.connector + " --op " +
                          call.operation + " --settings " + file("settings.json", {call.settings.c_str()}) +
                          " --http script:" + file("script.jsonl", call.script) + " --clock " +
                          std::to_string(call.clock) + " --seed 7";
    if (*call.stream != '\0') command += std::string(" --stream ") + call.stream;
    if (!call.records.empty()) command += " --records " + file("records.jsonl", call.records);
    if (!call.request.empty()) command += " --request " + file("request.json", {call.request.c_str()});
    command += " 2>/dev/null </dev/null";
    FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return {};
    std::string out;
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;) out += static_cast<char>(c);
    ::pclose(pipe);
    return out;
  }

 private:
  fs::path directory_;
};

TEST_P(PluginCall, SaysWhatTheVendorDocuments) {
  const std::string out = run();
  for (const char* wanted : GetParam().wanted)
    EXPECT_NE(out.find(wanted), std::string::npos) << wanted << "\n" << out;
  EXPECT_NE(out.find(R"({"event":"end",)"), std::string::npos) << out;
  EXPECT_EQ(out, run());
}

// What the vendors' documents and tests share.
constexpr const char* kingdee_site =
    R"~("base_url":"http://erp.example.test/k3cloud/","acct_id":"6571f0c2a9d3e1","user_name":"demo","app_secret":"8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a")~";
constexpr const char* yonyou_site =
    R"~("base_url":"https://c2.example.test/iuap-api-gateway","tenant_id":"xk3m9q2t")~";
constexpr const char* wecom_site = R"~("base_url":"https://qyapi.weixin.qq.com/cgi-bin","agent_id":"218")~";
constexpr const char* dingtalk_site =
    R"~("base_url":"https://api.dingtalk.com","oapi_base_url":"https://oapi.dingtalk.com")~";
const std::string kingdee_signed =
    settings(kingdee_site, R"~("app_id":"231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC")~");
const std::string kingdee_by_sign =
    settings(kingdee_site, R"~("app_id":"231784_AbCd","auth":"login_by_sign")~");
const std::string yonyou_app = settings(
    yonyou_site,
    R"~("app_key":"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf","app_secret":"f0e1d2c3b4a5968778695a4b3c2d1e0f")~");
const std::string wecom_callbacks = settings(
    wecom_site,
    R"~("corp_id":"wx49f0ab532d5d035a","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"123456","callback_aes_key":"kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR")~");
const std::string dingtalk_callbacks = settings(
    dingtalk_site,
    R"~("app_key":"dingappkeyexample02","app_secret":"ssssssssssssssssssss","callback_token":"dingTok02","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj")~");
const std::string webhook_standard = settings(
    R"~("scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA=")~");
const std::string webhook_github = settings(R"~("scheme":"github","signing_secret":"gh-fact-sheet-secret")~");
const std::string webhook_stripe =
    settings(R"~("scheme":"stripe","signing_secret":"whsec_factSheetStripeSecret01")~");
const std::string webhook_shopify =
    settings(R"~("scheme":"shopify","signing_secret":"shpss_factsheet0123456789abcdef")~");
constexpr const char* kingdee_session =
    R"~({"status":200,"body":{"LoginResultType":1,"KDSVCSessionId":"s-1"}})~";
constexpr const char* yonyou_token =
    R"~({"status":200,"body":{"code":"00000","data":{"access_token":"t-1","expire":7200}}})~";
constexpr const char* dingtalk_done = R"~({"status":200,"body":{"errcode":0}})~";
constexpr const char* wecom_token =
    R"~({"status":200,"body":{"errcode":0,"access_token":"t","expires_in":7200}})~";
constexpr const char* dingtalk_token = R"~({"status":200,"body":{"accessToken":"t","expireIn":7200}})~";
const std::string wecom_app = settings(wecom_site, R"~("corp_id":"ww1","secret":"app-secret-1")~");
const std::string yonyou_event =
    R"~({"method":"POST","target":"/hooks/y","headers":{"Content-Type":"application/json"},"body":"{\"signature\": \"ureQDm3YtAw2id8BGGGk1MLoTWHu/whyjv05T7R3Vgw=\", \"timestamp\": 1718000000005, \"nonce\": \"uM48M4qajlEtVCz4\", \"encrypt\": \"f/FY+XNnkxB8acvveQrtCLnAi1ZgnPLIYgroLb9pV9n/lk/RMX3bRSqgH2027ZufQ20uV3fDpPr7IcDoxj4WyOfOZ7eGL9O/hTIs2VLq5ps11RrMlKs8994Ea+82TVpnRWBW9n2+qSczYwtfjxAFFbTM5XW6PBZsNDkiOu/DQh1upWU557zQoZhiw/WLNUUBJo0r25WcHMcK6hVd+FmCyXxs0xYnF144H1OWTOOouMEDzRllIe+s3x6mENJqNZnu\"}"})~";
const std::string wecom_url_check =
    R"~({"method":"GET","target":"/hooks/w?msg_signature=dd6b9c95b495b3f7e2901bfbc76c664930ffdb96&timestamp=1411443780&nonce=437374425&echostr=4ByGGj%2BsVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1%2BbXFXDQQb1o6co6Yh9Bv41n7hOchLF6p%2BQ%3D%3D","headers":{},"body":""})~";
const std::string dingtalk_event =
    R"~({"method":"POST","target":"/hooks/d?msg_signature=65b6f4e21c03cf6a584320a4d1ac107e4f9026ef&timestamp=1700000000456&nonce=dt-2","headers":{"Content-Type":"application/json"},"body":"{\"encrypt\": \"eF/wtf8YWItQ72STaRHGaao+c6CmDhlW+lsX/iV56xQt7f6A2SpPDJtiuFmLnrJgF5VexFLb0zjDwHR0qXfnHsU6HxcUYHbSNezH1ierLwk7azj1f/C/rf7SOfYPP0mhDWbbwPlCxj28QxolQUCUfI5DEdNopVugz3LdHHMunNK6g3QrZeNeaAeNzEtzkPhShq/n0EkPhz0NCTbcvZFo6gMB7PH5zmtK8LaGn21WOfJsc02+EKYrc/+fiYvu44XI\"}"})~";
const std::string webhook_event =
    R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\":\"customer.updated\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{\"id\":\"cus_1001\",\"name\":\"Acme Ltd\"}}"})~";
const std::string webhook_ping =
    R"~({"method":"POST","target":"/hooks/x","headers":{"X-Hub-Signature-256":"sha256=f1727360a409f7af614cb36014873b3237853275c82701a454f15702943d4bff","X-GitHub-Delivery":"d-1","X-GitHub-Event":"ping","Content-Type":"application/json"},"body":"{\"zen\":\"Keep it logically awesome.\",\"hook_id\":42}"})~";
const std::string webhook_stripe_event =
    R"~({"method":"POST","target":"/hooks/x","headers":{"Stripe-Signature":"t=1772352000,v1=ac88b0e8f78f0e7cd128f2ab642a9425a8c8b7a0930f4c0f2fb263ba7be01ddd","Content-Type":"application/json"},"body":"{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"customer.updated\"}"})~";
const std::string webhook_shopify_event =
    R"~({"method":"POST","target":"/hooks/x","headers":{"X-Shopify-Hmac-Sha256":"Ak0degRt8Df6VISZ67F5O0Xd8rPoDWUpj09fP7jSXR4=","X-Shopify-Webhook-Id":"w-1","X-Shopify-Topic":"customers/update","Content-Type":"application/json"},"body":"{\"id\":706405506930370084,\"email\":\"bob@example.com\"}"})~";

INSTANTIATE_TEST_SUITE_P(
    Kingdee, PluginCall,
    testing::Values(
        Call{
            .name = "KingdeeCheckIsSigned",
            .plugin = kingdee,
            .operation = "check",
            .settings = kingdee_signed,
            .clock = 1718000000000,
            .script = {R"~({"status":200,"body":[[100001]]})~"},
            .wanted =
                {"NzE2M2E1MjdhYzdiNTA2ODFhMTlhNzQ4ZDcxYzhmMjM3ODI5ZmM3MDZmZjg3ZjU3YzNmMTQyZDg4ODNhMTg4Zg==",
                 "NWRkYTgwZmI4MTJmNWU3MDFkMzNkYTYxZDA5NjE3NzBkNTdiMzM4OWVlY2VkOWJlZWNmNzNjMDBhYjNkMmEzMQ=="}},
        Call{.name = "KingdeeFindQueriesByNumber",
             .plugin = kingdee,
             .operation = "find",
             .stream = "customers",
             .settings = kingdee_signed,
             .clock = 1718000000000,
             .script = {R"~({"status":200,"body":[]})~"},
             .records = {R"~({"stream":"customers","body":{"FNumber":"C'1"}})~"},
             .wanted =
                 {"NzE2M2E1MjdhYzdiNTA2ODFhMTlhNzQ4ZDcxYzhmMjM3ODI5ZmM3MDZmZjg3ZjU3YzNmMTQyZDg4ODNhMTg4Zg==",
                  "NWRkYTgwZmI4MTJmNWU3MDFkMzNkYTYxZDA5NjE3NzBkNTdiMzM4OWVlY2VkOWJlZWNmNzNjMDBhYjNkMmEzMQ==",
                  "FNumber='C''1'"}},
        Call{.name = "Kingdee_login_by_sign",
             .plugin = kingdee,
             .operation = "authenticate",
             .settings = kingdee_by_sign,
             .clock = 1718000000000,
             .script = {kingdee_session},
             .wanted = {"LoginBySign", "2b2047e6c452a15f16554b0d4ee84df1c553761018a82adaad1ccd41fa04c0dc",
                        R"~("credential":"session")~"}},
        Call{.name = "Kingdee_login_by_app_secret",
             .plugin = kingdee,
             .operation = "authenticate",
             .settings = settings(kingdee_site, R"~("app_id":"231784_AbCd","auth":"login_by_app_secret")~"),
             .clock = 1718000000000,
             .script = {kingdee_session},
             .wanted = {"LoginByAppSecret", R"~(\"6571f0c2a9d3e1\",\"demo\",\"231784_AbCd\")~",
                        R"~("credential":"session")~"}},
        Call{.name = "Kingdee_validate_user",
             .plugin = kingdee,
             .operation = "authenticate",
             .settings = settings(
                 kingdee_site, R"~("app_id":"231784_AbCd","auth":"validate_user","password":"pass-word-1")~"),
             .clock = 1718000000000,
             .script = {kingdee_session},
             .wanted = {"ValidateUser", R"~("credential":"session")~"}},
        Call{.name = "KingdeeARefusedLoginIsAuth",
             .plugin = kingdee,
             .operation = "authenticate",
             .settings = kingdee_by_sign,
             .clock = 1718000000000,
             .script = {R"~({"status":200,"body":{"LoginResultType":0,"Message":"用户名或密码错误"}})~"},
             .wanted = {R"~("status":"auth")~"}},
        Call{.name = "KingdeeDiscoverAsksForTheFormsFields",
             .plugin = kingdee,
             .operation = "discover",
             .settings = kingdee_signed,
             .clock = 1718000000000,
             .script = {R"~({"status":200,"body":[]})~", R"~({"status":200,"body":[]})~",
                        R"~({"status":200,"body":[]})~", R"~({"status":200,"body":[]})~",
                        R"~({"status":200,"body":[]})~", R"~({"status":200,"body":[]})~",
                        R"~({"status":200,"body":[]})~", R"~({"status":200,"body":[]})~"},
             .wanted = {"DynamicFormService.QueryBusinessInfo.common.kdsvc",
                        R"~({\"data\":{\"FormId\":\"BD_Customer\"}})~",
                        R"~(\"FormId\":\"BD_CommonContact\")~"}},
        Call{.name = "KingdeeReadAsksForOrganisationCopies",
             .plugin = kingdee,
             .operation = "read",
             .stream = "customers",
             .settings = kingdee_signed,
             .clock = 1718000000000,
             .script = {R"~({"status":200,"body":[]})~"},
             .wanted = {"DynamicFormService.ExecuteBillQuery.common.kdsvc", R"~(\"FormId\":\"BD_Customer\")~",
                        "FCUSTID,FMasterId,", R"~("event":"checkpoint")~", R"~("status":"ok")~"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Yonyou, PluginCall,
    testing::Values(
        Call{.name = "YonyouTokenIsSigned",
             .plugin = yonyou,
             .operation = "authenticate",
             .settings = yonyou_app,
             .clock = 1718000000000,
             .script = {yonyou_token},
             .wanted = {"signature=Tl7MTtq0uiJvtedxP2cWGjxJTZ2NMXJCDagbBNsqT48%3D"}},
        Call{.name = "YonyouTokenIsSignedAndEncoded",
             .plugin = yonyou,
             .operation = "authenticate",
             .settings = settings(
                 yonyou_site,
                 R"~("app_key":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","app_secret":"sandboxSecret-2024")~"),
             .clock = 1718000000001,
             .script = {yonyou_token},
             .wanted = {"signature=mQdt4iZFPzPfOhCCiIq%2FLrlf4HtUXmtjLVesf%2Bm%2Fg04%3D"}},
        Call{.name = "YonyouLookupOfAnUnknownKeyIsADelete",
             .plugin = yonyou,
             .operation = "lookup",
             .stream = "customers",
             .settings = yonyou_app,
             .clock = 1718000000000,
             .script = {yonyou_token, R"~({"status":200,"body":{"code":"200","data":[]}})~"},
             .records = {R"~({"stream":"customers","key":"1706047321704235009"})~"},
             .wanted = {"/merchant/newBatchDetail?access_token=t-1", R"~("kind":"delete")~"}},
        Call{.name = "YonyouEventE1",
             .plugin = yonyou,
             .operation = "handle_request",
             .settings = yonyou_app,
             .clock = 1718000000005,
             .request = yonyou_event,
             .wanted = {R"~("status":200)~"}},
        Call{.name = "YonyouEventE1Forged",
             .plugin = yonyou,
             .operation = "handle_request",
             .settings = yonyou_app,
             .clock = 1718000000005,
             .request = changed(yonyou_event, R"~(re\": \"u)~", R"~(re\": \"a)~"),
             .wanted = {R"~("status":403)~"}},
        Call{
            .name = "YonyouDiscoverTriesTheLists",
            .plugin = yonyou,
            .operation = "discover",
            .settings = yonyou_app,
            .clock = 1718000000000,
            .script =
                {yonyou_token,
                 R"~({"status":200,"body":{"code":"200","data":{"pageIndex":1,"pageSize":500,"recordCount":0,"recordList":[]}}})~",
                 R"~({"status":200,"body":{"code":"200","data":{"pageIndex":1,"pageSize":500,"recordCount":0,"recordList":[]}}})~",
                 R"~({"status":200,"body":{"code":"200","data":{"pageIndex":1,"pageSize":500,"recordCount":0,"recordList":[]}}})~",
                 R"~({"status":200,"body":{"code":"200","data":{"pageIndex":1,"pageSize":500,"recordCount":0,"recordList":[]}}})~",
                 R"~({"status":200,"body":{"code":"200","data":{"pageIndex":1,"pageSize":500,"recordCount":0,"recordList":[]}}})~",
                 R"~({"status":200,"body":{"code":"200","data":{"pageIndex":1,"pageSize":500,"recordCount":0,"recordList":[]}}})~",
                 R"~({"status":200,"body":{"code":"200","data":{"pageIndex":1,"pageSize":500,"recordCount":0,"recordList":[]}}})~"},
            .wanted = {"/yonbip/digitalModel/staff/list?access_token=t-1",
                       "/OrgUnitSync/orgUnitDataSyncByDTO?access_token=t-1",
                       R"~(\"funcTypeCode\":[\"orgunit\"])~"}},
        Call{
            .name = "YonyouReadBeginsWithTheFirstPage",
            .plugin = yonyou,
            .operation = "read",
            .stream = "customers",
            .settings = yonyou_app,
            .clock = 1718000000000,
            .script =
                {yonyou_token,
                 R"~({"status":200,"body":{"code":"200","data":{"pageIndex":1,"pageSize":500,"recordCount":0,"recordList":[]}}})~"},
            .wanted = {"/yonbip/digitalModel/merchant/newlist?access_token=t-1",
                       R"~("body":"{\"pageIndex\":1,)~", R"~("event":"checkpoint")~", R"~("status":"ok")~"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(Wecom, PluginCall,
                         testing::Values(Call{.name = "WecomUrlCheckW2",
                                              .plugin = wecom,
                                              .operation = "handle_request",
                                              .settings = wecom_callbacks,
                                              .clock = 1411443780000,
                                              .request = wecom_url_check,
                                              .wanted = {R"~("body":"5927782489442352469")~"}},
                                         Call{
                                             .name = "WecomUrlCheckW5",
                                             .plugin = wecom,
                                             .operation = "handle_request",
                                             .settings = settings(
                                                 wecom_site,
                                                 R"~("corp_id":"ww6a112864f8022910","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"kjr2TKI8umCBfVF3wAHk8JiPwma5VBme","callback_aes_key":"4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws")~"),
                                             .clock = 1583940690000,
                                             .request =
                                                 R"~({"method":"GET","target":"/hooks/w?msg_signature=1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011&timestamp=1583940690&nonce=VHh7ymSeb0jc4lSb&echostr=6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC%2FnIX3ZNt9w%3D%3D","headers":{},"body":""})~",
                                             .wanted = {R"~("body":"94966531020182955848408")~"}},
                                         Call{
                                             .name = "WecomUrlCheckC1FullPad",
                                             .plugin = wecom,
                                             .operation = "handle_request",
                                             .settings = settings(
                                                 wecom_site,
                                                 R"~("corp_id":"ww1234567890abcdef","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"wecomTokenC1","callback_aes_key":"0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")~"),
                                             .clock = 1700000000000,
                                             .request =
                                                 R"~({"method":"GET","target":"/hooks/w?msg_signature=f6cfea362b27d3bf4cb8312fa5d88887fae7b0cb&timestamp=1700000000&nonce=n0nceC1&echostr=B2yGn7kE3nDyRso%2BxhlT9gJyORTBGnOwdgLzDK0mdQKND9iouThJUeVzJBz0dYti8hPHvvXOBbMRlJq91s%2FzMt7pqp7seRotwRP8LyhbjwTDB2g46zXyVZslr3L72JYK","headers":{},"body":""})~",
                                             .wanted = {R"~("body":"12345678901234567890123456")~"}},
                                         Call{.name = "WecomWrongDigit",
                                              .plugin = wecom,
                                              .operation = "handle_request",
                                              .settings = wecom_callbacks,
                                              .clock = 1411443780000,
                                              .request = changed(wecom_url_check, "re=d", "re=0"),
                                              .wanted = {R"~("status":403)~"}},
                                         Call{
                                             .name = "WecomWrongReceiver",
                                             .plugin = wecom,
                                             .operation = "handle_request",
                                             .settings = settings(
                                                 wecom_site,
                                                 R"~("corp_id":"wx49f0ab532d5d035b","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"123456","callback_aes_key":"kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR")~"),
                                             .clock = 1411443780000,
                                             .request = wecom_url_check,
                                             .wanted = {R"~("status":4)~"}},
                                         Call{
                                             .name = "WecomEventC2",
                                             .plugin = wecom,
                                             .operation = "handle_request",
                                             .settings = settings(
                                                 wecom_site,
                                                 R"~("corp_id":"wwcorpidexample001","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"Tk2026","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj")~"),
                                             .clock = 1700000101000,
                                             .request =
                                                 R"~({"method":"POST","target":"/hooks/w?msg_signature=eb295e1eb0818b28bf8399a603979f006cf21b50&timestamp=1700000101&nonce=837465","headers":{},"body":"<xml><ToUserName><![CDATA[wwcorpidexample001]]></ToUserName><Encrypt><![CDATA[eF/wtf8YWItQ72STaRHGaYUYGaK5QzaiuIO3/lMNMu0A0WzCM5Hmnf17VPT+q9RlbvyBwAA2pTfTQK2dD2RKGLmY+qNsH6LlfJxvJxBmhqCvypw/6FCzNiIZYEC1u+EHdwyeWppI8GBCq+lILPEvRNOdq3VokuRzTIZ33ZRD6YXQivZdUKHLh1teTOZ6z/9VjF6LeHI0e/Emg5xYdUYc0cMVFO2FpVdtaiIigs0o++Ig03izeKbXblIGJKnf45Z4b/180XinLZ2D+tJNxcECBe5ly8lDZkLaWYDAzZmdiYKr1WtP9HrzuTY0bgcFXji1NDvbu1sB5jB6zvyKq/SPHqmLFotOzWLnY74BJwNHVZBKY7KKp9SoCe4IqX/96Gq7uq6QId1mbxHD+OvWINZEMr/EWk7uelx4hUK8VSnEqjzOzXjCz81gPdwU8bEUGEJUOZkJY4Nfqw9jqO+05IuBUxcyr8s4WRc819+Y42z/p1hh/B3GKJImUCjtidBd17PSYKwO56BUIWwJ6DmB+rgkhDtcCcVq3TY7mJi/eP6KLTh0Z2BcgDWC/3tJiDDI3Gv1n1qUWh5oZ6M+2UspiIMfKCmP98qYqU4s/uLYr2AlRnlx3eg8TTm+g4c5L6aMd3QBO42xCLYSHXb6C9qPIbe3DsaqBQVWen1cLrwzuNYLKA6RZWb+I5Ibw67yVOfn1OwAk5LEcCaTDk3d5jgX7Gjg8A==]]></Encrypt></xml>"})~",
                                             .wanted = {R"~("key":"wmExampleExternalUser0000000001")~",
                                                        R"~("body":"success")~"}},
                                         Call{.name = "WecomTokenRequest",
                                              .plugin = wecom,
                                              .operation = "authenticate",
                                              .settings = wecom_app,
                                              .clock = 1700000000000,
                                              .script = {wecom_token},
                                              .wanted = {"/gettoken?corpid=ww1&corpsecret=app-secret-1"}},
                                         Call{
                                             .name = "WecomDiscoverAsksForTheTags",
                                             .plugin = wecom,
                                             .operation = "discover",
                                             .settings = wecom_app,
                                             .clock = 1700000000000,
                                             .script = {wecom_token,
                                                        R"~({"status":200,"body":{"errcode":0}})~"},
                                             .wanted =
                                                 {"/externalcontact/get_corp_tag_list?access_token=t",
                                                  R"~({"event":"streams","streams":[{"name":"external_contacts")~",
                                                  R"~("status":"ok")~"}},
                                         Call{
                                             .name = "WecomDepartmentsAreListedThenRead",
                                             .plugin = wecom,
                                             .operation = "read",
                                             .stream = "departments",
                                             .settings = wecom_app,
                                             .clock = 1700000000000,
                                             .script =
                                                 {wecom_token,
                                                  R"~({"status":200,"body":{"errcode":0,"department_id":[{"id":1,"parentid":0,"order":1}]}})~",
                                                  R"~({"status":200,"body":{"errcode":0,"department":{"id":1,"name":"总部"}}})~"},
                                             .wanted = {"/department/simplelist?access_token=t",
                                                        "/department/get?id=1&access_token=t",
                                                        R"~("stream":"departments","key":"1")~",
                                                        R"~("status":"ok")~"}}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(
    Dingtalk, PluginCall,
    testing::Values(
        Call{.name = "DingtalkEventC2",
             .plugin = dingtalk,
             .operation = "handle_request",
             .settings = dingtalk_callbacks,
             .clock = 1700000000456,
             .request = dingtalk_event,
             .wanted = {R"~("stream":"departments","key":"50")~", R"~("key":"51")~", R"~("status":200)~",
                        "msg_signature"}},
        Call{
            .name = "DingtalkCheckC3FullPad",
            .plugin = dingtalk,
            .operation = "handle_request",
            .settings = settings(
                dingtalk_site,
                R"~("app_key":"dingcorp0003","app_secret":"ssssssssssssssssssss","callback_token":"t3","callback_aes_key":"0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")~"),
            .clock = 1700000009999,
            .request =
                R"~({"method":"POST","target":"/hooks/d?msg_signature=20daa052efa434225979d00f833be130a1671b1c&timestamp=1700000009999&nonce=n3","headers":{"Content-Type":"application/json"},"body":"{\"encrypt\": \"B2yGn7kE3nDyRso+xhlT9uWq7VKVLtYkB2zQz7Ml2t490OF7yaHke16aWlmOyDREJsfW70Ufp24eTFoPT9YxVN0MFna6bFWAH6wULx7ubNiX/RSbsyhSZWKM9w4itunple+F2JrYcTBOJByhZ/cnA0iyAHVA+Ny3i9isYUfDJK0=\"}"})~",
            .wanted = {R"~("status":200)~", "msg_signature"}},
        Call{.name = "DingtalkWrongDigit",
             .plugin = dingtalk,
             .operation = "handle_request",
             .settings = dingtalk_callbacks,
             .clock = 1700000000456,
             .request = changed(dingtalk_event, "re=6", "re=0"),
             .wanted = {R"~("status":4)~"}},
        Call{
            .name = "DingtalkRobotR1",
            .plugin = dingtalk,
            .operation = "write",
            .stream = "robot",
            .settings = settings(
                dingtalk_site,
                R"~("app_key":"dingappkeyexample02","app_secret":"ssssssssssssssssssss","callback_token":"dingTok02","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj","robot_webhook":"https://oapi.dingtalk.com/robot/send?access_token=T","robot_secret":"SEC000000000000000000000000000000000000000000000000000000000000demo")~"),
            .clock = 1700000000000,
            .script = {dingtalk_done},
            .records = {R"~({"stream":"robot","operation_id":"op-1","body":{"text":"hi"}})~"},
            .wanted = {"sign=n2gHwd7S4e2vijC7nJlrNelFoQyOuktL93hov1EjFD8%3D", R"~("outcome":"applied")~"}},
        Call{
            .name = "DingtalkRobotR3",
            .plugin = dingtalk,
            .operation = "write",
            .stream = "robot",
            .settings = settings(
                dingtalk_site,
                R"~("app_key":"dingappkeyexample02","app_secret":"ssssssssssssssssssss","callback_token":"dingTok02","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj","robot_webhook":"https://oapi.dingtalk.com/robot/send?access_token=T","robot_secret":"SECabc")~"),
            .clock = 1618800000123,
            .script = {dingtalk_done},
            .records = {R"~({"stream":"robot","operation_id":"op-1","body":{"text":"hi"}})~"},
            .wanted = {"sign=Hi%2FWlCbH0AJ4C9MBzllBbMRccASvlb4ByIjaSY4lNAE%3D", R"~("outcome":"applied")~"}},
        Call{.name = "DingtalkTokenRequest",
             .plugin = dingtalk,
             .operation = "authenticate",
             .settings = dingtalk_callbacks,
             .clock = 1700000000000,
             .script = {dingtalk_token},
             .wanted = {"/v1.0/oauth2/accessToken", R"~(\"appKey\":\"dingappkeyexample02\")~"}},
        Call{.name = "DingtalkDiscoverAsksForTheFormsFields",
             .plugin = dingtalk,
             .operation = "discover",
             .settings = dingtalk_callbacks,
             .clock = 1700000000000,
             .script = {dingtalk_token, R"~({"status":200,"body":{"result":[]}})~",
                        R"~({"status":200,"body":{"result":[]}})~"},
             .wanted = {"/v1.0/crm/personalCustomers/objectMeta?relationType=crm_customer",
                        R"~("x-acs-dingtalk-access-token":"t")~",
                        R"~({"event":"streams","streams":[{"name":"customers")~", R"~("status":"ok")~"}},
        Call{
            .name = "DingtalkReadAsksForAPageOfCustomers",
            .plugin = dingtalk,
            .operation = "read",
            .stream = "customers",
            .settings = dingtalk_callbacks,
            .clock = 1700000000000,
            .script = {dingtalk_token, R"~({"status":200,"body":{"result":{"values":[],"hasMore":false}}})~"},
            .wanted = {"/v1.0/crm/customerInstances", R"~(\"objectType\":\"crm_customer\")~",
                       R"~("event":"checkpoint")~", R"~("status":"ok")~"}}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Webhook, PluginCall,
    testing::Values(
        Call{.name = "WebhookSw1",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_standard,
             .clock = 1772352003000,
             .request = webhook_event,
             .wanted = {R"~("key":"cus_1001")~", R"~("status":200)~"}},
        Call{
            .name = "WebhookSw2",
            .plugin = webhook,
            .operation = "handle_request",
            .settings = settings(
                R"~("scheme":"standard","signing_secret":"whsec_fBhag/THgX9wL4O8oH3XBuV5yXRikXNy")~"),
            .clock = 1772352010000,
            .request =
                R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0002","webhook-timestamp":"1772352005","webhook-signature":"v1,y3bkvzeSZO17espF93IlTi4onh5z8kVQMU3mm3HtGJY= v1,wRt7fPKQBS7KYos7zQFWhJnlCjzKihluuFhqtr9SmXQ=","Content-Type":"application/json"},"body":"{\"type\":\"customer.created\",\"timestamp\":\"2026-03-01T08:00:05Z\",\"data\":{\"id\":\"cus_1002\",\"name\":\"示例科技有限公司\"}}"})~",
            .wanted = {R"~("key":"cus_1002")~", R"~("status":200)~"}},
        Call{.name = "WebhookSw3",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_standard,
             .clock = 1772352003000,
             .request = changed(webhook_event, "1001", "1009"),
             .wanted = {R"~("status":401)~"}},
        Call{.name = "WebhookSw4",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_standard,
             .clock = 1772352301000,
             .request = webhook_event,
             .wanted = {R"~("status":401)~"}},
        Call{.name = "WebhookSw5Edge",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_standard,
             .clock = 1772352300000,
             .request = webhook_event,
             .wanted = {R"~("key":"cus_1001")~", R"~("status":200)~"}},
        Call{.name = "WebhookSw6",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_standard,
             .clock = 1772351699000,
             .request = webhook_event,
             .wanted = {R"~("status":401)~"}},
        Call{.name = "WebhookSw7",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_standard,
             .clock = 1772352003000,
             .request = changed(webhook_event, R"~(:"v1)~", R"~(:"v2)~"),
             .wanted = {R"~("status":401)~"}},
        Call{.name = "WebhookSw8",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_standard,
             .clock = 1772352003000,
             .request = changed(webhook_event, "0001", "0009"),
             .wanted = {R"~("status":401)~"}},
        Call{
            .name = "WebhookSw10",
            .plugin = webhook,
            .operation = "handle_request",
            .settings = webhook_standard,
            .clock = 1772352003000,
            .request =
                R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\": \"customer.updated\", \"timestamp\": \"2026-03-01T08:00:00Z\", \"data\":{\"id\": \"cus_1001\", \"name\": \"Acme Ltd\"}}"})~",
            .wanted = {R"~("status":401)~"}},
        Call{.name = "Webhook_github",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_github,
             .clock = 1772352000000,
             .request = webhook_ping,
             .wanted = {R"~("status":200)~"}},
        Call{.name = "Webhook_github_forged",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_github,
             .clock = 1772352000000,
             .request = changed(webhook_ping, ":42}", ":42} "),
             .wanted = {R"~("status":401)~"}},
        Call{.name = "Webhook_stripe",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_stripe,
             .clock = 1772352000000,
             .request = webhook_stripe_event,
             .wanted = {R"~("status":200)~"}},
        Call{.name = "Webhook_stripe_forged",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_stripe,
             .clock = 1772352000000,
             .request = changed(webhook_stripe_event, R"~(d\"})~", R"~(d\"} )~"),
             .wanted = {R"~("status":401)~"}},
        Call{.name = "Webhook_shopify",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_shopify,
             .clock = 1772352000000,
             .request = webhook_shopify_event,
             .wanted = {R"~("status":200)~"}},
        Call{.name = "Webhook_shopify_forged",
             .plugin = webhook,
             .operation = "handle_request",
             .settings = webhook_shopify,
             .clock = 1772352000000,
             .request = changed(webhook_shopify_event, R"~(m\"})~", R"~(m\"} )~"),
             .wanted = {R"~("status":401)~"}}),
    name_of);

}  // namespace plugin_call_test
}  // namespace huiliu::e2e
