// $map, $filter, $reduce, $single.
#include "hub/expr/builtins.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/list_builder.hpp"

namespace huiliu::expr {
namespace {

Item map(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item items = arguments[0];
  if (items.is_undefined()) return items;
  ListBuilder list(evaluator);
  for (std::uint32_t i = 0; i < items.size; ++i) {
    const Item value =
        evaluator.call_with(*arguments[1].function, items.element(i), Item::of_number(i), items);
    if (!value.is_undefined()) list.push(value);
  }
  return list.sequence();
}

Item filter(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item items = arguments[0];
  if (items.is_undefined()) return items;
  ListBuilder list(evaluator);
  for (std::uint32_t i = 0; i < items.size; ++i) {
    const Item item = items.element(i);
    if (is_true(evaluator.call_with(*arguments[1].function, item, Item::of_number(i), items)))
      list.push(item);
  }
  return list.sequence();
}

Item single(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item items = arguments[0];
  if (items.is_undefined()) return items;
  bool has_match = false;
  Item match;
  for (std::uint32_t i = 0; i < items.size; ++i) {
    const Item item = items.element(i);
    const bool is_match =
        !arguments[1].is_function() ||
        is_true(evaluator.call_with(*arguments[1].function, item, Item::of_number(i), items));
    if (!is_match) continue;
    if (has_match) fail("D3138");
    has_match = true;
    match = item;
  }
  if (!has_match) fail("D3139");
  return match;
}

Item reduce(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  const Item items = arguments[0];
  if (items.is_undefined()) return items;
  const Function& function = *arguments[1].function;
  if (function.arity < 2) fail("D3050");
  Item result = arguments[2];
  std::uint32_t i = 0;
  if (result.is_undefined() && items.size > 0) result = items.element(i++);
  for (; i < items.size; ++i) {
    Arguments given(evaluator.arena());
    given.push(result);
    given.push(items.element(i));
    if (function.arity >= 3) given.push(Item::of_number(i));
    if (function.arity >= 4) given.push(items);
    result = evaluator.call(function, given, Item());
  }
  return result;
}

constexpr BuiltinEntry higher_order_entries[] = {
    {"map", "<af>", 2, map},
    {"filter", "<af>", 2, filter},
    {"single", "<af?>", 2, single},
    {"reduce", "<afj?:j>", 3, reduce},
};

}  // namespace

std::span<const BuiltinEntry> higher_order_builtins() { return higher_order_entries; }

}  // namespace huiliu::expr
