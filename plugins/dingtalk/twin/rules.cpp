// The rules that hold for everybody who writes to the twin, API and persons alike, and a person's own ways.
#include <algorithm>
#include <boost/json.hpp>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"
#include "plugins/dingtalk/twin/dice.hpp"
#include "plugins/dingtalk/twin/dingtalk_twin.hpp"

namespace dingtalk::twin {
namespace {

using huiliu::twin::Change;

bool is_crm(std::string_view stream) { return stream == kCustomers || stream == kContacts; }

json::object& object_in(json::object& body, std::string_view name) {
  json::value& member = body[name];
  if (!member.is_object()) member = json::object{};
  return member.get_object();
}

void rename(json::object& body, std::string_view from, std::string_view to) {
  const auto found = body.find(from);
  if (found == body.end()) return;
  json::value value = std::move(found->value());
  body.erase(from);
  if (!body.contains(to)) body[to] = std::move(value);
}

// The full walk's names of members are taken as well as the query's.
void settle_names(json::object& body) {
  rename(body, "createTime", "gmtCreate");
  rename(body, "modifyTime", "gmtModified");
  rename(body, "processOutResult", "procOutResult");
  rename(body, "processInstanceStatus", "procInstStatus");
}

std::string_view owners_name(std::string_view stream) {
  return stream == kContacts ? "ownerUserIds" : "ownerStaffIds";
}
std::string_view helpers_name(std::string_view stream) {
  return stream == kContacts ? "participantUserIds" : "participantStaffIds";
}

void settle_permission(std::string_view stream, json::object& body) {
  json::object& permission = object_in(body, "permission");
  for (const std::string_view name : {owners_name(stream), helpers_name(stream)})
    if (!permission.contains(name)) permission[name] = json::array{};
}

json::value to_field_value(const json::value& value) {
  if (value.is_object() && value.get_object().contains("value")) return value;
  if (value.is_null()) return json::string();
  return json::string(value.is_array() || value.is_object() ? json::serialize(value) : scalar_text(value));
}

// What the form of the app makes of what a person types: lists and addresses need not be typed as the API
// wants them.
json::value typed(const FormField& form_field, const json::value& value) {
  json::value stored = to_field_value(value);
  if (!stored.is_string() || stored.get_string().empty()) return stored;
  const std::string text(stored.get_string());
  const auto inner = parse_json(text);
  if (form_field.type == FieldType::json_list && !(inner && inner->is_array()))
    return json::string(json::serialize(json::array{stored}));
  if (form_field.type == FieldType::address && std::count(text.begin(), text.end(), ',') < 4)
    return json::string(",,,," + text);
  return stored;
}

}  // namespace

std::string DingTalkTwin::now_text() const { return beijing_text(clock().now_ms() / 1000); }

CrmIndex* DingTalkTwin::index_of(std::string_view stream) {
  return stream == kCustomers ? &customers_ : stream == kContacts ? &contacts_ : nullptr;
}

void DingTalkTwin::before(const Change& change, json::object& next) {
  if (change.kind == Change::Kind::remove || !is_crm(change.stream)) return;
  settle_names(next);
  object_in(next, "data");
  settle_permission(change.stream, next);
  next["instanceId"] = change.key;
  if (!next.contains("objectType"))
    next["objectType"] = change.stream == kContacts ? "crm_contact" : "crm_customer";
  if (change.origin == Origin::load) {
    for (const auto& member : next["data"].get_object()) form_of(change.stream).learn(member.key());
    if (text_at(next, "gmtCreate").empty()) next["gmtCreate"] = now_text();
    if (text_at(next, "gmtModified").empty()) next["gmtModified"] = text_at(next, "gmtCreate");
    return;
  }
  check_record(change.stream, next, change.before.get());
  if (change.kind == Change::Kind::create) next["gmtCreate"] = now_text();
  next["gmtModified"] = now_text();
}

void DingTalkTwin::check_record(std::string_view stream, const json::object& body,
                                const json::object* earlier) const {
  const json::object& data = body.at("data").get_object();
  const json::object* data_before = earlier == nullptr ? nullptr : &earlier->at("data").get_object();
  for (const auto& member : data) {
    const json::value* old = data_before == nullptr ? nullptr : data_before->if_contains(member.key());
    if (old != nullptr && *old == member.value())
      continue;  // what somebody else left there is not judged again
    const json::value* extended = field(member.value(), "extendValue");
    form_of(stream).check(member.key(), field_text(body, member.key()),
                          extended == nullptr ? std::string() : scalar_text(*extended));
  }
  form_of(stream).check_required(data);
  const std::vector<std::string> known =
      earlier == nullptr ? std::vector<std::string>() : owners_of(*earlier);
  for (const std::string& owner : owners_of(body))
    if (!has_user(owner) && std::find(known.begin(), known.end(), owner) == known.end())
      throw TwinError(400, "data.format.error", "负责人不存在");
  if (stream != kContacts) return;
  const json::value* relation = data.if_contains("contact_related_customer");
  const json::value* extended = relation == nullptr ? nullptr : field(*relation, "extendValue");
  const auto list = extended == nullptr ? std::nullopt : parse_json(scalar_text(*extended));
  if (!list) return;
  for (const json::value* entry : items_of(field(*list, "list")))
    if (!store().find(kCustomers, text_at(*entry, "instanceId")))
      throw TwinError(400, "data.not.exists", "关联客户不存在");
}

void DingTalkTwin::after(const Change& change, const Record& now) {
  index_change(change, now);
  if (change.origin == Origin::load) return;
  const char* what = change.kind == Change::Kind::create   ? "create"
                     : change.kind == Change::Kind::update ? "update"
                                                           : "delete";
  if (is_crm(change.stream)) {
    const json::object& body = now ? *now : *change.before;
    tell({{"EventType", std::string("ding_paas_object_data_") + what},
          {"DataId", change.key},
          {"DataType", "object"},
          {"ObjectType", text_at(body, "objectType")},
          {"FormCode", form_of(change.stream).code()}});
  } else if (change.stream == kEmployees) {
    const char* type = change.kind == Change::Kind::create   ? "user_add_org"
                       : change.kind == Change::Kind::update ? "user_modify_org"
                                                             : "user_leave_org";
    tell({{"EventType", type}, {"userId", json::array{json::string(change.key)}}});
  } else if (change.stream == kDepartments) {
    const char* type = change.kind == Change::Kind::create   ? "org_dept_create"
                       : change.kind == Change::Kind::update ? "org_dept_modify"
                                                             : "org_dept_remove";
    tell({{"EventType", type}, {"deptId", json::array{json::string(change.key)}}});
  } else if (change.stream == kApprovals && now) {
    const bool over = text_at(*now, "status") != "RUNNING";
    json::object event{{"EventType", "bpms_instance_change"},
                       {"processInstanceId", change.key},
                       {"processCode", account().process_code},
                       {"type", !over                                    ? "start"
                                : text_at(*now, "status") == "COMPLETED" ? "finish"
                                                                         : "terminate"},
                       {"title", text_at(*now, "title")}};
    if (over && !text_at(*now, "result").empty()) event["result"] = text_at(*now, "result");
    tell(std::move(event));
  }
}

void DingTalkTwin::index_change(const Change& change, const Record& now) {
  CrmIndex* index = index_of(change.stream);
  if (index == nullptr) return;
  if (change.origin == Origin::load || (index_delay_ms_ <= 0 && late_.empty()))
    index->put(change.before.get(), now.get());
  else
    late_.push_back({clock().now_ms() + index_delay_ms_, std::string(change.stream), change.before, now});
}

void DingTalkTwin::catch_up_index() {
  for (; !late_.empty() && late_.front().due_ms <= clock().now_ms(); late_.pop_front())
    index_of(late_.front().stream)->put(late_.front().before.get(), late_.front().now.get());
}

void DingTalkTwin::tell(json::object event) {
  stream_.push(event);
  events_.push(std::move(event));
}

// A person names a field by its key, its label, our name of it, or as data.KEY and custom.NAME.
void DingTalkTwin::set_field(std::string_view stream, json::object& body, std::string_view name,
                             const json::value& value) const {
  if (name == "owner") {
    const std::string owner = scalar_text(value);
    object_in(body, "permission")[owners_name(stream)] =
        owner.empty() ? json::array{} : json::array{json::string(owner)};
    return;
  }
  if (name == "customer" && stream == kContacts) {
    const Record customer = store().get(kCustomers, scalar_text(value));
    const json::array names{json::string(field_text(*customer, "customer_name"))};
    const json::array list{json::object{{"instanceId", value}}};
    object_in(body, "data")["contact_related_customer"] = {
        {"value", json::serialize(names)}, {"extendValue", json::serialize(json::object{{"list", list}})}};
    return;
  }
  if (name == "position" && stream == kContacts) name = "contact_position";
  if (name.starts_with("data.")) name.remove_prefix(5);
  const json::object names = stream == kContacts ? contact_field_keys() : customer_field_keys();
  std::string_view short_name = name;
  if (short_name.starts_with("custom.")) short_name.remove_prefix(7);
  const Form& form = form_of(stream);
  const FormField* known = form.find(name);
  if (known == nullptr) known = form.find_label(name);
  if (known == nullptr && names.contains(short_name)) known = form.find(names.at(short_name).as_string());
  if (known == nullptr) throw TwinError(400, "fieldId.not.exists", "no field " + std::string(name));
  object_in(body, "data")[known->key] = typed(*known, value);
}

void DingTalkTwin::apply_fields(std::string_view stream, json::object& body,
                                const json::object& fields) const {
  for (const auto& member : fields) {
    const std::string_view name = member.key();
    if (name == "permission" && member.value().is_object()) {
      json::object& permission = object_in(body, "permission");
      for (const auto& list : member.value().get_object()) permission[list.key()] = list.value();
    } else if ((name == "data" || name == "custom") && member.value().is_object()) {
      for (const auto& inner : member.value().get_object())
        set_field(stream, body, inner.key(), inner.value());
    } else if (name == "objectType" || name == "procInstStatus" || name == "creatorUserId" ||
               name == "instanceId") {
      body[name] = member.value();
    } else {
      set_field(stream, body, name, member.value());
    }
  }
}

void DingTalkTwin::edit(std::string_view stream, std::string_view key, const json::object& fields,
                        std::string_view as) {
  if (stream == kApprovals) return decide_approval(key, fields, as);
  if (!is_crm(stream)) return Twin::edit(stream, key, fields, as);
  std::vector<std::string> names;
  for (const auto& member : fields) names.emplace_back(member.key());
  store().update(
      stream, key, [&](json::object& body) { apply_fields(stream, body, fields); }, std::move(names),
      Origin::person, as);
}

std::string DingTalkTwin::create(std::string_view stream, json::object fields, std::string_view as) {
  if (!is_crm(stream)) return Twin::create(stream, std::move(fields), as);
  std::string key = text_at(fields, "instanceId");
  if (key.empty()) key = next_key(stream);
  json::object body;
  apply_fields(stream, body, fields);
  if (!as.empty() && !body.contains("creatorUserId")) body["creatorUserId"] = as;
  store().create(stream, key, std::move(body), Origin::person, as);
  return key;
}

std::string DingTalkTwin::next_key(std::string_view stream) {
  if (is_crm(stream)) return instance_id(options().seed + 1000 + (stream == kContacts ? 1 : 0), ++created_);
  if (stream == kPeople) return "extX" + std::to_string(++created_);
  if (stream == kEmployees) return "dtX" + std::to_string(++created_);
  return std::to_string(900'000'000 + ++created_);
}

void DingTalkTwin::load(std::string_view stream, json::object body) {
  settle_names(body);
  Twin::load(stream, std::move(body));
}

std::string DingTalkTwin::key_of(std::string_view stream, const json::object& body) const {
  const char* name = stream == kEmployees || stream == kPeople ? "userid"
                     : stream == kDepartments                  ? "dept_id"
                     : stream == kLabels                       ? "id"
                                                               : "instanceId";
  std::string key = text_at(body, name);
  if (key.empty() && is_crm(stream)) key = text_at(body, "relationId");
  if (key.empty()) throw TwinError(400, "no_key", "a record of " + std::string(stream) + " needs " + name);
  return key;
}

}  // namespace dingtalk::twin
