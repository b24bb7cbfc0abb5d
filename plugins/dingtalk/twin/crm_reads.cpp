// The CRM's list calls of the twin.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "plugins/dingtalk/src/callback_crypto.hpp"
#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::json_response;

std::size_t page_size(const std::string& text, std::size_t most) {
  if (text.empty()) throw TwinError(400, "MissingmaxResults", "缺少参数 maxResults");
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc{} || end != text.data() + text.size() || size < 1 || size > most)
    throw TwinError(400, "InvalidParameter.maxResults", "maxResults应为1到" + std::to_string(most));
  return size;
}

// Tokens are opaque: a mark of the call they belong to and a position, in base64.
std::string token_of(char mark, const std::string& position) {
  return base64_encode(mark + ("|" + position));
}

std::string position_in(char mark, const std::string& token) {
  if (token.empty()) return {};
  const auto text = base64_decode(token);
  if (!text || text->size() < 3 || (*text)[0] != mark || (*text)[1] != '|')
    throw TwinError(400, "InvalidParameter.nextToken", "nextToken无效");
  return text->substr(2);
}

std::size_t number_in(const std::string& position) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), number);
  if (!position.empty() && (error != std::errc{} || end != position.data() + position.size()))
    throw TwinError(400, "InvalidParameter.nextToken", "nextToken无效");
  return number;
}

std::string checked_type(const std::string& type) {
  if (type != "crm_customer" && type != "crm_customer_personal")
    throw TwinError(400, "relationType.not.exists", "relationType不存在: " + type);
  return type;
}

bool is_pooled(const json::object& body) { return owners_of(body).empty(); }

// /customerInstances has its own names for some members, and its own spelling of a status.
json::object walked(const json::object& body) {
  json::object shown;
  for (const auto& member : body) {
    const std::string_view name = member.key();
    const std::string_view other = name == "gmtCreate"        ? "createTime"
                                   : name == "gmtModified"    ? "modifyTime"
                                   : name == "procOutResult"  ? "processOutResult"
                                   : name == "procInstStatus" ? "processInstanceStatus"
                                                              : name;
    shown[other] =
        name == "procInstStatus" && member.value() == "COMPLETED" ? json::value("COMPLATE") : member.value();
  }
  return shown;
}

}  // namespace

HttpResponse DingTalkTwin::walk_customers(const HttpRequest& request) {
  const json::value body = parse_json(request.body).value_or(nullptr);
  const std::size_t limit = page_size(text_at(body, "maxResults"), 100);
  std::string type = text_at(body, "objectType");
  if (type.empty()) type = "crm_customer";
  const bool pool = type == "open_customer_org" || type == "open_customer_personal";
  if (!pool) checked_type(type);
  const std::string stored = type.ends_with("personal") ? "crm_customer_personal" : "crm_customer";
  const std::string after = position_in('w', text_at(body, "nextToken"));
  const auto wanted = [&](const json::object& record) {
    return text_at(record, "objectType") == stored && (!pool || is_pooled(record));
  };
  auto page = request.empty_list ? std::vector<std::pair<std::string, Record>>{}
                                 : store().page(kCustomers, after, limit + 1, wanted);
  json::value next = nullptr;
  if (page.size() > limit) {
    page.pop_back();
    next = token_of('w', page.back().first);
  }
  json::array values;
  for (const auto& [key, record] : page) values.push_back(walked(*record));
  return json_response(json::serialize(
      json::object{{"result", {{"values", std::move(values)}, {"nextToken", next}, {"maxResults", limit}}}}));
}

HttpResponse DingTalkTwin::query_customers(const HttpRequest& request) {
  catch_up_index();
  const std::size_t limit = page_size(std::string(request.parameter("maxResults")), 100);
  if (request.has_parameter("relationType")) checked_type(std::string(request.parameter("relationType")));
  const std::string dsl(request.parameter("queryDsl"));
  const Query query = parse_query(dsl, customer_form_, IdQuery::refused);
  // Rows are counted, so a record that moves while somebody pages shifts the others.
  const std::size_t skip = number_in(position_in('q', std::string(request.parameter("nextToken"))));
  Selection page =
      request.empty_list ? Selection{} : select(query, customers_, store(), kCustomers, skip, limit);
  json::array values;
  for (const Record& record : page.records) values.push_back(*record);
  json::object shown{{"values", std::move(values)}, {"hasMore", page.more}, {"maxResults", limit}};
  if (page.more) shown["nextToken"] = token_of('q', std::to_string(skip + limit));
  if (query.groups.empty()) shown["totalCount"] = store().size(kCustomers);
  return json_response(json::serialize(shown));
}

HttpResponse DingTalkTwin::batch_query(const HttpRequest& request) {
  if (request.has_parameter("relationType")) checked_type(std::string(request.parameter("relationType")));
  const auto ids = parse_json(request.body);
  if (!ids || !ids->is_array()) throw TwinError(400, "param.error", "请求体应为id数组");
  if (ids->get_array().size() > 100) throw TwinError(400, "param.error", "id数量超过100");
  json::array result;
  for (const std::string& id : texts_of(&*ids))
    if (const Record record = store().find(kCustomers, id); record && !request.empty_list)
      result.push_back(*record);
  return json_response(json::serialize(json::object{{"result", std::move(result)}}));
}

HttpResponse DingTalkTwin::object_meta(const HttpRequest& request) {
  const std::string type(request.parameter("relationType"));
  if (type == "crm_contact") return json_response(json::serialize(contact_form_.meta()));
  checked_type(type.empty() ? "crm_customer" : type);
  return json_response(json::serialize(customer_form_.meta()));
}

HttpResponse DingTalkTwin::unique_keys(const HttpRequest&) {
  return json_response(json::serialize(json::object{
      {"result", json::array{json::object{{"fieldId", "customer_name"}, {"bizAlias", "customer_name"}}}}}));
}

HttpResponse DingTalkTwin::query_contacts(const HttpRequest& request) {
  catch_up_index();
  const json::value body = parse_json(request.body).value_or(nullptr);
  const std::size_t limit = page_size(text_at(body, "maxResults"), 200);
  if (text_at(body, "objectType") != "crm_contact")
    throw TwinError(400, "relationType.not.exists", "objectType应为crm_contact");
  const std::string dsl = text_at(body, "queryDsl");
  const std::string token = text_at(body, "nextToken");
  json::array values;
  std::string next;
  if (dsl.empty()) {
    auto page = request.empty_list ? std::vector<std::pair<std::string, Record>>{}
                                   : store().page(kContacts, position_in('c', token), limit + 1);
    if (page.size() > limit) {
      page.pop_back();
      next = token_of('c', page.back().first);
    }
    for (const auto& [key, record] : page) values.push_back(*record);
  } else {
    const Query query =
        parse_query(dsl, contact_form_, contact_id_query_ ? IdQuery::accepted : IdQuery::refused);
    const std::size_t skip = number_in(position_in('d', token));
    const Selection page =
        request.empty_list ? Selection{} : select(query, contacts_, store(), kContacts, skip, limit);
    for (const Record& record : page.records) values.push_back(*record);
    if (page.more) next = token_of('d', std::to_string(skip + limit));
  }
  json::object shown{{"values", std::move(values)}, {"hasMore", !next.empty()}, {"maxResults", limit}};
  shown["nextToken"] = next;  // "" where there is none: absent, null and empty all occur
  return json_response(json::serialize(json::object{{"result", std::move(shown)}}));
}

}  // namespace dingtalk::twin
