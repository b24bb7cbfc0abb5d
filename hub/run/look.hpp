// Looking: records read by key, because something about them is not known.
#pragma once

#include <string>

#include "hub/run/workspace.hpp"

namespace huiliu::run {

inline constexpr std::size_t look_batch = 200;  // keys in one lookup

// Records that must be read by key before anything else: writes without an answer, acknowledged ones without
// a look, creates without an answer. Returns until when the outcome of a create that was not found must stay
// open, since it may still land (ConnectionRules::doubt_lasts); 0: nothing is left open.
model::Result<model::Micros> look(Workspace& workspace, const std::string& connection,
                                  const std::string& stream, const std::string& run);

// A complete pass that began at `since` did not show some records: each is read by key, which tells whether
// it is gone. Nothing when the system cannot look up.
model::Status look_for_missing(Workspace& workspace, const std::string& connection, const std::string& stream,
                               const std::string& run, model::Micros since);

}  // namespace huiliu::run
