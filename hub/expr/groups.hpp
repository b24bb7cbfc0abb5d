// Items that an object constructor groups by key: for each key, in the order of their first appearance, which
// items it has and which of the constructor's pairs it came from.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace huiliu::expr {

class Groups {
 public:
  struct Group {
    std::string_view key;  // lives in the arena or longer
    std::uint32_t pair;
    std::uint32_t size;
    std::uint32_t first_entry;
    std::uint32_t last_entry;
  };

  // False: the key has come from another pair already.
  bool add(std::string_view key, std::uint32_t pair, std::uint32_t item);
  const std::vector<Group>& all() const noexcept { return groups_; }

  template <class Visit>
  void for_each_item(const Group& group, Visit&& visit) const {
    for (std::uint32_t i = group.first_entry;; i = entries_[i].next) {
      visit(entries_[i].item);
      if (i == group.last_entry) return;
    }
  }

 private:
  struct Entry {
    std::uint32_t item;
    std::uint32_t next;
  };
  Group* find(std::string_view key);

  std::vector<Group> groups_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::uint32_t> index_;  // once there are many
};

}  // namespace huiliu::expr
