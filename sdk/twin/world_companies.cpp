// Companies and people as they are: the truth.
#include <algorithm>
#include <string>
#include <unordered_set>

#include "sdk/twin/world_build.hpp"
#include "sdk/twin/world_dice.hpp"
#include "sdk/twin/world_numbers.hpp"
#include "sdk/twin/world_spelling.hpp"
#include "sdk/twin/world_vocabulary.hpp"

namespace huiliu::twin {
namespace {

// Brands that read as a place (江西, 南海) would make names that even people misread; planted brands stay
// unique.
const std::unordered_set<std::string_view>& reserved_brands() {
  static const auto made = [] {
    std::unordered_set<std::string_view> names{"晟禾", "澜柏", "启朔", "瀚垚", "珩业", "沐驰",
                                               "锐麓", "铭昉", "卓茗", "岑溪", "旭烨"};
    for (const std::string_view more :
         {"河南", "河北", "湖南", "湖北", "云南", "海南", "江西", "山西", "山东",
          "广西", "青海", "西安", "东莞", "泰安", "安庆", "黄山", "嘉兴", "永康",
          "兴宁", "南通", "吉安", "宁海", "天长", "中国", "中华"})
      names.insert(more);
    for (const City& city : vocabulary().cities) {
      names.insert(place_stem(city.name));
      names.insert(place_stem(city.province));
      for (const County& county : city.counties) names.insert(place_stem(county.name).substr(0, 6));
    }
    return names;
  }();
  return made;
}

// The value-th brand of this many characters.
std::string spell_brand(std::uint64_t value, int length) {
  const auto& characters = vocabulary().brand_characters;
  std::string brand;
  for (int i = 0; i < length; ++i) {
    brand += characters[value % characters.size()].text;
    value /= characters.size();
  }
  return brand;
}

// Distinct for distinct indices (of the same seed), so that equal brands only happen where they are meant.
std::string make_brand(std::uint32_t index, std::uint64_t seed) {
  const std::uint64_t size = vocabulary().brand_characters.size();
  const bool is_short = index < size * size && Dice(seed, "brand", index).chance(0.62);
  if (is_short) {
    std::string brand = spell_brand(permute(index, size * size, seed), 2);
    if (!reserved_brands().contains(brand)) return brand;
  }
  return spell_brand(permute(index, size * size * size, seed), 3);
}

std::string pinyin_of_brand(std::string_view brand) {
  std::string pinyin;
  for (const std::string_view character : characters_of(brand)) pinyin += pinyin_of(character);
  return pinyin;
}

std::string make_detail(Dice& dice) {
  const Vocabulary& words = vocabulary();
  std::string detail;
  if (dice.chance(0.25)) detail += dice.pick(words.zones);
  detail += dice.pick(words.streets);
  detail += std::to_string(dice.between(1, 1999)) + "号";
  if (dice.chance(0.35)) detail += std::to_string(dice.between(1, 20)) + "幢";
  if (dice.chance(0.3)) detail += std::to_string(dice.between(101, 1808)) + "室";
  return detail;
}

Address make_address(const City& city, Dice& dice) {
  Address address;
  address.province = city.province;
  address.city = city.name;
  address.code = city.code;
  if (!city.counties.empty()) {
    const County& county = dice.pick(city.counties);
    address.county = county.name;
    address.code = county.code;
  }
  address.detail = make_detail(dice);
  return address;
}

std::string place_in_name(const Address& address, Dice& dice) {
  const std::string_view stem = place_stem(address.city);
  switch (dice.weighted({60, 22, 10, 8})) {
    case 0:
      return std::string(stem);
    case 1:
      return std::string(address.city);
    case 2:
      return std::string(place_stem(address.province));
    default:  // 昆山市 is a city of its own in people's eyes; a district is not
      return address.county.ends_with("市") ? std::string(place_stem(address.county)) : std::string(stem);
  }
}

// Measured layout: division in front 86.5 %, in brackets 8.8 %, none 4.5 %.
std::string make_name(const Address& address, std::string_view brand, std::string_view trade, Dice& dice) {
  const std::string core = std::string(brand) + std::string(trade);
  static constexpr std::string_view kForms[] = {"有限公司", "有限责任公司", "股份有限公司", "集团有限公司"};
  const std::string form(kForms[dice.weighted({88, 5, 4, 3})]);
  switch (dice.weighted({86.5, 8.8, 4.7})) {
    case 0:
      return place_in_name(address, dice) + core + form;
    case 1:
      return core + "（" + std::string(place_stem(address.city)) + "）" + form;
    default:
      return core + form;
  }
}

void add_web_presence(Company& company, std::uint32_t index, Dice& dice) {
  const std::string domain = pinyin_of_brand(company.brand) + std::to_string(index) + ".example";
  if (dice.chance(0.55)) company.website = "www." + domain;
  if (dice.chance(0.7)) company.email = (dice.chance(0.5) ? "info@" : "sales@") + domain;
}

std::string make_person_name(Dice& dice) {
  const Vocabulary& words = vocabulary();
  // Squaring the die favours the common surnames about as real life does.
  const double roll = static_cast<double>(dice.below(1U << 20U)) / (1U << 20U);
  const auto rank = static_cast<std::size_t>(roll * roll * static_cast<double>(words.surnames.size()));
  std::string name(words.surnames[rank]);
  name += dice.pick(words.given_characters);
  if (dice.chance(0.72)) name += dice.pick(words.given_characters);
  return name;
}

std::size_t other_city(std::size_t city, Dice& dice) {
  const auto count = static_cast<std::uint32_t>(vocabulary().cities.size());
  return (city + 1 + dice.below(count - 1)) % count;
}

std::size_t city_of(const Company& company) {
  const auto& cities = vocabulary().cities;
  for (std::size_t i = 0; i < cities.size(); ++i)
    if (cities[i].name == company.address.city) return i;
  return 0;
}

// An earlier company of common kind that is not planted: the one to have branches, sisters and namesakes.
std::uint32_t pick_model(const World& world, Dice& dice) {
  const auto size = static_cast<std::uint32_t>(world.companies.size());
  for (std::uint32_t at = kPlantedCompanies + dice.below(size - kPlantedCompanies); at >= kPlantedCompanies;
       --at)
    if (world.companies[at].kind == CompanyKind::company) return at;
  return kNone;
}

Company make_namesake(const Company& model, std::uint32_t index, std::uint64_t seed, Dice& dice) {
  const std::size_t city = other_city(city_of(model), dice);
  const auto& trades = vocabulary().trades;
  const auto trade =
      std::find_if(trades.begin(), trades.end(), [&](const Trade& t) { return t.name == model.trade; });
  const std::string name = std::string(place_stem(vocabulary().cities[city].name)) + model.brand +
                           std::string(model.trade) + "有限公司";
  return make_company(index, seed, city, model.brand, static_cast<std::size_t>(trade - trades.begin()), name);
}

// Same brand, same city, same switchboard and building; another trade.
Company make_sister(const Company& model, std::uint32_t index, std::uint64_t seed, Dice& dice) {
  const auto& trades = vocabulary().trades;
  std::size_t trade = dice.below(static_cast<std::uint32_t>(trades.size()));
  if (trades[trade].name == model.trade) trade = (trade + 1) % trades.size();
  const std::string name = std::string(place_stem(model.address.city)) + model.brand +
                           std::string(trades[trade].name) + "有限公司";
  Company sister = make_company(index, seed, city_of(model), model.brand, trade, name);
  sister.phone = model.phone;
  sister.address = model.address;
  sister.old_phone.clear();
  return sister;
}

Company make_shop(std::uint32_t index, std::uint64_t seed, Dice& dice) {
  const Vocabulary& words = vocabulary();
  const City& city = dice.pick(words.cities);
  const Trade& trade = dice.pick(words.shop_trades);
  static constexpr std::string_view kForms[] = {"经营部", "商行", "商店", "门市部", "加工部", "店"};
  Company shop;
  shop.kind = CompanyKind::sole_trader;
  shop.truth = truth_id('T', index);
  shop.brand = make_brand(index, seed);
  shop.trade = trade.name;
  shop.industry = trade.industry;
  shop.address = make_address(city, dice);
  shop.name = std::string(place_stem(city.name)) +
              (dice.chance(0.7) ? std::string(shop.address.county) : std::string()) + shop.brand +
              std::string(trade.name) + std::string(kForms[dice.weighted({5, 3, 1, 1, 1, 1})]);
  shop.short_name = shop.brand + std::string(trade.name);
  shop.credit_code = make_credit_code("92", shop.address.code, make_organisation_code(index, seed));
  shop.phone = make_mobile(index * 2ULL, seed + 1);
  return shop;
}

Company make_foreign(std::uint32_t index, Dice& dice) {
  const Vocabulary& words = vocabulary();
  const ForeignPlace& place = dice.pick(words.foreign_places);
  Company company;
  company.kind = CompanyKind::overseas;
  company.truth = truth_id('T', index);
  company.brand = dice.pick(words.foreign_brands);
  // The table of brands is short: a second word keeps 1 % of a large world apart.
  if (dice.chance(0.8)) company.brand += " " + std::string(dice.pick(words.foreign_brands));
  company.trade = dice.pick(words.foreign_trades);
  company.name = company.brand + " " + std::string(company.trade) + " " + std::string(place.legal_form);
  company.short_name = company.brand;
  company.country = place.country;
  company.address.city = place.city;
  company.address.detail = std::to_string(dice.between(1, 999)) + " Harbour Road";
  company.phone = std::string(place.prefix) + " " + std::to_string(dice.between(20, 99)) + " " +
                  std::to_string(dice.between(2'000'000, 8'999'999));
  company.email = "info@" + std::to_string(index) + ".example";
  company.industry = "机械制造";
  return company;
}

Company make_ordinary(std::uint32_t index, std::uint64_t seed) {
  Dice dice(seed, "ordinary", index);
  const Vocabulary& words = vocabulary();
  const std::size_t city = dice.below(static_cast<std::uint32_t>(words.cities.size()));
  const std::size_t trade = dice.below(static_cast<std::uint32_t>(words.trades.size()));
  return make_company(index, seed, city, make_brand(index, seed), trade, {});
}

Company make_any(const World& world, std::uint32_t index) {
  const std::uint64_t seed = world.options.seed;
  Dice dice(seed, "company", index);
  const std::uint32_t kind = dice.weighted({3, 3, 1.5, 5.5, 1, 86});
  if (kind == 3) return make_shop(index, seed, dice);
  if (kind == 4) return make_foreign(index, dice);
  const std::uint32_t model = kind < 3 && index > kPlantedCompanies ? pick_model(world, dice) : kNone;
  if (model != kNone) {
    const Company& earlier = world.companies[model];
    if (kind == 0) {
      Company branch;
      add_branch_particulars(branch, earlier, index, seed, other_city(city_of(earlier), dice));
      branch.parent = model;
      return branch;
    }
    return kind == 1 ? make_namesake(earlier, index, seed, dice) : make_sister(earlier, index, seed, dice);
  }
  return make_ordinary(index, seed);
}

}  // namespace

std::string truth_id(char letter, std::uint32_t index) {
  std::string digits = std::to_string(index + 1);
  return letter + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

std::string Address::text() const {
  std::string whole(province);
  if (city != province) whole += city;
  whole += county;
  return whole + detail;
}

Company make_company(std::uint32_t index, std::uint64_t seed, std::size_t city_index, std::string brand,
                     std::size_t trade_index, std::string name) {
  Dice dice(seed, "particulars", index);
  const City& city = vocabulary().cities[city_index];
  const Trade& trade = vocabulary().trades[trade_index];
  Company company;
  company.truth = truth_id('T', index);
  company.brand = std::move(brand);
  company.trade = trade.name;
  company.industry = trade.industry;
  company.address = make_address(city, dice);
  company.name = name.empty() ? make_name(company.address, company.brand, trade.name, dice) : std::move(name);
  company.short_name =
      (dice.chance(0.4) ? std::string(place_stem(city.name)) : std::string()) + company.brand;
  if (dice.chance(0.05))
    company.former_name = std::string(place_stem(city.name)) + company.brand + "实业有限公司";
  if (company.former_name == company.name) company.former_name.clear();
  company.credit_code = make_credit_code("91", company.address.code, make_organisation_code(index, seed));
  company.phone = make_landline(city, index * 2ULL, seed);
  if (dice.chance(0.1)) company.old_phone = make_landline(city, index * 2ULL + 1, seed);
  add_web_presence(company, index, dice);
  return company;
}

void add_branch_particulars(Company& branch, const Company& head, std::uint32_t index, std::uint64_t seed,
                            std::size_t city_index) {
  Dice dice(seed, "particulars", index);
  const City& city = vocabulary().cities[city_index];
  branch.truth = truth_id('T', index);
  branch.kind = CompanyKind::branch;
  branch.name = head.name + std::string(place_stem(city.name)) + "分公司";
  branch.brand = head.brand;
  branch.trade = head.trade;
  branch.industry = head.industry;
  branch.short_name = head.brand + std::string(place_stem(city.name));
  branch.address = make_address(city, dice);
  branch.credit_code = make_credit_code("91", branch.address.code, make_organisation_code(index, seed));
  branch.phone = make_landline(city, index * 2ULL, seed);
  branch.website = head.website;
}

// No two registered names are equal: a namesake that would be is an ordinary company instead.
void add_companies(World& world) {
  world.companies.reserve(std::max<std::size_t>(world.options.customers, world.companies.size()));
  std::unordered_set<std::string_view>
      names;  // views stay valid: the vector does not grow beyond its reserve
  for (const Company& company : world.companies) names.insert(company.name);
  for (auto index = static_cast<std::uint32_t>(world.companies.size()); index < world.options.customers;
       ++index) {
    Company made = make_any(world, index);
    if (names.contains(made.name)) made = make_ordinary(index, world.options.seed);
    world.companies.push_back(std::move(made));
    names.insert(world.companies.back().name);
  }
}

void add_persons(World& world) {
  const std::uint64_t seed = world.options.seed;
  const Vocabulary& words = vocabulary();
  const auto companies = static_cast<std::uint32_t>(world.companies.size());
  const auto add = [&](std::uint32_t company, Dice& dice) {
    const auto index = static_cast<std::uint32_t>(world.persons.size());
    Person person;
    person.truth = truth_id('P', index);
    person.name = make_person_name(dice);
    person.mobile = make_mobile(index * 2ULL + 1, seed + 1);
    const Company& employer = world.companies[company];
    if (const std::size_t at = employer.email.find('@'); at != std::string::npos && dice.chance(0.5))
      person.email = "u" + std::to_string(index) + employer.email.substr(at);
    person.employments.push_back(
        {company, dice.pick(words.positions), dice.pick(words.departments), dice.pick(words.decision_roles)});
    if (company >= kPlantedCompanies && dice.chance(0.005)) {  // an agent, or a bookkeeper of several firms
      const std::uint32_t second = kPlantedCompanies + dice.below(companies - kPlantedCompanies);
      if (second != company) person.employments.push_back({second, "代理", "", "采购"});
    }
    world.persons.push_back(std::move(person));
  };
  world.persons.reserve(world.persons.size() + companies + companies / 8);
  for (std::uint32_t company = 0; company < companies; ++company) {
    Dice dice(seed, "persons", company);
    const std::uint32_t count = company < kPlantedCompanies ? 1 : dice.weighted({18, 62, 15, 5});
    for (std::uint32_t i = 0; i < count; ++i) add(company, dice);
  }
}

void add_organisation_and_employees(World& world) {
  world.organisations = {{"100", "云桥装备集团有限公司", "总部"},
                         {"200", "云桥装备集团华东有限公司", "华东"}};
  const std::uint64_t seed = world.options.seed;
  const auto add = [&](std::string name, std::string department, std::string organisation,
                       EmployeeRole role) {
    const auto index = static_cast<std::uint32_t>(world.employees.size());
    Employee employee;
    employee.number = "E" + std::to_string(1001 + index);
    employee.name = std::move(name);
    employee.mobile = make_mobile(index, seed + 2);
    employee.email = "e" + std::to_string(1001 + index) + "@yunqiao.example";
    employee.department = std::move(department);
    employee.organisation = std::move(organisation);
    employee.role = role;
    world.employees.push_back(std::move(employee));
  };
  add("李会计", "财务部", "100", EmployeeRole::finance);
  add("陈工", "信息部", "100", EmployeeRole::steward);
  add("周工", "信息部", "100", EmployeeRole::it);
  add("郑立群", "华东销售部", "200", EmployeeRole::sales_manager);
  add("何美玲", "总部销售部", "100", EmployeeRole::sales_manager);
  add("孙浩然", "华东销售部", "200", EmployeeRole::sales);
  add("王敏", "华东销售部", "200", EmployeeRole::sales);
  add("王敏", "总部销售部", "100", EmployeeRole::sales);
  add("赵强", "华东销售部", "200", EmployeeRole::sales);
  world.employees.back().active = false;
  world.employees.back().left_ms = world.options.now_ms - 30LL * 24 * 3600 * 1000;
  const std::uint32_t more = std::clamp(world.options.customers / 200, 4U, 300U);
  for (std::uint32_t i = 0; i < more; ++i) {
    Dice dice(seed, "employee", i);
    const bool east = i % 2 == 0;
    add(make_person_name(dice), east ? "华东销售部" : "总部销售部", east ? "200" : "100",
        EmployeeRole::sales);
  }
}

std::uint32_t employee_index(const World& world, std::string_view number) {
  for (std::uint32_t i = 0; i < world.employees.size(); ++i)
    if (world.employees[i].number == number) return i;
  return kNone;
}

}  // namespace huiliu::twin
