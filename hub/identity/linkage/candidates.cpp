#include "hub/identity/linkage/candidates.hpp"

#include <algorithm>
#include <cmath>

namespace huiliu::identity {
namespace {

std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}
std::uint64_t feature_of(std::uint64_t kind, std::uint64_t x, std::uint64_t y = 0) {
  return mixed(mixed(kind * 0x9E3779B97F4A7C15ULL + x) + y * 0xD1B54A32D192ED03ULL + 1);
}
std::uint64_t text_hash(std::u32string_view text) {
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (const char32_t c : text) h = (h ^ c) * 0x100000001B3ULL;
  return h;
}

bool is_short(ColumnType type) { return type != ColumnType::text && type != ColumnType::number; }

class FeatureMaker {
 public:
  explicit FeatureMaker(const Dataset& data) : data_(data) {
    for (std::size_t c = 0; c < data.columns.size() && paired_.size() < 9; ++c)
      if (is_short(data.columns[c].type)) paired_.push_back(c);
  }

  void of(std::uint32_t record, std::vector<std::uint64_t>& out) const {
    out.clear();
    for (std::size_t c = 0; c < data_.columns.size(); ++c) add_column(c, record, out);
    for (std::size_t i = 0; i < paired_.size(); ++i) {
      const std::uint32_t x = data_.columns[paired_[i]].of_record[record];
      if (x == 0) continue;
      for (std::size_t j = i + 1; j < paired_.size(); ++j) {
        const std::uint32_t y = data_.columns[paired_[j]].of_record[record];
        if (y != 0) out.push_back(feature_of(1000 + paired_[i] * 64 + paired_[j], x, y));
      }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
  }

 private:
  void add_column(std::size_t c, std::uint32_t record, std::vector<std::uint64_t>& out) const {
    const ColumnData& column = data_.columns[c];
    const std::uint32_t index = column.of_record[record];
    if (index == 0 || column.type == ColumnType::category) return;
    const ColumnValue& value = column.values[index];
    out.push_back(feature_of(c, index));
    // The rarest words; the words of similar columns meet (a city inside an address does not, it is common
    // anyway).
    std::vector<std::uint32_t> tokens = value.tokens;
    constexpr std::size_t kMostWords = 16;
    if (tokens.size() > kMostWords) {
      std::nth_element(
          tokens.begin(), tokens.begin() + kMostWords, tokens.end(),
          [&](std::uint32_t x, std::uint32_t y) { return column.token_weight[x] > column.token_weight[y]; });
      tokens.resize(kMostWords);
    }
    for (const std::uint32_t token : tokens)
      out.push_back(feature_of(2, text_hash(column.token_words[token])));
    if (column.type == ColumnType::phone && value.text.size() >= 7)
      out.push_back(feature_of(3, text_hash(std::u32string_view(value.text).substr(value.text.size() - 7))));
    if (column.type == ColumnType::company_name && value.company) {
      out.push_back(feature_of(4, text_hash(value.company->brand)));
      std::uint64_t h = 7;
      for (const char each : value.company->pinyin) h = mixed(h + static_cast<unsigned char>(each));
      out.push_back(feature_of(5, h));
    }
    if (column.type == ColumnType::email)
      out.push_back(
          feature_of(6, text_hash(std::u32string_view(value.text).substr(0, value.text.find(U'@')))));
    // A typo anywhere in a short text leaves its beginning or its end.
    if ((column.type == ColumnType::name || column.type == ColumnType::person_name ||
         column.type == ColumnType::code || column.type == ColumnType::date) &&
        value.text.size() >= 5) {
      const std::u32string_view text = value.text;
      out.push_back(feature_of(200 + c, text_hash(text.substr(0, text.size() / 2 + 1))));
      out.push_back(
          feature_of(300 + c, text_hash(text.substr(text.size() / 2 - (text.size() % 2 == 0 ? 1 : 0)))));
    }
  }

  const Dataset& data_;
  std::vector<std::size_t> paired_;
};

struct Posting {
  std::uint64_t feature;
  std::uint32_t record;
};

struct Index {
  std::vector<std::uint32_t> records;  // posting lists one after the other
  std::vector<std::uint32_t> begin;    // of each kept feature; one more at the end
  std::vector<float> weight;           // of each kept feature
  std::vector<std::vector<std::uint32_t>> of_record;
  std::size_t hot = 0;
};

Index build_index(const Dataset& data, std::size_t most_bearers) {
  std::vector<Posting> postings;
  const FeatureMaker maker(data);
  std::vector<std::uint64_t> features;
  for (std::uint32_t r = 0; r < data.size(); ++r) {
    maker.of(r, features);
    for (const std::uint64_t feature : features) postings.push_back({feature, r});
  }
  std::sort(postings.begin(), postings.end(), [](const Posting& x, const Posting& y) {
    return x.feature != y.feature ? x.feature < y.feature : x.record < y.record;
  });
  Index index;
  index.of_record.resize(data.size());
  for (std::size_t at = 0; at < postings.size();) {
    std::size_t end = at;
    while (end < postings.size() && postings[end].feature == postings[at].feature) ++end;
    const std::size_t bearers = end - at;
    if (bearers > most_bearers) ++index.hot;
    if (bearers >= 2 && bearers <= most_bearers) {
      const auto id = static_cast<std::uint32_t>(index.begin.size());
      index.begin.push_back(static_cast<std::uint32_t>(index.records.size()));
      index.weight.push_back(
          static_cast<float>(std::log2(static_cast<double>(data.size()) / static_cast<double>(bearers) + 1)));
      for (; at < end; ++at) {
        index.records.push_back(postings[at].record);
        index.of_record[postings[at].record].push_back(id);
      }
    }
    at = end;
  }
  index.begin.push_back(static_cast<std::uint32_t>(index.records.size()));
  return index;
}

}  // namespace

Candidates find_candidates(const Dataset& data, const CandidateOptions& options) {
  const std::size_t n = data.size();
  const std::size_t most_bearers = options.most_bearers != 0 ? options.most_bearers
                                   : n <= 10'000             ? 400
                                   : n <= 50'000             ? 250
                                                             : 120;
  const std::size_t per_record = options.per_record != 0 ? options.per_record
                                 : n <= 10'000           ? 50
                                 : n <= 50'000           ? 30
                                                         : 16;
  const Index index = build_index(data, most_bearers);
  Candidates out;
  out.features = index.weight.size();
  out.hot = index.hot;
  std::vector<float> score(n, 0);
  std::vector<std::uint32_t> touched;
  std::vector<std::uint32_t> inside;
  for (std::uint32_t r = 0; r < n; ++r) {
    touched.clear();
    inside.clear();
    for (const std::uint32_t feature : index.of_record[r]) {
      for (std::uint32_t at = index.begin[feature]; at < index.begin[feature + 1]; ++at) {
        const std::uint32_t other = index.records[at];
        if (other == r) continue;
        if (score[other] == 0)
          (data.sources > 1 && data.source[other] == data.source[r] ? inside : touched).push_back(other);
        score[other] += index.weight[feature];
      }
    }
    const auto keep_best = [&](std::vector<std::uint32_t>& found, std::size_t most) {
      const auto better = [&](std::uint32_t x, std::uint32_t y) {
        return score[x] != score[y] ? score[x] > score[y] : x < y;
      };
      const std::size_t kept = std::min(most, found.size());
      if (kept < found.size())
        std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(kept), found.end(),
                         better);
      for (std::size_t i = 0; i < kept; ++i)
        out.pairs.push_back({std::min(r, found[i]), std::max(r, found[i])});
      for (const std::uint32_t other : found) score[other] = 0;
    };
    keep_best(touched, per_record);
    keep_best(inside, options.per_record_inside);
  }
  std::sort(out.pairs.begin(), out.pairs.end());
  out.pairs.erase(std::unique(out.pairs.begin(), out.pairs.end()), out.pairs.end());
  return out;
}

}  // namespace huiliu::identity
