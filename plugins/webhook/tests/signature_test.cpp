// The vectors of the webhook fact sheet, sections 1 to 4, and what an attacker or a careless sender would
// try.
#include "plugins/webhook/src/signature.hpp"

#include <gtest/gtest.h>

#include <map>

#include "plugins/webhook/src/ed25519.hpp"
#include "plugins/webhook/src/encoding.hpp"

namespace huiliu::webhook {
namespace signature_test {

using HeaderMap = std::map<std::string, std::string>;

HeaderLookup lookup(const HeaderMap& headers) {
  return [&headers](std::string_view name) -> std::string_view {
    const auto found = headers.find(std::string(name));
    return found == headers.end() ? std::string_view{} : std::string_view(found->second);
  };
}

Mac keyed(std::string key) {
  return [key = std::move(key)](std::string_view data) { return hmac_sha256(key, data); };
}

constexpr std::string_view kSecret1 = "whsec_k4H07teNtcCstJ/vZdm1Y0Szf2uUQjMpYMeNM0w0CFA=";
constexpr std::string_view kSecret2 = "whsec_fBhag/THgX9wL4O8oH3XBuV5yXRikXNy";
constexpr std::string_view kBody1 =
    R"({"type":"customer.updated","timestamp":"2026-03-01T08:00:00Z","data":{"id":"cus_1001","name":"Acme Ltd"}})";
constexpr std::string_view kMac1 = "gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM=";

struct StandardCase {
  const char* name;
  std::string id, timestamp, signature, body;
  long long now;
  std::string_view secret;
  bool accepted;
};

class StandardVectors : public ::testing::TestWithParam<StandardCase> {};

TEST_P(StandardVectors, AreJudgedAsTheFactSheetSays) {
  const StandardCase& vector = GetParam();
  const auto key = standard_key(vector.secret);
  ASSERT_TRUE(key);
  for (const std::string prefix : {"webhook-", "svix-"}) {
    const HeaderMap headers{{prefix + "id", vector.id},
                            {prefix + "timestamp", vector.timestamp},
                            {prefix + "signature", vector.signature}};
    const Verdict verdict = verify_standard(lookup(headers), vector.body, vector.now, {keyed(*key)});
    EXPECT_EQ(verdict.accepted, vector.accepted) << verdict.reason;
    if (vector.accepted) {
      EXPECT_EQ(verdict.event_id, vector.id);
    }
  }
}

const std::string kSw1 = "v1," + std::string(kMac1);
const std::string kBody1Text(kBody1);
const std::string kBody2 =
    R"({"type":"customer.created","timestamp":"2026-03-01T08:00:05Z","data":{"id":"cus_1002","name":"示例科技有限公司"}})";
const std::string kSw2 =
    "v1,y3bkvzeSZO17espF93IlTi4onh5z8kVQMU3mm3HtGJY= v1,wRt7fPKQBS7KYos7zQFWhJnlCjzKihluuFhqtr9SmXQ=";
const std::string kRespaced =
    R"({"type": "customer.updated", "timestamp": "2026-03-01T08:00:00Z", "data": {"id": "cus_1001", "name": "Acme Ltd"}})";
const std::string kOtherCustomer =
    R"({"type":"customer.updated","timestamp":"2026-03-01T08:00:00Z","data":{"id":"cus_1009","name":"Acme Ltd"}})";

INSTANTIATE_TEST_SUITE_P(
    FactSheet, StandardVectors,
    ::testing::Values(
        StandardCase{"SW1", "msg_fact0001", "1772352000", kSw1, kBody1Text, 1772352003, kSecret1, true},
        StandardCase{"SW2", "msg_fact0002", "1772352005", kSw2, kBody2, 1772352010, kSecret2, true},
        StandardCase{"SW3", "msg_fact0001", "1772352000", kSw1, kOtherCustomer, 1772352003, kSecret1, false},
        StandardCase{"SW4", "msg_fact0001", "1772352000", kSw1, kBody1Text, 1772352301, kSecret1, false},
        StandardCase{"SW5", "msg_fact0001", "1772352000", kSw1, kBody1Text, 1772352300, kSecret1, true},
        StandardCase{"SW6", "msg_fact0001", "1772352000", kSw1, kBody1Text, 1772351699, kSecret1, false},
        StandardCase{"SW6Edge", "msg_fact0001", "1772352000", kSw1, kBody1Text, 1772351700, kSecret1, true},
        StandardCase{"SW7", "msg_fact0001", "1772352000", "v2," + std::string(kMac1), kBody1Text, 1772352003,
                     kSecret1, false},
        StandardCase{"SW8", "msg_fact0009", "1772352000", kSw1, kBody1Text, 1772352003, kSecret1, false},
        StandardCase{"SW9", "msg_fact0010", "1772352000",
                     "v1,sMDWyrMKe6K+38VN78M3Kmyuz7nuGxnpnJcN7vdVHDM=", "", 1772352000, kSecret1, true},
        StandardCase{"SW10", "msg_fact0001", "1772352000", kSw1, kRespaced, 1772352003, kSecret1, false}),
    [](const auto& vector) { return std::string(vector.param.name); });

TEST(StandardSignature, TheFactSheetsBodiesAreWhatTheySay) {
  EXPECT_EQ(kBody1.size(), 105U);
  EXPECT_EQ(kBody2.size(), 121U);
  EXPECT_EQ(sign_standard(keyed(*standard_key(kSecret1)), "msg_fact0001", "1772352000", kBody1), kSw1);
}

TEST(StandardSignature, EitherOfTwoSecretsWillDo) {
  const HeaderMap headers{
      {"webhook-id", "msg_fact0001"}, {"webhook-timestamp", "1772352000"}, {"webhook-signature", kSw1}};
  const std::vector<Mac> keys{keyed(*standard_key(kSecret2)), keyed(*standard_key(kSecret1))};
  EXPECT_TRUE(verify_standard(lookup(headers), kBody1, 1772352003, keys).accepted);
  EXPECT_FALSE(verify_standard(lookup(headers), kBody1, 1772352003, {keys[0]}).accepted);
  EXPECT_FALSE(verify_standard(lookup(headers), kBody1, 1772352003, {}).accepted);
}

TEST(StandardSignature, RefusesWhatIsMissingMixedOrMalformed) {
  const std::vector<Mac> keys{keyed(*standard_key(kSecret1))};
  const HeaderMap good{
      {"webhook-id", "msg_fact0001"}, {"webhook-timestamp", "1772352000"}, {"webhook-signature", kSw1}};
  const auto accepted = [&](const HeaderMap& headers) {
    return verify_standard(lookup(headers), kBody1, 1772352003, keys).accepted;
  };
  const auto with = [&](const std::string& name, const std::string& value) {
    HeaderMap changed = good;
    changed[name] = value;
    return changed;
  };
  ASSERT_TRUE(accepted(good));
  for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
    HeaderMap without = good;
    without.erase(name);
    EXPECT_FALSE(accepted(without)) << name;
    without["svix-" + std::string(name).substr(8)] = good.at(name);  // half of each brand is no set
    EXPECT_FALSE(accepted(without)) << name;
  }
  for (const char* timestamp : {"1772352000abc", " 1772352000", "+1772352000", "1772352000.0", "-1", "0x69",
                                "99999999999999999999", "1.772352e9"})
    EXPECT_FALSE(accepted(with("webhook-timestamp", timestamp))) << timestamp;
  for (const char* signature : {"v1", "v1,", ",", "v1,not base64", "garbage", "v1;gtWj", " ",
                                "v1,gtWjUvT9WzBYjO7Zh6FIRoQOH+yZ89yGVgjq/KhENOM"})
    EXPECT_FALSE(accepted(with("webhook-signature", signature))) << signature;
  EXPECT_TRUE(accepted(with("webhook-signature", "v1a,xxxx garbage v1, " + kSw1)));
  EXPECT_FALSE(accepted(with("webhook-signature", std::string(100'000, 'a') + " " + kSw1)));
}

// Without that rule "a" . "b.c" and "a.b" . "c" would share one MAC.
// A vector of our own, signed by another program; the private half alone, with its public half behind, and
// the public half.
constexpr const char* kPrivate = "whsk_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
constexpr const char* kPair =
    "whsk_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyB5tVYuj+ZU+UB4sRLoqYunkB+FOuaVvtfg45ELrQSWZA==";
constexpr const char* kPublic = "whpk_ebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ=";
constexpr const char* kAsymmetric =
    "v1a,WIRlZWpLus2Tmfz9Dpo1TMRBexFMXy/e8qRIYjtBxXP5My1NCbn92otOG4RGXefCc25xQ9BqPkv+Yrpu4UMKAw==";

TEST(AsymmetricSignature, KeysOfAPairBelongTogether) {
  ASSERT_TRUE(public_key_of(kPublic));
  EXPECT_EQ(public_key_of(kPrivate), public_key_of(kPublic));
  EXPECT_EQ(public_key_of(kPair), public_key_of(kPublic));
  EXPECT_EQ(private_key_of(kPair), private_key_of(kPrivate));
  EXPECT_EQ(private_key_of(kPublic), std::nullopt) << "who only checks cannot sign";
  for (const char* broken : {"whpk_", "whpk_AAAA", "whsk_AAAA", "whpk_!!!!", "whsec_AAAA", ""}) {
    EXPECT_EQ(public_key_of(broken), std::nullopt) << broken;
    EXPECT_EQ(private_key_of(broken), std::nullopt) << broken;
  }
}

TEST(AsymmetricSignature, VectorAndNeighbours) {
  const std::vector<std::string> keys{*public_key_of(kPublic)};
  const auto accepted = [&](const std::string& signature, std::string_view body, long long now) {
    const HeaderMap headers{{"webhook-id", "msg_fact0001"},
                            {"webhook-timestamp", "1772352000"},
                            {"webhook-signature", signature}};
    return verify_standard(lookup(headers), body, now, {}, keys).accepted;
  };
  EXPECT_EQ(sign_standard_asymmetric(*private_key_of(kPrivate), "msg_fact0001", "1772352000", kBody1),
            kAsymmetric);
  EXPECT_TRUE(accepted(kAsymmetric, kBody1, 1772352003));
  EXPECT_TRUE(accepted(std::string("v1,AAAA v2,x ") + kAsymmetric, kBody1, 1772352003));
  EXPECT_FALSE(accepted(kAsymmetric, kOtherCustomer, 1772352003));
  EXPECT_FALSE(accepted(kAsymmetric, kBody1, 1772352301));
  EXPECT_FALSE(accepted("v1," + std::string(kAsymmetric).substr(4), kBody1, 1772352003)) << "another scheme";
  EXPECT_FALSE(accepted("v1a,AAAA", kBody1, 1772352003));
  EXPECT_FALSE(accepted(kSw1, kBody1, 1772352003)) << "no shared secret is configured";
  const std::string other(32, '\x01');
  const HeaderMap headers{{"webhook-id", "msg_fact0001"},
                          {"webhook-timestamp", "1772352000"},
                          {"webhook-signature", kAsymmetric}};
  EXPECT_FALSE(verify_standard(lookup(headers), kBody1, 1772352003, {}, {other}).accepted);
}

TEST(StandardSignature, RefusesADotInTheId) {
  const std::string body = "{}";
  const Mac key = keyed("k");
  const HeaderMap headers{{"webhook-id", "msg.1"},
                          {"webhook-timestamp", "1772352000"},
                          {"webhook-signature", sign_standard(key, "msg.1", "1772352000", body)}};
  EXPECT_FALSE(verify_standard(lookup(headers), body, 1772352000, {key}).accepted);
}

TEST(StandardKey, TakesPrefixAndMissingPaddingButNothingEmpty) {
  EXPECT_EQ(standard_key(kSecret1)->size(), 32U);
  EXPECT_EQ(standard_key(kSecret2)->size(), 24U);
  EXPECT_EQ(standard_key("whsec_Zm9vYg"), "foob");
  for (const char* bad : {"", "whsec_", "whsec_!!!!", "whsec_A"}) EXPECT_FALSE(standard_key(bad)) << bad;
}

TEST(GithubSignature, VectorAndNeighbours) {
  const std::string body = R"({"zen":"Keep it logically awesome.","hook_id":42})";
  HeaderMap headers{
      {"x-hub-signature-256", "sha256=f1727360a409f7af614cb36014873b3237853275c82701a454f15702943d4bff"},
      {"x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}};
  const std::vector<Mac> keys{keyed("gh-fact-sheet-secret")};
  const Verdict verdict = verify_github(lookup(headers), body, keys);
  EXPECT_TRUE(verdict.accepted);
  EXPECT_EQ(verdict.event_id, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
  EXPECT_FALSE(verify_github(lookup(headers), body + " ", keys).accepted);
  EXPECT_FALSE(verify_github(lookup(headers), body, {keyed("other")}).accepted);
  headers["x-hub-signature"] = "sha1=whatever";  // the legacy header is no help
  headers.erase("x-hub-signature-256");
  EXPECT_FALSE(verify_github(lookup(headers), body, keys).accepted);
  headers["x-hub-signature-256"] = "f1727360a409f7af614cb36014873b3237853275c82701a454f15702943d4bff";
  EXPECT_FALSE(verify_github(lookup(headers), body, keys).accepted);
}

TEST(StripeSignature, VectorAndNeighbours) {
  const std::string body = R"({"id":"evt_1","object":"event","type":"customer.updated"})";
  const std::string mac = "ac88b0e8f78f0e7cd128f2ab642a9425a8c8b7a0930f4c0f2fb263ba7be01ddd";
  const std::vector<Mac> keys{keyed("whsec_factSheetStripeSecret01")};  // the text itself, prefix and all
  const auto accepted = [&](const std::string& header, long long now) {
    const HeaderMap headers{{"stripe-signature", header}};
    return verify_stripe(lookup(headers), body, now, keys).accepted;
  };
  EXPECT_TRUE(accepted("t=1772352000,v1=" + mac, 1772352000));
  EXPECT_TRUE(accepted("t=1772352000,v1=" + std::string(64, '0') + ",v1=" + mac + ",v0=junk", 1772352299));
  EXPECT_FALSE(accepted("t=1772352000,v0=" + mac, 1772352000));
  EXPECT_FALSE(accepted("t=1772352000,v1=" + mac, 1772352301));
  EXPECT_FALSE(accepted("t=1772352000,v1=" + mac, 1772351699));  // the future, too
  EXPECT_FALSE(accepted("t=1772352001,v1=" + mac, 1772352000));
  EXPECT_FALSE(accepted("v1=" + mac, 1772352000));
  EXPECT_FALSE(accepted("", 1772352000));
  const HeaderMap headers{{"stripe-signature", "t=1772352000,v1=" + mac}};
  EXPECT_FALSE(verify_stripe(lookup(headers), body, 1772352000, {keyed("factSheetStripeSecret01")}).accepted);
}

TEST(ShopifySignature, VectorUnderBothNames) {
  const std::string body = R"({"id":706405506930370084,"email":"bob@example.com"})";
  const std::vector<Mac> keys{keyed("shpss_factsheet0123456789abcdef")};
  for (const std::string prefix : {"x-shopify-", "shopify-"}) {
    HeaderMap headers{{prefix + "hmac-sha256", "Ak0degRt8Df6VISZ67F5O0Xd8rPoDWUpj09fP7jSXR4="},
                      {prefix + "webhook-id", "w1"}};
    const Verdict verdict = verify_shopify(lookup(headers), body, keys);
    EXPECT_TRUE(verdict.accepted);
    EXPECT_EQ(verdict.event_id, "w1");
    EXPECT_FALSE(verify_shopify(lookup(headers), body + "\n", keys).accepted);
    headers[prefix + "hmac-sha256"] = "not base64";
    EXPECT_FALSE(verify_shopify(lookup(headers), body, keys).accepted);
  }
  EXPECT_FALSE(verify_shopify(lookup({}), body, keys).accepted);
}

}  // namespace signature_test
}  // namespace huiliu::webhook
