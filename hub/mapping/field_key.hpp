// The comparison key of a field's values; the rules of the field's type are looked up once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "hub/model/schema.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {

class FieldKey {
 public:
  explicit FieldKey(const model::Field& field);
  // Never empty for a value.
  std::string operator()(const model::Value& value) const;
  // `value` with those of its parts or elements that `shown` has too as they are spelled there: who is given
  // a whole value, of which he shows most already, is given no other spelling of what he shows.
  model::Value spelled_like(model::Value value, const model::Value& shown) const;

 private:
  enum class Rule : std::uint8_t { as_is, moment, number, standard };
  std::string scalar_key(const model::Value& value) const;
  std::string part_key(const model::Member& part) const;
  std::string group_key(const model::Object& parts) const;

  Rule rule_;
  normalize::Kind kind_ = normalize::Kind::text;
  std::map<std::string, normalize::Kind> parts_;  // of a group: how its parts compare, when not as text
};

}  // namespace huiliu::mapping
