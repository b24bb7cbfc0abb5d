// Evaluates an expression for a test: the result as JSON, "undefined", or "!" and the error's code.
#pragma once

#include <string>
#include <string_view>

#include "hub/expr/expr.hpp"

namespace huiliu::expr {

inline std::string run(std::string_view source, std::string_view input = "", const Context& context = {}) {
  const Result<Program> program = compile(source);
  if (!program.ok()) return "!" + program.error().code;
  model::Value data;
  if (!input.empty()) {
    Result<model::Value> parsed = model::parse_json(input);
    if (!parsed.ok()) return "bad input: " + parsed.error().message;
    data = std::move(*parsed);
  }
  const auto result = evaluate(*program, input.empty() ? nullptr : &data, context);
  if (!result.ok()) return "!" + result.error().code;
  return result.value() ? to_json(*result.value()) : "undefined";
}

}  // namespace huiliu::expr
