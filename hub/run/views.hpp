// What people and programs see of the store: JSON by the contract of the command line, shared by CLI and API.
// Pure functions over a snapshot.
#pragma once

#include <optional>
#include <string>

#include "hub/run/cycle.hpp"
#include "hub/store/store.hpp"

namespace huiliu::run {

// {"id","kind","fields":{name:{value,connection,key,changed_at,policy,run,losers}},"parts","replicas","contacts","history"}
// Follows a redirect. nullopt: no such golden record.
std::optional<model::Value> golden_view(store::Snapshot& snapshot, const model::Schema& schema,
                                        const std::string& id);
// One line of a list: {"id","kind","name","uscc","number","systems":[…],"changed_at"}
model::Value golden_row(store::Snapshot& snapshot, const model::Schema& schema, const sync::Golden& golden);

// Spaces of small values: why a run's connections failed, and how far a run under way is.
inline constexpr const char* run_error_space = "run_error";
inline constexpr const char* run_progress_space = "run_progress";
// {"id","job","state","started","ended","error","errors":[{connection,code,class,record,message,fix}],"streams":[…]},
// and "progress" while it is under way.
model::Value run_view(store::Snapshot& snapshot, const store::Run& run);
// {"id","kind","subject","choices","evidence","opened","state",…}
model::Value review_view(const sync::Review& review);
// {"id","customer","field","base","values":[{"connection","value","at"}],"rule","winner"}; from a review of
// kind conflict.
model::Value conflict_view(const sync::Review& review);
// {"id","connection","stream","key","cause","message","raw",…}
model::Value dead_letter_view(const store::Parked& parked);
// One line of a plan: {"connection","stream","key","customer","op","fields":{name:{from,to}},"reason"}
model::Value planned_write_view(const model::Schema& schema, const sync::PlannedWrite& write);
model::Value stats_view(const store::Stats& stats);

model::Value field_value_view(const model::FieldValue& value);
const char* to_string(sync::Op op) noexcept;
std::string time_text(model::Micros time);  // "" when not known

}  // namespace huiliu::run
