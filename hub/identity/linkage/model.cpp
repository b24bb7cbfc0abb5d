#include "hub/identity/linkage/model.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace huiliu::identity {
namespace {

constexpr int kMostRounds = 25;
constexpr double kSettled = 0.0005;  // EM ends when no parameter moves more
constexpr std::size_t kRandomPairs = 300'000;
constexpr double kMostBits = 14;
constexpr double kMostCopies = 6;  // records of one thing; a value with more bearers is shared by strangers
constexpr double kRespelled =
    4;  // strangers with equal brand, trade and place, for each pair with equal names
constexpr double kFrequencyShare = 0.7;  // of the full term-frequency correction: values are not independent

class Random {  // splitmix64
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint32_t below(std::size_t limit) {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return static_cast<std::uint32_t>((z ^ (z >> 31U)) % limit);
  }

 private:
  std::uint64_t state_;
};

// Usual shares of the levels among true matches.
void set_usual_m(ColumnModel& column) {
  const Level best = best_level(column.type);
  const bool noisy = column.type == ColumnType::text || column.type == ColumnType::address;
  column.m.fill(0);
  column.m[best] = noisy ? 0.45 : 0.75;
  column.m[kElse] = noisy ? 0.08 : 0.1;
  double left = 1 - column.m[best] - column.m[kElse];
  if (best == 2) {
    column.m[best] += left;
    return;
  }
  for (Level level = best - 1; level > kElse; --level) {  // each half of what is left, the last all of it
    const double share = level == kElse + 1 ? left : left / 2;
    column.m[level] = share;
    left -= share;
  }
}

double bits(double m, double u) { return std::clamp(std::log2(m / u), -kMostBits, kMostBits); }

// Weights from m and u; a level that agrees more never counts less: neighbours out of order are pooled.
void set_weights(ColumnModel& column) {
  struct Block {
    double m, u;
    Level first, last;
  };
  std::vector<Block> blocks;
  for (Level level = kElse; level <= best_level(column.type); ++level) {
    blocks.push_back({column.m[level], column.u[level], level, level});
    while (blocks.size() > 1) {
      const Block& high = blocks.back();
      const Block& low = blocks[blocks.size() - 2];
      if (high.m * low.u >= low.m * high.u) break;
      const Block pooled{low.m + high.m, low.u + high.u, low.first, high.last};
      blocks.pop_back();
      blocks.back() = pooled;
    }
  }
  for (const Block& block : blocks)
    for (Level level = block.first; level <= block.last; ++level)
      column.weight[level] = bits(block.m, block.u);
}

// What the place within its level adds to the weight of each text: halfway to the next level's weight at its
// end.
double fine_bits(const LinkageModel& model, Pattern pattern, std::uint32_t fineness) {
  double sum = 0;
  std::size_t slot = 0;
  for (std::size_t c = 0; c < model.columns.size() && slot < kFineColumns; ++c) {
    const ColumnModel& column = model.columns[c];
    if (!is_fine(column.type)) continue;
    const double place = ((fineness >> (8 * slot++)) & 255U) / 255.0 - 0.5;
    const Level level = level_at(pattern, c);
    if (level == kMissing || level == best_level(column.type)) continue;
    if (place >= 0)
      sum += place * (column.weight[level + 1] - column.weight[level]);
    else if (level > kElse)
      sum += place * (column.weight[level] - column.weight[level - 1]);
  }
  return sum;
}

class Learner {
 public:
  Learner(const Dataset& data, std::vector<ScoredPair>& pairs, const std::vector<bool>& single,
          std::uint64_t seed)
      : data_(data), pairs_(pairs), single_(single), random_(seed) {}

  LinkageModel learn() {
    start();
    score();
    for (model_.rounds = 1; model_.rounds <= kMostRounds; ++model_.rounds) {
      const double moved = maximize();
      score();
      if (moved < kSettled && model_.rounds >= 4) break;
    }
    find_rivals();
    set_threshold();
    return std::move(model_);
  }

 private:
  bool inside_single(const ScoredPair& pair) const {
    return data_.source[pair.records.a] == data_.source[pair.records.b] &&
           single_[data_.source[pair.records.a]];
  }

  void start() {
    for (std::size_t c = 0; c < std::min(data_.columns.size(), kMostColumns); ++c) {
      const ColumnData& column = data_.columns[c];
      ColumnModel learned;
      learned.name = column.name;
      learned.type = column.type;
      learned.adjusts = column.type != ColumnType::text && column.type != ColumnType::number &&
                        column.type != ColumnType::uscc;
      double filled = 0;
      double squares = 0;
      for (std::size_t v = 1; v < column.values.size(); ++v) {
        filled += column.values[v].count;
        squares += static_cast<double>(column.values[v].count) * column.values[v].count;
      }
      learned.equal_by_chance = filled < 2 ? 1 : std::max(1e-7, (squares - filled) / (filled * (filled - 1)));
      set_usual_m(learned);
      model_.columns.push_back(std::move(learned));
      own_value_.push_back(column.type == ColumnType::company_name || data_.columns.size() == 1);
      equal_strangers_.push_back(equal_strangers(column, filled));
    }
    set_random_u();
    const double n = static_cast<double>(data_.size());
    double all = n * n / 2;
    double expected = n * 0.3;
    if (data_.sources > 1) {
      std::vector<double> sizes(data_.sources, 0);
      for (const std::uint16_t s : data_.source) ++sizes[s];
      std::sort(sizes.begin(), sizes.end());
      all = sizes[0] * (n - sizes[0]);
      expected = sizes[0] * 0.5;
    }
    model_.prior = std::clamp(expected / std::max(1.0, all), 1e-9, 0.5);
    all_pairs_ = all;
    index_patterns();
  }

  // How often two different things have equal values. Counting equal values counts the doubles themselves,
  // which is harmless where much else agrees or differs. But a company's name is its own, and a column that
  // stands alone has nothing beside it: there a value that a few records share is taken for one thing met
  // several times.
  double equal_strangers(const ColumnData& column, double filled) const {
    const double counted = model_.columns.back().equal_by_chance;
    if (!own_value_.back() || filled < 2) return counted;
    double pairs = 0;
    for (std::size_t v = 1; v < column.values.size(); ++v) {
      const double count = column.values[v].count;
      if (count > kMostCopies) pairs += count * (count - 1);
    }
    return std::min(counted, std::max(pairs / (filled * (filled - 1)), 0.05 / filled));
  }

  void set_random_u() {
    std::vector<std::array<double, kMostLevels>> counts(model_.columns.size());
    for (std::size_t i = 0; data_.size() > 1 && i < kRandomPairs; ++i) {
      const std::uint32_t a = random_.below(data_.size());
      const std::uint32_t b = random_.below(data_.size());
      if (a == b || (data_.sources > 1 && data_.source[a] == data_.source[b])) continue;
      const Pattern pattern = compare_records(data_, a, b);
      for (std::size_t c = 0; c < counts.size(); ++c) counts[c][level_at(pattern, c)] += 1;
    }
    for (std::size_t c = 0; c < counts.size(); ++c) {
      ColumnModel& column = model_.columns[c];
      const Level best = best_level(column.type);
      double total = 0;
      for (Level level = kElse; level <= best; ++level) total += counts[c][level] + 0.5;
      for (Level level = kElse; level <= best; ++level) column.u[level] = (counts[c][level] + 0.5) / total;
      column.u[best] = std::clamp(equal_strangers_[c], 1e-7, 0.99);
      random_u_.push_back(column.u);
      set_weights(column);
    }
  }

  void index_patterns() {
    std::unordered_map<Pattern, std::uint32_t> ids;
    for (const ScoredPair& pair : pairs_) {
      const auto [at, added] = ids.emplace(pair.pattern, static_cast<std::uint32_t>(patterns_.size()));
      if (added) patterns_.push_back(pair.pattern);
      pattern_of_.push_back(at->second);
      frequency_.push_back(static_cast<float>(frequency_bits(pair)));
    }
  }

  double frequency_bits(const ScoredPair& pair) const {
    double sum = 0;
    for (std::size_t c = 0; c < model_.columns.size(); ++c) {
      const ColumnModel& column = model_.columns[c];
      if (!column.adjusts || level_at(pair.pattern, c) != best_level(column.type)) continue;
      const ColumnData& values = data_.columns[c];
      const double count = values.values[values.of_record[pair.records.a]].count;
      const double share = std::max(1.0, count - 1) / static_cast<double>(data_.size());
      sum += kFrequencyShare * std::clamp(std::log2(column.equal_by_chance / share), -4.0, 4.0);
    }
    return std::clamp(sum, -8.0, 8.0);
  }

  void score() {
    std::vector<double> weights(patterns_.size());
    const double prior_bits = std::log2(model_.prior / (1 - model_.prior));
    for (std::size_t p = 0; p < patterns_.size(); ++p) {
      weights[p] = prior_bits;
      for (std::size_t c = 0; c < model_.columns.size(); ++c)
        weights[p] += model_.columns[c].weight[level_at(patterns_[p], c)];
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      pairs_[i].weight = static_cast<float>(weights[pattern_of_[i]] + static_cast<double>(frequency_[i]) +
                                            fine_bits(model_, pairs_[i].pattern, pairs_[i].fineness));
  }

  // Where only one partner can be right, the others are wrong.
  void find_rivals() {
    rival_.assign(pairs_.size(), false);
    if (std::none_of(single_.begin(), single_.end(), [](bool s) { return s; })) return;
    std::unordered_map<std::uint64_t, float> best;  // record and the other's source
    const auto key = [&](std::uint32_t record, std::uint32_t other) {
      return static_cast<std::uint64_t>(record) << 16U | data_.source[other];
    };
    for (const ScoredPair& pair : pairs_) {
      if (data_.source[pair.records.a] == data_.source[pair.records.b]) continue;
      for (const auto& [record, other] :
           {std::pair(pair.records.a, pair.records.b), std::pair(pair.records.b, pair.records.a)}) {
        const auto [at, added] = best.emplace(key(record, other), pair.weight);
        if (!added) at->second = std::max(at->second, pair.weight);
      }
    }
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const ScoredPair& pair = pairs_[i];
      const std::uint32_t a = pair.records.a;
      const std::uint32_t b = pair.records.b;
      if (data_.source[a] == data_.source[b]) {
        rival_[i] = single_[data_.source[a]];
        continue;
      }
      rival_[i] = (single_[data_.source[b]] && pair.weight < best[key(a, b)]) ||
                  (single_[data_.source[a]] && pair.weight < best[key(b, a)]);
    }
  }

  // One round; the largest move of a parameter.
  double maximize() {
    struct Counts {
      std::array<double, kMostLevels> same{}, different{};
    };
    std::vector<Counts> counts(model_.columns.size());
    double same = 0;
    double all = 0;
    std::vector<double> same_of(patterns_.size(), 0);
    std::vector<double> different_of(patterns_.size(), 0);
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      if (inside_single(pairs_[i])) continue;  // not what is asked
      const double p = probability_of(pairs_[i].weight);
      same_of[pattern_of_[i]] += p;
      different_of[pattern_of_[i]] += 1 - p;
      same += p;
      all += 1;
    }
    for (std::size_t p = 0; p < patterns_.size(); ++p) {
      for (std::size_t c = 0; c < counts.size(); ++c) {
        counts[c].same[level_at(patterns_[p], c)] += same_of[p];
        counts[c].different[level_at(patterns_[p], c)] += different_of[p];
      }
    }
    double moved = 0;
    for (std::size_t c = 0; c < counts.size(); ++c)
      moved = std::max(moved, update(c, counts[c].same, counts[c].different));
    const double prior = std::clamp((same + 0.5) / (all + 1), 1e-6, 0.98);
    moved = std::max(moved, std::fabs(prior - model_.prior));
    model_.prior = prior;
    return moved;
  }

  double update(std::size_t c, const std::array<double, kMostLevels>& same,
                const std::array<double, kMostLevels>& different) {
    ColumnModel& column = model_.columns[c];
    const Level best = best_level(column.type);
    ColumnModel usual = column;
    set_usual_m(usual);
    double same_total = 0;
    double different_total = 0;
    for (Level level = kElse; level <= best; ++level) {
      same_total += same[level];
      different_total += different[level];
    }
    // What is known beforehand counts as a few observations.
    const double same_weight = 4;
    const double different_weight = 4;
    double moved = 0;
    for (Level level = kElse; level <= best; ++level) {
      const double m = (same[level] + same_weight * usual.m[level]) / (same_total + same_weight);
      const double u =
          (different[level] + different_weight * random_u_[c][level]) / (different_total + different_weight);
      moved = std::max({moved, std::fabs(m - column.m[level]), std::fabs(u - column.u[level])});
      column.m[level] = std::max(m, 1e-5);
      column.u[level] = std::max(u, 1e-7);
    }
    // All strangers with equal values are among the candidates; there are no more of them than that.
    if (own_value_[c]) {
      const double strangers = equal_strangers_[c] * all_pairs_ / std::max<double>(1, pairs_.size());
      column.u[best] = std::clamp(strangers, 1e-7, column.u[best]);
      // The same brand and trade in the same place is another spelling of the name, seldom another company.
      if (column.type == ColumnType::company_name)
        column.u[best - 1] = std::clamp(kRespelled * strangers, 1e-7, column.u[best - 1]);
    }
    set_weights(column);
    return moved;
  }

  // The cut that promises the best F1 by the model's own probabilities.
  void set_threshold() {
    std::vector<float> weights;
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      if (!rival_[i]) weights.push_back(pairs_[i].weight);
    std::sort(weights.begin(), weights.end(), std::greater<>());
    double expected = 0;
    for (const float weight : weights) expected += probability_of(weight);
    double found = 0;
    double best = -1;
    model_.threshold = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      found += probability_of(weights[i]);
      const double f1 = 2 * found / (static_cast<double>(i + 1) + expected);
      if (f1 > best) {
        best = f1;
        model_.threshold = weights[i];
      }
    }
    model_.threshold = std::clamp(model_.threshold, -2.0, 3.0);
    model_.review = model_.threshold - 4;
  }

  const Dataset& data_;
  std::vector<ScoredPair>& pairs_;
  const std::vector<bool>& single_;
  Random random_;
  LinkageModel model_;
  std::vector<bool> own_value_;          // by column: its values are one thing's own
  std::vector<double> equal_strangers_;  // by column: the share of strangers with equal values
  double all_pairs_ = 1;
  std::vector<std::array<double, kMostLevels>> random_u_;
  std::vector<Pattern> patterns_;
  std::vector<std::uint32_t> pattern_of_;
  std::vector<float> frequency_;
  std::vector<bool> rival_;
};

}  // namespace

double probability_of(double weight) noexcept {
  if (weight > 40) return 1;
  return weight < -40 ? 0 : 1 / (1 + std::exp2(-weight));
}

double weight_of(const LinkageModel& model, const Dataset& data, const ScoredPair& pair) {
  double weight = std::log2(model.prior / (1 - model.prior));
  double frequency = 0;
  for (std::size_t c = 0; c < model.columns.size(); ++c) {
    const ColumnModel& column = model.columns[c];
    const Level level = level_at(pair.pattern, c);
    weight += column.weight[level];
    if (!column.adjusts || level != best_level(column.type)) continue;
    const ColumnData& values = data.columns[c];
    const double count = values.values[values.of_record[pair.records.a]].count;
    const double share = std::max(1.0, count - 1) / static_cast<double>(data.size());
    frequency += kFrequencyShare * std::clamp(std::log2(column.equal_by_chance / share), -4.0, 4.0);
  }
  return weight + std::clamp(frequency, -8.0, 8.0) + fine_bits(model, pair.pattern, pair.fineness);
}

LinkageModel learn_model(const Dataset& data, std::vector<ScoredPair>& pairs, const std::vector<bool>& single,
                         std::uint64_t seed) {
  return Learner(data, pairs, single, seed).learn();
}

model::Value to_value(const LinkageModel& model) {
  const auto number = [](double value) { return model::Value(value); };
  model::Array columns;
  for (const ColumnModel& column : model.columns) {
    model::Array levels;
    for (Level level = kElse; level <= best_level(column.type); ++level) {
      levels.push_back(model::Object{{"level", level_name(column.type, level)},
                                     {"m", number(column.m[level])},
                                     {"u", number(column.u[level])},
                                     {"weight", number(column.weight[level])}});
    }
    columns.push_back(model::Object{{"name", column.name},
                                    {"type", to_string(column.type)},
                                    {"equal_by_chance", number(column.equal_by_chance)},
                                    {"adjusts", column.adjusts},
                                    {"levels", std::move(levels)}});
  }
  return model::Object{{"version", 1},
                       {"prior", number(model.prior)},
                       {"threshold", number(model.threshold)},
                       {"review", number(model.review)},
                       {"columns", std::move(columns)}};
}

model::Result<LinkageModel> model_from(const model::Value& value) {
  const auto wrong = [](const std::string& what) {
    return model::make_error(model::ErrorClass::config, "not a linkage model: " + what);
  };
  const auto number = [](const model::Value& v) {
    return v.if_number() == nullptr ? 0.0 : v.if_number()->to_double();
  };
  if (number(value["version"]) != 1) return wrong("version 1 is expected");
  LinkageModel model;
  model.prior = std::clamp(number(value["prior"]), 1e-9, 0.99);
  model.threshold = number(value["threshold"]);
  model.review = number(value["review"]);
  if (value["columns"].if_array() == nullptr) return wrong("no columns");
  for (const model::Value& each : *value["columns"].if_array()) {
    ColumnModel column;
    column.name = each["name"].to_text();
    const auto type = column_type_from(each["type"].to_text());
    if (!type) return wrong("column type " + each["type"].to_text());
    column.type = *type;
    column.equal_by_chance = std::max(1e-7, number(each["equal_by_chance"]));
    column.adjusts = each["adjusts"].if_bool() != nullptr && *each["adjusts"].if_bool();
    const model::Array* levels = each["levels"].if_array();
    if (levels == nullptr || levels->size() != best_level(column.type))
      return wrong("levels of " + column.name);
    for (std::size_t i = 0; i < levels->size(); ++i) {
      column.m[i + 1] = number((*levels)[i]["m"]);
      column.u[i + 1] = number((*levels)[i]["u"]);
      column.weight[i + 1] = number((*levels)[i]["weight"]);
    }
    model.columns.push_back(std::move(column));
  }
  if (model.columns.size() > kMostColumns) return wrong("too many columns");
  return model;
}

}  // namespace huiliu::identity
