// Revisions of the configuration: every text that a hub has worked with, with who put it in force, when and
// why. Small values of the store: space "revision" holds one entry per number, space "revision_text" each
// distinct file once, by its content.
//
// Functions over a Snapshot or Transaction; threads as those.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hub/config/texts.hpp"
#include "hub/store/store.hpp"

namespace huiliu::run {

struct Revision {
  std::int64_t number = 0;  // 1, 2, 3 …
  model::Micros at = 0;
  std::string author, reason;
  std::string fingerprint;                   // of its texts (config::fingerprint)
  std::map<std::string, std::string> files;  // path → content's key
  bool in_force = true;  // false: kept only so that nothing is lost (edits that a rollback replaced)
};

// Ascending by number.
std::vector<Revision> list_revisions(store::Snapshot& snapshot);
// The newest one that was put in force; nothing in a store that no hub has worked with.
std::optional<Revision> current_revision(store::Snapshot& snapshot);
std::optional<Revision> find_revision(store::Snapshot& snapshot, std::int64_t number);
// Error (data): a text of it is missing.
model::Result<config::Texts> texts_of(store::Snapshot& snapshot, const Revision& revision);

struct Signature {
  std::string author, reason;
  bool in_force = true;
};
// Puts the texts in force, or keeps them, as a new revision. When they are in force already, nothing changes
// and that revision is returned.
Revision record_revision(store::Transaction& transaction, const config::Texts& texts,
                         const Signature& signature, model::Micros now);

model::Value revision_view(const Revision& revision, bool current);

}  // namespace huiliu::run
