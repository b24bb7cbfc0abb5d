// What the law gives a person: to see what is kept of him, to know where it went, to be forgotten. Shared by
// the command line and the API.
#pragma once

#include <optional>
#include <string>

#include "hub/run/hub.hpp"

namespace huiliu::run {

// Every personal field of the model with class, purpose and basis, and the connections that receive it:
// [{"entity","field","class","purpose","basis","label","connections":[…]}]
model::Array purposes(Hub& hub);

// Everything that is kept of one person (a contact), in clear: his record, what each system showed, history,
// open questions, and every delivery to a system. nullopt: no such record.
std::optional<model::Value> person_export(store::Snapshot& snapshot, const model::Schema& schema,
                                          const std::string& id);

// Deliveries of personal data to systems, newest first:
// {"at","person","connection","stream","record","fields", "run","certain"}; after: as Snapshot::list_audit.
model::Array deliveries(store::Snapshot& snapshot, const std::string& person, const std::string& connection,
                        const store::Page& page, std::string& next);

// Forgets a person: in the store, its log, queues, dead letters and logs, and for the future: his identifiers
// are kept as keyed hashes, so that no pull brings him back; the systems themselves are not touched. A note
// beside the store (PATH.erased) repeats it after a backup was restored. Errors: not_found; config: not a
// record of a person.
struct Erased {
  std::string id;
  std::int64_t records = 0, identifiers = 0;
  bool scrubbed = false;     // the file was rewritten, so that its old bytes are gone
  std::int64_t backups = 0;  // that were made anew without him
};
model::Result<Erased> erase_person(Hub& hub, const std::string& id, const std::string& reason,
                                   const std::string& actor);

// In a copy of the store: his records and values, nothing else. False: he is not in it.
model::Result<bool> forget_in(store::Store& store, const model::Schema& schema, const std::string& id);

// Forgets several at once, without suppressing their identifiers. A person who is held by a system again
// meanwhile is left. Returns how many were forgotten.
model::Result<std::int64_t> forget_persons(Hub& hub, const std::vector<std::string>& ids,
                                           const std::string& reason, const std::string& actor);

// Of the store: what is suppressed; null when nothing is.
model::Result<std::shared_ptr<const access::Suppression>> load_suppression(store::Store& store,
                                                                           access::Keys& keys);

}  // namespace huiliu::run
