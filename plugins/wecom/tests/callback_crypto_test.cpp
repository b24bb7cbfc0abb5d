// The envelope against all vectors, both directions, and what must be refused.
#include "plugins/wecom/src/callback_crypto.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "plugins/wecom/tests/vectors.hpp"

namespace wecom::tests {
namespace {

Random16 random_of(std::string_view text) {
  Random16 random{};
  std::copy_n(text.begin(), random.size(), random.begin());
  return random;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

class EveryVector : public testing::TestWithParam<Vector> {};

TEST_P(EveryVector, HasTheSignature) {
  const Vector& v = GetParam();
  EXPECT_EQ(callback_signature(v.token, v.timestamp, v.nonce, v.encrypted), v.signature);
}

TEST_P(EveryVector, Opens) {
  const Vector& v = GetParam();
  const auto envelope = open_envelope(parse_aes_key(v.aes_key), v.encrypted);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->message, v.plaintext);
  EXPECT_EQ(envelope->owner, v.receive_id);
}

TEST_P(EveryVector, SealsToTheSameText) {
  const Vector& v = GetParam();
  EXPECT_EQ(seal_envelope(parse_aes_key(v.aes_key), random_of(v.random), v.plaintext, v.receive_id),
            v.encrypted);
}

TEST_P(EveryVector, WithOneDigitChangedIsSignedWrongly) {
  const Vector& v = GetParam();
  for (std::size_t i = 0; i < v.signature.size(); ++i) {
    std::string other(v.signature);
    other[i] = other[i] == '0' ? '1' : '0';
    EXPECT_FALSE(
        equal_in_constant_time(callback_signature(v.token, v.timestamp, v.nonce, v.encrypted), other));
  }
}

INSTANTIATE_TEST_SUITE_P(Crypto, EveryVector, testing::ValuesIn(kVectors),
                         [](const auto& tested) { return std::string(tested.param.id); });

TEST(Crypto, KeyAndInitialVectorOfW2) {
  const AesKey key = parse_aes_key(vector("W2").aes_key);
  const std::string bytes(key.begin(), key.end());
  EXPECT_EQ(hex(bytes), "916c4f115d94103cb15a998f74a0b71787603c398ebdf297d471a71140d2d5a4");
  EXPECT_EQ(hex(bytes.substr(0, 16)), "916c4f115d94103cb15a998f74a0b717");
}

// 43 characters carry 258 bits; a strict base64 reader refuses keys whose last two bits are set.
TEST(Crypto, SurplusBitsOfTheKeyAreIgnored) {
  const std::string key(vector("W1").aes_key);
  for (const char last : {'A', 'B', 'C', 'D'}) {
    const std::string other = key.substr(0, 42) + last;
    EXPECT_EQ(parse_aes_key(other), parse_aes_key(key.substr(0, 42) + 'A')) << last;
  }
}

TEST(Crypto, OtherKeysAreRefused) {
  const std::string key(vector("W1").aes_key);
  for (const std::string& wrong :
       {key.substr(1), key + "A", key.substr(0, 42) + "=", key.substr(0, 42) + "+", std::string()})
    EXPECT_THROW(parse_aes_key(wrong), std::invalid_argument) << wrong;
}

// Paddings of 17 to 32 bytes, which ordinary PKCS#7 readers refuse, and the full block.
TEST(Crypto, PaddingIsToThirtyTwo) {
  const AesKey key = parse_aes_key(vector("C1").aes_key);
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string message(size, 'x');
    const std::string encrypted = seal_envelope(key, random_of("0123456789abcdef"), message, "id");
    const auto envelope = open_envelope(key, encrypted);
    ASSERT_TRUE(envelope) << size;
    EXPECT_EQ(envelope->message, message);
    EXPECT_EQ(encrypted.size() % 4, 0U);
    EXPECT_EQ(encrypted.find('\n'), std::string::npos);
  }
  EXPECT_EQ(vector("C1").pad, 32U);
}

TEST(Crypto, RandomBytesMayBeAnyOctets) {
  const AesKey key = parse_aes_key(vector("C1").aes_key);
  Random16 random{};
  random.fill(0xff);
  const auto envelope = open_envelope(key, seal_envelope(key, random, "消息", "corp"));
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->message, "消息");
}

TEST(Crypto, TextsAreSortedNotNumbers) {
  // As numbers 9 < 10; as text "10" < "9".
  EXPECT_EQ(callback_signature("t", "9", "10", "e"), callback_signature("t", "10", "9", "e"));
  EXPECT_NE(callback_signature("t", "9", "10", "e"), callback_signature("t", "91", "0", "e"));
}

TEST(Crypto, BrokenTextsDoNotOpen) {
  const Vector& v = vector("W2");
  const AesKey key = parse_aes_key(v.aes_key);
  const std::string good(v.encrypted);
  for (const std::string& bad :
       {std::string(), good.substr(4), good.substr(0, good.size() - 4), good + "AAAA", "!" + good.substr(1),
        std::string(24, 'A') + "==" + "AA", std::string(88, 'A')})
    EXPECT_FALSE(open_envelope(key, bad)) << bad;
  EXPECT_FALSE(open_envelope(parse_aes_key(vector("W1").aes_key), good));
}

}  // namespace
}  // namespace wecom::tests
