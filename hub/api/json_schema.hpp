// The part of JSON Schema that the API's own description uses, for checking what comes in (and, in tests,
// what goes out): type, enum, properties, required, additionalProperties, items, minLength, maxLength,
// minimum, maximum, minItems, maxItems, $ref into #/components/schemas. Pure.
#pragma once

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::api {

// Errors: class data, `where` = the JSON Pointer of what is wrong. `components`: the object of schemas that
// $ref names.
model::Status check_json(const model::Value& schema, const model::Value& value,
                         const model::Value& components, const std::string& pointer = {});

}  // namespace huiliu::api
