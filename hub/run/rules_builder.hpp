// From configuration, manifests and mappings to the rules that the engine is told (sync::Rules). Pure.
#pragma once

#include <string>
#include <vector>

#include "hub/config/config.hpp"
#include "hub/mapping/mapping.hpp"
#include "hub/sync/rules.hpp"

namespace huiliu::run {

// What is known of one connection's system. All pointers outlive the rules.
struct ConnectionFacts {
  const config::ConnectionConfig* config = nullptr;
  const model::Value* manifest = nullptr;  // of its connector, see sdk/manifest.md
  const mapping::Mapping* mapping = nullptr;
};

// Errors: class config, `where` = the connection's file:line. `config` must outlive the rules.
model::Result<sync::Rules> make_rules(const config::Config& config,
                                      const std::vector<ConnectionFacts>& connections);

// A golden record as expressions see it: {"names": {"legal": …}, "phones": {"switchboard": …}, "lifecycle":
// …}.
model::Value golden_document(const model::Entity& entity, const sync::Golden& golden);

// The column of the policy pack that a connection's rights come from: home, other, crm, chat, address_book,
// site.
std::string policy_column(const config::Config& config, const config::ConnectionConfig& connection);

}  // namespace huiliu::run
