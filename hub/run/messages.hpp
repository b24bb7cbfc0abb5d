// The outbox: what people should be told, to the person concerned. A message is kept in the transaction of
// what it tells; it leaves through any connection whose connector has a message stream and in which the
// employee has an account, as one digest per person, at the times of hub.yaml's `messages`. Told at most
// once: a message whose sending was cut off is marked unsure, never sent again by itself.
//
// Threads: the functions over a Transaction or Snapshot as those; deliver from one thread at a time.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct OutboxMessage {
  std::string id;        // msg_…; the same event to the same person has the same id
  std::string kind;      // change_request creation_request change_pending approved refused returned put_back
                         // new_number approved_refused approved_overtaken binding unmapped handover
  std::string employee;  // golden id; "" when the person has no account that is known
  std::string to;        // what people call him
  std::string title, text, review, customer;
  std::string via;                // the connection that it is about, preferred if it delivers; "": any
  std::string state = "waiting";  // waiting sending sent unsure
  std::string connection, key;    // by which it left, to whom there
  std::string reason;             // why it still waits, or what went wrong
  model::Micros created = 0, due = 0, sent = 0;
};

model::Value message_view(const OutboxMessage& message);

// Ascending by id, which is by time.
std::vector<OutboxMessage> list_messages(store::Snapshot& snapshot);

// Keeps the message once: the same event to the same person changes nothing. Sets id and due.
void queue_message(const Workspace& workspace, store::Transaction& transaction, const std::string& event,
                   OutboxMessage message);

// From what the engine noticed (sync::Engine::take_notices) in this transaction.
void tell_notices(const Workspace& workspace, store::Transaction& transaction,
                  const std::vector<sync::Notice>& notices);
// That no organisation uses the customer any more: to who answers for him, once each time.
void tell_disabled(const Workspace& workspace, store::Transaction& transaction, const model::Entity& customer,
                   const sync::Golden& golden);
// That a review was decided: to who asked.
void tell_decided(const Workspace& workspace, store::Transaction& transaction, const sync::Review& review);
// New reviews since the last call: to those who may decide, and to the author of a proposed change.
model::Status tell_new_reviews(Workspace& workspace);

// That employees have no account in a system whose records name them: `reasons` → how many records wait. To
// those who can map them, each reason once.
model::Status tell_unmapped(Workspace& workspace, const std::map<std::string, std::size_t>& reasons);
// To everybody with one of these roles, of the kind "alert", which waits for no digest.
void tell_roles(const Workspace& workspace, store::Transaction& transaction,
                const std::set<std::string>& roles, const std::string& event, const std::string& title,
                const std::string& text);

// Sends what is due. `now` lets a person send everything at once.
model::Status deliver_messages(Workspace& workspace, bool at_once);

// When a message of this kind leaves that is created now. Pure. Errors: config, the time zone is not known.
model::Result<model::Micros> due_time(const config::MessageSettings& settings, const std::string& kind,
                                      model::Micros now);

}  // namespace huiliu::run
