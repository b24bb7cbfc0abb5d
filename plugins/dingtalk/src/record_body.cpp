#include "plugins/dingtalk/src/record_body.hpp"

#include <algorithm>
#include <array>

#include "plugins/dingtalk/src/beijing_time.hpp"
#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

constexpr std::string_view kPosition = "contact_position";
constexpr std::string_view kRelatedCustomer = "contact_related_customer";

// Fields of every form: those that hold nothing are shown as "".
constexpr std::array<std::string_view, 3> kCustomerPresets{"customer_name", "customer_follow_up_status",
                                                           "address"};
constexpr std::array<std::string_view, 2> kContactPresets{"contact_name", "contact_phone"};

// Whose value is JSON inside a string. Never guessed from the text: a name may begin with a bracket.
bool holds_json(std::string_view key) {
  static constexpr std::array<std::string_view, 3> kComponents{"MultiTagField", "DDMultiSelectField",
                                                               "RelateField"};
  return key == kPosition || key == kRelatedCustomer ||
         std::any_of(kComponents.begin(), kComponents.end(),
                     [&](auto prefix) { return key.starts_with(prefix); });
}

json::value decoded(const json::value& shown) {
  if (const json::string* text = shown.if_string())
    if (std::optional<json::value> inner = parse_json(*text);
        inner && (inner->is_array() || inner->is_object()))
      return *inner;
  return shown;
}

bool is_wrapped(const json::value& shown) {
  const json::object* object = shown.if_object();
  return object != nullptr && object->contains("value") &&
         std::all_of(object->begin(), object->end(), [](const auto& member) {
           return member.key() == "value" || member.key() == "extendValue" || member.key() == "key";
         });
}

void take_field(std::string_view key, const json::value& shown, json::object& data, json::object& extended) {
  const json::value* value = &shown;
  if (is_wrapped(shown)) {
    value = &shown.get_object().at("value");
    if (const json::value* extend = field(shown, "extendValue")) extended[key] = decoded(*extend);
  }
  data[key] = value->is_null() ? json::value("") : holds_json(key) ? decoded(*value) : *value;
}

// data and extendData of an item; both may hold a field, and extendData may be JSON text as a whole.
void take_fields(const json::value& item, json::object& data, json::object& extended) {
  if (const json::value* shown = field(item, "data"))
    if (const json::value inner = decoded(*shown); inner.is_object())
      for (const auto& member : inner.get_object()) take_field(member.key(), member.value(), data, extended);
  if (const json::value* shown = field(item, "extendData"))
    if (const json::value inner = decoded(*shown); inner.is_object())
      for (const auto& member : inner.get_object())
        if (!extended.contains(member.key())) extended[member.key()] = decoded(member.value());
  // Some calls list fields as [{key, value, extendValue}] instead.
  for (const json::value* entry : items_of(field(item, "bizDataList")))
    if (const std::string key = text_at(*entry, "key"); !key.empty() && !data.contains(key))
      take_field(key, *entry, data, extended);
}

json::array text_array(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

std::string first_of(const json::array& list) {
  return list.empty() ? std::string() : scalar_text(list.front());
}

json::array owners_of(const json::value& item) {
  const json::value* permission = field(item, "permission");
  if (permission == nullptr) return {};
  const json::value* owners = field(*permission, "ownerStaffIds");
  if (owners == nullptr) owners = field(*permission, "ownerUserIds");  // so named for contacts
  return text_array(texts_of(owners));
}

json::array participants_of(const json::value& item) {
  const json::value* permission = field(item, "permission");
  if (permission == nullptr) return {};
  const json::value* list = field(*permission, "participantStaffIds");
  if (list == nullptr) list = field(*permission, "participantUserIds");
  return text_array(texts_of(list));
}

// The first of two names that the item has, as text.
std::string either(const json::value& item, std::string_view name, std::string_view other) {
  std::string text = text_at(item, name);
  return text.empty() ? text_at(item, other) : text;
}

std::string status_text(const json::value& item) {
  std::string status = either(item, "procInstStatus", "processInstanceStatus");
  return status == "COMPLETE" || status == "COMPLATE" ? "COMPLETED" : status;
}

json::array related_customers(const json::object& extended) {
  json::array ids;
  const json::value* related = extended.if_contains(kRelatedCustomer);
  if (related == nullptr) return ids;
  const json::value* list = related->is_object() ? field(*related, "list") : related;
  for (const json::value* entry : items_of(list)) {
    std::string id = text_at(*entry, "instanceId");
    if (id.empty()) id = scalar_text(*entry);
    if (!id.empty()) ids.emplace_back(id);
  }
  return ids;
}

template <std::size_t N>
void show_empty(json::object& data, const std::array<std::string_view, N>& keys) {
  for (const std::string_view key : keys) data.emplace(key, "");
}

std::string to_field_text(const json::value& value) {
  if (value.is_null()) return {};
  return value.is_array() || value.is_object() ? json::serialize(value) : scalar_text(value);
}

json::object biz_data(std::string_view key, const json::value& value) {
  if (is_wrapped(value)) {
    json::object entry{{"key", key}, {"value", to_field_text(*field(value, "value"))}};
    if (const json::value* extend = field(value, "extendValue"))
      entry["extendValue"] = to_field_text(*extend);
    return entry;
  }
  // A single text in a field that holds a list is a list of one.
  if (holds_json(key) && value.is_string() && !value.get_string().empty() && !decoded(value).is_array())
    return {{"key", key}, {"value", json::serialize(json::array{value})}};
  return {{"key", key}, {"value", to_field_text(value)}};
}

const json::array& array_at(const json::object& from, std::string_view name) {
  static const json::array kNone;
  const json::value* found = from.if_contains(name);
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

// `list` with its first element replaced; empty text removes it.
json::array with_first(const json::array& list, const std::string& first) {
  json::array next;
  if (!first.empty()) next.emplace_back(first);
  for (std::size_t i = 1; i < list.size(); ++i)
    if (scalar_text(list[i]) != first) next.push_back(list[i]);
  return next;
}

const json::object& object_at(const json::object& from, std::string_view name) {
  static const json::object kNone;
  const json::value* found = from.if_contains(name);
  return found != nullptr && found->is_object() ? found->get_object() : kNone;
}

void write_permission(const json::object& changes, const json::object& base, WriteItem& item) {
  const json::object& wanted = object_at(changes, "permission");
  const json::object& before = object_at(base, "permission");
  if (wanted.contains("ownerStaffIds")) item.owners = array_at(wanted, "ownerStaffIds");
  if (wanted.contains("participantStaffIds")) item.participants = array_at(wanted, "participantStaffIds");
  if (const json::value* owner = changes.if_contains("owner"))
    item.owners =
        with_first(item.owners ? *item.owners : array_at(before, "ownerStaffIds"), to_field_text(*owner));
  // The vendor takes both lists as a whole: who changes one resends the other.
  if (item.owners && !item.participants && before.contains("participantStaffIds"))
    item.participants = array_at(before, "participantStaffIds");
  if (item.participants && !item.owners && before.contains("ownerStaffIds"))
    item.owners = array_at(before, "ownerStaffIds");
}

void write_related_customer(const json::object& changes, const json::object& base, WriteItem& item) {
  const json::value* wanted = changes.if_contains("customer");
  const json::value* all = changes.if_contains("customers");
  if (wanted == nullptr && all == nullptr) return;
  const json::array ids = all != nullptr && all->is_array()
                              ? all->get_array()
                              : with_first(array_at(base, "customers"), to_field_text(*wanted));
  // The value repeats the customers' names; the extended value is what relates. Names of customers that the
  // base does not name are left to the caller.
  const json::array& base_ids = array_at(base, "customers");
  const json::array& base_names = array_at(object_at(base, "data"), kRelatedCustomer);
  json::array names;
  json::array list;
  for (const json::value& id : ids) {
    list.push_back(json::object{{"instanceId", id}});
    const auto at =
        static_cast<std::size_t>(std::find(base_ids.begin(), base_ids.end(), id) - base_ids.begin());
    if (at < base_names.size())
      names.push_back(base_names[at]);
    else if (const json::value* name = changes.if_contains("customerName"))
      names.push_back(*name);
  }
  item.fields.push_back(json::object{{"key", kRelatedCustomer},
                                     {"value", json::serialize(names)},
                                     {"extendValue", json::serialize(json::object{{"list", list}})}});
}

}  // namespace

std::optional<json::object> body_of(ObjectKind kind, const json::value& item, const CustomFields& custom) {
  std::string id = either(item, "instanceId", "relationId");
  if (id.empty()) id = text_at(item, "dataId");
  if (id.empty()) return std::nullopt;
  json::object data;
  json::object extended;
  take_fields(item, data, extended);
  if (kind == ObjectKind::customer)
    show_empty(data, kCustomerPresets);
  else
    show_empty(data, kContactPresets);
  json::object named;
  for (const auto& [name, key] : custom.all()) {
    const json::value* value = data.if_contains(key);
    named[name] = value == nullptr ? json::value("") : *value;
  }
  const json::array owners = owners_of(item);
  json::object body{{"instanceId", id}, {"objectType", either(item, "objectType", "relationType")}};
  body["owner"] = first_of(owners);
  if (kind == ObjectKind::contact) {
    const json::array customers = related_customers(extended);
    const json::value* positions = data.if_contains(kPosition);
    body["customer"] = first_of(customers);
    body["customers"] = customers;
    body["position"] = positions == nullptr    ? std::string()
                       : positions->is_array() ? first_of(positions->get_array())
                                               : scalar_text(*positions);
  }
  body["data"] = std::move(data);
  body["custom"] = std::move(named);
  body["extendData"] = std::move(extended);
  body["permission"] = {{"ownerStaffIds", owners}, {"participantStaffIds", participants_of(item)}};
  body["creatorUserId"] = text_at(item, "creatorUserId");
  body["gmtCreate"] = either(item, "gmtCreate", "createTime");
  body["gmtModified"] = either(item, "gmtModified", "modifyTime");
  body["procInstStatus"] = status_text(item);
  return body;
}

std::optional<std::int64_t> modified_s(const json::object& body) {
  const json::value* text = body.if_contains("gmtModified");
  return text != nullptr && text->is_string() ? parse_beijing(text->get_string()) : std::nullopt;
}

WriteItem write_item(ObjectKind kind, const json::object& changes, const json::object& base,
                     const CustomFields& custom) {
  WriteItem item;
  json::object fields;  // by key, in the order of first mention; what stands under `custom` wins
  for (const auto& member : object_at(changes, "data")) fields[member.key()] = member.value();
  for (const auto& member : object_at(changes, "custom")) {
    const std::string_view key = custom.key_of(member.key());
    if (key.empty())
      item.unknown.emplace_back(member.key());
    else
      fields[key] = member.value();
  }
  if (kind == ObjectKind::contact) {
    if (const json::value* position = changes.if_contains("position"))
      fields[kPosition] = with_first(array_at(object_at(base, "data"), kPosition), to_field_text(*position));
    if (changes.contains("customer") || changes.contains("customers")) fields.erase(kRelatedCustomer);
  }
  for (const auto& member : fields) item.fields.push_back(biz_data(member.key(), member.value()));
  if (kind == ObjectKind::contact) write_related_customer(changes, base, item);
  write_permission(changes, base, item);
  return item;
}

std::string query_field(ObjectKind kind, std::string_view path, const CustomFields& custom) {
  if (path.starts_with("data.")) return std::string(path.substr(5));
  if (path.starts_with("custom.")) return std::string(custom.key_of(path.substr(7)));
  if (path == "owner") return "principal";
  if (kind == ObjectKind::contact && path == "position") return std::string(kPosition);
  return {};
}

std::optional<std::string> text_at_path(const json::object& body, std::string_view path) {
  const json::object* at = &body;
  while (true) {
    const std::size_t dot = path.find('.');
    const json::value* found = at->if_contains(path.substr(0, dot));
    if (found == nullptr) return std::nullopt;
    if (dot == std::string_view::npos) return to_field_text(*found);
    if (!found->is_object()) return std::nullopt;
    at = &found->get_object();
    path = path.substr(dot + 1);
  }
}

}  // namespace dingtalk
