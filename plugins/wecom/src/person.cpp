#include "plugins/wecom/src/person.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"

namespace wecom {
namespace {

constexpr std::int64_t kPersonalTag = 2;

json::object shown_tag(const std::string& id, const TagTable& table, const json::value* as_shown) {
  if (const auto found = table.find(id); found != table.end())
    return {{"tag_id", id}, {"tag_name", found->second.name}, {"group_name", found->second.group}};
  if (as_shown != nullptr && as_shown->is_object()) {
    json::object tag = as_shown->get_object();
    tag.erase("type");
    return tag;
  }
  return {{"tag_id", id}};
}

// The relation in the form of `get`: tags by id, personal ones apart, in an order of their own.
json::object uniform(json::object relation, const TagTable& table) {
  std::map<std::string, json::object> by_id;
  std::vector<std::string> personal;
  const bool from_get = member(relation, "tags") != nullptr;
  for (const json::value* tag : items_of(member(relation, "tags"))) {
    const std::string id = text_at(*tag, "tag_id");
    if (number_at(*tag, "type") == kPersonalTag || id.empty())
      personal.push_back(text_at(*tag, "tag_name"));
    else
      by_id.emplace(id, shown_tag(id, table, tag));
  }
  for (const std::string& id : texts_of(member(relation, "tag_id")))
    by_id.emplace(id, shown_tag(id, table, nullptr));
  relation.erase("tag_id");
  json::array tags;
  for (auto& [id, tag] : by_id) tags.push_back(std::move(tag));
  relation["tags"] = std::move(tags);
  if (from_get && !personal.empty()) relation["personal_tags"] = array_of(personal);
  return relation;
}

std::vector<std::string> mobiles_of(const json::object& relation) {
  return texts_of(member(relation, "remark_mobiles"));
}

std::string first_text(const json::object& from, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (std::string text = text_at(from, name); !text.empty()) return text;
  return {};
}

}  // namespace

std::vector<std::string> tag_ids_of(const json::object& relation) {
  std::vector<std::string> ids = texts_of(member(relation, "tag_id"));
  for (const json::value* tag : items_of(member(relation, "tags")))
    if (const std::string id = text_at(*tag, "tag_id");
        !id.empty() && number_at(*tag, "type") != kPersonalTag)
      ids.push_back(id);
  return ids;
}

Person person_in(const json::value& answer) {
  const json::value* contact = member(answer, "external_contact");
  Person person(contact != nullptr && contact->is_object() ? contact->get_object() : json::object{});
  for (const json::value* relation : items_of(member(answer, "follow_user")))
    if (relation->is_object()) person.add_relation(relation->get_object());
  return person;
}

void Person::add_relation(json::object relation) {
  const std::string userid = folded(text_at(relation, "userid"));
  if (!userid.empty()) relations_.insert_or_assign(userid, std::move(relation));
}

std::string Person::id() const { return text_at(contact_, "external_userid"); }

bool Person::is_outside_app() const { return number_at(contact_, "type", kOutsideApp) == kOutsideApp; }

bool Person::lacks_tag_names() const {
  return std::any_of(relations_.begin(), relations_.end(), [](const auto& relation) {
    return !texts_of(member(relation.second, "tag_id")).empty();
  });
}

std::vector<const json::object*> Person::ordered() const {
  std::vector<const json::object*> relations;
  for (const auto& [userid, relation] : relations_) relations.push_back(&relation);
  std::stable_sort(relations.begin(), relations.end(), [](const json::object* a, const json::object* b) {
    return number_at(*a, "createtime") < number_at(*b, "createtime");
  });
  return relations;
}

const json::object* Person::relation(std::string_view userid) const {
  if (userid.empty()) return relations_.empty() ? nullptr : ordered().front();
  const auto found = relations_.find(folded(userid));
  return found == relations_.end() ? nullptr : &found->second;
}

json::object Person::body(const TagTable& tags, std::string_view hub_group) const {
  json::object body{{"external_userid", id()}, {"external_contact", contact_}};
  json::array followers;
  std::string mobile, remarked;
  std::vector<std::string> mobiles;
  std::set<std::string> numbers;
  const std::vector<const json::object*> relations = ordered();
  for (const json::object* relation : relations) {
    followers.push_back(uniform(*relation, tags));
    const std::vector<std::string> own = mobiles_of(*relation);
    if (mobile.empty() && !own.empty()) mobile = own.back();
    for (const std::string& number : own)
      if (numbers.insert(mobile_digits(number)).second) mobiles.push_back(number);
    if (remarked.empty()) remarked = text_at(*relation, "remark_corp_name");
  }
  static const json::object kNobody;
  const json::object& owner = relations.empty() ? kNobody : *relations.front();
  std::vector<std::string> hub_tags;
  if (!followers.empty())
    for (const json::value* tag : items_of(member(followers.front(), "tags")))
      if (text_at(*tag, "group_name") == hub_group) hub_tags.push_back(text_at(*tag, "tag_name"));
  std::sort(hub_tags.begin(), hub_tags.end());
  body["follow_user"] = std::move(followers);
  body["owner"] = text_at(owner, "userid");
  const std::string remark = text_at(owner, "remark");
  body["name"] = remark.empty() ? text_at(contact_, "name") : remark;
  body["mobile"] = mobile;
  body["mobiles"] = array_of(mobiles);
  const std::string known = first_text(contact_, {"corp_full_name", "corp_name"});
  body["company"] = known.empty() ? remarked : known;
  body["remark_company"] = text_at(owner, "remark_corp_name");
  body["hub_tags"] = array_of(hub_tags);
  if (const json::value* way = member(owner, "add_way")) body["add_way"] = *way;
  if (const json::value* state = member(owner, "state")) body["state"] = *state;
  if (const json::value* created = member(owner, "createtime")) body["created"] = *created;
  return body;
}

}  // namespace wecom
