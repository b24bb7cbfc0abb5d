// Reading the vendor's JSON with forbearance: a member may be missing, null, or a number where text was
// meant.
#pragma once

#include <cstdint>

#include "plugins/common/json_read.hpp"

namespace wecom {

namespace json = boost::json;
using plugin_common::items_of;
using plugin_common::parse_json;
using plugin_common::text_at;
using plugin_common::texts_of;

inline const json::value* member(const json::object& from, std::string_view name) {
  return plugin_common::field(from, name);
}
inline const json::value* member(const json::value& from, std::string_view name) {
  return plugin_common::field(from, name);
}
inline std::string text_of(const json::value& value) { return plugin_common::scalar_text(value); }

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

inline json::array array_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

}  // namespace wecom
