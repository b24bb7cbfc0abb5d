// Departments and users of the twin, as topapi/v2 shows them.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::json_response;

constexpr std::int64_t kRoot = 1;

// Parameters come as JSON or as a form; both are taken, as the vendor does.
json::value parameters(const HttpRequest& request) {
  if (const auto body = parse_json(request.body); body && body->is_object()) return *body;
  json::object form;
  for (const auto& [name, value] : huiliu::twin::parse_form(request.body)) form[name] = value;
  return form;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

HttpResponse result_ok(json::value result) {
  return json_response(json::serialize(
      json::object{{"errcode", 0}, {"errmsg", "ok"}, {"result", std::move(result)}, {"request_id", "twin"}}));
}

std::int64_t department_in(const json::value& parameters,
                           std::optional<std::int64_t> otherwise = std::nullopt) {
  const std::string text = text_at(parameters, "dept_id");
  if (text.empty() && otherwise) return *otherwise;
  const auto id = whole_number(text);
  if (!id) throw TwinError(400, "40009", "不合法的部门id");
  return *id;
}

bool in_department(const json::object& user, std::int64_t department) {
  const json::value* ids = user.if_contains("dept_id_list");
  for (const std::string& id : texts_of(ids))
    if (id == std::to_string(department)) return true;
  return false;
}

}  // namespace

bool DingTalkTwin::has_user(std::string_view id) const { return store().find(kEmployees, id) != nullptr; }

// The visible range may leave the root out; what is below it stays visible.
void DingTalkTwin::check_visible(std::int64_t department) const {
  if (department == kRoot && hide_root_) throw TwinError(400, "50004", "请求的部门id不在授权范围内");
  if (department != kRoot && !store().find(kDepartments, std::to_string(department)))
    throw TwinError(400, "60003", "部门不存在");
}

json::object DingTalkTwin::shown_user(const json::object& user) const {
  json::object shown = user;
  if (gate_.denies("fieldMobile"))
    for (const char* name : {"mobile", "state_code"}) shown.erase(name);
  if (gate_.denies("fieldEmail"))
    for (const char* name : {"email", "org_email", "work_place", "remark", "extension"}) shown.erase(name);
  return shown;
}

HttpResponse DingTalkTwin::list_departments(const HttpRequest& request) {
  const std::int64_t parent = department_in(parameters(request), kRoot);
  check_visible(parent);
  json::array list;
  store().for_each(kDepartments, [&](const std::string&, const Record& department) {
    if (!request.empty_list && text_at(*department, "parent_id") == std::to_string(parent))
      list.push_back(*department);
    return true;
  });
  return result_ok(std::move(list));
}

HttpResponse DingTalkTwin::list_department_ids(const HttpRequest& request) {
  const std::int64_t parent = department_in(parameters(request));
  check_visible(parent);
  json::array list;
  store().for_each(kDepartments, [&](const std::string&, const Record& department) {
    if (text_at(*department, "parent_id") == std::to_string(parent))
      list.push_back(department->at("dept_id"));
    return true;
  });
  return result_ok(json::object{{"dept_id_list", std::move(list)}});
}

HttpResponse DingTalkTwin::get_department(const HttpRequest& request) {
  const std::int64_t id = department_in(parameters(request));
  check_visible(id);
  if (id == kRoot) return result_ok(json::object{{"dept_id", kRoot}, {"name", "云桥装备集团"}});
  return result_ok(*store().get(kDepartments, std::to_string(id)));
}

HttpResponse DingTalkTwin::list_users(const HttpRequest& request) {
  const json::value wanted = parameters(request);
  const std::int64_t department = department_in(wanted);
  check_visible(department);
  const auto cursor = whole_number(text_at(wanted, "cursor"));
  const auto size = whole_number(text_at(wanted, "size"));
  if (!cursor || *cursor < 0) throw TwinError(400, "40035", "不合法的参数 cursor");
  if (!size || *size < 1 || *size > 100) throw TwinError(400, "40035", "不合法的参数 size");
  json::array list;
  std::int64_t place = 0;
  bool more = false;
  store().for_each(kEmployees, [&](const std::string&, const Record& user) {
    if (request.empty_list || !in_department(*user, department) || place++ < *cursor) return true;
    more = static_cast<std::int64_t>(list.size()) >= *size;
    if (!more) list.push_back(shown_user(*user));
    return !more;
  });
  json::object page{{"has_more", more}};
  if (more) page["next_cursor"] = *cursor + static_cast<std::int64_t>(list.size());
  page["list"] = std::move(list);
  return result_ok(std::move(page));
}

HttpResponse DingTalkTwin::list_users_simple(const HttpRequest& request) {
  HttpResponse full = list_users(request);
  json::value body = json::parse(full.body);
  for (json::value& user : body.at("result").at("list").as_array())
    user = json::object{{"userid", user.at("userid")}, {"name", user.at("name")}};
  return json_response(json::serialize(body));
}

HttpResponse DingTalkTwin::list_user_ids(const HttpRequest& request) {
  const std::int64_t department = department_in(parameters(request));
  check_visible(department);
  json::array ids;
  store().for_each(kEmployees, [&](const std::string& id, const Record& user) {
    if (in_department(*user, department)) ids.emplace_back(id);
    return true;
  });
  return result_ok(json::object{{"userid_list", std::move(ids)}});
}

HttpResponse DingTalkTwin::get_user(const HttpRequest& request) {
  const std::string id = text_at(parameters(request), "userid");
  if (id.empty()) throw TwinError(400, "40035", "缺少参数 userid");
  const Record user = store().find(kEmployees, id);
  if (!user) throw TwinError(400, "60121", "找不到该用户");
  return result_ok(shown_user(*user));
}

HttpResponse DingTalkTwin::user_by_mobile(const HttpRequest& request) {
  const std::string mobile = text_at(parameters(request), "mobile");
  if (mobile.size() < 5) throw TwinError(400, "40104", "无效手机号");
  std::string found;
  store().for_each(kEmployees, [&](const std::string& id, const Record& user) {
    if (text_at(*user, "mobile") == mobile) found = id;
    return found.empty();
  });
  if (found.empty()) throw TwinError(400, "60121", "找不到该用户");
  return result_ok(json::object{{"userid", found}});
}

HttpResponse DingTalkTwin::user_by_unionid(const HttpRequest& request) {
  const std::string wanted = text_at(parameters(request), "unionid");
  std::string found;
  store().for_each(kEmployees, [&](const std::string& id, const Record& user) {
    if (!wanted.empty() && text_at(*user, "unionid") == wanted) found = id;
    return found.empty();
  });
  if (found.empty()) throw TwinError(400, "60121", "找不到该用户");
  return result_ok(json::object{{"contact_type", 0}, {"userid", found}});
}

HttpResponse DingTalkTwin::missed_events(const HttpRequest&) {
  auto [missed, more] = events_.take_missed();
  return json_response(json::serialize(json::object{
      {"errcode", 0}, {"errmsg", "ok"}, {"has_more", more}, {"failed_list", std::move(missed)}}));
}

HttpResponse DingTalkTwin::auth_scopes(const HttpRequest&) {
  json::array departments;
  if (!hide_root_)
    departments.emplace_back(kRoot);
  else
    store().for_each(kDepartments, [&](const std::string&, const Record& department) {
      if (text_at(*department, "parent_id") == std::to_string(kRoot))
        departments.push_back(department->at("dept_id"));
      return true;
    });
  return json_response(json::serialize(json::object{
      {"errcode", 0},
      {"errmsg", "ok"},
      {"auth_user_field", {"name", "mobile"}},
      {"auth_org_scopes", {{"authed_dept", std::move(departments)}, {"authed_user", json::array{}}}}}));
}

}  // namespace dingtalk::twin
