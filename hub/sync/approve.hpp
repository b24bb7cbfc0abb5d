// Values that a person approved: written to the authority first, golden when that confirms.
#pragma once

#include <string>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// The record whose system owns the field for this customer, and so is written first. Null: there is none.
const Replica* authority_record(const Rules& rules, const Cluster& cluster, FieldIndex field);
// Its connection's name; "hub" when no record of an owner is linked.
std::string authority_of(const Context& context, const Cluster& cluster, FieldIndex field);

// May the hub write the field in the authority's record at all?
bool authority_takes(const Rules& rules, const Cluster& cluster, FieldIndex field);

// A person decides a value. With an authority that is to confirm it the value waits (ApprovedChange);
// otherwise it is the console's claim at once. `review`: the change request it answers, or "".
void decide_value(Context& context, Work& work, FieldIndex field, const FieldValue& value,
                  const std::string& review, const std::string& note = {});

// Part of finish(): approved values that the authority shows now become golden; those that it refused, or
// that an edit of its own overtook, are given back to people.
void confirm_approved(Context& context, Work& work);

}  // namespace huiliu::sync
