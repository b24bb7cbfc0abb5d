#include "plugins/wecom/twin/wecom_twin.hpp"

#include <algorithm>

#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"
#include "plugins/wecom/twin/dice.hpp"

namespace wecom::twin {
namespace {

constexpr std::string_view kApiRoot = "/cgi-bin/";

// The fields of a list that the vendor shows, empty, beside a refusal.
json::object besides(std::string_view api) {
  if (api == "externalcontact/get_follow_user_list" || api == "externalcontact/get")
    return {{"follow_user", json::array{}}};
  if (api == "externalcontact/list") return {{"external_userid", json::array{}}};
  if (api == "externalcontact/batch/get_by_user")
    return {{"external_contact_list", json::array{}}, {"next_cursor", ""}};
  return {};
}

}  // namespace

void refuse(std::int64_t code, const std::string& text) { throw TwinError(400, std::to_string(code), text); }

WeComTwin::WeComTwin(huiliu::twin::TwinOptions twin_options)
    : Twin(std::move(twin_options)),
      gate_([this] { return clock().now_ms(); }, options().quota_factor, options().seed),
      events_([this] { return clock().now_ms(); }, options().seed) {
  for (const std::string_view stream : {kContacts, kEmployees, kDepartments, kTags, kChats, kMessages})
    store().declare(stream);
  store().add_index(kContacts, kMember, [](const json::object& body) {
    std::vector<std::string> members;
    for (const json::value* relation : items_of(member(body, "follow_user")))
      members.push_back(folded(text_at(*relation, "userid")));
    return members;
  });
}

const std::vector<WeComTwin::Route>& WeComTwin::routes() {
  using T = WeComTwin;
  static const std::vector<Route> kRoutes{
      {"GET", "department/simplelist", &T::department_ids},
      {"GET", "department/get", &T::department_get},
      {"GET", "department/list", &T::department_list},
      {"GET", "user/simplelist", &T::user_simple_list},
      {"GET", "user/list", &T::user_list},
      {"GET", "user/get", &T::user_get},
      {"POST", "user/list_id", &T::user_ids},
      {"POST", "user/getuserid", &T::user_by_mobile},
      {"GET", "getcallbackip", &T::addresses},
      {"GET", "get_api_domain_ip", &T::addresses},
      {"GET", "externalcontact/get_follow_user_list", &T::follow_users},
      {"GET", "externalcontact/list", &T::contact_list},
      {"GET", "externalcontact/get", &T::contact_get},
      {"POST", "externalcontact/batch/get_by_user", &T::contact_batch},
      {"POST", "externalcontact/remark", &T::contact_remark},
      {"POST", "externalcontact/contact_list", &T::wide_list},
      {"POST", "externalcontact/get_corp_tag_list", &T::tag_list},
      {"POST", "externalcontact/add_corp_tag", &T::tag_add},
      {"POST", "externalcontact/edit_corp_tag", &T::tag_edit},
      {"POST", "externalcontact/del_corp_tag", &T::tag_delete},
      {"POST", "externalcontact/mark_tag", &T::mark_tag},
      {"POST", "externalcontact/get_unassigned_list", &T::unassigned_list},
      {"POST", "externalcontact/transfer_customer", &T::transfer_customer},
      {"POST", "externalcontact/transfer_result", &T::transfer_result},
      {"POST", "externalcontact/resigned/transfer_customer", &T::transfer_customer},
      {"POST", "externalcontact/resigned/transfer_result", &T::transfer_result},
      {"POST", "externalcontact/add_contact_way", &T::add_way},
      {"POST", "externalcontact/get_contact_way", &T::get_way},
      {"POST", "externalcontact/update_contact_way", &T::update_way},
      {"POST", "externalcontact/del_contact_way", &T::delete_way},
      {"POST", "externalcontact/list_contact_way", &T::list_ways},
      {"POST", "externalcontact/groupchat/list", &T::chat_list},
      {"POST", "externalcontact/groupchat/get", &T::chat_get},
      {"POST", "message/send", &T::send_message},
      {"POST", "message/recall", &T::recall_message},
  };
  return kRoutes;
}

std::string WeComTwin::endpoint_of(const HttpRequest& request) const {
  return request.path.starts_with(kApiRoot) ? request.path.substr(kApiRoot.size())
                                            : Twin::endpoint_of(request);
}

HttpResponse WeComTwin::rate_limited(const HttpRequest&) { return gate_.too_many(); }

std::string WeComTwin::Asked::text(std::string_view name) const {
  const std::string_view in_query = http.parameter(name);
  return in_query.empty() ? text_at(body, name) : std::string(in_query);
}

// Some APIs refuse \u escapes; this one refuses them everywhere but for control characters.
void WeComTwin::check_body(const Route& route, const HttpRequest& request) const {
  for (std::size_t at = request.body.find("\\u"); at != std::string::npos;
       at = request.body.find("\\u", at + 2)) {
    const std::size_t slashes = request.body.find_last_not_of('\\', at) == std::string::npos
                                    ? at + 1
                                    : at - request.body.find_last_not_of('\\', at);
    if (slashes % 2 == 1 && request.body.compare(at, 4, "\\u00") != 0)
      refuse(40033, "invalid charset: raw UTF-8 is wanted in " + std::string(route.api));
  }
}

HttpResponse WeComTwin::answer(const HttpRequest& request) {
  const std::string api = endpoint_of(request);
  if (api == "gettoken") return gate_.token(request);
  const auto route = std::find_if(routes().begin(), routes().end(),
                                  [&](const Route& candidate) { return candidate.api == api; });
  if (!request.path.starts_with(kApiRoot) || route == routes().end()) {
    HttpResponse response = huiliu::twin::text_response("404 page not found", 404);
    return response;
  }
  const App* app = nullptr;
  if (auto refused = gate_.refuse(request, api, app)) return std::move(*refused);
  try {
    // The body of a request with the wrong method is not read: a misleading refusal.
    if (route->method != request.method) refuse(40003, "invalid userid");
    Asked asked{request, {}, *app};
    if (route->method == "POST") {
      check_body(*route, request);
      const auto body = parse_json(request.body);
      if (!body || !body->is_object()) refuse(40035, "invalid parameter. Warning: wrong json format.");
      asked.body = body->get_object();
    }
    return (this->*route->handler)(asked);
  } catch (const TwinError& refused) {
    const std::int64_t code = number_of(json::value(json::string(refused.code())), 40035);
    return refusal(code, refused.what(), besides(api));
  }
}

HttpResponse WeComTwin::handle(const HttpRequest& request) {
  HttpResponse response = answer(request);
  // "errmsg" may complain although all went well; who matches texts is led astray.
  if (json_warning_ && response.body.find(R"("errmsg":"ok")") != std::string::npos)
    response.body.replace(response.body.find(R"("errmsg":"ok")"), 13,
                          R"("errmsg":"ok, Warning: wrong json format.")");
  return response;
}

json::object WeComTwin::settings(const std::map<std::string, std::string>& urls) const {
  return {{"base_url", urls.at("url")},
          {"corp_id", account().corp_id},
          {"agent_id", std::to_string(account().app.agent_id)},
          {"secret", account().app.secret},
          {"callback_token", account().callback_token},
          {"callback_aes_key", account().callback_aes_key}};
}

std::string WeComTwin::key_of(std::string_view stream, const json::object& body) const {
  std::string key;
  if (stream == kContacts) {
    if (const json::value* contact = member(body, "external_contact"))
      key = text_at(*contact, "external_userid");
    if (key.empty()) key = text_at(body, "external_userid");
  } else {
    const std::string_view name = stream == kEmployees  ? "userid"
                                  : stream == kChats    ? "chat_id"
                                  : stream == kMessages ? "msgid"
                                                        : "id";
    key = text_at(body, name);
  }
  if (key.empty()) throw TwinError(400, "no_key", "a record of " + std::string(stream) + " without its key");
  return key;
}

std::string WeComTwin::next_key(std::string_view stream) {
  const std::string number = id_text(77 + options().seed, ++made_, 30);
  return (stream == kContacts ? "wm" : stream == kTags ? "et" : stream == kChats ? "wr" : "") + number;
}

// One record of a dump. The vendor's other forms are taken too: batch rows and lists, tags in groups.
void WeComTwin::load(std::string_view stream, json::object body) {
  if (stream == kTags && body.contains("tag")) {
    for (const json::value* tag : items_of(member(body, "tag"))) {
      json::object one = tag->get_object();
      one["group_id"] = text_at(body, "group_id");
      one["group_name"] = text_at(body, "group_name");
      load(stream, std::move(one));
    }
    return;
  }
  if (stream == kContacts) {
    json::array followers;
    for (const char* name : {"follow_user", "follow_info"})
      for (const json::value* relation : items_of(member(body, name))) {
        json::object one = relation->get_object();
        json::array tags;
        for (const json::value* tag : items_of(member(one, "tags"))) {
          const std::string id = text_at(*tag, "tag_id");
          if (!id.empty() && number_at(*tag, "type", 1) == 1 && !store().find(kTags, id))
            store().create(kTags, id,
                           {{"id", id},
                            {"name", text_at(*tag, "tag_name")},
                            {"group_id", "eg" + text_at(*tag, "group_name")},
                            {"group_name", text_at(*tag, "group_name")},
                            {"create_time", 0},
                            {"order", 0}},
                           Origin::load);
          tags.push_back(*tag);
        }
        for (const std::string& id : texts_of(member(one, "tag_id")))
          tags.push_back(json::object{{"tag_id", id}, {"type", 1}});
        one.erase("tag_id");
        one["tags"] = std::move(tags);
        followers.push_back(std::move(one));
      }
    body.erase("follow_info");
    const std::string key = key_of(stream, body);
    if (const Record known = store().find(stream, key)) {  // another follower's row of the same person
      store().update(
          stream, key,
          [&](json::object& merged) {
            for (json::value& follower : followers)
              merged["follow_user"].as_array().push_back(std::move(follower));
          },
          {}, Origin::load);
      return;
    }
    body["follow_user"] = std::move(followers);
    store().create(stream, key, std::move(body), Origin::load);
    return;
  }
  // A dump of members may come without its departments; the walk needs them.
  if (stream == kEmployees)
    for (const std::string& id : texts_of(member(body, "department")))
      if (!store().find(kDepartments, id))
        store().create(kDepartments, id,
                       {{"id", number_of(json::value(json::string(id)))},
                        {"name", "部门" + id},
                        {"parentid", id == "1" ? 0 : 1},
                        {"order", 0}},
                       Origin::load);
  Twin::load(stream, std::move(body));
}

void WeComTwin::configure(json::object switches) {
  const auto flag = [&](const char* name, bool& into) {
    if (const json::value* value = switches.if_contains(name); value != nullptr && value->is_bool()) {
      into = value->get_bool();
      switches.erase(name);
    }
  };
  const auto number = [&](const char* name, std::int64_t& into) {
    if (const json::value* value = switches.if_contains(name); value != nullptr && value->is_number()) {
      into = number_of(*value);
      switches.erase(name);
    }
  };
  flag("short_pages", short_pages_);
  flag("mixed_case", mixed_case_);
  flag("new_app", new_app_);
  flag("json_warning", json_warning_);
  flag("duplicate_events", duplicate_events_);
  flag("disordered_events", disordered_events_);
  number("conflicts", conflicts_);
  number("dead_cursors", dead_cursors_);
  number("cursor_seconds", cursor_life_s_);
  number("user_list_max", user_list_max_);
  number("tags_per_contact", tags_per_contact_);
  number("tags_per_corp", tags_per_corp_);
  for (const auto& [name, into] :
       {std::pair{"unlicensed", &unlicensed_}, std::pair{"visible_users", &visible_}})
    if (const json::value* users = switches.if_contains(name); users != nullptr && users->is_array()) {
      into->clear();
      for (const std::string& user : texts_of(users)) into->insert(folded(user));
      switches.erase(name);
    }
  events_.configure(duplicate_events_, disordered_events_);
  gate_.configure(switches);
}

std::optional<HttpResponse> WeComTwin::control(const HttpRequest& request) {
  const auto shown = [](const json::object& body) {
    return huiliu::twin::json_response(json::serialize(body));
  };
  const auto body = [&] {
    const auto value = parse_json(request.body);
    if (!value || !value->is_object()) throw TwinError(400, "bad_json", "the body is no JSON object");
    return value->get_object();
  };
  const std::string endpoint = request.method + " " + request.path;
  if (endpoint == "POST /switches") configure(body());
  if (endpoint == "GET /switches" || endpoint == "POST /switches") {
    json::object all = gate_.to_json();
    all["short_pages"] = short_pages_;
    all["mixed_case"] = mixed_case_;
    all["new_app"] = new_app_;
    all["conflicts"] = conflicts_;
    all["dead_cursors"] = dead_cursors_;
    all["unlicensed"] = json::array(unlicensed_.begin(), unlicensed_.end());
    all["visible_users"] = json::array(visible_.begin(), visible_.end());
    all["json_warning"] = json_warning_;
    all["duplicate_events"] = duplicate_events_;
    all["disordered_events"] = disordered_events_;
    all["cursor_seconds"] = cursor_life_s_;
    all["user_list_max"] = user_list_max_;
    all["tags_per_contact"] = tags_per_contact_;
    all["tags_per_corp"] = tags_per_corp_;
    return shown(all);
  }
  if (endpoint == "POST /webhook-target") {
    const json::object wanted = body();
    if (!wanted.contains("url")) throw TwinError(400, "bad_request", "\"url\" is missing");
    events_.set_target(text_at(wanted, "url"), number_at(wanted, "retry_ms", 5000));
    return shown(events_.to_json());
  }
  if (endpoint == "GET /webhook-target") return shown(events_.to_json());
  if (endpoint == "POST /customer-deletes") {
    const json::object wanted = body();
    customer_deletes(text_at(wanted, "key"), text_at(wanted, "userid"));
    return shown({{"key", text_at(wanted, "key")}});
  }
  if (endpoint == "POST /customer-refuses") {
    const json::object wanted = body();
    customer_refuses(text_at(wanted, "key"));
    return shown({{"key", text_at(wanted, "key")}});
  }
  return std::nullopt;
}

}  // namespace wecom::twin
