// The planted errors by name; see hub/sync/mutant.hpp. One is active at a time, for the whole process.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "hub/sync/mutant.hpp"
#include "tests/simulation/faults.hpp"

namespace huiliu::simulation {

struct NamedMutant {
  sync::Mutant mutant;
  const char* name;
  const char* rule;          // what it switches off
  std::set<Point> on = {};   // the faults that it needs: active in every run against it
  std::set<Point> off = {};  // what would only hide it
};
const std::vector<NamedMutant>& mutants();
// Null: no such mutant.
const NamedMutant* find_mutant(const std::string& name);
void plant(sync::Mutant mutant);

}  // namespace huiliu::simulation
