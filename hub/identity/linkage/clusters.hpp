// From links to clusters: a pure function of the set of links.
//
// Links are taken from the strongest to the weakest (ties by the records' numbers). Two groups join unless a
// source that holds nothing twice would then stand in one group twice, a veto stands between members, or,
// where both groups have several members, most of their members are unlike each other: one accidental link is
// no bridge.
#pragma once

#include <vector>

#include "hub/identity/linkage/model.hpp"

namespace huiliu::identity {

struct Clustering {
  std::vector<std::uint32_t> cluster;  // per record; numbered by first appearance
  std::size_t clusters = 0;
  std::vector<ScoredPair> links;    // those that hold
  std::vector<ScoredPair> refused;  // those that a rule above refused: questions for a person
};

Clustering cluster_records(const Dataset& data, const LinkageModel& model, std::vector<ScoredPair> links,
                           const std::vector<bool>& single);

}  // namespace huiliu::identity
