// Changing the configuration of a hub that works: its files, putting them in force, going back. The files of
// the directory are the one configuration; whoever changes it, by an editor, the command line or the API,
// changes them.
//
// Threads: any; two changes wait for one another.
#pragma once

#include <string>

#include "hub/run/config_plan.hpp"

namespace huiliu::run {

// A file of the configuration directory, not in force yet. `was`: the fingerprint of the text that the caller
// read (file_fingerprint), "" when there was none, "*": whatever stands there. Errors: stale (code "changed")
// when another one stands there now; config: no configuration file of that name, no directory, cannot be
// written.
model::Status write_file(Hub& hub, const std::string& path, const std::string& text, const std::string& was,
                         const std::string& actor);
model::Status remove_file(Hub& hub, const std::string& path, const std::string& was,
                          const std::string& actor);
std::string file_fingerprint(const std::string& text);

// Keeps texts that no revision holds, before they are replaced.
model::Status keep_edits(store::Store& store, const config::Texts& edits, const std::string& author,
                         model::Micros now);

// Puts what the directory holds in force, when that is exactly the plan of this hash; the serving process
// takes it over. Errors: stale: the world moved since; config: what is wrong, with file:line.
model::Result<Revision> put_in_force(Hub& hub, const std::string& plan, const Signature& signature);
// The same with the texts of an earlier revision, which replace the directory's; edits there are kept.
model::Result<Revision> roll_back(Hub& hub, std::int64_t revision, const std::string& plan,
                                  const Signature& signature);
// What that would change: `revision` 0: the directory's texts.
model::Result<ConfigPlan> plan_change(Hub& hub, std::int64_t revision);

}  // namespace huiliu::run
