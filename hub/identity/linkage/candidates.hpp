// Which pairs are worth comparing: records that share something rare.
//
// Every record has features: its values, their words, and pairs of values of two columns (so that common
// values find each other in combination). Features that more than `most_bearers` records have are hot: they
// fetch nobody. Each record keeps the `per_record` others with the largest sum of shared rarity, so the work
// is bounded per record.
#pragma once

#include <cstdint>
#include <vector>

#include "hub/identity/linkage/dataset.hpp"

namespace huiliu::identity {

struct RecordPair {
  std::uint32_t a = 0;  // a < b
  std::uint32_t b = 0;
  friend auto operator<=>(const RecordPair&, const RecordPair&) = default;
};

struct CandidateOptions {
  std::size_t most_bearers = 0;       // 0: by the size of the data
  std::size_t per_record = 0;         // other sources' records; 0: by the size of the data
  std::size_t per_record_inside = 8;  // of the record's own source, where there are several sources
};

struct Candidates {
  std::vector<RecordPair> pairs;  // sorted, each once
  std::size_t features = 0;
  std::size_t hot = 0;  // features that were too common
};

Candidates find_candidates(const Dataset& data, const CandidateOptions& options = {});

}  // namespace huiliu::identity
