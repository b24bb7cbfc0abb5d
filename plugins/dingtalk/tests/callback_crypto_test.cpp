// The callback envelope against the vectors of the vendor's documents and of independent implementations.
#include "plugins/dingtalk/src/callback_crypto.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace dingtalk {
namespace {

struct Vector {
  const char *id, *token, *aes_key, *owner, *timestamp, *nonce, *encrypted, *signature, *random16;
  std::size_t padding;
  const char* plaintext;
};

// D: printed by the vendor; C: computed with Python and Node.
const Vector kVectors[] = {
    {"D1", "123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "suite4xxxxxxxxxxxxxxx", "1445827045067",
     "nEXhMP4r",
     "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+"
     "OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/"
     "D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
     "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0", "hU3bEfGZZewzhG5a", 22,
     R"({"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"})"},
    {"D2", "123456", "1234567890123456789012345678901234567890123", "dingsnotzck6pm5veliw", "1614767836",
     "A7Co0cJLMzIDtMMI",
     "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
     "9a95a004dd16f5c307e849b994173f76aa26e5eb", "dICkEDLj0eb6yAbc", 17, R"(success)"},
    {"D3", "mryue", "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7", "ding6ccabc44d2c8d38b", "1608001896814",
     "WL4PK6yA",
     "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+"
     "HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
     "03044561471240d4a14bb09372dfcfd4fd0e40cb", "l7Y3EcX2CU5w8av3", 31, R"({"EventType":"check_url"})"},
    {"C1", "dingTok01", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "dingappkeyexample01", "1700000000000",
     "nOnCe123", "jn1L23DB+6ELqJ+6bruv264zsg9WrIatLrVCeU0iEsgiV/tEK8Jh0QNJddw2+ei6hJnC3VUaiApCe3o9tEeB1A==",
     "af7ccbb0ce0617892a21e340848ab1164ed27eb9", "aaaabbbbccccdddd", 18, R"(success)"},
    {"C2", "dingTok02", "QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj", "dingappkeyexample02", "1700000000456",
     "dt-2",
     "eF/wtf8YWItQ72STaRHGaao+c6CmDhlW+lsX/"
     "iV56xQt7f6A2SpPDJtiuFmLnrJgF5VexFLb0zjDwHR0qXfnHsU6HxcUYHbSNezH1ierLwk7azj1f/C/"
     "rf7SOfYPP0mhDWbbwPlCxj28QxolQUCUfI5DEdNopVugz3LdHHMunNK6g3QrZeNeaAeNzEtzkPhShq/"
     "n0EkPhz0NCTbcvZFo6gMB7PH5zmtK8LaGn21WOfJsc02+EKYrc/+fiYvu44XI",
     "65b6f4e21c03cf6a584320a4d1ac107e4f9026ef", "0f1e2d3c4b5a6978", 20,
     R"({"EventType":"org_dept_modify","CorpId":"dingcorpexample","TimeStamp":"1700000000123","DeptId":[50,51],"备注":"华东区销售部"})"},
    {"C3", "t3", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", "dingcorp0003", "1700000009999", "n3",
     "B2yGn7kE3nDyRso+"
     "xhlT9uWq7VKVLtYkB2zQz7Ml2t490OF7yaHke16aWlmOyDREJsfW70Ufp24eTFoPT9YxVN0MFna6bFWAH6wULx7ubNiX/"
     "RSbsyhSZWKM9w4itunple+F2JrYcTBOJByhZ/cnA0iyAHVA+Ny3i9isYUfDJK0=",
     "20daa052efa434225979d00f833be130a1671b1c", "ABCDEFGHIJKLMNOP", 32,
     R"({"EventType":"check_url","Z":"11111111111111111111111111111111"})"},
};

const Vector& vector_named(std::string_view id) {
  return *std::find_if(std::begin(kVectors), std::end(kVectors), [&](const Vector& v) { return v.id == id; });
}

Random16 random_of(const Vector& vector) {
  Random16 random{};
  std::copy_n(vector.random16, random.size(), random.begin());
  return random;
}

class CallbackVectors : public testing::TestWithParam<Vector> {};

TEST_P(CallbackVectors, AreSignedAsPrinted) {
  const Vector& v = GetParam();
  EXPECT_EQ(callback_signature(v.token, v.timestamp, v.nonce, v.encrypted), v.signature);
}

TEST_P(CallbackVectors, DecryptToTheirTextAndOwner) {
  const Vector& v = GetParam();
  const auto envelope = open_envelope(parse_aes_key(v.aes_key), v.encrypted);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->message, v.plaintext);
  EXPECT_EQ(envelope->owner, v.owner);
}

TEST_P(CallbackVectors, AreEncryptedToTheSameBytes) {
  const Vector& v = GetParam();
  EXPECT_EQ(seal_envelope(parse_aes_key(v.aes_key), random_of(v), v.plaintext, v.owner), v.encrypted);
}

TEST_P(CallbackVectors, ArePaddedToMultiplesOf32) {
  const Vector& v = GetParam();
  const std::size_t content = plugin_common::envelope_layout::head + std::string_view(v.plaintext).size() +
                              std::string_view(v.owner).size();
  EXPECT_EQ(base64_decode(v.encrypted)->size(), content + v.padding);
  EXPECT_EQ((content + v.padding) % plugin_common::envelope_layout::padding, 0U);
}

INSTANTIATE_TEST_SUITE_P(Sheet, CallbackVectors, testing::ValuesIn(kVectors),
                         [](const auto& instance) { return std::string(instance.param.id); });

TEST(Callback, AnAlteredSignatureDiffers) {
  const Vector& v = vector_named("D1");
  std::string altered = v.signature;
  altered[7] = altered[7] == '0' ? '1' : '0';
  EXPECT_FALSE(
      equal_in_constant_time(altered, callback_signature(v.token, v.timestamp, v.nonce, v.encrypted)));
  EXPECT_FALSE(equal_in_constant_time("", v.signature));
}

TEST(Callback, TheOwnerOfD2IsNotOneLetterOff) {
  const Vector& v = vector_named("D2");
  EXPECT_NE(open_envelope(parse_aes_key(v.aes_key), v.encrypted)->owner, "dingsnotzck6pm5velix");
}

TEST(Callback, RefusesCiphertextThatIsNoWholeBlocks) {
  const AesKey key = parse_aes_key(vector_named("D2").aes_key);
  const std::string cipher = *base64_decode(vector_named("D2").encrypted);
  for (std::size_t size = 0; size < cipher.size(); ++size) {
    if (size % 16 == 0) continue;
    EXPECT_FALSE(open_envelope(key, base64_encode(cipher.substr(0, size)))) << size;
  }
}

// Encrypts a block as it stands, without the envelope's own care.
std::string encrypt_block(const AesKey& key, const std::string& block) {
  return base64_encode(*plugin_common::aes_cbc(key, plugin_common::Direction::encrypt, block));
}

TEST(Callback, RefusesALengthBeyondTheBlock) {
  const AesKey key = parse_aes_key(vector_named("D2").aes_key);
  std::string block(16, 'r');
  block += std::string("\x7f\xff\xff\xff", 4) + "success";
  block += std::string(64 - block.size(), static_cast<char>(64 - block.size()));
  ASSERT_EQ(block.size(), 64U);
  EXPECT_FALSE(open_envelope(key, encrypt_block(key, block)));
}

TEST(Callback, AcceptsPaddingTo16AsSomeSdksSend) {
  const AesKey key = parse_aes_key(vector_named("D2").aes_key);
  std::string block = std::string(16, 'r') + std::string("\0\0\0\7", 4) + "success" + "owner";  // 32 bytes
  block += std::string(16, static_cast<char>(16));
  const auto envelope = open_envelope(key, encrypt_block(key, block));
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->message, "success");
  EXPECT_EQ(envelope->owner, "owner");
}

TEST(Callback, RefusesBadPadding) {
  const AesKey key = parse_aes_key(vector_named("D2").aes_key);
  const std::string head = std::string(16, 'r') + std::string("\0\0\0\7", 4) + "success";
  for (const int padding : {0, 33, 255}) {
    std::string block = head + std::string(32 - head.size() % 32, static_cast<char>(padding));
    EXPECT_FALSE(open_envelope(key, encrypt_block(key, block))) << padding;
  }
  std::string uneven = head + std::string(5, static_cast<char>(5));
  uneven[uneven.size() - 3] = 4;
  EXPECT_FALSE(open_envelope(key, encrypt_block(key, uneven)));
}

TEST(Callback, SurvivesGarbage) {
  const AesKey key = parse_aes_key(vector_named("D2").aes_key);
  for (const char* text : {"", "=", "====", "A", "AAAA", "!!!!", "\n\n\n\n", "AAAAAAAAAAAAAAAAAAAAAA=="})
    EXPECT_FALSE(open_envelope(key, text)) << text;
  std::string flipped = vector_named("C2").encrypted;
  for (std::size_t i = 0; i < flipped.size(); i += 3) {
    std::string one = flipped;
    one[i] = one[i] == 'A' ? 'B' : 'A';
    open_envelope(parse_aes_key(vector_named("C2").aes_key), one);  // any answer, no crash
  }
}

TEST(Callback, AcceptsOnlyAKeyOf43Characters) {
  for (const char* text : {"", "short", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij=",
                           "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3i!"})
    EXPECT_THROW(parse_aes_key(text), std::invalid_argument) << text;
}

}  // namespace
}  // namespace dingtalk
