#include "plugins/kingdee/src/package.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace kingdee {
namespace {

namespace json = boost::json;

std::string plain(const json::value* value) {
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

[[noreturn]] void refuse(std::string_view code, std::string_view member, const std::string& why) {
  throw huiliu::DataError(why, std::string(code), "/" + std::string(member));
}

bool is_entry(const json::value& value) { return value.is_array(); }

bool is_custom(const Settings& settings, std::string_view key) {
  return key.starts_with("F_") || key == settings.external_id_field ||
         std::find(settings.extra_fields.begin(), settings.extra_fields.end(), key) !=
             settings.extra_fields.end();
}

bool is_listed(const Table& table, const Settings& settings, std::string_view key) {
  if (std::find(settings.edit_approved_fields.begin(), settings.edit_approved_fields.end(), key) !=
      settings.edit_approved_fields.end())
    return true;
  if (is_listed_entry(key)) return true;
  const Field* field = table.form().writable_field(key);
  return field != nullptr && field->edit == Edit::listed;
}

/// A reference goes out as {"FNumber": …}; it may come as that object or as the bare number.
json::value reference_value(std::string_view key, const json::value& wanted) {
  std::string number;
  if (const json::object* object = wanted.if_object()) {
    const json::value* given = object->if_contains("FNumber");
    if (given == nullptr) given = object->if_contains("FNUMBER");
    if (given == nullptr) refuse("no_number", key, "a reference is written by its FNumber");
    number = plain(given);
  } else {
    number = plain(&wanted);
  }
  // The contact's customer is the one reference that wants its property in capitals.
  return json::object{{key == "FCustId" ? "FNUMBER" : "FNumber", number}};
}

json::value save_value(const Field* field, std::string_view key, const json::value& wanted) {
  if (field != nullptr && field->kind == Kind::reference) return reference_value(key, wanted);
  if (wanted.is_null()) return "";  // leaving it out would keep it
  return wanted;
}

/// Does the record already show what is wanted? Empty, null and absent are the same to the product.
bool shows(const json::value* current, const json::value& wanted) {
  if (const json::object* object = wanted.if_object()) {
    for (const auto& member : *object) {
      const std::string_view key = member.key();
      const std::string_view name = key == "FNUMBER" ? "FNumber" : key;
      const json::object* have = current != nullptr ? current->if_object() : nullptr;
      if (plain(have != nullptr ? have->if_contains(name) : nullptr) != plain(&member.value())) return false;
    }
    return true;
  }
  return plain(current) == plain(&wanted);
}

/// Position of a save key in a package: as in the form's table, then custom fields, then entries.
std::size_t save_position(const Table& table, std::string_view key, const json::value& value) {
  if (is_entry(value)) return 100'000;
  const auto fields = table.form().fields;
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].save_key() == key) return i;
  return 10'000;
}

json::object in_save_order(const Table& table, const json::object& fields) {
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto& member : fields)
    order.emplace_back(save_position(table, member.key(), member.value()), member.key());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  json::object sorted;
  for (const auto& [position, key] : order) sorted[key] = fields.at(key);
  return sorted;
}

/// Elements of an entry that differ: known ones by their id with only what changed, new ones whole.
json::array changed_elements(std::string_view entry, const json::value* current, const json::array& wanted) {
  json::array changed;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const json::object* element = wanted[i].if_object();
    if (element == nullptr)
      refuse("not_an_element", std::string(entry) + "/" + std::to_string(i),
             "an entry's element is an object");
    const std::string id = plain(element->if_contains("FEntryID"));
    const json::object* known = nullptr;
    if (!id.empty() && current != nullptr && current->is_array())
      for (const json::value& have : current->get_array())
        if (have.is_object() && plain(have.get_object().if_contains("FEntryID")) == id)
          known = &have.get_object();
    json::object out;
    for (const auto& member : *element) {
      if (member.key() == "FEntryID") continue;
      if (known != nullptr && shows(known->if_contains(member.key()), member.value())) continue;
      out[member.key()] = member.value().is_null() ? json::value("") : member.value();
    }
    if (out.empty()) continue;
    json::object row;
    if (!id.empty()) row["FEntryID"] = element->at("FEntryID");
    for (auto& member : out) row[member.key()] = member.value();
    changed.push_back(std::move(row));
  }
  return changed;
}

enum class Stage { create, update };

/// One member of a body, judged and added to the change.
void take(const Table& table, const Settings& settings, Stage stage, std::string_view key,
          const json::value& wanted, const json::object* current, RowChange& change) {
  const json::value* have = current != nullptr ? current->if_contains(key) : nullptr;
  if (is_entry(wanted)) {
    if (!is_listed_entry(key)) refuse("unknown_field", key, "this entry is not written by the connector");
    json::array elements = changed_elements(key, have, wanted.get_array());
    if (!elements.empty()) change.fields[key] = std::move(elements);
    return;
  }
  const Field* field = table.form().writable_field(key);
  if (field == nullptr && !is_custom(settings, key))
    refuse("unknown_field", key,
           "the connector does not write this field; list a site's own field in extra_fields");
  const json::value value = save_value(field, key, wanted);
  if (stage == Stage::update && shows(have, value)) return;
  if (key == "FForbidStatus") {
    const std::string state = plain(&value);
    if (state != "A" && state != "B")
      refuse("bad_value", key, "FForbidStatus is A (in use) or B (forbidden)");
    if (stage == Stage::update) change.forbid = state;
    return;  // a new record is in use; it can only be forbidden once it is approved
  }
  if (stage == Stage::update && field != nullptr && field->edit == Edit::on_create)
    refuse("read_only", key, "this field is set only when the record is created");
  change.fields[key] = value;
  if (!is_listed(table, settings, key)) {
    change.listed = false;
    if (change.first_unlisted.empty()) change.first_unlisted = key;
  }
}

/// The row of `current` that an element of "organisations" means: by FCUSTID, or by its using organisation.
const json::object* row_meant(const Table& table, const json::object& current, const json::object& element) {
  const json::value* rows = current.if_contains("organisations");
  if (rows == nullptr || !rows->is_array()) return nullptr;
  const std::string id = plain(element.if_contains(table.form().id));
  const json::value* use = element.if_contains("FUseOrgId");
  for (const json::value& row : rows->get_array()) {
    const json::object* have = row.if_object();
    if (have == nullptr) continue;
    if (!id.empty() ? plain(have->if_contains(table.form().id)) == id
                    : use != nullptr && shows(have->if_contains("FUseOrgId"), *use))
      return have;
  }
  return nullptr;
}

std::string number_of(const json::value* reference) {
  const json::object* object = reference != nullptr ? reference->if_object() : nullptr;
  return object != nullptr ? plain(object->if_contains("FNumber")) : plain(reference);
}

/// The customer is allocated to the organisation; what that keeps of its own goes into the new row, which
/// nobody has approved yet.
RowChange allocation(const Table& table, const Settings& settings, const json::object& current,
                     std::int64_t head, const json::object& wanted) {
  RowChange change;
  change.row = head;
  change.status = plain(current.if_contains("FDocumentStatus"));
  change.allocate = change.organisation = number_of(wanted.if_contains("FUseOrgId"));
  if (change.allocate.empty())
    refuse("no_such_organisation", "organisations",
           "the customer has no such row: name the organisation to allocate it to (FUseOrgId)");
  for (const auto& member : wanted)
    if (member.key() != "FUseOrgId")
      take(table, settings, Stage::update, member.key(), member.value(), nullptr, change);
  if (!change.forbid.empty())
    refuse("bad_value", "FForbidStatus", "a row is forbidden once it is there and approved");
  change.fields = in_save_order(table, change.fields);
  return change;
}

void add_if_absent(json::object& body, std::string_view key, json::value value) {
  if (!body.contains(key)) body[key] = std::move(value);
}

/// A contact names its customer twice: as its company, and as its customer.
void complete_company(json::object& body) {
  if (!body.contains("FCompany")) return;
  const json::value company = body.at("FCompany");
  add_if_absent(body, "FCustId", company);
}

}  // namespace

RowChange create_package(const Table& table, const Settings& settings, const json::object& asked,
                         std::string_view operation_id) {
  json::object body = asked;
  if (table.form().form_id == "BD_Customer") {
    if (!body.contains("FCreateOrgId") && settings.org_num == "0")
      refuse("no_organisation", "FCreateOrgId",
             "a new customer needs its creating organisation (or the setting org_num)");
    add_if_absent(body, "FCreateOrgId", json::object{{"FNumber", settings.org_num}});
    const json::value organisation = body.at("FCreateOrgId");
    add_if_absent(body, "FUseOrgId", organisation);
    add_if_absent(body, "FTRADINGCURRID", json::object{{"FNumber", settings.default_currency}});
    if (plain(body.if_contains("FName")).empty())
      refuse("validation", "FName", "a new customer needs a name");
  } else if (body.contains("FCompany")) {
    add_if_absent(body, "FCompanyType", "BD_Customer");
    complete_company(body);
  }
  if (!settings.external_id_field.empty() && !operation_id.empty())
    add_if_absent(body, settings.external_id_field, json::string(operation_id));

  RowChange change;
  for (const auto& member : body)
    if (member.key() != "organisations")
      take(table, settings, Stage::create, member.key(), member.value(), nullptr, change);
  change.fields = in_save_order(table, change.fields);
  change.organisation = number_of(change.fields.if_contains("FUseOrgId"));
  return change;
}

std::vector<RowChange> update_packages(const Table& table, const Settings& settings,
                                       const json::object& current, const json::object& asked) {
  json::object body = asked;
  if (table.form().form_id == "BD_CommonContact") complete_company(body);
  std::vector<RowChange> changes;
  const auto add = [&](const json::object& row, const json::object& wanted) {
    RowChange change;
    change.row = row.at(table.form().id).to_number<std::int64_t>();
    change.status = plain(row.if_contains("FDocumentStatus"));
    change.organisation = number_of(row.if_contains("FUseOrgId"));
    for (const auto& member : wanted) {
      if (member.key() == "organisations" || member.key() == table.form().id) continue;
      if (&wanted != &body && member.key() == "FUseOrgId") continue;  // names the row
      take(table, settings, Stage::update, member.key(), member.value(), &row, change);
    }
    change.fields = in_save_order(table, change.fields);
    if (!change.empty()) changes.push_back(std::move(change));
  };
  add(current, body);
  const json::value* parts = body.if_contains("organisations");
  if (parts == nullptr) return changes;
  if (!parts->is_array()) refuse("not_a_list", "organisations", "organisations is a list of rows");
  for (const json::value& element : parts->get_array()) {
    const json::object* wanted = element.if_object();
    if (wanted == nullptr) refuse("not_a_list", "organisations", "an element of organisations is an object");
    if (const json::object* row = row_meant(table, current, *wanted))
      add(*row, *wanted);
    else if (!settings.allocate)
      refuse("no_such_organisation", "organisations",
             "the customer has no row for this organisation, and allocation is off (setting allocate)");
    else
      changes.push_back(allocation(table, settings, current,
                                   current.at(table.form().id).to_number<std::int64_t>(), *wanted));
  }
  return changes;
}

std::vector<std::string> needed_fields(const json::object& fields) {
  std::vector<std::string> names;
  for (const auto& member : fields) {
    names.emplace_back(member.key());
    if (!is_entry(member.value())) continue;
    for (const json::value& element : member.value().get_array())
      for (const auto& value : element.get_object())
        if (value.key() != "FEntryID" && std::find(names.begin(), names.end(), value.key()) == names.end())
          names.emplace_back(value.key());
  }
  return names;
}

json::object save_data(const std::vector<std::string>& need, json::value model) {
  json::array names;
  for (const std::string& name : need) names.emplace_back(name);
  json::object data{{"NeedUpDateFields", std::move(names)},
                    {"NeedReturnFields", json::array()},
                    {"IsDeleteEntry", "false"},  // the default deletes every entry that is not in the package
                    {"SubSystemId", ""},
                    {"IsVerifyBaseDataField", "true"},
                    {"IsEntryBatchFill", "true"},
                    {"ValidateFlag", "true"},
                    {"NumberSearch", "true"},
                    {"InterationFlags", ""}};
  data["Model"] = std::move(model);
  return data;
}

json::object model_of(const Table& table, const RowChange& change) {
  json::object model{{table.form().id, change.row}};
  for (const auto& member : change.fields) model[member.key()] = member.value();
  return model;
}

std::string suspicious_member(const json::object& fields) {
  for (const auto& member : fields) {
    const std::string text = json::serialize(member.value());
    if (text.find('<') != std::string::npos || text.find("--") != std::string::npos) return member.key();
  }
  return {};
}

}  // namespace kingdee
