#include "sdk/twin/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <map>
#include <set>

#include "sdk/twin/world_dice.hpp"
#include "sdk/twin/world_numbers.hpp"
#include "sdk/twin/world_spelling.hpp"

namespace huiliu::twin {
namespace {

World world_of(std::uint32_t customers, std::uint64_t seed = 1) {
  WorldOptions options;
  options.customers = customers;
  options.seed = seed;
  return generate_world(options);
}

std::vector<RecordName> name_customer(const SystemCustomer& customer) {
  return {{"customers", std::to_string(customer.ordinal)}};
}
std::vector<RecordName> name_contact(const SystemContact& contact) {
  return {{"contacts", std::to_string(contact.ordinal)}};
}

std::string truth_text(const World& world) {
  return truth_of(world, {{"kingdee", name_customer, nullptr},
                          {"dingtalk", name_customer, name_contact},
                          {"site", name_customer, name_contact},
                          {"yonyou", name_customer, name_contact}});
}

TEST(WorldNumbers, CreditCodesOfTheFactSheet) {
  for (const char* valid : {"9144030071526726XG", "91110000600037341L", "91310110666007217T",
                            "121200004013590816", "N2330106MF12345X8F"})
    EXPECT_TRUE(is_valid_credit_code(valid)) << valid;
  for (const char* invalid :
       {"91110000600037341N", "9111000060003734IL", "9144030071526726X", "914403003196285000", ""})
    EXPECT_FALSE(is_valid_credit_code(invalid)) << invalid;
  EXPECT_EQ(make_credit_code("91", "110000", "60003734"), "91110000600037341L");
}

TEST(WorldDice, PermuteIsAPermutation) {
  for (const std::uint64_t size : {1ULL, 2ULL, 7ULL, 1000ULL, 4097ULL}) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t value = permute(i, size, 3);
      EXPECT_LT(value, size);
      seen.insert(value);
    }
    EXPECT_EQ(seen.size(), size);
  }
}

TEST(World, IsTheSameForTheSameSeed) {
  EXPECT_EQ(truth_text(world_of(500, 3)), truth_text(world_of(500, 3)));
  EXPECT_NE(truth_text(world_of(500, 3)), truth_text(world_of(500, 4)));
  const World a = world_of(500, 3);
  const World b = world_of(500, 3);
  const SystemCustomer& left = a.system("dingtalk").customers[77];
  const SystemCustomer& right = b.system("dingtalk").customers[77];
  EXPECT_EQ(left.name + left.phone + left.address, right.name + right.phone + right.address);
  EXPECT_EQ(left.modified_ms, right.modified_ms);
}

TEST(World, CompaniesAreDistinctAndTheirNumbersValid) {
  const World world = world_of(20'000);
  std::set<std::string> names, codes, truths;
  std::map<std::string, int> phones;
  for (const Company& company : world.companies) {
    EXPECT_TRUE(names.insert(company.name).second) << company.name;
    EXPECT_TRUE(truths.insert(company.truth).second);
    if (company.kind == CompanyKind::overseas) {
      EXPECT_EQ(company.credit_code, "");
      continue;
    }
    EXPECT_TRUE(is_valid_credit_code(company.credit_code)) << company.credit_code;
    EXPECT_TRUE(codes.insert(company.credit_code).second);
    EXPECT_EQ(company.credit_code.substr(2, 4), company.address.code.substr(0, 4));
    if (company.kind == CompanyKind::branch) {
      EXPECT_TRUE(company.name.starts_with(world.companies[company.parent].name));
    }
    ++phones[company.phone];
  }
  const auto shared =
      std::count_if(phones.begin(), phones.end(), [](const auto& entry) { return entry.second > 1; });
  EXPECT_GT(shared, 50);
  EXPECT_LT(shared, 600);
}

TEST(World, PeopleHaveTheirOwnMobiles) {
  const World world = world_of(5000);
  std::set<std::string> mobiles;
  for (const Person& person : world.persons) {
    EXPECT_TRUE(mobiles.insert(person.mobile).second);
    EXPECT_EQ(person.mobile.size(), 11U);
  }
  for (const Employee& employee : world.employees) EXPECT_TRUE(mobiles.insert(employee.mobile).second);
}

TEST(World, SystemsOverlapAsInRealLife) {
  const World world = world_of(10'000);
  const auto share = [&](const char* system) {
    return static_cast<double>(world.system(system).customers.size()) / 10'000;
  };
  EXPECT_NEAR(share("kingdee"), 0.56, 0.03);
  EXPECT_NEAR(share("dingtalk"), 0.81, 0.05);  // its own 70 % and those that nobody else knows
  EXPECT_NEAR(share("site"), 0.255, 0.02);
  EXPECT_TRUE(world.system("nothing").customers.empty());
  std::set<std::uint32_t> known;
  for (const auto& [name, system] : world.systems) {
    for (std::size_t i = 0; i < system.customers.size(); ++i) {
      EXPECT_EQ(system.customers[i].ordinal, i + 1);
      EXPECT_NE(system.customers[i].name, "");
      EXPECT_LT(system.customers[i].modified_ms, world.options.now_ms);
      EXPECT_LE(system.customers[i].created_ms, system.customers[i].modified_ms);
      known.insert(system.customers[i].company);
    }
    // A messenger knows people alone; everywhere else they stand at a customer.
    for (const SystemContact& contact : system.contacts)
      EXPECT_EQ(contact.customers.empty(), system.customers.empty()) << name;
  }
  EXPECT_EQ(known.size(), world.companies.size());
}

// What a matcher may rely on: of the pairs that two systems both hold, most share the code; those that do not
// have a phone in common, or are marked ambiguous.
TEST(World, PairsAreMatchableOrMarked) {
  const World world = world_of(10'000);
  std::map<std::uint32_t, const SystemCustomer*> erp;
  for (const SystemCustomer& record : world.system("kingdee").customers) erp.emplace(record.company, &record);
  int pairs = 0, coded = 0, ambiguous = 0, unsupported = 0;
  for (const SystemCustomer& record : world.system("dingtalk").customers) {
    const auto found = erp.find(record.company);
    if (found == erp.end()) continue;
    ++pairs;
    const SystemCustomer& other = *found->second;
    const bool has_code = !other.credit_code.empty() || !other.tax_number.empty();
    if (record.ambiguous || other.ambiguous) {
      ++ambiguous;
      EXPECT_EQ(record.ambiguous ? record.credit_code : other.credit_code, "");
    } else if (has_code && !record.credit_code.empty()) {
      ++coded;
    } else if (record.phone.empty() || other.phone.empty()) {
      ++unsupported;
    }
  }
  EXPECT_GT(pairs, 3000);
  EXPECT_NEAR(static_cast<double>(coded) / pairs, 0.78, 0.05);
  EXPECT_GT(ambiguous, 0);
  EXPECT_LT(static_cast<double>(ambiguous) / pairs, 0.05);
  EXPECT_EQ(unsupported, 0);
}

TEST(World, SpellingsKeepWhatTheyMustKeep) {
  const World world = world_of(2000);
  Dice dice(1);
  for (const Company& company : world.companies) {
    if (company.kind == CompanyKind::overseas) continue;
    const std::string code = spelled_credit_code(company.credit_code, dice);
    EXPECT_GE(code.size(), 18U);
    EXPECT_NE(misread_credit_code(company.credit_code, dice), company.credit_code);
    EXPECT_NE(light_name(company, dice), "");
    EXPECT_NE(heavy_name(company, dice), "");
    if (company.kind == CompanyKind::branch) {
      EXPECT_EQ(bare_name(company).find("分公司"), std::string::npos);
    }
  }
  EXPECT_EQ(to_traditional("苏州机电厂"), "蘇州機電廠");
  EXPECT_EQ(to_full_width("A1-"), "Ａ１－");
  EXPECT_EQ(place_stem("广西壮族自治区"), "广西");
  EXPECT_EQ(place_stem("苏州市"), "苏州");
}

class PlantedWorld : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(PlantedWorld, HoldsEveryCaseByName) {
  const World world = world_of(GetParam(), 99);
  const auto find = [&](const char* system, std::string_view company) {
    std::vector<const SystemCustomer*> found;
    for (const SystemCustomer& record : world.system(system).customers)
      if (world.companies[record.company].name == company) found.push_back(&record);
    return found;
  };
  std::set<int> cases;
  for (const Planted& planted : world.planted) cases.insert(planted.number);
  EXPECT_EQ(cases, (std::set<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));

  std::set<std::string> spellings;
  for (const char* system : {"kingdee", "dingtalk", "site"})
    for (const SystemCustomer* record : find(system, "苏州晟禾精密机械有限公司"))
      spellings.insert(record->name);
  EXPECT_EQ(spellings.size(), 4U);
  EXPECT_TRUE(spellings.contains("蘇州晟禾精密機械有限公司"));
  EXPECT_EQ(find("kingdee", "苏州晟禾精密机械有限公司无锡分公司").size(), 1U);
  EXPECT_EQ(find("kingdee", "宁波澜柏液压有限公司")[0]->phone,
            find("dingtalk", "宁波澜柏密封件有限公司")[0]->phone);
  const auto two_numbers = find("kingdee", "杭州启朔电气有限公司");
  ASSERT_EQ(two_numbers.size(), 2U);
  EXPECT_NE(two_numbers[0]->number, two_numbers[1]->number);
  EXPECT_GT(two_numbers[0]->orders, 0U);
  EXPECT_GT(two_numbers[1]->orders, 0U);
  EXPECT_EQ(find("kingdee", "青岛瀚垚船舶配件有限公司")[0]->parts.size(), 2U);
  EXPECT_EQ(world.employees[find("dingtalk", "南通珩业纺织机械有限公司")[0]->owner].number, "E1007");
  EXPECT_EQ(world.employees[find("kingdee", "绍兴沐驰纺织科技有限公司")[0]->parts[0].owner].number, "E1008");
  EXPECT_FALSE(world.employees[find("dingtalk", "合肥锐麓自动化设备有限公司")[0]->owner].active);
  EXPECT_EQ(find("kingdee", "常州铭昉轴承有限公司")[0]->approval, Approval::pending);
  EXPECT_EQ(find("kingdee", "Nordhafen Pumpen GmbH")[0]->credit_code, "");
  EXPECT_EQ(find("kingdee", "温州旭烨阀门有限公司")[0]->name, "温州旭烨阀门有限公司（停用勿用）");
  EXPECT_EQ(find("dingtalk", "温州旭烨阀门有限公司")[0]->name, "温州旭烨阀门有限公司");
  // The acquired company's ERP keeps its own organisations.
  EXPECT_EQ(find("yonyou", "青岛瀚垚船舶配件有限公司")[0]->parts.at(0).organisation, "300");
  EXPECT_EQ(find("yonyou", "Nordhafen Pumpen GmbH").size(), 1U);
  EXPECT_EQ(find("yonyou", "温州旭烨阀门有限公司")[0]->name, "温州旭烨阀门有限公司");
  for (const SystemCustomer& record : world.system("yonyou").customers)
    for (const OrganisationPart& part : record.parts)
      EXPECT_TRUE(part.organisation == "300" || part.organisation == "310") << part.organisation;
  const auto agent =
      std::find_if(world.system("dingtalk").contacts.begin(), world.system("dingtalk").contacts.end(),
                   [](const SystemContact& contact) { return contact.name == "顾晓岚"; });
  ASSERT_NE(agent, world.system("dingtalk").contacts.end());
  EXPECT_EQ(agent->customers.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(SmallAndLarge, PlantedWorld, ::testing::Values(0U, 14U, 15U, 3000U));

TEST(Truth, NamesEveryRecordOnce) {
  const World world = world_of(1000);
  const boost::json::value truth = boost::json::parse(truth_text(world));
  std::set<std::string> members;
  std::size_t ambiguous = 0;
  for (const auto& customer : truth.at("customers").as_array()) {
    EXPECT_FALSE(customer.at("members").as_array().empty());
    for (const auto& member : customer.at("members").as_array()) {
      const std::string name =
          std::string(member.at("system").as_string()) + "/" + std::string(member.at("key").as_string());
      EXPECT_TRUE(members.insert(name).second) << name;
      if (member.as_object().contains("ambiguous")) {
        ++ambiguous;
        EXPECT_EQ(customer.at("ambiguous"), true);
      }
    }
  }
  std::size_t records = 0;
  for (const auto& [name, system] : world.systems) records += system.customers.size();
  EXPECT_EQ(members.size(), records);
  EXPECT_GT(ambiguous, 0U);
  for (const auto& contact : truth.at("contacts").as_array())
    for (const auto& member : contact.at("members").as_array()) EXPECT_NE(member.at("system"), "kingdee");
  EXPECT_EQ(truth.at("planted").as_array().size(), world.planted.size());
}

}  // namespace
}  // namespace huiliu::twin
