// Record linkage over generated tables: what must be found, what must not, and that order does not matter.
#include "hub/identity/linkage/linkage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "hub/identity/linkage/score.hpp"
#include "hub/identity/linkage/similarity.hpp"
#include "tests/unit/normalize/support.hpp"

namespace huiliu::identity {
namespace {

using normalize::Dice;

std::string word(Dice& dice, int syllables) {
  static const std::vector<std::string> kSyllables{"ka", "lo",  "mi", "ter", "son", "ber", "an",  "na", "jo",
                                                   "el", "ri",  "th", "we",  "st",  "mar", "den", "ol", "vi",
                                                   "pa", "gra", "hu", "ton", "ley", "ham", "sa",  "do", "ne"};
  std::string out;
  for (int i = 0; i < syllables; ++i) out += dice.pick(kSyllables);
  return out;
}

std::string with_typo(Dice& dice, std::string text) {
  if (text.size() < 3) return text;
  const std::size_t at = dice.below(text.size() - 1);
  switch (dice.below(3)) {
    case 0:
      text[at] = static_cast<char>(text[at] <= '9' ? '0' + dice.below(10) : 'a' + dice.below(26));
      break;
    case 1:
      text.erase(at, 1);
      break;
    default:
      std::swap(text[at], text[at + 1]);
  }
  return text;
}

std::vector<std::string> words(Dice& dice, std::size_t count, int syllables) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(word(dice, syllables));
  return out;
}

// Persons with typos, gaps and swapped names; the truth per record.
struct World {
  Table table;
  std::vector<std::uint32_t> truth;
};

World persons(std::uint64_t seed, std::size_t people, int duplicates_percent, int damage_percent) {
  Dice dice(seed);
  const auto firsts = words(dice, 150, 2);
  const auto lasts = words(dice, 500, 3);
  const auto towns = words(dice, 120, 3);
  World world;
  world.table.header = {"rec_id", "given_name", "surname", "street", "town", "date_of_birth", "phone"};
  for (std::uint32_t p = 0; p < people; ++p) {
    const std::vector<std::string> person{
        dice.pick(firsts),
        dice.pick(lasts),
        std::to_string(1 + dice.below(200)) + " " + word(dice, 2) + " street",
        dice.pick(towns),
        std::to_string(1930 + dice.below(70)) + std::to_string(10 + dice.below(3)) +
            std::to_string(10 + dice.below(18)),
        "0755-8" + std::to_string(1000000 + dice.below(8999999))};
    const std::size_t copies = dice.chance(duplicates_percent) ? 1 + dice.below(2) : 0;
    for (std::size_t copy = 0; copy <= copies; ++copy) {
      std::vector<std::string> row = person;
      if (copy > 0) {
        for (std::string& cell : row) {
          if (dice.chance(damage_percent)) cell = dice.chance(25) ? "" : with_typo(dice, cell);
        }
        if (dice.chance(damage_percent / 2)) std::swap(row[0], row[1]);
      }
      row.insert(row.begin(), "r" + std::to_string(world.truth.size()));
      world.table.rows.push_back(std::move(row));
      world.truth.push_back(p);
    }
  }
  return world;
}

Dataset dataset_of(const std::vector<Table>& tables) {
  auto data = make_dataset(tables, {});
  EXPECT_TRUE(data.ok());
  return std::move(*data);
}

Score linked(const World& world) {
  const Dataset data = dataset_of({world.table});
  const auto linkage = link_records(data);
  EXPECT_TRUE(linkage.ok());
  return score_clusters(data, linkage->cluster, world.truth, false);
}

// Companies by their names, spelled as people do, and by telephone if asked for; some brands exist in two
// cities.
World companies(std::uint64_t seed, std::uint32_t count, bool with_phone) {
  Dice dice(seed);
  const std::vector<std::string> characters{"鑫", "盛", "达", "华", "宏", "海", "兴", "旺", "泰",
                                            "和", "顺", "祥", "瑞", "丰", "源", "恒", "昌", "隆",
                                            "博", "凯", "诚", "信", "联", "辉", "耀", "辰", "远",
                                            "飞", "腾", "跃", "鹏", "雁", "松", "柏", "梅", "荷"};
  const std::vector<std::string> cities{"深圳", "杭州", "苏州", "上海", "成都", "厦门", "青岛", "西安"};
  const std::vector<std::string> trades{"科技", "国际贸易", "机械设备", "电子",
                                        "物流", "餐饮管理", "建筑工程"};
  World world;
  world.table.header = {"id", "客户名称"};
  if (with_phone) world.table.header.emplace_back("电话");
  for (std::uint32_t p = 0; p < count; ++p) {
    std::string brand;
    for (int i = 0; i < 3; ++i) brand += dice.pick(characters);
    const std::string city = dice.pick(cities);
    const std::string trade = dice.pick(trades);
    const std::string phone = "1390000" + std::to_string(1000 + p);
    const std::vector<std::string> spellings{city + "市" + brand + trade + "有限公司",
                                             city + brand + trade + "有限责任公司",
                                             brand + trade + "（" + city + "）有限公司"};
    const std::size_t copies = dice.chance(40) ? 1 + dice.below(2) : 0;
    for (std::size_t copy = 0; copy <= copies; ++copy) {
      std::vector<std::string> row{std::to_string(world.truth.size()), spellings[copy]};
      if (with_phone) row.push_back(dice.chance(70) ? phone : "");
      world.table.rows.push_back(std::move(row));
      world.truth.push_back(p);
    }
  }
  return world;
}

TEST(Linkage, FindsCompaniesByTheirNamesAlone) {
  const Score names = linked(companies(5, 1500, false));
  EXPECT_GE(names.precision, 0.98);
  EXPECT_GE(names.recall, 0.95);
  const Score phones = linked(companies(6, 1500, true));
  EXPECT_GE(phones.precision, 0.98);
  EXPECT_GE(phones.recall, 0.95);
}

TEST(Linkage, FindsDamagedPersonsWithoutExamples) {
  EXPECT_GE(linked(persons(1, 1500, 30, 15)).f1, 0.98);
  EXPECT_GE(linked(persons(2, 1200, 60, 30)).f1, 0.95);
}

TEST(Linkage, FindsNothingWhereNothingIsTwice) {
  const Score score = linked(persons(3, 1500, 0, 0));
  EXPECT_LE(score.predicted, 5U);
}

TEST(Linkage, DoesNotDependOnTheOrderOfRecords) {
  const World world = persons(4, 500, 40, 20);
  const Dataset data = dataset_of({world.table});
  const auto first = link_records(data);
  ASSERT_TRUE(first.ok());
  Table shuffled = world.table;
  std::vector<std::size_t> order(shuffled.rows.size());
  Dice dice(5);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[dice.below(i + 1)]);
  for (std::size_t i = 0; i < order.size(); ++i) shuffled.rows[i] = world.table.rows[order[i]];
  const Dataset again = dataset_of({shuffled});
  LinkageOptions options;
  options.model = &first->model;  // the same weights; random pairs would be others
  const auto second = link_records(again, options);
  ASSERT_TRUE(second.ok());
  std::vector<std::uint32_t> back(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) back[order[i]] = second->cluster[i];
  const Score same = score_clusters(data, back, first->cluster, false);
  EXPECT_EQ(same.predicted, same.right);
  EXPECT_EQ(same.actual, same.right);
}

TEST(Linkage, TwoFilesWithOtherHeadersAndOnePartnerEach) {
  Dice dice(6);
  const auto vocabulary = words(dice, 600, 2);
  Table left{{"id", "title", "maker", "price"}, {}, "utf-8"};
  Table right{{"id", "name", "brand", "price"}, {}, "utf-8"};
  std::vector<RecordPair> truth;
  const std::uint32_t count = 400;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string title;
    for (int w = 0; w < 5; ++w) title += dice.pick(vocabulary) + " ";
    const std::string maker = vocabulary[dice.below(30)];
    const std::string price = std::to_string(10 + dice.below(900)) + ".50";
    left.rows.push_back({"a" + std::to_string(i), title + maker, maker, price});
    right.rows.push_back({"b" + std::to_string(i),
                          maker + " " + with_typo(dice, title) + dice.pick(vocabulary),
                          dice.chance(50) ? "" : maker, dice.chance(30) ? "" : price});
    truth.push_back({i, count + i});
  }
  const Dataset data = dataset_of({left, right});
  ASSERT_EQ(data.columns.size(), 3U) << "title = name, maker = brand, price";
  const auto linkage = link_records(data);
  ASSERT_TRUE(linkage.ok());
  EXPECT_EQ(linkage->single, (std::vector<bool>{true, true}));
  EXPECT_GE(score_pairs(data, linkage->cluster, truth, true).f1, 0.98);
}

// ---- companies

Table companies(std::vector<std::vector<std::string>> rows) {
  Table table{{"编号", "客户名称", "信用代码", "电话", "地址"}, std::move(rows), "utf-8"};
  Dice dice(7);  // a background that the weights are learned from
  const std::vector<std::string> heads{"鑫", "宏", "恒", "瑞", "天", "华", "金", "盛", "隆", "泰"};
  const std::vector<std::string> tails{"源", "达", "瑞", "通", "信", "诚", "远", "博", "丰", "海"};
  const std::vector<std::string> trades{"科技", "贸易", "电子", "机械设备", "餐饮管理"};
  const std::vector<std::string> places{"深圳市", "广州市", "杭州市", "苏州市", "成都市", "武汉市"};
  for (int i = 0; i < 300; ++i) {
    const std::string place = dice.pick(places);
    const std::string name =
        place + dice.pick(heads) + dice.pick(tails) + dice.pick(heads) + dice.pick(trades);
    const std::string phone = "0755-2" + std::to_string(1000000 + dice.below(8999999));
    const std::string address = place + "人民路" + std::to_string(dice.below(900)) + "号";
    table.rows.push_back({"x" + std::to_string(i), name + "有限公司", "", phone, address});
    if (i % 3 == 0)
      table.rows.push_back({"y" + std::to_string(i), name + "有限责任公司", "", phone, address});
  }
  return table;
}

TEST(Linkage, CompaniesByCodeAndByNameWithVetoes) {
  const Table table = companies({
      {"a1", "北京百川能源有限公司", "91110000600037341L", "010-66660001", "北京市朝阳区建国路1号"},
      {"a2", "百川新能源发展有限公司", "91110000600037341L", "", ""},
      {"b1", "深圳市云帆科技有限公司", "", "0755-86120001", "深圳市南山区科技路8号"},
      {"b2", "深圳云帆科技有限责任公司", "", "0755-86120001", "深圳市南山区科技路8号"},
      {"b3", "深圳市云帆科技有限公司广州分公司", "", "0755-86120001", "深圳市南山区科技路8号"},
      {"c1", "杭州蓝岸贸易有限公司", "91310110666007217T", "0571-86120002", "杭州市文三路1号"},
      {"c2", "杭州蓝岸贸易有限公司", "9144030071526726XG", "0571-86120002", "杭州市文三路1号"},
      {"d1", "武汉星辰物流有限公司", "", "027-86120003", "武汉市中山大道1号"},
      {"d2", "成都花海园艺有限公司", "", "027-86120003", "成都市锦里2号"},
  });
  const Dataset data = dataset_of({table});
  const auto linkage = link_records(data);
  ASSERT_TRUE(linkage.ok());
  const auto& cluster = linkage->cluster;
  EXPECT_EQ(cluster[0], cluster[1]) << "one credit code";
  EXPECT_EQ(cluster[2], cluster[3]) << "one name, spelled twice";
  EXPECT_NE(cluster[2], cluster[4]) << "a branch is not its parent";
  EXPECT_NE(cluster[5], cluster[6]) << "two valid credit codes";
  EXPECT_NE(cluster[7], cluster[8]) << "a phone alone";
  const Explanation branch = explain_pair(data, linkage->model, 2, 4);
  EXPECT_EQ(branch.veto, "a branch and its parent");
  EXPECT_EQ(branch.verdict, "different");
  EXPECT_EQ(explain_pair(data, linkage->model, 2, 3).verdict, "link");
}

TEST(Linkage, AModelCanBeKeptAndUsedAgain) {
  const World world = persons(8, 400, 40, 15);
  const Dataset data = dataset_of({world.table});
  const auto learned = link_records(data);
  ASSERT_TRUE(learned.ok());
  const auto kept = model_from(to_value(learned->model));
  ASSERT_TRUE(kept.ok());
  LinkageOptions options;
  options.model = &*kept;
  const auto again = link_records(data, options);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->cluster, learned->cluster);
  const Dataset other = dataset_of({companies({})});
  EXPECT_FALSE(link_records(other, options).ok()) << "learned from other columns";
}

TEST(Columns, TypesAreInferred) {
  const auto type = [](const char* header, std::vector<std::string_view> values) {
    return infer_type(header, values);
  };
  EXPECT_EQ(type("mail", {"a@b.cn", "c@d.com"}), ColumnType::email);
  EXPECT_EQ(type("电话", {"0755-86123456", "13812345678"}), ColumnType::phone);
  EXPECT_EQ(type("客户名称", {"深圳市甲乙科技有限公司", "丙丁商行"}), ColumnType::company_name);
  EXPECT_EQ(type("year", {"1999", "2001"}), ColumnType::year);
  EXPECT_EQ(type("published", {"1999", "2001"}), ColumnType::year);
  EXPECT_EQ(type("price", {"$12.50", "9"}), ColumnType::number);
  EXPECT_EQ(type("dob", {"19800213", "19770101"}), ColumnType::date);
  EXPECT_EQ(type("born", {"1980-02-13", "1977-01-01"}), ColumnType::date);
  EXPECT_EQ(type("title", {"a study of many things", "another long title of it"}), ColumnType::text);
  EXPECT_EQ(type("first_name", {"anna", "bob", "carl"}), ColumnType::name);
  EXPECT_EQ(type("zip", {"518057", "100000"}), ColumnType::code);
  EXPECT_EQ(type("constant", {"x", "x", "x"}), ColumnType::ignore);
}

TEST(Similarity, KnownValues) {
  EXPECT_NEAR(jaro_winkler(U"martha", U"marhta"), 0.961, 0.001);
  EXPECT_NEAR(jaro_winkler(U"dixon", U"dicksonx"), 0.813, 0.001);
  EXPECT_EQ(jaro_winkler(U"", U"a"), 0);
  EXPECT_EQ(edit_distance(U"kitten", U"sitting", 5), 3U);
  EXPECT_EQ(edit_distance(U"ab", U"ba", 2), 1U);
  EXPECT_EQ(edit_distance(U"abc", U"xyzabc", 2), 3U);
}

}  // namespace
}  // namespace huiliu::identity
