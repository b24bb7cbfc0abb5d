#include "hub/host/manifest.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "hub/host/host_pattern.hpp"

namespace huiliu::host {
namespace {

constexpr std::string_view whole_manifest = R"({
  "id":"acme","version":"1.2.3","label":{"zh":"甲","en":"Acme"},"default_role":"crm",
  "settings":{"type":"object","properties":{"base_url":{"type":"string"},"user":{"type":"string"},
    "password":{"type":"string","secret":true}}},
  "account":["base_url","user"],
  "capabilities":["read","authenticate"],
  "streams":[{"name":"customers","label":{"zh":"客户","en":"Customers"},"entity":"customer","key":"id",
    "natural_keys":["tax"],"capabilities":{"read":["full","changes"]},
    "fields":{"name":{"operations":["create","update"],"max_length":80},"tax":{"operations":["create"],"unique":true}}}],
  "credentials":{"api":{"kind":"token","scope":"connection","pool":3,"reveal":["password"]},
    "plain":{"kind":"basic","user":"user","secret":"password"}},
  "quotas":{"api":{"per_second":5,"per_day":1000,"concurrency":2}},
  "hosts":["${settings.base_url}","*.acme.example"],
  "grade":{"write":"A","key":"U","deletes_visible":true,"lag_seconds":30,"stable_paging":true,"respells":false}})";

TEST(Manifest, EverythingIsRead) {
  const auto parsed = parse_manifest(whole_manifest);
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_EQ(parsed->id, "acme");
  EXPECT_EQ(parsed->label.zh, "甲");
  ASSERT_NE(parsed->stream("customers"), nullptr);
  EXPECT_EQ(parsed->stream("customers")->fields.at("name").max_length, 80);
  EXPECT_TRUE(parsed->stream("customers")->fields.at("tax").unique);
  EXPECT_EQ(parsed->stream("nobody"), nullptr);
  EXPECT_EQ(parsed->credentials.at("api").scope, CredentialSpec::Scope::connection);
  EXPECT_EQ(parsed->credentials.at("api").pool, 3U);
  EXPECT_EQ(parsed->credentials.at("plain").kind, CredentialSpec::Kind::basic);
  EXPECT_DOUBLE_EQ(parsed->quotas.at("api").per_day, 1000);
  EXPECT_EQ(parsed->grade.lag_seconds, 30);
}

// Each: a change to the whole manifest, and the place that the error must name.
struct ManifestFault {
  const char* from;
  const char* to;
  const char* where;
};

class FaultyManifest : public ::testing::TestWithParam<ManifestFault> {};

TEST_P(FaultyManifest, IsRefusedAtItsPlace) {
  std::string text(whole_manifest);
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string_view(GetParam().from).size(), GetParam().to);
  const auto parsed = parse_manifest(text);
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().where, GetParam().where) << parsed.error().message;
  EXPECT_EQ(parsed.error().error_class, model::ErrorClass::config);
}

INSTANTIATE_TEST_SUITE_P(
    Manifest, FaultyManifest,
    ::testing::Values(
        ManifestFault{R"("id":"acme",)", "", "/id"}, ManifestFault{R"("acme",)", R"("Acme",)", "/id"},
        ManifestFault{"1.2.3", "1.2", "/version"}, ManifestFault{R"("zh":"甲",)", "", "/label/zh"},
        ManifestFault{R"("read","auth)", R"("reed","auth)", "/capabilities"},
        ManifestFault{R"("account")", R"("acount")", "/acount"},
        ManifestFault{R"(["base_url","user"])", R"(["password"])", "/account"},
        ManifestFault{R"("full","changes")", R"("full","some")", "/streams/0/capabilities/read"},
        ManifestFault{R"("key":"id",)", "", "/streams/0/key"},
        ManifestFault{R"("max_length":80)", R"("max_length":-1)", "/streams/0/fields/name/max_length"},
        ManifestFault{R"("kind":"token")", R"("kind":"magic")", "/credentials/api/kind"},
        ManifestFault{R"(["password"]})", R"(["passwort"]})", "/credentials/api/reveal"},
        ManifestFault{R"("secret":"password")", R"("secret":"user")", "/credentials/plain/secret"},
        ManifestFault{R"("per_second":5)", R"("per_second":0)", "/quotas/api/per_second"},
        ManifestFault{R"("per_second":5)", R"("per_week":5)", "/quotas/api/per_week"},
        ManifestFault{R"(*.acme.example)", R"(http://x)", "/hosts"},
        ManifestFault{R"(settings.base_url)", R"(settings.nothing)", "/hosts"},
        ManifestFault{R"("write":"A")", R"("write":"D")", "/grade/write"},
        ManifestFault{R"("read","authenticate")", R"("read")", "/credentials/api/kind"},
        ManifestFault{R"({"type":"object")", R"({"type":"array")", "/settings/type"}));

TEST(Manifest, GarbageIsRefused) {
  for (const char* text :
       {"", "[]", "null", "{", "{}", R"({"id":1,"streams":{},"quotas":[],"credentials":4})"})
    EXPECT_FALSE(parse_manifest(text).ok()) << text;
}

TEST(Manifest, ANewerPluginMayKnowMore) {
  std::string text(whole_manifest);
  text.replace(0, 1, R"({"from_the_future":1,)");
  EXPECT_FALSE(parse_manifest(text).ok());
  EXPECT_TRUE(parse_manifest(text, UnknownMembers::ignored).ok());
}

// The manifests of this project, as their folders hold them.
TEST(Manifest, ThoseOfThisProjectAreFit) {
  int read = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::string(HUILIU_SOURCE_DIR) + "/plugins")) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("manifest") || !name.ends_with(".json")) continue;
    std::ifstream source(entry.path(), std::ios::binary);
    const auto parsed = parse_manifest(std::string(std::istreambuf_iterator<char>(source), {}));
    EXPECT_TRUE(parsed.ok()) << entry.path() << ": " << (parsed.ok() ? "" : parsed.error().text());
    ++read;
  }
  EXPECT_GT(read, 0);
}

bool fits(const char* pattern, const char* url, const char* setting = "") {
  const model::Value settings = model::Object{{"base_url", setting}};
  return HostPattern::parse(pattern, settings)->fits(*origin_of(url));
}

TEST(HostPattern, FitsNamesNamesBelowAndSettings) {
  EXPECT_TRUE(fits("api.acme.example", "https://API.acme.example/x?y"));
  EXPECT_FALSE(fits("api.acme.example", "http://api.acme.example/"));
  EXPECT_FALSE(fits("api.acme.example", "https://api.acme.example:444/"));
  EXPECT_TRUE(fits("api.acme.example:444", "https://api.acme.example:444/"));
  EXPECT_TRUE(fits("*.acme.example", "https://a.b.acme.example/"));
  EXPECT_FALSE(fits("*.acme.example", "https://acme.example/"));
  EXPECT_FALSE(fits("*.acme.example", "https://evilacme.example/"));
  EXPECT_FALSE(fits("acme.example", "https://acme.example.evil.test/"));
  EXPECT_TRUE(
      fits("${settings.base_url}", "http://127.0.0.1:8080/k3cloud/x", "http://127.0.0.1:8080/k3cloud/"));
  EXPECT_FALSE(fits("${settings.base_url}", "http://127.0.0.1:8081/", "http://127.0.0.1:8080/"));
  EXPECT_FALSE(fits("${settings.base_url}", "http://127.0.0.1/", ""));
}

TEST(HostPattern, ConfusingUrlsAreRefused) {
  for (const char* url :
       {"", "/x", "ftp://a/", "http://user:pw@host/", "http://", "file:///etc/passwd", "http://a:0/",
        "http://a:99999/", "http://a b/", "http://api.acme.example\\@evil.test/"})
    EXPECT_FALSE(origin_of(url).ok()) << url;
}

TEST(Manifest, ASettingMaySayHowManyTokensStandSideBySide) {
  const auto with_pool = [](const std::string& pool) {
    std::string text(whole_manifest);
    const std::string fixed = R"("pool":3)";
    text.replace(text.find(fixed), fixed.size(), R"("pool":)" + pool);
    return parse_manifest(text);
  };
  const auto parsed = with_pool(R"("${settings.sessions}")");
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_EQ(parsed->credentials.at("api").pool_setting, "sessions");
  EXPECT_FALSE(with_pool(R"("many")").ok());
}

}  // namespace
}  // namespace huiliu::host
