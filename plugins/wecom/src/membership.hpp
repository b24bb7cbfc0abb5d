// Who of a group of followers knows an external contact: how a reader tells that it has seen all of a person,
// and who stands in several groups. Ids are kept as hashes, 16 bytes a relation, since a company may have
// millions. Two ids that share one (of a million, once in some forty million walks) may hide one of them from
// this walk: the hub then misses it and asks for it by its id. For one walk and one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace wecom {

class Membership {
 public:
  void add(std::string_view id, std::size_t group);
  void seal();  // after the last add, before the first question

  bool empty() const { return relations_.empty(); }
  // How many followers of this group have the contact.
  std::size_t followers(std::string_view id, std::size_t group) const;
  bool in_earlier_group(std::string_view id, std::size_t group) const;
  bool in_several_groups(std::string_view id) const;

  // Remembers that the contact was given out with what this group knows of it; it must be known there.
  void give_out(std::string_view id, std::size_t group);
  bool is_given_out(std::string_view id, std::size_t group) const;

 private:
  struct Relation {
    std::uint64_t id = 0;
    std::uint32_t group = 0;
    bool given_out = false;
    friend auto operator<=>(const Relation&, const Relation&) = default;
  };
  using Place = std::vector<Relation>::const_iterator;
  Place first_of(std::uint64_t id, std::size_t group) const;

  std::vector<Relation> relations_;  // in order, once sealed
};

}  // namespace wecom
