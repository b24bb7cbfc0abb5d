#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk::twin {
namespace {

// What is settable of Stream mode, and how it is called among all switches.
constexpr const char* kStreamSwitches[] = {"redeliver_ms", "ping_ms", "ticket_ms", "duplicate", "disorder"};
constexpr std::string_view kStreamPrefix = "stream/";

// "Sun, 01 Mar 2026 08:00:00 GMT": the vendor's clock, in every answer.
std::string http_date(std::int64_t unix_seconds) {
  using namespace std::chrono;
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds at{seconds{unix_seconds}};
  const sys_days day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  const auto two = [](auto value) {
    const std::string text = std::to_string(value);
    return text.size() < 2 ? "0" + text : text;
  };
  return std::string(kDays[weekday{day}.c_encoding()]) + ", " + two(unsigned{date.day()}) + " " +
         kMonths[unsigned{date.month()} - 1] + " " + std::to_string(int{date.year()}) + " " +
         two(clock.hours().count()) + ":" + two(clock.minutes().count()) + ":" +
         two(clock.seconds().count()) + " GMT";
}

}  // namespace

DingTalkTwin::DingTalkTwin(huiliu::twin::TwinOptions twin_options)
    : Twin(std::move(twin_options)),
      gate_([this] { return clock().now_ms(); }, options().quota_factor, options().seed),
      customer_form_(customer_form()),
      contact_form_(contact_form()),
      customers_({"customer_name", "TextField-HL1NUMBER", "TextField-HL2USCC", "TextField-HL3TAXNO"}),
      contacts_({"contact_name", "contact_phone"}),
      events_([this] { return clock().now_ms(); }, options().seed),
      stream_([this] { return clock().now_ms(); }, options().seed) {
  for (const std::string_view stream : {kCustomers, kContacts, kEmployees, kDepartments, kPeople, kLabels,
                                        kRobotMessages, kWorkNotices, kTodos, kApprovals, kFollowRecords})
    store().declare(stream);
  store().set_hooks([this](const auto& change, json::object& next) { before(change, next); },
                    [this](const auto& change, const Record& now) { after(change, now); });
}

const std::vector<DingTalkTwin::Route>& DingTalkTwin::routes() {
  static constexpr std::string_view kRead = "qyapi_crm_maindata_read";
  static constexpr std::string_view kWrite = "qyapi_crm_maindata_write";
  static constexpr std::string_view kDepartmentList = "qyapi_get_department_list";
  static constexpr std::string_view kMembers = "qyapi_get_department_member";
  static constexpr std::string_view kMember = "qyapi_get_member";
  static constexpr std::string_view kPeopleRead = "qyapi_ext_read";
  static constexpr std::string_view kPeopleWrite = "qyapi_ext_write";
  using T = DingTalkTwin;
  using enum Family;
  static const std::vector<Route> kRoutes{
      {"POST", "/v1.0/crm/customerInstances", api, kRead, 1, true, &T::walk_customers},
      {"GET", "/v1.0/crm/personalCustomers", api, kRead, 20, true, &T::query_customers},
      {"POST", "/v1.0/crm/personalCustomers/batchQuery", api, kRead, 20, true, &T::batch_query},
      {"GET", "/v1.0/crm/personalCustomers/objectMeta", api, kRead, 20, true, &T::object_meta},
      {"GET", "/v1.0/crm/relationUkSettings", api, kRead, 20, true, &T::unique_keys},
      {"POST", "/v1.0/crm/customObjects/contacts/datas/query", api, kRead, 20, true, &T::query_contacts},
      {"POST", "/v1.0/crm/relationDatas/batch", api, kWrite, 20, true, &T::create_relations},
      {"PUT", "/v1.0/crm/relationDatas/batch", api, kWrite, 20, true, &T::update_relations},
      {"POST", "/v1.0/crm/contacts/batch", api, kWrite, 20, true, &T::create_contacts},
      {"PUT", "/v1.0/crm/contacts/batch", api, kWrite, 20, true, &T::update_contacts},
      {"POST", "/v1.0/crm/personalCustomers", api, kWrite, 20, true, &T::create_customer},
      {"PUT", "/v1.0/crm/personalCustomers", api, kWrite, 20, true, &T::update_customer},
      {"DELETE", "/v1.0/crm/personalCustomers/", api, kWrite, 20, true, &T::delete_customer},
      {"POST", "/topapi/v2/department/listsub", oapi, kDepartmentList, 20, false, &T::list_departments},
      {"POST", "/topapi/v2/department/listsubid", oapi, kDepartmentList, 20, false, &T::list_department_ids},
      {"POST", "/topapi/v2/department/get", oapi, kDepartmentList, 20, false, &T::get_department},
      {"POST", "/topapi/v2/user/list", oapi, kMembers, 20, false, &T::list_users},
      {"POST", "/topapi/user/listsimple", oapi, kMembers, 20, false, &T::list_users_simple},
      {"POST", "/topapi/user/listid", oapi, kMembers, 20, false, &T::list_user_ids},
      {"POST", "/topapi/v2/user/get", oapi, kMember, 20, false, &T::get_user},
      {"POST", "/topapi/v2/user/getbymobile", oapi, kMember, 20, false, &T::user_by_mobile},
      {"POST", "/topapi/user/getbyunionid", oapi, kMember, 20, false, &T::user_by_unionid},
      {"GET", "/auth/scopes", oapi, "", 20, false, &T::auth_scopes},
      {"GET", "/call_back/get_call_back_failed_result", oapi, "", 20, true, &T::missed_events},
      {"POST", "/topapi/extcontact/create", oapi, kPeopleWrite, 20, false, &T::create_person},
      {"POST", "/topapi/extcontact/update", oapi, kPeopleWrite, 20, false, &T::update_person},
      {"POST", "/topapi/extcontact/delete", oapi, kPeopleWrite, 20, false, &T::delete_person},
      {"POST", "/topapi/extcontact/get", oapi, kPeopleRead, 20, false, &T::get_person},
      {"POST", "/topapi/extcontact/list", oapi, kPeopleRead, 20, false, &T::list_people},
      {"POST", "/topapi/extcontact/listlabelgroups", oapi, kPeopleRead, 20, false, &T::list_labels},
      {"POST", "/v1.0/todo/users/*/tasks", api, "Todo.Todo.Write", 20, true, &T::create_todo},
      {"POST", "/v1.0/crm/followRecords/batch", api, kWrite, 20, true, &T::write_follow_records},
      {"PUT", "/v1.0/crm/followRecords/batch", api, kWrite, 20, true, &T::write_follow_records},
      {"POST", "/v1.0/workflow/processInstances", api, "Workflow.Instance.Write", 20, true,
       &T::start_approval},
      {"GET", "/v1.0/workflow/processInstances", api, "Workflow.Instance.Read", 20, true, &T::get_approval},
      {"POST", "/v1.0/workflow/processes/instanceIds/query", api, "Workflow.Instance.Read", 20, true,
       &T::query_approvals},
      {"POST", "/topapi/message/corpconversation/asyncsend_v2", oapi, "", 20, true, &T::send_notice},
  };
  return kRoutes;
}

const DingTalkTwin::Route* DingTalkTwin::route_of(const HttpRequest& request) {
  for (const Route& route : routes()) {
    const bool below = route.path.ends_with('/') && request.path.starts_with(route.path) &&
                       request.path.size() > route.path.size() &&
                       request.path.find('/', route.path.size()) == std::string::npos;
    // "*" stands for one segment.
    const std::size_t star = route.path.find('*');
    const bool between = star != std::string_view::npos && request.path.size() >= route.path.size() &&
                         request.path.starts_with(route.path.substr(0, star)) &&
                         request.path.ends_with(route.path.substr(star + 1));
    if (route.method == request.method && (request.path == route.path || below || between)) return &route;
  }
  return nullptr;
}

std::string DingTalkTwin::endpoint_of(const HttpRequest& request) const {
  const Route* route = route_of(request);
  return route == nullptr ? Twin::endpoint_of(request) : request.method + " " + std::string(route->path);
}

HttpResponse DingTalkTwin::dated(HttpResponse response) const {
  response.headers.emplace_back("Date", http_date(clock().now_ms() / 1000));
  return response;
}

HttpResponse DingTalkTwin::rate_limited(const HttpRequest& request) {
  const Route* route = route_of(request);
  const bool api = route != nullptr ? route->family == Family::api : request.path.starts_with("/v1.0/");
  return dated(gate_.rate_refusal(api ? Family::api : Family::oapi));
}

HttpResponse DingTalkTwin::handle(const HttpRequest& request) { return dated(answer(request)); }

HttpResponse DingTalkTwin::answer(const HttpRequest& request) {
  // Tokens and the robot need no token.
  if (request.method == "POST" && request.path == "/v1.0/oauth2/accessToken") return new_token(request);
  if (request.method == "POST" && request.path == "/v1.0/oauth2/corpAccessToken") return suite_token(request);
  if (request.method == "POST" && request.path.starts_with("/v1.0/oauth2/") &&
      request.path.ends_with("/token"))
    return corporation_token(request);
  if (request.method == "POST" && request.path == Stream::kOpen) return stream_.open(request);
  if (request.path == Stream::kChannel) return huiliu::twin::text_response("no such ticket\n", 401);
  if (request.method == "GET" && request.path == "/gettoken") return old_token(request);
  if (request.method == "POST" && request.path == "/robot/send") return send_robot(request);
  const Route* route = route_of(request);
  if (route == nullptr) {
    if (request.path.starts_with("/topapi/")) return oapi_refusal(22, "Invalid method");
    if (request.path.starts_with("/v1.0/")) return api_refusal(404, "InvalidAction.NotFound", "接口不存在");
    return oapi_refusal(404, "请求的URI地址不存在");
  }
  const std::string name = request.method + " " + std::string(route->path);
  if (auto refused = gate_.refuse(
          request, {name, route->family, std::string(route->scope), route->per_second, route->counted}))
    return std::move(*refused);
  const bool writes = request.method == "POST" || request.method == "PUT";
  if (route->family == Family::api && writes &&
      (!request.header("Content-Type").starts_with("application/json") || request.body.empty()))
    return api_refusal(400, "Missingbody", "缺少请求体");
  try {
    return (this->*route->handler)(request);
  } catch (const TwinError& refused) {
    if (route->family == Family::api) return api_refusal(refused.status(), refused.code(), refused.what());
    return oapi_wrapped(refused.code(), refused.what());
  }
}

json::object DingTalkTwin::settings(const std::map<std::string, std::string>& urls) const {
  const std::string& url = urls.at("url");
  return {{"base_url", url},
          {"oapi_base_url", url},
          {"app_key", account().app_key},
          {"app_secret", account().app_secret},
          {"agent_id", std::to_string(account().agent_id)},
          {"corp_id", account().corp_id},
          {"operator_user_id", user_id("E1002")},
          {"callback_token", account().callback_token},
          {"callback_aes_key", account().callback_aes_key},
          {"robot_webhook", url + "/robot/send?access_token=" + account().robot_token},
          {"robot_secret", account().robot_secret},
          {"approval_process_code", account().process_code},
          {"fields", customer_field_keys()},
          {"contact_fields", contact_field_keys()}};
}

std::optional<HttpResponse> DingTalkTwin::control(const HttpRequest& request) {
  const auto shown = [](const json::object& body) {
    return huiliu::twin::json_response(json::serialize(body));
  };
  const auto body = [&] {
    json::error_code error;
    json::value value = json::parse(request.body, error);
    if (error || !value.is_object()) throw TwinError(400, "bad_json", "the body is no JSON object");
    return value.get_object();
  };
  const auto switches = [&] {
    json::object all = gate_.to_json();
    all["hide_root"] = hide_root_;
    all["contact_id_query"] = contact_id_query_;
    all["index_delay_ms"] = index_delay_ms_;
    all["duplicate_events"] = duplicate_events_;
    all["disordered_events"] = disordered_events_;
    all["missed_after"] = events_.missed_after();
    const json::object stream = stream_.to_json();
    for (const char* name : kStreamSwitches) all[std::string(kStreamPrefix) + name] = stream.at(name);
    return all;
  };
  if (request.path == "/switches" && request.method == "GET") return shown(switches());
  if (request.path == "/switches" && request.method == "POST") {
    json::object wanted = body();
    for (const char* name : kStreamSwitches)
      if (const json::value* value = wanted.if_contains(std::string(kStreamPrefix) + name)) {
        stream_.control({{name, *value}});
        wanted.erase(std::string(kStreamPrefix) + name);
      }
    for (auto [name, flag] :
         {std::pair{"hide_root", &hide_root_}, std::pair{"contact_id_query", &contact_id_query_},
          std::pair{"duplicate_events", &duplicate_events_},
          std::pair{"disordered_events", &disordered_events_}})
      if (const json::value* value = wanted.if_contains(name); value != nullptr && value->is_bool()) {
        *flag = value->get_bool();
        // Pushed or heard over a channel: an event comes in the same way.
        if (flag == &duplicate_events_) stream_.control({{"duplicate", *flag}});
        if (flag == &disordered_events_) stream_.control({{"disorder", *flag}});
        wanted.erase(name);
      }
    if (const json::value* delay = wanted.if_contains("index_delay_ms");
        delay != nullptr && delay->is_int64()) {
      index_delay_ms_ = delay->get_int64();
      wanted.erase("index_delay_ms");
    }
    if (const json::value* attempts = wanted.if_contains("missed_after");
        attempts != nullptr && attempts->is_int64()) {
      events_.set_missed_after(attempts->get_int64());
      wanted.erase("missed_after");
    }
    events_.disturb(duplicate_events_, disordered_events_);
    gate_.configure(wanted);
    return shown(switches());
  }
  if (request.path == "/stream" && request.method == "GET") return shown(stream_.to_json());
  if (request.path == "/stream" && request.method == "POST") {
    stream_.control(body());
    return shown(stream_.to_json());
  }
  if (request.path == "/form" && request.method == "POST") {
    const json::object wanted = body();
    const json::value* options = wanted.if_contains("options");
    if (options == nullptr || !options->is_array())
      throw TwinError(400, "bad_request", "\"options\" is a list of texts");
    std::vector<std::string> texts;
    for (const json::value& option : options->get_array())
      if (option.is_string()) texts.emplace_back(option.get_string());
    form_of(text_at(wanted, "stream")).set_options(text_at(wanted, "key"), std::move(texts));
    return shown({{"changed", true}});
  }
  if (request.path == "/webhook-target" && request.method == "GET") return shown(events_.to_json());
  if (request.path == "/webhook-target" && request.method == "POST") {
    const json::object wanted = body();
    const json::value* url = wanted.if_contains("url");
    if (url == nullptr || !url->is_string()) throw TwinError(400, "bad_request", "\"url\" is missing");
    events_.set_target(std::string(url->get_string()));
    return shown(events_.to_json());
  }
  return std::nullopt;
}

}  // namespace dingtalk::twin
