#include "hub/model/schema.hpp"

#include <algorithm>
#include <array>

namespace huiliu::model {
namespace {

constexpr std::array<std::string_view, 21> field_types = {
    "text",   "company_name", "person_name", "uscc", "tax_no", "resident_id", "phone",
    "email",  "url",          "address",     "date", "money",  "enum",        "bool",
    "number", "datetime",     "reference",   "tags", "group",  "code",        "name"};

Error schema_error(const std::string& entity, const std::string& member, const std::string& message) {
  return make_error(ErrorClass::config, message, "model " + entity + (member.empty() ? "" : "." + member));
}

Result<Derivation> load_derivation(const std::string& entity, const std::string& field, const Value& text) {
  Derivation derived;
  if (text.is_null()) return derived;
  if (const Value* of = text.find("former")) {
    derived.kind = Derivation::Kind::former;
    derived.of = of->to_text();
  } else if (const Value* part = text.find("every_part")) {
    derived = {Derivation::Kind::every_part, part->to_text(), text["is"].to_text(), text["then"].to_text(),
               text["else"].to_text()};
  }
  if (derived.of.empty())
    return schema_error(entity, field,
                        "derived is {former: FIELD} or {every_part: PART FIELD, is: …, then: …, else: …}");
  return derived;
}

bool is_type(const std::string& name) {
  return std::find(std::begin(field_types), std::end(field_types), name) != std::end(field_types);
}

Result<std::map<std::string, std::string>> load_parts(const std::string& entity, const Field& field,
                                                      const Value& members) {
  std::map<std::string, std::string> parts;
  if (members.is_null()) return parts;
  const Object* object = members.if_object();
  if (object == nullptr || field.type != "group")
    return schema_error(entity, field.name, "parts are of a group: {part: type}");
  for (const Member& part : *object) {
    const std::string type = part.value.to_text();
    if (!is_type(type) || type == "group" || type == "reference" || type == "tags")
      return schema_error(entity, field.name, "part " + part.key + ": unknown type \"" + type + "\"");
    parts.emplace(part.key, type);
  }
  return parts;
}

Result<Field> load_field(const std::string& entity, const Member& member) {
  Field field;
  field.name = member.key;
  const Value& text = member.value;
  field.type = text["type"].to_text();
  if (!is_type(field.type)) return schema_error(entity, field.name, "unknown type \"" + field.type + "\"");
  const std::string many = text["multiplicity"].to_text();
  if (many == "list" || (many.empty() && field.type == "tags"))
    field.multiplicity = Multiplicity::list;
  else if (many == "group" || (many.empty() && (field.type == "group" || field.type == "address")))
    field.multiplicity = Multiplicity::group;
  else if (!many.empty() && many != "one")
    return schema_error(entity, field.name, "multiplicity is one, list or group, not \"" + many + "\"");
  field.reference_to = text["to"].to_text();
  if (field.type == "reference" && field.reference_to.empty())
    return schema_error(entity, field.name, "a reference needs \"to\": the entity");
  HUILIU_ASSIGN(field.parts, load_parts(entity, field, text["parts"]));
  field.zh = text["label"]["zh"].to_text();
  field.en = text["label"]["en"].to_text();
  field.pii = text["pii"].to_text();
  field.purpose = text["purpose"].to_text();
  field.basis = text["basis"].to_text();
  field.access = text["access"].to_text();
  if (!field.access.empty() && field.access != "owner" && field.access != "department" &&
      field.access != "parent")
    return schema_error(entity, field.name,
                        "access is owner, department or parent, not \"" + field.access + "\"");
  HUILIU_ASSIGN(field.derived, load_derivation(entity, field.name, text["derived"]));
  return field;
}

Status load_fields(const std::string& entity, const Value& members, std::vector<Field>& into) {
  const Object* object = members.if_object();
  if (object == nullptr) return {};
  for (const Member& member : *object) {
    HUILIU_ASSIGN(Field field, load_field(entity, member));
    into.push_back(std::move(field));
  }
  return {};
}

}  // namespace

FieldIndex Entity::index_of(std::string_view field) const noexcept {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].name == field) return static_cast<FieldIndex>(i);
  return no_field;
}

const Field* Entity::part_field(std::string_view field) const noexcept {
  for (const Field& candidate : part_fields)
    if (candidate.name == field) return &candidate;
  return nullptr;
}

Result<Schema> Schema::load(const std::vector<Value>& documents) {
  Schema schema;
  for (const Value& document : documents) {
    Entity entity;
    entity.name = document["entity"].to_text();
    if (entity.name.empty()) return schema_error("?", "entity", "every document names its entity");
    if (schema.find(entity.name) != nullptr) return schema_error(entity.name, "", "defined twice");
    entity.id_prefix = document["id_prefix"].to_text();
    if (entity.id_prefix.size() != 3)
      return schema_error(entity.name, "id_prefix", "three letters are wanted");
    entity.zh = document["label"]["zh"].to_text();
    entity.en = document["label"]["en"].to_text();
    if (const bool* reference = document["reference_data"].if_bool()) entity.reference_data = *reference;
    HUILIU_TRY(load_fields(entity.name, document["fields"], entity.fields));
    HUILIU_TRY(load_fields(entity.name, document["part_fields"], entity.part_fields));
    entity.rules = document["rules"];
    if (entity.fields.empty() || entity.fields.size() >= no_field)
      return schema_error(entity.name, "fields", "an entity has between 1 and 65534 fields");
    schema.entities_.push_back(std::move(entity));
  }
  for (const Entity& entity : schema.entities_)
    for (const Field& field : entity.fields) {
      const Derivation& derived = field.derived;
      const bool known = derived.kind == Derivation::Kind::former ? entity.index_of(derived.of) != no_field
                         : derived.kind == Derivation::Kind::every_part
                             ? entity.part_field(derived.of) != nullptr
                             : true;
      if (!known)
        return schema_error(entity.name, field.name,
                            "is derived from the unknown field \"" + derived.of + "\"");
      if (!field.reference_to.empty() && schema.find(field.reference_to) == nullptr)
        return schema_error(entity.name, field.name,
                            "refers to the unknown entity \"" + field.reference_to + "\"");
    }
  return schema;
}

const Entity* Schema::find(std::string_view entity) const noexcept {
  for (const Entity& candidate : entities_)
    if (candidate.name == entity) return &candidate;
  return nullptr;
}

}  // namespace huiliu::model
