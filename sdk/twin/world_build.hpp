// The stages of the world generator, in order. Internal to sdk/twin/world_*.cpp.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "sdk/twin/world.hpp"

namespace huiliu::twin {

// A record of a planted company that one system holds. `adjust` starts from a faithful, complete description.
struct PlantedRecord {
  std::string_view system;
  std::uint32_t company = kNone;
  std::function<void(SystemCustomer&)> adjust;  // empty: as it is
};

// Companies that are planted: the first of every world, with fixed particulars.
inline constexpr std::uint32_t kPlantedCompanies = 14;
// In the order of their indices in World::companies.
enum PlantedCompany : std::uint32_t {
  kSpellings,
  kBranch,
  kSisterHydraulics,
  kSisterSeals,
  kTwoNumbers,
  kTwoOrganisations,
  kWangMinFirst,
  kWangMinSecond,
  kOfZhaoQiang,
  kUnapproved,
  kOverseas,
  kAgentFirst,
  kAgentSecond,
  kDoNotUse
};
static_assert(kDoNotUse + 1 == kPlantedCompanies);

// The organisations that an ERP keeps its customers for.
struct OrganisationPair {
  std::string_view first, second;
};
inline constexpr OrganisationPair kGroupOrganisations{"100", "200"};
// 云桥阀门 and its sales branch: known to their own ERP only, so they are no World::organisations.
inline constexpr OrganisationPair kAcquiredOrganisations{"300", "310"};

// The owners of planted customers.
inline constexpr std::string_view kWangMinEast = "E1007", kWangMinSouth = "E1008", kZhaoQiang = "E1009";

// A company of common kind with this brand and trade in this city; everything else follows from index and
// seed.
Company make_company(std::uint32_t index, std::uint64_t seed, std::size_t city, std::string brand,
                     std::size_t trade, std::string name);
void add_branch_particulars(Company& branch, const Company& head, std::uint32_t index, std::uint64_t seed,
                            std::size_t city);

void add_organisation_and_employees(World& world);
void add_planted_companies(World& world);  // before all others
void add_companies(World& world);
void add_planted_persons(World& world);
void add_persons(World& world);  // after the planted ones
std::vector<PlantedRecord> planted_records(const World& world);
// What the acquired company's ERP knows of the planted companies: world_yonyou.cpp.
void add_planted_records_of_acquired(std::vector<PlantedRecord>& records);
void name_chat_persons(World& world);  // of case 6, before any system writes them down
void add_systems(World& world);
void add_chat(World& world);  // last: it adds persons whom no other system knows

// "T000123", "P000123".
std::string truth_id(char letter, std::uint32_t index);

std::uint32_t employee_index(const World& world, std::string_view number);

}  // namespace huiliu::twin
