// The comparison key of a field's values; the rules of the field's type are looked up once.
#pragma once

#include <cstdint>
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

 private:
  enum class Rule : std::uint8_t { as_is, moment, number, standard };
  std::string scalar_key(const model::Value& value) const;

  Rule rule_;
  normalize::Kind kind_ = normalize::Kind::text;
};

}  // namespace huiliu::mapping
