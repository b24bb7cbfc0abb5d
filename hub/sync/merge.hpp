// From claims to golden values, and from golden values back to what each record is known to stand for.
#pragma once

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// Section 3: chooses the golden value of one field again from the claims of all replicas; writes history,
// losers and conflict reviews.
void choose_golden(Context& context, Work& work, FieldIndex field);

// Section 4.4: every replica whose base already stands for the golden value is told so.
void settle_all(Context& context, Work& work, FieldIndex field);

// What a system should hold for a golden field, given what it shows: golden's value, or `own`, where the
// system holds a part of a list. Null: golden has nothing to say.
const FieldValue* target_of(const Rules& rules, const model::Entity& entity, const RecordRef& ref,
                            FieldIndex field, const GoldenField& golden, const ReplicaField& known,
                            FieldValue& own);

// Does what the system shows stand for `wanted` (equal, or the form that wanted takes there)?
bool stands_for(Context& context, const RecordRef& ref, FieldIndex field, const FieldValue& shown,
                const FieldValue& wanted);

}  // namespace huiliu::sync
