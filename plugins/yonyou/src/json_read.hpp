// json_read.hpp - small readings of the vendor's JSON: it writes the same member as a number here and as text
// there. Pure.
#pragma once

#include "plugins/common/json_read.hpp"

namespace yonyou {

namespace json = boost::json;
using plugin_common::parse_exact;
using plugin_common::scalar_text;
using plugin_common::text_at;

/// true, 1, "1", "true"; anything else is `otherwise` when absent, else false.
bool flag_at(const json::object& object, std::string_view name, bool otherwise = false);
const json::object* object_at(const json::object& object, std::string_view name);
const json::array* array_at(const json::object& object, std::string_view name);

/// A multi-language value in either of the vendor's spellings, or plain text: the Chinese text.
std::string chinese_of(const json::value& value);

// ---- How ----

inline bool flag_at(const json::object& object, std::string_view name, bool otherwise) {
  const std::string text = text_at(object, name);
  if (text.empty()) return otherwise;
  return text == "true" || text == "1" || text == "True";
}

inline const json::object* object_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

inline const json::array* array_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

inline std::string chinese_of(const json::value& value) {
  const json::object* languages = value.if_object();
  if (languages == nullptr) return scalar_text(value);
  for (const std::string_view name :
       {"simplifiedName", "zh_CN", "traditionalName", "zh_TW", "englishName", "en_US"})
    if (std::string text = text_at(*languages, name); !text.empty()) return text;
  return {};
}

}  // namespace yonyou
