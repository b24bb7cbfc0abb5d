#include "hub/model/hint.hpp"

#include <algorithm>
#include <vector>

namespace huiliu::model {
namespace {

constexpr std::size_t longest = 80;  // bytes of a word that is compared

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Insertions, deletions, replacements, and exchanges of neighbours.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t k = 0; k <= b.size(); ++k) row[k] = k;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const bool same = lower(a[i - 1]) == lower(b[k - 1]);
      next[k] = std::min({row[k] + 1, next[k - 1] + 1, row[k - 1] + (same ? 0 : 1)});
      if (i > 1 && k > 1 && lower(a[i - 1]) == lower(b[k - 2]) && lower(a[i - 2]) == lower(b[k - 1]))
        next[k] = std::min(next[k], before[k - 2] + 1);
    }
    std::swap(before, row);
    std::swap(row, next);
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view wrong, std::span<const std::string_view> candidates) {
  if (wrong.empty() || wrong.size() > longest) return {};
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, wrong.size() / 3) + 1;  // more is another word
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > longest) continue;
    // One word inside the other, as after the last dot of a path, is near as well.
    const bool inside = (wrong.size() >= 4 && (candidate.ends_with(wrong) || candidate.starts_with(wrong))) ||
                        (candidate.size() >= 3 && wrong.starts_with(candidate));
    const std::size_t distance = inside ? 1 : edits(wrong, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string_view> candidates) {
  const std::string_view near = nearest(wrong, candidates);
  return near.empty() ? std::string{} : "; did you mean \"" + std::string(near) + "\"?";
}

}  // namespace huiliu::model
