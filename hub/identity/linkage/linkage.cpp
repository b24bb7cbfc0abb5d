#include "hub/identity/linkage/linkage.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "hub/identity/linkage/clusters.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::identity {
namespace {

// A source in which more than this share of the records has a certain twin holds some things twice.
constexpr double kMostTwins = 0.04;
constexpr double kMostShared = 0.4;  // of the partners elsewhere are the best of several of its records
constexpr double kSecondsFit = 0.2;  // the lesser of two equals stands at 0.29 of those that are alone
constexpr double kCertain = 3;       // bits above the threshold

std::vector<ScoredPair> compare_all(const Dataset& data, const std::vector<RecordPair>& candidates) {
  std::vector<ScoredPair> pairs;
  pairs.reserve(candidates.size());
  for (const RecordPair& pair : candidates) {
    const Compared compared = compare_finely(data, pair.a, pair.b);
    pairs.push_back({pair, compared.pattern, 0, compared.fineness});
  }
  return pairs;
}

// Share of the records of source s with a certain twin in it.
std::vector<double> twin_shares(const Dataset& data, const std::vector<ScoredPair>& pairs, double certain) {
  std::vector<double> sizes(data.sources, 0);
  for (const std::uint16_t source : data.source) ++sizes[source];
  std::vector<bool> has_twin(data.size(), false);
  for (const ScoredPair& pair : pairs) {
    if (data.source[pair.records.a] == data.source[pair.records.b] && pair.weight >= certain)
      has_twin[pair.records.b] = true;
  }
  std::vector<double> shares(data.sources, 0);
  for (std::size_t r = 0; r < data.size(); ++r)
    if (has_twin[r]) shares[data.source[r]] += 1 / sizes[data.source[r]];
  return shares;
}

// What the best partners of source s show: the share that is the best of several records of s, and how the
// second of those compares with records that are alone: its median's place among their weights (0 lowest, 1
// highest).
struct Sharing {
  double share = 0, place = 0;
};
Sharing sharing_of(const Dataset& data, const std::vector<ScoredPair>& pairs, std::uint16_t source,
                   double least) {
  struct Best {
    std::uint32_t partner = 0;
    float weight = 0;
  };
  std::map<std::uint32_t, Best> best;  // by record of the source
  for (const ScoredPair& pair : pairs) {
    const auto [a, b] = pair.records;
    if (data.source[a] == data.source[b] || pair.weight < least) continue;
    for (const auto& [record, partner] : {std::pair(a, b), std::pair(b, a)}) {
      if (data.source[record] != source) continue;
      const auto [at, added] = best.emplace(record, Best{partner, pair.weight});
      if (!added && at->second.weight < pair.weight) at->second = {partner, pair.weight};
    }
  }
  std::map<std::uint32_t, std::vector<float>> chosen;
  for (const auto& [record, each] : best) chosen[each.partner].push_back(each.weight);
  std::vector<float> alone;
  std::vector<float> seconds;
  for (auto& [partner, weights] : chosen) {
    std::sort(weights.begin(), weights.end(), std::greater<>());
    if (weights.size() == 1)
      alone.push_back(weights[0]);
    else
      seconds.push_back(weights[1]);
  }
  if (seconds.empty()) return {};
  std::sort(alone.begin(), alone.end());
  std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2),
                   seconds.end());
  const auto below =
      std::lower_bound(alone.begin(), alone.end(), seconds[seconds.size() / 2]) - alone.begin();
  return {static_cast<double>(seconds.size()) / static_cast<double>(chosen.size()),
          alone.empty() ? 1 : static_cast<double>(below) / static_cast<double>(alone.size())};
}

// Which sources hold nothing twice, judged by a model that assumed none does. Variants of a product are twins
// to the eye, but the lesser one has no partner of its own and fits clearly worse than records that are
// alone; of a true double, both fit alike. So a source must show twins, shared partners, and seconds that
// fit.
std::vector<bool> single_sources(const Dataset& data, const std::vector<ScoredPair>& pairs,
                                 const LinkageModel& model) {
  const std::vector<double> twins = twin_shares(data, pairs, model.threshold + kCertain);
  std::vector<bool> single;
  for (std::uint16_t s = 0; s < data.sources; ++s) {
    const Sharing sharing = sharing_of(data, pairs, s, std::max(0.1, model.threshold));
    single.push_back(twins[s] <= kMostTwins || sharing.share <= kMostShared || sharing.place < kSecondsFit);
  }
  return single;
}

model::Result<LinkageModel> checked(const LinkageModel& model, const Dataset& data) {
  const std::size_t columns = std::min(data.columns.size(), kMostColumns);
  bool fits = model.columns.size() == columns;
  for (std::size_t c = 0; fits && c < columns; ++c)
    fits = model.columns[c].name == data.columns[c].name && model.columns[c].type == data.columns[c].type;
  if (!fits) return model::make_error(model::ErrorClass::config, "the model was learned from other columns");
  return model;
}

// A shared telephone alone never links.
bool is_supported(const LinkageModel& model, Pattern pattern) {
  for (std::size_t c = 0; c < model.columns.size(); ++c) {
    if (model.columns[c].type != ColumnType::phone && model.columns[c].weight[level_at(pattern, c)] > 0)
      return true;
  }
  return false;
}

}  // namespace

model::Result<Linkage> link_records(const Dataset& data, const LinkageOptions& options) {
  Linkage out;
  out.single.assign(data.sources, false);
  std::vector<ScoredPair> pairs = compare_all(data, find_candidates(data, options.candidates).pairs);
  out.candidates = pairs.size();
  if (options.model != nullptr) {
    HUILIU_ASSIGN(out.model, checked(*options.model, data));
    for (ScoredPair& pair : pairs) pair.weight = static_cast<float>(weight_of(out.model, data, pair));
    if (data.sources > 1) out.single = single_sources(data, pairs, out.model);
  } else if (data.sources > 1) {
    out.single.assign(data.sources, true);
    out.model = learn_model(data, pairs, out.single, options.seed);
    const std::vector<bool> single = single_sources(data, pairs, out.model);
    if (single != out.single) {
      out.single = single;
      out.model = learn_model(data, pairs, out.single, options.seed);
    }
  } else {
    out.model = learn_model(data, pairs, out.single, options.seed);
  }
  std::vector<ScoredPair> edges;
  for (const ScoredPair& pair : pairs) {
    const bool same = same_identifier(data, pair.records.a, pair.records.b);
    if (veto_between(data, pair.records.a, pair.records.b) != nullptr) continue;
    ScoredPair edge = pair;
    if (same) edge.weight = std::max(edge.weight, 40.0F);
    if (!same && !is_supported(out.model, pair.pattern)) continue;
    if (edge.weight >= out.model.threshold)
      edges.push_back(edge);
    else if (edge.weight >= out.model.review)
      out.questions.push_back(edge);
  }
  Clustering clustering = cluster_records(data, out.model, std::move(edges), out.single);
  out.cluster = std::move(clustering.cluster);
  out.clusters = clustering.clusters;
  out.links = std::move(clustering.links);
  out.questions.insert(out.questions.end(), clustering.refused.begin(), clustering.refused.end());
  return out;
}

Explanation explain_pair(const Dataset& data, const LinkageModel& model, std::uint32_t a, std::uint32_t b) {
  Explanation out;
  const Compared compared = compare_finely(data, a, b);
  const ScoredPair pair{{std::min(a, b), std::max(a, b)}, compared.pattern, 0, compared.fineness};
  out.weight = weight_of(model, data, pair);
  const double prior = std::log2(model.prior / (1 - model.prior));
  out.contributions.push_back({"", "prior", "", "", prior});
  double sum = prior;
  for (std::size_t c = 0; c < model.columns.size(); ++c) {
    const ColumnData& column = data.columns[c];
    const Level level = level_at(pair.pattern, c);
    out.contributions.push_back({column.name, level_name(column.type, level),
                                 normalize::to_utf8(column.values[column.of_record[a]].text),
                                 normalize::to_utf8(column.values[column.of_record[b]].text),
                                 model.columns[c].weight[level]});
    sum += model.columns[c].weight[level];
  }
  if (std::fabs(out.weight - sum) > 1e-9)
    out.contributions.push_back(
        {"", "how common equal values are, how close alike ones", "", "", out.weight - sum});
  if (const char* veto = veto_between(data, a, b)) out.veto = veto;
  if (same_identifier(data, a, b) && out.veto.empty()) out.weight = std::max(out.weight, 40.0);
  out.probability = out.veto.empty() ? probability_of(out.weight) : 0;
  out.verdict = !out.veto.empty() || out.weight < model.review ? "different"
                : out.weight >= model.threshold                ? "link"
                                                               : "review";
  return out;
}

}  // namespace huiliu::identity
