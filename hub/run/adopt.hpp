// A changed configuration meets what is already known. Records whose mapping changed are decoded again from
// what was stored of them (never an edit: the engine knows that only the reading changed), and what is due is
// derived anew for every golden record, because rights, scopes, stages and create rules decide it.
#pragma once

#include "hub/run/workspace.hpp"

namespace huiliu::run {

// What of the configuration decides about data: connections but for their schedules, settings and quotas,
// mappings, model, policies, code tables. Equal text, nothing to adopt.
std::string rules_fingerprint(const Workspace& workspace);

struct Adopted {
  std::int64_t decoded = 0;   // records read again under their new mapping
  std::int64_t examined = 0;  // golden records whose due marks were put right
};
// Does nothing when the store's data were last settled under the same fingerprint. In bounded transactions; a
// crash in between leaves the old fingerprint, and the next one begins again.
model::Result<Adopted> adopt_configuration(Workspace& workspace);

}  // namespace huiliu::run
