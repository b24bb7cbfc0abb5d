// Who is concerned: the person who answers for a customer, the people of a role, the manager of an employee.
// Over a snapshot or transaction; no threads of its own.
#pragma once

#include <compare>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct Person {
  std::string employee, shown;  // golden id, "" when no account of his is known; what people call him
  std::string via = {};         // the connection through which he is best told; "": any
  friend auto operator<=>(const Person&, const Person&) = default;
};

// Of a person whom only a chat tool knows, who follows him there. nullopt: he works for a customer, or nobody
// does.
std::optional<Person> follower_of(const Workspace& workspace, store::Snapshot& snapshot,
                                  const std::string& contact);
// The employee who answers for the customer, or for the customer of the contact, or who follows the person.
std::optional<Person> responsible(const Workspace& workspace, store::Snapshot& snapshot,
                                  const std::string& golden_id);
// The configured users that have one of these roles.
std::vector<Person> people_with(const Workspace& workspace, store::Snapshot& snapshot,
                                const std::set<std::string>& roles);
// Who leads the employee's department, by the directories; nobody known: the users that are sales managers,
// else the data stewards.
std::vector<Person> managers_of(const Workspace& workspace, store::Snapshot& snapshot,
                                const std::string& employee);

}  // namespace huiliu::run
