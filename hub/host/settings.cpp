#include "hub/host/settings.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

namespace huiliu::host {
namespace {

using model::Error;
using model::ErrorClass;
using model::Status;
using model::Value;

constexpr std::size_t max_secret_bytes = 64 * 1024;
constexpr std::array<std::string_view, 7> setting_types = {"object", "array",   "string", "integer",
                                                           "number", "boolean", "null"};
constexpr std::array<std::string_view, 17> schema_words = {
    "type",    "properties", "required",    "additionalProperties",
    "items",   "enum",       "default",     "format",
    "minimum", "maximum",    "minLength",   "maxLength",
    "title",   "label",      "description", "examples",
    "secret"};

Error setting_error(const std::string& pointer, std::string message) {
  return model::make_error(ErrorClass::config, std::move(message), pointer.empty() ? "/" : pointer);
}

std::string pointer_to(const std::string& parent, std::string_view key) {
  std::string out = parent + '/';
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "nothing" : out;
}

std::vector<std::string> texts_of(const Value& list) {
  std::vector<std::string> out;
  if (const auto* array = list.if_array())
    for (const Value& item : *array)
      out.push_back(item.is_string() ? item.as_string() : model::to_json(item));
  return out;
}

std::vector<std::string> property_names(const Value& schema) {
  std::vector<std::string> out;
  if (const auto* properties = schema["properties"].if_object())
    for (const auto& [name, property] : *properties) out.push_back(name);
  return out;
}

std::string type_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null:
      return "null";
    case Value::Kind::boolean:
      return "boolean";
    case Value::Kind::number:
      return value.as_number().to_int64() ? "integer" : "number";
    case Value::Kind::string:
      return "string";
    case Value::Kind::array:
      return "array";
    case Value::Kind::object:
      return "object";
  }
  return "null";
}

bool has_type(const Value& value, const std::string& type) {
  const std::string found = type_of(value);
  return found == type || (type == "number" && found == "integer");
}

bool has_known_format(std::string_view text, std::string_view format) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  const bool spaced = std::any_of(text.begin(), text.end(), blank);
  if (format == "uri") {
    const std::size_t colon = text.find("://");
    return colon != std::string_view::npos && colon > 0 && colon + 3 < text.size() && !spaced;
  }
  if (format == "email") {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() && !spaced;
  }
  return true;  // As in JSON Schema, a format that is not known says nothing.
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Walks settings and schema together; collects every fault.
class SettingsCheck {
 public:
  std::vector<Error> errors;

  void check(const Value& schema, const Value& value, const std::string& at) {
    if (const auto* type = schema["type"].if_string(); type != nullptr && !has_type(value, *type)) {
      add(at, "found " + type_of(value) + ", want " + *type);
      return;
    }
    check_enum(schema, value, at);
    if (value.is_object()) check_object(schema, value, at);
    if (value.is_array()) check_array(schema, value, at);
    if (value.is_string()) check_text(schema, value.as_string(), at);
    if (value.is_number()) check_number(schema, value.as_number().to_double(), at);
  }

 private:
  void add(const std::string& at, std::string message) {
    errors.push_back(setting_error(at, std::move(message)));
  }

  void check_enum(const Value& schema, const Value& value, const std::string& at) {
    const auto* allowed = schema["enum"].if_array();
    if (allowed == nullptr || std::find(allowed->begin(), allowed->end(), value) != allowed->end()) return;
    // A secret's value does not go into a message.
    const bool secret = schema["secret"] == Value(true);
    add(at, (secret ? std::string("not allowed") : "found " + model::to_json(value)) +
                ", allowed: " + joined(texts_of(schema["enum"])));
  }

  void check_object(const Value& schema, const Value& value, const std::string& at) {
    const Value& properties = schema["properties"];
    for (const auto& [key, member] : value.as_object()) {
      if (const Value* property = properties.find(key))
        check(*property, member, pointer_to(at, key));
      else if (schema["additionalProperties"] != Value(true))
        add(pointer_to(at, key), "not a setting; allowed: " + joined(property_names(schema)));
    }
    for (const std::string& name : texts_of(schema["required"]))
      if (value.find(name) == nullptr && properties[name].find("default") == nullptr)
        add(pointer_to(at, name), "missing; required: " + joined(texts_of(schema["required"])));
  }

  void check_array(const Value& schema, const Value& value, const std::string& at) {
    const Value* items = schema.find("items");
    if (items == nullptr) return;
    std::size_t index = 0;
    for (const Value& item : value.as_array()) check(*items, item, pointer_to(at, std::to_string(index++)));
  }

  void check_text(const Value& schema, const std::string& text, const std::string& at) {
    if (!model::is_utf8(text)) return add(at, "not UTF-8");
    const auto bound = [&](const char* word) -> std::optional<std::int64_t> {
      const auto* number = schema[word].if_number();
      return number != nullptr ? number->to_int64() : std::nullopt;
    };
    const auto size = static_cast<std::int64_t>(characters(text));
    if (const auto least = bound("minLength"); least && size < *least)
      add(at, "found " + std::to_string(size) + " characters, want at least " + std::to_string(*least));
    if (const auto most = bound("maxLength"); most && size > *most)
      add(at, "found " + std::to_string(size) + " characters, want at most " + std::to_string(*most));
    if (const auto* format = schema["format"].if_string();
        format != nullptr && !has_known_format(text, *format))
      add(at, "want the format " + *format);
  }

  void check_number(const Value& schema, double number, const std::string& at) {
    if (const auto* least = schema["minimum"].if_number(); least != nullptr && number < least->to_double())
      add(at, "want at least " + least->text);
    if (const auto* most = schema["maximum"].if_number(); most != nullptr && number > most->to_double())
      add(at, "want at most " + most->text);
  }
};

void fill_defaults(const Value& schema, Value& value) {
  const auto* properties = schema["properties"].if_object();
  if (properties == nullptr || !value.is_object()) return;
  for (const auto& [name, property] : *properties) {
    const Value* preset = property.find("default");
    if (!value.as_object().contains(name) && preset != nullptr) value.as_object().set(name, *preset);
    if (Value* member = value.as_object().find(name)) fill_defaults(property, *member);
  }
}

Status check_schema_at(const Value& schema, const std::string& at, bool top);

Status check_schema_object(const Value& schema, const std::string& at, bool top) {
  if (const Value* properties = schema.find("properties")) {
    if (!properties->is_object()) return setting_error(at + "/properties", "want an object");
    for (const auto& [name, property] : properties->as_object()) {
      if (!top && property["secret"] == Value(true))
        return setting_error(pointer_to(at + "/properties", name),
                             "a secret must be a property of the top level");
      HUILIU_TRY(check_schema_at(property, pointer_to(at + "/properties", name), false));
    }
  }
  if (const Value* required = schema.find("required")) {
    if (!required->is_array()) return setting_error(at + "/required", "want an array of names");
    for (const std::string& name : texts_of(*required))
      if (schema["properties"].find(name) == nullptr)
        return setting_error(at + "/required", "names " + name + ", which is no property");
  }
  return {};
}

Status check_schema_at(const Value& schema, const std::string& at, bool top) {
  if (!schema.is_object()) return setting_error(at, "want a schema object");
  for (const auto& [word, meaning] : schema.as_object())
    if (std::find(schema_words.begin(), schema_words.end(), word) == schema_words.end() && word != "$schema")
      return setting_error(pointer_to(at, word), "not a word of the settings schema");
  const auto* type = schema["type"].if_string();
  if (type == nullptr || std::find(setting_types.begin(), setting_types.end(), *type) == setting_types.end())
    return setting_error(at + "/type", "want one of object, array, string, integer, number, boolean");
  if (top && *type != "object") return setting_error(at + "/type", "want object");
  if (schema["secret"] == Value(true) && *type != "string")
    return setting_error(at, "want type string for a secret");
  HUILIU_TRY(check_schema_object(schema, at, top));
  if (const Value* items = schema.find("items")) HUILIU_TRY(check_schema_at(*items, at + "/items", false));
  if (const Value* preset = schema.find("default")) {
    SettingsCheck check;
    check.check(schema, *preset, at + "/default");
    if (!check.errors.empty()) return check.errors.front();
  }
  return {};
}

model::Result<std::string> read_secret_file(const std::string& path, const std::string& at) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return setting_error(at, "the file " + path + " cannot be read");
  std::string text(max_secret_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > max_secret_bytes)
    return setting_error(
        at, "the file " + path + " is larger than " + std::to_string(max_secret_bytes) + " bytes");
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return setting_error(at, "the file " + path + " is empty");
  return text;
}

bool is_reference(const std::string& text) {
  return (text.starts_with("${env:") || text.starts_with("${file:") || text.starts_with("${secret:")) &&
         text.ends_with('}');
}

model::Result<std::string> referenced(const std::string& text, const std::string& at,
                                      const SecretSource& vault) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(colon + 1, text.size() - colon - 2);
  if (text.starts_with("${file:")) return read_secret_file(name, at);
  if (text.starts_with("${secret:")) {
    if (!vault) return setting_error(at, "there is no vault here for the secret " + name);
    auto secret = vault(name);
    if (!secret.ok()) return setting_error(at, secret.error().message);
    return secret;
  }
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0')
    return setting_error(at, "the environment variable " + name + " is not set");
  return std::string(value);
}

Status resolve_in(Value& value, const std::string& at, const SecretSource& vault) {
  if (auto* object = value.if_object())
    for (auto& [key, member] : *object) HUILIU_TRY(resolve_in(member, pointer_to(at, key), vault));
  if (auto* array = value.if_array())
    for (std::size_t i = 0; i < array->size(); ++i)
      HUILIU_TRY(resolve_in((*array)[i], pointer_to(at, std::to_string(i)), vault));
  if (const auto* text = value.if_string(); text != nullptr && is_reference(*text)) {
    HUILIU_ASSIGN(std::string resolved, referenced(*text, at, vault));
    value = Value(std::move(resolved));
  }
  return {};
}

}  // namespace

Status check_schema(const Value& schema) { return check_schema_at(schema, "", true); }

std::vector<Error> check_settings(const Value& schema, const Value& settings) {
  SettingsCheck check;
  check.check(schema, settings, "");
  return std::move(check.errors);
}

model::Result<Value> validated_settings(const Value& schema, const Value& settings) {
  const std::vector<Error> errors = check_settings(schema, settings);
  if (!errors.empty()) {
    Error first = errors.front();
    if (errors.size() > 1) first.message += " (and " + std::to_string(errors.size() - 1) + " more)";
    return first;
  }
  Value out = settings;
  fill_defaults(schema, out);
  return out;
}

std::vector<std::string> secret_names(const Value& schema) {
  std::vector<std::string> out;
  if (const auto* properties = schema["properties"].if_object())
    for (const auto& [name, property] : *properties)
      if (property["secret"] == Value(true)) out.push_back(name);
  return out;
}

std::vector<Error> secrets_in_clear(const Value& schema, const Value& settings) {
  std::vector<Error> errors;
  for (const std::string& name : secret_names(schema)) {
    const auto* text = settings[name].if_string();
    if (text != nullptr && !text->empty() && !is_reference(*text))
      errors.push_back(setting_error("/" + name, "a secret in clear; want ${env:NAME} ${file:PATH} or ${secret:NAME}"));
  }
  return errors;
}

model::Result<Value> resolve_references(const Value& schema, const Value& settings, SecretForm form,
                                        const SecretSource& vault) {
  if (form == SecretForm::references_only)
    if (auto errors = secrets_in_clear(schema, settings); !errors.empty()) return std::move(errors.front());
  Value out = settings;
  HUILIU_TRY(resolve_in(out, "", vault));
  return out;
}

SplitSettings split_secrets(const Value& schema, const Value& resolved) {
  SplitSettings out = {resolved, {}};
  auto* object = out.open.if_object();
  if (object == nullptr) return out;
  for (const std::string& name : secret_names(schema)) {
    Value* secret = object->find(name);
    if (secret == nullptr || !secret->is_string()) continue;
    if (secret->as_string().empty()) {  // An empty secret is none.
      object->erase(name);
      continue;
    }
    out.secrets[name] = secret->as_string();
    *secret = Value("***");
  }
  return out;
}

}  // namespace huiliu::host
