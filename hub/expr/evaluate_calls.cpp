// The evaluator's functions: calls, partial application, ~>, tail calls, transforms.
#include <algorithm>

#include "hub/expr/builtins.hpp"
#include "hub/expr/evaluator.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/item_text.hpp"
#include "hub/expr/object.hpp"

namespace huiliu::expr {
namespace {

std::uint8_t arity_of(std::size_t count) {
  return static_cast<std::uint8_t>(std::min<std::size_t>(count, 255));
}

constexpr std::uint32_t elements_per_step = 16;  // that a built-in function looks at in the time of one node

// What the body of a lambda evaluates to when its last act is a call, which is made when its frame is gone.
Item tail_marker() { return Item::of(Tag::unbound); }

}  // namespace

// ---- calls in the source

Item Evaluator::procedure_of(const CallNode& node, const Item& input, Frame* frame) {
  const Node& procedure = *node.procedure;
  if (procedure.op == Op::variable && procedure.afterwards == nullptr) {
    return variable(static_cast<const VariableNode&>(procedure), frame);
  }
  return evaluate(procedure, input, frame);
}

void Evaluator::fail_no_function(const CallNode& node, const Item& procedure) const {
  const bool lacks_dollar = node.is_name && procedure.is_undefined() && find_global(node.name).is_function();
  if (node.op == Op::partial) fail_at(node, lacks_dollar ? "T1007" : "T1008", node.name);
  fail_at(node, lacks_dollar ? "T1005" : "T1006", node.name);
}

Item Evaluator::call_node(const CallNode& node, const Item& input, Frame* frame, const Item* first_argument) {
  const Item procedure = procedure_of(node, input, frame);
  Arguments arguments(arena_);
  if (first_argument != nullptr) arguments.push(*first_argument);
  for (const Node* argument : node.arguments) arguments.push(evaluate(*argument, input, frame));
  if (!procedure.is_function()) fail_no_function(node, procedure);
  try {
    return call_in(*procedure.function, arguments, {input, frame, node.scope}, node.name);
  } catch (Failure& failure) {
    if (failure.position == no_position) failure.position = node.position;
    throw;
  }
}

// A call that is the last act of a lambda: only prepared here, and made by call_lambda() when the lambda is
// done.
Item Evaluator::call_later(const CallNode& node, const Item& input, Frame* frame) {
  const Item procedure = procedure_of(node, input, frame);
  Arguments arguments(arena_);
  for (const Node* argument : node.arguments) arguments.push(evaluate(*argument, input, frame));
  if (!procedure.is_function()) fail_no_function(node, procedure);
  tail_.function = procedure.function;
  tail_.node = &node;
  tail_.frame = frame;
  tail_.arguments.clear();
  for (std::uint32_t i = 0; i < arguments.size(); ++i) tail_.arguments.push(arguments[i]);
  return tail_marker();
}

Item Evaluator::partial(const CallNode& node, const Item& input, Frame* frame) {
  Item* arguments = arena_.array_of<Item>(node.arguments.size());
  std::size_t holes = 0;
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    const Node* argument = node.arguments[i];
    if (argument == nullptr) ++holes;
    const Item value = argument == nullptr ? Item::of(Tag::unbound) : evaluate(*argument, input, frame);
    arguments[i] = value;
  }
  const Item procedure = procedure_of(node, input, frame);
  if (!procedure.is_function()) fail_no_function(node, procedure);
  auto* function = arena_.make<PartialFunction>();
  function->kind = Function::Kind::partial;
  function->arity = arity_of(holes);
  function->target = procedure.function;
  function->arguments = arguments;
  function->count = static_cast<std::uint32_t>(node.arguments.size());
  return Item::of_function(function);
}

// value ~> function, value ~> function(more arguments), function ~> function
Item Evaluator::apply(const OperatorNode& node, const Item& input, Frame* frame) {
  const Item left = evaluate(*node.left, input, frame);
  const Node& right = *node.right;
  if (right.op == Op::call) {
    const Item value = call_node(static_cast<const CallNode&>(right), input, frame, &left);
    return right.afterwards == nullptr ? value : do_afterwards(*right.afterwards, value, frame);
  }
  const Item function = evaluate(right, input, frame);
  if (!function.is_function()) fail_at(node, "T2006", "");
  if (!left.is_function()) {
    Arguments arguments(arena_);
    arguments.push(left);
    try {
      return call(*function.function, arguments, Item());
    } catch (Failure& failure) {
      if (failure.position == no_position) failure.position = node.position;
      throw;
    }
  }
  auto* chain = arena_.make<ChainFunction>();
  chain->kind = Function::Kind::chain;
  chain->arity = 1;
  chain->first = left.function;
  chain->second = function.function;
  return Item::of_function(chain);
}

Item Evaluator::lambda(const LambdaNode& node, const Item& input, Frame* frame) {
  auto* function = arena_.make<LambdaFunction>();
  function->kind = Function::Kind::lambda;
  function->arity = arity_of(node.parameters.size());
  function->node = &node;
  function->frame = frame;
  function->input = input;
  return Item::of_function(function);
}

// ---- calls of function values

Item Evaluator::call(const Function& function, const Arguments& arguments, const Item& input) {
  return call_in(function, arguments, {input, nullptr, nullptr}, {});
}

Item Evaluator::call_with(const Function& function, const Item& value, const Item& index, const Item& whole) {
  Arguments arguments(arena_);
  arguments.push(value);
  if (function.arity >= 2) arguments.push(index);
  if (function.arity >= 3) arguments.push(whole);
  return call(function, arguments, Item());
}

Item Evaluator::call_in(const Function& function, const Arguments& arguments, const CallContext& context,
                        std::string_view name) {
  check_stack();
  Item value;
  switch (function.kind) {
    case Function::Kind::lambda:
      value = call_lambda(static_cast<const LambdaFunction&>(function), arguments, context, name);
      break;
    case Function::Kind::builtin:
      value = call_builtin(static_cast<const BuiltinFunction&>(function), arguments, context);
      break;
    case Function::Kind::host:
      value = call_host(static_cast<const HostFunctionItem&>(function), arguments, context);
      break;
    case Function::Kind::partial:
      value = call_partial(static_cast<const PartialFunction&>(function), arguments, context);
      break;
    case Function::Kind::chain: {
      const auto& chain = static_cast<const ChainFunction&>(function);
      Arguments between(arena_);
      between.push(normalized(call(*chain.first, arguments, Item())));
      value = call(*chain.second, between, Item());
      break;
    }
    case Function::Kind::pattern:
      value = first_match(*this, static_cast<const PatternFunction&>(function), arguments[0]);
      break;
    case Function::Kind::next_match:
      value = next_match(*this, static_cast<const NextMatchFunction&>(function));
      break;
    case Function::Kind::transform:
      value = call_transform(static_cast<const TransformFunction&>(function), arguments[0]);
      break;
  }
  return value;
}

// Runs the body, and then whatever it calls last, in the same place. What they allocated is released when the
// value does not need it.
Item Evaluator::call_lambda(const LambdaFunction& function, const Arguments& arguments,
                            const CallContext& context, std::string_view name) {
  const Arena::Mark mark = arena_.mark();
  const Arena::Mark frames_mark = frames_.mark();
  const LambdaFunction* current = &function;
  const Arguments* given = &arguments;
  Arguments fitted(arena_);
  Item value;
  for (;;) {
    const LambdaNode& node = *current->node;
    if (node.signature) {
      fitted.clear();
      node.signature->fit(*given, context.input, name, fitted, arena_);
      given = &fitted;
    }
    Frame* frame = make_frame(node.is_captured ? arena_ : frames_, node.frame_size, current->frame);
    for (std::uint32_t i = 0; i < node.parameters.size(); ++i)
      frame->slots()[node.parameters[i]] = (*given)[i];
    value = evaluate(*node.body, current->input, frame);
    if (value.tag != Tag::unbound) break;
    frames_.release(frames_mark);
    given = &tail_.arguments;
    name = tail_.node->name;
    if (tail_.function->kind != Function::Kind::lambda) {
      value = call_in(*tail_.function, *given, {context.input, tail_.frame, tail_.node->scope}, name);
      break;
    }
    current = static_cast<const LambdaFunction*>(tail_.function);
    bool can_release = current == &function && given->size() <= 4;
    for (std::uint32_t i = 0; can_release && i < given->size(); ++i) can_release = !(*given)[i].is_in_arena();
    if (can_release) arena_.release(mark);
  }
  frames_.release(frames_mark);
  if (!value.is_in_arena()) arena_.release(mark);
  return value;
}

Item Evaluator::call_builtin(const BuiltinFunction& function, const Arguments& arguments,
                             const CallContext& context) {
  Arguments fitted(arena_);
  function.signature.fit(arguments, context.input, function.name, fitted, arena_);
  for (std::uint32_t i = 0; !function.is_quick && i < fitted.size(); ++i)
    if (fitted[i].is_array() || fitted[i].is_string()) spend(fitted[i].size / elements_per_step);
  return function.implementation(*this, fitted, context);
}

Item Evaluator::call_host(const HostFunctionItem& function, const Arguments& arguments,
                          const CallContext& context) {
  const HostFunction& host = function.entry->function;
  Arguments fitted(arena_);
  if (function.entry->signature)
    function.entry->signature->fit(arguments, context.input, host.name, fitted, arena_);
  const Arguments& given = function.entry->signature ? fitted : arguments;
  std::vector<std::optional<model::Value>> values;
  for (std::uint32_t i = 0; i < given.size(); ++i) values.push_back(to_model(given[i]));
  Result<std::optional<model::Value>> result = host.call(values);
  if (!result.ok()) {
    const model::Error& error = result.error();
    fail_with(error.code.empty() ? "D3137" : error.code, error.message);
  }
  if (!result.value()) return {};
  const model::Value& value = *result.value();
  if (const std::string* text = value.if_string()) return keep_text(*text);
  if (value.is_null() || value.is_bool()) return Item::of_document(value);
  host_results_.push_back(std::make_unique<model::Value>(std::move(*result.value())));
  return Item::of_document(*host_results_.back());
}

Item Evaluator::call_partial(const PartialFunction& function, const Arguments& arguments,
                             const CallContext& context) {
  Arguments filled(arena_);
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < function.count; ++i) {
    const bool is_hole = function.arguments[i].tag == Tag::unbound;
    filled.push(is_hole ? arguments[next++] : function.arguments[i]);
  }
  return call_in(*function.target, filled, context, {});
}

// ---- $eval

namespace {

// The variables that an expression may keep: those of frames that outlive their calls. (A function that
// mentions $eval has such a frame; one that calls it by another name may not.)
const Scope* lasting_scope(const Scope* scope) {
  const Scope* function = scope;
  while (function != nullptr && !function->is_function) function = function->parent;
  const bool is_root = function != nullptr && function->parent == nullptr;
  return function == nullptr || function->is_captured || is_root ? scope : nullptr;
}

}  // namespace

// Sees the variables of the place it is called from. Errors are those of $eval, but for exceeded limits.
Item Evaluator::evaluate_text(const Item& source, const Item& input, const CallContext& context) {
  const Scope* scope = lasting_scope(context.scope);
  auto& program = evaluated_[{std::string(source.as_string()), scope}];
  try {
    if (program == nullptr) program = make_program(source.as_string(), scope);
  } catch (const Failure& failure) {
    if (failure.code == "U1001") throw;
    fail("D3120", failure.text());
  }
  try {
    return evaluate(*program->root, input,
                    make_frame(arena_, program->frame_size, scope == nullptr ? nullptr : context.frame));
  } catch (const Failure& failure) {
    if (failure.code == "U1001") throw;
    fail("D3121", failure.text());
  }
}

// ---- transforms

Item Evaluator::call_transform(const TransformFunction& function, const Item& value) {
  if (value.is_undefined()) return value;
  if (!value.is_object() && !value.is_array()) fail_at(*function.node, "T0410", "the transform");
  const Item clone = variable(*function.node->clone, function.frame);
  if (!clone.is_function()) fail_at(*function.node, "T2013", "");
  Item original = value;
  if (clone.function->kind != Function::Kind::builtin) {
    Arguments arguments(arena_);
    arguments.push(value);
    original = call(*clone.function, arguments, Item());
  }
  const std::uint32_t copy_number = ++copies_;
  const Item copy = copied(original, copy_number);
  const Item matches = evaluate(*function.node->pattern, copy, function.frame);
  if (matches.is_array()) {
    for (std::uint32_t i = 0; i < matches.size; ++i)
      update_match(*function.node, matches.element(i), copy_number, function.frame);
  } else if (!matches.is_undefined()) {
    update_match(*function.node, matches, copy_number, function.frame);
  }
  return copy;
}

// Only objects of the fresh copy are changed; a pattern may also match what lies elsewhere, which stays as it
// is.
void Evaluator::update_match(const TransformNode& node, const Item& match, std::uint32_t copy_number,
                             Frame* frame) {
  const bool can_change = match.tag == Tag::object && match.object->copy_number == copy_number;
  const Item update = evaluate(*node.update, match, frame);
  if (!update.is_undefined() && !update.is_object()) fail_at(node, "T2011", type_of(update));
  if (can_change && !update.is_undefined()) {
    ObjectBuilder object(arena_, match);
    const Members members(update);
    for (std::uint32_t i = 0; i < members.size(); ++i) object.set(members.key(i), members.value(i));
    *match.object = *object.finish(copy_number).object;
  }
  if (node.deletions == nullptr) return;
  const Item deletions = evaluate(*node.deletions, match, frame);
  if (deletions.is_undefined()) return;
  const Item keys = to_array(arena_, deletions);
  for (std::uint32_t i = 0; i < keys.size; ++i) {
    if (!keys.element(i).is_string()) fail_at(node, "T2012", type_of(keys.element(i)));
  }
  if (!can_change) return;
  const Members members(match);
  ObjectBuilder object(arena_, members.size());
  for (std::uint32_t i = 0; i < members.size(); ++i) {
    bool is_deleted = false;
    for (std::uint32_t k = 0; !is_deleted && k < keys.size; ++k)
      is_deleted = keys.element(k).as_string() == members.key(i);
    if (!is_deleted) object.append(members.key(i), members.value(i));
  }
  *match.object = *object.finish(copy_number).object;
}

// A deep copy, whose objects the transform of this number may change.
Item Evaluator::copied(const Item& item, std::uint32_t copy_number) {
  if (item.is_array()) {
    check_stack();
    Item copy = Item::of(Tag::array);
    copy.array = make_buffer(arena_, item.size);
    copy.size = copy.array->used = item.size;
    for (std::uint32_t i = 0; i < item.size; ++i) {
      const Item element = copied(item.element(i), copy_number);
      copy.array->items()[i] = element;
    }
    return copy;
  }
  if (!item.is_object()) return item;
  check_stack();
  const Members members(item);
  ObjectBuilder object(arena_, members.size());
  for (std::uint32_t i = 0; i < members.size(); ++i)
    object.append(members.key(i), copied(members.value(i), copy_number));
  return object.finish(copy_number);
}

}  // namespace huiliu::expr
