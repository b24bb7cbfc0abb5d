// When a record is made in a system that has none of this customer. Section 5 of the rules.
#pragma once

#include <string>
#include <vector>

#include "hub/sync/plan.hpp"

namespace huiliu::sync {

// Adds the create that is due, or the reason why it waits. Nothing where this customer does not belong.
void plan_create(Context& context, const Cluster& cluster, const model::Entity& entity,
                 const ConnectionRules& connection, Due& due);

// A record was made: a person's word that a deleted one shall be made again holds for one.
void use_up_wish(Work& work, const std::string& connection);
// What is missing before a record of this customer may be made there (completeness of a creation request).
struct Missing {
  std::string field, reason;
};
std::vector<Missing> missing_to_create(Context& context, const Cluster& cluster, const model::Entity& entity,
                                       const ConnectionRules& connection);
// Changes with what would be sent and with what is missing: a request that went back is asked again then.
std::string request_fingerprint(Context& context, const Cluster& cluster, const model::Entity& entity,
                                const ConnectionRules& connection);

}  // namespace huiliu::sync
