#include <gtest/gtest.h>

#include "hub/normalize/divisions.hpp"
#include "tests/unit/normalize/support.hpp"

namespace huiliu::normalize {
namespace {

Normalized address(std::string_view raw) { return normalize(Kind::address, raw); }

struct Place {
  const char* raw;
  const char* code;
  const char* street;
};

TEST(Address, DivisionsWithMissingRepeatedAndShortLevels) {
  const Place places[] = {
      {"广东省深圳市南山区粤海街道科技南十二路2号", "440305", "粤海街道"},
      {"广东深圳南山区科技南十二路2号", "440305", "科技南十二路"},
      {"深圳市南山区科技园", "440305", ""},
      {"中国广东省深圳市", "440300", ""},
      {"上海上海市浦东新区张江路100号", "310115", "张江路"},
      {"北京市北京市朝阳区建国路88号", "110105", "建国路"},
      {"北京市市辖区朝阳区建国路88号", "110105", "建国路"},
      {"湖北省仙桃市仙桃大道1号", "429004", "仙桃大道"},
      {"河南省济源市", "419001", ""},
      {"海南省五指山市", "469001", ""},
      {"东莞市虎门镇太沙路1号", "441900", "虎门镇"},
      {"广东省中山市古镇镇曹三", "442000", "古镇镇"},
      {"海南省儋州市那大镇", "460400", "那大镇"},
      {"甘肃省嘉峪关市新华路", "620200", "新华路"},
      {"廣東省東莞市", "441900", ""},
      {"新疆乌鲁木齐市天山区", "650102", ""},
      {"内蒙古呼和浩特市新城区", "150102", ""},
      {"济南市中区经十路1号", "370103", "经十路"},
      {"广东河源市东源县", "441625", ""},
      {"广东省南山区", "440305", ""},
      {"云南省大理州大理市下关镇", "532901", "下关镇"},
      {"昆山市花桥镇", "320583", "花桥镇"},
      {"香港特别行政区湾仔区", "810002", ""},
  };
  for (const Place& place : places) {
    const Normalized result = address(place.raw);
    EXPECT_EQ(part(result, "code"), place.code) << place.raw;
    EXPECT_EQ(part(result, "street"), place.street) << place.raw;
  }
}

TEST(Address, DirectionWordsInRoadNamesAreNoPlaces) {
  EXPECT_EQ(part(address("青岛市香港东路23号"), "code"), "370200");
  EXPECT_EQ(part(address("东莞市运河北路1号"), "code"), "441900");
  EXPECT_EQ(part(address("上海市南京东路100号"), "code"), "310000");
  EXPECT_EQ(part(address("广州市天河北路1号"), "code"), "440100");
  EXPECT_EQ(part(address("北京朝阳门外大街1号"), "code"), "110000");
  EXPECT_EQ(part(address("南京东路100号"), "code"), "");
}

TEST(Address, ContradictionAndAmbiguity) {
  const Normalized wrong = address("河北省杭州市西湖区文三路1号");
  EXPECT_NE(finding(wrong, "contradiction"), nullptr);
  EXPECT_EQ(part(wrong, "code"), "330106");
  const Normalized unsure = address("朝阳区建国路88号");
  ASSERT_NE(finding(unsure, "ambiguous_division"), nullptr);
  EXPECT_GE(finding(unsure, "ambiguous_division")->repair.size(), 2U);
  EXPECT_EQ(part(unsure, "code"), "");
  EXPECT_EQ(part(address("江苏省鼓楼区"), "code"), "320000")
      << "of 南京 and of 徐州: the level above is certain";
}

TEST(Address, FormerNames) {
  const std::pair<const char*, const char*> places[] = {
      {"湖北省襄樊市襄城区", "420602"}, {"上海市崇明县", "310151"},       {"浙江省杭州市下城区", "330105"},
      {"山东省莱芜市", "370100"},       {"四川省成都市双流县", "510116"}, {"广西柳州地区", "451300"}};
  for (const auto& [raw, code] : places) {
    const Normalized result = address(raw);
    EXPECT_EQ(part(result, "code"), code) << raw;
    EXPECT_NE(finding(result, "former_division"), nullptr) << raw;
  }
  EXPECT_EQ(address("湖北省襄樊市襄城区").key, address("湖北省襄阳市襄城区").key);
  EXPECT_EQ(address("浙江省杭州市下城区").value, "浙江省杭州市下城区")
      << "divided among several: the text stays as written";
}

TEST(Address, ValueSpellsTheLevels) {
  EXPECT_EQ(address("深圳南山区科技园").value, "广东省深圳市南山区科技园");
  EXPECT_EQ(address("上海浦东新区张江路100号").value, "上海市浦东新区张江路100号");
}

TEST(Address, DetailInOneSpelling) {
  const std::string expected = address("深圳市南山区科技路1号3栋2单元15层1501室").key;
  for (const char* raw :
       {"深圳市南山区科技路一号三栋二单元十五层1501室", "深圳市南山区科技路1号3幢2单元15楼1501房",
        "深圳市南山区科技路1号3号楼2单元15F1501", "广东省深圳市南山区科技路1号 3座 2单元 15层 1501",
        "深圳南山区科技路１号３栋２单元１５层１５０１室"}) {
    EXPECT_EQ(address(raw).key, expected) << raw;
  }
  EXPECT_NE(address("深圳市南山区科技路1号3栋2单元15层1502室").key, expected);
  EXPECT_NE(address("深圳市福田区科技路1号3栋2单元15层1501室").key, expected);
  const Normalized result = address("深圳市南山区科技路1号A座15层1501室");
  EXPECT_EQ(part(result, "road"), "科技路");
  EXPECT_EQ(part(result, "number"), "1");
  EXPECT_EQ(part(result, "building"), "a");
  EXPECT_EQ(part(result, "room"), "1501");
}

TEST(Address, ZonesPostcodesAndClusters) {
  EXPECT_EQ(part(address("成都市高新区天府大道1号"), "zone"), "高新区");
  EXPECT_EQ(part(address("成都市高新区天府大道1号"), "code"), "510100");
  EXPECT_EQ(part(address("苏州工业园区星湖街328号"), "code"), "320500");
  EXPECT_EQ(part(address("518057 广东省深圳市南山区"), "postcode"), "518057");
  EXPECT_EQ(part(address("广东省深圳市南山区科技园 邮编：518057"), "postcode"), "518057");
  EXPECT_NE(finding(address("深圳市前海深港合作区前湾一路1号A栋201室（入驻深圳市前海商务秘书有限公司）"),
                    "cluster_registration"),
            nullptr);
}

TEST(Address, NotChineseOrNoPlace) {
  EXPECT_TRUE(address("1600 Amphitheatre Parkway, Mountain View").valid);
  EXPECT_NE(finding(address("幸福小区3栋501"), "no_division"), nullptr);
}

TEST(Divisions, ByCode) {
  const Divisions& divisions = Divisions::get();
  ASSERT_NE(divisions.find(440305), nullptr);
  EXPECT_EQ(divisions.find(440305)->name, "南山区");
  EXPECT_EQ(divisions.find(330104), nullptr);
  EXPECT_TRUE(divisions.ever_existed(330104));
  EXPECT_EQ(divisions.present(330104), 330102U);
  EXPECT_FALSE(divisions.ever_existed(999999));
  EXPECT_EQ(divisions.full_name(440305), "广东省深圳市南山区");
  EXPECT_EQ(divisions.full_name(110105), "北京市朝阳区");
  EXPECT_EQ(divisions.full_name(429004), "湖北省仙桃市");
}

TEST(Divisions, ShortNames) {
  EXPECT_EQ(short_division_name(U"深圳市"), U"深圳");
  EXPECT_EQ(short_division_name(U"新疆维吾尔自治区"), U"新疆");
  EXPECT_EQ(short_division_name(U"延边朝鲜族自治州"), U"延边");
  EXPECT_EQ(short_division_name(U"双江拉祜族佤族布朗族傣族自治县"), U"双江");
  EXPECT_EQ(short_division_name(U"易县"), U"易县");
  EXPECT_EQ(short_division_name(U"内蒙古自治区"), U"内蒙古");
}

}  // namespace
}  // namespace huiliu::normalize
