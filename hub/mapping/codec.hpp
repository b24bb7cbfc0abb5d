// Codecs: how one value of a record is read into canonical form and written back. A pair of functions per
// codec; what a codec loses is said beside its name in codec.cpp. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hub/mapping/mapping.hpp"

namespace huiliu::mapping {

class Codec {
 public:
  virtual ~Codec() = default;

  struct In {
    FieldValue value;
    std::optional<Problem> problem = {};
    std::optional<model::PendingReference> pending = {};  // field not set here
  };
  // `shown`: what stands in the record; never null pointer-like: an absent path is not decoded at all.
  virtual In decode(const model::Value& shown, References& references) const = 0;

  struct Out {
    Encoded::Kind kind = Encoded::Kind::written;
    model::Value value = {};
    std::string reason = {};
  };
  // `value` has a value or is cleared.
  virtual Out encode(const FieldValue& value, References& references) const = 0;
};

// `spec` is a codec's name or {name: parameters}. Errors name what is wrong and which names exist.
model::Result<std::unique_ptr<Codec>> make_codec(const model::Value& spec, const model::Field& field);

}  // namespace huiliu::mapping
