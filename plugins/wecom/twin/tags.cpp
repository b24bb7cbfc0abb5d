// Corp tags of the twin. An app changes only what it made itself; a group lives while it has a tag.
#include <algorithm>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"

namespace wecom::twin {
namespace {

constexpr std::size_t kTagNameMax = 30;
constexpr std::string_view kMaker = "made_by_agent";  // of the twin's own, never shown

void check_name(const std::string& name) {
  if (name.empty()) refuse(40071, "invalid tag name");
  if (characters(name) > kTagNameMax) refuse(40072, "tag name too long");
}

void check_maker(const json::object& tag, const App& app) {
  if (number_at(tag, kMaker) != app.agent_id) refuse(81011, "no permission to this tag");
}

std::set<std::string> set_of(const json::value* list) {
  const std::vector<std::string> texts = texts_of(list);
  return {texts.begin(), texts.end()};
}

}  // namespace

std::string WeComTwin::group_named(std::string_view name) const {
  std::string found;
  store().for_each(kTags, [&](const std::string&, const Record& tag) {
    if (text_at(*tag, "group_name") == name) found = text_at(*tag, "group_id");
    return found.empty();
  });
  return found;
}

std::string WeComTwin::tag_named(std::string_view group, std::string_view name) const {
  std::string found;
  store().for_each(kTags, [&](const std::string& key, const Record& tag) {
    if (text_at(*tag, "group_id") == group && text_at(*tag, "name") == name) found = key;
    return found.empty();
  });
  return found;
}

std::string WeComTwin::make_tag(const std::string& group_id, const std::string& group,
                                const std::string& name, std::int64_t agent, Origin origin) {
  const std::string id = next_key(kTags);
  store().create(kTags, id,
                 {{"id", id},
                  {"name", name},
                  {"group_id", group_id},
                  {"group_name", group},
                  {"create_time", now_s()},
                  {"order", 0},
                  {kMaker, agent}},
                 origin);
  return id;
}

// Groups in the vendor's form. Deleted ones are named only when they were asked for.
json::array WeComTwin::tag_groups(const std::set<std::string>& tags,
                                  const std::set<std::string>& groups) const {
  std::map<std::string, json::object> found;
  const bool all = tags.empty() && groups.empty();
  const auto add = [&](const std::string& id, const json::object& tag, bool deleted) {
    const std::string group_id = text_at(tag, "group_id");
    if (!all && (groups.empty() ? !tags.contains(id) : !groups.contains(group_id))) return;
    json::object& group = found[group_id];
    if (group.empty())
      group = {{"group_id", group_id},
               {"group_name", text_at(tag, "group_name")},
               {"create_time", number_at(tag, "create_time")},
               {"order", 0},
               {"tag", json::array{}}};
    json::object shown{{"id", id},
                       {"name", text_at(tag, "name")},
                       {"create_time", number_at(tag, "create_time")},
                       {"order", number_at(tag, "order")}};
    if (!all) shown["deleted"] = deleted;
    group["tag"].as_array().push_back(std::move(shown));
  };
  store().for_each(kTags, [&](const std::string& id, const Record& tag) {
    add(id, *tag, false);
    return true;
  });
  if (!all)
    for (const auto& [id, tag] : deleted_tags_) add(id, tag, true);
  json::array list;
  for (auto& [id, group] : found) {
    if (!all) {
      const json::array& members = group.at("tag").get_array();
      group["deleted"] = std::all_of(members.begin(), members.end(), [](const json::value& tag) {
        return text_at(tag, "deleted") == "true";
      });
    }
    list.push_back(std::move(group));
  }
  return list;
}

HttpResponse WeComTwin::tag_list(const Asked& asked) {
  const std::set<std::string> tags = set_of(member(asked.body, "tag_id"));
  const std::set<std::string> groups = set_of(member(asked.body, "group_id"));
  json::array list = asked.http.empty_list
                         ? json::array{}
                         : tag_groups(groups.empty() ? tags : std::set<std::string>{}, groups);
  if (list.empty() && !(tags.empty() && groups.empty())) refuse(40068, "invalid tag id");
  return success({{"tag_group", std::move(list)}});
}

HttpResponse WeComTwin::tag_add(const Asked& asked) {
  std::string group_id = asked.text("group_id");
  std::string group = asked.text("group_name");
  if (!group_id.empty()) {
    group.clear();
    store().for_each(kTags, [&](const std::string&, const Record& tag) {
      if (text_at(*tag, "group_id") == group_id) group = text_at(*tag, "group_name");
      return group.empty();
    });
    if (group.empty()) refuse(40068, "invalid group id");
  } else {
    check_name(group);
    group_id = group_named(group);
  }
  std::set<std::string> names;
  for (const json::value* tag : items_of(member(asked.body, "tag"))) {
    check_name(text_at(*tag, "name"));
    names.insert(text_at(*tag, "name"));  // the same name twice is one tag
  }
  if (names.empty()) refuse(40063, "tag is empty");
  for (const std::string& name : names)
    if (!group_id.empty() && !tag_named(group_id, name).empty()) refuse(40071, "tag name exists");
  if (static_cast<std::int64_t>(store().size(kTags) + names.size()) > tags_per_corp_)
    refuse(40126, "too many tags");
  if (group_id.empty()) group_id = "eg" + next_key(kMessages);
  std::set<std::string> made;
  for (const std::string& name : names)
    made.insert(make_tag(group_id, group, name, asked.app.agent_id, Origin::api));
  json::array groups = tag_groups(made, {});
  return success({{"tag_group", groups.front()}});
}

HttpResponse WeComTwin::tag_edit(const Asked& asked) {
  const std::string id = asked.text("id");
  const std::string name = asked.text("name");
  if (!name.empty()) check_name(name);
  if (const Record tag = store().find(kTags, id)) {
    check_maker(*tag, asked.app);
    const std::string taken = tag_named(text_at(*tag, "group_id"), name);
    if (!name.empty() && !taken.empty() && taken != id) refuse(40071, "tag name exists");
    if (!name.empty()) store().update(kTags, id, {{"name", name}}, Origin::api);
    return success();
  }
  std::vector<std::string> members;
  store().for_each(kTags, [&](const std::string& key, const Record& tag) {
    if (text_at(*tag, "group_id") == id) members.push_back(key);
    return true;
  });
  if (members.empty()) refuse(40068, "invalid tag id");
  for (const std::string& key : members) check_maker(*store().get(kTags, key), asked.app);
  if (!name.empty() && !group_named(name).empty() && group_named(name) != id)
    refuse(40071, "group name exists");
  if (!name.empty())
    for (const std::string& key : members) store().update(kTags, key, {{"group_name", name}}, Origin::api);
  return success();
}

HttpResponse WeComTwin::tag_delete(const Asked& asked) {
  const std::set<std::string> tags = set_of(member(asked.body, "tag_id"));
  const std::set<std::string> groups = set_of(member(asked.body, "group_id"));
  if (tags.empty() && groups.empty()) refuse(40035, "nothing to delete");
  std::vector<std::string> doomed;
  store().for_each(kTags, [&](const std::string& key, const Record& tag) {
    if (tags.contains(key) || groups.contains(text_at(*tag, "group_id"))) doomed.push_back(key);
    return true;
  });
  if (doomed.empty()) refuse(40068, "invalid tag id");
  for (const std::string& key : doomed) check_maker(*store().get(kTags, key), asked.app);
  for (const std::string& key : doomed) {
    deleted_tags_[key] = *store().get(kTags, key);
    store().remove(kTags, key, Origin::api);
  }
  return success();
}

}  // namespace wecom::twin
