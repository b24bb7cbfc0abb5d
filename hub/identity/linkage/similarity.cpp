#include "hub/identity/linkage/similarity.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace huiliu::identity {

double jaro_winkler(std::u32string_view a, std::u32string_view b) {
  constexpr std::size_t kMost = 64;
  a = a.substr(0, kMost);
  b = b.substr(0, kMost);
  if (a == b) return a.empty() ? 0 : 1;
  if (a.empty() || b.empty()) return 0;
  const std::size_t reach = std::max<std::size_t>(1, std::max(a.size(), b.size()) / 2) - 1;
  std::array<bool, kMost> in_a{};
  std::array<bool, kMost> in_b{};
  std::size_t matches = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t from = i > reach ? i - reach : 0;
    for (std::size_t j = from; j < std::min(b.size(), i + reach + 1); ++j) {
      if (in_b[j] || a[i] != b[j]) continue;
      in_a[i] = in_b[j] = true;
      ++matches;
      break;
    }
  }
  if (matches == 0) return 0;
  std::size_t swaps = 0;
  for (std::size_t i = 0, j = 0; i < a.size(); ++i) {
    if (!in_a[i]) continue;
    while (!in_b[j]) ++j;
    if (a[i] != b[j]) ++swaps;
    ++j;
  }
  const auto m = static_cast<double>(matches);
  const double jaro = (m / static_cast<double>(a.size()) + m / static_cast<double>(b.size()) +
                       (m - static_cast<double>(swaps) / 2) / m) /
                      3;
  std::size_t prefix = 0;
  while (prefix < 4 && prefix < std::min(a.size(), b.size()) && a[prefix] == b[prefix]) ++prefix;
  return jaro + static_cast<double>(prefix) * 0.1 * (1 - jaro);
}

std::size_t edit_distance(std::u32string_view a, std::u32string_view b, std::size_t limit) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > limit) return limit + 1;
  if (b.size() > 255) return a == b ? 0 : limit + 1;
  std::array<std::size_t, 257> before{};
  std::array<std::size_t, 257> above{};
  std::array<std::size_t, 257> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    std::size_t least = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replace, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
    before = above;
    above = row;
  }
  return std::min(above[b.size()], limit + 1);
}

double word_similarity(const ColumnData& column, const ColumnValue& a, const ColumnValue& b) {
  if (a.tokens.empty() || b.tokens.empty() || a.norm == 0 || b.norm == 0) return 0;
  constexpr std::size_t kMostLeft = 12;
  std::array<std::uint32_t, kMostLeft> left_a{};
  std::array<std::uint32_t, kMostLeft> left_b{};
  std::size_t count_a = 0;
  std::size_t count_b = 0;
  double dot = 0;
  double mass = 0;
  for (std::size_t i = 0, j = 0; i < a.tokens.size() || j < b.tokens.size();) {
    if (j >= b.tokens.size() || (i < a.tokens.size() && a.tokens[i] < b.tokens[j])) {
      if (count_a < kMostLeft) left_a[count_a++] = a.tokens[i];
      ++i;
    } else if (i >= a.tokens.size() || b.tokens[j] < a.tokens[i]) {
      if (count_b < kMostLeft) left_b[count_b++] = b.tokens[j];
      ++j;
    } else {
      const double weight = column.token_weight[a.tokens[i]];
      dot += weight * weight;
      mass += weight;
      ++i;
      ++j;
    }
  }
  for (std::size_t i = 0; i < count_a; ++i) {
    const std::u32string& word = column.token_words[left_a[i]];
    for (std::size_t j = 0; j < count_b; ++j) {
      const std::u32string& other = column.token_words[left_b[j]];
      if (word[0] != other[0] && !(word.size() > 4 && other.size() > 4 && word[1] == other[1])) continue;
      double likeness = 0;
      if (word.size() == 1 || other.size() == 1)
        likeness = word[0] == other[0] ? 0.6 : 0;  // an initial
      else if (word.size() >= 4 && other.size() >= 4)
        likeness = jaro_winkler(word, other);
      else if (std::min(word.size(), other.size()) >= 2 && word.substr(0, 2) == other.substr(0, 2) &&
               (word.back() == other.back()))
        likeness = 0.85;  // st = street would not end alike; rd = road, dr = drive do
      if (likeness < 0.6 || (likeness < 0.88 && word.size() > 3 && other.size() > 3)) continue;
      const double weight_a = column.token_weight[left_a[i]];
      const double weight_b = column.token_weight[left_b[j]];
      dot += likeness * std::min(weight_a, weight_b) * std::min(weight_a, weight_b);
      mass += likeness * std::min(weight_a, weight_b);
      std::swap(left_b[j], left_b[count_b - 1]);
      --count_b;
      break;
    }
  }
  const double cosine = std::min(1.0, dot / (static_cast<double>(a.norm) * b.norm));
  const double contained = std::min(1.0, mass / std::min<double>(a.mass, b.mass));
  return 0.65 * cosine + 0.35 * contained;
}

double bigram_similarity(std::u32string_view a, std::u32string_view b) {
  if (a.size() < 2 || b.size() < 2) return a == b && !a.empty() ? 1 : 0;
  std::size_t shared = 0;
  std::array<bool, 64> used{};
  const std::size_t most = std::min<std::size_t>(b.size() - 1, used.size());
  for (std::size_t i = 0; i + 1 < std::min<std::size_t>(a.size(), 64); ++i) {
    for (std::size_t j = 0; j < most; ++j) {
      if (used[j] || a[i] != b[j] || a[i + 1] != b[j + 1]) continue;
      used[j] = true;
      ++shared;
      break;
    }
  }
  return static_cast<double>(shared) / static_cast<double>(a.size() - 1 + b.size() - 1 - shared);
}

}  // namespace huiliu::identity
