#include "hub/expr/groups.hpp"

namespace huiliu::expr {
namespace {

constexpr std::size_t most_unindexed_groups = 12;

}  // namespace

Groups::Group* Groups::find(std::string_view key) {
  if (groups_.size() > most_unindexed_groups) {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &groups_[found->second];
  }
  for (Group& group : groups_) {
    if (group.key == key) return &group;
  }
  return nullptr;
}

bool Groups::add(std::string_view key, std::uint32_t pair, std::uint32_t item) {
  const auto entry = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({item, 0});
  if (Group* group = find(key)) {
    if (group->pair != pair) return false;
    entries_[group->last_entry].next = entry;
    group->last_entry = entry;
    ++group->size;
    return true;
  }
  groups_.push_back({key, pair, 1, entry, entry});
  if (groups_.size() == most_unindexed_groups + 1) {
    for (std::uint32_t i = 0; i < groups_.size(); ++i) index_.emplace(groups_[i].key, i);
  } else if (groups_.size() > most_unindexed_groups) {
    index_.emplace(key, static_cast<std::uint32_t>(groups_.size() - 1));
  }
  return true;
}

}  // namespace huiliu::expr
