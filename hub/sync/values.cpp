#include "hub/sync/values.hpp"

#include <algorithm>

namespace huiliu::sync {
namespace {

constexpr std::size_t shortest_cut = 8;  // bytes: a shorter beginning says nothing about where it was cut

bool is_ascii_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Letters of any script and digits, ASCII folded; the rest is punctuation that systems change.
std::string bare_text(const FieldValue& value) {
  std::string out;
  for (const char c : value.value.to_text()) {
    const auto byte = static_cast<unsigned char>(c);
    if (c >= 'A' && c <= 'Z') {
      out.push_back(static_cast<char>(c - 'A' + 'a'));
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || byte >= 0x80) {
      out.push_back(c);
    }
  }
  return out;
}

std::size_t first_character_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) ++length;
  return length;
}

std::string only_tail(const std::string& text) {
  std::size_t tail = text.size() > 2 ? text.size() - 2 : 0;
  while (tail < text.size() && (static_cast<unsigned char>(text[tail]) & 0xC0U) == 0x80U) ++tail;
  return "***" + text.substr(tail);
}

// Of several members that are one value, what a person must see to judge it: words stand, numbers of
// accounts and telephones show their end.
std::string masked_parts(const model::Object& parts) {
  constexpr std::ptrdiff_t digits_of_a_number = 6;
  std::string shown;
  for (const model::Member& part : parts) {
    const std::string text = part.value.to_text();
    const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    shown +=
        (shown.empty() ? "" : ", ") + part.key + " " + (digits < digits_of_a_number ? text : only_tail(text));
  }
  return shown;
}

}  // namespace

bool is_respelling(const FieldValue& sent, const FieldValue& shown) {
  if (!sent.has_value() || !shown.has_value()) return false;
  const std::string wanted = bare_text(sent);
  const std::string got = bare_text(shown);
  const bool long_enough = got == wanted || 2 * got.size() >= wanted.size() || got.size() >= shortest_cut;
  return !got.empty() && long_enough && wanted.starts_with(got);
}

bool token_older(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  if (is_ascii_digits(a) && is_ascii_digits(b)) {
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size() - 1));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size() - 1));
    if (a.size() != b.size()) return a.size() < b.size();
  }
  return a < b;
}

model::Value plain(const FieldValue& value) { return value.has_value() ? value.value : model::Value(); }

std::string masked(const model::Field& field, const FieldValue& value) {
  if (const model::Object* parts = value.value.if_object(); parts != nullptr && !field.pii.empty())
    return masked_parts(*parts);
  const std::string text =
      value.value.is_object() || value.value.is_array() ? model::to_json(value.value) : value.value.to_text();
  if (field.pii.empty() || text.empty()) return text;
  if (field.pii == "name") return text.substr(0, first_character_length(text)) + "**";
  return only_tail(text);
}

std::string title_of(const model::Entity& entity, const Golden& golden) {
  for (const auto& [index, field] : golden.fields) {
    if (index >= entity.fields.size() || !field.value.has_value()) continue;
    const std::string& type = entity.fields[index].type;
    if (type == "company_name" || type == "person_name" || type == "name")
      return masked(entity.fields[index], field.value);
  }
  // Nobody's name is known, as of a person of a chat tool: what else people know him by.
  for (const auto& [index, field] : golden.fields)
    if (index < entity.fields.size() && field.value.has_value() && field.value.value.is_string() &&
        entity.fields[index].reference_to.empty())
      return masked(entity.fields[index], field.value);
  return golden.id;
}

bool is_being_written(const Replica& replica, FieldIndex field) {
  const auto known = replica.fields.find(field);
  if (known != replica.fields.end() && known->second.unverified) return true;
  return std::any_of(replica.intents.begin(), replica.intents.end(), [&](const Intent& intent) {
    return std::any_of(intent.fields.begin(), intent.fields.end(),
                       [&](const IntentField& sent) { return sent.field == field; });
  });
}

Versions versions_sent(const Intent& intent, const IntentField& sent) {
  return intent.line.empty() ? Versions{} : Versions{{intent.line, sent.version}};
}

void note_version(Versions& into, const Line& line, Version version) {
  Version& known = into[line];
  known = std::max(known, version);
}

void merge_versions(Versions& into, const Versions& from) {
  for (const auto& [line, version] : from) note_version(into, line, version);
}

}  // namespace huiliu::sync
