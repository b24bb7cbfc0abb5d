// What a chat tool is told of a person's company: its name, where the tool has none, and tags by the fields
// that the policy pack names (`chat_notes`). Both become golden values of the contact, said by the rule; the
// letters of the pack decide what of them travels. What a person typed himself is never touched.
#pragma once

#include "hub/run/workspace.hpp"

namespace huiliu::run {

// For contacts that changed, or whose company changed, since the last call. Errors: those of the store.
model::Status note_employers(Workspace& workspace);

}  // namespace huiliu::run
