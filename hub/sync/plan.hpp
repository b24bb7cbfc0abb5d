// What should be written where: golden minus what each system is known to hold. Section 5 of the rules.
#pragma once

#include <string>
#include <vector>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// What one connection lacks of one golden record.
struct Due {
  std::vector<PlannedWrite> writes;
  std::vector<Held> held;
  bool request = false;          // the one held create waits for a request that could be opened now
  bool removal_request = false;  // the same, of a removal

  bool empty() const { return writes.empty() && held.empty(); }
};
Due plan_golden(Context& context, const Cluster& cluster, const model::Entity& entity,
                const ConnectionRules& connection);

// Why a value waits, in words: a person of ours without an account there is said to be unmapped
// (业务员未对应).
std::string waiting_reason(Context& context, const model::Field& field, const FieldValue& value,
                           const std::string& connection, const std::string& reason);

// Is it the same write, of the same values, on the same state of the record?
bool same_write(const PlannedWrite& a, const PlannedWrite& b);

bool same_fields(const std::vector<PlannedField>& a, const std::vector<PlannedField>& b);

// Opens or refreshes the creation request of a golden record for a connection (create rule `ask`).
void ask_for_create(Context& context, const Cluster& cluster, const model::Entity& entity,
                    const ConnectionRules& connection);
std::string create_question(const std::string& connection, const GoldenId& golden);

// What was sent in a create, as a fingerprint: a system that rejected it is asked again only with something
// else.
std::string create_fingerprint(const std::vector<IntentField>& fields, const model::Entity& entity);

}  // namespace huiliu::sync
