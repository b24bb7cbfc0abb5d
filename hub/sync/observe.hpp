// What a read tells: which of the differences from base are somebody's edits, and which are our own doing.
// Section 4 of the rules; each numbered rule is one function in observe.cpp with its statement above it.
#pragma once

#include <string>

#include "hub/sync/evidence.hpp"

namespace huiliu::sync {

// Compares the image with base, field by field, and records edits as claims (section 4.2 to 4.5). Closes the
// intents whose outcome the image shows. The replica's own members (raw, token, evid, …) are updated by the
// caller.
void observe(Context& context, Work& work, const RecordRef& ref, const Observation& observation,
             const Answer& answer);

// The system went back to an older state: base follows, nothing of it is an edit, everything is due again.
// What no history knows (typed before the backup, or after the restore) is kept there.
void observe_restored(Context& context, Work& work, const RecordRef& ref, const Observation& observation);

// The mapping changed: base is derived again from the same record. Never an edit.
void rederive(Context& context, Work& work, const RecordRef& ref, const model::Image& image);

// An edit by a person in the console: one claim that covers every other claim of the field.
void claim_as_console(Context& context, Work& work, FieldIndex field, const FieldValue& value);

// Forgets a write whose outcome is known.
void close_intent(Work& work, Replica& replica, const std::string& intent);

}  // namespace huiliu::sync
