// Personal values as most people see them: enough to recognise, too little to use. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "hub/model/schema.hpp"

namespace huiliu::access {

// "138****5678", "w***@example.com", "3301**********1234", "王**", "浙江省杭州市****". Of a list or group:
// each element.
model::Value masked(std::string_view pii, const model::Value& value);
// Whatever looks like a phone, an e-mail or a number of a person or account inside free text.
std::string masked_text(std::string_view text);
// A document of unknown meaning (a raw record): its shape, with every text and number masked.
model::Value masked_shape(const model::Value& value);

}  // namespace huiliu::access
