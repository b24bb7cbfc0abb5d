// Functions as values of an evaluation. They live in its arena, but for the built-in ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub/expr/expr.hpp"
#include "hub/expr/item.hpp"
#include "hub/expr/node.hpp"
#include "hub/expr/signature.hpp"

namespace huiliu::expr {

class Evaluator;

// The variables of one call, or of one block that needs its own.
struct Frame {
  Frame* parent;
  Item* slots() noexcept { return reinterpret_cast<Item*>(this + 1); }
};
static_assert(sizeof(Frame) % alignof(Item) == 0);

struct Function {
  enum class Kind : std::uint8_t { lambda, builtin, host, partial, chain, pattern, next_match, transform };
  Kind kind;
  std::uint8_t arity;  // how many arguments a function like $map passes to it
};

struct LambdaFunction : Function {
  const LambdaNode* node;
  Frame* frame;
  Item input;  // the context where it was defined, which is that of its body
};

// Where a built-in function is called from.
struct CallContext {
  const Item& input;
  Frame* frame;
  const Scope* scope;  // null when it is called by another function
};

struct BuiltinFunction : Function {
  using Implementation = Item (*)(Evaluator& evaluator, const Arguments& arguments,
                                  const CallContext& context);
  std::string_view name;
  Implementation implementation;
  Signature signature;
  bool is_quick;  // does not look at every element or byte of its arguments
};

struct HostFunctionItem : Function {
  const FunctionTable::Entry* entry;
};

struct FunctionTable::Entry {
  HostFunction function;
  std::optional<Signature> signature;
  HostFunctionItem item;
};

// f(a, ?, c): unbound arguments are the placeholders.
struct PartialFunction : Function {
  const Function* target;
  const Item* arguments;
  std::uint32_t count;
};

// f ~> g
struct ChainFunction : Function {
  const Function* first;
  const Function* second;
};

// A regular expression is a function from a string to its first match.
struct PatternFunction : Function {
  const Regex* regex;
};

// The `next` of a match.
struct NextMatchFunction : Function {
  const Regex* regex;
  Item text;
  std::size_t from;   // byte offset
  std::size_t units;  // the same in UTF-16 units
};

struct TransformFunction : Function {
  const TransformNode* node;
  Frame* frame;
};

// Null when there is none of this name.
const BuiltinFunction* find_builtin(std::string_view name) noexcept;

}  // namespace huiliu::expr
