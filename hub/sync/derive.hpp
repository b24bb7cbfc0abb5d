// What the hub itself says about a golden record: its home ERP, and the fields that follow from others
// (former names; inactive only when every organisation part is). Part of finish().
#pragma once

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// The home ERP of a customer: the one whose record was approved first; equal or unknown: the order of the
// configuration; a person's word stands. When it moves, every field is chosen again. Nothing happens while
// only one ERP takes part.
void find_home(const Context& context, Work& work);

// Makes the console's claims for derived fields whose source changed, and chooses them. After the other
// fields.
void derive_fields(Context& context, Work& work);

// The number that a system gave to a record which the hub made is told to who asked for it.
void tell_new_number(const Context& context, Work& work);

// A person's word; "" gives it back to the rule. Errors: not_found; config (no live record of an ERP there).
model::Status move_home(Context& context, const GoldenId& golden, const std::string& connection,
                        const std::string& actor);

}  // namespace huiliu::sync
