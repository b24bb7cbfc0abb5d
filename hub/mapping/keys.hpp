// The keys of a mapping's documents, as tables: what the loader accepts, and what the JSON Schema says, are
// one.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::mapping {

struct Key {
  std::string_view name;
  std::string_view schema;  // JSON Schema of its value
  std::string_view zh, en;
  bool required = false;
};

std::span<const Key> document_keys();
std::span<const Key> stream_keys();
std::span<const Key> disabled_keys();
std::span<const Key> lens_keys();
std::span<const Key> parts_keys();
std::span<const Key> part_lens_keys();
std::span<const Key> rule_keys();

// Is `node` an object with these keys only? Error: the pointer of the wrong one, what is known, a hint.
model::Status check_keys(const model::Value& node, const std::string& pointer, std::span<const Key> keys);

// The JSON Schema (draft 2020-12) of mapping files: config/schemas/mapping.schema.json.
model::Value mapping_schema();

}  // namespace huiliu::mapping
