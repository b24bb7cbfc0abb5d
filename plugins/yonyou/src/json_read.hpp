// json_read.hpp - small readings of the vendor's JSON: it writes the same member as a number here and as text
// there. Pure.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace yonyou {

namespace json = boost::json;

/// A scalar as text; "" for null, objects and arrays.
std::string scalar_text(const json::value& value);
/// The member's scalar as text; "" when it is not there.
std::string text_at(const json::object& object, std::string_view name);
/// true, 1, "1", "true"; anything else is `otherwise` when absent, else false.
bool flag_at(const json::object& object, std::string_view name, bool otherwise = false);
const json::object* object_at(const json::object& object, std::string_view name);
const json::array* array_at(const json::object& object, std::string_view name);

/// Parses a body. Numbers with a fraction or an exponent, and those beyond 64 bits, become strings of their
/// own text, so that no digit of an amount or an id is lost. nullopt: no JSON.
std::optional<json::value> parse_exact(std::string_view text);

/// A multi-language value in either of the vendor's spellings, or plain text: the Chinese text.
std::string chinese_of(const json::value& value);

// ---- How ----

namespace detail {

inline bool is_number_start(char c) { return c == '-' || (c >= '0' && c <= '9'); }

/// JSON text in which every number that would not survive as a 64-bit integer stands in quotes.
inline std::string keep_number_text(std::string_view text) {
  std::string kept;
  kept.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      std::size_t end = i + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
      kept += text.substr(i, end - i);
      i = end;
    } else if (is_number_start(text[i])) {
      std::size_t end = i + 1;
      while (end < text.size() && (is_number_start(text[end]) || text[end] == '+' || text[end] == '.' ||
                                   text[end] == 'e' || text[end] == 'E'))
        ++end;
      const std::string_view number = text.substr(i, end - i);
      const bool whole = number.find_first_of(".eE") == std::string_view::npos;
      // 19 digits may pass 2^63: an id that begins with 1…8 does not.
      const std::string_view digits = number.substr(number.starts_with('-') ? 1 : 0);
      const bool fits = digits.size() < 19 || (digits.size() == 19 && digits[0] < '9');
      if (whole && fits)
        kept += number;
      else
        ((kept += '"') += number) += '"';
      i = end;
    } else {
      kept += text[i++];
    }
  }
  return kept;
}

}  // namespace detail

inline std::string scalar_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_null() || value.is_object() || value.is_array()) return {};
  return json::serialize(value);
}

inline std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? std::string() : scalar_text(*value);
}

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

inline std::optional<json::value> parse_exact(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  json::error_code error;
  json::parse_options options;
  options.max_depth = 64;
  json::value value = json::parse(detail::keep_number_text(text), error, {}, options);
  if (error) return std::nullopt;
  return value;
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
