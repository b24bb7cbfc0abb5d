// The way of one write: durable before it leaves, and what its outcome means. Section 5 of the rules.
#pragma once

#include <optional>
#include <string>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

std::optional<Intent> begin_write(Context& context, const PlannedWrite& write, const std::string& run);
// The intent alone, without asking whether the write is due. nullopt: the record is unknown.
std::optional<Intent> record_intent(Context& context, Work& work, const PlannedWrite& write,
                                    const std::string& run);
Settled settle_write(Context& context, const RecordRef& ref, const std::string& intent,
                     const WriteResult& result);
void write_not_there(Context& context, const RecordRef& ref, const std::string& intent);

}  // namespace huiliu::sync
