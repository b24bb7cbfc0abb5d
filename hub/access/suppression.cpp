#include "hub/access/suppression.hpp"

#include <algorithm>

#include "hub/crypt/hash.hpp"

namespace huiliu::access {

using model::Value;

std::string identifier_of(std::string_view text) {
  std::string plain;
  std::size_t digits = 0;
  bool email = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    email |= c == '@';
    digits += c >= '0' && c <= '9' ? 1 : 0;
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  if (email) return plain;
  if (digits < 7 || plain.size() > 40) return {};
  std::string number;
  for (const char c : plain) {
    if ((c >= '0' && c <= '9') || c == 'x')
      number += c;
    else if (c != '-' && c != '+' && c != '(' && c != ')' && c != '.' && c != '/')
      return {};
  }
  // A mobile with or without the country before it.
  if (number.starts_with("0086")) number.erase(0, 4);
  if (number.size() == 13 && number.starts_with("861")) number.erase(0, 2);
  return number;
}

std::string Suppression::hash_of_record(const model::RecordRef& ref) const {
  return crypt::to_hex(crypt::hmac_sha256(key_, "record\n" + ref.text())).substr(0, 32);
}

std::optional<std::string> Suppression::hash_of_identifier(std::string_view text) const {
  const std::string identifier = identifier_of(text);
  if (identifier.empty()) return std::nullopt;
  return crypt::to_hex(crypt::hmac_sha256(key_, "identifier\n" + identifier)).substr(0, 32);
}

bool Suppression::holds(const Value& value) const {
  if (const model::Object* members = value.if_object())
    return std::any_of(members->begin(), members->end(), [&](const model::Member& member) {
      return !member.value.is_array() && holds(member.value);
    });
  if (!value.is_string() && !value.is_number()) return false;
  const auto hash = hash_of_identifier(value.to_text());
  return hash && hashes_.contains(*hash);
}

bool Suppression::strip_below(Value& value, bool in_list, bool& root) const {
  bool stripped = false;
  if (model::Object* members = value.if_object()) {
    for (model::Member& member : *members) stripped |= strip_below(member.value, in_list, root);
    return stripped;
  }
  if (model::Array* list = value.if_array()) {
    stripped = std::erase_if(*list, [&](const Value& element) { return holds(element); }) > 0;
    for (Value& element : *list) stripped |= strip_below(element, true, root);
    return stripped;
  }
  if (!holds(value)) return false;
  value = Value("");
  root |= !in_list;
  return true;
}

bool Suppression::strip(Value& body, bool& root) const { return strip_below(body, false, root); }

}  // namespace huiliu::access
