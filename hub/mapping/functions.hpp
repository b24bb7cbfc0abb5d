// The product's own functions in expressions: standardizers, regions, days and calendars. They are registered
// with the language from outside; hub/expr knows none of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "hub/expr/expr.hpp"

namespace huiliu::mapping {

struct FunctionInfo {
  std::string_view name;       // without the $
  std::string_view signature;  // JSONata's
  std::string_view arguments;  // "(kind, text)"
  std::string_view zh, en;
  std::string_view example, result;  // an expression and the JSON of its result; a test runs them
};
std::span<const FunctionInfo> product_functions();

// Those that depend on nothing but their arguments: in mappings, where a record's canonical form must not
// depend on the day on which it is read. Shared by all threads.
const expr::FunctionTable& record_functions();

// Those and the ones that ask for the time ($daysSince …): for filters, rules and the command line.
std::unique_ptr<expr::FunctionTable> functions_at(std::function<std::int64_t()> now_ms);

// Evaluates over `input` (null: undefined) with record_functions().
model::Result<std::optional<model::Value>> evaluate_with_functions(const expr::Program& program,
                                                                   const model::Value* input);

}  // namespace huiliu::mapping
