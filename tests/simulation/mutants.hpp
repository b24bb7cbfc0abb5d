// The planted errors by name; see hub/sync/mutant.hpp. One is active at a time, for the whole process.
#pragma once

#include <string>
#include <vector>

#include "hub/sync/mutant.hpp"

namespace huiliu::simulation {

struct NamedMutant {
  sync::Mutant mutant;
  const char* name;
  const char* rule;  // what it switches off
};
const std::vector<NamedMutant>& mutants();
// Null: no such mutant.
const NamedMutant* find_mutant(const std::string& name);
void plant(sync::Mutant mutant);

}  // namespace huiliu::simulation
