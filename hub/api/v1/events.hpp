// What a console watches, as server-sent events.
#pragma once

#include "hub/api/route.hpp"

namespace huiliu::api {

// Level-triggered: every event is a whole state ("run", "reviews", "dead-letters", "connections"), sent when
// it differs from the one before; a client that missed some, or connects anew, is sent all present states.
std::shared_ptr<EventSource> watch(run::Hub& hub, const access::Policy& policy, const access::Principal& who,
                                   access::Accounts& accounts, std::string session);

// A run as people see it: what systems said of records may hold somebody's numbers.
model::Value run_shown(store::Snapshot& snapshot, const store::Run& run);

}  // namespace huiliu::api
