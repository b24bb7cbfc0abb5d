// Taking back what was written: the compensating write of a run that should not have been.
//
// It puts back, in the very record, what stood there before, where that record still shows what was written:
// a later edit is respected. It is nobody's edit: golden keeps its value and its claims; that value is not
// sent there again until golden says something else (a person corrects what was wrong). An intent that takes
// back has version 0 in its fields, since what it writes is no version of golden.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

inline bool takes_back(const IntentField& field) { return field.version == 0; }
// What was taken back stands there; golden's present value is not sent again.
void keep_taken_back(Context& context, const Work& work, const RecordRef& ref, FieldIndex field,
                     ReplicaField& known);
// The system did not take what was sent: it is not sent there again. One value is remembered, and what golden
// says counts, since that alone would be sent.
void refuse(Context& context, const Work& work, const RecordRef& ref, FieldIndex field, ReplicaField& known,
            const FieldValue& sent);

std::optional<PlannedWrite> plan_undo(const Rules& rules, Repository& repository, const RecordRef& ref,
                                      const std::vector<Engine::PastField>& fields);
std::optional<Intent> begin_undo(Context& context, const PlannedWrite& write, const std::string& run);

void hold_field_back(Context& context, const RecordRef& ref, FieldIndex field);
void let_field_go(Context& context, const RecordRef& ref, const std::string& field);

}  // namespace huiliu::sync
