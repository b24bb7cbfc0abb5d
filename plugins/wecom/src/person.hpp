// An external contact (a person) as one record: what the vendor shows about him once, and once per follower.
//
// Remark, company, mobiles, tags, source and time belong to the pair of person and employee; the vendor has
// no merged view. The body keeps all pairs and adds, by rules that stand here alone, what a mapping needs:
//
//   external_userid, external_contact {…}, follow_user [{…}]   as `externalcontact/get` shows them; followers
//        by time, then userid; tags with group, name and id, whichever call they came from; the tags that a
//        member made for himself apart, as `personal_tags`
//   owner           userid of the first follower still there
//   name            his remark, else the WeChat or WeCom name
//   mobile          the last of his mobiles (the newest), else the last of the next follower's; "" for none
//   mobiles         of all followers, each number once
//   company         what WeCom knows (corp_full_name, corp_name), else what a follower remarked: evidence of
//        an employer, never a customer
//   remark_company  the owner's remark alone: the one place where the hub may fill in a company
//   hub_tags        names of the tags of the hub's own group that the owner gave
//   add_way, state, created   of the owner's relation; created in seconds
//
// Pure, any thread.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wecom {

struct CorpTag {
  std::string id, name, group, group_id;
};
using TagTable = std::map<std::string, CorpTag, std::less<>>;  // by id

inline constexpr std::int64_t kOutsideApp = 1;  // external_contact.type: a user of WeChat; 2: of WeCom

class Person {
 public:
  explicit Person(boost::json::object external_contact) : contact_(std::move(external_contact)) {}

  // One element of follow_user (get) or follow_info (batch). The same follower again replaces the first.
  void add_relation(boost::json::object relation);

  std::string id() const;
  bool is_outside_app() const;   // only then a company may be remarked
  bool lacks_tag_names() const;  // there are tags of which only the id is known
  std::size_t relation_count() const { return relations_.size(); }
  // The follower's relation; null when he has none. "" means the owner.
  const boost::json::object* relation(std::string_view userid = {}) const;

  boost::json::object body(const TagTable& tags, std::string_view hub_group) const;

 private:
  std::vector<const boost::json::object*> ordered() const;

  boost::json::object contact_;
  std::map<std::string, boost::json::object> relations_;  // by folded userid
};

// From a whole answer of externalcontact/get.
Person person_in(const boost::json::value& answer);
// Ids of the tags of a relation, in either of the vendor's forms; without those that a member made himself.
std::vector<std::string> tag_ids_of(const boost::json::object& relation);

}  // namespace wecom
