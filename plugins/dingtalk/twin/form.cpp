#include "plugins/dingtalk/twin/form.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "sdk/twin/record_store.hpp"

namespace dingtalk::twin {
namespace {

namespace json = boost::json;
using huiliu::twin::TwinError;

struct CustomField {
  const char* name;
  FormField field;
};

const std::vector<CustomField>& customer_fields() {
  static const std::vector<CustomField> kFields{
      {"number", {"TextField-HL1NUMBER", "客户编码"}},
      {"uscc", {"TextField-HL2USCC", "统一社会信用代码"}},
      {"tax_no", {"TextField-HL3TAXNO", "纳税人识别号"}},
      {"short_name", {"TextField-HL4SHORT", "客户简称"}},
      {"phone", {"TextField-HL5PHONE", "公司电话"}},
      {"fax", {"TextField-HL6FAX", "传真"}},
      {"email", {"TextField-HL7EMAIL", "公司邮箱"}},
      {"website", {"TextField-HL8WEBSITE", "网址"}},
      {"industry", {"TextField-HL9INDUSTRY", "行业"}},
      {"level", {"DDSelectField-HLALEVEL", "客户级别", FieldType::select, false, {"A", "B", "C"}}},
      {"source",
       {"DDSelectField-HLBSOURCE",
        "客户来源",
        FieldType::select,
        false,
        {"展会", "官网", "转介绍", "电话开发", "老客户", "代理商", "招投标", "其他"}}},
      {"tags", {"MultiTagField-HLCTAGS", "客户标签", FieldType::json_list}},
      {"remark", {"TextareaField-HLDREMARK", "备注"}},
      {"invoice_title", {"TextField-HLEINVTITLE", "发票抬头"}},
      {"invoice_address", {"TextField-HLFINVADDR", "开票地址"}},
      {"invoice_phone", {"TextField-HLGINVPHONE", "开票电话"}},
      {"invoice_bank", {"TextField-HLHINVBANK", "开户银行"}},
      {"invoice_account", {"TextField-HLIINVACCT", "银行账号"}}};
  return kFields;
}

const std::vector<CustomField>& contact_fields() {
  static const std::vector<CustomField> kFields{{"email", {"TextField-HLC1EMAIL", "邮箱"}},
                                                {"department", {"TextField-HLC2DEPT", "部门"}},
                                                {"decision_role",
                                                 {"DDSelectField-HLC3ROLE",
                                                  "决策角色",
                                                  FieldType::select,
                                                  false,
                                                  {"决策人", "影响者", "使用者", "采购", "财务"}}},
                                                {"phone", {"TextField-HLC4PHONE", "办公电话"}}};
  return kFields;
}

Form form_of(const char* name, const char* code, std::vector<FormField> presets,
             const std::vector<CustomField>& custom) {
  for (const CustomField& field : custom) presets.push_back(field.field);
  return {name, code, std::move(presets)};
}

json::object keys_of(const std::vector<CustomField>& custom) {
  json::object keys;
  for (const CustomField& field : custom) keys[field.name] = field.field.key;
  return keys;
}

// "TextField-K2U5DHAA" is a TextField; a preset's component follows from what it holds.
std::string component_of(const FormField& field) {
  const std::size_t dash = field.key.find('-');
  if (dash != std::string::npos) return field.key.substr(0, dash);
  switch (field.type) {
    case FieldType::select:
      return "DDSelectField";
    case FieldType::address:
      return "AddressField";
    case FieldType::relation:
      return "RelateField";
    case FieldType::json_list:
    case FieldType::text:
      break;
  }
  return "TextField";
}

[[noreturn]] void bad_format(const FormField& field, const char* why) {
  throw TwinError(400, "data.format.error", field.label + ": " + why);
}

bool is_json(std::string_view text, bool array) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  return !error && (array ? value.is_array() : value.is_object() && value.get_object().contains("list"));
}

}  // namespace

const FormField* Form::find(std::string_view key) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const FormField& f) { return f.key == key; });
  return found == fields_.end() ? nullptr : &*found;
}

const FormField* Form::find_label(std::string_view label) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const FormField& f) { return f.label == label; });
  return found == fields_.end() ? nullptr : &*found;
}

void Form::set_options(std::string_view key, std::vector<std::string> options) {
  const auto field = std::find_if(fields_.begin(), fields_.end(), [&](const FormField& f) {
    return f.key == key && f.type == FieldType::select;
  });
  if (field == fields_.end()) throw TwinError(404, "no_select", "no select field " + std::string(key));
  field->options = std::move(options);
}

void Form::learn(std::string_view key) {
  if (find(key) != nullptr) return;
  const bool list = key.starts_with("MultiTagField") || key.starts_with("DDMultiSelectField");
  fields_.push_back({std::string(key), std::string(key), list ? FieldType::json_list : FieldType::text});
}

void Form::check(std::string_view key, std::string_view value, std::string_view extended) const {
  const FormField* field = find(key);
  if (field == nullptr) throw TwinError(400, "fieldId.not.exists", "字段不存在: " + std::string(key));
  if (value.empty()) return;
  switch (field->type) {
    case FieldType::text:
      return;
    case FieldType::select:
      if (std::find(field->options.begin(), field->options.end(), value) == field->options.end())
        bad_format(*field, "选项不存在");
      return;
    case FieldType::address:
      if (std::count(value.begin(), value.end(), ',') < 4) bad_format(*field, "应为 省,市,区,街道,详细");
      return;
    case FieldType::json_list:
      if (!is_json(value, true)) bad_format(*field, "应为JSON数组");
      return;
    case FieldType::relation:
      if (!is_json(value, true) || !is_json(extended, false)) bad_format(*field, "应有value与extendValue");
      return;
  }
}

void Form::check_required(const json::object& data) const {
  for (const FormField& field : fields_) {
    if (!field.required) continue;
    const json::value* value = data.if_contains(field.key);
    if (value == nullptr || (value->is_string() && value->get_string().empty()))
      throw TwinError(400, "data.format.error", field.label + "必填");
  }
}

json::object Form::meta() const {
  json::array fields;
  for (const FormField& field : fields_) {
    json::object shown{{"name", field.key},
                       {"label", field.label},
                       {"type", component_of(field)},
                       {"nillable", !field.required},
                       {"customized", field.key.find('-') != std::string::npos},
                       {"unit", nullptr},
                       {"format", nullptr}};
    json::array options;
    for (const std::string& option : field.options)
      options.push_back(json::object{{"key", option}, {"value", option}});
    if (!options.empty()) shown["selectOptions"] = std::move(options);
    fields.push_back(std::move(shown));
  }
  return {{"name", name_},
          {"code", code_},
          {"status", "PUBLISHED"},
          {"customized", false},
          {"fields", std::move(fields)}};
}

Form customer_form() {
  return form_of("客户", "PROC-TWIN-CUSTOMER",
                 {{"customer_name", "客户名称", FieldType::text, true},
                  {"customer_follow_up_status",
                   "跟进状态",
                   FieldType::select,
                   false,
                   {"线索", "潜在客户", "正式客户", "已流失"}},
                  {"address", "地址", FieldType::address}},
                 customer_fields());
}

Form contact_form() {
  return form_of("联系人", "PROC-TWIN-CONTACT",
                 {{"contact_name", "姓名", FieldType::text, true},
                  {"contact_phone", "手机", FieldType::text},
                  {"contact_position", "职务", FieldType::json_list},
                  {"contact_related_customer", "关联客户", FieldType::relation}},
                 contact_fields());
}

json::object customer_field_keys() { return keys_of(customer_fields()); }
json::object contact_field_keys() { return keys_of(contact_fields()); }

}  // namespace dingtalk::twin
