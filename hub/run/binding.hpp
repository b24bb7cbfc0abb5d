// Persons of chat tools: person → contact → company. What is sure is linked, what is likely is proposed, a
// nickname alone says nothing. A person may act for several customers; binding by a person's word is the
// normal way.
//
//   mobile of a contact, and the company written beside the person is that contact's  → linked
//   mobile of a contact only                                                         → proposed: the same
//   person? company written is the legal name of exactly one customer, or finds one only     → proposed:
//   works for it?
#pragma once

#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

// Looks at the persons that changed since the last call.
model::Status bind_chat_persons(Workspace& workspace);

// Contacts known from chat tools only, without a company: {"id","name","company","follower","accounts"}.
model::Array unbound_view(const config::Config& config, const sync::Rules& rules, store::Snapshot& snapshot);

// A person's word: `person` (id, or connection/stream/key) is this contact, or works for this customer.
// Errors: not_found, config (the wrong kind of record).
model::Status bind_person(Workspace& workspace, store::Transaction& transaction, const std::string& person,
                          const std::string& to, const std::string& actor);

}  // namespace huiliu::run
