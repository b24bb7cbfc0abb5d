#include "plugins/wecom/src/membership.hpp"

#include <algorithm>
#include <functional>

namespace wecom {
namespace {

std::uint64_t hash_of(std::string_view id) { return std::hash<std::string_view>()(id); }

}  // namespace

void Membership::add(std::string_view id, std::size_t group) {
  relations_.push_back({hash_of(id), static_cast<std::uint32_t>(group), false});
}

void Membership::seal() { std::sort(relations_.begin(), relations_.end()); }

Membership::Place Membership::first_of(std::uint64_t id, std::size_t group) const {
  return std::lower_bound(relations_.begin(), relations_.end(), std::pair(id, group),
                          [](const Relation& relation, const auto& wanted) {
                            return std::pair(relation.id, std::size_t{relation.group}) < wanted;
                          });
}

std::size_t Membership::followers(std::string_view id, std::size_t group) const {
  const std::uint64_t hash = hash_of(id);
  const Place first = first_of(hash, group);
  const Place last = std::find_if_not(first, relations_.end(), [&](const Relation& relation) {
    return relation.id == hash && relation.group == group;
  });
  return static_cast<std::size_t>(last - first);
}

bool Membership::in_earlier_group(std::string_view id, std::size_t group) const {
  const std::uint64_t hash = hash_of(id);
  const Place first = first_of(hash, 0);
  return first != relations_.end() && first->id == hash && first->group < group;
}

bool Membership::in_several_groups(std::string_view id) const {
  const std::uint64_t hash = hash_of(id);
  const Place first = first_of(hash, 0);
  if (first == relations_.end() || first->id != hash) return false;
  const Place next = first_of(hash, std::size_t{first->group} + 1);
  return next != relations_.end() && next->id == hash;
}

void Membership::give_out(std::string_view id, std::size_t group) {
  relations_[static_cast<std::size_t>(first_of(hash_of(id), group) - relations_.begin())].given_out = true;
}

bool Membership::is_given_out(std::string_view id, std::size_t group) const {
  const std::uint64_t hash = hash_of(id);
  const Place first = first_of(hash, group);
  return first != relations_.end() && first->id == hash && first->group == group && first->given_out;
}

}  // namespace wecom
