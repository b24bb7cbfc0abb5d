// Reading the vendor's JSON with forbearance: a member may be missing, null, or a number where text was
// meant. Pure, any thread. Nothing here throws for a shape that was not expected; absence is null or empty.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wecom {

namespace json = boost::json;

// The member of an object; null when there is no such member, it is JSON null, or `from` is no object.
inline const json::value* member(const json::object& from, std::string_view name) {
  const json::value* found = from.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}
inline const json::value* member(const json::value& from, std::string_view name) {
  const json::object* object = from.if_object();
  return object == nullptr ? nullptr : member(*object, name);
}

// Texts as they are, numbers and booleans as JSON prints them, else "".
inline std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(*text);
  return value.is_number() || value.is_bool() ? json::serialize(value) : std::string();
}
template <class From>
std::string text_at(const From& from, std::string_view name) {
  const json::value* found = member(from, name);
  return found == nullptr ? std::string() : text_of(*found);
}

// Whole numbers, also as text; `otherwise` for everything else.
inline std::int64_t number_of(const json::value& value, std::int64_t otherwise = 0) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64()) return static_cast<std::int64_t>(value.get_uint64());
  const std::string text = text_of(value);
  std::size_t at = text.starts_with('-') ? 1 : 0;
  if (at == text.size() || text.size() > 18) return otherwise;
  std::int64_t number = 0;
  for (; at < text.size(); ++at) {
    if (text[at] < '0' || text[at] > '9') return otherwise;
    number = number * 10 + (text[at] - '0');
  }
  return text.starts_with('-') ? -number : number;
}
template <class From>
std::int64_t number_at(const From& from, std::string_view name, std::int64_t otherwise = 0) {
  const json::value* found = member(from, name);
  return found == nullptr ? otherwise : number_of(*found, otherwise);
}

// The elements of an array; the value itself when a single one came; none for null.
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
  for (const json::value* item : items_of(list))
    if (std::string text = text_of(*item); !text.empty()) texts.push_back(std::move(text));
  return texts;
}

inline json::array array_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

inline std::optional<json::value> parse_json(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) return std::nullopt;
  return value;
}

}  // namespace wecom
