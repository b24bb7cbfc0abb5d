#include "plugins/dingtalk/src/discover.hpp"

#include <algorithm>

#include "plugins/dingtalk/src/json_read.hpp"

namespace dingtalk {
namespace {

std::string path_of(std::string_view key, const CustomFields& custom) {
  const std::string_view name = custom.name_of(key);
  return name.empty() ? "data." + std::string(key) : "custom." + std::string(name);
}

json::object field_of(const FormField& form) {
  const std::string& label = form.label.empty() ? form.key : form.label;
  return {{"label", {{"zh", label}, {"en", label}}},
          {"type", form.type.empty() ? "text" : form.type},
          {"operations", {"create", "update", "clear"}}};
}

void discover_fields(json::object& stream, const std::vector<FormField>& form, const CustomFields& custom) {
  const json::object declared = stream.contains("fields") ? stream["fields"].as_object() : json::object{};
  json::object fields;
  for (const FormField& field : form) {
    const std::string path = path_of(field.key, custom);
    const json::value* known = declared.if_contains(path);
    json::object shown = known != nullptr ? known->as_object() : field_of(field);
    if (!field.options.empty()) shown["options"] = json::array(field.options.begin(), field.options.end());
    fields[path] = std::move(shown);
  }
  // What is not a field of the form: owner, times, approval.
  for (const auto& member : declared)
    if (!member.key().starts_with("data.") && !member.key().starts_with("custom."))
      fields[member.key()] = member.value();
  stream["fields"] = std::move(fields);
}

void discover_natural_keys(json::object& stream, const json::value& unique_keys, const CustomFields& custom) {
  std::vector<std::string> keys;
  const auto add = [&](std::string path) {
    if (stream["fields"].as_object().contains(path) &&
        std::find(keys.begin(), keys.end(), path) == keys.end())
      keys.push_back(std::move(path));
  };
  const json::value* result = field(unique_keys, "result");
  for (const json::value* entry : items_of(result))
    if (const std::string key = text_at(*entry, "fieldId"); !key.empty()) add(path_of(key, custom));
  for (std::string& path : texts_of(stream.if_contains("natural_keys"))) add(std::move(path));
  stream["natural_keys"] = json::array(keys.begin(), keys.end());
}

}  // namespace

std::vector<FormField> form_fields(const json::value& meta) {
  const json::value* fields = field(meta, "fields");
  if (const json::value* result = field(meta, "result"); fields == nullptr && result != nullptr)
    fields = field(*result, "fields");
  std::vector<FormField> form;
  for (const json::value* entry : items_of(fields))
    if (std::string key = text_at(*entry, "name"); !key.empty()) {
      FormField shown{std::move(key), text_at(*entry, "label"), text_at(*entry, "type"), {}};
      for (const json::value* option : items_of(field(*entry, "selectOptions")))
        if (std::string value = text_at(*option, "value"); !value.empty())
          shown.options.push_back(std::move(value));
      form.push_back(std::move(shown));
    }
  return form;
}

std::vector<std::string> missing_fields(const std::vector<FormField>& form, const CustomFields& custom) {
  std::vector<std::string> missing;
  for (const auto& [name, key] : custom.all()) {
    const bool there = std::any_of(form.begin(), form.end(),
                                   [&, &wanted = key](const FormField& f) { return f.key == wanted; });
    if (!there) missing.push_back(name);
  }
  return missing;
}

std::string discovered_streams(std::string_view manifest, const std::vector<FormField>& form,
                               const json::value& unique_keys, const CustomFields& custom) {
  json::value streams = json::parse(manifest).at("streams");
  for (json::value& entry : streams.as_array()) {
    json::object& stream = entry.as_object();
    if (stream["name"] != "customers" || form.empty()) continue;
    discover_fields(stream, form, custom);
    discover_natural_keys(stream, unique_keys, custom);
  }
  return json::serialize(json::object{{"streams", std::move(streams)}});
}

}  // namespace dingtalk
