#include "plugins/dingtalk/src/crm_api.hpp"

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::string_view kCustomers = "/v1.0/crm/personalCustomers";
constexpr std::string_view kWalk = "/v1.0/crm/customerInstances";
constexpr std::string_view kRelations = "/v1.0/crm/relationDatas/batch";
constexpr std::string_view kContactQuery = "/v1.0/crm/customObjects/contacts/datas/query";
constexpr std::string_view kContacts = "/v1.0/crm/contacts/batch";
constexpr std::int64_t kCustomerPage = 100;
constexpr std::int64_t kContactPage = 200;

void put(json::object& into, std::string_view name, std::string_view text) {
  if (!text.empty()) into[name] = text;
}

std::string dsl_of(const std::vector<Condition>& conditions) {
  json::array list;
  for (const Condition& condition : conditions)
    list.push_back(json::object{
        {"fieldId", condition.field}, {"filterType", condition.filter}, {"value", condition.value}});
  const json::object group{{"logicType", "AND"}, {"queryObjectList", std::move(list)}};
  return json::serialize(json::object{
      {"queryGroupList", json::array{group}}, {"order", "asc"}, {"orderFieldId", "gmt_modified"}});
}

// Some calls wrap their page in `result`, others do not; either is read.
const json::value& payload(const json::value& body) {
  const json::value* result = field(body, "result");
  return result != nullptr && result->is_object() ? *result : body;
}

// An empty page may leave its list out.
bool is_page(const json::value& shown) {
  const json::object* object = shown.if_object();
  if (object == nullptr) return false;
  return object->contains("values") || object->contains("nextToken") || object->contains("maxResults") ||
         object->contains("hasMore");
}

}  // namespace

Page CrmApi::page_of(const huiliu::Call& call, const Answer& answer, const std::string& token) const {
  const json::value& shown = payload(answer.body);
  const json::value* values = field(shown, "values");
  if (values == nullptr) values = field(shown, "list");
  if (values == nullptr && !is_page(shown))
    throw huiliu::DataError("DingTalk answered a list request without a list");
  Page page;
  page.at_s = answer.at_s;
  for (const json::value* item : items_of(values)) {
    std::optional<json::object> body = body_of(kind_, *item, custom());
    if (body)
      page.bodies.push_back(std::move(*body));
    else
      call.warn("DingTalk listed an object without instanceId; it was left out");
  }
  const json::value* more = field(shown, "hasMore");
  if (more == nullptr || scalar_text(*more) != "false") page.next = text_at(shown, "nextToken");
  if (!page.next.empty() && page.next == token)
    throw huiliu::DataError("DingTalk answered the same page token again");
  return page;
}

Page CrmApi::walk(huiliu::Call& call, std::string_view object_type, const std::string& token) const {
  if (kind_ == ObjectKind::contact) return query(call, {}, token);
  json::object body{{"maxResults", kCustomerPage},
                    {"objectType", object_type.empty() ? relation_type() : object_type}};
  put(body, "operatorUserId", settings_.operator_user_id);
  put(body, "nextToken", token);
  return page_of(
      call,
      client_.api(
          call, {.method = "POST", .path = std::string(kWalk), .body = std::move(body), .quota = kWalkQuota}),
      token);
}

Page CrmApi::query(huiliu::Call& call, const std::vector<Condition>& conditions,
                   const std::string& token) const {
  const std::string dsl = conditions.empty() ? std::string() : dsl_of(conditions);
  if (kind_ == ObjectKind::customer) {
    return page_of(call,
                   client_.api(call, {.path = std::string(kCustomers),
                                      .query = {{"currentOperatorUserId", settings_.operator_user_id},
                                                {"relationType", std::string(relation_type())},
                                                {"nextToken", token},
                                                {"maxResults", std::to_string(kCustomerPage)},
                                                {"queryDsl", dsl}}}),
                   token);
  }
  json::object body{{"objectType", kContactType}, {"maxResults", kContactPage}};
  put(body, "currentOperatorUserId", settings_.operator_user_id);
  put(body, "nextToken", token);
  put(body, "queryDsl", dsl);
  return page_of(
      call,
      client_.api(call, {.method = "POST", .path = std::string(kContactQuery), .body = std::move(body)}),
      token);
}

std::vector<json::object> CrmApi::by_ids(huiliu::Call& call, const std::vector<std::string>& ids) const {
  json::array list(ids.begin(), ids.end());
  if (kind_ == ObjectKind::contact) {
    // There is no batch query for contacts; the sheet of query fields does not name the id, so this is a
    // guess that the caller checks.
    return query(call, {{"instanceId", "IN", std::move(list)}}, {}).bodies;
  }
  const Answer answer = client_.api(call, {.method = "POST",
                                           .path = std::string(kCustomers) + "/batchQuery",
                                           .query = {{"currentOperatorUserId", settings_.operator_user_id},
                                                     {"relationType", std::string(relation_type())}},
                                           .body = std::move(list)});
  const json::value* result = field(answer.body, "result");
  if (result == nullptr) throw huiliu::DataError("DingTalk answered a batch query without a result");
  std::vector<json::object> bodies;
  for (const json::value* item : items_of(result))
    if (std::optional<json::object> body = body_of(kind_, *item, custom()))
      bodies.push_back(std::move(*body));
  return bodies;
}

json::array CrmApi::write(huiliu::Call& call, Write what, json::array items,
                          const std::string& operator_id) const {
  json::object body;
  if (kind_ == ObjectKind::customer) {
    body["relationType"] = relation_type();
    body["skipDuplicateCheck"] = false;
  }
  put(body, "operatorUserId", operator_id);
  body["relationList"] = std::move(items);
  const Answer answer =
      client_.api(call, {.method = what == Write::create ? "POST" : "PUT",
                         .path = std::string(kind_ == ObjectKind::customer ? kRelations : kContacts),
                         .body = std::move(body),
                         .repeat = ApiRequest::Repeat::once});
  json::array results;
  for (const json::value* item : items_of(field(answer.body, "results"))) results.push_back(*item);
  return results;
}

json::value CrmApi::object_meta(huiliu::Call& call) const {
  return client_
      .api(call, {.path = std::string(kCustomers) + "/objectMeta",
                  .query = {{"relationType", std::string(relation_type())}}})
      .body;
}

json::value CrmApi::unique_keys(huiliu::Call& call) const {
  return client_
      .api(call, {.path = "/v1.0/crm/relationUkSettings",
                  .query = {{"relationType", std::string(relation_type())}}})
      .body;
}

}  // namespace dingtalk
