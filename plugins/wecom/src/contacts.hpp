// The stream `external_contacts`: reading the people that employees follow, and the little that may be
// written about them.
//
// Reading. There is no "changed since" and no clock on a record: every reading is a walk, events shorten the
// time until it notices. The walk asks for the contacts of up to 100 followers at once, in pages, and gathers
// what it gets by person, since one person comes once per follower; where a group has thousands, the lists of
// ids tell who is complete, so that memory holds the few who are not. Who is followed by people of two such
// groups is asked for by id in the first of them. A person whom nobody follows any more is gone; a person
// who deleted the employee stays, since the relation does.
// Members who have left are not among those whose contacts are asked for, though their relations go on until
// somebody takes them over: these persons are listed apart and asked for by id.
//
// Writing. WeCom has no create, no delete and four things to write; of them the hub uses two, and its own
// tags. remark and description are what a salesperson typed for himself: they are refused before any request.
//
// Threads and errors: as Client.
#pragma once

#include <functional>
#include <huiliu/plugin.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plugins/wecom/src/client.hpp"
#include "plugins/wecom/src/membership.hpp"
#include "plugins/wecom/src/person.hpp"
#include "plugins/wecom/src/tags.hpp"

namespace wecom {

class Contacts {
 public:
  Contacts(const Settings& settings, const Client& client, const Tags& tags)
      : settings_(settings), client_(client), tags_(tags) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const;
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const;
  huiliu::Outcome write_one(huiliu::Call& call, const huiliu::Record& record) const;

  // Who has the feature and is visible, by folded userid; the spelling first seen.
  std::vector<std::string> followers(huiliu::Call& call) const;

 private:
  using People = std::map<std::string, Person>;  // by external userid
  using Groups = std::vector<std::vector<std::string>>;

  std::optional<huiliu::Outcome> write_once(huiliu::Call& call, const huiliu::Record& record,
                                            bool last) const;
  std::vector<std::string> contacts_of(huiliu::Call& call, const std::string& userid) const;
  void read_keys(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const;
  // One group of followers of a walk.
  struct Group {
    std::size_t place = 0;  // its number in `known`
    const std::vector<std::string>& users;
    std::uint64_t enough = 0;  // how many persons are wanted, 0: all
  };
  struct Walk;
  void read_group(Walk& walk, const std::vector<std::string>& users, std::size_t place) const;
  void give_on(Walk& walk, const std::string& id, const Person* gathered) const;
  using Visit = std::function<void(const std::string& id, const Person& person, bool whole)>;
  // Who the group knows, each once. whole: with all that it knows, else to be looked at by id.
  void gather(huiliu::Call& call, const Group& group, Membership& known, const Visit& visit) const;
  // Of those who wait, gives out whom all his followers in the group have shown. Returns how many.
  static std::size_t give_out_complete(const Group& group, Membership& known, People& waiting,
                                       const Visit& visit);
  // Returns the rows that were on it.
  std::size_t take_page(const boost::json::value& page, People& people) const;
  // Ids of the customers of members who have left, which nobody took over yet.
  std::set<std::string> unassigned(huiliu::Call& call) const;
  Membership members_of(huiliu::Call& call, const Groups& groups) const;
  Person person(huiliu::Call& call, const std::string& id) const;
  boost::json::object shown(huiliu::Call& call, const Person& person, TagTable& tags, bool& tags_known) const;

  const Settings& settings_;
  const Client& client_;
  const Tags& tags_;
};

}  // namespace wecom
