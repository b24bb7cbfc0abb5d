// Causality among claims, and the choice of one value among those that nobody has overruled. Pure functions
// of the claims, the policy and (for `manual`) the current value: any order of arrival gives the same golden
// record.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/sync/rules.hpp"
#include "hub/sync/state.hpp"

namespace huiliu::sync {

struct Candidate {
  const Replica* replica = nullptr;
  const Claim* claim = nullptr;
};

// Did the author of c have d in front of him?
bool covers(const Claim& c, const Claim& d);
// c was made with d in view, and d without c.
bool dominates(const Claim& c, const Claim& d);
// The claims of one field that no other claim dominates, in the order of their records.
std::vector<Candidate> frontier(const Cluster& cluster, FieldIndex field);

struct Choice {
  std::optional<Candidate> winner;  // empty: nothing to choose from, or held
  bool held = false;                // policy manual: a person decides
  std::string rule;                 // for people: "only", "agreed", "authority", …
};
// `home`: the customer's home ERP; empty: the default one.
Choice choose(const Rules& rules, const std::string& entity, FieldIndex field,
              const std::vector<Candidate>& frontier, const std::string& home = {});

// Position of a connection in the order of authority of a field: lower is stronger.
int authority_rank(const Rules& rules, const FieldPolicy& policy, const std::string& connection);

}  // namespace huiliu::sync
