#include "hub/normalize/company_name.hpp"

#include <gtest/gtest.h>

#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

Normalized company(std::string_view raw) { return normalize(Kind::company_name, raw); }
std::string key(std::string_view raw) { return company(raw).key; }

struct Marked {
  const char* name;
  const char* division;
  const char* code;
  const char* brand;
  const char* trade;
  const char* form;
};

TEST(CompanyName, PartsOfMarkedNames) {
  const Marked names[] = {
      {"深圳市迈瑞生物医疗电子股份有限公司", "深圳市", "440300", "迈瑞", "生物医疗电子", "股份有限公司"},
      {"阿里巴巴（中国）有限公司", "中国", "", "阿里巴巴", "", "有限公司"},
      {"腾讯科技（深圳）有限公司", "深圳", "440300", "腾讯", "科技", "有限公司"},
      {"拜耳医药保健（中国）有限公司", "中国", "", "拜耳", "医药保健", "有限公司"},
      {"华为技术有限公司", "", "", "华为", "技术", "有限公司"},
      {"珠海格力电器股份有限公司", "珠海", "440400", "格力", "电器", "股份有限公司"},
      {"杭州海康威视数字技术股份有限公司", "杭州", "330100", "海康威视", "数字技术", "股份有限公司"},
      {"比亚迪股份有限公司", "", "", "比亚迪", "", "股份有限公司"},
      {"广州番禺星亚服饰有限公司", "广州番禺", "440113", "星亚", "服饰", "有限公司"},
      {"江苏苏州恒远纺织有限责任公司", "江苏苏州", "320500", "恒远", "纺织", "有限责任公司"},
      {"新疆维吾尔自治区金汇棉业有限公司", "新疆维吾尔自治区", "650000", "金汇", "棉业", "有限公司"},
      {"义乌市好来日用百货商行", "义乌市", "330782", "好来", "日用", "百货商行"},
      {"凉州区方言百货店", "凉州区", "620602", "方言", "", "百货店"},
      {"玉田县鸦鸿桥镇凯翔商店", "玉田县鸦鸿桥镇", "130229", "凯翔", "", "商店"},
      {"深圳前海微众科技有限公司", "深圳前海", "440300", "微众", "科技", "有限公司"},
      {"上海ABC电子商务有限公司", "上海", "310000", "ABC", "电子商务", "有限公司"},
      {"环球国际航运青岛有限公司", "青岛", "370200", "环球", "国际航运", "有限公司"},
      {"中节能秦皇岛环保有限公司", "秦皇岛", "130300", "中节能", "环保", "有限公司"},
      {"湖北襄樊恒信机械有限公司", "湖北襄樊", "420600", "恒信", "机械", "有限公司"},
      {"北京朝阳区和美餐饮管理有限公司", "北京朝阳区", "110105", "和美", "餐饮管理", "有限公司"},
      {"济南市中区好又多商店", "济南市中区", "370103", "好又多", "", "商店"},
      {"香港宏达贸易有限公司", "香港", "810000", "宏达", "贸易", "有限公司"},
      {"杭州长友股权投资合伙企业（有限合伙）", "杭州", "330100", "长友", "股权投资", "合伙企业有限合伙"},
      {"农安县富民水稻种植农民专业合作社", "农安县", "220122", "富民", "水稻种植", "农民专业合作社"},
  };
  for (const Marked& marked : names) {
    const Normalized result = company(marked.name);
    EXPECT_EQ(part(result, "division"), marked.division) << marked.name;
    EXPECT_EQ(part(result, "division_code"), marked.code) << marked.name;
    EXPECT_EQ(part(result, "brand"), marked.brand) << marked.name;
    EXPECT_EQ(part(result, "trade"), marked.trade) << marked.name;
    EXPECT_EQ(part(result, "form"), marked.form) << marked.name;
    EXPECT_TRUE(result.valid) << marked.name;
  }
}

TEST(CompanyName, BrandsThatLookLikePlacesOrTrades) {
  const std::pair<const char*, const char*> names[] = {{"宁德时代新能源科技股份有限公司", "宁德时代"},
                                                       {"上海滩餐饮管理有限公司", "上海滩"},
                                                       {"海南航空控股股份有限公司", "海南航空"},
                                                       {"东方雨虹防水技术股份有限公司", "东方雨虹"},
                                                       {"宝山钢铁股份有限公司", "宝山"},
                                                       {"光明乳业股份有限公司", "光明"},
                                                       {"江西万年青水泥股份有限公司", "万年青"},
                                                       {"宁波兴隆房地产开发有限公司", "兴隆"},
                                                       {"青岛啤酒股份有限公司", "青岛"},
                                                       {"杭州欢乐飞机器人科技公司", "欢乐飞"},
                                                       {"成都好房屋网络科技有限公司", "好房屋"},
                                                       {"陕西长消消防科技有限责任公司", "长消"}};
  for (const auto& [name, brand] : names) EXPECT_EQ(part(company(name), "brand"), brand) << name;
  EXPECT_NE(finding(company("青岛啤酒股份有限公司"), "doubtful_parse"), nullptr);
}

TEST(CompanyName, OneCompanyOneKey) {
  const std::string expected = key("深圳市迈瑞科技有限公司");
  for (const char* raw :
       {"深圳市迈瑞科技有限责任公司", " 深圳市 迈瑞科技 有限公司", "深圳迈瑞科技有限公司",
        "广东省深圳市迈瑞科技有限公司", "广东深圳迈瑞科技有限公司", "深圳市邁瑞科技有限公司",
        "深圳市迈瑞科技有限公司（停用）", "【VIP】深圳市迈瑞科技有限公司", "C0012-深圳市迈瑞科技有限公司",
        "客户：深圳市迈瑞科技有限公司", "深圳市迈瑞科技有限公司 张三", "深圳市迈瑞科技有限公司-测试",
        "深圳市迈瑞科技有限公司01", "深圳市迈瑞科技有限责任公司（自然人独资）", "“深圳市迈瑞科技有限公司”",
        "深圳市迈瑞科技有限公司。", "深圳市迈瑞·科技有限公司"}) {
    EXPECT_EQ(key(raw), expected) << raw;
    EXPECT_EQ(comparison_key(Kind::company_name, raw), expected) << raw;
  }
  EXPECT_EQ(key("腾讯科技（深圳）有限公司"), key("腾讯科技(深圳)有限责任公司"));
  EXPECT_EQ(key("腾讯科技（深圳）有限公司"), key("腾讯科技【深圳市】有限公司"));
  EXPECT_EQ(key("新疆天山棉业有限公司"), key("新疆维吾尔自治区天山棉业有限公司"));
  EXPECT_EQ(key("襄樊恒信机械有限公司"), key("襄阳市恒信机械有限公司")) << "襄樊 is called 襄阳 since 2010";
  EXPECT_EQ(key("臺北華碩軟體股份有限公司"), key("台北华硕软件股份有限公司"));
  EXPECT_EQ(key("恒大（集团）有限公司"), key("恒大集团有限公司"));
  EXPECT_EQ(key("ＡＢＣ（中国）有限公司"), key("abc(中国)有限公司"));
}

TEST(CompanyName, DifferentCompaniesDifferentKeys) {
  const std::string base = key("深圳市迈瑞科技有限公司");
  for (const char* other :
       {"广州市迈瑞科技有限公司", "深圳市迈瑞科技股份有限公司", "深圳市迈瑞贸易有限公司",
        "深圳市迈思科技有限公司", "深圳市迈瑞科技有限公司广州分公司", "深圳市迈瑞第一科技有限公司",
        "深圳市南山区迈瑞科技有限公司", "迈瑞科技有限公司"}) {
    EXPECT_NE(key(other), base) << other;
  }
  EXPECT_NE(key("上海第一机械厂"), key("上海第二机械厂"));
  EXPECT_NE(key("朝阳市宏达商贸有限公司"), key("北京市朝阳区宏达商贸有限公司"));
  EXPECT_NE(key("大华有限公司第一分公司"), key("大华有限公司第二分公司"));
  EXPECT_NE(key("软体家具有限公司"), key("软件家具有限公司")) << "软体 in simplified script is no software";
}

TEST(CompanyName, Branches) {
  const Normalized result = company("常州途畅互联网科技有限公司合肥分公司");
  EXPECT_EQ(part(result, "brand"), "途畅");
  EXPECT_EQ(part(result, "division"), "常州");
  EXPECT_EQ(part(result, "branch"), "合肥分公司");
  EXPECT_EQ(result.key, key("常州途畅互联网科技有限公司（合肥市分公司）"));
  EXPECT_EQ(part(company("招商银行股份有限公司深圳科技园支行"), "branch"), "深圳科技园支行");
  EXPECT_EQ(part(company("招商银行深圳分行"), "branch"), "深圳分行");
  EXPECT_EQ(part(company("新月能源石家庄分公司"), "branch"), "石家庄分公司");
  EXPECT_EQ(part(company("永辉超市股份有限公司万达店"), "branch"), "万达店");
  EXPECT_EQ(part(company("美国通用公司北京代表处"), "branch"), "北京代表处");
  EXPECT_EQ(part(company("张家港市杨舍西城小李五金经营部"), "branch"), "") << "a sole trader's own form";
}

TEST(CompanyName, GroupIsAMarker) {
  for (const char* name : {"美的集团股份有限公司", "恒大（集团）有限公司", "万科企业集团",
                           "贵州民族酒业（集团）销售有限公司", "泰康控股集团有限公司"}) {
    EXPECT_EQ(part(company(name), "group"), "true") << name;
  }
  EXPECT_EQ(part(company("美的集团股份有限公司"), "brand"), "美的");
  EXPECT_EQ(part(company("美的集团股份有限公司"), "form"), "股份有限公司");
  EXPECT_EQ(part(company("华为技术有限公司"), "group"), "false");
}

TEST(CompanyName, NoiseIsPeeledAndReported) {
  const std::pair<const char*, const char*> names[] = {
      {"（停用）甲壳虫科技有限公司", "停用"}, {"甲壳虫科技有限公司(作废)", "作废"},
      {"甲壳虫科技有限公司-测试", "测试"},    {"【VIP】甲壳虫科技有限公司", "VIP"},
      {"C0012-甲壳虫科技有限公司", "C0012"},  {"甲壳虫科技有限公司 张三", "张三"},
      {"甲壳虫科技有限公司王经理", "王经理"}, {"*ST甲壳虫", "ST"}};
  for (const auto& [name, noise] : names) {
    const Normalized result = company(name);
    const model::Value* list = result.parts.find("noise");
    ASSERT_NE(list, nullptr) << name;
    EXPECT_EQ(list->as_array()[0].to_text(), noise) << name;
    EXPECT_NE(finding(result, "noise"), nullptr) << name;
  }
  EXPECT_EQ(company("（停用）甲壳虫科技有限公司").value, "甲壳虫科技有限公司");
}

TEST(CompanyName, ValueIsTheRegisteredSpelling) {
  EXPECT_EQ(company("腾讯科技(深圳)有限公司").value, "腾讯科技（深圳）有限公司");
  EXPECT_EQ(company("腾讯 科技 [深圳] 有限公司").value, "腾讯科技（深圳）有限公司");
  EXPECT_EQ(company("臺灣積體電路製造股份有限公司").value, "臺灣積體電路製造股份有限公司")
      << "the source's script stays";
  EXPECT_EQ(company("深圳市迈瑞科技有限责任公司").value, "深圳市迈瑞科技有限责任公司")
      << "legal wording stays";
  EXPECT_EQ(company("ＡＢＣ科技有限公司").value, "ABC科技有限公司");
  EXPECT_NE(finding(company("腾讯科技（深圳有限公司"), "unbalanced_bracket"), nullptr);
}

TEST(CompanyName, FormClasses) {
  const std::pair<const char*, const char*> names[] = {{"甲科技有限公司", "limited"},
                                                       {"大华股份有限公司", "joint_stock"},
                                                       {"大华合伙企业（有限合伙）", "partnership"},
                                                       {"大华农民专业合作社", "cooperative"},
                                                       {"大华机械厂", "enterprise"},
                                                       {"大华医院", "institution"},
                                                       {"大华五金店", "sole_trader"},
                                                       {"大华建材经营部", "sole_trader"},
                                                       {"大华律师事务所", "institution"},
                                                       {"大华公司北京代表处", "enterprise"}};
  for (const auto& [name, form_class] : names)
    EXPECT_EQ(part(company(name), "form_class"), form_class) << name;
  EXPECT_EQ(part(company("张三"), "form_class"), "");
  EXPECT_EQ(part(company("张三"), "brand"), "张三");
}

TEST(CompanyName, EnglishNames) {
  const Normalized result = company("Shenzhen Mindray Bio-Medical Electronics Co., Ltd.");
  EXPECT_EQ(part(result, "division"), "Shenzhen");
  EXPECT_EQ(part(result, "division_code"), "440300");
  EXPECT_EQ(part(result, "brand"), "Mindray");
  EXPECT_EQ(part(result, "trade"), "Bio-Medical Electronics");
  EXPECT_EQ(part(result, "form"), "Co., Ltd.");
  const std::string expected = result.key;
  for (const char* raw :
       {"SHENZHEN MINDRAY BIO-MEDICAL ELECTRONICS CO LTD",
        "Shenzhen Mindray Bio Medical Electronics Company Limited",
        "shenzhen mindray bio-medical electronics co.,ltd", "Shenzhen Mindray Biomedical Electronics Ltd."}) {
    EXPECT_EQ(key(raw), expected) << raw;
  }
  EXPECT_NE(key("Shenzhen Mindray Bio-Medical Electronics Inc."), expected);
  EXPECT_EQ(part(company("Huawei Technologies (Shenzhen) Co., Ltd."), "division_code"), "440300");
  EXPECT_EQ(part(company("Acme Trading Co., Ltd. Shanghai Branch"), "branch"), "Shanghai Branch");
  EXPECT_EQ(part(company("Apple Inc."), "brand"), "Apple");
  EXPECT_EQ(key("The Coca-Cola Company"), key("Coca-Cola Company"));
}

TEST(CompanyName, PinyinOfTheBrand) {
  EXPECT_EQ(part(company("深圳市迈瑞科技有限公司"), "pinyin"), "mairui");
  EXPECT_EQ(part(company("深圳市迈瑞科技有限公司"), "initials"), "mr");
}

}  // namespace
}  // namespace huiliu::normalize
