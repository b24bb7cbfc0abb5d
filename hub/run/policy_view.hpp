// The policy pack for people: the table field by field, and why a connection has a right. Pure.
#pragma once

#include <string>

#include "hub/run/rules_builder.hpp"

namespace huiliu::run {

// One row per field: {"entity","field","part","label":{zh,en},"home",…,"hub","line"}; letters as in the pack,
// "0" as ∅.
model::Array policy_table_view(const config::Config& config);

// The page docs/policy-table.md (docs/zh/policy-table.md): made from the pack, never written by hand.
std::string policy_table_page(const config::Config& config, bool chinese);

// What a letter means, for people.
const char* meaning_of(sync::Right right, bool chinese);

struct ExplainQuery {
  std::string entity, field, connection;  // empty: all
};
// One row per (connection, field that its mapping has):
// {"entity","field","connection","stream","column","right",
// "meaning","stated","line","why","authority":[…],"home","other"}.
model::Array explain_view(const config::Config& config, const sync::Rules& rules, const RightReasons& reasons,
                          const ExplainQuery& query, bool chinese);

}  // namespace huiliu::run
