#include "hub/identity/linkage/clusters.hpp"

#include <algorithm>
#include <numeric>

namespace huiliu::identity {
namespace {

constexpr std::size_t kMostChecks = 64;  // pairs looked at when two groups join
constexpr double kMostSay = 8;           // bits that one pair may count for or against

class Groups {
 public:
  Groups(const Dataset& data, const LinkageModel& model, const std::vector<bool>& single)
      : data_(data), model_(model), single_(single), group_(data.size()), members_(data.size()) {
    std::iota(group_.begin(), group_.end(), 0U);
    for (std::uint32_t r = 0; r < data.size(); ++r) members_[r] = {r};
  }
  bool together(std::uint32_t a, std::uint32_t b) const { return group_[a] == group_[b]; }
  std::uint32_t group_of(std::uint32_t record) const { return group_[record]; }

  bool join(std::uint32_t a, std::uint32_t b) {
    std::uint32_t large = group_[a];
    std::uint32_t small = group_[b];
    if (members_[large].size() < members_[small].size()) std::swap(large, small);
    if (source_twice(large, small) || !alike(large, small)) return false;
    for (const std::uint32_t record : members_[small]) group_[record] = large;
    members_[large].insert(members_[large].end(), members_[small].begin(), members_[small].end());
    std::sort(members_[large].begin(), members_[large].end());
    members_[small].clear();
    return true;
  }

 private:
  bool source_twice(std::uint32_t x, std::uint32_t y) const {
    if (std::none_of(single_.begin(), single_.end(), [](bool s) { return s; })) return false;
    std::vector<bool> seen(data_.sources, false);
    for (const std::uint32_t record : members_[x]) seen[data_.source[record]] = true;
    return std::any_of(members_[y].begin(), members_[y].end(), [&](std::uint32_t record) {
      return single_[data_.source[record]] && seen[data_.source[record]];
    });
  }
  // The mean of the weights between the groups, each within bounds, must not speak against them.
  bool alike(std::uint32_t x, std::uint32_t y) const {
    const auto& left = members_[x];
    const auto& right = members_[y];
    const std::size_t all = left.size() * right.size();
    const std::size_t step = std::max<std::size_t>(1, all / kMostChecks);
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < all; i += step, ++count) {
      const std::uint32_t a = std::min(left[i % left.size()], right[i / left.size()]);
      const std::uint32_t b = std::max(left[i % left.size()], right[i / left.size()]);
      if (veto_between(data_, a, b) != nullptr) return false;
      const bool same = same_identifier(data_, a, b);
      const Compared compared = compare_finely(data_, a, b);
      const double weight =
          same ? kMostSay : weight_of(model_, data_, {{a, b}, compared.pattern, 0, compared.fineness});
      sum += std::clamp(weight - model_.threshold, -kMostSay, kMostSay);
    }
    return all == 1 || sum >= -1.0 * static_cast<double>(count);
  }

  const Dataset& data_;
  const LinkageModel& model_;
  const std::vector<bool>& single_;
  std::vector<std::uint32_t> group_;
  std::vector<std::vector<std::uint32_t>> members_;
};

}  // namespace

Clustering cluster_records(const Dataset& data, const LinkageModel& model, std::vector<ScoredPair> links,
                           const std::vector<bool>& single) {
  std::sort(links.begin(), links.end(), [](const ScoredPair& x, const ScoredPair& y) {
    return x.weight != y.weight ? x.weight > y.weight : x.records < y.records;
  });
  Groups groups(data, model, single);
  Clustering out;
  for (const ScoredPair& link : links) {
    const bool joined =
        groups.together(link.records.a, link.records.b) || groups.join(link.records.a, link.records.b);
    (joined ? out.links : out.refused).push_back(link);
  }
  constexpr std::uint32_t kNone = 0xFFFFFFFF;
  std::vector<std::uint32_t> number(data.size(), kNone);
  for (std::uint32_t r = 0; r < data.size(); ++r) {
    std::uint32_t& mine = number[groups.group_of(r)];
    if (mine == kNone) mine = static_cast<std::uint32_t>(out.clusters++);
    out.cluster.push_back(mine);
  }
  return out;
}

}  // namespace huiliu::identity
