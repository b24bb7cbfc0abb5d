#include "hub/access/masking.hpp"

#include <algorithm>
#include <vector>

namespace huiliu::access {
namespace {

using model::Value;

std::vector<std::string_view> characters_of(std::string_view text) {
  std::vector<std::string_view> characters;
  while (!text.empty()) {
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0U) == 0x80U) ++size;
    characters.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return characters;
}

// The first and last few characters, stars between; fewer are shown of short texts.
std::string ends_of(std::string_view text, std::size_t first, std::size_t last) {
  const auto characters = characters_of(text);
  if (characters.size() <= first + last) first = 0, last = characters.size() > 4 ? 2 : 0;
  std::string out;
  for (std::size_t i = 0; i < first; ++i) out += characters[i];
  out.append(std::max<std::size_t>(characters.size() - first - last, 3), '*');
  for (std::size_t i = characters.size() - last; i < characters.size(); ++i) out += characters[i];
  return out;
}

std::string masked_email(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0) return ends_of(text, 1, 0);
  return std::string(characters_of(text).front()) + "***" + std::string(text.substr(at));
}

std::string masked_scalar(std::string_view pii, const std::string& text) {
  if (text.empty()) return text;
  if (pii == "phone") return ends_of(text, 3, 4);
  if (pii == "email") return masked_email(text);
  if (pii == "name") return std::string(characters_of(text).front()) + "**";
  if (pii == "address") {
    const auto characters = characters_of(text);
    std::string out;
    for (std::size_t i = 0; i < std::min<std::size_t>(6, characters.size() / 2); ++i) out += characters[i];
    return out + "****";
  }
  return ends_of(text, 4, 4);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
         c == '-' || c == '+';
}

}  // namespace

Value masked(std::string_view pii, const Value& value) {
  if (const model::Array* list = value.if_array()) {
    model::Array out;
    for (const Value& element : *list) out.push_back(masked(pii, element));
    return out;
  }
  if (const model::Object* members = value.if_object()) {
    model::Object out;
    for (const model::Member& member : *members) out.append(member.key, masked(pii, member.value));
    return out;
  }
  if (value.is_null() || value.is_bool()) return value;
  return masked_scalar(pii, value.to_text());
}

std::string masked_text(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end > at && end < text.size() && text[end] == '@') {  // the part before the @ of an e-mail
      out += text[at];
      out += "***";
      at = end;
      continue;
    }
    std::size_t digits = 0;
    bool letters = false;
    for (std::size_t i = at; i < end; ++i) {
      digits += is_digit(text[i]) ? 1 : 0;
      letters |= !is_digit(text[i]) && text[i] != '-' && text[i] != '+' && text[i] != 'X' && text[i] != 'x';
    }
    const std::string_view word = text.substr(at, std::max<std::size_t>(end - at, 1));
    // Seven digits in a row of digits are a number of somebody; ids of the hub hold letters.
    if (digits >= 7 && !letters)
      out += ends_of(word, 3, digits >= 11 ? 4 : 2);
    else
      out += word;
    at += word.size();
  }
  return out;
}

Value masked_shape(const Value& value) {
  if (const model::Array* list = value.if_array()) {
    model::Array out;
    for (const Value& element : *list) out.push_back(masked_shape(element));
    return out;
  }
  if (const model::Object* members = value.if_object()) {
    model::Object out;
    for (const model::Member& member : *members) out.append(member.key, masked_shape(member.value));
    return out;
  }
  if (value.is_null() || value.is_bool()) return value;
  return value.to_text().empty() ? Value("") : Value("***");
}

}  // namespace huiliu::access
