// Names of people, surnames, pinyin.
#include <gtest/gtest.h>

#include "hub/normalize/pinyin.hpp"
#include "hub/normalize/surnames.hpp"
#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

Normalized person(std::string_view raw) { return normalize(Kind::person_name, raw); }

struct Person {
  const char* raw;
  const char* surname;
  const char* given;
  const char* title;
};

TEST(PersonName, Parts) {
  const Person people[] = {{"张三", "张", "三", ""},
                           {"张 三", "张", "三", ""},
                           {"欧阳修远", "欧阳", "修远", ""},
                           {"王总", "王", "", "总"},
                           {"李经理", "李", "", "经理"},
                           {"张工", "张", "", "工"},
                           {"陈老师", "陈", "", "老师"},
                           {"刘女士", "刘", "", "女士"},
                           {"赵先生", "赵", "", "先生"},
                           {"孙主任", "孙", "", "主任"},
                           {"小李", "李", "", "小"},
                           {"老王", "王", "", "老"},
                           {"张伟经理", "张", "伟", "经理"},
                           {"约翰·史密斯", "史密斯", "约翰", ""},
                           {"约翰•史密斯", "史密斯", "约翰", ""},
                           {"A客户-张三-采购", "张", "三", ""},
                           {"张三😀", "张", "三", ""},
                           {"張偉", "張", "偉", ""},
                           {"张三（财务）", "张", "三", ""},
                           {"Wei Zhang", "Zhang", "Wei", ""},
                           {"Zhang Xiaoming", "Zhang", "Xiaoming", ""},
                           {"John Smith", "Smith", "John", ""},
                           {"欧阳经理", "欧阳", "", "经理"}};
  for (const Person& expected : people) {
    const Normalized result = person(expected.raw);
    EXPECT_EQ(part(result, "surname"), expected.surname) << expected.raw;
    EXPECT_EQ(part(result, "given"), expected.given) << expected.raw;
    EXPECT_EQ(part(result, "title"), expected.title) << expected.raw;
  }
}

TEST(PersonName, SalutationsSayThatTheyAreNoNames) {
  for (const char* raw : {"王总", "李经理", "小李", "老王", "张工"})
    EXPECT_NE(finding(person(raw), "salutation"), nullptr) << raw;
  EXPECT_EQ(finding(person("王建国"), "salutation"), nullptr);
  EXPECT_NE(person("王总").key, person("王经理").key);
}

TEST(PersonName, LatinOrderAndJoiningDoNotMatter) {
  const std::string expected = person("Zhang Xiaoming").key;
  for (const char* raw : {"Xiaoming Zhang", "Xiao Ming Zhang", "Xiao-Ming Zhang", "ZHANG Xiao Ming",
                          "zhang xiaoming", "Mr. Zhang Xiaoming"}) {
    EXPECT_EQ(person(raw).key, expected) << raw;
  }
  EXPECT_EQ(person("Wei Zhang").key, person("Zhang Wei").key);
  EXPECT_NE(person("Wang Wei").key, person("Zhang Wei").key);
}

TEST(PersonName, SpellingOfOneName) {
  EXPECT_EQ(person("張偉").key, person("张伟").key);
  EXPECT_EQ(person("阿卜杜拉·买买提").key, person("阿卜杜拉•买买提").key);
  EXPECT_EQ(person(" 张  伟 ").value, "张伟");
  EXPECT_FALSE(person("😀").valid);
}

TEST(Pinyin, Places) {
  const std::pair<const char*, const char*> places[] = {
      {"厦门", "xia men"},   {"长沙", "chang sha"}, {"长春", "chang chun"}, {"成都", "cheng du"},
      {"西藏", "xi zang"},   {"六安", "lu an"},     {"蚌埠", "beng bu"},    {"乐清", "yue qing"},
      {"番禺", "pan yu"},    {"铅山", "yan shan"},  {"荥经", "ying jing"},  {"犍为", "qian wei"},
      {"涡阳", "guo yang"},  {"浚县", "xun xian"},  {"泌阳", "bi yang"},    {"枞阳", "zong yang"},
      {"尉犁", "yu li"},     {"筠连", "jun lian"},  {"郫都", "pi du"},      {"蔚县", "yu xian"},
      {"单县", "shan xian"}, {"洪洞", "hong tong"}, {"重庆", "chong qing"}, {"丽水", "li shui"},
      {"台州", "tai zhou"}};
  for (const auto& [name, reading] : places) EXPECT_EQ(pinyin_keys(name).full, reading) << name;
  EXPECT_EQ(pinyin_keys("厦门幸福").full, "xia men xing fu");
  EXPECT_EQ(pinyin_keys("厦门幸福").initials, "xmxf");
}

TEST(Pinyin, Surnames) {
  const std::pair<const char*, const char*> surnames[] = {
      {"曾", "zeng"},     {"单", "shan"},  {"仇", "qiu"},      {"解", "xie"},     {"查", "zha"},
      {"区", "ou"},       {"朴", "piao"},  {"缪", "miao"},     {"繁", "po"},      {"员", "yun"},
      {"黑", "he"},       {"种", "chong"}, {"乐", "yue"},      {"折", "she"},     {"召", "shao"},
      {"翟", "zhai"},     {"覃", "qin"},   {"尉迟", "yu chi"}, {"万俟", "mo qi"}, {"澹台", "tan tai"},
      {"单于", "chan yu"}};
  for (const auto& [surname, reading] : surnames) {
    EXPECT_EQ(pinyin_keys(std::string(surname) + "明", PinyinOf::person).full, std::string(reading) + " ming")
        << surname;
  }
  EXPECT_EQ(leading_surname(U"欧阳锋").length, 2U);
  EXPECT_EQ(leading_surname(U"司马光").length, 2U);
}

TEST(Pinyin, VariantsAreBounded) {
  const PinyinKeys keys = pinyin_keys("乐行重长藏传");
  EXPECT_FALSE(keys.variants.empty());
  EXPECT_LE(keys.variants.size(), 4U);
  for (const std::string& variant : keys.variants) EXPECT_NE(variant, keys.full);
  EXPECT_TRUE(pinyin_keys("三山").variants.empty());
}

TEST(Pinyin, FuzzyFolds) {
  EXPECT_EQ(pinyin_keys("张宁").fuzzy, pinyin_keys("赃林").fuzzy);
  EXPECT_EQ(pinyin_keys("深圳").fuzzy, pinyin_keys("森镇").fuzzy);
  EXPECT_NE(pinyin_keys("北京").fuzzy, pinyin_keys("南京").fuzzy);
  EXPECT_EQ(pinyin_keys("吕").full, "lv");
}

}  // namespace
}  // namespace huiliu::normalize
