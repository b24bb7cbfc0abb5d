#include <gtest/gtest.h>

#include "hub/normalize/fold.hpp"
#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

std::string text_key(std::string_view raw) { return normalize(Kind::text, raw).key; }

TEST(Text, NamesOfKindsGoBothWays) {
  for (const char* name : {"text", "company_name", "person_name", "uscc", "tax_no", "resident_id", "phone",
                           "email", "url", "address", "date", "money"}) {
    const auto kind = kind_from(name);
    ASSERT_TRUE(kind.has_value()) << name;
    EXPECT_STREQ(to_string(*kind), name);
  }
  EXPECT_FALSE(kind_from("").has_value());
  EXPECT_FALSE(kind_from("Text").has_value());
}

TEST(Text, EmptyAndBlankInputHaveNoKey) {
  for (const char* raw : {"", "   ", "\t\n", "\u3000", "\u200b\ufeff"}) {
    for (const char* name : {"text", "company_name", "person_name", "uscc", "tax_no", "resident_id", "phone",
                             "email", "url", "address", "date", "money"}) {
      const Normalized result = normalize(*kind_from(name), raw);
      EXPECT_EQ(result.value, "") << name;
      EXPECT_EQ(result.key, "") << name;
      EXPECT_FALSE(result.valid) << name;
      ASSERT_NE(finding(result, "empty"), nullptr) << name;
      EXPECT_EQ(comparison_key(*kind_from(name), raw), "") << name;
    }
  }
}

TEST(Text, KeysCarryTheVersionOfTheRules) {
  EXPECT_EQ(text_key("abc"), std::to_string(rules_version()) + ":abc");
}

TEST(Text, FoldsWidthCaseSpacesAndMarks) {
  EXPECT_EQ(text_key("ＡＢＣ　ｄｅｆ"), text_key("abc def"));
  EXPECT_EQ(text_key("深圳 市\u00a0南\u200b山"), text_key("深圳市南山"));
  EXPECT_EQ(text_key("Foo   Bar\n Baz"), text_key("foo bar baz"));
  EXPECT_EQ(text_key("〔甲〕【乙】［丙］｛丁｝〈戊〉《己》"), text_key("(甲)(乙)(丙)(丁)(戊)(己)"));
  EXPECT_EQ(text_key("a－b—c–d―e‐f﹣g"), text_key("a-b-c-d-e-f-g"));
  EXPECT_EQ(text_key("“甲”„乙‘丙’＂丁＇「戊」"), text_key("甲乙丙丁戊"));
  EXPECT_EQ(text_key("㈱東京"), text_key("(株)东京"));
  EXPECT_EQ(text_key("①㎡"), text_key("1m2"));
  EXPECT_NE(text_key("コーヒー"), text_key("コ-ヒ-")) << "the long mark between kana is no dash";
  EXPECT_EQ(text_key("e\u0301"), text_key("\u00e9"));
}

TEST(Text, ValueIsReadableAndKeepsScriptAndCase) {
  EXPECT_EQ(normalize(Kind::text, "  Foo   臺灣 公司 ").value, "Foo臺灣公司");
  EXPECT_EQ(normalize(Kind::text, "a&nbsp;b &amp;amp; c").value, "a b & c");
  EXPECT_NE(finding(normalize(Kind::text, "a&amp;b"), "encoding"), nullptr);
}

TEST(Text, TraditionalToSimplifiedWithPhrases) {
  EXPECT_EQ(text_key("聯合制葯 臺灣"), text_key("联合制药台湾"));
  EXPECT_EQ(text_key("乾隆"), std::to_string(rules_version()) + ":乾隆");
  EXPECT_EQ(text_key("乾坤"), std::to_string(rules_version()) + ":乾坤");
  EXPECT_EQ(text_key("瞭望"), std::to_string(rules_version()) + ":瞭望");
  EXPECT_EQ(text_key("乾淨"), text_key("干净"));
  EXPECT_EQ(text_key("餘馀鍾後裡麵髮颱"), text_key("余余钟后里面发台"));
  EXPECT_EQ(text_key("台臺檯綫線裏裡羣群峯峰匯滙彚衆眾恒恆證証産產説說强強"),
            text_key("台台台线线里里群群峰峰汇汇汇众众恒恒证证产产说说强强"));
}

TEST(Text, ReportsDamage) {
  const Normalized broken = normalize(Kind::text, "深圳\xff\xfe公司");
  EXPECT_NE(finding(broken, "encoding"), nullptr);
  EXPECT_EQ(broken.value, "深圳\ufffd\ufffd公司");
  EXPECT_NE(finding(normalize(Kind::text, "锟斤拷锟斤拷"), "encoding"), nullptr);
  EXPECT_NE(finding(normalize(Kind::text, "娣卞湷甯傜鎶€鏈夐檺鍏徃"), "encoding"), nullptr);
  EXPECT_NE(finding(normalize(Kind::text, "深圳\u202e公司"), "invisible"), nullptr);
  EXPECT_NE(finding(normalize(Kind::text, "（甲"), "unbalanced_bracket"), nullptr);
  EXPECT_TRUE(normalize(Kind::text, "深圳市迈瑞生物医疗电子股份有限公司").findings.empty());
}

TEST(Text, LatinMojibakeIsReported) {
  // "深圳" in UTF-8, read as Latin-1.
  EXPECT_NE(
      finding(normalize(Kind::text, "\u00e6\u00b7\u00b1\u00e5\u009c\u00b3\u00e5\u00b8\u0082"), "encoding"),
      nullptr);
  EXPECT_EQ(finding(normalize(Kind::text, "Crédit Agricole"), "encoding"), nullptr);
}

TEST(Text, CharactersThatExpandWithASpaceAreReadTheSameTwice) {
  for (const Kind kind : {Kind::date, Kind::money, Kind::email, Kind::url, Kind::phone, Kind::uscc}) {
    for (const char* raw : {"\u037a\xcd", "\u00a8", "1\u00b4", "\u309b2", "\u00bd", "\ufb011"}) {
      const Normalized once = normalize(kind, raw);
      EXPECT_EQ(normalize(kind, once.value).value, once.value) << to_string(kind) << ": " << raw;
    }
  }
}

TEST(Text, AnEntityHiddenByAnInvisibleCharacterIsDecodedAtOnce) {
  for (const char* raw : {"a&am\x01p;b", "a&amp\u200b;b", "a\uff06amp;b", "a&\uff41mp;b", "a& amp;b"}) {
    const Normalized once = normalize(Kind::text, raw);
    const Normalized twice = normalize(Kind::text, once.value);
    EXPECT_EQ(twice.value, once.value) << raw;
    EXPECT_EQ(twice.key, once.key) << raw;
  }
  EXPECT_EQ(normalize(Kind::text, "a&am\x01p;b").value, "a&b");
}

}  // namespace
}  // namespace huiliu::normalize
