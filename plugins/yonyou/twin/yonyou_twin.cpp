#include "plugins/yonyou/twin/yonyou_twin.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>

#include "plugins/yonyou/src/json_read.hpp"
#include "plugins/yonyou/twin/account.hpp"

namespace yonyou_twin {
namespace {

using huiliu::twin::HttpRequest;
using huiliu::twin::HttpResponse;
using huiliu::twin::Origin;
using huiliu::twin::Record;
using huiliu::twin::TwinError;

constexpr std::string_view gateway_folder = "/iuap-api-gateway", token_folder = "/iuap-api-auth";
constexpr std::string_view streams[] = {"customers",     "contacts",    "employees",
                                        "organizations", "departments", "customer_classes",
                                        "orders",        "receivables", "receipts"};
constexpr std::int64_t remembered_ms = 3'600'000;
constexpr std::size_t longest_key = 32;

/// The path without the folder, which clients of a private site may leave out.
std::string_view without_folder(std::string_view path, std::string_view folder) {
  if (path.starts_with(folder)) path.remove_prefix(folder.size());
  return path;
}

std::string http_date(std::int64_t unix_ms) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_ms / 1000)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto rest = (time - day).count();
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return text;
}

bool is_token_path(std::string_view path, std::string_view kind) {
  const std::string_view rest = without_folder(path, token_folder);
  const std::string base = "/open-auth/" + std::string(kind) + "/";
  return rest == base + "getAccessToken" || rest == base + "base/v1/getAccessToken";
}

}  // namespace

YonyouTwin::YonyouTwin(huiliu::twin::TwinOptions twin_options)
    : Twin(std::move(twin_options)),
      gate_(
          rules_, [this] { return clock().now_ms(); }, options().quota_factor, options().seed),
      files_(store(), rules_, [this] { return clock().now_ms(); }),
      events_([this] { return clock().now_ms(); }, options().seed) {
  for (const std::string_view stream : streams) store().declare(stream);
  for (const Organisation& organisation : own_organisations)
    store().create("organizations", std::string(organisation.code),
                   {{"id", organisation.id},
                    {"code", organisation.code},
                    {"name", json::object{{"zh_CN", organisation.name}}},
                    {"funcTypeCode", "orgunit"},
                    {"enable", 1},
                    {"dr", 0},
                    {"pubts", "2020-01-01 00:00:00"}},
                   Origin::load);
  store().set_hooks({}, [this](const auto& change, const Record& now) { after(change, now); });
}

const std::vector<YonyouTwin::Route>& YonyouTwin::routes() {
  using T = YonyouTwin;
  static const std::vector<Route> all{
      {"/yonbip/digitalModel/merchant/newlist", &T::new_list, false, false},
      {"/yonbip/digitalModel/merchant/newlistrange", &T::new_list_range, false, false},
      {"/yonbip/digitalModel/merchant/newBatchDetail", &T::batch_detail, false, false},
      {"/yonbip/digitalModel/merchant/idempotent/newinsert", &T::insert, true, true},
      {"/yonbip/digitalModel/merchant/newupdate", &T::update, true, false},
      {"/yonbip/digitalModel/merchant/stop", &T::stop, true, false},
      {"/yonbip/digitalModel/merchant/unstop", &T::unstop, true, false},
      {"/yonbip/digitalModel/merchant/batchDo", &T::allocate, true, false},
      {"/yonbip/digitalModel/merchant/batchdelete", &T::batch_delete, true, false},
      {"/yonbip/digitalModel/staff/list", &T::staff_list, false, false},
      {"/yonbip/digitalModel/OrgUnitSync/orgUnitDataSyncByDTO", &T::org_units, false, false},
      {"/yonbip/digitalModel/admindept/tree", &T::departments, false, false},
      {"/yonbip/digitalModel/custcategory/newtree", &T::classes, false, false},
      {"/yonbip/digitalModel/merchant/listaddressbycodelist", &T::addresses, false, false},
      {"/yonbip/PFC/merchant/v1/list", &T::pfc_list, false, false},
      {"/yonbip/sd/voucherorder/list", &T::orders, false, false},
      {"/yonbip/sd/voucherorder/detail", &T::order_detail, false, false, true},
      {"/yonbip/EFI/receivable/list", &T::bills, false, false},
      {"/yonbip/EFI/collection/list", &T::bills, false, false},
      {"/yonbip/fi/oar/list", &T::old_bills, false, false},
      {"/yonbip/fi/receivebill/list/v2", &T::old_bills, false, false},
  };
  return all;
}

const json::object& YonyouTwin::Call::object() const {
  const json::object* object = body.if_object();
  if (object == nullptr) throw Refused("310003", "请求体应为JSON对象");
  return *object;
}

std::string YonyouTwin::endpoint_of(const HttpRequest& request) const {
  const std::string_view path = without_folder(without_folder(request.path, gateway_folder), token_folder);
  if (path.starts_with("/yonbip/")) return std::string(path.substr(8));
  return std::string(path.substr(path.rfind('/') + 1));
}

HttpResponse YonyouTwin::rate_limited(const HttpRequest&) { return refusal("310046", "API访问频率超出限制"); }

HttpResponse YonyouTwin::handle(const HttpRequest& request) {
  HttpResponse response = answer(request);
  response.headers.emplace_back("Date", http_date(clock().now_ms()));
  return response;
}

HttpResponse YonyouTwin::answer(const HttpRequest& request) {
  const std::string_view path = without_folder(request.path, gateway_folder);
  if (request.method == "GET" && path == "/open-auth/dataCenter/getGatewayAddress")
    return gate_.gateway_address(request);
  if (request.method == "GET" && is_token_path(request.path, "selfAppAuth"))
    return gate_.token(request, false);
  if (request.method == "GET" && is_token_path(request.path, "suiteApp")) return gate_.token(request, true);
  const auto route =
      std::find_if(routes().begin(), routes().end(), [&](const Route& r) { return r.path == path; });
  // The only gateway error with its own HTTP status, and it comes before the token is looked at.
  if (route == routes().end()) return refusal("310404", "API不存在:" + std::string(path), 404);
  if (auto refused = gate_.refuse(request, std::string(path))) return std::move(*refused);
  if (request.method != (route->get ? "GET" : "POST")) return refusal("310405", "请求方法不支持");
  json::error_code error;
  if (route->get) return serve(*route, {std::string(path), request, json::object()});
  Call call{std::string(path), request, json::parse(request.body, error)};
  if (error || request.header("Content-Type").find("application/json") == std::string_view::npos)
    return refusal("310002", "请求体不是合法的JSON");
  return serve(*route, call);
}

HttpResponse YonyouTwin::success(json::value data, std::string_view message) const {
  json::object body;
  if (rules_.code_style == "number")
    body["code"] = 200;
  else if (rules_.code_style == "quoted")
    body["code"] = "\"200\"";
  else
    body["code"] = rules_.code_style == "blank" ? "" : "200";
  body["message"] = message;
  body["data"] = std::move(data);
  body["traceId"] = "twin";
  return huiliu::twin::json_response(json::serialize(body));
}

std::optional<HttpResponse> YonyouTwin::remembered(const std::string& key) {
  const auto found = done_.find(key);
  if (found == done_.end() || found->second.until_ms <= clock().now_ms()) return std::nullopt;
  return huiliu::twin::json_response(json::serialize(
      json::object{{"code", "10004"}, {"message", "重复请求"}, {"data", found->second.data}}));
}

HttpResponse YonyouTwin::serve(const Route& route, const Call& call) {
  try {
    if (rules_.service_failures > 0) {
      --rules_.service_failures;
      return refusal("999", "服务端逻辑异常");
    }
    std::string key;
    if (route.idempotent) {
      const json::value* data = call.object().if_contains("data");
      if (data == nullptr || !data->is_object()) throw Refused("310003", "参数data不能为空");
      key = text_of(data->get_object(), "resubmitCheckKey");
      if (key.empty() || key.size() > longest_key)
        throw Refused("310003", "resubmitCheckKey不能为空且不超过32位");
      if (auto known = remembered(key)) return std::move(*known);
      if (rules_.still_running > 0) {
        --rules_.still_running;
        return refusal("202", "请求正在处理中");
      }
    }
    json::value data = (this->*route.handler)(call);
    if (!key.empty()) done_[key] = {clock().now_ms() + remembered_ms, data.as_array().at(0)};
    if (route.writes && rules_.commit_then_timeout > 0) {
      --rules_.commit_then_timeout;
      return refusal("310504", "后端服务超时");
    }
    return success(std::move(data));
  } catch (const Refused& refused) {
    json::object body{{"message", refused.what()}, {"data", nullptr}};
    // The customer service writes its zero as a number.
    if (refused.code == "0")
      body["code"] = 0;
    else
      body["code"] = refused.code;
    return huiliu::twin::json_response(json::serialize(body));
  }
}

json::object YonyouTwin::settings(const std::map<std::string, std::string>& urls) const {
  return {{"base_url", urls.at("url")},
          {"app_key", account().app_key},
          {"app_secret", account().app_secret},
          {"tenant_id", account().tenant_id},
          {"create_org", managing_organisation}};
}

// ---- customer files
// ------------------------------------------------------------------------------------------

json::value YonyouTwin::insert(const Call& call) {
  const std::int64_t id = files_.insert(call.object().at("data").as_object());
  const Record made = store().get("customers", std::to_string(id));
  return json::array{json::object{{"id", id}, {"code", text_of(*made, "code")}}};
}

json::value YonyouTwin::update(const Call& call) {
  const std::int64_t id = files_.update(call.object());
  const Record now = store().get("customers", std::to_string(id));
  return json::array{json::object{{"id", id}, {"code", text_of(*now, "code")}}};
}

namespace {

const json::array& items_of(const json::object& body) {
  const json::value* data = body.if_contains("data");
  if (data == nullptr || !data->is_array() || data->get_array().empty())
    throw Refused("310003", "参数data不能为空");
  for (const json::value& item : data->get_array())
    if (!item.is_object()) throw Refused("310003", "data的元素应为对象");
  return data->get_array();
}

template <class Each>
json::value batch(const json::array& items, std::string_view count_name, Each&& each) {
  json::array messages, infos;
  std::size_t done = 0;
  for (const json::value& item : items) try {
      each(item.get_object(), infos);
      ++done;
    } catch (const Refused& refused) {
      messages.push_back(json::string(refused.what()));
    }
  const std::size_t failed = messages.size();
  json::object data{{"count", items.size()}, {"failCount", failed}, {"infos", std::move(infos)}};
  data[count_name] = done;
  // A list here, one text there.
  if (failed == 1)
    data["messages"] = messages.front();
  else
    data["messages"] = std::move(messages);
  return data;
}

}  // namespace

json::value YonyouTwin::stop(const Call& call) {
  return batch(items_of(call.object()), "successCount",
               [&](const json::object& item, json::array& infos) { files_.set_stopped(item, true, infos); });
}

json::value YonyouTwin::unstop(const Call& call) {
  return batch(items_of(call.object()), "successCount",
               [&](const json::object& item, json::array& infos) { files_.set_stopped(item, false, infos); });
}

json::value YonyouTwin::allocate(const Call& call) {
  return batch(items_of(call.object()), "sucessCount",
               [&](const json::object& item, json::array&) { files_.allocate(item); });
}

json::value YonyouTwin::batch_delete(const Call& call) {
  for (const json::value& item : items_of(call.object())) files_.remove(item.get_object());
  return json::object{{"asyncKey", "del-" + std::to_string(clock().now_ms())}};
}

// ---- events
// -----------------------------------------------------------------------------------------------------

void YonyouTwin::announce(std::string_view suffix, const std::string& customer, const json::object& shown) {
  json::object content{{"id", customer}, {"code", text_of(shown, "code")}};
  if (const json::value* name = shown.if_contains("name"))
    content["name"] = json::object{{"zh_CN", yonyou::chinese_of(*name)}};
  content["createOrg"] = text_of(shown, "createOrgId");
  events_.push("YXYBASEDOC_AA_MERCHANT" + std::string(suffix), content, rules_);
}

void YonyouTwin::after(const huiliu::twin::Change& change, const Record& now) {
  using Kind = huiliu::twin::Change::Kind;
  if (change.origin == Origin::load) return;
  if (change.stream == "customers") {
    const bool stop = change.fields == std::vector<std::string>{"stopStatus"};
    const bool allocated = change.fields == std::vector<std::string>{"merchantApplyRanges"};
    if (change.kind == Kind::remove)
      announce("_DELETE", std::string(change.key), *change.before);
    else if (change.kind == Kind::create)
      announce("_INSERT", std::string(change.key), *now);
    else if (stop)
      announce(flag_of(*now, "stopStatus") ? "LIST_STOP" : "LIST_UNSTOP", std::string(change.key), *now);
    else
      announce(allocated ? "_ALLOCATEORG" : "_UPDATE", std::string(change.key), *now);
  } else if (change.stream == "contacts") {
    const json::object& contact = now ? *now : *change.before;
    const std::string customer = text_of(contact, "merchantId");
    if (const Record file = store().find("customers", customer)) announce("_UPDATE", customer, *file);
  } else if (change.stream == "employees") {
    const std::string code = text_of(now ? *now : *change.before, "code");
    const std::string_view type = change.kind == Kind::create   ? "STAFF_ADD"
                                  : change.kind == Kind::remove ? "STAFF_DELETE"
                                                                : "STAFF_UPDATE";
    events_.push(std::string(type), {{"id", text_of(now ? *now : *change.before, "id")}, {"code", code}},
                 rules_);
  }
}

std::optional<HttpResponse> YonyouTwin::control(const HttpRequest& request) {
  const auto shown = [](const json::object& body) {
    return huiliu::twin::json_response(json::serialize(body));
  };
  const auto body = [&] {
    json::error_code error;
    json::value value = json::parse(request.body, error);
    if (error || !value.is_object()) throw TwinError(400, "bad_json", "the body is no JSON object");
    return value.get_object();
  };
  if (request.path == "/rules" || request.path == "/switches") {
    if (request.method == "POST") rules_.configure(body());
    return shown(rules_.to_json());
  }
  if (request.path == "/webhook-target") {
    if (request.method == "POST") {
      const json::object wanted = body();
      if (!wanted.contains("url")) throw TwinError(400, "bad_request", "\"url\" is missing");
      events_.set_target(text_of(wanted, "url"), rules_);
    }
    return shown(events_.to_json());
  }
  if (request.path == "/lock" && request.method == "POST") {
    const json::object wanted = body();
    files_.lock(text_of(wanted, "key"),
                static_cast<int>(std::max<std::int64_t>(number_of(wanted, "times"), 1)));
    return shown({});
  }
  return std::nullopt;
}

}  // namespace yonyou_twin
