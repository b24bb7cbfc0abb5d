// Comparison keys and entered values of canonical fields, by the field's type.
#include "hub/mapping/field_key.hpp"

#include <algorithm>

#include "hub/mapping/decimal.hpp"
#include "hub/mapping/mapping.hpp"
#include "hub/model/id.hpp"
#include "hub/model/time.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {
namespace {

using model::Value;

std::string element_key(const Value& element, normalize::Kind kind = normalize::Kind::text) {
  const std::string text = element.to_text();
  std::string key = normalize::comparison_key(kind, text);
  return key.empty() ? text : key;
}

std::string list_key(const model::Array& elements) {
  std::vector<std::string> keys;
  keys.reserve(elements.size());
  for (const Value& element : elements) keys.push_back(element_key(element));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::string joined;
  for (const std::string& key : keys) joined += key + '\x1f';
  return joined;
}

}  // namespace

FieldKey::FieldKey(const model::Field& field) : rule_(Rule::standard) {
  if (field.type == "reference" || field.type == "enum" || field.type == "bool")
    rule_ = Rule::as_is;
  else if (field.type == "datetime")
    rule_ = Rule::moment;
  else if (field.type == "number")
    rule_ = Rule::number;
  else
    kind_ = normalize::kind_from(field.type).value_or(normalize::Kind::text);
  for (const auto& [part, type] : field.parts)
    if (const auto kind = normalize::kind_from(type)) parts_.emplace(part, *kind);
}

// Parts compare as folded text unless the model says more, so that punctuation and width inside an address
// make no difference.
std::string FieldKey::part_key(const model::Member& part) const {
  const auto known = parts_.find(part.key);
  return element_key(part.value, known == parts_.end() ? normalize::Kind::text : known->second);
}

std::string FieldKey::group_key(const model::Object& parts) const {
  std::vector<std::string> keys;
  for (const model::Member& part : parts) keys.push_back(part.key + '=' + part_key(part));
  std::sort(keys.begin(), keys.end());
  std::string joined;
  for (const std::string& key : keys) joined += key + '\x1f';
  return joined;
}

Value FieldKey::spelled_like(Value value, const Value& shown) const {
  if (value.is_object() && shown.is_object()) {
    for (model::Member& part : value.as_object())
      if (const Value* there = shown.find(part.key);
          there != nullptr && part_key({part.key, *there}) == part_key(part))
        part.value = *there;
  } else if (value.is_array() && shown.is_array()) {
    for (Value& element : value.as_array())
      for (const Value& there : shown.as_array())
        if (element_key(there) == element_key(element)) element = there;
  }
  return value;
}

std::string FieldKey::scalar_key(const Value& value) const {
  const std::string* spelled = value.if_string();
  switch (rule_) {
    case Rule::as_is:
      return value.to_text();
    case Rule::moment: {
      const std::string text = value.to_text();
      const auto micros = model::parse_rfc3339(text);
      return micros.ok() ? std::to_string(*micros) : text;
    }
    case Rule::number: {
      const std::string text = value.to_text();
      const auto decimal = Decimal::parse(text);
      return decimal ? decimal->canonical() : text;
    }
    case Rule::standard:
      return normalize::comparison_key(kind_,
                                       spelled != nullptr ? std::string_view(*spelled) : value.to_text());
  }
  return {};
}

std::string FieldKey::operator()(const Value& value) const {
  std::string key;
  if (const model::Array* list = value.if_array())
    key = list_key(*list);
  else if (const model::Object* parts = value.if_object())
    key = group_key(*parts);
  else
    key = scalar_key(value);
  // Masked and unreadable values have no matching key, but must still be comparable with themselves.
  return key.empty() ? "=" + model::to_json(value) : key;
}

std::string field_key(const model::Field& field, const Value& value) { return FieldKey(field)(value); }

model::Result<FieldValue> field_value(const model::Field& field, const Value& value) {
  const auto wrong = [&](const std::string& why) {
    return model::make_error(model::ErrorClass::data,
                             "not a value for " + field.name + " (" + field.type + "): " + why);
  };
  if (value.is_null() ||
      (value.is_string() && value.as_string().find_first_not_of(" \t\r\n") == std::string::npos))
    return FieldValue{model::Presence::cleared, {}, {}};
  if (field.multiplicity == model::Multiplicity::list) {
    model::Array elements;
    if (const model::Array* list = value.if_array())
      elements = *list;
    else if (value.is_string()) {
      std::string_view rest = value.as_string();
      while (true) {
        const std::size_t comma = rest.find(',');
        if (comma != 0) elements.emplace_back(rest.substr(0, comma));
        if (comma == std::string_view::npos) break;
        rest = rest.substr(comma + 1);
      }
    } else {
      return wrong("a list or comma-separated text is wanted");
    }
    Value whole(std::move(elements));
    std::string key = field_key(field, whole);
    return FieldValue{model::Presence::value, std::move(whole), std::move(key)};
  }
  if (field.type == "group") {
    if (!value.is_object()) return wrong("an object is wanted");
  } else if (value.is_array() || value.is_object()) {
    return wrong("one value is wanted");
  }
  if (const auto kind = normalize::kind_from(field.type); kind && !value.is_object()) {
    const normalize::Normalized clean = normalize::normalize(*kind, value.to_text());
    if (!clean.valid)
      for (const normalize::Finding& finding : clean.findings)
        if (finding.severity == normalize::Severity::error) return wrong(finding.message);
  }
  return FieldValue{model::Presence::value, value, field_key(field, value)};
}

}  // namespace huiliu::mapping
