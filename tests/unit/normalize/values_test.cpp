// Dates, money, mail, sites.
#include <gtest/gtest.h>

#include "hub/normalize/domain.hpp"
#include "hub/normalize/numerals.hpp"
#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

TEST(Date, FormsOfADay) {
  for (const char* raw :
       {"2024-03-05", "2024/3/5", "2024.03.05", "20240305", "2024年3月5日", "二〇二四年三月五日",
        "二零二四年三月五日", "24-3-5", "45356", "2024-03-05 00:00:00", "2024-03-05T00:00:00",
        "２０２４－０３－０５", "2024 年 3 月 5 日", "民国113年3月5日", "2024-3-5", "2024年03月05号"}) {
    const Normalized result = normalize(Kind::date, raw);
    EXPECT_EQ(result.value, "2024-03-05") << raw;
    EXPECT_EQ(part(result, "precision"), "day") << raw;
    EXPECT_TRUE(result.valid) << raw;
  }
}

TEST(Date, PrecisionIsPartOfTheValue) {
  EXPECT_EQ(normalize(Kind::date, "2024-03").value, "2024-03");
  EXPECT_EQ(normalize(Kind::date, "2024年3月").value, "2024-03");
  EXPECT_EQ(normalize(Kind::date, "202403").value, "2024-03");
  EXPECT_EQ(normalize(Kind::date, "2024年").value, "2024");
  EXPECT_EQ(normalize(Kind::date, "民国113年").value, "2024");
  EXPECT_EQ(part(normalize(Kind::date, "2024-03"), "precision"), "month");
  EXPECT_EQ(part(normalize(Kind::date, "2024年"), "precision"), "year");
  EXPECT_NE(normalize(Kind::date, "2024-03").key, normalize(Kind::date, "2024-03-01").key);
}

TEST(Date, Instants) {
  EXPECT_EQ(normalize(Kind::date, "2024-03-05T10:20:30Z").value, "2024-03-05T18:20:30+08:00");
  EXPECT_EQ(normalize(Kind::date, "2024-03-05 18:20:30").key,
            normalize(Kind::date, "2024-03-05T10:20:30Z").key)
      << "no offset means Asia/Shanghai";
  EXPECT_EQ(normalize(Kind::date, "2024-03-05T05:20:30-05:00").key,
            normalize(Kind::date, "2024-03-05T10:20:30Z").key);
  EXPECT_EQ(normalize(Kind::date, "1709634030").key, normalize(Kind::date, "2024-03-05T10:20:30Z").key);
  EXPECT_EQ(normalize(Kind::date, "1709634030000").key, normalize(Kind::date, "2024-03-05T10:20:30Z").key);
  EXPECT_EQ(normalize(Kind::date, "20240305182030").key, normalize(Kind::date, "2024-03-05T10:20:30Z").key);
  EXPECT_EQ(normalize(Kind::date, "2024年3月5日下午6点20分").value, "2024-03-05T18:20+08:00");
  EXPECT_EQ(part(normalize(Kind::date, "2024-03-05 18:20"), "precision"), "minute");
}

TEST(Date, WordsAndFillersAreNoDates) {
  for (const char* raw : {"长期", "永久", "未知", "至今", "1900-01-01", "1970-01-01", "9999-12-31",
                          "2023-02-29", "2024-13-01", "abc", "2024-00-10"}) {
    EXPECT_FALSE(normalize(Kind::date, raw).valid) << raw;
  }
  EXPECT_EQ(part(normalize(Kind::date, "长期"), "precision"), "word");
  EXPECT_NE(finding(normalize(Kind::date, "1970-01-01"), "placeholder"), nullptr);
  EXPECT_NE(finding(normalize(Kind::date, "3/5/2024"), "ambiguous"), nullptr);
  EXPECT_EQ(normalize(Kind::date, "25/12/2023").value, "2023-12-25");
}

TEST(Money, RegisteredCapitalAsWritten) {
  for (const char* raw : {"500万元人民币", "500万人民币", "500 万元 人民币", "人民币500万元", "RMB 500万",
                          "伍佰万元整", "5,000,000元", "５００万元", "500W元"}) {
    const Normalized result = normalize(Kind::money, raw);
    EXPECT_EQ(part(result, "amount"), "5000000") << raw;
    EXPECT_EQ(part(result, "currency"), "CNY") << raw;
    EXPECT_EQ(result.key, normalize(Kind::money, "500万元人民币").key) << raw;
  }
  EXPECT_EQ(part(normalize(Kind::money, "500万元人民币"), "precision"), "10000");
  EXPECT_EQ(normalize(Kind::money, "104.1667万元人民币").value, "1041667 CNY");
  EXPECT_EQ(normalize(Kind::money, "500万美元").value, "5000000 USD");
  EXPECT_EQ(normalize(Kind::money, "500万港元").value, "5000000 HKD");
  EXPECT_EQ(normalize(Kind::money, "1.5万亿元").value, "1500000000000 CNY");
}

TEST(Money, BareAmountsHaveNoCurrency) {
  const Normalized result = normalize(Kind::money, "500万");
  EXPECT_TRUE(result.valid);
  EXPECT_EQ(part(result, "currency"), "");
  EXPECT_NE(finding(result, "currency_unknown"), nullptr);
  EXPECT_NE(result.key, normalize(Kind::money, "500万元").key);
}

TEST(Money, NumeralsAndFractions) {
  EXPECT_EQ(normalize(Kind::money, "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分").value, "1234567.89 CNY");
  EXPECT_EQ(normalize(Kind::money, "壹仟零伍元正").value, "1005 CNY");
  EXPECT_EQ(normalize(Kind::money, "两千元").value, "2000 CNY");
  EXPECT_EQ(normalize(Kind::money, "廿万元").value, "200000 CNY");
  EXPECT_EQ(normalize(Kind::money, "１，２３４．５０").value, "1234.50");
  EXPECT_EQ(normalize(Kind::money, "￥1,234.50").key, normalize(Kind::money, "1234.5元").key);
  EXPECT_EQ(normalize(Kind::money, "-100元").value, "-100 CNY");
  EXPECT_EQ(normalize(Kind::money, "0.1万元").value, "1000 CNY");
  EXPECT_EQ(normalize(Kind::money, "0.00001万元").value, "0.1 CNY");
  EXPECT_EQ(normalize(Kind::money, "99999999999999999999.99元").value, "99999999999999999999.99 CNY")
      << "no binary floating point";
}

TEST(Money, WhatIsNoAmount) {
  EXPECT_NE(finding(normalize(Kind::money, "万人民币"), "number_missing"), nullptr);
  for (const char* raw : {"万元", "abc", "1,23,4", "12..5", "元", "-"})
    EXPECT_FALSE(normalize(Kind::money, raw).valid) << raw;
}

TEST(Numerals, Read) {
  EXPECT_EQ(leading_numeral(U"三百五十").value, 350U);
  EXPECT_EQ(leading_numeral(U"一亿二千三百万").value, 123000000U);
  EXPECT_EQ(leading_numeral(U"二〇二四年").value, 2024U);
  EXPECT_EQ(leading_numeral(U"十五号").length, 2U);
  EXPECT_EQ(leading_numeral(U"万亿").value, 0U);
}

TEST(Email, DomainLowerLocalKept) {
  const Normalized result = normalize(Kind::email, "  Foo.Bar@Example.COM.CN ");
  EXPECT_EQ(result.value, "Foo.Bar@example.com.cn");
  EXPECT_EQ(result.key, normalize(Kind::email, "foo.bar@example.com.cn").key);
  EXPECT_EQ(part(result, "registrable_domain"), "example.com.cn");
  EXPECT_EQ(part(result, "free"), "false");
  EXPECT_EQ(part(normalize(Kind::email, "12345@QQ.com"), "free"), "true");
  EXPECT_EQ(part(normalize(Kind::email, "a@vip.163.com"), "free"), "true");
}

TEST(Email, PeelsAndConverts) {
  EXPECT_EQ(normalize(Kind::email, "张三 <zhang@example.com>").value, "zhang@example.com");
  EXPECT_EQ(normalize(Kind::email, "mailto:zhang@example.com").value, "zhang@example.com");
  EXPECT_EQ(normalize(Kind::email, "邮箱：zhang＠example．com").value, "zhang@example.com");
  EXPECT_EQ(part(normalize(Kind::email, "a@公司.中国"), "domain"), "xn--55qx5d.xn--fiqs8s");
  EXPECT_EQ(normalize(Kind::email, "a@x.com; b@y.com").value, "a@x.com; b@y.com");
}

TEST(Email, Errors) {
  for (const char* raw : {"a@b", "plain", "@x.com", "a b@", "a@x..com", "a..b@x.com"})
    EXPECT_FALSE(normalize(Kind::email, raw).valid) << raw;
  const Normalized typo = normalize(Kind::email, "x@gmial.com");
  ASSERT_NE(finding(typo, "domain"), nullptr);
  EXPECT_EQ(finding(typo, "domain")->repair, std::vector<std::string>{"x@gmail.com"});
}

TEST(Url, KeyIsTheSite) {
  for (const char* raw :
       {"https://www.example.com.cn:443/a/b/", "http://example.com.cn", "WWW.EXAMPLE.COM.CN/",
        "example.com.cn.", "网址：www.example.com.cn", "http://www.example.com.cn/index.html?x=1#y"}) {
    EXPECT_EQ(normalize(Kind::url, raw).key, std::to_string(rules_version()) + ":example.com.cn") << raw;
  }
  EXPECT_EQ(part(normalize(Kind::url, "shop.example.com.cn"), "registrable_domain"), "example.com.cn");
  EXPECT_NE(normalize(Kind::url, "shop.example.com").key, normalize(Kind::url, "example.com").key);
}

TEST(Url, SharedHostsAreNoIdentity) {
  const Normalized a = normalize(Kind::url, "https://shop1.1688.com/a");
  EXPECT_EQ(part(a, "shared"), "true");
  EXPECT_NE(normalize(Kind::url, "mp.weixin.qq.com/s/abc").key,
            normalize(Kind::url, "mp.weixin.qq.com/s/def").key);
  EXPECT_FALSE(normalize(Kind::url, "没有").valid);
}

TEST(Url, TheShortWayToItsDomainSaysWhatTheWholeOneSays) {
  for (const char* raw :
       {"https://www.example.com.cn:443/a/b/", "WWW.EXAMPLE.COM.CN/", "shop.example.com.cn",
        "网址：www.example.com.cn", "https://shop1.1688.com/a", "mp.weixin.qq.com/s/abc", "http://公司.中国/",
        "http://10.0.0.8/x", "user@example.com", "com.cn", "没有", "", "https://a.b.example.co.jp?x#y",
        "http://ａｂｃ.example.com", "a&amp;b.example.com"}) {
    const Normalized whole = normalize(Kind::url, raw);
    const bool shared = part(whole, "shared") == "true";
    EXPECT_EQ(own_domain_of_url(raw), shared ? "" : part(whole, "registrable_domain")) << raw;
  }
}

TEST(Domain, PublicSuffixes) {
  EXPECT_EQ(registrable_domain("a.b.example.com"), "example.com");
  EXPECT_EQ(registrable_domain("example.gov.cn"), "example.gov.cn");
  EXPECT_EQ(registrable_domain("com.cn"), "");
  EXPECT_EQ(registrable_domain("x.y.example.co.jp"), "example.co.jp");
  EXPECT_EQ(registrable_domain("foo.github.io"), "foo.github.io");
  EXPECT_EQ(registrable_domain("10.0.0.8"), "");
  EXPECT_EQ(ascii_domain("公司.中国"), "xn--55qx5d.xn--fiqs8s");
  EXPECT_EQ(ascii_domain("a_b"), "");
}

}  // namespace
}  // namespace huiliu::normalize
