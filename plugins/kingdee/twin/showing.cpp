// What the twin shows beside queries: one record by its properties, a form's fields, the tree of groups.
#include <algorithm>
#include <set>

#include "plugins/kingdee/twin/answers.hpp"
#include "plugins/kingdee/twin/kingdee_twin.hpp"

namespace kingdee_twin {

namespace json = boost::json;

json::value KingdeeTwin::view(const FormDef& form, const json::object& data) const {
  std::vector<Refused> refused;
  json::object wanted{{"Ids", request_text(data, "Id")}};
  if (const std::string number = request_text(data, "Number"); !number.empty())
    wanted["Numbers"] = json::array{json::string(number)};
  const std::vector<std::int64_t> ids = ids_meant(form, wanted, refused);
  if (ids.empty() && refused.empty()) return failure(8, "编码值或内码值必须传其一");
  const Record row = ids.empty() ? nullptr : site_.row(form, ids.front());
  if (!row) return failure(10, "传递的编码值不存在");
  // Property names differ from field keys: mostly without the F.
  json::object shown{{"Id", id_of(*row, form.id)}, {"msterID", id_of(*row, "FMasterId")}};
  for (const FieldDef& field : form.fields) {
    if (!field.entry.empty() || field.key == form.id || field.key == "FMasterId") continue;
    const bool keeps_name = field.key == "FModifyDate" || field.key == "FTAXREGISTERCODE";
    const std::string name(keeps_name ? field.key : field.key.substr(1));
    if (field.type == Type::reference) {
      const Record aim = site_.target(field, *row, number_of(*row, field.key));
      const FormDef* target = form_by_id(field.target);
      if (aim) {
        const std::int64_t id = id_of(*aim, target->id);
        shown[name + "_Id"] = id;
        shown[name] = json::object{
            {"Id", id},
            {"Number", text_of(*aim, "FNumber")},
            {"Name", json::array{json::object{{"Key", 2052}, {"Value", text_of(*aim, "FName")}}}}};
      }
      continue;
    }
    const json::value value = site_.shown(Asked{&field, {}, {}}, *row, nullptr);
    const bool multi = field.key == "FName" || field.key == "FShortName" || field.key == "FDescription";
    shown[name] = multi ? json::value(json::array{json::object{{"Key", 2052}, {"Value", value}}}) : value;
  }
  for (const std::string_view entry : form.entries) {
    const json::value* list = row->if_contains(entry);
    shown[entry] = list != nullptr ? *list : json::value(json::array());
  }
  return json::object{{"Result", json::object{{"ResponseStatus", nullptr}, {"Result", std::move(shown)}}}};
}

/// The groups that are named, or those of the named customers; all, where a site gives all.
json::value KingdeeTwin::group_info(const json::object& data) {
  const std::string form_id = request_text(data, "FormId");
  if (form_by_id(form_id) == nullptr) return failure(shown_code(8), "业务对象不存在：" + form_id);
  const FormDef& form = form_for("customer_groups");
  const FormDef& customers = form_for("customers");
  std::vector<Refused> refused;
  const auto ids = [&](std::string_view name) {
    return ids_meant(form, json::object{{"Ids", request_text(data, name)}}, refused);
  };
  const std::vector<std::int64_t> named = ids("GroupPkIds"), of = ids("Ids");
  std::set<std::string> numbers;
  for (const std::int64_t id : of)
    if (const Record row = site_.row(customers, id)) numbers.insert(number_of(*row, "FGroup"));
  if (named.empty() && of.empty() && product_.rules().groups_need_ids)
    return failure(shown_code(8), "分组内码或单据内码必须传其一");
  json::array found;
  store().for_each(form.stream, [&](const std::string&, const Record& row) {
    const bool all = named.empty() && of.empty();
    const bool meant = std::find(named.begin(), named.end(), id_of(*row, "FID")) != named.end();
    // Named groups come first: the customers then do not count.
    if (!all && !meant && !(named.empty() && numbers.contains(text_of(*row, "FNUMBER")))) return true;
    const auto text = [&](std::string_view name) {
      const std::string shown = text_of(*row, name);
      return shown.empty() ? std::string(" ") : shown;
    };
    found.push_back(json::object{{"FID", id_of(*row, "FID")},
                                 {"FNUMBER", text("FNUMBER")},
                                 {"FGROUPID", text("FGROUPID")},
                                 {"FPARENTID", id_of(*row, "FPARENTID")},
                                 {"FFULLPARENTID", text("FFULLPARENTID")},
                                 {"FLEFT", 0},
                                 {"FRIGHT", 0},
                                 {"FNAME", text("FNAME")},
                                 {"FDESCRIPTION", text("FDESCRIPTION")}});
    return true;
  });
  return status_answer({}, {}, 0, {{"NeedReturnData", std::move(found)}});
}

json::value KingdeeTwin::business_info(const json::object& data) const {
  const FormDef* form = form_by_id(request_text(data, "FormId"));
  if (form == nullptr) return failure(8, "业务对象不存在");
  const auto named = [](std::string_view text) {
    return json::array{json::object{{"Key", 2052}, {"Value", text}}};
  };
  json::array entries;
  const auto add = [&](std::string_view entry, std::string_view name) {
    json::array fields;
    for (const FieldDef& field : form->fields)
      if (field.entry == entry)
        fields.push_back(json::object{
            {"Key", field.key}, {"Name", named(field.name)}, {"MustInput", field.required ? 1 : 0}});
    entries.push_back(json::object{{"Key", entry.empty() ? std::string_view("FBillHead") : entry},
                                   {"Name", named(name)},
                                   {"Fields", std::move(fields)}});
  };
  add("", "单据头");
  for (const std::string_view entry : form->entries) add(entry, "单据体");
  json::array operations;
  for (const std::string_view name : {"Save", "Submit", "Audit", "UnAudit", "Forbid", "Enable", "Delete"})
    operations.push_back(json::object{{"OperationNumber", name}});
  return status_answer({}, {}, 0,
                       {{"NeedReturnData", json::object{{"Id", form->form_id},
                                                        {"Name", named(form->name)},
                                                        {"Entrys", std::move(entries)},
                                                        {"Operations", std::move(operations)}}}});
}

}  // namespace kingdee_twin
