// What the files of Truth share: truth.cpp (what people did, and what descends from it), truth_systems.cpp,
// truth_claims.cpp, truth_golden.cpp, truth_restore.cpp, truth_removal.cpp.
#pragma once

#include <algorithm>
#include <iterator>

#include "tests/simulation/truth.hpp"

namespace huiliu::simulation {

inline constexpr const char* field_names[] = {"name", "job_number", "a", "b", "c", "code", "tags"};

inline bool same_value(const model::FieldValue& a, const model::FieldValue& b) {
  return a.has_value() == b.has_value() && (!a.has_value() || a.key == b.key);
}

}  // namespace huiliu::simulation
