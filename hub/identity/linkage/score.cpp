#include "hub/identity/linkage/score.hpp"

#include <algorithm>
#include <unordered_map>

namespace huiliu::identity {
namespace {

// Pairs of records with the same label, and of the same source when that counts.
std::uint64_t pairs_within(const Dataset& data, const std::vector<std::uint64_t>& label, bool across_only) {
  std::unordered_map<std::uint64_t, std::uint64_t> all;
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> by_source;
  for (std::size_t r = 0; r < label.size(); ++r) {
    ++all[label[r]];
    if (!across_only) continue;
    auto& counts = by_source[label[r]];
    counts.resize(data.sources, 0);
    ++counts[data.source[r]];
  }
  const auto two_of = [](std::uint64_t n) { return n * (n - 1) / 2; };
  std::uint64_t pairs = 0;
  for (const auto& [value, n] : all) pairs += two_of(n);
  for (const auto& [value, counts] : by_source)
    for (const std::uint64_t n : counts) pairs -= n == 0 ? 0 : two_of(n);
  return pairs;
}

Score score_of(std::uint64_t predicted, std::uint64_t actual, std::uint64_t right) {
  Score score;
  score.predicted = predicted;
  score.actual = actual;
  score.right = right;
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  score.precision = share(right, predicted);
  score.recall = share(right, actual);
  score.f1 = share(2 * right, predicted + actual);
  return score;
}

std::vector<std::uint64_t> widened(const std::vector<std::uint32_t>& labels) {
  return {labels.begin(), labels.end()};
}

}  // namespace

Score score_pairs(const Dataset& data, const std::vector<std::uint32_t>& cluster,
                  const std::vector<RecordPair>& truth, bool across_only) {
  const auto right =
      static_cast<std::uint64_t>(std::count_if(truth.begin(), truth.end(), [&](const RecordPair& pair) {
        return cluster[pair.a] == cluster[pair.b];
      }));
  return score_of(pairs_within(data, widened(cluster), across_only), truth.size(), right);
}

Score score_clusters(const Dataset& data, const std::vector<std::uint32_t>& cluster,
                     const std::vector<std::uint32_t>& truth, bool across_only) {
  std::vector<std::uint64_t> both;
  for (std::size_t r = 0; r < cluster.size(); ++r)
    both.push_back(static_cast<std::uint64_t>(cluster[r]) << 32U | truth[r]);
  return score_of(pairs_within(data, widened(cluster), across_only),
                  pairs_within(data, widened(truth), across_only), pairs_within(data, both, across_only));
}

}  // namespace huiliu::identity
