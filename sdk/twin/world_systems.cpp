// What each system knows: which companies and people, and how somebody typed them in there.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "sdk/twin/world_build.hpp"
#include "sdk/twin/world_dice.hpp"
#include "sdk/twin/world_numbers.hpp"
#include "sdk/twin/world_spelling.hpp"
#include "sdk/twin/world_vocabulary.hpp"

namespace huiliu::twin {
namespace {

// The habits of one system's users. One more system is one more row here.
struct Habits {
  std::string_view system;
  double share;                    // of all companies
  double exact, light;             // spelling of names; the rest is heavy
  double contacts;                 // share of the people it knows, at companies that it knows
  std::string_view number_prefix;  // of its own numbers; empty: it has none
  bool has_organisations;          // and with them approval, terms, orders: an ERP
  bool has_leads;                  // records of firms that have not bought yet: a CRM
};

constexpr std::array<Habits, 4> kHabits{{
    {"kingdee", 0.55, 0.82, 0.12, 0.60, "C", true, false},
    {"dingtalk", 0.70, 0.55, 0.25, 0.85, "", false, true},
    {"site", 0.25, 0.45, 0.30, 0.70, "D", false, true},
    // The acquired company's ERP: fewer customers, many of them known to the group already.
    {"yonyou", 0.22, 0.78, 0.14, 0.55, "V", true, false},
}};
constexpr std::size_t kAcquired = 3;        // its own organisations: kAcquiredOrganisations
constexpr std::size_t kFallbackSystem = 1;  // of a company that would be known to nobody
constexpr double kDuplicates = 0.015;       // of the records of one system

// How sure one can be that the records of one company belong together.
enum class Evidence {
  coded,     // every record has the credit code; anything else may be wrong
  weak,      // at least one has not; the names are equal after normalization and phone or address agrees
  ambiguous  // one has no more than brand and trade
};

// A record about to be described.
struct Draft {
  std::uint32_t company = kNone;
  std::uint32_t copy = 0;  // 0: first record of the company in this system
  const PlantedRecord* planted = nullptr;
};

struct Plan {
  std::array<std::vector<Draft>, kHabits.size()> drafts;
};

bool is_known(const World& world, std::uint32_t company, std::size_t system) {
  return Dice(world.options.seed, kHabits[system].system, company).chance(kHabits[system].share);
}

Plan make_plan(const World& world, const std::vector<PlantedRecord>& planted) {
  Plan plan;
  for (std::size_t system = 0; system < kHabits.size(); ++system) {
    plan.drafts[system].reserve(
        static_cast<std::size_t>(1.1 * kHabits[system].share * static_cast<double>(world.companies.size())) +
        64);
    std::unordered_map<std::uint32_t, std::uint32_t> copies;
    for (const PlantedRecord& record : planted)
      if (record.system == kHabits[system].system)
        plan.drafts[system].push_back({record.company, copies[record.company]++, &record});
  }
  for (auto company = kPlantedCompanies; company < world.companies.size(); ++company) {
    bool known_somewhere = false;
    for (std::size_t system = 0; system < kHabits.size(); ++system) {
      const bool known = is_known(world, company, system);
      known_somewhere |= known;
      if (!known) continue;
      plan.drafts[system].push_back({company, 0, nullptr});
      if (Dice(world.options.seed, "duplicate", company * kHabits.size() + system).chance(kDuplicates))
        plan.drafts[system].push_back({company, 1, nullptr});
    }
    if (!known_somewhere) plan.drafts[kFallbackSystem].push_back({company, 0, nullptr});
  }
  for (std::size_t system = 0; system < kHabits.size();
       ++system) {  // systems number their records by no common order
    Dice dice(world.options.seed, "order", system);
    std::vector<Draft>& drafts = plan.drafts[system];
    for (std::size_t i = drafts.size(); i > 1; --i)
      std::swap(drafts[i - 1], drafts[dice.below(static_cast<std::uint32_t>(i))]);
  }
  return plan;
}

std::string padded_number(std::string_view prefix, std::uint32_t ordinal) {
  std::string digits = std::to_string(ordinal);
  return std::string(prefix) + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

std::string_view currency_of(std::string_view country) {
  if (country == "CN") return "CNY";
  for (const ForeignPlace& place : vocabulary().foreign_places)
    if (place.country == country) return place.currency;
  return "";
}

class Describer {
 public:
  Describer(const World& world, std::size_t system, const Plan& plan)
      : world_(world), system_(system), habits_(kHabits[system]) {
    for (const Draft& draft : plan.drafts[system]) ++records_of_[draft.company];
    for (std::uint32_t i = 0; i < world.employees.size(); ++i) {
      const Employee& employee = world.employees[i];
      if (employee.role == EmployeeRole::sales && employee.active) sellers_.push_back(i);
    }
  }

  SystemCustomer describe(const Draft& draft, std::uint32_t ordinal, std::uint32_t total) const {
    const Company& company = world_.companies[draft.company];
    Dice dice(world_.options.seed, habits_.system, (std::uint64_t{draft.copy + 1} << 32U) + draft.company);
    SystemCustomer record;
    record.ordinal = ordinal;
    record.company = draft.company;
    if (!habits_.number_prefix.empty()) record.number = padded_number(habits_.number_prefix, ordinal);
    record.kind = company.kind;
    record.country = company.country;
    set_business(record, company, dice);
    set_times(record, total, dice);
    if (draft.planted) {
      type_faithfully(record, company);
      if (draft.planted->adjust) draft.planted->adjust(record);
    } else {
      type(record, company, draft, dice);
    }
    return record;
  }

 private:
  Evidence evidence_of(std::uint32_t company) const {
    if (world_.companies[company].credit_code.empty()) return Evidence::weak;
    Dice dice(world_.options.seed, "evidence", company);
    return static_cast<Evidence>(dice.weighted({75, 22, 3}));
  }

  // The company's last system is where its weakest record is; a company known only once cannot be ambiguous.
  bool is_last_of(const Draft& draft) const {
    for (std::size_t later = system_ + 1; later < kHabits.size(); ++later)
      if (is_known(world_, draft.company, later)) return false;
    return draft.copy + 1 == records_of_.at(draft.company);
  }
  bool is_first_of(const Draft& draft) const {
    for (std::size_t earlier = 0; earlier < system_; ++earlier)
      if (is_known(world_, draft.company, earlier)) return false;
    return draft.copy == 0;
  }

  void type(SystemCustomer& record, const Company& company, const Draft& draft, Dice& dice) const {
    const bool last = is_last_of(draft);
    const bool only = last && is_first_of(draft);
    switch (evidence_of(draft.company)) {
      case Evidence::coded:
        return type_coded(record, company, dice);
      case Evidence::weak:
        return type_weak(record, company, last && !only, dice);
      case Evidence::ambiguous:
        if (last && !only) return type_ambiguous(record, company, dice);
        return type_coded(record, company, dice);
    }
  }

  void type_faithfully(SystemCustomer& record, const Company& company) const {
    record.name = company.name;
    record.short_name = company.short_name;
    record.credit_code = company.credit_code;
    record.tax_number = habits_.has_organisations ? company.credit_code : "";
    record.phone = company.phone;
    record.email = company.email;
    record.website = company.website;
    set_address_parts(record, company);
  }

  // Sure by its code, so the rest may be as bad as it gets.
  void type_coded(SystemCustomer& record, const Company& company, Dice& dice) const {
    const double spelling = static_cast<double>(dice.below(1000)) / 1000;
    if (spelling < habits_.exact)
      record.name = company.name;
    else if (spelling < habits_.exact + habits_.light)
      record.name = light_name(company, dice);
    else
      record.name = heavy_name(company, dice);
    const std::string code = spelled_credit_code(company.credit_code, dice);
    const bool only_as_tax_number = habits_.has_organisations && dice.chance(0.04);
    if (!only_as_tax_number) record.credit_code = code;
    if (habits_.has_organisations && (only_as_tax_number || dice.chance(0.8)))
      record.tax_number = company.credit_code;
    switch (dice.weighted({68, 8, 4, 20})) {
      case 0:
        record.phone = spelled_phone(company.phone, dice);
        break;
      case 1:
        record.phone = company.old_phone;
        break;
      case 2:
        record.phone = without_area_code(company.phone);
        break;
      default:
        break;
    }
    type_address(record, company, 0.75, dice);
    type_rest(record, company, dice);
  }

  void type_weak(SystemCustomer& record, const Company& company, bool must_lack_code, Dice& dice) const {
    const double total = habits_.exact + habits_.light;
    record.name = dice.chance(habits_.exact / total) ? company.name : light_name(company, dice);
    if (!must_lack_code && !company.credit_code.empty()) {
      if (dice.chance(0.4))
        record.credit_code = spelled_credit_code(company.credit_code, dice);
      else if (dice.chance(0.05))
        record.credit_code = misread_credit_code(company.credit_code, dice);
    }
    record.phone = spelled_phone(company.phone, dice);
    type_address(record, company, 0.8, dice);
    type_rest(record, company, dice);
  }

  void type_ambiguous(SystemCustomer& record, const Company& company, Dice& dice) const {
    record.name = company.kind == CompanyKind::company ? bare_name(company) : company.short_name;
    record.ambiguous = true;
    if (dice.chance(0.5))
      record.phone = make_mobile(4'000'000ULL + record.company * 2ULL, world_.options.seed + 1);
  }

  void set_address_parts(SystemCustomer& record, const Company& company) const {
    record.province = company.address.province;
    record.city = company.address.city;
    record.county = company.address.county;
    record.address = company.address.detail;
  }

  void type_address(SystemCustomer& record, const Company& company, double filled, Dice& dice) const {
    if (!dice.chance(filled)) return;
    if (company.kind == CompanyKind::overseas || dice.chance(0.5)) return set_address_parts(record, company);
    record.address = spelled_address(company.address, dice);
  }

  void type_rest(SystemCustomer& record, const Company& company, Dice& dice) const {
    if (dice.chance(0.4)) record.short_name = company.short_name;
    if (dice.chance(0.5)) record.email = company.email;
    if (dice.chance(0.3)) record.website = company.website;
    if (habits_.has_organisations && !company.phone.empty() && dice.chance(0.12)) {
      record.fax = company.phone;
      record.fax.back() = record.fax.back() == '9' ? '0' : static_cast<char>(record.fax.back() + 1);
    }
  }

  static std::string without_area_code(const std::string& phone) {
    const std::size_t dash = phone.find('-');
    return dash == std::string::npos ? phone : phone.substr(dash + 1);
  }

  std::uint32_t seller(Dice& dice) const {
    if (dice.chance(0.02)) return employee_index(world_, kZhaoQiang);
    return dice.pick(sellers_);
  }

  void set_business(SystemCustomer& record, const Company& company, Dice& dice) const {
    const Vocabulary& words = vocabulary();
    // Who sells to a company is a fact about the company; systems disagree about it now and then.
    Dice common(world_.options.seed, "owner", record.company);
    record.owner = dice.chance(0.8) ? seller(common) : seller(dice);
    record.industry = company.industry;
    record.currency = currency_of(company.country);
    if (dice.chance(0.6)) record.level = dice.pick(words.levels);
    if (dice.chance(0.6)) record.source = dice.pick(words.sources);
    if (habits_.has_organisations) set_organisations(record, dice);
    if (!habits_.has_leads) return;
    if (dice.chance(0.06)) record.owner = kNone;  // in the pool
    const bool bought = record.company < kPlantedCompanies || is_known(world_, record.company, 0);
    record.lifecycle = bought             ? Lifecycle::customer
                       : dice.chance(0.4) ? Lifecycle::lead
                                          : Lifecycle::prospect;
  }

  void set_organisations(SystemCustomer& record, Dice& dice) const {
    const Vocabulary& words = vocabulary();
    const std::uint32_t use = dice.weighted({60, 25, 15});
    const auto add = [&](std::string_view organisation) {
      OrganisationPart part;
      part.organisation = organisation;
      part.owner = record.owner;
      part.terms = dice.pick(words.terms);
      part.credit_limit = 10'000LL * dice.below(200);
      record.parts.push_back(part);
    };
    const OrganisationPair& own = system_ == kAcquired ? kAcquiredOrganisations : kGroupOrganisations;
    if (use != 1 || system_ == kAcquired) add(own.first);  // the acquired company manages all of its own
    if (use != 0) add(own.second);
    if (dice.chance(0.015)) record.approval = dice.chance(0.5) ? Approval::pending : Approval::draft;
    record.disabled = dice.chance(0.02);
    record.orders = dice.chance(0.7) ? dice.below(40) : 0;
  }

  // Records were made over the last five years in the order of their numbers.
  void set_times(SystemCustomer& record, std::uint32_t total, Dice& dice) const {
    static constexpr std::int64_t kDay = 24LL * 3600 * 1000;
    static constexpr std::int64_t kSpan = 5 * 365 * kDay;
    record.created_ms =
        world_.options.now_ms - kSpan - kDay + kSpan * record.ordinal / (total + 1) + dice.below(3'600'000);
    const std::int64_t age = world_.options.now_ms - kDay - record.created_ms;
    record.modified_ms = record.created_ms + (dice.chance(0.6) ? age / 1000 * dice.below(1000) : 0);
  }

  const World& world_;
  std::size_t system_;
  const Habits& habits_;
  std::unordered_map<std::uint32_t, std::uint32_t> records_of_;  // company → its records here
  std::vector<std::uint32_t> sellers_;
};

std::string typed_person_name(const Person& person, bool reachable, Dice& dice) {
  const std::vector<std::string_view> characters = characters_of(person.name);
  switch (reachable ? dice.weighted({90, 4, 3, 3}) : 0) {
    case 1:
      return std::string(characters.front()) + (dice.chance(0.5) ? "经理" : "总");
    case 2:
      return std::string(characters.front()) + " " + person.name.substr(characters.front().size());
    case 3:
      return person.name + (dice.chance(0.5) ? "先生" : "女士");
    default:
      return person.name;
  }
}

void describe_contacts(const World& world, std::size_t system, SystemData& data) {
  const Habits& habits = kHabits[system];
  std::vector<std::uint32_t> record_of(world.companies.size(), kNone);  // the first record of each company
  for (const SystemCustomer& record : data.customers)
    if (record_of[record.company] == kNone) record_of[record.company] = record.ordinal - 1;
  std::vector<bool> has_default(data.customers.size());

  for (std::uint32_t index = 0; index < world.persons.size(); ++index) {
    const Person& person = world.persons[index];
    Dice dice(world.options.seed, habits.system, (std::uint64_t{1} << 40U) + index);
    const bool planted = person.employments.front().company < kPlantedCompanies;
    if (!planted && !dice.chance(habits.contacts)) continue;
    SystemContact contact;
    for (const Employment& employment : person.employments)
      if (record_of[employment.company] != kNone) contact.customers.push_back(record_of[employment.company]);
    if (contact.customers.empty()) continue;
    contact.ordinal = static_cast<std::uint32_t>(data.contacts.size()) + 1;
    contact.person = index;
    const bool reachable = planted || dice.chance(0.92);
    if (reachable) contact.mobile = planted ? person.mobile : spelled_phone(person.mobile, dice);
    contact.name = planted ? person.name : typed_person_name(person, reachable, dice);
    if (dice.chance(0.5)) contact.email = person.email;
    const Employment& first = person.employments.front();
    if (dice.chance(0.7)) contact.position = first.position;
    if (dice.chance(0.4)) contact.department = first.department;
    if (habits.has_leads && dice.chance(0.5)) contact.decision_role = first.decision_role;
    const SystemCustomer& record = data.customers[contact.customers.front()];
    contact.is_default = !has_default[record.ordinal - 1];
    has_default[record.ordinal - 1] = true;
    contact.created_ms = record.created_ms;
    contact.modified_ms = record.modified_ms;
    data.contacts.push_back(std::move(contact));
  }
}

}  // namespace

void add_systems(World& world) {
  const std::vector<PlantedRecord> planted = planted_records(world);
  const Plan plan = make_plan(world, planted);
  for (std::size_t system = 0; system < kHabits.size(); ++system) {
    const Describer describer(world, system, plan);
    SystemData& data = world.systems[std::string(kHabits[system].system)];
    const auto total = static_cast<std::uint32_t>(plan.drafts[system].size());
    data.customers.reserve(total);
    for (const Draft& draft : plan.drafts[system])
      data.customers.push_back(
          describer.describe(draft, static_cast<std::uint32_t>(data.customers.size()) + 1, total));
    describe_contacts(world, system, data);
  }
}

}  // namespace huiliu::twin
