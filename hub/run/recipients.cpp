#include "hub/run/recipients.hpp"

#include <algorithm>

#include "hub/mapping/mapping.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::run {
namespace {

using model::Value;

constexpr std::size_t everybody = 100'000;

std::string text_in(const model::Entity& entity, const sync::Golden& golden, const char* name) {
  const auto found = golden.fields.find(entity.index_of(name));
  return found == golden.fields.end() ? std::string() : found->second.value.value.to_text();
}

std::string name_of_employee(const Workspace& workspace, store::Snapshot& snapshot, const std::string& id) {
  const auto golden = snapshot.load_golden(snapshot.resolve(id));
  const model::Entity* entity = golden ? workspace.config->schema.find(golden->entity) : nullptr;
  return entity == nullptr ? id : sync::title_of(*entity, *golden);
}

// The employee whom a configured user is, by job number or id.
std::string employee_of(const Workspace& workspace, store::Snapshot& snapshot, const config::User& user) {
  if (user.employee.empty()) return {};
  if (const std::string id = snapshot.resolve(user.employee); !id.empty()) return id;
  const model::Entity* entity = workspace.config->schema.find("employee");
  const model::FieldIndex number = entity == nullptr ? model::no_field : entity->index_of("job_number");
  if (number == model::no_field) return {};
  const std::string key = mapping::field_key(entity->fields[number], Value(user.employee));
  for (const model::RecordRef& ref : snapshot.find_by_key("employee", {"job_number", key}, 10))
    if (std::string id = snapshot.golden_of(ref); !id.empty()) return id;
  return {};
}

}  // namespace

// What nobody may claim is not golden: who follows a person is told by the chat tool's record alone.
std::optional<Person> follower_of(const Workspace& workspace, store::Snapshot& snapshot,
                                  const std::string& contact) {
  const model::Entity* entity = workspace.config->schema.find("contact");
  const auto cluster = entity == nullptr ? std::nullopt : snapshot.load_cluster(snapshot.resolve(contact));
  if (!cluster || cluster->golden.entity != "contact" ||
      !text_in(*entity, cluster->golden, "employer").empty())
    return std::nullopt;
  const model::FieldIndex follower = entity->index_of("follower");
  for (const sync::Replica& replica : cluster->replicas)
    if (const auto shown = replica.fields.find(follower);
        !replica.gone && shown != replica.fields.end() && shown->second.base.has_value()) {
      const std::string employee = shown->second.base.value.to_text();
      return Person{employee, name_of_employee(workspace, snapshot, employee), replica.ref.connection};
    }
  return std::nullopt;
}

std::optional<Person> responsible(const Workspace& workspace, store::Snapshot& snapshot,
                                  const std::string& golden_id) {
  std::string id = golden_id;
  for (int hop = 0; hop < 2; ++hop) {
    const auto golden = snapshot.load_golden(snapshot.resolve(id));
    const model::Entity* entity = golden ? workspace.config->schema.find(golden->entity) : nullptr;
    if (entity == nullptr) return std::nullopt;
    for (const char* field : {"owner", "follower"})
      if (const std::string owner = text_in(*entity, *golden, field); !owner.empty())
        return Person{owner, name_of_employee(workspace, snapshot, owner), {}};
    const std::string employer = text_in(*entity, *golden, "employer");
    if (employer.empty()) return follower_of(workspace, snapshot, id);
    id = employer;
  }
  return std::nullopt;
}

std::vector<Person> people_with(const Workspace& workspace, store::Snapshot& snapshot,
                                const std::set<std::string>& roles) {
  std::vector<Person> people;
  for (const auto& [name, user] : workspace.config->hub.users)
    if (std::any_of(roles.begin(), roles.end(),
                    [&roles_of = user.roles](const auto& role) { return roles_of.contains(role); }))
      people.push_back({employee_of(workspace, snapshot, user), user.shown, {}});
  return people;
}

std::vector<Person> managers_of(const Workspace& workspace, store::Snapshot& snapshot,
                                const std::string& employee) {
  std::vector<Person> managers;
  const model::Entity* entity = workspace.config->schema.find("employee");
  const auto golden = snapshot.load_golden(snapshot.resolve(employee));
  const std::string department = golden ? text_in(*entity, *golden, "department") : std::string();
  if (!department.empty())
    for (const sync::Golden& other :
         snapshot.list_goldens({"employee", {}, {}, model::unknown_time}, {{}, everybody}))
      if (other.id != golden->id && text_in(*entity, other, "leads") == "true" &&
          text_in(*entity, other, "state") != "left" && text_in(*entity, other, "department") == department)
        managers.push_back({other.id, sync::title_of(*entity, other), {}});
  for (const char* role : {"sales_manager", "steward"})
    if (managers.empty()) managers = people_with(workspace, snapshot, {role});
  return managers;
}

}  // namespace huiliu::run
