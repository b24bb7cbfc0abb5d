#include "sdk/twin/world.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <numeric>

#include "sdk/twin/world_build.hpp"

namespace huiliu::twin {
namespace {

// Members grouped by truth without a container for each: indices of all records, ordered by what they are
// about.
struct Member {
  std::uint32_t about;   // company or person
  std::uint32_t system;  // index into the names
  std::uint32_t record;  // index into the system's records
};

void append_text(std::string& out, std::string_view text) {
  out += boost::json::serialize(boost::json::string(text));
}

void append_member(std::string& out, bool first, std::string_view system, const RecordName& name,
                   bool ambiguous) {
  out += first ? "{\"system\":" : ",{\"system\":";
  append_text(out, system);
  out += ",\"stream\":";
  append_text(out, name.stream);
  out += ",\"key\":";
  append_text(out, name.key);
  out += ambiguous ? ",\"ambiguous\":true}" : "}";
}

// `records`, `about` and `name` tell customers and contacts apart; `thing` names a company or a person.
template <class Records, class About, class Name, class Thing>
void append_groups(std::string& out, const std::vector<SystemNames>& names, Records&& records, About&& about,
                   Name&& name, Thing&& thing) {
  std::vector<Member> members;
  for (std::uint32_t system = 0; system < names.size(); ++system) {
    const auto& list = records(names[system]);
    for (std::uint32_t i = 0; i < list.size(); ++i) members.push_back({about(list[i]), system, i});
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const Member& a, const Member& b) { return a.about < b.about; });
  for (std::size_t start = 0; start < members.size();) {
    std::size_t end = start;
    bool ambiguous = false;
    std::string list;
    for (; end < members.size() && members[end].about == members[start].about; ++end) {
      const SystemNames& system = names[members[end].system];
      const auto& record = records(system)[members[end].record];
      bool unsure = false;
      if constexpr (requires { record.ambiguous; }) unsure = record.ambiguous;
      ambiguous |= unsure;
      for (const RecordName& found : name(system, record))
        append_member(list, list.empty(), system.system, found, unsure);
    }
    const auto& what = thing(members[start].about);
    out += start == 0 ? "{\"truth\":" : ",{\"truth\":";
    append_text(out, what.truth);
    out += ",\"name\":";
    append_text(out, what.name);
    out += ",\"members\":[" + list + (ambiguous ? "],\"ambiguous\":true}" : "]}");
    start = end;
  }
}

}  // namespace

const SystemData& World::system(std::string_view name) const {
  static const SystemData kNothing;
  const auto found = systems.find(name);
  return found == systems.end() ? kNothing : found->second;
}

World generate_world(const WorldOptions& options) {
  World world;
  world.options = options;
  world.options.customers = std::max(options.customers, kPlantedCompanies);
  add_organisation_and_employees(world);
  add_planted_companies(world);
  add_companies(world);
  add_planted_persons(world);
  add_persons(world);
  name_chat_persons(world);
  add_systems(world);
  add_chat(world);
  return world;
}

std::string truth_of(const World& world, const std::vector<SystemNames>& names) {
  static const std::vector<SystemCustomer> kNoCustomers;
  static const std::vector<SystemContact> kNoContacts;
  std::string out = "{\"customers\":[";
  append_groups(
      out, names,
      [&](const SystemNames& system) -> const std::vector<SystemCustomer>& {
        return system.customer ? world.system(system.system).customers : kNoCustomers;
      },
      [](const SystemCustomer& record) { return record.company; },
      [](const SystemNames& system, const SystemCustomer& record) { return system.customer(record); },
      [&](std::uint32_t company) -> const Company& { return world.companies[company]; });
  out += "],\"contacts\":[";
  append_groups(
      out, names,
      [&](const SystemNames& system) -> const std::vector<SystemContact>& {
        return system.contact ? world.system(system.system).contacts : kNoContacts;
      },
      [](const SystemContact& record) { return record.person; },
      [](const SystemNames& system, const SystemContact& record) { return system.contact(record); },
      [&](std::uint32_t person) -> const Person& { return world.persons[person]; });
  out += "],\"planted\":[";
  for (const Planted& planted : world.planted) {
    out += &planted == &world.planted.front() ? "{\"case\":" : ",{\"case\":";
    out += std::to_string(planted.number) + ",\"name\":";
    append_text(out, planted.name);
    out += ",\"truth\":";
    append_text(out, planted.truth);
    out += "}";
  }
  return out + "]}";
}

}  // namespace huiliu::twin
