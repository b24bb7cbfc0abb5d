// Fellegi–Sunter: what a level of agreement is worth, learned without examples.
//
// The weight of a pair in bits is log2(prior odds) + Σ log2(m/u) + corrections for the frequency of equal
// values; its probability is 2^w/(1+2^w). u starts from random pairs, m from usual error rates; EM over the
// agreement patterns of the candidates then moves both. Guard rails: more agreement never counts less;
// what is known beforehand counts as a few observations; the threshold looks at best partners only where only
// one can be right. Within a level of a text, the likeness itself moves the weight towards the next level.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "hub/identity/linkage/candidates.hpp"
#include "hub/identity/linkage/compare.hpp"
#include "hub/model/value.hpp"

namespace huiliu::identity {

struct ColumnModel {
  std::string name;
  ColumnType type = ColumnType::name;
  std::array<double, kMostLevels> m{};  // by level; [0] unused
  std::array<double, kMostLevels> u{};
  std::array<double, kMostLevels> weight{};  // log2(m/u), made monotone; [0] is 0
  double equal_by_chance = 0;                // of two random values
  bool adjusts = false;                      // equal values count by their frequency
};

struct LinkageModel {
  std::vector<ColumnModel> columns;
  double prior = 0.01;   // share of matches among the candidates
  double threshold = 0;  // bits; pairs at or above are links
  double review = 0;     // bits; from here to the threshold a person decides
  int rounds = 0;
};

struct ScoredPair {
  RecordPair records;
  Pattern pattern = 0;
  float weight = 0;            // bits
  std::uint32_t fineness = 0;  // see fineness_of
};

// The weight of a pair. Finite; identifiers and vetoes are the caller's.
double weight_of(const LinkageModel& model, const Dataset& data, const ScoredPair& pair);
double probability_of(double weight) noexcept;

// Learns from the candidates and sets their weights. `seed` chooses the random pairs. `single[s]`: source s
// holds nothing twice, so a record has at most one partner there.
LinkageModel learn_model(const Dataset& data, std::vector<ScoredPair>& pairs, const std::vector<bool>& single,
                         std::uint64_t seed);

// As text, to be kept and used again for data with the same columns.
model::Value to_value(const LinkageModel& model);
model::Result<LinkageModel> model_from(const model::Value& value);

}  // namespace huiliu::identity
