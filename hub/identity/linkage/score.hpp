// How right are clusters? Pairwise precision, recall and F1.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hub/identity/linkage/candidates.hpp"

namespace huiliu::identity {

struct Score {
  double precision = 0, recall = 0, f1 = 0;
  std::uint64_t predicted = 0, actual = 0, right = 0;  // pairs
};

// Truth as pairs of records (each once, a < b). `across_only`: pairs inside one source do not count.
Score score_pairs(const Dataset& data, const std::vector<std::uint32_t>& cluster,
                  const std::vector<RecordPair>& truth, bool across_only);

// Truth as clusters; the same number means the same thing.
Score score_clusters(const Dataset& data, const std::vector<std::uint32_t>& cluster,
                     const std::vector<std::uint32_t>& truth, bool across_only);

}  // namespace huiliu::identity
