// What people do with golden records: find, correct, merge, take apart. Used by the command line and the API
// alike. Every change is one transaction with its line in the audit.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hub/run/hub.hpp"

namespace huiliu::run {

// A list, a page at a time: `filter` is JSONata over the golden fields, "" for all.
struct CustomerList {
  store::GoldenQuery query;
  std::string filter;
  std::string after;                                   // id of the last one of the page before
  std::size_t limit = 100;                             // rows
  std::size_t look_at = static_cast<std::size_t>(-1);  // records that a filter may look at for one page
};
struct CustomerPage {
  model::Array rows;  // golden_row
  std::string next;   // go on after this id; "": complete
};
// Errors: config: no such entity, a filter that does not compile or fails.
model::Result<CustomerPage> list_customers(store::Snapshot& snapshot, const model::Schema& schema,
                                           const CustomerList& list);
// The best matches of a text.
model::Array search_customers(store::Snapshot& snapshot, const model::Schema& schema,
                              const std::string& entity, const std::string& text, std::size_t limit,
                              const store::Scopes& scopes = {});

// Sets fields of a record at the console, all or none; a null value clears. Values as people type them.
// `look`, when given, may refuse the record as it stands inside the transaction. Errors: not_found, config
// (no such field, not allowed), data (the value), and what `look` says.
struct FieldEdit {
  std::string field;
  model::Value value;
};
using LookAt = std::function<model::Status(store::Transaction&, const sync::Golden&)>;
model::Status edit_customer(Hub& hub, const std::string& id, const std::vector<FieldEdit>& edits,
                            const config::User& user, const LookAt& look = {});

model::Status merge_customers(Hub& hub, const std::string& into, const std::string& from,
                              const config::User& user, const LookAt& look = {});
// "connection/stream/key". Errors: config.
model::Result<model::RecordRef> record_named(const std::string& text);
// The records become a golden record of their own; its id.
model::Result<std::string> split_customer(Hub& hub, const std::string& id,
                                          const std::vector<model::RecordRef>& refs, const config::User& user,
                                          const LookAt& look = {});
// "" gives the home ERP back to the rule.
model::Status set_home(Hub& hub, const std::string& id, const std::string& connection,
                       const config::User& user, const LookAt& look = {});

// A decision of a conflict by its value. Errors: stale, config, data.
model::Status resolve_conflict(Hub& hub, const std::string& review, const std::string& value,
                               const std::string& note, const config::User& user);

}  // namespace huiliu::run
