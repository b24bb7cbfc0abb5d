// Record linkage of whole tables: candidates → levels → weights learned without examples → links, questions,
// clusters.
//
// Pure: the same records, options and seed give the same result. Clusters are a function of the set of scored
// pairs, not of their order. Memory is proportional to records times candidates per record.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/identity/linkage/candidates.hpp"
#include "hub/identity/linkage/model.hpp"

namespace huiliu::identity {

struct LinkageOptions {
  CandidateOptions candidates;
  std::uint64_t seed = 20240305;
  const LinkageModel* model = nullptr;  // null: learn
};

struct Linkage {
  LinkageModel model;
  std::vector<ScoredPair> links;      // at or above the threshold, not vetoed, kept by the clustering's rules
  std::vector<ScoredPair> questions;  // for a person
  std::vector<std::uint32_t> cluster;  // per record; numbered by first appearance
  std::size_t clusters = 0;
  std::size_t candidates = 0;
  std::vector<bool> single;  // per source: holds nothing twice
};

// Error: a given model does not fit the columns.
model::Result<Linkage> link_records(const Dataset& data, const LinkageOptions& options = {});

// One line of an explanation: what a column contributes, in bits.
struct Contribution {
  std::string column, level, left, right;
  double weight = 0;
};
struct Explanation {
  double weight = 0, probability = 0;
  std::string verdict;  // link, review, different
  std::string veto;
  std::vector<Contribution> contributions;  // prior first
};
Explanation explain_pair(const Dataset& data, const LinkageModel& model, std::uint32_t a, std::uint32_t b);

}  // namespace huiliu::identity
