// Lenient reading of vendors' JSON: numbers and booleans stand there as strings, single objects where arrays
// come, members are missing or null. Pure, any thread. Nothing here throws for a shape that was not expected;
// absence is null or empty.
#pragma once

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plugin_common {

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

// A scalar as text: strings as they are, numbers without an exponent, booleans as JSON shows them. Else "".
inline std::string scalar_text(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(*text);
  if (value.is_double()) {
    std::array<char, 400> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.get_double(),
                                   std::chars_format::fixed);
    return {digits.data(), end.ptr};
  }
  return value.is_number() || value.is_bool() ? json::serialize(value) : std::string();
}

template <class From>
std::string text_at(const From& from, std::string_view name) {
  const json::value* found = field(from, name);
  return found == nullptr ? std::string() : scalar_text(*found);
}

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
  for (const json::value* item : items_of(list))
    if (std::string text = scalar_text(*item); !text.empty()) texts.push_back(std::move(text));
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

inline bool is_number_start(char c) { return c == '-' || (c >= '0' && c <= '9'); }

// JSON text in which every number that would not survive as a 64-bit integer stands in quotes.
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

// Parses a body. Numbers with a fraction or an exponent, and those beyond 64 bits, become strings of their
// own text, so that no digit of an amount or an id is lost. A byte order mark is skipped. nullopt: no JSON.
inline std::optional<json::value> parse_exact(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  json::error_code error;
  json::parse_options options;
  options.max_depth = 64;
  json::value value = json::parse(keep_number_text(text), error, {}, options);
  if (error) return std::nullopt;
  return value;
}

}  // namespace plugin_common
