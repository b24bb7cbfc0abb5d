// `huiliu plugin call` with the five shipped connectors: each request that the vendors document for signing
// in and each callback, against the vectors that were computed with the vendors' own code; every line the
// same the second time.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace huiliu::e2e {
namespace plugin_call_test {

namespace fs = std::filesystem;

struct Call {
  const char *name, *library, *connector, *operation, *stream, *settings, *clock;
  std::vector<const char*> script, records;
  const char* request;
  std::vector<const char*> wanted;  // in the output
};

void PrintTo(const Call& call, std::ostream* out) { *out << call.name; }

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
    std::string command = build + "/bin/huiliu plugin call " + build + "/plugins/libhuiliu-" + call.library +
                          ".so --connector " + call.connector + " --op " + call.operation + " --settings " +
                          file("settings.json", {call.settings}) +
                          " --http script:" + file("script.jsonl", call.script) + " --clock " + call.clock +
                          " --seed 7";
    if (*call.stream != '\0') command += std::string(" --stream ") + call.stream;
    if (!call.records.empty()) command += " --records " + file("records.jsonl", call.records);
    if (*call.request != '\0') command += " --request " + file("request.json", {call.request});
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

INSTANTIATE_TEST_SUITE_P(
    Kingdee, PluginCall,
    testing::Values(
        Call{
            "KingdeeCheckIsSigned",
            "kingdee",
            "kingdee-k3cloud",
            "check",
            "",
            R"~({"base_url":"http://erp.example.test/k3cloud/","acct_id":"6571f0c2a9d3e1","user_name":"demo","app_id":"231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC","app_secret":"8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a"})~",
            "1718000000000",
            {R"~({"status":200,"body":[[100001]]})~"},
            {},
            "",
            {R"~(NzE2M2E1MjdhYzdiNTA2ODFhMTlhNzQ4ZDcxYzhmMjM3ODI5ZmM3MDZmZjg3ZjU3YzNmMTQyZDg4ODNhMTg4Zg==)~",
             R"~(NWRkYTgwZmI4MTJmNWU3MDFkMzNkYTYxZDA5NjE3NzBkNTdiMzM4OWVlY2VkOWJlZWNmNzNjMDBhYjNkMmEzMQ==)~"}},
        Call{
            "KingdeeFindQueriesByNumber",
            "kingdee",
            "kingdee-k3cloud",
            "find",
            "customers",
            R"~({"base_url":"http://erp.example.test/k3cloud/","acct_id":"6571f0c2a9d3e1","user_name":"demo","app_id":"231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC","app_secret":"8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a"})~",
            "1718000000000",
            {R"~({"status":200,"body":[]})~"},
            {R"~({"stream":"customers","body":{"FNumber":"C'1"}})~"},
            "",
            {R"~(NzE2M2E1MjdhYzdiNTA2ODFhMTlhNzQ4ZDcxYzhmMjM3ODI5ZmM3MDZmZjg3ZjU3YzNmMTQyZDg4ODNhMTg4Zg==)~",
             R"~(NWRkYTgwZmI4MTJmNWU3MDFkMzNkYTYxZDA5NjE3NzBkNTdiMzM4OWVlY2VkOWJlZWNmNzNjMDBhYjNkMmEzMQ==)~",
             R"~(FNumber='C''1')~"}},
        Call{
            "Kingdee_login_by_sign",
            "kingdee",
            "kingdee-k3cloud",
            "authenticate",
            "",
            R"~({"base_url":"http://erp.example.test/k3cloud/","acct_id":"6571f0c2a9d3e1","user_name":"demo","app_id":"231784_AbCd","app_secret":"8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a","auth":"login_by_sign"})~",
            "1718000000000",
            {R"~({"status":200,"body":{"LoginResultType":1,"KDSVCSessionId":"s-1"}})~"},
            {},
            "",
            {R"~(LoginBySign)~", R"~(2b2047e6c452a15f16554b0d4ee84df1c553761018a82adaad1ccd41fa04c0dc)~",
             R"~("credential":"session")~"}},
        Call{
            "Kingdee_login_by_app_secret",
            "kingdee",
            "kingdee-k3cloud",
            "authenticate",
            "",
            R"~({"base_url":"http://erp.example.test/k3cloud/","acct_id":"6571f0c2a9d3e1","user_name":"demo","app_id":"231784_AbCd","app_secret":"8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a","auth":"login_by_app_secret"})~",
            "1718000000000",
            {R"~({"status":200,"body":{"LoginResultType":1,"KDSVCSessionId":"s-1"}})~"},
            {},
            "",
            {R"~(LoginByAppSecret)~", R"~(\"6571f0c2a9d3e1\",\"demo\",\"231784_AbCd\")~",
             R"~("credential":"session")~"}},
        Call{
            "Kingdee_validate_user",
            "kingdee",
            "kingdee-k3cloud",
            "authenticate",
            "",
            R"~({"base_url":"http://erp.example.test/k3cloud/","acct_id":"6571f0c2a9d3e1","user_name":"demo","app_id":"231784_AbCd","app_secret":"8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a","auth":"validate_user","password":"pass-word-1"})~",
            "1718000000000",
            {R"~({"status":200,"body":{"LoginResultType":1,"KDSVCSessionId":"s-1"}})~"},
            {},
            "",
            {R"~(ValidateUser)~", R"~("credential":"session")~"}},
        Call{
            "KingdeeARefusedLoginIsAuth",
            "kingdee",
            "kingdee-k3cloud",
            "authenticate",
            "",
            R"~({"base_url":"http://erp.example.test/k3cloud/","acct_id":"6571f0c2a9d3e1","user_name":"demo","app_id":"231784_AbCd","app_secret":"8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a","auth":"login_by_sign"})~",
            "1718000000000",
            {R"~({"status":200,"body":{"LoginResultType":0,"Message":"用户名或密码错误"}})~"},
            {},
            "",
            {R"~("status":"auth")~"}}),
    [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Yonyou, PluginCall,
    testing::Values(
        Call{
            "YonyouTokenIsSigned",
            "yonyou",
            "yonyou-yonbip",
            "authenticate",
            "",
            R"~({"base_url":"https://c2.example.test/iuap-api-gateway","app_key":"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf","app_secret":"f0e1d2c3b4a5968778695a4b3c2d1e0f","tenant_id":"xk3m9q2t"})~",
            "1718000000000",
            {R"~({"status":200,"body":{"code":"00000","data":{"access_token":"t-1","expire":7200}}})~"},
            {},
            "",
            {R"~(signature=Tl7MTtq0uiJvtedxP2cWGjxJTZ2NMXJCDagbBNsqT48%3D)~"}},
        Call{
            "YonyouTokenIsSignedAndEncoded",
            "yonyou",
            "yonyou-yonbip",
            "authenticate",
            "",
            R"~({"base_url":"https://c2.example.test/iuap-api-gateway","app_key":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","app_secret":"sandboxSecret-2024","tenant_id":"xk3m9q2t"})~",
            "1718000000001",
            {R"~({"status":200,"body":{"code":"00000","data":{"access_token":"t-1","expire":7200}}})~"},
            {},
            "",
            {R"~(signature=mQdt4iZFPzPfOhCCiIq%2FLrlf4HtUXmtjLVesf%2Bm%2Fg04%3D)~"}},
        Call{
            "YonyouLookupOfAnUnknownKeyIsADelete",
            "yonyou",
            "yonyou-yonbip",
            "lookup",
            "customers",
            R"~({"base_url":"https://c2.example.test/iuap-api-gateway","app_key":"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf","app_secret":"f0e1d2c3b4a5968778695a4b3c2d1e0f","tenant_id":"xk3m9q2t"})~",
            "1718000000000",
            {R"~({"status":200,"body":{"code":"00000","data":{"access_token":"t-1","expire":7200}}})~",
             R"~({"status":200,"body":{"code":"200","data":[]}})~"},
            {R"~({"stream":"customers","key":"1706047321704235009"})~"},
            "",
            {R"~(/merchant/newBatchDetail?access_token=t-1)~", R"~("kind":"delete")~"}},
        Call{
            "YonyouEventE1",
            "yonyou",
            "yonyou-yonbip",
            "handle_request",
            "",
            R"~({"base_url":"https://c2.example.test/iuap-api-gateway","app_key":"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf","app_secret":"f0e1d2c3b4a5968778695a4b3c2d1e0f","tenant_id":"xk3m9q2t"})~",
            "1718000000005",
            {},
            {},
            R"~({"method":"POST","target":"/hooks/y","headers":{"Content-Type":"application/json"},"body":"{\"signature\": \"ureQDm3YtAw2id8BGGGk1MLoTWHu/whyjv05T7R3Vgw=\", \"timestamp\": 1718000000005, \"nonce\": \"uM48M4qajlEtVCz4\", \"encrypt\": \"f/FY+XNnkxB8acvveQrtCLnAi1ZgnPLIYgroLb9pV9n/lk/RMX3bRSqgH2027ZufQ20uV3fDpPr7IcDoxj4WyOfOZ7eGL9O/hTIs2VLq5ps11RrMlKs8994Ea+82TVpnRWBW9n2+qSczYwtfjxAFFbTM5XW6PBZsNDkiOu/DQh1upWU557zQoZhiw/WLNUUBJo0r25WcHMcK6hVd+FmCyXxs0xYnF144H1OWTOOouMEDzRllIe+s3x6mENJqNZnu\"}"})~",
            {R"~("status":200)~"}},
        Call{
            "YonyouEventE1Forged",
            "yonyou",
            "yonyou-yonbip",
            "handle_request",
            "",
            R"~({"base_url":"https://c2.example.test/iuap-api-gateway","app_key":"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf","app_secret":"f0e1d2c3b4a5968778695a4b3c2d1e0f","tenant_id":"xk3m9q2t"})~",
            "1718000000005",
            {},
            {},
            R"~({"method":"POST","target":"/hooks/y","headers":{"Content-Type":"application/json"},"body":"{\"signature\": \"areQDm3YtAw2id8BGGGk1MLoTWHu/whyjv05T7R3Vgw=\", \"timestamp\": 1718000000005, \"nonce\": \"uM48M4qajlEtVCz4\", \"encrypt\": \"f/FY+XNnkxB8acvveQrtCLnAi1ZgnPLIYgroLb9pV9n/lk/RMX3bRSqgH2027ZufQ20uV3fDpPr7IcDoxj4WyOfOZ7eGL9O/hTIs2VLq5ps11RrMlKs8994Ea+82TVpnRWBW9n2+qSczYwtfjxAFFbTM5XW6PBZsNDkiOu/DQh1upWU557zQoZhiw/WLNUUBJo0r25WcHMcK6hVd+FmCyXxs0xYnF144H1OWTOOouMEDzRllIe+s3x6mENJqNZnu\"}"})~",
            {R"~("status":403)~"}}),
    [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Wecom, PluginCall,
    testing::Values(
        Call{
            "WecomUrlCheckW2",
            "wecom",
            "wecom",
            "handle_request",
            "",
            R"~({"base_url":"https://qyapi.weixin.qq.com/cgi-bin","corp_id":"wx49f0ab532d5d035a","agent_id":"218","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"123456","callback_aes_key":"kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"})~",
            "1411443780000",
            {},
            {},
            R"~({"method":"GET","target":"/hooks/w?msg_signature=dd6b9c95b495b3f7e2901bfbc76c664930ffdb96&timestamp=1411443780&nonce=437374425&echostr=4ByGGj%2BsVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1%2BbXFXDQQb1o6co6Yh9Bv41n7hOchLF6p%2BQ%3D%3D","headers":{},"body":""})~",
            {R"~("body":"5927782489442352469")~"}},
        Call{
            "WecomUrlCheckW5",
            "wecom",
            "wecom",
            "handle_request",
            "",
            R"~({"base_url":"https://qyapi.weixin.qq.com/cgi-bin","corp_id":"ww6a112864f8022910","agent_id":"218","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"kjr2TKI8umCBfVF3wAHk8JiPwma5VBme","callback_aes_key":"4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws"})~",
            "1583940690000",
            {},
            {},
            R"~({"method":"GET","target":"/hooks/w?msg_signature=1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011&timestamp=1583940690&nonce=VHh7ymSeb0jc4lSb&echostr=6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC%2FnIX3ZNt9w%3D%3D","headers":{},"body":""})~",
            {R"~("body":"94966531020182955848408")~"}},
        Call{
            "WecomUrlCheckC1FullPad",
            "wecom",
            "wecom",
            "handle_request",
            "",
            R"~({"base_url":"https://qyapi.weixin.qq.com/cgi-bin","corp_id":"ww1234567890abcdef","agent_id":"218","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"wecomTokenC1","callback_aes_key":"0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"})~",
            "1700000000000",
            {},
            {},
            R"~({"method":"GET","target":"/hooks/w?msg_signature=f6cfea362b27d3bf4cb8312fa5d88887fae7b0cb&timestamp=1700000000&nonce=n0nceC1&echostr=B2yGn7kE3nDyRso%2BxhlT9gJyORTBGnOwdgLzDK0mdQKND9iouThJUeVzJBz0dYti8hPHvvXOBbMRlJq91s%2FzMt7pqp7seRotwRP8LyhbjwTDB2g46zXyVZslr3L72JYK","headers":{},"body":""})~",
            {R"~("body":"12345678901234567890123456")~"}},
        Call{
            "WecomWrongDigit",
            "wecom",
            "wecom",
            "handle_request",
            "",
            R"~({"base_url":"https://qyapi.weixin.qq.com/cgi-bin","corp_id":"wx49f0ab532d5d035a","agent_id":"218","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"123456","callback_aes_key":"kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"})~",
            "1411443780000",
            {},
            {},
            R"~({"method":"GET","target":"/hooks/w?msg_signature=0d6b9c95b495b3f7e2901bfbc76c664930ffdb96&timestamp=1411443780&nonce=437374425&echostr=4ByGGj%2BsVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1%2BbXFXDQQb1o6co6Yh9Bv41n7hOchLF6p%2BQ%3D%3D","headers":{},"body":""})~",
            {R"~("status":403)~"}},
        Call{
            "WecomWrongReceiver",
            "wecom",
            "wecom",
            "handle_request",
            "",
            R"~({"base_url":"https://qyapi.weixin.qq.com/cgi-bin","corp_id":"wx49f0ab532d5d035b","agent_id":"218","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"123456","callback_aes_key":"kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"})~",
            "1411443780000",
            {},
            {},
            R"~({"method":"GET","target":"/hooks/w?msg_signature=dd6b9c95b495b3f7e2901bfbc76c664930ffdb96&timestamp=1411443780&nonce=437374425&echostr=4ByGGj%2BsVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1%2BbXFXDQQb1o6co6Yh9Bv41n7hOchLF6p%2BQ%3D%3D","headers":{},"body":""})~",
            {R"~("status":4)~"}},
        Call{
            "WecomEventC2",
            "wecom",
            "wecom",
            "handle_request",
            "",
            R"~({"base_url":"https://qyapi.weixin.qq.com/cgi-bin","corp_id":"wwcorpidexample001","agent_id":"218","secret":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","callback_token":"Tk2026","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj"})~",
            "1700000101000",
            {},
            {},
            R"~({"method":"POST","target":"/hooks/w?msg_signature=eb295e1eb0818b28bf8399a603979f006cf21b50&timestamp=1700000101&nonce=837465","headers":{},"body":"<xml><ToUserName><![CDATA[wwcorpidexample001]]></ToUserName><Encrypt><![CDATA[eF/wtf8YWItQ72STaRHGaYUYGaK5QzaiuIO3/lMNMu0A0WzCM5Hmnf17VPT+q9RlbvyBwAA2pTfTQK2dD2RKGLmY+qNsH6LlfJxvJxBmhqCvypw/6FCzNiIZYEC1u+EHdwyeWppI8GBCq+lILPEvRNOdq3VokuRzTIZ33ZRD6YXQivZdUKHLh1teTOZ6z/9VjF6LeHI0e/Emg5xYdUYc0cMVFO2FpVdtaiIigs0o++Ig03izeKbXblIGJKnf45Z4b/180XinLZ2D+tJNxcECBe5ly8lDZkLaWYDAzZmdiYKr1WtP9HrzuTY0bgcFXji1NDvbu1sB5jB6zvyKq/SPHqmLFotOzWLnY74BJwNHVZBKY7KKp9SoCe4IqX/96Gq7uq6QId1mbxHD+OvWINZEMr/EWk7uelx4hUK8VSnEqjzOzXjCz81gPdwU8bEUGEJUOZkJY4Nfqw9jqO+05IuBUxcyr8s4WRc819+Y42z/p1hh/B3GKJImUCjtidBd17PSYKwO56BUIWwJ6DmB+rgkhDtcCcVq3TY7mJi/eP6KLTh0Z2BcgDWC/3tJiDDI3Gv1n1qUWh5oZ6M+2UspiIMfKCmP98qYqU4s/uLYr2AlRnlx3eg8TTm+g4c5L6aMd3QBO42xCLYSHXb6C9qPIbe3DsaqBQVWen1cLrwzuNYLKA6RZWb+I5Ibw67yVOfn1OwAk5LEcCaTDk3d5jgX7Gjg8A==]]></Encrypt></xml>"})~",
            {R"~("key":"wmExampleExternalUser0000000001")~", R"~("body":"success")~"}},
        Call{
            "WecomTokenRequest",
            "wecom",
            "wecom",
            "authenticate",
            "",
            R"~({"base_url":"https://qyapi.weixin.qq.com/cgi-bin","corp_id":"ww1","agent_id":"218","secret":"app-secret-1"})~",
            "1700000000000",
            {R"~({"status":200,"body":{"errcode":0,"access_token":"t","expires_in":7200}})~"},
            {},
            "",
            {R"~(/gettoken?corpid=ww1&corpsecret=app-secret-1)~"}}),
    [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(Dingtalk, PluginCall,
                         testing::Values(Call{"DingtalkEventC2",
                                              "dingtalk",
                                              "dingtalk",
                                              "handle_request",
                                              "",
                                              R"~({"base_url":"https://api.dingtalk.com","oapi_base_url":"https://oapi.dingtalk.com","app_key":"dingappkeyexample02","app_secret":"ssssssssssssssssssss","callback_token":"dingTok02","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj"})~",
                                              "1700000000456",
                                              {},
                                              {},
                                              R"~({"method":"POST","target":"/hooks/d?msg_signature=65b6f4e21c03cf6a584320a4d1ac107e4f9026ef&timestamp=1700000000456&nonce=dt-2","headers":{"Content-Type":"application/json"},"body":"{\"encrypt\": \"eF/wtf8YWItQ72STaRHGaao+c6CmDhlW+lsX/iV56xQt7f6A2SpPDJtiuFmLnrJgF5VexFLb0zjDwHR0qXfnHsU6HxcUYHbSNezH1ierLwk7azj1f/C/rf7SOfYPP0mhDWbbwPlCxj28QxolQUCUfI5DEdNopVugz3LdHHMunNK6g3QrZeNeaAeNzEtzkPhShq/n0EkPhz0NCTbcvZFo6gMB7PH5zmtK8LaGn21WOfJsc02+EKYrc/+fiYvu44XI\"}"})~",
                                              {R"~("stream":"departments","key":"50")~", R"~("key":"51")~",
                                               R"~("status":200)~", R"~(msg_signature)~"}},
                                         Call{
                                             "DingtalkCheckC3FullPad",
                                             "dingtalk",
                                             "dingtalk",
                                             "handle_request",
                                             "",
                                             R"~({"base_url":"https://api.dingtalk.com","oapi_base_url":"https://oapi.dingtalk.com","app_key":"dingcorp0003","app_secret":"ssssssssssssssssssss","callback_token":"t3","callback_aes_key":"0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"})~",
                                             "1700000009999",
                                             {},
                                             {},
                                             R"~({"method":"POST","target":"/hooks/d?msg_signature=20daa052efa434225979d00f833be130a1671b1c&timestamp=1700000009999&nonce=n3","headers":{"Content-Type":"application/json"},"body":"{\"encrypt\": \"B2yGn7kE3nDyRso+xhlT9uWq7VKVLtYkB2zQz7Ml2t490OF7yaHke16aWlmOyDREJsfW70Ufp24eTFoPT9YxVN0MFna6bFWAH6wULx7ubNiX/RSbsyhSZWKM9w4itunple+F2JrYcTBOJByhZ/cnA0iyAHVA+Ny3i9isYUfDJK0=\"}"})~",
                                             {R"~("status":200)~", R"~(msg_signature)~"}},
                                         Call{
                                             "DingtalkWrongDigit",
                                             "dingtalk",
                                             "dingtalk",
                                             "handle_request",
                                             "",
                                             R"~({"base_url":"https://api.dingtalk.com","oapi_base_url":"https://oapi.dingtalk.com","app_key":"dingappkeyexample02","app_secret":"ssssssssssssssssssss","callback_token":"dingTok02","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj"})~",
                                             "1700000000456",
                                             {},
                                             {},
                                             R"~({"method":"POST","target":"/hooks/d?msg_signature=05b6f4e21c03cf6a584320a4d1ac107e4f9026ef&timestamp=1700000000456&nonce=dt-2","headers":{"Content-Type":"application/json"},"body":"{\"encrypt\": \"eF/wtf8YWItQ72STaRHGaao+c6CmDhlW+lsX/iV56xQt7f6A2SpPDJtiuFmLnrJgF5VexFLb0zjDwHR0qXfnHsU6HxcUYHbSNezH1ierLwk7azj1f/C/rf7SOfYPP0mhDWbbwPlCxj28QxolQUCUfI5DEdNopVugz3LdHHMunNK6g3QrZeNeaAeNzEtzkPhShq/n0EkPhz0NCTbcvZFo6gMB7PH5zmtK8LaGn21WOfJsc02+EKYrc/+fiYvu44XI\"}"})~",
                                             {R"~("status":4)~"}},
                                         Call{
                                             "DingtalkRobotR1",
                                             "dingtalk",
                                             "dingtalk",
                                             "write",
                                             "robot",
                                             R"~({"base_url":"https://api.dingtalk.com","oapi_base_url":"https://oapi.dingtalk.com","app_key":"dingappkeyexample02","app_secret":"ssssssssssssssssssss","callback_token":"dingTok02","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj","robot_webhook":"https://oapi.dingtalk.com/robot/send?access_token=T","robot_secret":"SEC000000000000000000000000000000000000000000000000000000000000demo"})~",
                                             "1700000000000",
                                             {R"~({"status":200,"body":{"errcode":0}})~"},
                                             {R"~({"stream":"robot","operation_id":"op-1","body":{"text":"hi"}})~"},
                                             "",
                                             {R"~(sign=n2gHwd7S4e2vijC7nJlrNelFoQyOuktL93hov1EjFD8%3D)~",
                                              R"~("outcome":"applied")~"}},
                                         Call{"DingtalkRobotR3",
                                              "dingtalk",
                                              "dingtalk",
                                              "write",
                                              "robot",
                                              R"~({"base_url":"https://api.dingtalk.com","oapi_base_url":"https://oapi.dingtalk.com","app_key":"dingappkeyexample02","app_secret":"ssssssssssssssssssss","callback_token":"dingTok02","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj","robot_webhook":"https://oapi.dingtalk.com/robot/send?access_token=T","robot_secret":"SECabc"})~",
                                              "1618800000123",
                                              {R"~({"status":200,"body":{"errcode":0}})~"},
                                              {R"~({"stream":"robot","operation_id":"op-1","body":{"text":"hi"}})~"},
                                              "",
                                              {R"~(sign=Hi%2FWlCbH0AJ4C9MBzllBbMRccASvlb4ByIjaSY4lNAE%3D)~",
                                               R"~("outcome":"applied")~"}},
                                         Call{
                                             "DingtalkTokenRequest",
                                             "dingtalk",
                                             "dingtalk",
                                             "authenticate",
                                             "",
                                             R"~({"base_url":"https://api.dingtalk.com","oapi_base_url":"https://oapi.dingtalk.com","app_key":"dingappkeyexample02","app_secret":"ssssssssssssssssssss","callback_token":"dingTok02","callback_aes_key":"QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj"})~",
                                             "1700000000000",
                                             {R"~({"status":200,"body":{"accessToken":"t","expireIn":7200}})~"},
                                             {},
                                             "",
                                             {R"~(/v1.0/oauth2/accessToken)~",
                                              R"~(\"appKey\":\"dingappkeyexample02\")~"}}),
                         [](const auto& made) { return std::string(made.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Webhook, PluginCall,
    testing::Values(Call{"WebhookSw1",
                         "webhook",
                         "webhook",
                         "handle_request",
                         "",
                         R"~({"scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA="})~",
                         "1772352003000",
                         {},
                         {},
                         R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\":\"customer.updated\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{\"id\":\"cus_1001\",\"name\":\"Acme Ltd\"}}"})~",
                         {R"~("key":"cus_1001")~", R"~("status":200)~"}},
                    Call{
                        "WebhookSw2",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"standard","signing_secret":"whsec_fBhag/THgX9wL4O8oH3XBuV5yXRikXNy"})~",
                        "1772352010000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0002","webhook-timestamp":"1772352005","webhook-signature":"v1,y3bkvzeSZO17espF93IlTi4onh5z8kVQMU3mm3HtGJY= v1,wRt7fPKQBS7KYos7zQFWhJnlCjzKihluuFhqtr9SmXQ=","Content-Type":"application/json"},"body":"{\"type\":\"customer.created\",\"timestamp\":\"2026-03-01T08:00:05Z\",\"data\":{\"id\":\"cus_1002\",\"name\":\"示例科技有限公司\"}}"})~",
                        {R"~("key":"cus_1002")~", R"~("status":200)~"}},
                    Call{
                        "WebhookSw3",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA="})~",
                        "1772352003000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\":\"customer.updated\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{\"id\":\"cus_1009\",\"name\":\"Acme Ltd\"}}"})~",
                        {R"~("status":401)~"}},
                    Call{
                        "WebhookSw4",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA="})~",
                        "1772352301000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\":\"customer.updated\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{\"id\":\"cus_1001\",\"name\":\"Acme Ltd\"}}"})~",
                        {R"~("status":401)~"}},
                    Call{
                        "WebhookSw5Edge",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA="})~",
                        "1772352300000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\":\"customer.updated\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{\"id\":\"cus_1001\",\"name\":\"Acme Ltd\"}}"})~",
                        {R"~("key":"cus_1001")~", R"~("status":200)~"}},
                    Call{
                        "WebhookSw6",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA="})~",
                        "1772351699000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\":\"customer.updated\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{\"id\":\"cus_1001\",\"name\":\"Acme Ltd\"}}"})~",
                        {R"~("status":401)~"}},
                    Call{
                        "WebhookSw7",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA="})~",
                        "1772352003000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v2,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\":\"customer.updated\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{\"id\":\"cus_1001\",\"name\":\"Acme Ltd\"}}"})~",
                        {R"~("status":401)~"}},
                    Call{
                        "WebhookSw8",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA="})~",
                        "1772352003000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0009","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\":\"customer.updated\",\"timestamp\":\"2026-03-01T08:00:00Z\",\"data\":{\"id\":\"cus_1001\",\"name\":\"Acme Ltd\"}}"})~",
                        {R"~("status":401)~"}},
                    Call{
                        "WebhookSw10",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"standard","signing_secret":"whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA="})~",
                        "1772352003000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"webhook-id":"msg_fact0001","webhook-timestamp":"1772352000","webhook-signature":"v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=","Content-Type":"application/json"},"body":"{\"type\": \"customer.updated\", \"timestamp\": \"2026-03-01T08:00:00Z\", \"data\":{\"id\": \"cus_1001\", \"name\": \"Acme Ltd\"}}"})~",
                        {R"~("status":401)~"}},
                    Call{
                        "Webhook_github",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"github","signing_secret":"gh-fact-sheet-secret"})~",
                        "1772352000000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"X-Hub-Signature-256":"sha256=f1727360a409f7af614cb36014873b3237853275c82701a454f15702943d4bff","X-GitHub-Delivery":"d-1","X-GitHub-Event":"ping","Content-Type":"application/json"},"body":"{\"zen\":\"Keep it logically awesome.\",\"hook_id\":42}"})~",
                        {R"~("status":200)~"}},
                    Call{
                        "Webhook_github_forged",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"github","signing_secret":"gh-fact-sheet-secret"})~",
                        "1772352000000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"X-Hub-Signature-256":"sha256=f1727360a409f7af614cb36014873b3237853275c82701a454f15702943d4bff","X-GitHub-Delivery":"d-1","X-GitHub-Event":"ping","Content-Type":"application/json"},"body":"{\"zen\":\"Keep it logically awesome.\",\"hook_id\":42} "})~",
                        {R"~("status":401)~"}},
                    Call{
                        "Webhook_stripe",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"stripe","signing_secret":"whsec_factSheetStripeSecret01"})~",
                        "1772352000000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"Stripe-Signature":"t=1772352000,v1=ac88b0e8f78f0e7cd128f2ab642a9425a8c8b7a0930f4c0f2fb263ba7be01ddd","Content-Type":"application/json"},"body":"{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"customer.updated\"}"})~",
                        {R"~("status":200)~"}},
                    Call{
                        "Webhook_stripe_forged",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"stripe","signing_secret":"whsec_factSheetStripeSecret01"})~",
                        "1772352000000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"Stripe-Signature":"t=1772352000,v1=ac88b0e8f78f0e7cd128f2ab642a9425a8c8b7a0930f4c0f2fb263ba7be01ddd","Content-Type":"application/json"},"body":"{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"customer.updated\"} "})~",
                        {R"~("status":401)~"}},
                    Call{
                        "Webhook_shopify",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"shopify","signing_secret":"shpss_factsheet0123456789abcdef"})~",
                        "1772352000000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"X-Shopify-Hmac-Sha256":"Ak0degRt8Df6VISZ67F5O0Xd8rPoDWUpj09fP7jSXR4=","X-Shopify-Webhook-Id":"w-1","X-Shopify-Topic":"customers/update","Content-Type":"application/json"},"body":"{\"id\":706405506930370084,\"email\":\"bob@example.com\"}"})~",
                        {R"~("status":200)~"}},
                    Call{
                        "Webhook_shopify_forged",
                        "webhook",
                        "webhook",
                        "handle_request",
                        "",
                        R"~({"scheme":"shopify","signing_secret":"shpss_factsheet0123456789abcdef"})~",
                        "1772352000000",
                        {},
                        {},
                        R"~({"method":"POST","target":"/hooks/x","headers":{"X-Shopify-Hmac-Sha256":"Ak0degRt8Df6VISZ67F5O0Xd8rPoDWUpj09fP7jSXR4=","X-Shopify-Webhook-Id":"w-1","X-Shopify-Topic":"customers/update","Content-Type":"application/json"},"body":"{\"id\":706405506930370084,\"email\":\"bob@example.com\"} "})~",
                        {R"~("status":401)~"}}),
    [](const auto& made) { return std::string(made.param.name); });

}  // namespace plugin_call_test
}  // namespace huiliu::e2e
