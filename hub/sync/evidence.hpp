// What a read is worth, and what it says of our own writes to the record that are not settled. The rules are
// those of section 4 of docs/sync-semantics.md.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// What one read of a record is worth (section 4.1).
enum class Evidence {
  news,      // counts
  old_news,  // began before what is known already
  hint,      // a listing that may lag: look at the record by key
  restored,  // the system was set back to an older state
};
// What is known of the record, and what the read tells.
struct Known {
  Micros evid, wend;
  std::string_view token;
};
struct Look {
  std::string_view token;
  Micros read_started;
  bool strong;
};
Evidence weigh(const Known& known, const StreamRules& stream, const Look& look);

// Is this observation the system's answer to one of our own writes?
struct Answer {
  bool to_write = false;  // the body came with the answer: the state right after our write
  std::string intent;     // of this write
};

// How much of what a create sent does a record show that appeared while it was on its way?
struct Likeness {
  int equal = 0, different = 0;
};
Likeness likeness(Context& context, const RecordRef& ref, const Intent& create, const model::Image& image);

// Of a write whose answer was lost: may what changed beside its fields be its own doing?
enum class Beside { no, perhaps, surely };
// A connector may say which fields its writes touch beside those that they name. Where it does not, that may
// be any field of a system with conditional writes, and none elsewhere.
bool may_be_touched(const Context& context, const RecordRef& ref, FieldIndex field);

// The open writes, by id, that this read settles.
struct OwnWrites {
  std::set<std::string> done;     // the system said so
  std::set<std::string> seeming;  // in doubt until now, and what they wrote is there
  std::set<std::string> over;     // in doubt until now, and cannot happen any more
  Beside beside = Beside::no;
};
OwnWrites judge_own_writes(Context& context, const Replica& replica, const Observation& observation,
                           const Answer& answer);

}  // namespace huiliu::sync
