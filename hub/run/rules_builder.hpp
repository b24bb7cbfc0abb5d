// From configuration, manifests and mappings to the rules that the engine is told (sync::Rules). Pure.
#pragma once

#include <map>
#include <string>
#include <tuple>
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

// Why a connection has the right that it has over a field.
struct RightReason {
  enum class Why {
    pack,        // the policy pack says so
    exception,   // the connection's own `rights` say so
    handed_on,   // the pack's authority has no connection: this one stands in
    unstated,    // the pack says nothing
    reference,   // reference data: every system that has it is read
    new_shared,  // a field that the pack does not know; all its systems take conditional writes
    new_owned,   // the same, but one does not: only the first of its systems owns it
  } why = Why::unstated;
  std::string column;                      // of the pack
  sync::Right stated = sync::Right::none;  // the pack's letter, before an exception or a handing on
  std::string line;                        // file:line that decides; "" when unstated
};
// By (connection, stream, field).
using RightReasons = std::map<std::tuple<std::string, std::string, model::FieldIndex>, RightReason>;

// Errors: class config, `where` = the connection's file:line. `config` must outlive the rules. `reasons`,
// when given, gets why every right is as it is.
model::Result<sync::Rules> make_rules(const config::Config& config,
                                      const std::vector<ConnectionFacts>& connections,
                                      RightReasons* reasons = nullptr);

// The rights over fields that neither the pack nor a connection's exceptions know (an administrator's own).
// Where every system that has the field takes conditional writes, all share it: no edit can be overwritten
// unseen. Otherwise it has a single owner, the first of them (the home ERP, the CRM, …), and the others may
// propose. Again after a probe has lowered a grade.
void give_new_fields(const config::Config& config, sync::Rules& rules, RightReasons* reasons);

// The connector's stream for messages to our own people: of entity "message", or into which records with
// "text" and "users" can be made. "" when it has none.
std::string message_stream_of(const model::Value& manifest);
// Path by which an update of a customer asks for a row of one more organisation; "" when the connector offers
// no allocation.
std::string allocate_path_of(const model::Value& manifest);

// A golden record as expressions see it: {"names": {"legal": …}, "phones": {"switchboard": …}, "lifecycle":
// …}.
model::Value golden_document(const model::Entity& entity, const sync::Golden& golden);

// The column of the policy pack that a connection's rights come from: home, other, crm, chat, address_book,
// site.
std::string policy_column(const config::Config& config, const config::ConnectionConfig& connection);

}  // namespace huiliu::run
