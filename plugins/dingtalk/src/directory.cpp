#include "plugins/dingtalk/src/directory.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::int64_t kRoot = 1;
constexpr std::int64_t kUserPage = 100;
constexpr std::string_view kDone = R"({"v":1,"phase":"done"})";

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const json::value& result_of(const Answer& answer) {
  const json::value* result = field(answer.body, "result");
  if (result == nullptr) throw huiliu::DataError("DingTalk answered without a result");
  return *result;
}

bool outside_range(const Refused& refused) {
  return refused.remote_code == "50004" || refused.remote_code == "50002";
}

bool limit_reached(const huiliu::ReadRequest& request, std::uint64_t emitted) {
  return request.limit > 0 && emitted >= request.limit;
}

// Members that only one of the two calls shows: a record must look the same, whichever call it came from.
constexpr std::array<std::string_view, 8> kOfOneCall{"role_list",   "dept_order_list", "leader_in_dept",
                                                     "real_authed", "senior",          "manager_userid",
                                                     "dept_order",  "leader"};

// A user as the vendor shows it, with its JSON in a string opened, the name of its department beside the
// number, and the phone with its country where both parts are visible. Fields that the app may not see stay
// absent.
template <class NameOf>
json::object employee_body(const json::value& shown, const NameOf& name_of) {
  json::object body = shown.is_object() ? shown.get_object() : json::object{};
  for (const std::string_view name : kOfOneCall) body.erase(name);
  if (std::optional<json::value> extension = parse_json(text_at(shown, "extension"));
      extension && extension->is_object())
    body["extension"] = *extension;
  const std::string mobile = text_at(shown, "mobile");
  const std::string country = text_at(shown, "state_code");
  if (!mobile.empty()) body["phone"] = country.empty() || country == "86" ? mobile : "+" + country + mobile;
  for (const std::string& id : texts_of(field(shown, "dept_id_list")))
    if (const std::string name = name_of(whole_number(id).value_or(0)); !name.empty()) {
      body["department"] = name;
      break;
    }
  return body;
}

// What both calls tell of a department.
json::object department_body(const json::value& shown) {
  json::object body;
  for (const std::string_view name : {"dept_id", "name", "parent_id"})
    if (const json::value* value = field(shown, name)) body[name] = *value;
  return body;
}

}  // namespace

std::vector<Directory::Department> Directory::below(huiliu::Call& call, std::int64_t id) const {
  const Answer answer = client_.oapi(call, "/topapi/v2/department/listsub", json::object{{"dept_id", id}});
  std::vector<Department> departments;
  for (const json::value* item : items_of(field(answer.body, "result")))
    if (const auto child = whole_number(text_at(*item, "dept_id")))
      departments.push_back({*child, text_at(*item, "name"), department_body(*item)});
  return departments;
}

Directory::Department Directory::department(huiliu::Call& call, std::int64_t id) const {
  const Answer answer = client_.oapi(call, "/topapi/v2/department/get", json::object{{"dept_id", id}});
  const json::value& shown = result_of(answer);
  return {id, text_at(shown, "name"), department_body(shown)};
}

json::object Directory::user(huiliu::Call& call, const std::string& id, Names& names) const {
  const Answer answer = client_.oapi(call, "/topapi/v2/user/get", json::object{{"userid", id}});
  return employee_body(result_of(answer), [&](std::int64_t number) -> std::string {
    if (number == kRoot) return {};  // as in the walk, which does not list the root
    const auto known = names.find(number);
    if (known != names.end()) return known->second;
    std::string name;
    try {
      name = department(call, number).name;
    } catch (const Refused& refused) {
      if (!outside_range(refused) && refused.kind != ErrorKind::not_found) throw;
    }
    return names[number] = name;
  });
}

// Breadth first; a department already listed is not entered twice, so that no answer can make the walk
// endless.
void Directory::add_below(huiliu::Call& call, Range& range) const {
  std::set<std::int64_t> known;
  for (const Department& department : range.departments) known.insert(department.id);
  for (std::size_t at = 0; at < range.departments.size(); ++at) {
    call.stop_if_cancelled();
    try {
      for (Department& child : below(call, range.departments[at].id))
        if (known.insert(child.id).second) range.departments.push_back(std::move(child));
    } catch (const Refused& refused) {
      if (!outside_range(refused)) throw;
      call.info("a department is outside the app's visible range", {{"code", refused.remote_code}});
    }
  }
}

Directory::Range Directory::scopes(huiliu::Call& call) const {
  const Answer answer = client_.oapi_get(call, "/auth/scopes");
  const json::value* scopes = field(answer.body, "auth_org_scopes");
  Range range;
  if (scopes == nullptr) return range;
  for (const std::string& id : texts_of(field(*scopes, "authed_dept")))
    if (const auto number = whole_number(id)) range.departments.push_back(department(call, *number));
  range.users = texts_of(field(*scopes, "authed_user"));
  return range;
}

Directory::Range Directory::visible(huiliu::Call& call) const {
  Range range;
  try {
    range.departments = below(call, kRoot);
    range.root = true;
  } catch (const Refused& refused) {
    if (!outside_range(refused)) throw;
    call.info("the root department is outside the app's visible range; starting from auth/scopes");
    range = scopes(call);
  }
  add_below(call, range);
  return range;
}

void Directory::read_departments(huiliu::Call& call, const huiliu::ReadRequest& request,
                                 huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const Department& department : visible(call).departments) {
    if (limit_reached(request, batch.size())) break;
    batch.upsert(std::to_string(department.id),
                 request.mode == HUILIU_READ_KEYS ? "{}" : json::serialize(department.body));
  }
  out.emit(batch);
  out.checkpoint(kDone);
}

// All direct members of one department, in pages.
void Directory::read_members(huiliu::Call& call, std::int64_t department, const Take& take) const {
  for (std::int64_t cursor = 0;;) {
    call.stop_if_cancelled();
    const Answer answer =
        client_.oapi(call, "/topapi/v2/user/list",
                     json::object{{"dept_id", department}, {"cursor", cursor}, {"size", kUserPage}});
    const json::value& page = result_of(answer);
    take(items_of(field(page, "list")));
    const auto next = whole_number(text_at(page, "next_cursor"));
    if (!true_at(page, "has_more") || !next || *next <= cursor) return;
    cursor = *next;
  }
}

void Directory::read_employees(huiliu::Call& call, const huiliu::ReadRequest& request,
                               huiliu::RecordSink& out) const {
  const Range range = visible(call);
  Names names;
  for (const Department& department : range.departments) names[department.id] = department.name;
  std::set<std::string> known;  // who works in two departments is listed twice
  const auto add = [&](huiliu::Batch& batch, const json::object& body) {
    const std::string key = text_at(body, "userid");
    if (key.empty() || limit_reached(request, known.size()) || !known.insert(key).second) return;
    batch.upsert(key, request.mode == HUILIU_READ_KEYS ? "{}" : json::serialize(body));
  };
  const auto name_of = [&](std::int64_t department) {
    const auto found = names.find(department);
    return found == names.end() ? std::string() : found->second;
  };
  const auto take = [&](const std::vector<const json::value*>& users) {
    huiliu::Batch batch(request.stream);
    for (const json::value* shown : users) add(batch, employee_body(*shown, name_of));
    out.emit(batch);
  };
  std::vector<std::int64_t> departments;
  if (range.root) departments.push_back(kRoot);
  for (const Department& department : range.departments) departments.push_back(department.id);
  for (const std::int64_t department : departments) {
    if (limit_reached(request, known.size())) break;
    try {
      read_members(call, department, take);
    } catch (const Refused& refused) {
      if (!outside_range(refused)) throw;
      call.info("a department is outside the app's visible range", {{"code", refused.remote_code}});
    }
  }
  huiliu::Batch batch(request.stream);
  for (const std::string& id : range.users)
    if (!known.contains(id) && !limit_reached(request, known.size())) add(batch, user(call, id, names));
  out.emit(batch);
  out.checkpoint(kDone);
}

void Directory::lookup_departments(huiliu::Call& call, const huiliu::LookupRequest& request,
                                   huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const std::string_view key : request.keys) {
    try {
      const auto id = whole_number(key);
      if (id)
        batch.upsert(key, json::serialize(department(call, *id).body));
      else
        batch.remove(key);
    } catch (const Refused& refused) {
      if (refused.kind != ErrorKind::not_found) throw;
      batch.remove(key);
    }
  }
  out.emit(batch);
}

void Directory::lookup_employees(huiliu::Call& call, const huiliu::LookupRequest& request,
                                 huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  Names names;
  for (const std::string_view key : request.keys) {
    try {
      batch.upsert(key, json::serialize(user(call, std::string(key), names)));
    } catch (const Refused& refused) {
      if (refused.kind != ErrorKind::not_found) throw;
      batch.remove(key);
    }
  }
  out.emit(batch);
}

void Directory::find_employees(huiliu::Call& call, const huiliu::FindRequest& request,
                               huiliu::RecordSink& out) const {
  if (request.fields.size() != 1)
    throw huiliu::Unsupported("employees are found by one of mobile, phone, unionid, userid");
  const auto& [name, wanted] = request.fields.front();
  std::string id(wanted);
  huiliu::Batch batch(request.stream);
  Names names;
  try {
    if (name == "mobile" || name == "phone") {
      const Answer answer =
          client_.oapi(call, "/topapi/v2/user/getbymobile", json::object{{"mobile", wanted}});
      id = text_at(result_of(answer), "userid");
    } else if (name == "unionid") {
      const Answer answer =
          client_.oapi(call, "/topapi/user/getbyunionid", json::object{{"unionid", wanted}});
      const json::value& found = result_of(answer);
      // External contacts answer too; they are no employees.
      id = text_at(found, "contact_type") == "1" ? std::string() : text_at(found, "userid");
    } else if (name != "userid") {
      throw huiliu::Unsupported("employees are found by one of mobile, phone, unionid, userid");
    }
    if (!id.empty()) batch.upsert(id, json::serialize(user(call, id, names)));
  } catch (const Refused& refused) {
    if (refused.kind != ErrorKind::not_found) throw;
  }
  out.emit(batch);
}

}  // namespace dingtalk
