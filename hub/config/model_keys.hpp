// What a file of the canonical model may say: an unknown key is a mistake wherever it stands.
#pragma once

#include <vector>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::config {

// Every unknown key of one entity's document; `where` is its JSON Pointer.
std::vector<model::Error> unknown_keys_in_model(const model::Value& document);

}  // namespace huiliu::config
