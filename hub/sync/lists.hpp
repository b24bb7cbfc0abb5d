// Lists whose elements are claimed one by one (policy `union`): phones, tags. Section 6 of the rules.
//
// Each replica holds at most one claim per element: + (presence value) or - (presence cleared). A system with
// one slot for a list shows one element; `declined` is what it does not want there. A FieldValue of a list
// has an array as its value and the sorted element keys, each ended by U+001F, as its key.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

inline constexpr const char* slot_closed = "*";  // in ReplicaField::declined: a person emptied the slot

// Element key → element. A lone value counts as a list of one.
std::map<std::string, model::Value> elements_of(const model::Field& field, const FieldValue& list);
// The list of these elements, in this order; cleared when there are none.
FieldValue list_of(const std::vector<std::pair<std::string, model::Value>>& elements);

// The golden list from the element claims of all replicas.
FieldValue choose_elements(const Work& work, FieldIndex field);

// What one system should hold of a golden list: the whole, its own plus the missing ones (right append), or
// the one element of its slot.
FieldValue list_target(const model::Field& field, const FieldValue& golden, const ReplicaField& known,
                       Right right, const StreamRules::Slot* slot);

}  // namespace huiliu::sync
