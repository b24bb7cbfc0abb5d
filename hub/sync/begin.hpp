// A write begins: it is durable here before it leaves for its system. Section 5 of the rules; what its
// outcome means stands in settle.hpp.
#pragma once

#include <optional>
#include <string>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// nullopt: it is not due any more, since the world has changed after the plan was made.
std::optional<Intent> begin_write(Context& context, const PlannedWrite& write, const std::string& run);
// The intent alone, without asking whether the write is due. nullopt: the record is unknown.
std::optional<Intent> record_intent(Context& context, Work& work, const PlannedWrite& write,
                                    const std::string& run);

}  // namespace huiliu::sync
