// Lenient reading of the vendor's JSON: its documents print numbers and booleans as strings and single
// objects where arrays come. Pure, any thread. Nothing here throws for a shape that was not expected; absence
// is null or empty.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dingtalk {

namespace json = boost::json;

// The member of an object; null when the value is no object, has no such member, or the member is JSON null.
inline const json::value* field(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}
inline const json::value* field(const json::value& from, std::string_view name) {
  const json::object* object = from.if_object();
  return object == nullptr ? nullptr : field(*object, name);
}

// A scalar as text: strings as they are, numbers and booleans as JSON shows them. Else "".
inline std::string scalar_text(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(*text);
  return value.is_number() || value.is_bool() ? json::serialize(value) : std::string();
}

template <class From>
std::string text_at(const From& from, std::string_view name) {
  const json::value* found = field(from, name);
  return found == nullptr ? std::string() : scalar_text(*found);
}

inline bool true_at(const json::value& from, std::string_view name) { return text_at(from, name) == "true"; }

// The elements of an array, or the value itself when a single one came; none for null.
inline std::vector<const json::value*> items_of(const json::value* list) {
  std::vector<const json::value*> items;
  if (list == nullptr || list->is_null()) return items;
  if (const json::array* array = list->if_array())
    for (const json::value& item : *array) items.push_back(&item);
  else
    items.push_back(list);
  return items;
}

inline std::vector<std::string> texts_of(const json::value* list) {
  std::vector<std::string> texts;
  for (const json::value* item : items_of(list)) {
    std::string text = scalar_text(*item);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

// Text that is JSON; nothing when it is none. Depth and size are bounded by the parser and by the host's
// limit.
inline std::optional<json::value> parse_json(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) return std::nullopt;
  return value;
}

}  // namespace dingtalk
