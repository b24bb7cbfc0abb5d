// What people do with external contacts: notes in the client, adding and deleting each other, and the events
// of it.
#include <algorithm>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"

namespace wecom::twin {
namespace {

constexpr std::size_t kNoteMax = 20;  // characters of a remark or company

json::array tags_from(const json::value& list) {
  json::array tags;
  for (const json::value* tag : items_of(&list))
    tags.push_back(tag->is_object() ? *tag
                                    : json::value(json::object{{"tag_id", text_of(*tag)}, {"type", 1}}));
  return tags;
}

}  // namespace

void WeComTwin::push_contact_event(std::string_view change, std::string_view userid, std::string_view key,
                                   std::string_view extra_name, std::string_view extra) {
  events_.push({{"Event", "change_external_contact"},
                {"ChangeType", std::string(change)},
                {"UserID", std::string(userid)},
                {"ExternalUserID", std::string(key)},
                {std::string(extra_name), std::string(extra)}});
}

void WeComTwin::edit(std::string_view stream, std::string_view key, const json::object& fields,
                     std::string_view as) {
  if (stream != kContacts) {
    Twin::edit(stream, key, fields, as);
    if (stream == kEmployees)
      events_.push(
          {{"Event", "change_contact"}, {"ChangeType", "update_user"}, {"UserID", std::string(key)}});
    if (stream == kDepartments)
      events_.push({{"Event", "change_contact"}, {"ChangeType", "update_party"}, {"Id", std::string(key)}});
    if (stream == kChats)
      events_.push({{"Event", "change_external_chat"},
                    {"ChatId", std::string(key)},
                    {"ChangeType", "update"},
                    {"UpdateDetail", "change_name"}});
    return;
  }
  json::object whole, notes;
  for (const auto& part : fields) {
    const std::string_view name = part.key();
    if (name == "external_contact" || name == "follow_user")
      whole[name] = part.value();
    else if (name == "tags")
      notes["tags"] = tags_from(part.value());
    else if (name == "remark_company")
      notes["remark_corp_name"] = part.value();
    else if (name == "remark" || name == "description" || name == "remark_corp_name" ||
             name == "remark_mobiles")
      notes[name] = part.value();
    else
      throw TwinError(400, "bad_request", "nobody can edit " + std::string(name) + " of an external contact");
  }
  const Record record = store().get(kContacts, key);
  // What the person changes in his own app (nickname and the like) causes no event.
  if (!whole.empty()) {
    if (json::value* contact = whole.if_contains("external_contact");
        contact != nullptr && contact->is_object()) {
      json::object merged = shown_contact(*record);
      for (const auto& part : contact->get_object()) merged[part.key()] = part.value();
      *contact = std::move(merged);
    }
    store().update(kContacts, key, whole, Origin::person, as);
  }
  if (notes.empty()) return;
  // Notes are a follower's; whoever else edits is taken for the first of them.
  std::string userid(as);
  if (userid.empty() || relation_in(*record, userid) == nullptr) {
    const auto relations = items_of(member(*record, "follow_user"));
    if (relations.empty()) throw TwinError(409, "no_relation", "nobody follows this external contact");
    userid = text_at(*relations.front(), "userid");
  }
  for (const char* name : {"remark", "remark_corp_name"})
    if (const json::value* value = notes.if_contains(name);
        value != nullptr && characters(text_of(*value)) > kNoteMax)
      throw TwinError(400, "too_long", std::string(name) + " has at most 20 characters");
  change_relation(key, userid, notes, Origin::person, userid);
  push_contact_event("edit_external_contact", userid, key);
}

std::string WeComTwin::create(std::string_view stream, json::object fields, std::string_view as) {
  if (stream != kContacts) {
    const std::string key = Twin::create(stream, std::move(fields), as);
    if (stream == kEmployees) {
      departed_.erase(folded(key));
      events_.push({{"Event", "change_contact"}, {"ChangeType", "create_user"}, {"UserID", key}});
    }
    if (stream == kDepartments)
      events_.push({{"Event", "change_contact"}, {"ChangeType", "create_party"}, {"Id", key}});
    if (stream == kChats)
      events_.push({{"Event", "change_external_chat"}, {"ChatId", key}, {"ChangeType", "create"}});
    return key;
  }
  // A member adds somebody: either a whole record, or its members flat.
  std::string userid(as);
  if (!fields.contains("external_contact")) {
    json::object contact{
        {"name", text_at(fields, "name")}, {"type", number_at(fields, "type", 1)}, {"gender", 0}};
    for (const char* name : {"corp_name", "corp_full_name", "position", "unionid"})
      if (const json::value* value = member(fields, name)) contact[name] = *value;
    if (userid.empty())
      throw TwinError(400, "bad_request", "\"as\" is missing: who adds the external contact?");
    json::object relation{{"userid", userid},
                          {"remark", text_at(fields, "remark")},
                          {"description", text_at(fields, "description")},
                          {"createtime", now_s()},
                          {"tags", fields.contains("tags") ? tags_from(fields.at("tags")) : json::array{}},
                          {"remark_corp_name", text_at(fields, "remark_corp_name")},
                          {"remark_mobiles", array_of(texts_of(member(fields, "remark_mobiles")))},
                          {"add_way", number_at(fields, "add_way", 2)},
                          {"oper_userid", userid},
                          {"state", text_at(fields, "state")}};
    const std::string key = text_at(fields, "external_userid");
    fields = {{"external_contact", std::move(contact)}, {"follow_user", json::array{std::move(relation)}}};
    if (!key.empty()) fields["external_contact"].as_object()["external_userid"] = key;
  }
  json::object& contact = fields["external_contact"].as_object();
  if (!contact.contains("external_userid")) contact["external_userid"] = next_key(kContacts);
  const std::string key = text_at(contact, "external_userid");
  if (userid.empty())
    if (const auto relations = items_of(member(fields, "follow_user")); !relations.empty())
      userid = text_at(*relations.front(), "userid");
  store().create(kContacts, key, std::move(fields), Origin::person, userid);
  push_contact_event("add_external_contact", userid, key, "WelcomeCode", "WELCOME" + std::to_string(++made_));
  return key;
}

// The member deletes the customer: that relation ends; the last one takes the record along.
void WeComTwin::remove(std::string_view stream, std::string_view key, std::string_view as) {
  if (stream != kContacts) {
    Twin::remove(stream, key, as);
    if (stream == kEmployees) {
      departed_.insert(folded(key));
      events_.push(
          {{"Event", "change_contact"}, {"ChangeType", "delete_user"}, {"UserID", std::string(key)}});
    }
    if (stream == kDepartments)
      events_.push({{"Event", "change_contact"}, {"ChangeType", "delete_party"}, {"Id", std::string(key)}});
    if (stream == kChats)
      events_.push(
          {{"Event", "change_external_chat"}, {"ChatId", std::string(key)}, {"ChangeType", "dismiss"}});
    return;
  }
  const Record record = store().get(kContacts, key);
  std::vector<std::string> leaving;
  for (const json::value* relation : items_of(member(*record, "follow_user")))
    if (as.empty() || same_user(text_at(*relation, "userid"), as))
      leaving.push_back(text_at(*relation, "userid"));
  if (leaving.empty())  // somebody who is no follower: an administrator, who ends them all
    for (const json::value* relation : items_of(member(*record, "follow_user")))
      leaving.push_back(text_at(*relation, "userid"));
  if (leaving.size() == items_of(member(*record, "follow_user")).size()) {
    store().remove(kContacts, key, Origin::person, as);
  } else {
    store().update(
        kContacts, key,
        [&](json::object& body) {
          json::array kept;
          for (json::value& relation : body["follow_user"].as_array())
            if (!same_user(text_at(relation, "userid"), leaving.front())) kept.push_back(std::move(relation));
          body["follow_user"] = std::move(kept);
        },
        {"follow_user"}, Origin::person, as);
  }
  for (const std::string& userid : leaving) push_contact_event("del_external_contact", userid, key);
}

// One-way: the member's side remains and everything keeps working.
void WeComTwin::customer_deletes(std::string_view key, std::string_view userid) {
  const Record record = store().get(kContacts, key);
  if (relation_in(*record, userid) == nullptr)
    throw TwinError(409, "no_relation", std::string(userid) + " does not follow this external contact");
  one_way_.emplace(std::string(key), folded(userid));
  push_contact_event("del_follow_user", userid, key);
}

}  // namespace wecom::twin
