// Every vector of the vendor's signatures, and the corners where known ports go wrong.
#include "plugins/kingdee/src/signature.hpp"

#include <gtest/gtest.h>

#include <map>

namespace kingdee {
namespace {

const std::string dynamic_form = "Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.";

std::map<std::string, std::string> headers_of(const std::string& app_id, const std::string& secret,
                                              const std::string& acct, const std::string& user,
                                              const std::string& lcid, const std::string& org,
                                              const std::string& url, const std::string& time) {
  const Signer signer{acct, user, app_id,
                      lcid, org,  [secret](std::string_view text) { return hmac_sha256(secret, text); }};
  std::map<std::string, std::string> named;
  for (auto& [name, value] : signed_headers(signer, url, time)) named.emplace(name, value);
  return named;
}

TEST(LoginSign, VectorsOfTheFactSheet) {
  EXPECT_EQ(
      login_sign("6571f0c2a9d3e1", "demo", "231784_AbCd", "8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a", "1718000000"),
      "2b2047e6c452a15f16554b0d4ee84df1c553761018a82adaad1ccd41fa04c0dc");
  EXPECT_EQ(
      login_sign("60f7a1b2c3d4e5f6", "张三", "900417_xyz", "0123456789abcdef0123456789abcdef", "1718000123"),
      "ff3ed20f706e3bd4e8d3151f9ec827ba245e6730e41a03522afa7982b4261a8b");
}

TEST(LoginSign, OldSitesHashWithSha1) {
  EXPECT_EQ(login_sign("6571f0c2a9d3e1", "demo", "231784_AbCd", "8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a",
                       "1718000000", LoginHash::sha1),
            "849e3a4b9c5a6bbe1a7afed8fc9d05a2207fad01");
}

TEST(SignedHeaders, VectorA) {
  const auto h = headers_of(
      "231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC", "8f2c1d6b4a7e4d0f9b3a5c7e1f2d4b6a", "6571f0c2a9d3e1", "demo",
      "2052", "0", "http://erp.example.test/k3cloud/" + dynamic_form + "ExecuteBillQuery.common.kdsvc",
      "1718000000");
  EXPECT_EQ(h.at("X-Api-ClientID"), "231784");
  EXPECT_EQ(h.at("X-Api-Auth-Version"), "2.0");
  EXPECT_EQ(h.at("x-api-timestamp"), "1718000000");
  EXPECT_EQ(h.at("x-api-nonce"), "1718000000");
  EXPECT_EQ(h.at("x-api-signheaders"), "x-api-timestamp,x-api-nonce");
  EXPECT_EQ(h.at("X-Kd-Appkey"), "231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC");
  EXPECT_EQ(h.at("X-Api-Signature"),
            "NzE2M2E1MjdhYzdiNTA2ODFhMTlhNzQ4ZDcxYzhmMjM3ODI5ZmM3MDZmZjg3ZjU3YzNmMTQyZDg4ODNhMTg4Zg==");
  EXPECT_EQ(h.at("X-Kd-Appdata"), "NjU3MWYwYzJhOWQzZTEsZGVtbywyMDUyLDA=");
  EXPECT_EQ(h.at("X-Kd-Signature"),
            "NWRkYTgwZmI4MTJmNWU3MDFkMzNkYTYxZDA5NjE3NzBkNTdiMzM4OWVlY2VkOWJlZWNmNzNjMDBhYjNkMmEzMQ==");
  EXPECT_EQ(h.size(), 9u);
}

TEST(SignedHeaders, VectorBChineseUserMillisecondsUpperCaseFolder) {
  const auto h = headers_of("900417_OwBgTvn30DlQbk+R898mDjmwnKmOI11t", "0123456789abcdef0123456789abcdef",
                            "60f7a1b2c3d4e5f6", "张三", "2052", "100",
                            "https://k3.example.test:8443/K3Cloud/" + dynamic_form + "Save.common.kdsvc",
                            "1718000000123");
  EXPECT_EQ(h.at("X-Api-Signature"),
            "MTEzMzg0YTczYzBmNjgwNWM1YmNmZmVmZTYyOTk5ODQyOThlN2IyOGNlNGE2NTNjMGZhYzM4ZWZmNDM3NjFlYw==");
  EXPECT_EQ(h.at("X-Kd-Appdata"), "NjBmN2ExYjJjM2Q0ZTVmNizlvKDkuIksMjA1MiwxMDA=");
  EXPECT_EQ(h.at("X-Kd-Signature"),
            "MTIxNmMwNjg1NmRmMzdlZjUyZTU3NjllMmZjNTAwYjU4YWJjOWY1OWEzMjRjZmViYThkYWNiOTNiMzE4ODExZQ==");
}

TEST(SignedHeaders, VectorCShortHostAndApplicationIdWithoutParts) {
  const auto h = headers_of("noscore", "s3cr3t", "ACC1", "u", "1033", "0",
                            "http://k3/k3cloud/" + dynamic_form + "View.common.kdsvc", "1718000001");
  EXPECT_EQ(h.at("X-Api-ClientID"), "");
  EXPECT_EQ(h.at("X-Api-Signature"),
            "ODllZWYzNzczYmZkYjlkYTJmMWFkMzQ5ZTdiMmQwMjMzM2UyMWI1MWY4YzJkZWJkOTYwOTJjNDBlY2QyMjZiYQ==");
  EXPECT_EQ(h.at("X-Kd-Appdata"), "QUNDMSx1LDEwMzMsMA==");
  EXPECT_EQ(h.at("X-Kd-Signature"),
            "YTczOWY5NjJjNGRiY2E4YjAxODlhMDY5MGE1MzY5ZmZhZmFjMDM1YzU4ODFiNDA4ZjIzMDEyOGFkN2YzYzlhMQ==");
}

TEST(SignedHeaders, PathStartsAtTheFirstSlashFromIndexTen) {
  EXPECT_EQ(percent_encode(signed_path("http://erp.example.test/k3cloud/X.common.kdsvc")),
            "%2Fk3cloud%2FX.common.kdsvc");
  EXPECT_EQ(signed_path("http://k3/k3cloud/X"), "/X");
  EXPECT_EQ(signed_path("short"), "");
}

TEST(ClientCredential, IsDecodedFromTheApplicationId) {
  EXPECT_EQ(client_credential("231784_WEVcWA9GFEQCWFZRW0saWw5ZXA0VGlQC").secret,
            "aHVpbGl1LXNhbmRib3gtY2xpZW50LTAx");
  EXPECT_EQ(client_credential("900417_OwBgTvn30DlQbk+R898mDjmwnKmOI11t").secret,
            "CzBVep/E6Q4zWH2ix+wRNluApcrvFDle");
}

TEST(ClientCredential, IsEmptyWhereTheVendorHasNone) {
  EXPECT_EQ(client_credential("noscore").id, "");
  EXPECT_EQ(client_credential("a_b_c").id, "");
  EXPECT_EQ(client_credential("231784_tooShort").id, "231784");
  EXPECT_EQ(client_credential("231784_tooShort").secret, "");
  EXPECT_EQ(client_credential("1_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!").secret, "");
}

}  // namespace
}  // namespace kingdee
