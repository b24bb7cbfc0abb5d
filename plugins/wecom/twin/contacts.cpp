// External contacts of the twin: lists, notes of followers, tags on relations, and the people who do all
// this.
#include <algorithm>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/twin/dice.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"
#include "sdk/twin/crypto.hpp"

namespace wecom::twin {
namespace {

constexpr std::size_t kRemarkMax = 20, kDescriptionMax = 150, kMobilesMax = 5;
constexpr std::int64_t kBatchMax = 100, kBatchDefault = 50, kUsersMax = 100;
constexpr std::size_t kFollowersOnce = 500;
constexpr std::int64_t kWideMax = 1000;

json::array* followers_of(json::object& body) {
  json::value* list = body.if_contains("follow_user");
  return list == nullptr ? nullptr : list->if_array();
}

}  // namespace

const json::object* WeComTwin::relation_in(const json::object& body, std::string_view userid) const {
  for (const json::value* relation : items_of(member(body, "follow_user")))
    if (relation->is_object() && same_user(text_at(*relation, "userid"), userid))
      return &relation->get_object();
  return nullptr;
}

const huiliu::twin::RecordStore::Keys& WeComTwin::contacts_of(std::string_view userid) const {
  return store().under(kContacts, kMember, folded(userid));
}

// Deleted from the directory, or marked there. Whom a dump of customers alone names is taken for a member.
bool WeComTwin::has_left(std::string_view userid) const {
  const std::string known = user_key(userid);
  return known.empty() ? departed_.contains(folded(userid))
                       : number_at(*store().get(kEmployees, known), "status", 1) == 5;
}

bool WeComTwin::is_visible(std::string_view userid) const {
  return visible_.empty() || visible_.contains(folded(userid));
}

json::object WeComTwin::shown_contact(const json::object& body) const {
  const json::value* contact = member(body, "external_contact");
  json::object shown = contact != nullptr && contact->is_object() ? contact->get_object() : json::object{};
  if (!shown.contains("external_userid")) shown["external_userid"] = key_of(kContacts, body);
  return shown;
}

// `get` shows tags with names, batches ids of corp tags alone and no personal ones.
json::object WeComTwin::shown_relation(const json::object& relation, bool batch) const {
  json::object shown = relation;
  shown.erase("tags");
  if (mixed_case_) {
    std::string userid = text_at(relation, "userid");
    for (char& c : userid)
      c = c >= 'a' && c <= 'z'   ? static_cast<char>(c - 32)
          : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32)
                                 : c;
    shown["userid"] = userid;
  }
  json::array tags, ids;
  for (const json::value* tag : items_of(member(relation, "tags"))) {
    const std::string id = text_at(*tag, "tag_id");
    if (id.empty()) {
      tags.push_back(json::object{
          {"group_name", text_at(*tag, "group_name")}, {"tag_name", text_at(*tag, "tag_name")}, {"type", 2}});
    } else if (const Record known = store().find(kTags, id)) {
      ids.emplace_back(id);
      tags.push_back(json::object{{"group_name", text_at(*known, "group_name")},
                                  {"tag_name", text_at(*known, "name")},
                                  {"tag_id", id},
                                  {"type", number_at(*tag, "type", 1)}});
    }
  }
  if (batch)
    shown["tag_id"] = std::move(ids);
  else
    shown["tags"] = std::move(tags);
  return shown;
}

HttpResponse WeComTwin::follow_users(const Asked& asked) {
  std::map<std::string, std::string> users;
  store().for_each(kEmployees, [&](const std::string& key, const Record&) {
    if (!has_left(key) && is_visible(key)) users.emplace(folded(key), key);
    return true;
  });
  store().for_each(kContacts, [&](const std::string&, const Record& record) {
    for (const json::value* relation : items_of(member(*record, "follow_user"))) {
      const std::string userid = text_at(*relation, "userid");
      if (!has_left(userid) && is_visible(userid)) users.emplace(folded(userid), userid);
    }
    return true;
  });
  json::array list;
  if (!asked.http.empty_list)
    for (const auto& [key, user] : users) list.emplace_back(user);
  return success({{"follow_user", std::move(list)}});
}

HttpResponse WeComTwin::contact_list(const Asked& asked) {
  const std::string userid = asked.text("userid");
  if (userid.empty()) refuse(40003, "invalid userid");
  if (!is_visible(userid)) refuse(60011, "no privilege to access/modify contact/party/agent");
  json::array ids;
  if (!asked.http.empty_list)
    for (const std::string& key : contacts_of(userid)) ids.emplace_back(key);
  if (ids.empty() && user_key(userid).empty()) refuse(60111, "userid not found");
  if (ids.empty()) refuse(84061, "not external contact");
  return success({{"external_userid", std::move(ids)}});
}

HttpResponse WeComTwin::contact_get(const Asked& asked) {
  const std::string key = asked.text("external_userid");
  if (key.empty()) refuse(41035, "external userid missing");
  const Record record = store().find(kContacts, key);
  if (!record) refuse(key.starts_with("wm") || key.starts_with("wo") ? 84061 : 40096, "not external contact");
  std::vector<const json::value*> relations = items_of(member(*record, "follow_user"));
  std::erase_if(relations,
                [&](const json::value* relation) { return !is_visible(text_at(*relation, "userid")); });
  if (relations.empty()) refuse(84061, "not external contact");
  const std::size_t at = page_at("get/" + key, asked.text("cursor"));
  const std::size_t end = std::min(relations.size(), at + kFollowersOnce);
  json::array followers;
  for (std::size_t i = at; i < end; ++i)
    followers.push_back(shown_relation(relations[i]->get_object(), false));
  json::object body{{"external_contact", shown_contact(*record)}, {"follow_user", std::move(followers)}};
  if (end < relations.size()) body["next_cursor"] = page_cursor("get/" + key, end, cursor_life_s_);
  return success(std::move(body));
}

// Cursors are opaque, belong to one query, count rows (so rows move while people work) and die.
std::string WeComTwin::page_cursor(std::string_view query, std::size_t at, std::int64_t life_s) const {
  const std::string text = std::to_string(at) + "." + std::to_string(now_s() + life_s);
  return "CUR" + text + "." +
         huiliu::twin::to_hex(huiliu::twin::sha1(text + std::string(query))).substr(0, 16);
}

std::size_t WeComTwin::page_at(std::string_view query, const std::string& cursor) {
  if (cursor.empty()) return 0;
  if (take(dead_cursors_) > 0) refuse(50100, "invalid cursor");
  const std::vector<std::string> parts = split(cursor, '.');
  if (parts.size() != 3 || !parts[0].starts_with("CUR")) refuse(50100, "invalid cursor");
  const std::int64_t at = number_of(json::value(json::string(parts[0].substr(3))), -1);
  const std::int64_t until = number_of(json::value(json::string(parts[1])), 0);
  if (at < 0 || page_cursor(query, static_cast<std::size_t>(at), until - now_s()) != cursor ||
      now_s() >= until)
    refuse(50100, "invalid cursor");
  return static_cast<std::size_t>(at);
}

HttpResponse WeComTwin::contact_batch(const Asked& asked) {
  const std::vector<std::string> users = texts_of(member(asked.body, "userid_list"));
  const json::value* list = member(asked.body, "userid_list");
  if (list == nullptr || !list->is_array() || users.empty()) refuse(40031, "invalid userid_list");
  if (static_cast<std::int64_t>(users.size()) > kUsersMax) refuse(40031, "userid_list too long");
  std::vector<std::string> licensed, unlicensed;
  std::size_t rows = 0;
  for (const std::string& user : users) {
    if (unlicensed_.contains(folded(user))) {
      unlicensed.push_back(user);
    } else if (!asked.http.empty_list && is_visible(user)) {
      licensed.push_back(user);
      rows += contacts_of(user).size();
    }
  }
  if (unlicensed.size() == users.size()) refuse(701008, "no licensed member");
  if (rows == 0 && !asked.http.empty_list && unlicensed.empty()) refuse(84061, "not external contact");
  std::int64_t limit = number_at(asked.body, "limit", kBatchDefault);
  limit = limit <= 0 ? kBatchDefault : std::min(limit, kBatchMax);
  const std::string query = "batch/" + joined(users, ",");
  const std::size_t at = page_at(query, asked.text("cursor"));
  // Pages come short now and then, even empty, though more follows.
  std::size_t size = static_cast<std::size_t>(limit);
  if (short_pages_) size = ++pages_ % 5 == 0 ? 0 : pages_ % 3 == 0 ? (size + 1) / 2 : size;
  const std::size_t end = std::min(rows, at + size);
  json::array page;
  std::size_t row = 0;  // of the first contact of `user`
  for (const std::string& user : licensed) {
    const auto& keys = contacts_of(user);
    const std::size_t skipped = at > row ? at - row : 0;
    auto key =
        skipped < keys.size() ? std::next(keys.begin(), static_cast<std::ptrdiff_t>(skipped)) : keys.end();
    for (std::size_t i = row + skipped; key != keys.end() && i < end; ++key, ++i) {
      const Record record = store().get(kContacts, *key);
      page.push_back(json::object{{"external_contact", shown_contact(*record)},
                                  {"follow_info", shown_relation(*relation_in(*record, user), true)}});
    }
    row += keys.size();
  }
  json::object body{{"external_contact_list", std::move(page)},
                    {"next_cursor", end < rows ? page_cursor(query, end, cursor_life_s_) : ""}};
  if (!unlicensed.empty()) body["fail_info"] = {{"unlicensed_userid_list", array_of(unlicensed)}};
  return success(std::move(body));
}

// A wider population: names masked, ids of the moment.
HttpResponse WeComTwin::wide_list(const Asked& asked) {
  struct Row {
    std::string key, userid;
    std::int64_t time;
  };
  std::vector<Row> rows;
  store().for_each(kContacts, [&](const std::string& key, const Record& record) {
    for (const json::value* relation : items_of(member(*record, "follow_user")))
      rows.push_back({key, text_at(*relation, "userid"), number_at(*relation, "createtime")});
    return true;
  });
  const std::int64_t limit = std::clamp<std::int64_t>(number_at(asked.body, "limit", kWideMax), 1, kWideMax);
  const std::size_t at = page_at("contact_list", asked.text("cursor"));
  const std::size_t end = std::min(rows.size(), at + static_cast<std::size_t>(limit));
  json::array list;
  for (std::size_t i = at; i < end; ++i)
    list.push_back(json::object{{"is_customer", true},
                                {"tmp_openid", "tmp" + id_text(9, i, 20)},
                                {"external_userid", rows[i].key},
                                {"name", "*"},
                                {"follow_userid", rows[i].userid},
                                {"add_time", rows[i].time}});
  return success(
      {{"info_list", std::move(list)},
       {"next_cursor", end < rows.size() ? page_cursor("contact_list", end, cursor_life_s_) : ""}});
}

void WeComTwin::require_relation(std::string_view key, std::string_view userid) const {
  if (key.empty()) refuse(41035, "external userid missing");
  if (userid.empty()) refuse(40003, "invalid userid");
  const Record record = store().find(kContacts, key);
  if (!record) refuse(84061, "not external contact");
  if (relation_in(*record, userid) == nullptr) refuse(84061, "not external contact");
}

// `changes`: members of the relation by the names that reading shows; counted under these names.
void WeComTwin::change_relation(std::string_view key, std::string_view userid, const json::object& changes,
                                Origin origin, std::string_view as) {
  std::vector<std::string> names;
  for (const auto& part : changes) names.emplace_back(part.key());
  store().update(
      kContacts, key,
      [&](json::object& body) {
        json::array* followers = followers_of(body);
        if (followers == nullptr) return;
        for (json::value& relation : *followers)
          if (same_user(text_at(relation, "userid"), userid))
            for (const auto& part : changes) relation.as_object()[part.key()] = part.value();
      },
      std::move(names), origin, as);
}

HttpResponse WeComTwin::contact_remark(const Asked& asked) {
  const std::string key = asked.text("external_userid");
  const std::string userid = asked.text("userid");
  require_relation(key, userid);
  if (take(conflicts_) > 0) refuse(45035, "concurrent edit");
  json::object changes;
  const auto text = [&](const char* name, const char* shown, std::size_t most) {
    const json::value* value = member(asked.body, name);
    if (value == nullptr) return;
    const std::string wanted = text_of(*value);
    if (characters(wanted) > most) refuse(40058, std::string(name) + " exceeds its length");  // never cut
    changes[shown] = wanted;
  };
  text("remark", "remark", kRemarkMax);
  text("description", "description", kDescriptionMax);
  text("remark_company", "remark_corp_name", kRemarkMax);
  if (const json::value* mobiles = member(asked.body, "remark_mobiles")) {
    if (!mobiles->is_array()) refuse(40058, "remark_mobiles is no array");
    if (mobiles->get_array().size() > kMobilesMax) refuse(40058, "too many remark_mobiles");
    changes["remark_mobiles"] = array_of(texts_of(mobiles));  // the whole list; [""] clears it
  }
  if (changes.empty() && member(asked.body, "remark_pic_mediaid") == nullptr)
    refuse(40035, "nothing to change");
  const Record record = store().get(kContacts, key);
  if (changes.contains("remark_corp_name") && number_at(shown_contact(*record), "type", 1) != 1)
    refuse(40058, "remark_company is for WeChat users");
  change_relation(key, userid, changes, Origin::api, {});  // and no event: apps cause none
  return success();
}

HttpResponse WeComTwin::mark_tag(const Asked& asked) {
  const std::string key = asked.text("external_userid");
  const std::string userid = asked.text("userid");
  const std::vector<std::string> add = texts_of(member(asked.body, "add_tag"));
  const std::vector<std::string> drop = texts_of(member(asked.body, "remove_tag"));
  if (add.empty() && drop.empty()) refuse(40035, "no tag");
  require_relation(key, userid);
  if (take(conflicts_) > 0) refuse(45035, "concurrent edit");
  for (const std::vector<std::string>* list : {&add, &drop})
    for (const std::string& id : *list)
      if (!store().find(kTags, id)) refuse(40068, "invalid tag id");
  const Record record = store().get(kContacts, key);
  json::array tags;
  for (const json::value* tag : items_of(member(*relation_in(*record, userid), "tags"))) {
    const std::string id = text_at(*tag, "tag_id");
    const bool named = std::find(drop.begin(), drop.end(), id) != drop.end() ||
                       std::find(add.begin(), add.end(), id) != add.end();
    if (id.empty() || !named) tags.push_back(*tag);
  }
  for (const std::string& id : add) tags.push_back(json::object{{"tag_id", id}, {"type", 1}});
  if (static_cast<std::int64_t>(tags.size()) > tags_per_contact_) refuse(40144, "too many tags");
  change_relation(key, userid, {{"tags", std::move(tags)}}, Origin::api, {});
  return success();
}

}  // namespace wecom::twin
