// What the outcome of a write means. Section 5 of the rules; how it began stands in begin.hpp.
#pragma once

#include <string>

#include "hub/sync/work.hpp"

namespace huiliu::sync {

// `ref`: the record, or the provisional one of a create. already: the outcome was seen before the answer
// came.
Settled settle_write(Context& context, const RecordRef& ref, const std::string& intent,
                     const WriteResult& result);
// Looked for long enough, and not found: it did not happen.
void write_not_there(Context& context, const RecordRef& ref, const std::string& intent);

}  // namespace huiliu::sync
