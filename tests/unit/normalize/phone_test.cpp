#include <gtest/gtest.h>

#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

Normalized phone(std::string_view raw) { return normalize(Kind::phone, raw); }

TEST(Phone, MobilesInEverySpelling) {
  for (const char* raw : {"13812345678", "138 1234 5678", "138-1234-5678", "+86 13812345678",
                          "86-13812345678", "0086 138 1234 5678", "(86)13812345678", "+(86)13812345678",
                          "＋８６ １３８１２３４５６７８", "013812345678", "17951013812345678",
                          "1259313812345678", "手机：13812345678", "8613812345678", "138.1234.5678"}) {
    const Normalized result = phone(raw);
    EXPECT_EQ(result.value, "+8613812345678") << raw;
    EXPECT_EQ(result.key, phone("13812345678").key) << raw;
    EXPECT_EQ(part(result, "kind"), "mobile") << raw;
    EXPECT_TRUE(result.valid) << raw;
  }
}

TEST(Phone, LandlinesWithAreaCode) {
  for (const char* raw :
       {"0755-86123456", "(0755)86123456", "0755 8612 3456", "+86 (0)755 86123456", "+86-755-86123456",
        "86 755 86123456", "０７５５－８６１２３４５６", "0755—86123456", "075586123456", "755-86123456"}) {
    const Normalized result = phone(raw);
    EXPECT_EQ(result.value, "+8675586123456") << raw;
    EXPECT_EQ(part(result, "country"), "86") << raw;
    EXPECT_EQ(part(result, "area"), "0755") << raw;
    EXPECT_EQ(part(result, "number"), "86123456") << raw;
    EXPECT_EQ(part(result, "kind"), "landline") << raw;
    EXPECT_EQ(part(result, "division_code"), "440300") << raw;
  }
  EXPECT_EQ(phone("010-65551234").value, "+861065551234");
  EXPECT_EQ(phone("10-65551234").value, "+861065551234");
  EXPECT_EQ(phone("0551-62345678").value, "+8655162345678");
  EXPECT_EQ(phone("0937-2612345").value, "+869372612345");
}

TEST(Phone, LocalNumbersHaveSevenOrEightDigits) {
  EXPECT_EQ(finding(phone("0755-86123456"), "length"), nullptr);
  EXPECT_NE(finding(phone("0755-8612345"), "length"), nullptr);
  EXPECT_NE(finding(phone("0937-26123456"), "length"), nullptr);
  EXPECT_EQ(finding(phone("0754-8612345"), "length"), nullptr) << "both lengths are in use";
  EXPECT_EQ(finding(phone("0754-86123456"), "length"), nullptr);
  EXPECT_FALSE(phone("0755-06123456").valid) << "a local number never starts with 0";
  EXPECT_FALSE(phone("026-61234567").valid) << "no such area";
}

TEST(Phone, Extensions) {
  for (const char* raw :
       {"0755-86123456-8001", "0755-86123456转8001", "0755-86123456 ext 8001", "0755-86123456 ext.8001",
        "0755-86123456#8001", "0755-86123456*8001", "0755-86123456（分机8001）", "0755-86123456转分机8001",
        "0755-86123456 分机：8001"}) {
    const Normalized result = phone(raw);
    EXPECT_EQ(part(result, "extension"), "8001") << raw;
    EXPECT_EQ(part(result, "e164"), "+8675586123456") << raw;
    EXPECT_EQ(result.key, phone("0755-86123456-8001").key) << raw;
  }
  EXPECT_NE(phone("0755-86123456-8001").key, phone("0755-86123456-8002").key);
  EXPECT_NE(phone("0755-86123456-8001").key, phone("0755-86123456").key);
}

TEST(Phone, TwoNumbersInOneField) {
  const Normalized two = phone("0755-86123456/57");
  ASSERT_NE(two.parts.find("number"), nullptr);
  ASSERT_TRUE(two.parts.find("number")->is_array());
  EXPECT_EQ(model::to_json(*two.parts.find("number")), R"(["86123456","86123457"])");
  EXPECT_EQ(two.value, "+8675586123456; +8675586123457");
  for (const char* raw : {"13812345678/13912345678", "13812345678、13912345678", "13812345678;13912345678",
                          "13812345678，13912345678", "13812345678或13912345678", "13812345678\n13912345678",
                          "13812345678 13912345678"}) {
    EXPECT_EQ(phone(raw).value, "+8613812345678; +8613912345678") << raw;
  }
  EXPECT_EQ(phone("13912345678/13812345678").key, phone("13812345678/13912345678").key);
  EXPECT_EQ(phone("021-68889999 13812345678").value, "+862168889999; +8613812345678");
  EXPECT_EQ(phone("0755-86123456、86123457").value, "+8675586123456; +8675586123457")
      << "the area code is shared";
}

TEST(Phone, ServiceNumbersAndOtherKinds) {
  for (const char* raw :
       {"400-820-8820", "4008208820", "800-810-1234", "95588", "955888", "96110", "12345", "10086", "110"}) {
    EXPECT_EQ(part(phone(raw), "kind"), "service") << raw;
    EXPECT_TRUE(phone(raw).valid) << raw;
  }
  EXPECT_EQ(part(phone("17401234567"), "kind"), "satellite");
  EXPECT_EQ(part(phone("1064812345678"), "kind"), "machine");
  EXPECT_EQ(part(phone("14812345678"), "kind"), "machine");
  EXPECT_NE(finding(phone("17012345678"), "virtual_operator"), nullptr);
}

TEST(Phone, UnassignedBlocksAreAcceptedWithAFinding) {
  for (const char* raw : {"15412345678", "16012345678", "17912345678", "19412345678"}) {
    EXPECT_TRUE(phone(raw).valid) << raw;
    EXPECT_NE(finding(phone(raw), "unassigned_block"), nullptr) << raw;
  }
  for (const char* raw : {"19012345678", "19212345678", "19312345678", "19612345678", "19712345678",
                          "16512345678", "14512345678"}) {
    EXPECT_EQ(finding(phone(raw), "unassigned_block"), nullptr) << raw;
  }
}

TEST(Phone, WithoutAreaCode) {
  const Normalized result = phone("86123456");
  EXPECT_TRUE(result.valid);
  EXPECT_NE(finding(result, "no_area_code"), nullptr);
  EXPECT_EQ(part(result, "e164"), "");
}

TEST(Phone, International) {
  const Normalized us = phone("+1 (650) 253-0000");
  EXPECT_EQ(us.value, "+16502530000");
  EXPECT_EQ(part(us, "country"), "1");
  EXPECT_EQ(part(us, "kind"), "international");
  EXPECT_EQ(phone("001-650-253-0000").value, "+16502530000");
  EXPECT_EQ(phone("+852 2345 6789").value, "+85223456789");
  EXPECT_EQ(phone("00852-23456789").value, "+85223456789");
  EXPECT_EQ(part(phone("+886 2 2345 6789"), "region"), "TW");
  EXPECT_EQ(phone("+44 (0)20 7946 0958").value, "+442079460958");
  EXPECT_FALSE(phone("+999 12345678").valid);
}

TEST(Phone, MaskedNumbersNeverBecomeKeys) {
  for (const char* raw : {"138****5678", "138 **** 5678", "138xxxx5678", "0755-****3456"}) {
    const Normalized result = phone(raw);
    EXPECT_EQ(result.key, "") << raw;
    EXPECT_FALSE(result.valid) << raw;
    EXPECT_NE(finding(result, "masked"), nullptr) << raw;
  }
  EXPECT_EQ(phone("138****5678").value, "138****5678");
}

TEST(Phone, PlaceholdersAndNothing) {
  for (const char* raw : {"13800138000", "13888888888", "12345678901", "00000000", "11111111111"})
    EXPECT_FALSE(phone(raw).valid) << raw;
  EXPECT_NE(finding(phone("13800138000"), "placeholder"), nullptr);
  EXPECT_NE(finding(phone("暂无"), "no_number"), nullptr);
  EXPECT_EQ(phone("暂无").value, "暂无");
}

}  // namespace
}  // namespace huiliu::normalize
