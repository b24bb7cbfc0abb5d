// Edits of the console that belong to one run (an import): each keeps what stood there before, so that the
// run is taken back as a whole. Everything happens in the caller's transaction.
#pragma once

#include <string>
#include <vector>

#include "hub/store/store.hpp"
#include "hub/sync/engine.hpp"

namespace huiliu::run {

struct Edit {
  sync::GoldenId golden;
  std::string field;
  model::FieldValue value;  // cleared: empties the field
};

// Errors: as Engine::edit.
model::Status apply_edit(store::Transaction& transaction, sync::Engine& engine, const Edit& edit,
                         const std::string& run, const std::string& actor, model::Micros now);

struct TakenBack {
  std::vector<Edit> restored;
  std::vector<Edit> moved;  // somebody changed it since: left as it is
};
// Puts back what the run's edits replaced, where golden still says what they said. Once only: a second call
// finds nothing. `undo_run` is the run that does it.
model::Result<TakenBack> take_back_edits(store::Transaction& transaction, sync::Engine& engine,
                                         const std::string& run, const std::string& undo_run,
                                         const std::string& actor, model::Micros now);
// What take_back_edits would do.
model::Result<TakenBack> plan_take_back(store::Snapshot& snapshot, const model::Schema& schema,
                                        const std::string& run);

// Records what a person did in one go as a run of `job`, with its balance: each of `due` steps was applied or
// refused. In the transaction of the steps.
struct PersonsRun {
  std::string id, job, stream;
  std::int64_t due = 0, refused = 0;
  model::Micros at = 0;
  std::int64_t generation = 0;  // Store::generation()
};
void record_run(store::Transaction& transaction, const PersonsRun& run);

}  // namespace huiliu::run
