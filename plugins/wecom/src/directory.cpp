#include "plugins/wecom/src/directory.hpp"

#include <set>

#include "plugins/wecom/src/cursor.hpp"
#include "plugins/wecom/src/json_read.hpp"
#include "plugins/wecom/src/text.hpp"

namespace wecom {
namespace {

constexpr std::int64_t kTooLarge = 45029;

json::object object_of(const json::value& value) {
  return value.is_object() ? value.get_object() : json::object{};
}

// The order of the members stays: a look must show the very text that the list shows.
json::object without_envelope(json::object answer) {
  answer.stable_erase("errcode");
  answer.stable_erase("errmsg");
  return answer;
}

// The vendor bars a corporation for a day that asks for too many wrong numbers (more than a fifth of its
// members): the numbers that were wrong today are known again, by a keyed hash, and only so many more are
// tried.
class WrongMobiles {
 public:
  explicit WrongMobiles(huiliu::Call& call) : call_(call), day_(call.now_us() / kDayUs) {
    const auto note = parse_json(call.state(kNote).value_or(""));
    if (note && note->is_object() && number_at(*note, "day") == day_)
      for (std::string& one : texts_of(member(*note, "numbers"))) hashes_.insert(std::move(one));
  }
  bool contains(const std::string& mobile) const { return hashes_.contains(hash_of(mobile)); }
  bool is_full() const { return hashes_.size() >= kMost; }
  std::int64_t left_of_the_day_ms() const { return ((day_ + 1) * kDayUs - call_.now_us()) / 1000; }
  void add(const std::string& mobile) {
    hashes_.insert(hash_of(mobile));
    call_.set_state(kNote, json::serialize(json::object{
                               {"day", day_}, {"numbers", json::array(hashes_.begin(), hashes_.end())}}));
  }

 private:
  static constexpr std::int64_t kDayUs = 24LL * 3600 * 1'000'000;
  static constexpr std::size_t kMost = 10, kHashBytes = 8;
  static constexpr std::string_view kNote = "wrong_mobiles";

  std::string hash_of(const std::string& mobile) const {
    static constexpr char kDigits[] = "0123456789abcdef";
    const auto mac = call_.hmac("secret", "mobile:" + mobile);
    std::string text;
    for (std::size_t i = 0; i < kHashBytes; ++i) {
      text += kDigits[mac[i] >> 4U];
      text += kDigits[mac[i] & 15U];
    }
    return text;
  }

  huiliu::Call& call_;
  std::int64_t day_;
  std::set<std::string> hashes_;
};

}  // namespace

json::object Directory::department(huiliu::Call& call, std::int64_t id) const {
  const json::value answer = client_.get(call, "department/get", {{"id", std::to_string(id)}});
  const json::value* shown = member(answer, "department");
  if (shown == nullptr) throw huiliu::DataError("WeCom answered without the department");
  return object_of(*shown);
}

// The recommended walk: all ids at once, then each by itself. What is gone or hidden meanwhile is left out.
std::vector<json::object> Directory::departments(huiliu::Call& call) const {
  std::vector<json::object> departments;
  std::set<std::int64_t> known;
  const json::value answer = client_.get(call, "department/simplelist");
  for (const json::value* item : items_of(member(answer, "department_id"))) {
    call.stop_if_cancelled();
    const std::int64_t id = number_at(*item, "id");
    if (id <= 0 || !known.insert(id).second) continue;
    try {
      departments.push_back(department(call, id));
    } catch (const Refused& refused) {
      if (!is_absence(refused.kind) && refused.kind != ErrorKind::forbidden) throw;
      call.info("a department is gone or outside the app's visible range", {{"code", refused.remote_code}});
    }
  }
  return departments;
}

void Directory::read_departments(huiliu::Call& call, const huiliu::ReadRequest& request,
                                 huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const json::object& department : departments(call)) {
    if (request.limit > 0 && batch.size() >= request.limit) break;
    batch.upsert(text_at(department, "id"),
                 request.mode == HUILIU_READ_KEYS ? "{}" : json::serialize(department));
  }
  out.emit(batch);
  out.checkpoint(kReadWhole);
}

json::object Directory::user(huiliu::Call& call, const std::string& userid) const {
  return without_envelope(object_of(client_.get(call, "user/get", {{"userid", userid}})));
}

// Direct members; one by one where the answer would be too large.
std::vector<json::object> Directory::members(huiliu::Call& call, std::int64_t department) const {
  const Query query{{"department_id", std::to_string(department)}};
  std::vector<json::object> users;
  try {
    const json::value answer = client_.get(call, "user/list", query);
    for (const json::value* item : items_of(member(answer, "userlist"))) users.push_back(object_of(*item));
    return users;
  } catch (const Refused& refused) {
    if (refused.remote_code != std::to_string(kTooLarge)) throw;
  }
  const json::value answer = client_.get(call, "user/simplelist", query);
  for (const json::value* item : items_of(member(answer, "userlist"))) {
    call.stop_if_cancelled();
    try {
      users.push_back(user(call, text_at(*item, "userid")));
    } catch (const Refused& refused) {
      if (!is_absence(refused.kind) && refused.kind != ErrorKind::forbidden) throw;
    }
  }
  return users;
}

// The department that names an employee: the main one, else the first; 0: none.
std::int64_t Directory::naming_department(const json::object& shown) {
  const std::int64_t main = number_at(shown, "main_department");
  if (main != 0) return main;
  const auto list = texts_of(member(shown, "department"));
  return list.empty() ? 0 : number_of(json::value(json::string(list.front())));
}

// `department_name`: of that department. `active`: 1 only; absent when not shown.
json::object Directory::employee(json::object shown, const Names& names) const {
  if (const auto found = names.find(naming_department(shown)); found != names.end() && !found->second.empty())
    shown["department_name"] = found->second;
  if (member(shown, "status") != nullptr) shown["active"] = number_at(shown, "status") == 1;
  return shown;
}

// As employee, with the department's name asked for when it is not known yet.
json::object Directory::named_employee(huiliu::Call& call, json::object shown, Names& names) const {
  const std::int64_t id = naming_department(shown);
  if (id != 0 && !names.contains(id)) {
    std::string& name = names[id];
    try {
      name = text_at(department(call, id), "name");
    } catch (const Refused& refused) {
      if (!is_absence(refused.kind) && refused.kind != ErrorKind::forbidden) throw;
    }
  }
  return employee(std::move(shown), names);
}

void Directory::read_employees(huiliu::Call& call, const huiliu::ReadRequest& request,
                               huiliu::RecordSink& out) const {
  Names names;
  for (const json::object& department : departments(call))
    names.emplace(number_at(department, "id"), text_at(department, "name"));
  std::set<std::string> known;  // who works in two departments is listed twice
  for (const auto& [id, name] : names) {
    call.stop_if_cancelled();
    huiliu::Batch batch(request.stream);
    try {
      for (json::object& shown : members(call, id)) {
        const std::string userid = text_at(shown, "userid");
        const bool wanted = request.limit == 0 || known.size() < request.limit;
        if (userid.empty() || !wanted || !known.insert(folded(userid)).second) continue;
        batch.upsert(userid, request.mode == HUILIU_READ_KEYS
                                 ? "{}"
                                 : json::serialize(employee(std::move(shown), names)));
      }
    } catch (const Refused& refused) {
      if (!is_absence(refused.kind) && refused.kind != ErrorKind::forbidden) throw;
      call.info("a department is gone or outside the app's visible range", {{"code", refused.remote_code}});
    }
    out.emit(batch);
    if (request.limit > 0 && known.size() >= request.limit) return;
  }
  out.checkpoint(kReadWhole);
}

void Directory::lookup_departments(huiliu::Call& call, const huiliu::LookupRequest& request,
                                   huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const std::string_view key : request.keys) {
    try {
      const std::int64_t id = number_of(json::value(json::string(key)), -1);
      if (id > 0)
        batch.upsert(key, json::serialize(department(call, id)));
      else
        batch.remove(key);
    } catch (const Refused& refused) {
      if (refused.kind == ErrorKind::forbidden)  // there, but not for us: neither shown nor gone
        call.info("outside the app's visible range", {{"code", refused.remote_code}});
      else if (is_absence(refused.kind))
        batch.remove(key);
      else
        throw;
    }
  }
  out.emit(batch);
}

// An event may spell a userid in another case than the directory: the directory's spelling is the key.
void Directory::lookup_employees(huiliu::Call& call, const huiliu::LookupRequest& request,
                                 huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  Names names;
  for (const std::string_view key : request.keys) {
    try {
      json::object shown = user(call, std::string(key));
      const std::string spelled = text_at(shown, "userid");
      batch.upsert(same_user(spelled, key) ? spelled : std::string(key),
                   json::serialize(named_employee(call, std::move(shown), names)));
    } catch (const Refused& refused) {
      if (refused.kind == ErrorKind::forbidden)  // there, but not for us: neither shown nor gone
        call.info("outside the app's visible range", {{"code", refused.remote_code}});
      else if (is_absence(refused.kind))
        batch.remove(key);
      else
        throw;
    }
  }
  out.emit(batch);
}

void Directory::find_employees(huiliu::Call& call, const huiliu::FindRequest& request,
                               huiliu::RecordSink& out) const {
  const std::string mobile(request.value("mobile"));
  if (mobile.empty() || request.fields.size() != 1)
    throw huiliu::Unsupported("employees are found by mobile alone");
  huiliu::Batch batch(request.stream);
  Names names;
  WrongMobiles wrong(call);
  if (wrong.contains(mobile)) return;
  if (wrong.is_full())
    throw huiliu::Throttled(
        "今天按手机号查成员的错误号码已够多，再查会被企业微信封禁一天 (enough wrong mobiles were asked for "
        "today; "
        "more would bar the corporation for a day)",
        wrong.left_of_the_day_ms(), "wrong_mobiles");
  try {
    const std::string userid = text_at(client_.post(call, "user/getuserid", {{"mobile", mobile}}), "userid");
    if (!userid.empty())
      batch.upsert(userid, json::serialize(named_employee(call, user(call, userid), names)));
  } catch (const Refused& refused) {
    if (!is_absence(refused.kind)) throw;
    wrong.add(mobile);
  }
  out.emit(batch);
}

}  // namespace wecom
