// Dead letters in a person's hands: grouped by cause, looked at under the mapping as it is now, corrected,
// processed again in the order in which they came.
//
// Two kinds. One is a record that came and could not be taken: its payload is processed again. The other is a
// write that a system refused: replaying it means that the value may be sent again, by the next cycle and
// under all its rules; what was sent is never taken for something that the system showed.
#pragma once

#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct LetterChoice {
  std::vector<std::string> ids;           // these; else every open one of:
  std::string connection, stream, cause;  // empty: any
};
// In order of arrival. Error (not_found): an id that is none.
model::Result<std::vector<store::Parked>> choose_letters(store::Snapshot& snapshot,
                                                         const LetterChoice& choice);

// Was it a write of ours? And the raw text that such a letter is kept with.
bool is_refused_write(const store::Parked& letter);
std::string refused_write_text(const model::Value& body);

// What processing it again would come to: {"id","connection","stream","key","outcome","cause","message",
// "fields":{name:value}}; outcome: passes, fails, filtered, sends_again.
model::Value preview_letter(const Workspace& workspace, store::Snapshot& snapshot,
                            const store::Parked& letter);

// Replaces the payload; the first one is kept ("original" in the view). Errors: not_found, data (no JSON
// object), stale (it is closed).
model::Status edit_letter(store::Transaction& transaction, const std::string& id, const std::string& raw);
std::string original_of(store::Snapshot& snapshot, const std::string& id);  // "" when it was not edited

// The values that were refused there may be sent again. False: nothing of it is left to send.
bool send_again(Workspace& workspace, store::Transaction& transaction, const store::Parked& letter);

// [{"connection","stream","cause","message","fix","count","oldest","newest"}], the largest group first.
model::Array letter_groups(store::Snapshot& snapshot, const LetterChoice& choice);

}  // namespace huiliu::run
