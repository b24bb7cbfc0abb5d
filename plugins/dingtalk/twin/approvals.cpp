// Approvals and follow-ups of the twin.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::json_response;

constexpr std::int64_t kApprovalDayMs = 86'400'000;
constexpr std::size_t kFormComponentsMax = 150, kApproversMax = 20, kFollowItemsMax = 40,
                      kFollowFieldsMax = 256;

json::value approval_asked(const HttpRequest& request) {
  const auto body = parse_json(request.body);
  if (!body || !body->is_object()) throw TwinError(400, "param.error", "请求体不是JSON对象");
  return *body;
}

// "2022-08-31T11:52Z": to whole minutes, as the vendor shows them.
std::string iso_minutes(std::int64_t unix_ms) {
  std::string text = beijing_text(unix_ms / 1000 - kBeijingOffsetSeconds);
  text[10] = 'T';
  return text.substr(0, 16) + "Z";
}

std::int64_t whole_number_at(const json::value& from, std::string_view name, std::int64_t otherwise) {
  const json::value* value = field(from, name);
  const std::string text = value == nullptr ? std::string() : scalar_text(*value);
  std::int64_t number = otherwise;
  if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

HttpResponse DingTalkTwin::start_approval(const HttpRequest& request) {
  const json::value asked = approval_asked(request);
  const std::string originator = text_at(asked, "originatorUserId"), code = text_at(asked, "processCode");
  if (originator.empty()) throw TwinError(400, "MissingoriginatorUserId", "缺少originatorUserId");
  if (!has_user(originator)) throw TwinError(400, "originatorUserId.not.exists", "发起人不存在");
  if (code != account().process_code) throw TwinError(400, "processCode.error", "审批模板不存在");
  const json::value* values = field(asked, "formComponentValues");
  if (values == nullptr || !values->is_array() || values->get_array().empty())
    throw TwinError(400, "MissingformComponentValues", "缺少formComponentValues");
  if (values->get_array().size() > kFormComponentsMax)
    throw TwinError(400, "param.error", "表单控件超过150个");
  for (const json::value& component : values->get_array()) {
    const json::value* value = field(component, "value");
    if (text_at(component, "name").empty() || value == nullptr || !value->is_string())
      throw TwinError(400, "param.error", "控件的name和value应为字符串");
  }
  for (const json::value* step : items_of(field(asked, "approvers"))) {
    const std::vector<std::string> users = texts_of(field(*step, "userIds"));
    const std::string action = text_at(*step, "actionType");
    const bool single = action == "NONE" && users.size() == 1;
    const bool several = (action == "AND" || action == "OR") && users.size() > 1;
    if (users.size() > kApproversMax || (!single && !several))
      throw TwinError(400, "param.error", "审批人与actionType不符");
    for (const std::string& user : users)
      if (!has_user(user)) throw TwinError(400, "param.error", "审批人不存在");
  }
  const std::string id = "proc-" + std::to_string(++created_);
  const std::int64_t now = clock().now_ms();
  store().create(kApprovals, id,
                 {{"instanceId", id},
                  {"processCode", code},
                  {"title", text_at(asked, "originatorUserId") + "提交的审批"},
                  {"status", "RUNNING"},
                  {"originatorUserId", originator},
                  {"createTime", iso_minutes(now)},
                  {"startedMs", now},
                  {"formComponentValues", *values}},
                 Origin::api, originator);
  return json_response(json::serialize(json::object{{"instanceId", id}}));
}

HttpResponse DingTalkTwin::get_approval(const HttpRequest& request) {
  const Record found = store().find(kApprovals, std::string(request.parameter("processInstanceId")));
  if (!found) throw TwinError(400, "processInstance.NotFound", "审批实例不存在");
  json::object result = *found;
  for (const char* own : {"instanceId", "processCode", "startedMs"}) result.erase(own);
  return json_response(json::serialize(json::object{{"success", true}, {"result", std::move(result)}}));
}

HttpResponse DingTalkTwin::query_approvals(const HttpRequest& request) {
  const json::value asked = approval_asked(request);
  if (text_at(asked, "processCode") != account().process_code)
    throw TwinError(400, "processCode.error", "审批模板不存在");
  const std::int64_t now = clock().now_ms();
  const std::int64_t from = whole_number_at(asked, "startTime", -1),
                     to = whole_number_at(asked, "endTime", now + 1);  // left out: to now, now included
  const std::int64_t most = whole_number_at(asked, "maxResults", -1),
                     skip = whole_number_at(asked, "nextToken", -1);
  if (from < 0 || skip < 0) throw TwinError(400, "MissingstartTime", "缺少startTime或nextToken");
  if (most < 1 || most > 20) throw TwinError(400, "param.error", "maxResults应在1到20之间");
  if (to - from > 120 * kApprovalDayMs + 1) throw TwinError(400, "param.error", "时间范围不能超过120天");
  if (from < now - 365 * kApprovalDayMs) throw TwinError(400, "param.error", "开始时间不能早于365天前");
  json::array list;
  std::int64_t place = 0;
  bool more = false;
  store().for_each(kApprovals, [&](const std::string& key, const Record& approval) {
    const std::int64_t started = whole_number_at(*approval, "startedMs", 0);
    if (request.empty_list || started < from || started >= to || place++ < skip) return true;
    more = static_cast<std::int64_t>(list.size()) == most;
    if (!more) list.emplace_back(key);
    return !more;
  });
  json::object result{{"list", std::move(list)}};
  if (more) result["nextToken"] = std::to_string(skip + most);
  return json_response(json::serialize(json::object{{"success", true}, {"result", std::move(result)}}));
}

HttpResponse DingTalkTwin::write_follow_records(const HttpRequest& request) {
  const json::value asked = approval_asked(request);
  check_operator(text_at(asked, "operatorUserId"), "operatorUserId.not.exists");
  const json::value* list = field(asked, "instanceList");
  if (list == nullptr || !list->is_array()) throw TwinError(400, "MissinginstanceList", "缺少instanceList");
  if (list->get_array().size() > kFollowItemsMax)
    throw TwinError(400, "count.exceeds.limit", "instanceList超过40");
  json::array results;
  for (const json::value& item : list->get_array()) {
    const auto refuse = [&](const char* code, const char* message) {
      results.push_back(json::object{
          {"success", false}, {"errorCode", code}, {"errorMsg", message}, {"instanceId", nullptr}});
    };
    const json::value* fields = field(item, "dataArray");
    std::string id = text_at(item, "instanceId");
    if (fields == nullptr || !fields->is_array() || fields->get_array().empty() ||
        fields->get_array().size() > kFollowFieldsMax) {
      refuse("data.format.error", "dataArray不合法");
      continue;
    }
    json::object data;
    bool texts = true;
    for (const json::value& entry : fields->get_array()) {
      const json::value* value = field(entry, "value");
      texts = texts && value != nullptr && value->is_string() && !text_at(entry, "key").empty();
      if (texts) data[text_at(entry, "key")] = *value;
    }
    if (!texts) {
      refuse("data.format.error", "字段值应为字符串");
    } else if (request.method == "PUT" && !store().find(kFollowRecords, id)) {
      refuse("data.not.exists", "数据不存在");
    } else if (request.method == "PUT") {
      store().update(kFollowRecords, id, {{"data", std::move(data)}}, Origin::api);
      results.push_back(json::object{{"success", true}, {"instanceId", id}});
    } else {
      id = "follow-" + std::to_string(++created_);
      store().create(kFollowRecords, id, {{"instanceId", id}, {"data", std::move(data)}}, Origin::api);
      results.push_back(json::object{{"success", true}, {"instanceId", id}});
    }
  }
  return json_response(json::serialize(json::object{{"results", std::move(results)}}));
}

// What a person decides: {"result":"agree"|"refuse"} ends it, {"status":"TERMINATED"} takes it back.
void DingTalkTwin::decide_approval(std::string_view key, const json::object& fields, std::string_view as) {
  json::object next = fields;
  if (!text_at(fields, "result").empty()) next["status"] = "COMPLETED";
  if (const std::string status = text_at(next, "status"); !status.empty() && status != "RUNNING")
    next["finishTime"] = iso_minutes(clock().now_ms());
  store().update(kApprovals, key, next, Origin::person, as);
}

}  // namespace dingtalk::twin
