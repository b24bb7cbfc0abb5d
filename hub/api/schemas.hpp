// The schemas of the API's answers, by name (OpenAPI's components).
#pragma once

#include "hub/model/value.hpp"

namespace huiliu::api {

const model::Value& component_schemas();

}  // namespace huiliu::api
