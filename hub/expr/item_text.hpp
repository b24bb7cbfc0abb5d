// Items as text and as JSON values.
#pragma once

#include <optional>
#include <string>

#include "hub/expr/item.hpp"

namespace huiliu::expr {

// As JSONata's $string: a string is itself, a function is empty, numbers have at most 15 digits, the rest is JSON.
// D3001 for a number that is not finite. An undefined item adds nothing.
void append_string_of(std::string& out, const Item& item, bool pretty = false);

// nullopt: undefined, or a function. See evaluate() in expr.hpp.
std::optional<model::Value> to_model(const Item& item);

}  // namespace huiliu::expr
