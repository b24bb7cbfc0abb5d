#include "plugins/dingtalk/src/approvals.hpp"

#include <algorithm>
#include <set>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::string_view kInstances = "/v1.0/workflow/processInstances";
constexpr std::string_view kInstanceIds = "/v1.0/workflow/processes/instanceIds/query";
constexpr std::int64_t kDayMilliseconds = 86'400'000;
constexpr std::int64_t kWindowMs = 119 * kDayMilliseconds;  // the vendor takes 120 days
constexpr std::int64_t kOldestMs = 364 * kDayMilliseconds;  // and a start of at most 365 days ago
constexpr int kApprovalsPage = 20;
constexpr std::size_t kOpenMax = 1'000;  // running instances that a cursor remembers
constexpr std::size_t kComponentsMax = 150, kApproversMax = 20, kCcMax = 50;

struct ApprovalsCursor {
  std::int64_t from_ms = 0;
  std::vector<std::string> open;
};

std::optional<ApprovalsCursor> approvals_cursor(std::string_view text) {
  const std::optional<json::value> parsed = parse_json(text);
  if (!parsed || text_at(*parsed, "v") != "1" || text_at(*parsed, "kind") != "approvals") return std::nullopt;
  const json::value* from = field(*parsed, "from");
  if (from == nullptr || !from->is_int64()) return std::nullopt;
  return ApprovalsCursor{from->get_int64(), texts_of(field(*parsed, "open"))};
}

std::string cursor_text(const ApprovalsCursor& cursor) {
  return json::serialize(json::object{{"v", "1"},
                                      {"kind", "approvals"},
                                      {"from", cursor.from_ms},
                                      {"open", json::array(cursor.open.begin(), cursor.open.end())}});
}

bool is_over(const json::object& body) {
  const std::string status = text_at(body, "status");
  return status == "COMPLETED" || status == "TERMINATED" || status == "CANCELED";
}

std::int64_t approval_changed_at(const json::object& body) {
  const std::int64_t finished = approval_time_us(text_at(body, "finishTime"));
  return finished != HUILIU_TIME_UNKNOWN ? finished : approval_time_us(text_at(body, "createTime"));
}

void add_approval(huiliu::Batch& batch, const std::string& id, const json::object& body) {
  batch.upsert(id, json::serialize(body), {}, approval_changed_at(body));
}

// A component's value is text; what is no text is its JSON.
json::array components_of(const json::object& form) {
  json::array components;
  for (const auto& member : form) {
    const json::value& value = member.value();
    components.push_back(
        json::object{{"name", member.key()},
                     {"value", value.is_null()                         ? std::string()
                               : value.is_array() || value.is_object() ? json::serialize(value)
                                                                       : scalar_text(value)}});
  }
  return components;
}

}  // namespace

std::int64_t approval_time_us(std::string_view text) {
  if (!text.ends_with('Z')) return HUILIU_TIME_UNKNOWN;
  std::string whole(text.substr(0, text.size() - 1));
  if (whole.size() == 16) whole += ":00";
  const std::optional<std::int64_t> beijing = parse_beijing(whole);
  return beijing ? (*beijing + kBeijingOffsetSeconds) * 1'000'000 : HUILIU_TIME_UNKNOWN;
}

const std::string& Approvals::process_code() const {
  if (settings_.approval_process_code.empty())
    throw huiliu::Unsupported("没有设置审批模板 (no approval template: setting approval_process_code)", {},
                              "/approval_process_code");
  return settings_.approval_process_code;
}

void Approvals::add_window(huiliu::Call& call, std::int64_t from_ms, std::int64_t to_ms,
                           std::vector<std::string>& ids) const {
  std::string token = "0";
  std::set<std::string> seen;
  while (seen.insert(token).second) {
    call.stop_if_cancelled();
    json::object body{{"processCode", process_code()},
                      {"startTime", from_ms},
                      {"nextToken", token == "0" ? json::value(0) : json::value(token)},
                      {"maxResults", kApprovalsPage}};
    if (to_ms != 0) body["endTime"] = to_ms;
    const Answer answer =
        client_.api(call, {.method = "POST", .path = std::string(kInstanceIds), .body = body});
    const json::value* result = field(answer.body, "result");
    if (result == nullptr) throw huiliu::DataError("DingTalk answered a query of approvals without a result");
    for (std::string& id : texts_of(field(*result, "list")))
      if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(std::move(id));
    token = text_at(*result, "nextToken");
    if (token.empty()) return;
  }
  throw huiliu::DataError("DingTalk answered the same page token again");
}

std::vector<std::string> Approvals::started(huiliu::Call& call, std::int64_t from_ms,
                                            std::int64_t now_ms) const {
  std::vector<std::string> ids;
  // The last window has no end: what is started while it is read belongs to it.
  for (std::int64_t from = std::max(from_ms, now_ms - kOldestMs); from <= now_ms; from += kWindowMs)
    add_window(call, from, from + kWindowMs > now_ms ? 0 : from + kWindowMs, ids);
  return ids;
}

json::object Approvals::shown(huiliu::Call& call, const std::string& id) const {
  const Answer answer =
      client_.api(call, {.path = std::string(kInstances), .query = {{"processInstanceId", id}}});
  const json::value* result = field(answer.body, "result");
  if (result == nullptr || !result->is_object())
    throw huiliu::DataError("DingTalk answered without the approval");
  json::object body = result->get_object();
  body["instanceId"] = id;
  json::object form;
  for (const json::value* component : items_of(field(body, "formComponentValues")))
    if (const std::string name = text_at(*component, "name"); !name.empty())
      form[name] = text_at(*component, "value");
  body["form"] = std::move(form);
  return body;
}

void Approvals::read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const {
  const std::int64_t now_ms = call.now_us() / 1000;
  ApprovalsCursor at{now_ms - settings_.approval_days * kDayMilliseconds, {}};
  if (request.mode == HUILIU_READ_CHANGES && !request.cursor.empty()) {
    const std::optional<ApprovalsCursor> known = approvals_cursor(request.cursor);
    if (!known) throw huiliu::ResyncNeeded("the cursor is not one of this connector's version");
    at = *known;
  }
  std::vector<std::string> ids = started(call, at.from_ms, now_ms);
  for (const std::string& id : at.open)
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  // The next reading starts where this one began, less the overlap: what was started meanwhile is in both.
  ApprovalsCursor next{now_ms - settings_.overlap_s * 1000, {}};
  huiliu::Batch batch(request.stream);
  for (const std::string& id : ids) {
    if (request.limit > 0 && batch.size() >= request.limit) break;
    if (request.mode == HUILIU_READ_KEYS) {
      batch.upsert(id, "{}");
      continue;
    }
    call.stop_if_cancelled();
    try {
      const json::object body = shown(call, id);
      add_approval(batch, id, body);
      if (!is_over(body) && next.open.size() < kOpenMax) next.open.push_back(id);
    } catch (const Refused& refused) {
      if (refused.kind != ErrorKind::not_found) throw;
      batch.remove(id);
    }
  }
  out.emit(batch);
  if (request.mode == HUILIU_READ_KEYS || (request.limit > 0 && batch.size() < ids.size()))
    out.checkpoint();
  else
    out.checkpoint(cursor_text(next));
}

void Approvals::lookup(huiliu::Call& call, const huiliu::LookupRequest& request,
                       huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const std::string_view key : request.keys) {
    try {
      add_approval(batch, std::string(key), shown(call, std::string(key)));
    } catch (const Refused& refused) {
      if (refused.kind != ErrorKind::not_found) throw;
      batch.remove(key);
    }
  }
  out.emit(batch);
}

huiliu::Outcome Approvals::write_one(huiliu::Call& call, const huiliu::Record& record) const {
  if (!record.creates())
    return huiliu::Outcome::rejected("审批发起后由审批人决定 (an approval once started is its approvers')",
                                     "read_only");
  const std::optional<json::value> parsed = parse_json(record.body);
  if (!parsed || !parsed->is_object()) throw huiliu::DataError("an approval is a JSON object");
  const json::value* form = field(*parsed, "form");
  if (form == nullptr || !form->is_object() || form->get_object().empty())
    throw huiliu::DataError("an approval needs its form", {}, "/form");
  if (form->get_object().size() > kComponentsMax)
    throw huiliu::DataError("an approval's form has at most 150 components", {}, "/form");
  std::string originator = text_at(*parsed, "originator");
  if (originator.empty()) originator = settings_.operator_user_id;
  if (originator.empty())
    throw huiliu::ConfigError("an approval needs a person in whose name it is started", {},
                              "/operator_user_id");
  const std::vector<std::string> approvers = texts_of(field(*parsed, "approvers"));
  const std::vector<std::string> cc = texts_of(field(*parsed, "cc"));
  if (approvers.size() > kApproversMax || cc.size() > kCcMax)
    throw huiliu::DataError("an approval has at most 20 approvers and 50 copies", {},
                            approvers.size() > kApproversMax ? "/approvers" : "/cc");
  const std::string code = text_at(*parsed, "process_code"), department = text_at(*parsed, "department");
  json::object body{{"originatorUserId", originator},
                    {"processCode", code.empty() ? process_code() : code},
                    {"deptId", department.empty() ? json::value(-1) : parse_json(department).value_or(-1)},
                    {"formComponentValues", components_of(form->get_object())}};
  if (!settings_.agent_id.empty())
    body["microappAgentId"] =
        parse_json(settings_.agent_id).value_or(json::value(json::string(settings_.agent_id)));
  if (!approvers.empty()) {
    const char* action = approvers.size() == 1 ? "NONE" : true_at(*parsed, "all_must_agree") ? "AND" : "OR";
    body["approvers"] = json::array{
        json::object{{"actionType", action}, {"userIds", json::array(approvers.begin(), approvers.end())}}};
  }
  if (!cc.empty()) {
    body["ccList"] = json::array(cc.begin(), cc.end());
    body["ccPosition"] = "FINISH";
  }
  try {
    const Answer answer = client_.api(call, {.method = "POST",
                                             .path = std::string(kInstances),
                                             .body = std::move(body),
                                             .repeat = ApiRequest::Repeat::once});
    const std::string id = text_at(answer.body, "instanceId");
    if (id.empty()) return huiliu::Outcome::in_doubt("DingTalk started an approval and did not say which");
    return huiliu::Outcome::applied(id);
  } catch (const Refused& refused) {
    const huiliu_outcome outcome = outcome_of(refused.kind);
    if (outcome == HUILIU_DEFERRED || outcome == HUILIU_IN_DOUBT) throw;
    return {outcome, {}, {}, {}, refused};
  }
}

}  // namespace dingtalk
