// The forms of the twin's CRM: which fields an object has, what they may hold. As objectMeta shows them.
//
// Threads: none of its own; a Form is changed while records are loaded, and by the control surface.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace dingtalk::twin {

enum class FieldType { text, select, address, json_list, relation };

struct FormField {
  std::string key, label;
  FieldType type = FieldType::text;
  bool required = false;
  std::vector<std::string> options = {};  // of a select
};

class Form {
 public:
  Form(std::string name, std::string code, std::vector<FormField> fields)
      : name_(std::move(name)), code_(std::move(code)), fields_(std::move(fields)) {}

  const FormField* find(std::string_view key) const;
  const FormField* find_label(std::string_view label) const;
  const std::vector<FormField>& fields() const { return fields_; }
  const std::string& code() const { return code_; }
  // A field that loaded data has and the form did not: another corporation's own.
  void learn(std::string_view key);
  // An administrator of the corporation changes what a select offers; records keep what they hold. Throws
  // TwinError 404 when there is no such select.
  void set_options(std::string_view key, std::vector<std::string> options);

  // Throws TwinError 400 with the vendor's code: fieldId.not.exists, data.format.error. `value` is the
  // field's text, `extended` the text beside it, which only relations have.
  void check(std::string_view key, std::string_view value, std::string_view extended) const;
  // Throws TwinError 400 when a required field is missing or empty.
  void check_required(const boost::json::object& data) const;

  boost::json::object meta() const;

 private:
  std::string name_, code_;
  std::vector<FormField> fields_;
};

Form customer_form();
Form contact_form();

// Our names of the invented corporation's custom fields, as the settings `fields` and `contact_fields` want
// them.
boost::json::object customer_field_keys();
boost::json::object contact_field_keys();

}  // namespace dingtalk::twin
