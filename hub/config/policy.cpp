#include "hub/config/policy.hpp"

#include <algorithm>

#include "hub/config/people.hpp"

namespace huiliu::config {
namespace {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;
using model::Value;

constexpr std::string_view hub_column = "hub";

bool is_column(const std::string& name) {
  return std::find(std::begin(policy_columns), std::end(policy_columns), name) != std::end(policy_columns);
}

Result<char> read_hub_letter(const Value& node, const std::string& pointer) {
  const std::string letter = node.to_text();
  if (letter.size() == 1 && std::string_view("Odvr-").find(letter.front()) != std::string_view::npos)
    return letter.front();
  return error_at(pointer, "the console's letter is one of O d v r -, not \"" + letter + "\"");
}

bool knows(const model::Entity& entity, const std::string& field, bool parts) {
  return parts ? entity.part_field(field) != nullptr : entity.index_of(field) != model::no_field;
}

Status read_letters(const Value& node, const std::string& pointer, PolicyPack::Letters& letters, char& hub) {
  const model::Object* members = node.if_object();
  if (members == nullptr) return error_at(pointer, "letters by column are wanted: {home: O, crm: P}");
  for (const model::Member& letter : *members) {
    const std::string here = pointer + "/" + letter.key;
    if (letter.key == hub_column) {
      HUILIU_ASSIGN(hub, read_hub_letter(letter.value, here));
      continue;
    }
    if (!is_column(letter.key))
      return error_at(here, "columns are home, other, crm, address_book, chat, site, hub");
    HUILIU_ASSIGN(letters[letter.key], read_right(letter.value, here));
  }
  return {};
}

Status read_table(const Value& node, const std::string& pointer, const model::Schema& schema, bool parts,
                  PolicyPack::Rights& rights, std::map<std::string, std::map<std::string, char>>& hub) {
  const model::Object* entities = node.if_object();
  if (entities == nullptr) return error_at(pointer, "fields by entity are wanted");
  for (const model::Member& entity : *entities) {
    const std::string here = pointer + "/" + entity.key;
    const model::Entity* known = schema.find(entity.key);
    if (known == nullptr) return error_at(here, "no entity \"" + entity.key + "\" in the model");
    const model::Object* fields = entity.value.if_object();
    if (fields == nullptr) return error_at(here, "fields are an object");
    for (const model::Member& field : *fields) {
      if (!knows(*known, field.key, parts))
        return error_at(here + "/" + field.key, "the model's " + entity.key + " has no " +
                                                    (parts ? "part " : "") + "field \"" + field.key + "\"");
      char letter = '-';
      HUILIU_TRY(read_letters(field.value, here + "/" + field.key, rights[entity.key][field.key], letter));
      hub[entity.key][field.key] = letter;
    }
  }
  return {};
}

Result<Requirement> read_requirement(const Value& node, const std::string& pointer,
                                     const model::Schema& schema) {
  HUILIU_TRY(check_keys(node, pointer, {"field", "ask", "unless"}));
  Requirement requirement;
  requirement.field = node["field"].to_text();
  if (const bool* ask = node["ask"].if_bool()) requirement.ask = *ask;
  const model::Entity* customer = schema.find("customer");
  if (requirement.field.empty() ||
      (!requirement.ask && (customer == nullptr || customer->index_of(requirement.field) == model::no_field)))
    return error_at(pointer + "/field", "the model's customer has no field \"" + requirement.field + "\"");
  if (const model::Object* unless = node["unless"].if_object())
    for (const model::Member& field : *unless) {
      if (customer == nullptr || customer->index_of(field.key) == model::no_field)
        return error_at(pointer + "/unless/" + field.key,
                        "the model's customer has no field \"" + field.key + "\"");
      if (const model::Array* values = field.value.if_array())
        for (const Value& value : *values) requirement.unless[field.key].insert(value.to_text());
      else
        requirement.unless[field.key].insert(field.value.to_text());
    }
  return requirement;
}

Status read_complete(const Value& node, const model::Schema& schema, PolicyPack& pack) {
  const model::Object* roles = node.if_object();
  if (roles == nullptr) return error_at("/complete", "what a record needs is stated by role");
  for (const model::Member& role : *roles) {
    const model::Array* items = role.value.if_array();
    if (items == nullptr) return error_at("/complete/" + role.key, "a list of {field: …} is wanted");
    for (std::size_t i = 0; i < items->size(); ++i) {
      HUILIU_ASSIGN(Requirement requirement,
                    read_requirement((*items)[i], "/complete/" + role.key + "/" + std::to_string(i), schema));
      pack.complete[role.key].push_back(std::move(requirement));
    }
  }
  return {};
}

Result<std::vector<std::string>> customer_fields(const Value& node, const std::string& pointer,
                                                 const model::Schema& schema) {
  std::vector<std::string> fields;
  const model::Array* list = node.if_array();
  if (list == nullptr) return error_at(pointer, "a list of the customer's fields is wanted");
  const model::Entity* customer = schema.find("customer");
  for (const Value& field : *list) {
    if (customer == nullptr || customer->index_of(field.to_text()) == model::no_field)
      return error_at(pointer, "the model's customer has no field \"" + field.to_text() + "\"");
    fields.push_back(field.to_text());
  }
  return fields;
}

Status read_chat_notes(const Value& node, const model::Schema& schema, PolicyPack& pack) {
  HUILIU_TRY(check_keys(node, "/chat_notes", {"company", "at_most", "tags"}));
  if (const Value* company = node.find("company")) {
    HUILIU_ASSIGN(pack.chat_notes.names, customer_fields(*company, "/chat_notes/company", schema));
  }
  if (const Value* tags = node.find("tags")) {
    HUILIU_ASSIGN(pack.chat_notes.tags, customer_fields(*tags, "/chat_notes/tags", schema));
  }
  if (const Value* at_most = node.find("at_most")) {
    const model::Number* number = at_most->if_number();
    const std::int64_t limit = number == nullptr ? -1 : number->to_int64().value_or(-1);
    if (limit < 0) return error_at("/chat_notes/at_most", "a number of characters is wanted; 0: any");
    pack.chat_notes.at_most = static_cast<std::size_t>(limit);
  }
  return {};
}

Status read_approvals(const Value& node, PolicyPack& pack) {
  const model::Object* kinds = node.if_object();
  if (kinds == nullptr) return error_at("/approvals", "roles by kind of review are wanted");
  static constexpr std::string_view known[] = {"create", "change", "duplicate", "conflict", "brake"};
  for (const model::Member& kind : *kinds) {
    const std::string pointer = "/approvals/" + kind.key;
    if (std::find(std::begin(known), std::end(known), kind.key) == std::end(known))
      return error_at(pointer, "kinds are create, change, duplicate, conflict, brake");
    const model::Object* subjects = kind.value.if_object();
    if (subjects == nullptr) return error_at(pointer, "roles by field, \"*\" for the rest, are wanted");
    for (const model::Member& subject : *subjects) {
      const model::Array* roles = subject.value.if_array();
      if (roles == nullptr) return error_at(pointer + "/" + subject.key, "a list of roles is wanted");
      for (const Value& role : *roles) {
        if (!is_people_role(role.to_text()))
          return error_at(pointer + "/" + subject.key, "no role of people is called \"" + role.to_text() +
                                                           "\"; known: " + people_role_names());
        pack.approvals[kind.key][subject.key].insert(role.to_text());
      }
    }
  }
  return {};
}

}  // namespace

Result<sync::Right> read_right(const Value& node, const std::string& pointer) {
  const std::string letter = node.to_text();
  if (letter.size() == 1 && std::string_view("OSPFRAI-0").find(letter.front()) != std::string_view::npos)
    return static_cast<sync::Right>(letter.front());
  return error_at(pointer, "a right is one of O S P F R A I - 0, not \"" + letter + "\"");
}

sync::Right PolicyPack::right(const std::string& entity, const std::string& field,
                              const std::string& column) const {
  const auto fields = rights.find(entity);
  if (fields == rights.end()) return sync::Right::none;
  const auto letters = fields->second.find(field);
  if (letters == fields->second.end()) return sync::Right::none;
  const auto letter = letters->second.find(column);
  return letter == letters->second.end() ? sync::Right::none : letter->second;
}

bool PolicyPack::console_decides(const std::string& entity, const std::string& field) const {
  const auto fields = hub.find(entity);
  if (fields == hub.end()) return false;
  const auto letter = fields->second.find(field);
  return letter != fields->second.end() && letter->second == 'd';
}

std::string PolicyPack::line_of(const std::string& entity, const std::string& field) const {
  if (document == nullptr) return {};
  const auto fields = parts.find(entity);
  const bool part = fields != parts.end() && fields->second.contains(field) &&
                    (!rights.contains(entity) || !rights.at(entity).contains(field));
  return document->at((part ? "/parts/" : "/entities/") + entity + "/" + field);
}

std::set<std::string> PolicyPack::deciders(const std::string& kind, const std::string& about) const {
  const auto subjects = approvals.find(kind);
  if (subjects == approvals.end()) return {};
  auto roles = subjects->second.find(about);
  if (roles == subjects->second.end()) roles = subjects->second.find("*");
  return roles == subjects->second.end() ? std::set<std::string>{} : roles->second;
}

Result<PolicyPack> read_pack(std::shared_ptr<const Document> document, const model::Schema& schema) {
  const Value& node = document->value;
  HUILIU_TRY(check_keys(node, "",
                        {"pack", "label", "entities", "parts", "policies", "link_fields", "complete",
                         "chat_notes", "inactive_tag", "approvals"}));
  PolicyPack pack;
  pack.name = node["pack"].to_text();
  pack.zh = node["label"]["zh"].to_text();
  pack.en = node["label"]["en"].to_text();
  HUILIU_TRY(read_table(node["entities"], "/entities", schema, false, pack.rights, pack.hub));
  if (const Value* parts = node.find("parts"))
    HUILIU_TRY(read_table(*parts, "/parts", schema, true, pack.parts, pack.hub_parts));
  if (const model::Object* policies = node["policies"].if_object())
    for (const model::Member& entity : *policies)
      if (const model::Object* fields = entity.value.if_object())
        for (const model::Member& field : *fields)
          pack.policies[entity.key][field.key] = field.value.to_text();
  if (const model::Array* fields = node["link_fields"].if_array())
    for (const Value& field : *fields) pack.link_fields.push_back(field.to_text());
  if (const Value* complete = node.find("complete")) HUILIU_TRY(read_complete(*complete, schema, pack));
  pack.inactive_tag = node["inactive_tag"].to_text();
  if (const Value* notes = node.find("chat_notes")) HUILIU_TRY(read_chat_notes(*notes, schema, pack));
  if (const Value* approvals = node.find("approvals")) HUILIU_TRY(read_approvals(*approvals, pack));
  pack.document = std::move(document);
  return pack;
}

}  // namespace huiliu::config
