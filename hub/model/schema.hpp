// The canonical model: entities and their fields, read from config/model/*.yaml. Administrators add fields
// there without code. Immutable after loading; share freely between threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::model {

using FieldIndex =
    std::uint16_t;  // position in Entity::fields; stable within one loaded schema, never stored
inline constexpr FieldIndex no_field = 0xffff;

enum class Multiplicity {
  one,    // a scalar, compared whole
  list,   // a set of elements, each compared by its own key (tags, further phones)
  group,  // an object that is always chosen whole (an address, the invoice profile)
};

// A field that the hub fills by itself.
struct Derivation {
  enum class Kind {
    none,
    former,      // a list: every value that the field `of` had before
    every_part,  // `then` when the part field `of` is `is` in every organisation part, else `otherwise`
  } kind = Kind::none;
  std::string of, is, then, otherwise;
};

struct Field {
  std::string name;  // "names.legal", "phones[switchboard]"
  std::string type;  // a normalizer kind, or: enum bool number datetime reference tags group code
  Multiplicity multiplicity = Multiplicity::one;
  std::string reference_to = {};                  // for type reference: the entity
  std::map<std::string, std::string> parts = {};  // for type group: the type of each part that is not text
  std::string zh = {}, en = {};                   // labels
  std::string pii = {};                           // "", name, phone, email, id, address: how it is masked
  Derivation derived = {};
  // What makes the record somebody's: "owner" (a reference to an employee), "department" (its name), "parent"
  // (a reference to the record whose rights hold for this one too); usually "".
  std::string access = {};
  // Why a personal field is kept, and on what ground: "" when it is not personal.
  std::string purpose = {}, basis = {};
};

struct Entity {
  std::string name;       // "customer"
  std::string id_prefix;  // "cus"
  std::string zh = {}, en = {};
  bool reference_data = false;  // employees, departments: read only, created by any system that has them
  std::vector<Field> fields;
  std::vector<Field>
      part_fields;  // fields of an organisation part: kept per replica and organisation, never merged
  Value rules;      // validation rules for every system, as written; hub/mapping compiles them

  FieldIndex index_of(std::string_view field) const noexcept;  // no_field when there is none
  const Field* part_field(std::string_view field) const noexcept;
};

class Schema {
 public:
  // One document per entity, as parsed from YAML or JSON. Errors name the entity and the member.
  static Result<Schema> load(const std::vector<Value>& documents);

  const Entity* find(std::string_view entity) const noexcept;
  const std::vector<Entity>& entities() const noexcept { return entities_; }

 private:
  std::vector<Entity> entities_;
};

}  // namespace huiliu::model
