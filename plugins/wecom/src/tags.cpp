#include "plugins/wecom/src/tags.hpp"

#include <set>

#include "plugins/wecom/src/cursor.hpp"
#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"

namespace wecom {
namespace {

constexpr std::size_t kTagNameLimit = 30;

// A tag with the group it hangs in; deleted ones only come when they are asked for by id.
json::object tag_body(const json::value& group, const json::value& tag) {
  json::object body = tag.is_object() ? tag.get_object() : json::object{};
  body.erase("deleted");  // shown only when asked by id; a record must look the same from either call
  body["group_id"] = text_at(group, "group_id");
  body["group_name"] = text_at(group, "group_name");
  return body;
}

bool is_deleted(const json::value& thing) { return text_at(thing, "deleted") == "true"; }

template <class Take>
void each_tag(const json::value& answer, Take take) {
  for (const json::value* group : items_of(member(answer, "tag_group")))
    for (const json::value* tag : items_of(member(*group, "tag")))
      if (!text_at(*tag, "id").empty()) take(*group, *tag);
}

void add_to(TagTable& table, const json::value& answer) {
  each_tag(answer, [&](const json::value& group, const json::value& tag) {
    const std::string id = text_at(tag, "id");
    table[id] = {id, text_at(tag, "name"), text_at(group, "group_name"), text_at(group, "group_id")};
  });
}

const CorpTag* named(const TagTable& table, std::string_view group, std::string_view name) {
  for (const auto& [id, tag] : table)
    if (tag.group == group && tag.name == name) return &tag;
  return nullptr;
}

}  // namespace

json::value Tags::groups(huiliu::Call& call, const json::object& filter) const {
  return client_.post(call, "externalcontact/get_corp_tag_list", filter);
}

void Tags::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  each_tag(groups(call, {}), [&](const json::value& group, const json::value& tag) {
    if (request.limit > 0 && batch.size() >= request.limit) return;
    batch.upsert(text_at(tag, "id"),
                 request.mode == HUILIU_READ_KEYS ? "{}" : json::serialize(tag_body(group, tag)));
  });
  out.emit(batch);
  out.checkpoint(kReadWhole);
}

// A key may be a tag or, from an event, a group: then all its tags.
void Tags::lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const std::string_view key : request.keys) {
    bool found = false;
    const auto take = [&](const json::value& group, const json::value& tag) {
      const bool gone = is_deleted(tag) || is_deleted(group);
      found = found || text_at(tag, "id") == key || text_at(group, "group_id") == key;
      if (gone)
        batch.remove(text_at(tag, "id"));
      else
        batch.upsert(text_at(tag, "id"), json::serialize(tag_body(group, tag)));
    };
    for (const char* filter : {"tag_id", "group_id"}) {
      if (found) break;
      try {
        each_tag(groups(call, {{filter, json::array{json::string(key)}}}), take);
      } catch (const Refused& refused) {
        if (refused.kind != ErrorKind::not_found) throw;
      }
    }
    if (!found) batch.remove(key);
  }
  out.emit(batch);
}

void Tags::find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  each_tag(groups(call, {}), [&](const json::value& group, const json::value& tag) {
    const json::object body = tag_body(group, tag);
    for (const auto& [name, wanted] : request.fields)
      if (text_at(body, name) != wanted) return;
    if (request.limit == 0 || batch.size() < request.limit)
      batch.upsert(text_at(tag, "id"), json::serialize(body));
  });
  out.emit(batch);
}

TagTable Tags::table(huiliu::Call& call) const {
  TagTable table;
  try {
    add_to(table, groups(call, {}));
  } catch (const Refused& refused) {
    if (refused.kind != ErrorKind::access) throw;
    call.warn("the app has no right to tags: they show without names", {{"code", refused.remote_code}});
  }
  return table;
}

std::string Tags::own_tag(huiliu::Call& call, TagTable& table, const std::string& name) const {
  if (const CorpTag* tag = named(table, settings_.tag_group, name)) return tag->id;
  if (characters(name) > kTagNameLimit)
    throw huiliu::DataError("标签名最多30个字符 / a tag's name has at most 30 characters", {}, "/hub_tags");
  json::object body{{"group_name", settings_.tag_group}, {"tag", json::array{json::object{{"name", name}}}}};
  if (settings_.agent_id > 0) body["agentid"] = settings_.agent_id;
  try {
    add_to(table, client_.post(call, "externalcontact/add_corp_tag", body));
  } catch (const Refused& refused) {
    if (refused.kind != ErrorKind::duplicate) throw;
    add_to(table, groups(call, {}));  // somebody was faster
  }
  if (const CorpTag* tag = named(table, settings_.tag_group, name)) return tag->id;
  throw huiliu::DataError("企业微信没有返回新标签 / WeCom did not show the new tag", {}, "/hub_tags");
}

}  // namespace wecom
