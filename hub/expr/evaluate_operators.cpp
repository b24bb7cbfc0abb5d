// The evaluator's operators.
#include <cmath>

#include "hub/expr/evaluator.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/item_text.hpp"
#include "hub/expr/list_builder.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

constexpr double most_range_items = 1e7;

std::string_view symbol_of(Op op) {
  switch (op) {
    case Op::add:
      return "+";
    case Op::subtract:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::remainder:
      return "%";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    default:
      return ">=";
  }
}

double calculated(Op op, double a, double b) {
  switch (op) {
    case Op::add:
      return a + b;
    case Op::subtract:
      return a - b;
    case Op::multiply:
      return a * b;
    case Op::divide:
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

bool is_whole_number(const Item& item) {
  return item.is_number() && std::isfinite(item.as_number()) &&
         item.as_number() == std::trunc(item.as_number());
}

// A number that can be calculated with; infinity raises.
bool is_operand(const Item& item, std::uint32_t position) {
  if (!item.is_number()) return false;
  const double number = item.as_number();
  if (std::isinf(number)) fail("D1001", number > 0 ? "Infinity" : "-Infinity", position);
  return !std::isnan(number);
}

constexpr std::uint32_t comparisons_per_step = 4;  // that are compared in the time of one node

bool is_in_range(const Item& item, const Item& range) {
  if (!item.is_number()) return false;
  const double offset = item.as_number() - range.number;
  return offset >= 0 && offset < range.size && std::trunc(offset) == offset;
}

}  // namespace

Item Evaluator::number_operation(const OperatorNode& node, const Item& input, Frame* frame) {
  const Item left = evaluate(*node.left, input, frame);
  const Item right = evaluate(*node.right, input, frame);
  if (!left.is_undefined() && !is_operand(left, node.position)) fail_at(node, "T2001", symbol_of(node.op));
  if (!right.is_undefined() && !is_operand(right, node.position)) fail_at(node, "T2002", symbol_of(node.op));
  if (left.is_undefined() || right.is_undefined()) return {};
  return Item::of_number(calculated(node.op, left.as_number(), right.as_number()));
}

Item Evaluator::negation(const OperatorNode& node, const Item& input, Frame* frame) {
  const Item operand = evaluate(*node.left, input, frame);
  if (operand.is_undefined()) return operand;
  if (!is_operand(operand, node.position)) fail_at(node, "D1002", "");
  return Item::of_number(-operand.as_number());
}

Item Evaluator::comparison(const OperatorNode& node, const Item& input, Frame* frame) {
  const Item left = evaluate(*node.left, input, frame);
  const Item right = evaluate(*node.right, input, frame);
  const auto is_comparable = [](const Item& item) {
    return item.is_undefined() || item.is_number() || item.is_string();
  };
  if (!is_comparable(left) || !is_comparable(right)) fail_at(node, "T2010", symbol_of(node.op));
  if (left.is_undefined() || right.is_undefined()) return {};
  if (left.is_string() != right.is_string()) fail_at(node, "T2009", symbol_of(node.op));
  if (left.is_string()) {
    const int order = compare_utf16(left.as_string(), right.as_string());
    switch (node.op) {
      case Op::less:
        return Item::of_bool(order < 0);
      case Op::less_equal:
        return Item::of_bool(order <= 0);
      case Op::greater:
        return Item::of_bool(order > 0);
      default:
        return Item::of_bool(order >= 0);
    }
  }
  const double a = left.as_number();
  const double b = right.as_number();
  switch (node.op) {
    case Op::less:
      return Item::of_bool(a < b);
    case Op::less_equal:
      return Item::of_bool(a <= b);
    case Op::greater:
      return Item::of_bool(a > b);
    default:
      return Item::of_bool(a >= b);
  }
}

Item Evaluator::equality(const OperatorNode& node, const Item& input, Frame* frame) {
  const Item left = evaluate(*node.left, input, frame);
  const Item right = evaluate(*node.right, input, frame);
  if (left.is_undefined() || right.is_undefined()) return Item::of_bool(false);
  return Item::of_bool(is_equal(left, right) == (node.op == Op::equal));
}

Item Evaluator::inclusion(const OperatorNode& node, const Item& input, Frame* frame) {
  const Item left = evaluate(*node.left, input, frame);
  const Item right = evaluate(*node.right, input, frame);
  if (left.is_undefined() || right.is_undefined()) return Item::of_bool(false);
  if (!right.is_array()) return Item::of_bool(is_equal(left, right));
  if (right.tag == Tag::range) return Item::of_bool(is_in_range(left, right));
  spend(right.size / comparisons_per_step);
  for (std::uint32_t i = 0; i < right.size; ++i) {
    if (is_equal(left, right.element(i))) return Item::of_bool(true);
  }
  return Item::of_bool(false);
}

Item Evaluator::concatenation(const OperatorNode& node, const Item& input, Frame* frame) {
  const Item left = evaluate(*node.left, input, frame);
  const Item right = evaluate(*node.right, input, frame);
  if (left.is_string()) {
    if (right.is_string()) return append_text(left, right.as_string());
    std::string& text = text_buffer();
    append_string_of(text, right);
    return append_text(left, text);
  }
  std::string& text = text_buffer();
  append_string_of(text, left);
  append_string_of(text, right);
  return keep_text(text);
}

Item Evaluator::range(const OperatorNode& node, const Item& input, Frame* frame) {
  const Item left = evaluate(*node.left, input, frame);
  const Item right = evaluate(*node.right, input, frame);
  if (!left.is_undefined() && !is_whole_number(left)) fail_at(node, "T2003", "");
  if (!right.is_undefined() && !is_whole_number(right)) fail_at(node, "T2004", "");
  if (left.is_undefined() || right.is_undefined()) return {};
  const double first = left.as_number();
  const double size = right.as_number() - first + 1;
  if (size <= 0) return {};
  if (size > most_range_items)
    fail_at(node, "D2014", std::to_string(static_cast<std::int64_t>(std::min(size, 9e15))));
  return Item::range(first, static_cast<std::uint32_t>(size)).with(is_sequence);
}

Item Evaluator::array(const ListNode& node, const Item& input, Frame* frame) {
  const std::uint8_t flags = node.is_constructed ? is_constructed : 0;
  // [$list, more]: appended to the list, if it is the newest one.
  Item first;
  std::size_t next = 0;
  if (!node.items.empty() && node.items[0]->op != Op::array) {
    first = evaluate(*node.items[0], input, frame);
    next = 1;
  }
  ListBuilder list(*this);
  for (; next < node.items.size(); ++next) {
    const Item value = evaluate(*node.items[next], input, frame);
    if (value.is_undefined()) continue;
    if (value.is_array() && node.items[next]->op != Op::array)
      list.push_elements(value);
    else
      list.push(value);
  }
  Item result;
  if (!first.is_array()) {
    result = Item::of(Tag::array);
    result.size = static_cast<std::uint32_t>(list.size()) + (first.is_undefined() ? 0 : 1);
    result.array = make_buffer(arena_, result.size);
    result.array->used = result.size;
    Item* items = result.array->items();
    if (!first.is_undefined()) *items++ = first;
    std::copy_n(list.data(), list.size(), items);
  } else if (list.size() == 0) {
    result = first;
  } else {
    result = expr::concatenate(arena_, first, list.array());
  }
  result.flags = flags;
  return result;
}

}  // namespace huiliu::expr
