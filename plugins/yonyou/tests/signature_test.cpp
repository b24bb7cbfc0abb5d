// The vectors of the vendor's own demo classes.
#include "plugins/yonyou/src/signature.hpp"

#include <gtest/gtest.h>

namespace yonyou {
namespace {

struct TokenVector {
  std::map<std::string, std::string> parameters;
  const char *secret, *to_sign, *signature, *in_url;
};

TEST(TokenSignature, VectorsOfTheVendor) {
  const TokenVector vectors[] = {
      {{{"appKey", "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf"}, {"timestamp", "1718000000000"}},
       "f0e1d2c3b4a5968778695a4b3c2d1e0f",
       "appKeyc0c1c2c3c4c5c6c7c8c9cacbcccdcecftimestamp1718000000000",
       "Tl7MTtq0uiJvtedxP2cWGjxJTZ2NMXJCDagbBNsqT48=",
       "Tl7MTtq0uiJvtedxP2cWGjxJTZ2NMXJCDagbBNsqT48%3D"},
      {{{"timestamp", "1718000000001"}, {"appKey", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"}},
       "sandboxSecret-2024",
       "appKey0a1b2c3d4e5f60718293a4b5c6d7e8f9timestamp1718000000001",
       "mQdt4iZFPzPfOhCCiIq/Lrlf4HtUXmtjLVesf+m/g04=",
       "mQdt4iZFPzPfOhCCiIq%2FLrlf4HtUXmtjLVesf%2Bm%2Fg04%3D"},
      {{{"timestamp", "1718000000002"},
        {"tenantId", "xk3m9q2t"},
        {"suiteKey", "d1e2f3a4-0001-4c4c-9999-abcdefabcdef"}},
       "suite-secret-xyz",
       "suiteKeyd1e2f3a4-0001-4c4c-9999-abcdefabcdeftenantIdxk3m9q2ttimestamp1718000000002",
       "91B9ePpRvtJk/jbmLCliWm7AjkvL9nZJtyUKMlkFEHE=",
       "91B9ePpRvtJk%2FjbmLCliWm7AjkvL9nZJtyUKMlkFEHE%3D"}};
  for (const TokenVector& vector : vectors) {
    EXPECT_EQ(string_to_sign(vector.parameters), vector.to_sign);
    const std::string signature = base64_of(hmac_sha256(vector.secret, string_to_sign(vector.parameters)));
    EXPECT_EQ(signature, vector.signature);
    EXPECT_EQ(percent_encode(signature), vector.in_url);
  }
}

struct EventVector {
  const char *app_key, *secret, *key_hex, *random, *timestamp, *nonce, *signature, *old_signature, *message,
      *encrypted;
};
const EventVector events[] = {
    {"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", "f0e1d2c3b4a5968778695a4b3c2d1e0f",
     "7f47b57767376f86b9f7af3befcebde5ae1bddcd9dd5ed1fd34d34d34d34d34d", "ABCDEFGHIJKLMNOP", "1718000000005",
     "uM48M4qajlEtVCz4",
     "ureQDm3YtAw2id8BGGGk1MLoTWHu/whyjv05T7R3Vgw=", "7b208cf862037b24c532c112874b75c26376ca5d",
     R"({"type":"CHECK_URL","eventId":"0f8fad5b-d9cb-469f-a165-70867728950e","timestamp":1718000000000,"tenantId":"xk3m9q2t"})",
     "f/FY+XNnkxB8acvveQrtCLnAi1ZgnPLIYgroLb9pV9n/lk/RMX3bRSqgH2027ZufQ20uV3fDpPr7IcDoxj4WyOfOZ7eGL9O/"
     "hTIs2VLq5ps11RrMlK"
     "s8994Ea+82TVpnRWBW9n2+qSczYwtfjxAFFbTM5XW6PBZsNDkiOu/DQh1upWU557zQoZhiw/"
     "WLNUUBJo0r25WcHMcK6hVd+FmCyXxs0xYnF144H1OWT"
     "OOouMEDzRllIe+s3x6mENJqNZnu"},
    {"0a1b2c3d4e5f60718293a4b5c6d7e8f9", "5b6e3f0a-9c1d-4e2f-8a7b-112233445566",
     "e5be9eddfd1af5cd5de1ed9ff1aedbd75db6df7e38e79ebad34d34d34d34d34d", "0123456789abcdef", "1718000000105",
     "n0nce", "elC//MU8j8gLlEj/S/4Iy94wxx9r21IW6tQ1xkK85Uk=", "f701c84f495e652a83d7c1af1820f3d8bf73af9e",
     R"({"type":"YXYBASEDOC_AA_MERCHANT_UPDATE","eventId":"e-2","timestamp":1718000000100,"tenantId":"xk3m9q2t","content":"{\"id\":\"1706047321704235009\",\"code\":\"C0001\",\"name\":{\"zh_CN\":\"示例客户\"}}"})",
     "d8wdaSUYj+I02kuOIniJ6M6zcYPkdWie0YoYl5Oy33SKNAcn75rpE/Ag7JF6JNxkpau8/05iUz/"
     "R4eNCNC43RVsLOvsyiGeslmVbSNsWgJPNvY1SO6"
     "qRdBnHfGHQ89UC6fGoUxqs6YuO1VIdJRH8oaLEPsTO8eFOeoRghBZEv+/"
     "6w+jGFAdmVi81W3V4VhOv2yPzJB5qerd4Hd1LRIwDZu3ZmYetYYN4GhGre"
     "hW8msigrp9lw8tdVi0k7xCSvxQH7+qVAP9XPlonBPFvldDZOyQjk134nuj1mmk3tqvCqvKZMSNIz/"
     "5rrNVeQjlwB06m8yxZMkwHWBU4FJBzOjFA9TkA"
     "n6fqyX93NYHM++5dbALdNYYz9QFBE6kdOvoyb18y"}};

std::string hex_of(const AesKey& key) {
  std::string hex;
  for (const unsigned char byte : key)
    hex.append({"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]});
  return hex;
}

TEST(EventEnvelope, VectorsOfTheVendor) {
  for (const EventVector& vector : events) {
    const auto key = event_key(vector.secret);
    ASSERT_TRUE(key);
    EXPECT_EQ(hex_of(*key), vector.key_hex);
    const auto envelope = open_envelope(*key, vector.encrypted);
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->message, vector.message);
    EXPECT_EQ(envelope->owner, vector.app_key);
    Random16 random{};
    std::copy_n(vector.random, random.size(), random.begin());
    EXPECT_EQ(seal_envelope(*key, random, vector.message, vector.app_key), vector.encrypted);
    EXPECT_EQ(base64_of(hmac_sha256(vector.secret,
                                    event_string_to_sign(vector.timestamp, vector.nonce, vector.encrypted))),
              vector.signature);
    EXPECT_EQ(old_event_signature(vector.secret, vector.timestamp, vector.nonce, vector.encrypted),
              vector.old_signature);
  }
}

TEST(EventEnvelope, MalformedOnesAreNone) {
  const AesKey key = *event_key(events[0].secret);
  const std::string good = events[0].encrypted;
  for (const std::string& bad :
       {std::string(), std::string("!!!!"), good.substr(0, 20), good.substr(4), "AAAA" + good})
    EXPECT_FALSE(open_envelope(key, bad)) << bad;
  EXPECT_FALSE(open_envelope(*event_key(events[1].secret), good));  // another key: the padding is wrong
  EXPECT_FALSE(event_key("ümlaut"));
}

TEST(EventEnvelope, EveryLengthComesBack) {
  const AesKey key = *event_key(events[0].secret);
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string message(length, 'm');
    const auto envelope = open_envelope(key, seal_envelope(key, {}, message, "owner"));
    ASSERT_TRUE(envelope) << length;
    EXPECT_EQ(envelope->message, message);
    EXPECT_EQ(envelope->owner, "owner");
  }
}

}  // namespace
}  // namespace yonyou
