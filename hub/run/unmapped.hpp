// The queue of codes that no value map knows: a person adds them to the mapping, nobody guesses them. Kept
// per connection as small values of the store; what the newest complete read no longer met is not shown.
#pragma once

#include <string>
#include <vector>

#include "hub/mapping/mapping.hpp"
#include "hub/store/store.hpp"

namespace huiliu::run {

// Notes what decoding one record met. `read_started`: of the read that showed it.
void note_unmapped(store::Transaction& transaction, const model::RecordRef& ref,
                   const std::vector<mapping::Problem>& problems, model::Micros read_started);

// Has the connection any? Then its records are decoded at each read, so that the newest one meets them again.
bool has_unmapped(store::Snapshot& snapshot, const std::string& connection);
// A complete read of the stream that began then is over: what it did not meet is no longer there.
void forget_unmapped(store::Transaction& transaction, const std::string& connection,
                     const std::string& stream, model::Micros read_started);

// {"connection", "stream", "field", "value", "count", "example", "last"}; count: records with it in the
// newest read that met it. Empty connection: all.
model::Array unmapped_values(store::Snapshot& snapshot, const std::string& connection);

}  // namespace huiliu::run
