// Who may say what, and the making of claims. Section 4.3g and section 6 of the rules.
#pragma once

#include "hub/sync/work.hpp"

namespace huiliu::sync {

enum class Permission {
  claims,    // the edit becomes golden, if causality and policy say so
  proposes,  // becomes a change request
  put_back,  // recorded and overwritten with golden, or left, as the connection says
  ignored,   // this field is not exchanged with this system
};
// What an edit of this field in this record may do.
Permission permission_for(const Context& context, const Work& work, const Replica& replica, FieldIndex field);
// Whether what a new record shows counts among the initial values.
bool may_claim_initially(const Context& context, const Work& work, const Replica& replica, FieldIndex field);

// Accepts an edit: numbers it, replaces the replica's own earlier claim, base and stands := its value.
// `guessed`: versions that its author may have seen, because we were writing them.
void make_claim(Context& context, Work& work, Replica& replica, FieldIndex field, Claim claim,
                const Versions& guessed = {});

void claim_first_sight(Context& context, Work& work, Replica& replica, FieldIndex field,
                       const FieldValue& shown, const Observation& observation);

// Our open write that names a list, if there is one.
struct ListWrite {
  const Intent* intent = nullptr;
  const IntentField* sent = nullptr;
  bool landed = false;  // the system said that it was done
};

// An edited list, element by element: added ones are + claims, missing ones - claims, unless our own write
// did it.
void observe_list(Context& context, Work& work, Replica& replica, FieldIndex field, const FieldValue& shown,
                  const Interval& changed, const ListWrite& write, const Observation& observation);

}  // namespace huiliu::sync
