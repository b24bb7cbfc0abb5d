#include "hub/api/json_schema.hpp"

#include <algorithm>

namespace huiliu::api {
namespace {

using model::Status;
using model::Value;

Status wrong(const std::string& pointer, std::string message) {
  return model::make_error(model::ErrorClass::data, std::move(message), pointer.empty() ? "/" : pointer);
}

bool is_of_type(const std::string& type, const Value& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  return type == "integer" && value.is_number() && value.as_number().to_int64().has_value();
}

std::optional<std::int64_t> limit(const Value& schema, const char* name) {
  const model::Number* number = schema[name].if_number();
  return number == nullptr ? std::nullopt : number->to_int64();
}

Status check_type(const Value& schema, const Value& value, const std::string& pointer) {
  const Value& type = schema["type"];
  if (type.is_string() && !is_of_type(type.as_string(), value))
    return wrong(pointer, "must be of type " + type.as_string());
  if (const model::Array* types = type.if_array())
    if (std::none_of(types->begin(), types->end(),
                     [&](const Value& one) { return is_of_type(one.to_text(), value); }))
      return wrong(pointer, "must be of another type: one of " + model::to_json(type));
  return {};
}

Status check_size(const Value& schema, const Value& value, const std::string& pointer) {
  std::int64_t size = 0;
  const bool text = value.is_string();
  if (text)
    for (const char c : value.as_string()) size += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  if (value.is_array()) size = static_cast<std::int64_t>(value.as_array().size());
  const auto least = limit(schema, text ? "minLength" : "minItems");
  const auto most = limit(schema, text ? "maxLength" : "maxItems");
  if ((text || value.is_array()) && least && size < *least)
    return wrong(pointer,
                 "must have at least " + std::to_string(*least) + (text ? " characters" : " elements"));
  if ((text || value.is_array()) && most && size > *most)
    return wrong(pointer,
                 "must have at most " + std::to_string(*most) + (text ? " characters" : " elements"));
  if (!value.is_number()) return {};
  const auto minimum = limit(schema, "minimum"), maximum = limit(schema, "maximum");
  const double number = value.as_number().to_double();
  if (minimum && number < static_cast<double>(*minimum))
    return wrong(pointer, "must be at least " + std::to_string(*minimum));
  if (maximum && number > static_cast<double>(*maximum))
    return wrong(pointer, "must be at most " + std::to_string(*maximum));
  return {};
}

std::string escaped(const std::string& key) {
  std::string out;
  for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

Status check_object(const Value& schema, const model::Object& object, const Value& components,
                    const std::string& pointer) {
  if (const model::Array* required = schema["required"].if_array())
    for (const Value& name : *required)
      if (!object.contains(name.to_text()))
        return wrong(pointer, "the member \"" + name.to_text() + "\" is missing");
  const Value& more = schema["additionalProperties"];
  for (const model::Member& member : object) {
    const std::string here = pointer + "/" + escaped(member.key);
    if (const Value* known = schema["properties"].find(member.key))
      HUILIU_TRY(check_json(*known, member.value, components, here));
    else if (more.is_object())
      HUILIU_TRY(check_json(more, member.value, components, here));
    else if (more.is_bool() && !more.as_bool())
      return wrong(here, "there is no such member");
  }
  return {};
}

}  // namespace

Status check_json(const Value& schema, const Value& value, const Value& components,
                  const std::string& pointer) {
  if (const Value* reference = schema.find("$ref")) {
    const std::string text = reference->to_text();
    return check_json(components[text.substr(text.rfind('/') + 1)], value, components, pointer);
  }
  HUILIU_TRY(check_type(schema, value, pointer));
  if (const model::Array* allowed = schema["enum"].if_array())
    if (std::find(allowed->begin(), allowed->end(), value) == allowed->end())
      return wrong(pointer, "must be one of " + model::to_json(schema["enum"]));
  HUILIU_TRY(check_size(schema, value, pointer));
  if (const model::Object* object = value.if_object())
    HUILIU_TRY(check_object(schema, *object, components, pointer));
  if (const model::Array* list = value.if_array(); list != nullptr && schema.find("items") != nullptr)
    for (std::size_t i = 0; i < list->size(); ++i)
      HUILIU_TRY(check_json(schema["items"], (*list)[i], components, pointer + "/" + std::to_string(i)));
  return {};
}

}  // namespace huiliu::api
