// What a person does at the screen: create, and edit through un-approve, change, submit and approve.
#include <algorithm>

#include "plugins/kingdee/twin/product.hpp"

namespace kingdee_twin {
namespace {

namespace json = boost::json;

std::string person_named(std::string_view as) { return as.empty() ? "李会计" : std::string(as); }

/// A field as typed: references may come as {"FNumber":…}, as "KEY.FNumber", or as the bare number.
json::value typed_value(const FieldDef* field, const json::value& value) {
  if (field != nullptr && field->type == Type::reference && value.is_string() && !value.get_string().empty())
    return json::object{{"FNumber", value.get_string()}};
  if (field != nullptr && field->type == Type::date && value.is_string())
    if (const auto date = canonical_date(value.get_string())) return json::string(*date);
  return value;
}

bool is_empty(const json::value& value) {
  if (value.is_null()) return true;
  if (value.is_string()) return value.get_string().empty();
  if (const json::object* object = value.if_object())
    return std::all_of(object->begin(), object->end(), [](const auto& m) { return is_empty(m.value()); });
  return false;
}

void type_field(const FormDef& form, json::object& row, std::string_view key, const json::value& given) {
  const std::size_t dot = key.find('.');
  const std::string_view name = key.substr(0, dot);
  const FieldDef* field = form.save_field(name);
  if (field == nullptr && !form.has_entry(name))
    throw huiliu::twin::TwinError(400, "no_field",
                                  "form " + std::string(form.form_id) + " has no field " + std::string(key));
  json::value value = dot == std::string_view::npos ? typed_value(field, given)
                                                    : json::value(json::object{{key.substr(dot + 1), given}});
  if (is_empty(value))
    row.erase(name);
  else
    row[name] = std::move(value);
}

}  // namespace

void Product::edit(const FormDef& form, std::int64_t id, const json::object& fields, std::string_view as) {
  const Record before = site_.store().get(form.stream, std::to_string(id));
  json::object row = *before;
  std::vector<std::string> written;
  bool changes_data = false;
  for (const auto& member : fields) {
    const std::string_view key = member.key();
    type_field(form, row, key, member.value());
    written.emplace_back(key);
    changes_data = changes_data || (key != "FDocumentStatus" && key != "FForbidStatus");
  }
  const std::string now = site_.now();
  const json::object person{{"FName", person_named(as)}};
  const bool is_step = text_of(row, "FDocumentStatus") != text_of(*before, "FDocumentStatus");
  if (changes_data || (is_step && rules_.audit_moves_modify_date)) {
    row["FModifyDate"] = now;
    row["FModifierId"] = person;
  }
  if (form.approved &&
      text_of(row, "FDocumentStatus") == "C") {  // approved, or approved again after the edit
    row["FApproverId"] = person;
    row["FApproveDate"] = now;
    unapproved_.erase({std::string(form.form_id), id});
  } else if (form.approved && text_of(*before, "FDocumentStatus") == "C") {
    row.erase("FApproverId");
    row.erase("FApproveDate");
  }
  if (text_of(row, "FForbidStatus") != text_of(*before, "FForbidStatus")) {
    if (text_of(row, "FForbidStatus") == "B") {
      row["FForbidderId"] = person;
      row["FForbidDate"] = now;
    } else {
      row.erase("FForbidderId");
      row.erase("FForbidDate");
    }
  }
  site_.store().update(
      form.stream, std::to_string(id), [&](json::object& body) { body = row; }, written, Origin::person, as);
  if (form.allocated && id == id_of(row, "FMasterId")) copy_to_organisations(form, row, written);
}

std::int64_t Product::create(const FormDef& form, const json::object& fields, std::string_view as) {
  json::object row;
  for (const auto& member : fields) type_field(form, row, member.key(), member.value());
  std::int64_t id = id_of(row, form.id);
  if (id == 0) id = site_.next_id(form);
  row[form.id] = id;
  const json::object first_organisation{{"FNumber", "100"}};
  if (form.allocated) {
    if (!row.contains("FMasterId")) row["FMasterId"] = id;
    if (!row.contains("FCreateOrgId")) row["FCreateOrgId"] = first_organisation;
    if (!row.contains("FUseOrgId")) row["FUseOrgId"] = row["FCreateOrgId"];
    if (!row.contains("FTRADINGCURRID")) row["FTRADINGCURRID"] = json::object{{"FNumber", "PRE001"}};
  }
  if (!form.prefix.empty() && text_of(row, "FNumber").empty()) row["FNumber"] = site_.next_number(form);
  const std::string now = site_.now();
  const json::object person{{"FName", person_named(as)}};
  row["FForbidStatus"] = row.contains("FForbidStatus") ? row["FForbidStatus"] : "A";
  row["FCreateDate"] = row["FModifyDate"] = now;
  if (form.approved) {
    // A person who enters a record at the screen has it approved, unless he says otherwise.
    if (text_of(row, "FDocumentStatus").empty()) row["FDocumentStatus"] = "C";
    row["FCreatorId"] = row["FModifierId"] = person;
    if (text_of(row, "FDocumentStatus") == "C") {
      row["FApproverId"] = person;
      row["FApproveDate"] = now;
    }
  }
  site_.store().create(form.stream, std::to_string(id), std::move(row), Origin::person, as);
  return id;
}

}  // namespace kingdee_twin
