// What a changed mapping would do to a connection before it runs there: the records whose canonical form is
// another, the customers that change with them, and the writes that would follow in every system. Everything
// is worked out by the engine itself over what the store holds; nothing is kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct MappingEffect {
  std::int64_t records = 0, changed = 0;       // of the connection
  std::map<std::string, std::int64_t> fields;  // "stream field" → records that change there
  std::int64_t excluded = 0, parked = 0;       // records that the changed mapping filters, or cannot read
  std::int64_t customers = 0;                  // golden records (of any entity) whose values would change
  std::int64_t questions = 0;                  // reviews that would be opened
  std::vector<sync::PlannedWrite> writes;      // those that are not due today
  std::int64_t no_longer_due = 0;              // writes of today that would fall away
};

// `present` runs today; `changed` is the same hub with the changed mapping (HubOptions::mappings), over the
// same store.
model::Result<MappingEffect> mapping_effect(Workspace& present, Workspace& changed,
                                            const std::string& connection);

}  // namespace huiliu::run
