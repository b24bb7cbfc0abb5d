// How far a reading is, as far as that can be known. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "hub/model/time.hpp"
#include "hub/model/value.hpp"
#include "hub/run/workspace.hpp"

namespace huiliu::run {

struct Estimate {
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total;  // nothing: honestly not known
  double rate = 0;                     // records a second; 0: too early to say
  std::optional<double> seconds_left;  // only with a total and a rate
};

// `expected`: what the last complete pass or the system itself says there is; 0: nobody says. A reading that
// went past it shows that it was wrong, and it is not believed any more.
Estimate estimate(std::uint64_t done, std::uint64_t expected, bool expected_is_whole, model::Micros elapsed);

// [{"connection","phase","read","total" (null: unknown),"rate","eta_seconds","written","created","dead"}]
model::Value progress_view(const std::string& connection, const Progress& progress, model::Micros elapsed);

}  // namespace huiliu::run
