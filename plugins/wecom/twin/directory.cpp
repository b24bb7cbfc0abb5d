// Departments and members of the twin.
#include <algorithm>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/twin/wecom_twin.hpp"

namespace wecom::twin {
namespace {

bool in_department(const json::object& user, std::string_view department) {
  for (const std::string& id : texts_of(member(user, "department")))
    if (id == department) return true;
  return false;
}

}  // namespace

std::string WeComTwin::user_key(std::string_view userid) const {
  if (store().find(kEmployees, userid)) return std::string(userid);
  std::string found;
  store().for_each(kEmployees, [&](const std::string& key, const Record&) {
    if (same_user(key, userid)) found = key;
    return found.empty();
  });
  return found;
}

std::string WeComTwin::department_of(const Asked& asked, std::string_view name, bool required) const {
  const std::string id = asked.text(name);
  if (id.empty() && !required) return "1";
  if (number_of(json::value(json::string(id)), 0) <= 0) refuse(60123, "invalid party id");
  if (!store().find(kDepartments, id)) refuse(60003, "department not found");
  return id;
}

// The subtree, the department itself first.
std::vector<std::string> WeComTwin::below(std::string_view department) const {
  std::vector<std::string> ids{std::string(department)};
  for (std::size_t at = 0; at < ids.size(); ++at)
    store().for_each(kDepartments, [&](const std::string& key, const Record& record) {
      if (text_at(*record, "parentid") == ids[at] && std::find(ids.begin(), ids.end(), key) == ids.end())
        ids.push_back(key);
      return true;
    });
  return ids;
}

std::vector<std::string> WeComTwin::members_of(std::string_view department) const {
  std::vector<std::string> keys;
  store().for_each(kEmployees, [&](const std::string& key, const Record& record) {
    if (in_department(*record, department) && is_visible(key)) keys.push_back(key);
    return true;
  });
  return keys;
}

HttpResponse WeComTwin::department_ids(const Asked& asked) {
  json::array list;
  for (const std::string& id : below(department_of(asked, "id", false)))
    if (const Record record = store().find(kDepartments, id))
      list.push_back(json::object{{"id", number_at(*record, "id")},
                                  {"parentid", number_at(*record, "parentid")},
                                  {"order", number_at(*record, "order")}});
  return success({{"department_id", std::move(list)}});
}

HttpResponse WeComTwin::department_get(const Asked& asked) {
  return success({{"department", *store().get(kDepartments, department_of(asked, "id", true))}});
}

HttpResponse WeComTwin::department_list(const Asked& asked) {
  json::array list;
  for (const std::string& id : below(department_of(asked, "id", false)))
    if (const Record record = store().find(kDepartments, id)) list.push_back(*record);
  return success({{"department", std::move(list)}});
}

// Apps made since mid-2022 do not receive these; they are absent, not empty.
json::object WeComTwin::shown_user(const json::object& user) const {
  json::object shown = user;
  if (new_app_)
    for (const char* name :
         {"avatar", "thumb_avatar", "gender", "mobile", "email", "biz_mail", "qr_code", "address"})
      shown.erase(name);
  return shown;
}

HttpResponse WeComTwin::user_simple_list(const Asked& asked) {
  json::array list;
  for (const std::string& key : members_of(department_of(asked, "department_id", true))) {
    const Record user = store().get(kEmployees, key);
    list.push_back(json::object{
        {"userid", key}, {"name", text_at(*user, "name")}, {"department", user->at("department")}});
  }
  return success({{"userlist", std::move(list)}});
}

HttpResponse WeComTwin::user_list(const Asked& asked) {
  json::array list;
  for (const std::string& key : members_of(department_of(asked, "department_id", true)))
    list.push_back(shown_user(*store().get(kEmployees, key)));
  if (static_cast<std::int64_t>(list.size()) > user_list_max_) refuse(45029, "response too large");
  return success({{"userlist", std::move(list)}});
}

HttpResponse WeComTwin::user_get(const Asked& asked) {
  const std::string key = user_key(asked.text("userid"));
  if (key.empty()) refuse(60111, "userid not found");
  if (!is_visible(key)) refuse(60011, "no privilege to access/modify contact/party/agent");
  return success(shown_user(*store().get(kEmployees, key)));
}

HttpResponse WeComTwin::user_ids(const Asked& asked) {
  json::array rows;
  store().for_each(kEmployees, [&](const std::string& key, const Record& record) {
    for (const std::string& id : texts_of(member(*record, "department")))
      rows.push_back(json::object{{"userid", key}, {"department", number_of(json::value(json::string(id)))}});
    return true;
  });
  const std::size_t limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(number_at(asked.body, "limit", 10'000), 1, 10'000));
  const std::size_t at = page_at("user/list_id", asked.text("cursor"));
  const std::size_t end = std::min(rows.size(), at + limit);
  json::array page;
  for (std::size_t i = at; i < end; ++i) page.push_back(rows[i]);
  return success(
      {{"dept_user", std::move(page)},
       {"next_cursor", end < rows.size() ? page_cursor("user/list_id", end, cursor_life_s_) : ""}});
}

HttpResponse WeComTwin::user_by_mobile(const Asked& asked) {
  const std::string mobile = asked.text("mobile");
  if (mobile.empty()) refuse(40063, "mobile is empty");
  // More wrong numbers than a fifth of the members bar everybody for the day, whichever app asked.
  const std::int64_t today = now_s() / (24 * 3600);
  if (today != mobile_day_) wrong_mobiles_ = 0;
  mobile_day_ = today;
  std::int64_t members = 0;
  store().for_each(kEmployees, [&](const std::string&, const Record&) {
    ++members;
    return true;
  });
  if (wrong_mobiles_ * 5 > members) refuse(45009, "too many wrong mobiles today");
  std::string found;
  store().for_each(kEmployees, [&](const std::string& key, const Record& record) {
    if (text_at(*record, "mobile") == mobile) found = key;
    return found.empty();
  });
  if (found.empty()) {
    ++wrong_mobiles_;
    refuse(46004, "user not found");
  }
  return success({{"userid", found}});
}

HttpResponse WeComTwin::addresses(const Asked&) { return success({{"ip_list", json::array{"127.0.0.1"}}}); }

}  // namespace wecom::twin
