// The built-in functions: their table, and what the files that implement them share.
#pragma once

#include <span>
#include <string_view>

#include "hub/expr/evaluator.hpp"

namespace huiliu::expr {

struct BuiltinEntry {
  std::string_view name;  // without the $
  std::string_view signature;
  std::uint8_t arity;  // how many arguments $map and its like pass
  BuiltinFunction::Implementation implementation;
};

// By subject, each in its own file.
std::span<const BuiltinEntry> string_builtins();
std::span<const BuiltinEntry> pattern_builtins();
std::span<const BuiltinEntry> encoding_builtins();
std::span<const BuiltinEntry> number_builtins();
std::span<const BuiltinEntry> array_builtins();
std::span<const BuiltinEntry> object_builtins();
std::span<const BuiltinEntry> higher_order_builtins();
std::span<const BuiltinEntry> date_builtins();
std::span<const BuiltinEntry> general_builtins();

// A regular expression called as a function: its first match in a string, as an object, or undefined.
Item first_match(Evaluator& evaluator, const PatternFunction& pattern, const Item& text);
// The function `next` of such an object. D1004 when the match is empty.
Item next_match(Evaluator& evaluator, const NextMatchFunction& next);

}  // namespace huiliu::expr
