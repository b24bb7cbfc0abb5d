// The CRM's write calls of the twin: batches with a verdict for each item, and the older single calls.
#include <algorithm>
#include <boost/json.hpp>

#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

namespace dingtalk::twin {

using huiliu::twin::json_response;

// One object to create or change, from whichever call.
struct DingTalkTwin::ItemWrite {
  std::string id;           // empty: create
  std::string object_type;  // of a create
  std::string acting;       // who does it
  bool skip_duplicates = false;
  json::object data;  // key → value as the store holds it
  std::optional<json::array> owners, helpers;
};

namespace {

constexpr std::size_t kItemsMax = 10;
constexpr std::size_t kFieldsMax = 256;

json::value body_in(const HttpRequest& request) {
  const auto body = parse_json(request.body);
  if (!body || !body->is_object()) throw TwinError(400, "param.error", "请求体不是JSON对象");
  return *body;
}

// A value as the vendor wants it: text, nothing else.
std::string field_value(const json::value& entry, std::string_view name) {
  const json::value* value = field(entry, name);
  if (value == nullptr) return {};
  if (!value->is_string()) throw TwinError(400, "data.format.error", "字段值应为字符串");
  return std::string(value->get_string());
}

json::array people_in(const json::value& list) {
  if (!list.is_array()) throw TwinError(400, "data.format.error", "人员应为数组");
  return list.get_array();
}

json::object verdict(const std::string& code, const std::string& message,
                     const std::vector<std::string>& duplicates) {
  json::object shown{{"success", false}, {"errorCode", code}, {"errorMsg", message}, {"relationId", nullptr}};
  if (!duplicates.empty()) shown["duplicatedRelationIds"] = json::array(duplicates.begin(), duplicates.end());
  return shown;
}

// Somebody of the same name, with their ids.
struct Duplicate : TwinError {
  explicit Duplicate(std::vector<std::string> found)
      : TwinError(400, "1002", "查重失败"), ids(std::move(found)) {}
  std::vector<std::string> ids;
};

}  // namespace

void DingTalkTwin::check_operator(const std::string& id, std::string_view code) const {
  if (id.empty()) throw TwinError(400, "MissingoperatorUserId", "缺少操作人");
  if (!has_user(id)) throw TwinError(400, std::string(code), "操作人不存在: " + id);
}

DingTalkTwin::ItemWrite DingTalkTwin::parse_item(std::string_view stream, const json::value& from,
                                                 bool update) const {
  ItemWrite item;
  if (update) item.id = text_at(from, "relationId");
  if (update && item.id.empty()) throw TwinError(400, "MissingrelationId", "缺少relationId");
  const json::value* fields = field(from, "bizDataList");
  if (fields != nullptr && !fields->is_array()) throw TwinError(400, "param.error", "bizDataList应为数组");
  if (fields != nullptr && fields->get_array().size() > kFieldsMax)
    throw TwinError(400, "count.exceeds.limit", "bizDataList超过256");
  for (const json::value* entry : items_of(fields)) {
    const std::string key = text_at(*entry, "key");
    const std::string value = field_value(*entry, "value");
    const std::string extended = field_value(*entry, "extendValue");
    form_of(stream).check(key, value, extended);
    const FormField* known = form_of(stream).find(key);
    if (known->type == FieldType::relation)
      item.data[key] = {{"value", value}, {"extendValue", extended}};
    else
      item.data[key] = value;
  }
  if (const json::value* permission = field(from, "relationPermissionDTO")) {
    // Both lists are taken as a whole; the one that is not sent is empty.
    const json::value* owners = field(*permission, "principalUserIds");
    const json::value* helpers = field(*permission, "participantUserIds");
    item.owners = owners == nullptr ? json::array{} : people_in(*owners);
    item.helpers = helpers == nullptr ? json::array{} : people_in(*helpers);
  }
  return item;
}

void DingTalkTwin::apply(std::string_view stream, const ItemWrite& item, json::object& body) const {
  const bool contact = stream == kContacts;
  if (!body.contains("data")) body["data"] = json::object{};
  for (const auto& member : item.data) body["data"].get_object()[member.key()] = member.value();
  if (!body.contains("permission")) body["permission"] = json::object{};
  json::object& permission = body["permission"].get_object();
  if (item.owners) permission[contact ? "ownerUserIds" : "ownerStaffIds"] = *item.owners;
  if (item.helpers) permission[contact ? "participantUserIds" : "participantStaffIds"] = *item.helpers;
}

void DingTalkTwin::check_duplicate(const ItemWrite& item) const {
  const json::value* name = item.data.if_contains("customer_name");
  if (item.skip_duplicates || name == nullptr) return;
  const std::set<std::string>& same = customers_.equal("customer_name", scalar_text(*name));
  std::vector<std::string> others;
  std::copy_if(same.begin(), same.end(), std::back_inserter(others),
               [&](const auto& id) { return id != item.id; });
  if (!others.empty()) throw Duplicate(std::move(others));
}

// Writes one item; throws for what is refused.
json::object DingTalkTwin::write_item(std::string_view stream, const ItemWrite& item) {
  if (!item.id.empty() && !store().find(stream, item.id))
    throw TwinError(400, "data.not.exists", "数据不存在");
  if (stream == kCustomers) check_duplicate(item);
  std::vector<std::string> names;
  for (const auto& member : item.data) names.emplace_back(member.key());
  if (item.owners) names.emplace_back("owner");
  if (item.id.empty()) {
    const std::string id = next_key(stream);
    json::object body{{"instanceId", id}, {"objectType", item.object_type}, {"creatorUserId", item.acting}};
    apply(stream, item, body);
    body["procInstStatus"] = "COMPLETED";
    body["procOutResult"] = "agree";
    store().create(stream, id, std::move(body), Origin::api, item.acting);
    return {{"success", true}, {"errorCode", nullptr}, {"errorMsg", nullptr}, {"relationId", id}};
  }
  const Record before = store().get(stream, item.id);
  json::object next = *before;
  apply(stream, item, next);
  if (next == *before) throw TwinError(400, "no.valid.parameter", "没有有效的更新参数");
  store().update(
      stream, item.id, [&](json::object& body) { apply(stream, item, body); }, std::move(names), Origin::api,
      item.acting);
  return {{"success", true}, {"errorCode", nullptr}, {"errorMsg", nullptr}, {"relationId", item.id}};
}

HttpResponse DingTalkTwin::write_batch(std::string_view stream, const HttpRequest& request, bool update) {
  const json::value body = body_in(request);
  std::string object_type = "crm_contact";
  if (stream == kCustomers) {
    object_type = text_at(body, "relationType");
    if (object_type != "crm_customer" && object_type != "crm_customer_personal")
      throw TwinError(400, "relationType.not.exists", "relationType不存在");
  }
  const std::string acting = text_at(body, "operatorUserId");
  check_operator(acting, update ? "modifierUserId.not.exists" : "creatorUserId.not.exists");
  const json::value* list = field(body, "relationList");
  if (list == nullptr || !list->is_array() || list->get_array().empty())
    throw TwinError(400, "param.error", "缺少relationList");
  if (list->get_array().size() > kItemsMax) throw TwinError(400, "count.exceeds.limit", "relationList超过10");
  json::array results;
  std::size_t unchanged = 0;
  for (const json::value& from : list->get_array()) {
    try {
      ItemWrite item = parse_item(stream, from, update);
      item.object_type = object_type;
      item.acting = acting;
      item.skip_duplicates = true_at(body, "skipDuplicateCheck");
      results.push_back(write_item(stream, item));
    } catch (const Duplicate& refused) {
      results.push_back(verdict(refused.code(), refused.what(), refused.ids));
    } catch (const TwinError& refused) {
      if (refused.code() == "no.valid.parameter") ++unchanged;
      results.push_back(verdict(refused.code(), refused.what(), {}));
    }
  }
  if (unchanged == results.size()) throw TwinError(400, "no.valid.parameter", "没有有效的更新参数");
  return json_response(json::serialize(json::object{{"results", std::move(results)}}));
}

HttpResponse DingTalkTwin::create_relations(const HttpRequest& request) {
  return write_batch(kCustomers, request, false);
}
HttpResponse DingTalkTwin::update_relations(const HttpRequest& request) {
  return write_batch(kCustomers, request, true);
}
HttpResponse DingTalkTwin::create_contacts(const HttpRequest& request) {
  return write_batch(kContacts, request, false);
}
HttpResponse DingTalkTwin::update_contacts(const HttpRequest& request) {
  return write_batch(kContacts, request, true);
}

DingTalkTwin::ItemWrite DingTalkTwin::parse_single(const HttpRequest& request, bool update) const {
  const json::value body = body_in(request);
  ItemWrite item;
  item.acting = text_at(body, update ? "modifierUserId" : "creatorUserId");
  check_operator(item.acting, update ? "modifierUserId.not.exists" : "creatorUserId.not.exists");
  if (update) item.id = text_at(body, "instanceId");
  if (update && item.id.empty()) throw TwinError(400, "MissinginstanceId", "缺少instanceId");
  item.object_type = text_at(body, "relationType");
  if (item.object_type.empty()) item.object_type = "crm_customer";
  item.skip_duplicates = true_at(body, "skipDuplicateCheck");
  const json::value* data = field(body, "data");
  if (data == nullptr || !data->is_object()) throw TwinError(400, "Missingdata", "缺少data");
  for (const auto& member : data->get_object()) {
    const std::string value = field_value(*data, member.key());
    customer_form_.check(member.key(), value, {});
    item.data[member.key()] = value;
  }
  if (const json::value* permission = field(body, "permission")) {
    if (const json::value* owners = field(*permission, "ownerStaffIds")) item.owners = people_in(*owners);
    if (const json::value* helpers = field(*permission, "participantStaffIds"))
      item.helpers = people_in(*helpers);
  }
  return item;
}

HttpResponse DingTalkTwin::create_customer(const HttpRequest& request) {
  const json::object written = write_item(kCustomers, parse_single(request, false));
  return json_response(json::serialize(json::object{{"instanceId", written.at("relationId")}}));
}

HttpResponse DingTalkTwin::update_customer(const HttpRequest& request) {
  const json::object written = write_item(kCustomers, parse_single(request, true));
  return json_response(json::serialize(json::object{{"instanceId", written.at("relationId")}}));
}

HttpResponse DingTalkTwin::delete_customer(const HttpRequest& request) {
  check_operator(std::string(request.parameter("currentOperatorUserId")), "modifierUserId.not.exists");
  const std::string id = request.path.substr(request.path.rfind('/') + 1);
  if (!store().find(kCustomers, id)) throw TwinError(400, "data.not.exists", "数据不存在");
  store().remove(kCustomers, id, Origin::api, request.parameter("currentOperatorUserId"));
  return json_response(json::serialize(json::object{{"instanceId", id}}));
}

}  // namespace dingtalk::twin
