// What holds for every kind and every input: idempotence, agreement of the fast path, survival of hostile
// input, linear time.
#include <gtest/gtest.h>

#include <ctime>
#include <vector>

#include "tests/support/sanitized.hpp"
#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

constexpr Kind kAll[] = {Kind::text,   Kind::company_name, Kind::person_name, Kind::uscc,
                         Kind::tax_no, Kind::resident_id,  Kind::phone,       Kind::email,
                         Kind::url,    Kind::address,      Kind::date,        Kind::money};

void expect_stable(Kind kind, const std::string& raw) {
  const Normalized once = normalize(kind, raw);
  EXPECT_EQ(comparison_key(kind, raw), once.key) << to_string(kind) << ": " << raw;
  if (once.value.empty()) return;
  const Normalized twice = normalize(kind, once.value);
  EXPECT_EQ(twice.value, once.value) << to_string(kind) << ": " << raw;
  EXPECT_EQ(twice.key, once.key) << to_string(kind) << ": " << raw;
  EXPECT_EQ(twice.valid, once.valid) << to_string(kind) << ": " << raw;
}

const std::vector<std::string> kDivisionWords{
    "",       "深圳市", "广东省深圳市", "北京",       "北京市朝阳区",    "新疆", "香港", "昆山",
    "襄樊市", "易县",   "臺灣",         "济南市中区", "江苏苏州工业园区"};
const std::vector<std::string> kBrandWords{"迈瑞", "宏达", "东方",   "ABC", "天天",  "3M",   "阿里巴巴",
                                           "乾坤", "聯合", "上海滩", "A-B", "好·味", "第一", "長榮"};
const std::vector<std::string> kTradeWords{"科技",     "贸易",     "生物医疗电子", "資訊",   "网络 科技", "",
                                           "（集团）", "（深圳）", "国际物流",     "(中国)", "餐饮管理"};
const std::vector<std::string> kFormWords{"有限公司",  "有限责任公司", "股份有限公司",         "集团有限公司",
                                          "厂",        "经营部",       "合伙企业（有限合伙）", "",
                                          "Co., Ltd.", "公司"};
const std::vector<std::string> kTailWords{
    "",           "",           "",        "（停用）", " 张三",
    "合肥分公司", "第一分公司", "01",      "-测试",    "（自然人独资）",
    "（",         "）",         "【VIP】", "(2)",      " 王总 13812345678",
    "上海店"};
const std::vector<std::string> kHeadWords{"",     "",    "",  "【VIP】", "C0012-", "客户：",
                                          "(旧)", "*ST", "“", "　",      "停用-"};

TEST(Properties, CompanyNamesAreIdempotent) {
  Dice dice(1);
  for (int round = 0; round < tests::worlds(15000); ++round) {
    std::string name = dice.pick(kHeadWords) + dice.pick(kDivisionWords) + dice.pick(kBrandWords) +
                       dice.pick(kTradeWords) + dice.pick(kFormWords) + dice.pick(kTailWords);
    if (dice.chance(20)) name += dice.pick(kTailWords);
    if (dice.chance(10)) name = dice.pick(kHeadWords) + name;
    expect_stable(Kind::company_name, name);
    if (HasFailure()) FAIL() << name;
  }
}

TEST(Properties, AddressesAreIdempotent) {
  const std::vector<std::string> heads{"", "518057 ", "地址：", "中国"};
  const std::vector<std::string> places{"广东省深圳市南山区",
                                        "深圳南山",
                                        "北京市北京市朝阳区",
                                        "朝阳区",
                                        "河北省杭州市",
                                        "湖北襄樊",
                                        "东莞市虎门镇",
                                        "香港",
                                        "",
                                        "浙江杭州下城区",
                                        "吉林",
                                        "江苏省鼓楼区"};
  const std::vector<std::string> roads{"科技南十二路",   "南京东路", "建国门外大街", "粤海街道高新南一道",
                                       "高新区天府大道", "",         "朝阳路",       "幸福村"};
  const std::vector<std::string> details{
      "2号", "一号院三号楼2单元501室", "A座12F", "（入驻秘书公司）", "101-103室", "", "邮编518000", "#3",
      "二楼"};
  Dice dice(2);
  for (int round = 0; round < tests::worlds(8000); ++round) {
    expect_stable(Kind::address, dice.pick(heads) + dice.pick(places) + dice.pick(roads) +
                                     dice.pick(details) + dice.pick(details));
    if (HasFailure()) return;
  }
}

TEST(Properties, ARepeatedPlaceIsReadToItsEnd) {
  std::string address;
  for (int i = 0; i < 40; ++i) address += "深圳市";
  expect_stable(Kind::address, address + "南山区科技路1号");
}

TEST(Properties, ShortTextsOfEveryAlphabetAreIdempotentInEveryKind) {
  const std::vector<std::string> atoms{
      "1",  "3",    "8",        "0",     "86",     "+",      "-",  "*",    "(",        ")",   "（", "【",
      "/",  "、",   ";",        ",",     ".",      "·",      "@",  ":",    "转",       "ext", "x",  "万",
      "元", "年",   "月",       "日",    "张",     "王",     "总", "公司", "有限公司", "市",  "区", "深圳",
      "a",  "Z",    "com",      "&amp;", "\u3000", "\u200b", "ｅ", "é",    "e\u0301",  "㈱",  "①",  "臺",
      "乾", "\xff", "\xe6\xb7", "😀",     "T",      "#",      "〇", "十",   "亿",       "¥",   "$",  "号",
      "路", "<",    ">",        "\n",    "'",      "\"",     "省", "北京", "分公司"};
  Dice dice(3);
  for (int round = 0; round < tests::worlds(30000); ++round) {
    std::string text;
    const std::size_t length = 1 + dice.below(9);
    for (std::size_t i = 0; i < length; ++i) text += dice.pick(atoms);
    expect_stable(dice.pick(kAll), text);
    if (HasFailure()) return;
  }
}

TEST(Properties, NumbersAreIdempotent) {
  Dice dice(4);
  for (int round = 0; round < tests::worlds(15000); ++round) {
    std::string digits;
    const std::size_t length = 1 + dice.below(20);
    for (std::size_t i = 0; i < length; ++i) digits.push_back(static_cast<char>('0' + dice.below(10)));
    if (dice.chance(30)) digits.insert(dice.below(digits.size()), 1, '-');
    if (dice.chance(10)) digits.insert(0, "+");
    if (dice.chance(10)) digits.insert(dice.below(digits.size()), 1, '.');
    for (const Kind kind :
         {Kind::phone, Kind::date, Kind::money, Kind::uscc, Kind::tax_no, Kind::resident_id})
      expect_stable(kind, digits);
    if (HasFailure()) return;
  }
}

// What a field keeps is what the whole standardizer says, whichever way was taken.
void expect_same_spelling(Kind kind, const std::string& raw) {
  const Normalized whole = normalize(kind, raw);
  const auto spelling = canonical_spelling(kind, raw);
  ASSERT_EQ(spelling.has_value(), whole.valid && !whole.key.empty()) << to_string(kind) << ": " << raw;
  if (!spelling) return;
  EXPECT_EQ(spelling->value, whole.value) << to_string(kind) << ": " << raw;
  EXPECT_EQ(spelling->key, whole.key) << to_string(kind) << ": " << raw;
}

TEST(Properties, TheQuickWayOfPhonesAgreesWithTheWholeOne) {
  const std::vector<std::string> heads{"",     "+86", "86",    "0086", "+86 ", "+86-", "(86)", "+1 ",
                                       "+852", "0",   "电话:", "86 ",  "+",    " ",    "17951"};
  const std::vector<std::string> areas{"0755", "(0755)", "755",  "010",  "021 ", "0851", "0433",
                                       "0775", "(0)21 ", "0319", "0102", "138",  "400",  "（0571）"};
  const std::vector<std::string> gaps{"", "-", " ", " - ", "－", ")("};
  const std::vector<std::string> tails{"",  "", "", "-8001", " 8001", "转12", "#5", "/57", " 13812345678",
                                       ";", ")"};
  Dice dice(11);
  for (int round = 0; round < tests::worlds(40000); ++round) {
    std::string digits;
    const std::size_t length = 5 + dice.below(6);
    for (std::size_t i = 0; i < length; ++i) digits.push_back(static_cast<char>('0' + dice.below(10)));
    const std::string raw = dice.pick(heads) + dice.pick(areas) + dice.pick(gaps) + digits + dice.pick(tails);
    ASSERT_EQ(comparison_key(Kind::phone, raw), normalize(Kind::phone, raw).key) << raw;
  }
}

TEST(Properties, TheQuickWayOfMailAndSitesAgreesWithTheWholeOne) {
  const std::vector<std::string> locals{"sales", "Zhang_San", "a.b",  "a..b", ".a",
                                        "x+y",   "o'k",       "张三", "a b",  ""};
  const std::vector<std::string> hosts{"example.com",
                                       "Mail.Example.com.cn",
                                       "qq.con",
                                       "a--b.com",
                                       "xn--fiqs8s.cn",
                                       "-a.com",
                                       "a-.com",
                                       "127.0.0.1",
                                       "localhost",
                                       "exa_mple.cn",
                                       "公司.中国",
                                       "a..b",
                                       "example.com.",
                                       "x.github.com",
                                       "notgithub.com",
                                       "mp.weixin.qq.com",
                                       "ab--cd.com",
                                       "1.2",
                                       ""};
  const std::vector<std::string> schemes{"",      "http://", "HTTPS://", "//",
                                         "网址:", "u:p@",    "www.",     "http://www."};
  const std::vector<std::string> paths{"", "/", "/a/b?c=1", "#x", ":8080/y", "/路径", "?q&r", " "};
  Dice dice(12);
  for (int round = 0; round < tests::worlds(20000); ++round) {
    expect_same_spelling(Kind::email, dice.pick(locals) + (dice.chance(95) ? "@" : "＠") + dice.pick(hosts));
    const std::string site = dice.pick(schemes) + dice.pick(hosts) + dice.pick(paths);
    ASSERT_EQ(comparison_key(Kind::url, site), normalize(Kind::url, site).key) << site;
    if (HasFailure()) return;
  }
}

TEST(Properties, TheQuickWayOfNumbersAgreesWithTheWholeOne) {
  const std::vector<std::string> valid{"9144030071526726XG", "91110000600037341L", "N2330106MF12345X8F",
                                       "440300715267262",    "71526726X",          "91350100M0000APH6W",
                                       "123456789012345",    "000000000000000",    "11010519491231002X"};
  constexpr std::string_view kCharacters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabc- ";
  Dice dice(13);
  for (int round = 0; round < tests::worlds(20000); ++round) {
    std::string raw = dice.pick(valid);
    for (std::size_t edits = dice.below(3); edits > 0; --edits)
      raw[dice.below(raw.size())] = kCharacters[dice.below(kCharacters.size())];
    for (const Kind kind : {Kind::uscc, Kind::tax_no, Kind::resident_id}) {
      expect_same_spelling(kind, raw);
      ASSERT_EQ(comparison_key(kind, raw), normalize(kind, raw).key) << raw;
    }
    if (HasFailure()) return;
  }
}

TEST(Hostile, BrokenUtf8IsAFindingAndNoCrash) {
  Dice dice(5);
  for (int round = 0; round < tests::worlds(3000); ++round) {
    std::string bytes;
    const std::size_t length = dice.below(40);
    for (std::size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(dice.below(256)));
    for (const Kind kind : kAll) {
      const Normalized result = normalize(kind, bytes);
      EXPECT_TRUE(model::is_utf8(result.value)) << to_string(kind);
      EXPECT_TRUE(model::is_utf8(result.key)) << to_string(kind);
      EXPECT_TRUE(model::is_utf8(model::to_json(model::Value(result.parts)))) << to_string(kind);
    }
  }
  for (const Kind kind : {Kind::text, Kind::company_name, Kind::person_name, Kind::address}) {
    EXPECT_NE(finding(normalize(kind, "深圳\xe5\x85公司"), "encoding"), nullptr) << to_string(kind);
  }
}

// Processor seconds for `bytes` bytes made of `unit`.
double seconds_for(Kind kind, const std::string& unit, std::size_t bytes) {
  std::string text;
  text.reserve(bytes + unit.size());
  while (text.size() < bytes) text += unit;
  const std::clock_t start = std::clock();
  (void)normalize(kind, text);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// A quadratic step over this many bytes takes much longer than the bounds, which are generous for a debug
// build.
TEST(Hostile, LongInputTakesTimeInProportion) {
  const std::vector<std::string> units{
      "深圳市",    "(",      ")",          "（停用）", "a ",    "1",       "0755-86123456/",
      "有限公司 ", "分公司", "市",         "@",        "&amp;", "e\u0301", "科技",
      "/",         "-1",     "公司 张三 ", "*",        "一",    "a@b.c,",  "省市区",
      "\xff",      "转1",    "北京",       "号",       "地址:", "邮编1",   "+1 ",
      "x ",        "客户:",  "停用-",      "a."};
  for (const Kind kind : kAll) {
    for (const std::string& unit : units)
      EXPECT_LT(seconds_for(kind, unit, 60'000), 2.0) << to_string(kind) << " of " << unit;
  }
}

TEST(Hostile, OneMegabyte) {
  for (const Kind kind : kAll) {
    for (const char* unit : {"深圳市迈瑞科技有限公司 张三 ", "a "})
      EXPECT_LT(seconds_for(kind, unit, 1'000'000), 20.0) << to_string(kind);
  }
}

}  // namespace
}  // namespace huiliu::normalize
