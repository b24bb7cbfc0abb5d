// The cases that every world holds under fixed names; the table stands in world.hpp.
#include <algorithm>
#include <array>
#include <string>

#include "sdk/twin/world_build.hpp"
#include "sdk/twin/world_numbers.hpp"
#include "sdk/twin/world_spelling.hpp"
#include "sdk/twin/world_vocabulary.hpp"

namespace huiliu::twin {
namespace {

struct Particulars {
  std::string_view city, brand, trade;
};

constexpr std::array<Particulars, kPlantedCompanies> kParticulars{{
    {"苏州市", "晟禾", "精密机械"},
    {},
    {"宁波市", "澜柏", "液压"},
    {"宁波市", "澜柏", "密封件"},
    {"杭州市", "启朔", "电气"},
    {"青岛市", "瀚垚", "船舶配件"},
    {"南通市", "珩业", "纺织机械"},
    {"绍兴市", "沐驰", "纺织科技"},
    {"合肥市", "锐麓", "自动化设备"},
    {"常州市", "铭昉", "轴承"},
    {},
    {"嘉兴市", "卓茗", "包装"},
    {"湖州市", "岑溪", "食品"},
    {"温州市", "旭烨", "阀门"},
}};

std::size_t city_index(std::string_view name) {
  const auto& cities = vocabulary().cities;
  const auto found =
      std::find_if(cities.begin(), cities.end(), [&](const City& city) { return city.name == name; });
  return static_cast<std::size_t>(found - cities.begin());
}

std::size_t trade_index(std::string_view name) {
  const auto& trades = vocabulary().trades;
  const auto found =
      std::find_if(trades.begin(), trades.end(), [&](const Trade& trade) { return trade.name == name; });
  return static_cast<std::size_t>(found - trades.begin());
}

Company planted_company(std::uint32_t index, std::uint64_t seed) {
  const Particulars& known = kParticulars[index];
  const std::string name =
      std::string(place_stem(known.city)) + std::string(known.brand) + std::string(known.trade) + "有限公司";
  Company company = make_company(index, seed, city_index(known.city), std::string(known.brand),
                                 trade_index(known.trade), name);
  company.former_name.clear();
  company.old_phone.clear();
  return company;
}

Company overseas_company(std::uint32_t index) {
  Company company;
  company.kind = CompanyKind::overseas;
  company.truth = truth_id('T', index);
  company.name = "Nordhafen Pumpen GmbH";
  company.short_name = company.brand = "Nordhafen";
  company.trade = "Pumpen";
  company.industry = "流体设备";
  company.country = "DE";
  company.address.city = "Bremen";
  company.address.detail = "Hafenstrasse 12";
  company.phone = "+49 421 5550123";
  company.email = "info@nordhafen.example";
  company.website = "www.nordhafen.example";
  return company;
}

void remember(World& world, int number, std::uint32_t company) {
  world.planted.push_back({number, world.companies[company].name, world.companies[company].truth});
}

}  // namespace

void add_planted_companies(World& world) {
  const std::uint64_t seed = world.options.seed;
  for (std::uint32_t index = 0; index < kPlantedCompanies; ++index) {
    if (index == kOverseas) {
      world.companies.push_back(overseas_company(index));
    } else if (index == kBranch) {
      Company branch;
      add_branch_particulars(branch, world.companies[kSpellings], index, seed, city_index("无锡市"));
      branch.parent = kSpellings;
      world.companies.push_back(std::move(branch));
    } else {
      world.companies.push_back(planted_company(index, seed));
    }
  }
  world.companies[kSisterSeals].phone = world.companies[kSisterHydraulics].phone;
  world.companies[kSisterSeals].address = world.companies[kSisterHydraulics].address;

  remember(world, 1, kSpellings);
  remember(world, 2, kBranch);
  remember(world, 3, kSisterHydraulics);
  remember(world, 3, kSisterSeals);
  remember(world, 4, kTwoNumbers);
  remember(world, 5, kTwoOrganisations);
  world.planted.push_back({7, "王敏", std::string(kWangMinEast)});
  world.planted.push_back({7, "王敏", std::string(kWangMinSouth)});
  remember(world, 7, kWangMinFirst);
  remember(world, 7, kWangMinSecond);
  world.planted.push_back({8, "赵强", std::string(kZhaoQiang)});
  remember(world, 8, kOfZhaoQiang);
  remember(world, 9, kUnapproved);
  remember(world, 10, kOverseas);
  remember(world, 11, kAgentFirst);
  remember(world, 11, kAgentSecond);
  remember(world, 12, kDoNotUse);
}

void add_planted_persons(World& world) {
  Person agent;
  agent.truth = truth_id('P', 0);
  agent.name = "顾晓岚";
  agent.mobile = make_mobile(0, world.options.seed + 3);
  agent.email = "guxiaolan@agent.example";
  agent.employments = {{kAgentFirst, "代理", "", "采购"}, {kAgentSecond, "代理", "", "采购"}};
  world.planted.push_back({11, agent.name, agent.truth});
  world.persons.push_back(std::move(agent));
}

std::vector<PlantedRecord> planted_records(const World& world) {
  std::vector<PlantedRecord> records;
  const auto add = [&](std::string_view system, std::uint32_t company,
                       std::function<void(SystemCustomer&)> adjust = {}) {
    records.push_back({system, company, std::move(adjust)});
  };
  const auto named = [](std::string name) {
    return [name = std::move(name)](SystemCustomer& record) { record.name = name; };
  };
  const auto owned = [&](std::string_view number) {
    return [owner = employee_index(world, number)](SystemCustomer& record) {
      record.owner = owner;
      for (OrganisationPart& part : record.parts) part.owner = owner;
    };
  };
  // Every planted company is in the ERP and the CRM; what is special about it comes on top.
  for (std::uint32_t company = 0; company < kPlantedCompanies; ++company) {
    std::function<void(SystemCustomer&)> in_erp, in_crm;
    switch (company) {
      case kSpellings:
        in_crm = named("苏州市晟禾精密机械有限责任公司");
        break;
      case kTwoNumbers:
        in_erp = [](SystemCustomer& record) { record.orders = 17; };
        break;
      case kTwoOrganisations:
        in_erp = [](SystemCustomer& record) {
          OrganisationPart east = record.parts.front();
          record.parts.front().organisation = "100";
          record.parts.front().terms = "月结30天";
          record.parts.front().credit_limit = 500'000;
          east.organisation = "200";
          east.terms = "款到发货";
          east.credit_limit = 0;
          record.parts = {record.parts.front(), east};
        };
        break;
      case kWangMinFirst:
        in_erp = in_crm = owned(kWangMinEast);
        break;
      case kWangMinSecond:
        in_erp = in_crm = owned(kWangMinSouth);
        break;
      case kOfZhaoQiang:
        in_erp = in_crm = owned(kZhaoQiang);
        break;
      case kUnapproved:
        in_erp = [](SystemCustomer& record) { record.approval = Approval::pending; };
        break;
      case kDoNotUse:
        in_erp = named("温州旭烨阀门有限公司（停用勿用）");
        break;
      default:
        break;
    }
    add("kingdee", company, in_erp);
    add("dingtalk", company, in_crm);
  }
  add("site", kSpellings, named("蘇州晟禾精密機械有限公司"));
  add("site", kSpellings, named("晟禾精密机械(苏州)有限公司"));
  add("site", kTwoOrganisations);
  add("kingdee", kTwoNumbers, [](SystemCustomer& record) {
    record.name = "杭州启朔电气有限公司 ";
    record.orders = 4;
  });
  add_planted_records_of_acquired(records);
  return records;
}

}  // namespace huiliu::twin
