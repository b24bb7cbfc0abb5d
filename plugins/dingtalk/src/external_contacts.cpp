#include "plugins/dingtalk/src/external_contacts.hpp"

#include <algorithm>
#include <array>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::int64_t kListPage = 100;
constexpr int kWalks = 3;
constexpr std::string_view kWalked = R"({"v":1,"phase":"done"})";

// Names in requests; the ones that only a creation takes come first.
constexpr std::array<std::string_view, 11> kGiven{
    "mobile",       "state_code", "name",   "follower_user_id", "label_ids",     "title",
    "company_name", "address",    "remark", "share_dept_ids",   "share_user_ids"};
constexpr std::size_t kOnlyOnCreate = 2;

// The contact as shown, with the phone as one text beside its parts.
json::object person_body(const json::value& from) {
  json::object body = from.is_object() ? from.get_object() : json::object{};
  const std::string mobile = text_at(body, "mobile");
  const std::string country = text_at(body, "state_code");
  if (!mobile.empty()) body["phone"] = country.empty() || country == "86" ? mobile : "+" + country + mobile;
  return body;
}

json::object given(const huiliu::Record& record) {
  const std::optional<json::value> body = parse_json(record.body);
  if (!body || !body->is_object()) throw huiliu::DataError("a record is a JSON object");
  json::object contact;
  for (const auto& part : body->get_object()) {
    const std::string_view name =
        part.key() == "phone" ? std::string_view("mobile") : std::string_view(part.key());
    if (std::find(kGiven.begin(), kGiven.end(), name) == kGiven.end())
      throw huiliu::DataError("外部联系人没有可写入的该字段 / an external contact has no such field to write",
                              {}, "/" + std::string(name));
    contact[name] = part.value();
  }
  return contact;
}

}  // namespace

bool ExternalContacts::walk(huiliu::Call& call, People& people) const {
  std::string last;
  for (std::int64_t offset = 0;;) {
    call.stop_if_cancelled();
    const Answer answer =
        client_.oapi(call, "/topapi/extcontact/list", json::object{{"size", kListPage}, {"offset", offset}});
    const std::vector<const json::value*> page = items_of(field(answer.body, "results"));
    // Beyond the first page it begins with the record that ended the one before.
    const bool fits = last.empty() || (!page.empty() && text_at(*page.front(), "userid") == last);
    for (const json::value* item : page)
      if (const std::string id = text_at(*item, "userid"); !id.empty())
        people.insert_or_assign(id, person_body(*item));
    if (!fits) return false;
    if (static_cast<std::int64_t>(page.size()) < kListPage) return true;
    last = text_at(*page.back(), "userid");
    offset += kListPage - 1;
  }
}

void ExternalContacts::read(huiliu::Call& call, const huiliu::ReadRequest& request,
                            huiliu::RecordSink& out) const {
  People people;
  bool whole = false;
  for (int attempt = 0; attempt < kWalks && !whole; ++attempt) whole = walk(call, people);
  if (!whole) call.warn("the external contacts moved during every walk: some may be missing until the next");
  huiliu::Batch batch(request.stream);
  for (const auto& [id, body] : people) {
    if (request.limit > 0 && batch.size() >= request.limit) break;
    batch.upsert(id, request.mode == HUILIU_READ_KEYS ? "{}" : json::serialize(body));
  }
  out.emit(batch);
  out.checkpoint(kWalked);
}

json::object ExternalContacts::shown(huiliu::Call& call, const std::string& userid) const {
  const Answer answer = client_.oapi(call, "/topapi/extcontact/get", json::object{{"user_id", userid}});
  const json::value* result = field(answer.body, "result");
  if (result == nullptr) throw huiliu::DataError("DingTalk answered without a result");
  return person_body(*result);
}

void ExternalContacts::lookup(huiliu::Call& call, const huiliu::LookupRequest& request,
                              huiliu::RecordSink& out) const {
  huiliu::Batch batch(request.stream);
  for (const std::string_view key : request.keys) {
    try {
      batch.upsert(key, json::serialize(shown(call, std::string(key))));
    } catch (const Refused& refused) {
      if (refused.kind != ErrorKind::not_found) throw;
      batch.remove(key);
    }
  }
  out.emit(batch);
}

// The write is done, whatever becomes of the look at it.
huiliu::Outcome ExternalContacts::seen_after(huiliu::Call& call, const std::string& key) const {
  try {
    return huiliu::Outcome::applied(key, {}, json::serialize(shown(call, key)));
  } catch (const huiliu::Failure& failure) {
    call.warn("an external contact was written and cannot be looked at", {{"reason", failure.message}});
    return huiliu::Outcome::applied(key);
  }
}

huiliu::Outcome ExternalContacts::write_one(huiliu::Call& call, const huiliu::Record& record) const {
  if (record.deletes())
    return huiliu::Outcome::rejected("从不删除外部联系人 / external contacts are never deleted");
  json::object contact = given(record);
  try {
    if (record.creates()) {
      const Answer answer =
          client_.oapi(call, "/topapi/extcontact/create", json::object{{"contact", std::move(contact)}},
                       ApiRequest::Repeat::once);
      return huiliu::Outcome::applied(text_at(answer.body, "userid"));
    }
    const std::string key(record.key);
    const json::object before = shown(call, key);
    for (std::size_t i = 0; i < kOnlyOnCreate; ++i) {
      const json::value* wanted = field(contact, kGiven[i]);
      if (wanted != nullptr && scalar_text(*wanted) != text_at(before, kGiven[i]))
        throw huiliu::DataError(
            "外部联系人的手机号不可修改 / the mobile of an external contact cannot be changed", {},
            "/" + std::string(kGiven[i]));
      contact.erase(kGiven[i]);
    }
    for (std::size_t i = kOnlyOnCreate; i < kGiven.size(); ++i)
      if (const json::value* there = field(before, kGiven[i]);
          there != nullptr && !contact.contains(kGiven[i]))
        contact[kGiven[i]] = *there;
    contact["user_id"] = key;
    client_.oapi(call, "/topapi/extcontact/update", json::object{{"contact", std::move(contact)}});
    return seen_after(call, key);
  } catch (const Refused& refused) {
    const huiliu_outcome outcome = outcome_of(refused.kind);
    if (outcome == HUILIU_DEFERRED || outcome == HUILIU_IN_DOUBT) throw;
    return {outcome, {}, {}, {}, refused};
  }
}

}  // namespace dingtalk
