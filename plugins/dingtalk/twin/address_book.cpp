// External contacts of the twin, as topapi/extcontact shows them, and to-dos.
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <map>

#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::json_response;

constexpr std::size_t kListsMax = 20;
constexpr std::int64_t kFirstLabelId = 7001;
constexpr std::string_view kTodoRoot = "/v1.0/todo/users/", kTodoEnd = "/tasks";

json::value asked_of(const HttpRequest& request) { return parse_json(request.body).value_or(json::object{}); }

HttpResponse envelope(json::object fields = {}) {
  fields["errcode"] = 0;
  fields["errmsg"] = "ok";
  fields["request_id"] = "twin";
  return json_response(json::serialize(fields));
}

json::object contact_of(const json::value& asked) {
  const json::value* contact = field(asked, "contact");
  if (contact == nullptr || !contact->is_object()) throw TwinError(400, "40036", "缺少参数 contact");
  return contact->get_object();
}

// offset and size come both or not at all.
std::pair<std::size_t, std::size_t> page_of(const json::value& asked) {
  const json::value* size = field(asked, "size");
  const json::value* offset = field(asked, "offset");
  if (size == nullptr || offset == nullptr) return {0, 20};
  if (!size->is_int64() || size->get_int64() < 1 || size->get_int64() > 100)
    throw TwinError(400, "40069", "不合法的分页大小");
  if (!offset->is_int64() || offset->get_int64() < 0) throw TwinError(400, "40068", "不合法的偏移量");
  return {static_cast<std::size_t>(offset->get_int64()), static_cast<std::size_t>(size->get_int64())};
}

}  // namespace

std::vector<json::object> usual_labels() {
  std::vector<json::object> labels;
  for (const char* name : {"客户", "供应商", "合作伙伴"})
    labels.push_back({{"id", kFirstLabelId + static_cast<std::int64_t>(labels.size())},
                      {"name", name},
                      {"group_name", "联系人类型"}});
  return labels;
}

std::vector<json::object> DingTalkTwin::labels() const {
  std::vector<json::object> known;
  store().for_each(kLabels, [&](const std::string& key, const Record& record) {
    json::object label = *record;
    std::int64_t id = 0;
    std::from_chars(key.data(), key.data() + key.size(), id);
    label["id"] = id;
    known.push_back(std::move(label));
    return true;
  });
  return known.empty() ? usual_labels() : known;
}

bool DingTalkTwin::is_label(const std::string& id) const {
  const std::vector<json::object> known = labels();
  return std::any_of(known.begin(), known.end(),
                     [&](const json::object& label) { return text_at(label, "id") == id; });
}

void DingTalkTwin::check_person(const json::object& person, bool update) const {
  if (text_at(person, "name").empty()) throw TwinError(400, "60112", "姓名不合法");
  if (!update) {
    const std::string mobile = text_at(person, "mobile");
    const bool digits = mobile.size() >= 5 && std::all_of(mobile.begin(), mobile.end(), [](char c) {
                          return (c >= '0' && c <= '9') || c == '-';
                        });
    if (!digits || text_at(person, "state_code").empty()) throw TwinError(400, "60103", "手机号不合法");
  }
  if (!has_user(text_at(person, "follower_user_id"))) throw TwinError(400, "60121", "找不到负责人");
  const std::vector<std::string> wanted = texts_of(field(person, "label_ids"));
  if (wanted.empty() || !std::all_of(wanted.begin(), wanted.end(), [&](const std::string& id) {
        return is_label(id);  // a closed set
      }))
    throw TwinError(400, "60204", "缺少标签");
  for (const char* name : {"label_ids", "share_dept_ids", "share_user_ids"})
    if (items_of(field(person, name)).size() > kListsMax) throw TwinError(400, "40035", "列表过长");
}

HttpResponse DingTalkTwin::create_person(const HttpRequest& request) {
  json::object person = contact_of(asked_of(request));
  check_person(person, false);
  bool exists = false;
  store().for_each(kPeople, [&](const std::string&, const Record& known) {
    exists = text_at(*known, "mobile") == text_at(person, "mobile");
    return !exists;
  });
  if (exists) throw TwinError(400, "22005", "外部联系人已存在");
  const std::string key = next_key(kPeople);
  person["userid"] = key;
  person.emplace("email", "");
  store().create(kPeople, key, std::move(person), Origin::api);
  return envelope({{"userid", key}});
}

HttpResponse DingTalkTwin::update_person(const HttpRequest& request) {
  json::object person = contact_of(asked_of(request));
  const std::string key = text_at(person, "user_id");
  if (!store().find(kPeople, key)) throw TwinError(400, "60121", "找不到该用户");
  for (const char* name : {"mobile", "state_code", "email"})
    if (person.contains(name)) throw TwinError(400, "40035", std::string("不可修改 ") + name);
  check_person(person, true);
  person.erase("user_id");
  store().update(kPeople, key, person, Origin::api);
  return envelope();
}

HttpResponse DingTalkTwin::get_person(const HttpRequest& request) {
  const std::string key = text_at(asked_of(request), "user_id");
  if (key.empty()) throw TwinError(400, "40036", "缺少参数 user_id");
  const Record person = store().find(kPeople, key);
  if (!person) throw TwinError(400, "60121", "找不到该用户");
  return envelope({{"result", *person}});
}

// Neither a total nor has_more; rows are counted, so they move when somebody deletes one.
HttpResponse DingTalkTwin::list_people(const HttpRequest& request) {
  const auto [offset, size] = page_of(asked_of(request));
  json::array results;
  std::size_t place = 0;
  for (const auto& [key, person] : store().page(kPeople, {}, offset + size)) {
    if (request.empty_list || place++ < offset) continue;
    results.push_back(*person);
  }
  return envelope({{"results", std::move(results)}});
}

// Pages count groups.
HttpResponse DingTalkTwin::list_labels(const HttpRequest& request) {
  const auto [offset, size] = page_of(asked_of(request));
  std::map<std::string, json::array> groups;
  for (const json::object& label : labels())
    groups[text_at(label, "group_name")].push_back(
        json::object{{"id", label.at("id")}, {"name", text_at(label, "name")}});
  json::array results;
  std::size_t place = 0;
  for (auto& [name, members] : groups)
    if (const std::size_t at = place++; !request.empty_list && at >= offset && at < offset + size)
      results.push_back(json::object{{"name", name}, {"color", -1}, {"labels", std::move(members)}});
  return envelope({{"results", std::move(results)}});
}

HttpResponse DingTalkTwin::delete_person(const HttpRequest& request) {
  const std::string key = text_at(asked_of(request), "user_id");
  if (!store().find(kPeople, key)) throw TwinError(400, "60121", "找不到该用户");
  store().remove(kPeople, key, Origin::api);
  return envelope();
}

HttpResponse DingTalkTwin::create_todo(const HttpRequest& request) {
  const json::value asked = asked_of(request);
  const std::string creator =
      request.path.substr(kTodoRoot.size(), request.path.size() - kTodoRoot.size() - kTodoEnd.size());
  const auto known = [&](const std::string& union_id) {
    bool found = false;
    store().for_each(kEmployees, [&](const std::string&, const Record& user) {
      found = text_at(*user, "unionid") == union_id;
      return !found;
    });
    return found;
  };
  if (!known(creator) || text_at(asked, "subject").empty())
    throw TwinError(400, "todo.taskCreate.paramError", "参数错误");
  for (const char* list : {"executorIds", "participantIds"})
    for (const std::string& id : texts_of(field(asked, list)))
      if (!known(id)) throw TwinError(400, "todo.taskCreate.paramError", "执行者不存在");
  const std::string source = text_at(asked, "sourceId");
  bool exists = false;
  store().for_each(kTodos, [&](const std::string&, const Record& todo) {
    exists = !source.empty() && text_at(*todo, "sourceId") == source;
    return !exists;
  });
  if (exists) throw TwinError(400, "todo.taskCreate.paramError", "task exist");
  json::object todo = asked.get_object();
  const std::string id = "task" + std::to_string(++created_);
  todo["id"] = id;
  todo["createdTime"] = clock().now_ms();
  store().create(kTodos, id, todo, Origin::api);
  todo["requestId"] = "twin";
  return json_response(json::serialize(todo));
}

}  // namespace dingtalk::twin
