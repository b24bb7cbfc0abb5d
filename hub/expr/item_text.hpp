// Items as text and as JSON values.
#pragma once

#include <optional>
#include <string>

#include "hub/expr/item.hpp"

namespace huiliu::expr {

// As JSONata's $string: a string is itself, a function is empty, numbers have at most 15 digits, the rest is
// JSON. D3001 for a number that is not finite. An undefined item adds nothing.
void append_string_of(std::string& out, const Item& item, bool pretty = false);

// As a result of evaluate(), see expr.hpp. false: undefined, or a function.
bool append_result_json(std::string& out, const Item& item);
// The same as a value; nullopt instead of false.
std::optional<model::Value> to_model(const Item& item);

}  // namespace huiliu::expr
