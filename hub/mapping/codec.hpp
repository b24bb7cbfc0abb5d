// Codecs: how one value of a record is read into canonical form and written back. A pair of functions per
// codec, with encode∘decode∘encode = encode and decode∘encode idempotent. What a codec takes, reads and loses
// stands in its entry of codecs(), from which the documentation and the JSON Schema are made. Pure.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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
  // `shown`: what stands in the record; an absent path is not decoded at all.
  virtual In decode(const model::Value& shown, References& references) const = 0;

  struct Out {
    Encoded::Kind kind = Encoded::Kind::written;
    model::Value value = {};
    std::string reason = {};
  };
  // `value` has a value or is cleared.
  virtual Out encode(const FieldValue& value, References& references) const = 0;

  // Does it read several members of the record by paths of its own? Then the lens needs no path, and encode
  // gives an object {path: value}.
  virtual bool takes_record() const { return false; }
};

using CodecResult = model::Result<std::unique_ptr<Codec>>;

// One parameter of a codec.
struct CodecParameter {
  std::string_view name;
  std::string_view schema;  // JSON Schema of its value
  std::string_view zh, en;
};

struct CodecInfo {
  std::string_view name;
  std::span<const CodecParameter> parameters;
  std::string_view shorthand;  // JSON Schema of what may stand instead of {parameter: value}; "" nothing
  std::string_view example;    // of `codec:` in a mapping
  std::string_view zh, en;     // what it reads and writes
  std::string_view zh_loses, en_loses;
  CodecResult (*make)(const CodecInfo& info, const model::Field& field, const model::Value& parameters);
};

// All codecs, in the order of the documentation.
std::span<const CodecInfo* const> codecs();
const CodecInfo* find_codec(std::string_view name);

// `spec` is a codec's name or {name: parameters}. Errors name what is wrong and which names exist; their
// `where` is a JSON Pointer within the spec.
CodecResult make_codec(const model::Value& spec, const model::Field& field);

}  // namespace huiliu::mapping
